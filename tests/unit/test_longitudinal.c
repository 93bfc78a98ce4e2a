/* Sets of keys, known dates and intervals against plain loops over the definitions. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alloc.h"
#include "dcmrisk/dcmrisk.h"
#include "unicity.h"

static uint64_t seed;

static uint32_t draw(uint32_t n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)((seed >> 11) % n);
}

/* ---- lists of items, each a bit ---- */

enum { HOLDERS = 14, ITEMS = 16 };

typedef struct lists {
    dcr_items l;
    uint32_t bits[HOLDERS];
    size_t first[HOLDERS + 1];
    uint32_t item[HOLDERS * ITEMS];
    bool inferred[HOLDERS];
} lists;

static void make_lists(lists *x)
{
    uint32_t n_items = 1 + draw(10), n = 0;
    memset(x, 0, sizeof *x);
    x->l.n_holders = draw(HOLDERS + 1);
    x->l.n_items = n_items;
    for (uint32_t h = 0; h < x->l.n_holders; h++) {
        uint32_t dense = 1 + draw(4);
        x->inferred[h] = draw(4) == 0;
        for (uint32_t i = 0; i < n_items; i++)
            if (draw(5) < dense) {
                x->bits[h] |= 1u << i;
                x->item[n++] = i;
            }
        x->first[h + 1] = n;
    }
    x->l.first = x->first;
    x->l.item = x->item;
    x->l.inferred = x->inferred;
}

static uint32_t size_of(uint32_t bits)
{
    uint32_t n = 0;
    for (; bits != 0; bits &= bits - 1)
        n++;
    return n;
}

static uint32_t support(const lists *x, uint32_t set, uint32_t *low)
{
    uint32_t n = 0, inferred = 0;
    for (uint32_t h = 0; h < x->l.n_holders; h++)
        if ((x->bits[h] & set) == set) {
            n++;
            inferred += x->inferred[h];
        }
    *low = n - inferred + (inferred > 0);
    return n;
}

static void check_size(const lists *x, const dcr_itemsets *o, uint32_t m)
{
    uint64_t n = 0, below[DCR_BELOW_N] = {0};
    assert_int_equal(o->m, m);
    assert_false(o->refused);
    for (uint32_t h = 0; h < x->l.n_holders; h++) {
        uint32_t k = 0, k_low = 0, all = 0, alone = 0;
        for (uint32_t set = 1; set < 1u << x->l.n_items; set++) {
            uint32_t low, s;
            if (size_of(set) != m || (x->bits[h] & set) != set)
                continue;
            s = support(x, set, &low);
            k = k == 0 || s < k ? s : k;
            k_low = k_low == 0 || low < k_low ? low : k_low;
            all++;
            alone += s == 1;
        }
        assert_int_equal(o->k[h], k);
        assert_int_equal(o->k_low[h], k_low);
        assert_float_equal(o->unique[h], all == 0 ? 0 : (double)alone / all, 1e-12);
    }
    for (uint32_t set = 1; set < 1u << x->l.n_items; set++) {
        uint32_t low, s = support(x, set, &low);
        if (size_of(set) != m || s == 0)
            continue;
        n++;
        for (size_t b = 0; b < DCR_BELOW_N; b++)
            below[b] += s < dcr_below[b];
    }
    assert_int_equal(o->n, n);
    for (size_t b = 0; b < DCR_BELOW_N; b++)
        assert_int_equal(o->n_below[b], below[b]);
}

static void test_itemsets(void **state)
{
    static lists x;
    dcr_err err = {0};
    (void)state;
    seed = 11;
    for (int i = 0; i < 1500; i++) {
        dcr_itemsets o[DCR_ITEMSETS_MAX];
        make_lists(&x);
        assert_int_equal(dcr_itemsets_count(o, DCR_ITEMSETS_MAX, &x.l, UINT64_MAX, &err),
                         DCR_OK);
        for (uint32_t m = 1; m <= DCR_ITEMSETS_MAX; m++)
            check_size(&x, &o[m - 1], m);
        dcr_itemsets_clear(o, DCR_ITEMSETS_MAX);
    }
}

