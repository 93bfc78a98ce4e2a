/* JUnit's XML, one test case a criterion of the gate, for the many programs that show it.
 *
 * There is no standard: this is what both windyroad's JUnit.xsd and the junit-10.xsd of
 * Jenkins take, so `testsuites` is bare and `time` is always there. */
#include <libxml/xmlwriter.h>
#include <stdio.h>
#include <string.h>

#include "dcmrisk/report.h"
#include "html.h"
#include "json_view.h"

enum { MAX_CASES = 1000, MAX_TEXT = 2000 };

typedef struct junit {
    xmlTextWriterPtr w;
    dcr_buf text;
    bool failed; /* no memory: it is written to memory first */
} junit;

static const xmlChar *x(const char *s)
{
    return (const xmlChar *)s;
}

static void took(junit *j, int rc)
{
    j->failed = j->failed || rc < 0;
}

/* The text as one line of clean UTF-8; lent until the next call. */
static const char *token(junit *j, const char *s)
{
    size_t n = strlen(s);
    j->text.n = 0;
    dcr_html_clean(&j->text, s, n > MAX_TEXT ? MAX_TEXT : n);
    if (j->text.failed)
        j->failed = true;
    if (j->text.failed || j->text.n == 0)
        return "";
    for (size_t i = 0; i < j->text.n; i++)
        if (j->text.p[i] == '\n' || j->text.p[i] == '\t')
            j->text.p[i] = ' ';
    return j->text.p;
}

static void begin(junit *j, const char *name)
{
    took(j, xmlTextWriterStartElement(j->w, x(name)));
}

static void end(junit *j)
{
    took(j, xmlTextWriterEndElement(j->w));
}

static void attr(junit *j, const char *name, const char *value)
{
    took(j, xmlTextWriterWriteAttribute(j->w, x(name), x(token(j, value))));
}

static void attr_count(junit *j, const char *name, size_t n)
{
    char s[DCR_NUM_MAX];
    snprintf(s, sizeof s, "%zu", n);
    attr(j, name, s);
}

/* ---- the gate ---- */

typedef enum outcome { PASSED, SKIPPED, FAILED, ERROR, N_OUTCOMES } outcome;
static const char *const element_of[] = {NULL, "skipped", "failure", "error"};

static outcome outcome_of(const char *result)
{
    return strcmp(result, "pass") == 0       ? PASSED
           : strcmp(result, "accepted") == 0 ? SKIPPED
           : strcmp(result, "reported") == 0 ? SKIPPED
           : strcmp(result, "fail") == 0     ? FAILED
           : strcmp(result, "review") == 0   ? FAILED
                                             : ERROR;
}

static void write_case(junit *j, const char *id, const char *title, const char *result,
                       const char *text)
{
    char class_name[160];
    outcome h = outcome_of(result);
    snprintf(class_name, sizeof class_name, "dcmrisk.gate.%.100s",
             id[0] == '\0' ? "criterion" : id);
    begin(j, "testcase");
    attr(j, "classname", class_name);
    attr(j, "name", title[0] == '\0' ? class_name : title);
    attr(j, "time", "0");
    if (h != PASSED) {
        begin(j, element_of[h]);
        attr(j, "message", text);
        if (h != SKIPPED) {
            attr(j, "type", result[0] == '\0' ? "inconclusive" : result);
            took(j, xmlTextWriterWriteString(j->w, x(token(j, text))));
        }
        end(j);
    }
    end(j);
}

/* A verdict that no criterion explains is a case of its own: what is not passed never
 * looks so. */
static bool unexplained(const json_t *verdict, const size_t count[N_OUTCOMES])
{
    return strcmp(dcr_view_str(verdict, "result"), "pass") != 0 && count[FAILED] == 0 &&
           count[ERROR] == 0;
}

static size_t count_cases(const json_t *verdict, size_t count[N_OUTCOMES])
{
    const json_t *all = dcr_view_arr(verdict, "criteria");
    size_t n = json_array_size(all);
    n = n > MAX_CASES ? MAX_CASES : n;
    for (size_t i = 0; i < n; i++)
        count[outcome_of(dcr_view_result(json_array_get(all, i)))]++;
    if (unexplained(verdict, count)) {
        count[outcome_of(dcr_view_str(verdict, "result"))]++;
        return n + 1;
    }
    return n;
}

