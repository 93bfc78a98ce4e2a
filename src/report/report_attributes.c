/* Attributes and findings, with nothing in them that a file said. */
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "buf.h"
#include "dict.h"
#include "mask.h"
#include "parts.h"

/* ---- names: creators and names of private sub-paths are content of files ---- */

/* May the text that ends at prefix[0 .. n) be printed?  When it is in our dictionaries,
 * or held by at least k subjects. */
static bool printable(const dcr_report_input *in, const char *path, size_t n,
                      uint32_t subjects)
{
    char prefix[512];
    dcr_role_info role;
    if (subjects >= dcr_policy_k(in->policy))
        return true;
    if (n >= sizeof prefix)
        return false;
    memcpy(prefix, path, n);
    prefix[n] = '\0';
    dcr_rules_role(in->rules, prefix, "UN", &role);
    return role.known_creator;
}

static void add_shape(dcr_buf *b, const char *p, size_t n)
{
    char shape[DCR_SHAPE_MAX];
    dcr_shape((const uint8_t *)p, n, shape);
    for (char *c = shape; *c != '\0'; c++)
        if (strchr("/:{}", *c) != NULL)
            *c = '.'; /* keeps the path readable as a path */
    dcr_buf_str(b, shape);
}

/* A path with every creator and opener name that is not for print replaced by its shape.
 */
static void mask_path(const dcr_report_input *in, const dcr_attr *a, dcr_buf *b)
{
    const char *p = a->path;
    if (dcr_rules_public_name(in->rules, p)) {
        dcr_buf_str(b, p);
        return;
    }
    while (*p != '\0') {
        const char *open = strchr(p, '{'), *end = open == NULL ? NULL : strchr(open, '}');
        const char *opener = open == NULL ? strchr(p, ':') : NULL;
        const char *name = opener == NULL ? NULL : strchr(opener, '/');
        if (end != NULL) {
            dcr_buf_add(b, p, (size_t)(open + 1 - p));
            if (printable(in, a->path, (size_t)(end + 1 - a->path), a->subjects))
                dcr_buf_add(b, open + 1, (size_t)(end - open - 1));
            else
                add_shape(b, open + 1, (size_t)(end - open - 1));
            dcr_buf_char(b, '}');
            p = end + 1;
        } else if (name != NULL && a->subjects < dcr_policy_k(in->policy)) {
            dcr_buf_add(b, p, (size_t)(name + 1 - p));
            add_shape(b, name + 1, strlen(name + 1));
            return;
        } else {
            dcr_buf_str(b, p);
            return;
        }
    }
}

typedef struct paths { /* as printed; next: the suffix to try next, by number in the
                          dictionary */
    dcr_dict seen;
    unsigned *next;
    size_t cap;
} paths;

/* The number of a printed path; *fresh when nobody had it. */
static uint32_t add_path(paths *p, const dcr_buf *b, bool *fresh)
{
    uint32_t before = p->seen.n, at;
    at = b->failed ? DCR_DICT_NONE : dcr_dict_add(&p->seen, b->p, b->n, 0);
    if (at == DCR_DICT_NONE ||
        !dcr_grow(&p->next, &p->cap, (size_t)at + 1, sizeof *p->next))
        return DCR_DICT_NONE;
    *fresh = at >= before;
    if (*fresh)
        p->next[at] = 2;
    return at;
}

/* Two paths may look alike once masked: the second one gets "~2" and so on. */
static dcr_status unique_path(paths *p, dcr_buf *b, char **out, dcr_err *err)
{
    size_t base = b->n;
    bool fresh = false;
    uint32_t at = add_path(p, b, &fresh);
    while (at != DCR_DICT_NONE && !fresh) {
        b->n = base;
        dcr_buf_fmt(b, "~%u", p->next[at]++);
        if (add_path(p, b, &fresh) == DCR_DICT_NONE)
            at = DCR_DICT_NONE;
    }
    *out = at == DCR_DICT_NONE ? NULL : dcr_strdup(b->p);
    return *out == NULL ? dcr_nomem(err) : DCR_OK;
}

