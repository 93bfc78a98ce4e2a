/* What single values say: dummies, derived modalities, SOP classes, UID roots,
 * vocabulary. */
#include <stdlib.h>
#include <string.h>

#include "ruleset.h"

enum { WORD_MAX = 64 };

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* ---- loading ---- */

static dcr_status add_words(dcr_dict *d, const dcr_strings *words, char (*fold)(char),
                            const dcr_rule_file *file, dcr_err *err)
{
    char text[WORD_MAX];
    for (size_t i = 0; i < words->n; i++) {
        size_t n = strlen(words->s[i]);
        if (n == 0 || n > WORD_MAX)
            return dcr_rule_fail(file, words->s[i], err, "a word has 1 to %d letters",
                                 WORD_MAX);
        for (size_t k = 0; k < n; k++)
            text[k] = fold(words->s[i][k]);
        if (dcr_dict_add(d, text, n, 0) == DCR_DICT_NONE)
            return dcr_nomem(err);
    }
    return DCR_OK;
}

typedef struct dummies_file {
    const char *source, *edition, *run_characters;
    dcr_strings words, number_vrs, dates, times;
} dummies_file;

static const dcr_param dummies_spec[] = {
    {"source", DCR_P_STRING, offsetof(dummies_file, source), false},
    {"edition", DCR_P_STRING, offsetof(dummies_file, edition), false},
    {"words", DCR_P_STRINGS, offsetof(dummies_file, words), true},
    {"run_characters", DCR_P_STRING, offsetof(dummies_file, run_characters), true},
    {"number_vrs", DCR_P_STRINGS, offsetof(dummies_file, number_vrs), true},
    {"dates", DCR_P_STRINGS, offsetof(dummies_file, dates), true},
    {"times", DCR_P_STRINGS, offsetof(dummies_file, times), true},
    {NULL, DCR_P_STRING, 0, false},
};

/* A whole file that is one object of a known form. */
static dcr_status load_form(dcr_rules *r, const char *name, const dcr_param *spec,
                            void *out, const dcr_rule_file **file, dcr_err *err)
{
    json_t *root = NULL;
    dcr_status st = dcr_load_json(r, name, file, &root, err);
    if (st == DCR_OK) {
        dcr_param_src src = {*file, &r->arena};
        st = dcr_params_read(&src, root, spec, out, err);
    }
    json_decref(root);
    return st;
}

static dcr_status load_dummies(dcr_rules *r, dcr_err *err)
{
    const dcr_rule_file *file;
    dummies_file f = {0};
    dcr_status st = load_form(r, "dummies.json", dummies_spec, &f, &file, err);
    if (st != DCR_OK)
        return st;
    r->dummy_runs = f.run_characters;
    r->number_vrs = f.number_vrs;
    r->dummy_dates = f.dates;
    r->dummy_times = f.times;
    return add_words(&r->dummy_words, &f.words, upper, file, err);
}

typedef struct words_file {
    const char *source, *edition;
    dcr_strings list;
} words_file;

static dcr_status load_words(dcr_rules *r, const char *name, const char *key,
                             dcr_strings *out, const dcr_rule_file **file, dcr_err *err)
{
    const dcr_param spec[] = {
        {"source", DCR_P_STRING, offsetof(words_file, source), false},
        {"edition", DCR_P_STRING, offsetof(words_file, edition), false},
        {key, DCR_P_STRINGS, offsetof(words_file, list), true},
        {NULL, DCR_P_STRING, 0, false},
    };
    words_file f = {0};
    dcr_status st = load_form(r, name, spec, &f, file, err);
    *out = f.list;
    return st;
}

typedef struct modalities_file {
    const char *source, *edition;
    dcr_strings derived, acquisition;
} modalities_file;

