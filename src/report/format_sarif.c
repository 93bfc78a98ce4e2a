/* SARIF 2.1.0, as code scanning on GitHub takes it.
 *
 * A result is a rule at an attribute, never a file or a value.  Every result has a place,
 * or the whole file would be refused: report.json, which says the same at length.  There
 * is no automationDetails.id, so that the category of the upload holds. */
#include <stdio.h>
#include <string.h>

#include "dcmrisk/report.h"
#include "hash.h"
#include "html.h"
#include "json_view.h"
#include "md.h"
#include "plural.h"

enum {
    MAX_RESULTS = 5000, /* GitHub shows no more */
    MAX_TEXT = 1000,    /* characters of a text */
    MAX_NAME = 200,
    MAX_REFERENCES = 10
};

typedef struct sarif {
    const json_t *report;
    const dcr_render *how;
    json_t *rules, *results; /* arrays */
    json_t *rule_at;         /* id of a rule -> its place in `rules` */
    json_t *keywords;        /* path -> keyword */
    bool baseline;           /* the report was held against one */
    size_t left_out, open;   /* results that no suppression covers */
    bool failed;             /* no memory */
    dcr_buf text;
} sarif;

static const char *const levels[] = {"note", "note", "warning", "error", "error"};
/* GitHub: over 9.0 critical, 7.0 high, 4.0 medium. */
static const char *const scores[] = {NULL, "2.0", "5.5", "8.0", "9.5"};
enum { HIGH = 3 };

static void put(sarif *s, json_t *object, const char *key, json_t *value)
{
    if (value == NULL || json_object_set_new(object, key, value) != 0)
        s->failed = true;
}

static void add(sarif *s, json_t *list, json_t *value)
{
    if (value == NULL || json_array_append_new(list, value) != 0)
        s->failed = true;
}

/* A text of at most `max` characters, without anything that hides, reorders or links:
 * "[a](b)" in a message is a link. */
static json_t *clean(sarif *s, const char *text, size_t max)
{
    dcr_buf *b = &s->text;
    json_t *out;
    size_t n = 0, chars = 0;
    for (; text[n] != '\0'; n++) {
        chars += ((unsigned char)text[n] & 0xC0) != 0x80;
        if (chars > max)
            break;
    }
    b->n = 0;
    dcr_html_clean(b, text, n);
    if (text[n] != '\0')
        dcr_buf_str(b, "\xE2\x80\xA6");
    if (b->failed) {
        s->failed = true;
        return json_string("");
    }
    for (size_t i = 1; i < b->n; i++)
        if (b->p[i] == '(' && b->p[i - 1] == ']')
            b->p[i] = ' ';
    out = json_stringn(b->n == 0 ? "" : b->p, b->n);
    return out;
}

static json_t *message(sarif *s, const char *text)
{
    return json_pack("{s:o}", "text", clean(s, text, MAX_TEXT));
}

/* ---- rules ---- */

/* "direct-identifier-left" is DirectIdentifierLeft. */
static json_t *pascal(const char *id)
{
    char name[MAX_NAME + 1];
    size_t n = 0;
    bool up = true;
    for (; *id != '\0' && n < MAX_NAME; id++) {
        char c = *id;
        bool small = c >= 'a' && c <= 'z';
        if (small || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) {
            name[n++] = (char)(up && small ? c - 'a' + 'A' : c);
            up = false;
        } else
            up = true;
    }
    return json_stringn(n == 0 ? "Rule" : name, n == 0 ? 4 : n);
}

typedef struct about { /* of a rule */
    const char *id, *title, *why, *remedy, *tag;
    const json_t *references;
    int severity;
} about;

static json_t *help_markdown(sarif *s, const about *a)
{
    char *p = NULL;
    size_t n = 0;
    json_t *out = NULL;
    FILE *f = open_memstream(&p, &n);
    dcr_md *m = f == NULL ? NULL : dcr_md_new(f);
    if (m != NULL) {
        dcr_md_para(m);
        dcr_md_cut(m, a->why, MAX_TEXT);
        dcr_md_para(m);
        dcr_md_strong(m, "What to do:");
        dcr_md_text(m, " ");
        dcr_md_cut(m, a->remedy, MAX_TEXT);
        if (json_array_size(a->references) > 0)
            dcr_md_list(m, DCR_MD_BULLET);
        for (size_t i = 0; i < json_array_size(a->references) && i < MAX_REFERENCES;
             i++) {
            const char *r = json_string_value(json_array_get(a->references, i));
            dcr_md_item(m);
            dcr_md_cut(m, r == NULL ? "" : r, MAX_NAME);
        }
        if (json_array_size(a->references) > 0)
            dcr_md_list_end(m);
        if (dcr_md_end(m, NULL) == DCR_OK && fflush(f) == 0)
            out = json_stringn(p, n);
    }
    dcr_md_free(m);
    if (f != NULL)
        fclose(f);
    free(p); /* lint: ok, of open_memstream */
    s->failed = s->failed || out == NULL;
    return out == NULL ? json_string("") : out;
}

