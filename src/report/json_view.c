#include "json_view.h"
#include "plural.h"

#include <inttypes.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define NNBSP "\xE2\x80\xAF" /* U+202F */

const json_t *dcr_view_obj(const json_t *o, const char *key)
{
    const json_t *v = json_object_get(o, key);
    return json_is_object(v) ? v : NULL;
}

const json_t *dcr_view_arr(const json_t *o, const char *key)
{
    const json_t *v = json_object_get(o, key);
    return json_is_array(v) ? v : NULL;
}

const char *dcr_view_str(const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));
    return s == NULL ? "" : s;
}

static bool number(const json_t *v, double *out)
{
    *out = json_is_number(v) ? json_number_value(v) : 0;
    if (json_is_number(v) && isfinite(*out))
        return true;
    *out = 0;
    return false;
}

bool dcr_view_num(const json_t *o, const char *key, double *out)
{
    return number(json_object_get(o, key), out);
}

bool dcr_view_flag(const json_t *o, const char *key, bool other)
{
    const json_t *v = json_object_get(o, key);
    return json_is_boolean(v) ? json_is_true(v) : other;
}

bool dcr_view_public(const json_t *report)
{
    const json_t *options = dcr_view_obj(dcr_view_obj(report, "run"), "options");
    return strcmp(dcr_view_str(options, "audience"), "public") == 0;
}

const json_t *dcr_view_find(const json_t *arr, const char *key, const char *value)
{
    for (size_t i = 0; i < json_array_size(arr); i++) {
        const json_t *e = json_array_get(arr, i);
        const json_t *v = json_object_get(e, key);
        if (json_is_string(v) && strcmp(json_string_value(v), value) == 0)
            return e;
    }
    return NULL;
}

/* ---- numbers ---- */

void dcr_view_fixed(char out[DCR_NUM_MAX], double v, int decimals)
{
    static const uint64_t pow10[] = {1, 10, 100, 1000, 10000, 100000, 1000000};
    decimals = decimals < 0 ? 0 : decimals > 6 ? 6 : decimals;
    /* printf("%f") follows the locale, so the digits are made here. */
    double m = fabs(v) * (double)pow10[decimals];
    if (!(m < 9e15)) {
        snprintf(out, DCR_NUM_MAX, "%s", v < 0 ? "under -9e15" : "over 9e15");
        return;
    }
    uint64_t u = (uint64_t)llround(m);
    const char *sign = v < 0 && u > 0 ? "-" : "";
    if (decimals == 0)
        snprintf(out, DCR_NUM_MAX, "%s%" PRIu64, sign, u);
    else
        snprintf(out, DCR_NUM_MAX, "%s%" PRIu64 ".%0*" PRIu64, sign, u / pow10[decimals],
                 decimals, u % pow10[decimals]);
}

void dcr_view_count(char out[DCR_NUM_MAX], double v)
{
    char digits[DCR_NUM_MAX];
    size_t n = 0;
    double whole = floor(v);
    if (fabs(v) < 9e15 && v != whole) {
        dcr_view_fixed(out, v, 3);
        return;
    }
    dcr_view_fixed(digits, v, 0);
    size_t len = strlen(digits), first = digits[0] == '-' ? 1 : 0;
    bool grouped = strspn(digits + first, "0123456789") == len - first;
    for (size_t i = 0; i < len && n + 4 < DCR_NUM_MAX; i++) {
        if (grouped && i > first && (len - i) % 3 == 0) {
            memcpy(out + n, NNBSP, 3);
            n += 3;
        }
        out[n++] = digits[i];
    }
    out[n] = '\0';
}

void dcr_view_short(char out[DCR_NUM_MAX], double v)
{
    if (!(v >= 99999.5)) {
        dcr_view_count(out, v);
        return;
    }
    bool mega = v >= 999500;
    double u = v / (mega ? 1e6 : 1e3);
    dcr_view_fixed(out, u, mega && u < 100 ? 1 : 0);
    size_t n = strlen(out);
    if (n + 1 < DCR_NUM_MAX) {
        out[n] = mega ? 'M' : 'k';
        out[n + 1] = '\0';
    }
}

void dcr_view_percent(char out[DCR_NUM_MAX], double share)
{
    char s[DCR_NUM_MAX];
    const char *before = "";
    double p = share * 100;
    if (p > 0 && p < 0.1) {
        before = "under ";
        p = 0.1;
    } else if (p < 100 && p > 99.9) {
        before = "over ";
        p = 99.9;
    }
    dcr_view_fixed(s, p, p == 0 || p == 100 ? 0 : 1);
    snprintf(out, DCR_NUM_MAX, "%s%.32s\xC2\xA0%%", before, s);
}

