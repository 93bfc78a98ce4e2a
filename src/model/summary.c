/* Counts of the dataset that need no adversary: coverage, modalities, dates. */
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "build.h"
#include "num.h"

/* ---- coverage ---- */

static dcr_status fill_coverage(build *b, dcr_err *err)
{
    dcr_dataset *d = &b->m->data;
    dcr_store_totals t;
    char reader[64];
    dcr_status rc = dcr_store_totals_get(b->store, &t, err);
    d->coverage = dcr_arena_alloc(b->arena, DCR_READ_N, sizeof *d->coverage);
    d->other = dcr_arena_alloc(b->arena, DCR_FILE_N, sizeof *d->other);
    if (rc != DCR_OK || d->coverage == NULL || d->other == NULL)
        return rc == DCR_OK ? dcr_nomem(err) : rc;
    d->files = t.files;
    d->dicom_files = t.dicom_files;
    d->other_files = t.other_files;
    d->unread_other = t.unread_other;
    d->unreadable_files = t.unreadable_files;
    d->bytes = t.bytes;
    d->instances = t.instances;
    d->elements = t.elements;
    d->private_elements = t.private_elements;
    d->undecodable_text = t.undecodable_text;
    d->undecodable_files = t.undecodable_files;
    d->complete = dcr_store_complete(b->store);
    d->part = dcr_store_is_part(b->store);
    dcr_store_reader(b->store, reader, sizeof reader);
    d->reader = dcr_arena_bytes(b->arena, reader, strlen(reader));
    if (d->reader == NULL)
        return dcr_nomem(err);
    for (int r = 0; r < DCR_READ_N; r++) {
        dcr_coverage *c = &d->coverage[d->n_coverage];
        if (r == DCR_READ_OK || r == DCR_READ_OTHER || t.by_status[r] == 0)
            continue;
        c->reason = dcr_read_name((dcr_read)r);
        c->files = t.by_status[r];
        memcpy(c->example, t.example[r], sizeof c->example);
        d->n_coverage++;
    }
    for (int k = 0; k < DCR_FILE_N; k++)
        if (t.by_kind[k] > 0) {
            d->other[d->n_other].reason = dcr_file_kind_name((dcr_file_kind)k);
            d->other[d->n_other++].files = t.by_kind[k];
        }
    return DCR_OK;
}

static dcr_status fill_modalities(build *b, dcr_err *err)
{
    const dcr_attr *a = dcr_model_attr(b->m, "0008,0060");
    dcr_dataset *d = &b->m->data;
    d->modalities =
        dcr_arena_alloc(b->arena, a == NULL ? 0 : a->n_values, sizeof *d->modalities);
    if (d->modalities == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; a != NULL && i < a->n_values; i++) {
        dcr_modality *o = &d->modalities[d->n_modalities];
        if (a->values[i].flags & (DCR_VALUE_EMPTY | DCR_VALUE_DUMMY))
            continue;
        o->name = dcr_arena_bytes(b->arena, a->values[i].bytes, a->values[i].len);
        if (o->name == NULL)
            return dcr_nomem(err);
        o->subjects = a->values[i].subjects;
        o->studies = a->values[i].studies;
        o->series = a->values[i].series;
        d->n_modalities++;
    }
    return DCR_OK;
}

/* What the files declare of their dates (0028,0303); what they declare apart is unknown,
 * and so are dates that stand there though they are said to be removed. */
static const char *declared_dates(const build *b, bool any_date)
{
    static const char *const word[2][2] = {{"UNMODIFIED", "true"},
                                           {"MODIFIED", "shifted"}};
    const dcr_attr *a = dcr_model_attr(b->m, "0028,0303");
    if (!any_date)
        return b->m->n_subjects == 0 ? "unknown" : "dummy";
    if (a == NULL || a->distinct != 1 || a->value_subjects != b->m->n_subjects)
        return "unknown";
    for (size_t i = 0; i < a->n_values; i++)
        for (int w = 0; w < 2; w++)
            if (a->values[i].len == strlen(word[w][0]) &&
                memcmp(a->values[i].bytes, word[w][0], a->values[i].len) == 0)
                return word[w][1];
    return "unknown";
}

static void fill_dates(build *b)
{
    dcr_model *m = b->m;
    bool any = false;
    for (size_t i = 0; i < m->table.n_columns; i++) {
        const dcr_column *col = &m->table.column[i];
        if (strcmp(m->concepts[col->concept].id, "exam_date") != 0 ||
            strcmp(col->level, "month") != 0)
            continue;
        for (uint32_t c = 1; c < col->n_codes; c++) {
            uint64_t month;
            any = true;
            if (!dcr_num_u64(col->label[c], 101, 999912, &month))
                continue;
            m->data.to_year = (int)(month / 100);
            if (m->data.from_year == 0)
                m->data.from_year = (int)(month / 100);
        }
    }
    m->data.date_state = declared_dates(b, any);
}

dcr_status dcr_build_summary(build *b, dcr_err *err)
{
    dcr_status rc = fill_coverage(b, err);
    if (rc == DCR_OK)
        rc = fill_modalities(b, err);
    fill_dates(b);
    return rc;
}
