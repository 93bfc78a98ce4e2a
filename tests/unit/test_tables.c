/* Tables beside the images: names of columns, registers of a population, clinical data
 * joined to the patients.  Expected figures are worked out by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "alloc.h"
#include "model_maker.h"

/* ---- tables of text ---- */

enum { MAX_COLUMNS = 8, MAX_ROWS = 16 };

typedef struct text { /* a table from literals: rows of cells, "" no value */
    dcr_text_table t;
    dcr_text_column column[MAX_COLUMNS];
    uint32_t code[MAX_COLUMNS][MAX_ROWS];
    const char *value[MAX_COLUMNS][MAX_ROWS + 1];
} text;

static void make(text *x, size_t n_columns, size_t n_rows, const char *const *cells)
{
    memset(x, 0, sizeof *x);
    x->t = (dcr_text_table){"t.csv", n_rows, n_columns, x->column, NULL, NULL};
    for (size_t c = 0; c < n_columns; c++) {
        uint32_t n = 1;
        for (size_t r = 0; r < n_rows; r++) {
            const char *v = cells[(r + 1) * n_columns + c];
            uint32_t k = v[0] == '\0' ? 0 : 1;
            while (k > 0 && k < n && strcmp(x->value[c][k], v) != 0)
                k++;
            if (k == n)
                x->value[c][n++] = v;
            x->code[c][r] = k;
        }
        x->column[c] = (dcr_text_column){cells[c], x->code[c], n, x->value[c]};
    }
}

static size_t rules_concept(const char *id)
{
    size_t n;
    const dcr_concept *k = dcr_rules_concepts(rules, &n);
    for (size_t i = 0; i < n; i++)
        if (strcmp(k[i].id, id) == 0)
            return i;
    fail_msg("no concept %s", id);
    return 0;
}

static void test_names(void **state)
{
    size_t rank = 9;
    (void)state;
    assert_int_equal(dcr_table_concept(rules, "exam_date", &rank),
                     rules_concept("exam_date"));
    assert_int_equal(rank, 0);
    assert_int_equal(dcr_table_concept(rules, "STUDYDATE", &rank),
                     rules_concept("exam_date"));
    assert_int_equal(rank, 1); /* StudyDate stands first among the carriers */
    assert_int_equal(dcr_table_concept(rules, "0010,0040", &rank), rules_concept("sex"));
    assert_int_equal(dcr_table_concept(rules, "PatientID", &rank), SIZE_MAX);
    assert_int_equal(dcr_table_concept(rules, "", NULL), SIZE_MAX);
    assert_int_equal(dcr_table_concept(rules, "CodeMeaning", NULL), SIZE_MAX);
    assert_true(dcr_table_is_subject("patientid", &rank));
    assert_true(dcr_table_is_subject("Subject", &rank));
    assert_false(dcr_table_is_subject("sex", &rank));
}

/* ---- registers ---- */

static const char *fact(const dcr_register *r, const char *concept, size_t row)
{
    size_t c = rules_concept(concept);
    return r->fact[c] == NULL ? NULL : r->value[c][r->fact[c][row]];
}

