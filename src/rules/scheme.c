#include "scheme.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "detect.h"

enum { UID_MAX = 64, BASE36_CHARS = 12, ARC_MIN = 16 };

size_t dcr_last_arc(const uint8_t *p, size_t n)
{
    size_t i = n;
    while (i > 0 && p[i - 1] != '.')
        i--;
    return i == 0 ? n : i;
}

/* ---- writing ---- */

static size_t write_hex(const uint8_t *d, size_t n, bool dashes, char *out)
{
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        if (dashes && (i == 4 || i == 6 || i == 8 || i == 10))
            out[at++] = '-';
        at += dcr_hex_text(out + at, d + i, 1);
    }
    return at;
}

static size_t write_triplets(const uint8_t *d, size_t n, bool strip, char *out)
{
    size_t at = 0, skip = 0;
    for (size_t i = 0; i < n; i++) {
        out[at++] = (char)('0' + d[i] / 100);
        out[at++] = (char)('0' + d[i] / 10 % 10);
        out[at++] = (char)('0' + d[i] % 10);
    }
    while (strip && skip + 1 < at && out[skip] == '0')
        skip++;
    memmove(out, out + skip, at - skip);
    return at - skip;
}

/* Digits to the base 36, the least significant first. */
static size_t write_base36(uint8_t *d, size_t n, char *out)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    for (size_t c = 0; c < BASE36_CHARS; c++) {
        unsigned rest = 0;
        for (size_t i = 0; i < n; i++) {
            rest = rest << 8 | d[i];
            d[i] = (uint8_t)(rest / 36);
            rest %= 36;
        }
        out[c] = letters[rest];
    }
    return BASE36_CHARS;
}

static size_t write_base64(const uint8_t *d, size_t n, char *out)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t at = 0;
    for (size_t i = 0; i < n; i += 3) {
        uint32_t v = (uint32_t)d[i] << 16 | (i + 1 < n ? (uint32_t)d[i + 1] << 8 : 0) |
                     (i + 2 < n ? d[i + 2] : 0);
        size_t chars = n - i >= 3 ? 4 : n - i + 1;
        for (size_t k = 0; k < chars; k++)
            out[at++] = letters[v >> (18 - 6 * k) & 63];
    }
    return at;
}

static size_t write_decimal(const dcr_scheme *s, const uint8_t *d, size_t n, char *out)
{
    char digits[DCR_DECIMAL_MAX];
    size_t len = dcr_decimal(d, n, digits), at = 0;
    for (const char *p = s->lead; *p != '\0'; p++)
        out[at++] = *p;
    for (size_t i = len; i < s->width; i++)
        out[at++] = '0';
    if (digits[0] == '0')
        for (const char *p = s->zero; *p != '\0'; p++)
            out[at++] = *p;
    memcpy(out + at, digits, len);
    return at + len;
}

/* Keeps the first `nibbles` half bytes, as a number. */
static void cut_nibbles(uint8_t *d, size_t *n, size_t nibbles)
{
    size_t bytes = (nibbles + 1) / 2;
    if (bytes > *n)
        return;
    if (nibbles % 2 == 1) {
        for (size_t i = bytes; i-- > 1;)
            d[i] = (uint8_t)(d[i] >> 4 | d[i - 1] << 4);
        d[0] = (uint8_t)(d[0] >> 4);
    }
    *n = bytes;
}

static size_t add_text(uint8_t *out, const char *s)
{
    size_t n = strlen(s);
    memcpy(out, s, n);
    return n;
}

static size_t variant_text(const dcr_scheme *s, size_t variant, uint8_t out[128])
{
    size_t n = s->n_name_space;
    memcpy(out, s->name_space, n);
    if (s->site_open[0] != '\0') {
        char site[8];
        size_t digits = 0;
        for (size_t v = variant - 1; variant > 0; v /= 10) { /* variant 0: no site */
            site[digits++] = (char)('0' + v % 10);
            if (v < 10)
                break;
        }
        n += add_text(out + n, s->site_open);
        while (digits > 0)
            out[n++] = (uint8_t)site[--digits];
        return n + add_text(out + n, s->site_close);
    }
    return variant < s->before.n ? n + add_text(out + n, s->before.s[variant]) : n;
}