/* Work is bounded by what others may have, not by how much one holder has. */
static void test_too_many(void **state)
{
    enum { LONG = 3000 };
    static uint32_t item[2 * LONG];
    size_t first[3] = {0, LONG, LONG};
    dcr_items l = {2, LONG, first, item, NULL};
    dcr_itemsets o[3];
    dcr_err err = {0};
    (void)state;
    for (uint32_t i = 0; i < 2 * LONG; i++)
        item[i] = i % LONG;
    assert_int_equal(dcr_itemsets_count(o, 3, &l, 1000, &err), DCR_OK);
    for (uint32_t m = 1; m <= 3; m++) { /* one holder alone */
        assert_false(o[m - 1].refused);
        assert_int_equal(o[m - 1].n, dcr_choose(LONG, m));
        assert_int_equal(o[m - 1].k[0], 1);
        assert_int_equal(o[m - 1].k[1], 0);
        assert_float_equal(o[m - 1].unique[0], 1, 0);
    }
    dcr_itemsets_clear(o, 3);
    first[2] = 2 * LONG;
    assert_int_equal(dcr_itemsets_count(o, 3, &l, LONG * LONG, &err), DCR_OK);
    assert_false(o[0].refused);
    assert_false(o[1].refused);
    assert_int_equal(o[1].n, dcr_choose(LONG, 2));
    assert_int_equal(o[1].n_below[0], 0);
    assert_int_equal(o[1].k[0], 2);
    assert_true(o[2].refused);
    assert_null(o[2].k);
    dcr_itemsets_clear(o, 3);
}

static void test_choose(void **state)
{
    (void)state;
    assert_int_equal(dcr_choose(0, 0), 1);
    assert_int_equal(dcr_choose(3, 4), 0);
    assert_int_equal(dcr_choose(4, 4), 1);
    assert_int_equal(dcr_choose(268, 4), 210165935); /* 268*267*266*265/24 */
    assert_true(dcr_choose(UINT32_MAX, 4) == UINT64_MAX);
}

/* ---- unicity, exact and from a sample ---- */

static double share_of(const lists *x, uint32_t p, uint32_t *subjects)
{
    double sum = 0;
    *subjects = 0;
    for (uint32_t h = 0; h < x->l.n_holders; h++) {
        uint32_t all = 0, alone = 0, low;
        for (uint32_t set = 1; set < 1u << x->l.n_items; set++)
            if (size_of(set) == p && (x->bits[h] & set) == set) {
                all++;
                alone += support(x, set, &low) == 1;
            }
        if (all == 0)
            continue;
        sum += (double)alone / all;
        (*subjects)++;
    }
    return sum / *subjects;
}

static void test_unicity(void **state)
{
    static lists x;
    dcr_err err = {0};
    uint32_t sampled = 0, covered = 0;
    (void)state;
    seed = 12;
    for (int i = 0; i < 300; i++) {
        dcr_unicity exact[DCR_POINTS_N], some[DCR_POINTS_N];
        make_lists(&x);
        assert_int_equal(dcr_unicity_get(exact, &x.l, UINT64_MAX, &err), DCR_OK);
        assert_int_equal(dcr_unicity_get(some, &x.l, 0, &err), DCR_OK);
        for (uint32_t p = 1; p <= DCR_POINTS_N; p++) {
            const dcr_unicity *u = &exact[p - 1], *v = &some[p - 1];
            uint32_t n;
            double share = share_of(&x, p, &n);
            assert_int_equal(u->subjects, n);
            assert_int_equal(u->drawn, 0);
            assert_true(n == 0 ? isnan(u->share) : fabs(u->share - share) < 1e-12);
            /* More points known never hide anybody. */
            if (p > 1 && u->all_subjects > 0)
                assert_true(u->all_share >= exact[p - 2].all_share - 1e-12);
            assert_int_equal(v->subjects, n);
            assert_int_equal(v->all_subjects, u->all_subjects);
            if (v->drawn == 0)
                continue;
            assert_true(v->lo <= v->share && v->share <= v->hi);
            assert_true(v->hi - v->lo < 0.03 && isnan(v->all_share));
            sampled++;
            covered += v->lo <= share && share <= v->hi;
        }
    }
    assert_true(sampled > 500);
    assert_true(covered >= 0.93 * sampled);
}

