/* Whom each set of concepts that an adversary knows singles out, shares of them and
 * unique keys, against plain loops over the definition. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "table_maker.h"

#include "shapley.h"

/* Subjects with k(s) = 1 when only the concepts of the set are known. */
static uint32_t unique_under(const world *x, const truth *in, unsigned set, bool *unique)
{
    static world part;
    static truth t;
    uint32_t n = 0;
    part = *x;
    memcpy(t.in, in->in, sizeof t.in);
    for (size_t c = 0; c < N_CONCEPTS; c++)
        part.carried[c] = x->carried[c] && (set >> c & 1);
    any_exam(&part, &t, SIZE_MAX);
    for (uint32_t s = 0; s < x->m.n_subjects; s++) {
        unique[s] = set != 0 && t.in[s] && t.k[s] == 1;
        n += unique[s];
    }
    return n;
}

typedef struct lattice_truth {
    bool unique[1 << N_CONCEPTS][MAX_SUBJECTS];
    uint32_t n[1 << N_CONCEPTS];
    unsigned present; /* concepts carried */
} lattice_truth;

static uint32_t factorial(uint32_t n)
{
    return n < 2 ? 1 : n * factorial(n - 1);
}

static double shapley_of(const lattice_truth *t, unsigned c)
{
    uint32_t m = (uint32_t)__builtin_popcount(t->present);
    double sum = 0;
    for (unsigned s = 0; s < 1 << N_CONCEPTS; s++) {
        uint32_t size = (uint32_t)__builtin_popcount(s);
        if ((s & ~t->present) == 0 && !(s >> c & 1))
            sum += (double)(factorial(size) * factorial(m - size - 1)) *
                   (t->n[s | 1u << c] - t->n[s]) / factorial(m);
    }
    return sum;
}

static uint32_t key_of_subjects(const lattice_truth *t, unsigned set, uint32_t n_subjects)
{
    uint32_t n = 0;
    for (uint32_t s = 0; s < n_subjects; s++) {
        bool minimal = t->unique[set][s];
        for (unsigned part = 1; part < set; part++)
            if ((part & ~set) == 0)
                minimal = minimal && !t->unique[part][s];
        n += minimal;
    }
    return n;
}

static void compare_keys(const world *x, const lattice_truth *t, const dcr_singling *g)
{
    size_t n = 0;
    for (unsigned set = 1; set < 1 << N_CONCEPTS; set++) {
        uint32_t expected =
            (set & ~t->present) == 0 ? key_of_subjects(t, set, x->m.n_subjects) : 0;
        uint32_t found = 0;
        for (size_t i = 0; i < g->n_keys; i++) {
            unsigned concepts_of_key = 0;
            for (size_t j = 0; j < g->n_concepts; j++)
                if (g->key[i].concepts >> j & 1)
            concepts_of_key |= 1u << g->shapley[j].concept;
            if (concepts_of_key == set)
                found += g->key[i].subjects;
        }
        assert_int_equal(found, expected);
        n += expected > 0;
    }
    assert_int_equal(g->n_keys, n);
    for (size_t i = 1; i < n; i++)
        assert_true(g->key[i].subjects <= g->key[i - 1].subjects);
    assert_int_equal(g->n_left_out, 0);
    assert_int_equal(g->max_concepts, g->n_concepts);
}

static void compare_singling(const world *x, const truth *in, const dcr_singling *g)
{
    static lattice_truth t;
    size_t at = 0;
    double sum = 0;
    t.present = 0;
    for (unsigned c = 0; c < N_CONCEPTS; c++)
        t.present |= (unsigned)x->carried[c] << c;
    for (unsigned set = 0; set < 1 << N_CONCEPTS; set++)
        t.n[set] = unique_under(x, in, set, t.unique[set]);
    for (unsigned c = 0; c < N_CONCEPTS; c++) {
        if (!x->carried[c])
            continue;
        assert_true(at < g->n_concepts);
        assert_int_equal(g->shapley[at].concept, c);
        assert_float_equal(g->shapley[at].value, shapley_of(&t, c), 1e-12);
        assert_true(g->shapley[at].lo == g->shapley[at].value &&
                    g->shapley[at].hi == g->shapley[at].value);
        sum += g->shapley[at++].value;
    }
    assert_int_equal(g->n_concepts, at);
    assert_int_equal(g->n_orders, 0);
    assert_int_equal(g->unique, at == 0 ? 0 : t.n[t.present]);
    assert_float_equal(sum, g->unique, 1e-9);
    compare_keys(x, &t, g);
}

static void test_singling(void **state)
{
    static truth in;
    (void)state;
    seed = 21;
    for (int i = 0; i < 400; i++) {
        dcr_err err = {0};
        dcr_singling g;
        dcr_risk *r;
        make(&w);
        w.a.subtract_site = i % 2 == 1;
        r = risk_of(&w);
        everybody(&in);
        for (uint32_t s = 0; s < w.m.n_subjects && r->number != NULL; s++)
            in.in[s] = r->number[s] != 0;
        assert_int_equal(dcr_singling_get(&g, r, &err), DCR_OK);
        compare_singling(&w, &in, &g);
        dcr_singling_clear(&g);
        dcr_risk_free(r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_singling),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
