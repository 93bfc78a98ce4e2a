/* The records that changes are tried on: one row per subject and distinct key. */
#include <string.h>

#include "alloc.h"
#include "whatif_impl.h"

static const dcr_column *find(const dcr_model *m, const char *concept, const char *level)
{
    for (size_t c = 0; c < m->n_concepts; c++)
        if (strcmp(m->concepts[c].id, concept) == 0)
            return dcr_model_column(m, c, level);
    return NULL;
}

static size_t place_of(const whatif_records *w, const char *concept)
{
    for (size_t i = 0; i < w->m.table.n_columns; i++)
        if (strcmp(w->m.concepts[w->m.table.column[i].concept].id, concept) == 0)
            return i;
    return SIZE_MAX;
}

/* Which rows state the concept of a column; NULL when all do. */
static const bool *stated_rows(const dcr_model *m, const dcr_column *c)
{
    const bool *stated =
        c == NULL || m->table.stated == NULL ? NULL : m->table.stated[c->concept];
    return stated == NULL || memchr(stated, 0, m->table.n_rows) == NULL ? NULL : stated;
}

/* What a row is told by: the key, and what a change of it may bring to light. */
typedef struct sources {
    const dcr_column **col; /* n_key of the key, then those below that there are */
    size_t n_key, n;
    const bool *age_stated, *site_stated;
    const dcr_column *birth_day, *exam_day;
    dcr_column flag[2]; /* the two stated as codes */
    uint32_t *row_class, *row;
    size_t n_rows;
} sources;

static void sources_clear(sources *s)
{
    dcr_free(s->col);
    dcr_free(s->flag[0].code);
    dcr_free(s->flag[1].code);
    dcr_free(s->row_class);
    dcr_free(s->row);
}

static dcr_status add_flag(sources *s, dcr_column *flag, const bool *stated, size_t n,
                           dcr_err *err)
{
    if (stated == NULL)
        return DCR_OK;
    flag->code = dcr_alloc(n, sizeof *flag->code);
    if (flag->code == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; i < n; i++)
        flag->code[i] = stated[i];
    flag->n_codes = 2;
    s->col[s->n++] = flag;
    return DCR_OK;
}

static dcr_status find_sources(sources *s, const dcr_model *m, const dcr_adversary *a,
                               dcr_err *err)
{
    dcr_status rc;
    s->col = dcr_alloc(a->n_knows + 4, sizeof *s->col);
    s->row_class = dcr_alloc(m->table.n_rows, sizeof *s->row_class);
    s->row = dcr_alloc(m->table.n_rows, sizeof *s->row);
    if (s->col == NULL || s->row_class == NULL || s->row == NULL)
        return dcr_nomem(err);
    s->n = s->n_key = dcr_key_columns(m, a, SIZE_MAX, s->col);
    for (size_t i = 0; i < s->n_key; i++) {
        const char *derive = m->concepts[s->col[i]->concept].derive;
        if (strcmp(derive, "age") == 0)
            s->age_stated = stated_rows(m, s->col[i]);
        else if (strcmp(derive, "site") == 0)
            s->site_stated = stated_rows(m, s->col[i]);
    }
    s->birth_day = find(m, "birth_date", "day");
    s->exam_day = find(m, "exam_date", "day");
    if (s->birth_day == NULL || s->exam_day == NULL)
        s->age_stated = NULL;
    if (s->age_stated != NULL) {
        s->col[s->n++] = s->birth_day;
        s->col[s->n++] = s->exam_day;
    }
    rc = add_flag(s, &s->flag[0], s->age_stated, m->table.n_rows, err);
    return rc == DCR_OK ? add_flag(s, &s->flag[1], s->site_stated, m->table.n_rows, err)
                        : rc;
}

/* The first row of each record; rows come sorted by subject. */
static dcr_status first_rows(sources *s, const dcr_model *m, dcr_err *err)
{
    dcr_classes c;
    uint32_t *last;
    dcr_status rc = dcr_classes_build(&c, m, s->col, s->n, NULL, s->row_class, err);
    if (rc != DCR_OK)
        return rc;
    last = dcr_alloc(c.n_classes, sizeof *last);
    for (size_t r = 0; last != NULL && r < m->table.n_rows; r++) {
        uint32_t k = s->row_class[r];
        if (last[k] == m->table.subject[r] + 1)
            continue;
        last[k] = m->table.subject[r] + 1;
        s->row[s->n_rows++] = (uint32_t)r;
    }
    dcr_free(last);
    dcr_classes_clear(&c);
    return last == NULL ? dcr_nomem(err) : DCR_OK;
}

