/* Tables of rules that checks read: fingerprints of de-identification tools, pixel rules,
 * devices, UID roots. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "dcmrisk/dcmrisk.h"
#include "deid_tools.h"
#include "detect.h"
#include "pixel_rules.h"

static dcr_rules *rules;

static int enter(void **state)
{
    dcr_err err = {0};
    (void)state;
    if (dcr_rules_load(&rules, NULL, &err) == DCR_OK)
        return 0;
    fprintf(stderr, "%s:%ld: %s\n", err.where, err.line, err.text);
    return -1;
}

static int leave(void **state)
{
    (void)state;
    dcr_rules_free(rules);
    return 0;
}

/* ---- tools ----------------------------------------------------------------------------
 */

/* The one tool that a value of De-identification Method names; "" for none. */
static const char *tool_of(const char *text)
{
    size_t n;
    const dcr_deid_tool *t = dcr_deid_tools(rules, &n);
    const char *found = "";
    for (size_t i = 0; i < n; i++) {
        if (!dcr_deid_method(&t[i], (const uint8_t *)text, strlen(text)))
            continue;
        if (*found != '\0')
            fail_msg("%s: both %s and %s", text, found, t[i].id);
        found = t[i].id;
    }
    return found;
}

/* Texts as public files hold them (TCIA collections, pydicom test files), and as the
 * tools' sources write them. */
static void test_method_text(void **state)
{
    static const struct {
        const char *text, *tool;
    } e[] = {{"DCM:113100/113105/113107/113108/113109/113111", "ctp"},
             {"Per DICOM PS 3.15 AnnexE. Details in 0012,0064", "ctp"},
             {"CTP Default: based on DICOM PS3.15 AnnexE. Details in 0012,0064", "ctp"},
             {"RSNA DICOM ANONYMIZER", "rsna-anonymizer"},
             {"DICOGNITO", "dicognito"},
             {"BASIC APPLICATION LEVEL CONFIDENTIALITY PROFILE", "gdcmanon"},
             {"dcanon", "dicom3tools"},
             {"dcdtchg change dates", "dicom3tools"},
             {"Orthanc 1.9.7 - PS 3.15-2021b Table E.1-1 Basic Profile", "orthanc"},
             {"Orthanc 0.9.1 - PS 3.15-2008 Table E.1-1", "orthanc"},
             {"Burned in text blacked out", "pixelmed"},
             {"", ""},
             {"DICOGNITO 2", ""},
             {"Orthanc", ""},
             {"DCM:113100 and more", ""},
             {"Synthetic example; direct identifiers removed", ""},
             {"Basic Application Level Confidentiality Profile, by hand", ""}};
    (void)state;
    for (size_t i = 0; i < sizeof e / sizeof *e; i++)
        assert_string_equal(tool_of(e[i].text), e[i].tool);
}

static bool shape_fits(const dcr_deid_tool *t, const char *uid)
{
    const dcr_uid_way *u = t->uid.items;
    size_t n = strlen(uid);
    uint8_t uuid[16];
    for (size_t i = 0; i < t->uid.n; i++) {
        if (u[i].pattern == NULL ||
            !dcr_regex_match(u[i].pattern, (const uint8_t *)uid, n))
            continue;
        if (u[i].uuid_version == 0 || (dcr_uid_uuid((const uint8_t *)uid, n, uuid) &&
                                       (uint64_t)(uuid[6] >> 4) == u[i].uuid_version))
            return true;
    }
    return false;
}

/* UIDs that the tools make of 1.2.840.113619.2.55.3.1234567890.123.1234567890.456: known
 * answers from their sources or a run of them.  Each fits its tool and no other. */
