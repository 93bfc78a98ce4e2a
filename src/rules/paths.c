/* One pass over the names of all files, in whatever order they come; what counts only
 * when it is not everybody's is decided at the end. */
#include "paths.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "detect.h"
#include "elsewhere.h"
#include "identifiers.h"

enum {
    PARTS_MAX = 1 << 20, /* distinct parts that are remembered */
    FOLDER_MAX = 4096,
    CHANCE_DIGITS = 7
};

bool dcr_path_finding_of(const char *name, dcr_path_finding *out)
{
    static const char *const names[DCR_PATH_N] = {
        "identifier", "name", "two-words", "number", "date", "mapping", "left-over"};
    for (size_t i = 0; i < DCR_PATH_N; i++)
        if (strcmp(names[i], name) == 0) {
            *out = (dcr_path_finding)i;
            return true;
        }
    return false;
}

/* Something that stands in paths and may mean a person: a token, or a part of a path. */
typedef struct thing {
    dcr_path_finding finding;
    uint32_t depth;
    uint32_t last;         /* its last mark + 1 */
    uint32_t subject;      /* the one whose it is, UINT32_MAX none yet */
    bool several;          /* of more than one subject */
    bool nobody;           /* of files that are nobody's */
    uint64_t own, foreign; /* files, of a token */
} thing;

typedef struct mark {
    uint32_t thing, series, files;
} mark;

typedef struct pass {
    const dcr_rules *r;
    const dcr_model *m;
    dcr_tokens *tokens;
    uint32_t token_classes;
    thing *things; /* tokens first, by their numbers */
    size_t n_things, cap_things;
    dcr_dict parts; /* tag: finding; number + tokens is the thing */
    mark *marks;
    size_t n_marks, cap_marks;
    /* the folder of the file before: mostly it is the next one's too */
    uint8_t folder[FOLDER_MAX];
    size_t n_folder;
    bool has_folder;
    uint32_t *in_folder; /* things of it */
    size_t n_in_folder, cap_in_folder;
    uint32_t *in_path;
    size_t n_in_path, cap_in_path;
    bool failed;
} pass;

static void note(pass *s, uint32_t t)
{
    if (!dcr_grow(&s->in_path, &s->cap_in_path, s->n_in_path + 1, sizeof *s->in_path))
        s->failed = true;
    else
        s->in_path[s->n_in_path++] = t;
}

/* ---- parts ---- */

static void found_token(void *ctx, uint32_t token, bool word)
{
    pass *s = ctx;
    (void)word; /* names of files are written small by many */
    if ((dcr_tokens_get(s->tokens, token)->classes & s->token_classes) != 0)
        note(s, token);
}

/* The thing that a text of a part stands for, one for each kind and depth. */
static void note_part(pass *s, dcr_path_finding f, uint32_t depth, const uint8_t *p,
                      size_t n)
{
    uint32_t tag = (uint32_t)f << 8 | (depth < 255 ? depth : 255), at;
    size_t t;
    at = s->parts.n < PARTS_MAX ? dcr_dict_add(&s->parts, p, n, tag)
                                : dcr_dict_find(&s->parts, p, n, tag);
    if (at == DCR_DICT_NONE) {
        s->failed = s->failed || s->parts.n < PARTS_MAX;
        return;
    }
    t = dcr_tokens_count(s->tokens) + at;
    if (!dcr_grow(&s->things, &s->cap_things, t + 1, sizeof *s->things)) {
        s->failed = true;
        return;
    }
    if (t == s->n_things) {
        s->things[t] = (thing){.finding = f, .depth = depth, .subject = UINT32_MAX};
        s->n_things++;
    }
    note(s, (uint32_t)t);
}

