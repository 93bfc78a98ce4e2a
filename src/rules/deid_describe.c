/* What a cluster of series states, whose marks it bears, and whether the two agree. */
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "deid_work.h"

/* A tool is named when its marks weigh this much, and no other's weigh as much. */
enum { ENOUGH = 3 };

typedef struct marks { /* of one cluster; masks have a bit for each tool */
    const char *removed, *temporal, *uids;
    uint64_t method, uid_all, uid_specific, dates, times, creators, values;
    uint64_t codes; /* a bit for each code */
    uint32_t n_uids, last_study, last_subject;
    bool any_method, vendor, real_date;
} marks;

typedef struct job {
    const dcr_deid_work *w;
    marks *of; /* by cluster */
} job;

/* ---- gathering ---- */

static void word(const char **at, const char *w)
{
    if (*at == NULL)
        *at = w;
    else if (strcmp(*at, w) != 0)
        *at = "mixed";
}

/* One of the defined terms; never the value itself. */
static const char *term(const dcr_value *v)
{
    static const char *const terms[] = {"YES", "NO", "MODIFIED", "UNMODIFIED", "REMOVED"};
    size_t n = v->len;
    while (n > 0 && v->bytes[n - 1] == ' ')
        n--;
    for (size_t i = 0; i < sizeof terms / sizeof *terms; i++)
        if (strlen(terms[i]) == n && memcmp(terms[i], v->bytes, n) == 0)
            return terms[i];
    return n == 0 ? "absent" : "other";
}

typedef struct seen { /* what one value tells */
    const char *removed, *temporal, *uids;
    uint64_t method, uid, uid_specific, dates, times, creators, values, codes;
    bool is_uid, any_method, vendor, real_date;
} seen;

static void add(const job *j, const dcr_value *v, const seen *s)
{
    for (uint32_t i = 0; v->in_series != NULL && i < v->series; i++) {
        marks *m = &j->of[j->w->cluster[v->in_series[i]]];
        if (s->removed != NULL)
            word(&m->removed, s->removed);
        if (s->temporal != NULL)
            word(&m->temporal, s->temporal);
        if (s->uids != NULL)
            word(&m->uids, s->uids);
        if (s->is_uid) {
            m->uid_all = m->n_uids == 0 ? s->uid : m->uid_all & s->uid;
            m->uid_specific |= s->uid_specific;
            m->n_uids += m->n_uids < UINT32_MAX;
        }
        m->method |= s->method;
        m->dates |= s->dates;
        m->times |= s->times;
        m->creators |= s->creators;
        m->values |= s->values;
        m->codes |= s->codes;
        m->any_method = m->any_method || s->any_method;
        m->vendor = m->vendor || s->vendor;
        m->real_date = m->real_date || s->real_date;
    }
}

/* Calls `read` for each value at the path that says something. */
static void each(const job *j, const char *path,
                 void (*read)(const job *j, const dcr_value *v, seen *s))
{
    const dcr_attr *a = dcr_model_attr(j->w->model, path);
    for (size_t i = 0; a != NULL && i < a->n_values; i++) {
        seen s = {0};
        if (a->values[i].len == 0)
            continue;
        read(j, &a->values[i], &s);
        add(j, &a->values[i], &s);
    }
}

static void each_of(const job *j, const dcr_strings *paths,
                    void (*read)(const job *j, const dcr_value *v, seen *s))
{
    for (size_t i = 0; i < paths->n; i++)
        each(j, paths->s[i], read);
}

static void read_removed(const job *j, const dcr_value *v, seen *s)
{
    (void)j;
    s->removed = term(v);
}

static void read_temporal(const job *j, const dcr_value *v, seen *s)
{
    (void)j;
    s->temporal = term(v);
}

static void read_method(const job *j, const dcr_value *v, seen *s)
{
    s->any_method = true;
    s->method = dcr_deid_by_method(j->w->tools, v->bytes, v->len);
}

static void read_code(const job *j, const dcr_value *v, seen *s)
{
    s->codes = dcr_deid_code(j->w->tools, v->bytes, v->len);
}

static void read_uid(const job *j, const dcr_value *v, seen *s)
{
    s->is_uid = true;
    s->uids = dcr_deid_uid_words(j->w, v, &s->uid, &s->uid_specific, &s->vendor);
}

/* Only values of the vocabulary of dummies: a tool's dummy may be somebody's true date.
 */
