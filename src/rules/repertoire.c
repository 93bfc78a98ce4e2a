/* What the characters of a value may be. */
#include <string.h>

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

bool dcr_vr_any_text(const char *vr)
{
    return repertoire(vr) == NULL;
}

bool dcr_value_fits(const char *vr, const dcr_value *v)
{
    const char *may = repertoire(vr);
    bool begun = false, over = false; /* of one of several values */
    if (may == NULL || !dcr_value_text(v))
        return true;
    for (size_t i = 0; i < v->len; i++) {
        char c = (char)v->bytes[i];
        if (c == '\\') {
            begun = over = false;
        } else if (c == ' ' || c == '\0') {
            over = begun;
        } else if (over || strchr(may, c) == NULL) {
            return false; /* padding is at the ends */
        } else {
            begun = true;
        }
    }
    return true;
}
