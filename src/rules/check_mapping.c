/* Tables and dictionaries that tell which pseudonym stands for whom: by what their
 * columns are called, or by what they hold. */
#include <string.h>

#include "alloc.h"
#include "detect.h"
#include "sidecar_names.h"

enum {
    LAYOUT_MAX = 4096,
    COLUMNS_MAX = 64, /* of a table that are looked at */
    NAME_CUT = 64     /* of a column's name in a path */
};

typedef struct params {
    const char *by;
    bool header;
} params;

static const dcr_param spec[] = {
    {"by", DCR_P_STRING, offsetof(params, by), true},
    {NULL, DCR_P_STRING, 0, false},
};

static dcr_status compile(const dcr_rules *r, const dcr_param_src *src,
                          const json_t *json, void **out, dcr_err *err)
{
    params *p = dcr_arena_alloc(src->arena, 1, sizeof *p);
    dcr_status st = p == NULL ? dcr_nomem(err) : dcr_params_read(src, json, spec, p, err);
    (void)r;
    *out = p;
    if (st != DCR_OK)
        return st;
    p->header = strcmp(p->by, "header") == 0;
    return p->header || strcmp(p->by, "values") == 0
               ? DCR_OK
               : dcr_rule_fail(src->file, p->by, err, "by must be header or values");
}

/* ---- by what columns are called ---- */

typedef struct said { /* of the columns of a table so far */
    bool original, pseudonym;
} said;

static bool has(const dcr_dict *d, const char *word)
{
    return dcr_dict_find(d, word, strlen(word), 0) != DCR_DICT_NONE;
}

/* A column is meant when another word of it, or its only word, is one for identifiers:
 * "old_id" and "mrn" are, "old_volume" is not. */
static void hear(const struct dcr_sidecar_names *o, const char *name, size_t n, said *s)
{
    char text[2 * LAYOUT_MAX + 2];
    const char *word[DCR_COLUMN_WORDS];
    bool original = false, pseudonym = false, id = false;
    size_t words = dcr_name_words(name, n, text, word);
    for (size_t i = 0; i < words; i++) {
        bool from = has(&o->original, word[i]), to = has(&o->pseudonym, word[i]);
        original = original || from;
        pseudonym = pseudonym || to;
        id = id || (has(&o->id, word[i]) && (words == 1 || !(from || to)));
    }
    if (original == pseudonym || !id) /* neither, or it cannot be told */
        return;
    s->original = s->original || original;
    s->pseudonym = s->pseudonym || pseudonym;
}

static bool is_key_layout(const struct dcr_sidecar_names *o, const dcr_value *v)
{
    const char *p = (const char *)v->bytes;
    said s = {false, false};
    for (size_t i = 0; i < v->len && i < LAYOUT_MAX;) {
        const char *end = memchr(p + i, '\t', v->len - i);
        size_t n = end == NULL ? v->len - i : (size_t)(end - p) - i;
        hear(o, p + i, n < LAYOUT_MAX ? n : LAYOUT_MAX, &s);
        i += n + 1;
    }
    return s.original && s.pseudonym;
}

/* Keys of one JSON object stand in a row among the attributes. */
static dcr_status json_headers(const dcr_check_run *c, dcr_err *err)
{
    const dcr_model *m = c->model;
    dcr_status st = DCR_OK;
    for (size_t i = 0; i < m->n_attrs && st == DCR_OK;) {
        const char *path = m->attrs[i].path, *last = strrchr(path, '.');
        size_t parent = last == NULL ? 13 : (size_t)(last - path), k = i;
        said s = {false, false};
        if (strncmp(path, "sidecar:json/", 13) != 0) {
            i++;
            continue;
        }
        for (; k < m->n_attrs && strncmp(m->attrs[k].path, path, parent) == 0; k++) {
            const char *name = m->attrs[k].path + parent;
            hear(c->rules->sidecar_names, name, strlen(name), &s);
        }
        if (s.original && s.pseudonym) {
            dcr_hit hit;
            dcr_hit_init(&hit, &m->attrs[i]);
            dcr_hit_all(&hit);
            st = dcr_check_add(c, &hit, err);
        }
        i = k;
    }
    return st;
}

