/* Detectors: what must be seen, what must not, and that hostile input takes linear time.
 * Forms of values follow PS3.5 6.2 (PN), RFC 5321 (mail), RFC 9562 (UUID), PS3.5 Annex B
 * (UID). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "detect.h"
#include "ruleset.h"

typedef struct seen {
    const char *text, *match; /* match NULL: nothing is seen */
} seen;

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

static bool find(const dcr_detector *d, const uint8_t *p, size_t n, size_t from,
                 dcr_span *out)
{
    dcr_text t;
    dcr_text_init(&t, rules->lexicon, p, n);
    return d->find(&t, from, out);
}

static void run(const char *id, const seen *cases, size_t n)
{
    const dcr_detector *d = dcr_detector_find(id);
    assert_non_null(d);
    for (size_t i = 0; i < n; i++) {
        dcr_span at = {0, 0};
        bool found =
            find(d, (const uint8_t *)cases[i].text, strlen(cases[i].text), 0, &at);
        if (found != (cases[i].match != NULL))
            fail_msg("%s: %s", id, cases[i].text);
        if (found && (at.n != strlen(cases[i].match) ||
                      memcmp(cases[i].text + at.at, cases[i].match, at.n) != 0))
            fail_msg("%s: %s: wrong span %zu+%zu", id, cases[i].text, at.at, at.n);
    }
}
#define RUN(id, cases) run(id, cases, sizeof(cases) / sizeof *(cases))

static void test_email(void **state)
{
    static const seen cases[] = {
        {"mail j.doe+x@mail.example.org.", "j.doe+x@mail.example.org"},
        {"a@b.de", "a@b.de"},
        {"@@@x@y@z.com", "y@z.com"},
        {"T1@3T", NULL},
        {"a@b", NULL},
        {"a @ b.de", NULL},
        {"@example.org", NULL},
        {"", NULL},
    };
    (void)state;
    RUN("email", cases);
}

static void test_phone(void **state)
{
    static const seen cases[] = {
        {"call +49 30 1234567 now", "+49 30 1234567"},
        {"(555) 123-4567", "(555) 123-4567"},
        {"555-123-4567", "555-123-4567"},
        {"1-555-123-4567", "1-555-123-4567"},
        {"Tel: 030 1234567", "030 1234567"},
        {"2018-07-18", NULL},
        {"1.2.840.113619.2.55", NULL},
        {"512 512 60", NULL},
        {"+12", NULL},
        {"0.5 1.25 100.0", NULL},
    };
    (void)state;
    RUN("phone", cases);
}

static void test_url(void **state)
{
    static const seen cases[] = {
        {"see https://pacs.example.org/a?b=1 there", "https://pacs.example.org/a?b=1"},
        {"www.example.org", "www.example.org"},
        {"on ris01.st-mary.local today", "ris01.st-mary.local"},
        {"\\\\server\\share", "\\\\server\\s"},
        {"T1.TSE.SAG", NULL},
        {"1.2.840.10008", NULL},
        {"org", NULL},
        {"A\\B\\C", NULL},
    };
    (void)state;
    RUN("url", cases);
}

static void test_ip(void **state)
{
    static const seen cases[] = {
        {"at 192.168.0.17:104", "192.168.0.17"},
        {"134.21.40.112", "134.21.40.112"},
        {"172.20.1.9", "172.20.1.9"},
        {"4.3.1.0", NULL},
        {"256.100.100.100", NULL},
        {"1.2.840.113619", NULL},
        {"192.168.0.17.4", NULL},
        {"192.168.01.7", NULL},
    };
    (void)state;
    RUN("ip", cases);
}

