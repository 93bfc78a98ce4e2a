/* Figures of attributes against plain loops over the files, and what is said of the
 * dataset. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "model_maker.h"

/* ---- attributes ---- */

static const char *const pool[] = {"",     "UNKNOWN", "xx",   "alpha",
                                   "beta", "gamma",   "delta"};
enum { N_POOL = 7, FIRST_REAL = 3, N_PEOPLE = 9 };

static uint32_t pool_index(const bm_value *v)
{
    uint32_t i = 0;
    while (strcmp(pool[i], (const char *)v->bytes.p) != 0)
        i++;
    return i;
}

typedef struct figures {
    uint64_t files, empty, dummy;
    uint32_t subjects, value_subjects, distinct, unique, k_min, studies, series;
    double bits;
    bool constant;
} figures;

/* By asking every file for every value. */
static figures count_figures(void)
{
    bool held[N_PEOPLE][N_POOL] = {{false}}, has[N_PEOPLE] = {false};
    bool study[N_PEOPLE][4] = {{false}}, series[N_PEOPLE][4][4] = {{{false}}};
    figures f = {0};
    double total = 0;
    uint32_t n_people = 0, n[N_POOL] = {0};
    bool unique[N_PEOPLE] = {false}, person[N_PEOPLE] = {false};
    for (uint32_t i = 0; i < b.n; i++) {
        const bm_file *x = &b.file[i];
        uint32_t who = (uint32_t)(x->part[0][0] - '0' - 1);
        bool empty = false;
        bool in[N_POOL] = {false};
        person[who] = true;
        for (uint32_t v = 0; v < x->n; v++) {
            in[pool_index(&x->value[v])] = held[who][pool_index(&x->value[v])] = true;
            empty = empty || x->value[v].bytes.n == 0;
            has[who] = study[who][x->part[2][2] - '0'] = true;
            series[who][x->part[2][2] - '0'][x->part[3][0] - '0'] = true;
        }
        f.files += x->n > 0;
        f.empty += empty;
        f.dummy += (uint64_t)in[1] + in[2];
    }
    for (uint32_t p = 0; p < N_PEOPLE; p++) {
        bool real = false;
        n_people += person[p];
        f.subjects += has[p];
        for (uint32_t v = FIRST_REAL; v < N_POOL; v++) {
            real = real || held[p][v];
            n[v] += held[p][v];
        }
        f.value_subjects += real;
        for (int i = 0; i < 4; i++) {
            f.studies += study[p][i];
            for (int j = 0; j < 4; j++)
                f.series += series[p][i][j];
        }
    }
    for (uint32_t v = FIRST_REAL; v < N_POOL; v++) {
        f.distinct += n[v] > 0;
        total += n[v];
        f.k_min = n[v] > 0 && (f.k_min == 0 || n[v] < f.k_min) ? n[v] : f.k_min;
        f.constant = f.constant || n[v] == n_people;
        for (uint32_t p = 0; p < N_PEOPLE; p++)
            unique[p] = unique[p] || (held[p][v] && n[v] == 1);
    }
    f.constant = f.constant && f.distinct == 1;
    for (uint32_t v = FIRST_REAL; v < N_POOL; v++)
        f.bits -= n[v] > 0 ? n[v] / total * log2(n[v] / total) : 0;
    for (uint32_t p = 0; p < N_PEOPLE; p++)
        f.unique += unique[p];
    return f;
}

static void some_people(uint32_t variety)
{
    uint32_t n = 1 + draw(40);
    for (uint32_t i = 0; i < n; i++) {
        char who[3] = {(char)('1' + draw(N_PEOPLE)), '\0'}, study[4] = "1.0",
             series[2] = "0";
        study[2] = (char)('0' + draw(3));
        series[0] = (char)('0' + draw(3));
        bm_add(&b, who, "", study, series);
        for (uint32_t v = draw(3); v > 0; v--) /* none, one, or two items of a sequence */
            bm_text(&b, "0040,0275/0040,0007", "LO", pool[N_POOL - 1 - draw(variety)]);
    }
}