static dcr_status by_header(const dcr_check_run *c, dcr_err *err)
{
    const dcr_attr *a = dcr_check_attr(c, "sidecar:csv-layout");
    dcr_status st = DCR_OK;
    if (a != NULL) {
        dcr_hit hit;
        dcr_hit_init(&hit, a);
        for (size_t i = 0; i < a->n_values; i++)
            if (is_key_layout(c->rules->sidecar_names, &a->values[i]))
                dcr_hit_value(&hit, &a->values[i]);
        st = dcr_check_add(c, &hit, err);
    }
    return st == DCR_OK ? json_headers(c, err) : st;
}

/* ---- by what columns hold ---- */

typedef struct column {
    size_t n, ours, codes; /* distinct values; the release's own; as of record numbers */
} column;

/* Four digits or more and no blank, or a UID; no date, no measurement. */
static bool is_code(const dcr_rules *r, const dcr_value *v)
{
    dcr_text t;
    size_t digits = 0, points = 0;
    dcr_span s;
    for (size_t i = 0; i < v->len; i++) {
        if (v->bytes[i] <= ' ' || v->bytes[i] == '/')
            return false;
        digits += dcr_is_digit(v->bytes[i]);
        points += v->bytes[i] == '.';
    }
    if (v->len > 64 || digits < 4 || (points > 0 && points < 4))
        return false;
    dcr_text_init(&t, r->lexicon, v->bytes, v->len);
    return points >= 4 || !dcr_detect_date(&t, 0, &s);
}

/* Measurements are of all lengths; numbers that somebody gave are of one, mostly. */
static bool same_length(const dcr_rules *r, const dcr_attr *a)
{
    size_t count[65] = {0}, n = 0, best = 0;
    for (size_t i = 0; i < a->n_values; i++)
        if (dcr_sidecar_real(r, &a->values[i]) && a->values[i].len <= 64) {
            n++;
            if (++count[a->values[i].len] > best)
                best = count[a->values[i].len];
        }
    return best * 2 > n;
}

static column count(const dcr_rules *r, const dcr_dict *ids, const dcr_attr *a)
{
    column c = {0, 0, 0};
    for (size_t i = 0; a != NULL && i < a->n_values; i++) {
        const dcr_value *v = &a->values[i];
        if (!dcr_sidecar_real(r, v))
            continue;
        c.n++;
        if (dcr_dict_find(ids, v->bytes, v->len, 0) != DCR_DICT_NONE)
            c.ours++;
        else
            c.codes += is_code(r, v);
    }
    return c;
}

static bool mostly(size_t part, size_t n)
{
    return n >= 2 && part * 5 >= n * 4;
}

/* One side is the release's, the other one somebody else's, one for one. */
static bool is_key(const dcr_rules *r, const column *ours, const column *other,
                   const dcr_attr *a)
{
    return mostly(ours->ours, ours->n) && mostly(other->codes, other->n) &&
           other->n * 5 >= ours->n * 4 && other->n * 4 <= ours->n * 5 &&
           same_length(r, a);
}

static const dcr_attr *column_of(const dcr_check_run *c, const char *p, size_t n)
{
    char path[16 + NAME_CUT] = "sidecar:csv/";
    size_t k = 12;
    for (size_t i = 0; i < n && i < NAME_CUT; i++) {
        bool safe = p[i] != '\0' && (uint8_t)p[i] < 0x80 &&
                    (dcr_is_alnum((uint8_t)p[i]) || strchr("_.-", p[i]) != NULL);
        path[k++] = safe ? p[i] : '_';
    }
    path[k] = '\0';
    return dcr_check_attr(c, path);
}

typedef struct table {
    const dcr_attr *attr[COLUMNS_MAX];
    size_t n;
} table;

static void read_layout(const dcr_check_run *c, const dcr_value *v, table *t)
{
    const char *p = (const char *)v->bytes;
    t->n = 0;
    for (size_t i = 0; i < v->len && t->n < COLUMNS_MAX;) {
        const char *end = memchr(p + i, '\t', v->len - i);
        size_t n = end == NULL ? v->len - i : (size_t)(end - p) - i;
        const dcr_attr *a = column_of(c, p + i, n);
        if (a != NULL)
            t->attr[t->n++] = a;
        i += n + 1;
    }
}

