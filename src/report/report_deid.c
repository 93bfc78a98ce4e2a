/* Whose work the files are: groups of series that were de-identified alike. */
#include "parts.h"

/* Rows of the list; a release that was worked on in more ways than this has other
 * worries.
 */
enum { MOST = 100 };

static json_t *text_or_null(const char *s)
{
    return s[0] == '\0' ? json_null() : json_string(s);
}

static json_t *declared(const dcr_deid_cluster *c)
{
    json_t *codes = json_array();
    for (size_t i = 0; i < c->n_codes; i++)
        json_array_append_new(codes, json_string(c->codes[i]));
    return json_pack("{s:s, s:s, s:s, s:o, s:o}", "identity_removed", c->identity_removed,
                     "temporal", c->temporal, "method", c->method, "names",
                     text_or_null(c->named), "codes", codes);
}

static json_t *row(const dcr_deid_cluster *c)
{
    return json_pack("{s:o, s:o, s:s, s:o, s:i, s:i, s:i, s:f}", "tool",
                     text_or_null(c->tool), "declared", declared(c), "uids", c->uids,
                     "doubt", text_or_null(c->doubt), "series", (int)c->series, "studies",
                     (int)c->studies, "subjects", (int)c->subjects, "share", c->share);
}

dcr_status dcr_report_deid(json_t *doc, const dcr_report_input *in, dcr_err *err)
{
    json_t *list;
    if (in->deid == NULL)
        return DCR_OK;
    list = json_array();
    for (size_t i = 0; i < in->deid->n && i < MOST; i++) {
        if (json_array_append_new(list, row(&in->deid->list[i])) == 0)
            continue;
        json_decref(list);
        return dcr_nomem(err);
    }
    return dcr_put(doc, "deid_clusters", list, err);
}
