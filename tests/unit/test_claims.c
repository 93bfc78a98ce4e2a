/* The claims audit and the groups of series that were de-identified alike: counts against
 * brute force over small random releases. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "claims.h"
#include "dcmrisk/rules.h"
#include "example.h"
#include "profile.h"

static dcr_rules *rules;

static int setup(void **state)
{
    dcr_err err = {0};
    (void)state;
    return dcr_rules_load(&rules, NULL, &err) == DCR_OK ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    dcr_rules_free(rules);
    return 0;
}

static const dcr_rule_file here = {"test", "", 0};

static void build(dcr_example *e, const json_t *j)
{
    dcr_err err = {0};
    if (dcr_example_build(e, rules, &here, j, &err) != DCR_OK)
        fail_msg("%s: %s", err.where, err.text);
}

static json_t *parse(const char *text)
{
    json_error_t je;
    json_t *j = json_loads(text, 0, &je);
    if (j == NULL)
        fail_msg("%s", je.text);
    return j;
}

static dcr_status judge(dcr_findings *f, dcr_deid *d, const dcr_example *e, dcr_err *err)
{
    dcr_status st = dcr_deid_measure(d, rules, &e->model, err);
    dcr_evidence all = {.model = &e->model, .project = e->project, .deid = d};
    memset(f, 0, sizeof *f);
    return st == DCR_OK ? dcr_rules_check(f, rules, &all, err) : st;
}

static const dcr_finding *find(const dcr_findings *f, const char *rule)
{
    for (size_t i = 0; i < f->n; i++)
        if (strcmp(f->list[i].rule, rule) == 0)
            return &f->list[i];
    return NULL;
}

/* ---- small random releases ---- */

static uint64_t seed = 20261127;

static uint32_t below(uint32_t n)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(seed >> 33) % n;
}

enum { SUBJECTS = 5, STUDIES = 15 };

typedef struct release {
    uint32_t subjects, studies, of[STUDIES]; /* whose a study is */
    json_t *json;
} release;

static void begin(release *r)
{
    json_t *studies = json_array();
    *r = (release){.subjects = 1 + below(SUBJECTS), .json = json_object()};
    for (uint32_t s = 0; s < r->subjects; s++) {
        uint32_t n = 1 + below(3);
        json_array_append_new(studies, json_integer(n));
        while (n-- > 0)
            r->of[r->studies++] = s;
    }
    json_object_set_new(r->json, "data", json_pack("{s:o}", "studies", studies));
    json_object_set_new(r->json, "attrs", json_array());
}

/* An attribute with these values, each in random studies: in[v] has a bit for each. */
static void attribute(release *r, const char *path, const char *vr, size_t n,
                      const char *const *values, uint32_t *in)
{
    json_t *list = json_array();
    for (size_t v = 0; v < n; v++) {
        json_t *studies = json_array();
        in[v] = 0;
        for (uint32_t t = 0; t < r->studies; t++) {
            if (below(2) == 0)
                continue;
            in[v] |= 1u << t;
            json_array_append_new(studies, json_integer(t));
        }
        if (in[v] == 0) {
            json_decref(studies);
            continue;
        }
        json_array_append_new(
            list, json_pack("{s:s, s:o}", "value", values[v], "studies", studies));
    }
    json_array_append_new(
        json_object_get(r->json, "attrs"),
        json_pack("{s:s, s:s, s:o}", "path", path, "vr", vr, "values", list));
}

static uint32_t subjects_of(const release *r, uint32_t studies)
{
    uint32_t seen = 0, n = 0;
    for (uint32_t t = 0; t < r->studies; t++) {
        if ((studies >> t & 1) == 0 || (seen >> r->of[t] & 1) != 0)
            continue;
        seen |= 1u << r->of[t];
        n++;
    }
    return n;
}

/* Only those count whose files say that identity was removed, hold a serial number, and
 * do not declare that device identity was kept (DS13 of the declared-state checks). */
