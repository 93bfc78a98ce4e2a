/* The annex: its summary, the verdicts by recipient, the common mistakes, the evidence.
 */
#include <stdio.h>
#include <string.h>

#include "annex_impl.h"

void dcr_annex_verdict(dcr_annex *a, const json_t *row)
{
    const char *result = dcr_view_str(row, "result");
    size_t unmet = json_array_size(dcr_view_arr(row, "unmet"));
    if (strcmp(result, "pass") == 0)
        dcr_annex_mark(a, DCR_MARK_PASS, T("words.pass"));
    else if (strcmp(result, "fail") == 0)
        dcr_annex_mark(a, DCR_MARK_FAIL, T("words.fail"));
    else
        dcr_annex_mark(a, DCR_MARK_OPEN,
                       unmet == 0
                           ? T("words.inconclusive")
                           : FILL("words.inconclusive_unmet", "n",
                                  dcr_annex_num(a, (double)unmet), "open",
                                  dcr_annex_num(a, (double)json_array_size(
                                                       dcr_view_arr(row, "undecided")))));
}

/* The verdict of the policy in force, as the row of a recipient; json_decref it. */
static json_t *policy_row(dcr_annex *a)
{
    const json_t *criteria = dcr_view_arr(a->page.verdict, "criteria"), *c;
    json_t *unmet = json_array(), *undecided = json_array();
    size_t i;
    json_array_foreach(criteria, i, c)
    {
        const char *result = dcr_view_str(c, "result");
        json_t *id = json_object_get(c, "id");
        if (strcmp(result, "fail") == 0 || strcmp(result, "review") == 0)
            json_array_append(unmet, id);
        else if (strcmp(result, "inconclusive") == 0)
            json_array_append(undecided, id);
    }
    json_t *row =
        json_pack("{s:s, s:o, s:o}", "result", dcr_view_str(a->page.verdict, "result"),
                  "unmet", unmet, "undecided", undecided);
    a->b->failed |= row == NULL;
    return row;
}

static void gate_verdict(dcr_annex *a)
{
    json_t *row = policy_row(a);
    dcr_annex_verdict(a, row);
    json_decref(row);
}

/* ---- WP216, by recipient ---- */

typedef enum column { SINGLING, LINKABILITY, OTHER, COLUMNS } column;

static column column_of(const dcr_annex *a, const char *criterion)
{
    const char *kind = dcr_view_str(dcr_view_obj(a->outline, "criteria"), criterion);
    return strcmp(kind, "singling-out") == 0  ? SINGLING
           : strcmp(kind, "linkability") == 0 ? LINKABILITY
                                              : OTHER;
}

static size_t count_of(const dcr_annex *a, const json_t *ids, column c)
{
    const json_t *id;
    size_t i, n = 0;
    json_array_foreach(ids, i, id)
    {
        n += json_is_string(id) && column_of(a, json_string_value(id)) == c;
    }
    return n;
}

static void criterion_cell(dcr_annex *a, const json_t *row, column c)
{
    size_t unmet = count_of(a, dcr_view_arr(row, "unmet"), c);
    size_t undecided = count_of(a, dcr_view_arr(row, "undecided"), c);
    if (unmet > 0)
        dcr_annex_mark(a, DCR_MARK_FAIL,
                       FILL("criteria.unmet", "n", dcr_annex_num(a, (double)unmet)));
    else if (undecided > 0)
        dcr_annex_mark(
            a, DCR_MARK_OPEN,
            FILL("criteria.undecided", "n", dcr_annex_num(a, (double)undecided)));
    else
        dcr_annex_mark(a, DCR_MARK_PASS, T("criteria.met"));
}

/* No policy limits inference: what was found is said, and is the same for everybody. */
static void inference_cell(dcr_annex *a)
{
    size_t n = 0, places = 0;
    const dcr_annex_rule *r = dcr_annex_rules(a, "inference", NULL, &n);
    bool matters = false;
    for (size_t i = 0; i < n; i++) {
        places += r[i].places - r[i].accepted;
        matters |= r[i].accepted < r[i].places &&
                   dcr_view_severity(dcr_view_str(r[i].first, "severity")) > 0;
    }
    if (places == 0)
        dcr_annex_mark(a, DCR_MARK_PASS, T("criteria.nothing"));
    else
        dcr_annex_mark(a, matters ? DCR_MARK_WARN : DCR_MARK_NOTE,
                       FILL("criteria.findings", "n", dcr_annex_num(a, (double)places)));
}

static void recipient_row(dcr_annex *a, const char *name, const json_t *row)
{
    dcr_annex_cell(a, name);
    criterion_cell(a, row, SINGLING);
    criterion_cell(a, row, LINKABILITY);
    inference_cell(a);
    criterion_cell(a, row, OTHER);
    dcr_annex_verdict(a, row);
}

