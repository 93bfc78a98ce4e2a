#include "link_key.h"

#include <string.h>

#include "dcmrisk/scan.h"
#include "detect.h"

/* Fewer than this many numbers cannot be told from a counter. */
enum { COUNTER_MIN = 3 };

dcr_link_state dcr_link_uid(const dcr_uid_root *root, const uint8_t *p, size_t n)
{
    uint8_t uuid[16];
    if (root != NULL && strcmp(root->kind, "vendor") == 0)
        return DCR_LINK_SOURCE_LIKE;
    if (root != NULL && strcmp(root->kind, "registry") == 0)
        return DCR_LINK_ABSENT;
    if (dcr_uid_uuid(p, n, uuid))
        return DCR_LINK_REPLACED;
    return root != NULL ? DCR_LINK_REPLACED : DCR_LINK_UNKNOWN;
}

/* Digits only, or digits behind one to four letters; *value is the number, up to 15
 * digits. */
static bool number_of(const uint8_t *p, size_t n, size_t *digits, uint64_t *value)
{
    size_t i = 0, len;
    while (i < n && i < 4 && dcr_is_letter(p[i]))
        i++;
    if (i > 0 && i < n && (p[i] == '-' || p[i] == '_' || p[i] == ' '))
        i++;
    len = dcr_digit_run(p, n, i, 16);
    if (len == 0 || len > 15 || i + len != n)
        return false;
    *digits = len;
    *value = 0;
    for (size_t k = i; k < n; k++)
        *value = *value * 10 + (uint64_t)(p[k] - '0');
    return true;
}

static bool usable(const dcr_value *v)
{
    return dcr_value_real(v) && (v->flags & (DCR_VALUE_BINARY | DCR_VALUE_DIGEST)) == 0;
}

/* True when the numbers fill their range at least by half: 1001, 1002, 1004, ...  A
 * hospital's numbers of a cohort are scattered. */
static bool is_counter(const dcr_attr *a)
{
    uint64_t lo = UINT64_MAX, hi = 0, n = 0;
    for (size_t i = 0; i < a->n_values; i++) {
        const dcr_value *v = &a->values[i];
        uint64_t value;
        size_t digits;
        if (!usable(v) || !number_of(v->bytes, v->len, &digits, &value))
            continue;
        lo = value < lo ? value : lo;
        hi = value > hi ? value : hi;
        n++;
    }
    return n >= COUNTER_MIN && hi - lo < 2 * n;
}

/* 123-45-6789 and 19600402-1234: numbers that a state or a hospital gives. */
static bool grouped(const uint8_t *p, size_t n)
{
    return memchr(p, '-', n) != NULL && dcr_is_record_number(p, n);
}

static dcr_link_state judge(const dcr_value *v, size_t min_digits, bool counter)
{
    size_t digits = 0;
    uint64_t value;
    if (!usable(v))
        return DCR_LINK_ABSENT;
    if (number_of(v->bytes, v->len, &digits, &value)) {
        if (counter)
            return DCR_LINK_REPLACED;
        return digits >= min_digits && digits <= 12 ? DCR_LINK_SOURCE_LIKE
                                                    : DCR_LINK_UNKNOWN;
    }
    return grouped(v->bytes, v->len) ? DCR_LINK_SOURCE_LIKE : DCR_LINK_UNKNOWN;
}

dcr_link_state dcr_link_ids(const dcr_attr *a, size_t min_digits, dcr_link_state *state)
{
    dcr_link_state worst = DCR_LINK_ABSENT;
    bool counter = is_counter(a);
    for (size_t i = 0; i < a->n_values; i++) {
        state[i] = judge(&a->values[i], min_digits, counter);
        if (state[i] > worst)
            worst = state[i];
    }
    return worst;
}
