#include "regex.h"

#include <stdio.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "alloc.h"

/* Patterns are ours or the user's, texts are hostile: steps and memory of one match. */
enum { MATCH_LIMIT = 20000, DEPTH_LIMIT = 500, HEAP_LIMIT_KIB = 256 };

struct dcr_regex {
    pcre2_general_context *memory;
    pcre2_code *code;
    pcre2_match_context *limits;
    pcre2_match_data *data;
};

static void *take(PCRE2_SIZE n, void *user)
{
    (void)user;
    return dcr_alloc(n, 1);
}

static void give(void *p, void *user)
{
    (void)user;
    dcr_free(p);
}

static dcr_status compile(dcr_regex *r, const char *pattern, char *why, size_t why_size,
                          dcr_err *err)
{
    pcre2_compile_context *c;
    PCRE2_SIZE at = 0;
    int code = 0;
    r->memory = pcre2_general_context_create(take, give, NULL);
    c = r->memory == NULL ? NULL : pcre2_compile_context_create(r->memory);
    if (c == NULL)
        return dcr_nomem(err);
    r->code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, PCRE2_CASELESS,
                            &code, &at, c);
    pcre2_compile_context_free(c);
    if (r->code == NULL) {
        PCRE2_UCHAR text[120];
        pcre2_get_error_message(code, text, sizeof text);
        snprintf(why, why_size, "%s at its character %zu", (const char *)text,
                 (size_t)at + 1);
        return code == PCRE2_ERROR_NOMEMORY || code == 121 /* compiling had no memory */
                   ? dcr_nomem(err)
                   : DCR_OK;
    }
    r->limits = pcre2_match_context_create(r->memory);
    r->data = pcre2_match_data_create(1, r->memory);
    if (r->limits == NULL || r->data == NULL)
        return dcr_nomem(err);
    pcre2_set_match_limit(r->limits, MATCH_LIMIT);
    pcre2_set_depth_limit(r->limits, DEPTH_LIMIT);
    pcre2_set_heap_limit(r->limits, HEAP_LIMIT_KIB);
    return DCR_OK;
}

dcr_status dcr_regex_new(dcr_regex **out, const char *pattern, char *why, size_t why_size,
                         dcr_err *err)
{
    dcr_regex *r = dcr_alloc(1, sizeof *r);
    dcr_status st = r == NULL ? dcr_nomem(err) : compile(r, pattern, why, why_size, err);
    *out = NULL;
    if (st != DCR_OK || r->code == NULL)
        dcr_regex_free(r);
    else
        *out = r;
    return st;
}

void dcr_regex_free(dcr_regex *r)
{
    if (r == NULL)
        return;
    pcre2_match_data_free(r->data);
    pcre2_match_context_free(r->limits);
    pcre2_code_free(r->code);
    pcre2_general_context_free(r->memory);
    dcr_free(r);
}

bool dcr_regex_match(const dcr_regex *r, const uint8_t *p, size_t n)
{
    return pcre2_match(r->code, n == 0 ? (PCRE2_SPTR) "" : p, n, 0, 0, r->data,
                       r->limits) >= 0;
}
