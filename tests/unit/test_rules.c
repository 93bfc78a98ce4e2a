/* The rule set: loading, roles, dummies, adversaries.  Expected values are facts of the
 * tables the rules were made from; their source stands beside each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc.h"
#include "dcmrisk/dcmrisk.h"
#include "ruleset.h"

static dcr_rules *rules;

static int setup(void **state)
{
    dcr_err err = {0};
    (void)state;
    if (dcr_rules_load(&rules, NULL, &err) != DCR_OK) {
        fprintf(stderr, "%s:%ld: %s\n", err.where, err.line, err.text);
        return -1;
    }
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    dcr_rules_free(rules);
    return 0;
}

typedef struct role_case {
    const char *path, *vr, *keyword, *family;
    dcr_role role;
    dcr_level level;
    bool link_key, known_creator, safe;
    const char *concept;
} role_case;

static const role_case role_cases[] = {
    /* own table of attribute roles */
    {"0010,0010", "PN", "PatientName", "name", DCR_ROLE_DIRECT_IDENTIFIER,
     DCR_LEVEL_PATIENT, 0, 0, 0, NULL},
    {"0010,0030", "DA", "PatientBirthDate", "date", DCR_ROLE_QUASI_IDENTIFIER,
     DCR_LEVEL_PATIENT, 0, 0, 0, "birth_date"},
    {"0010,0020", "LO", "PatientID", "patient_id", DCR_ROLE_DIRECT_IDENTIFIER,
     DCR_LEVEL_PATIENT, 1, 0, 0, NULL},
    {"0008,0050", "SH", "AccessionNumber", "workflow_id", DCR_ROLE_DIRECT_IDENTIFIER,
     DCR_LEVEL_STUDY, 1, 0, 0, NULL},
    {"0018,1000", "LO", "DeviceSerialNumber", "device", DCR_ROLE_QUASI_IDENTIFIER,
     DCR_LEVEL_EQUIPMENT, 0, 0, 0, "device"},
    {"0018,0060", "DS", "KVP", "acquisition", DCR_ROLE_TECHNICAL, DCR_LEVEL_SERIES, 0, 0,
     0, NULL},
    {"0400,0561", "SQ", "OriginalAttributesSequence", "opaque", DCR_ROLE_CONTAINER,
     DCR_LEVEL_INSTANCE, 0, 0, 0, NULL},
    /* the role is that of the last tag; a nested carrier carries no concept */
    {"0400,0561/0400,0550/0010,0010", "PN", "PatientName", "name",
     DCR_ROLE_DIRECT_IDENTIFIER, DCR_LEVEL_PATIENT, 0, 0, 0, NULL},
    {"0040,0275/0008,0020", "DA", "StudyDate", "date", DCR_ROLE_QUASI_IDENTIFIER,
     DCR_LEVEL_STUDY, 0, 0, 0, NULL},
    /* repeating groups: Overlay Comments (60xx,4000), Overlay Data, Curve Data
       (50xx,xxxx) */
    {"6002,4000", "LT", "OverlayComments", "free_text", DCR_ROLE_SENSITIVE,
     DCR_LEVEL_INSTANCE, 0, 0, 0, NULL},
    {"6000,3000", "OW", "OverlayData", "pixel", DCR_ROLE_CONTAINER, DCR_LEVEL_INSTANCE, 0,
     0, 0, NULL},
    {"5004,3000", "OW", "CurveData", "graphics", DCR_ROLE_CONTAINER, DCR_LEVEL_UNKNOWN, 0,
     0, 0, NULL},
    /* PS3.15 E.1-1 only: Acquisition Context Description X, clean descriptors C */
    {"0040,0556", "ST", "AcquisitionContextDescription", "free_text", DCR_ROLE_SENSITIVE,
     DCR_LEVEL_UNKNOWN, 0, 0, 0, NULL},
    {"3010,0006", "UI", "ConceptualVolumeUID", "uid", DCR_ROLE_QUASI_IDENTIFIER,
     DCR_LEVEL_UNKNOWN, 0, 0, 0, NULL},
    /* in neither table: by VR */
    {"0018,9999", "DT", NULL, "datetime", DCR_ROLE_QUASI_IDENTIFIER, DCR_LEVEL_UNKNOWN, 0,
     0, 0, NULL},
    {"0018,9999", "LO", NULL, "free_text", DCR_ROLE_UNKNOWN, DCR_LEVEL_UNKNOWN, 0, 0, 0,
     NULL},
    {"0018,9999", "OB", NULL, "opaque", DCR_ROLE_CONTAINER, DCR_LEVEL_UNKNOWN, 0, 0, 0,
     NULL},
    {"0018,9999", "ZZ", NULL, "", DCR_ROLE_UNKNOWN, DCR_LEVEL_UNKNOWN, 0, 0, 0, NULL},
    /* file meta */
    {"0002,0016", "AE", "SourceApplicationEntityTitle", "device",
     DCR_ROLE_QUASI_IDENTIFIER, DCR_LEVEL_EQUIPMENT, 0, 0, 0, NULL},
    {"preamble", "OB", NULL, "opaque", DCR_ROLE_CONTAINER, DCR_LEVEL_INSTANCE, 0, 0, 0,
     NULL},
    /* codes say what their sequence is about */
    {"0008,0082/0008,0104", "LO", "CodeMeaning", "site", DCR_ROLE_QUASI_IDENTIFIER,
     DCR_LEVEL_SERIES, 0, 0, 0, "site"},
    {"0040,1101/0008,0104", "LO", "CodeMeaning", "physician_operator",
     DCR_ROLE_DIRECT_IDENTIFIER, DCR_LEVEL_STUDY, 0, 0, 0, NULL},
    {"0054,0220/0008,0104", "LO", "CodeMeaning", "code", DCR_ROLE_TECHNICAL,
     DCR_LEVEL_INSTANCE, 0, 0, 0, NULL},
    /* private: PS3.15 E.3.10-1 (Philips PET 7053,xx00 SUV factor), case and blanks aside
     */
    {"7053,xx00{Philips PET Private Group}", "DS", NULL, "private_safe",
     DCR_ROLE_TECHNICAL, DCR_LEVEL_UNKNOWN, 0, 1, 1, NULL},
    {"7053,xx00{PHILIPS PET  PRIVATE GROUP }", "DS", NULL, "private_safe",
     DCR_ROLE_TECHNICAL, DCR_LEVEL_UNKNOWN, 0, 1, 1, NULL},
    {"7053,xx77{Philips PET Private Group}", "DS", NULL, "private_unknown",
     DCR_ROLE_CONTAINER, DCR_LEVEL_UNKNOWN, 0, 1, 0, NULL},
    /* GDCM: SIEMENS CM VA0 CMS (0013,xx20) holds the patient's name */
    {"0013,xx20{SIEMENS CM VA0  CMS}", "LO", NULL, "private_known_identifying",
     DCR_ROLE_QUASI_IDENTIFIER, DCR_LEVEL_UNKNOWN, 0, 1, 0, NULL},
    {"0029,xx10{ACME}", "OB", NULL, "private_unknown", DCR_ROLE_CONTAINER,
     DCR_LEVEL_UNKNOWN, 0, 0, 0, NULL},
    {"0029,1010{}", "LO", NULL, "private_orphan", DCR_ROLE_CONTAINER, DCR_LEVEL_UNKNOWN,
     0, 0, 0, NULL},
    {"0029,00xx", "LO", NULL, "private_creator", DCR_ROLE_TECHNICAL, DCR_LEVEL_UNKNOWN, 0,
     0, 0, NULL},
    /* a creator may hold a slash and a brace; what follows a private sequence is standard
     */
    {"0011,xx01{ACME/V{2}/x}/0010,0010", "PN", "PatientName", "name",
     DCR_ROLE_DIRECT_IDENTIFIER, DCR_LEVEL_PATIENT, 0, 0, 0, NULL},
    /* found by an opener: judged by name, the innermost that is known */
    {"0029,xx10{SIEMENS CSA HEADER}:csa/ImaCoilString", "DS", NULL, "opened",
     DCR_ROLE_UNKNOWN, DCR_LEVEL_UNKNOWN, 0, 1, 0, NULL},
    {"0029,xx10{SIEMENS CSA HEADER}:csa/UsedPatientWeight", "DS", "PatientWeight",
     "demographic", DCR_ROLE_QUASI_IDENTIFIER, DCR_LEVEL_STUDY, 0, 1, 0, NULL},
    {"0029,xx20{SIEMENS CSA HEADER}:csa/MrPhoenixProtocol:ascconv/tPatientName", "UT",
     "PatientName", "name", DCR_ROLE_DIRECT_IDENTIFIER, DCR_LEVEL_PATIENT, 0, 1, 0, NULL},
    {"0042,0011:xml/patientRole.patient.name.given", "UT", "PatientName", "name",
     DCR_ROLE_DIRECT_IDENTIFIER, DCR_LEVEL_PATIENT, 0, 0, 0, NULL},
    {"0042,0011:xml/x.STUDY_DATE.value", "UT", "StudyDate", "date",
     DCR_ROLE_QUASI_IDENTIFIER, DCR_LEVEL_STUDY, 0, 0, 0, NULL},
    {"0042,0011:json/00100010.Value.Alphabetic", "UT", "PatientName", "name",
     DCR_ROLE_DIRECT_IDENTIFIER, DCR_LEVEL_PATIENT, 0, 0, 0, NULL},
    {"0042,0011:json/a.b.00090010", "UT", NULL, "opened", DCR_ROLE_UNKNOWN,
     DCR_LEVEL_INSTANCE, 0, 0, 0, NULL},
    {"0042,0011:json/...", "UT", NULL, "opened", DCR_ROLE_UNKNOWN, DCR_LEVEL_INSTANCE, 0,
     0, 0, NULL},
    /* nonsense never fails */
    {"", "", NULL, "", DCR_ROLE_UNKNOWN, DCR_LEVEL_UNKNOWN, 0, 0, 0, NULL},
    {"0029,xx10{", "LO", NULL, "private_orphan", DCR_ROLE_CONTAINER, DCR_LEVEL_UNKNOWN, 0,
     0, 0, NULL},
    {"//:{}", "LO", NULL, "", DCR_ROLE_UNKNOWN, DCR_LEVEL_UNKNOWN, 0, 0, 0, NULL},
};

