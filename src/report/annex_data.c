/* The annex, sections 2 to 9: what is in the data, and what it is for. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "annex_impl.h"

static const json_t *attribute(const dcr_annex *a, const char *keyword)
{
    return dcr_view_find(dcr_view_arr(a->page.doc, "attributes"), "keyword", keyword);
}

static double number(const json_t *o, const char *key)
{
    double v;
    return dcr_view_num(o, key, &v) ? v : 0;
}

static bool holds_values(const json_t *attr)
{
    return number(attr, "distinct") > 0;
}

/* ---- 2. screening ---- */

static const char *more_sensitive(dcr_annex *a)
{
    const json_t *classes = dcr_view_arr(dcr_view_obj(a->page.doc, "pixels"), "classes"),
                 *is = dcr_view_arr(a->outline, "sensitive_attributes"), *c;
    dcr_buf b = {0};
    const char *kept;
    bool faces = false;
    size_t i;
    json_array_foreach(is, i, c)
    {
        char key[60];
        if (!holds_values(attribute(a, dcr_view_str(c, "keyword"))))
            continue;
        snprintf(key, sizeof key, "screening.%s", dcr_view_str(c, "word"));
        dcr_buf_fmt(&b, "%s%s", b.n > 0 ? ", " : "", dcr_annex_text(a, key));
    }
    json_array_foreach(classes, i, c)
    {
        const char *face = dcr_view_str(c, "face");
        faces |= strcmp(face, "high") == 0 || strcmp(face, "medium") == 0;
    }
    if (faces)
        dcr_buf_fmt(&b, "%s%s", b.n > 0 ? ", " : "", T("screening.faces"));
    a->b->failed |= b.failed;
    kept = b.n > 0 ? dcr_blocks_keep(a->b, b.p) : T("words.none");
    dcr_buf_clear(&b);
    return kept;
}

static const char *minors(dcr_annex *a)
{
    const json_t *m = dcr_view_obj(a->page.dataset, "minors");
    double n, stated;
    if (m == NULL || (dcr_view_num(m, "stated", &stated) && stated <= 0))
        return T("screening.minors_unknown");
    if (!dcr_view_num(m, "subjects", &n) || !dcr_view_num(m, "stated", &stated))
        return T("screening.minors_hidden");
    return FILL("screening.measured_vulnerable", "n", dcr_annex_num(a, n), "stated",
                dcr_annex_num(a, stated));
}

static const char *measured(dcr_annex *a, const char *criterion)
{
    const json_t *d = a->page.dataset;
    double sites = number(attribute(a, dcr_view_str(a->outline, "site")), "distinct");
    if (strcmp(criterion, "sensitive_data") == 0)
        return FILL("screening.measured_sensitive_data", "more", more_sensitive(a));
    if (strcmp(criterion, "large_scale") == 0)
        return FILL("screening.measured_large_scale", "patients",
                    dcr_annex_num_of(a, d, "subjects"), "studies",
                    dcr_annex_num_of(a, d, "studies"), "series",
                    dcr_annex_num_of(a, d, "series"), "instances",
                    dcr_annex_num_of(a, d, "instances"));
    if (strcmp(criterion, "matching") == 0)
        return sites > 0 ? FILL("screening.sites", "n", dcr_annex_num(a, sites))
                         : T("screening.no_sites");
    return strcmp(criterion, "vulnerable") == 0 ? minors(a) : T("words.not_measured");
}

void dcr_annex_screening(dcr_annex *a)
{
    const json_t *all = dcr_view_arr(a->outline, "screening"), *c;
    size_t i;
    TABLE(T("screening.caption"), "criterion", "measured", "answer");
    json_array_foreach(all, i, c)
    {
        const char *id = json_string_value(c);
        char text[60], path[60];
        snprintf(text, sizeof text, "screening.%s", id);
        snprintf(path, sizeof path, "dpia.screening.%s", id);
        const json_t *answer = dcr_annex_project(a, path);
        dcr_annex_cell(a, dcr_annex_text(a, text));
        dcr_annex_cell(a, measured(a, id));
        if (answer != NULL)
            dcr_annex_cell(a, dcr_annex_answer_line(a, answer));
        else
            dcr_annex_blank(a);
        dcr_annex_asked(a, path, answer != NULL);
    }
}

/* ---- 3. description ---- */

