/* The pixel ledger: tests of the pixel rules on all series, and the groups that come of
 * it.
 *
 * Each attribute's values are tested once, and what holds is marked in the series that
 * have the value; series with equal marks, device and geometry are one group. */
#include "dcmrisk/pixels.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "alloc.h"
#include "check.h"
#include "dcmrisk/scan.h"
#include "dict.h"
#include "num.h"
#include "pixel_plan.h"

/* Up to BODY they tell groups apart; the body part is looked at, and not shown. */
enum { SOP, MODALITY, MANUFACTURER, MODEL, ROWS, COLUMNS, BURNED_IN, BODY, N_CODES };

static const char *const code_path[N_CODES] = {"0008,0016", "0008,0060", "0008,0070",
                                               "0008,1090", "0028,0010", "0028,0011",
                                               "0028,0301", "0018,0015"};
static const char *const pixel_path[] = {"7FE0,0010", "7FE0,0008", "7FE0,0009"};

typedef struct work {
    const dcr_rules *r;
    const dcr_model *m;
    dcr_pixel_plan plan;
    size_t n_words;
    uint64_t *bits; /* n_words per series: tests that hold */
    uint32_t *code; /* N_CODES per series: value + 1, 0 none; the first value by bytes */
    uint32_t *frames;   /* per series: most frames that a file says it has */
    uint8_t *pixels;    /* per series: has pixel data */
    uint32_t *mask;     /* tests that hold for the value in hand */
    uint32_t *of_group; /* n_of_group tests on facts that follow from the group */
    size_t n_of_group;
    dcr_pixels *out;
    dcr_arena *arena;
    dcr_dict keys;
} work;

typedef struct key { /* of a group, with n_words of bits behind it in memory */
    uint32_t code[N_CODES];
    uint32_t pixels;
} key;

/* ---- tests on values ---- */

static bool real(const dcr_value *v)
{
    return v->len > 0 && (v->flags & DCR_VALUE_EMPTY) == 0 && v->in_series != NULL;
}

/* Size of a value: one over 4 KiB is kept as "LENGTH:DIGEST". */
static bool big_value(const dcr_pixel_test *t, const dcr_value *v)
{
    size_t n = 0, len = v->len;
    char text[24];
    uint64_t size = v->len;
    if ((v->flags & DCR_VALUE_DIGEST) != 0) {
        while (n < len && n + 1 < sizeof text && v->bytes[n] != ':') {
            text[n] = (char)v->bytes[n];
            n++;
        }
        text[n] = '\0';
        if (!dcr_num_u64(text, 0, UINT64_MAX, &size))
            return false;
    }
    return (double)size > (double)t->number;
}

static bool test_holds(const dcr_pixel_test *t, const dcr_value *v)
{
    if (strcmp(t->attr, DCR_PX_PRIVATE) == 0)
        return big_value(t, v);
    if ((v->flags & (DCR_VALUE_BINARY | DCR_VALUE_DIGEST)) != 0)
        return t->op == DCR_PX_PRESENT;
    return dcr_pixel_test_value(t, v->bytes, v->len);
}

/* True when the test may hold for values of the attribute, or of one inside of it: a
 * sequence is there when something in its items is. */
static bool concerns(const dcr_pixel_test *t, const dcr_attr *a)
{
    size_t n = strlen(t->attr);
    if (strcmp(t->attr, DCR_PX_PRIVATE) == 0)
        return a->creator != NULL;
    if (dcr_pixel_test_path(t, a->path))
        return true;
    return t->op == DCR_PX_PRESENT && strncmp(a->path, t->attr, n) == 0 &&
           a->path[n] == '/';
}

static void test_attr(work *x, const dcr_attr *a, const uint32_t *test, size_t n)
{
    for (size_t i = 0; i < a->n_values; i++) {
        const dcr_value *v = &a->values[i];
        size_t hold = 0;
        if (!real(v))
            continue;
        for (size_t k = 0; k < n; k++)
            if (test_holds(x->plan.tests[test[k]], v))
                x->mask[hold++] = test[k];
        for (uint32_t s = 0; hold > 0 && s < v->series; s++)
            for (size_t k = 0; k < hold; k++)
                x->bits[v->in_series[s] * x->n_words + x->mask[k] / 64] |=
                    1ull << (x->mask[k] % 64);
    }
}