static void test_register(void **state)
{
    static const char *const cells[] = {
        "remark", "PatientSex", "birth_date", "StudyDate", "AcquisitionDate", "patient",
        /* rows */
        "x", "m", "1980-02-03", "2020-02-02", "", "P2",        /* 39 years */
        "x", "F", "19800203", "2020-02-03T10:00", "", "P1",    /* 40 */
        "x", "UNKNOWN", "", "", "20200501", "",                /* nobody's */
        "x", "M", "", "ANONYMIZED", "2020.05.01", "P2",        /* the second column */
        "x", "", "1980-02-03", "1970-01-01", "", "anonymous"}; /* born later: no age */
    text x;
    dcr_register *r;
    dcr_err err = {0};
    (void)state;
    make(&x, 6, 5, cells);
    assert_int_equal(dcr_register_read(&r, rules, &x.t, 6, &err), DCR_OK);
    assert_int_equal(r->n_rows, 5);
    assert_int_equal(r->n_subjects, 3); /* P2, P1, and nobody twice */
    assert_int_equal(r->n_unnamed, 2);
    assert_true(r->has_subject);
    assert_int_equal(r->n_columns, 6);
    assert_int_equal(r->n_used, 5);
    for (size_t i = 1; i < r->n_rows; i++)
        assert_true(r->subject[i - 1] <= r->subject[i]);
    /* Subjects by the order of their codes: P2 (two rows), P1, nobody. */
    assert_string_equal(fact(r, "sex", 0), "M");
    assert_string_equal(fact(r, "age", 0), "039Y");
    assert_string_equal(fact(r, "exam_date", 1), "2020.05.01");
    assert_string_equal(fact(r, "age", 2), "040Y");
    assert_string_equal(fact(r, "exam_date", 3), "20200501");
    assert_string_equal(fact(r, "sex", 3), "");
    assert_string_equal(fact(r, "age", 4), "");
    assert_null(fact(r, "site", 0));
    dcr_register_free(r);
}

static void expect_error(size_t n_columns, size_t n_rows, const char *const *cells,
                         long line, const char *words)
{
    text x;
    dcr_register *r;
    dcr_err err = {0};
    make(&x, n_columns, n_rows, cells);
    assert_int_equal(dcr_register_read(&r, rules, &x.t, n_columns, &err), DCR_ERULES);
    assert_null(r);
    assert_string_equal(err.where, "t.csv");
    assert_int_equal(err.line, line);
    if (strstr(err.text, words) == NULL)
        fail_msg("'%s' does not say '%s'", err.text, words);
    assert_null(strstr(err.text, "Geheim")); /* no value of a table in an error */
}

static void test_register_errors(void **state)
{
    static const char *const nothing[] = {"a", "b", "1", "2"};
    static const char *const twice[] = {"sex", "SEX", "M", "F"};
    static const char *const dates[] = {"subject", "exam_date", "1", "2020-01-02",
                                        "2",       "Geheim",    "3", "Geheim2"};
    static const char *const height[] = {"height", "1.75", "175"};
    static const char *const age[] = {"age", "40", "Geheim"};
    static const char *const time[] = {"exam_time", "", "9 Geheim"};
    (void)state;
    expect_error(2, 1, nothing, 0, "no column tells a fact");
    expect_error(2, 1, twice, 0, "two columns are");
    expect_error(2, 3, dates, 3, "exam_date: not a date; write YYYY-MM-DD");
    expect_error(1, 2, height, 3, "metres");
    expect_error(1, 2, age, 3, "not an age");
    expect_error(1, 2, time, 3, "HH:MM");
}

static void test_no_rows(void **state)
{
    static const char *const cells[] = {"sex"};
    text x;
    dcr_register *r;
    dcr_err err = {0};
    (void)state;
    make(&x, 1, 0, cells);
    assert_int_equal(dcr_register_read(&r, rules, &x.t, 1, &err), DCR_OK);
    assert_int_equal(r->n_subjects, 0);
    assert_false(r->has_subject);
    dcr_register_free(r);
}

/* Three patients: A and B alike, C alone. */
static void three_patients(void)
{
    add("A", "1.1", "1.1.1", SEX, "M", STUDY_DATE, "20200110", SITE, "North", NULL);
    add("B", "1.2", "1.2.1", SEX, "M", STUDY_DATE, "20200120", SITE, "North", NULL);
    add("C", "1.3", "1.3.1", SEX, "F", STUDY_DATE, "20200110", SITE, "South", NULL);
    load();
}

static const dcr_adversary *adversary(const char *id)
{
    size_t n;
    const dcr_adversary *a = dcr_rules_adversaries(rules, &n);
    for (size_t i = 0; i < n; i++)
        if (strcmp(a[i].id, id) == 0)
            return &a[i];
    fail_msg("no adversary %s", id);
    return NULL;
}

static const dcr_metric *metric(const char *id)
{
    for (const dcr_metric *const *x = dcr_metrics(); *x != NULL; x++)
        if (strcmp((*x)->id, id) == 0)
            return *x;
    fail_msg("no metric %s", id);
    return NULL;
}