static uint64_t dummy_of(const job *j, const dcr_value *v, dcr_deid_list list)
{
    return (v->flags & DCR_VALUE_DUMMY) == 0
               ? 0
               : dcr_deid_by_text(j->w->tools, list, v->bytes, v->len);
}

static void read_date(const job *j, const dcr_value *v, seen *s)
{
    s->dates = dummy_of(j, v, DCR_DEID_DATES);
    s->real_date = dcr_value_real(v);
}

static void read_time(const job *j, const dcr_value *v, seen *s)
{
    s->times = dummy_of(j, v, DCR_DEID_TIMES);
}

static void read_private(const job *j)
{
    const dcr_model *m = j->w->model;
    for (size_t i = 0; i < m->n_attrs; i++) {
        const dcr_attr *a = &m->attrs[i];
        dcr_private_info info;
        seen s = {0};
        if (a->creator == NULL || !dcr_rules_private(j->w->rules, a->path, &info) ||
            info.kind == DCR_PRIVATE_CREATOR)
            continue;
        s.creators = dcr_deid_by_text(j->w->tools, DCR_DEID_CREATORS,
                                      (const uint8_t *)a->creator, strlen(a->creator));
        for (size_t k = 0; k < a->n_values; k++)
            add(j, &a->values[k], &s);
    }
}

static void read_values(const job *j)
{
    for (size_t i = 0; i < j->w->tools->n; i++) {
        const dcr_deid_tool *t = &j->w->tools->tool[i];
        const dcr_deid_value *w = t->values.items;
        for (size_t k = 0; k < t->values.n; k++) {
            const dcr_attr *a = dcr_model_attr(j->w->model, w[k].tag);
            seen s = {.values = (uint64_t)1 << i};
            size_t n = strlen(w[k].value);
            for (size_t v = 0; a != NULL && v < a->n_values; v++)
                if (a->values[v].len == n &&
                    memcmp(a->values[v].bytes, w[k].value, n) == 0)
                    add(j, &a->values[v], &s);
        }
    }
}

static void gather(const job *j)
{
    const dcr_deid_paths *p = &j->w->tools->paths;
    each(j, "0012,0062", read_removed);
    each(j, "0028,0303", read_temporal);
    each(j, "0012,0063", read_method);
    each(j, "0012,0064/0008,0100", read_code);
    each_of(j, &p->uids, read_uid);
    each_of(j, &p->dates, read_date);
    each_of(j, &p->times, read_time);
    read_private(j);
    read_values(j);
}

/* ---- whose work ---- */

/* True when the tool leaves no date as it was, nor shifted. */
static bool leaves_no_dates(const dcr_deid_tool *t)
{
    const dcr_date_way *d = t->dates.items;
    for (size_t i = 0; i < t->dates.n; i++)
        if (strcmp(d[i].method, "dummy") != 0 && strcmp(d[i].method, "removed") != 0)
            return false;
    return t->dates.n > 0;
}

static bool writes_yes(const dcr_deid_tool *t)
{
    return t->identity_removed[0] != '\0';
}

static bool says_removed(const marks *m)
{
    return m->removed != NULL && strcmp(m->removed, "YES") == 0;
}

/* What a tool's marks weigh: its name most, a dummy or a kind of UID that others write
 * too least; marks that it would not leave count against it. */
static int weight(const dcr_deid_marks *t, size_t i, const marks *m)
{
    const dcr_deid_tool *tool = &t->tool[i];
    uint64_t codes = dcr_deid_codes_of(t, i);
    int n = 0;
    if (m->method != 0 && (m->method >> i & 1) == 0)
        return 0; /* it names another */
    n += (m->method >> i & 1) != 0 ? 4 : 0;
    n += (m->values >> i & 1) != 0 ? 3 : 0;
    n += (m->creators >> i & 1) != 0 ? 2 : 0;
    n += codes != 0 && codes == m->codes ? 2 : 0;
    if (m->n_uids > 0 && (m->uid_all >> i & 1) != 0)
        n += (m->uid_specific >> i & 1) != 0 ? 3 : 1;
    n += (m->dates >> i & 1) != 0;
    n += (m->times >> i & 1) != 0;
    if (writes_yes(tool) != says_removed(m))
        n -= 1;
    return n;
}

static const char *whose(const dcr_deid_marks *t, const marks *m)
{
    int best = 0;
    const char *name = "";
    for (size_t i = 0; i < t->n; i++) {
        int n = weight(t, i, m);
        if (n > best) {
            best = n;
            name = t->tool[i].name;
        } else if (n == best) {
            name = "";
        }
    }
    return best >= ENOUGH ? name : "";
}