/* Columns of tables without a header are numbered. */
static void read_numbered(const dcr_check_run *c, table *t)
{
    const dcr_model *m = c->model;
    t->n = 0;
    for (size_t i = 0; i < m->n_attrs && t->n < COLUMNS_MAX; i++)
        if (strncmp(m->attrs[i].path, "sidecar:csv/column", 18) == 0)
            t->attr[t->n++] = &m->attrs[i];
}

static dcr_status judge_table(const dcr_check_run *c, const table *t, const dcr_dict *ids,
                              uint8_t *told, dcr_err *err)
{
    column col[COLUMNS_MAX];
    dcr_status st = DCR_OK;
    for (size_t i = 0; i < t->n; i++)
        col[i] = count(c->rules, ids, t->attr[i]);
    for (size_t i = 0; i < t->n && st == DCR_OK; i++) {
        bool key = false;
        size_t at = (size_t)(t->attr[i] - c->model->attrs);
        for (size_t k = 0; k < t->n && !key; k++)
            key = k != i && is_key(c->rules, &col[k], &col[i], t->attr[i]);
        if (key && !told[at]) {
            dcr_hit hit;
            told[at] = 1;
            dcr_hit_init(&hit, t->attr[i]);
            dcr_hit_all(&hit);
            st = dcr_check_add(c, &hit, err);
        }
    }
    return st;
}

/* A dictionary of which one side is the release's: the other may be names, too. */
static bool is_text_key(const dcr_rules *r, const column *ours, const dcr_attr *other)
{
    size_t n = 0, words = 0;
    for (size_t i = 0; i < other->n_values; i++) {
        const dcr_value *v = &other->values[i];
        size_t letters = 0;
        if (!dcr_sidecar_real(r, v))
            continue;
        n++;
        for (size_t k = 0; k < v->len; k++)
            letters += dcr_is_letter(v->bytes[k]);
        words += letters >= 3 && memchr(v->bytes, '.', v->len) == NULL &&
                 memchr(v->bytes, '/', v->len) == NULL;
    }
    return mostly(ours->ours, ours->n) && mostly(words, n) && n * 5 >= ours->n * 4 &&
           n * 4 <= ours->n * 5;
}

static dcr_status judge_dictionaries(const dcr_check_run *c, const dcr_dict *ids,
                                     dcr_err *err)
{
    const dcr_attr *side[2] = {dcr_check_attr(c, "sidecar:json-map-keys"),
                               dcr_check_attr(c, "sidecar:json-map-values")};
    column col[2] = {count(c->rules, ids, side[0]), count(c->rules, ids, side[1])};
    for (size_t i = 0; i < 2 && side[0] != NULL && side[1] != NULL; i++) {
        dcr_hit hit;
        if (!is_key(c->rules, &col[1 - i], &col[i], side[i]) &&
            !(i == 0 && col[0].ours == 0 && is_text_key(c->rules, &col[1], side[0])))
            continue;
        dcr_hit_init(&hit, side[i]);
        dcr_hit_all(&hit);
        return dcr_check_add(c, &hit, err);
    }
    return DCR_OK;
}

static dcr_status by_values(const dcr_check_run *c, dcr_err *err)
{
    const dcr_attr *layouts = dcr_check_attr(c, "sidecar:csv-layout");
    uint8_t *told = dcr_alloc(c->model->n_attrs, 1);
    table *t = dcr_alloc(1, sizeof *t);
    dcr_dict ids = {0};
    dcr_status st =
        told == NULL || t == NULL ? dcr_nomem(err) : dcr_release_ids(c->model, &ids, err);
    for (size_t i = 0; layouts != NULL && i < layouts->n_values && st == DCR_OK; i++) {
        read_layout(c, &layouts->values[i], t);
        st = judge_table(c, t, &ids, told, err);
    }
    if (st == DCR_OK) {
        read_numbered(c, t);
        st = judge_table(c, t, &ids, told, err);
    }
    if (st == DCR_OK)
        st = judge_dictionaries(c, &ids, err);
    dcr_dict_clear(&ids);
    dcr_free(told);
    dcr_free(t);
    return st;
}

static dcr_status run(const dcr_check_run *c, const void *data, dcr_err *err)
{
    const params *p = data;
    if (!dcr_has_sidecars(c->model))
        return DCR_OK;
    return p->header ? by_header(c, err) : by_values(c, err);
}

const dcr_check dcr_check_mapping = {"mapping",
                                     "tables that tell which pseudonym stands for whom",
                                     DCR_PHASE_FIRST, compile, run};