/* ---- a small release ---- */

enum { DATE, MODALITY, BODY, N_CONCEPTS, ROWS = 400, PEOPLE = 20, CODES = 60 };

static const dcr_concept concepts[N_CONCEPTS] = {
    {"exam_date", "", DCR_LEVEL_STUDY, "date", NULL, 0, ""},
    {"modality", "", DCR_LEVEL_SERIES, "modality", NULL, 0, ""},
    {"body_region", "", DCR_LEVEL_SERIES, "bodypart", NULL, 0, ""}};
static const dcr_known known[N_CONCEPTS] = {
    {DATE, "day"}, {MODALITY, "value"}, {BODY, "value"}};

typedef struct release {
    dcr_model m;
    dcr_adversary a;
    bool carried[N_CONCEPTS];
    dcr_column column[N_CONCEPTS];
    dcr_code code[N_CONCEPTS][ROWS];
    const char *label[N_CONCEPTS][CODES];
    char text[CODES][40];
    int32_t day[CODES]; /* of a date code; -1: no date */
    uint32_t subject[ROWS], study[ROWS];
    uint64_t files[ROWS];
    dcr_subject subjects[PEOPLE];
    dcr_study studies[ROWS];
} release;

static release w;

/* Codes 1 to CODES - 2 are the days from 2023-12-20 on; the last one is no date. */
static void name_codes(release *x)
{
    for (uint32_t i = 1; i < CODES; i++) {
        int day = 20 + (int)i - 1, month = 12, year = 2023;
        for (int n; day > (n = month == 2 ? 29 : 31); day -= n) {
            year += month == 12;
            month = month % 12 + 1;
        }
        x->day[i] = (int32_t)i;
        snprintf(x->text[i], sizeof x->text[i], "%04d%02d%02d", year, month, day);
    }
    snprintf(x->text[CODES - 1], sizeof x->text[0], "20230230");
    x->day[0] = x->day[CODES - 1] = -1;
    for (size_t c = 0; c < N_CONCEPTS; c++) {
        x->column[c] = (dcr_column){c, known[c].level, x->code[c], CODES, x->label[c]};
        for (uint32_t i = 0; i < CODES; i++)
            x->label[c][i] = x->text[i];
    }
}

static void add_study(release *x, uint32_t subject, uint32_t date, uint32_t rows)
{
    uint32_t study = x->m.n_studies++;
    dcr_subject *s = &x->subjects[subject];
    s->first_study = s->n_studies == 0 ? study : s->first_study;
    s->n_studies++;
    for (; rows > 0; rows--) {
        size_t r = x->m.table.n_rows++;
        x->subject[r] = subject;
        x->study[r] = study;
        x->code[DATE][r] = date;
        x->code[MODALITY][r] = draw(3);
        x->code[BODY][r] = draw(2);
    }
}

static void make(release *x, uint32_t n_subjects, uint32_t n_dates)
{
    memset(x, 0, sizeof *x);
    name_codes(x);
    x->m.concepts = concepts;
    x->m.n_concepts = N_CONCEPTS;
    x->m.carried = x->carried;
    x->m.subjects = x->subjects;
    x->m.studies = x->studies;
    x->m.n_subjects = n_subjects;
    x->m.table = (dcr_table){.n_columns = N_CONCEPTS,
                             .subject = x->subject,
                             .study = x->study,
                             .files = x->files,
                             .column = x->column};
    x->a = (dcr_adversary){.id = "",
                           .title = "",
                           .target = "prosecutor",
                           .knows = known,
                           .n_knows = N_CONCEPTS,
                           .note = ""};
    for (uint32_t s = 0; s < n_subjects; s++) {
        uint32_t exams = 1 + draw(5);
        x->subjects[s].inferred = exams == 1 && draw(2) == 0;
        for (; exams > 0; exams--)
            add_study(x, s, draw(12) == 0 ? CODES - 1 : draw(n_dates + 1), 1 + draw(2));
    }
    for (size_t c = 0; c < N_CONCEPTS; c++)
        for (size_t r = 0; r < x->m.table.n_rows; r++)
            x->carried[c] = x->carried[c] || x->code[c][r] != 0;
}