void dcr_scheme_write(const dcr_scheme *s, size_t variant, const uint8_t *original,
                      size_t n_original, char out[DCR_SCHEME_MAX], size_t *n)
{
    uint8_t before[128], d[DCR_DIGEST_BYTES];
    size_t n_before = variant_text(s, variant, before);
    size_t len = dcr_digest(s->hash, before, n_before, original, n_original, d);
    if (s->bytes > 0 && s->bytes < len)
        len = s->bytes;
    if (s->nibbles > 0)
        cut_nibbles(d, &len, s->nibbles);
    if (s->uuid > 0 && len >= 16) {
        d[6] = (uint8_t)((d[6] & 0x0f) | s->uuid << 4);
        d[8] = (uint8_t)((d[8] & 0x3f) | 0x80);
        len = 16;
    }
    switch (s->form) {
    case DCR_FORM_TRIPLETS:
        *n = write_triplets(d, len, s->strip, out);
        break;
    case DCR_FORM_HEX:
        *n = write_hex(d, len, false, out);
        break;
    case DCR_FORM_UUID:
        *n = write_hex(d, len, true, out);
        break;
    case DCR_FORM_BASE36:
        *n = write_base36(d, len, out);
        break;
    case DCR_FORM_BASE64:
        *n = write_base64(d, len, out);
        break;
    case DCR_FORM_DECIMAL:
        *n = write_decimal(s, d, len, out);
        break;
    }
    out[*n] = '\0';
}

/* ---- comparing ---- */

/* The output w modulo 10^k, k what a prefix leaves of the room. */
static bool equal_tail(const dcr_scheme *s, const char *w, size_t n_w, const uint8_t *arc,
                       size_t n_arc, size_t prefix)
{
    size_t room = s->cut > prefix ? s->cut - prefix : 0, skip;
    skip = n_w > room ? n_w - room : 0;
    while (skip + 1 < n_w && w[skip] == '0')
        skip++;
    return n_w - skip == n_arc && n_arc >= ARC_MIN && memcmp(w + skip, arc, n_arc) == 0;
}

static bool equal_uid(const dcr_scheme *s, const char *w, size_t n_w,
                      const uint8_t *value, size_t n)
{
    size_t at = dcr_last_arc(value, n), n_arc = n - at;
    if (n_arc == 0)
        return false;
    if (s->tail)
        return equal_tail(s, w, n_w, value + at, n_arc, at);
    if (n_arc > n_w || memcmp(w, value + at, n_arc) != 0)
        return false;
    return n_arc == n_w || (s->cut > 0 && n == s->cut && n_arc >= ARC_MIN);
}

static bool equal_id(const dcr_scheme *s, const char *w, size_t n_w, const uint8_t *value,
                     size_t n)
{
    bool hex = s->form == DCR_FORM_HEX || s->form == DCR_FORM_UUID;
    while (s->form == DCR_FORM_BASE64 && n > 0 && value[n - 1] == '=')
        n--; /* it pads */
    if (n > n_w || n < s->min)
        return false;
    for (size_t i = 0; i < n; i++)
        if ((hex ? dcr_lower(value[i]) : value[i]) != (uint8_t)w[i])
            return false;
    return n == n_w || strcmp(s->fit, "head") == 0;
}

bool dcr_scheme_equal(const dcr_scheme *s, const char *w, size_t n_w,
                      const uint8_t *value, size_t n)
{
    return s->is_uid ? equal_uid(s, w, n_w, value, n) : equal_id(s, w, n_w, value, n);
}

/* ---- shapes ---- */

