/* Link keys: schemes that replace UIDs and IDs without a key, lists of originals.
 *
 * Sources of expected values: the known-answer vectors were made by the tools' own
 * functions, rewritten in Python from their sources (CTP AnonymizerFunctions.java,
 * dcm4che UIDUtils.java, pydicom uid.py, dicom-curate hashUid.ts, dicognito
 * randomizer.py); digests of "abc" are of RFC 1321 and FIPS 180; UUIDs of RFC 9562,
 * appendix A. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "check.h"
#include "digest.h"
#include "link_judge.h"
#include "link_key.h"
#include "link_prove.h"
#include "originals.h"

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

static const uint8_t *bytes(const char *s)
{
    return (const uint8_t *)s;
}

/* ---- digests, decimals ---- */

static void test_digests(void **state)
{
    static const struct {
        dcr_digest_kind kind;
        const char *hex;
    } cases[] = {
        {DCR_DIGEST_MD5, "900150983cd24fb0d6963f7d28e17f72"},
        {DCR_DIGEST_SHA1, "a9993e364706816aba3e25717850c26c9cd0d89d"},
        {DCR_DIGEST_SHA256,
         "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {DCR_DIGEST_SHA512,
         "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
         "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t d[DCR_DIGEST_BYTES];
        char hex[129];
        size_t n = dcr_digest(cases[i].kind, bytes("a"), 1, bytes("bc"), 2, d);
        for (size_t k = 0; k < n; k++)
            snprintf(hex + 2 * k, 3, "%02x", d[k]);
        assert_string_equal(hex, cases[i].hex);
    }
}

static void test_decimal(void **state)
{
    uint8_t p[64] = {0};
    char out[DCR_DECIMAL_MAX];
    (void)state;
    assert_int_equal(dcr_decimal(p, 64, out), 1);
    assert_string_equal(out, "0");
    p[0] = 1;
    p[1] = 0;
    assert_int_equal(dcr_decimal(p, 2, out), 3);
    assert_string_equal(out, "256");
    memset(p, 0xFF, 64); /* 2^512 - 1, by bc */
    assert_int_equal(dcr_decimal(p, 64, out), 155);
    assert_string_equal(out,
                        "134078079299425970995740249982058461274793658205923933777235"
                        "61443721764030073546976801874298166903427690031858186486050"
                        "853753882811946569946433649006084095");
    p[0] = 0; /* 10^18: groups of zeros keep their place */
    memcpy(p, "\x0d\xe0\xb6\xb3\xa7\x64\x00\x00", 8);
    assert_int_equal(dcr_decimal(p, 8, out), 19);
    assert_string_equal(out, "1000000000000000000");
}

/* ---- the known-answer vectors ---- */

static const char uid[] = "1.2.840.113619.2.55.3.1234567890.123.1234567890.456";

static const struct vector {
    const char *original, *value, *scheme;
    bool is_uid, shape;
} vectors[] = {
    {uid, "1.3.6.1.4.1.14519.5.2.1.99.8285516301371517058184036895222264554",
     "ctp-hashuid", true, true},
    {uid, "2.25.82855163013714339440727697876237647149", "dcm4che-uid", true, true},
    {uid, "1.2.826.0.1.3680043.10.474.123456.2.3715170581840368952222645549",
     "rsna-anonymizer-uid", true, true},
    {uid, "2.25.31141392170954899543531967851129861474988051814587155659886",
     "pydicom-entropy", true, true},
    {uid, "2.25.33146181030160197070130117223152110180067058011108036012",
     "dicom-curate-uid", true, true},
    {uid, "2.1293423513446927095045787269263383123874", "dicognito-uid", true, true},
    {"1234567", "72899170617715868212493477340913749825", "ctp-hashptid", false, true},
    {"1234567", "fcea920f-7412-35da-bbe0-cf42b8c93759", "dcm4che-pid", false, true},
    /* RFC 1321: MD5 of "abc"; FIPS 180: its SHA-1; RFC 4648: base64 */
    {"abc", "900150983CD24FB0D6963F7D28E17F72", "md5-id", false, true},
    {"abc", "900150983cd24fb0", "md5-id", false, false},
    {"abc", "a9993e364706816aba3e25717850c26c9cd0d89d", "sha1-id", false, true},
    {"foobar", "Zm9vYmFy", "base64-id", false, false},
    {"foob", "Zm9vYg==", NULL, false, false}, /* six characters are too few to prove */
};
enum { VECTORS = sizeof vectors / sizeof *vectors };

static const dcr_scheme *scheme_of(const char *id)
{
    for (size_t i = 0; i < rules->links->n_schemes; i++)
        if (strcmp(rules->links->schemes[i].id, id) == 0)
            return &rules->links->schemes[i];
    return NULL;
}

typedef struct scene { /* a model of one attribute, all values of one patient */
    dcr_model model;
    dcr_attr attr;
    dcr_subject subject;
    dcr_study study;
    dcr_series series;
    dcr_value *values;
    uint32_t zero;
} scene;

static void scene_make(scene *s, bool is_uid, const char *const *text, size_t n)
{
    memset(s, 0, sizeof *s);
    s->values = calloc(n, sizeof *s->values);
    assert_non_null(s->values);
    for (size_t i = 0; i < n; i++)
        s->values[i] = (dcr_value){.bytes = bytes(text[i]),
                                   .len = (uint32_t)strlen(text[i]),
                                   .subjects = 1,
                                   .studies = 1,
                                   .series = 1,
                                   .files = 1,
                                   .in_series = &s->zero};
    s->attr = (dcr_attr){.path = is_uid ? "0020,000D" : "0010,0020",
                         .role = is_uid ? DCR_ROLE_QUASI_IDENTIFIER
                                        : DCR_ROLE_DIRECT_IDENTIFIER,
                         .family = is_uid ? "uid" : "patient_id",
                         .shape = "",
                         .exact = true,
                         .values = s->values,
                         .n_values = n};
    memcpy(s->attr.vr, is_uid ? "UI" : "LO", 3);
    s->subject = (dcr_subject){.n_studies = 1};
    s->study = (dcr_study){.n_series = 1};
    s->model = (dcr_model){.attrs = &s->attr,
                           .n_attrs = 1,
                           .subjects = &s->subject,
                           .studies = &s->study,
                           .series = &s->series,
                           .n_subjects = 1,
                           .n_studies = 1,
                           .n_series = 1};
}

static dcr_link_keys *judge(const scene *s, dcr_originals *o)
{
    dcr_link_keys *k = NULL;
    dcr_err err = {0};
    assert_int_equal(dcr_link_keys_build(&k, rules, &s->model, o, &err), DCR_OK);
    assert_int_equal(k->n, 1);
    return k;
}

static dcr_originals *originals(const char *const *text, size_t n)
{
    dcr_originals *o = dcr_originals_new();
    dcr_err err = {0};
    for (size_t i = 0; i < n; i++)
        assert_int_equal(dcr_originals_add(o, text[i], strlen(text[i]), &err), DCR_OK);
    dcr_originals_end(o);
    return o;
}

static void test_vectors_are_proven(void **state)
{
    (void)state;
    for (size_t i = 0; i < VECTORS; i++) {
        const struct vector *v = &vectors[i];
        dcr_originals *o = originals(&v->original, 1);
        scene s;
        dcr_link_keys *k;
        scene_make(&s, v->is_uid, &v->value, 1);
        k = judge(&s, o);
        assert_int_equal(k->list[0].state == DCR_LINK_RECOMPUTED, v->scheme != NULL);
        assert_string_equal(v->scheme == NULL ? "" : v->scheme, k->list[0].scheme);
        dcr_link_keys_free(k);
        dcr_originals_free(o);
        free(s.values);
    }
}

static void test_vectors_by_shape(void **state)
{
    (void)state;
    for (size_t i = 0; i < VECTORS; i++) {
        const struct vector *v = &vectors[i];
        scene s;
        dcr_link_keys *k;
        scene_make(&s, v->is_uid, &v->value, 1);
        k = judge(&s, NULL);
        assert_true(k->list[0].state < DCR_LINK_RECOMPUTED);
        assert_string_equal(v->shape ? v->scheme : "", k->list[0].scheme);
        dcr_link_keys_free(k);
        free(s.values);
    }
}

/* 57 digits that are no bytes in groups of three, and a UUID of another variant. */
static void test_forms_of_others(void **state)
{
    static const struct {
        const char *uid, *scheme;
    } cases[] = {
        {"2.25.256181030160197070130117223152110180067058011108036012999",
         "pydicom-entropy"},
        {"2.25.82855163013714339436116011857810259245", ""}, /* variant bits 01 */
        {"2.26.82855163013714339440727697876237647149", ""},
        {"2.25.1.82855163013714339440727697876237647149", ""},
        {"2.2293423513446927095045787269263383123874", ""}, /* dicognito's begin with 1 */
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        scene s;
        dcr_link_keys *k;
        scene_make(&s, true, &cases[i].uid, 1);
        k = judge(&s, NULL);
        assert_string_equal(k->list[0].scheme, cases[i].scheme);
        dcr_link_keys_free(k);
        free(s.values);
    }
}

/* One character of the original or of the value is another: nothing is proven. */
static void test_near_misses(void **state)
{
    (void)state;
    for (size_t i = 0; i < VECTORS; i++) {
        const struct vector *v = &vectors[i];
        char other[128], value[128];
        const char *text[2] = {other, value};
        dcr_originals *o;
        dcr_link_keys *k;
        scene s;
        if (v->scheme == NULL)
            continue;
        snprintf(other, sizeof other, "%s", v->original);
        other[strlen(other) - 1] ^= 1;
        snprintf(value, sizeof value, "%s", v->value);
        value[strlen(value) - 1] = value[strlen(value) - 1] == '1' ? '2' : '1';
        o = originals(text, 1);
        scene_make(&s, v->is_uid, &v->value, 1);
        k = judge(&s, o);
        assert_true(k->list[0].state < DCR_LINK_RECOMPUTED);
        dcr_link_keys_free(k);
        dcr_originals_free(o);
        free(s.values);
        o = originals(&v->original, 1);
        scene_make(&s, v->is_uid, &text[1], 1);
        k = judge(&s, o);
        assert_true(k->list[0].state < DCR_LINK_RECOMPUTED);
        dcr_link_keys_free(k);
        dcr_originals_free(o);
        free(s.values);
    }
}

static void test_original_itself(void **state)
{
    const char *text[] = {"2.25.1", uid};
    dcr_originals *o = originals(&text[1], 1);
    scene s;
    dcr_link_keys *k;
    (void)state;
    scene_make(&s, true, text, 2);
    k = judge(&s, o);
    assert_int_equal(k->list[0].state, DCR_LINK_PROVEN);
    assert_int_equal(k->list[0].in_state[DCR_LINK_PROVEN], 1);
    assert_int_equal(k->list[0].values, 2);
    assert_int_equal(k->originals, 1);
    assert_null(strstr(k->list[0].detail, "1.2.840"));
    dcr_link_keys_free(k);
    dcr_originals_free(o);
    free(s.values);
}

static void test_shifts(void **state)
{
    static const struct {
        const char *id, *scheme;
        long days;
    } cases[] = {{"1234567", "rsna-shift", 853},
                 {"1234567", "ctp-hashdate", -2809},
                 {"0000001", "rsna-shift", 3392},
                 {"0000001", "ctp-hashdate", -3104}};
    const dcr_link_rules *l = rules->links;
    size_t seen = 0;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t k = 0; k < l->n_shifts; k++) {
            if (strcmp(l->shifts[k].id, cases[i].scheme) != 0)
                continue;
            assert_int_equal(dcr_shift_days(&l->shifts[k], bytes(cases[i].id), 7),
                             cases[i].days);
            seen++;
        }
    assert_int_equal(seen, 4);
}