static void look_at_part(pass *s, const uint8_t *p, size_t n, uint32_t depth,
                         bool is_file)
{
    static const struct {
        unsigned flag;
        dcr_path_finding finding;
    } alone[] = {{DCR_PART_MAPPING, DCR_PATH_MAPPING},
                 {DCR_PART_LEFT_OVER, DCR_PATH_LEFT_OVER},
                 {DCR_PART_NUMBER, DCR_PATH_NUMBER}};
    size_t at = 0, len = 0;
    unsigned flags = dcr_path_part(s->r, p, n, is_file, &at, &len);
    dcr_tokens_scan(s->tokens, p, n, false, found_token, s);
    for (size_t i = 0; i < sizeof alone / sizeof *alone; i++)
        if ((flags & alone[i].flag) != 0)
            note_part(s, alone[i].finding, depth, p, n);
    if ((flags & (DCR_PART_NAME | DCR_PART_MAYBE)) != 0)
        note_part(s, (flags & DCR_PART_NAME) != 0 ? DCR_PATH_NAME : DCR_PATH_TWO_WORDS,
                  depth, p, n);
    if ((flags & DCR_PART_DATE) != 0)
        note_part(s, DCR_PATH_DATE, 0, p + at, len);
}

/* Parts of a path from `from` on. */
static void look_at(pass *s, const uint8_t *p, size_t n, uint32_t depth, bool file)
{
    size_t from = 0;
    for (size_t i = 0; i <= n && !s->failed; i++) {
        if (i < n && p[i] != '/')
            continue;
        if (i > from)
            look_at_part(s, p + from, i - from, depth++, file);
        from = i + 1;
    }
}

static uint32_t depth_of(const uint8_t *p, size_t n)
{
    uint32_t d = 0;
    for (size_t i = 0; i < n; i++)
        d += p[i] == '/';
    return d;
}

/* ---- files ---- */

static bool is_holder(const pass *s, const dcr_token *t, uint32_t subject)
{
    if (t->n_holders > DCR_TOKEN_HOLDERS)
        return true;
    for (uint32_t h = 0; h < t->n_holders; h++)
        if (dcr_value_of_subject(s->m, t->holder[h], subject))
            return true;
    return false;
}

static void mark_thing(pass *s, uint32_t t, uint32_t series)
{
    thing *x = &s->things[t];
    bool token = t < dcr_tokens_count(s->tokens);
    uint32_t subject =
        series == UINT32_MAX ? UINT32_MAX : dcr_series_subject(s->m, series);
    if (x->last != 0 && s->marks[x->last - 1].series == series) {
        mark *k = &s->marks[x->last - 1];
        k->files += k->files < UINT32_MAX;
    } else {
        if (s->n_marks >= UINT32_MAX - 1 ||
            !dcr_grow(&s->marks, &s->cap_marks, s->n_marks + 1, sizeof *s->marks)) {
            s->failed = true;
            return;
        }
        s->marks[s->n_marks++] = (mark){t, series, 1};
        x->last = (uint32_t)s->n_marks;
    }
    if (series == UINT32_MAX) {
        x->nobody = true;
        return;
    }
    x->several = x->several || (x->subject != UINT32_MAX && x->subject != subject);
    x->subject = subject;
    if (token && is_holder(s, dcr_tokens_get(s->tokens, t), subject))
        x->own++;
    else
        x->foreign++;
}

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static dcr_status take(void *ctx, const dcr_file_name *f, dcr_err *err)
{
    pass *s = ctx;
    const uint8_t *p = (const uint8_t *)f->path;
    size_t folder = f->n;
    while (folder > 0 && p[folder - 1] != '/')
        folder--;
    if (!s->has_folder || folder != s->n_folder || folder > sizeof s->folder ||
        memcmp(s->folder, p, folder) != 0) {
        s->n_in_path = 0;
        look_at(s, p, folder, 0, false);
        if (!dcr_grow(&s->in_folder, &s->cap_in_folder, s->n_in_path,
                      sizeof *s->in_folder))
            return dcr_nomem(err);
        if (s->n_in_path > 0)
            memcpy(s->in_folder, s->in_path, s->n_in_path * sizeof *s->in_path);
        s->n_in_folder = s->n_in_path;
        s->has_folder = folder <= sizeof s->folder;
        s->n_folder = folder;
        if (s->has_folder && folder > 0)
            memcpy(s->folder, p, folder);
    }
    s->n_in_path = 0;
    for (size_t i = 0; i < s->n_in_folder; i++)
        note(s, s->in_folder[i]);
    look_at(s, p + folder, f->n - folder, depth_of(p, folder), true);
    if (s->n_in_path > 1)
        qsort(s->in_path, s->n_in_path, sizeof *s->in_path, by_number);
    for (size_t i = 0; i < s->n_in_path && !s->failed; i++)
        if (i == 0 || s->in_path[i] != s->in_path[i - 1])
            mark_thing(s, s->in_path[i], f->series);
    return s->failed ? dcr_nomem(err) : DCR_OK;
}

