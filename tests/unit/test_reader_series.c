/* A reader that has read other files says of a file what a fresh one says, of files that
 * are made for it (test_reader_same.c has those that are damaged): of one plan, each with
 * a few elements, lengths, creators, character sets, items or its syntax changed.
 *
 * "test_reader_series --series N SEED" reads so many series; ends with 1 when a file of
 * one differs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <zlib.h>

#include <cmocka.h>

#include "alloc.h"
#include "hash.h"
#include "reader_desk.h"

enum { MOST = 40, DEFLATED = 3 };

static uint64_t seed;

static unsigned below(unsigned n)
{
    uint64_t z = seed += 0x9E3779B97F4A7C15ull; /* splitmix64 */
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ z >> 27) * 0x94D049BB133111EBull;
    return (unsigned)((z ^ z >> 31) % n);
}

typedef struct part { /* an element; or the begin or the end of what is inside one */
    unsigned tag, vr, length, fill;
    int open, close; /* 1: delimited, 2: with a length, 3: with a wrong one */
    int odd;         /* 1: its reserved bytes are not zero, 2: implicit among explicit */
} part;

typedef struct plan {
    part part[MOST];
    unsigned n, syntax, cut, tail;
} plan;

static const unsigned tags[] = {
    0x00020012, 0x00040001, 0x00041220, 0x00080000, 0x00080005, 0x00080005, 0x00080016,
    0x00080018, 0x00080060, 0x00080080, 0x00081032, 0x00090000, 0x00090001, 0x00090010,
    0x00090010, 0x00090011, 0x00090011, 0x000900FF, 0x00091001, 0x00091002, 0x00091101,
    0x00091101, 0x00091102, 0x0009FF01, 0x000B0010, 0x000B1001, 0x000B1101, 0x00100000,
    0x00100010, 0x00100020, 0x00100021, 0x00104000, 0x00180050, 0x00189087, 0x0020000D,
    0x0020000E, 0x00204000, 0x00280103, 0x00280103, 0x00280106, 0x00280106, 0x00280120,
    0x00291001, 0x00291010, 0x00400275, 0x00409999, 0x00540010, 0x7FDF1001, 0x7FE00008,
    0x7FE00010, 0xFFFCFFFC};
static const unsigned lengths[] = {
    0,  2,  4,   4,   6,   8,   8,   10,  12,  14,   16,   18,   62,   63,   64,
    65, 66, 126, 128, 254, 255, 256, 258, 512, 1022, 1024, 1026, 4094, 4096, 4098};
static const unsigned long_ones[] = {8190,  8192,  12288, 16384, 32766,
                                     32768, 61440, 65534, 65536, 65538};
static const char *const vrs[] = {"LO", "SH", "UN", "UN", "OB", "US", "SS", "UL", "FD",
                                  "UI", "PN", "LT", "UT", "SQ", "AT", "ZZ", "  ", "CS"};
static const char *const sets[] = {
    "ISO_IR 100",       "ISO_IR 192", "ISO_IR 144", "ISO 2022 IR 87",
    "\\ISO 2022 IR 87", " ",          "NONE"};
static const char *const owners[] = {"ACME 1.1",     "SIEMENS CSA HEADER",
                                     "  ",           "SIEMENS MR SDS 01",
                                     "GEMS_IDEN_01", "ACME 1.1 "};
static const char *const inside[] = {"{\"patient_name\": \"Doe^Jane\"}",
                                     "<a href='b'>x</a>",
                                     "D\xF6"
                                     "e^J\\x",
                                     "\x1B$B;3ED\x1B(B",
                                     "A",
                                     "%PDF-1.4 x",
                                     "1.2.3",
                                     "\xC3\xA4rzte"};
#define COUNT(a) ((unsigned)(sizeof(a) / sizeof(a)[0]))

/* What others hang on: a character set, a creator, a group's length, the sign of pixels.
 */
static int is_key(const part *x)
{
    return x->tag == 0x00080005 || x->tag == 0x00280103 || (x->tag & 0xFFFF) == 0 ||
           (x->tag >> 16 & 1 && (x->tag & 0xFFFF) < 0x100);
}

static void fill_key(part *x)
{
    x->fill = x->tag == 0x00080005      ? 100 + below(COUNT(sets))
              : (x->tag >> 16 & 1) != 0 ? 200 + below(COUNT(owners))
                                        : 300 + below(3);
    x->length = x->fill >= 300 ? x->tag == 0x00280103 ? 2 : 4 : 8 + 2 * below(8);
    if (x->tag == 0x00080005 && below(6) == 0)
        x->length = 0;
}