/* Titles of criteria, or their ids where the policy in force has none of that id. */
static const char *titles_of(dcr_annex *a, const json_t *ids)
{
    const json_t *criteria = dcr_view_arr(a->page.verdict, "criteria"), *id;
    dcr_buf b = {0};
    const char *kept;
    size_t i;
    json_array_foreach(ids, i, id)
    {
        const char *s = json_is_string(id) ? json_string_value(id) : "?";
        const char *title = dcr_view_str(dcr_view_find(criteria, "id", s), "title");
        dcr_buf_fmt(&b, "%s%s", i > 0 ? "; " : "", title[0] != '\0' ? title : s);
    }
    a->b->failed |= b.failed;
    kept = b.p == NULL ? "" : dcr_blocks_keep(a->b, b.p);
    dcr_buf_clear(&b);
    return kept;
}

static void details(dcr_annex *a, const char *name, const json_t *row)
{
    const json_t *unmet = dcr_view_arr(row, "unmet"),
                 *undecided = dcr_view_arr(row, "undecided");
    if (json_array_size(unmet) > 0)
        dcr_annex_cell(
            a, FILL("criteria.detail_unmet", "who", name, "list", titles_of(a, unmet)));
    if (json_array_size(undecided) > 0)
        dcr_annex_cell(a, FILL("criteria.detail_undecided", "who", name, "list",
                               titles_of(a, undecided)));
}

void dcr_annex_criteria(dcr_annex *a)
{
    const json_t *all = dcr_view_arr(a->page.verdict, "recipients"), *r;
    json_t *own = json_array_size(all) == 0 ? policy_row(a) : NULL;
    const char *policy =
        FILL("criteria.policy_row", "policy", dcr_view_str(a->page.policy, "name"));
    size_t i;
    dcr_annex_head(a, T("criteria.title"));
    TABLE(T("criteria.caption"), "recipient", "singling-out", "linkability", "inference",
          "other", "verdict");
    json_array_foreach(all, i, r)
    {
        recipient_row(a, dcr_view_str(r, "name"), r);
    }
    if (own != NULL)
        recipient_row(a, policy, own);
    dcr_blocks_add(a->b, DCR_BLOCK_LIST, "");
    json_array_foreach(all, i, r)
    {
        details(a, dcr_view_str(r, "name"), r);
    }
    if (own != NULL)
        details(a, policy, own);
    dcr_annex_note(a, T("criteria.inference_note"));
    json_decref(own);
}

/* ---- common mistakes ---- */

typedef enum mistake { NOT_FOUND, FOUND, ACCEPTED, CANNOT_TELL } mistake;

/* A recipient outside to whom data go before anybody decided that they should. */
static bool undecided_recipient(const dcr_annex *a)
{
    const json_t *all = dcr_view_arr(a->project, "recipients"), *r;
    size_t i;
    json_array_foreach(all, i, r)
    {
        const json_t *decision = json_object_get(r, "decision");
        if (dcr_view_flag(r, "external", false) &&
            (decision == NULL || json_is_null(decision)))
            return true;
    }
    return false;
}

static mistake judge(const dcr_annex *a, const json_t *check)
{
    const char *needs = dcr_view_str(check, "needs");
    size_t accepted = 0;
    size_t open = dcr_annex_open_findings(a, dcr_view_arr(check, "rules"), &accepted);
    if (strcmp(needs, "recipients") == 0 && undecided_recipient(a))
        open++;
    if (open > 0)
        return FOUND;
    if (accepted > 0)
        return ACCEPTED;
    if (*needs != '\0' && dcr_annex_project(a, needs) == NULL)
        return CANNOT_TELL;
    return NOT_FOUND;
}

static size_t surviving_keys(const dcr_annex *a)
{
    const json_t *all = dcr_view_arr(a->page.doc, "link_keys"), *k;
    size_t i, n = 0;
    json_array_foreach(all, i, k)
    {
        const char *state = dcr_view_str(k, "state");
        n += strcmp(state, "replaced") != 0 && strcmp(state, "absent") != 0;
    }
    return n;
}

