/* A register of the population: its rows in the terms of the concepts, and its facts in
 * the codes of a model. */
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "build.h"
#include "levels.h"
#include "tables.h"

typedef struct teller { /* a column that tells a concept */
    size_t concept, rank, column;
    uint32_t *to; /* per code of the column: fact + 1, 0 none */
} teller;

typedef struct reading {
    dcr_register *r;
    dcr_arena *arena;
    const dcr_rules *rules;
    const dcr_concept *concepts;
    const dcr_text_table *t;
    teller *tellers; /* by concept, then rank */
    size_t n_tellers;
    size_t subject;  /* column; SIZE_MAX: none */
    uint32_t *order; /* row of the table at each place of the register */
    dcr_dict *dict;  /* per concept */
    uint32_t **fact; /* per concept; NULL: not told */
} reading;

static int by_rank(const void *pa, const void *pb)
{
    const teller *a = pa, *b = pb;
    if (a->concept != b->concept)
    return a->concept < b->concept ? -1 : 1;
    if (a->rank != b->rank)
        return a->rank < b->rank ? -1 : 1;
    return (a->column > b->column) - (a->column < b->column);
}

/* Which column tells what. */
static dcr_status find_tellers(reading *g, dcr_err *err)
{
    size_t best = SIZE_MAX, rank;
    g->subject = SIZE_MAX;
    for (size_t c = 0; c < g->t->n_columns; c++) {
        teller *x = &g->tellers[g->n_tellers];
        x->concept = dcr_table_concept(g->rules, g->t->column[c].name, &x->rank);
        x->column = c;
        g->n_tellers += x->concept != SIZE_MAX;
        if (dcr_table_is_subject(g->t->column[c].name, &rank) && rank < best) {
            best = rank;
            g->subject = c;
        }
    }
    qsort(g->tellers, g->n_tellers, sizeof *g->tellers, by_rank);
    for (size_t i = 1; i < g->n_tellers; i++)
        if (g->tellers[i].concept == g->tellers[i - 1].concept &&
            g->tellers[i].rank == g->tellers[i - 1].rank)
            return dcr_fail(err, DCR_ERULES, g->t->file,
                            "two columns are %s; leave one out",
                            g->t->column[g->tellers[i].column].name);
    if (g->n_tellers == 0)
        return dcr_fail(err, DCR_ERULES, g->t->file,
                        "no column tells a fact: name columns by concept (sex, age, "
                        "birth_date, exam_date, site, ...) or by DICOM keyword");
    return DCR_OK;
}

/* ---- subjects ---- */

/* Rows by subject, those of one in the order of the table.  Rows that name nobody may all
 * be of one person and count as one, the last. */
static dcr_status sort_subjects(reading *g, dcr_err *err)
{
    dcr_register *r = g->r;
    const dcr_text_column *c = &g->t->column[g->subject];
    uint32_t *number = dcr_alloc(c->n_codes, sizeof *number), *start = NULL, *subject;
    dcr_dict names = {0};
    dcr_status rc = number == NULL ? dcr_nomem(err)
                                   : dcr_table_facts(g->t, g->subject, g->rules, NULL,
                                                     true, &names, number, err);
    if (rc == DCR_OK)
        start = dcr_alloc((size_t)names.n + 2, sizeof *start);
    subject = dcr_arena_alloc(g->arena, r->n_rows, sizeof *subject);
    if (rc == DCR_OK && (start == NULL || subject == NULL))
        rc = dcr_nomem(err);
    for (size_t i = 0; rc == DCR_OK && i < r->n_rows; i++) {
        uint32_t who = number[c->code[i]];
        r->n_unnamed += who == 0;
        start[who == 0 ? names.n + 1 : who]++;
    }
    for (uint32_t s = 1; rc == DCR_OK && s <= names.n + 1; s++)
        start[s] += start[s - 1];
    for (size_t i = r->n_rows; rc == DCR_OK && i-- > 0;) {
        uint32_t who = number[c->code[i]];
        uint32_t at = --start[who == 0 ? names.n + 1 : who];
        g->order[at] = (uint32_t)i;
        subject[at] = who == 0 ? names.n : who - 1;
    }
    r->n_subjects = names.n + (r->n_unnamed > 0);
    r->subject = subject;
    r->has_subject = true;
    dcr_dict_clear(&names);
    dcr_free(number);
    dcr_free(start);
    return rc;
}

