/* Every rule's own examples: those that must hit, those that must not. */
#include <string.h>

#include "check.h"
#include "example.h"

/* What is measured beside the model of an example. */
typedef struct measured {
    dcr_pixels *pixels;
    dcr_dates *dates;
    dcr_hidden *hidden;
    dcr_deid deid;
    dcr_link_keys *links;
} measured;

static dcr_status measure(measured *o, const dcr_rules *r, const dcr_example *e,
                          dcr_err *err)
{
    dcr_status st = dcr_pixels_examine(&o->pixels, r, &e->model, err);
    if (st == DCR_OK)
        st = dcr_dates_examine(&o->dates, &e->model, &r->date_lab, e->today, err);
    if (st == DCR_OK)
        st = dcr_hidden_search(&o->hidden, &e->model, dcr_rules_hidden(r), err);
    if (st == DCR_OK)
        st = dcr_deid_measure(&o->deid, r, &e->model, err);
    if (st == DCR_OK)
        st = dcr_link_keys_build(&o->links, r, &e->model, e->originals, err);
    return st;
}

static void measured_clear(measured *o)
{
    dcr_pixels_free(o->pixels);
    dcr_dates_free(o->dates);
    dcr_hidden_free(o->hidden);
    dcr_deid_clear(&o->deid);
    dcr_link_keys_free(o->links);
}

static dcr_status try_example(const dcr_rules *r, const dcr_rule *w,
                              const json_t *example, size_t i, bool want, dcr_err *err)
{
    dcr_findings f = {0};
    dcr_example e = {0};
    measured x = {0};
    size_t n = 0;
    dcr_status st = dcr_example_build(&e, r, w->file, example, err);
    if (st == DCR_OK)
        st = measure(&x, r, &e, err);
    if (st == DCR_OK) {
        const dcr_evidence all = {.model = &e.model,
                                  .pixels = x.pixels,
                                  .dates = x.dates,
                                  .hidden = x.hidden,
                                  .deid = &x.deid,
                                  .project = e.project,
                                  .paths = e.names == NULL ? NULL : &e.paths,
                                  .today = e.today,
                                  .links = x.links};
        st = dcr_rules_check(&f, r, &all, err);
    }
    for (size_t k = 0; st == DCR_OK && k < f.n; k++)
        n += strcmp(f.list[k].rule, w->id) == 0;
    if (st == DCR_OK && (n > 0) != want)
        st = dcr_rule_fail(w->file, want ? "hit" : "miss", err,
                           "example %zu of \"%s\" %s", i + 1, want ? "hit" : "miss",
                           want ? "is not found" : "is found");
    dcr_findings_clear(&f);
    measured_clear(&x);
    dcr_example_clear(&e);
    return st;
}

static dcr_status try_list(const dcr_rules *r, const dcr_rule *w, const json_t *examples,
                           bool want, dcr_err *err)
{
    const char *key = want ? "hit" : "miss";
    const json_t *list = json_object_get(examples, key);
    dcr_status st = DCR_OK;
    if (json_array_size(list) == 0)
        return dcr_rule_fail(w->file, "examples", err, "no example of \"%s\"", key);
    for (size_t i = 0; st == DCR_OK && i < json_array_size(list); i++)
        st = try_example(r, w, json_array_get(list, i), i, want, err);
    return st;
}

dcr_status dcr_rules_selftest(const dcr_rules *r, dcr_err *err)
{
    dcr_status st = DCR_OK;
    for (size_t i = 0; st == DCR_OK && i < r->n_rules; i++) {
        const dcr_rule *w = &r->rules[i];
        const json_t *examples;
        json_t *root = NULL;
        st = dcr_rule_json(w->file, &root, err);
        if (st != DCR_OK)
            return st;
        examples = json_object_get(root, "examples");
        if (json_object_size(examples) != 2)
            st = dcr_rule_fail(w->file, "examples", err,
                               "\"examples\" has \"hit\" and \"miss\"");
        if (st == DCR_OK)
            st = try_list(r, w, examples, true, err);
        if (st == DCR_OK)
            st = try_list(r, w, examples, false, err);
        json_decref(root);
    }
    return st;
}
