/* Data sets to bytes (PS3.5, PS3.10), one write for each file. */
#include "mkcohort.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

static const char *const syntaxes[][2] = {{"e", "1.2.840.10008.1.2.1"},
                                          {"i", "1.2.840.10008.1.2"},
                                          {"b", "1.2.840.10008.1.2.2"},
                                          {"d", "1.2.840.10008.1.2.1.99"}};

static void number(dcr_buf *b, uint32_t v, unsigned bytes, bool big)
{
    for (unsigned i = 0; i < bytes; i++)
        dcr_buf_char(b, (char)(v >> (8 * (big ? bytes - 1 - i : i))));
}

static bool has_charset(const char *vr)
{
    return strstr("SH LO ST LT UT UC PN", vr) != NULL;
}

/* The bytes of a code point in a single-byte set, -1 when it has none. */
static int single_byte(const char *charset, uint32_t cp)
{
    if (cp < 0x80)
        return (int)cp;
    if (strcmp(charset, "ISO_IR 100") == 0)
        return cp <= 0xff ? (int)cp : -1;
    if (strcmp(charset, "ISO_IR 144") == 0)
        return cp > 0x400 && cp < 0x460 && cp != 0x450 ? (int)(cp - 0x360) : -1;
    return -1;
}

static uint32_t code_point(const uint8_t *p, const uint8_t *end, size_t *len)
{
    *len = *p < 0x80 ? 1 : *p < 0xe0 ? 2 : *p < 0xf0 ? 3 : 4;
    if (*len == 1 || (size_t)(end - p) < *len) {
        *len = 1;
        return *p;
    }
    uint32_t cp = *p & (0xffu >> (*len + 1));
    for (size_t i = 1; i < *len; i++)
        cp = cp << 6 | (p[i] & 0x3f);
    return cp;
}

/* Letters that a character set cannot say lose their accents before anything is noted. */
void mk_ascii(mk_ds *ds, const char *charset)
{
    if (strcmp(charset, "ISO_IR 192") == 0)
        return;
    for (size_t i = 0; i < ds->n; i++) {
        mk_elem *e = &ds->e[i];
        for (uint32_t k = 0; k < e->n_items; k++)
            mk_ascii(&e->item[k], charset);
        if (!has_charset(e->vr) || e->raw || e->p == NULL)
            continue;
        uint8_t *out = mk_alloc(ds->arena, e->n + 1, 1);
        size_t n = 0, len;
        for (const uint8_t *p = e->p, *end = e->p + e->n; p < end; p += len) {
            uint32_t cp = code_point(p, end, &len);
            if (single_byte(charset, cp) >= 0) {
                memcpy(out + n, p, len);
                n += len;
            } else {
                out[n++] = cp == 0xe4 ? 'a' : cp == 0xf4 ? 'o' : cp == 0xfc ? 'u' : 'e';
            }
        }
        e->p = out;
        e->n = (uint32_t)n;
    }
}

static void text(dcr_buf *b, const mk_elem *e, const char *charset)
{
    size_t len;
    for (const uint8_t *p = e->p, *end = e->p + e->n; p < end; p += len)
        dcr_buf_char(b, (char)single_byte(charset, code_point(p, end, &len)));
}

static unsigned unit_size(const char *vr)
{
    if (strstr("US SS OW AT", vr) != NULL)
        return 2;
    if (strstr("UL SL FL OL OF", vr) != NULL)
        return 4;
    return strstr("FD OD SV UV OV", vr) != NULL ? 8 : 1;
}

static void value(dcr_buf *b, const mk_elem *e, const char *charset, bool big)
{
    size_t start = b->n;
    unsigned unit = unit_size(e->vr);
    if (has_charset(e->vr) && !e->raw && strcmp(charset, "ISO_IR 192") != 0) {
        text(b, e, charset);
    } else if (big && unit > 1) {
        for (size_t i = 0; i + unit <= e->n; i += unit)
            for (unsigned k = 0; k < unit; k++)
                dcr_buf_char(b, (char)e->p[i + unit - 1 - k]);
    } else {
        dcr_buf_add(b, e->p, e->n);
    }
    if ((b->n - start) % 2 != 0)
        dcr_buf_char(b, strstr("UI OB UN OW", e->vr) != NULL ? '\0' : ' ');
}

