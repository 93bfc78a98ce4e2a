#include "rulefile.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "alloc.h"
#include "embed.h"
#include "json_where.h"
#include "near.h"

enum { FILE_MAX = 16 << 20 }; /* bytes of one rule file */

/* Folders below rules/; "" is rules/ itself.  Schemas are for people and tests. */
static const char *const folders[] = {"", "checks/", "policies/"};

static int by_name(const void *a, const void *b)
{
    return strcmp(((const dcr_rule_file *)a)->name, ((const dcr_rule_file *)b)->name);
}

const dcr_rule_file *dcr_rule_files_find(const dcr_rule_files *f, const char *name)
{
    dcr_rule_file key = {name, NULL, 0};
    if (f->n == 0)
        return NULL;
    return bsearch(&key, f->list, f->n, sizeof *f->list, by_name);
}

static bool is_json(const char *name)
{
    size_t n = strlen(name);
    return n > 5 && strcmp(name + n - 5, ".json") == 0;
}

static bool in_folders(const char *name)
{
    const char *slash = strchr(name, '/');
    if (slash == NULL)
        return true;
    for (size_t i = 1; i < sizeof folders / sizeof *folders; i++)
        if (strncmp(name, folders[i], strlen(folders[i])) == 0)
            return strchr(slash + 1, '/') == NULL;
    return false;
}

static dcr_status add_file(dcr_rule_files *f, const dcr_rule_file *file, dcr_err *err)
{
    for (size_t i = 0; i < f->n; i++) {
        if (strcmp(f->list[i].name, file->name) == 0) {
            f->list[i] = *file;
            return DCR_OK;
        }
    }
    if (!dcr_grow(&f->list, &f->cap, f->n + 1, sizeof *f->list))
        return dcr_nomem(err);
    f->list[f->n++] = *file;
    return DCR_OK;
}

static dcr_status add_embedded(dcr_rule_files *f, dcr_err *err)
{
    dcr_status st = DCR_OK;
    for (const dcr_embed *e = dcr_embedded; st == DCR_OK && e->name != NULL; e++) {
        dcr_rule_file file = {e->name + 6, e->begin, (size_t)(e->end - e->begin)};
        if (strncmp(e->name, "rules/", 6) == 0 && is_json(file.name) &&
            in_folders(file.name))
            st = add_file(f, &file, err);
    }
    return st;
}

static dcr_status read_file(dcr_arena *arena, const char *path, dcr_rule_file *out,
                            dcr_err *err)
{
    dcr_status st = DCR_OK;
    struct stat sb;
    char *text = NULL;
    FILE *in = fopen(path, "rb");
    if (in == NULL || fstat(fileno(in), &sb) != 0)
        st = dcr_fail(err, DCR_ERULES, path, "cannot be opened: %s", strerror(errno));
    else if (!S_ISREG(sb.st_mode) || sb.st_size > FILE_MAX)
        st = dcr_fail(err, DCR_ERULES, path, "not a file of at most %d bytes", FILE_MAX);
    if (st != DCR_OK)
        goto done;
    text = dcr_arena_alloc(arena, (size_t)sb.st_size + 1, 1);
    if (text == NULL) {
        st = dcr_nomem(err);
        goto done;
    }
    out->n = fread(text, 1, (size_t)sb.st_size, in);
    out->text = text;
    if (ferror(in) != 0 || out->n != (size_t)sb.st_size)
        st = dcr_fail(err, DCR_ERULES, path, "cannot be read");
done:
    if (in != NULL)
        fclose(in);
    return st;
}

/* Reads the JSON files of one folder.  A file of rules/ itself must be one we know: a
 * misspelt name would otherwise be passed over in silence. */
static dcr_status add_folder(dcr_rule_files *f, dcr_arena *arena, const char *dir,
                             const char *folder, dcr_err *err)
{
    char path[4096], name[512];
    dcr_status st = DCR_OK;
    struct dirent *e;
    DIR *d;
    snprintf(path, sizeof path, "%s/%s", dir, folder);
    d = opendir(path);
    if (d == NULL && folder[0] != '\0' && errno == ENOENT)
        return DCR_OK;
    if (d == NULL)
        return dcr_fail(err, DCR_ERULES, dir, "cannot be read as a folder of rules: %s",
                        strerror(errno));
    while (st == DCR_OK && (e = readdir(d)) != NULL) {
        dcr_rule_file file = {0};
        if (e->d_name[0] == '.' || !is_json(e->d_name))
            continue;
        snprintf(name, sizeof name, "%s%s", folder, e->d_name);
        snprintf(path, sizeof path, "%s/%s", dir, name);
        if (folder[0] == '\0' && dcr_rule_files_find(f, name) == NULL) {
            st = dcr_fail(err, DCR_ERULES, path, "not the name of a rule file");
            break;
        }
        file.name = dcr_arena_str(arena, name);
        if (file.name == NULL)
            st = dcr_nomem(err);
        if (st == DCR_OK)
            st = read_file(arena, path, &file, err);
        if (st == DCR_OK)
            st = add_file(f, &file, err);
    }
    closedir(d);
    return st;
}

