/* Histories, pairs of exams, collaborating sites and the heat map against plain loops
 * over the definitions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "table_maker.h"

/* ---- further views ---- */

/* The key of row i, as the first row that has it. */
static size_t key_of(const world *x, size_t i)
{
    size_t j = 0;
    while (!same(x, i, j, SIZE_MAX))
        j++;
    return j;
}

/* The sorted keys of a subject: of every study each once; or each once over all. */
static size_t keys_of(const world *x, uint32_t s, bool over_all, size_t *out)
{
    size_t n = 0;
    for (size_t i = 0; i < x->m.table.n_rows; i++) {
        bool first = x->subject[i] == s;
        for (size_t j = 0; j < i; j++)
            first = first && !(x->subject[j] == s && same(x, i, j, SIZE_MAX) &&
                               (over_all || x->study[j] == x->study[i]));
        if (first)
            out[n++] = key_of(x, i);
    }
    qsort(out, n, sizeof *out, by_size);
    return n;
}

static void check_history(const world *x, const dcr_risk *r)
{
    static size_t key[MAX_SUBJECTS][16];
    size_t n[MAX_SUBJECTS];
    for (uint32_t s = 0; s < x->m.n_subjects; s++)
        n[s] = keys_of(x, s, false, key[s]);
    assert_int_equal(r->n_subjects, x->m.n_subjects);
    assert_int_equal(r->classes.n_records, x->m.n_subjects);
    for (uint32_t s = 0; s < x->m.n_subjects; s++) {
        uint32_t k = 0, low = 0;
        bool inferred = false;
        for (uint32_t o = 0; o < x->m.n_subjects; o++)
            if (n[o] == n[s] && memcmp(key[o], key[s], n[s] * sizeof **key) == 0) {
                k++;
                low += !x->subjects[o].inferred;
                inferred = inferred || x->subjects[o].inferred;
            }
        assert_int_equal(r->k[s], k);
        assert_int_equal(r->k_low[s], low + inferred);
        assert_float_equal(r->exam[s], 1.0 / k, 1e-12);
    }
}

static bool has(const size_t *key, size_t n, size_t what)
{
    for (size_t i = 0; i < n; i++)
        if (key[i] == what)
            return true;
    return false;
}

/* Subjects that have both records; a subject of one record is judged by that. */
static void check_pairs(const world *x, const dcr_risk *r)
{
    static size_t key[MAX_SUBJECTS][16];
    size_t n[MAX_SUBJECTS];
    for (uint32_t s = 0; s < x->m.n_subjects; s++)
        n[s] = keys_of(x, s, true, key[s]);
    for (uint32_t s = 0; s < x->m.n_subjects; s++) {
        uint32_t best = UINT32_MAX, best_low = UINT32_MAX, pairs = 0;
        double sum = 0;
        for (size_t i = 0; i < n[s]; i++)
            for (size_t j = n[s] == 1 ? i : i + 1; j < n[s]; j++) {
                uint32_t k = 0, low = 0;
                bool inferred = false;
                for (uint32_t o = 0; o < x->m.n_subjects; o++)
                    if (has(key[o], n[o], key[s][i]) && has(key[o], n[o], key[s][j])) {
                        k++;
                        low += !x->subjects[o].inferred;
                        inferred = inferred || x->subjects[o].inferred;
                    }
                low += inferred;
                best = k < best ? k : best;
                best_low = low < best_low ? low : best_low;
                sum += 1.0 / k;
                pairs++;
            }
        assert_int_equal(r->k[s], best);
        assert_int_equal(r->k_low[s], best_low);
        assert_float_equal(r->exam[s], sum / pairs, 1e-12);
    }
}

static void test_views(void **state)
{
    dcr_err err = {0};
    (void)state;
    seed = 2;
    for (int i = 0; i < ROUNDS; i++) {
        dcr_risk *r, *v = NULL;
        make(&w);
        r = risk_of(&w);
        assert_int_equal(dcr_risk_history(&v, r, &err), DCR_OK);
        assert_string_equal(v->view, "history");
        check_history(&w, v);
        dcr_risk_free(v);
        assert_int_equal(dcr_risk_two_exams(&v, r, &err), DCR_OK);
        assert_string_equal(v->view, "two_exams");
        assert_false(v->refused);
        check_pairs(&w, v);
        for (uint32_t s = 0; s < r->n_subjects; s++)
            assert_true(v->k[s] <= r->k[s] || r->k[s] == 0);
        dcr_risk_free(v);
        dcr_risk_free(r);
    }
}

/* ---- a site that knows its own patients ---- */

/* 1/k in units of 1/360360, the least common multiple of 1 to 14. */
static uint64_t unit_share(uint32_t k)
{
    return 360360 / k;
}

