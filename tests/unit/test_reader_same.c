/* A reader that has read other files says of a file what a fresh one says
 * (reader_same.c): warm and cold, value by value, with all counts, shares and
 * identifiers.
 *
 * "test_reader_same --mutants N SEED FILE..." does so for N damaged copies of the files,
 * each read behind the file it was made of; ends with 1 when one differs. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <zlib.h>

#include <cmocka.h>

#include "alloc.h"
#include "reader_desk.h"

/* ---- bytes made here ---- */

typedef struct shape { /* what may differ from file to file of a series */
    int implicit, big;
    const char *charset, *owner, *value;
    unsigned block, bits;
    int with_item; /* 1: with delimiters, 2: with lengths, 3: shorter than what is inside
                    */
    int twice, length, empty;
} shape;

static const shape plain = {0, 0, "ISO_IR 100", "ACME 1.1", "one", 0x10, 1, 1, 0, 0, 0};

/* Two items: with delimiters, with lengths, or the second two elements too long. */
static void items(bytes *d, int how)
{
    uint32_t inside = (uint32_t)(2 * 8 + 4 + 10), n = how == 1 ? 0xFFFFFFFF : inside;
    head(d, 8, 0x1032, "SQ", how == 1 ? 0xFFFFFFFF : 2 * (8 + inside));
    for (int i = 0; i < 2; i++) {
        head(d, 0xFFFE, 0xE000, "  ", how == 3 && i == 1 ? n - 4 : n);
        text(d, 8, 0x100, "SH", "A-1");
        text(d, 8, 0x104, "LO", "CT of what");
        if (how == 1)
            head(d, 0xFFFE, 0xE00D, "  ", 0);
    }
    if (how == 1)
        head(d, 0xFFFE, 0xE0DD, "  ", 0);
}

static void make(bytes *d, const shape *s)
{
    /* {"patient_name": "Doe^Jane"} by Python's gzip */
    static const uint8_t packed[] = {
        0x1F, 0x8B, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xAB, 0x56,
        0x2A, 0x48, 0x2C, 0xC9, 0x4C, 0xCD, 0x2B, 0x89, 0xCF, 0x4B, 0xCC, 0x4D,
        0x55, 0xB2, 0x52, 0x50, 0x72, 0xC9, 0x4F, 0x8D, 0xF3, 0x4A, 0xCC, 0x4B,
        0x55, 0xAA, 0x05, 0x00, 0x5F, 0x46, 0x9E, 0xE3, 0x1C, 0x00, 0x00, 0x00};
    static const char *const uid[] = {"1.2.840.10008.1.2.1", "1.2.840.10008.1.2",
                                      "1.2.840.10008.1.2.2"};
    char big[9000];
    memset(d, 0, sizeof *d);
    memset(big, s->value[0], sizeof big);
    meta(d, uid[s->implicit ? 1 : s->big ? 2 : 0]);
    d->implicit = s->implicit;
    d->big = s->big;
    text(d, 4, 0x1130, "CS", "SET");
    text(d, 8, 5, "CS", s->charset);
    text(d, 8, 0x16, "UI", "1.2.840.10008.5.1.4.1.1.2");
    text(d, 8, 0x18, "UI", s->value);
    text(d, 8, 0x60, "CS", "CT");
    text(d, 8, 0x80, "LO", "Hospital St. J\xF6rg");
    if (s->with_item)
        items(d, s->with_item);
    text(d, 9, s->block, "LO", s->owner);
    text(d, 9, s->block << 8 | 1, "LO", "private text");
    el(d, 9, s->block << 8 | 2, "OB", big, sizeof big);
    text(d, 9, s->block << 8 | 3, "LT", "<a href='b'>of a person</a>");
    el(d, 9, s->block << 8 | 4, "OB", packed, sizeof packed);
    if (s->length) {
        head(d, 0x10, 0, "UL", 4);
        put32(d, (uint32_t)s->length);
    }
    text(d, 0x10, 0x10, "PN",
         s->empty ? ""
                  : "D\xF6"
                    "e^J");
    text(d, 0x10, 0x20, "LO", "P-1");
    if (s->twice)
        text(d, 0x10, 0x20, "LO", "P-1");
    text(d, 0x10, 0x40, "CS", "F");
    text(d, 0x18, 0x50, "DS", "1.5");
    text(d, 0x20, 0x0D, "UI", "1.2.3");
    text(d, 0x20, 0x4000, "LT", s->value);
    head(d, 0x28, 0x103, "US", 2);
    put16(d, s->bits);
    head(d, 0x28, 0x106, s->implicit ? "xs" : s->bits ? "SS" : "US", 2);
    put16(d, 0xFFFE);
    el(d, 0x7FE0, 0x10, "OW", big, 600);
}