static bool is_triplets(const uint8_t *p, size_t n)
{
    size_t first = n % 3 == 0 ? 3 : n % 3;
    if (n < 3 || dcr_digits(p, first) > 255)
        return false;
    for (size_t i = first; i < n; i += 3)
        if (dcr_digits(p + i, 3) > 255)
            return false;
    return true;
}

static bool has_root(const dcr_scheme_shape *h, const uint8_t *p, size_t arc)
{
    if (h->roots.n == 0)
        return true;
    for (size_t i = 0; i < h->roots.n; i++) {
        size_t len = strlen(h->roots.s[i]);
        if (len < arc && p[len] == '.' && memcmp(p, h->roots.s[i], len) == 0 &&
            (!h->direct || len + 1 == arc))
            return true;
    }
    return false;
}

static bool arc_is_uuid(const uint8_t *arc, size_t n, size_t version)
{
    uint8_t text[5 + 39] = "2.25.", uuid[16];
    if (n > 39)
        return false;
    memcpy(text + 5, arc, n);
    return dcr_uid_uuid(text, 5 + n, uuid) && uuid[6] >> 4 == version &&
           (uuid[8] & 0xC0) == 0x80;
}

static bool uid_looks(const dcr_scheme *s, const uint8_t *p, size_t n)
{
    const dcr_scheme_shape *h = &s->shape;
    size_t at = dcr_last_arc(p, n), digits = n - at;
    bool cut = h->total > 0 && n == h->total;
    if (digits == 0 || n > UID_MAX || dcr_digit_run(p, n, at, n) != digits ||
        !has_root(h, p, at))
        return false;
    if (digits > h->digits_max || (digits < h->digits_min && !cut))
        return false;
    if (cut && digits < ARC_MIN)
        return false;
    if (h->first[0] != '\0' && p[at] != (uint8_t)h->first[0])
        return false;
    if (h->triplets && !is_triplets(p + at, digits))
        return false;
    return h->uuid == 0 || arc_is_uuid(p + at, digits, h->uuid);
}

static bool is_hex(const uint8_t *p, size_t n, bool upper)
{
    bool digit = false, letter = false;
    for (size_t i = 0; i < n; i++) {
        uint8_t c = upper ? dcr_lower(p[i]) : p[i];
        if (dcr_is_digit(c))
            digit = true;
        else if (c >= 'a' && c <= 'f')
            letter = true;
        else
            return false;
    }
    return digit && letter;
}

static bool uuid_text(const uint8_t *p, size_t n, size_t version)
{
    if (n != 36 || p[8] != '-' || p[13] != '-' || p[18] != '-' || p[23] != '-')
        return false;
    return dcr_uuid_version(p) == version;
}

static bool id_looks(const dcr_scheme *s, const uint8_t *p, size_t n)
{
    const dcr_scheme_shape *h = &s->shape;
    if (n < h->digits_min || n > h->digits_max)
        return false;
    switch (s->form) {
    case DCR_FORM_HEX:
        return is_hex(p, n, true);
    case DCR_FORM_UUID:
        return uuid_text(p, n, h->uuid);
    case DCR_FORM_DECIMAL:
        return dcr_digit_run(p, n, 0, n) == n;
    default:
        return false;
    }
}

bool dcr_scheme_looks(const dcr_scheme *s, const uint8_t *p, size_t n)
{
    if (s->shape.never)
        return false;
    return s->is_uid ? uid_looks(s, p, n) : id_looks(s, p, n);
}

/* ---- reading ---- */

static const dcr_param shape_spec[] = {
    {"roots", DCR_P_STRINGS, offsetof(dcr_scheme_shape, roots), false},
    {"direct", DCR_P_BOOL, offsetof(dcr_scheme_shape, direct), false},
    {"triplets", DCR_P_BOOL, offsetof(dcr_scheme_shape, triplets), false},
    {"digits_min", DCR_P_UINT, offsetof(dcr_scheme_shape, digits_min), true},
    {"digits_max", DCR_P_UINT, offsetof(dcr_scheme_shape, digits_max), true},
    {"total", DCR_P_UINT, offsetof(dcr_scheme_shape, total), false},
    {"first", DCR_P_STRING, offsetof(dcr_scheme_shape, first), false},
    {"uuid", DCR_P_UINT, offsetof(dcr_scheme_shape, uuid), false},
    {NULL, DCR_P_STRING, 0, false},
};

