#include "strict.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "buf.h"
#include "near.h"
#include "num.h"
#include "regex.h"

enum { FILE_MAX = 16 << 20, WORDS_MAX = 110 }; /* bytes of a file; of words in an error */

typedef struct field_at { /* a field of the object at `at` */
    const dcr_strict *s;
    const dcr_place *at;
    const dcr_field *f;
} field_at;

/* ---- files ----------------------------------------------------------------------------
 */

dcr_status dcr_strict_open(dcr_rule_file *out, dcr_arena *arena, const char *path,
                           dcr_err *err)
{
    dcr_buf b = {0};
    char part[8192];
    size_t n;
    FILE *f;
    dcr_status st = dcr_open_named(&f, path, err);
    if (st != DCR_OK)
        return st;
    while (b.n <= FILE_MAX && (n = fread(part, 1, sizeof part, f)) > 0)
        dcr_buf_add(&b, part, n);
    out->name = dcr_arena_str(arena, path);
    out->text = b.failed ? NULL : dcr_arena_bytes(arena, b.n == 0 ? "" : b.p, b.n);
    out->n = b.n;
    if (ferror(f) != 0)
        st = dcr_fail(err, DCR_EIO, path, "cannot be read");
    else if (b.n > FILE_MAX)
        st = dcr_fail(err, DCR_ERULES, path, "larger than %d bytes", FILE_MAX);
    else if (out->name == NULL || out->text == NULL)
        st = dcr_nomem(err);
    fclose(f);
    dcr_buf_clear(&b);
    return st;
}

/* ---- what to say ----------------------------------------------------------------------
 */

dcr_status dcr_strict_fail(const dcr_strict *s, const dcr_place *at, const char *key,
                           dcr_err *err, const char *fmt, ...)
{
    char text[sizeof err->text];
    va_list ap;
    if (err == NULL || err->code != DCR_OK)
        return DCR_ERULES;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    dcr_fail(err, DCR_ERULES, s->file->name, "%s", text);
    err->line = dcr_json_line(s->file->text, at, key);
    return DCR_ERULES;
}

/* "a, b or c", cut when there are too many. */
static void say_words(const char *const *words, char out[WORDS_MAX])
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; words[i] != NULL; i++) {
        const char *join = i == 0 ? "" : words[i + 1] == NULL ? " or " : ", ";
        if (used + strlen(join) + strlen(words[i]) + 6 > WORDS_MAX) {
            snprintf(out + used, WORDS_MAX - used, ", ...");
            return;
        }
        used += (size_t)snprintf(out + used, WORDS_MAX - used, "%s%s", join, words[i]);
    }
}

static const char *got(const json_t *v)
{
    switch (json_typeof(v)) {
    case JSON_OBJECT:
        return "an object";
    case JSON_ARRAY:
        return "a list";
    case JSON_STRING:
        return *json_string_value(v) == '\0' ? "empty text" : "text";
    case JSON_INTEGER:
    case JSON_REAL:
        return "a number";
    case JSON_TRUE:
    case JSON_FALSE:
        return "true or false";
    case JSON_NULL:
        break;
    }
    return "null";
}