static dcr_status each_its_own(reading *g, dcr_err *err)
{
    uint32_t *subject = dcr_arena_alloc(g->arena, g->r->n_rows, sizeof *subject);
    if (subject == NULL)
        return dcr_nomem(err);
    for (uint32_t i = 0; i < g->r->n_rows; i++)
        g->order[i] = subject[i] = i;
    g->r->n_subjects = (uint32_t)g->r->n_rows;
    g->r->subject = subject;
    return DCR_OK;
}

/* ---- facts ---- */

static dcr_status read_columns(reading *g, dcr_err *err)
{
    dcr_status rc = DCR_OK;
    for (size_t i = 0; i < g->n_tellers && rc == DCR_OK; i++) {
        teller *x = &g->tellers[i];
        x->to = dcr_alloc(g->t->column[x->column].n_codes, sizeof *x->to);
        rc = x->to == NULL
                 ? dcr_nomem(err)
                 : dcr_table_facts(g->t, x->column, g->rules, &g->concepts[x->concept],
                                   true, &g->dict[x->concept], x->to, err);
    }
    return rc;
}

/* A concept in each row: its first column that says something. */
static dcr_status fill(reading *g, size_t first, size_t end, dcr_err *err)
{
    uint32_t *fact = dcr_arena_alloc(g->arena, g->r->n_rows, sizeof *fact);
    if (fact == NULL)
        return dcr_nomem(err);
    for (size_t r = 0; r < g->r->n_rows; r++)
        for (size_t i = first; i < end && fact[r] == 0; i++)
            fact[r] =
                g->tellers[i].to[g->t->column[g->tellers[i].column].code[g->order[r]]];
    g->fact[g->tellers[first].concept] = fact;
    return DCR_OK;
}

static size_t concept_named(const reading *g, const char *id)
{
    for (size_t c = 0; c < g->r->n_concepts; c++)
        if (strcmp(g->concepts[c].id, id) == 0)
            return c;
    return SIZE_MAX;
}

/* The age where none is told, as the model has it: from the birth to the exam. */
static dcr_status derive_age(reading *g, dcr_err *err)
{
    size_t age = concept_named(g, "age"), birth = concept_named(g, "birth_date"),
           exam = concept_named(g, "exam_date");
    if (age == SIZE_MAX || birth == SIZE_MAX || exam == SIZE_MAX ||
        g->fact[birth] == NULL || g->fact[exam] == NULL ||
        strcmp(g->concepts[age].derive, "age") != 0)
        return DCR_OK;
    if (g->fact[age] == NULL)
        g->fact[age] = dcr_arena_alloc(g->arena, g->r->n_rows, sizeof *g->fact[age]);
    if (g->fact[age] == NULL)
        return dcr_nomem(err);
    for (size_t r = 0; r < g->r->n_rows; r++) {
        uint32_t b = g->fact[birth][r], e = g->fact[exam][r];
        dcr_date from, to;
        if (g->fact[age][r] != 0 || b == 0 || e == 0)
            continue;
        const dcr_dict_entry *pb = &g->dict[birth].entry[b - 1],
                             *pe = &g->dict[exam].entry[e - 1];
        if (dcr_date_parse((const uint8_t *)pb->p, pb->n, &from) &&
            dcr_date_parse((const uint8_t *)pe->p, pe->n, &to)) {
            char text[DCR_AGE_TEXT];
            if (dcr_age_text(&from, &to, text) &&
                (g->fact[age][r] =
                     dcr_dict_add(&g->dict[age], text, strlen(text), 0) + 1) == 0)
                return dcr_nomem(err);
        }
    }
    return DCR_OK;
}

