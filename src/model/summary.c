/* Counts of the dataset that need no adversary: coverage, modalities, dates, pixels. */
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "build.h"
#include "num.h"

/* ---- pixels ---- */

static const char *const pixel_path[4] = {"0008,0016", "0008,0060", "0018,0015",
                                          "0028,0301"};

static uint32_t first_value(build *b, const dcr_store_facts *f, const dcr_attr *a)
{
    uint32_t best = 0;
    for (size_t i = 0; a != NULL && i < f->n_facts; i++) {
        uint32_t v = f->facts[i].value;
        if (b->attr_of[f->facts[i].attr] == (uint32_t)(a - b->m->attrs) &&
            b->value[v].n > 0 &&
            (best == 0 || dcr_bytes_compare(b->value[v], b->value[best - 1]) < 0))
            best = v + 1;
    }
    return best;
}

/* A unit with pixel data joins the group of those a reviewer would find alike. */
dcr_status dcr_pixel_end_unit(build *b, const unit_place *at, const dcr_store_facts *f,
                              dcr_err *err)
{
    const dcr_attr *pixel = dcr_model_attr(b->m, "7FE0,0010");
    uint64_t files = 0;
    uint32_t key[4], group;
    if (pixel == NULL || at->subject == UINT32_MAX)
        return DCR_OK;
    for (size_t i = 0; i < f->n_facts; i++)
        if (b->attr_of[f->facts[i].attr] == (uint32_t)(pixel - b->m->attrs))
            files += f->facts[i].files;
    if (files == 0)
        return DCR_OK;
    for (int i = 0; i < 4; i++)
        key[i] = first_value(b, f, b->pixel_attr[i]);
    group = dcr_dict_add(&b->pixel_keys, key, sizeof key, 0);
    if (group == DCR_DICT_NONE ||
        !dcr_grow(&b->pixel_groups, &b->cap_pixels, (size_t)group + 1,
                  sizeof *b->pixel_groups) ||
        !dcr_grow(&b->pixel_last_subject, &b->cap_pixel_last, (size_t)group + 1,
                  sizeof *b->pixel_last_subject))
        return dcr_nomem(err);
    if (group == b->n_pixels) {
        memset(&b->pixel_groups[group], 0, sizeof *b->pixel_groups);
        b->pixel_last_subject[group] = 0;
        b->n_pixels++;
    }
    b->pixel_groups[group].files += files;
    b->pixel_groups[group].series++;
    b->pixel_groups[group].subjects += b->pixel_last_subject[group] != at->subject + 1;
    b->pixel_last_subject[group] = at->subject + 1;
    return DCR_OK;
}

static int by_texts(const void *pa, const void *pb)
{
    const dcr_pixel_group *a = pa, *b = pb;
    int c = strcmp(a->sop_class, b->sop_class);
    c = c != 0 ? c : strcmp(a->modality, b->modality);
    c = c != 0 ? c : strcmp(a->body_part, b->body_part);
    return c != 0 ? c : strcmp(a->burned_in, b->burned_in);
}

static const char *text_of(build *b, uint32_t value)
{
    dcr_bytes v = {NULL, 0};
    if (value > 0)
        v = dcr_bytes_trim(b->value[value - 1]);
    return dcr_arena_bytes(b->arena, v.p, v.n);
}

static dcr_status fill_pixels(build *b, dcr_err *err)
{
    dcr_model *m = b->m;
    m->n_pixels = b->n_pixels;
    m->pixels = dcr_arena_alloc(b->arena, b->n_pixels, sizeof *m->pixels);
    if (m->pixels == NULL)
        return dcr_nomem(err);
    for (uint32_t i = 0; i < b->n_pixels; i++) {
        dcr_pixel_group *g = &m->pixels[i];
        uint32_t key[4];
        memcpy(key, b->pixel_keys.entry[i].p, sizeof key);
        *g = b->pixel_groups[i];
        g->sop_class = text_of(b, key[0]);
        g->modality = text_of(b, key[1]);
        g->body_part = text_of(b, key[2]);
        g->burned_in = text_of(b, key[3]);
        if (!g->sop_class || !g->modality || !g->body_part || !g->burned_in)
            return dcr_nomem(err);
    }
    if (m->n_pixels > 0)
        qsort(m->pixels, m->n_pixels, sizeof *m->pixels, by_texts);
    return DCR_OK;
}

void dcr_build_pixel_attrs(build *b)
{
    for (int i = 0; i < 4; i++)
        b->pixel_attr[i] = dcr_model_attr(b->m, pixel_path[i]);
}

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
    d->unreadable_files = t.unreadable_files;
    d->bytes = t.bytes;
    d->instances = t.instances;
    d->elements = t.elements;
    d->private_elements = t.private_elements;
    d->undecodable_text = t.undecodable_text;
    d->undecodable_files = t.undecodable_files;
    d->complete = dcr_store_complete(b->store);
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
    if (rc == DCR_OK)
        rc = fill_pixels(b, err);
    fill_dates(b);
    return rc;
}
