/* One part of a path: what it shows by itself. */
#include <string.h>

#include "detect.h"
#include "paths.h"
#include "tokens.h"

enum {
    PART_MAX = 255,   /* of a name on every file system we know */
    WORDS = 6,        /* of a part, more are a sentence */
    NUMBER_DIGITS = 5 /* of a record number, at least */
};

/* ---- rules/file-names.json ---- */

typedef struct names_file {
    const char *source, *edition;
    dcr_strings mapping, mapping_endings, left_over, left_over_endings, given_names,
        words;
} names_file;

static const dcr_param file_spec[] = {
    {"source", DCR_P_STRING, offsetof(names_file, source), false},
    {"edition", DCR_P_STRING, offsetof(names_file, edition), true},
    {"mapping", DCR_P_STRINGS, offsetof(names_file, mapping), true},
    {"mapping_endings", DCR_P_STRINGS, offsetof(names_file, mapping_endings), true},
    {"left_over", DCR_P_STRINGS, offsetof(names_file, left_over), true},
    {"left_over_endings", DCR_P_STRINGS, offsetof(names_file, left_over_endings), true},
    {"given_names", DCR_P_STRINGS, offsetof(names_file, given_names), true},
    {"words", DCR_P_STRINGS, offsetof(names_file, words), true},
    {NULL, DCR_P_STRING, 0, false},
};

static dcr_status fill(dcr_dict *d, const dcr_strings *l, dcr_err *err)
{
    for (size_t i = 0; i < l->n; i++)
        if (dcr_dict_add(d, l->s[i], strlen(l->s[i]), 0) == DCR_DICT_NONE)
            return dcr_nomem(err);
    return DCR_OK;
}

dcr_status dcr_load_path_words(dcr_rules *r, dcr_err *err)
{
    struct dcr_path_words *o = dcr_arena_alloc(&r->arena, 1, sizeof *o);
    const dcr_rule_file *file = NULL;
    names_file f = {0};
    json_t *root = NULL;
    dcr_status st = o == NULL ? dcr_nomem(err)
                              : dcr_load_json(r, "file-names.json", &file, &root, err);
    dcr_param_src src = {file, &r->arena};
    r->path_words = o;
    if (st == DCR_OK)
        st = dcr_params_read(&src, root, file_spec, &f, err);
    if (st == DCR_OK)
        st = fill(&o->mapping, &f.mapping, err);
    if (st == DCR_OK)
        st = fill(&o->mapping_endings, &f.mapping_endings, err);
    if (st == DCR_OK)
        st = fill(&o->left_over, &f.left_over, err);
    if (st == DCR_OK)
        st = fill(&o->given_names, &f.given_names, err);
    if (st == DCR_OK)
        st = fill(&o->words, &f.words, err);
    if (st == DCR_OK)
        o->left_over_endings = f.left_over_endings;
    json_decref(root);
    return st;
}

void dcr_path_words_clear(dcr_rules *r)
{
    struct dcr_path_words *o = r->path_words;
    if (o == NULL)
        return;
    dcr_dict_clear(&o->mapping);
    dcr_dict_clear(&o->mapping_endings);
    dcr_dict_clear(&o->left_over);
    dcr_dict_clear(&o->given_names);
    dcr_dict_clear(&o->words);
}

/* ---- a part ---- */

typedef struct part {
    const struct dcr_path_words *w;
    const dcr_rules *r;
    const uint8_t *p; /* as it stands */
    size_t n, stem;   /* stem: without endings like .dcm, .nii.gz */
    uint8_t fold[PART_MAX];
    size_t n_fold;
} part;

static bool has(const dcr_dict *d, const uint8_t *p, size_t n)
{
    return n > 0 && dcr_dict_find(d, p, n, 0) != DCR_DICT_NONE;
}

/* An ending is a point and up to five letters or digits, the first one a letter; up to
 * two of them. */
static size_t without_endings(const uint8_t *p, size_t n)
{
    for (int k = 0; k < 2; k++) {
        size_t i = n;
        while (i > 0 && dcr_is_alnum(p[i - 1]) && n - i < 6)
            i--;
        if (i < 2 || p[i - 1] != '.' || i == n || !dcr_is_letter(p[i]))
            break;
        n = i - 1;
    }
    return n;
}

/* "uid_map_v2.csv": its words, or two and three of them together, are a key table's, and
 * it is a kind of file that holds tables. */
static bool is_mapping(const part *a)
{
    uint8_t flat[PART_MAX];
    size_t from[WORDS + 1], words = 0, k = 0, at = a->stem;
    const uint8_t *end = a->p + a->n;
    while (end > a->p + a->stem && end[-1] != '.')
        end--;
    if (at == a->n ||
        !has(&a->w->mapping_endings, a->fold + (end - a->p), (size_t)(a->p + a->n - end)))
        return false;
    for (size_t i = 0; i < at && words < WORDS;) {
        size_t start = k;
        while (i < at && dcr_is_letter(a->fold[i]))
            flat[k++] = a->fold[i++];
        if (k > start)
            from[words++] = start;
        else
            i++;
    }
    from[words] = k;
    if (words == 1)
        return has(&a->w->mapping, flat, k);
    for (size_t i = 0; i < words; i++)
        for (size_t m = 2; m <= 3 && i + m <= words; m++)
            if (has(&a->w->mapping, flat + from[i], from[i + m] - from[i]))
                return true;
    return false;
}

