/* Adversaries as a reading of the dates leaves them. */
#include "readings.h"

#include <string.h>

#include "alloc.h"

static bool is_exam_date(const dcr_concept *concepts, size_t concept)
{
    return strcmp(concepts[concept].id, "exam_date") == 0;
}

/* Copies an adversary; its knowledge goes to knows[0 .. ), and how much is returned. */
static size_t copy(dcr_adversary *to, const dcr_adversary *from, dcr_known *knows,
                   const dcr_concept *concepts, const dcr_joined *joined, bool hold)
{
    size_t n = 0;
    bool left_out = false;
    *to = *from;
    for (size_t i = 0; i < from->n_knows; i++)
        if (!hold || !is_exam_date(concepts, from->knows[i].concept))
            knows[n++] = from->knows[i];
        else
            left_out = true;
    if (left_out && (from->note == NULL || from->note[0] == '\0'))
        to->note = "Exam dates are shifted, and the shift is taken to hold: the date of "
                   "an exam is left out.";
    /* By what it knows before a date is left out: those of a table need not be shifted.
     */
    for (size_t i = 0; joined != NULL && i < joined->n_columns; i++) {
        const char *level = dcr_joined_level(&joined->column[i], from);
        if (level != NULL)
            knows[n++] = (dcr_known){joined->column[i].concept, level};
    }
    to->knows = knows;
    to->n_knows = n;
    return n;
}

dcr_status dcr_world_build(dcr_world *out, const dcr_rules *r, const dcr_policy *p,
                           const dcr_model *m, bool hold, dcr_err *err)
{
    const dcr_adversary *a, *own = dcr_policy_adversary(p);
    const dcr_concept *concepts;
    size_t n_concepts, total = own->n_knows, used = 0;
    memset(out, 0, sizeof *out);
    a = dcr_rules_adversaries(r, &out->n);
    concepts = dcr_rules_concepts(r, &n_concepts);
    for (size_t i = 0; i < out->n; i++)
        total += a[i].n_knows;
    if (m->joined != NULL)
        total += (out->n + 1) * m->joined->n_columns;
    out->list = dcr_alloc(out->n + 1, sizeof *out->list);
    out->knows = dcr_alloc(total, sizeof *out->knows);
    if (out->list == NULL || out->knows == NULL) {
        dcr_world_clear(out);
        return dcr_nomem(err);
    }
    for (size_t i = 0; i <= out->n; i++)
        used += copy(&out->list[i], i < out->n ? &a[i] : own, out->knows + used, concepts,
                     m->joined, hold);
    return DCR_OK;
}

void dcr_world_clear(dcr_world *w)
{
    dcr_free(w->list);
    dcr_free(w->knows);
    memset(w, 0, sizeof *w);
}
