/* A short summary for a terminal of 80 columns. */
#include <stdio.h>
#include <string.h>

#include "dcmrisk/report.h"
#include "html.h"
#include "json_view.h"
#include "plural.h"

enum { WIDTH = 80, MAX_ROWS = 60 };

typedef struct text {
    FILE *out;
    dcr_buf clean; /* text made harmless for a terminal */
} text;

/* Characters of UTF-8 text; every one is taken for one column. */
static size_t columns(const char *s, size_t n)
{
    size_t c = 0;
    for (size_t i = 0; i < n; i++)
        c += ((unsigned char)s[i] & 0xC0) != 0x80;
    return c;
}

/* Bytes of the longest start of s that fills at most `max` columns. */
static size_t fitting(const char *s, size_t max)
{
    size_t i = 0, c = 0;
    for (; s[i] != '\0'; i++) {
        c += ((unsigned char)s[i] & 0xC0) != 0x80;
        if (c > max)
            break;
    }
    return i;
}

/* The text without controls, newlines as blanks; lent until the next call. */
static const char *harmless(text *t, const char *s)
{
    t->clean.n = 0;
    dcr_html_clean(&t->clean, s, strlen(s));
    if (t->clean.failed || t->clean.n == 0)
        return "";
    for (size_t i = 0; i < t->clean.n; i++)
        if (t->clean.p[i] == '\n' || t->clean.p[i] == '\t')
            t->clean.p[i] = ' ';
    return t->clean.p;
}

static void pad(text *t, size_t n)
{
    while (n-- > 0)
        fputc(' ', t->out);
}

/* Text in lines of WIDTH columns, `indent` blanks before each but the first. */
static void wrapped(text *t, const char *s, size_t at, size_t indent)
{
    const char *p = harmless(t, s);
    while (*p != '\0') {
        size_t n = strcspn(p, " "), c;
        size_t room = WIDTH - indent;
        if (columns(p, n) > room)
            n = fitting(p, room);
        c = columns(p, n);
        if (at > indent && at + 1 + c > WIDTH) {
            fputc('\n', t->out);
            pad(t, indent);
            at = indent;
        } else if (at > indent) {
            fputc(' ', t->out);
            at++;
        }
        fwrite(p, 1, n, t->out);
        at += c;
        p += n;
        p += strspn(p, " ");
    }
    fputc('\n', t->out);
}

/* Text in exactly `width` columns, cut with "~" when longer. */
static void column(text *t, const char *s, size_t width, bool right)
{
    const char *p = harmless(t, s);
    size_t n = strlen(p), c = columns(p, n);
    if (c > width) {
        fwrite(p, 1, fitting(p, width - 1), t->out);
        fputc('~', t->out);
        return;
    }
    pad(t, right ? width - c : 0);
    fwrite(p, 1, n, t->out);
    pad(t, right ? 0 : width - c);
}

static const char *word(const json_t *verdict)
{
    const char *r = dcr_view_str(verdict, "result");
    return strcmp(r, "pass") == 0   ? "PASS"
           : strcmp(r, "fail") == 0 ? "FAIL"
                                    : "INCONCLUSIVE";
}

static void count(const json_t *o, const char *key, const char *unit, char *line,
                  size_t size)
{
    char s[DCR_NUM_MAX];
    double v;
    size_t n = strlen(line);
    if (!dcr_view_num(o, key, &v))
        return;
    dcr_view_fixed(s, v, 0);
    snprintf(line + n, size - n, "%s%s %s", n > 0 ? ", " : "", s, dcr_plural(v, unit));
}