static uint32_t worst_site(const world *x, truth *worst)
{
    static truth t;
    uint64_t unique = 0, sum = 0;
    uint32_t v, found = 0;
    for (v = 1; v < x->column[SITE].n_codes; v++) {
        uint64_t u = 0, total = 0;
        bool named = false;
        everybody(&t);
        for (size_t i = 0; i < x->m.table.n_rows; i++)
            if (x->code[SITE][i] == v) {
                t.in[x->subject[i]] = false;
                named = true;
            }
        any_exam(x, &t, SIZE_MAX);
        if (!named || t.n == 0)
            continue;
        for (uint32_t s = 0; s < x->m.n_subjects; s++)
            if (t.in[s]) {
                u += t.k[s] == 1;
                total += unit_share(t.k[s]);
            }
        if (found == 0 || u * worst->n > unique * t.n ||
            (u * worst->n == unique * t.n && total * worst->n > sum * t.n)) {
            found = v;
            unique = u;
            sum = total;
            *worst = t;
        }
    }
    return found;
}

static void test_collaborating(void **state)
{
    static truth t;
    dcr_err err = {0};
    int with_site = 0, without = 0;
    (void)state;
    seed = 3;
    for (int i = 0; i < ROUNDS; i++) {
        dcr_risk *r, *v = NULL;
        make(&w);
        w.a.subtract_site = true;
        r = risk_of(&w);
        if (worst_site(&w, &t) == 0) {
            everybody(&t);
            any_exam(&w, &t, SIZE_MAX);
            assert_null(r->number);
            without++;
        } else {
            assert_non_null(r->number);
            with_site++;
        }
        compare(&w, &t, r);
        assert_string_not_equal(r->note, "");
        assert_int_equal(dcr_risk_history(&v, r, &err), DCR_OK);
        assert_int_equal(v->n_subjects, t.n);
        dcr_risk_free(v);
        assert_int_equal(dcr_risk_two_exams(&v, r, &err), DCR_OK);
        assert_int_equal(v->n_subjects, t.n);
        for (uint32_t s = 0; s < t.n; s++)
            assert_true(v->k[s] >= 1 && v->k[s] <= r->k[s]);
        dcr_risk_free(v);
        dcr_risk_free(r);
    }
    assert_true(with_site > 100 && without > 100);
}

/* ---- the heat map ---- */

/* The period of a month label in the unit of the map; "no date" for none. */
static void period_of(const char *label, const char *unit, char out[24])
{
    static const struct {
        const char *name;
        unsigned years;
    } long_unit[] = {{"5 years", 5}, {"decade", 10}, {"century", 100}};
    unsigned year = 0, month = 0;
    if (label[0] == '\0') {
        snprintf(out, 24, "no date");
        return;
    }
    if (sscanf(label, "%4u%2u", &year, &month) != 2 || strlen(label) != 6) {
        snprintf(out, 24, "other dates");
        return;
    }
    if (strcmp(unit, "month") == 0)
        snprintf(out, 24, "%04u-%02u", year, month);
    else if (strcmp(unit, "quarter") == 0)
        snprintf(out, 24, "%04u-Q%u", year, (month + 2) / 3);
    else if (strcmp(unit, "year") == 0)
        snprintf(out, 24, "%04u", year);
    for (size_t u = 0; u < 3; u++)
        if (strcmp(unit, long_unit[u].name) == 0) {
            unsigned from = year / long_unit[u].years * long_unit[u].years;
            snprintf(out, 24, "%04u-%04u", from, from + long_unit[u].years - 1);
        }
}

/* True when a site has a row of its own in the map. */
static bool has_row(const dcr_heat *h, uint32_t site)
{
    for (size_t y = 0; y < h->n_rows; y++)
        if (h->row_site[y] == site)
            return true;
    return false;
}

static void check_cells(const world *x, const dcr_heat *h, const dcr_risk *r, uint32_t k)
{
    for (size_t y = 0; y < h->n_rows; y++)
        for (size_t c = 0; c < h->n_columns; c++) {
            uint32_t subjects = 0, below = 0;
            for (uint32_t s = 0; s < x->m.n_subjects; s++) {
                bool held = false;
                for (size_t i = 0; i < x->m.table.n_rows; i++) {
                    uint32_t site = x->code[SITE][i];
                    char period[24];
                    if (x->subject[i] != s || held)
                        continue;
                    period_of(x->label[DATE][x->code[DATE][i]], h->unit, period);
                    held = strcmp(period, h->column[c]) == 0 &&
                           (h->row_site[y] == UINT32_MAX ? !has_row(h, site)
                                                         : h->row_site[y] == site);
                }
                subjects += held;
                below += held && r->k[s] < k;
            }
            assert_int_equal(h->subjects[y][c], subjects);
            assert_int_equal(h->below[y][c], below);
        }
}

static uint64_t cells_sum(const dcr_heat *h)
{
    uint64_t n = 0;
    for (size_t y = 0; y < h->n_rows; y++)
        for (size_t x = 0; x < h->n_columns; x++)
            n += h->subjects[y][x];
    return n;
}

