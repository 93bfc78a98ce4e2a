/* More detectors: addresses, paths, network cards, encoded text, names and dates of
 * several languages; random bytes; and time that grows with the text and no faster.
 *
 * Outside sources stand beside the vectors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

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

static void run(const char *id, const seen *cases, size_t n)
{
    const dcr_detector *d = dcr_detector_find(id);
    size_t wrong = 0;
    assert_non_null(d);
    for (size_t i = 0; i < n; i++) {
        const char *want = cases[i].match;
        dcr_span at = {0, 0};
        dcr_text t;
        bool found;
        dcr_text_init(&t, rules->lexicon, (const uint8_t *)cases[i].text,
                      strlen(cases[i].text));
        found = d->find(&t, 0, &at);
        if (found != (want != NULL) ||
            (found &&
             (at.n != strlen(want) || memcmp(cases[i].text + at.at, want, at.n) != 0))) {
            print_error("%s: %s: %s %zu+%zu\n", id, cases[i].text,
                        found ? "found" : "not found", at.at, at.n);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}
#define RUN(id, cases) run(id, cases, sizeof(cases) / sizeof *(cases))

/* IEEE 802: EUI-48 as six octets in hex. */
static void test_mac(void **state)
{
    static const seen cases[] = {
        {"nic 00:1B:63:84:45:E6 up", "00:1B:63:84:45:E6"},
        {"AC-DE-48-00-00-80", "AC-DE-48-00-00-80"},
        {"10:20:30:40:50:60", "10:20:30:40:50:60"},
        {"10-20-30-40-50-60", NULL},
        {"00:00:00:00:00:00", NULL},
        {"00:1B:63:84:45", NULL},
        {"00:1B:63:84:45:E6:07", NULL},
        {"00:1B-63:84:45:E6", NULL},
        {"x00:1B:63:84:45:E6", NULL},
    };
    (void)state;
    RUN("mac", cases);
}

/* RFC 4291, 2.2 and 2.4. */
static void test_ip6(void **state)
{
    static const seen cases[] = {
        {"2001:DB8:0:0:8:800:200C:417A", "2001:DB8:0:0:8:800:200C:417A"},
        {"at 2001:db8::8:800:200c:417a.", "2001:db8::8:800:200c:417a"},
        {"fe80::1ff:fe23:4567:890a%eth0", "fe80::1ff:fe23:4567:890a"},
        {"std::cafe::1", NULL},
        {"12:30:15", NULL},
        {"a::b", NULL},
        {"1:2:3:4:5:6:7", NULL},
        {"1::2::3:4", NULL},
        {"12345:1:2:3:4:5:6:7", NULL},
    };
    (void)state;
    RUN("ip", cases);
}

static void test_path(void **state)
{
    static const seen cases[] = {
        {"see C:\\Users\\jdoe\\x.dcm now", "C:\\Users\\jdoe\\x.dcm"},
        {"/home/jdoe/raw, then", "/home/jdoe/raw"},
        {"'/Users/Jane/a'", "/Users/Jane/a"},
        {"D:/MedCom/temp", "D:/MedCom/temp"},
        {"T1/T2/PD", NULL},
        {"mm/s/x", NULL},
        {"http://example.org/home/a", NULL},
        {"ratio A:\\B", NULL},
        {"/brain/left", NULL},
        {"/home/", NULL},
    };
    (void)state;
    RUN("path", cases);
}

/* RFC 9562, appendix A: examples of version 1, 4, 6 and 7. */
static void test_uuid_clock(void **state)
{
    static const seen cases[] = {
        {"C232AB00-9414-11EC-B3C8-9F6BDECED846", "C232AB00-9414-11EC-B3C8-9F6BDECED846"},
        {"1EC9414C-232A-6B00-B3C8-9F6BDECED846", "1EC9414C-232A-6B00-B3C8-9F6BDECED846"},
        {"919108f7-52d1-4320-9bac-f847db4148a8", NULL},
        {"017F22E2-79B0-7CC3-98C4-DC0C0C07398F", NULL},
        {"919108f7-52d1-4320-9bac-f847db4148a8 C232AB00-9414-11EC-B3C8-9F6BDECED846",
         "C232AB00-9414-11EC-B3C8-9F6BDECED846"},
        {"C232AB00-9414-11EC-03C8-9F6BDECED846", NULL}, /* of another variant */
    };
    (void)state;
    RUN("uuid_clock", cases);
}