static part any_part(void)
{
    part x = {
        .tag = tags[below(COUNT(tags))], .vr = below(COUNT(vrs)), .fill = below(64)};
    x.length = lengths[below(below(3) == 0 ? COUNT(lengths) : 16)];
    if (below(60) == 0)
        x.length = long_ones[below(COUNT(long_ones))];
    if (is_key(&x) && below(8) > 0)
        fill_key(&x);
    else if (below(3) == 0) /* text that hangs on the character set */
        x = (part){.tag = x.tag, .vr = below(2), .length = 6, .fill = below(2) ? 2 : 7};
    if (x.tag >> 8 == 0x002801 && x.tag != 0x00280103)
        x.length = 2;
    x.odd = below(30) == 0 ? 1 + (int)below(2) : 0;
    return x;
}

static void put_at(plan *p, unsigned at, part x)
{
    if (p->n == MOST)
        return;
    memmove(&p->part[at + 1], &p->part[at], (p->n - at) * sizeof x);
    p->part[at] = x;
    p->n++;
}

static void take(plan *p, unsigned at)
{
    memmove(&p->part[at], &p->part[at + 1], (p->n - at - 1) * sizeof p->part[0]);
    p->n--;
}

static void add_item(plan *p)
{
    unsigned at = below(p->n + 1);
    part x = any_part();
    x.open = 1 + (int)below(below(4) == 0 ? 3 : 2);
    x.vr = below(3) == 0 ? 2 : 13;
    put_at(p, at, x);
    for (unsigned n = below(4); n > 0 && p->n < MOST - 1; n--)
        put_at(p, ++at, any_part());
    x.open = 0;
    x.close = 1;
    put_at(p, at + 1 > p->n ? p->n : at + 1, x);
}

static int by_tag(const void *a, const void *b)
{
    const part *x = a, *y = b;
    return x->tag < y->tag ? -1 : x->tag > y->tag;
}

static void invent(plan *p)
{
    memset(p, 0, sizeof *p);
    for (unsigned n = 4 + below(20); n > 0; n--)
        p->part[p->n++] = any_part();
    if (below(8) > 0)
        qsort(p->part, p->n, sizeof p->part[0], by_tag);
    for (unsigned n = below(3); n > 0; n--)
        add_item(p);
    p->syntax = below(4);
}

static void vary(plan *p)
{
    for (unsigned n = below(4); n > 0; n--) {
        unsigned at = p->n == 0 ? 0 : below(p->n), other = p->n == 0 ? 0 : below(p->n);
        part swap = p->part[at], x = any_part();
        if (p->n == 0)
            return;
        switch (below(10)) {
        case 0:
            p->part[at].vr = x.vr;
            break;
        case 1:
            p->part[at].length = x.length;
            break;
        case 2:
            p->part[at].fill = x.fill < 100 ? x.fill : 1;
            break;
        case 3:
            for (unsigned k = 0; k < p->n; k++)
                if (is_key(&p->part[(at + k) % p->n])) {
                    fill_key(&p->part[(at + k) % p->n]);
                    break;
                }
            break;
        case 4:
            take(p, at);
            break;
        case 5:
            put_at(p, at, swap);
            break;
        case 6:
            p->part[at] = p->part[other];
            p->part[other] = swap;
            break;
        case 7:
            add_item(p);
            break;
        case 8:
            p->syntax = below(4);
            break;
        default:
            put_at(p, at, x);
        }
    }
    p->cut = below(6) == 0 ? below(4096) : 0;
    p->tail = below(12) == 0 ? below(20) : 0;
}

/* ---- as bytes ---- */

static void fill_value(bytes *d, const part *x)
{
    static const unsigned ends[] = {0, 1, 14};
    if (x->fill >= 300 && x->length == 4)
        put32(d, ends[x->fill - 300] * 10);
    if (x->fill >= 300 && x->length == 2)
        put16(d, ends[x->fill - 300]);
    if (x->fill >= 300)
        return;
    const char *word = x->fill >= 200   ? owners[x->fill - 200]
                       : x->fill >= 100 ? sets[x->fill - 100]
                                        : inside[x->fill % 8];
    size_t m = strlen(word);
    if (x->fill < 100 && x->fill >= 56 && x->length >= 16) { /* like items, or nearly */
        bytes in = {.big = d->big, .implicit = x->fill % 2};
        head(&in, 0xFFFE, 0xE000, "", x->length - 8);
        head(&in, 8, 0x60, "CS", x->fill >= 60 ? 0 : 4);
        dcr_buf_str(&in.b, "CT  ");
        text(&in, 8, 0x104, "LO", "what is inside");
        for (size_t i = 0; i < x->length; i++)
            dcr_buf_char(&d->b, i < in.b.n ? in.b.p[i] : (char)(x->fill & 3));
        dcr_buf_clear(&in.b);
        return;
    }
    for (size_t i = 0; i < x->length; i++)
        dcr_buf_char(&d->b, x->fill < 100 && x->fill % 16 >= 8 ? (char)(x->fill / 16)
                            : i < m                            ? word[i]
                            : x->fill % 16 < 5                 ? ' '
                                                               : (char)(i * 7));
}