static void header(text *t, const json_t *report)
{
    const json_t *d = dcr_view_obj(report, "dataset"),
                 *p = dcr_view_obj(report, "policy");
    const json_t *v = dcr_view_obj(report, "verdict");
    const char *name = dcr_view_str(p, "name");
    char line[300] = "";
    fputs(word(v), t->out);
    fputc(':', t->out);
    wrapped(t, dcr_view_str(v, "sentence"), strlen(word(v)) + 1, 2);
    fputc('\n', t->out);
    count(d, "subjects", "patients", line, sizeof line);
    count(d, "studies", "studies", line, sizeof line);
    count(d, "files", "files", line, sizeof line);
    count(d, "unreadable_files", "not read to the end", line, sizeof line);
    count(d, "other_files", "not DICOM", line, sizeof line);
    size_t n = strlen(line);
    snprintf(line + n, sizeof line - n, "%spolicy %.60s %.30s", n > 0 ? "; " : "",
             name[0] != '\0' ? name : "not named", dcr_view_str(p, "version"));
    wrapped(t, line, 0, 0);
}

static void criterion(text *t, const json_t *c)
{
    const char *unit = dcr_view_str(c, "unit"), *title = dcr_view_str(c, "title");
    bool percent = strcmp(unit, "share") == 0 || strcmp(unit, "%") == 0;
    char s[160];
    column(t, dcr_view_result(c), 12, false);
    fputs("  ", t->out);
    column(t, title[0] != '\0' ? title : dcr_view_str(c, "id"), 38, false);
    fputs("  ", t->out);
    dcr_view_scalar(s, sizeof s, json_object_get(c, "found"), percent ? unit : "", "-");
    column(t, s, 12, true);
    fputs("  ", t->out);
    dcr_view_scalar(s, sizeof s, json_object_get(c, "limit"), percent ? unit : "",
                    "none");
    column(t, s, 12, true);
    fputc('\n', t->out);
}

static void criteria(text *t, const json_t *all)
{
    size_t n = json_array_size(all);
    if (n == 0)
        return;
    fputc('\n', t->out);
    column(t, "result", 12, false);
    fputs("  ", t->out);
    column(t, "criterion", 38, false);
    fputs("         found         limit\n", t->out);
    for (size_t i = 0; i < n && i < MAX_ROWS; i++)
        criterion(t, json_array_get(all, i));
    if (n > MAX_ROWS)
        fprintf(t->out, "(%zu more in report.json)\n", n - MAX_ROWS);
}

static void steps(text *t, const json_t *report)
{
    const json_t *all = dcr_view_arr(report, "steps");
    size_t n = json_array_size(all);
    if (n == 0)
        return;
    fputs("\nNext steps\n", t->out);
    for (size_t i = 0; i < n && i < 12; i++) {
        const json_t *s = json_array_get(all, i);
        char line[1600], before[160], after[160];
        bool reached = dcr_view_flag(s, "reaches_target", false);
        dcr_view_scalar(before, sizeof before, json_object_get(s, "before"), "", "");
        dcr_view_scalar(after, sizeof after, json_object_get(s, "after"), "", "");
        snprintf(line, sizeof line, "%.1000s%s%s%s%s%s%s", dcr_view_str(s, "change"),
                 before[0] != '\0' ? " (" : "", before, after[0] != '\0' ? " -> " : "",
                 after, before[0] != '\0' ? ")" : "",
                 reached ? ": reaches the policy's target" : "");
        fprintf(t->out, "%2zu. ", i + 1);
        wrapped(t, line, 4, 4);
    }
    if (json_array_size(dcr_view_arr(report, "whatif")) > 0) {
        fputc('\n', t->out);
        wrapped(t, dcr_view_str(report, "whatif_note"), 0, 0);
    }
}

static dcr_status write_text(const json_t *report, const dcr_render *how, FILE *out,
                             dcr_err *err)
{
    (void)how;
    text t = {.out = out};
    header(&t, report);
    criteria(&t, dcr_view_arr(dcr_view_obj(report, "verdict"), "criteria"));
    steps(&t, report);
    bool failed = t.clean.failed;
    dcr_buf_clear(&t.clean);
    if (failed)
        return dcr_nomem(err);
    if (fflush(out) != 0 || ferror(out))
        return dcr_fail(err, DCR_EIO, "report.txt", "cannot write");
    return DCR_OK;
}

const dcr_format dcr_format_text = {
    .id = "text",
    .title = "a summary for a terminal",
    .file = {{"report.txt", write_text}},
};
