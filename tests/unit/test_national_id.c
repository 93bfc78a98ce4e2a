/* Check digits of people's numbers, against python-stdnum (tests/data/national-ids.tsv)
 * and against published examples. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "detect.h"
#include "ruleset.h"

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

static bool valid(const char *id, const char *number)
{
    const dcr_national_id *d = dcr_national_id_find(&rules->lexicon->ids, id);
    assert_non_null(d);
    return dcr_national_id_is(d, (const uint8_t *)number, strlen(number));
}

static void test_stdnum(void **state)
{
    const char *top = getenv("TOP");
    char path[4096], line[256];
    size_t good = 0, bad = 0, wrong = 0;
    FILE *f;
    (void)state;
    snprintf(path, sizeof path, "%s/tests/data/national-ids.tsv",
             top == NULL ? "." : top);
    f = fopen(path, "r");
    assert_non_null(f);
    while (fgets(line, sizeof line, f) != NULL) {
        char id[32], number[64];
        int want;
        if (line[0] == '#')
            continue;
        assert_int_equal(sscanf(line, "%31[^\t]\t%63[^\t]\t%d", id, number, &want), 3);
        if (valid(id, number) != (want == 1)) {
            print_error("%s %s: wanted %d\n", id, number, want);
            wrong++;
        }
        good += want == 1;
        bad += want == 0;
    }
    fclose(f);
    assert_int_equal(wrong, 0);
    /* 35 kinds of number, 5 each; some of them have no check digit */
    assert_true(good >= 170 && bad >= 150);
}

/* Examples that authorities and encyclopedias print. */
static void test_published(void **state)
{
    static const struct {
        const char *id, *number;
        bool valid;
    } cases[] = {
        /* NHS Data Dictionary: 943 476 5919 */
        {"gb-nhs", "943 476 5919", true},
        {"gb-nhs", "943-476-5918", false},
        /* by hand: A is 01; 0 2 1 4 3 8 5 3 7 7 add up to 40 */
        {"de-kvnr", "A123456780", true},
        {"de-kvnr", "A123456789", false},
        {"de-kvnr", "B123456780", false},
        /* CMS: the example of every Medicare card */
        {"us-mbi", "1EG4-TE5-MK73", true},
        {"us-mbi", "1SG4-TE5-MK73", false}, /* S is not used */
        /* SSA: never given */
        {"us-ssn", "536-90-4399", true},
        {"us-ssn", "666-90-4399", false},
        {"us-ssn", "000-90-4399", false},
        {"us-ssn", "536-00-4399", false},
        {"us-ssn", "536-90-0000", false},
        {"us-ssn", "987-65-4320", false},
        /* NIM39110: such prefixes are not used */
        {"gb-nino", "AB 12 34 56 C", true},
        {"gb-nino", "QQ 12 34 56 C", false},
        {"gb-nino", "GB 12 34 56 C", false},
        /* by hand: 2*1+1*3+2*7+3*9+4*1+5*3+6*7+7*9 = 170 */
        {"au-medicare", "2123 45670 1", true},
        {"au-medicare", "2123 45671 1", false},
        /* Belgium, born 2000 and later: 2 before the nine digits; IBZ's examples */
        {"be-nn", "85.07.30-033.28", true},
        {"be-nn", "17 07 30 033 84", true},
        {"be-nn", "85.07.30-033.61", false},
        /* Brazil, all alike: never given, though the digits check */
        {"br-cpf", "390.533.447-05", true},
        {"br-cpf", "111.111.111-11", false},
        /* Corsica */
        {"fr-nir", "2 95 10 99 126 111 93", true},
        {"fr-nir", "1 94 02 2A 120 005 24", false},
        {"it-cf", "RCCMNL83S18D969H", true},
        {"it-cf", "RCCMNL83S18D969I", false},
        {"no-fnr", "151086 95088", true},
        {"no-fnr", "151086 95077", false},
        {"fi-hetu", "131052-308T", true},
        {"fi-hetu", "131052-308U", false},
        {"se-pnr", "880320-0016", true},
        {"se-pnr", "880320-0018", false},
        {"ch-ahv", "756.9217.0769.85", true},
        {"ch-ahv", "756.9217.0769.84", false},
        {"es-dni", "54362315-K", true},
        {"es-dni", "54362315-Z", false},
        {"nl-bsn", "1112.22.333", false}, /* four digits and a full stop is not how */
        {"nl-bsn", "111222333", true},
        {"nl-bsn", "111252333", false},
        {"in-aadhaar", "2341 2341 2346", true},
        {"in-aadhaar", "2341 2341 2347", false},
        {"pl-pesel", "44051401359", true},
        {"pl-pesel", "44051401358", false},
        {"dk-cpr", "211062-5629", true},
        {"dk-cpr", "511062-5629", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (valid(cases[i].id, cases[i].number) != cases[i].valid)
            fail_msg("%s %s", cases[i].id, cases[i].number);
}

/* In running text: separators, letters or the number's name must convince. */
static void test_text(void **state)
{
    static const struct {
        const char *text;
        bool found;
    } cases[] = {
        {"SSN 536-90-4399", true},
        {"seen 536-90-4399 again", true},
        {"NHS number 943 476 5919", true},
        {"NHS no: 9434765919", true},
        {"943 476 5919", false}, /* one in eleven passes */
        {"9434765919", false},
        {"codice RCCMNL83S18D969H", true},
        {"pat 131052-308T", true},
        {"AHV 756.9217.0769.85", true},
        {"BSN: 111222333", true},
        {"111222333", false},
        {"KVNR A123456780", true},
        {"serial A123456780", false},
        {"1.2.840.536-90-4399", false},
        {"536-90-43991", false},
        {"512 512 60 256 256 1024", false},
        {"1.2.840.113619.2.55.3.1234567890.123", false},
    };
    const dcr_detector *d = dcr_detector_find("national_id");
    (void)state;
    assert_non_null(d);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dcr_text t;
        dcr_span at;
        dcr_text_init(&t, rules->lexicon, (const uint8_t *)cases[i].text,
                      strlen(cases[i].text));
        if (d->find(&t, 0, &at) != cases[i].found)
            fail_msg("%s", cases[i].text);
    }
}

static bool compiles(const char *text)
{
    dcr_pattern p;
    return dcr_pattern_compile(text, &p);
}

static void test_patterns(void **state)
{
    dcr_pattern p;
    dcr_pattern_hit h;
    (void)state;
    assert_true(dcr_pattern_compile("[A-C]9~{x+}\\9*", &p));
    assert_true(dcr_pattern_match(&p, (const uint8_t *)"b7-X9q", 6, &h));
    assert_int_equal(h.len, 6);
    assert_int_equal(h.n_sig, 4); /* B 7 9 Q: the set in braces is no part */
    assert_memory_equal(h.sig, "B79Q", 4);
    assert_true(dcr_pattern_match(&p, (const uint8_t *)"A0+9z", 5, &h));
    assert_int_equal(h.gaps, 0);
    assert_int_equal(h.gaps_of, 1);
    assert_false(dcr_pattern_match(&p, (const uint8_t *)"A0+9", 4, &h));
    assert_false(dcr_pattern_match(&p, (const uint8_t *)"D0+99", 5, &h));
    assert_false(compiles(""));
    assert_false(compiles("[A-"));
    assert_false(compiles("9\\"));
    assert_false(compiles("99999999999999999999999999999999999999999")); /* 41 */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stdnum),
        cmocka_unit_test(test_published),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_patterns),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
