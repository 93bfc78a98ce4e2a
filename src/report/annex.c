/* The annex: its texts, its outline, and the answers of the controller. */
#include "annex.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "annex_impl.h"
#include "buf.h"
#include "dcmrisk/report.h"
#include "embed.h"
#include "sha256.h"

/* ---- texts ---- */

static dcr_status load(json_t **out, const char *name, dcr_err *err)
{
    const dcr_embed *file = dcr_embed_find(name);
    *out = file == NULL
               ? NULL
               : json_loadb(file->begin, (size_t)(file->end - file->begin), 0, NULL);
    return *out == NULL ? dcr_fail(err, DCR_EARG, name, "cannot be read") : DCR_OK;
}

const char *dcr_annex_text(dcr_annex *a, const char *key)
{
    char group[40];
    const char *dot = strchr(key, '.'), *text;
    size_t n = dot == NULL ? 0 : (size_t)(dot - key);
    if (n == 0 || n >= sizeof group)
        return "";
    memcpy(group, key, n);
    group[n] = '\0';
    text = json_string_value(json_object_get(json_object_get(a->texts, group), dot + 1));
    if (text == NULL && a->err.code == DCR_OK)
        dcr_fail(&a->err, DCR_EFORMAT, key, "the texts of the annex lack this key");
    return text == NULL ? "" : text;
}

/* Appends what "one|many" says of the number `value`. */
static void add_form(dcr_buf *b, const char *forms, size_t n, const char *value)
{
    const char *bar = memchr(forms, '|', n);
    size_t one = bar == NULL ? n : (size_t)(bar - forms);
    if (strcmp(value, "1") == 0 || bar == NULL)
        dcr_buf_add(b, forms, one);
    else
        dcr_buf_add(b, bar + 1, n - one - 1);
}

/* Appends the value that stands behind `name`, n bytes long, in the pairs; of
 * "name|one|many", the form that fits the number. */
static void add_named(dcr_buf *b, const char *name, size_t n, va_list pairs)
{
    va_list at;
    const char *key, *bar = memchr(name, '|', n);
    size_t n_key = bar == NULL ? n : (size_t)(bar - name);
    va_copy(at, pairs);
    while ((key = va_arg(at, const char *)) != NULL) {
        const char *value = va_arg(at, const char *);
        if (strlen(key) != n_key || memcmp(key, name, n_key) != 0)
            continue;
        if (bar == NULL)
            dcr_buf_str(b, value);
        else
            add_form(b, bar + 1, n - n_key - 1, value);
        va_end(at);
        return;
    }
    va_end(at);
    dcr_buf_add(b, name - 1, n + 2); /* a name nobody knows stays as it is */
}

const char *dcr_annex_fill(dcr_annex *a, const char *key, ...)
{
    const char *s = dcr_annex_text(a, key), *open, *shut, *kept;
    dcr_buf b = {0};
    va_list pairs;
    va_start(pairs, key);
    while ((open = strchr(s, '{')) != NULL && (shut = strchr(open, '}')) != NULL) {
        dcr_buf_add(&b, s, (size_t)(open - s));
        add_named(&b, open + 1, (size_t)(shut - open - 1), pairs);
        s = shut + 1;
    }
    va_end(pairs);
    dcr_buf_str(&b, s);
    a->b->failed |= b.failed;
    kept = b.failed ? "" : dcr_blocks_keep(a->b, b.p);
    dcr_buf_clear(&b);
    return kept;
}

const char *dcr_annex_missing(dcr_annex *a)
{
    const char *key = a->n_missing == 0 ? "missing.none" : "missing.some";
    return dcr_annex_fill(a, key, "n", dcr_annex_num(a, (double)a->n_missing), "asked",
                          dcr_annex_num(a, (double)a->n_asked), END);
}

/* ---- what the controller says ---- */

static bool says_something(const json_t *v)
{
    return json_is_string(v)   ? json_string_length(v) > 0
           : json_is_array(v)  ? json_array_size(v) > 0
           : json_is_object(v) ? json_object_size(v) > 0
                               : json_is_number(v) || json_is_boolean(v);
}

const json_t *dcr_annex_project(const dcr_annex *a, const char *path)
{
    const json_t *v = a->project;
    while (v != NULL && *path != '\0') {
        char name[64];
        size_t n = strcspn(path, ".");
        if (n >= sizeof name)
            return NULL;
        memcpy(name, path, n);
        name[n] = '\0';
        v = json_object_get(v, name);
        path += n + (path[n] == '.');
    }
    return says_something(v) ? v : NULL;
}