static const dcr_param scheme_spec[] = {
    {"id", DCR_P_STRING, offsetof(dcr_scheme, id), true},
    {"title", DCR_P_STRING, offsetof(dcr_scheme, title), true},
    {"source", DCR_P_STRING, offsetof(dcr_scheme, source), true},
    {"of", DCR_P_STRING, offsetof(dcr_scheme, of), true},
    {"hash", DCR_P_STRING, offsetof(dcr_scheme, hash_name), true},
    {"form", DCR_P_STRING, offsetof(dcr_scheme, form_name), true},
    {"fit", DCR_P_STRING, offsetof(dcr_scheme, fit), false},
    {"before", DCR_P_STRINGS, offsetof(dcr_scheme, before), false},
    {"before_hex", DCR_P_STRING, offsetof(dcr_scheme, before_hex), false},
    {"site_open", DCR_P_STRING, offsetof(dcr_scheme, site_open), false},
    {"site_close", DCR_P_STRING, offsetof(dcr_scheme, site_close), false},
    {"site_to", DCR_P_UINT, offsetof(dcr_scheme, site_to), false},
    {"bytes", DCR_P_UINT, offsetof(dcr_scheme, bytes), false},
    {"nibbles", DCR_P_UINT, offsetof(dcr_scheme, nibbles), false},
    {"uuid", DCR_P_UINT, offsetof(dcr_scheme, uuid), false},
    {"lead", DCR_P_STRING, offsetof(dcr_scheme, lead), false},
    {"zero", DCR_P_STRING, offsetof(dcr_scheme, zero), false},
    {"width", DCR_P_UINT, offsetof(dcr_scheme, width), false},
    {"strip", DCR_P_BOOL, offsetof(dcr_scheme, strip), false},
    {"cut", DCR_P_UINT, offsetof(dcr_scheme, cut), false},
    {"min", DCR_P_UINT, offsetof(dcr_scheme, min), false},
    {"shape", DCR_P_JSON, offsetof(dcr_scheme, shape_json), false},
    {NULL, DCR_P_STRING, 0, false},
};

static bool form_of(const char *name, dcr_scheme_form *out)
{
    static const char *const names[] = {"decimal", "triplets", "hex",
                                        "uuid",    "base36",   "base64"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], name) == 0) {
            *out = (dcr_scheme_form)i;
            return true;
        }
    return false;
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_name_space(dcr_scheme *s)
{
    size_t n = strlen(s->before_hex);
    if (n % 2 != 0 || n > 2 * sizeof s->name_space)
        return false;
    for (size_t i = 0; i < n; i += 2) {
        int hi = hex_digit(s->before_hex[i]), lo = hex_digit(s->before_hex[i + 1]);
        if (hi < 0 || lo < 0)
            return false;
        s->name_space[i / 2] = (uint8_t)(hi << 4 | lo);
    }
    s->n_name_space = n / 2;
    return true;
}

static const char *wrong(dcr_scheme *s)
{
    bool id = strcmp(s->of, "id") == 0, fits = s->fit[0] == '\0';
    size_t longest = strlen(s->site_open) + strlen(s->site_close);
    s->is_uid = strcmp(s->of, "uid") == 0;
    s->tail = strcmp(s->fit, "tail") == 0;
    if (!s->is_uid && !id)
        return "\"of\" is uid or id";
    if (!dcr_digest_of(s->hash_name, &s->hash))
        return "\"hash\" is none, md5, sha1, sha256 or sha512";
    if (!form_of(s->form_name, &s->form))
        return "\"form\" is decimal, triplets, hex, uuid, base36 or base64";
    if (!fits && !(s->tail && s->is_uid) && strcmp(s->fit, "head") != 0)
        return "\"fit\" is head, or tail for a UID";
    if (!read_name_space(s))
        return "\"before_hex\" is up to 16 bytes in small hex digits";
    for (size_t i = 0; i < s->before.n; i++)
        longest = strlen(s->before.s[i]) > longest ? strlen(s->before.s[i]) : longest;
    if (longest > 64 || s->width > 64 || strlen(s->lead) > 8 || strlen(s->zero) > 8)
        return "a text before, a width or a lead is too long";
    if (s->uuid > 15 || s->site_to > 9999)
        return "a number is too large";
    if (id && s->min < 8)
        return "\"min\" is at least 8 characters, or chance would hit";
    return NULL;
}