static void say_want(const dcr_field *f, char out[WORDS_MAX + 16])
{
    static const char *const by_kind[] = {
        [DCR_F_TEXT] = "text in double quotes",
        [DCR_F_PROSE] = "text in double quotes, or a list of texts",
        [DCR_F_TEXTS] = "a list of texts, [\"...\", \"...\"]",
        [DCR_F_WORD] = "",
        [DCR_F_WORDS] = "a list, [...], of ",
        [DCR_F_DATE] = "a date as \"YYYY-MM-DD\"",
        [DCR_F_WHOLE] = "",
        [DCR_F_WHOLES] = "a list of at least one, [1, 2], of ",
        [DCR_F_INT] = "a whole number",
        [DCR_F_REGEX] = "a pattern (PCRE2) in double quotes",
        [DCR_F_REGEXES] = "a list of patterns (PCRE2), [\"...\"]",
        [DCR_F_FLAG] = "true or false, without quotes",
        [DCR_F_SHARE] = "two whole numbers, [5, 100] for 5 in 100, at most all",
        [DCR_F_MAP] = "an object of texts, {\"...\": \"...\"}",
        [DCR_F_OBJECT] = "an object, {...}",
        [DCR_F_LIST] = "a list of objects, [{...}, {...}]",
        [DCR_F_ANY] = "a value",
    };
    char words[WORDS_MAX] = "";
    if (f->want != NULL) {
        snprintf(out, WORDS_MAX + 16, "%s", f->want);
        return;
    }
    if (f->kind == DCR_F_WORD || f->kind == DCR_F_WORDS)
        say_words(f->words, words);
    if (f->kind != DCR_F_WHOLE && f->kind != DCR_F_WHOLES)
        ; /* no range */
    else if (f->hi == UINT64_MAX)
        snprintf(words, sizeof words, "a whole number from %llu",
                 (unsigned long long)f->lo);
    else
        snprintf(words, sizeof words, "a whole number from %llu to %llu",
                 (unsigned long long)f->lo, (unsigned long long)f->hi);
    snprintf(out, WORDS_MAX + 16, "%s%s", by_kind[f->kind], words);
}

static dcr_status wrong(const field_at *w, const json_t *v, dcr_err *err)
{
    char want[WORDS_MAX + 16];
    say_want(w->f, want);
    return dcr_strict_fail(w->s, w->at, w->f->name, err, "\"%s\" must be %s; it is %s",
                           w->f->name, want, got(v));
}

static dcr_status missing(const field_at *w, dcr_err *err)
{
    char want[WORDS_MAX + 16];
    say_want(w->f, want);
    return dcr_strict_fail(w->s, w->at, NULL, err, "\"%s\" is missing: it must be %s",
                           w->f->name, want);
}

static dcr_status unknown(const dcr_strict *s, const dcr_place *at,
                          const dcr_field *fields, const char *key, dcr_err *err)
{
    const char *names[64], *near;
    char all[WORDS_MAX];
    size_t n = 0;
    for (const dcr_field *f = fields; f->name != NULL && n < 63; f++)
        names[n++] = f->name;
    names[n] = NULL;
    near = dcr_near_among(key, names, n);
    if (near != NULL)
        return dcr_strict_fail(s, at, key, err,
                               "unknown key \"%.40s\"; did you mean \"%s\"?", key, near);
    say_words(names, all);
    return dcr_strict_fail(s, at, key, err, "unknown key \"%.40s\"; it may be %s", key,
                           all);
}

dcr_status dcr_strict_no_word(const dcr_strict *s, const dcr_place *at, const char *key,
                              const char *word, const char *const *words, dcr_err *err)
{
    dcr_near near = dcr_near_of(word);
    char all[WORDS_MAX];
    for (size_t i = 0; words[i] != NULL; i++)
        dcr_near_try(&near, words[i]);
    say_words(words, all);
    if (near.found != NULL)
        return dcr_strict_fail(s, at, key, err,
                               "\"%.40s\" must be %s; did you mean \"%s\"?", key, all,
                               near.found);
    return dcr_strict_fail(s, at, key, err, "\"%.40s\" must be %s", key, all);
}

static dcr_status wrong_word(const field_at *w, const char *word, dcr_err *err)
{
    if (w->f->want != NULL)
        return dcr_strict_fail(w->s, w->at, w->f->name, err, "\"%s\" must be %s",
                               w->f->name, w->f->want);
    return dcr_strict_no_word(w->s, w->at, w->f->name, word, w->f->words, err);
}

/* ---- values ---------------------------------------------------------------------------
 */

