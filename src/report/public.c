/* The public edition of a report: what reports/public.json lets stay, and nothing else.
 *
 * The table is asked for every key on the way down, so the depth is that of the table,
 * not of the document. */
#include "public.h"

#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "embed.h"
#include "json_view.h"

enum { PATH_ROOM = 256 };

typedef dcr_action_fn container_fn;
static container_fn members, rows, table, cells, cells_note;

static const struct {
    const char *name;
    container_fn *run;
} containers[] = {{"in", members},
                  {"list", rows},
                  {"table", table},
                  {"cells", cells},
                  {"cells_note", cells_note}};

json_t *dcr_made(dcr_edition *e, json_t *v)
{
    e->failed = e->failed || v == NULL;
    return v;
}

static dcr_action_fn *action_of(const char *name, size_t n)
{
    for (size_t i = 0; i < sizeof containers / sizeof *containers; i++)
        if (strlen(containers[i].name) == n && memcmp(containers[i].name, name, n) == 0)
            return containers[i].run;
    return dcr_action_find(name, n);
}

/* What is in the place of a text that had to go, where no null may stand. */
static json_t *blank(const char *action, const json_t *v)
{
    bool words = strcmp(action, "words") == 0 || strcmp(action, "text") == 0;
    return words && json_is_string(v) ? json_string("") : json_null();
}

/* What is left of the value at a path; NULL with *lost when its row goes with it, NULL
 * alone when only it does, as everything does that the table does not name. */
static json_t *redact(dcr_edition *e, const char *path, json_t *v, const json_t *in,
                      bool *lost)
{
    const char *action = json_string_value(json_object_get(e->keys, path));
    size_t n = action == NULL ? 0 : strcspn(action, "!?");
    dcr_action_fn *run = action == NULL ? NULL : action_of(action, n);
    json_t *out;
    if (run == NULL) /* "drop" is no action either */
        return NULL;
    out = run(e, path, v, in);
    if (out != NULL || e->failed)
        return out;
    *lost = action[n] == '!';
    return *lost ? NULL : dcr_made(e, blank(action, v));
}

/* "PATH/KEY", or "PATH" with "[]"; the table knows no longer ones. */
static bool below(char out[PATH_ROOM], const char *path, const char *between,
                  const char *key)
{
    int n = snprintf(out, PATH_ROOM, "%s%s%s", path, *path == '\0' ? "" : between, key);
    return n > 0 && n < PATH_ROOM;
}

static json_t *members(dcr_edition *e, const char *path, json_t *v, const json_t *in)
{
    json_t *out = json_is_object(v) ? dcr_made(e, json_object()) : NULL, *x, *y;
    const char *key;
    char own[PATH_ROOM], any[PATH_ROOM];
    bool lost = false;
    (void)in;
    if (out == NULL)
        return NULL;
    if (!below(any, path, "/", "*") || json_object_get(e->keys, any) == NULL)
        *any = '\0';
    json_object_foreach(v, key, x)
    {
        if (*any == '\0' && !below(own, path, "/", key))
            continue;
        y = redact(e, *any == '\0' ? own : any, x, v, &lost);
        if (y != NULL && json_object_set_new(out, key, y) != 0)
            e->failed = true;
        if (lost || e->failed) {
            json_decref(out);
            return NULL;
        }
    }
    return out;
}

/* A row is an object, or what the table says of "PATH[]". */
static json_t *row_of(dcr_edition *e, const char *path, json_t *v)
{
    char own[PATH_ROOM];
    bool lost = false;
    if (!below(own, path, "", "[]"))
        return NULL;
    return json_is_object(v) ? members(e, own, v, NULL) : redact(e, own, v, NULL, &lost);
}

static json_t *rows(dcr_edition *e, const char *path, json_t *v, const json_t *in)
{
    json_t *out = json_is_array(v) ? dcr_made(e, json_array()) : NULL, *x, *y;
    size_t i;
    (void)in;
    if (out == NULL)
        return NULL;
    json_array_foreach(v, i, x)
    {
        y = row_of(e, path, x);
        if (y != NULL && json_array_append_new(out, y) != 0)
            e->failed = true;
    }
    return out;
}

/* ---- secondary suppression ---- */

typedef struct grid { /* cells of a table, and what is told of each; 0: nothing */
    uint64_t *count, *told;
    size_t n;
} grid;

static void grid_clear(grid *g)
{
    dcr_free(g->count);
    dcr_free(g->told);
}

static bool grid_init(dcr_edition *e, grid *g, size_t n)
{
    g->count = dcr_alloc(n, sizeof *g->count);
    g->told = dcr_alloc(n, sizeof *g->told);
    g->n = n;
    e->failed = e->failed || g->count == NULL || g->told == NULL;
    return !e->failed;
}

static uint64_t subjects_of(const json_t *cell)
{
    json_int_t n = json_integer_value(json_object_get(cell, "subjects"));
    return n < 0 ? 0 : (uint64_t)n;
}

