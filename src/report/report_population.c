/* How many of the population are unique, by models of samples; what the tables beside the
 * images are. */
#include <math.h>
#include <string.h>

#include "alloc.h"
#include "dcmrisk/population.h"
#include "parts.h"

/* ---- models of the population ---- */

/* Why no model may speak of this view; NULL: they may be asked. */
static const char *why_not(const dcr_population_frame *p, const dcr_risk *r)
{
    if (p->design == NULL)
        return "not estimated: the project file does not say how the release was taken "
               "from the population (population.design)";
    if (strcmp(p->design, "srs") != 0)
        return "refused: not a simple random sample of the population "
               "(population.design)";
    if (p->size == 0)
        return "not estimated: the project file does not say how large the population is "
               "(population.size)";
    if (p->size < r->model->n_subjects)
        return "refused: the population is smaller than the release (population.size)";
    if (r->n_subjects == 0 || !r->applies)
        return "nothing that this adversary knows is in the dataset";
    if (r->number != NULL)
        return "refused: the patients of one site are left out, which is no random "
               "sample";
    if (strcmp(r->view, "any_exam") != 0 && strcmp(r->view, "history") != 0)
        return "not estimated: a pair of exams is no record of a sample";
    if (r->classes.n_records != r->n_subjects)
        return "refused: the models want one record a patient, and some have several; "
               "see "
               "the view history";
    return NULL;
}

static json_t *number(double v)
{
    return isfinite(v) ? json_real(v) : json_null();
}

static json_t *entry(dcr_population_model model, const dcr_measure *m, bool chosen,
                     const char *note)
{
    if (note != NULL)
        return json_pack("{s:s, s:n, s:n, s:n, s:b, s:b, s:s}", "model",
                         dcr_population_name(model), "value", "lo", "hi", "applies", 0,
                         "chosen", 0, "note", note);
    return json_pack(
        "{s:s, s:o, s:o, s:o, s:b, s:b, s:o}", "model", dcr_population_name(model),
        "value", number(m->applies ? m->value : NAN), "lo",
        number(m->applies ? m->lo : NAN), "hi", number(m->applies ? m->hi : NAN),
        "applies", (int)m->applies, "chosen", (int)chosen, "note",
        m->note == NULL ? json_null() : json_string(m->note));
}

static dcr_status estimate(dcr_population *out, const dcr_population_frame *p,
                           const dcr_risk *r, dcr_err *err)
{
    dcr_size_count *list = NULL;
    size_t n = 0;
    dcr_status rc =
        dcr_sizes_build(&list, &n, r->classes.size, r->classes.n_classes, err);
    if (rc == DCR_OK)
        rc = dcr_population_estimate(out, (dcr_sizes){list, n},
                                     (double)r->n_subjects / (double)p->size, true, NAN,
                                     err);
    dcr_free(list);
    return rc;
}

dcr_status dcr_report_population(json_t *view, const dcr_report_input *in,
                                 const dcr_risk *r, dcr_err *err)
{
    const dcr_population_frame *p = dcr_project_population(in->project);
    const char *note = r->refused ? "the view is refused" : why_not(p, r);
    dcr_population found = {.chosen = -1};
    json_t *list = json_array();
    dcr_status rc = list == NULL ? dcr_nomem(err) : DCR_OK;
    if (rc == DCR_OK && note == NULL)
        rc = estimate(&found, p, r, err);
    for (int k = 0; k < DCR_POPULATION_MODELS && rc == DCR_OK; k++)
        if (json_array_append_new(list, entry((dcr_population_model)k, &found.model[k],
                                              k == found.chosen, note)) != 0)
            rc = dcr_nomem(err);
    if (rc == DCR_OK)
        return dcr_put(view, "population", list, err);
    json_decref(list);
    return rc;
}

/* ---- tables ---- */

/* Does anybody in the release have a value of this concept that the register has too? */
static bool is_shared(const dcr_report_input *in, size_t concept, bool *carried)
{
    const dcr_table *t = &in->model->table;
    for (size_t i = 0; i < t->n_columns; i++) {
        const uint32_t *to = in->reg->to[i];
        if (t->column[i].concept != concept || to == NULL)
            continue;
        *carried = in->model->carried[concept];
        for (uint32_t k = 1; k < in->reg->reg->n_facts[concept]; k++)
            if (to[k] != 0 && to[k] < t->column[i].n_codes)
                return true;
    }
    return false;
}

static json_t *told_concepts(const dcr_report_input *in)
{
    const dcr_register *reg = in->reg->reg;
    json_t *list = json_array();
    for (size_t c = 0; c < reg->n_concepts; c++) {
        bool carried = false, shared;
        if (reg->fact[c] == NULL)
            continue;
        shared = is_shared(in, c, &carried);
        json_array_append_new(
            list, json_pack("{s:s, s:o}", "concept", in->model->concepts[c].id, "found",
                            carried ? json_boolean(shared) : json_null()));
    }
    return list;
}

static json_t *population_table(const dcr_report_input *in)
{
    const dcr_register *r;
    if (in->reg == NULL)
        return json_null();
    r = in->reg->reg;
    return json_pack(
        "{s:I, s:I, s:b, s:I, s:I, s:I, s:o, s:o}", "rows", (json_int_t)r->n_rows,
        "subjects", (json_int_t)r->n_subjects, "subject_column", (int)r->has_subject,
        "rows_without_subject", (json_int_t)r->n_unnamed, "columns",
        (json_int_t)r->n_columns, "columns_used", (json_int_t)r->n_used, "concepts",
        told_concepts(in), "note",
        r->has_subject ? json_null()
                       : json_string("no column says whose a row is (subject): each "
                                     "counts as a person, and who is in it several "
                                     "times makes the risk look smaller"));
}

static json_t *clinical_table(const dcr_report_input *in)
{
    const dcr_joined *j = in->model->joined;
    json_t *columns;
    if (j == NULL)
        return json_null();
    columns = json_array();
    for (size_t i = 0; i < j->n_columns; i++) {
        const dcr_joined_column *c = &j->column[i];
        json_array_append_new(
            columns,
            json_pack("{s:s, s:b, s:o, s:b}", "concept",
                      in->model->concepts[c->concept].id, "present",
                      (int)in->model->carried[c->concept], "as",
                      c->base == SIZE_MAX ? json_null()
                                          : json_string(in->model->concepts[c->base].id),
                      "known_to_all", (int)c->known));
    }
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:o}", "rows", (json_int_t)j->rows,
                     "rows_without_patient", (json_int_t)j->rows_without_key,
                     "rows_unmatched", (json_int_t)j->rows_unmatched, "subjects",
                     (json_int_t)j->subjects, "subjects_without_row",
                     (json_int_t)j->subjects_without, "subjects_with_several",
                     (json_int_t)j->subjects_several, "columns", columns);
}

dcr_status dcr_report_tables(json_t *doc, const dcr_report_input *in, dcr_err *err)
{
    dcr_status rc = dcr_put(doc, "population_table", population_table(in), err);
    return rc == DCR_OK ? dcr_put(doc, "clinical_table", clinical_table(in), err) : rc;
}