static dcr_status test_all(work *x, dcr_err *err)
{
    uint32_t *test = dcr_alloc(x->plan.n_tests, sizeof *test);
    if (test == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; i < x->m->n_attrs; i++) {
        size_t n = 0;
        for (size_t t = 0; t < x->plan.n_tests; t++)
            if (concerns(x->plan.tests[t], &x->m->attrs[i]))
                test[n++] = (uint32_t)t;
        if (n > 0)
            test_attr(x, &x->m->attrs[i], test, n);
    }
    dcr_free(test);
    return DCR_OK;
}

/* ---- facts of series ---- */

static uint32_t small_number(const dcr_value *v)
{
    int64_t micro;
    if (!dcr_num_micro(v->bytes, v->len, &micro) || micro < 0 || micro > 100000000000000)
        return 0;
    return (uint32_t)(micro / 1000000);
}

static void take_codes(work *x)
{
    for (size_t c = 0; c < N_CODES; c++) {
        const dcr_attr *a = dcr_model_attr(x->m, code_path[c]);
        for (size_t i = 0; a != NULL && i < a->n_values; i++)
            for (uint32_t s = 0; real(&a->values[i]) && s < a->values[i].series; s++) {
                uint32_t *at = &x->code[a->values[i].in_series[s] * N_CODES + c];
                *at = *at == 0 ? (uint32_t)i + 1 : *at;
            }
    }
}

static void take_pictures(work *x)
{
    const dcr_attr *frames = dcr_model_attr(x->m, "0028,0008");
    for (size_t p = 0; p < sizeof pixel_path / sizeof *pixel_path; p++) {
        const dcr_attr *a = dcr_model_attr(x->m, pixel_path[p]);
        for (size_t i = 0; a != NULL && i < a->n_values; i++)
            for (uint32_t s = 0; real(&a->values[i]) && s < a->values[i].series; s++)
                x->pixels[a->values[i].in_series[s]] = 1;
    }
    for (size_t i = 0; frames != NULL && i < frames->n_values; i++) {
        const dcr_value *v = &frames->values[i];
        uint32_t n = small_number(v);
        for (uint32_t s = 0; real(v) && s < v->series; s++)
            if (x->frames[v->in_series[s]] < n)
                x->frames[v->in_series[s]] = n;
    }
}

static uint64_t images_of(const work *x, uint32_t series)
{
    uint32_t f = x->frames[series];
    return x->m->series[series].files * (f == 0 ? 1 : f);
}

/* Tests on the number of images are about the series, not about a value. */
static void test_images(work *x)
{
    for (size_t t = 0; t < x->plan.n_tests; t++) {
        if (strcmp(x->plan.tests[t]->attr, DCR_PX_SIZE) != 0)
            continue;
        for (uint32_t s = 0; s < x->m->n_series; s++)
            if ((double)images_of(x, s) >= (double)x->plan.tests[t]->number)
                x->bits[s * x->n_words + t / 64] |= 1ull << (t % 64);
    }
}

/* ---- groups ---- */

static const dcr_value *value_at(const work *x, const key *k, size_t c)
{
    const dcr_attr *a = dcr_model_attr(x->m, code_path[c]);
    return a == NULL || k->code[c] == 0 ? NULL : &a->values[k->code[c] - 1];
}

static const char *text_at(work *x, const key *k, size_t c)
{
    const dcr_value *v = value_at(x, k, c);
    return v == NULL ? "" : dcr_arena_bytes(x->arena, v->bytes, v->len);
}

static bool holds(const uint64_t *bits, const dcr_pixel_all *c)
{
    for (size_t i = 0; i < c->n; i++) {
        uint32_t t = c->literal[i].test;
        if (((bits[t / 64] >> (t % 64) & 1) != 0) == c->literal[i].negative)
            return false;
    }
    return true;
}

/* Facts that follow from the group itself: how likely the SOP class is to have text
 * burned in, and whether the device is known. */