/* Encoded by coreutils' base64 and xxd -p. */
static void test_encoded(void **state)
{
    static const seen cases[] = {
        /* Doe^Jane^^^ 1960-04-02 */
        {"x=RG9lXkphbmVeXl4gMTk2MC0wNC0wMg== y", "RG9lXkphbmVeXl4gMTk2MC0wNC0wMg"},
        /* mail jane@clinic.example.com */
        {"bWFpbCBqYW5lQGNsaW5pYy5leGFtcGxlLmNvbQ==",
         "bWFpbCBqYW5lQGNsaW5pYy5leGFtcGxlLmNvbQ"},
        /* Doe^Jane 02.04.1960 */
        {"446f655e4a616e652030322e30342e31393630",
         "446f655e4a616e652030322e30342e31393630"},
        /* The quick brown fox jumps */
        {"VGhlIHF1aWNrIGJyb3duIGZveCBqdW1wcw==", NULL},
        /* MD5 and SHA-1 of nothing (RFC 1321 A.5, RFC 3174) */
        {"d41d8cd98f00b204e9800998ecf8427e", NULL},
        {"da39a3ee5e6b4b0d3255bfef95601890afd80709", NULL},
        /* base64 of base64 of the first: decoded once only */
        {"Ukc5bFhrcGhibVZlWGw0Z01UazJNQzB3TkMwd01nPT0=", NULL},
        {"RG9lXkphbmU", NULL}, /* too short */
        {"t1_mprage_sag_p2_iso_0_9_ND", NULL},
    };
    (void)state;
    RUN("encoded", cases);
}

static void test_address(void **state)
{
    static const seen cases[] = {
        {"of 221B Baker Street, London", "221B Baker Street"},
        {"10 Downing St", "10 Downing St"},
        {"1600 Pennsylvania Avenue NW", "1600 Pennsylvania Avenue"},
        {"Hauptstra\xC3\x9F"
         "e 12, Oldenburg",
         "Hauptstra\xC3\x9F"
         "e 12"},
        {"wohnt Bahnhofstr. 5a", "Bahnhofstr. 5a"},
        {"12, rue de la Paix", "12, rue de la Paix"},
        {"Via Roma 10", "Via Roma 10"},
        {"Calle Mayor, 3", "Calle Mayor, 3"},
        {"Springfield, IL 62704", ", IL 62704"},
        {"near SW1A 2AA today", "SW1A 2AA"}, /* Royal Mail: 10 Downing Street */
        {"Ottawa K1A 0B1", "K1A 0B1"},       /* Canada Post */
        {"D-26121 Oldenburg", "D-26121"},
        {"F-10450", NULL}, /* a SNOMED code */
        {"5 MM AX ST", NULL},
        {"CT5 3DP head", NULL},
        {"2 Head Street", NULL},
        {"via 12 catheter", NULL},
        {"T1 3D 2 MM SAG", NULL},
        {"L4 5 S1", NULL},
        {"512 Matrix", NULL},
    };
    (void)state;
    RUN("address", cases);
}

static void test_date(void **state)
{
    static const seen cases[] = {
        {"seit 18. Juli 2018", "18. Juli 2018"},
        {"le 3 mars 1962", "3 mars 1962"},
        {"18 de julio de 2018", "18 de julio de 2018"},
        {"18th of July 2018", "18th of July 2018"},
        {"July 18th, 2018", "July 18th, 2018"},
        {"3-Jan-1862", "3-Jan-1862"},
        {"3 ao\xC3\xBBt 1897", "3 ao\xC3\xBBt 1897"},
        {"3 d\xC3\x89"
         "CEMBRE 1897",
         "3 d\xC3\x89"
         "CEMBRE 1897"},
        {"12 M\xC3\xA4rz 1901", "12 M\xC3\xA4rz 1901"},
        {"03JAN1962", "03JAN1962"},
        {"07/18/62", "07/18/62"},
        {"18.07.62", "18.07.62"},
        {"29/02/00", "29/02/00"},
        {"20180718093015.123456+0100", "20180718093015.123456"},
        {"2018-07-18T09:30:15Z", "2018-07-18"},
        {"2018\xE5\xB9\xB4"
         "7\xE6\x9C\x88"
         "18\xE6\x97\xA5",
         "2018\xE5\xB9\xB4"
         "7\xE6\x9C\x88"
         "18\xE6\x97\xA5"},
        {"build Dec 13 2013", NULL},
        {"V12.05.11", NULL},
        {"10-20-30", NULL},
        {"10.12.14", NULL},
        {"30/02/62", NULL},
        {"1/2/3", NULL},
    };
    (void)state;
    RUN("date", cases);
}

