/* The annex, sections 10 to 15: what the risks are. */
#include <stdio.h>
#include <string.h>

#include "annex_impl.h"

/* ---- 10. state of the data ---- */

void dcr_annex_claim(dcr_annex *a)
{
    const char *claim = dcr_view_str(a->project, "claim");
    dcr_annex_asked(a, "claim", claim[0] != '\0');
    dcr_annex_say(a, strcmp(claim, "anonymous") == 0      ? T("claim.anonymous")
                     : strcmp(claim, "pseudonymous") == 0 ? T("claim.pseudonymous")
                                                          : ABSENT("claim.none"));
}

static const char *state_word(dcr_annex *a, const char *state)
{
    static const char *const known[] = {"source-like", "proven-original", "recomputed",
                                        "replaced", "absent"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i], state) == 0) {
            char key[60];
            snprintf(key, sizeof key, "keys.%s", state);
            return dcr_annex_text(a, key);
        }
    return T("keys.unknown");
}

static bool survives(const json_t *key)
{
    const char *state = dcr_view_str(key, "state");
    return strcmp(state, "replaced") != 0 && strcmp(state, "absent") != 0;
}

enum { KEY_ROWS = 40 };

void dcr_annex_keys(dcr_annex *a)
{
    const json_t *all = dcr_view_arr(a->page.doc, "link_keys"), *k;
    size_t i, left = 0, unknown = 0, shown = 0;
    dcr_annex_head(a, T("keys.title"));
    json_array_foreach(all, i, k)
    {
        left += survives(k);
        unknown += strcmp(dcr_view_str(k, "state"), "unknown") == 0;
    }
    if (json_array_size(all) == 0) {
        dcr_annex_say(a, T("keys.no_keys"));
        return;
    }
    dcr_annex_say(a, FILL("keys.counts", "all",
                          dcr_annex_num(a, (double)json_array_size(all)), "replaced",
                          dcr_annex_num(a, (double)(json_array_size(all) - left)),
                          "source", dcr_annex_num(a, (double)(left - unknown)), "unknown",
                          dcr_annex_num(a, (double)unknown)));
    if (left == 0) {
        dcr_annex_say(a, T("keys.none"));
        return;
    }
    TABLE(T("keys.caption"), "key", "kind", "state", "values", "patients");
    json_array_foreach(all, i, k)
    {
        if (!survives(k) || shown++ >= KEY_ROWS)
            continue;
        dcr_annex_cell(a, dcr_annex_name_of(a, k));
        dcr_annex_cell(a, dcr_view_str(k, "kind"));
        dcr_annex_cell(a, state_word(a, dcr_view_str(k, "state")));
        dcr_annex_count(a, k, "values");
        dcr_annex_count(a, k, "subjects");
    }
    dcr_annex_more(a, KEY_ROWS, left);
}

void dcr_annex_keys_in_files(dcr_annex *a)
{
    size_t n = 0;
    const dcr_annex_rule *r =
        dcr_annex_rules(a, NULL, dcr_view_arr(a->outline, "keys_in_files"), &n);
    if (n > 0)
        dcr_annex_rule_table(a, T("keys.in_files"), r, n);
    else
        dcr_annex_say(a, T("keys.in_files_none"));
}

/* ---- 11. singling out ---- */

static void adversary_row(dcr_annex *a, const json_t *adversary)
{
    const json_t *v = dcr_page_view(adversary), *r = dcr_view_obj(v, "prosecutor");
    double below;
    dcr_annex_cell(a, dcr_view_str(adversary, "id"));
    dcr_annex_count(a, v, "k_min");
    dcr_annex_count(a, v, "k_median");
    dcr_annex_count(a, v, "unique_subjects");
    if (dcr_page_below(&a->page, v, &below))
        dcr_annex_number(a, below);
    else
        dcr_blocks_cell(a->b, DCR_CELL_NUMBER, "\u2013");
    dcr_annex_risk(a, r, "max");
    dcr_annex_risk(a, r, "average");
    dcr_annex_risk(a, r, "random_exam");
}

void dcr_annex_adversaries(dcr_annex *a)
{
    const json_t *all = dcr_view_arr(a->page.doc, "adversaries"), *x;
    char below[60];
    size_t i;
    dcr_annex_head(a, T("singling.title"));
    snprintf(below, sizeof below, "=%s",
             FILL("columns.below", "k", dcr_annex_num(a, a->page.k)));
    TABLE(T("singling.caption"), "adversary", "k_min", "k_median", "unique", below,
          "maximum", "average", "random");
    json_array_foreach(all, i, x)
    {
        adversary_row(a, x);
    }
    dcr_annex_note(a, T("singling.strict"));
}