static int by_number(const void *a, const void *b)
{
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return (x > y) - (x < y);
}

/* The intervals of a subject, and how many dated exams it has. */
static uint32_t vector(const release *x, uint32_t s, int32_t *out)
{
    uint32_t n = 0, last = UINT32_MAX;
    for (size_t r = 0; r < x->m.table.n_rows; r++)
        if (x->subject[r] == s && x->study[r] != last) {
            last = x->study[r];
            if (x->day[x->code[DATE][r]] >= 0)
                out[n++] = x->day[x->code[DATE][r]];
        }
    qsort(out, n, sizeof *out, by_number);
    for (uint32_t i = 0; i + 1 < n; i++)
        out[i] = out[i + 1] - out[i];
    return n;
}

static void check_intervals(const release *x, const dcr_longitudinal *l)
{
    static int32_t v[PEOPLE][ROWS];
    uint32_t n[PEOPLE], unique[2] = {0}, all[2] = {0};
    for (uint32_t s = 0; s < x->m.n_subjects; s++)
        n[s] = vector(x, s, v[s]);
    for (uint32_t s = 0; s < x->m.n_subjects; s++) {
        uint32_t k = 0;
        for (uint32_t o = 0; o < x->m.n_subjects && n[s] >= 2; o++)
            k += n[o] == n[s] && memcmp(v[o], v[s], (n[s] - 1) * sizeof **v) == 0;
        assert_int_equal(l->intervals_k[s], k);
        for (uint32_t g = 0; g < 2; g++) {
            all[g] += n[s] >= g + 2;
            unique[g] += n[s] >= g + 2 && k == 1;
        }
    }
    for (size_t g = 0; g < 2 && l->applies; g++) {
        assert_int_equal(l->intervals[g].subjects, all[g]);
        assert_int_equal(l->intervals[g].below[0], unique[g]);
    }
}

/* Do rows a and b of one subject say the same of two of its exams as rows c and d? */
static bool same_pair(const release *x, size_t a, size_t b, size_t c, size_t d)
{
    int32_t days[4] = {x->day[x->code[DATE][a]], x->day[x->code[DATE][b]],
                       x->day[x->code[DATE][c]], x->day[x->code[DATE][d]]};
    return x->study[c] != x->study[d] && x->subject[c] == x->subject[d] && days[2] >= 0 &&
           days[3] >= 0 && days[1] - days[0] == days[3] - days[2] &&
           x->code[MODALITY][a] == x->code[MODALITY][c] &&
           x->code[MODALITY][b] == x->code[MODALITY][d] &&
           x->code[BODY][a] == x->code[BODY][c] && x->code[BODY][b] == x->code[BODY][d];
}

static uint32_t pair_support(const release *x, size_t a, size_t b)
{
    bool has[PEOPLE] = {false};
    uint32_t k = 0;
    for (size_t c = 0; c < x->m.table.n_rows; c++)
        for (size_t d = 0; d < x->m.table.n_rows; d++)
            if (!has[x->subject[c]] && same_pair(x, a, b, c, d)) {
                has[x->subject[c]] = true;
                k++;
            }
    return k;
}