/* The plain one: explicit, implicit, big endian. */
static void make_in(bytes *d, int syntax)
{
    shape s = plain;
    s.implicit = syntax == 1;
    s.big = syntax == 2;
    make(d, &s);
}

/* Each pair of variants, in each order, behind each other twice. */
static void test_variants(void **state)
{
    const shape all[] = {
        plain,
        {0, 0, "ISO_IR 144", "ACME 1.1", "one", 0x10, 1, 1, 0, 0, 0},
        {0, 0, "ISO_IR 192", "ACME 1.1", "one", 0x10, 1, 1, 0, 0, 0},
        {0, 0, "", "ACME 1.1", "one", 0x10, 1, 1, 0, 0, 0},
        {0, 0, "ISO_IR 100", "OTHER", "one", 0x10, 1, 1, 0, 0, 0},
        {0, 0, "ISO_IR 100", "ACME 1.1", "one", 0x11, 1, 1, 0, 0, 0},
        {0, 0, "ISO_IR 100", "OTHER", "one", 0x11, 1, 1, 0, 0, 0},
        {0, 0, "ISO_IR 100", "ACME 1.1", "two", 0x10, 1, 1, 0, 0, 0},
        {0, 0, "ISO_IR 100", "ACME 1.1", "one", 0x10, 0, 1, 0, 0, 0},
        {0, 0, "ISO_IR 100", "ACME 1.1", "one", 0x10, 1, 0, 0, 0, 0},
        {0, 0, "ISO_IR 100", "ACME 1.1", "one", 0x10, 1, 1, 1, 0, 0},
        {0, 0, "ISO_IR 100", "ACME 1.1", "one", 0x10, 1, 1, 0, 40, 0},
        {0, 0, "ISO_IR 100", "ACME 1.1", "one", 0x10, 1, 1, 0, 36, 0},
        {0, 0, "ISO_IR 100", "ACME 1.1", "one", 0x10, 1, 1, 0, 0, 1},
        {1, 0, "ISO_IR 100", "ACME 1.1", "one", 0x10, 1, 1, 0, 0, 0},
        {1, 0, "ISO_IR 100", "ACME 1.1", "one", 0x10, 0, 1, 0, 0, 0},
        {1, 0, "ISO_IR 192", "OTHER", "two", 0x11, 0, 0, 0, 0, 1},
        {0, 1, "ISO_IR 100", "ACME 1.1", "one", 0x10, 1, 1, 0, 0, 0},
        {0, 1, "ISO_IR 144", "OTHER", "two", 0x10, 0, 1, 1, 0, 0},
        {0, 0, "ISO_IR 100", "ACME 1.1", "one", 0x10, 1, 2, 0, 0, 0},
        {0, 0, "ISO_IR 100", "ACME 1.1", "one", 0x10, 1, 3, 0, 0, 0},
    };
    enum { N = sizeof all / sizeof all[0] };
    (void)state;
    for (size_t i = 0; i < N; i++)
        for (size_t k = 0; k < N; k++) {
            desk warm = {0};
            bytes a, b;
            make(&a, &all[i]);
            make(&b, &all[k]);
            for (int n = 0; n < 2; n++) {
                assert_true(as_cold(&warm, NULL, a.b.p, a.b.n));
                assert_true(as_cold(&warm, NULL, a.b.p, a.b.n));
                assert_true(as_cold(&warm, NULL, b.b.p, b.b.n));
            }
            dcr_buf_clear(&a.b);
            dcr_buf_clear(&b.b);
            desk_clear(&warm);
        }
}

