/* The annex, sections 16 to 20: what is done about the risks, and who says so. */
#include <stdio.h>
#include <string.h>

#include "annex_impl.h"

static double found_of(const dcr_annex *a, const char *criterion)
{
    const json_t *c =
        dcr_view_find(dcr_view_arr(a->page.verdict, "criteria"), "id", criterion);
    double v;
    return dcr_view_num(c, "found", &v) ? v : 0;
}

/* ---- 16. risk register ---- */

enum { REGISTER_ROWS = 40 };

static const char *route_word(dcr_annex *a, const char *criterion)
{
    static const char *const known[] = {"singling-out", "linkability", "inference",
                                        "claim", "coverage"};
    char key[60];
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i], criterion) == 0) {
            snprintf(key, sizeof key, "words.%s", criterion);
            return dcr_annex_text(a, key);
        }
    return criterion;
}

static bool impact_cell(dcr_annex *a, const char *rule)
{
    const json_t *map = dcr_annex_project(a, "dpia.register");
    const char *said = dcr_view_str(map, rule);
    if (said[0] != '\0')
        dcr_annex_cell(a, said);
    else
        dcr_annex_blank(a);
    return said[0] != '\0';
}

static bool exam_row(dcr_annex *a)
{
    double unique, all;
    if (!dcr_view_num(a->page.view, "unique_subjects", &unique) ||
        !dcr_view_num(a->page.view, "subjects", &all) || unique <= 0)
        return true;
    dcr_annex_cell(a,
                   FILL("register.exam", "adversary", dcr_view_str(a->page.gated, "id")));
    dcr_annex_cell(a, T("words.singling-out"));
    dcr_annex_cell(a, FILL("register.likelihood", "n", dcr_annex_num(a, unique), "all",
                           dcr_annex_num(a, all)));
    dcr_annex_number(a, unique);
    bool said = impact_cell(a, "one-exam");
    dcr_annex_blank(a);
    return said;
}

static bool register_row(dcr_annex *a, const dcr_annex_rule *r)
{
    dcr_annex_cell(a, dcr_view_str(r->first, "title"));
    dcr_annex_cell(a, route_word(a, dcr_view_str(r->first, "criterion")));
    dcr_annex_level(a, dcr_view_str(r->first, "severity"));
    if (r->subjects >= 0)
        dcr_annex_number(a, r->subjects);
    else
        dcr_blocks_cell(a->b, DCR_CELL_NUMBER, "\u2013");
    bool said = impact_cell(a, r->rule);
    if (r->accepted == r->places)
        dcr_annex_cell(a, T("register.accepted"));
    else
        dcr_annex_blank(a);
    return said;
}

void dcr_annex_register(dcr_annex *a)
{
    size_t n = 0, rows = 0;
    const dcr_annex_rule *r = dcr_annex_rules(a, NULL, NULL, &n);
    bool all_said = true;
    for (size_t i = 0; i < n; i++)
        rows += dcr_view_severity(dcr_view_str(r[i].first, "severity")) > 0;
    if (rows == 0 && found_of(a, "unique-subjects") <= 0) {
        dcr_annex_say(a, T("register.none"));
        return;
    }
    dcr_annex_say(a, T("register.caption"));
    TABLE(T("register.table"), "risk", "route", "level", "patients", "impact",
          "acceptance");
    all_said = exam_row(a);
    for (size_t i = 0, shown = 0; i < n; i++) {
        if (dcr_view_severity(dcr_view_str(r[i].first, "severity")) == 0)
            continue;
        if (shown++ < REGISTER_ROWS)
            all_said &= register_row(a, &r[i]);
    }
    dcr_annex_more(a, REGISTER_ROWS, rows);
    dcr_annex_asked(a, "dpia.register", all_said);
}

/* ---- 17. measures ---- */