static void test_role(void **state)
{
    size_t n;
    const dcr_concept *c = dcr_rules_concepts(rules, &n);
    (void)state;
    for (size_t i = 0; i < sizeof role_cases / sizeof *role_cases; i++) {
        const role_case *t = &role_cases[i];
        dcr_role_info r;
        dcr_rules_role(rules, t->path, t->vr, &r);
        if (r.role != t->role || strcmp(r.family, t->family) != 0)
            print_message("%s: role %d family %s\n", t->path, (int)r.role, r.family);
        assert_int_equal(r.role, t->role);
        assert_string_equal(r.family, t->family);
        assert_int_equal(r.level, t->level);
        if (t->keyword == NULL)
            assert_null(r.keyword);
        else
            assert_string_equal(r.keyword, t->keyword);
        assert_int_equal(r.link_key, t->link_key);
        assert_int_equal(r.known_creator, t->known_creator);
        assert_int_equal(r.safe_private, t->safe);
        if (t->concept == NULL) {
            assert_int_equal(r.concept, -1);
        } else {
            assert_in_range(r.concept, 0, n - 1);
            assert_string_equal(c[r.concept].id, t->concept);
        }
    }
}

static bool dummy(const char *vr, const char *v)
{
    return dcr_rules_is_dummy(rules, vr, (const uint8_t *)v, strlen(v));
}