/* The last day of a month YYYYMM; 0 when there is no such month. */
static uint64_t last_day(uint64_t month)
{
    static const uint8_t days[] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    uint64_t y = month / 100, m = month % 100;
    bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
    return m > 12 ? 0 : days[m] + (uint64_t)(m == 2 && leap);
}

uint32_t dcr_day_of(const char *s)
{
    char d[9];
    uint64_t v = 0;
    if (strlen(s) != 10 || s[4] != '-' || s[7] != '-')
        return 0;
    memcpy(d, s, 4);
    memcpy(d + 4, s + 5, 2);
    memcpy(d + 6, s + 8, 2);
    d[8] = '\0';
    if (!dcr_num_u64(d, 10000101, 99991231, &v) || v % 100 < 1 ||
        v % 100 > last_day(v / 100))
        return 0;
    return (uint32_t)v;
}

static bool is_text(const json_t *v)
{
    return json_is_string(v) && *json_string_value(v) != '\0';
}

static bool is_share(const json_t *v)
{
    const json_t *num = json_array_get(v, 0), *den = json_array_get(v, 1);
    return json_array_size(v) == 2 && json_is_integer(num) && json_is_integer(den) &&
           json_integer_value(num) >= 0 && json_integer_value(den) > 0 &&
           json_integer_value(num) <= json_integer_value(den) &&
           json_integer_value(den) <= 1000000;
}

static bool is_word(const dcr_field *f, const char *word)
{
    for (size_t i = 0; f->words[i] != NULL; i++)
        if (strcmp(f->words[i], word) == 0)
            return true;
    return false;
}

static void *room(const dcr_field *f, void *out)
{
    return out == NULL || f->to == 0 ? NULL : (char *)out + f->to - 1;
}

static dcr_status keep_text(const field_at *w, const json_t *v, void *to, dcr_err *err)
{
    const char *text;
    if (to == NULL)
        return DCR_OK;
    text = dcr_arena_str(w->s->arena, json_string_value(v));
    *(const char **)to = text;
    return text == NULL ? dcr_nomem(err) : DCR_OK;
}

static dcr_status read_word(const field_at *w, const json_t *v, void *to, dcr_err *err)
{
    if (!json_is_string(v))
        return wrong(w, v, err);
    if (!is_word(w->f, json_string_value(v)))
        return wrong_word(w, json_string_value(v), err);
    return keep_text(w, v, to, err);
}

static dcr_status read_date(const field_at *w, const json_t *v, uint32_t *to,
                            dcr_err *err)
{
    uint32_t day = json_is_string(v) ? dcr_day_of(json_string_value(v)) : 0;
    if (!json_is_string(v))
        return wrong(w, v, err);
    if (day == 0)
        return dcr_strict_fail(w->s, w->at, w->f->name, err,
                               "\"%s\" must be a day that exists, as \"YYYY-MM-DD\", "
                               "such as \"2027-03-31\"",
                               w->f->name);
    if (to != NULL)
        *to = day;
    return DCR_OK;
}

static dcr_status read_whole(const field_at *w, const json_t *v, uint64_t *to,
                             dcr_err *err)
{
    json_int_t i = json_integer_value(v);
    if (!json_is_integer(v) || i < 0 || (uint64_t)i < w->f->lo || (uint64_t)i > w->f->hi)
        return wrong(w, v, err);
    if (to != NULL)
        *to = (uint64_t)i;
    return DCR_OK;
}

static dcr_status read_int(const field_at *w, const json_t *v, int64_t *to, dcr_err *err)
{
    json_int_t i = json_integer_value(v), most = (json_int_t)w->f->hi;
    if (!json_is_integer(v) || i < -most || i > most)
        return wrong(w, v, err);
    if (to != NULL)
        *to = i;
    return DCR_OK;
}

