#include "regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "alloc.h"

enum { MATCH_LIMIT = 20000 };

struct dcr_regex {
    pcre2_code *code;
    pcre2_match_context *limits;
};

dcr_status dcr_regex_new(dcr_regex **out, const dcr_rule_file *file, const char *text,
                         dcr_err *err)
{
    dcr_regex *p = dcr_alloc(1, sizeof *p);
    PCRE2_SIZE at = 0;
    int code = 0;
    *out = NULL;
    if (p == NULL)
        return dcr_nomem(err);
    p->code = pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED, PCRE2_CASELESS,
                            &code, &at, NULL);
    p->limits = pcre2_match_context_create(NULL);
    if (p->code == NULL || p->limits == NULL) {
        bool wrong = p->code == NULL && code != PCRE2_ERROR_NOMEMORY;
        dcr_regex_free(p);
        return wrong ? dcr_rule_fail(file, text, err,
                                     "the pattern is wrong at character %zu", (size_t)at)
                     : dcr_nomem(err);
    }
    pcre2_set_match_limit(p->limits, MATCH_LIMIT);
    pcre2_set_depth_limit(p->limits, MATCH_LIMIT);
    *out = p;
    return DCR_OK;
}

void dcr_regex_free(dcr_regex *p)
{
    if (p == NULL)
        return;
    pcre2_code_free(p->code);
    pcre2_match_context_free(p->limits);
    dcr_free(p);
}

bool dcr_regex_in(const dcr_regex *p, const uint8_t *text, size_t n)
{
    pcre2_match_data *found = pcre2_match_data_create_from_pattern(p->code, NULL);
    int rc;
    if (found == NULL)
        return true;
    rc = pcre2_match(p->code, n == 0 ? (PCRE2_SPTR) "" : text, n, 0, 0, found, p->limits);
    pcre2_match_data_free(found);
    return rc != PCRE2_ERROR_NOMATCH;
}