typedef struct said {
    double max, average, k_map, delta_min, delta_max, absent, scarce, least;
    bool applies, contained;
} said;

static dcr_status take(void *ctx, const char *path, const dcr_measure *x, dcr_err *err)
{
    said *s = ctx;
    const struct {
        const char *path;
        double *to;
    } list[] = {{"journalist/max", &s->max},
                {"journalist/average", &s->average},
                {"journalist/k_map", &s->k_map},
                {"journalist/absent/subjects", &s->absent},
                {"journalist/short/subjects", &s->scarce},
                {"journalist/at_least/max", &s->least},
                {"delta_presence/min", &s->delta_min},
                {"delta_presence/max", &s->delta_max}};
    (void)err;
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        if (strcmp(path, list[i].path) == 0)
            *list[i].to = x->value;
    return DCR_OK;
}

static dcr_status take_text(void *ctx, const char *path, const char *words, dcr_err *err)
{
    (void)ctx;
    (void)path;
    (void)words;
    (void)err;
    return DCR_OK;
}

static dcr_status take_truth(void *ctx, const char *path, bool yes, dcr_err *err)
{
    said *s = ctx;
    (void)err;
    if (strcmp(path, "journalist/applies") == 0)
        s->applies = yes;
    if (strcmp(path, "journalist/contained") == 0)
        s->contained = yes;
    return DCR_OK;
}

/* Reads, binds and judges by what `public` knows (sex, site, month). */
static dcr_status journalist(const text *x, said *s, dcr_err *err)
{
    const dcr_metric_sink sink = {s, take, take_text, take_truth, NULL};
    dcr_register *reg = NULL;
    dcr_register_codes *codes = NULL;
    dcr_risk *r = NULL;
    dcr_status rc = dcr_register_read(&reg, rules, &x->t, x->t.n_columns, err);
    memset(s, 0, sizeof *s);
    if (rc == DCR_OK)
        rc = dcr_register_bind(&codes, reg, m, err);
    if (rc == DCR_OK)
        rc = dcr_risk_any_exam(&r, m, adversary("public"), err);
    if (rc == DCR_OK) {
        r->reg = codes;
        rc = metric("register")->run(r, &sink, err);
    }
    dcr_risk_free(r);
    dcr_register_codes_free(codes);
    dcr_register_free(reg);
    return rc;
}

static const char *const population[] = {
    "subject", "sex", "exam_date",  "site",  /* month: A and B alike */
    "1",       "M",   "2020-01-01", "North", /* */
    "2",       "M",   "2020-01-31", "North", /* */
    "2",       "M",   "2020-01-30", "North", /* the same person, not a third */
    "3",       "M",   "2020-01-05", "North", /* */
    "4",       "F",   "2020-01-05", "South", /* */
    "5",       "F",   "2020-01-05", "South", /* */
    "6",       "F",   "2020-02-05", "South", /* another month: like nobody released */
};

static void test_journalist(void **state)
{
    text x;
    said s;
    dcr_err err = {0};
    (void)state;
    three_patients();
    make(&x, 4, 7, population);
    assert_int_equal(journalist(&x, &s, &err), DCR_OK);
    assert_true(s.applies);
    assert_true(s.contained);
    assert_float_equal(s.max, 1.0 / 2, 0); /* C among 4 and 5 */
    assert_float_equal(s.average, (2.0 / 3 + 1.0 / 2) / 3, 1e-15);
    assert_float_equal(s.k_map, 2, 0);
    assert_float_equal(s.delta_min, 0, 0); /* 6 */
    assert_float_equal(s.delta_max, 2.0 / 3, 1e-15);
    /* Without 4 and 5 C is like nobody; without 2 and 3 A and B are more than the table.
     */
    x.t.n_rows = 2;
    x.code[0][1] = x.code[0][0];
    assert_int_equal(journalist(&x, &s, &err), DCR_OK);
    assert_true(s.applies);
    assert_false(s.contained);
    assert_float_equal(s.absent, 1, 0);
    assert_float_equal(s.scarce, 2, 0);
    assert_float_equal(s.max, 1, 0); /* as a prosecutor's */
    assert_float_equal(s.average, 2.0 / 3, 1e-15);
}