static void criterion_row(dcr_annex *a, const json_t *c)
{
    static const struct {
        const char *result, *word;
    } words[] = {{"pass", "words.result_pass"},
                 {"fail", "words.result_fail"},
                 {"review", "words.result_review"},
                 {"accepted", "words.result_accepted"},
                 {"reported", "words.result_reported"}};
    const char *result = dcr_view_result(c), *word = "words.result_inconclusive";
    char limit[120], found[120];
    dcr_view_scalar(limit, sizeof limit, json_object_get(c, "limit"),
                    dcr_view_str(c, "unit"), "\u2013");
    dcr_view_scalar(found, sizeof found, json_object_get(c, "found"),
                    dcr_view_str(c, "unit"), "\u2013");
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i].result, result) == 0)
            word = words[i].word;
    dcr_annex_cell(a, dcr_view_str(c, "title"));
    dcr_blocks_cell(a->b, DCR_CELL_NUMBER, limit);
    dcr_blocks_cell(a->b, DCR_CELL_NUMBER, found);
    dcr_annex_mark(a, dcr_page_result(result), dcr_annex_text(a, word));
}

void dcr_annex_residual(dcr_annex *a)
{
    const json_t *all = dcr_view_arr(a->page.verdict, "criteria"), *c,
                 *controls = dcr_view_obj(a->project, "controls");
    size_t i;
    TABLE(T("residual.caption"), "criterion", "limit", "measured", "result");
    json_array_foreach(all, i, c)
    {
        criterion_row(a, c);
    }
    dcr_annex_note(a, T("residual.initial"));
    if (dcr_view_str(controls, "signed_by")[0] != '\0')
        dcr_annex_say(a, FILL("residual.controls", "who",
                              dcr_view_str(controls, "signed_by"), "date",
                              dcr_view_str(controls, "date")));
    else
        dcr_annex_say(a, ABSENT("residual.no_controls"));
}

enum { ACCEPTANCES = 60 };

void dcr_annex_acceptances(dcr_annex *a)
{
    const json_t *all = dcr_view_arr(a->project, "accept"), *x;
    size_t i;
    if (json_array_size(all) == 0) {
        dcr_annex_say(a, ABSENT("residual.acceptances_none"));
        return;
    }
    TABLE(T("residual.acceptances"), "risk", "path", "ceiling", "reason", "who",
          "expires");
    json_array_foreach(all, i, x)
    {
        if (i >= ACCEPTANCES)
            continue;
        dcr_annex_cell(a, dcr_view_str(x, "rule"));
        dcr_annex_cell(a, dcr_view_str(x, "path"));
        dcr_annex_count(a, x, "ceiling");
        dcr_annex_cell(a, dcr_view_str(x, "reason"));
        dcr_annex_cell(a, dcr_view_str(x, "who"));
        dcr_annex_cell(a, dcr_view_str(x, "expires"));
    }
    dcr_annex_more(a, ACCEPTANCES, json_array_size(all));
}

/* ---- 18. SOP ---- */

static const char *gate_in_words(dcr_annex *a)
{
    const json_t *c;
    const char *result = dcr_view_str(a->page.verdict, "result");
    size_t i, accepted = 0;
    json_array_foreach(dcr_view_arr(a->page.verdict, "criteria"), i, c)
    {
        accepted += strcmp(dcr_view_str(c, "result"), "accepted") == 0;
    }
    if (strcmp(result, "fail") == 0)
        return T("sop.gate_fail");
    if (strcmp(result, "pass") != 0)
        return T("sop.gate_open");
    return accepted == 0
               ? T("sop.gate_pass")
               : FILL("sop.gate_accepted", "n", dcr_annex_num(a, (double)accepted));
}