static void inventory_facts(dcr_annex *a)
{
    const json_t *d = a->page.dataset, *dates = dcr_view_obj(d, "dates"),
                 *counted = dcr_view_arr(a->outline, "inventory"), *keyword;
    char key[60];
    double year;
    size_t i;
    dcr_blocks_add(a->b, DCR_BLOCK_FACTS, "");
    dcr_annex_fact(a, T("inventory.patients"),
                   number(d, "inferred_subjects") > 0
                       ? FILL("inventory.patients_inferred", "n",
                              dcr_annex_num_of(a, d, "subjects"), "inferred",
                              dcr_annex_num_of(a, d, "inferred_subjects"))
                       : dcr_annex_num_of(a, d, "subjects"));
    dcr_annex_fact(a, T("inventory.studies"), dcr_annex_num_of(a, d, "studies"));
    dcr_annex_fact(a, T("inventory.series"), dcr_annex_num_of(a, d, "series"));
    dcr_annex_fact(a, T("inventory.instances"), dcr_annex_num_of(a, d, "instances"));
    dcr_annex_fact(a, T("inventory.elements"),
                   FILL("inventory.elements_value", "n",
                        dcr_annex_num_of(a, d, "elements"), "private",
                        dcr_annex_num_of(a, d, "private_elements")));
    if (dcr_view_num(dates, "from_year", &year)) {
        char from[DCR_NUM_MAX], to[DCR_NUM_MAX];
        dcr_view_fixed(from, year, 0);
        dcr_view_fixed(to, number(dates, "to_year"), 0);
        dcr_annex_fact(a, T("inventory.years"),
                       FILL("inventory.years_value", "from", from, "to", to));
    } else {
        dcr_annex_fact(a, T("inventory.years"), T("inventory.years_none"));
    }
    dcr_annex_fact(a, T("inventory.date_state"), dcr_view_str(dates, "state"));
    json_array_foreach(counted, i, keyword)
    {
        const json_t *attr = attribute(a, json_string_value(keyword));
        snprintf(key, sizeof key, "inventory.%s", json_string_value(keyword));
        dcr_annex_fact(a, dcr_annex_text(a, key),
                       holds_values(attr) ? FILL("inventory.distinct", "n",
                                                 dcr_annex_num_of(a, attr, "distinct"))
                                          : T("words.none"));
    }
}

void dcr_annex_inventory(dcr_annex *a)
{
    const json_t *all = dcr_view_arr(a->page.dataset, "modalities"), *m;
    size_t i;
    dcr_annex_head(a, T("inventory.title"));
    inventory_facts(a);
    TABLE(T("inventory.modalities"), "modality", "patients", "studies", "series");
    json_array_foreach(all, i, m)
    {
        dcr_annex_cell(a, dcr_view_str(m, "modality"));
        dcr_annex_count(a, m, "subjects");
        dcr_annex_count(a, m, "studies");
        dcr_annex_count(a, m, "series");
    }
}

/* Direct identifiers first; -1: nothing to explain. */
static int role_rank(const char *role)
{
    static const char *const order[] = {"direct_identifier", "quasi_identifier",
                                        "sensitive", "unknown"};
    for (int i = 0; i < 4; i++)
        if (strcmp(order[i], role) == 0)
            return i;
    return -1;
}

enum { FAMILIES = 200 };

typedef struct family {
    const char *role, *name;
    size_t attributes;
    double distinct, subjects;
} family;

static int by_role(const void *l, const void *r)
{
    const family *x = l, *y = r;
    int d = role_rank(x->role) - role_rank(y->role);
    return d != 0 ? d : strcmp(x->name, y->name);
}

static void count_family(family *f, size_t *n, const json_t *attr)
{
    const char *role = dcr_view_str(attr, "role"), *name = dcr_view_str(attr, "family");
    size_t i = 0;
    while (i < *n && (strcmp(f[i].role, role) != 0 || strcmp(f[i].name, name) != 0))
        i++;
    if (i == FAMILIES)
        return;
    if (i == *n)
        f[(*n)++] = (family){.role = role, .name = name};
    f[i].attributes++;
    f[i].distinct = f[i].distinct > number(attr, "distinct") ? f[i].distinct
                                                             : number(attr, "distinct");
    f[i].subjects = f[i].subjects > number(attr, "subjects") ? f[i].subjects
                                                             : number(attr, "subjects");
}