dcr_status dcr_scheme_read(const dcr_param_src *src, const json_t *json, dcr_scheme *out,
                           dcr_err *err)
{
    const char *why;
    dcr_status st = dcr_params_read(src, json, scheme_spec, out, err);
    out->shape.never = out->shape_json == NULL;
    out->shape.first = "";
    if (st == DCR_OK && !out->shape.never)
        st = dcr_params_read(src, out->shape_json, shape_spec, &out->shape, err);
    out->shape_json = NULL;
    if (st != DCR_OK)
        return st;
    why = wrong(out);
    if (why != NULL)
        return dcr_rule_fail(src->file, out->id, err, "%s", why);
    out->n_variants = out->site_open[0] != '\0' ? out->site_to + 2
                      : out->before.n > 0       ? out->before.n
                                                : 1;
    return DCR_OK;
}

/* ---- date shifts ---- */

static const dcr_param shift_spec[] = {
    {"id", DCR_P_STRING, offsetof(dcr_shift_scheme, id), true},
    {"title", DCR_P_STRING, offsetof(dcr_shift_scheme, title), true},
    {"source", DCR_P_STRING, offsetof(dcr_shift_scheme, source), true},
    {"hash", DCR_P_STRING, offsetof(dcr_shift_scheme, hash_name), true},
    {"last_digits", DCR_P_UINT, offsetof(dcr_shift_scheme, last_digits), false},
    {"modulo", DCR_P_UINT, offsetof(dcr_shift_scheme, modulo), true},
    {"sign", DCR_P_STRING, offsetof(dcr_shift_scheme, sign), true},
    {NULL, DCR_P_STRING, 0, false},
};

dcr_status dcr_shift_read(const dcr_param_src *src, const json_t *json,
                          dcr_shift_scheme *out, dcr_err *err)
{
    dcr_status st = dcr_params_read(src, json, shift_spec, out, err);
    if (st == DCR_OK && !dcr_digest_of(out->hash_name, &out->hash))
        st = dcr_rule_fail(src->file, out->id, err,
                           "\"hash\" is none, md5, sha1, sha256 or sha512");
    if (st == DCR_OK && (out->modulo == 0 || out->last_digits > 18))
        st = dcr_rule_fail(src->file, out->id, err,
                           "\"modulo\" is at least 1, \"last_digits\" at most 18");
    if (st == DCR_OK && strcmp(out->sign, "+") != 0 && strcmp(out->sign, "-") != 0)
        st = dcr_rule_fail(src->file, out->id, err, "\"sign\" is + or -");
    return st;
}

long dcr_shift_days(const dcr_shift_scheme *s, const uint8_t *id, size_t n)
{
    uint8_t d[DCR_DIGEST_BYTES];
    char digits[DCR_DECIMAL_MAX];
    size_t len = dcr_decimal(d, dcr_digest(s->hash, NULL, 0, id, n, d), digits), from = 0;
    uint64_t v = 0;
    if (s->last_digits > 0 && len > s->last_digits)
        from = len - s->last_digits;
    for (size_t i = from; i < len; i++)
        v = (v * 10 + (uint64_t)(digits[i] - '0')) % s->modulo;
    return s->sign[0] == '-' ? -(long)v : (long)v;
}