static void sop_measured(dcr_annex *a)
{
    double direct = found_of(a, "direct-identifiers"), links = found_of(a, "link-keys"),
           private = found_of(a, "private-elements"), pixels = found_of(a, "pixels");
    const json_t *dataset =
        dcr_view_obj(dcr_view_obj(a->page.doc, "evidence"), "dataset");
    bool whole = strcmp(dcr_view_str(dataset, "over"), "contents") == 0;
    dcr_blocks_add(a->b, DCR_BLOCK_LIST, "");
    dcr_annex_mark(a, direct + links > 0 ? DCR_MARK_FAIL : DCR_MARK_PASS,
                   direct + links > 0
                       ? FILL("sop.metadata_fail", "direct", dcr_annex_num(a, direct),
                              "links", dcr_annex_num(a, links))
                       : T("sop.metadata_pass"));
    dcr_annex_mark(a, private > 0 ? DCR_MARK_FAIL : DCR_MARK_PASS,
                   private > 0 ? FILL("sop.private_fail", "n", dcr_annex_num(a, private))
                               : T("sop.private_pass"));
    dcr_annex_mark(a, pixels > 0 ? DCR_MARK_OPEN : DCR_MARK_PASS,
                   pixels > 0 ? FILL("sop.pixels_fail", "n", dcr_annex_num(a, pixels))
                              : T("sop.pixels_pass"));
    dcr_annex_mark(a, dcr_page_verdict_mark(&a->page), gate_in_words(a));
    if (dcr_view_str(dataset, "root")[0] == '\0')
        dcr_annex_mark(a, DCR_MARK_OPEN, T("sop.evidence_none"));
    else
        dcr_annex_mark(a, whole ? DCR_MARK_PASS : DCR_MARK_NOTE,
                       whole ? T("sop.evidence_pass") : T("sop.evidence_part"));
}

void dcr_annex_sop(dcr_annex *a)
{
    const json_t *all = dcr_view_arr(a->outline, "sop"), *x;
    char key[60];
    size_t i;
    dcr_annex_head(a, T("sop.title"));
    sop_measured(a);
    dcr_blocks_add(a->b, DCR_BLOCK_CHECKLIST, T("sop.tick"));
    json_array_foreach(all, i, x)
    {
        snprintf(key, sizeof key, "sop.tick_%s", json_string_value(x));
        dcr_annex_cell(a, dcr_annex_text(a, key));
    }
}

/* ---- 19. sign-off ---- */

static void line(dcr_annex *a, const char *term, const char *known)
{
    dcr_annex_cell(a, term);
    if (known[0] != '\0')
        dcr_annex_cell(a, known);
    else
        dcr_annex_blank(a);
}

void dcr_annex_signatures(dcr_annex *a)
{
    const json_t *all = dcr_view_arr(a->outline, "signatures"), *x;
    char key[60];
    size_t i;
    json_array_foreach(all, i, x)
    {
        const char *who = json_string_value(x);
        snprintf(key, sizeof key, "signatures.%s", who);
        dcr_blocks_add(a->b, DCR_BLOCK_SIGNATURE, dcr_annex_text(a, key));
        snprintf(key, sizeof key, "roles.%s", who);
        line(a, T("signatures.name"),
             dcr_annex_answer_line(a, dcr_annex_project(a, key)));
        line(a, T("signatures.function"), "");
        line(a, T("signatures.date"), "");
        line(a, T("signatures.signature"), "");
    }
}

/* ---- 20. review ---- */

void dcr_annex_review(dcr_annex *a)
{
    const json_t *tool = dcr_view_obj(a->page.doc, "tool"), *x,
                 *all = dcr_view_arr(a->project, "accept");
    const char *first = "";
    size_t i;
    dcr_annex_say(a, FILL("review.rules", "edition",
                          dcr_view_str(dcr_view_obj(tool, "rules"), "edition"), "time",
                          dcr_annex_day(a)));
    json_array_foreach(all, i, x)
    {
        const char *day = dcr_view_str(x, "expires"); /* YYYY-MM-DD: sorts as text */
        if (day[0] != '\0' && (first[0] == '\0' || strcmp(day, first) < 0))
            first = day;
    }
    if (first[0] != '\0')
        dcr_annex_say(a, FILL("review.expires", "date", first));
    dcr_annex_say(a, T("review.rerun"));
}
