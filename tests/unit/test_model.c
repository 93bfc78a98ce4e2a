/* People, studies and rows: who is whom, and which value counts, said by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model_maker.h"

/* ---- people ---- */

static void test_subjects(void **state)
{
    (void)state;
    add("P2", "1.1", "1", NULL);
    add(" P2", "1.2", "1", NULL); /* the same, trimmed */
    add("p2", "1.3", "1", NULL);  /* another: case counts */
    add("ANONYMIZED", "1.4", "1", NULL);
    add("anonymized", "1.4", "2", NULL); /* the same study: the same stand-in */
    add("", "1.5", "1", NULL);
    add("XXXX", "1.5", "1", NULL);
    add("0000", "1.6", "1", NULL);
    add("0001", "1.6", "1", NULL); /* a real one */
    load();
    assert_int_equal(m->n_subjects, 6); /* 0001, P2, p2, and studies 1.4, 1.5, 1.6 */
    assert_int_equal(m->data.inferred_subjects, 3);
    for (uint32_t s = 0; s < 6; s++)
        assert_int_equal(m->subjects[s].inferred, s >= 3);
    assert_int_equal(m->subjects[0].n_studies, 1);
    assert_int_equal(m->subjects[1].n_studies, 2);
    assert_int_equal(m->n_studies, 7);
    assert_int_equal(m->data.study_uids, 6);
}

/* Without a StudyInstanceUID the SOPInstanceUID stands in, without that the digest. */
static void test_stand_ins(void **state)
{
    static const char *const stand_in[] = {"sop:1.2", "sop:1.2", "sop:1.3",
                                           "file:aa", "file:aa", "file:bb"};
    (void)state;
    for (size_t i = 0; i < 6; i++)
        bm_add(&b, i == 5 ? "P" : "", "", "", "")->part[4] = stand_in[i];
    bm_add(&b, "P", "", "", "")->part[4] = "sop:1.2";
    load();
    assert_int_equal(m->n_subjects, 4);
    assert_int_equal(m->data.inferred_subjects, 3);
    assert_int_equal(m->subjects[0].n_studies, 2);
    assert_int_equal(m->n_studies, 5);
    assert_int_equal(m->data.study_uids, 0);
    assert_int_equal(m->data.series_uids, 0);
    for (uint32_t i = 0; i < m->n_studies; i++)
        assert_false(m->studies[i].has_uid || m->series[i].has_uid);
}

static void test_issuers(void **state)
{
    static const char *const who[][3] = {/* patient, issuer, subject it belongs to */
                                         {"A", "", "A"},        {"A", "", "A"},
                                         {"B", "H1", "B"},      {"B", "", "B"},
                                         {"B", " H1 ", "B"},    {"C", "H2", "C/H2"},
                                         {"C", "H1", "C/H1"},   {"C", "", "C/H1"},
                                         {"D", "UNKNOWN", "D"}, {"D", "Z", "D"}};
    char name[16];
    uint64_t files = 0;
    (void)state;
    for (size_t i = 0; i < 10; i++) {
        snprintf(name, sizeof name, "1.%zu", i);
        bm_add(&b, who[i][0], who[i][1], name, "1");
    }
    load();
    assert_int_equal(m->n_subjects, 5); /* A, B, C/H1, C/H2, D */
    assert_int_equal(m->data.inferred_subjects, 0);
    assert_int_equal(m->subjects[0].n_studies, 2);
    assert_int_equal(m->subjects[1].n_studies, 3);
    assert_int_equal(m->subjects[2].n_studies, 2);
    assert_int_equal(m->subjects[3].n_studies, 1);
    assert_int_equal(m->subjects[4].n_studies, 2);
    for (uint32_t i = 0; i < m->n_series; i++)
        files += m->series[i].files;
    assert_int_equal(files, 10);
}