static dcr_status load_modalities(dcr_rules *r, dcr_err *err)
{
    static const dcr_param spec[] = {
        {"source", DCR_P_STRING, offsetof(modalities_file, source), false},
        {"edition", DCR_P_STRING, offsetof(modalities_file, edition), false},
        {"derived", DCR_P_STRINGS, offsetof(modalities_file, derived), true},
        {"acquisition", DCR_P_STRINGS, offsetof(modalities_file, acquisition), true},
        {NULL, DCR_P_STRING, 0, false},
    };
    const dcr_rule_file *file = NULL;
    modalities_file f = {0};
    dcr_status st = load_form(r, "modalities.json", spec, &f, &file, err);
    r->derived = f.derived;
    r->acquisition = f.acquisition;
    return st;
}

typedef struct sop_row {
    const char *uid, *name, *content_class, *burned_in, *face, *review;
    bool embedded_text, graphics;
} sop_row;

static const dcr_param sop_spec[] = {
    {"uid", DCR_P_STRING, offsetof(sop_row, uid), false},
    {"name", DCR_P_STRING, offsetof(sop_row, name), false},
    {"content_class", DCR_P_STRING, offsetof(sop_row, content_class), true},
    {"burned_in", DCR_P_STRING, offsetof(sop_row, burned_in), true},
    {"face", DCR_P_STRING, offsetof(sop_row, face), true},
    {"embedded_text", DCR_P_BOOL, offsetof(sop_row, embedded_text), false},
    {"graphics", DCR_P_BOOL, offsetof(sop_row, graphics), false},
    {"review", DCR_P_STRING, offsetof(sop_row, review), true},
    {NULL, DCR_P_STRING, 0, false},
};

static int by_uid(const void *a, const void *b)
{
    return strcmp(((const dcr_sop_info *)a)->uid, ((const dcr_sop_info *)b)->uid);
}

static dcr_status read_sop(const dcr_param_src *src, const json_t *e, dcr_sop_info *out,
                           dcr_err *err)
{
    sop_row w = {0};
    dcr_status st = dcr_params_read(src, e, sop_spec, &w, err);
    out->uid = w.uid;
    out->risk = (dcr_pixel_risk){w.content_class, w.burned_in, w.face, w.review};
    return st;
}

typedef struct pixel_file {
    const char *source, *edition;
    const json_t *other, *list;
    dcr_strings head_words, listed_without_pixels, look_without_pixels;
} pixel_file;

static const dcr_param pixel_spec[] = {
    {"source", DCR_P_STRING, offsetof(pixel_file, source), true},
    {"edition", DCR_P_STRING, offsetof(pixel_file, edition), true},
    {"default", DCR_P_JSON, offsetof(pixel_file, other), true},
    {"head_words", DCR_P_STRINGS, offsetof(pixel_file, head_words), true},
    {"listed_without_pixels", DCR_P_STRINGS, offsetof(pixel_file, listed_without_pixels),
     true},
    {"look_without_pixels", DCR_P_STRINGS, offsetof(pixel_file, look_without_pixels),
     true},
    {"sop_classes", DCR_P_JSON, offsetof(pixel_file, list), true},
    {NULL, DCR_P_STRING, 0, false},
};

static dcr_status load_pixel(dcr_rules *r, dcr_err *err)
{
    const dcr_rule_file *file;
    dcr_sop_info other = {0};
    json_t *root = NULL;
    pixel_file f = {0};
    dcr_status st = dcr_load_json(r, "pixel.json", &file, &root, err);
    if (st != DCR_OK)
        return st;
    dcr_param_src src = {file, &r->arena};
    st = dcr_params_read(&src, root, pixel_spec, &f, err);
    r->head_words = f.head_words;
    r->listed_without_pixels = f.listed_without_pixels;
    r->look_without_pixels = f.look_without_pixels;
    if (st == DCR_OK) {
        r->sops = dcr_arena_alloc(&r->arena, json_array_size(f.list), sizeof *r->sops);
        st = r->sops == NULL ? dcr_nomem(err) : read_sop(&src, f.other, &other, err);
    }
    r->sop_default = other.risk;
    for (size_t i = 0; st == DCR_OK && i < json_array_size(f.list); i++)
        st = read_sop(&src, json_array_get(f.list, i), &r->sops[r->n_sops++], err);
    json_decref(root);
    if (st == DCR_OK)
        qsort(r->sops, r->n_sops, sizeof *r->sops, by_uid);
    return st;
}