static void test_group(const work *x, const dcr_pixel_risk *sop, uint64_t *bits)
{
    bool device = false;
    for (size_t d = 0; d < x->plan.n_devices && !device; d++)
        device = holds(bits, &x->plan.devices[d]);
    for (size_t i = 0; i < x->n_of_group; i++) {
        uint32_t t = x->of_group[i];
        const dcr_pixel_test *test = x->plan.tests[t];
        bool yes = strcmp(test->attr, DCR_PX_DEVICE) == 0
                       ? device
                       : dcr_pixel_test_value(test, (const uint8_t *)sop->burned_in,
                                              strlen(sop->burned_in));
        if (yes)
            bits[t / 64] |= 1ull << (t % 64);
    }
}

static void find_group_tests(work *x)
{
    for (size_t t = 0; t < x->plan.n_tests; t++)
        if (strcmp(x->plan.tests[t]->attr, DCR_PX_DEVICE) == 0 ||
            strcmp(x->plan.tests[t]->attr, DCR_PX_SOP) == 0)
            x->of_group[x->n_of_group++] = (uint32_t)t;
}

static bool code_is(const work *x, const key *k, size_t c, const char *word)
{
    const dcr_value *v = value_at(x, k, c);
    dcr_pixel_test t = {.op = DCR_PX_IS, .words = {&word, 1}};
    return v != NULL && dcr_pixel_test_value(&t, v->bytes, v->len);
}

static bool head_or_unknown(const work *x, const key *k)
{
    const dcr_value *v = value_at(x, k, BODY);
    dcr_pixel_test t = {.op = DCR_PX_CONTAINS, .words = x->r->head_words};
    return v == NULL || dcr_pixel_test_value(&t, v->bytes, v->len);
}

static bool must_look(const work *x, const key *k, const dcr_pixel_risk *sop,
                      const dcr_pixel_group *g)
{
    static const dcr_pixel_kind seen[] = {DCR_PIXEL_BURNED_IN, DCR_PIXEL_FACE,
                                          DCR_PIXEL_BIOMETRIC, DCR_PIXEL_OVERLAY,
                                          DCR_PIXEL_HIDDEN_PIXELS};
    if (!g->has_pixels)
        return dcr_strings_have(&x->r->look_without_pixels, sop->content_class);
    for (size_t i = 0; i < sizeof seen / sizeof *seen; i++)
        if (g->level[seen[i]] >= DCR_PIXEL_MEDIUM)
            return true;
    return strcmp(sop->content_class, "unknown") == 0 ||
           strcmp(sop->burned_in, "high") == 0 || strcmp(sop->burned_in, "medium") == 0 ||
           strcmp(sop->face, "high") == 0 ||
           (strcmp(sop->face, "conditional") == 0 && head_or_unknown(x, k));
}

static dcr_status fill_group(work *x, const key *k, uint64_t *bits, dcr_pixel_group *g,
                             dcr_err *err)
{
    dcr_pixel_risk sop;
    const dcr_value *rows = value_at(x, k, ROWS), *columns = value_at(x, k, COLUMNS);
    g->sop_class = text_at(x, k, SOP);
    g->modality = text_at(x, k, MODALITY);
    if (g->sop_class == NULL || g->modality == NULL)
        return dcr_nomem(err);
    dcr_rules_pixel(x->r, g->sop_class, &sop);
    g->content_class = sop.content_class;
    g->review = sop.review;
    g->rows = rows == NULL ? 0 : small_number(rows);
    g->columns = columns == NULL ? 0 : small_number(columns);
    g->has_pixels = k->pixels != 0;
    g->declared_yes = code_is(x, k, BURNED_IN, "YES");
    g->declared_no = code_is(x, k, BURNED_IN, "NO");
    test_group(x, &sop, bits);
    for (size_t i = 0; i < x->plan.n_rules; i++) {
        size_t c = 0, n = x->plan.rules[i].n_when;
        while (c < n && !holds(bits, &x->plan.when[i][c]))
            c++;
        if (c == n)
            continue;
        g->rules |= 1ull << i;
        if (g->level[x->plan.kind[i]] < x->plan.level[i])
            g->level[x->plan.kind[i]] = x->plan.level[i];
    }
    g->needs_look = must_look(x, k, &sop, g);
    return DCR_OK;
}