void dcr_annex_histogram(dcr_annex *a)
{
    const json_t *bins = dcr_view_arr(a->page.view, "histogram"), *bin;
    double to;
    size_t i;
    dcr_annex_head(a, T("singling.histogram"));
    TABLE(FILL("singling.histogram_caption", "adversary",
               dcr_view_str(a->page.gated, "id")),
          "k_from", "k_to", "patients");
    json_array_foreach(bins, i, bin)
    {
        dcr_annex_count(a, bin, "from");
        if (dcr_view_num(bin, "to", &to))
            dcr_annex_number(a, to);
        else
            dcr_annex_cell(a, T("singling.above"));
        dcr_annex_count(a, bin, "subjects");
    }
}

/* A figure that needs the population: what it is, or why it is not. */
static void population_fact(dcr_annex *a, const char *term, const json_t *m)
{
    char average[DCR_NUM_MAX] = "\u2013", max[DCR_NUM_MAX] = "\u2013";
    double v;
    if (!dcr_view_flag(m, "applies", true)) {
        dcr_annex_fact(a, term, dcr_view_str(m, "note"));
        return;
    }
    if (dcr_view_num(m, "average", &v) || dcr_view_num(m, "value", &v))
        dcr_view_risk(average, v);
    if (dcr_view_num(m, "max", &v))
        dcr_view_risk(max, v);
    dcr_annex_fact(a, term, FILL("singling.risk_value", "average", average, "max", max));
}

static const char *estimate(dcr_annex *a)
{
    const json_t *all = dcr_view_arr(a->page.view, "population"), *m;
    char value[DCR_NUM_MAX], lo[DCR_NUM_MAX] = "\u2013", hi[DCR_NUM_MAX] = "\u2013";
    double v;
    size_t i;
    json_array_foreach(all, i, m)
    {
        if (!dcr_view_flag(m, "chosen", false) || !dcr_view_num(m, "value", &v))
            continue;
        dcr_view_count(value, v);
        if (dcr_view_num(m, "lo", &v))
            dcr_view_count(lo, v);
        if (dcr_view_num(m, "hi", &v))
            dcr_view_count(hi, v);
        return FILL("singling.estimate_value", "value", value, "lo", lo, "hi", hi,
                    "model", dcr_view_str(m, "model"));
    }
    return FILL("singling.no_estimate", "why",
                dcr_view_str(json_array_get(all, 0), "note"));
}

void dcr_annex_population(dcr_annex *a)
{
    const json_t *v = a->page.view;
    dcr_annex_head(a, T("singling.population"));
    dcr_blocks_add(a->b, DCR_BLOCK_FACTS, "");
    population_fact(a, T("singling.journalist"), dcr_view_obj(v, "journalist"));
    population_fact(a, T("singling.marketer"), dcr_view_obj(v, "marketer"));
    dcr_annex_fact(a, T("singling.estimate"), estimate(a));
    dcr_annex_fact(a, T("singling.fraction"),
                   dcr_annex_answer_line(a, dcr_annex_project(a, "population.size")));
}

/* "date of the exam, site" of a unique key. */
static const char *facts_of(dcr_annex *a, const json_t *key)
{
    const json_t *all = dcr_view_arr(key, "concepts"), *c;
    dcr_buf b = {0};
    const char *kept;
    size_t i;
    json_array_foreach(all, i, c)
    {
        char name[120];
        dcr_page_fact_name(name, sizeof name, json_string_value(c));
        dcr_buf_fmt(&b, "%s%s", i > 0 ? ", " : "", name);
    }
    a->b->failed |= b.failed;
    kept = b.p == NULL ? "" : dcr_blocks_keep(a->b, b.p);
    dcr_buf_clear(&b);
    return kept;
}

enum { COMBINATIONS = 10 };