static dcr_status name_one(const dcr_report_input *in, size_t i, dcr_names *out,
                           paths *seen, dcr_buf *b, dcr_err *err)
{
    const dcr_attr *a = &in->model->attrs[i];
    dcr_status rc;
    b->n = 0;
    mask_path(in, a, b);
    rc = unique_path(seen, b, &out->path[i], err);
    if (rc != DCR_OK || a->creator == NULL)
        return rc;
    b->n = 0;
    dcr_buf_str(b, "");
    if (printable(in, a->path, (size_t)(strrchr(a->path, '}') + 1 - a->path),
                  a->subjects))
        dcr_buf_str(b, a->creator);
    else
        add_shape(b, a->creator, strlen(a->creator));
    out->creator[i] = b->failed ? NULL : dcr_strdup(b->p);
    return out->creator[i] == NULL ? dcr_nomem(err) : DCR_OK;
}

dcr_status dcr_names_build(dcr_names *out, const dcr_report_input *in, dcr_err *err)
{
    size_t n = in->model->n_attrs;
    paths seen = {0};
    dcr_buf b = {0};
    dcr_status rc = DCR_OK;
    out->n = n;
    out->path = dcr_alloc(n, sizeof *out->path);
    out->creator = dcr_alloc(n, sizeof *out->creator);
    if (out->path == NULL || out->creator == NULL)
        rc = dcr_nomem(err);
    for (size_t i = 0; i < n && rc == DCR_OK; i++)
        rc = name_one(in, i, out, &seen, &b, err);
    dcr_dict_clear(&seen.seen);
    dcr_free(seen.next);
    dcr_buf_clear(&b);
    return rc;
}

void dcr_names_clear(dcr_names *n)
{
    for (size_t i = 0; i < n->n; i++) {
        if (n->path != NULL)
            dcr_free(n->path[i]);
        if (n->creator != NULL)
            dcr_free(n->creator[i]);
    }
    dcr_free(n->path);
    dcr_free(n->creator);
}

/* ---- attributes ---- */

static json_t *count(uint64_t n)
{
    return json_integer((json_int_t)n);
}

static json_t *text_or_null(const char *s)
{
    return s == NULL || *s == '\0' ? json_null() : json_string(s);
}

/* The commonest shape; when fewer than k subjects have it, only how long it is. */
static json_t *shape_of(const dcr_report_input *in, const dcr_attr *a)
{
    char length[DCR_SHAPE_MAX];
    if (*a->shape == '\0')
        return json_null();
    if (a->shape_subjects >= dcr_policy_k(in->policy))
        return json_string(a->shape);
    dcr_length_class(strlen(a->shape), length);
    return json_string(length);
}

static const char *vr_of(const dcr_attr *a)
{
    bool letters =
        a->vr[0] >= 'A' && a->vr[0] <= 'Z' && a->vr[1] >= 'A' && a->vr[1] <= 'Z';
    return letters ? a->vr : "??";
}

enum { MAX_SHOWN_VALUES = 20 };

static json_t *shown_values(const dcr_attr *a)
{
    json_t *list = json_array();
    for (size_t i = 0; i < a->n_values && json_array_size(list) < MAX_SHOWN_VALUES; i++) {
        const dcr_value *v = &a->values[i];
        bool text = dcr_utf8_valid(v->bytes, v->len) == v->len &&
                    (v->len == 0 || memchr(v->bytes, 0, v->len) == NULL);
        json_t *s = text ? json_stringn((const char *)v->bytes, v->len) : NULL;
        json_array_append_new(list, s == NULL ? json_sprintf("(%u bytes)", v->len) : s);
    }
    return list;
}

typedef struct found { /* findings by attribute; places are + 1, 0 ends */
    size_t *first, *next;
} found;

/* Ids of findings are their place: F1 is the first. */
static json_t *findings_of(const found *f, size_t attr)
{
    json_t *list = json_array();
    for (size_t i = f->first[attr]; i != 0; i = f->next[i - 1])
        json_array_append_new(list, json_sprintf("F%zu", i));
    return list;
}

static json_t *needs_option(const dcr_report_input *in, const dcr_attr *a)
{
    const char *codes[DCR_NEEDS_OPTION_MAX];
    size_t n = dcr_rules_needs_option(in->model->rules, a, codes);
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, json_string(codes[i]));
    return list;
}