static void test_join(void **state)
{
    static const char *const says[] = {"NO", "YES"};
    static const char *const serials[] = {"40414", "51201", "ANON"};
    static const char *const codes[] = {"113109"};
    (void)state;
    for (int i = 0; i < 400; i++) {
        uint32_t said[2], serial[3], code[1], want;
        release r;
        dcr_example e;
        dcr_findings f;
        dcr_deid d;
        dcr_err err = {0};
        const dcr_finding *x;
        begin(&r);
        attribute(&r, "0012,0062", "CS", 2, says, said);
        attribute(&r, "0018,1000", "LO", 3, serials, serial);
        attribute(&r, "0012,0064/0008,0100", "SH", 1, codes, code);
        want = said[1] & (serial[0] | serial[1]) & ~code[0];
        build(&e, r.json);
        assert_int_equal(judge(&f, &d, &e, &err), DCR_OK);
        x = find(&f, "claim-device-kept");
        assert_int_equal(x == NULL ? 0 : x->subjects, subjects_of(&r, want));
        assert_int_equal(x == NULL ? 0 : x->studies, __builtin_popcount(want));
        dcr_findings_clear(&f);
        dcr_deid_clear(&d);
        dcr_example_clear(&e);
        json_decref(r.json);
    }
}

/* Studies are in one group when the sets of values they state are equal. */
static void test_partition(void **state)
{
    static const char *const says[] = {"NO", "YES"};
    static const char *const method[] = {"DICOGNITO", "Script A1", "Script B",
                                         "Script A2"};
    static const char *const codes[] = {"113100", "113105"};
    (void)state;
    for (int i = 0; i < 400; i++) {
        uint32_t in[8], key[STUDIES] = {0};
        release r;
        dcr_example e;
        dcr_deid d;
        dcr_err err = {0};
        begin(&r);
        attribute(&r, "0012,0062", "CS", 2, says, in);
        attribute(&r, "0012,0064/0008,0100", "SH", 2, codes, in + 2);
        attribute(&r, "0012,0063", "LO", 4, method, in + 4);
        in[5] |= in[7]; /* a number in the text is no other way of working */
        for (uint32_t t = 0; t < r.studies; t++)
            for (int v = 0; v < 7; v++)
                key[t] |= (in[v] >> t & 1) << v;
        build(&e, r.json);
        assert_int_equal(dcr_deid_measure(&d, rules, &e.model, &err), DCR_OK);
        for (uint32_t a = 0; a < r.studies; a++)
            for (uint32_t b = 0; b < r.studies; b++)
                assert_int_equal(d.of_series[a] == d.of_series[b], key[a] == key[b]);
        for (size_t k = 1; k < d.n; k++)
            assert_true(d.list[k - 1].series >= d.list[k].series);
        dcr_deid_clear(&d);
        dcr_example_clear(&e);
        json_decref(r.json);
    }
}

/* One of ten thousand. */
static void test_needle(void **state)
{
    json_t *j = parse(
        "{\"attrs\": [{\"path\": \"0012,0063\", \"vr\": \"LO\", \"values\": ["
        "{\"value\": \"DICOGNITO\", \"subjects\": 1, \"first_subject\": 6543},"
        "{\"value\": \"Script A\", \"subjects\": 6543, \"first_subject\": 0},"
        "{\"value\": \"Script A of 2021\", \"subjects\": 3456, \"first_subject\": 6544}"
        "]}]}");
    dcr_example e;
    dcr_findings f;
    dcr_deid d;
    dcr_err err = {0};
    const dcr_finding *x;
    (void)state;
    build(&e, j);
    assert_int_equal(e.model.n_subjects, 10000);
    assert_int_equal(judge(&f, &d, &e, &err), DCR_OK);
    x = find(&f, "mixed-processing");
    assert_non_null(x);
    assert_int_equal(x->subjects, 1 + 3456);
    assert_int_equal(d.n, 3);
    assert_int_equal(d.list[2].subjects, 1);
    assert_string_equal(d.list[2].named, "dicognito");
    assert_string_equal(d.list[0].method, "other");
    assert_true(d.list[2].share > 0.99e-4 && d.list[2].share < 1.01e-4);
    dcr_findings_clear(&f);
    dcr_deid_clear(&d);
    dcr_example_clear(&e);
    json_decref(j);
}