static void mistake_row(dcr_annex *a, const json_t *check)
{
    static const struct {
        dcr_mark mark;
        const char *word, *says;
    } how[] = {[NOT_FOUND] = {DCR_MARK_PASS, "mistakes.not_found", "not"},
               [FOUND] = {DCR_MARK_FAIL, "mistakes.found", "found"},
               [ACCEPTED] = {DCR_MARK_NOTE, "mistakes.accepted", "found"},
               [CANNOT_TELL] = {DCR_MARK_OPEN, "mistakes.cannot_tell", "open"}};
    const char *id = dcr_view_str(check, "id");
    mistake m = judge(a, check);
    char key[60], title[60];
    snprintf(title, sizeof title, "mistakes.%s", id);
    snprintf(key, sizeof key, "mistakes.%s_%s", id, how[m].says);
    dcr_annex_cell(a, id);
    dcr_annex_cell(a, dcr_annex_text(a, title));
    dcr_annex_mark(a, how[m].mark, dcr_annex_text(a, how[m].word));
    if (a->is_public && m == CANNOT_TELL)
        dcr_annex_cell(a, T("words.left_out"));
    else
        dcr_annex_cell(a,
                       dcr_annex_fill(a, key, "keys",
                                      dcr_annex_num(a, (double)surviving_keys(a)), END));
}

void dcr_annex_mistakes(dcr_annex *a)
{
    const json_t *all = dcr_view_arr(a->outline, "mistakes"), *m;
    size_t i;
    dcr_blocks_heading(a->b, 2, "mistakes", T("mistakes.title"));
    TABLE(T("mistakes.caption"), "id", "mistake", "check", "detail");
    json_array_foreach(all, i, m)
    {
        mistake_row(a, m);
    }
}

/* ---- evidence ---- */

static const char *root_name(dcr_annex *a, const json_t *dataset)
{
    const char *what = strcmp(dcr_view_str(dataset, "over"), "contents") == 0
                           ? T("evidence.root_content")
                           : T("evidence.root_headers");
    return dcr_view_flag(dataset, "keyed", false)
               ? FILL("evidence.root_keyed", "what", what)
               : what;
}

static void digest_row(dcr_annex *a, const char *what, const char *digest)
{
    dcr_annex_cell(a, what);
    dcr_annex_code(a, digest);
}

static void root_row(dcr_annex *a, const json_t *dataset)
{
    const char *root = dcr_view_str(dataset, "root");
    if (dataset == NULL)
        return;
    dcr_annex_cell(a, root_name(a, dataset));
    if (root[0] != '\0')
        dcr_annex_code(a, root);
    else
        dcr_annex_cell(a,
                       FILL("evidence.withheld", "why", dcr_view_str(dataset, "note")));
}

static void root_notes(dcr_annex *a, const json_t *dataset)
{
    double n;
    if (dcr_view_num(dataset, "without_content", &n) && n > 0 &&
        strcmp(dcr_view_str(dataset, "over"), "contents") == 0)
        dcr_annex_say(a, FILL("evidence.not_covered", "n", dcr_annex_num(a, n)));
    if (dcr_view_str(dataset, "root")[0] != '\0')
        dcr_annex_note(a, strcmp(dcr_view_str(dataset, "over"), "contents") == 0
                              ? T("evidence.meaning_content")
                              : T("evidence.meaning_headers"));
}

void dcr_annex_evidence(dcr_annex *a)
{
    const json_t *evidence = dcr_view_obj(a->page.doc, "evidence"),
                 *dataset = dcr_view_obj(evidence, "dataset"),
                 *tool = dcr_view_obj(a->page.doc, "tool");
    const char *project = dcr_view_str(evidence, "project");
    const char *policy = dcr_view_str(evidence, "policy"),
               *rules = dcr_view_str(evidence, "rules");
    dcr_blocks_heading(a->b, 2, "evidence", T("evidence.title"));
    dcr_annex_say(a, T("evidence.lead"));
    TABLE(T("evidence.caption"), "what", "digest");
    root_row(a, dataset);
    digest_row(a, T("evidence.report"), a->report_digest);
    digest_row(a,
               FILL("evidence.policy_word", "name", dcr_view_str(a->page.policy, "name")),
               policy[0] != '\0' ? policy : dcr_view_str(a->page.policy, "digest"));
    digest_row(a, T("evidence.rules"),
               rules[0] != '\0' ? rules
                                : dcr_view_str(dcr_view_obj(tool, "rules"), "digest"));
    dcr_annex_cell(a, T("evidence.project"));
    if (project[0] != '\0')
        dcr_annex_code(a, project);
    else
        dcr_annex_cell(a, ABSENT("evidence.no_project"));
    dcr_annex_cell(a, T("evidence.tool"));
    dcr_annex_cell(a, FILL("cover.tool_value", "version", dcr_view_str(tool, "version")));
    root_notes(a, dataset);
}

/* ---- summary ---- */