static json_t *attribute(const dcr_report_input *in, const dcr_names *names, size_t i,
                         const found *by_attr)
{
    const dcr_attr *a = &in->model->attrs[i];
    const char *purpose = dcr_rules_purpose(in->rules, in->project, a->path);
    const char *concept = a->concept < 0 ? NULL : in->model->concepts[a->concept].id;
    json_t *j = json_pack(
        "{s:s, s:o, s:o, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b, "
        "s:b, s:o, s:o,"
        " s:o, s:o, s:o, s:o}",
        "path", names->path[i], "keyword", text_or_null(a->keyword), "creator",
        names->creator[i] == NULL ? json_null() : json_string(names->creator[i]), "vr",
        vr_of(a), "role", dcr_role_name(a->role), "family", text_or_null(a->family),
        "concept", text_or_null(concept), "files", count(a->files), "series",
        count(a->series), "studies", count(a->studies), "subjects", count(a->subjects),
        "empty", count(a->empty), "dummy", count(a->dummy), "distinct",
        count(a->distinct), "distinct_exact", a->exact, "constant", a->constant,
        "unique_subjects", a->exact ? count(a->unique_subjects) : json_null(), "k_min",
        a->exact && a->k_min > 0 ? count(a->k_min) : json_null(), "bits",
        a->exact ? json_real(a->bits) : json_null(), "shape", shape_of(in, a), "purpose",
        text_or_null(purpose), "findings", findings_of(by_attr, i));
    if (j != NULL)
        json_object_set_new(j, "needs_option", needs_option(in, a));
    if (j != NULL && in->show_values)
        json_object_set_new(j, "values", shown_values(a));
    return j;
}

dcr_status dcr_report_attributes(json_t *doc, const dcr_report_input *in,
                                 const dcr_names *names, dcr_err *err)
{
    json_t *list = json_array();
    found f = {dcr_alloc(in->model->n_attrs, sizeof *f.first),
               dcr_alloc(in->findings->n, sizeof *f.next)};
    dcr_status rc =
        list == NULL || f.first == NULL || f.next == NULL ? dcr_nomem(err) : DCR_OK;
    for (size_t i = in->findings->n; i-- > 0 && rc == DCR_OK;)
        if (in->findings->list[i].attr != NULL) {
            size_t attr = (size_t)(in->findings->list[i].attr - in->model->attrs);
            f.next[i] = f.first[attr];
            f.first[attr] = i + 1;
        }
    for (size_t i = 0; i < in->model->n_attrs && rc == DCR_OK; i++)
        if (json_array_append_new(list, attribute(in, names, i, &f)) != 0)
            rc = dcr_nomem(err);
    dcr_free(f.first);
    dcr_free(f.next);
    if (rc != DCR_OK) {
        json_decref(list);
        return rc;
    }
    return dcr_put(doc, "attributes", list, err);
}

/* ---- findings ---- */

static json_t *finding(const dcr_report_input *in, const dcr_names *names, size_t i)
{
    const dcr_finding *f = &in->findings->list[i];
    const char *accepted = in->gate->accepted[i];
    json_t *references = json_array();
    for (size_t r = 0; r < f->n_references; r++)
        json_array_append_new(references, json_string(f->references[r]));
    return json_pack(
        "{s:o, s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:s, s:o, "
        "s:o, s:o}",
        "id", json_sprintf("F%zu", i + 1), "rule", f->rule, "severity",
        dcr_severity_name(f->severity), "criterion", f->criterion, "title", f->title,
        "path",
        f->attr == NULL ? json_null()
                        : json_string(names->path[f->attr - in->model->attrs]),
        "subjects", count(f->subjects), "studies", count(f->studies), "series",
        count(f->series), "files", count(f->files), "shape", text_or_null(f->shape),
        "detail", text_or_null(f->detail), "why", f->why, "remedy", f->remedy,
        "references", references, "acceptance", text_or_null(accepted), "gate",
        text_or_null(*f->gate == '\0' ? NULL : f->gate));
}

dcr_status dcr_report_findings(json_t *doc, const dcr_report_input *in,
                               const dcr_names *names, dcr_err *err)
{
    json_t *list = json_array();
    for (size_t i = 0; i < in->findings->n; i++)
        if (json_array_append_new(list, finding(in, names, i)) != 0) {
            json_decref(list);
            return dcr_nomem(err);
        }
    return dcr_put(doc, "findings", list, err);
}