static dcr_code *gather(whatif_records *w, const sources *s, const dcr_code *from)
{
    dcr_code *to = dcr_arena_alloc(&w->arena, s->n_rows, sizeof *to);
    for (size_t i = 0; to != NULL && i < s->n_rows; i++)
        to[i] = from[s->row[i]];
    return to;
}

static dcr_status gather_column(whatif_records *w, const sources *s, dcr_column *to,
                                const dcr_column *from, dcr_err *err)
{
    *to = *from;
    to->code = gather(w, s, from->code);
    return to->code == NULL ? dcr_nomem(err) : DCR_OK;
}

static dcr_status gather_flags(whatif_records *w, const sources *s, bool **out,
                               const bool *from, dcr_err *err)
{
    if (from == NULL)
        return DCR_OK;
    *out = dcr_arena_alloc(&w->arena, s->n_rows, sizeof **out);
    for (size_t i = 0; *out != NULL && i < s->n_rows; i++)
        (*out)[i] = from[s->row[i]];
    return *out == NULL ? dcr_nomem(err) : DCR_OK;
}

static dcr_status gather_table(whatif_records *w, const sources *s, const dcr_model *m,
                               dcr_err *err)
{
    dcr_table *t = &w->m.table;
    dcr_status rc = DCR_OK;
    memset(t, 0, sizeof *t);
    t->n_rows = s->n_rows;
    t->n_columns = s->n_key;
    t->subject = gather(w, s, m->table.subject);
    t->study = gather(w, s, m->table.study);
    t->files = dcr_arena_alloc(&w->arena, s->n_rows, sizeof *t->files);
    t->column = dcr_arena_alloc(&w->arena, s->n_key, sizeof *t->column);
    w->changed = dcr_arena_alloc(&w->arena, s->n_key, sizeof *w->changed);
    if (t->subject == NULL || t->study == NULL || t->files == NULL || t->column == NULL ||
        w->changed == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; i < s->n_rows && m->table.files != NULL; i++)
        t->files[i] = m->table.files[s->row[i]];
    for (size_t i = 0; i < s->n_key && rc == DCR_OK; i++)
        rc = gather_column(w, s, &t->column[i], s->col[i], err);
    for (size_t i = 0; i < WHATIF_COLUMNS && rc == DCR_OK; i++) {
        w->room[i] = dcr_arena_alloc(&w->arena, s->n_rows, sizeof *w->room[i]);
        if (w->room[i] == NULL)
            rc = dcr_nomem(err);
    }
    if (rc == DCR_OK && s->age_stated != NULL)
        rc = gather_column(w, s, &w->birth_day, s->birth_day, err);
    if (rc == DCR_OK && s->age_stated != NULL)
        rc = gather_column(w, s, &w->exam_day, s->exam_day, err);
    if (rc == DCR_OK)
        rc = gather_flags(w, s, &w->age_stated, s->age_stated, err);
    return rc == DCR_OK ? gather_flags(w, s, &w->site_stated, s->site_stated, err) : rc;
}

dcr_status dcr_whatif_records_build(whatif_records *w, const dcr_model *m,
                                    const dcr_adversary *a, dcr_err *err)
{
    sources s = {0};
    dcr_status rc = find_sources(&s, m, a, err);
    memset(w, 0, sizeof *w);
    w->m = *m;
    if (rc == DCR_OK)
        rc = first_rows(&s, m, err);
    if (rc == DCR_OK)
        rc = gather_table(w, &s, m, err);
    if (rc == DCR_OK) {
        w->age = place_of(w, "age");
        w->birth = place_of(w, "birth_date");
        w->exam = place_of(w, "exam_date");
        w->site = place_of(w, "site");
        w->device = place_of(w, "device");
        for (size_t c = 0; c < m->n_concepts; c++)
            if (strcmp(m->concepts[c].id, "birth_date") == 0)
                w->birth_carried = m->carried[c];
    }
    sources_clear(&s);
    return rc;
}

void dcr_whatif_records_clear(whatif_records *w)
{
    dcr_arena_clear(&w->arena);
}