static void test_figures(void **state)
{
    (void)state;
    seed = 21;
    for (int round = 0; round < 150; round++) {
        const dcr_attr *a;
        figures f;
        some_people(1 + draw(N_POOL));
        load();
        a = dcr_model_attr(m, "0040,0275/0040,0007");
        f = count_figures();
        if (a == NULL) {
            assert_int_equal(f.files, 0);
        } else {
            assert_int_equal(a->files, f.files);
            assert_int_equal(a->empty, f.empty);
            assert_int_equal(a->dummy, f.dummy);
            assert_int_equal(a->subjects, f.subjects);
            assert_int_equal(a->studies, f.studies);
            assert_int_equal(a->series, f.series);
            assert_int_equal(a->value_subjects, f.value_subjects);
            assert_int_equal(a->distinct, f.distinct);
            assert_int_equal(a->unique_subjects, f.unique);
            assert_int_equal(a->k_min, f.k_min);
            assert_int_equal(a->constant, f.constant);
            assert_float_equal(a->bits, f.bits, 1e-9);
            assert_true(a->exact && a->is_nested && !a->is_private && !a->is_meta);
        }
        leave(NULL);
        enter(NULL);
    }
}

/* Shapes are counted in patients; the commonest is told. */
static void test_shape(void **state)
{
    const dcr_attr *a;
    (void)state;
    add("A", "1", "1", SITE, "ab 12", NULL);
    add("B", "2", "1", SITE, "cd 34", NULL);
    add("C", "3", "1", SITE, "X-9", NULL);
    add("C", "3", "1", SITE, "Y-9", NULL);
    add("C", "3", "1", SITE, "Z-9", NULL);
    load();
    a = dcr_model_attr(m, "0008,0080");
    assert_string_equal(a->shape, "aa 99");
    assert_int_equal(a->shape_subjects, 2);
    assert_int_equal(a->n_values, 5);
    assert_string_equal(m->concepts[a->concept].id, "site");
}

/* What was rolled up is known to be many, and not how many. */
static void test_rolled_up(void **state)
{
    const dcr_attr *a;
    char text[16];
    (void)state;
    for (uint32_t i = 0; i < 100; i++) {
        snprintf(text, sizeof text, "%u.25", i);
        add("A", "1", "1", "0018,0050", "DS", i == 7 ? "" : text, NULL);
    }
    add("B", "2", "1", "0018,0050", "DS", "3.25", NULL);
    load();
    a = dcr_model_attr(m, "0018,0050");
    assert_false(a->exact);
    assert_false(a->constant);
    assert_int_equal(a->files, 101);
    assert_int_equal(a->empty, 1);
    assert_int_equal(a->subjects, 2);
    assert_int_equal(a->value_subjects, 2);
    assert_true(a->distinct >= 64 && a->distinct <= 99);
    assert_int_equal(a->k_min + a->unique_subjects, 0);
}

/* One path under two VRs is one attribute, and the VR that says something is its VR. */
static void test_kinds_of_attributes(void **state)
{
    const dcr_attr *a;
    (void)state;
    add("A", "1", "1", "0008,1010", "UN", "v", "0002,0010", "UI", "1.2",
        "0009,xx01{MAKER}", "LO", "v", "0009,0010", "LO", "MAKER", NULL);
    add("B", "2", "1", "0008,1010", "SH", "v", NULL);
    load();
    assert_int_equal(m->n_attrs, 4);
    a = dcr_model_attr(m, "0008,1010");
    assert_string_equal(a->vr, "SH");
    assert_int_equal(a->k_min, 2);
    assert_null(a->creator);
    assert_true(a->constant);
    a = dcr_model_attr(m, "0009,xx01{MAKER}");
    assert_true(a->is_private);
    assert_string_equal(a->creator, "MAKER");
    assert_true(dcr_model_attr(m, "0009,0010")->is_private);
    assert_true(dcr_model_attr(m, "0002,0010")->is_meta);
}

/* ---- the dataset ---- */