void dcr_annex_roles_of_attributes(dcr_annex *a)
{
    const json_t *all = dcr_view_arr(a->page.doc, "attributes"), *attr;
    family f[FAMILIES] = {{0}};
    size_t i, n = 0;
    json_array_foreach(all, i, attr)
    {
        if (holds_values(attr) && role_rank(dcr_view_str(attr, "role")) >= 0)
            count_family(f, &n, attr);
    }
    if (n > 0)
        qsort(f, n, sizeof *f, by_role);
    TABLE(T("inventory.roles"), "role", "family", "attributes", "fill", "distinct");
    for (i = 0; i < n; i++) {
        char words[80];
        dcr_view_words(words, sizeof words, f[i].role);
        dcr_annex_cell(a, words);
        dcr_view_words(words, sizeof words, f[i].name);
        dcr_annex_cell(a, words);
        dcr_annex_number(a, (double)f[i].attributes);
        dcr_annex_number(a, f[i].subjects);
        dcr_annex_number(a, f[i].distinct);
    }
}

enum { CLUSTERS = 12 };

static void cluster_row(dcr_annex *a, const json_t *c)
{
    const json_t *declared = dcr_view_obj(c, "declared");
    const char *tool = dcr_view_str(c, "tool"),
               *says = dcr_view_str(declared, "identity_removed"),
               *temporal = dcr_view_str(declared, "temporal");
    dcr_annex_cell(a, tool[0] != '\0' ? tool : T("inventory.no_tool"));
    dcr_annex_cell(a, says[0] != '\0' ? says : T("inventory.temporal_absent"));
    dcr_annex_cell(a, temporal[0] == '\0' || strcmp(temporal, "absent") == 0
                          ? T("inventory.temporal_absent")
                          : temporal);
    dcr_annex_cell(a, dcr_annex_answer_line(a, dcr_view_arr(declared, "codes")));
    dcr_annex_count(a, c, "series");
}

void dcr_annex_declared(dcr_annex *a)
{
    const json_t *all = dcr_view_arr(a->page.doc, "deid_clusters"), *c;
    size_t i, n = 0;
    const dcr_annex_rule *r = dcr_annex_rules(a, "claim", NULL, &n);
    dcr_annex_head(a, T("inventory.declared"));
    if (json_array_size(all) == 0)
        dcr_annex_say(a, T("inventory.no_declared"));
    else
        TABLE(T("inventory.declared_caption"), "tool", "says_removed", "dates", "method",
              "series");
    json_array_foreach(all, i, c)
    {
        if (i < CLUSTERS)
            cluster_row(a, c);
    }
    dcr_annex_more(a, CLUSTERS, json_array_size(all));
    if (n > 0)
        dcr_annex_rule_table(a, T("inventory.contradicted"), r, n);
    else
        dcr_annex_say(a, T("inventory.contradicted_none"));
}

void dcr_annex_local(dcr_annex *a)
{
    dcr_annex_say(a, T("local.text"));
}

/* ---- 5. recipients ---- */

static void said_row(dcr_annex *a, const json_t *r, size_t place)
{
    const json_t *fields = dcr_view_arr(a->outline, "recipient"), *f;
    char key[80];
    size_t i;
    dcr_annex_cell(a, dcr_view_str(r, "name"));
    json_array_foreach(fields, i, f)
    {
        const json_t *v = json_object_get(r, json_string_value(f));
        if (v != NULL)
            dcr_annex_cell(a, dcr_annex_answer_line(a, v));
        else
            dcr_annex_blank(a);
        snprintf(key, sizeof key, "recipients.%zu.%s", place, json_string_value(f));
        dcr_annex_asked(a, key, v != NULL);
    }
}

void dcr_annex_recipients_said(dcr_annex *a)
{
    const json_t *all = dcr_view_arr(a->project, "recipients"), *r;
    size_t i;
    dcr_annex_asked(a, "recipients", json_array_size(all) > 0);
    if (json_array_size(all) == 0) {
        dcr_annex_say(a, ABSENT("recipients.none"));
        if (!a->is_public)
            dcr_blocks_add(a->b, DCR_BLOCK_ANSWER, T("recipients.said"));
        return;
    }
    TABLE(T("recipients.said"), "recipient", "category", "country", "safeguard",
          "environment", "decision");
    json_array_foreach(all, i, r)
    {
        said_row(a, r, i);
    }
}

static void measured_row(dcr_annex *a, const json_t *r)
{
    const json_t *adversary = dcr_annex_adversary(a, dcr_view_str(r, "adversary")),
                 *view = dcr_page_view(adversary);
    dcr_annex_cell(a, dcr_view_str(r, "name"));
    dcr_annex_cell(a, dcr_view_str(r, "policy"));
    dcr_annex_cell(a, dcr_view_str(r, "adversary"));
    dcr_annex_count(a, view, "k_min");
    dcr_annex_count(a, view, "unique_subjects");
    dcr_annex_risk(a, dcr_view_obj(view, "prosecutor"), "average");
    dcr_annex_verdict(a, r);
}