void dcr_annex_contributions(dcr_annex *a)
{
    const json_t *facts = dcr_view_arr(a->page.gated, "concepts"),
                 *keys = dcr_view_arr(a->page.gated, "unique_keys"), *x;
    char name[160];
    size_t i;
    dcr_annex_head(a, T("singling.contributions"));
    TABLE(FILL("singling.contributions_caption", "adversary",
               dcr_view_str(a->page.gated, "id")),
          "fact", "alone", "drop_one", "shapley");
    json_array_foreach(facts, i, x)
    {
        dcr_page_concept(name, sizeof name, x);
        dcr_annex_cell(a, name);
        dcr_annex_count(a, x, "alone");
        dcr_annex_count(a, x, "drop_one");
        dcr_annex_count(a, x, "shapley");
    }
    if (json_array_size(keys) == 0)
        return;
    TABLE(T("singling.combinations"), "facts", "patients");
    json_array_foreach(keys, i, x)
    {
        double n;
        if (i >= COMBINATIONS)
            continue;
        dcr_annex_cell(a, facts_of(a, x));
        if (dcr_view_num(x, "subjects", &n))
            dcr_annex_number(a, n);
        else
            dcr_blocks_cell(a->b, DCR_CELL_NUMBER,
                            FILL("words.fewer", "k", dcr_annex_num(a, a->page.k)));
    }
    dcr_annex_more(a, COMBINATIONS, json_array_size(keys));
}

void dcr_annex_subgroups(dcr_annex *a)
{
    size_t n = 0;
    const dcr_annex_rule *r =
        dcr_annex_rules(a, NULL, dcr_view_arr(a->outline, "subgroups"), &n);
    if (n > 0)
        dcr_annex_rule_table(a, T("singling.subgroups"), r, n);
    else
        dcr_annex_say(a, T("singling.subgroups_none"));
}

/* ---- 12. linkability ---- */

void dcr_annex_links(dcr_annex *a)
{
    const json_t *all = dcr_view_arr(a->page.doc, "link_keys"), *k;
    size_t i;
    dcr_annex_head(a, T("links.title"));
    if (json_array_size(all) == 0) {
        dcr_annex_say(a, T("links.none"));
        return;
    }
    TABLE(T("links.caption"), "key", "state", "detail");
    json_array_foreach(all, i, k)
    {
        if (i >= KEY_ROWS)
            continue;
        dcr_annex_cell(a, dcr_annex_name_of(a, k));
        dcr_annex_cell(a, state_word(a, dcr_view_str(k, "state")));
        dcr_annex_cell(a, dcr_view_str(k, "detail")[0] != '\0'
                              ? dcr_view_str(k, "detail")
                              : dcr_view_str(k, "scheme_title"));
    }
    dcr_annex_more(a, KEY_ROWS, json_array_size(all));
    dcr_annex_note(a, T("links.pixel_digests"));
}

void dcr_annex_dates(dcr_annex *a)
{
    const json_t *d = dcr_view_obj(a->page.doc, "dates"), *all = dcr_view_arr(d, "tests"),
                 *t;
    size_t i;
    dcr_annex_head(a, T("links.dates"));
    dcr_annex_say(a, FILL("links.date_state", "state", dcr_view_str(d, "state"), "basis",
                          dcr_view_str(d, "basis")));
    if (json_array_size(all) == 0) {
        dcr_annex_say(a, T("links.no_tests"));
        return;
    }
    TABLE(T("links.tests"), "test", "path", "patients", "detail");
    json_array_foreach(all, i, t)
    {
        char words[60];
        dcr_view_words(words, sizeof words, dcr_view_str(t, "test"));
        dcr_annex_cell(a, words);
        dcr_annex_cell(a, dcr_view_str(t, "path"));
        dcr_annex_count(a, t, "subjects");
        dcr_annex_cell(a, dcr_view_str(t, "detail"));
    }
}

void dcr_annex_linkable(dcr_annex *a)
{
    size_t n = 0;
    const dcr_annex_rule *r = dcr_annex_rules(a, "linkability", NULL, &n);
    if (n > 0)
        dcr_annex_rule_table(a, T("links.findings"), r, n);
    else
        dcr_annex_say(a, T("links.none_found"));
}

/* ---- 13. inference ---- */

void dcr_annex_inferable(dcr_annex *a)
{
    size_t n = 0;
    const dcr_annex_rule *r = dcr_annex_rules(a, "inference", NULL, &n);
    dcr_annex_head(a, T("inferable.title"));
    if (n > 0)
        dcr_annex_rule_table(a, T("inferable.caption"), r, n);
    else
        dcr_annex_say(a, T("inferable.none"));
    dcr_annex_note(a, T("inferable.diversity"));
}