static void test_dataset(void **state)
{
    static const dcr_read status[] = {DCR_READ_OK, DCR_READ_TRUNCATED, DCR_READ_OTHER};
    (void)state;
    for (int i = 0; i < 3; i++) {
        add("A", "1", i == 0 ? "1" : "2", MODALITY, i == 0 ? "CT" : "SR", STUDY_DATE,
            "20190301", NULL);
        b.file[i].file.status = status[i];
    }
    b.file[2].n = 0;
    b.file[2].file.kind = DCR_FILE_PDF;
    add("B", "2", "1", MODALITY, "CT", STUDY_DATE, "20210301", NULL);
    add("C", "3", "1", MODALITY, "REMOVED", STUDY_DATE, "long ago", NULL);
    load();
    assert_int_equal(m->data.files, 5);
    assert_int_equal(m->data.other_files, 1);
    assert_int_equal(m->data.unreadable_files, 1);
    assert_int_equal(m->data.n_coverage, 1);
    assert_string_equal(m->data.coverage[0].reason, "truncated");
    assert_int_equal(m->data.coverage[0].files, 1);
    assert_int_equal(m->data.coverage[0].example[0], 2);
    assert_int_equal(m->data.n_other, 1);
    assert_string_equal(m->data.other[0].reason, "pdf");
    assert_int_equal(m->data.n_modalities, 2);
    assert_string_equal(m->data.modalities[0].name, "CT");
    assert_int_equal(m->data.modalities[0].subjects, 2);
    assert_string_equal(m->data.modalities[1].name, "SR");
    assert_int_equal(m->data.modalities[1].series, 1);
    assert_int_equal(m->data.from_year, 2019);
    assert_int_equal(m->data.to_year, 2021);
    assert_string_equal(m->data.date_state, "unknown");
}

/* One text that a character set could decode and another could not is two values of the
 * same bytes; in which order the files came is not seen. */
static void test_same_bytes(void **state)
{
    (void)state;
    for (uint32_t round = 0; round < 2; round++) {
        const dcr_attr *a;
        for (uint32_t i = 0; i < 2; i++) {
            bm_add(&b, i == 0 ? "A" : "B", "", "1", "1");
            bm_bytes(&b, "0008,103E", "LO", "same", 4,
                     i == round ? DCR_VALUE_UNDECODED : 0);
        }
        load();
        a = dcr_model_attr(m, "0008,103E");
        assert_int_equal(a->n_values, 2);
        assert_int_equal(a->values[0].flags, 0);
        assert_int_equal(a->values[1].flags, DCR_VALUE_UNDECODED);
        leave(NULL);
        enter(NULL);
    }
}

static void test_date_state(void **state)
{
    static const char *const e[][4] = {/* date, declared by A, declared by B, state */
                                       {"20200101", "UNMODIFIED", "UNMODIFIED", "true"},
                                       {"20200101", "MODIFIED", "MODIFIED", "shifted"},
                                       {"20200101", "MODIFIED", "UNMODIFIED", "unknown"},
                                       {"20200101", "MODIFIED", "", "unknown"},
                                       {"20200101", "", "", "unknown"},
                                       {"20200101", "REMOVED", "REMOVED", "unknown"},
                                       {"00010101", "", "", "dummy"},
                                       {"", "UNMODIFIED", "UNMODIFIED", "dummy"}};
    (void)state;
    for (size_t i = 0; i < 8; i++) {
        add("A", "1", "1", STUDY_DATE, e[i][0], "0028,0303", "CS", e[i][1], NULL);
        add("B", "2", "1", STUDY_DATE, e[i][0], "0028,0303", "CS", e[i][2], NULL);
        load();
        assert_string_equal(m->data.date_state, e[i][3]);
        leave(NULL);
        enter(NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_figures),    T(test_shape),
        T(test_rolled_up),  T(test_kinds_of_attributes),
        T(test_dataset),    T(test_date_state),
        T(test_same_bytes),
    };
    return cmocka_run_group_tests(tests, load_rules, free_rules);
}