void dcr_annex_recipients_measured(dcr_annex *a)
{
    const json_t *all = dcr_view_arr(a->page.verdict, "recipients"), *r;
    bool fell_back = false;
    size_t i;
    if (json_array_size(all) == 0)
        return;
    TABLE(T("recipients.measured"), "recipient", "policy", "adversary", "k_min", "unique",
          "average", "verdict");
    json_array_foreach(all, i, r)
    {
        measured_row(a, r);
        fell_back |= dcr_view_flag(r, "policy_fell_back", false);
    }
    if (fell_back)
        dcr_annex_say(a, T("summary.policy_fell_back"));
}

void dcr_annex_retained(dcr_annex *a)
{
    const json_t *all = dcr_view_arr(a->page.doc, "attributes"), *attr;
    size_t i, n = 0, by[4] = {0};
    json_array_foreach(all, i, attr)
    {
        int rank = role_rank(dcr_view_str(attr, "role"));
        if (!holds_values(attr))
            continue;
        n++;
        if (rank >= 0)
            by[rank]++;
    }
    dcr_annex_say(a,
                  FILL("recipients.retained", "attributes", dcr_annex_num(a, (double)n),
                       "direct", dcr_annex_num(a, (double)by[0]), "quasi",
                       dcr_annex_num(a, (double)by[1]), "sensitive",
                       dcr_annex_num(a, (double)by[2]), "unknown",
                       dcr_annex_num(a, (double)by[3])));
}

/* ---- 6. consent ---- */

void dcr_annex_consent(dcr_annex *a)
{
    const json_t *carriers = dcr_view_arr(a->outline, "consent_attributes"), *carrier;
    size_t at, n = 0;
    const dcr_annex_rule *r =
        dcr_annex_rules(a, NULL, dcr_view_arr(a->outline, "consent"), &n);
    bool any = n > 0;
    for (size_t i = 0; i < n; i++)
        dcr_annex_say(a, FILL("consent.found", "title", dcr_view_str(r[i].first, "title"),
                              "patients",
                              r[i].subjects >= 0 ? dcr_annex_num(a, r[i].subjects)
                                                 : T("words.not_shown")));
    json_array_foreach(carriers, at, carrier)
    {
        const char *keyword = json_string_value(carrier);
        const json_t *attr = attribute(a, keyword);
        if (any || attr == NULL)
            continue;
        any = true;
        dcr_annex_say(a, FILL("consent.present", "keyword", keyword, "patients",
                              dcr_annex_num_of(a, attr, "subjects")));
    }
    if (!any)
        dcr_annex_say(a, T("consent.none"));
}

/* ---- 7. minimisation ---- */

enum { KEPT_ROWS = 150, PROPOSALS = 8 };

static int by_weight(const void *l, const void *r)
{
    const json_t *x = *(const json_t *const *)l, *y = *(const json_t *const *)r;
    int d = role_rank(dcr_view_str(x, "role")) - role_rank(dcr_view_str(y, "role"));
    double u = number(y, "unique_subjects") - number(x, "unique_subjects");
    if (d != 0)
        return d;
    if (u < 0 || u > 0)
        return u < 0 ? -1 : 1;
    return strcmp(dcr_view_str(x, "path"), dcr_view_str(y, "path"));
}

static void kept_row(dcr_annex *a, const json_t *attr)
{
    const char *purpose = dcr_view_str(attr, "purpose");
    char words[80];
    dcr_annex_cell(a, dcr_annex_name_of(a, attr));
    dcr_view_words(words, sizeof words, dcr_view_str(attr, "role"));
    dcr_annex_cell(a, words);
    dcr_view_words(words, sizeof words, dcr_view_str(attr, "family"));
    dcr_annex_cell(a, words);
    dcr_annex_count(a, attr, "subjects");
    dcr_annex_count(a, attr, "distinct");
    dcr_annex_count(a, attr, "unique_subjects");
    if (purpose[0] != '\0' || a->is_public)
        dcr_annex_cell(a, purpose);
    else
        dcr_blocks_cell(a->b, DCR_CELL_BLANK, T("minimisation.no_purpose"));
}