static void test_media_directory(void **state)
{
    const dcr_attr *a;
    (void)state;
    add("P", "1.1", "1", SEX, "F", NULL);
    add("Q", "1.2", "1", SEX, "M", NULL);
    b.file[1].file.kind = DCR_FILE_DICOMDIR;
    load();
    assert_int_equal(m->n_subjects, 1);
    assert_int_equal(m->n_studies, 1);
    assert_int_equal(m->data.files, 2);
    assert_int_equal(m->data.dicom_files, 2);
    assert_int_equal(m->data.study_uids, 1);
    assert_int_equal(m->table.n_rows, 1);
    a = dcr_model_attr(m, "0010,0040");
    assert_int_equal(a->files, 2); /* its content counts, as nobody's */
    assert_int_equal(a->subjects, 1);
    assert_int_equal(a->n_values, 2);
}

static void test_studies_and_series(void **state)
{
    (void)state;
    add("P", "1.1", "1", NULL);
    add("P", "1.1", "1", NULL);
    add("P", "1.1", "2", NULL);
    add("P", "1.1", "", NULL);
    add("P", "1.1", "", NULL);
    add("Q", "1.1", "1", NULL); /* one study UID, two patients: two studies */
    load();
    assert_int_equal(m->n_subjects, 2);
    assert_int_equal(m->n_studies, 2);
    assert_int_equal(m->n_series, 4);
    assert_int_equal(m->studies[0].n_series, 3);
    assert_int_equal(m->data.study_uids, 1);
    assert_int_equal(m->data.series_uids, 2);
    assert_false(m->series[0].has_uid); /* "" sorts first */
    assert_int_equal(m->series[0].files, 2);
    assert_int_equal(m->series[1].files, 2);
    assert_int_equal(m->series[3].files, 1);
    assert_int_equal(m->series[3].study, 1);
    assert_int_equal(m->studies[1].subject, 1);
}

static void test_nothing(void **state)
{
    (void)state;
    load();
    assert_int_equal(m->n_subjects + m->n_studies + m->n_series + m->n_attrs, 0);
    assert_int_equal(m->table.n_rows, 0);
    assert_int_equal(m->data.files, 0);
    assert_false(m->data.complete);
    assert_string_equal(m->data.date_state, "unknown");
    assert_null(dcr_model_attr(m, "0010,0010"));
}

/* ---- rows ---- */

static void test_derived_series(void **state)
{
    (void)state;
    add("A", "1", "1", MODALITY, "CT", PROTOCOL, "thorax", NULL);
    add("A", "1", "2", MODALITY, "SR", PROTOCOL, "report", NULL);
    add("B", "2", "1", MODALITY, "SR", PROTOCOL, "report", NULL);
    add("B", "2", "2", MODALITY, "KO", PROTOCOL, "key", NULL);
    add("C", "3", "1", PROTOCOL, "none", NULL); /* no Modality: an acquisition */
    add("D", "4", "1", MODALITY, "SR", NULL);
    add("D", "4", "1", MODALITY, "MR", NULL);      /* both: an acquisition of MR */
    add("E", "5", "1", MODALITY, "UNKNOWN", NULL); /* a dummy is none */
    add("F", "6", "1", MODALITY, "HD", NULL);
    load();
    assert_int_equal(m->table.n_rows, 7);
    assert_string_equal(at(0, "modality", "value"), "CT");
    assert_string_equal(at(0, "protocol", "value"), "thorax");
    for (size_t i = 1; i < 3; i++) {
        assert_string_equal(at(i, "modality", "value"), "");
        assert_int_equal(m->table.subject[i], 1);
    }
    assert_string_equal(at(3, "modality", "value"), "");
    assert_string_equal(at(4, "modality", "value"), "MR");
    assert_int_equal(m->table.files[4], 2);
    assert_string_equal(at(5, "modality", "value"), "");
    assert_string_equal(at(6, "modality", "value"), "HD");
    for (uint32_t i = 0; i < m->n_series; i++)
        assert_int_equal(m->series[i].acquisition, i == 0 || i > 3);
}