/* Hands the facts over. */
static dcr_status finish(reading *g, dcr_err *err)
{
    dcr_register *r = g->r;
    const uint32_t **fact = dcr_arena_alloc(g->arena, r->n_concepts, sizeof *fact);
    uint32_t *n_facts = dcr_arena_alloc(g->arena, r->n_concepts, sizeof *n_facts);
    const char *const **value = dcr_arena_alloc(g->arena, r->n_concepts, sizeof *value);
    if (fact == NULL || n_facts == NULL || value == NULL)
        return dcr_nomem(err);
    for (size_t c = 0; c < r->n_concepts; c++) {
        const char **text =
            dcr_arena_alloc(g->arena, (size_t)g->dict[c].n + 1, sizeof *text);
        if (text == NULL)
            return dcr_nomem(err);
        text[0] = "";
        for (uint32_t i = 0; i < g->dict[c].n; i++) {
            text[i + 1] = dcr_arena_str(g->arena, g->dict[c].entry[i].p);
            if (text[i + 1] == NULL)
                return dcr_nomem(err);
        }
        fact[c] = g->fact[c];
        n_facts[c] = g->dict[c].n + 1;
        value[c] = text;
    }
    r->fact = fact;
    r->n_facts = n_facts;
    r->value = value;
    return DCR_OK;
}

static dcr_status read_all(reading *g, dcr_err *err)
{
    dcr_register *r = g->r;
    dcr_status rc;
    g->tellers = dcr_alloc(g->t->n_columns, sizeof *g->tellers);
    g->dict = dcr_alloc(r->n_concepts, sizeof *g->dict);
    g->fact = dcr_alloc(r->n_concepts, sizeof *g->fact);
    g->order = dcr_alloc(r->n_rows, sizeof *g->order);
    if (g->tellers == NULL || g->dict == NULL || g->fact == NULL || g->order == NULL)
        return dcr_nomem(err);
    rc = find_tellers(g, err);
    r->n_used = g->n_tellers + (g->subject != SIZE_MAX);
    if (rc == DCR_OK)
        rc = g->subject == SIZE_MAX ? each_its_own(g, err) : sort_subjects(g, err);
    if (rc == DCR_OK)
        rc = read_columns(g, err);
    for (size_t i = 0, j; i < g->n_tellers && rc == DCR_OK; i = j) {
        for (j = i; j < g->n_tellers && g->tellers[j].concept == g->tellers[i].concept;)
            j++;
        rc = fill(g, i, j, err);
    }
    if (rc == DCR_OK)
        rc = derive_age(g, err);
    return rc == DCR_OK ? finish(g, err) : rc;
}

static void reading_clear(reading *g)
{
    for (size_t i = 0; i < g->n_tellers; i++)
        dcr_free(g->tellers[i].to);
    for (size_t c = 0; g->dict != NULL && c < g->r->n_concepts; c++)
        dcr_dict_clear(&g->dict[c]);
    dcr_free(g->tellers);
    dcr_free(g->dict);
    dcr_free(g->fact);
    dcr_free(g->order);
}

dcr_status dcr_register_read(dcr_register **out, const dcr_rules *rules,
                             const dcr_text_table *t, size_t n_columns, dcr_err *err)
{
    dcr_register *r = dcr_alloc(1, sizeof *r);
    dcr_arena *arena = dcr_alloc(1, sizeof *arena);
    reading g = {.r = r, .arena = arena, .rules = rules, .t = t};
    dcr_status rc;
    *out = NULL;
    if (r == NULL || arena == NULL) {
        dcr_free(r);
        dcr_free(arena);
        return dcr_nomem(err);
    }
    r->owner = arena;
    r->n_rows = t->n_rows;
    r->n_columns = n_columns;
    g.concepts = dcr_rules_concepts(rules, &r->n_concepts);
    rc = t->n_rows >= UINT32_MAX
             ? dcr_fail(err, DCR_ERULES, t->file, "a register of over 4 billion rows")
             : read_all(&g, err);
    reading_clear(&g);
    if (rc == DCR_OK)
        *out = r;
    else
        dcr_register_free(r);
    return rc;
}

