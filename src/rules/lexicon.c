/* Reads what detectors know, and answers for words. */
#include "lexicon.h"

#include <string.h>

#include "alloc.h"
#include "detect.h"
#include "ruleset.h"

/* ---- folding ---- */

void dcr_fold_case(const uint8_t *p, size_t n, uint8_t *out)
{
    for (size_t i = 0; i < n; i++) {
        /* U+00C0 to U+00DE but U+00D7 stand 32 before their lower case */
        bool latin =
            i > 0 && p[i - 1] == 0xC3 && p[i] >= 0x80 && p[i] <= 0x9E && p[i] != 0x97;
        out[i] = latin ? (uint8_t)(p[i] + 0x20) : dcr_lower(p[i]);
    }
}

/* Words of equal first letters (without case) and length, up to a few bits. */
static size_t prefix(const uint8_t *p, size_t n)
{
    return (p[0] & 31u) | (p[n > 1] & 31u) << 5 | (n & 3u) << 10;
}

uint32_t dcr_lexicon_word(const dcr_lexicon *l, const uint8_t *p, size_t n)
{
    uint8_t word[DCR_WORD_MAX];
    uint32_t at;
    if (n == 0 || n > sizeof word || l->maybe[prefix(p, n)] == 0)
        return 0;
    dcr_fold_case(p, n, word);
    at = dcr_dict_find(&l->words, word, n, 0);
    return at == DCR_DICT_NONE ? 0 : l->flags[at];
}

bool dcr_lexicon_is(const dcr_lexicon *l, const uint8_t *p, size_t n, uint32_t mask)
{
    return n > 0 && (l->maybe[prefix(p, n)] & mask) != 0 &&
           (dcr_lexicon_word(l, p, n) & mask) != 0;
}

/* ---- loading ---- */

static dcr_status add_word(dcr_lexicon *l, const char *text, uint32_t flags, dcr_err *err)
{
    uint8_t word[DCR_WORD_MAX];
    size_t n = strlen(text);
    uint32_t at;
    if (n == 0 || n > sizeof word)
        return DCR_OK; /* never looked up */
    dcr_fold_case((const uint8_t *)text, n, word);
    at = dcr_dict_add(&l->words, word, n, 0);
    if (at == DCR_DICT_NONE ||
        !dcr_grow(&l->flags, &l->cap_flags, (size_t)at + 1, sizeof *l->flags))
        return dcr_nomem(err);
    if (l->n_flags == at) /* a new word: numbers come in order */
        l->flags[l->n_flags++] = 0;
    l->flags[at] |= flags;
    l->maybe[prefix(word, n)] |= flags;
    return DCR_OK;
}

static dcr_status add_list(dcr_lexicon *l, const dcr_strings *words, uint32_t flags,
                           dcr_err *err)
{
    dcr_status st = DCR_OK;
    for (size_t i = 0; st == DCR_OK && i < words->n; i++)
        st = add_word(l, words->s[i], flags, err);
    return st;
}

/* Lists of lexicon.json in this order. */
enum { LISTS = 19 };
typedef struct lexicon_file {
    const char *source, *edition;
    dcr_strings list[LISTS], endings, months;
} lexicon_file;

static const uint32_t list_flags[LISTS] = {
    DCR_W_GIVEN,        DCR_W_EPONYM,      DCR_W_TITLE,          DCR_W_LABEL,
    DCR_W_PARTICLE,     DCR_W_LINK,        DCR_W_PHONE,          DCR_W_RECORD,
    DCR_W_RECORD_HEAD,  DCR_W_RECORD_TAIL, DCR_W_DURATION,       DCR_W_STREET,
    DCR_W_STREET_START, DCR_W_DOMAIN,      DCR_W_COUNTRY_DOMAIN, DCR_W_PATH_ROOT,
    DCR_W_STATE,        DCR_W_SOFTWARE,    DCR_W_PUBLIC_HOST,
};