/* Differences that come with the device alone are no other way of working; with a device
 * that both share, they are. */
static void test_explained(void **state)
{
    static const char form[] =
        "{\"attrs\": [{\"path\": \"0012,0062\", \"vr\": \"CS\", \"values\": [{\"value\": "
        "\"YES\", \"subjects\": 4}]},"
        "{\"path\": \"0008,1090\", \"vr\": \"LO\", \"values\": [{\"value\": \"Skyra\", "
        "\"subjects\": %d, \"first_subject\": 0}%s]},"
        "{\"path\": \"0020,000D\", \"vr\": \"UI\", \"values\": "
        "[\"2.25.113059749145936325402354257176981405690\","
        "\"2.25.113059749145936325402354257176981405691\","
        "\"2.25.113059749145936325402354257176981405692\","
        "\"1.2.840.113619.2.55.3.77\"]}]}";
    (void)state;
    for (int shared = 0; shared < 2; shared++) {
        char text[1200];
        dcr_example e;
        dcr_findings f;
        dcr_deid d;
        dcr_err err = {0};
        json_t *j;
        snprintf(text, sizeof text, form, shared ? 4 : 3,
                 shared
                     ? ""
                     : ", {\"value\": \"Signa\", \"subjects\": 1, \"first_subject\": 3}");
        j = parse(text);
        build(&e, j);
        assert_int_equal(judge(&f, &d, &e, &err), DCR_OK);
        assert_int_equal(d.n, shared ? 2 : 1);
        assert_int_equal(find(&f, "mixed-processing") != NULL, shared);
        dcr_findings_clear(&f);
        dcr_deid_clear(&d);
        dcr_example_clear(&e);
        json_decref(j);
    }
}

/* Figures and keywords, and nothing that stands in a file: not even a creator's name. */
static void test_detail(void **state)
{
    json_t *j = parse(
        "{\"attrs\": [{\"path\": \"0012,0062\", \"vr\": \"CS\", \"values\": [{\"value\": "
        "\"YES\", \"subjects\": 3}]},"
        "{\"path\": \"0019,xx10{SECRETWORD}\", \"vr\": \"LO\", \"values\": [\"alpha\"]},"
        "{\"path\": \"0019,xx11{SECRETWORD}\", \"vr\": \"LO\", \"values\": [\"beta\"]},"
        "{\"path\": \"0018,1000\", \"vr\": \"LO\", \"values\": [\"40414\"]},"
        "{\"path\": \"0008,1010\", \"vr\": \"SH\", \"values\": [\"N1\", \"N2\"]}]}");
    dcr_example e;
    dcr_findings f;
    dcr_deid d;
    dcr_err err = {0};
    (void)state;
    build(&e, j);
    assert_int_equal(judge(&f, &d, &e, &err), DCR_OK);
    assert_string_equal(find(&f, "claim-private-kept")->detail,
                        "1 of 3 patients whose files say so; private elements: 2");
    assert_string_equal(find(&f, "claim-device-kept")->detail,
                        "2 of 3 patients whose files say so; StationName (2), "
                        "DeviceSerialNumber (1)");
    for (size_t i = 0; i < f.n; i++)
        assert_null(strstr(f.list[i].detail, "SECRET"));
    dcr_findings_clear(&f);
    dcr_deid_clear(&d);
    dcr_example_clear(&e);
    json_decref(j);
}

/* Rows of PS3.15 Table E.1-1 2026d: Patient's Telephone Numbers X; Series Description X,
 * cleaned with descriptors; Overlay Data X, cleaned with graphics; KVP is not in it. */
