/* The state of each link key. */
#include <string.h>

#include "parts.h"

static json_t *text_or_null(const char *s)
{
    return *s == '\0' ? json_null() : json_string(s);
}

static json_t *count(uint64_t n)
{
    return json_integer((json_int_t)n);
}

static json_t *states_of(const dcr_link_key *k)
{
    json_t *o = json_object();
    for (int s = DCR_LINK_UNKNOWN; s < DCR_LINK_N; s++)
        json_object_set_new(o, dcr_link_state_name((dcr_link_state)s),
                            count(k->in_state[s]));
    return o;
}

static json_t *one(const dcr_link_key *k, const char *path)
{
    const dcr_attr *a = k->attr;
    return json_pack(
        "{s:s, s:o, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "path", path, "keyword",
        a->keyword == NULL ? json_null() : json_string(a->keyword), "kind",
        k->uid ? "uid" : "number", "state", dcr_link_state_name(k->state), "scheme",
        text_or_null(k->scheme), "scheme_title", text_or_null(k->scheme_title), "values",
        count(k->values), "states", states_of(k), "subjects", count(a->value_subjects),
        "detail", text_or_null(k->detail));
}

dcr_status dcr_report_links(json_t *doc, const dcr_report_input *in,
                            const dcr_names *names, dcr_err *err)
{
    const dcr_link_keys *l = in->links;
    json_t *list = json_array();
    for (size_t i = 0; l != NULL && i < l->n; i++)
        if (json_array_append_new(
                list,
                one(&l->list[i], names->path[l->list[i].attr - in->model->attrs])) != 0) {
            json_decref(list);
            return dcr_nomem(err);
        }
    return dcr_put(doc, "link_keys", list, err);
}