/* The first carrier with a real value anywhere in the scope; of several values the
 * smallest. */
static void test_carriers(void **state)
{
    (void)state;
    add("A", "1", "1", STUDY_DATE, "20240105", ACQ_DATE, "20230101", NULL);
    add("B", "2", "1", STUDY_DATE, "00010101", ACQ_DATE, "20240206", NULL);
    add("C", "3", "1", STUDY_DATE, "", ACQ_DATE, " 20240307 ", NULL);
    add("D", "4", "1", ACQ_DATE, "20240101", MODALITY, "CT", NULL);
    add("D", "4", "2", STUDY_DATE, "20240408", MODALITY, "SR",
        NULL); /* of the whole study */
    add("E", "5", "1", STUDY_DATE, "20240510", NULL);
    add("E", "5", "1", STUDY_DATE, "20240509", NULL);
    add("F", "6", "1", STUDY_DATE, "20240610", NULL);
    add("F", "7", "1", ACQ_DATE, "", NULL); /* not of another study */
    add("G", "8", "1", STUDY_DATE, "not a date", NULL);
    load();
    assert_int_equal(m->table.n_rows, 8);
    assert_string_equal(at(0, "exam_date", "day"), "20240105");
    assert_string_equal(at(1, "exam_date", "day"), "20240206");
    assert_string_equal(at(2, "exam_date", "day"), "20240307");
    assert_string_equal(at(3, "exam_date", "day"), "20240408");
    assert_string_equal(at(4, "exam_date", "day"), "20240509");
    assert_string_equal(at(5, "exam_date", "day"), "20240610");
    assert_string_equal(at(6, "exam_date", "day"), "");
    assert_string_equal(at(7, "exam_date", "day"), "not a date");
    assert_string_equal(at(3, "exam_date", "month"), "202404");
    assert_true(m->carried[concept_index("exam_date")]);
    assert_false(m->carried[concept_index("exam_time")]);
    assert_true(m->carrier_present[concept_index("exam_date")][0]);
    assert_true(m->carrier_present[concept_index("exam_date")][1]);
    assert_false(m->carrier_present[concept_index("exam_date")][2]);
    assert_int_equal(m->data.from_year, 2024);
    assert_int_equal(m->data.to_year, 2024);
}

/* Series concepts are those of one series, and never of its neighbour. */
static void test_series_concepts(void **state)
{
    (void)state;
    add("A", "1", "1", MODALITY, "CT", SITE, "West", SERIAL, "7", NULL);
    add("A", "1", "2", MODALITY, "MR", SITE, "REMOVED", NULL);
    add("A", "1", "3", MODALITY, "MR", "0008,0082/0008,0104", "LO", "East", NULL);
    load();
    assert_int_equal(m->table.n_rows, 3);
    assert_string_equal(at(0, "site", "value"), "West");
    assert_string_equal(at(1, "site", "value"), "");
    assert_string_equal(at(2, "site", "value"), "East");
    assert_string_equal(at(1, "device", "serial_or_uid"), "");
}

static void test_date_times(void **state)
{
    static const char *const e[][4] = {
        /* DT, day, minute, month */
        {"20240115103059.5+0100", "20240115", "1030", "202401"},
        {"20240115", "20240115", "", "202401"},
        {"202401151", "20240115", "", "202401"},
        {"2024011510", "20240115", "10", "202401"},
        {"20240115-0500", "20240115", "", "202401"},
        {"202401151030&0100", "20240115", "1030", "202401"},
        {"00010101103000", "", "", ""},
        {"2024", "2024", "", "2024"}};
    char who[8];
    (void)state;
    for (size_t i = 0; i < 8; i++) {
        snprintf(who, sizeof who, "P%zu", i);
        add(who, who, "1", ACQ_DATETIME, e[i][0], NULL);
    }
    add("Q", "9", "1", ACQ_DATETIME, "20240115103000", STUDY_TIME, "0900", NULL);
    load();
    for (size_t i = 0; i < 8; i++) {
        assert_string_equal(at(i, "exam_date", "day"), e[i][1]);
        assert_string_equal(at(i, "exam_time", "minute"), e[i][2]);
        assert_string_equal(at(i, "exam_date", "month"), e[i][3]);
    }
    assert_string_equal(at(8, "exam_time", "minute"), "0900"); /* StudyTime comes first */
}