static void test_name(void **state)
{
    static const seen cases[] = {
        {"films of Jane M. Doe, old", "Jane M. Doe"},
        {"DOE JANE", "DOE JANE"},
        {"Frau Dr. von Berg kam", "Frau Dr. von Berg"},
        {"DR. MILLER", "DR. MILLER"},
        {"Mme Dupont", "Mme Dupont"},
        {"Patient: Mueller", "Mueller"},
        {"\"PatientName\": \"Doe, Jane\"", "Doe, Jane"},
        {"von der Berg, Anna M.", "von der Berg, Anna M."},
        {"Waters^Jane", "Waters^Jane"}, /* an eponym, but with a given name */
        {"\xD0\x98\xD0\xB2\xD0\xB0\xD0\xBD\xD0\xBE\xD0\xB2^"
         "\xD0\x98\xD0\xB2\xD0\xB0\xD0\xBD",
         "\xD0\x98\xD0\xB2\xD0\xB0\xD0\xBD\xD0\xBE\xD0\xB2^"
         "\xD0\x98\xD0\xB2\xD0\xB0\xD0\xBD"},
        /* typing errors and eponyms that other tools fall for */
        {"MR Brian And Skull", NULL},
        {"Brian Skull", NULL},
        {"Towne^Waters", NULL},
        {"Waters, Caldwell", NULL},
        {"Legg-Calve-Perthes Disease", NULL},
        {"Charcot Marie Tooth", NULL},
        {"T1 MPRAGE SAG", NULL},
        {"AX 3D CUBE", NULL},
        {"DR CHEST", NULL},
        {"MR HEAD", NULL},
        {"Siemens Prisma", NULL},
        {"Gadovist, Dotarem", NULL},
        {"ROUTINE^BRAIN", NULL},
        {"Santa Maria", NULL},
        {"MARIA", NULL},
        {"Name: FLAIR", NULL},
    };
    (void)state;
    RUN("person_name", cases);
}

/* Ofcom: numbers for drama (07700 900xxx, 020 7946 0xxx); NANP: 555-01xx. */
static void test_phone(void **state)
{
    static const seen cases[] = {
        {"07700 900123", "07700 900123"},
        {"020 7946 0123", "020 7946 0123"},
        {"212-555-0123", "212-555-0123"},
        {"01 99 00 12 34", "01 99 00 12 34"}, /* Arcep: for fiction */
        {"Handy 0171 2345678", "0171 2345678"},
        {"256 256 1024", NULL},
        {"0.01 99 00", NULL},
        {"20180718093015", NULL},
    };
    (void)state;
    RUN("phone", cases);
}

static void test_url(void **state)
{
    static const seen cases[] = {
        {"pacs.klinik.de", "pacs.klinik.de"},
        {"AX.T1.DE", NULL},
        {"t1.de", NULL},
        {"\\\\srv01\\images", "\\\\srv01\\i"},
        {"10000\\11\\\\YES\\ARC", NULL},
        {"https://github.com/QIICR/dcmqi", NULL},
        {"http://www.w3.org/2001/XMLSchema", NULL},
        {"https://github.com.example.org/x", "https://github.com.example.org/x"},
    };
    (void)state;
    RUN("url", cases);
}

/* ---- hostile input ---- */

/* All matches of all detectors; spans stay inside and move on. */
static size_t walk(const uint8_t *p, size_t n)
{
    size_t found = 0;
    dcr_text t;
    dcr_text_init(&t, rules->lexicon, p, n);
    for (const dcr_detector *d = dcr_detectors(); d->id != NULL; d++) {
        dcr_span at = {0, 0};
        size_t from = 0;
        while (d->find(&t, from, &at)) {
            if (at.n == 0 || at.at < from || at.at > n || at.n > n - at.at)
                fail_msg("%s: span %zu+%zu from %zu of %zu", d->id, at.at, at.n, from, n);
            from = at.at + at.n;
            found++;
        }
    }
    return found;
}