static void test_heat(void **state)
{
    static dcr_heat h;
    dcr_err err = {0};
    (void)state;
    seed = 6;
    for (int i = 0; i < ROUNDS / 3; i++) {
        dcr_risk *r;
        make(&w);
        r = risk_of(&w);
        assert_int_equal(dcr_heat_get(&h, r, 3, &err), DCR_OK);
        if (w.column[SITE].n_codes < 2 || w.m.n_subjects == 0) {
            assert_int_equal(cells_sum(&h), 0);
        } else {
            assert_string_equal(h.unit, "month");
            assert_true(cells_sum(&h) >= w.m.n_subjects);
            check_cells(&w, &h, r, 3);
        }
        dcr_risk_free(r);
    }
}

/* One subject for each (site, month) of a grid; site 1 has the most rows. */
static void grid(uint32_t sites, uint32_t months)
{
    uint32_t s = 0;
    start(&w);
    for (uint32_t site = 1; site <= sites; site++)
        for (uint32_t m = 1; m <= months; m += 1 + (site > 1 && months > 5)) {
            uint32_t code[N_CONCEPTS] = {1, m, site, 0};
            add_row(&w, s, s, code);
            s++;
        }
    wire(&w, (sites > months ? sites : months) + 1);
    w.column[SITE].n_codes = sites + 1;
    w.column[DATE].n_codes = months + 1;
}

static void test_heat_limits(void **state)
{
    static const struct {
        uint32_t sites, months;
        const char *unit;
        size_t rows, columns;
    } e[] = {
        {3, 22, "month", 3, 22}, {3, 23, "quarter", 3, 8},  {3, 66, "quarter", 3, 22},
        {3, 67, "year", 3, 6},   {22, 5, "month", 22, 5},   {23, 5, "month", 23, 5},
        {24, 5, "month", 23, 5}, {60, 12, "month", 23, 12}, {1, 1, "month", 1, 1}};
    static dcr_heat h;
    dcr_err err = {0};
    (void)state;
    for (size_t i = 0; i < sizeof e / sizeof *e; i++) {
        dcr_risk *r;
        grid(e[i].sites, e[i].months);
        r = risk_of(&w);
        assert_int_equal(dcr_heat_get(&h, r, 5, &err), DCR_OK);
        assert_string_equal(h.unit, e[i].unit);
        assert_int_equal(h.n_columns, e[i].columns);
        assert_int_equal(h.n_rows, e[i].rows);
        assert_int_equal(h.n_sites, e[i].sites);
        assert_int_equal(h.row_site[0], 1); /* the largest comes first */
        assert_int_equal(cells_sum(&h), w.m.n_subjects);
        if (e[i].sites > 22)
            assert_int_equal(h.row_site[22], UINT32_MAX);
        check_cells(&w, &h, r, 5);
        dcr_risk_free(r);
    }
}

/* Of a view that leaves subjects out, these are nobody's cells. */
static void test_heat_of_some(void **state)
{
    static const uint32_t row[][N_CONCEPTS] = {
        {1, 1, 1, 0}, {1, 1, 1, 0}, {2, 1, 2, 0}, {1, 2, 2, 0}, {1, 2, 2, 0}};
    static dcr_heat h;
    dcr_err err = {0};
    uint32_t below = 0;
    dcr_risk *r;
    (void)state;
    start(&w);
    for (uint32_t s = 0; s < 5; s++)
        add_row(&w, s, s, row[s]);
    wire(&w, 3);
    w.a.subtract_site = true;
    r = risk_of(&w);
    assert_int_equal(r->n_subjects, 3); /* without site 1: one of three is alone */
    assert_int_equal(dcr_heat_get(&h, r, 2, &err), DCR_OK);
    assert_int_equal(cells_sum(&h), 3);
    for (size_t y = 0; y < h.n_rows; y++)
        for (size_t x = 0; x < h.n_columns; x++)
            below += h.below[y][x];
    assert_int_equal(below, 1);
    dcr_risk_free(r);
}

/* Of one subject with 10,002 records there are over 50 million pairs: refused, and said
 * so. */
static void test_too_many_pairs(void **state)
{
    enum { N = 10002 };
    static dcr_code code[N];
    static uint32_t zero[N];
    static uint64_t files[N];
    dcr_err err = {0};
    dcr_risk *r, *v = NULL;
    (void)state;
    start(&w);
    w.m.n_subjects = w.m.n_studies = 1;
    wire(&w, 1);
    for (uint32_t i = 0; i < N; i++)
        code[i] = i + 1;
    w.m.table.n_rows = N;
    w.m.table.subject = zero;
    w.m.table.study = zero;
    w.m.table.files = files;
    w.column[SEX].code = code;
    w.column[SEX].n_codes = N + 1;
    w.carried[SEX] = true;
    r = risk_of(&w);
    assert_int_equal(dcr_risk_two_exams(&v, r, &err), DCR_OK);
    assert_true(v->refused && !v->applies);
    assert_string_equal(v->note, "too many pairs of exams to be counted");
    dcr_risk_free(v);
    dcr_risk_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_views),          cmocka_unit_test(test_collaborating),
        cmocka_unit_test(test_too_many_pairs), cmocka_unit_test(test_heat),
        cmocka_unit_test(test_heat_limits),    cmocka_unit_test(test_heat_of_some),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
