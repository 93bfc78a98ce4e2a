#include "register_match.h"

#include <string.h>

#include "alloc.h"

typedef struct lookup {
    const dcr_risk *r;
    const dcr_register *reg;
    const dcr_column **col;      /* of the key and told by the register */
    const uint32_t **fact, **to; /* of the register, beside col */
    size_t n_col;
    uint32_t *slot; /* class + 1 that stands for all of its key; 0 free */
    size_t mask;
    uint32_t *stands; /* per class: the class that stands for it */
    uint32_t *last;   /* per class that stands: subject + 1 counted last */
    uint32_t *count;  /* per class that stands: people of the register */
    dcr_code *key;    /* n_col */
    bool stranger;    /* the register has a key that nobody in the release has */
} lookup;

static void lookup_clear(lookup *u)
{
    dcr_free(u->col);
    dcr_free(u->fact);
    dcr_free(u->to);
    dcr_free(u->slot);
    dcr_free(u->stands);
    dcr_free(u->last);
    dcr_free(u->count);
    dcr_free(u->key);
}

static dcr_status lookup_init(lookup *u, const dcr_risk *r, dcr_register_match *out,
                              dcr_err *err)
{
    size_t n = r->adversary->n_knows, n_classes = r->classes.n_classes;
    u->r = r;
    u->reg = r->reg->reg;
    u->col = dcr_alloc(n, sizeof *u->col);
    u->fact = dcr_alloc(n, sizeof *u->fact);
    u->to = dcr_alloc(n, sizeof *u->to);
    u->key = dcr_alloc(n, sizeof *u->key);
    out->missing = dcr_alloc(n, sizeof *out->missing);
    for (u->mask = 63; u->mask < 2 * n_classes;)
        u->mask = 2 * u->mask + 1;
    u->slot = dcr_alloc(u->mask + 1, sizeof *u->slot);
    u->stands = dcr_alloc(n_classes, sizeof *u->stands);
    u->last = dcr_alloc(n_classes, sizeof *u->last);
    u->count = dcr_alloc(n_classes, sizeof *u->count);
    out->f = dcr_alloc(n_classes, sizeof *out->f);
    if (u->col == NULL || u->fact == NULL || u->to == NULL || u->key == NULL ||
        out->missing == NULL || u->slot == NULL || u->stands == NULL || u->last == NULL ||
        u->count == NULL || out->f == NULL)
        return dcr_nomem(err);
    return DCR_OK;
}

/* Tells the columns of the key that the register has from those that it lacks. */
static void part_columns(lookup *u, dcr_register_match *out)
{
    const dcr_risk *r = u->r;
    size_t n = dcr_key_columns(r->model, r->adversary, SIZE_MAX, out->missing);
    for (size_t i = 0; i < n; i++) {
        const dcr_column *c = out->missing[i];
        const uint32_t *to = r->reg->to[c - r->model->table.column];
        if (to == NULL) {
            out->missing[out->n_missing++] = c;
            continue;
        }
        u->col[u->n_col] = c;
        u->fact[u->n_col] = r->reg->fact[c - r->model->table.column];
        u->to[u->n_col++] = to;
    }
}

static uint64_t hash_key(const lookup *u)
{
    uint64_t h = 0x9E3779B97F4A7C15u;
    for (size_t i = 0; i < u->n_col; i++) {
        h = (h ^ u->key[i]) * 0xff51afd7ed558ccdu;
        h ^= h >> 32;
    }
    return h;
}

static bool is_key(const lookup *u, uint32_t class)
{
    size_t row = u->r->classes.first_row[class];
    for (size_t i = 0; i < u->n_col; i++)
        if (u->col[i]->code[row] != u->key[i])
            return false;
    return true;
}

/* Where the key in hand stands or would stand. */
static size_t place_of(const lookup *u)
{
    size_t at = hash_key(u) & u->mask;
    while (u->slot[at] != 0 && !is_key(u, u->slot[at] - 1))
        at = (at + 1) & u->mask;
    return at;
}

/* Classes that are alike in what the register tells share its people. */
static void add_classes(lookup *u)
{
    for (uint32_t q = 0; q < u->r->classes.n_classes; q++) {
        size_t at, row = u->r->classes.first_row[q];
        for (size_t i = 0; i < u->n_col; i++)
            u->key[i] = u->col[i]->code[row];
        at = place_of(u);
        if (u->slot[at] == 0)
            u->slot[at] = q + 1;
        u->stands[q] = u->slot[at] - 1;
    }
}

/* People of the register per key; its rows come sorted by subject. */
static void count_people(lookup *u)
{
    for (size_t r = 0; r < u->reg->n_rows; r++) {
        bool known = true;
        size_t at;
        uint32_t q;
        for (size_t i = 0; i < u->n_col; i++) {
            u->key[i] = u->to[i][u->fact[i][r]];
            known = known && u->key[i] < u->col[i]->n_codes;
        }
        at = known ? place_of(u) : 0;
        if (!known || u->slot[at] == 0) {
            u->stranger = true;
            continue;
        }
        q = u->slot[at] - 1;
        if (u->last[q] == u->reg->subject[r] + 1)
            continue;
        u->last[q] = u->reg->subject[r] + 1;
        u->count[q]++;
    }
}

/* F of every class, and whose key the register has too few of. */
static void judge(const lookup *u, dcr_register_match *out)
{
    const dcr_classes *c = &u->r->classes;
    for (uint32_t q = 0; q < c->n_classes; q++) {
        uint32_t f = u->count[u->stands[q]];
        double delta;
        out->f[q] = f < c->size[q] ? c->size[q] : f;
        delta = (double)c->size[q] / out->f[q];
        if (q == 0 || out->f[q] < out->k_map)
            out->k_map = out->f[q];
        if (q == 0 || delta < out->delta_min)
            out->delta_min = delta;
        if (q == 0 || delta > out->delta_max)
            out->delta_max = delta;
    }
    if (u->stranger)
        out->delta_min = 0;
    for (size_t i = 0; i < c->n_records;) {
        uint32_t who = c->record_subject[i];
        bool absent = false, scarce = false;
        for (; i < c->n_records && c->record_subject[i] == who; i++) {
            uint32_t q = c->record_class[i], f = u->count[u->stands[q]];
            absent = absent || f == 0;
            scarce = scarce || (f > 0 && f < c->size[q]);
        }
        out->absent += absent;
        out->scarce += scarce;
    }
}

dcr_status dcr_register_match_get(dcr_register_match *out, const dcr_risk *r,
                                  dcr_err *err)
{
    lookup u = {0};
    dcr_status rc;
    memset(out, 0, sizeof *out);
    rc = lookup_init(&u, r, out, err);
    if (rc == DCR_OK) {
        part_columns(&u, out);
        add_classes(&u);
        count_people(&u);
        judge(&u, out);
    }
    lookup_clear(&u);
    return rc;
}

void dcr_register_match_clear(dcr_register_match *x)
{
    dcr_free(x->f);
    dcr_free(x->missing);
    memset(x, 0, sizeof *x);
}
