/* Made-up patients as files, a scan file of them, and the model that comes of it. */
#ifndef DCR_TEST_MODEL_MAKER_H
#define DCR_TEST_MODEL_MAKER_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "batch_maker.h"
#include "dcmrisk/dcmrisk.h"

static dcr_rules *rules;
static const char *const inputs[] = {"/in"};
static bm b;
static dcr_store *store;
static dcr_model *m;
static uint64_t seed;

static inline int load_rules(void **state)
{
    dcr_err err = {0};
    (void)state;
    return dcr_rules_load(&rules, NULL, &err) == DCR_OK ? 0 : -1;
}

static inline int free_rules(void **state)
{
    (void)state;
    dcr_rules_free(rules);
    return 0;
}

static inline int enter(void **state)
{
    size_t n;
    (void)state;
    bm_start(&b);
    b.keep = dcr_rules_keep(rules, &n);
    b.n_keep = n;
    return 0;
}

static inline int leave(void **state)
{
    dcr_err err = {0};
    (void)state;
    dcr_alloc_fail_after(-1);
    dcr_model_free(m);
    m = NULL;
    bm_clear(&b);
    if (dcr_store_close(store, &err) != DCR_OK)
        return -1;
    store = NULL;
    return 0;
}

static inline uint32_t draw(uint32_t n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)((seed >> 11) % n);
}

static inline void open_store(void)
{
    dcr_store_options o = {"test", inputs, 1, b.keep, b.n_keep, NULL};
    dcr_err err = {0};
    assert_int_equal(dcr_store_open(&store, NULL, &o, &err), DCR_OK);
}

static inline void load(void)
{
    dcr_err err = {0};
    open_store();
    if (b.n > 0)
        bm_append_range(&b, store, 0, b.n);
    if (dcr_model_load(&m, store, rules, NULL, &err) != DCR_OK)
        fail_msg("%s", err.text);
}

/* A file with some attributes: path, VR and value, three by three, up to NULL. */
static inline void add(const char *patient, const char *study, const char *series, ...)
{
    va_list ap;
    const char *path;
    bm_add(&b, patient, "", study, series);
    va_start(ap, series);
    while ((path = va_arg(ap, const char *)) != NULL) {
        const char *vr = va_arg(ap, const char *);
        bm_text(&b, path, vr, va_arg(ap, const char *));
    }
    va_end(ap);
}

static inline size_t concept_index(const char *id)
{
    for (size_t c = 0; c < m->n_concepts; c++)
        if (strcmp(m->concepts[c].id, id) == 0)
            return c;
    fail_msg("no concept %s", id);
    return 0;
}

/* What a row says of a concept at a level; "" when nothing. */
static inline const char *at(size_t row, const char *concept, const char *level)
{
    const dcr_column *c = dcr_model_column(m, concept_index(concept), level);
    assert_non_null(c);
    assert_true(row < m->table.n_rows && c->code[row] < c->n_codes);
    return c->label[c->code[row]];
}

#define SEX          "0010,0040", "CS"
#define BIRTH        "0010,0030", "DA"
#define AGE          "0010,1010", "AS"
#define STUDY_DATE   "0008,0020", "DA"
#define ACQ_DATE     "0008,0022", "DA"
#define ACQ_DATETIME "0008,002A", "DT"
#define STUDY_TIME   "0008,0030", "TM"
#define MODALITY     "0008,0060", "CS"
#define SITE         "0008,0080", "LO"
#define SERIAL       "0018,1000", "LO"
#define PROTOCOL     "0018,1030", "LO"

#define T(name) cmocka_unit_test_setup_teardown(name, enter, leave)

#endif