void dcr_register_free(dcr_register *r)
{
    if (r == NULL)
        return;
    dcr_arena_clear(r->owner);
    dcr_free(r->owner);
    dcr_free(r);
}

/* ---- in the codes of a model ---- */

/* The code of a label, n_codes when the column has none such; labels are sorted. */
static uint32_t code_of(const dcr_column *col, const char *text, size_t n)
{
    uint32_t lo = 1, hi = col->n_codes;
    const dcr_bytes v = {(const uint8_t *)text, (uint32_t)n};
    if (n == 0)
        return 0;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        dcr_bytes at = {(const uint8_t *)col->label[mid],
                        (uint32_t)strlen(col->label[mid])};
        int c = dcr_bytes_compare(v, at);
        if (c == 0)
            return mid;
        if (c < 0)
            hi = mid;
        else
            lo = mid + 1;
    }
    return col->n_codes;
}

/* The concept of the rules that a column of the model tells; a joined one tells that of
 * its name.  SIZE_MAX: none that the register has. */
static size_t told_by(const dcr_register *reg, const dcr_model *m, size_t concept)
{
    for (size_t i = 0;
         concept >= reg->n_concepts && m->joined != NULL && i < m->joined->n_columns; i++)
        if (m->joined->column[i].concept == concept)
    concept = m->joined->column[i].base;
    return concept < reg->n_concepts && reg->fact[concept] != NULL ? concept : SIZE_MAX;
}

static dcr_status bind_column(const dcr_register *reg, const dcr_model *m,
                              const dcr_column *col, size_t concept, uint32_t *to,
                              dcr_err *err)
{
    dcr_buf text = {0};
    dcr_status rc = DCR_OK;
    to[0] = 0;
    for (uint32_t i = 1; i < reg->n_facts[concept] && rc == DCR_OK; i++) {
        const char *v = reg->value[concept][i];
        text.n = 0;
        dcr_level_apply(m->concepts[col->concept].hierarchy, col->level,
                        (const uint8_t *)v, strlen(v), &text);
        if (text.failed)
            rc = dcr_nomem(err);
        else
            to[i] = code_of(col, text.p, text.n);
    }
    dcr_buf_clear(&text);
    return rc;
}

dcr_status dcr_register_bind(dcr_register_codes **out, const dcr_register *reg,
                             const dcr_model *m, dcr_err *err)
{
    dcr_register_codes *c = dcr_alloc(1, sizeof *c);
    dcr_arena *arena = dcr_alloc(1, sizeof *arena);
    const uint32_t **to = NULL, **fact = NULL;
    dcr_status rc = DCR_OK;
    *out = NULL;
    if (c == NULL || arena == NULL) {
        dcr_free(c);
        dcr_free(arena);
        return dcr_nomem(err);
    }
    c->reg = reg;
    c->owner = arena;
    c->n_columns = m->table.n_columns;
    to = dcr_arena_alloc(arena, c->n_columns, sizeof *to);
    fact = dcr_arena_alloc(arena, c->n_columns, sizeof *fact);
    if (to == NULL || fact == NULL)
        rc = dcr_nomem(err);
    for (size_t i = 0; i < c->n_columns && rc == DCR_OK; i++) {
        const dcr_column *col = &m->table.column[i];
        size_t concept = told_by(reg, m, col->concept);
        uint32_t *codes;
        if (concept == SIZE_MAX)
            continue;
        codes = dcr_arena_alloc(arena, reg->n_facts[concept], sizeof *codes);
        rc = codes == NULL ? dcr_nomem(err)
                           : bind_column(reg, m, col, concept, codes, err);
        fact[i] = reg->fact[concept];
        to[i] = codes;
    }
    c->to = to;
    c->fact = fact;
    if (rc == DCR_OK)
        *out = c;
    else
        dcr_register_codes_free(c);
    return rc;
}

void dcr_register_codes_free(dcr_register_codes *c)
{
    if (c == NULL)
        return;
    dcr_arena_clear(c->owner);
    dcr_free(c->owner);
    dcr_free(c);
}