/* ---- a million random UIDs ---- */

static uint64_t random64(uint64_t *s) /* splitmix64 */
{
    uint64_t z = *s += 0x9E3779B97F4A7C15ull;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
}

static void random_uid(uint64_t *s, char out[64])
{
    uint8_t u[16];
    char digits[DCR_DECIMAL_MAX];
    for (size_t i = 0; i < 16; i += 8) {
        uint64_t r = random64(s);
        memcpy(u + i, &r, 8);
    }
    u[6] = (uint8_t)((u[6] & 15) | 0x40); /* version 4 */
    u[8] = (uint8_t)((u[8] & 0x3F) | 0x80);
    memcpy(out, "2.25.", 5);
    memcpy(out + 5, digits, dcr_decimal(u, 16, digits) + 1);
}

static void test_million_random(void **state)
{
    enum { N = 1000000, ORIGINALS = 2000 };
    char(*text)[64] = calloc(N, sizeof *text);
    const char **list = calloc(N, sizeof *list);
    const char **lists = calloc(ORIGINALS, sizeof *lists);
    char(*vendor)[64] = calloc(ORIGINALS, sizeof *vendor);
    dcr_originals *o;
    dcr_link_keys *k;
    uint64_t seed = 20261127;
    scene s;
    (void)state;
    for (size_t i = 0; i < N; i++) {
        random_uid(&seed, text[i]);
        list[i] = text[i];
    }
    for (size_t i = 0; i < ORIGINALS; i++) {
        snprintf(vendor[i], sizeof vendor[i], "1.2.840.113619.2.55.3.604688119.%zu", i);
        lists[i] = vendor[i];
    }
    o = originals(lists, ORIGINALS);
    scene_make(&s, true, list, N);
    k = judge(&s, o);
    assert_int_equal(k->list[0].state, DCR_LINK_REPLACED);
    assert_int_equal(k->list[0].in_state[DCR_LINK_REPLACED], N);
    assert_string_equal(k->list[0].scheme, "");
    assert_int_equal(dcr_link_judged_of(k, 0)->clock.values, 0);
    dcr_link_keys_free(k);
    dcr_originals_free(o);
    free(s.values);
    free(text);
    free(list);
    free(lists);
    free(vendor);
}

