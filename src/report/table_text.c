/* The document of `dcmrisk table` for people: figures, names of columns and our own
 * words, whatever metrics there are. */
#include <string.h>

#include "html.h"
#include "json_view.h"
#include "parts.h"

enum { LABEL = 30, LIST_MAX = 20, DEPTH_MAX = 6, WORDS = 64 };

typedef struct text {
    FILE *out;
    dcr_buf clean; /* text made harmless for a terminal */
} text;

static const char *harmless(text *t, const char *s)
{
    t->clean.n = 0;
    dcr_html_clean(&t->clean, s, strlen(s));
    for (size_t i = 0; i < t->clean.n; i++)
        if (t->clean.p[i] == '\n' || t->clean.p[i] == '\t')
            t->clean.p[i] = ' ';
    return t->clean.failed || t->clean.p == NULL ? "" : t->clean.p;
}

/* `more`: something follows in the same line. */
static void label(text *t, const char *key, int depth, bool more)
{
    char words[WORDS];
    dcr_view_words(words, sizeof words, key);
    fprintf(t->out, "%*s%-*s", 2 * depth, "", more ? LABEL - 2 * depth : 0,
            harmless(t, words));
}

static void scalar(text *t, const json_t *v)
{
    if (json_is_string(v))
        fputs(harmless(t, json_string_value(v)), t->out);
    else if (json_is_integer(v))
        fprintf(t->out, "%lld", (long long)json_integer_value(v));
    else if (json_is_real(v))
        fprintf(t->out, "%.6g", json_real_value(v));
    else
        fputs(json_is_true(v) ? "yes" : json_is_false(v) ? "no" : "-", t->out);
}

static bool is_scalar(const json_t *v)
{
    return !json_is_object(v) && !json_is_array(v);
}

/* An object of scalars, or a scalar, in one line. */
static void in_a_line(text *t, const json_t *v)
{
    const char *key, *between = "";
    const json_t *member;
    size_t i;
    if (is_scalar(v))
        scalar(t, v);
    json_array_foreach(v, i, member)
    {
        fputs(between, t->out);
        in_a_line(t, member);
        between = ", ";
    }
    json_object_foreach((json_t *)(uintptr_t)v, key, member)
    {
        fprintf(t->out, "%s%s ", between, harmless(t, key));
        if (is_scalar(member)) {
            scalar(t, member);
        } else {
            fputs("(", t->out);
            in_a_line(t, member);
            fputs(")", t->out);
        }
        between = ", ";
    }
}

static void items(text *t, const json_t *list, int depth)
{
    size_t i, n = json_array_size(list);
    const json_t *v;
    json_array_foreach(list, i, v)
    {
        if (i == LIST_MAX) {
            fprintf(t->out, "%*sand %zu more, see --format json\n", 2 * depth, "", n - i);
            break;
        }
        fprintf(t->out, "%*s", 2 * depth, "");
        in_a_line(t, v);
        fputc('\n', t->out);
    }
}

static void members(text *t, const json_t *object, int depth);

static void member(text *t, const char *key, const json_t *v, int depth)
{
    const json_t *applies = json_object_get(v, "applies");
    bool none = json_is_false(applies); /* then only why */
    bool empty = json_is_array(v) && json_array_size(v) == 0;
    bool sentences = strcmp(key, "assumptions") == 0;
    bool flat = none || is_scalar(v) || empty ||
                (json_is_string(json_array_get(v, 0)) && !sentences);
    label(t, key, depth, flat);
    if (none)
        scalar(t, json_object_get(v, "note"));
    else if (empty)
        fputs("none", t->out);
    else if (flat)
        in_a_line(t, v);
    fputc('\n', t->out);
    if (json_is_object(v) && !none && depth < DEPTH_MAX)
        members(t, v, depth + 1);
    else if (!flat)
        items(t, v, depth + 1);
}

static void members(text *t, const json_t *object, int depth)
{
    const char *key;
    const json_t *v;
    json_object_foreach((json_t *)(uintptr_t)object, key, v)
    {
        member(t, key, v, depth);
    }
}

/* What is asked for first comes first; the rest as it stands in the document. */
static const char *const order[] = {
    "records",         "subjects",       "inferred_subjects",
    "classes",         "k_min",          "k_low_min",
    "k_mean",          "k_max",          "unique",
    "below",           "prosecutor",     "journalist",
    "marketer",        "delta_presence", "population",
    "individual_risk", "suda",           "fields",
    "unique_keys",     "diversity"};
enum { N_ORDER = sizeof order / sizeof *order };

static bool is_ordered(const char *key)
{
    for (size_t i = 0; i < N_ORDER; i++)
        if (strcmp(order[i], key) == 0)
            return true;
    return false;
}

static void document(text *t, const json_t *doc)
{
    const char *key;
    const json_t *v;
    for (size_t i = 0; i < N_ORDER; i++)
        if ((v = json_object_get(doc, order[i])) != NULL)
            member(t, order[i], v, 0);
    json_object_foreach((json_t *)(uintptr_t)doc, key, v)
    {
        if (!is_ordered(key))
            member(t, key, v, 0);
    }
}

dcr_status dcr_table_text(const json_t *doc, FILE *out, dcr_err *err)
{
    text t = {.out = out};
    document(&t, doc);
    if (t.clean.failed) {
        dcr_buf_clear(&t.clean);
        return dcr_nomem(err);
    }
    dcr_buf_clear(&t.clean);
    if (fflush(out) != 0 || ferror(out))
        return dcr_fail(err, DCR_EIO, NULL, "cannot write");
    return DCR_OK;
}