#define LIST(name, i)                                                                    \
    {                                                                                    \
        name, DCR_P_STRINGS, offsetof(lexicon_file, list[i]), true                       \
    }
static const dcr_param lexicon_spec[] = {
    {"source", DCR_P_STRING, offsetof(lexicon_file, source), false},
    {"edition", DCR_P_STRING, offsetof(lexicon_file, edition), false},
    LIST("given_names", 0),
    LIST("eponyms", 1),
    LIST("titles", 2),
    LIST("name_labels", 3),
    LIST("particles", 4),
    LIST("date_links", 5),
    LIST("phone_words", 6),
    LIST("record_words", 7),
    LIST("record_heads", 8),
    LIST("record_tails", 9),
    LIST("duration_words", 10),
    LIST("street_words", 11),
    LIST("street_starts", 12),
    LIST("domains", 13),
    LIST("country_domains", 14),
    LIST("path_roots", 15),
    LIST("states", 16),
    LIST("software_words", 17),
    LIST("public_hosts", 18),
    {"street_endings", DCR_P_STRINGS, offsetof(lexicon_file, endings), true},
    {"months", DCR_P_PAIRS, offsetof(lexicon_file, months), true},
    {NULL, DCR_P_STRING, 0, false},
};

static dcr_status add_months(dcr_lexicon *l, const dcr_rule_file *file,
                             const dcr_strings *months, dcr_err *err)
{
    dcr_status st = DCR_OK;
    for (size_t i = 0; st == DCR_OK && i < months->n; i += 2) {
        const char *v = months->s[i + 1];
        size_t n = strlen(v);
        unsigned m = n == 1 || n == 2 ? (unsigned)(v[n - 1] - '0') : 0;
        m += n == 2 ? 10 * (unsigned)(v[0] - '0') : 0;
        if (m < 1 || m > 12)
            return dcr_rule_fail(file, months->s[i], err, "a month is 1 to 12");
        st = add_word(l, months->s[i], m << 28, err);
    }
    return st;
}

static dcr_status load_words(dcr_rules *r, dcr_lexicon *l, dcr_err *err)
{
    const dcr_rule_file *file;
    lexicon_file f = {0};
    json_t *root = NULL;
    dcr_status st = dcr_load_json(r, "lexicon.json", &file, &root, err);
    if (st == DCR_OK) {
        dcr_param_src src = {file, &r->arena};
        st = dcr_params_read(&src, root, lexicon_spec, &f, err);
    }
    json_decref(root);
    for (size_t i = 0; st == DCR_OK && i < LISTS; i++)
        st = add_list(l, &f.list[i], list_flags[i], err);
    l->street_endings = f.endings.s;
    l->n_street_endings = f.endings.n;
    return st == DCR_OK ? add_months(l, file, &f.months, err) : st;
}

/* The vocabulary is in a dictionary of its own already. */
static dcr_status add_vocabulary(const dcr_rules *r, dcr_lexicon *l, dcr_err *err)
{
    dcr_status st = DCR_OK;
    for (uint32_t i = 0; st == DCR_OK && i < r->vocabulary.n; i++)
        st = add_word(l, r->vocabulary.entry[i].p, DCR_W_VOCABULARY, err);
    return st;
}

typedef struct pattern_row {
    const char *country, *pattern, *context;
} pattern_row;

static const dcr_param pattern_spec[] = {
    {"country", DCR_P_STRING, offsetof(pattern_row, country), true},
    {"pattern", DCR_P_STRING, offsetof(pattern_row, pattern), true},
    {"context", DCR_P_STRING, offsetof(pattern_row, context), false},
    {NULL, DCR_P_STRING, 0, false},
};