/* A fact that the table lacks: only bounds. */
static void test_bound(void **state)
{
    static const char *const cells[] = {"sex",   "site", "M",     "North", "M",
                                        "North", "M",    "North", "F",     "South"};
    text x;
    said s;
    dcr_err err = {0};
    (void)state;
    three_patients();
    make(&x, 2, 4, cells);
    assert_int_equal(journalist(&x, &s, &err), DCR_OK);
    assert_false(s.applies);
    assert_float_equal(s.least, 1, 0); /* C is the only F of South */
    assert_float_equal(s.max, 0, 0);
}

static void test_register_no_memory(void **state)
{
    text x;
    said s;
    dcr_status rc = DCR_ENOMEM;
    (void)state;
    three_patients();
    make(&x, 4, 7, population);
    for (long n = 0; rc != DCR_OK; n++) {
        dcr_err err = {0};
        assert_true(n < 2000);
        dcr_alloc_fail_after(n);
        rc = journalist(&x, &s, &err);
        dcr_alloc_fail_after(-1);
        assert_true(rc == DCR_OK || (rc == DCR_ENOMEM && err.code == DCR_ENOMEM));
    }
    assert_float_equal(s.max, 1.0 / 2, 0);
}

/* ---- clinical data ---- */

static const char *const clinical[] = {
    "Diagnose", "PatientID", "age",  "smoker", "subject", /* the last is no fact */
    "x",        " A ",       "41",   "0",      "s1",      /* */
    "x",        "A",         "41",   "0",      "s2",      /* the same again */
    "y",        "A",         "41",   "1",      "s3",      /* */
    "x",        "C",         "041Y", "",       "s4",      /* */
    "x",        "D",         "50",   "0",      "s5",      /* nobody */
    "x",        "",          "50",   "0",      "s6",      /* without a PatientID */
};

static dcr_status join(const text *x, const bool *known, dcr_err *err)
{
    const dcr_join j = {&x->t, 1, known};
    return dcr_model_join(m, &j, NULL, err);
}

static void test_join(void **state)
{
    static const bool known[MAX_COLUMNS] = {false, false, false, true, false};
    const dcr_joined *j;
    text x;
    dcr_err err = {0};
    size_t n;
    (void)state;
    three_patients();
    n = m->n_concepts;
    make(&x, 5, 6, clinical);
    assert_int_equal(join(&x, known, &err), DCR_OK);
    j = m->joined;
    assert_non_null(j);
    assert_int_equal(j->n_columns, 3);
    assert_int_equal(j->rows, 6);
    assert_int_equal(j->rows_unmatched, 1);
    assert_int_equal(j->rows_without_key, 1);
    assert_int_equal(j->subjects, 2);
    assert_int_equal(j->subjects_without, 1);
    assert_int_equal(j->subjects_several, 1);
    assert_int_equal(m->n_concepts, n + 3);
    /* A twice, with x and y; B without a value; C. */
    assert_int_equal(m->table.n_rows, 4);
    assert_int_equal(m->table.exam[0], m->table.exam[1]);
    assert_int_not_equal(m->table.exam[1], m->table.exam[2]);
    assert_string_equal(at(0, "table/age", "1y"), "41");
    assert_string_equal(at(2, "table/age", "1y"), "");
    assert_string_equal(at(3, "table/age", "1y"), "41"); /* 041Y is the same age */
    assert_string_equal(at(0, "table/smoker", "value"), "0");
    assert_string_equal(at(1, "table/smoker", "value"), "1");
    assert_string_equal(at(3, "table/smoker", "value"), "");
    assert_string_equal(at(1, "sex", "value"), "M"); /* as it was */
    /* A name that nobody wrote is not kept. */
    for (size_t i = 0; i < m->n_concepts; i++)
        assert_null(strstr(m->concepts[i].id, "Diagnose"));
    assert_string_equal(m->concepts[j->column[0].concept].id, "table/column1");
}