static void test_derived_age(void **state)
{
    static const char *const e[][4] = {/* birth, exam, stated, age */
                                       {"19800229", "20240228", "", "43"},
                                       {"19800229", "20240229", "", "44"},
                                       {"19800229", "20230301", "UNKNOWN", "43"},
                                       {"19800229", "20240229", "012Y", "12"},
                                       {"20240229", "20240228", "", ""},
                                       {"1980", "20240228", "", ""},
                                       {"19800229", "202402", "", ""},
                                       {"1980.02.29", "2024.02.29", "", "44"},
                                       {"19000101", "20240101", "", ""}, /* a dummy */
                                       {"20240101", "20240101", "", "0"}};
    char who[8];
    (void)state;
    for (size_t i = 0; i < 10; i++) {
        snprintf(who, sizeof who, "P%zu", i);
        add(who, who, "1", BIRTH, e[i][0], STUDY_DATE, e[i][1], AGE, e[i][2], NULL);
    }
    load();
    for (size_t i = 0; i < 10; i++)
        assert_string_equal(at(i, "age", "1y"), e[i][3]);
}

/* A device stands where all who name both say it stands. */
static void test_derived_site(void **state)
{
    static const char *const e[][3] = {/* serial, site, site of the row */
                                       {"1", "West", "West"}, {"1", "", "West"},
                                       {"2", "West", "West"}, {"2", "East", "East"},
                                       {"2", "", ""},         {"3", "", ""},
                                       {"", "", ""},          {"1", "ANONYMIZED", "West"},
                                       {"4", "East", "East"}, {"4", "East", "East"},
                                       {"4", "", "East"}};
    char who[8];
    (void)state;
    for (size_t i = 0; i < 11; i++) {
        snprintf(who, sizeof who, "P%02zu", i);
        add(who, who, "1", SERIAL, e[i][0], SITE, e[i][1], NULL);
    }
    load();
    for (size_t i = 0; i < 11; i++)
        assert_string_equal(at(i, "site", "value"), e[i][2]);
}

/* Series of equal keys are one row; two studies are two. */
static void test_rows_once(void **state)
{
    char series[8];
    (void)state;
    for (uint32_t i = 0; i < 40;
         i++) { /* many series, for the other way of finding a row */
        snprintf(series, sizeof series, "%u", i);
        add("A", "1", series, MODALITY, i % 2 ? "CT" : "MR", NULL);
    }
    for (uint32_t i = 0; i < 6; i++) {
        snprintf(series, sizeof series, "%u", i);
        add("A", i < 3 ? "2" : "3", series, MODALITY, "CT", NULL);
    }
    load();
    assert_int_equal(m->table.n_rows, 4);
    assert_int_equal(m->table.files[0], 20);
    assert_int_equal(m->table.files[1], 20);
    assert_string_not_equal(at(0, "modality", "value"), at(1, "modality", "value"));
    assert_int_equal(m->table.files[2], 3);
    assert_int_equal(m->table.files[3], 3);
    assert_int_equal(m->table.study[2], 1);
    assert_int_equal(m->table.study[3], 2);
}