dcr_status dcr_rule_files_load(dcr_rule_files *out, dcr_arena *arena, const char *dir,
                               dcr_err *err)
{
    dcr_status st;
    memset(out, 0, sizeof *out);
    st = add_embedded(out, err);
    if (st == DCR_OK && out->n > 0)
        qsort(out->list, out->n, sizeof *out->list, by_name);
    for (size_t i = 0;
         st == DCR_OK && dir != NULL && i < sizeof folders / sizeof *folders; i++)
        st = add_folder(out, arena, dir, folders[i], err);
    if (st == DCR_OK && out->n > 0)
        qsort(out->list, out->n, sizeof *out->list, by_name);
    return st;
}

static void set_line(dcr_err *err, dcr_status code, long line)
{
    if (err != NULL && err->code == code)
        err->line = line;
}

dcr_status dcr_rule_json(const dcr_rule_file *f, json_t **out, dcr_err *err)
{
    json_error_t je;
    *out = json_loadb(f->text, f->n, JSON_REJECT_DUPLICATES, &je);
    if (*out != NULL)
        return DCR_OK;
    if (json_error_code(&je) == json_error_out_of_memory)
        return dcr_nomem(err);
    if (err == NULL || err->code == DCR_OK) {
        size_t at = je.position < 0 ? 0 : (size_t)je.position;
        dcr_fail(err, DCR_ERULES, f->name, "not valid JSON at column %d; %s", je.column,
                 dcr_json_advice(f->text, f->n, je.text, at));
        set_line(err, DCR_ERULES, je.line);
    }
    return DCR_ERULES;
}

static long line_of(const dcr_rule_file *f, const char *word)
{
    size_t n = word == NULL ? 0 : strlen(word);
    const char *p = f->text, *at = NULL;
    long line = 1;
    if (n == 0)
        return 0;
    for (p = f->text; (p = strstr(p, word)) != NULL; p++) {
        if (p > f->text && p[-1] == '"' && p[n] == '"') {
            at = p;
            break;
        }
    }
    if (at == NULL)
        return 0;
    for (p = f->text; p < at; p++)
        line += *p == '\n';
    return line;
}

dcr_status dcr_rule_fail(const dcr_rule_file *f, const char *word, dcr_err *err,
                         const char *fmt, ...)
{
    char text[sizeof err->text];
    va_list ap;
    if (err == NULL || err->code != DCR_OK)
        return DCR_ERULES;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    dcr_fail(err, DCR_ERULES, f->name, "%s", text);
    set_line(err, DCR_ERULES, line_of(f, word));
    return DCR_ERULES;
}

bool dcr_strings_have(const dcr_strings *l, const char *s)
{
    for (size_t i = 0; i < l->n; i++)
        if (strcmp(l->s[i], s) == 0)
            return true;
    return false;
}

static dcr_status wrong_type(const dcr_param_src *src, const dcr_param *p,
                             const char *want, dcr_err *err)
{
    return dcr_rule_fail(src->file, p->name, err, "\"%s\" must be %s", p->name, want);
}

static dcr_status read_list(const dcr_param_src *src, const dcr_param *p, json_t *v,
                            dcr_strings *out, dcr_err *err)
{
    size_t n = json_array_size(v);
    const char **list;
    if (!json_is_array(v))
        return wrong_type(src, p, "a list of strings", err);
    list = dcr_arena_alloc(src->arena, n, sizeof *list);
    if (list == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; i < n; i++) {
        const json_t *e = json_array_get(v, i);
        if (!json_is_string(e))
            return wrong_type(src, p, "a list of strings", err);
        list[i] = dcr_arena_str(src->arena, json_string_value(e));
        if (list[i] == NULL)
            return dcr_nomem(err);
    }
    out->s = list;
    out->n = n;
    return DCR_OK;
}