static void mistakes_fact(dcr_annex *a)
{
    const json_t *all = dcr_view_arr(a->outline, "mistakes"), *m;
    size_t i, found = 0, open = 0;
    json_array_foreach(all, i, m)
    {
        mistake j = judge(a, m);
        found += j == FOUND;
        open += j == CANNOT_TELL;
    }
    dcr_annex_fact(a, T("summary.mistakes"),
                   FILL("summary.mistakes_found", "found",
                        dcr_annex_num(a, (double)found), "open",
                        dcr_annex_num(a, (double)open), "all",
                        dcr_annex_num(a, (double)json_array_size(all))));
}

static void verdict_list(dcr_annex *a)
{
    const json_t *all = dcr_view_arr(a->page.verdict, "recipients"), *r;
    size_t i;
    if (json_array_size(all) == 0) {
        if (!a->is_public)
            dcr_annex_say(a, T("summary.no_recipient"));
        return;
    }
    TABLE(T("summary.verdicts"), "recipient", "policy", "adversary", "verdict");
    json_array_foreach(all, i, r)
    {
        dcr_annex_cell(a, dcr_view_str(r, "name"));
        dcr_annex_cell(a, dcr_view_str(r, "policy"));
        dcr_annex_cell(a, dcr_view_str(r, "adversary"));
        dcr_annex_verdict(a, r);
    }
}

void dcr_annex_front(dcr_annex *a)
{
    const json_t *d = a->page.dataset;
    const char *title = dcr_view_str(a->project, "title");
    dcr_blocks_heading(a->b, 1, NULL, T("document.title"));
    if (title[0] != '\0')
        dcr_annex_say(a, title);
    dcr_annex_note(a, FILL("document.made", "version",
                           dcr_view_str(dcr_view_obj(a->page.doc, "tool"), "version"),
                           "time", dcr_annex_day(a)));
    dcr_annex_say(a, a->is_public ? T("document.public") : T("document.lead"));
    dcr_blocks_heading(a->b, 2, "summary", T("summary.title"));
    dcr_blocks_add(a->b, DCR_BLOCK_FACTS, "");
    dcr_annex_cell(a, T("summary.gate"));
    gate_verdict(a);
    dcr_annex_fact(a, T("summary.policy"), dcr_view_str(a->page.policy, "name"));
    dcr_annex_fact(a, T("summary.patients"),
                   FILL("summary.patients_value", "patients",
                        dcr_annex_num_of(a, d, "subjects"), "studies",
                        dcr_annex_num_of(a, d, "studies"), "files",
                        dcr_annex_num_of(a, d, "files")));
    dcr_annex_fact(a, T("summary.answers"),
                   a->is_public ? T("words.left_out") : dcr_annex_missing(a));
    mistakes_fact(a);
    dcr_annex_say(a, dcr_view_str(a->page.verdict, "sentence"));
    verdict_list(a);
}

/* ---- 1. cover ---- */

void dcr_annex_cover(dcr_annex *a)
{
    const json_t *tool = dcr_view_obj(a->page.doc, "tool"),
                 *rules = dcr_view_obj(tool, "rules"), *p = a->page.policy,
                 *root = dcr_view_obj(dcr_view_obj(a->page.doc, "evidence"), "dataset");
    const char *title = dcr_view_str(a->project, "title");
    dcr_blocks_add(a->b, DCR_BLOCK_FACTS, "");
    dcr_annex_fact(a, T("cover.dataset"),
                   title[0] != '\0' ? title : ABSENT("words.not_named"));
    dcr_annex_cell(a, T("cover.time"));
    dcr_annex_code(a, dcr_view_str(dcr_view_obj(a->page.doc, "run"), "time"));
    dcr_annex_fact(a, T("cover.tool"),
                   FILL("cover.tool_value", "version", dcr_view_str(tool, "version")));
    dcr_annex_fact(a, T("cover.rules"),
                   FILL("cover.rules_value", "edition", dcr_view_str(rules, "edition"),
                        "digest", dcr_view_str(rules, "digest")));
    dcr_annex_fact(a, T("cover.policy"),
                   FILL("cover.policy_value", "name", dcr_view_str(p, "name"), "version",
                        dcr_view_str(p, "version"), "digest", dcr_view_str(p, "digest")));
    dcr_annex_cell(a, T("cover.gate"));
    gate_verdict(a);
    dcr_annex_fact(a, T("cover.files"),
                   FILL("cover.files_value", "files",
                        dcr_annex_num_of(a, a->page.dataset, "files"), "bytes",
                        dcr_annex_num_of(a, a->page.dataset, "bytes")));
    dcr_annex_cell(a, T("cover.root"));
    if (dcr_view_str(root, "root")[0] != '\0')
        dcr_annex_code(a, dcr_view_str(root, "root"));
    else
        dcr_annex_cell(a, ABSENT("words.none"));
}