static dcr_status read_patterns(const dcr_param_src *src, const json_t *list,
                                dcr_pattern_set *out, dcr_err *err)
{
    size_t n = json_array_size(list);
    dcr_status st = DCR_OK;
    if (n > DCR_PATTERNS)
        return dcr_rule_fail(src->file, NULL, err, "at most %d patterns", DCR_PATTERNS);
    out->list = dcr_arena_alloc(src->arena, n, sizeof *out->list);
    out->context = dcr_arena_alloc(src->arena, n, sizeof *out->context);
    if (out->list == NULL || out->context == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; st == DCR_OK && i < n; i++) {
        pattern_row w = {0};
        st = dcr_params_read(src, json_array_get(list, i), pattern_spec, &w, err);
        if (st == DCR_OK && !dcr_pattern_compile(w.pattern, &out->list[i]))
            st = dcr_rule_fail(src->file, w.pattern, err, "not a pattern");
        out->context[i] = w.context;
        if (st == DCR_OK)
            dcr_pattern_index_add(&out->index, out->n++, &out->list[i]);
    }
    return st;
}

typedef struct patterns_file {
    const char *source, *edition;
    const json_t *phones, *postcodes;
} patterns_file;

static dcr_status load_patterns(dcr_rules *r, dcr_lexicon *l, dcr_err *err)
{
    static const dcr_param spec[] = {
        {"source", DCR_P_STRING, offsetof(patterns_file, source), false},
        {"edition", DCR_P_STRING, offsetof(patterns_file, edition), false},
        {"phones", DCR_P_JSON, offsetof(patterns_file, phones), true},
        {"postcodes", DCR_P_JSON, offsetof(patterns_file, postcodes), true},
        {NULL, DCR_P_STRING, 0, false},
    };
    const dcr_rule_file *file;
    patterns_file f = {0};
    json_t *root = NULL;
    dcr_status st = dcr_load_json(r, "patterns.json", &file, &root, err);
    if (st == DCR_OK) {
        dcr_param_src src = {file, &r->arena};
        st = dcr_params_read(&src, root, spec, &f, err);
        if (st == DCR_OK)
            st = read_patterns(&src, f.phones, &l->phones, err);
        if (st == DCR_OK)
            st = read_patterns(&src, f.postcodes, &l->postcodes, err);
    }
    json_decref(root);
    return st;
}

typedef struct ids_file {
    const char *source, *edition;
    const json_t *ids;
} ids_file;

static dcr_status load_ids(dcr_rules *r, dcr_lexicon *l, dcr_err *err)
{
    static const dcr_param spec[] = {
        {"source", DCR_P_STRING, offsetof(ids_file, source), false},
        {"edition", DCR_P_STRING, offsetof(ids_file, edition), false},
        {"ids", DCR_P_JSON, offsetof(ids_file, ids), true},
        {NULL, DCR_P_STRING, 0, false},
    };
    const dcr_rule_file *file;
    ids_file f = {0};
    json_t *root = NULL;
    dcr_status st = dcr_load_json(r, "national-ids.json", &file, &root, err);
    if (st == DCR_OK) {
        dcr_param_src src = {file, &r->arena};
        st = dcr_params_read(&src, root, spec, &f, err);
        if (st == DCR_OK)
            st = dcr_national_ids_read(&src, f.ids, &l->ids, err);
    }
    json_decref(root);
    return st;
}

dcr_status dcr_load_lexicon(dcr_rules *r, dcr_err *err)
{
    dcr_lexicon *l = dcr_arena_alloc(&r->arena, 1, sizeof *l);
    dcr_status st;
    if (l == NULL)
        return dcr_nomem(err);
    r->lexicon = l;
    dcr_text_kinds(l->kind);
    st = load_words(r, l, err);
    if (st == DCR_OK)
        st = add_vocabulary(r, l, err);
    if (st == DCR_OK)
        st = load_patterns(r, l, err);
    return st == DCR_OK ? load_ids(r, l, err) : st;
}

void dcr_lexicon_clear(dcr_lexicon *l)
{
    if (l == NULL)
        return;
    dcr_dict_clear(&l->words);
    dcr_free(l->flags);
}