static void test_who_knows(void **state)
{
    static const bool known[MAX_COLUMNS] = {false, false, false, true, false};
    const dcr_joined *j;
    text x;
    dcr_err err = {0};
    (void)state;
    three_patients();
    make(&x, 5, 6, clinical);
    assert_int_equal(join(&x, known, &err), DCR_OK);
    j = m->joined;
    assert_null(dcr_joined_level(&j->column[0], adversary("acquaintance")));
    assert_string_equal(dcr_joined_level(&j->column[0], adversary("union")), "value");
    assert_string_equal(dcr_joined_level(&j->column[1], adversary("public")), "1y");
    assert_string_equal(dcr_joined_level(&j->column[2], adversary("public")), "value");
    assert_null(dcr_joined_level(&j->column[2], adversary("other-release")));
}

/* A row is there several times, its files are not. */
static void test_files(void **state)
{
    static const bool known[MAX_COLUMNS] = {false};
    dcr_risk *r;
    dcr_naive naive;
    text x;
    dcr_err err = {0};
    (void)state;
    three_patients();
    make(&x, 5, 6, clinical);
    assert_int_equal(join(&x, known, &err), DCR_OK);
    assert_int_equal(dcr_risk_any_exam(&r, m, adversary("public"), &err), DCR_OK);
    assert_int_equal(dcr_naive_get(r, &naive, &err), DCR_OK);
    assert_int_equal(naive.k_min_files, 1);
    assert_int_equal(naive.k_min_studies, 1);
    assert_int_equal(r->classes.n_records,
                     3); /* what it knows tells A's rows not apart */
    dcr_risk_free(r);
}

/* Two people of one PatientID, told apart by issuer, both get its row. */
static void test_issuers(void **state)
{
    static const char *const cells[] = {"smoker", "PatientID", "yes", "A"};
    static const bool known[MAX_COLUMNS] = {true};
    text x;
    dcr_err err = {0};
    (void)state;
    bm_add(&b, "A", "I1", "1.1", "1.1.1");
    bm_text(&b, "0010,0040", "CS", "M");
    bm_add(&b, "A", "I2", "1.2", "1.2.1");
    bm_text(&b, "0010,0040", "CS", "F");
    bm_add(&b, "", "", "1.3", "1.3.1"); /* nobody's: no key to join by */
    load();
    assert_int_equal(m->n_subjects, 3);
    make(&x, 2, 1, cells);
    assert_int_equal(join(&x, known, &err), DCR_OK);
    assert_int_equal(m->joined->subjects, 2);
    assert_string_equal(at(0, "table/smoker", "value"), "yes");
    assert_string_equal(at(1, "table/smoker", "value"), "yes");
    assert_string_equal(at(2, "table/smoker", "value"), "");
}

static void test_join_no_memory(void **state)
{
    static const bool known[MAX_COLUMNS] = {true, false, true, true, true};
    text x;
    dcr_status rc = DCR_ENOMEM;
    (void)state;
    three_patients();
    make(&x, 5, 6, clinical);
    for (long n = 0; rc != DCR_OK; n++) {
        dcr_err err = {0};
        assert_true(n < 2000);
        dcr_model_free(m);
        m = NULL;
        assert_int_equal(dcr_model_load(&m, store, rules, NULL, &err), DCR_OK);
        dcr_alloc_fail_after(n);
        rc = join(&x, known, &err);
        dcr_alloc_fail_after(-1);
        assert_true(rc == DCR_OK || (rc == DCR_ENOMEM && err.code == DCR_ENOMEM));
        assert_true(rc == DCR_OK || m->joined == NULL);
    }
    assert_int_equal(m->table.n_rows, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_names),
        T(test_register),
        T(test_register_errors),
        T(test_no_rows),
        T(test_journalist),
        T(test_bound),
        T(test_join),
        T(test_register_no_memory),
        T(test_who_knows),
        T(test_files),
        T(test_issuers),
        T(test_join_no_memory),
    };
    return cmocka_run_group_tests(tests, load_rules, free_rules);
}