/* Cut anywhere: an element may be the same as far as the file goes. */
static void test_cuts(void **state)
{
    (void)state;
    for (int syntax = 0; syntax < 3; syntax++) {
        desk warm = {0};
        bytes d;
        make_in(&d, syntax);
        for (size_t n = 130; n <= d.b.n; n += n < 800 || n > d.b.n - 800 ? 1 : 211) {
            assert_true(as_cold(&warm, NULL, d.b.p, d.b.n));
            assert_true(as_cold(&warm, NULL, d.b.p, n));
        }
        dcr_buf_clear(&d.b);
        desk_clear(&warm);
    }
}

/* What reserves a private block is read as such whatever its VR says, and the value that
 * is remembered need not be its own. */
static void test_reserved_by_sequence(void **state)
{
    static const uint8_t was[] = {9, 0, 0x10, 0, 'L', 'O'};
    static const uint8_t odd[] = {9, 0, 0x10, 0,   'S', 'Q', 0,   0,   8,   0,
                                  0, 0, 'O',  'T', 'H', 'E', 'R', ' ', ' ', ' '};
    desk warm = {0};
    bytes d;
    dcr_buf b = {0};
    const char *at;
    (void)state;
    make(&d, &plain);
    at = memmem(d.b.p, d.b.n, was, sizeof was);
    assert_non_null(at);
    dcr_buf_add(&b, d.b.p, (size_t)(at - d.b.p));
    dcr_buf_add(&b, odd, sizeof odd);
    dcr_buf_add(&b, at, (size_t)(d.b.p + d.b.n - at));
    for (int n = 0; n < 2; n++) {
        assert_true(as_cold(&warm, NULL, d.b.p, d.b.n));
        assert_true(as_cold(&warm, NULL, b.p, b.n));
    }
    dcr_buf_clear(&b);
    dcr_buf_clear(&d.b);
    desk_clear(&warm);
}

/* Every limit ends the warm reading where it ends the cold one, be the paths those of the
 * same reader or of one with more room. */
static void test_budgets(void **state)
{
    bytes d;
    (void)state;
    make(&d, &plain);
    for (uint32_t n = 0; n < 60; n++) {
        dcr_budget few = dcr_budget_default(), narrow = few, small = few;
        few.elements = n;
        narrow.paths = n;
        small.bytes = n < 20 ? n * 11 : 8800 + n * 20;
        for (int k = 0; k < 6; k++) {
            const dcr_budget *b = k % 3 == 0 ? &few : k % 3 == 1 ? &narrow : &small;
            desk warm = {0};
            if (k >= 3) {
                assert_true(as_cold(&warm, NULL, d.b.p, d.b.n));
                dcr_reader_free(warm.reader);
                warm.reader = NULL;
            }
            for (int again = 0; again < 3; again++)
                assert_true(as_cold(&warm, b, d.b.p, d.b.n));
            desk_clear(&warm);
        }
    }
    dcr_buf_clear(&d.b);
}

/* Of all lengths around those that are kept, and the number that once meant "none". */
static void test_lengths(void **state)
{
    desk warm = {0};
    (void)state;
    for (unsigned n = 0; n < 600; n++)
        for (int k = 0; k < 3; k++) {
            char value[600];
            bytes d = {0};
            memset(value, 'A' + k / 2, sizeof value);
            meta(&d, "1.2.840.10008.1.2.1");
            text(&d, 8, 0x60, "CS", "CT");
            head(&d, 0x20, 0x4000, "LT", n);
            dcr_buf_add(&d.b, value, n);
            text(&d, 0x28, 4, "CS", "MONOCHROME2");
            assert_true(as_cold(&warm, NULL, d.b.p, d.b.n));
            dcr_buf_clear(&d.b);
        }
    desk_clear(&warm);
}