static void write_head(bytes *d, const part *x)
{
    int was = d->implicit;
    size_t at = d->b.n;
    d->implicit = was || x->odd == 2;
    head(d, x->tag >> 16, x->tag & 0xFFFF, vrs[x->vr], x->length);
    d->implicit = was;
    if (x->odd == 1 && d->b.n - at == 12)
        d->b.p[at + 6] = 1;
}

static const part *write_parts(bytes *d, const part *x, const part *end);

static const part *write_sequence(bytes *d, const part *x, const part *end)
{
    bytes in = {.big = d->big, .implicit = d->implicit};
    const part *next;
    int delimited = x->open == 1;
    if (vrs[x->vr][0] == 'U')
        in.implicit = 1;
    next = write_parts(&in, x + 1, end);
    head(d, x->tag >> 16, x->tag & 0xFFFF, vrs[x->vr],
         delimited ? 0xFFFFFFFF : (uint32_t)(8 + in.b.n));
    head(d, 0xFFFE, 0xE000, "",
         x->fill % 2 ? 0xFFFFFFFF : (uint32_t)in.b.n - (x->open == 3 ? x->fill % 16 : 0));
    dcr_buf_add(&d->b, in.b.p, in.b.n);
    if (x->fill % 2)
        head(d, 0xFFFE, 0xE00D, "", 0);
    if (delimited)
        head(d, 0xFFFE, 0xE0DD, "", 0);
    dcr_buf_clear(&in.b);
    return next;
}

static const part *write_parts(bytes *d, const part *x, const part *end)
{
    while (x < end) {
        if (x->close)
            return x + 1;
        if (x->open) {
            x = write_sequence(d, x, end);
            continue;
        }
        write_head(d, x);
        fill_value(d, x);
        x++;
    }
    return x;
}

static void deflated(dcr_buf *to, const dcr_buf *from)
{
    z_stream z = {0};
    size_t room = from->n + from->n / 8 + 200;
    unsigned char *packed = dcr_alloc(room, 1);
    assert_non_null(packed);
    assert_int_equal(
        deflateInit2(&z, (int)below(10), Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY),
        Z_OK);
    z.next_in = (unsigned char *)from->p;
    z.avail_in = (unsigned)from->n;
    z.next_out = packed;
    z.avail_out = (unsigned)room;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    dcr_buf_add(to, packed, z.total_out);
    deflateEnd(&z);
    dcr_free(packed);
}

static void write_plan(dcr_buf *to, const plan *p)
{
    static const char *const uid[] = {"1.2.840.10008.1.2.1", "1.2.840.10008.1.2",
                                      "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99"};
    bytes d = {0}, set = {.implicit = p->syntax == 1, .big = p->syntax == 2};
    const part *x = p->part;
    meta(&d, uid[p->syntax]);
    while (x < p->part + p->n)
        x = write_parts(&set, x, p->part + p->n);
    for (unsigned i = 0; i < p->tail; i++)
        dcr_buf_char(&set.b, 0);
    if (p->syntax == DEFLATED)
        deflated(&d.b, &set.b);
    else
        dcr_buf_add(&d.b, set.b.p, set.b.n);
    dcr_buf_clear(&set.b);
    dcr_buf_clear(to);
    *to = d.b;
    if (p->cut > 0 && p->cut < to->n)
        to->n -= p->cut;
}

/* ---- series ---- */

static const dcr_budget *any_budget(dcr_budget *b)
{
    *b = dcr_budget_default();
    switch (below(6)) {
    case 0:
        b->elements = below(40);
        return b;
    case 1:
        b->paths = below(40);
        return b;
    case 2:
        b->bytes = below(below(2) == 0 ? 600 : 9000);
        return b;
    case 3:
        b->depth = below(3);
        return b;
    default:
        return NULL;
    }
}

/* How many files of the series were read otherwise than alone. */
static unsigned series(void)
{
    desk warm = {0};
    dcr_budget room;
    const dcr_budget *budget = any_budget(&room);
    plan first, p;
    unsigned bad = 0;
    dcr_buf b = {0};
    invent(&first);
    p = first;
    for (unsigned n = 3 + below(5); n > 0; n--) {
        write_plan(&b, &p);
        bad += !as_cold(&warm, budget, b.p, b.n);
        if (below(10) == 0) /* as a worker does with each batch */
            dcr_pathtab_forget(&warm.x.paths);
        if (below(3) == 0)
            p = first;
        if (below(3) > 0)
            vary(&p);
    }
    dcr_buf_clear(&b);
    desk_clear(&warm);
    return bad;
}