static void add_fact(dcr_buf *b, const char *text)
{
    dcr_buf_fmt(b, "%s%s", b->n > 0 ? "; " : "", text);
}

/* What is true of everybody in the release. */
static const char *release_facts(dcr_annex *a)
{
    const json_t *m, *modalities = dcr_view_arr(a->page.dataset, "modalities"),
                     *dates = dcr_view_obj(a->page.dataset, "dates"),
                     *frame = dcr_annex_project(a, "population.frame"),
                     *all = dcr_view_arr(a->page.doc, "attributes");
    char from[DCR_NUM_MAX], to[DCR_NUM_MAX];
    dcr_buf b = {0}, names = {0};
    const char *kept;
    size_t i, constant = 0;
    double v;
    json_array_foreach(modalities, i, m)
    {
        dcr_buf_fmt(&names, "%s%s", i > 0 ? ", " : "", dcr_view_str(m, "modality"));
    }
    if (names.p != NULL)
        add_fact(&b, FILL("membership.facts_modality", "modalities", names.p));
    if (dcr_view_num(dates, "from_year", &v)) {
        dcr_view_fixed(from, v, 0);
        dcr_view_fixed(to, dcr_view_num(dates, "to_year", &v) ? v : 0, 0);
        add_fact(&b, FILL("membership.facts_years", "from", from, "to", to));
    }
    if (frame != NULL)
        add_fact(
            &b, FILL("membership.facts_frame", "frame", dcr_annex_answer_line(a, frame)));
    json_array_foreach(all, i, m)
    {
        const char *role = dcr_view_str(m, "role");
        constant +=
            dcr_view_flag(m, "constant", false) &&
            (strcmp(role, "sensitive") == 0 || strcmp(role, "quasi_identifier") == 0);
    }
    add_fact(&b,
             FILL("membership.facts_constant", "n", dcr_annex_num(a, (double)constant)));
    a->b->failed |= b.failed || names.failed;
    kept = b.p == NULL ? "" : dcr_blocks_keep(a->b, b.p);
    dcr_buf_clear(&b);
    dcr_buf_clear(&names);
    return kept;
}

void dcr_annex_membership(dcr_annex *a)
{
    const json_t *m = dcr_view_obj(a->page.view, "delta_presence");
    char min[DCR_NUM_MAX], max[DCR_NUM_MAX];
    double lo, hi;
    dcr_annex_head(a, T("membership.title"));
    dcr_annex_say(a, FILL("membership.text", "facts", release_facts(a)));
    if (dcr_view_num(m, "min", &lo) && dcr_view_num(m, "max", &hi)) {
        dcr_view_percent(min, lo);
        dcr_view_percent(max, hi);
        dcr_annex_say(a, FILL("membership.delta", "min", min, "max", max));
    } else {
        dcr_annex_say(a, FILL("membership.no_delta", "why", dcr_view_str(m, "note")));
    }
}

/* ---- 14. pixels ---- */

enum { CLASS_ROWS = 40 };

void dcr_annex_pixels(dcr_annex *a)
{
    const json_t *p = dcr_view_obj(a->page.doc, "pixels"),
                 *all = dcr_view_arr(p, "classes"), *queue = dcr_view_arr(p, "queue"), *c;
    double series = 0, v;
    size_t i;
    dcr_annex_note(a, T("pixels.limit"));
    if (json_array_size(all) == 0)
        dcr_annex_say(a, T("pixels.none"));
    else
        TABLE(T("pixels.caption"), "content", "modality", "burned_in", "face", "series",
              "patients");
    json_array_foreach(all, i, c)
    {
        char words[80];
        if (i >= CLASS_ROWS)
            continue;
        dcr_view_words(words, sizeof words, dcr_view_str(c, "content_class"));
        dcr_annex_cell(a, words);
        dcr_annex_cell(a, dcr_view_str(c, "modality"));
        dcr_annex_cell(a, dcr_view_str(c, "burned_in"));
        dcr_annex_cell(a, dcr_view_str(c, "face"));
        dcr_annex_count(a, c, "series");
        dcr_annex_count(a, c, "subjects");
    }
    dcr_annex_more(a, CLASS_ROWS, json_array_size(all));
    json_array_foreach(queue, i, c)
    {
        series += dcr_view_num(c, "series", &v) ? v : 0;
    }
    dcr_annex_say(a, json_array_size(queue) == 0
                         ? T("pixels.queue_none")
                         : FILL("pixels.queue", "tasks",
                                dcr_annex_num(a, (double)json_array_size(queue)),
                                "series", dcr_annex_num(a, series)));
}