static json_t *tags(const about *a)
{
    return json_pack("[s, s, s, s]", "privacy", "security", "dicom", a->tag);
}

static void rate(sarif *s, json_t *rule, int severity)
{
    put(s, rule, "defaultConfiguration", json_pack("{s:s}", "level", levels[severity]));
    if (scores[severity] != NULL)
        put(s, json_object_get(rule, "properties"), "security-severity",
            json_string(scores[severity]));
}

static json_t *new_rule(sarif *s, const about *a)
{
    char help[2 * MAX_TEXT];
    json_t *rule = json_object();
    snprintf(help, sizeof help, "%s %s", a->why, a->remedy);
    put(s, rule, "id", clean(s, a->id, MAX_NAME));
    put(s, rule, "name", pascal(a->id));
    put(s, rule, "shortDescription", message(s, a->title));
    put(s, rule, "fullDescription", message(s, a->why[0] == '\0' ? a->title : a->why));
    put(s, rule, "help",
        json_pack("{s:o, s:o}", "text", clean(s, help, MAX_TEXT), "markdown",
                  help_markdown(s, a)));
    put(s, rule, "properties",
        json_pack("{s:o, s:s}", "tags", tags(a), "precision", "high"));
    rate(s, rule, a->severity);
    return rule;
}

/* The place of a rule in the list; it is as severe as the worst of its results. */
static size_t rule_index(sarif *s, const about *a)
{
    const json_t *known = json_object_get(s->rule_at, a->id);
    size_t at =
        known == NULL ? json_array_size(s->rules) : (size_t)json_integer_value(known);
    if (known == NULL) {
        add(s, s->rules, new_rule(s, a));
        put(s, s->rule_at, a->id, json_integer((json_int_t)at));
    } else if (a->severity > 0) {
        json_t *rule = json_array_get(s->rules, at);
        const char *now =
            dcr_view_str(json_object_get(rule, "properties"), "security-severity");
        if (strcmp(now, scores[a->severity]) < 0)
            rate(s, rule, a->severity);
    }
    return at;
}

/* ---- results ---- */

/* Of what it is about, never of what was found: the same in the next run. */
static json_t *fingerprints(sarif *s, const char *rule, const char *path)
{
    char hex[33];
    dcr_buf b = {0};
    json_t *out = NULL;
    dcr_buf_fmt(&b, "%s:%s", rule, path);
    if (!b.failed) {
        dcr_hash128_hex(dcr_hash128_of(b.p, b.n), hex);
        /* GitHub's own key: else it would hash a line of a file that it does not have. */
        out = json_pack("{s:s, s:s%}", "dcmriskFinding/v1", hex,
                        "primaryLocationLineHash", hex, (size_t)16);
    }
    dcr_buf_clear(&b);
    s->failed = s->failed || out == NULL;
    return out;
}

static json_t *place(sarif *s, const char *name, const char *full, const char *kind)
{
    return json_pack("[{s:{s:{s:s}, s:{s:i}}, s:[{s:o, s:o, s:s}]}]", "physicalLocation",
                     "artifactLocation", "uri", "report.json", "region", "startLine", 1,
                     "logicalLocations", "name", clean(s, name, MAX_NAME),
                     "fullyQualifiedName", clean(s, full, MAX_NAME), "kind", kind);
}

/* How a result stands to the baseline; all results say it, or none. */
static void put_state(sarif *s, json_t *result, const char *state)
{
    if (s->baseline)
        put(s, result, "baselineState",
            json_string(strcmp(state, "known") == 0   ? "unchanged"
                        : strcmp(state, "worse") == 0 ? "updated"
                                                      : "new"));
}

static void suppress(sarif *s, json_t *result, const char *why)
{
    put(s, result, "suppressions",
        json_pack("[{s:s, s:s, s:o}]", "kind", "external", "status", "accepted",
                  "justification", clean(s, why, MAX_TEXT)));
}

static json_t *new_result(sarif *s, const about *a, const char *text, json_t *where,
                          const char *path)
{
    size_t at = rule_index(s, a);
    json_t *r =
        json_pack("{s:o, s:I, s:s, s:s, s:o, s:o}", "ruleId", clean(s, a->id, MAX_NAME),
                  "ruleIndex", (json_int_t)at, "level", levels[a->severity], "kind",
                  "fail", "message", message(s, text), "locations", where);
    if (r == NULL)
        s->failed = true;
    else
        put(s, r, "partialFingerprints", fingerprints(s, a->id, path));
    return r;
}