/* Group 0002 without its length. */
static void meta_alone(bytes *d)
{
    static const char zero[128];
    dcr_buf_add(&d->b, zero, sizeof zero);
    dcr_buf_str(&d->b, "DICM");
    text(d, 2, 2, "UI", "1.2.840.10008.5.1.4.1.1.2");
    text(d, 2, 0x12, "UI", "1.2.3.4");
}

/* One file has an element of group 0002 in its data set, and others behind it: these end
 * group 0002 of the next file all the same, and begin its data set, where one may stand
 * twice. */
static void test_meta_ends(void **state)
{
    desk warm = {0};
    bytes a = {0}, b = {0};
    (void)state;
    meta_alone(&a);
    text(&a, 8, 0x16, "UI", "1.2.840.10008.5.1.4.1.1.2");
    text(&a, 2, 0x12, "UI", "1.2.3.4");
    text(&a, 8, 0x20, "DA", "20200101");
    text(&a, 8, 0x60, "CS", "CT");
    meta_alone(&b);
    text(&b, 8, 0x20, "DA", "20200101");
    text(&b, 8, 0x20, "DA", "20210101");
    text(&b, 8, 0x60, "CS", "CT");
    assert_true(as_cold(&warm, NULL, a.b.p, a.b.n));
    assert_true(as_cold(&warm, NULL, b.b.p, b.b.n));
    dcr_buf_clear(&a.b);
    dcr_buf_clear(&b.b);
    desk_clear(&warm);
}

/* A transfer syntax in a data set is none; the next file's, the same to the byte, is. */
static void test_syntax_counts(void **state)
{
    static const char deflated[] = "1.2.840.10008.1.2.1.99";
    desk warm = {0};
    bytes a = {0}, b = {0}, inside = {0};
    unsigned char packed[512];
    z_stream z = {0};
    (void)state;
    meta(&a, "1.2.840.10008.1.2.1");
    text(&a, 8, 0x16, "UI", "1.2.840.10008.5.1.4.1.1.2");
    text(&a, 2, 2, "UI", "1.2.840.10008.5.1.4.1.1.2");
    text(&a, 2, 0x10, "UI", deflated);
    text(&a, 8, 0x60, "CS", "CT");
    text(&inside, 8, 0x60, "CS", "CT");
    text(&inside, 0x10, 0x20, "LO", "P-1");
    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY),
                     Z_OK);
    z.next_in = (unsigned char *)inside.b.p;
    z.avail_in = (unsigned)inside.b.n;
    z.next_out = packed;
    z.avail_out = sizeof packed;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    meta(&b, deflated);
    dcr_buf_add(&b.b, packed, z.total_out);
    deflateEnd(&z);
    assert_true(as_cold(&warm, NULL, a.b.p, a.b.n));
    assert_true(as_cold(&warm, NULL, b.b.p, b.b.n));
    assert_int_equal(warm.x.r.status, DCR_READ_OK);
    dcr_buf_clear(&a.b);
    dcr_buf_clear(&b.b);
    dcr_buf_clear(&inside.b);
    desk_clear(&warm);
}

/* Of more character sets than numbers of them: a value is not taken for what it was under
 * the one that had the number before. */
