/* What the characters of a value may be. */
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "dcmrisk/scan.h"

/* The characters of PS3.5, 6.2, and those that dates, times and numbers are wrongly
 * written with and stay what they are.  NULL: any text. */
static const char *repertoire(const char *vr)
{
    static const char numbers[] = "0123456789+-.einfa"; /* as the reader writes them */
    static const struct {
        char vr[3];
        const char *may;
    } list[] = {
        {"UI", "0123456789."},
        {"DS", "0123456789+-.Ee"},
        {"IS", "0123456789+-"},
        {"DA", "0123456789.-:/"},
        {"TM", "0123456789.-:"},
        {"DT", "0123456789+-.:/TZ"},
        {"AS", "0123456789DWMY"},
        {"AT", "0123456789ABCDEF,"},
        {"FL", numbers},
        {"FD", numbers},
        {"SL", numbers},
        {"SS", numbers},
        {"SV", numbers},
        {"UL", numbers},
        {"US", numbers},
        {"UV", numbers},
        {"OD", ""},
        {"OF", ""},
        {"OL", ""},
        {"OV", ""},
        {"OW", ""},
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        if (strcmp(list[i].vr, vr) == 0)
            return list[i].may;
    return NULL;
}

/* The same as a table of bytes; false when any text may be there. */
static bool table_of(const char *vr, bool may[256])
{
    const char *list = repertoire(vr);
    memset(may, 0, 256);
    for (const char *p = list; p != NULL && *p != '\0'; p++)
        may[(uint8_t)*p] = true;
    return list != NULL;
}

static bool fits(const bool may[256], const dcr_value *v)
{
    bool begun = false, over = false; /* of one of several values */
    if (!dcr_value_text(v))
        return true;
    for (size_t i = 0; i < v->len; i++) {
        uint8_t c = v->bytes[i];
        if (may[c]) {
            if (over)
                return false; /* padding is at the ends */
            begun = true;
        } else if (c == '\\') {
            begun = over = false;
        } else if (c == ' ' || c == '\0') {
            over = begun;
        } else {
            return false;
        }
    }
    return true;
}

bool dcr_value_fits(const char *vr, const dcr_value *v)
{
    bool may[256];
    return !table_of(vr, may) || fits(may, v);
}

static bool has_misfit(const dcr_attr *a)
{
    bool may[256];
    if (!table_of(a->vr, may))
        return false;
    for (size_t i = 0; i < a->n_values; i++)
        if (!fits(may, &a->values[i]))
            return true;
    return false;
}

static dcr_status build(const dcr_check_run *c, void **out, dcr_err *err)
{
    const dcr_model *m = c->model;
    bool *list = dcr_alloc(m->n_attrs + 1, sizeof *list);
    *out = list;
    if (list == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; i < m->n_attrs; i++)
        list[i] = has_misfit(&m->attrs[i]);
    return DCR_OK;
}

dcr_status dcr_check_misfits(const dcr_check_run *c, const bool **out, dcr_err *err)
{
    void *p = NULL;
    dcr_status st = dcr_check_shared(c, DCR_SHARED_MISFITS, build, dcr_free, &p, err);
    *out = p;
    return st;
}