void dcr_view_risk(char out[DCR_NUM_MAX], double r)
{
    if (r > 0 && r < 0.0001)
        snprintf(out, DCR_NUM_MAX, "under 0.0001");
    else
        dcr_view_fixed(out, r, r >= 0.0995 || r == 0 ? 2 : r >= 0.00995 ? 3 : 4);
}

void dcr_view_scalar(char *out, size_t size, const json_t *v, const char *unit,
                     const char *none)
{
    char s[DCR_NUM_MAX];
    double d;
    if (json_is_string(v)) {
        snprintf(out, size, "%s", json_string_value(v));
        return;
    }
    if (json_is_boolean(v)) {
        snprintf(out, size, "%s", json_is_true(v) ? "yes" : "no");
        return;
    }
    if (!number(v, &d)) {
        snprintf(out, size, "%s", none);
        return;
    }
    if (strcmp(unit, "share") == 0 || strcmp(unit, "%") == 0) {
        dcr_view_percent(s, unit[0] == '%' ? d / 100 : d);
        snprintf(out, size, "%s", s);
    } else if (strcmp(unit, "risk") == 0 || strcmp(unit, "probability") == 0) {
        dcr_view_risk(s, d);
        snprintf(out, size, "%s", s);
    } else {
        dcr_view_count(s, d);
        snprintf(out, size, "%s%s%s", s, unit[0] == '\0' ? "" : "\xC2\xA0",
                 dcr_plural(d, unit));
    }
}

void dcr_view_words(char *out, size_t size, const char *name)
{
    size_t i = 0;
    for (; name[i] != '\0' && i + 1 < size; i++)
        out[i] = name[i] == '_' ? ' ' : name[i];
    out[i] = '\0';
}

void dcr_view_lower(char *out, size_t size, const char *title)
{
    char next = title[0] == '\0' ? '\0' : title[1];
    snprintf(out, size, "%s", title);
    if (size > 1 && out[0] >= 'A' && out[0] <= 'Z' &&
        (next == ' ' || (next >= 'a' && next <= 'z')))
        out[0] = (char)(out[0] - 'A' + 'a');
}

/* ---- the gate ---- */

int dcr_view_severity(const char *severity)
{
    static const char *const names[] = {"low", "medium", "high", "critical"};
    for (int i = 0; i < 4; i++)
        if (strcmp(severity, names[i]) == 0)
            return i + 1;
    return 0;
}

const char *dcr_view_result(const json_t *criterion)
{
    const char *result = dcr_view_str(criterion, "result");
    return strcmp(result, "pass") == 0 &&
                   json_is_null(json_object_get(criterion, "limit"))
               ? "reported"
               : result;
}

bool dcr_view_red(const json_t *criterion)
{
    const char *result = dcr_view_str(criterion, "result");
    return strcmp(result, "pass") != 0 && strcmp(result, "accepted") != 0;
}

void dcr_view_measured(char *out, size_t size, const json_t *criterion)
{
    const char *unit = dcr_view_str(criterion, "unit"),
               *why = dcr_view_str(criterion, "why");
    char found[160], limit[160];
    dcr_view_scalar(found, sizeof found, json_object_get(criterion, "found"), unit,
                    DCR_NOT_TOLD);
    dcr_view_scalar(limit, sizeof limit, json_object_get(criterion, "limit"),
                    strcmp(unit, "risk") == 0 || strcmp(unit, "share") == 0 ? unit : "",
                    "none");
    snprintf(out, size, "%s, limit %s%s%s", found, limit, why[0] == '\0' ? "" : "; ",
             why);
}

json_t *dcr_view_keywords(const json_t *report)
{
    const json_t *all = dcr_view_arr(report, "attributes");
    json_t *out = json_object();
    for (size_t i = 0; out != NULL && i < json_array_size(all); i++) {
        const json_t *a = json_array_get(all, i);
        const char *path = dcr_view_str(a, "path"), *word = dcr_view_str(a, "keyword");
        if (path[0] == '\0' || word[0] == '\0')
            continue;
        if (json_object_set_new(out, path, json_string(word)) != 0) {
            json_decref(out);
            out = NULL;
        }
    }
    return out;
}
