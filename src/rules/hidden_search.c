/* hidden-search.json: limits of the search for hidden identifiers, and its power. */
#include "ruleset.h"

typedef struct limits { /* as in the file */
    size_t q, alpha, permutations, max_subjects, block, min_pool, min_subjects;
    size_t min_constant, min_unique, effective_values, filler, min_days, min_places;
    size_t min_follow, carrier_subjects, carrier_equal;
} limits;

static const dcr_param limit_spec[] = {
    {"q_per_mille", DCR_P_UINT, offsetof(limits, q), true},
    {"alpha_per_mille", DCR_P_UINT, offsetof(limits, alpha), true},
    {"permutations", DCR_P_UINT, offsetof(limits, permutations), true},
    {"max_subjects", DCR_P_UINT, offsetof(limits, max_subjects), true},
    {"block", DCR_P_UINT, offsetof(limits, block), true},
    {"min_pool", DCR_P_UINT, offsetof(limits, min_pool), true},
    {"min_subjects", DCR_P_UINT, offsetof(limits, min_subjects), true},
    {"min_constant", DCR_P_UINT, offsetof(limits, min_constant), true},
    {"min_unique", DCR_P_UINT, offsetof(limits, min_unique), true},
    {"effective_values", DCR_P_UINT, offsetof(limits, effective_values), true},
    {"filler", DCR_P_UINT, offsetof(limits, filler), true},
    {"min_days", DCR_P_UINT, offsetof(limits, min_days), true},
    {"min_places", DCR_P_UINT, offsetof(limits, min_places), true},
    {"min_follow", DCR_P_UINT, offsetof(limits, min_follow), true},
    {"carrier_subjects", DCR_P_UINT, offsetof(limits, carrier_subjects), true},
    {"carrier_equal", DCR_P_UINT, offsetof(limits, carrier_equal), true},
    {NULL, DCR_P_STRING, 0, false},
};

typedef struct file_row {
    const char *source, *edition;
    const json_t *search, *power;
} file_row;

static const dcr_param file_spec[] = {
    {"source", DCR_P_STRING, offsetof(file_row, source), false},
    {"edition", DCR_P_STRING, offsetof(file_row, edition), true},
    {"search", DCR_P_JSON, offsetof(file_row, search), true},
    {"power", DCR_P_JSON, offsetof(file_row, power), true}, /* for readers and tests */
    {NULL, DCR_P_STRING, 0, false},
};

/* What would break the tests or their meaning. */
static const char *out_of_range(const limits *l)
{
    if (l->q < 1 || l->q > 100)
        return "q_per_mille";
    if (l->alpha < 1 || l->alpha > 100)
        return "alpha_per_mille";
    if (l->permutations < 99 || l->permutations > 99999)
        return "permutations";
    if (l->max_subjects < 100 || l->max_subjects > 1000000)
        return "max_subjects";
    if (l->block < 8 || l->block > 64)
        return "block";
    if (l->min_pool < 4 || l->min_pool > l->block)
        return "min_pool";
    if (l->min_subjects < 3)
        return "min_subjects";
    if (l->min_constant < 1 || l->min_constant > 100)
        return "min_constant";
    if (l->min_unique < 1 || l->min_unique > 99)
        return "min_unique";
    if (l->effective_values < 2)
        return "effective_values";
    if (l->filler < 1 || l->filler > 100 || l->min_follow > 100)
        return l->min_follow > 100 ? "min_follow" : "filler";
    if (l->carrier_subjects < l->min_pool || l->carrier_equal > 100)
        return l->carrier_equal > 100 ? "carrier_equal" : "carrier_subjects";
    return NULL;
}

static void take(dcr_hidden_params *p, const limits *l)
{
    p->q = (double)l->q / 1000;
    p->alpha = (double)l->alpha / 1000;
    p->permutations = (uint32_t)l->permutations;
    p->max_subjects = (uint32_t)l->max_subjects;
    p->block = (uint32_t)l->block;
    p->min_pool = (uint32_t)l->min_pool;
    p->min_subjects = (uint32_t)l->min_subjects;
    p->min_constant = (uint32_t)l->min_constant;
    p->min_unique = (uint32_t)l->min_unique;
    p->effective_values = (uint32_t)l->effective_values;
    p->filler = (uint32_t)l->filler;
    p->min_days = (uint32_t)l->min_days;
    p->min_places = (uint32_t)l->min_places;
    p->min_follow = (uint32_t)l->min_follow;
    p->carrier_subjects = (uint32_t)l->carrier_subjects;
    p->carrier_equal = (uint32_t)l->carrier_equal;
}

dcr_status dcr_load_hidden(dcr_rules *r, dcr_err *err)
{
    const dcr_rule_file *file;
    json_t *root = NULL;
    file_row w = {0};
    limits l = {0};
    const char *wrong;
    dcr_status st = dcr_load_json(r, "hidden-search.json", &file, &root, err);
    if (st != DCR_OK)
        return st;
    dcr_param_src src = {file, &r->arena};
    st = dcr_params_read(&src, root, file_spec, &w, err);
    if (st == DCR_OK)
        st = dcr_params_read(&src, w.search, limit_spec, &l, err);
    wrong = st == DCR_OK ? out_of_range(&l) : NULL;
    if (wrong != NULL)
        st = dcr_rule_fail(file, wrong, err, "\"%s\" is out of range", wrong);
    if (st == DCR_OK)
        take(&r->hidden, &l);
    json_decref(root);
    return st;
}

const dcr_hidden_params *dcr_rules_hidden(const dcr_rules *r)
{
    return &r->hidden;
}