/* Numbers the series by what is known of them. */
static dcr_status group_series(work *x, uint32_t *group_of, dcr_err *err)
{
    size_t n = sizeof(key) + x->n_words * sizeof(uint64_t);
    uint64_t *buf = dcr_alloc(1, n);
    dcr_status st = buf == NULL ? dcr_nomem(err) : DCR_OK;
    for (uint32_t s = 0; s < x->m->n_series && st == DCR_OK; s++) {
        key k = {.pixels = x->pixels[s]};
        memcpy(k.code, x->code + (size_t)s * N_CODES, sizeof k.code);
        memcpy(buf, &k, sizeof k);
        memcpy((char *)buf + sizeof k, x->bits + s * x->n_words,
               x->n_words * sizeof(uint64_t));
        group_of[s] = dcr_dict_add(&x->keys, buf, n, 0);
        if (group_of[s] == DCR_DICT_NONE)
            st = dcr_nomem(err);
    }
    dcr_free(buf);
    return st;
}

/* ---- order, numbers, counts ---- */

typedef struct numbered {
    key k;
    dcr_pixel_group g;
    uint32_t was;
} numbered;

/* What a reviewer could tell apart; codes are in the order of the bytes of the values. */
static int by_look(const numbered *a, const numbered *b)
{
    for (size_t c = 0; c < BODY; c++)
        if (a->k.code[c] != b->k.code[c])
            return a->k.code[c] < b->k.code[c] ? -1 : 1;
    if (a->g.rules != b->g.rules)
        return a->g.rules < b->g.rules ? -1 : 1;
    if (a->g.has_pixels != b->g.has_pixels)
        return a->g.has_pixels ? 1 : -1;
    return (int)a->g.needs_look - (int)b->g.needs_look;
}

static int by_key(const void *pa, const void *pb)
{
    const numbered *a = pa, *b = pb;
    int c = by_look(a, b);
    return c != 0 ? c : (a->was > b->was) - (a->was < b->was);
}

static bool of_interest(const work *x, const dcr_pixel_group *g)
{
    if (g->has_pixels || g->needs_look ||
        dcr_strings_have(&x->r->listed_without_pixels, g->content_class))
        return true;
    for (size_t i = 0; i < DCR_PIXEL_KINDS; i++)
        if (g->level[i] >= DCR_PIXEL_LOW && i != DCR_PIXEL_EMBEDDED_TEXT &&
            i != DCR_PIXEL_HIDDEN_METADATA)
            return true;
    return false;
}

/* Devices are numbered in the order of manufacturer and model. */
static dcr_status number_devices(work *x, numbered *list, size_t n, dcr_err *err)
{
    dcr_dict seen = {0};
    dcr_status st = DCR_OK;
    for (size_t i = 0; i < n && st == DCR_OK; i++) {
        const uint32_t *code = &list[i].k.code[MANUFACTURER];
        uint32_t d;
        if (code[0] == 0 && code[1] == 0)
            continue;
        d = dcr_dict_add(&seen, code, 2 * sizeof *code, 0);
        if (d == DCR_DICT_NONE)
            st = dcr_nomem(err);
        list[i].g.device = d + 1;
    }
    x->out->n_devices = seen.n;
    dcr_dict_clear(&seen);
    return st;
}

static void number_groups(work *x, const numbered *list, size_t n, uint32_t *number)
{
    dcr_pixels *o = x->out;
    for (size_t i = 0; i < n; i++) {
        if (!of_interest(x, &list[i].g))
            continue;
        if (o->n == 0 || by_look(&list[i - 1], &list[i]) != 0)
            o->groups[o->n++] = list[i].g;
        number[list[i].was] = (uint32_t)o->n;
    }
}

static void count_groups(work *x, uint32_t *group_of, const uint32_t *number,
                         uint32_t *last)
{
    for (uint32_t s = 0; s < x->m->n_series; s++) {
        uint32_t g = number[group_of[s]], subject = dcr_series_subject(x->m, s);
        group_of[s] = g;
        if (g == 0)
            continue;
        x->out->groups[g - 1].series++;
        x->out->groups[g - 1].images += images_of(x, s);
        x->out->groups[g - 1].files += x->m->series[s].files;
        x->out->groups[g - 1].subjects += last[g - 1] != subject + 1;
        last[g - 1] = subject + 1;
    }
}