static void check_pairs(const release *x, const dcr_interval_pairs *p)
{
    uint32_t k[PEOPLE] = {0}, subjects = 0, unique = 0;
    for (size_t a = 0; a < x->m.table.n_rows; a++)
        for (size_t b = 0; b < x->m.table.n_rows; b++)
            if (x->subject[a] == x->subject[b] && same_pair(x, a, b, a, b)) {
                uint32_t s = x->subject[a], n = pair_support(x, a, b);
                k[s] = k[s] == 0 || n < k[s] ? n : k[s];
            }
    for (uint32_t s = 0; s < x->m.n_subjects; s++) {
        assert_int_equal(p->k[s], k[s]);
        subjects += k[s] > 0;
        unique += k[s] == 1;
    }
    assert_int_equal(p->subjects, subjects);
    assert_int_equal(p->below[0], unique);
    assert_int_equal(p->applies, subjects > 0);
}

static dcr_risk *risk_of(const release *x)
{
    dcr_risk *r = NULL;
    dcr_err err = {0};
    assert_int_equal(dcr_risk_any_exam(&r, &x->m, &x->a, &err), DCR_OK);
    return r;
}

static void check_km(const dcr_risk *r, const dcr_km *km)
{
    dcr_risk *two = NULL;
    dcr_err err = {0};
    assert_int_equal(dcr_risk_two_exams(&two, r, &err), DCR_OK);
    for (size_t i = 0; i < DCR_KM_N; i++) {
        assert_int_equal(km[i].m, i + 1);
        assert_int_equal(km[i].applies, r->applies);
        for (size_t b = 0; b < DCR_BELOW_N && i > 0; b++)
            assert_true(km[i].subjects_below[b] >= km[i - 1].subjects_below[b]);
    }
    for (size_t b = 0; b < DCR_BELOW_N && r->applies; b++) {
        uint32_t one_exam = 0, pairs = 0;
        for (uint32_t s = 0; s < r->n_subjects; s++) {
            one_exam += r->k[s] < dcr_below[b];
            pairs += two->k[s] < dcr_below[b];
        }
        assert_int_equal(km[0].subjects_below[b], one_exam);
        assert_int_equal(km[1].subjects_below[b], pairs);
    }
    dcr_risk_free(two);
}

static void check_release(const release *x)
{
    dcr_longitudinal l = {0};
    dcr_interval_pairs p = {0};
    dcr_km km[DCR_KM_N];
    dcr_err err = {0};
    dcr_risk *r = risk_of(x);
    assert_int_equal(dcr_longitudinal_get(&l, &x->m, &err), DCR_OK);
    assert_int_equal(dcr_interval_pairs_get(&p, r, &err), DCR_OK);
    assert_int_equal(dcr_km_get(km, r, &err), DCR_OK);
    check_intervals(x, &l);
    check_pairs(x, &p);
    check_km(r, km);
    dcr_interval_pairs_clear(&p);
    dcr_longitudinal_clear(&l);
    dcr_risk_free(r);
}

static void test_release(void **state)
{
    (void)state;
    seed = 13;
    for (int i = 0; i < 300; i++) {
        make(&w, draw(PEOPLE), 1 + draw(i % 2 == 0 ? 6 : CODES - 2));
        check_release(&w);
    }
}

/* Moving the dates of every patient by days of its own changes nothing in what is said of
 * intervals. */
static void test_shift(void **state)
{
    dcr_err err = {0};
    (void)state;
    seed = 14;
    for (int i = 0; i < 100; i++) {
        dcr_longitudinal a = {0}, b = {0};
        dcr_interval_pairs p = {0}, q = {0};
        dcr_risk *r, *s;
        make(&w, 1 + draw(PEOPLE - 1), 20);
        r = risk_of(&w);
        assert_int_equal(dcr_longitudinal_get(&a, &w.m, &err), DCR_OK);
        assert_int_equal(dcr_interval_pairs_get(&p, r, &err), DCR_OK);
        for (size_t k = 0; k < w.m.table.n_rows; k++)
            if (w.day[w.code[DATE][k]] >= 0)
                w.code[DATE][k] += w.subject[k] * 7 % 30;
        s = risk_of(&w);
        assert_int_equal(dcr_longitudinal_get(&b, &w.m, &err), DCR_OK);
        assert_int_equal(dcr_interval_pairs_get(&q, s, &err), DCR_OK);
        assert_memory_equal(a.intervals_k, b.intervals_k,
                            w.m.n_subjects * sizeof *a.intervals_k);
        assert_memory_equal(p.k, q.k, w.m.n_subjects * sizeof *p.k);
        dcr_interval_pairs_clear(&p);
        dcr_interval_pairs_clear(&q);
        dcr_longitudinal_clear(&a);
        dcr_longitudinal_clear(&b);
        dcr_risk_free(r);
        dcr_risk_free(s);
    }
}