static unsigned many(unsigned count, uint64_t from, int say)
{
    unsigned bad = 0;
    for (unsigned i = 0; i < count; i++) {
        unsigned wrong;
        seed = from + i * 1000003ull;
        wrong = series();
        if (wrong > 0 && say)
            printf("  series %llu: %u files\n",
                   (unsigned long long)(from + i * 1000003ull), wrong);
        bad += wrong;
    }
    return bad;
}

static void test_series(void **state)
{
    (void)state;
    assert_int_equal(many(1500, 20261127, 1), 0);
}

/* What is kept of a long value is no header: an element of which the tag is, to the byte,
 * a part of the hash of a value that stood there is taken for none but itself. */
static void test_hash_is_no_header(void **state)
{
    char big[5000] = {0};
    desk warm = {0};
    bytes a = {.implicit = 1}, b = {.implicit = 1}, c = {.implicit = 1};
    uint32_t tag = 0;
    (void)state;
    for (uint32_t k = 0; tag >> 16 <= 0x20 || tag >> 16 >= 0x7FE0; k++) {
        dcr_hash128 h;
        memcpy(big, &k, sizeof k);
        h = dcr_hash128_of(big, sizeof big);
        tag = (uint32_t)(h.lo >> 32 & 0xFFFF) << 16 | (uint32_t)(h.lo >> 48);
    }
    for (int k = 0; k < 3; k++) {
        bytes *d = k == 0 ? &a : k == 1 ? &b : &c;
        d->implicit = 0;
        meta(d, "1.2.840.10008.1.2");
        d->implicit = 1;
        text(d, 0x10, 0x20, "LO", "P-1");
    }
    text(&a, 0x20, 0x4000, "LT", "a comment");
    el(&b, 0x20, 0x4000, "LT", big, sizeof big);
    text(&c, tag >> 16, tag & 0xFFFF, "LT", "another");
    for (int k = 0; k < 3; k++) {
        bytes *d = k == 0 ? &a : k == 1 ? &b : &c;
        assert_true(as_cold(&warm, NULL, d->b.p, d->b.n));
        dcr_buf_clear(&d->b);
    }
    desk_clear(&warm);
}

/* A data set that is deflated, with `n` bytes that begin like a sequence and go on
 * otherwise, where half of them are read. */
static void with_gap(bytes *d, unsigned before, unsigned n)
{
    static const char zeros[65536];
    bytes set = {0};
    meta(d, "1.2.840.10008.1.2.1.99");
    text(&set, 8, 0x60, "CS", "CT");
    el(&set, 9, 0x1001, "OB", zeros, before);
    head(&set, 9, 0x1002, "UN", n);
    size_t from = set.b.n;
    set.implicit = 1;
    head(&set, 0xFFFE, 0xE000, "", n - 8);
    text(&set, 8, 0x60, "CS", "CT");
    el(&set, 9, 0x1001, "OB", zeros, n / 2);
    head(&set, 8, 0x16, "UI", 0x7FFFFFF0);
    while (set.b.n - from < n)
        dcr_buf_char(&set.b, 1);
    set.implicit = 0;
    text(&set, 0x10, 0x20, "LO", "P-1");
    deflated(&d->b, &set.b);
    dcr_buf_clear(&set.b);
}

/* How much of a file is asked for first hangs on the file before; how far back one may go
 * in what is inflated does not. */
static void test_inflated_gap(void **state)
{
    static const char zeros[70000];
    desk warm = {0};
    (void)state;
    seed = 1;
    for (unsigned first = 0; first < 70000; first += 13000)
        for (unsigned before = 100; before < 65536; before += 5000)
            for (unsigned n = 2000; n < 40000; n += 6000) {
                bytes a = {0}, b = {0};
                meta(&a, "1.2.840.10008.1.2.1");
                el(&a, 9, 0x1001, "OB", zeros, first);
                with_gap(&b, before, n);
                assert_true(as_cold(&warm, NULL, a.b.p, a.b.n));
                assert_true(as_cold(&warm, NULL, b.b.p, b.b.n));
                dcr_buf_clear(&a.b);
                dcr_buf_clear(&b.b);
            }
    desk_clear(&warm);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_series),
                                       cmocka_unit_test(test_hash_is_no_header),
                                       cmocka_unit_test(test_inflated_gap)};
    dcr_reader_init();
    if (argc == 4 && strcmp(argv[1], "--series") == 0) {
        unsigned n = (unsigned)strtoul(argv[2], NULL, 10);
        unsigned bad = many(n, strtoull(argv[3], NULL, 10), 1);
        printf("warm and cold: %u series, %u files differ\n", n, bad);
        return bad > 0;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