static const dcr_param root_spec[] = {
    {"root", DCR_P_STRING, offsetof(dcr_uid_root, root), true},
    {"kind", DCR_P_STRING, offsetof(dcr_uid_root, kind), true},
    {"name", DCR_P_STRING, offsetof(dcr_uid_root, name), true},
    {"source", DCR_P_STRING, offsetof(dcr_uid_root, source), false},
    {"note", DCR_P_STRING, offsetof(dcr_uid_root, note), false},
    {NULL, DCR_P_STRING, 0, false},
};

static int by_root(const void *a, const void *b)
{
    return strcmp(((const dcr_uid_root *)a)->root, ((const dcr_uid_root *)b)->root);
}

static bool above(const dcr_uid_root *root, const void *p, size_t n)
{
    return root->n < n && ((const char *)p)[root->n] == '.' &&
           memcmp(root->root, p, root->n) == 0;
}

static dcr_status load_roots(dcr_rules *r, dcr_err *err)
{
    const dcr_rule_file *file;
    json_t *root = NULL, *list;
    dcr_status st = dcr_load_json(r, "uid-roots.json", &file, &root, err);
    if (st != DCR_OK)
        return st;
    dcr_param_src src = {file, &r->arena};
    list = json_object_get(root, "roots");
    r->roots = dcr_arena_alloc(&r->arena, json_array_size(list), sizeof *r->roots);
    if (r->roots == NULL)
        st = dcr_nomem(err);
    for (size_t i = 0; st == DCR_OK && i < json_array_size(list); i++)
        st = dcr_params_read(&src, json_array_get(list, i), root_spec,
                             &r->roots[r->n_roots++], err);
    if (st == DCR_OK && r->n_roots > 0)
        qsort(r->roots, r->n_roots, sizeof *r->roots, by_root);
    for (size_t i = 1; st == DCR_OK && i < r->n_roots; i++)
        if (strcmp(r->roots[i - 1].root, r->roots[i].root) == 0)
            st = dcr_rule_fail(file, r->roots[i].root, err, "the root stands twice");
    for (size_t i = 0; st == DCR_OK && i < r->n_roots; i++) {
        dcr_uid_root *u = &r->roots[i];
        u->n = strlen(u->root);
        u->up = i == 0 ? NULL : u - 1;
        while (u->up != NULL && !above(u->up, u->root, u->n))
            u->up = u->up->up;
    }
    json_decref(root);
    return st;
}

dcr_status dcr_load_values(dcr_rules *r, dcr_err *err)
{
    const dcr_rule_file *file = NULL;
    dcr_strings words = {0};
    dcr_status st = load_dummies(r, err);
    if (st == DCR_OK)
        st = load_modalities(r, err);
    if (st == DCR_OK)
        st = load_words(r, "vocabulary.json", "words", &words, &file, err);
    if (st == DCR_OK)
        st = add_words(&r->vocabulary, &words, lower, file, err);
    if (st == DCR_OK)
        st = load_pixel(r, err);
    if (st == DCR_OK)
        st = load_roots(r, err);
    return st;
}

/* ---- asking ---- */

static bool is_binary(const char *vr)
{
    return vr[0] == 'O' && vr[1] != '\0' && strchr("BWFDLV", vr[1]) != NULL;
}

/* True when the bytes are one of the strings. */
static bool one_of(const dcr_strings *l, const void *p, size_t n)
{
    for (size_t i = 0; i < l->n; i++)
        if (strlen(l->s[i]) == n && memcmp(l->s[i], p, n) == 0)
            return true;
    return false;
}