static void test_uuid(void **state)
{
    static const seen cases[] = {
        {"x {f81d4fae-7dec-11d0-a765-00a0c91e6bf6}",
         "f81d4fae-7dec-11d0-a765-00a0c91e6bf6"},
        {"f81d4fae-7dec-11d0-a765-00a0c91e6bf", NULL},
        {"f81d4fae-7dec-11d0-a765-00a0c91e6bf6a", NULL},
        {"g81d4fae-7dec-11d0-a765-00a0c91e6bf6", NULL},
    };
    /* PS3.5 B.2: the UUID above, of version 1, as a UID */
    static const char uid[] = "2.25.329800735698586629295641978511506172918";
    static const uint8_t bytes[16] = {0xf8, 0x1d, 0x4f, 0xae, 0x7d, 0xec, 0x11, 0xd0,
                                      0xa7, 0x65, 0x00, 0xa0, 0xc9, 0x1e, 0x6b, 0xf6};
    uint8_t out[16];
    (void)state;
    RUN("uuid", cases);
    assert_int_equal(dcr_uuid_version((const uint8_t *)cases[0].match), 1);
    assert_true(dcr_uid_uuid((const uint8_t *)uid, strlen(uid), out));
    assert_memory_equal(out, bytes, 16);
    assert_false(dcr_uid_uuid((const uint8_t *)"2.25.x", 6, out));
    /* 2^128 does not fit, 2^128 - 1 does */
    assert_false(dcr_uid_uuid(
        (const uint8_t *)"2.25.340282366920938463463374607431768211456", 44, out));
    assert_true(dcr_uid_uuid(
        (const uint8_t *)"2.25.340282366920938463463374607431768211455", 44, out));
}

static bool has_date(const char *uid)
{
    return dcr_uid_has_date((const uint8_t *)uid, strlen(uid));
}

static void test_uid(void **state)
{
    static const seen cases[] = {
        {"ref 1.2.840.10008.5.1.4.1.1.2 x", "1.2.840.10008.5.1.4.1.1.2"},
        {"1.2.3.4", NULL},
        {"1.2.840.01.5.6.7", NULL},
        {"3.2.840.1.5.6.7", NULL},
    };
    (void)state;
    RUN("uid", cases);
    assert_true(has_date("1.2.3.20180718.5"));
    assert_true(has_date("1.2.3.20180718093015123.5"));
    assert_false(has_date("1.2.3.20181318.5"));
    assert_false(has_date("1.2.3.20180718993015.5"));
    assert_false(has_date("1.2.3.120180718.5"));
    /* CTP and dicognito: hashes in decimal (known-answer vectors of both tools) */
    assert_false(
        has_date("1.3.6.1.4.1.14519.5.2.1.99.8285516301371517058184036895222264554"));
    assert_false(has_date("2.1293423513446927095045787269263383123874"));
    assert_false(has_date(""));
}

static void test_date(void **state)
{
    static const seen cases[] = {
        {"on 2018-07-18.", "2018-07-18"},
        {"20180718", "20180718"},
        {"20180718093015", "20180718093015"},
        {"18.07.2018", "18.07.2018"},
        {"07/18/2018", "07/18/2018"},
        {"18 Jul 2018", "18 Jul 2018"},
        {"18-JUL-18", "18-JUL-18"},
        {"July 18, 2018", "July 18, 2018"},
        {"2018.7.1", "2018.7.1"},
        {"29 Feb 2016", "29 Feb 2016"},
        {"2018-13-18", NULL},
        {"20181318", NULL},
        {"120180718", NULL},
        {"1.2.20180718.4", NULL},
        {"2018-07.18", NULL},
        {"5.0 12.5 7", NULL},
        {"2017-02-29", NULL},
        {"18 Mall 2018", NULL},
        {"1770-07-18", NULL},
        {"May 2018", NULL},
    };
    (void)state;
    RUN("date", cases);
}

static void test_time(void **state)
{
    static const seen cases[] = {
        {"at 09:30 h", "09:30"}, {"9:30:15", "9:30:15"}, {"24:00", NULL},
        {"10:60", NULL},         {"1:2:3", NULL},        {"12:345", NULL},
    };
    (void)state;
    RUN("time", cases);
}