/* Why the tool that the text names cannot have written this; "" when it can. */
static const char *doubt_of(const dcr_deid_tool *tool, size_t i, const marks *m)
{
    if (writes_yes(tool) && !says_removed(m))
        return "that tool also writes PatientIdentityRemoved YES";
    if (tool->uid.n > 0 && m->vendor)
        return "that tool replaces UIDs, and they are as a scanner wrote them";
    if (m->uid_specific != 0 && (m->uid_specific >> i & 1) == 0)
        return "the UIDs are of the form that another tool writes";
    if (leaves_no_dates(tool) && m->real_date)
        return "that tool leaves no dates, and there are some";
    return "";
}

static void name_tool(const dcr_deid_marks *t, const marks *m, dcr_deid_cluster *c)
{
    size_t named = 0, which = 0;
    for (size_t i = 0; i < t->n; i++)
        if ((m->method >> i & 1) != 0) {
            named++;
            which = i;
        }
    c->tool = whose(t, m);
    c->method = !m->any_method ? "absent" : named > 0 ? "named" : "other";
    c->named = named == 1 ? t->tool[which].name : "";
    c->doubt = named == 1 ? doubt_of(&t->tool[which], which, m) : "";
}

/* ---- the list ---- */

static dcr_status fill(const dcr_deid_marks *t, const marks *m, dcr_arena *arena,
                       dcr_deid_cluster *c, dcr_err *err)
{
    const char **codes = dcr_arena_alloc(arena, DCR_DEID_CODES, sizeof *codes);
    if (codes == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; i < t->n_codes; i++)
        if ((m->codes >> i & 1) != 0)
            codes[c->n_codes++] = t->code[i];
    c->codes = codes;
    c->identity_removed = m->removed == NULL ? "absent" : m->removed;
    c->temporal = m->temporal == NULL ? "absent" : m->temporal;
    c->uids = m->uids == NULL ? "absent" : m->uids;
    name_tool(t, m, c);
    return DCR_OK;
}

static void count(dcr_deid *d, const dcr_model *m, marks *of)
{
    for (uint32_t s = 0; s < m->n_series; s++) {
        uint32_t k = d->of_series[s], study = dcr_series_study(m, s) + 1;
        uint32_t subject = dcr_series_subject(m, s) + 1;
        dcr_deid_cluster *c = &d->list[k];
        c->series++;
        c->studies += of[k].last_study != study;
        c->subjects += of[k].last_subject != subject;
        of[k].last_study = study;
        of[k].last_subject = subject;
    }
}

/* A statement, or a mark that only de-identification leaves. */
static bool is_trait(const marks *m, const dcr_deid_cluster *c)
{
    return says_removed(m) || m->any_method || m->codes != 0 || m->temporal != NULL ||
           c->tool[0] != '\0' || m->uid_specific != 0 || m->dates != 0;
}

dcr_status dcr_deid_describe(dcr_deid *out, const dcr_deid_work *w, dcr_err *err)
{
    dcr_arena *arena = dcr_alloc(1, sizeof *arena);
    const dcr_model *m = w->model;
    job j = {w, dcr_alloc(w->n_clusters, sizeof *j.of)};
    uint32_t *of_series = NULL;
    dcr_status st = DCR_OK;
    out->owner = arena;
    if (arena != NULL) {
        out->list = dcr_arena_alloc(arena, w->n_clusters, sizeof *out->list);
        of_series = dcr_arena_alloc(arena, m->n_series, sizeof *of_series);
    }
    if (j.of == NULL || out->list == NULL || of_series == NULL) {
        dcr_free(j.of);
        return dcr_nomem(err);
    }
    if (m->n_series > 0)
        memcpy(of_series, w->cluster, m->n_series * sizeof *of_series);
    out->of_series = of_series;
    out->n = w->n_clusters;
    gather(&j);
    count(out, m, j.of);
    for (size_t i = 0; st == DCR_OK && i < out->n; i++) {
        dcr_deid_cluster *c = &out->list[i];
        st = fill(w->tools, &j.of[i], arena, c, err);
        c->share = (double)c->series / m->n_series;
        out->traits = out->traits || (st == DCR_OK && is_trait(&j.of[i], c));
    }
    dcr_free(j.of);
    return st;
}

void dcr_deid_clear(dcr_deid *d)
{
    if (d->owner != NULL)
        dcr_arena_clear(d->owner);
    dcr_free(d->owner);
    *d = (dcr_deid){0};
}