static void test_dummy(void **state)
{
    static const char *const yes[][2] = {
        {"PN", "ANONYMIZED"},    {"LO", "anonymous"},
        {"LO", "De-Identified"}, {"LO", "Not Available"},
        {"PN", "XXX^XXX"},       {"PN", "^"},
        {"SH", "0000"},          {"LO", "---"},
        {"LO", "***"},           {"LO", "x"},
        {"DA", "00010101"},      {"DA", "19000101"},
        {"DA", "19991111"},      {"DA", "00000000"},
        {"DA", "***"},           {"DT", "00010101000000"},
        {"DT", "99991231"},      {"TM", "000000"},
        {"TM", "000000.000"},    {"TM", "111111"},
        {"TM", "111111.00"},     {"PN", "No Name"},
        {"DS", "N/A"},           {"LO", "?"},
    };
    static const char *const no[][2] = {
        {"PN", "Doe^Jane"},    {"LO", ""},        {"DS", "0"},
        {"IS", "000"},         {"US", "0"},       {"LO", "19000101"},
        {"TM", "090000"},      {"TM", "000001"},  {"DA", "20000101"},
        {"LO", "ANONYMIZED1"}, {"LO", "0001"},    {"TM", "111111.5"},
        {"CS", "O"},           {"OB", "REMOVED"}, {"DA", "19000102"},
        {"DS", "0.0"},
    };
    char name_long[5000];
    (void)state;
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        if (!dummy(yes[i][0], yes[i][1]))
            fail_msg("%s %s", yes[i][0], yes[i][1]);
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        if (dummy(no[i][0], no[i][1]))
            fail_msg("%s %s", no[i][0], no[i][1]);
    memset(name_long, 'A', sizeof name_long);
    assert_false(dcr_rules_is_dummy(rules, "LO", (uint8_t *)name_long, sizeof name_long));
    memset(name_long, '0', sizeof name_long);
    assert_true(dcr_rules_is_dummy(rules, "LO", (uint8_t *)name_long, sizeof name_long));
    assert_false(dcr_rules_is_dummy(rules, "LO", (const uint8_t *)"A\0B", 3));
}