static void test_person_name(void **state)
{
    static const seen cases[] = {
        {"Doe^Jane", "Doe^Jane"},
        {"cf. DOE^JANE^M film", "DOE^JANE^M"},
        {"O'Neil^Shaun", "O'Neil^Shaun"},
        {"M\xC3\xBCller^J\xC3\xB6rg", "M\xC3\xBCller^J\xC3\xB6rg"},
        {"Doe, Jane", "Doe, Jane"},
        {"Doe, Jane M.", "Doe, Jane M."},
        {"seen by Dr. Miller today", "Dr. Miller"},
        {"t1^tse", NULL},
        {"T1^TSE", NULL},
        {"2^3", NULL},
        {"^Jane", NULL},
        {"MR Brain And Skull", NULL},
        {"DR Chest", NULL},
        {"However, this is text", NULL},
        {"Doe,", NULL},
    };
    (void)state;
    RUN("person_name", cases);
}

static void test_record_number(void **state)
{
    static const seen cases[] = {
        {"1234567", "1234567"},
        {"MRN-1234567", "MRN-1234567"},
        {"123-45-6789", "123-45-6789"},
        {"19600402-1234", "19600402-1234"},
        {"films MRN 884412", "MRN 884412"},
        {"12345", NULL},
        {"0000000", NULL},
        {"LIDC-IDRI-0001", NULL},
        {"1.234567", NULL},
        {"1234567890123", NULL},
        {"-1234567", NULL},
    };
    (void)state;
    RUN("record_number", cases);
}

/* Walking from match to match over a megabyte of what each detector likes best. Quadratic
 * work here would be 10^12 steps: the test would not end. */
static void test_linear(void **state)
{
    static const char *const likes[] = {
        "@",    "a@a.", "a",     "1",   "1.",  "1-",   "(1",
        "+1",   "^",    "A^",    "Aa^", "Dr ", "Jan ", "http://",
        "\\\\", "-",    "a.com", "12:", "MRN", "\xFF", "2018-"};
    size_t n = 1 << 20;
    uint8_t *p = malloc(n); /* lint: ok, a test */
    (void)state;
    assert_non_null(p);
    for (size_t i = 0; i < sizeof likes / sizeof *likes; i++) {
        size_t len = strlen(likes[i]);
        for (size_t k = 0; k < n; k++)
            p[k] = (uint8_t)likes[i][k % len];
        for (const dcr_detector *d = dcr_detectors(); d->id != NULL; d++) {
            dcr_span at = {0, 0};
            size_t from = 0;
            dcr_text t;
            dcr_text_init(&t, rules->lexicon, p, n);
            while (d->find(&t, from, &at)) {
                assert_true(at.n > 0 && at.at >= from && at.at + at.n <= n);
                from = at.at + at.n;
            }
        }
    }
    free(p); /* lint: ok, a test */
}

/* Every text cut at every place, in memory of exactly its size: the sanitizer sees a read
 * behind its end. */
static void test_cut(void **state)
{
    static const char text[] =
        "Doe^Jane Dr. Miller +49 30 1234567 (555) 123-4567 a@b.example.org "
        "http://x.org \\\\s\\h 192.168.10.17 18-JUL-18 2018-07-18 09:30:15 "
        "July 18, 2018 f81d4fae-7dec-11d0-a765-00a0c91e6bf6 MRN 884412 1.2.3.4.5.6";
    (void)state;
    for (size_t a = 0; a < strlen(text); a++) {
        for (size_t n = 0; a + n <= strlen(text); n++) {
            uint8_t *p = malloc(n + (n == 0)); /* lint: ok, a test */
            dcr_span at;
            assert_non_null(p);
            memcpy(p, text + a, n);
            for (const dcr_detector *d = dcr_detectors(); d->id != NULL; d++)
                if (find(d, p, n, 0, &at))
                    assert_true(at.at + at.n <= n);
            dcr_uid_has_date(p, n);
            free(p); /* lint: ok, a test */
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_email),       cmocka_unit_test(test_phone),
        cmocka_unit_test(test_url),         cmocka_unit_test(test_ip),
        cmocka_unit_test(test_uuid),        cmocka_unit_test(test_uid),
        cmocka_unit_test(test_date),        cmocka_unit_test(test_time),
        cmocka_unit_test(test_person_name), cmocka_unit_test(test_record_number),
        cmocka_unit_test(test_linear),      cmocka_unit_test(test_cut),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