static void say_count(const json_t *f, const char *key, const char *unit, dcr_buf *b,
                      const char **before)
{
    char n[DCR_NUM_MAX];
    double v;
    if (!dcr_view_num(f, key, &v))
        return;
    dcr_view_fixed(n, v, 0);
    dcr_buf_fmt(b, "%s%s %s", *before, n, dcr_plural(v, unit));
    *before = ", ";
}

static json_t *finding_result(sarif *s, const json_t *f, const about *a)
{
    const char *path = dcr_view_str(f, "path"),
               *keyword = dcr_view_str(s->keywords, path), *before = ": ";
    dcr_buf b = {0};
    json_t *where, *r;
    dcr_buf_fmt(&b, "%s", a->title);
    if (path[0] != '\0')
        dcr_buf_fmt(&b, " in '%.200s'%s%s%s", path, keyword[0] == '\0' ? "" : " (",
                    keyword, keyword[0] == '\0' ? "" : ")");
    say_count(f, "subjects", "patients", &b, &before);
    before = before[0] == ':' ? before : " in ";
    say_count(f, "series", "series", &b, &before);
    say_count(f, "files", "files", &b, &before);
    dcr_buf_char(&b, '.');
    where = path[0] == '\0'
                ? place(s, "dataset", "dataset", "resource")
                : place(s, keyword[0] == '\0' ? path : keyword, path, "member");
    r = new_result(s, a, b.failed ? "" : b.p, where, path);
    s->failed = s->failed || b.failed;
    dcr_buf_clear(&b);
    return r;
}

static void add_finding(sarif *s, const json_t *f)
{
    about a = {.id = dcr_view_str(f, "rule"),
               .title = dcr_view_str(f, "title"),
               .why = dcr_view_str(f, "why"),
               .remedy = dcr_view_str(f, "remedy"),
               .tag = dcr_view_str(f, "criterion"),
               .references = dcr_view_arr(f, "references"),
               .severity = dcr_view_severity(dcr_view_str(f, "severity"))};
    const char *accepted = dcr_view_str(f, "acceptance");
    double files;
    json_t *r;
    if (accepted[0] != '\0' && !s->how->sarif_accepted)
        return;
    if (json_array_size(s->results) >= MAX_RESULTS) {
        s->left_out++;
        return;
    }
    r = finding_result(s, f, &a);
    if (r == NULL)
        return;
    if (dcr_view_num(f, "files", &files) && files >= 1)
        put(s, r, "occurrenceCount", json_integer((json_int_t)files));
    put_state(s, r, dcr_view_str(f, "baseline"));
    if (accepted[0] != '\0')
        suppress(s, r, accepted);
    else
        s->open++;
    add(s, s->results, r);
}

/* ---- the gate ---- */

/* Whether findings that stand in the list say what a criterion says. */
static bool told_by_findings(const sarif *s, const char *criterion)
{
    const json_t *all = dcr_view_arr(s->report, "findings");
    for (size_t i = 0; i < json_array_size(all); i++) {
        const json_t *f = json_array_get(all, i);
        if (strcmp(dcr_view_str(f, "gate"), criterion) == 0 &&
            dcr_view_str(f, "acceptance")[0] == '\0')
            return true;
    }
    return false;
}

static void add_gate_result(sarif *s, const char *id, const char *title, const char *text,
                            const json_t *criterion)
{
    char rule[MAX_NAME];
    const char *state = dcr_view_str(criterion, "baseline");
    about a = {.id = rule,
               .title = title,
               .why = "The policy sets a limit, and the release does not keep it, or "
                      "cannot be shown to keep it.",
               .remedy = "Open the report: next steps say what would help, and what it "
                         "would change.",
               .tag = "gate",
               .severity = HIGH};
    json_t *r;
    snprintf(rule, sizeof rule, "gate-%.*s", MAX_NAME - 6, id);
    r = new_result(s, &a, text, place(s, id, rule, "resource"), "");
    if (r == NULL)
        return;
    put_state(s, r, state);
    if (criterion != NULL && !dcr_view_red(criterion))
        suppress(s, r, dcr_view_str(criterion, "why"));
    else
        s->open++;
    add(s, s->results, r);
}

/* Criteria that no finding tells of. */
static void add_gate(sarif *s)
{
    const json_t *verdict = dcr_view_obj(s->report, "verdict"),
                 *all = dcr_view_arr(verdict, "criteria");
    for (size_t i = 0; i < json_array_size(all) && i < MAX_RESULTS; i++) {
        const json_t *c = json_array_get(all, i);
        const char *id = dcr_view_str(c, "id"), *word = dcr_view_str(c, "result");
        bool accepted = strcmp(word, "accepted") == 0;
        char text[MAX_TEXT], measured[500];
        if (strcmp(word, "pass") == 0 || (accepted && !s->how->sarif_accepted) ||
            (dcr_view_red(c) && told_by_findings(s, id)))
            continue;
        dcr_view_measured(measured, sizeof measured, c);
        snprintf(text, sizeof text, "%.200s: %s (%.20s).", dcr_view_str(c, "title"),
                 measured, word);
        add_gate_result(s, id, dcr_view_str(c, "title"), text, c);
    }
}