static void test_many_charsets(void **state)
{
    enum { SETS = 240, NUMBERS = 1 << 14 };
    char terms[40];
    desk warm = {0};
    (void)state;
    for (uint32_t n = 0, more; n <= NUMBERS; n += more) {
        bytes d = {0};
        more = n % NUMBERS == 0 ? 1 : NUMBERS - n < SETS ? NUMBERS - n : SETS;
        meta(&d, "1.2.840.10008.1.2.1");
        if (more == 1) {
            text(&d, 8, 5, "CS", n == 0 ? "ISO_IR 100" : "ISO_IR 144");
            text(&d, 0x10, 0x10, "PN", "M\xE4x");
            assert_true(as_cold(&warm, NULL, d.b.p, d.b.n));
        } else {
            head(&d, 8, 0x1032, "SQ", 0xFFFFFFFF);
            for (uint32_t i = 0; i < more; i++) {
                snprintf(terms, sizeof terms, "NO SUCH %06u", i);
                head(&d, 0xFFFE, 0xE000, "  ", 8 + (uint32_t)strlen(terms));
                text(&d, 8, 5, "CS", terms);
            }
            head(&d, 0xFFFE, 0xE0DD, "  ", 0);
            assert_true(desk_read(&warm, 0, NULL, d.b.p, d.b.n));
        }
        dcr_buf_clear(&d.b);
    }
    desk_clear(&warm);
}

/* How many character sets a file may have hangs on the file alone: 240 and 280 items with
 * one each, behind files with others. */
static void test_charsets_of_files(void **state)
{
    static const unsigned counts[] = {20, 240, 20, 240, 280, 1, 280};
    desk warm = {0};
    (void)state;
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        bytes d = {0};
        meta(&d, "1.2.840.10008.1.2.1");
        text(&d, 8, 0x60, "CS", "CT");
        head(&d, 8, 0x1140, "SQ", 0xFFFFFFFF);
        for (unsigned k = 0; k < counts[i]; k++) {
            static const char *const part[] = {"100", "101", "109", "110", "144",
                                               "127", "126", "138", "148", "166"};
            unsigned at = (k + 500 * (unsigned)(i % 2)) % 1000;
            char name[80];
            snprintf(name, sizeof name, "ISO 2022 IR %s\\ISO 2022 IR %s\\ISO 2022 IR %s",
                     part[at % 10], part[at / 10 % 10], part[at / 100]);
            head(&d, 0xFFFE, 0xE000, "  ", 0xFFFFFFFF);
            text(&d, 8, 5, "CS", name);
            text(&d, 8, 0x104, "LO", "\xC4x");
            head(&d, 0xFFFE, 0xE00D, "  ", 0);
        }
        head(&d, 0xFFFE, 0xE0DD, "  ", 0);
        assert_true(as_cold(&warm, NULL, d.b.p, d.b.n));
        dcr_buf_clear(&d.b);
    }
    desk_clear(&warm);
}

/* The paths stay when a batch ends, what they held does not. */
static void test_forget(void **state)
{
    desk warm = {0};
    bytes d;
    (void)state;
    make(&d, &plain);
    assert_true(as_cold(&warm, NULL, d.b.p, d.b.n));
    for (size_t i = 0; i < READ_PATHS; i++)
        dcr_buf_clear(&warm.x.last[i]); /* who says "again" now says nothing */
    dcr_pathtab_forget(&warm.x.paths);
    assert_true(as_cold(&warm, NULL, d.b.p, d.b.n));
    dcr_buf_clear(&d.b);
    desk_clear(&warm);
}

/* ---- damage ---- */

static uint64_t seed;

static size_t below(size_t n)
{
    seed += 0x9E3779B97F4A7C15ull; /* splitmix64 */
    uint64_t z = seed;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ z >> 27) * 0x94D049BB133111EBull;
    return n == 0 ? 0 : (size_t)((z ^ z >> 31) % n);
}

