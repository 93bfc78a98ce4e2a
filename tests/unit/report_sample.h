/* The sample report, what formats make of it, and ways to spoil it. */
#ifndef DCR_TEST_REPORT_SAMPLE_H
#define DCR_TEST_REPORT_SAMPLE_H

#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* ---- spoiling ---- */

static uint32_t seed = 7;
static inline uint32_t any(uint32_t below)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % below;
}

static inline json_t *odd_value(void)
{
    switch (any(9)) {
    case 0:
        return json_null();
    case 1:
        return json_true();
    case 2:
        return json_real(1e308);
    case 3:
        return json_integer(-5);
    case 4:
        return json_string("<img src=x onerror=alert(1)>");
    case 5:
        return json_object();
    case 6:
        return json_array();
    case 7:
        return json_integer(0);
    default:
        return json_real(-1e-9);
    }
}

/* Walks down at random and replaces what it meets at a random depth. */
static inline void spoil(json_t *j)
{
    json_t *at = j;
    for (int depth = 0; depth < 12; depth++) {
        json_t *next = NULL;
        if (json_is_array(at) && json_array_size(at) > 0) {
            size_t i = any((uint32_t)json_array_size(at));
            next = json_array_get(at, i);
            if (any(4) == 0 || !(json_is_object(next) || json_is_array(next))) {
                json_array_set_new(at, i, odd_value());
                return;
            }
        } else if (json_is_object(at) && json_object_size(at) > 0) {
            size_t skip_n = any((uint32_t)json_object_size(at));
            void *it = json_object_iter(at);
            while (skip_n-- > 0)
                it = json_object_iter_next(at, it);
            next = json_object_iter_value(it);
            if (any(5) == 0 || !(json_is_object(next) || json_is_array(next))) {
                json_object_iter_set_new(at, it, odd_value());
                return;
            }
        }
        if (next == NULL)
            return;
        at = next;
    }
}

/* Every string of the report turned into an attack. */
static inline void poison(json_t *j)
{
    static const char x[] = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
                            "\xE2\x80\xAE\x1B[2J";
    const char *key;
    json_t *v;
    size_t i;
    if (json_is_string(j))
        json_string_set(j, x);
    if (json_is_object(j)) {
        json_object_foreach(j, key, v) poison(v);
    }
    if (json_is_array(j)) {
        json_array_foreach(j, i, v) poison(v);
    }
}

#endif