/* Random bytes, and random pieces of what detectors like, in memory of exactly their
 * size: the sanitizer sees a step over the end. */
static void test_random(void **state)
{
    static const char *const pieces[] = {
        "Dr. ",     "Jane", " Doe", "^",        ", ",   "19",   "-04-",  "/",
        ".",        ":",    "00:",  "1B",       "SSN ", "536-", "90-",   "4399",
        "rue ",     "12 ",  "Via ", "\\\\",     "C:\\", "@",    "x.org", "RG9l",
        "446f655e", "tel ", "+49",  "\xC3\xA4", "\xFF", "\n"};
    uint64_t seed = 20261127;
    (void)state;
    for (int round = 0; round < 20000; round++) {
        uint8_t buf[160], *p;
        size_t n = 0, want = (size_t)(round % 128);
        while (n < want) {
            size_t k;
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            k = (size_t)(seed >> 33);
            if (round % 2 == 0) {
                buf[n++] = (uint8_t)k;
            } else {
                const char *s = pieces[k % (sizeof pieces / sizeof *pieces)];
                memcpy(buf + n, s, strlen(s));
                n += strlen(s);
            }
        }
        p = malloc(n + (n == 0)); /* lint: ok, a test */
        assert_non_null(p);
        memcpy(p, buf, n);
        walk(p, n);
        free(p); /* lint: ok, a test */
    }
}

static const char *const likes[] = {"Jane Doe ",
                                    "Jane ",
                                    "A. ",
                                    "12 rue de ",
                                    "12 Baker ",
                                    "Hauptstrasse ",
                                    "123-45-",
                                    "536 ",
                                    "1 ",
                                    "9434765919 ",
                                    "756.",
                                    "RG9lXkphbmVe",
                                    "446f655e",
                                    "A",
                                    "f",
                                    "00:1B:",
                                    "ffff:",
                                    "1:",
                                    "/home/a",
                                    "C:\\aa ",
                                    "Dr. Dr. ",
                                    "Name: ",
                                    "Jan 1, ",
                                    "1 de de ",
                                    "1/1/",
                                    "tel 1",
                                    "+1 ",
                                    "www.",
                                    "a.b.",
                                    "a@",
                                    "a@b.",
                                    "\\\\a",
                                    "f81d4fae-7dec-11d0-",
                                    "patient id ",
                                    "AB 12 34 56 ",
                                    ", IL 62704",
                                    "build 2018-01-01 ",
                                    "\xC3\x84",
                                    "von ",
                                    "^^",
                                    "A^B"};

/* Four megabytes of each, each in no more CPU time than a hang may take: one step for
 * each byte takes a tenth of a second, one for each pair of bytes takes hours.  A clock
 * is not compared with a clock: on a busy machine that says nothing.  SIGPROF ends the
 * test. */
static void test_doubling(void **state)
{
    enum { BYTES = 4 << 20, HANG_SECONDS = 60 };
    const struct itimerval hang = {{0, 0}, {HANG_SECONDS, 0}}, none = {{0, 0}, {0, 0}};
    uint8_t *p = malloc(BYTES); /* lint: ok, a test */
    (void)state;
    assert_non_null(p);
    for (size_t i = 0; i < sizeof likes / sizeof *likes; i++) {
        size_t len = strlen(likes[i]);
        for (size_t k = 0; k < BYTES; k++)
            p[k] = (uint8_t)likes[i][k % len];
        print_message("%s\n", likes[i]); /* who hangs says on what */
        assert_int_equal(setitimer(ITIMER_PROF, &hang, NULL), 0);
        walk(p, BYTES);
        assert_int_equal(setitimer(ITIMER_PROF, &none, NULL), 0);
    }
    free(p); /* lint: ok, a test */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mac),     cmocka_unit_test(test_ip6),
        cmocka_unit_test(test_path),    cmocka_unit_test(test_uuid_clock),
        cmocka_unit_test(test_encoded), cmocka_unit_test(test_address),
        cmocka_unit_test(test_date),    cmocka_unit_test(test_name),
        cmocka_unit_test(test_phone),   cmocka_unit_test(test_url),
        cmocka_unit_test(test_random),  cmocka_unit_test(test_doubling),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