static dcr_status read_wholes(const field_at *w, const json_t *v, dcr_numbers *to,
                              dcr_err *err)
{
    size_t n = json_array_size(v);
    uint64_t *list;
    dcr_status st = DCR_OK;
    if (!json_is_array(v) || n == 0)
        return wrong(w, v, err);
    list = dcr_arena_alloc(w->s->arena, n, sizeof *list);
    if (list == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; st == DCR_OK && i < n; i++)
        st = read_whole(w, json_array_get(v, i), &list[i], err);
    if (st == DCR_OK && to != NULL)
        *to = (dcr_numbers){list, n};
    return st;
}

/* Compiled here only to be sure that it can be. */
static dcr_status check_regex(const field_at *w, const json_t *v, dcr_err *err)
{
    dcr_regex *r = NULL;
    char why[160];
    dcr_status st;
    if (!is_text(v))
        return wrong(w, v, err);
    st = dcr_regex_new(&r, json_string_value(v), why, sizeof why, err);
    if (st == DCR_OK && r == NULL)
        st =
            dcr_strict_fail(w->s, w->at, w->f->name, err,
                            "\"%s\" is no pattern that PCRE2 takes: %s", w->f->name, why);
    dcr_regex_free(r);
    return st;
}

static dcr_status read_texts(const field_at *w, const json_t *v, dcr_strings *to,
                             dcr_err *err)
{
    size_t n = json_array_size(v);
    const char **list;
    if (!json_is_array(v))
        return wrong(w, v, err);
    list = dcr_arena_alloc(w->s->arena, n, sizeof *list);
    if (list == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; i < n; i++) {
        const json_t *e = json_array_get(v, i);
        if (!is_text(e))
            return wrong(w, v, err);
        if (w->f->kind == DCR_F_REGEXES) {
            dcr_status st = check_regex(w, e, err);
            if (st != DCR_OK)
                return st;
        }
        if (w->f->kind == DCR_F_WORDS && !is_word(w->f, json_string_value(e)))
            return wrong_word(w, json_string_value(e), err);
        list[i] = dcr_arena_str(w->s->arena, json_string_value(e));
        if (list[i] == NULL)
            return dcr_nomem(err);
    }
    if (to != NULL)
        *to = (dcr_strings){list, n};
    return DCR_OK;
}

static dcr_status read_map(const field_at *w, const json_t *v, dcr_strings *to,
                           dcr_err *err)
{
    const dcr_place here = {w->at, w->f->name, 0};
    const char *key, **list;
    size_t n = 0;
    json_t *e;
    if (!json_is_object(v))
        return wrong(w, v, err);
    list = dcr_arena_alloc(w->s->arena, 2 * json_object_size(v), sizeof *list);
    if (list == NULL)
        return dcr_nomem(err);
    json_object_foreach((json_t *)(uintptr_t)v, key, e)
    {
        if (!is_text(e))
            return dcr_strict_fail(w->s, &here, key, err,
                                   "\"%.60s\" must be text in double quotes; it is %s",
                                   key, got(e));
        list[n] = dcr_arena_str(w->s->arena, key);
        list[n + 1] = dcr_arena_str(w->s->arena, json_string_value(e));
        if (list[n] == NULL || list[n + 1] == NULL)
            return dcr_nomem(err);
        n += 2;
    }
    if (to != NULL)
        *to = (dcr_strings){list, n};
    return DCR_OK;
}

static dcr_status read_object(const field_at *w, const json_t *v, void *out, dcr_err *err)
{
    const dcr_place here = {w->at, w->f->name, 0};
    if (!json_is_object(v))
        return wrong(w, v, err);
    return dcr_strict_read(w->s, &here, v, w->f->fields, out, err);
}