static bool long_form(const char *vr)
{
    return strstr("OB OD OF OL OV OW SQ UC UN UR UT SV UV", vr) != NULL;
}

static void patch32(dcr_buf *b, size_t at, bool big)
{
    uint32_t v = (uint32_t)(b->n - at - 4);
    if (b->p == NULL || b->failed)
        mk_die("no memory");
    for (unsigned i = 0; i < 4; i++)
        b->p[at + i] = (char)(v >> (8 * (big ? 3 - i : i)));
}

static void data_set(dcr_buf *b, const mk_ds *ds, const char *charset, char syntax,
                     bool open);

/* Items of a sequence: of undefined length when `open`. */
static void items(dcr_buf *b, const mk_elem *e, const char *charset, char syntax,
                  bool open)
{
    bool big = syntax == 'b';
    for (uint32_t i = 0; i < e->n_items; i++) {
        number(b, 0xFFFE, 2, big);
        number(b, 0xE000, 2, big);
        number(b, open ? UINT32_MAX : 0, 4, big);
        size_t at = b->n - 4;
        data_set(b, &e->item[i], charset, syntax, open);
        if (!open) {
            patch32(b, at, big);
        } else {
            number(b, 0xFFFE, 2, big);
            number(b, 0xE00D, 2, big);
            number(b, 0, 4, big);
        }
    }
    if (open) {
        number(b, 0xFFFE, 2, big);
        number(b, 0xE0DD, 2, big);
        number(b, 0, 4, big);
    }
}

static void element(dcr_buf *b, const mk_elem *e, const char *charset, char syntax,
                    bool open)
{
    bool big = syntax == 'b', seq = strcmp(e->vr, "SQ") == 0;
    number(b, e->tag >> 16, 2, big);
    number(b, e->tag & 0xffff, 2, big);
    if (syntax != 'i')
        dcr_buf_add(b, e->vr, 2);
    bool wide = syntax == 'i' || long_form(e->vr);
    if (wide && syntax != 'i')
        number(b, 0, 2, big);
    size_t at = b->n;
    number(b, seq && open ? UINT32_MAX : 0, wide ? 4 : 2, big);
    if (seq)
        items(b, e, charset, syntax, open);
    else
        value(b, e, charset, big);
    if (seq && open)
        return;
    if (wide) {
        patch32(b, at, big);
        return;
    }
    size_t n = b->n - at - 2;
    if (n > 0xffff || b->failed)
        mk_die("a value is too long for its VR");
    b->p[at + (big ? 1 : 0)] = (char)n;
    b->p[at + (big ? 0 : 1)] = (char)(n >> 8);
}

static void data_set(dcr_buf *b, const mk_ds *ds, const char *charset, char syntax,
                     bool open)
{
    for (size_t i = 0; i < ds->n; i++)
        element(b, &ds->e[i], charset, syntax, open);
}