static bool is_run(const dcr_rules *r, const uint8_t *p, size_t n, bool number)
{
    for (size_t i = 0; i < n; i++) {
        char c = upper((char)p[i]);
        if (c == '\0' || strchr(r->dummy_runs, c) == NULL || (number && c == '0'))
            return false;
    }
    return true;
}

static bool is_word(const dcr_rules *r, const uint8_t *p, size_t n)
{
    char text[WORD_MAX];
    if (n > sizeof text)
        return false;
    for (size_t i = 0; i < n; i++)
        text[i] = upper((char)p[i]);
    return dcr_dict_find(&r->dummy_words, text, n, 0) != DCR_DICT_NONE;
}

/* HHMMSS of the list, and any fraction of zeros. */
static bool is_dummy_time(const dcr_rules *r, const uint8_t *p, size_t n)
{
    if (n > 6 && p[6] == '.') {
        for (size_t i = 7; i < n; i++)
            if (p[i] != '0')
                return false;
        n = 6;
    }
    return one_of(&r->dummy_times, p, n);
}

bool dcr_rules_is_dummy(const dcr_rules *r, const char *vr, const uint8_t *p, size_t n)
{
    bool number = one_of(&r->number_vrs, vr, strlen(vr));
    if (n == 0 || is_binary(vr))
        return false;
    if (is_run(r, p, n, number) || is_word(r, p, n))
        return true;
    if (strcmp(vr, "DA") == 0)
        return one_of(&r->dummy_dates, p, n);
    if (strcmp(vr, "DT") == 0)
        return one_of(&r->dummy_dates, p, n < 8 ? n : 8);
    return strcmp(vr, "TM") == 0 && is_dummy_time(r, p, n);
}

bool dcr_rules_is_derived(const dcr_rules *r, const uint8_t *modality, size_t n)
{
    return one_of(&r->derived, modality, n);
}

bool dcr_rules_is_modality(const dcr_rules *r, const char *modality)
{
    const uint8_t *p = (const uint8_t *)modality;
    return one_of(&r->derived, p, strlen(modality)) ||
           one_of(&r->acquisition, p, strlen(modality));
}

void dcr_rules_pixel(const dcr_rules *r, const char *sop_class, dcr_pixel_risk *out)
{
    dcr_sop_info key = {.uid = sop_class};
    const dcr_sop_info *s = bsearch(&key, r->sops, r->n_sops, sizeof key, by_uid);
    *out = s == NULL ? r->sop_default : s->risk;
}

/* The last root that is not behind the UID begins with every root above the UID: what
 * stands between a text and its beginning, sorted by bytes, begins alike. */
const dcr_uid_root *dcr_rules_uid_root(const dcr_rules *r, const uint8_t *p, size_t n)
{
    size_t lo = 0, hi = r->n_roots;
    const dcr_uid_root *at;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2, len = r->roots[mid].n;
        int c = memcmp(r->roots[mid].root, p, len < n ? len : n);
        if (c < 0 || (c == 0 && len <= n))
            lo = mid + 1;
        else
            hi = mid;
    }
    at = lo == 0 ? NULL : &r->roots[lo - 1];
    while (at != NULL && !above(at, p, n))
        at = at->up;
    return at;
}

static bool is_letter(uint8_t c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c >= 0x80;
}

bool dcr_rules_vocabulary(const dcr_rules *r, const uint8_t *p, size_t n)
{
    char text[WORD_MAX];
    for (size_t i = 0; i < n;) {
        size_t len = 0, start = i;
        while (i < n && is_letter(p[i]))
            i++;
        len = i - start;
        for (size_t k = 0; k < len && k < sizeof text; k++)
            text[k] = lower((char)p[start + k]);
        if (len > 0 && len <= sizeof text &&
            dcr_dict_find(&r->vocabulary, text, len, 0) != DCR_DICT_NONE)
            return true;
        i += len == 0;
    }
    return false;
}
