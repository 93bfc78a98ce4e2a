/* Serial numbers of devices in UIDs: what PS3.5 Annex B suggests, and makers do. */
#include <string.h>

#include "alloc.h"
#include "detect.h"
#include "link_judge.h"

enum {
    ARC_DIGITS_MIN = 4,    /* a whole arc that is the serial number */
    INSIDE_DIGITS_MIN = 6, /* or inside of a longer one */
    SHARE_MIN = 5          /* per cent of the UIDs: chance hits fewer */
};

static bool digits_of(const dcr_value *v, uint8_t out[32], size_t *n)
{
    *n = 0;
    if (!dcr_value_real(v) || !dcr_value_text(v))
        return false;
    for (uint32_t i = 0; i < v->len; i++) {
        if (!dcr_is_digit(v->bytes[i]))
            continue;
        if (*n == 32)
            return false;
        out[(*n)++] = v->bytes[i];
    }
    return *n >= ARC_DIGITS_MIN;
}

static bool holds(const uint8_t *uid, size_t n, const uint8_t *serial, size_t len)
{
    for (size_t i = 0; i + len <= n; i++) {
        if (uid[i] != serial[0] || memcmp(uid + i, serial, len) != 0)
            continue;
        bool from = i == 0 || uid[i - 1] == '.';
        bool to = i + len == n || uid[i + len] == '.';
        if ((from && to) || len >= INSIDE_DIGITS_MIN)
            return true;
    }
    return false;
}

/* Per series its DeviceSerialNumber's place among the values + 1, 0 none. */
static dcr_status serial_of_series(const dcr_model *m, const dcr_attr *a, uint32_t **out,
                                   dcr_err *err)
{
    *out = dcr_alloc(m->n_series, sizeof **out);
    if (*out == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; i < a->n_values; i++)
        for (uint32_t k = 0; a->values[i].in_series != NULL && k < a->values[i].series;
             k++)
            (*out)[a->values[i].in_series[k]] = (uint32_t)i + 1;
    return DCR_OK;
}

dcr_status dcr_link_serials(dcr_link_judge *j, dcr_link_judged *k, const dcr_attr *a,
                            dcr_err *err)
{
    const dcr_attr *serials = dcr_model_attr(j->model, "0018,1000");
    uint64_t n = 0;
    uint32_t *of;
    dcr_status st;
    if (serials == NULL)
        return DCR_OK;
    st = serial_of_series(j->model, serials, &of, err);
    k->has_serial = dcr_arena_alloc(&j->arena, a->n_values, sizeof *k->has_serial);
    if (st == DCR_OK && k->has_serial == NULL)
        st = dcr_nomem(err);
    for (size_t i = 0; st == DCR_OK && i < a->n_values; i++) {
        const dcr_value *v = &a->values[i];
        uint8_t digits[32];
        size_t len;
        if (!dcr_value_real(v) || !dcr_value_text(v) || v->series == 0 ||
            v->in_series == NULL)
            continue;
        n++;
        if (of[v->in_series[0]] == 0 ||
            !digits_of(&serials->values[of[v->in_series[0]] - 1], digits, &len) ||
            !holds(v->bytes, v->len, digits, len))
            continue;
        k->has_serial[i] = true;
        k->serials++;
    }
    if (k->serials * 100 < SHARE_MIN * n) {
        k->serials = 0;
        k->has_serial = NULL;
    }
    dcr_free(of);
    return st;
}