static void scalar(dcr_buf *b, const json_t *v)
{
    char number[DCR_NUM_MAX];
    double d = json_number_value(v);
    if (json_is_string(v)) {
        dcr_buf_str(b, json_string_value(v));
    } else if (json_is_boolean(v)) {
        dcr_buf_str(b, json_is_true(v) ? "yes" : "no");
    } else if (json_is_number(v)) {
        dcr_view_count(number, d);
        dcr_buf_str(b, number);
    }
}

/* One level of an object or a list as one line: "who: A; when: B".  What lies deeper is
 * written as JSON, since nobody knows what it means. */
static void one_line(dcr_buf *b, const json_t *v)
{
    const char *key;
    json_t *m, *object = (json_t *)(uintptr_t)v;
    size_t i, n = 0;
    if (json_is_object(v)) {
        json_object_foreach(object, key, m)
        {
            char *deep = json_is_object(m) || json_is_array(m)
                             ? json_dumps(m, JSON_COMPACT)
                             : NULL;
            char words[80];
            dcr_view_words(words, sizeof words, key);
            dcr_buf_fmt(b, "%s%s: ", n++ > 0 ? "; " : "", words);
            if (deep != NULL)
                dcr_buf_str(b, deep);
            else
                scalar(b, m);
            free(deep); /* lint: ok, jansson's own allocation */
        }
    } else if (json_is_array(v)) {
        json_array_foreach(v, i, m)
        {
            dcr_buf_str(b, i > 0 ? "; " : "");
            scalar(b, m);
        }
    } else {
        scalar(b, v);
    }
}

const char *dcr_annex_answer_line(dcr_annex *a, const json_t *value)
{
    dcr_buf b = {0};
    const char *kept;
    one_line(&b, value);
    a->b->failed |= b.failed;
    kept = b.p == NULL ? "" : dcr_blocks_keep(a->b, b.p);
    dcr_buf_clear(&b);
    return kept;
}

void dcr_annex_answer_cells(dcr_annex *a, const json_t *value)
{
    const json_t *m;
    size_t i;
    if (!json_is_array(value)) {
        dcr_blocks_cell(a->b, DCR_CELL_TEXT, dcr_annex_answer_line(a, value));
        return;
    }
    json_array_foreach(value, i, m)
    {
        dcr_blocks_cell(a->b, DCR_CELL_TEXT, dcr_annex_answer_line(a, m));
    }
}

void dcr_annex_asked(dcr_annex *a, const char *key, bool given)
{
    dcr_annex_section *s = &a->section[a->n_sections > 0 ? a->n_sections - 1 : 0];
    given |= a->is_public;
    s->asked++;
    s->missing += !given;
    if (json_object_get(a->asked, key) == NULL) {
        a->n_asked++;
        a->n_missing += !given;
        if (json_object_set_new(a->asked, key, json_boolean(given)) != 0)
            a->b->failed = true;
    }
}

static void ask(dcr_annex *a, const json_t *question)
{
    const char *key = dcr_view_str(question, "key"), * or = dcr_view_str(question, "or");
    const json_t *v = dcr_annex_project(a, key);
    char name[80];
    /* "roles" may be a text of its own instead of an object of roles. */
    if (v == NULL && * or != '\0') {
        v = dcr_annex_project(a, or);
        if (strncmp(key, or, strlen(or)) == 0 && json_is_object(v))
            v = NULL;
    }
    snprintf(name, sizeof name, "questions.%s", key);
    dcr_blocks_add(a->b, DCR_BLOCK_ANSWER, dcr_annex_text(a, name));
    if (v != NULL)
        dcr_annex_answer_cells(a, v);
    else if (a->is_public)
        dcr_annex_blank(a);
    dcr_annex_asked(a, key, v != NULL);
}

/* ---- sections ---- */