static dcr_status read_pairs(const dcr_param_src *src, const dcr_param *p, json_t *v,
                             dcr_strings *out, dcr_err *err)
{
    const char **list;
    const char *key;
    json_t *e;
    size_t n = 0;
    if (!json_is_object(v))
        return wrong_type(src, p, "an object of strings", err);
    list = dcr_arena_alloc(src->arena, json_object_size(v) * 2, sizeof *list);
    if (list == NULL)
        return dcr_nomem(err);
    json_object_foreach(v, key, e)
    {
        if (!json_is_string(e))
            return wrong_type(src, p, "an object of strings", err);
        list[n] = dcr_arena_str(src->arena, key);
        list[n + 1] = dcr_arena_str(src->arena, json_string_value(e));
        if (list[n] == NULL || list[n + 1] == NULL)
            return dcr_nomem(err);
        n += 2;
    }
    out->s = list;
    out->n = n;
    return DCR_OK;
}

static dcr_status read_string(const dcr_param_src *src, const dcr_param *p,
                              const json_t *v, const char **out, dcr_err *err)
{
    if (!json_is_string(v))
        return wrong_type(src, p, "a string", err);
    *out = dcr_arena_str(src->arena, json_string_value(v));
    return *out == NULL ? dcr_nomem(err) : DCR_OK;
}

static dcr_status read_one(const dcr_param_src *src, const dcr_param *p, json_t *v,
                           char *at, dcr_err *err)
{
    void *field = at + p->offset; /* aligned: the offset of a member of that type */
    json_int_t i;
    switch (p->kind) {
    case DCR_P_STRING:
        return read_string(src, p, v, field, err);
    case DCR_P_STRINGS:
        return read_list(src, p, v, field, err);
    case DCR_P_PAIRS:
        return read_pairs(src, p, v, field, err);
    case DCR_P_UINT:
        i = json_integer_value(v);
        if (!json_is_integer(v) || i < 0 || i > 1000000000)
            return wrong_type(src, p, "a whole number from 0 to 1000000000", err);
        *(size_t *)field = (size_t)i;
        return DCR_OK;
    case DCR_P_BOOL:
        if (!json_is_boolean(v))
            return wrong_type(src, p, "true or false", err);
        *(bool *)field = json_is_true(v);
        return DCR_OK;
    case DCR_P_JSON:
        *(const json_t **)field = v;
        return DCR_OK;
    }
    return DCR_OK;
}

static bool has_param(const dcr_param *spec, const char *key)
{
    while (spec->name != NULL && strcmp(spec->name, key) != 0)
        spec++;
    return spec->name != NULL;
}

static dcr_status unknown_key(const dcr_param_src *src, const dcr_param *spec,
                              const char *key, dcr_err *err)
{
    dcr_near near = dcr_near_of(key);
    for (; spec->name != NULL; spec++)
        dcr_near_try(&near, spec->name);
    if (near.found == NULL)
        return dcr_rule_fail(src->file, key, err, "unknown key \"%.60s\"", key);
    return dcr_rule_fail(src->file, key, err,
                         "unknown key \"%.60s\"; did you mean \"%s\"?", key, near.found);
}

dcr_status dcr_params_read(const dcr_param_src *src, const json_t *obj,
                           const dcr_param *spec, void *out, dcr_err *err)
{
    dcr_status st = DCR_OK;
    const char *key;
    json_t *e;
    if (!json_is_object(obj))
        return dcr_rule_fail(src->file, NULL, err, "an object is wanted here");
    /* First what nobody knows: a key that is missing is often one that is misspelt. */
    json_object_foreach((json_t *)(uintptr_t)obj, key, e)
    {
        if (!has_param(spec, key))
            return unknown_key(src, spec, key, err);
    }
    for (const dcr_param *p = spec; p->name != NULL; p++) {
        json_t *v = json_object_get(obj, p->name);
        if (p->kind == DCR_P_STRING)
            *(const char **)(void *)((char *)out + p->offset) = "";
        if (v == NULL && p->required) /* at the object's first key, if it has one */
            return dcr_rule_fail(
                src->file,
                json_object_iter_key(json_object_iter((json_t *)(uintptr_t)obj)), err,
                "\"%s\" is missing", p->name);
        if (v == NULL)
            continue;
        st = read_one(src, p, v, out, err);
        if (st != DCR_OK)
            return st;
    }
    return st;
}