/* ---- lists of originals ---- */

static dcr_status load(const char *text, size_t n, dcr_originals **o, dcr_err *err)
{
    char name[] = "/tmp/originals.XXXXXX";
    int fd = mkstemp(name);
    dcr_status st;
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, n), n);
    close(fd);
    memset(err, 0, sizeof *err);
    st = dcr_originals_load(o, name, err);
    unlink(name);
    return st;
}

static void test_lists(void **state)
{
    static const char text[] = "\xEF\xBB\xBF"
                               "PatientID,name\r\n  1234567 ,x\r\n\"a \"\"b\""
                               ";y\n\n1.2.3\tz\n1234567\n  \n1.2.3";
    static const char *const want[] = {"1.2.3", "1234567", "PatientID", "a \"b"};
    dcr_originals *o;
    dcr_err err;
    (void)state;
    assert_int_equal(load(text, sizeof text - 1, &o, &err), DCR_OK);
    assert_int_equal(dcr_originals_count(o), 4);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(o->list[i].n, strlen(want[i]));
        assert_memory_equal(o->list[i].p, want[i], o->list[i].n);
        assert_int_equal(o->list[i].uid, i == 0);
    }
    dcr_originals_free(o);
}

static void test_bad_lists(void **state)
{
    static const struct {
        const char *text;
        size_t n;
        long line;
    } cases[] = {
        {"", 0, 0},
        {"\n \n,x\n", 6, 0},
        {"ok\nsecret\0x\n", 12, 2},
        {"ok\nsecret\xFF\n", 11, 2},
        {"ok\nok\n\"secret\n", 14, 3},
        {"secretsecretsecretsecretsecretsecretsecretsecretsecretsecretsecre", 65, 1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dcr_originals *o;
        dcr_err err;
        assert_int_equal(load(cases[i].text, cases[i].n, &o, &err), DCR_ERULES);
        assert_null(o);
        assert_int_equal(err.line, cases[i].line);
        assert_null(strstr(err.text, "secret"));
    }
    dcr_err err = {0};
    dcr_originals *o;
    assert_int_equal(dcr_originals_load(&o, "/nonexistent/list", &err), DCR_EARG);
}

static void test_no_memory(void **state)
{
    dcr_status st = DCR_ENOMEM;
    (void)state;
    for (long n = 0; st != DCR_OK; n++) {
        const char *text[] = {vectors[0].value, vectors[1].value};
        dcr_originals *o = originals(&vectors[0].original, 1);
        dcr_link_keys *k = NULL;
        dcr_err err = {0};
        scene s;
        scene_make(&s, true, text, 2);
        dcr_alloc_fail_after(n);
        st = dcr_link_keys_build(&k, rules, &s.model, o, &err);
        dcr_alloc_fail_after(-1);
        assert_true(st == DCR_OK || st == DCR_ENOMEM);
        assert_int_equal(k != NULL, st == DCR_OK);
        dcr_link_keys_free(k);
        dcr_originals_free(o);
        free(s.values);
    }
}

static void test_scheme_names(void **state)
{
    (void)state;
    assert_non_null(scheme_of("ctp-hashuid"));
    assert_null(scheme_of("nobody's"));
    assert_string_equal(dcr_link_state_name(DCR_LINK_SOURCE_LIKE), "source-like");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_digests),
        cmocka_unit_test(test_decimal),
        cmocka_unit_test(test_vectors_are_proven),
        cmocka_unit_test(test_vectors_by_shape),
        cmocka_unit_test(test_forms_of_others),
        cmocka_unit_test(test_near_misses),
        cmocka_unit_test(test_original_itself),
        cmocka_unit_test(test_shifts),
        cmocka_unit_test(test_million_random),
        cmocka_unit_test(test_lists),
        cmocka_unit_test(test_bad_lists),
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_scheme_names),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