static void test_derived(void **state)
{
    (void)state;
    assert_true(dcr_rules_is_derived(rules, (const uint8_t *)"SR", 2));
    assert_true(dcr_rules_is_derived(rules, (const uint8_t *)"RTSTRUCT", 8));
    assert_false(dcr_rules_is_derived(rules, (const uint8_t *)"CT", 2));
    assert_false(dcr_rules_is_derived(rules, (const uint8_t *)"S", 1));
    assert_false(dcr_rules_is_derived(rules, (const uint8_t *)"HD", 2));
    assert_false(dcr_rules_is_derived(rules, (const uint8_t *)"", 0));
    assert_true(dcr_rules_is_modality(rules, "CT"));
    assert_true(dcr_rules_is_modality(rules, "SR"));
    assert_false(dcr_rules_is_modality(rules, "Smith"));
    assert_false(dcr_rules_is_modality(rules, ""));
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

static const char *level_of(const dcr_adversary *a, const char *concept)
{
    size_t n;
    const dcr_concept *c = dcr_rules_concepts(rules, &n);
    for (size_t i = 0; i < a->n_knows; i++)
        if (strcmp(c[a->knows[i].concept].id, concept) == 0)
            return a->knows[i].level;
    return "not known";
}

/* table of adversaries: public 7 concepts; acquaintance +6 and exam_date@day instead of
 * month; site-staff +7; union +1 (protocol) */
static void test_adversaries(void **state)
{
    size_t n;
    (void)state;
    dcr_rules_adversaries(rules, &n);
    assert_int_equal(n, 6);
    assert_int_equal(adversary("public")->n_knows, 7);
    assert_int_equal(adversary("acquaintance")->n_knows, 13);
    assert_int_equal(adversary("site-staff")->n_knows, 20);
    assert_int_equal(adversary("collaborating-site")->n_knows, 20);
    assert_int_equal(adversary("union")->n_knows, 21);
    assert_int_equal(adversary("other-release")->n_knows, 3);
    assert_string_equal(level_of(adversary("public"), "exam_date"), "month");
    assert_string_equal(level_of(adversary("acquaintance"), "exam_date"), "day");
    assert_string_equal(level_of(adversary("acquaintance"), "height"), "10cm");
    assert_string_equal(level_of(adversary("site-staff"), "birth_date"), "day");
    assert_string_equal(level_of(adversary("site-staff"), "exam_time"), "minute");
    assert_string_equal(level_of(adversary("public"), "sex"), "value");
    assert_true(adversary("collaborating-site")->subtract_site);
    assert_false(adversary("site-staff")->subtract_site);
    assert_string_equal(adversary("other-release")->target, "linkage");
    for (size_t i = 1; i < adversary("union")->n_knows; i++)
        assert_true(adversary("union")->knows[i - 1].concept <
                    adversary("union")->knows[i].concept);
}

static void test_concepts(void **state)
{
    size_t n, n_keep, found = 0;
    const dcr_concept *c = dcr_rules_concepts(rules, &n);
    const char *const *keep = dcr_rules_keep(rules, &n_keep);
    (void)state;
    assert_int_equal(n, 21);
    for (size_t i = 0; i < n; i++) {
        assert_true(c[i].title[0] != '\0');
        if (strcmp(c[i].id, "exam_date") == 0) {
            assert_int_equal(c[i].n_carriers, 8);
            assert_string_equal(c[i].carriers[0], "0008,0020");
            assert_string_equal(c[i].carriers[2], "0008,002A");
            assert_int_equal(c[i].level, DCR_LEVEL_STUDY);
        }
        if (strcmp(c[i].id, "procedure") == 0)
            assert_string_equal(c[i].carriers[1], "0008,1032/0008,0104");
        if (strcmp(c[i].id, "site") == 0)
            assert_string_equal(c[i].derive, "site");
    }
    for (size_t i = 0; i < n_keep; i++) {
        if (i > 0)
            assert_true(strcmp(keep[i - 1], keep[i]) < 0);
        found += strcmp(keep[i], "0008,0020") == 0 || strcmp(keep[i], "0020,000D") == 0 ||
                 strcmp(keep[i], "0010,0010") == 0 ||
                 strcmp(keep[i], "0008,1032/0008,0104") == 0;
        assert_string_not_equal(keep[i], "0008,0018");
    }
    assert_int_equal(found, 4);
}

/* table of SOP classes; UIDs of PS3.6 */
static void test_pixel(void **state)
{
    dcr_pixel_risk p;
    (void)state;
    dcr_rules_pixel(rules, "1.2.840.10008.5.1.1.29",
                    &p); /* Hardcopy Grayscale Image Storage */
    assert_string_equal(p.content_class, "secondary_capture");
    assert_string_equal(p.burned_in, "high");
    assert_string_equal(p.review, "mandatory");
    dcr_rules_pixel(rules, "1.2.3.4", &p);
    assert_string_equal(p.content_class, "unknown");
    dcr_rules_pixel(rules, "", &p);
    assert_string_equal(p.content_class, "unknown");
}

static void test_uid_root(void **state)
{
    static const char siemens[] = "1.3.12.2.1107.5.2.36.40414";
    static const char near_siemens[] = "1.3.12.2.11071.5";
    const dcr_uid_root *r =
        dcr_rules_uid_root(rules, (const uint8_t *)siemens, strlen(siemens));
    (void)state;
    assert_non_null(r);
    assert_string_equal(r->kind, "vendor");
    assert_null(
        dcr_rules_uid_root(rules, (const uint8_t *)near_siemens, strlen(near_siemens)));
    r = dcr_rules_uid_root(rules, (const uint8_t *)"2.25.17", 7);
    assert_string_equal(r->kind, "uuid");
}

static void test_examples(void **state)
{
    dcr_err err = {0};
    size_t n;
    (void)state;
    if (dcr_rules_selftest(rules, &err) != DCR_OK)
        fail_msg("%s:%ld: %s", err.where, err.line, err.text);
    const dcr_rule_info *l = dcr_rules_list(rules, &n);
    assert_true(n >= 30);
    for (size_t i = 1; i < n; i++)
        assert_true(strcmp(l[i - 1].id, l[i].id) < 0);
    assert_non_null(strstr(l[0].json, l[0].id));
}

static void test_files(void **state)
{
    size_t n;
    const char *t = dcr_rules_file(rules, "concepts.json", &n);
    (void)state;
    assert_non_null(t);
    assert_int_equal(strlen(t), n);
    assert_null(dcr_rules_file(rules, "nothing.json", &n));
    assert_null(dcr_rules_file(rules, "schemas/check.schema.json", &n));
    assert_int_equal(strlen(dcr_rules_digest(rules)), 64);
    assert_string_equal(dcr_rules_edition(rules), "DICOM PS3.15 2026d");
}

/* ---- a folder of rules ---- */

static char folder[64];

static void put(const char *name, const char *text)
{
    char path[256];
    FILE *f;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    f = fopen(path, "wb");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void drop(const char *name)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    unlink(path);
}

static int make_folder(void **state)
{
    char checks[128];
    (void)state;
    snprintf(folder, sizeof folder, "%s/dcmrisk-rules-XXXXXX", P_tmpdir);
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(checks, sizeof checks, "%s/checks", folder);
    return mkdir(checks, 0700);
}

static int remove_folder(void **state)
{
    char checks[128];
    (void)state;
    snprintf(checks, sizeof checks, "%s/checks", folder);
    rmdir(checks);
    return rmdir(folder);
}

static void expect_error(const char *name, const char *text, long line, const char *what)
{
    dcr_rules *r = NULL;
    dcr_err err = {0};
    put(name, text);
    assert_int_equal(dcr_rules_load(&r, folder, &err), DCR_ERULES);
    assert_null(r);
    if (strstr(err.text, what) == NULL || (line > 0 && err.line != line) ||
        strstr(err.where, name) == NULL)
        fail_msg("%s: got %s:%ld: %s", name, err.where, err.line, err.text);
    drop(name);
}

#define RULE                                                                             \
    "{\n\"id\": \"my-rule\",\n\"check\": \"dataset\",\n\"title\": "                      \
    "\"t\",\n\"severity\": \"low\""                                                      \
    ",\n\"criterion\": \"coverage\",\n\"why\": \"w\",\n\"remedy\": \"r\",\n\"params\": " \
    "{\"fact\": \"other-files\"},\n"
#define EXAMPLES                                                                         \
    "\"examples\": {\"hit\": [{\"data\": {\"other_files\": 1}}], \"miss\": [{\"data\": " \
    "{}}]}}\n"

static void test_folder(void **state)
{
    dcr_rules *r = NULL;
    dcr_err err = {0};
    size_t n, n_own;
    (void)state;
    put("modalities.json", "{\"derived\": [\"CT\"], \"acquisition\": [\"MR\"]}");
    put("checks/my-rule.json", RULE EXAMPLES);
    put("notes.txt", "not a rule");
    if (dcr_rules_load(&r, folder, &err) != DCR_OK)
        fail_msg("%s:%ld: %s", err.where, err.line, err.text);
    assert_true(dcr_rules_is_derived(r, (const uint8_t *)"CT", 2));
    assert_false(dcr_rules_is_derived(r, (const uint8_t *)"SR", 2));
    assert_string_not_equal(dcr_rules_digest(r), dcr_rules_digest(rules));
    dcr_rules_list(rules, &n);
    dcr_rules_list(r, &n_own);
    assert_int_equal(n_own, n + 1);
    assert_int_equal(dcr_rules_selftest(r, &err), DCR_OK);
    dcr_rules_free(r);
    drop("notes.txt");
    drop("modalities.json");
    drop("checks/my-rule.json");
}

static void test_folder_errors(void **state)
{
    dcr_rules *r = NULL;
    dcr_err err = {0};
    (void)state;
    expect_error("modalities.json", "{\n \"derived\": [\n}", 3, "");
    expect_error("modalities.json", "{\n \"derived\": [],\n \"derived\": []}", 3,
                 "a key stands twice");
    expect_error("modalities.json",
                 "{\n \"derived\": [],\n \"extra\": 1, \"acquisition\": []}", 3, "extra");
    expect_error("modalities.json", "[]", 0, "object");
    expect_error("modalities.json", "{}", 0, "derived");
    expect_error("attribute.json", "{}", 0, "not the name");
    expect_error("adversaries.json",
                 "{\"adversaries\": [\n{\"id\": \"a\", \"title\": \"t\", \"target\": "
                 "\"prosecutor\", \"knows\": [\"age@week\"]}]}",
                 2, "no level");
    expect_error("adversaries.json",
                 "{\"adversaries\": [\n{\"id\": \"a\", \"title\": \"t\", \"target\": "
                 "\"prosecutor\", \"knows\": [\"shoe_size\"]}]}",
                 2, "no concept");
    expect_error("adversaries.json",
                 "{\"adversaries\": [\n{\"id\": \"a\", \"title\": \"t\", \"target\": "
                 "\"prosecutor\", \"extends\": \"b\", \"knows\": []}]}",
                 2, "stands before");
    expect_error(
        "attributes.json",
        "{\"attributes\": [\n{\"tag\": \"0010,0010\", \"keyword\": \"K\", \"vr\": "
        "\"PN\", \"level\": \"patient\", \"role\": \"villain\", \"family\": \"name\"}]}",
        2, "villain");
    expect_error(
        "deid-tools.json",
        "{\"tools\": [\n{\"id\": \"a\", \"name\": \"A\", \"evidence\": \"page\"},\n"
        "{\"id\": \"b\", \"name\": \"B\", \"evidence\": \"page\",\n"
        "\"method_text\": [\"^(B$\"]}]}",
        4, "missing closing parenthesis");
    expect_error(
        "deid-tools.json",
        "{\"tools\": [\n{\"id\": \"b\", \"name\": \"B\", \"evidence\": \"page\"},\n"
        "{\"id\": \"a\", \"name\": \"A\", \"evidence\": \"page\"}]}",
        3, "in order of id");
    expect_error("deid-tools.json",
                 "{\"tools\": [\n{\"id\": \"b\", \"name\": \"B\",\n"
                 "\"evidence\": \"pages\"}]}",
                 3, "did you mean \"page\"?");
    expect_error("pixel-rules.json",
                 "{\"rules\": [{\"id\": \"PX001\", \"risk\": \"face\", \"level\": "
                 "\"high\", \"why\": \"w\", \"condition\": \"c\", \"source\": \"s\",\n"
                 "\"when\": [[{\"attr\": \"0008,0060\",\n\"op\": \"iss\"}]]}]}",
                 3, "did you mean \"is\"?");
    expect_error("pixel-rules.json",
                 "{\"rules\": [{\"id\": \"PX001\", \"risk\": \"face\", \"level\": "
                 "\"high\", \"why\": \"w\", \"condition\": \"c\", \"source\": \"s\",\n"
                 "\"when\": [[{\"attr\": \"0008,0060\",\n\"op\": \"is\"}]]}]}",
                 3, "\"is\" needs \"words\" beside it");
    expect_error("pixel-devices.json",
                 "{\"devices\": [\n{\"label\": \"x\", \"use\": \"flag\", \"regions\": 0, "
                 "\"sources\": [\"s\"],\n\"rows\": [\"512\"]}]}",
                 3, "\"rows\" must be");
    expect_error("checks/my-rule.json", RULE "\"colour\": \"red\",\n" EXAMPLES, 10,
                 "colour");
    expect_error("checks/my-rule.json", RULE "\"gate\": \"No Gate\",\n" EXAMPLES, 10,
                 "gate");
    expect_error("checks/other.json", RULE EXAMPLES, 2, "id must be");
    expect_error("checks/my-rule.json", "{\"id\": \"my-rule\"}", 0, "missing");
    assert_int_equal(dcr_rules_load(&r, "/nonexistent/rules", &err), DCR_ERULES);
    assert_null(r);
}

/* An example that does not hold is the rule's error. */
static void test_selftest_fails(void **state)
{
    dcr_rules *r = NULL;
    dcr_err err = {0};
    (void)state;
    put("checks/my-rule.json",
        RULE "\"examples\": {\"hit\": [{\"data\": {}}],\n \"miss\": [{\"data\": {}}]}}");
    assert_int_equal(dcr_rules_load(&r, folder, &err), DCR_OK);
    assert_int_equal(dcr_rules_selftest(r, &err), DCR_ERULES);
    assert_non_null(strstr(err.where, "my-rule"));
    assert_non_null(strstr(err.text, "not found"));
    dcr_rules_free(r);
    drop("checks/my-rule.json");
}

/* Every failing allocation is an error, and nothing leaks (seen by the sanitizer). */
static void test_no_memory(void **state)
{
    long n = 0;
    dcr_status st = DCR_ENOMEM;
    (void)state;
    while (st == DCR_ENOMEM) {
        dcr_rules *r = NULL;
        dcr_err err = {0};
        dcr_alloc_fail_after(n);
        st = dcr_rules_load(&r, NULL, &err);
        dcr_alloc_fail_after(-1);
        if (st != DCR_OK) {
            assert_int_equal(st, DCR_ENOMEM);
            assert_null(r);
        }
        dcr_rules_free(r);
        n += n < 20 ? 1 : n / 10;
    }
    assert_int_equal(st, DCR_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_role),
        cmocka_unit_test(test_dummy),
        cmocka_unit_test(test_derived),
        cmocka_unit_test(test_adversaries),
        cmocka_unit_test(test_concepts),
        cmocka_unit_test(test_pixel),
        cmocka_unit_test(test_uid_root),
        cmocka_unit_test(test_examples),
        cmocka_unit_test(test_files),
        cmocka_unit_test_setup_teardown(test_folder, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_folder_errors, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_selftest_fails, make_folder, remove_folder),
        cmocka_unit_test(test_no_memory),
    };
    dcr_init();
    return cmocka_run_group_tests(tests, setup, teardown);
}
