/* A table beside the images joined to the subjects: its columns become concepts. */
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "buf.h"
#include "build.h"
#include "tables.h"

enum { MAX_RECORDS = 50 * 1000 * 1000, NO_ROW = UINT32_MAX };

typedef struct pick { /* a column of the table that becomes a concept */
    size_t column, concept;
    dcr_dict dict;
    uint32_t *to; /* per code of the column */
} pick;

typedef struct joining {
    dcr_model *m;
    dcr_arena *arena; /* of the model */
    const dcr_join *j;
    const dcr_adversary *also;
    dcr_joined *out;
    pick *picks;
    size_t n_picks;
    uint32_t *start; /* per subject and one more: its rows in `row` */
    uint32_t *row;   /* rows of the table by subject, those alike once */
    uint32_t *from;  /* per new record: record of the model */
    uint32_t *with;  /* per new record: row of the table, NO_ROW none */
    size_t n_records;
} joining;

const char *dcr_joined_level(const dcr_joined_column *c, const dcr_adversary *a)
{
    for (size_t i = 0; i < a->n_knows; i++)
        if (a->knows[i].concept == c->base)
            return a->knows[i].level;
    if (strcmp(a->target, "prosecutor") == 0 && (c->known || strcmp(a->id, "union") == 0))
        return "value";
    return NULL;
}

/* ---- whose a row is ---- */

/* The first subject with a key, and in *end the one behind the last; keyed subjects come
 * first, sorted by key. */