/* By hand: who has which value, in three patients' series. */
static void test_in_series(void **state)
{
    const dcr_attr *a;
    (void)state;
    add("B", "2", "2.1", SITE, "West", NULL);
    add("A", "1", "1.1", SITE, "East", NULL);
    add("A", "1", "1.2", SITE, "West", NULL);
    add("A", "1", "1.2", SITE, "East", NULL); /* a second file, another value */
    add("C", "3", "3.1", SITE, "West", NULL);
    load();
    a = dcr_model_attr(m, "0008,0080");
    assert_int_equal(a->n_values, 2);
    assert_int_equal(a->values[0].series, 2); /* East: 1.1 and 1.2 of A */
    assert_int_equal(a->values[0].in_series[0], 0);
    assert_int_equal(a->values[0].in_series[1], 1);
    assert_int_equal(a->values[1].series, 3); /* West: 1.2, 2.1, 3.1 */
    assert_int_equal(a->values[1].in_series[0], 1);
    assert_int_equal(a->values[1].in_series[1], 2);
    assert_int_equal(a->values[1].in_series[2], 3);
    assert_int_equal(dcr_series_subject(m, 2), 1);
}

/* ---- laws ---- */

static void rich_people(uint32_t n)
{
    static const char *const date[] = {"20240101", "20240215", "", "00010101",
                                       "20230707"};
    static const char *const kind[] = {"CT", "MR", "SR", ""};
    for (uint32_t i = 0; i < n; i++) {
        char who[8], study[12], series[16], time[16];
        snprintf(who, sizeof who, draw(6) ? "P%u" : "", draw(6));
        snprintf(study, sizeof study, "1.%u", draw(8));
        snprintf(series, sizeof series, "%s.%u", study, draw(3));
        snprintf(time, sizeof time, "%02u%02u", draw(24), draw(60));
        bm_add(&b, who, draw(3) ? "" : draw(2) ? "H1" : "H2", study, series);
        bm_text(&b, STUDY_DATE, date[draw(5)]);
        bm_text(&b, MODALITY, kind[draw(4)]);
        bm_text(&b, STUDY_TIME, time);
        bm_text(&b, BIRTH, draw(2) ? "19700101" : "");
        bm_text(&b, SERIAL, draw(2) ? "11" : "12");
        if (draw(2))
            bm_text(&b, SITE, draw(3) ? "West" : "East");
    }
}

/* The list of series of a value agrees with its counts, counted once more. */
static void tell_series(dcr_buf *t, const dcr_value *v)
{
    uint32_t subjects = 0, studies = 0;
    for (uint32_t i = 0; i < v->series; i++) {
        uint32_t s = v->in_series[i];
        dcr_buf_fmt(t, " %u", s);
        assert_true(s < m->n_series && (i == 0 || v->in_series[i - 1] < s));
        subjects += i == 0 || dcr_series_subject(m, v->in_series[i - 1]) !=
                                  dcr_series_subject(m, s);
        studies +=
            i == 0 || dcr_series_study(m, v->in_series[i - 1]) != dcr_series_study(m, s);
    }
    assert_int_equal(subjects, v->subjects);
    assert_int_equal(studies, v->studies);
    if (v->series > 0)
        assert_int_equal(dcr_series_subject(m, v->in_series[0]), v->first_subject);
    dcr_buf_char(t, '\n');
}