static void test_profile(void **state)
{
    const dcr_profile_row *rows[4];
    size_t column;
    (void)state;
    assert_int_equal(dcr_profile_rows(rules, "0010,2154", rows, 4), 1);
    assert_true(rows[0]->removed);
    assert_int_equal(rows[0]->columns, 0);
    assert_int_equal(dcr_profile_rows(rules, "0008,103E", rows, 4), 1);
    assert_true(dcr_profile_column("clean_descriptors", &column));
    assert_int_equal(rows[0]->columns, 1u << column);
    assert_string_equal(dcr_profile_code(column), "113105");
    assert_int_equal(dcr_profile_rows(rules, "6002,3000", rows, 4), 1);
    assert_true(dcr_profile_column("clean_graphics", &column));
    assert_int_equal(rows[0]->columns, 1u << column);
    assert_int_equal(dcr_profile_rows(rules, "0018,0060", rows, 4), 0);
    assert_int_equal(dcr_profile_rows(rules, "0040,0275/0008,0050", rows, 4), 2);
    assert_int_equal(dcr_profile_rows(rules, "0029,xx10{A}", rows, 4), 0);
    assert_false(dcr_profile_column("clean_everything", &column));
}

static void test_no_memory(void **state)
{
    json_t *j = parse(
        "{\"attrs\": [{\"path\": \"0012,0062\", \"vr\": \"CS\", \"values\": [{\"value\": "
        "\"YES\", \"subjects\": 2}]},"
        "{\"path\": \"0012,0063\", \"vr\": \"LO\", \"values\": [\"DICOGNITO\", \"A\"]},"
        "{\"path\": \"0018,1000\", \"vr\": \"LO\", \"values\": [\"40414\"]}],"
        "\"project\": {\"schema\": \"dcmrisk-project/1\", \"claim\": \"anonymous\"}}");
    dcr_status st = DCR_ENOMEM;
    dcr_example e;
    (void)state;
    build(&e, j);
    for (long n = 0; st == DCR_ENOMEM; n++) {
        dcr_findings f;
        dcr_deid d;
        dcr_err err = {0};
        dcr_alloc_fail_after(n);
        st = judge(&f, &d, &e, &err);
        dcr_alloc_fail_after(-1);
        dcr_findings_clear(&f);
        dcr_deid_clear(&d);
    }
    assert_int_equal(st, DCR_OK);
    dcr_example_clear(&e);
    json_decref(j);
}

/* Bytes of any kind, and texts of any length, are read and nothing else. */
static void test_hostile(void **state)
{
    char text[5000];
    json_t *j;
    dcr_example e;
    dcr_findings f;
    dcr_deid d;
    dcr_err err = {0};
    (void)state;
    memset(text, 'x', sizeof text);
    text[4999] = '\0';
    j = json_pack(
        "{s:[{s:s, s:s, s:[s, s, s]}, {s:s, s:s, s:[s, s]}, {s:s, s:s, s:[s]}]}", "attrs",
        "path", "0012,0063", "vr", "LO", "values", text, "\\\\\\", " \\ 113107", "path",
        "0020,000D", "vr", "UI", "values",
        "2.25.99999999999999999999999999999999999999999999999999999999999", "....",
        "path", "0012,0062", "vr", "CS", "values", "yes\n");
    assert_non_null(j);
    build(&e, j);
    assert_int_equal(judge(&f, &d, &e, &err), DCR_OK);
    for (size_t i = 0; i < d.n; i++)
        assert_string_equal(d.list[i].tool, "");
    assert_non_null(find(&f, "claim-modified-dates-flag"));
    dcr_findings_clear(&f);
    dcr_deid_clear(&d);
    dcr_example_clear(&e);
    json_decref(j);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_join),      cmocka_unit_test(test_partition),
        cmocka_unit_test(test_needle),    cmocka_unit_test(test_explained),
        cmocka_unit_test(test_detail),    cmocka_unit_test(test_profile),
        cmocka_unit_test(test_no_memory), cmocka_unit_test(test_hostile),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
