/* A sample report, rendered and looked into: for the tests of formats. */
#ifndef FORMAT_SCENE_H
#define FORMAT_SCENE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "dcmrisk/report.h"

#define SAMPLE "tests/web/sample.json"

static inline json_t *sample(void)
{
    json_error_t e;
    json_t *j = json_load_file(SAMPLE, 0, &e);
    if (j == NULL)
        fail_msg("%s:%d: %s", SAMPLE, e.line, e.text);
    return j;
}

static inline char *render(const char *id, const json_t *j, size_t *n)
{
    char *p = NULL;
    dcr_err err = {0};
    const dcr_format *f = dcr_format_find(id);
    assert_non_null(f);
    FILE *out = open_memstream(&p, n);
    dcr_status rc = dcr_format_write(f, j, &(dcr_render){0}, out, &err);
    fclose(out);
    if (rc != DCR_OK)
        fail_msg("%s: %d %s %s", id, rc, err.where, err.text);
    return p;
}

static inline xmlDocPtr html(const json_t *j)
{
    size_t n;
    char *p = render("html", j, &n);
    const int quiet =
        XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_HUGE;
    xmlDocPtr d = xmlReadMemory(p, (int)n, "r", "UTF-8", quiet);
    assert_non_null(d);
    assert_null(strstr(p, "=\"nan"));
    free(p);
    return d;
}

static inline double number(xmlDocPtr d, const char *xpath)
{
    xmlXPathContextPtr c = xmlXPathNewContext(d);
    xmlXPathObjectPtr o = xmlXPathEvalExpression((const xmlChar *)xpath, c);
    assert_non_null(o);
    double v = xmlXPathCastToNumber(o);
    xmlXPathFreeObject(o);
    xmlXPathFreeContext(c);
    return v;
}

static inline bool holds(xmlDocPtr d, const char *xpath)
{
    xmlXPathContextPtr c = xmlXPathNewContext(d);
    xmlXPathObjectPtr o = xmlXPathEvalExpression((const xmlChar *)xpath, c);
    assert_non_null(o);
    bool v = xmlXPathCastToBoolean(o);
    xmlXPathFreeObject(o);
    xmlXPathFreeContext(c);
    return v;
}
#define HOLDS(d, xpath) assert_true(holds(d, xpath))

/* Sets sample[a][b] (b NULL: sample[a]); steals v. */
static inline void put(json_t *j, const char *a, const char *b, json_t *v)
{
    json_t *o = b == NULL ? j : json_object_get(j, a);
    assert_int_equal(json_object_set_new(o, b == NULL ? a : b, v), 0);
}

#endif