/* All that the model says, as text. */
static void tell(dcr_buf *t)
{
    for (uint32_t i = 0; i < m->n_subjects; i++)
        dcr_buf_fmt(t, "subject %d %u\n", m->subjects[i].inferred,
                    m->subjects[i].n_studies);
    for (uint32_t i = 0; i < m->n_series; i++)
        dcr_buf_fmt(t, "series %u %llu %d\n", m->series[i].study,
                    (unsigned long long)m->series[i].files, m->series[i].acquisition);
    for (size_t i = 0; i < m->n_attrs; i++) {
        const dcr_attr *a = &m->attrs[i];
        dcr_buf_fmt(t, "attr %s %s %llu %llu %llu %u %u %g %s\n", a->path, a->vr,
                    (unsigned long long)a->files, (unsigned long long)a->empty,
                    (unsigned long long)a->distinct, a->unique_subjects, a->k_min,
                    a->bits, a->shape);
        for (size_t v = 0; v < a->n_values; v++) {
            dcr_buf_fmt(t, " %.*s %u %u in", (int)a->values[v].len,
                        (const char *)a->values[v].bytes, a->values[v].subjects,
                        a->values[v].first_subject);
            tell_series(t, &a->values[v]);
        }
    }
    for (size_t c = 0; c < m->table.n_columns; c++) {
        const dcr_column *col = &m->table.column[c];
        dcr_buf_fmt(t, "column %s %s:", m->concepts[col->concept].id, col->level);
        for (size_t r = 0; r < m->table.n_rows; r++)
            dcr_buf_fmt(t, " %u=%s", col->code[r], col->label[col->code[r]]);
        for (uint32_t i = 2; i < col->n_codes; i++)
            assert_true(strcmp(col->label[i - 1], col->label[i]) < 0);
        dcr_buf_char(t, '\n');
    }
    for (size_t r = 0; r < m->table.n_rows; r++) {
        dcr_buf_fmt(t, "row %u %u %llu\n", m->table.subject[r], m->table.study[r],
                    (unsigned long long)m->table.files[r]);
        assert_true(r == 0 || m->table.subject[r - 1] < m->table.subject[r] ||
                    (m->table.subject[r - 1] == m->table.subject[r] &&
                     m->table.study[r - 1] <= m->table.study[r]));
    }
}

/* The order of work does not show: another order and cut of batches, the same model. */
static void test_order(void **state)
{
    (void)state;
    seed = 22;
    for (int round = 0; round < 40; round++) {
        dcr_buf first = {0}, second = {0};
        uint32_t order[BM_FILES];
        dcr_err err = {0};
        rich_people(30);
        load();
        tell(&first);
        dcr_model_free(m);
        m = NULL;
        assert_int_equal(dcr_store_close(store, &err), DCR_OK);
        for (uint32_t i = 0; i < b.n; i++)
            order[i] = i;
        for (uint32_t i = b.n; i > 1; i--) {
            uint32_t j = draw(i), x = order[i - 1];
            order[i - 1] = order[j];
            order[j] = x;
        }
        open_store();
        for (uint32_t i = 0; i < b.n; i += 7)
            assert_int_equal(
                bm_append(&b, store, order + i, b.n - i < 7 ? b.n - i : 7, -1, &err),
                DCR_OK);
        assert_int_equal(dcr_model_load(&m, store, rules, NULL, &err), DCR_OK);
        tell(&second);
        assert_string_equal(first.p, second.p);
        dcr_buf_clear(&first);
        dcr_buf_clear(&second);
        leave(NULL);
        enter(NULL);
    }
}

static void test_no_memory(void **state)
{
    dcr_status rc = DCR_ENOMEM;
    (void)state;
    seed = 23;
    rich_people(30);
    open_store();
    bm_append_range(&b, store, 0, b.n);
    for (long n = 0; rc != DCR_OK; n++) {
        dcr_err err = {0};
        assert_true(n < 20000);
        dcr_alloc_fail_after(n);
        rc = dcr_model_load(&m, store, rules, NULL, &err);
        dcr_alloc_fail_after(-1);
        assert_true(rc == DCR_OK ? m != NULL : m == NULL && err.code == DCR_ENOMEM);
    }
    assert_true(m->table.n_rows > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_in_series),       T(test_subjects),        T(test_stand_ins),
        T(test_issuers),         T(test_media_directory), T(test_studies_and_series),
        T(test_nothing),         T(test_derived_series),  T(test_carriers),
        T(test_series_concepts), T(test_date_times),      T(test_derived_age),
        T(test_derived_site),    T(test_rows_once),       T(test_order),
        T(test_no_memory),
    };
    return cmocka_run_group_tests(tests, load_rules, free_rules);
}
