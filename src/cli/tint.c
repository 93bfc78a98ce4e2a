#include "tint.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "term.h"

static const struct {
    const char *word;
    dcr_tint tint;
} results[] = {{"pass", DCR_TINT_GREEN},
               {"accepted", DCR_TINT_GREEN},
               {"fail", DCR_TINT_RED},
               {"review", DCR_TINT_YELLOW},
               {"inconclusive", DCR_TINT_YELLOW}};

/* A result is a whole word: "fail" of "failing" is none. */
static size_t result_at(const char *line, size_t n, dcr_tint *tint)
{
    for (size_t i = 0; i < sizeof results / sizeof *results; i++) {
        size_t len = strlen(results[i].word);
        if (n <= len || strncasecmp(line, results[i].word, len) != 0 ||
            (line[len] != ' ' && line[len] != ':'))
            continue;
        *tint = results[i].tint;
        return len;
    }
    return 0;
}

void dcr_print_tinted_line(FILE *out, const char *line, size_t n)
{
    dcr_tint tint = DCR_TINT_OFF;
    size_t len = result_at(line, n, &tint);
    if (len > 0) {
        fputs(dcr_term_tint(true, DCR_TINT_BOLD), out);
        fputs(dcr_term_tint(true, tint), out);
        fwrite(line, 1, len, out);
        fputs(dcr_term_tint(true, DCR_TINT_OFF), out);
    }
    fwrite(line + len, 1, n - len, out);
    fputc('\n', out);
}

dcr_status dcr_print_tinted(const dcr_format *f, const json_t *report, dcr_err *err)
{
    char *text = NULL;
    size_t n = 0;
    FILE *memory = open_memstream(&text, &n);
    dcr_status rc;
    if (memory == NULL)
        return dcr_nomem(err);
    rc = dcr_format_write(f, report, &(dcr_render){0}, memory, err);
    if (fclose(memory) != 0 && rc == DCR_OK)
        rc = dcr_nomem(err);
    for (size_t at = 0; rc == DCR_OK && at < n;) {
        const char *end = memchr(text + at, '\n', n - at);
        size_t len = end == NULL ? n - at : (size_t)(end - text) - at;
        dcr_print_tinted_line(stdout, text + at, len);
        at += len + 1;
    }
    free(text); /* lint: ok, open_memstream's own allocation */
    return rc;
}