static void test_uid_shapes(void **state)
{
    static const struct {
        const char *uid, *tool;
    } e[] = {
        {"1.3.6.1.4.1.14519.5.2.1.99.8285516301371517058184036895222264554", "ctp"},
        {"2.25.82855163013714339440727697876237647149", "dcm4che"},
        {"1.2.826.0.1.3680043.10.474.123456.2.3715170581840368952222645549",
         "rsna-anonymizer"},
        {"2.25.31141392170954899543531967851129861474988051814587155659886",
         "pydicom-deid"},
        {"2.25.33146181030160197070130117223152110180067058011108036012", "dicom-curate"},
        {"2.1293423513446926095045787269263383123874", "dicognito"},
        {"1.2.276.0.7230010.3.1.4.8323328.131065.1587929664.399909", "orthanc"},
        /* the example UUIDs of RFC 9562, of version 4, 5 and of PS3.5 B.2, of version 1
         */
        {"2.25.193491124287564075115561252409011423400", "dicom-anonymizer"},
        {"2.25.62257697832880430461588949038000940706", "xnat-dicomedit"},
        {"2.25.329800735698586629295641978511506172918", ""},
        {"1.3.12.2.1107.5.2.36.40414.30000018071807235912300000012", ""},
        {"1.2.840.113619.2.55.3.1234567890.123.1234567890.456", ""},
    };
    size_t n;
    const dcr_deid_tool *t = dcr_deid_tools(rules, &n);
    (void)state;
    for (size_t i = 0; i < sizeof e / sizeof *e; i++)
        for (size_t k = 0; k < n; k++)
            if (shape_fits(&t[k], e[i].uid) != (strcmp(t[k].id, e[i].tool) == 0))
                fail_msg("%s: %s", e[i].uid, t[k].id);
}

static const dcr_deid_tool *tool(const char *id)
{
    size_t n;
    const dcr_deid_tool *t = dcr_deid_tools(rules, &n);
    for (size_t i = 0; i < n; i++)
        if (strcmp(t[i].id, id) == 0)
            return &t[i];
    fail_msg("no tool %s", id);
    return NULL;
}

/* Facts of the tools' sources. */
static void test_tool_facts(void **state)
{
    const dcr_deid_tool *t = tool("ctp");
    const dcr_date_way *d = t->dates.items;
    (void)state;
    assert_int_equal(t->codes.n, 5);
    assert_true(dcr_strings_have(&t->codes, "DCM:113107"));
    assert_string_equal(t->temporal, "MODIFIED");
    assert_int_equal(d[0].typical, -3210);
    assert_string_equal(d[1].method, "shift-per-subject");
    assert_int_equal(d[1].least, -3649);
    t = tool("dicognito");
    d = t->dates.items;
    assert_string_equal(d[0].unit, "hour");
    assert_int_equal(d[0].most, -62 * 24);
    assert_int_equal(d[0].least, -730 * 24);
    assert_string_equal(t->identity_removed, "");
    assert_int_equal(t->codes.n, 0);
    t = tool("dcm4che");
    assert_true(dcr_strings_have(&t->dummy_dates, "19991111"));
    assert_true(dcr_strings_have(&t->dummy_times, "111111"));
    assert_string_equal(((const dcr_uid_way *)t->uid.items)[0].keyed, "unkeyed");
    t = tool("dicom-anonymizer");
    assert_true(dcr_strings_have(&t->leaves, "0002,0016"));
    assert_true(dcr_strings_have(&t->dummy_dates, "00010101"));
}

/* ---- patterns -------------------------------------------------------------------------
 */

static void test_regex_limits(void **state)
{
    enum { LONG = 100000 };
    static uint8_t text[LONG];
    dcr_regex *r = NULL;
    dcr_err err = {0};
    char why[160];
    (void)state;
    memset(text, 'a', sizeof text);
    assert_int_equal(dcr_regex_new(&r, "^(a+)+b$", why, sizeof why, &err), DCR_OK);
    assert_false(dcr_regex_match(r, text, sizeof text)); /* gives up, and soon */
    dcr_regex_free(r);
    assert_int_equal(dcr_regex_new(&r, "^b?", why, sizeof why, &err), DCR_OK);
    assert_true(dcr_regex_match(r, NULL, 0));
    dcr_regex_free(r);
    assert_int_equal(dcr_regex_new(&r, "a(b", why, sizeof why, &err), DCR_OK);
    assert_null(r);
    assert_non_null(strstr(why, "at its character 4"));
}

/* ---- pixels ---------------------------------------------------------------------------
 */

static const char *const facts[] = {"sop/burned_in",
                                    "series/images",
                                    "device/known",
                                    "private/bytes",
                                    "private/creator",
                                    "roi/name",
                                    "transfer-syntax/video",
                                    "pixels/high-bits",
                                    "pixels/jpeg-application-segment",
                                    "preamble",
                                    "trailing",
                                    NULL};