/* A gate that is not passed never gives an empty list. */
static void add_verdict(sarif *s)
{
    const json_t *verdict = dcr_view_obj(s->report, "verdict");
    if (s->open == 0 && strcmp(dcr_view_str(verdict, "result"), "pass") != 0)
        add_gate_result(s, "verdict", "The gate is not passed",
                        dcr_view_str(verdict, "sentence"), NULL);
}

/* ---- the run ---- */

static json_t *notifications(sarif *s)
{
    json_t *out = json_array();
    double unread;
    char text[200], n[DCR_NUM_MAX];
    if (dcr_view_num(dcr_view_obj(s->report, "dataset"), "unreadable_files", &unread) &&
        unread > 0) {
        dcr_view_fixed(n, unread, 0);
        snprintf(text, sizeof text, "%s %s not read to the end.", n,
                 unread == 1 ? "file was" : "files were");
        add(s, out,
            json_pack("{s:s, s:o}", "level", "warning", "message", message(s, text)));
    }
    if (s->left_out > 0) {
        snprintf(text, sizeof text, "%zu more %s %s in report.json.", s->left_out,
                 dcr_plural((double)s->left_out, "findings"),
                 dcr_plural((double)s->left_out, "are"));
        add(s, out,
            json_pack("{s:s, s:o}", "level", "note", "message", message(s, text)));
    }
    return out;
}

static json_t *invocation(sarif *s)
{
    const json_t *verdict = dcr_view_obj(s->report, "verdict");
    const char *result = dcr_view_str(verdict, "result");
    bool pass = strcmp(result, "pass") == 0, fail = strcmp(result, "fail") == 0;
    return json_pack("{s:b, s:i, s:s, s:o}", "executionSuccessful", 1, "exitCode",
                     pass   ? 0
                     : fail ? 1
                            : 3,
                     "exitCodeDescription",
                     pass   ? "the gate passes"
                     : fail ? "the gate fails"
                            : "the gate is inconclusive",
                     "toolExecutionNotifications", notifications(s));
}

static json_t *document(sarif *s)
{
    const json_t *all = dcr_view_arr(s->report, "findings");
    const char *version = dcr_view_str(dcr_view_obj(s->report, "tool"), "version");
    json_t *driver;
    add_gate(s);
    for (size_t i = 0; i < json_array_size(all); i++)
        add_finding(s, json_array_get(all, i));
    add_verdict(s);
    driver = json_pack("{s:s, s:O}", "name", "dcmrisk", "rules", s->rules);
    if (version[0] != '\0')
        put(s, driver, "version", clean(s, version, MAX_NAME));
    return json_pack("{s:s, s:s, s:[{s:{s:o}, s:[o], s:s, s:O}]}", "$schema",
                     "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/"
                     "sarif-schema-2.1.0.json",
                     "version", "2.1.0", "runs", "tool", "driver", driver, "invocations",
                     invocation(s), "columnKind", "utf16CodeUnits", "results",
                     s->results);
}

static dcr_status write_sarif(const json_t *report, const dcr_render *how, FILE *out,
                              dcr_err *err)
{
    const size_t flags = JSON_INDENT(1) | JSON_ENSURE_ASCII;
    sarif s = {.report = report,
               .how = how,
               .rules = json_array(),
               .results = json_array(),
               .rule_at = json_object(),
               .keywords = dcr_view_keywords(report),
               .baseline = dcr_view_obj(report, "baseline") != NULL};
    json_t *doc = NULL;
    dcr_status st = DCR_OK;
    if (s.rules != NULL && s.results != NULL && s.rule_at != NULL && s.keywords != NULL)
        doc = document(&s);
    if (doc == NULL || s.failed)
        st = dcr_nomem(err);
    else if (json_dumpf(doc, out, flags) != 0 || fputc('\n', out) == EOF ||
             fflush(out) != 0)
        st = dcr_fail(err, DCR_EIO, "report.sarif", "cannot write");
    json_decref(doc);
    json_decref(s.rules);
    json_decref(s.results);
    json_decref(s.rule_at);
    json_decref(s.keywords);
    dcr_buf_clear(&s.text);
    return st;
}

const dcr_format dcr_format_sarif = {
    .id = "sarif",
    .title = "SARIF 2.1.0, for code scanning",
    .file = {{"report.sarif", write_sarif}},
};