/* ---- what counts ---- */

/* Of one kind and depth: how many parts, how many of one patient each. */
typedef struct census {
    uint64_t parts, single;
} census;

static void count_parts(const pass *s, dcr_path_finding f, census out[256])
{
    memset(out, 0, 256 * sizeof *out);
    for (size_t t = dcr_tokens_count(s->tokens); t < s->n_things; t++) {
        const thing *x = &s->things[t];
        census *c = &out[x->depth < 255 ? x->depth : 255];
        if (x->finding != f || x->subject == UINT32_MAX)
            continue;
        c->parts++;
        c->single += !x->several;
    }
}

/* A number that is a PatientID of the release is a pseudonym, or judged as such. */
static bool is_patient_id(const pass *s, const dcr_dict_entry *e)
{
    const dcr_attr *a = dcr_model_attr(s->m, "0010,0020");
    size_t lo = 0, hi = a == NULL ? 0 : a->n_values;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2, n = a->values[mid].len;
        int c = memcmp(a->values[mid].bytes, e->p, n < e->n ? n : e->n);
        c = c != 0 ? c : (n > e->n) - (n < e->n);
        if (c == 0)
            return true;
        if (c < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return false;
}

static bool token_counts(const pass *s, size_t t)
{
    const dcr_token *k = dcr_tokens_get(s->tokens, t);
    const thing *x = &s->things[t];
    if (k->digits && k->n <= CHANCE_DIGITS && x->own == 0)
        return false;
    return x->foreign <= 4 * x->own + 4;
}

static bool part_counts(const pass *s, size_t t, const census *c, uint64_t dates)
{
    const thing *x = &s->things[t];
    switch (x->finding) {
    case DCR_PATH_TWO_WORDS:
        return !x->several && x->subject != UINT32_MAX;
    case DCR_PATH_NUMBER:
        return !x->several && x->subject != UINT32_MAX && c->single >= 2 &&
               c->single * 5 >= c->parts * 4 &&
               !is_patient_id(s, &s->parts.entry[t - dcr_tokens_count(s->tokens)]);
    case DCR_PATH_DATE: /* the date of the release is everybody's */
        return x->subject != UINT32_MAX &&
               (dates > 1 || !x->several || s->m->n_subjects < 2);
    default:
        return true;
    }
}

static bool decide(const pass *s, uint8_t *counts)
{
    census *names = dcr_alloc(256, sizeof *names);
    uint64_t dates = 0;
    size_t n_tokens = dcr_tokens_count(s->tokens);
    if (names == NULL)
        return false;
    count_parts(s, DCR_PATH_DATE, names);
    dates = names[0].parts;
    count_parts(s, DCR_PATH_NUMBER, names);
    for (size_t t = 0; t < s->n_things; t++)
        counts[t] = t < n_tokens
                        ? token_counts(s, t)
                        : part_counts(s, t, &names[s->things[t].depth & 255], dates);
    dcr_free(names);
    return true;
}

typedef struct counted {
    uint32_t finding, series, thing;
    uint64_t files;
} counted;

static int by_finding(const void *a, const void *b)
{
    const counted *x = a, *y = b;
    if (x->finding != y->finding)
        return x->finding < y->finding ? -1 : 1;
    if (x->series != y->series)
        return x->series < y->series ? -1 : 1;
    return (x->thing > y->thing) - (x->thing < y->thing);
}

/* Marks of one finding and series become one: its files are those of its commonest thing,
 * for most paths show two things of a person at once; files that are nobody's show one
 * each and are added up. */
static dcr_status put_together(dcr_paths *out, counted *c, size_t n, dcr_err *err)
{
    size_t cap[DCR_PATH_N] = {0};
    if (n > 0)
        qsort(c, n, sizeof *c, by_finding);
    for (size_t i = 0; i < n;) {
        uint32_t f = c[i].finding, series = c[i].series;
        dcr_path_mark m = {series, 0};
        while (i < n && c[i].finding == f && c[i].series == series) {
            uint64_t files = c[i].files;
            uint32_t t = c[i].thing;
            for (i++;
                 i < n && c[i].finding == f && c[i].series == series && c[i].thing == t;
                 i++)
                files += c[i].files;
            m.files = series == UINT32_MAX ? m.files + files
                      : files > m.files    ? files
                                           : m.files;
        }
        if (!dcr_grow(&out->found[f].list, &cap[f], out->found[f].n + 1,
                      sizeof *out->found[f].list))
            return dcr_nomem(err);
        out->found[f].list[out->found[f].n++] = m;
    }
    return DCR_OK;
}

static dcr_status finish(const pass *s, dcr_paths *out, dcr_err *err)
{
    uint8_t *counts = dcr_alloc(s->n_things, 1);
    counted *c = dcr_alloc(s->n_marks, sizeof *c);
    size_t n = 0;
    dcr_status st = counts == NULL || c == NULL ? dcr_nomem(err) : DCR_OK;
    if (st == DCR_OK && !decide(s, counts))
        st = dcr_nomem(err);
    for (size_t i = 0; i < s->n_marks && st == DCR_OK; i++) {
        const mark *k = &s->marks[i];
        const thing *x = &s->things[k->thing];
        bool maybe = x->finding == DCR_PATH_TWO_WORDS; /* counts with patients only */
        if (counts[k->thing] && !(maybe && k->series == UINT32_MAX))
            c[n++] = (counted){x->finding, k->series, k->thing, k->files};
    }
    if (st == DCR_OK)
        st = put_together(out, c, n, err);
    dcr_free(counts);
    dcr_free(c);
    return st;
}

static bool begin(pass *s)
{
    static const char *const classes[] = {"name", "number", "contact"};
    size_t n = dcr_tokens_count(s->tokens), c;
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        if (dcr_identifier_find(s->r, classes[i], &c))
            s->token_classes |= 1u << c;
    if (!dcr_grow(&s->things, &s->cap_things, n + 1, sizeof *s->things))
        return false;
    for (size_t i = 0; i < n; i++)
        s->things[i] = (thing){.finding = DCR_PATH_IDENTIFIER, .subject = UINT32_MAX};
    s->n_things = n;
    return true;
}

dcr_status dcr_paths_build(dcr_paths **out, const dcr_rules *r, const dcr_model *m,
                           struct dcr_tokens *tokens, const dcr_path_source *source,
                           dcr_err *err)
{
    pass *s = dcr_alloc(1, sizeof *s);
    dcr_paths *o = dcr_alloc(1, sizeof *o);
    dcr_status st = s == NULL || o == NULL ? dcr_nomem(err) : DCR_OK;
    *out = NULL;
    if (st == DCR_OK) {
        s->r = r;
        s->m = m;
        s->tokens = tokens;
        st = begin(s) ? source->each(source->ctx, take, s, err) : dcr_nomem(err);
    }
    if (st == DCR_OK)
        st = finish(s, o, err);
    if (s != NULL) {
        dcr_dict_clear(&s->parts);
        dcr_free(s->things);
        dcr_free(s->marks);
        dcr_free(s->in_folder);
        dcr_free(s->in_path);
        dcr_free(s);
    }
    if (st == DCR_OK)
        *out = o;
    else
        dcr_paths_free(o);
    return st;
}

void dcr_paths_free(dcr_paths *p)
{
    for (size_t f = 0; p != NULL && f < DCR_PATH_N; f++)
        dcr_free(p->found[f].list);
    dcr_free(p);
}