/* Nobody; one patient; no dates at all; dates that are none. */
static void test_edges(void **state)
{
    dcr_longitudinal l = {0};
    dcr_err err = {0};
    (void)state;
    seed = 15;
    for (uint32_t n = 0; n < 2; n++) {
        make(&w, n, 5);
        check_release(&w);
    }
    make(&w, 6, 5);
    memset(w.code, 0, sizeof w.code);
    memset(w.carried, 0, sizeof w.carried);
    check_release(&w);
    assert_int_equal(dcr_longitudinal_get(&l, &w.m, &err), DCR_OK);
    assert_false(l.applies);
    assert_int_equal(l.n_unicity, 0);
    dcr_longitudinal_clear(&l);
    make(&w, 6, 1);
    for (size_t r = 0; r < w.m.table.n_rows; r++)
        w.code[DATE][r] = CODES - 1; /* carried, and never a date */
    w.carried[DATE] = true;
    check_release(&w);
    assert_int_equal(dcr_longitudinal_get(&l, &w.m, &err), DCR_OK);
    assert_false(l.applies);
    assert_int_equal(l.undated, w.m.n_studies);
    dcr_longitudinal_clear(&l);
}

static void test_no_memory(void **state)
{
    dcr_risk *r;
    dcr_err err = {0};
    dcr_status rc = DCR_ENOMEM;
    (void)state;
    seed = 16;
    make(&w, PEOPLE - 1, 9);
    r = risk_of(&w);
    for (long n = 0; rc != DCR_OK; n++) {
        dcr_longitudinal l = {0};
        dcr_interval_pairs p = {0};
        dcr_km km[DCR_KM_N];
        assert_true(n < 2000);
        dcr_alloc_fail_after(n);
        rc = dcr_longitudinal_get(&l, &w.m, &err);
        if (rc == DCR_OK)
            rc = dcr_interval_pairs_get(&p, r, &err);
        if (rc == DCR_OK)
            rc = dcr_km_get(km, r, &err);
        dcr_alloc_fail_after(-1);
        assert_true(rc == DCR_OK || rc == DCR_ENOMEM);
        dcr_interval_pairs_clear(&p);
        dcr_longitudinal_clear(&l);
    }
    dcr_risk_free(r);
}

static void test_no_memory_for_a_sample(void **state)
{
    static lists x;
    dcr_err err = {0};
    dcr_status rc = DCR_ENOMEM;
    (void)state;
    seed = 17;
    do {
        make_lists(&x);
    } while (x.l.n_holders < 5);
    for (long n = 0; rc != DCR_OK; n++) {
        dcr_unicity u[DCR_POINTS_N];
        assert_true(n < 200);
        dcr_alloc_fail_after(n);
        rc = dcr_unicity_get(u, &x.l, 0, &err);
        dcr_alloc_fail_after(-1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_itemsets),
                                       cmocka_unit_test(test_too_many),
                                       cmocka_unit_test(test_choose),
                                       cmocka_unit_test(test_unicity),
                                       cmocka_unit_test(test_release),
                                       cmocka_unit_test(test_shift),
                                       cmocka_unit_test(test_edges),
                                       cmocka_unit_test(test_no_memory),
                                       cmocka_unit_test(test_no_memory_for_a_sample)};
    dcr_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