void dcr_annex_pixel_reviews(dcr_annex *a)
{
    const json_t *all = dcr_view_arr(dcr_view_obj(a->page.doc, "pixels"), "reviews"), *r;
    size_t i;
    if (json_array_size(all) == 0) {
        dcr_annex_say(a, ABSENT("pixels.reviews_none"));
        return;
    }
    TABLE(T("pixels.reviews"), "seen", "found", "covered", "upper");
    json_array_foreach(all, i, r)
    {
        char s[DCR_NUM_MAX] = "\u2013";
        double upper;
        dcr_annex_count(a, r, "seen");
        dcr_annex_count(a, r, "found");
        dcr_annex_count(a, r, "series");
        if (dcr_view_num(r, "upper", &upper))
            dcr_view_percent(s, upper);
        dcr_blocks_cell(a->b, DCR_CELL_NUMBER, s);
    }
}

/* ---- 15. private ---- */

enum { CREATORS = 60 };

typedef struct creator {
    const char *name;
    size_t elements, safe, linking, unknown;
    double subjects, unique;
} creator;

/* What a private element is counted as, by the outline; "" unknown. */
static const char *kind_of(const dcr_annex *a, const json_t *attr)
{
    return dcr_view_str(dcr_view_obj(a->outline, "private"),
                        dcr_view_str(attr, "family"));
}

static void count_creator(const dcr_annex *a, creator *c, const json_t *attr)
{
    const char *kind = kind_of(a, attr);
    double v;
    c->elements++;
    if (strcmp(kind, "safe") == 0)
        c->safe++;
    else if (strcmp(kind, "linking") == 0)
        c->linking++;
    else
        c->unknown++;
    if (dcr_view_num(attr, "subjects", &v) && v > c->subjects)
        c->subjects = v;
    if (dcr_view_num(attr, "unique_subjects", &v) && v > c->unique)
        c->unique = v;
}

/* Creators in the order of their first element; how many there are, of which at most
 * CREATORS are in the list. */
static size_t creators(const dcr_annex *a, creator *list, size_t *elements)
{
    const json_t *all = dcr_view_arr(a->page.doc, "attributes"), *attr;
    json_t *place = json_object();
    size_t i, n = 0;
    *elements = 0;
    json_array_foreach(all, i, attr)
    {
        const char *name = json_string_value(json_object_get(attr, "creator"));
        const json_t *at;
        if (name == NULL || strcmp(kind_of(a, attr), "none") == 0)
            continue;
        (*elements)++;
        at = json_object_get(place, name);
        if (at == NULL) {
            if (n < CREATORS)
                list[n] = (creator){.name = name};
            json_object_set_new(place, name, json_integer((json_int_t)n));
            at = json_object_get(place, name);
            n++;
        }
        if (at != NULL && json_integer_value(at) < CREATORS)
            count_creator(a, &list[json_integer_value(at)], attr);
    }
    json_decref(place);
    return n;
}

void dcr_annex_private_summary(dcr_annex *a)
{
    creator list[CREATORS];
    size_t elements, n = creators(a, list, &elements);
    if (n == 0)
        dcr_annex_say(a, T("inventory.private_none"));
    else
        dcr_annex_say(a, FILL("inventory.private", "elements",
                              dcr_annex_num(a, (double)elements), "creators",
                              dcr_annex_num(a, (double)n)));
}

void dcr_annex_private(dcr_annex *a)
{
    creator list[CREATORS];
    size_t elements, n = creators(a, list, &elements);
    if (n == 0) {
        dcr_annex_say(a, T("private.none"));
        return;
    }
    TABLE(T("private.caption"), "creator", "elements", "safe", "linking", "unknown",
          "patients", "unique");
    for (size_t i = 0; i < n && i < CREATORS; i++) {
        dcr_annex_cell(a,
                       list[i].name[0] != '\0' ? list[i].name : T("private.no_creator"));
        dcr_annex_number(a, (double)list[i].elements);
        dcr_annex_number(a, (double)list[i].safe);
        dcr_annex_number(a, (double)list[i].linking);
        dcr_annex_number(a, (double)list[i].unknown);
        dcr_annex_number(a, list[i].subjects);
        dcr_annex_number(a, list[i].unique);
    }
    dcr_annex_more(a, CREATORS, n);
}
