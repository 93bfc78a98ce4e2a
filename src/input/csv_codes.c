#include <stdlib.h>

#include "alloc.h"
#include "csv_impl.h"

/* A value of one worker. */
typedef struct entry {
    uint64_t prefix; /* first bytes, so that order needs no look at p */
    const uint8_t *p;
    uint32_t n, worker, number;
} entry;

typedef struct merge {
    dcr_csv_work *work;
    dcr_csv_column *column;
    const dcr_csv_options *o;
    size_t c;
    entry *list;
    size_t n;
    uint32_t **map; /* by worker: code of number 2 i at i, of 2 i + 1 at n_short + i */
    const char **value;
} merge;

static const csv_words *words_of(const merge *m, unsigned worker)
{
    return &m->work->words[worker * m->work->layout.n_wanted + m->c];
}

static int by_bytes(const void *a, const void *b)
{
    const entry *x = a, *y = b;
    int d;
    if (x->prefix != y->prefix)
        return x->prefix < y->prefix ? -1 : 1;
    d = memcmp(x->p, y->p, x->n < y->n ? x->n : y->n);
    return d != 0 ? d : (x->n > y->n) - (x->n < y->n);
}

static uint64_t prefix_of(const uint8_t *p, size_t n)
{
    uint64_t w = 0;
    memcpy(&w, p, n < sizeof w ? n : sizeof w);
    return be64toh(w);
}

static bool is_na(const dcr_csv_options *o, const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < o->n_na; i++)
        if (strlen(o->na[i]) == n && memcmp(o->na[i], p, n) == 0)
            return true;
    return n == 0;
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

/* Adds a value to the list unless it is a missing one; false: no memory. */
static bool add(merge *m, const char *text, size_t n, unsigned worker, uint32_t number)
{
    const uint8_t *p = (const uint8_t *)text;
    size_t whole = n;
    while (m->o->trim && n > 0 && is_blank(*p)) {
        p++;
        n--;
        whole--;
    }
    while (m->o->trim && n > 0 && is_blank(p[n - 1]))
        n--;
    if (is_na(m->o, p, n))
        return true;
    if (n < whole) /* it must end in a NUL */
        p = (const uint8_t *)dcr_arena_bytes(&m->work->arena[m->c], p, n);
    if (p == NULL)
        return false;
    m->list[m->n++] = (entry){prefix_of(p, n), p, (uint32_t)n, worker, number};
    return true;
}

static dcr_status gather(merge *m, dcr_err *err)
{
    size_t most = 0;
    for (unsigned w = 0; w < m->work->n_workers; w++) {
        const csv_words *words = words_of(m, w);
        size_t n = words->n + words->longs.n + 1;
        m->map[w] = dcr_alloc(n, sizeof **m->map);
        if (m->map[w] == NULL)
            return dcr_nomem(err);
        most += n;
    }
    m->list = dcr_alloc(most, sizeof *m->list);
    if (m->list == NULL)
        return dcr_nomem(err);
    for (unsigned w = 0; w < m->work->n_workers; w++) {
        const csv_words *words = words_of(m, w);
        for (uint32_t i = 1; i < words->n; i++) {
            const char *text = (const char *)&words->word[i];
            if (!add(m, text, strlen(text), w, i))
                return dcr_nomem(err);
        }
        for (uint32_t i = 0; i < words->longs.n; i++) {
            const dcr_dict_entry *e = &words->longs.entry[i];
            uint32_t first = words->n == 0 ? 1 : (uint32_t)words->n;
            if (!add(m, e->p, e->n, w, first + i))
                return dcr_nomem(err);
        }
    }
    return DCR_OK;
}

/* Codes in order of bytes; equal values of several workers are one. */
static dcr_status number(merge *m, dcr_err *err)
{
    uint32_t code = 0;
    qsort(m->list, m->n, sizeof *m->list, by_bytes);
    for (size_t i = 0; i < m->n; i++)
        code += i == 0 || by_bytes(&m->list[i - 1], &m->list[i]) != 0;
    m->value = dcr_arena_alloc(&m->work->arena[m->c], (size_t)code + 1, sizeof *m->value);
    if (m->value == NULL)
        return dcr_nomem(err);
    code = 0;
    for (size_t i = 0; i < m->n; i++) {
        const entry *e = &m->list[i];
        code += i == 0 || by_bytes(e - 1, e) != 0;
        m->value[code] = (const char *)e->p;
        m->map[e->worker][e->number] = code;
    }
    m->column->value = m->value;
    m->column->n_codes = code + 1;
    return DCR_OK;
}

/* One block of one column. */
static void translate(uint32_t *out, const csv_block *b, const struct csv_numbers *from,
                      const uint32_t *map, size_t n_short)
{
    const uint8_t *one = from->p;
    const uint16_t *two = from->p;
    const uint32_t *four = from->p;
    for (size_t r = 0; from->width == 1 && r < b->n_rows; r++)
        out[r] = map[(one[r] & 1u) * n_short + (one[r] >> 1)];
    for (size_t r = 0; from->width == 2 && r < b->n_rows; r++)
        out[r] = map[(two[r] & 1u) * n_short + (two[r] >> 1)];
    for (size_t r = 0; from->width == 4 && r < b->n_rows; r++)
        out[r] = map[(four[r] & 1u) * n_short + (four[r] >> 1)];
}

static dcr_status apply(merge *m, size_t n_rows, dcr_err *err)
{
    uint32_t *out = m->column->code = dcr_alloc(n_rows, sizeof *out);
    if (out == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; i < m->work->n_blocks; i++) {
        csv_block *b = m->work->block[i];
        struct csv_numbers *from = &b->numbers[m->c];
        size_t n_short = words_of(m, b->worker)->n;
        translate(out, b, from, m->map[b->worker], n_short == 0 ? 1 : n_short);
        out += b->n_rows;
        dcr_free(from->p);
        from->p = NULL;
    }
    return DCR_OK;
}

dcr_status dcr_csv_codes(dcr_csv *t, size_t c, const dcr_csv_options *o, dcr_err *err)
{
    uint32_t *map[DCR_POOL_MAX] = {NULL};
    merge m = {.work = t->work, .column = &t->column[c], .o = o, .c = c, .map = map};
    dcr_status rc = gather(&m, err);
    if (rc == DCR_OK)
        rc = number(&m, err);
    dcr_free(m.list);
    if (rc == DCR_OK)
        rc = apply(&m, t->n_rows, err);
    for (unsigned w = 0; w < t->work->n_workers; w++)
        dcr_free(map[w]);
    return rc;
}