static dcr_status read_list(const field_at *w, const json_t *v, dcr_list *to,
                            dcr_err *err)
{
    const dcr_place here = {w->at, w->f->name, 0};
    size_t n = json_array_size(v), size = w->f->size;
    dcr_status st = DCR_OK;
    char *rows = NULL;
    if (!json_is_array(v) || n < w->f->lo)
        return wrong(w, v, err);
    if (to != NULL && size > 0 && (rows = dcr_arena_alloc(w->s->arena, n, size)) == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; st == DCR_OK && i < n; i++) {
        const dcr_place row = {&here, NULL, i};
        const json_t *e = json_array_get(v, i);
        if (!json_is_object(e))
            st = dcr_strict_fail(w->s, &row, NULL, err,
                                 "\"%s\" must be a list of objects, [{...}]; this one "
                                 "is %s",
                                 w->f->name, got(e));
        else
            st = dcr_strict_read(w->s, &row, e, w->f->fields,
                                 rows == NULL ? NULL : rows + i * size, err);
    }
    if (st == DCR_OK && rows != NULL)
        *to = (dcr_list){rows, n};
    return st;
}

static bool is_prose(const json_t *v)
{
    if (!json_is_array(v))
        return is_text(v);
    for (size_t i = 0; i < json_array_size(v); i++)
        if (!is_text(json_array_get(v, i)))
            return false;
    return true;
}

static dcr_status read_field(const field_at *w, const json_t *v, void *out, dcr_err *err)
{
    void *to = room(w->f, out);
    dcr_status st;
    switch (w->f->kind) {
    case DCR_F_TEXT:
        return is_text(v) ? keep_text(w, v, to, err) : wrong(w, v, err);
    case DCR_F_PROSE:
        return is_prose(v) ? DCR_OK : wrong(w, v, err);
    case DCR_F_TEXTS:
    case DCR_F_WORDS:
    case DCR_F_REGEXES:
        return read_texts(w, v, to, err);
    case DCR_F_WORD:
        return read_word(w, v, to, err);
    case DCR_F_DATE:
        return read_date(w, v, to, err);
    case DCR_F_WHOLE:
        return read_whole(w, v, to, err);
    case DCR_F_WHOLES:
        return read_wholes(w, v, to, err);
    case DCR_F_INT:
        return read_int(w, v, to, err);
    case DCR_F_REGEX:
        st = check_regex(w, v, err);
        return st == DCR_OK ? keep_text(w, v, to, err) : st;
    case DCR_F_FLAG:
        if (!json_is_boolean(v))
            return wrong(w, v, err);
        if (to != NULL)
            *(bool *)to = json_is_true(v);
        return DCR_OK;
    case DCR_F_SHARE:
        return is_share(v) ? DCR_OK : wrong(w, v, err);
    case DCR_F_MAP:
        return read_map(w, v, to, err);
    case DCR_F_OBJECT:
        return read_object(w, v, out, err);
    case DCR_F_LIST:
        return read_list(w, v, to, err);
    case DCR_F_ANY:
        break;
    }
    return DCR_OK;
}

static bool has_field(const dcr_field *fields, const char *name)
{
    for (const dcr_field *f = fields; f->name != NULL; f++)
        if (strcmp(f->name, name) == 0)
            return true;
    return false;
}

/* Objects in objects: as deep as the tables, whatever the file. */
dcr_status dcr_strict_read(const dcr_strict *s, const dcr_place *at, const json_t *object,
                           const dcr_field *fields, void *out, dcr_err *err)
{
    dcr_status st = DCR_OK;
    const char *key;
    json_t *v;
    if (!json_is_object(object))
        return dcr_strict_fail(s, at, NULL, err, "an object, {...}, is wanted here");
    /* First what nobody knows: a key that is missing is often one that is misspelt. */
    json_object_foreach((json_t *)(uintptr_t)object, key, v)
    {
        if (!has_field(fields, key))
            return unknown(s, at, fields, key, err);
    }
    for (const dcr_field *f = fields; st == DCR_OK && f->name != NULL; f++) {
        const field_at w = {s, at, f};
        v = json_object_get(object, f->name);
        if (v != NULL)
            st = read_field(&w, v, out, err);
        else if (f->required)
            st = missing(&w, err);
    }
    return st;
}