static uint32_t subjects_of(const dcr_model *m, dcr_bytes key, uint32_t *end)
{
    uint32_t lo = 0, hi = m->n_subjects - m->data.inferred_subjects, n = hi;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        dcr_bytes at = {m->subjects[mid].key, m->subjects[mid].key_len};
        if (dcr_bytes_compare(at, key) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    for (*end = lo; *end < n; ++*end) {
        dcr_bytes at = {m->subjects[*end].key, m->subjects[*end].key_len};
        if (dcr_bytes_compare(at, key) != 0)
            break;
    }
    return lo;
}

typedef struct owners { /* of the rows with one key */
    uint32_t first, end;
    bool named;
} owners;

static dcr_status find_owners(const joining *g, owners *o, dcr_err *err)
{
    const dcr_text_column *c = &g->j->table->column[g->j->key];
    dcr_dict keys = {0};
    uint32_t *to = dcr_alloc(c->n_codes, sizeof *to);
    dcr_status rc = to == NULL ? dcr_nomem(err)
                               : dcr_table_facts(g->j->table, g->j->key, g->m->rules,
                                                 NULL, false, &keys, to, err);
    for (uint32_t i = 0; i < c->n_codes && rc == DCR_OK; i++) {
        o[i] = (owners){0, 0, to[i] != 0};
        if (to[i] != 0) {
            const dcr_dict_entry *e = &keys.entry[to[i] - 1];
            const dcr_bytes key = {(const uint8_t *)e->p, e->n};
            o[i].first = subjects_of(g->m, key, &o[i].end);
        }
    }
    dcr_dict_clear(&keys);
    dcr_free(to);
    return rc;
}

static int by_number(const void *pa, const void *pb)
{
    uint32_t a = *(const uint32_t *)pa, b = *(const uint32_t *)pb;
    return (a > b) - (a < b);
}

/* Each row as the first one that says the same. */
static dcr_status find_first(const joining *g, uint32_t *first, dcr_err *err)
{
    size_t n = g->j->table->n_rows, size = g->n_picks * sizeof(uint32_t);
    uint32_t *key = dcr_alloc(g->n_picks, sizeof *key);
    uint32_t *row = dcr_alloc(n, sizeof *row);
    dcr_dict seen = {0};
    dcr_status rc = key == NULL || row == NULL ? dcr_nomem(err) : DCR_OK;
    for (uint32_t r = 0; r < n && rc == DCR_OK; r++) {
        uint32_t before = seen.n, at;
        for (size_t i = 0; i < g->n_picks; i++) {
            const pick *p = &g->picks[i];
            key[i] = p->to[g->j->table->column[p->column].code[r]];
        }
        at = dcr_dict_add(&seen, key, size, 0);
        if (at == DCR_DICT_NONE)
            rc = dcr_nomem(err);
        else if (at == before)
            row[at] = r;
        first[r] = rc == DCR_OK ? row[at] : 0;
    }
    dcr_dict_clear(&seen);
    dcr_free(key);
    dcr_free(row);
    return rc;
}

/* Rows by subject, those that say the same once. */
static void distinct_rows(joining *g)
{
    uint32_t n = 0, from = 0;
    for (uint32_t s = 0; s < g->m->n_subjects; s++) {
        uint32_t end = g->start[s + 1], first = n;
        if (end - from > 1)
            qsort(g->row + from, end - from, sizeof *g->row, by_number);
        for (uint32_t i = from; i < end; i++)
            if (i == from || g->row[n - 1] != g->row[i])
                g->row[n++] = g->row[i];
        from = end;
        g->start[s + 1] = n;
        g->out->subjects += n > first;
        g->out->subjects_several += n > first + 1;
    }
    g->out->subjects_without = g->m->n_subjects - g->out->subjects;
}

static dcr_status assign_rows(joining *g, dcr_err *err)
{
    const dcr_text_column *c = &g->j->table->column[g->j->key];
    owners *o = dcr_alloc(c->n_codes, sizeof *o);
    uint32_t *alike = dcr_alloc(g->j->table->n_rows, sizeof *alike);
    uint64_t pairs = 0;
    dcr_status rc = o == NULL || alike == NULL ? dcr_nomem(err) : find_owners(g, o, err);
    if (rc == DCR_OK)
        rc = find_first(g, alike, err);
    g->start = dcr_alloc((size_t)g->m->n_subjects + 2, sizeof *g->start);
    if (rc == DCR_OK && g->start == NULL)
        rc = dcr_nomem(err);
    for (size_t r = 0; r < g->j->table->n_rows && rc == DCR_OK; r++) {
        const owners *w = &o[c->code[r]];
        g->out->rows_without_key += !w->named;
        g->out->rows_unmatched += w->named && w->first == w->end;
        for (uint32_t s = w->first; s < w->end; s++)
            g->start[s + 2]++;
        pairs += w->end - w->first;
    }
    g->row = rc == DCR_OK ? dcr_alloc(pairs, sizeof *g->row) : NULL;
    if (rc == DCR_OK && g->row == NULL)
        rc = dcr_nomem(err);
    for (uint32_t s = 2; rc == DCR_OK && s < g->m->n_subjects + 2; s++)
        g->start[s] += g->start[s - 1];
    for (size_t r = 0; r < g->j->table->n_rows && rc == DCR_OK; r++)
        for (uint32_t s = o[c->code[r]].first; s < o[c->code[r]].end; s++)
            g->row[g->start[s + 1]++] = alike[r];
    if (rc == DCR_OK)
        distinct_rows(g);
    dcr_free(alike);
    dcr_free(o);
    return rc;
}

/* ---- columns ---- */

static dcr_status read_facts(joining *g, dcr_err *err)
{
    const dcr_text_table *t = g->j->table;
    size_t n_rules, rank;
    const dcr_concept *rules = dcr_rules_concepts(g->m->rules, &n_rules);
    dcr_status rc = DCR_OK;
    g->picks = dcr_alloc(t->n_columns, sizeof *g->picks);
    g->out->column = dcr_arena_alloc(g->arena, t->n_columns, sizeof *g->out->column);
    if (g->picks == NULL || g->out->column == NULL)
        return dcr_nomem(err);
    for (size_t c = 0; c < t->n_columns && rc == DCR_OK; c++) {
        pick *p = &g->picks[g->n_picks];
        dcr_joined_column *x = &g->out->column[g->n_picks];
        if (c == g->j->key || dcr_table_is_subject(t->column[c].name, &rank))
            continue; /* who it is is no fact about them */
        x->base = dcr_table_concept(g->m->rules, t->column[c].name, NULL);
        x->known = g->j->known[c];
        x->concept = p->concept = g->m->n_concepts + g->n_picks++;
        p->column = c;
        p->to = dcr_alloc(t->column[c].n_codes, sizeof *p->to);
        rc = p->to == NULL ? dcr_nomem(err)
                           : dcr_table_facts(t, c, g->m->rules,
                                             x->base == SIZE_MAX ? NULL : &rules[x->base],
                                             false, &p->dict, p->to, err);
    }
    g->out->n_columns = g->n_picks;
    return rc;
}

/* Only names that the user wrote, or that are ours, are ever printed. */
static dcr_status name_concept(joining *g, dcr_concept *k, const pick *p,
                               const dcr_joined_column *x, dcr_err *err)
{
    dcr_buf id = {0}, title = {0};
    const char *name = g->j->table->column[p->column].name;
    bool shown = x->known || x->base != SIZE_MAX;
    if (shown) {
        dcr_buf_fmt(&id, "table/%s", name);
        dcr_buf_fmt(&title, "%s (table)", name);
    } else {
        dcr_buf_fmt(&id, "table/column%zu", p->column + 1);
        dcr_buf_fmt(&title, "column %zu (table)", p->column + 1);
    }
    if (!id.failed && !title.failed) {
        k->id = dcr_arena_str(g->arena, id.p);
        k->title = dcr_arena_str(g->arena, title.p);
    }
    dcr_buf_clear(&id);
    dcr_buf_clear(&title);
    return k->id == NULL || k->title == NULL ? dcr_nomem(err) : DCR_OK;
}

/* The concepts of the model with those of the table behind them. */
static dcr_status add_concepts(joining *g, dcr_err *err)
{
    dcr_model *m = g->m;
    size_t n = m->n_concepts, all = n + g->n_picks;
    dcr_concept *k = dcr_arena_alloc(g->arena, all, sizeof *k);
    bool *carried = dcr_arena_alloc(g->arena, all, sizeof *carried);
    bool **present = dcr_arena_alloc(g->arena, all, sizeof *present);
    dcr_status rc = DCR_OK;
    if (k == NULL || carried == NULL || present == NULL)
        return dcr_nomem(err);
    memcpy(k, m->concepts, n * sizeof *k);
    memcpy(carried, m->carried, n * sizeof *carried);
    memcpy(present, m->carrier_present, n * sizeof *present);
    for (size_t i = 0; i < g->n_picks && rc == DCR_OK; i++) {
        const dcr_joined_column *x = &g->out->column[i];
        k[n + i].level = DCR_LEVEL_PATIENT;
        k[n + i].hierarchy = x->base == SIZE_MAX ? "category" : k[x->base].hierarchy;
        k[n + i].derive = "";
        rc = name_concept(g, &k[n + i], &g->picks[i], x, err);
    }
    m->concepts = k;
    m->carried = carried;
    m->carrier_present = present;
    m->n_concepts = rc == DCR_OK ? all : n;
    return rc;
}

/* ---- records ---- */

/* Each record with each distinct row of its subject. */
static dcr_status list_records(joining *g, dcr_err *err)
{
    const dcr_table *t = &g->m->table;
    uint64_t n = 0;
    for (size_t r = 0; r < t->n_rows; r++) {
        uint32_t s = t->subject[r], rows = g->start[s + 1] - g->start[s];
        n += rows == 0 ? 1 : rows;
    }
    if (n > MAX_RECORDS)
        return dcr_fail(err, DCR_ERULES, g->j->table->file,
                        "joined to the exams it makes over %d million records: leave out "
                        "columns or rows",
                        MAX_RECORDS / 1000000);
    g->from = dcr_alloc(n, sizeof *g->from);
    g->with = dcr_alloc(n, sizeof *g->with);
    if (g->from == NULL || g->with == NULL)
        return dcr_nomem(err);
    for (uint32_t r = 0; r < t->n_rows; r++) {
        uint32_t s = t->subject[r], i = g->start[s];
        do {
            g->from[g->n_records] = r;
            g->with[g->n_records++] = i < g->start[s + 1] ? g->row[i] : NO_ROW;
        } while (++i < g->start[s + 1]);
    }
    return DCR_OK;
}

/* What carriers state is repeated with the rows; a table's columns follow from nothing.
 */
static dcr_status repeat_stated(joining *g, bool ***out, dcr_err *err)
{
    const dcr_table *t = &g->m->table;
    bool **to;
    *out = NULL;
    if (t->stated == NULL)
        return DCR_OK;
    to = dcr_arena_alloc(g->arena, g->m->n_concepts, sizeof *to);
    if (to == NULL)
        return dcr_nomem(err);
    for (size_t c = 0; c < g->m->n_concepts - g->n_picks; c++) {
        if (t->stated[c] == NULL)
            continue;
        to[c] = dcr_arena_alloc(g->arena, g->n_records, sizeof **to);
        if (to[c] == NULL)
            return dcr_nomem(err);
        for (size_t i = 0; i < g->n_records; i++)
            to[c][i] = t->stated[c][g->from[i]];
    }
    *out = to;
    return DCR_OK;
}

static dcr_status widen(joining *g, dcr_err *err)
{
    dcr_table *t = &g->m->table;
    size_t n = g->n_records;
    uint32_t *subject = dcr_alloc(n, sizeof *subject),
             *study = dcr_alloc(n, sizeof *study);
    uint64_t *files = dcr_alloc(n, sizeof *files);
    if (subject == NULL || study == NULL || files == NULL) {
        dcr_free(subject);
        dcr_free(study);
        dcr_free(files);
        return dcr_nomem(err);
    }
    for (size_t i = 0; i < n; i++) {
        subject[i] = t->subject[g->from[i]];
        study[i] = t->study[g->from[i]];
        files[i] = t->files[g->from[i]];
    }
    dcr_free(t->subject);
    dcr_free(t->study);
    dcr_free(t->files);
    t->subject = subject;
    t->study = study;
    t->files = files;
    t->exam = g->from;
    g->from = NULL;
    t->n_rows = n;
    return DCR_OK;
}

/* The columns there were, one record after the other. */
static dcr_status repeat_columns(joining *g, dcr_column *to, dcr_err *err)
{
    const dcr_table *t = &g->m->table;
    for (size_t c = 0; c < t->n_columns; c++) {
        to[c] = t->column[c];
        to[c].code = dcr_arena_alloc(g->arena, g->n_records, sizeof *to[c].code);
        if (to[c].code == NULL)
            return dcr_nomem(err);
        for (size_t i = 0; i < g->n_records; i++)
            to[c].code[i] = t->column[c].code[g->from[i]];
    }
    return DCR_OK;
}

static dcr_status new_column(joining *g, dcr_column *col, const pick *p,
                             const char *level, dcr_err *err)
{
    const uint32_t *code = g->j->table->column[p->column].code;
    uint32_t *to = dcr_alloc((size_t)p->dict.n + 1, sizeof *to);
    dcr_status rc;
    col->concept = p->concept;
    col->level = level;
    col->code = dcr_arena_alloc(g->arena, g->n_records, sizeof *col->code);
    rc = to == NULL || col->code == NULL
             ? dcr_nomem(err)
             : dcr_level_codes(g->arena, &p->dict, g->m->concepts[p->concept].hierarchy,
                               level, to, col, err);
    for (size_t i = 0; i < g->n_records && rc == DCR_OK; i++) {
        col->code[i] = g->with[i] == NO_ROW ? 0 : to[p->to[code[g->with[i]]]];
        if (col->code[i] != 0)
            g->m->carried[p->concept] = true;
    }
    dcr_free(to);
    return rc;
}

typedef struct columns {
    dcr_column *list;
    size_t n;
} columns;

/* The column of a pick at a level (NULL: none), unless it is there. */
static dcr_status add_level(joining *g, columns *c, size_t at, const char *level,
                            dcr_err *err)
{
    if (level == NULL)
        return DCR_OK;
    for (size_t i = 0; i < c->n; i++)
        if (c->list[i].concept == g->picks[at].concept &&
            strcmp(c->list[i].level, level) == 0)
            return DCR_OK;
    return new_column(g, &c->list[c->n++], &g->picks[at], level, err);
}

/* At the levels of one adversary; `also` knows a concept at several. */
static dcr_status add_levels(joining *g, columns *c, size_t at, const dcr_adversary *a,
                             dcr_err *err)
{
    const dcr_joined_column *x = &g->out->column[at];
    dcr_status rc = add_level(g, c, at, dcr_joined_level(x, a), err);
    for (size_t i = 0; i < a->n_knows && rc == DCR_OK; i++)
        if (a->knows[i].concept == x->base)
            rc = add_level(g, c, at, a->knows[i].level, err);
    return rc;
}

static dcr_status build_columns(joining *g, columns *c, dcr_err *err)
{
    size_t n = 0, levels = g->also == NULL ? 0 : 1 + g->also->n_knows;
    const dcr_adversary *list = dcr_rules_adversaries(g->m->rules, &n);
    dcr_status rc;
    for (size_t a = 0; a < n; a++)
        levels += 1 + list[a].n_knows;
    c->n = g->m->table.n_columns;
    c->list = dcr_arena_alloc(g->arena, c->n + levels * g->n_picks, sizeof *c->list);
    rc = c->list == NULL ? dcr_nomem(err) : repeat_columns(g, c->list, err);
    for (size_t i = 0; i < g->n_picks; i++) {
        for (size_t a = 0; a < n && rc == DCR_OK; a++)
            rc = add_levels(g, c, i, &list[a], err);
        if (rc == DCR_OK && g->also != NULL)
            rc = add_levels(g, c, i, g->also, err);
    }
    return rc;
}

static void joining_clear(joining *g)
{
    for (size_t i = 0; i < g->n_picks; i++) {
        dcr_dict_clear(&g->picks[i].dict);
        dcr_free(g->picks[i].to);
    }
    dcr_free(g->picks);
    dcr_free(g->start);
    dcr_free(g->row);
    dcr_free(g->from);
    dcr_free(g->with);
}

dcr_status dcr_model_join(dcr_model *m, const dcr_join *j, const dcr_adversary *also,
                          dcr_err *err)
{
    joining g = {.m = m, .arena = m->owner, .j = j, .also = also};
    columns c = {0};
    bool **stated = NULL;
    dcr_status rc;
    g.out = dcr_arena_alloc(g.arena, 1, sizeof *g.out);
    if (g.out == NULL)
        return dcr_nomem(err);
    g.out->rows = j->table->n_rows;
    rc = read_facts(&g, err);
    if (rc == DCR_OK)
        rc = assign_rows(&g, err);
    if (rc == DCR_OK)
        rc = list_records(&g, err);
    if (rc == DCR_OK)
        rc = add_concepts(&g, err);
    if (rc == DCR_OK)
        rc = build_columns(&g, &c, err);
    if (rc == DCR_OK)
        rc = repeat_stated(&g, &stated, err);
    if (rc == DCR_OK)
        rc = widen(&g, err);
    if (rc == DCR_OK) {
        m->table.stated = stated;
        m->table.column = c.list;
        m->table.n_columns = c.n;
        m->joined = g.out;
    }
    joining_clear(&g);
    return rc;
}
