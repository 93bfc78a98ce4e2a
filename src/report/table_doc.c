/* The document of `dcmrisk table`: schema dcmrisk-table/1 (reports/table.schema.json). */
#include <string.h>

#include "json_sink.h"
#include "parts.h"

static const char *const families[] = {"k",    "risk",   "population", "individual",
                                       "suda", "fields", "diversity",  NULL};
enum { N_FAMILIES = sizeof families / sizeof *families - 1 };

const char *dcr_table_family(size_t i)
{
    return i <= N_FAMILIES ? families[i] : NULL;
}

static bool asked_for(const dcr_table_about *a, const char *family)
{
    for (size_t i = 0; i < a->n_family; i++)
        if (strcmp(a->family[i], "all") == 0 || strcmp(a->family[i], family) == 0)
            return true;
    return false;
}

static json_t *names(const dcr_frame *f)
{
    json_t *list = json_array();
    for (size_t i = 0; f != NULL && list != NULL && i < f->n_columns; i++)
        if (json_array_append_new(list, json_string(f->name[i])) != 0) {
            json_decref(list);
            return NULL;
        }
    return list;
}

/* What was asked; the names of columns are the user's own words.  NULL: no memory. */
static json_t *options(const dcr_tab *t, const dcr_table_about *a)
{
    static const char *const design[] = {"unstated", "srs", "census", "selected"};
    const char *missing = t->missing == DCR_MISSING_WILDCARD ? "wildcard" : "category";
    json_t *size = t->population_size == 0 ? json_null()
                                           : json_integer((json_int_t)t->population_size);
    json_t *fraction = t->fraction == 0 ? json_null() : json_real(t->fraction);
    return json_pack("{s:o, s:s?, s:s?, s:o, s:s, s:b, s:s, s:o, s:o}", "qi",
                     names(t->frame), "subject", a->subject, "weight", a->weight,
                     "sensitive", names(t->sensitive), "missing", missing, "trim",
                     (int)a->trim, "design", design[t->design], "population", size,
                     "fraction", fraction);
}

static dcr_status put_head(json_t *doc, const dcr_tab *t, const dcr_table_about *a,
                           dcr_err *err)
{
    dcr_status rc = dcr_put(doc, "schema", json_string("dcmrisk-table/1"), err);
    if (rc == DCR_OK)
        rc = dcr_put(doc, "tool",
                     json_pack("{s:s, s:s}", "name", "dcmrisk", "version", a->version),
                     err);
    if (rc == DCR_OK)
        rc = dcr_put(doc, "options", options(t, a), err);
    if (rc == DCR_OK)
        rc = dcr_put(doc, "records", json_integer((json_int_t)t->frame->n_rows), err);
    if (rc == DCR_OK)
        rc = dcr_put(doc, "subjects", json_integer(t->frame->n_subjects), err);
    if (rc == DCR_OK)
        rc = dcr_put(doc, "inferred_subjects", json_integer(t->frame->n_inferred), err);
    if (rc == DCR_OK)
        rc = dcr_put(doc, "classes", json_integer(t->groups.n_groups), err);
    return rc;
}

static dcr_status assume(json_t *list, const char *text, dcr_err *err)
{
    if (json_array_append_new(list, json_string(text)) != 0)
        return dcr_nomem(err);
    return DCR_OK;
}

/* What has to hold for the figures to say what they seem to say. */
static dcr_status put_assumptions(json_t *doc, const dcr_tab *t, dcr_err *err)
{
    json_t *list = json_array();
    dcr_status rc = dcr_put(doc, "assumptions", list, err);
    if (rc == DCR_OK && t->frame->subject == NULL)
        rc = assume(list,
                    "Every record is a person of its own: no subject column was named.",
                    err);
    if (rc == DCR_OK && t->frame->n_inferred > 0)
        rc =
            assume(list,
                   "Records without a subject count as a person each; k_low counts those "
                   "of a class as at most one.",
                   err);
    if (rc == DCR_OK && t->missing == DCR_MISSING_WILDCARD)
        rc = assume(list,
                    "A missing value matches every value (METRICS: sdcMicro's rule with "
                    "alpha 1); classes are still counted by equal keys.",
                    err);
    if (rc == DCR_OK && t->missing == DCR_MISSING_CATEGORY)
        rc = assume(list, "A missing value is a value like others.", err);
    return rc;
}

dcr_status dcr_report_table(json_t **out, dcr_tab *t, const dcr_table_about *about,
                            dcr_err *err)
{
    json_t *doc = *out = json_object();
    dcr_metric_sink sink = dcr_json_sink(doc);
    dcr_status rc = doc == NULL ? dcr_nomem(err) : put_head(doc, t, about, err);
    for (const dcr_metric *const *m = dcr_metrics(); *m != NULL && rc == DCR_OK; m++)
        if ((*m)->table != NULL && asked_for(about, (*m)->family))
            rc = (*m)->table(t, &sink, err);
    if (rc == DCR_OK)
        rc = put_assumptions(doc, t, err);
    if (rc != DCR_OK) {
        json_decref(doc);
        *out = NULL;
    }
    return rc;
}

dcr_status dcr_table_json(const json_t *doc, FILE *out, dcr_err *err)
{
    const size_t flags = JSON_INDENT(2) | JSON_REAL_PRECISION(15) | JSON_ENSURE_ASCII;
    if (json_dumpf(doc, out, flags) != 0 || fputc('\n', out) == EOF || fflush(out) != 0)
        return dcr_fail(err, DCR_EIO, NULL, "cannot write");
    return DCR_OK;
}