static void check_clause(const char *id, const dcr_pixel_clause *c)
{
    assert_true(c->n > 0);
    for (size_t i = 0; i < c->n; i++) {
        const char *attr = c->test[i].attr;
        uint32_t tag;
        dcr_path_tail tail;
        size_t k = 0;
        while (facts[k] != NULL && strcmp(facts[k], attr) != 0)
            k++;
        if (facts[k] != NULL)
            continue;
        dcr_path_split(attr, &tail);
        if (!dcr_tag_of(tail.seg, tail.n_seg, &tag))
            fail_msg("%s: %s", id, attr);
        assert_true((c->test[i].op == DCR_PX_MATCHES) == (c->test[i].pattern != NULL));
    }
}

/* Ids and levels of a few rows of the standards table. */
static void test_pixel_rules(void **state)
{
    static const struct {
        const char *id, *risk, *level;
        size_t n_when;
    } e[] = {{"PX001", "burned_in", "high", 1},    {"PX002", "burned_in", "unknown", 1},
             {"PX019", "burned_in", "info", 1},    {"PX030", "face", "high", 3},
             {"PX035", "biometric", "medium", 1},  {"PX041", "overlay", "high", 3},
             {"PX054", "embedded_text", "high", 2}};
    size_t n, at = 0;
    const dcr_pixel_rule *r = dcr_pixel_rules(rules, &n);
    (void)state;
    assert_int_equal(n, 44);
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < r[i].n_when; k++)
            check_clause(r[i].id, &r[i].when[k]);
        if (at < sizeof e / sizeof *e && strcmp(r[i].id, e[at].id) == 0) {
            assert_string_equal(r[i].risk, e[at].risk);
            assert_string_equal(r[i].level, e[at].level);
            assert_int_equal(r[i].n_when, e[at].n_when);
            at++;
        }
    }
    assert_int_equal(at, sizeof e / sizeof *e);
}

/* The iU22 of 600 rows stands in CTP's script and in pydicom/deid's, there with a maker;
 * the Siemens NM page of 860 rows in both alike. */
static void test_pixel_devices(void **state)
{
    size_t n, iu22 = 0, nm = 0;
    const dcr_pixel_device *d = dcr_pixel_devices(rules, &n);
    (void)state;
    assert_true(n > 100);
    for (size_t i = 0; i < n; i++) {
        if (d[i].other.n > 0)
            check_clause(d[i].label, &d[i].other);
        iu22 += dcr_strings_have(&d[i].model, "iU22") && d[i].rows.n == 1 &&
                d[i].rows.v[0] == 600;
        if (dcr_strings_have(&d[i].modality, "NM") && d[i].rows.n == 1 &&
            d[i].rows.v[0] == 860) {
            nm++;
            assert_int_equal(d[i].sources.n, 2);
            assert_int_equal(d[i].regions, 2);
            assert_true(dcr_strings_have(&d[i].image_type, "SECONDARY"));
        }
    }
    assert_int_equal(iu22, 2);
    assert_int_equal(nm, 1);
}

/* ---- UID roots ------------------------------------------------------------------------
 */

static void test_longest_root(void **state)
{
    static const struct {
        const char *uid, *name;
    } e[] = {{"1.2.392.200036.9116.2.5.1", "Canon, Toshiba"},
             {"1.2.392.200036.91160.2", "Japanese makers"},
             {"1.3.6.1.4.1.14519.5.2.1.7009", "TCIA"},
             {"1.2.826.0.1.3680043.2.1143.107", "GDCM"},
             {"2.25.1", "UUID"},
             {"2.251.1", NULL},
             {"1.2.840.1136190", NULL},
             {"1.3.12.2.1107", NULL}};
    (void)state;
    for (size_t i = 0; i < sizeof e / sizeof *e; i++) {
        const dcr_uid_root *r =
            dcr_rules_uid_root(rules, (const uint8_t *)e[i].uid, strlen(e[i].uid));
        if (e[i].name == NULL)
            assert_null(r);
        else
            assert_string_equal(r->name, e[i].name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_method_text),  cmocka_unit_test(test_uid_shapes),
        cmocka_unit_test(test_tool_facts),   cmocka_unit_test(test_regex_limits),
        cmocka_unit_test(test_pixel_rules),  cmocka_unit_test(test_pixel_devices),
        cmocka_unit_test(test_longest_root),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
