/* What the search for hidden identifiers found, and k without it. */
#include <stdio.h>
#include <string.h>

#include "parts.h"

const char *dcr_names_path(const dcr_names *n, const dcr_model *m, const char *path)
{
    const dcr_attr *a = dcr_model_attr(m, path);
    return a == NULL || n->path == NULL ? path : n->path[a - m->attrs];
}

/* A probability so small that nobody reads its digits. */
static double p_value(double p)
{
    return p < 1e-12 ? 1e-12 : p;
}

/* What has a verdict; of what has none, only elements of unknown meaning. */
static bool listed(const dcr_attr *a, const dcr_hidden_attr *h)
{
    if (h->verdict == DCR_HIDDEN_CANNOT_TELL)
        return a->is_private || a->role == DCR_ROLE_UNKNOWN;
    return h->verdict != DCR_HIDDEN_NONE;
}

static json_t *one(const char *path, const dcr_hidden_attr *h)
{
    bool told = h->verdict != DCR_HIDDEN_CANNOT_TELL;
    return json_pack(
        "{s:s, s:s, s:s?, s:o, s:o, s:I, s:I, s:I, s:I, s:b}", "path", path, "verdict",
        dcr_hidden_name(h->verdict), "note", h->note[0] == '\0' ? NULL : h->note, "p",
        told ? json_real(p_value(h->p)) : json_null(), "q",
        told ? json_real(p_value(h->q)) : json_null(), "pairs", (json_int_t)h->subjects,
        "agree", (json_int_t)h->agree, "people", (json_int_t)h->people, "distinct",
        (json_int_t)h->distinct, "repeats_patient_id", (int)h->repeats_key);
}

static dcr_status put_search(json_t *doc, const dcr_report_input *in,
                             const dcr_names *names, dcr_err *err)
{
    const dcr_hidden *h = in->hidden;
    json_t *list = json_array();
    json_int_t open = 0;
    for (size_t i = 0; i < h->n_attrs; i++) {
        open += h->attrs[i].verdict == DCR_HIDDEN_CANNOT_TELL;
        if (!listed(&in->model->attrs[i], &h->attrs[i]))
            continue;
        if (json_array_append_new(list, one(names->path[i], &h->attrs[i])) != 0) {
            json_decref(list);
            return dcr_nomem(err);
        }
    }
    return dcr_put(doc, "hidden_search",
                   json_pack("{s:f, s:I, s:I, s:I, s:I, s:o}", "q", h->params.q,
                             "subjects", (json_int_t)h->sampled, "repeated",
                             (json_int_t)h->repeated, "tested", (json_int_t)h->tested,
                             "cannot_tell", open, "attributes", list),
                   err);
}

static dcr_status put_carriers(json_t *doc, const dcr_report_input *in,
                               const dcr_names *names, dcr_err *err)
{
    json_t *list = json_array();
    for (size_t i = 0; in->hidden != NULL && i < in->hidden->n_carriers; i++) {
        const dcr_found_carrier *f = &in->hidden->carriers[i];
        const dcr_concept *c = &in->model->concepts[f->carrier.concept];
        const char *path = dcr_names_path(names, in->model, f->carrier.path);
        if (json_array_append_new(
                list, json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:b}", "path", path,
                                "concept", c->id, "title", c->title, "evidence",
                                f->evidence, "subjects", (json_int_t)f->subjects,
                                "studies", (json_int_t)f->studies, "used", f->used)) !=
            0) {
            json_decref(list);
            return dcr_nomem(err);
        }
    }
    return dcr_put(doc, "carriers_found", list, err);
}

static json_t *without(const dcr_report_input *in)
{
    const dcr_without_found *w = in->without;
    json_t *below = json_object();
    if (in->hidden == NULL || w == NULL) {
        json_decref(below);
        return json_null();
    }
    for (size_t b = 0; b < DCR_BELOW_N; b++) {
        char key[16];
        snprintf(key, sizeof key, "%u", dcr_below[b]);
        json_object_set_new(below, key, json_integer(w->below[b]));
    }
    return json_pack("{s:s, s:o, s:I, s:o}", "adversary",
                     dcr_policy_adversary(in->policy)->id, "k_min",
                     w->k_min == 0 ? json_null() : json_integer(w->k_min),
                     "unique_subjects", (json_int_t)w->below[0], "below", below);
}

dcr_status dcr_report_hidden(json_t *doc, const dcr_report_input *in,
                             const dcr_names *names, dcr_err *err)
{
    dcr_status rc = in->hidden == NULL ? dcr_put(doc, "hidden_search", json_null(), err)
                                       : put_search(doc, in, names, err);
    if (rc == DCR_OK)
        rc = put_carriers(doc, in, names, err);
    return rc == DCR_OK ? dcr_put(doc, "without_found_carriers", without(in), err) : rc;
}