static bool is_left_over(const part *a)
{
    if (has(&a->w->left_over, a->fold, a->n_fold))
        return true;
    for (size_t i = 0; i < a->w->left_over_endings.n; i++) {
        const char *e = a->w->left_over_endings.s[i];
        size_t n = strlen(e);
        if (n < a->n_fold && memcmp(a->fold + a->n_fold - n, e, n) == 0)
            return true;
    }
    return false;
}

static bool is_word(const part *a, const uint8_t *p, size_t n)
{
    return dcr_rules_vocabulary(a->r, p, n) || has(&a->w->words, p, n) ||
           dcr_rules_is_dummy(a->r, "PN", p, n);
}

/* "Doe", "DOE", "McDoe", "deVries": not "ExplVR". */
static bool is_cased(const uint8_t *p, size_t n)
{
    size_t upper = 0;
    for (size_t i = 0; i < n; i++)
        upper += dcr_is_upper(p[i]);
    return upper == n || upper == 1 ||
           (upper == 2 && n > 4 && (dcr_is_upper(p[2]) || dcr_is_upper(p[3])));
}

/* "Doe_Jane", "DOE JANE M", "Jane-Doe": two or three words of letters, each with a
 * capital first, none of them a word of file names.  With a given name among them it is
 * one. */
static unsigned name_of(const part *a)
{
    size_t words = 0, given = 0, i = 0;
    while (i < a->stem) {
        size_t from = i, len;
        while (i < a->stem && dcr_is_letter(a->p[i]))
            i++;
        len = i - from;
        if (len == 0 || !(dcr_is_upper(a->p[from]) || a->p[from] >= 0x80))
            return 0;
        words++;
        given += has(&a->w->given_names, a->fold + from, len);
        if (!is_cased(a->p + from, len) || is_word(a, a->fold + from, len) ||
            (len < 3 && words < 3) || words > 3)
            return 0;
        if (i < a->stem && strchr("_- ,.^", a->p[i]) == NULL)
            return 0;
        while (i < a->stem && a->p[i] != 0 && strchr("_- ,.^", a->p[i]) != NULL)
            i++;
    }
    return words < 2 ? 0 : given > 0 ? DCR_PART_NAME : DCR_PART_MAYBE;
}

/* A run of five digits or more that is neither UID nor hash nor date nor counter. */
static bool is_number(const part *a)
{
    size_t run = 0, best = 0, digits = 0, letters = 0, points = 0;
    bool zeros = false;
    dcr_span date;
    dcr_text t;
    dcr_text_init(&t, a->r->lexicon, a->p, a->stem);
    for (size_t i = 0; i < a->stem; i++) {
        bool leading = a->p[i] == '0' && (i == 0 || !dcr_is_digit(a->p[i - 1]) || zeros);
        zeros = leading;
        run = dcr_is_digit(a->p[i]) ? run + !leading : 0; /* 000012 is a counter */
        best = run > best ? run : best;
        digits += dcr_is_digit(a->p[i]);
        letters += dcr_is_letter(a->p[i]);
        points += a->p[i] == '.';
    }
    return best >= NUMBER_DIGITS && points <= 1 && a->stem <= 20 && letters <= digits &&
           !dcr_detect_date(&t, 0, &date);
}

unsigned dcr_path_part(const dcr_rules *r, const uint8_t *p, size_t n, bool is_file,
                       size_t *at, size_t *len)
{
    part a = {.w = r->path_words, .r = r, .p = p};
    unsigned flags = 0;
    dcr_span s;
    dcr_text t;
    a.n = n < PART_MAX ? n : PART_MAX;
    for (size_t i = 0; i < a.n; i++) /* places stay: accents are not taken off */
        a.fold[i] = dcr_lower(p[i]);
    a.n_fold = a.n;
    a.stem = is_file ? without_endings(p, a.n) : a.n;
    if (a.stem == 0)
        a.stem = a.n;
    dcr_text_init(&t, r->lexicon, p, a.stem);
    flags |= is_file && is_mapping(&a) ? DCR_PART_MAPPING : 0;
    flags |= is_left_over(&a) ? DCR_PART_LEFT_OVER : 0;
    if (dcr_detect_person_name(&t, 0, &s) && !dcr_rules_vocabulary(r, p + s.at, s.n))
        flags |= DCR_PART_NAME;
    else if (dcr_detect_email(&t, 0, &s))
        flags |= DCR_PART_NAME;
    else
        flags |= name_of(&a);
    if (dcr_detect_date(&t, 0, &s)) {
        flags |= DCR_PART_DATE;
        *at = s.at;
        *len = s.n;
    }
    flags |= !is_file && is_number(&a) ? DCR_PART_NUMBER : 0;
    return flags;
}