static void damage(dcr_buf *b)
{
    static const uint8_t words[][4] = {
        {0xFF, 0xFF, 0xFF, 0xFF}, {0, 0, 0, 0},
        {0xFE, 0xFF, 0x00, 0xE0}, {0xFE, 0xFF, 0xDD, 0xE0},
        {0x10, 0x00, 0x20, 0x00}, {0x08, 0x00, 0x05, 0x00}};
    for (size_t n = 1 + below(3); n > 0 && b->n > 160; n--) {
        size_t at = 132 + below(b->n - 140 < 4000 ? b->n - 140 : 4000);
        size_t k = 1 + below(12), from = 132 + below(b->n - 140);
        switch (below(6)) {
        case 0:
            b->p[at] = (char)below(256);
            break;
        case 1:
            b->p[at] = (char)(b->p[at] ^ 1 << below(8));
            break;
        case 2:
            b->n = at;
            break;
        case 3:
            k = k > b->n - at ? b->n - at : k;
            memmove(b->p + at, b->p + at + k, b->n - at - k);
            b->n -= k;
            break;
        case 4: /* bytes of somewhere else in it */
            k = k > b->n - from ? b->n - from : k;
            k = k > b->n - at ? b->n - at : k;
            memmove(b->p + at, b->p + from, k);
            break;
        default:
            if (b->n - at >= 4)
                memcpy(b->p + at, words[below(6)], 4);
        }
    }
}

/* So many damaged copies, each read behind the whole; how many differ. */
static size_t mutants(desk *warm, const char *p, size_t n, size_t count)
{
    size_t bad = 0;
    for (size_t i = 0; i < count; i++) {
        dcr_buf b = {0};
        dcr_buf_add(&b, p, n);
        damage(&b);
        if (!as_cold(warm, NULL, p, n) || !as_cold(warm, NULL, b.p, b.n))
            bad++;
        dcr_buf_clear(&b);
    }
    return bad;
}

static void test_mutants(void **state)
{
    (void)state;
    seed = 20261127;
    for (int syntax = 0; syntax < 3; syntax++) {
        desk warm = {0};
        bytes d;
        make_in(&d, syntax);
        assert_int_equal(mutants(&warm, d.b.p, d.b.n, 500), 0);
        dcr_buf_clear(&d.b);
        desk_clear(&warm);
    }
}

/* ---- files ---- */

static int load(dcr_buf *b, const char *path)
{
    char part[65536];
    size_t n;
    FILE *f = fopen(path, "rb");
    if (f == NULL)
        return 0;
    while ((n = fread(part, 1, sizeof part, f)) > 0 && b->n < 1 << 20)
        dcr_buf_add(b, part, n);
    fclose(f);
    return !b->failed;
}

static int of_files(size_t count, char **path, size_t n)
{
    desk warm = {0};
    size_t bad = 0, done = 0;
    for (size_t i = 0; i < n; i++) {
        dcr_buf b = {0};
        size_t share = count * (i + 1) / n - count * i / n, wrong;
        if (!load(&b, path[i]))
            return 1;
        /* Not all paths are known to line_again: a fresh desk now and then. */
        if (warm.x.paths.n > READ_PATHS / 2)
            desk_clear(&warm);
        wrong = mutants(&warm, b.p, b.n, share);
        if (wrong > 0)
            printf("  %s: %zu of %zu\n", path[i], wrong, share);
        bad += wrong;
        done += share;
        dcr_buf_clear(&b);
    }
    desk_clear(&warm);
    printf("warm and cold: %zu damaged copies of %zu files, %zu differ\n", done, n, bad);
    return bad > 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_variants),
        cmocka_unit_test(test_cuts),
        cmocka_unit_test(test_budgets),
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_charsets_of_files),
        cmocka_unit_test(test_forget),
        cmocka_unit_test(test_mutants),
        cmocka_unit_test(test_meta_ends),
        cmocka_unit_test(test_many_charsets),
        cmocka_unit_test(test_syntax_counts),
        cmocka_unit_test(test_reserved_by_sequence),
    };
    dcr_reader_init();
    if (argc > 4 && strcmp(argv[1], "--mutants") == 0) {
        seed = strtoull(argv[3], NULL, 10);
        return of_files(strtoul(argv[2], NULL, 10), argv + 4, (size_t)argc - 4);
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