static void write_part(dcr_annex *a, const char *name)
{
    static const struct {
        const char *name;
        void (*write)(dcr_annex *a);
    } parts[] = {
#define DCR_ANNEX_ROW(part) {#part, dcr_annex_##part},
        DCR_ANNEX_PARTS(DCR_ANNEX_ROW)
#undef DCR_ANNEX_ROW
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (strcmp(parts[i].name, name) == 0) {
            parts[i].write(a);
            return;
        }
    if (a->err.code == DCR_OK)
        dcr_fail(&a->err, DCR_EFORMAT, name, "the annex has no such part");
}

/* In public, only parts that say nothing false where numbers or rows were left out. */
static bool may_tell(const dcr_annex *a, const json_t *part)
{
    const json_t *told = dcr_view_arr(a->outline, "public"), *p;
    size_t i;
    json_array_foreach(told, i, p)
    {
        if (json_equal(p, part))
            return true;
    }
    return !a->is_public;
}

static void write_parts(dcr_annex *a, const json_t *parts)
{
    const json_t *p;
    bool left_out = false;
    size_t i;
    json_array_foreach(parts, i, p)
    {
        if (may_tell(a, p))
            write_part(a, json_string_value(p));
        else
            left_out = true;
    }
    if (left_out)
        dcr_annex_say(a, T("words.part_left_out"));
}

static void write_section(dcr_annex *a, const json_t *section, size_t number)
{
    const char *id = dcr_view_str(section, "id");
    const json_t *questions = dcr_view_arr(section, "questions"), *q;
    dcr_annex_section *s = &a->section[a->n_sections++];
    char key[80], title[200], anchor[32];
    size_t i;
    snprintf(key, sizeof key, "sections.%s.title", id);
    snprintf(title, sizeof title, "%zu. %s", number, dcr_annex_text(a, key));
    snprintf(anchor, sizeof anchor, "s%zu", number);
    s->id = dcr_blocks_keep(a->b, anchor);
    s->title = dcr_blocks_keep(a->b, title);
    dcr_blocks_heading(a->b, 2, anchor, title);
    snprintf(key, sizeof key, "sections.%s.basis", id);
    dcr_annex_note(a, FILL("words.basis", "basis", dcr_annex_text(a, key)));
    snprintf(key, sizeof key, "sections.%s.guide", id);
    dcr_annex_say(a, dcr_annex_text(a, key));
    write_parts(a, dcr_view_arr(section, "parts"));
    if (json_array_size(questions) > 0)
        dcr_annex_head(a, T("words.controller_answers"));
    json_array_foreach(questions, i, q)
    {
        ask(a, q);
    }
    write_parts(a, dcr_view_arr(section, "after"));
}

static void write_body(dcr_annex *a)
{
    const json_t *all = dcr_view_arr(a->outline, "sections"), *s;
    size_t i;
    json_array_foreach(all, i, s)
    {
        if (a->n_sections < DCR_ANNEX_SECTIONS)
            write_section(a, s, i + 1);
    }
}

/* ---- the whole ---- */

/* The digest of the file that the json format writes of this document. */
static dcr_status digest_report(dcr_annex *a, dcr_err *err)
{
    char *text = NULL;
    size_t n = 0;
    FILE *f = open_memstream(&text, &n);
    dcr_status rc;
    if (f == NULL)
        return dcr_nomem(err);
    rc = dcr_format_write(dcr_format_find("json"), a->page.doc, &(dcr_render){0}, f, err);
    if (fclose(f) != 0 && rc == DCR_OK)
        rc = dcr_nomem(err);
    if (rc == DCR_OK)
        dcr_sha256_hex_of(text, n, a->report_digest);
    free(text); /* lint: ok, open_memstream's own allocation */
    return rc;
}

dcr_status dcr_annex_build(dcr_annex *a, const json_t *doc, const char *language,
                           dcr_err *err)
{
    char name[80];
    dcr_status rc;
    memset(a, 0, sizeof *a);
    rc = dcr_page_init(&a->page, NULL, doc, err);
    if (rc != DCR_OK)
        return rc;
    a->project = dcr_view_obj(doc, "project");
    a->is_public = dcr_view_public(doc);
    a->asked = json_object();
    snprintf(name, sizeof name, "reports/annex/%.20s.json", language);
    rc = a->asked == NULL ? dcr_nomem(err) : load(&a->texts, name, err);
    if (rc == DCR_OK)
        rc = load(&a->outline, "reports/annex/outline.json", err);
    if (rc == DCR_OK)
        rc = digest_report(a, err);
    if (rc != DCR_OK)
        return rc;
    a->b = &a->body;
    write_body(a);
    dcr_annex_mistakes(a);
    dcr_annex_evidence(a);
    a->b = &a->front;
    dcr_annex_front(a);
    if (a->front.failed || a->body.failed)
        return dcr_nomem(err);
    return a->err.code == DCR_OK
               ? DCR_OK
               : dcr_fail(err, a->err.code, a->err.where, "%s", a->err.text);
}

void dcr_annex_clear(dcr_annex *a)
{
    dcr_blocks_clear(&a->front);
    dcr_blocks_clear(&a->body);
    json_decref(a->asked);
    json_decref(a->outline);
    json_decref(a->texts);
    dcr_page_clear(&a->page);
    memset(a, 0, sizeof *a);
}