static void write_cases(junit *j, const json_t *verdict)
{
    const json_t *all = dcr_view_arr(verdict, "criteria");
    size_t count[N_OUTCOMES] = {0}, n = json_array_size(all);
    char text[MAX_TEXT];
    n = n > MAX_CASES ? MAX_CASES : n;
    for (size_t i = 0; i < n; i++) {
        const json_t *c = json_array_get(all, i);
        const char *result = dcr_view_result(c);
        dcr_view_measured(text, sizeof text, c);
        write_case(j, dcr_view_str(c, "id"), dcr_view_str(c, "title"), result, text);
        count[outcome_of(result)]++;
    }
    if (unexplained(verdict, count))
        write_case(j, "verdict", "the gate", dcr_view_str(verdict, "result"),
                   dcr_view_str(verdict, "sentence"));
}

/* ---- the suite ---- */

static void property(junit *j, const char *name, const char *value)
{
    begin(j, "property");
    attr(j, "name", name);
    attr(j, "value", value);
    end(j);
}

static void properties(junit *j, const json_t *report)
{
    const json_t *policy = dcr_view_obj(report, "policy"),
                 *tool = dcr_view_obj(report, "tool");
    begin(j, "properties");
    property(j, "policy", dcr_view_str(policy, "name"));
    property(j, "policy.digest", dcr_view_str(policy, "digest"));
    property(j, "dcmrisk", dcr_view_str(tool, "version"));
    property(j, "verdict", dcr_view_str(dcr_view_obj(report, "verdict"), "result"));
    end(j);
}

/* "2026-11-27T14:52:58" of the time of the run; the form has no room for "unknown". */
static void timestamp(junit *j, const json_t *report)
{
    static const char form[] = "dddd-dd-ddTdd:dd:dd";
    const char *time = dcr_view_str(dcr_view_obj(report, "run"), "time");
    char s[sizeof form] = "1970-01-01T00:00:00";
    size_t i = 0;
    for (; form[i] != '\0'; i++) {
        bool digit = time[i] >= '0' && time[i] <= '9';
        if (form[i] == 'd' ? !digit : time[i] != form[i])
            break;
    }
    if (form[i] == '\0')
        memcpy(s, time, i);
    attr(j, "timestamp", s);
}

static void suite(junit *j, const json_t *report)
{
    const json_t *verdict = dcr_view_obj(report, "verdict");
    size_t count[N_OUTCOMES] = {0}, n = count_cases(verdict, count);
    begin(j, "testsuite");
    attr(j, "id", "0");
    attr(j, "package", "dcmrisk");
    attr(j, "name", "dcmrisk.gate");
    timestamp(j, report);
    attr(j, "hostname", "localhost");
    attr_count(j, "tests", n);
    attr_count(j, "failures", count[FAILED]);
    attr_count(j, "errors", count[ERROR]);
    attr_count(j, "skipped", count[SKIPPED]);
    attr(j, "time", "0");
    properties(j, report);
    write_cases(j, verdict);
    begin(j, "system-out");
    took(j,
         xmlTextWriterWriteString(j->w, x(token(j, dcr_view_str(verdict, "sentence")))));
    end(j);
    begin(j, "system-err");
    end(j);
    end(j);
}

static dcr_status write_junit(const json_t *report, const dcr_render *how, FILE *out,
                              dcr_err *err)
{
    xmlBufferPtr memory = xmlBufferCreate();
    junit j = {.w = memory == NULL ? NULL : xmlNewTextWriterMemory(memory, 0)};
    dcr_status st = DCR_OK;
    (void)how;
    if (j.w == NULL) {
        xmlBufferFree(memory);
        return dcr_nomem(err);
    }
    took(&j, xmlTextWriterSetIndent(j.w, 1));
    took(&j, xmlTextWriterStartDocument(j.w, NULL, "UTF-8", NULL));
    begin(&j, "testsuites");
    suite(&j, report);
    end(&j);
    took(&j, xmlTextWriterEndDocument(j.w));
    xmlFreeTextWriter(j.w); /* flushes */
    if (j.failed)
        st = dcr_nomem(err);
    else if (fwrite(memory->content, 1, memory->use, out) != memory->use ||
             fflush(out) != 0)
        st = dcr_fail(err, DCR_EIO, "junit.xml", "cannot write");
    dcr_buf_clear(&j.text);
    xmlBufferFree(memory);
    return st;
}

const dcr_format dcr_format_junit = {
    .id = "junit",
    .title = "JUnit XML: one test case a criterion",
    .file = {{"junit.xml", write_junit}},
};