/* Rows that patients fall into: those of which nothing is told go. */
static json_t *table(dcr_edition *e, const char *path, json_t *v, const json_t *in)
{
    size_t n = json_array_size(v);
    json_t *out = json_is_array(v) ? dcr_made(e, json_array()) : NULL, *y;
    grid g = {0};
    (void)in;
    if (out != NULL && grid_init(e, &g, n)) {
        for (size_t i = 0; i < n; i++)
            g.count[i] = subjects_of(json_array_get(v, i));
        dcr_public_table(&e->scale, g.count, g.told, n);
        for (size_t i = 0; i < n; i++) {
            y = g.told[i] == 0 ? NULL : row_of(e, path, json_array_get(v, i));
            if (y != NULL && json_array_append_new(out, y) != 0)
                e->failed = true;
        }
    }
    grid_clear(&g);
    return out;
}

/* ---- the heat map ---- */

static json_t *cell_of(dcr_edition *e, const json_t *cell, uint64_t told)
{
    json_int_t n = json_integer_value(json_object_get(cell, "below"));
    uint64_t of = 0;
    bool say = told > 0 && n > 0 && dcr_public_count(&e->scale, (uint64_t)n, &of);
    return dcr_made(
        e,
        json_pack("{s:o, s:o}", "subjects",
                  told > 0 ? json_integer((json_int_t)told) : json_null(), "below",
                  say ? json_integer((json_int_t)(of < told ? of : told)) : json_null()));
}

static json_t *line_of(dcr_edition *e, const json_t *line, const uint64_t *told)
{
    json_t *out = dcr_made(e, json_array()), *x;
    size_t i;
    json_array_foreach(line, i, x)
    {
        if (json_array_append_new(out, cell_of(e, x, told[i])) != 0)
            e->failed = true;
    }
    return out;
}

/* Nobody and few look the same. */
static json_t *cells(dcr_edition *e, const char *path, json_t *v, const json_t *in)
{
    json_t *out = json_is_array(v) ? dcr_made(e, json_array()) : NULL, *line;
    grid g = {0};
    size_t i, at = 0, n = 0;
    (void)path, (void)in;
    json_array_foreach(v, i, line)
    {
        n += json_array_size(line);
    }
    if (out != NULL && grid_init(e, &g, n)) {
        json_array_foreach(v, i, line)
        {
            for (size_t x = 0; x < json_array_size(line); x++)
                g.count[at++] = subjects_of(json_array_get(line, x));
        }
        dcr_public_table(&e->scale, g.count, g.told, n);
        at = 0;
        json_array_foreach(v, i, line)
        {
            if (json_array_append_new(out, line_of(e, line, g.told + at)) != 0)
                e->failed = true;
            at += json_array_size(line);
        }
    }
    grid_clear(&g);
    return out;
}

static json_t *cells_note(dcr_edition *e, const char *path, json_t *v, const json_t *in)
{
    (void)path, (void)v;
    if (json_array_size(json_object_get(in, "rows")) == 0)
        return dcr_made(e, json_string("No site and no exam date is known."));
    return dcr_made(e, json_sprintf("Cells of fewer than %lld patients are left empty,"
                                    " as are others that would give them away.",
                                    (long long)e->scale.k));
}

/* ---- the whole ---- */

static dcr_status begin(dcr_edition *e, dcr_err *err)
{
    const dcr_embed *file = dcr_embed_find("reports/public.json");
    const json_t *k = json_object_get(dcr_view_obj(e->report, "policy"), "k"),
                 *n = json_object_get(dcr_view_obj(e->report, "dataset"), "subjects");
    if (json_integer_value(k) < 1)
        return dcr_fail(err, DCR_EARG, "policy.k",
                        "the report names no k to publish it by");
    e->scale.k = (uint64_t)json_integer_value(k);
    if (json_integer_value(n) >= json_integer_value(k))
        e->scale.patients = (uint64_t)json_integer_value(n);
    if (file != NULL)
        e->table = json_loadb(file->begin, (size_t)(file->end - file->begin),
                              JSON_REJECT_DUPLICATES, NULL);
    e->keys = json_object_get(e->table, "keys");
    e->sentences = json_object_get(e->table, "sentences");
    return json_is_object(e->keys)
               ? DCR_OK
               : dcr_fail(err, DCR_ERULES, "reports/public.json", "cannot be read");
}

dcr_status dcr_report_public(json_t **out, const json_t *report, const dcr_rules *rules,
                             dcr_err *err)
{
    dcr_edition e = {.report = report, .rules = rules};
    dcr_status rc = begin(&e, err);
    *out = NULL;
    if (rc == DCR_OK)
        *out = members(&e, "", (json_t *)(uintptr_t)report, NULL);
    json_decref(e.table);
    if (rc == DCR_OK && (e.failed || *out == NULL)) {
        json_decref(*out);
        *out = NULL;
        rc = e.failed ? dcr_nomem(err)
                      : dcr_fail(err, DCR_EARG, NULL, "this is no report of ours");
    }
    return rc;
}