static void deflate_tail(dcr_buf *b, size_t start)
{
    z_stream z;
    size_t n = b->n - start;
    memset(&z, 0, sizeof z);
    if (deflateInit2(&z, 6, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        mk_die("zlib does not start");
    dcr_buf out = {0};
    uint8_t chunk[16384];
    z.next_in = (Bytef *)b->p + start;
    z.avail_in = (uInt)n;
    int r;
    do {
        z.next_out = chunk;
        z.avail_out = sizeof chunk;
        r = deflate(&z, Z_FINISH);
        dcr_buf_add(&out, chunk, sizeof chunk - z.avail_out);
    } while (r == Z_OK);
    deflateEnd(&z);
    if (r != Z_STREAM_END)
        mk_die("zlib failed");
    b->n = start;
    dcr_buf_add(b, out.p, out.n);
    if (out.n % 2 != 0)
        dcr_buf_char(b, '\0');
    dcr_buf_clear(&out);
}

static void file_meta(mk_ctx *x, const mk_file *f, dcr_buf *b)
{
    mk_ds meta = {.arena = &x->temp};
    uint8_t zero[128] = {0}, version[2] = {0, 1};
    if (f->preamble != NULL)
        memcpy(zero, f->preamble, strlen(f->preamble) < 128 ? strlen(f->preamble) : 127);
    dcr_buf_add(b, zero, sizeof zero);
    dcr_buf_add(b, "DICM", 4);
    mk_put(&meta, 0x00020001, "OB", version, 2);
    mk_str(&meta, 0x00020002, "UI", f->sop_class);
    mk_str(&meta, 0x00020003, "UI", f->sop_uid);
    for (size_t i = 0; i < 4; i++)
        if (syntaxes[i][0][0] == f->syntax)
            mk_str(&meta, 0x00020010, "UI", syntaxes[i][1]);
    mk_str(&meta, 0x00020012, "UI", "2.25.174093581107520311873620948852317");
    mk_str(&meta, 0x00020013, "SH", "MKCOHORT_1");
    mk_str(&meta, 0x00020016, "AE", f->source_ae);
    number(b, 0x0002, 2, false);
    number(b, 0x0000, 2, false);
    dcr_buf_add(b, "UL\4\0", 4);
    size_t at = b->n;
    number(b, 0, 4, false);
    data_set(b, &meta, "", 'e', false);
    patch32(b, at, false);
}

void mk_encode(mk_ctx *x, const mk_file *f, dcr_buf *b)
{
    b->n = 0;
    file_meta(x, f, b);
    size_t start = b->n;
    bool open = mk_below(2, x->seed, "open", f->serial, 0, 0) == 1;
    data_set(b, &f->ds, f->charset, f->syntax, open);
    if (f->syntax == 'd')
        deflate_tail(b, start);
    else if (f->trailing != NULL)
        dcr_buf_str(b, f->trailing);
    if (b->failed)
        mk_die("no memory");
}

static void make_dirs(mk_ctx *x, char *path)
{
    char *slash = strrchr(path, '/');
    if (slash == NULL)
        return;
    *slash = '\0';
    if (strcmp(path, x->last_dir) != 0) {
        for (char *p = path + 1; *p != '\0'; p++) {
            if (*p != '/')
                continue;
            *p = '\0';
            if (mkdir(path, 0755) != 0 && errno != EEXIST)
                mk_die("cannot make a folder: %s", strerror(errno));
            *p = '/';
        }
        if (mkdir(path, 0755) != 0 && errno != EEXIST)
            mk_die("cannot make a folder: %s", strerror(errno));
        if (strlen(path) < sizeof x->last_dir)
            memcpy(x->last_dir, path, strlen(path) + 1);
    }
    *slash = '/';
}

void mk_save(mk_ctx *x, const char *path, const dcr_buf *b)
{
    char *full = mk_text(&x->temp, "%s/%s", x->out, path);
    make_dirs(x, full);
    int fd = open(full, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0)
        mk_die("cannot write a file: %s", strerror(errno));
    ssize_t n = write(fd, b->p, b->n);
    if (n < 0 || (size_t)n != b->n || close(fd) != 0)
        mk_die("cannot write a file: %s", n < 0 ? strerror(errno) : "disk full");
    x->bytes += b->n;
}

/* Private data elements at all depths, creators not counted. */
uint64_t mk_count_private(const mk_ds *ds)
{
    uint64_t n = 0;
    for (size_t i = 0; i < ds->n; i++) {
        const mk_elem *e = &ds->e[i];
        if ((e->tag >> 16 & 1) != 0 && (e->tag & 0xffff) >= 0x1000)
            n++;
        for (uint32_t k = 0; k < e->n_items; k++)
            n += mk_count_private(&e->item[k]);
    }
    return n;
}
