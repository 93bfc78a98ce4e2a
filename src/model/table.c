/* The table: facts that follow from others, codes sorted by bytes, columns at each level.
 */
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "build.h"
#include "levels.h"

static bool is(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

static size_t concept_named(const build *b, const char *id)
{
    for (size_t c = 0; c < b->m->n_concepts; c++)
        if (is(b->m->concepts[c].id, id))
            return c;
    return SIZE_MAX;
}

static bool date_of(const build *b, size_t concept, uint32_t code, dcr_date *d)
{
    const dcr_dict_entry *e;
    if (code == 0)
        return false;
    e = &b->dict[concept].entry[code - 1];
    return dcr_date_parse((const uint8_t *)e->p, e->n, d);
}

/* Age where none is stated: from the birth date to the exam. */
static dcr_status derive_age(build *b, size_t age, dcr_err *err)
{
    size_t exam = concept_named(b, "exam_date"), birth = concept_named(b, "birth_date");
    for (size_t r = 0; exam != SIZE_MAX && birth != SIZE_MAX && r < b->n_rows; r++) {
        dcr_date from, to;
        char text[DCR_AGE_TEXT];
        if (b->row_code[age][r] != 0 ||
            !date_of(b, birth, b->row_code[birth][r], &from) ||
            !date_of(b, exam, b->row_code[exam][r], &to))
            continue;
        if (!dcr_age_text(&from, &to, text))
            continue;
        b->row_code[age][r] = dcr_dict_add(&b->dict[age], text, strlen(text), 0) + 1;
        if (b->row_code[age][r] == 0)
            return dcr_nomem(err);
    }
    return DCR_OK;
}

/* Site where none is stated: that of the device, when all that is known of it agrees. */
static void derive_site(build *b, size_t site)
{
    size_t device = concept_named(b, "device");
    for (size_t r = 0; device != SIZE_MAX && r < b->n_rows; r++) {
        uint32_t d = b->row_code[device][r];
        if (b->row_code[site][r] != 0 || d == 0 || d >= b->cap_device_site)
            continue;
        if (b->device_site[d] != UINT32_MAX)
            b->row_code[site][r] = b->device_site[d];
    }
}

/* Which rows had the concept from a carrier before it was derived for others. */
static dcr_status note_stated(build *b, size_t concept, dcr_err *err)
{
    bool *stated = dcr_arena_alloc(b->arena, b->n_rows, sizeof *stated);
    if (stated == NULL)
        return dcr_nomem(err);
    for (size_t r = 0; r < b->n_rows; r++)
        stated[r] = b->row_code[concept][r] != 0;
    b->m->table.stated[concept] = stated;
    return DCR_OK;
}

static dcr_status derive(build *b, dcr_err *err)
{
    dcr_status rc = DCR_OK;
    b->m->table.stated =
        dcr_arena_alloc(b->arena, b->m->n_concepts, sizeof *b->m->table.stated);
    if (b->m->table.stated == NULL)
        return dcr_nomem(err);
    for (size_t c = 0; c < b->m->n_concepts && rc == DCR_OK; c++) {
        if (*b->m->concepts[c].derive != '\0')
            rc = note_stated(b, c, err);
        if (rc != DCR_OK)
            break;
        if (is(b->m->concepts[c].derive, "age"))
            rc = derive_age(b, c, err);
        else if (is(b->m->concepts[c].derive, "site"))
            derive_site(b, c);
    }
    return rc;
}

/* ---- columns ---- */

static int by_bytes(const void *pa, const void *pb)
{
    const dcr_dict_entry *a = *(const dcr_dict_entry *const *)pa;
    const dcr_dict_entry *b = *(const dcr_dict_entry *const *)pb;
    uint32_t n = a->n < b->n ? a->n : b->n;
    int c = n == 0 ? 0 : memcmp(a->p, b->p, n);
    return c != 0 ? c : (a->n > b->n) - (a->n < b->n);
}

/* Numbers the entries of a dictionary by bytes from 1; lends the labels. */
static dcr_status sort_dict(dcr_arena *arena, const dcr_dict *d, uint32_t *number,
                            dcr_column *col, dcr_err *err)
{
    const dcr_dict_entry **order = dcr_alloc(d->n, sizeof *order);
    const char **label = dcr_arena_alloc(arena, (size_t)d->n + 1, sizeof *label);
    dcr_status rc = order == NULL || label == NULL ? dcr_nomem(err) : DCR_OK;
    for (uint32_t i = 0; i < d->n && rc == DCR_OK; i++)
        order[i] = &d->entry[i];
    if (rc == DCR_OK && d->n > 0)
        qsort(order, d->n, sizeof *order, by_bytes);
    if (rc == DCR_OK)
        label[0] = "";
    for (uint32_t i = 0; i < d->n && rc == DCR_OK; i++) {
        number[order[i] - d->entry] = i + 1;
        label[i + 1] = dcr_arena_bytes(arena, order[i]->p, order[i]->n);
        if (label[i + 1] == NULL)
            rc = dcr_nomem(err);
    }
    col->label = label;
    col->n_codes = d->n + 1;
    dcr_free(order);
    return rc;
}

dcr_status dcr_level_codes(dcr_arena *arena, const dcr_dict *from, const char *hierarchy,
                           const char *level, uint32_t *to, dcr_column *col, dcr_err *err)
{
    dcr_dict at = {0};
    dcr_buf text = {0};
    uint32_t *number = NULL;
    dcr_status rc = DCR_OK;
    to[0] = 0;
    for (uint32_t i = 0; i < from->n && rc == DCR_OK; i++) {
        uint32_t n;
        text.n = 0;
        dcr_level_apply(hierarchy, level, (const uint8_t *)from->entry[i].p,
                        from->entry[i].n, &text);
        n = text.failed   ? DCR_DICT_NONE
            : text.n == 0 ? 0
                          : dcr_dict_add(&at, text.p, text.n, 0);
        to[i + 1] = text.n == 0 ? 0 : n + 1;
        if (n == DCR_DICT_NONE)
            rc = dcr_nomem(err);
    }
    number = rc == DCR_OK ? dcr_alloc(at.n, sizeof *number) : NULL;
    if (rc == DCR_OK)
        rc = number == NULL ? dcr_nomem(err) : sort_dict(arena, &at, number, col, err);
    for (uint32_t i = 0; i < from->n && rc == DCR_OK; i++)
        to[i + 1] = to[i + 1] == 0 ? 0 : number[to[i + 1] - 1];
    dcr_free(number);
    dcr_dict_clear(&at);
    dcr_buf_clear(&text);
    return rc;
}

static dcr_status add_column(build *b, size_t concept, const char *level, dcr_err *err)
{
    dcr_table *t = &b->m->table;
    dcr_column *col = &t->column[t->n_columns];
    uint32_t *to;
    dcr_status rc;
    if (dcr_model_column(b->m, concept, level) != NULL)
        return DCR_OK;
    to = dcr_alloc((size_t)b->dict[concept].n + 1, sizeof *to);
    col->code = dcr_arena_alloc(b->arena, b->n_rows, sizeof *col->code);
    if (to == NULL || col->code == NULL) {
        dcr_free(to);
        return dcr_nomem(err);
    }
    col->concept = concept;
    col->level = level;
    rc = dcr_level_codes(b->arena, &b->dict[concept], b->m->concepts[concept].hierarchy,
                         level, to, col, err);
    for (size_t r = 0; r < b->n_rows && rc == DCR_OK; r++)
        col->code[r] = to[b->row_code[concept][r]];
    t->n_columns += rc == DCR_OK;
    dcr_free(to);
    return rc;
}

/* Days from which ages follow: columns of their own, whoever knows them. */
static dcr_status add_days(build *b, dcr_err *err)
{
    static const char *const days[] = {"birth_date", "exam_date"};
    dcr_status rc = DCR_OK;
    for (size_t i = 0; i < 2 && rc == DCR_OK; i++) {
        size_t c = concept_named(b, days[i]);
        if (c != SIZE_MAX)
            rc = add_column(b, c, "day", err);
    }
    return rc;
}

dcr_status dcr_build_table(build *b, dcr_err *err)
{
    dcr_table *t = &b->m->table;
    size_t n = 0, n_max = 0;
    const dcr_adversary *adv = dcr_rules_adversaries(b->rules, &n);
    dcr_status rc = derive(b, err);
    t->n_rows = b->n_rows;
    for (size_t a = 0; a < n; a++)
        n_max += adv[a].n_knows;
    n_max += b->also == NULL ? 0 : b->also->n_knows;
    t->column =
        rc == DCR_OK ? dcr_arena_alloc(b->arena, n_max + 3, sizeof *t->column) : NULL;
    if (rc == DCR_OK && t->column == NULL)
        rc = dcr_nomem(err);
    for (size_t a = 0; a < n; a++)
        for (size_t k = 0; k < adv[a].n_knows && rc == DCR_OK; k++)
            rc = add_column(b, adv[a].knows[k].concept, adv[a].knows[k].level, err);
    for (size_t k = 0; b->also != NULL && k < b->also->n_knows && rc == DCR_OK; k++)
        rc = add_column(b, b->also->knows[k].concept, b->also->knows[k].level, err);
    if (rc == DCR_OK)
        rc = add_days(b, err);
    for (size_t c = 0; c < t->n_columns && rc == DCR_OK; c++)
        for (size_t r = 0; r < t->n_rows && !b->m->carried[t->column[c].concept]; r++)
            b->m->carried[t->column[c].concept] = t->column[c].code[r] != 0;
    return rc;
}