void dcr_annex_minimisation(dcr_annex *a)
{
    const json_t *all = dcr_view_arr(a->page.doc, "attributes"), *attr;
    const json_t **list =
        dcr_arena_alloc(&a->b->arena, json_array_size(all) + 1, sizeof *list);
    size_t i, n = 0, with = 0;
    a->b->failed |= list == NULL;
    json_array_foreach(all, i, attr)
    {
        if (list == NULL || !holds_values(attr) ||
            role_rank(dcr_view_str(attr, "role")) < 0)
            continue;
        list[n++] = attr;
        with += dcr_view_str(attr, "purpose")[0] != '\0';
    }
    dcr_annex_asked(a, "purpose", with == n);
    dcr_annex_head(a, T("minimisation.title"));
    if (n == 0) {
        dcr_annex_say(a, T("minimisation.none"));
        return;
    }
    qsort(list, n, sizeof *list, by_weight);
    dcr_annex_say(a, FILL("minimisation.purposes", "with", dcr_annex_num(a, (double)with),
                          "all", dcr_annex_num(a, (double)n)));
    TABLE(T("minimisation.caption"), "attribute", "role", "family", "patients",
          "distinct", "unique_share", "purpose");
    for (i = 0; i < n && i < KEPT_ROWS; i++)
        kept_row(a, list[i]);
    dcr_annex_more(a, KEPT_ROWS, n);
}

static void now_then(dcr_annex *a, const json_t *w, const char *before, const char *after)
{
    char s[2 * DCR_NUM_MAX + 8];
    snprintf(s, sizeof s, "%s \u2192 %s", dcr_annex_num_of(a, w, before),
             dcr_annex_num_of(a, w, after));
    dcr_blocks_cell(a->b, DCR_CELL_NUMBER, s);
}

void dcr_annex_proposals(dcr_annex *a)
{
    const json_t *all = dcr_view_arr(a->page.doc, "whatif"), *w;
    const char *note = dcr_view_str(a->page.doc, "whatif_note");
    char below[80];
    double bits;
    size_t i;
    dcr_annex_head(a, T("minimisation.proposals"));
    if (json_array_size(all) == 0) {
        dcr_annex_say(a, T("minimisation.proposals_none"));
        return;
    }
    snprintf(below, sizeof below, "=%s",
             FILL("columns.below_after", "k", dcr_annex_num(a, a->page.k)));
    TABLE(note[0] != '\0' ? note : T("minimisation.proposals"), "change", below,
          "unique_after", "bits");
    json_array_foreach(all, i, w)
    {
        char s[DCR_NUM_MAX];
        if (i >= PROPOSALS)
            continue;
        dcr_annex_cell(a, dcr_view_str(w, "change"));
        now_then(a, w, "below_before", "below_after");
        now_then(a, w, "unique_before", "unique_after");
        dcr_view_fixed(s, dcr_view_num(w, "bits_lost", &bits) ? bits : 0, 1);
        dcr_blocks_cell(a->b, DCR_CELL_NUMBER, s);
    }
    dcr_annex_more(a, PROPOSALS, json_array_size(all));
}

/* ---- 8. and 9. ---- */

void dcr_annex_date_span(dcr_annex *a)
{
    const json_t *dates = dcr_view_obj(a->page.dataset, "dates");
    const char *time = dcr_view_str(dcr_view_obj(a->page.doc, "run"), "time");
    char from[DCR_NUM_MAX], to[DCR_NUM_MAX], age[DCR_NUM_MAX];
    double first, now = 0;
    for (int i = 0; i < 4 && time[i] >= '0' && time[i] <= '9'; i++)
        now = now * 10 + (time[i] - '0');
    if (!dcr_view_num(dates, "from_year", &first) || now < first) {
        dcr_annex_say(a, T("span.none"));
        return;
    }
    dcr_view_fixed(from, first, 0);
    dcr_view_fixed(to, number(dates, "to_year"), 0);
    dcr_view_fixed(age, now - first, 0);
    dcr_annex_say(a, FILL("span.text", "from", from, "to", to, "age", age));
}

void dcr_annex_findable(dcr_annex *a)
{
    const char *finder = dcr_view_str(a->outline, "finder");
    const json_t *adversary = dcr_annex_adversary(a, finder),
                 *view = dcr_page_view(adversary == NULL ? a->page.gated : adversary);
    dcr_annex_say(a,
                  FILL("findable.text", "n", dcr_annex_num_of(a, view, "unique_subjects"),
                       "all", dcr_annex_num_of(a, view, "subjects"), "adversary",
                       adversary == NULL ? dcr_view_str(a->page.gated, "id") : finder));
}