static dcr_status make_groups(work *x, uint32_t *group_of, dcr_err *err)
{
    size_t n = x->keys.n;
    numbered *list = dcr_alloc(n, sizeof *list);
    uint32_t *number = dcr_alloc(n, sizeof *number), *last = dcr_alloc(n, sizeof *last);
    uint64_t *bits = dcr_alloc(x->n_words, sizeof *bits);
    dcr_status st = DCR_OK;
    x->out->groups = dcr_arena_alloc(x->arena, n, sizeof *x->out->groups);
    if (list == NULL || number == NULL || last == NULL || bits == NULL ||
        x->out->groups == NULL)
        st = dcr_nomem(err);
    for (size_t i = 0; i < n && st == DCR_OK; i++) {
        const char *p = x->keys.entry[i].p;
        memcpy(&list[i].k, p, sizeof list[i].k);
        memcpy(bits, p + sizeof(key), x->n_words * sizeof *bits);
        list[i].was = (uint32_t)i;
        st = fill_group(x, &list[i].k, bits, &list[i].g, err);
    }
    if (st == DCR_OK && n > 0)
        qsort(list, n, sizeof *list, by_key);
    if (st == DCR_OK)
        st = number_devices(x, list, n, err);
    if (st == DCR_OK) {
        number_groups(x, list, n, number);
        count_groups(x, group_of, number, last);
    }
    dcr_free(bits);
    dcr_free(last);
    dcr_free(number);
    dcr_free(list);
    return st;
}

static dcr_status name_rules(work *x, dcr_err *err)
{
    const char **id = dcr_arena_alloc(x->arena, x->plan.n_rules, sizeof *id);
    if (id == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; i < x->plan.n_rules; i++)
        id[i] = x->plan.rules[i].id;
    x->out->rule = id;
    x->out->kind = x->plan.kind;
    x->out->level = x->plan.level;
    x->out->n_rules = x->plan.n_rules;
    return DCR_OK;
}

static dcr_status examine(work *x, dcr_err *err)
{
    size_t n = x->m->n_series;
    uint32_t *group_of = dcr_arena_alloc(x->arena, n, sizeof *group_of);
    dcr_status st = dcr_pixel_plan_make(&x->plan, x->r, x->arena, err);
    if (st != DCR_OK)
        return st;
    x->n_words = (x->plan.n_tests + 63) / 64;
    x->bits = dcr_alloc(n * x->n_words, sizeof *x->bits);
    x->code = dcr_alloc(n * N_CODES, sizeof *x->code);
    x->frames = dcr_alloc(n, sizeof *x->frames);
    x->pixels = dcr_alloc(n, sizeof *x->pixels);
    x->mask = dcr_alloc(x->plan.n_tests, sizeof *x->mask);
    x->of_group = dcr_arena_alloc(x->arena, x->plan.n_tests, sizeof *x->of_group);
    if (group_of == NULL || x->bits == NULL || x->code == NULL || x->frames == NULL ||
        x->pixels == NULL || x->mask == NULL || x->of_group == NULL)
        return dcr_nomem(err);
    find_group_tests(x);
    x->out->group_of = group_of;
    st = test_all(x, err);
    if (st != DCR_OK)
        return st;
    take_codes(x);
    take_pictures(x);
    test_images(x);
    st = group_series(x, group_of, err);
    if (st == DCR_OK)
        st = make_groups(x, group_of, err);
    return st == DCR_OK ? name_rules(x, err) : st;
}

dcr_status dcr_pixels_examine(dcr_pixels **out, const dcr_rules *r, const dcr_model *m,
                              dcr_err *err)
{
    work x = {.r = r, .m = m};
    dcr_status st = DCR_OK;
    *out = NULL;
    x.out = dcr_alloc(1, sizeof *x.out);
    x.arena = dcr_alloc(1, sizeof *x.arena);
    if (x.out == NULL || x.arena == NULL) {
        dcr_free(x.out);
        dcr_free(x.arena);
        return dcr_nomem(err);
    }
    x.out->owner = x.arena;
    st = examine(&x, err);
    dcr_dict_clear(&x.keys);
    dcr_free(x.bits);
    dcr_free(x.code);
    dcr_free(x.frames);
    dcr_free(x.pixels);
    dcr_free(x.mask);
    if (st == DCR_OK)
        *out = x.out;
    else
        dcr_pixels_free(x.out);
    return st;
}

void dcr_pixels_free(dcr_pixels *p)
{
    if (p == NULL)
        return;
    dcr_arena_clear(p->owner);
    dcr_free(p->owner);
    dcr_free(p);
}
