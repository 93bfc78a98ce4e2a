/* From written files to rows, as plainly as the definitions can be followed.
 *
 * Works on what was put into each data set, never on the program under test. */
#include "mkcohort_truth.h"

#include <string.h>

#include "alloc.h"
#include "hash.h"

/* A value as the definitions see it: blanks and NULs at both ends gone, numbers in
 * decimal. */
static const char *trimmed(mk_ctx *x, const mk_elem *e)
{
    const uint8_t *p = e->p;
    size_t n = e->n;
    if (strcmp(e->vr, "US") == 0 && n == 2)
        return mk_text(&x->plan, "%u", p[0] | (unsigned)p[1] << 8);
    while (n > 0 && (p[n - 1] == ' ' || p[n - 1] == '\0'))
        n--;
    while (n > 0 && (*p == ' ' || *p == '\0')) {
        p++;
        n--;
    }
    char *s = dcr_arena_bytes(&x->plan, n > 0 ? (const void *)p : "", n);
    if (s == NULL)
        mk_die("no memory");
    return s;
}

static const char *tag_value(mk_ctx *x, const mk_ds *ds, uint32_t tag)
{
    const mk_elem *e = mk_find(ds, tag);
    return e == NULL ? "" : trimmed(x, e);
}

static void note_carrier(mk_ctx *x, const mk_ds *ds, size_t c, mk_facts *out)
{
    uint32_t tag, inner;
    size_t n = 0;
    mk_path_tags(mk_carriers[c].path, &tag, &inner);
    const mk_elem *e = mk_find(ds, tag);
    if (e != NULL && inner == 0)
        out->value[c][n++] = trimmed(x, e);
    for (uint32_t i = 0; e != NULL && inner != 0 && i < e->n_items && n < 3; i++)
        if (mk_find(&e->item[i], inner) != NULL)
            out->value[c][n++] = tag_value(x, &e->item[i], inner);
}

void mk_note(mk_ctx *x, const mk_file *f, const dcr_buf *bytes)
{
    char hex[33];
    if (!x->want_truth)
        return;
    mk_facts *o = mk_alloc(&x->plan, 1, sizeof *o);
    dcr_hash128_hex(dcr_hash128_of(bytes->p, bytes->n), hex);
    o->patient_id = tag_value(x, &f->ds, 0x00100020);
    if (mk_is_dummy("LO", o->patient_id))
        o->patient_id = "";
    o->issuer = tag_value(x, &f->ds, 0x00100021);
    if (mk_is_dummy("LO", o->issuer))
        o->issuer = "";
    o->study_uid = tag_value(x, &f->ds, 0x0020000D);
    o->series_uid = tag_value(x, &f->ds, 0x0020000E);
    o->sop_uid = tag_value(x, &f->ds, 0x00080018);
    o->digest = mk_dup(&x->plan, hex);
    for (size_t c = 0; c < MK_CARRIERS; c++)
        note_carrier(x, &f->ds, c, o);
    if (!dcr_grow(&x->facts, &x->cap_facts, x->n_facts + 1, sizeof *x->facts))
        mk_die("no memory");
    x->facts[x->n_facts++] = o;
}

/* The issuer that counts for a file: its own, or the smallest of its PatientID when
 * others have one; NULL when the PatientID has fewer than two. */
static const char *counting_issuer(const mk_world *w, const mk_facts *f)
{
    const char *least = NULL;
    bool two = false;
    for (size_t i = 0; i < w->n_files; i++) {
        const mk_facts *g = w->file[i];
        if (strcmp(g->patient_id, f->patient_id) != 0 || g->issuer[0] == '\0')
            continue;
        if (least != NULL && strcmp(g->issuer, least) != 0)
            two = true;
        if (least == NULL || strcmp(g->issuer, least) < 0)
            least = g->issuer;
    }
    if (!two)
        return NULL;
    return f->issuer[0] != '\0' ? f->issuer : least;
}

/* What stands in for a missing UID: the instance, or the file itself. */
static const char *stand_in(const mk_facts *f)
{
    return f->sop_uid[0] != '\0' ? f->sop_uid : f->digest;
}

static const char *study_key(const mk_facts *f)
{
    return f->study_uid[0] != '\0' ? f->study_uid : stand_in(f);
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static uint32_t person_of(mk_world *w, const mk_facts *f)
{
    bool inferred = f->patient_id[0] == '\0';
    const char *key = inferred ? study_key(f) : f->patient_id;
    const char *issuer = inferred ? NULL : counting_issuer(w, f);
    for (uint32_t i = 0; i < w->n_persons; i++) {
        const mk_person *p = &w->person[i];
        if (p->inferred == inferred && strcmp(p->key, key) == 0 &&
            same_text(p->issuer, issuer))
            return i;
    }
    w->person[w->n_persons] = (mk_person){key, issuer, inferred};
    return w->n_persons++;
}

static void number_everything(mk_world *w)
{
    const char **study = mk_alloc(w->arena, w->n_files, sizeof *study);
    const char **series = mk_alloc(w->arena, w->n_files, sizeof *series);
    for (size_t i = 0; i < w->n_files; i++) {
        mk_facts *f = w->file[i];
        uint32_t s = 0, e = 0;
        f->subject = person_of(w, f);
        while (s < w->n_studies &&
               !(w->study_person[s] == f->subject && strcmp(study[s], study_key(f)) == 0))
            s++;
        if (s == w->n_studies) {
            w->study_person[s] = f->subject;
            study[w->n_studies++] = study_key(f);
        }
        while (e < w->n_series &&
               !(w->series_study[e] == s && strcmp(series[e], f->series_uid) == 0))
            e++;
        if (e == w->n_series) {
            w->series_study[e] = s;
            series[w->n_series++] = f->series_uid;
        }
        f->study = s;
        f->series = e;
    }
}

/* Derived: at least one real modality, and none that is an acquisition. */
static void find_derived(mk_world *w)
{
    size_t c = 0;
    while (strcmp(mk_carriers[c].concept, "modality") != 0)
        c++;
    for (uint32_t e = 0; e < w->n_series; e++) {
        bool some = false, image = false;
        for (size_t i = 0; i < w->n_files; i++) {
            const char *v = w->file[i]->value[c][0];
            if (w->file[i]->series != e || v == NULL || v[0] == '\0' ||
                mk_is_dummy("CS", v))
                continue;
            some = true;
            image |= !mk_is_derived(v);
        }
        w->derived[e] = some && !image;
    }
}

/* What a carrier's value says of a concept; NULL when it is no real value. */
static const char *real_value(const mk_world *w, size_t c, const char *v)
{
    const char *vr = mk_carriers[c].vr, *concept = mk_carriers[c].concept;
    if (v[0] == '\0' || mk_is_dummy(vr, v))
        return NULL;
    if (strcmp(concept, "modality") == 0 && mk_is_derived(v))
        return NULL;
    if (strcmp(vr, "DT") != 0)
        return v;
    if (strcmp(concept, "exam_date") == 0)
        return mk_text(w->arena, "%.8s", v);
    if (strlen(v) < 8)
        return NULL;
    size_t n = strcspn(v + 8, "+-&");
    return n < 2 ? NULL : mk_text(w->arena, "%.*s", (int)n, v + 8);
}

/* A concept over the files of a study, or of one of its series. */
static const char *look_up(const mk_world *w, const char *concept, bool by_series,
                           uint32_t number)
{
    for (size_t c = 0; c < MK_CARRIERS; c++) {
        const char *least =
            NULL; /* the smallest as recorded: of dates with times, the earliest */
        if (strcmp(mk_carriers[c].concept, concept) != 0)
            continue;
        for (size_t i = 0; i < w->n_files; i++) {
            const mk_facts *f = w->file[i];
            if ((by_series ? f->series : f->study) != number)
                continue;
            for (size_t k = 0; k < 3 && f->value[c][k] != NULL; k++) {
                const char *v = f->value[c][k];
                if (real_value(w, c, v) != NULL &&
                    (least == NULL || strcmp(v, least) < 0))
                    least = v;
            }
        }
        if (least != NULL)
            return real_value(w, c, least);
    }
    return NULL;
}

/* The one site of a device, over all series that name one. */
static const char *site_of_device(const mk_world *w, const char *device)
{
    const char *site = NULL;
    for (uint32_t e = 0; device != NULL && e < w->n_series; e++) {
        const char *d = w->device[e], *s = w->site[e];
        if (d == NULL || s == NULL || strcmp(d, device) != 0)
            continue;
        if (site != NULL && strcmp(site, s) != 0)
            return NULL;
        site = s;
    }
    return site;
}

static void add_row(mk_world *w, uint32_t series)
{
    uint32_t study = w->series_study[series];
    mk_row *r = &w->row[w->n_rows++];
    r->series = series;
    r->study = study;
    r->subject = w->study_person[study];
    for (size_t c = 0; c < MK_CONCEPTS; c++) {
        bool by_series = mk_concepts[c].level == 'e';
        r->value[c] =
            look_up(w, mk_concepts[c].id, by_series, by_series ? series : study);
    }
    size_t age = mk_concept_no("age"), site = mk_concept_no("site");
    if (r->value[age] == NULL)
        r->value[age] = mk_years(w->arena, r->value[mk_concept_no("birth_date")],
                                 r->value[mk_concept_no("exam_date")]);
    if (r->value[site] == NULL)
        r->value[site] = site_of_device(w, r->value[mk_concept_no("device")]);
}

void mk_world_build(mk_world *w)
{
    size_t n = w->n_files;
    w->person = mk_alloc(w->arena, n, sizeof *w->person);
    w->study_person = mk_alloc(w->arena, n, sizeof *w->study_person);
    w->series_study = mk_alloc(w->arena, n, sizeof *w->series_study);
    w->derived = mk_alloc(w->arena, n, sizeof *w->derived);
    w->row = mk_alloc(w->arena, n, sizeof *w->row);
    w->device = mk_alloc(w->arena, n, sizeof *w->device);
    w->site = mk_alloc(w->arena, n, sizeof *w->site);
    number_everything(w);
    find_derived(w);
    for (uint32_t e = 0; e < w->n_series; e++) {
        w->device[e] = look_up(w, "device", true, e);
        w->site[e] = look_up(w, "site", true, e);
    }
    for (uint32_t s = 0; s < w->n_studies; s++) {
        bool image = false;
        for (uint32_t e = 0; e < w->n_series; e++)
            image |= w->series_study[e] == s && !w->derived[e];
        for (uint32_t e = 0; e < w->n_series; e++)
            if (w->series_study[e] == s && w->derived[e] != image)
                add_row(w, e);
    }
}

/* Distinct non-empty strings at an offset of the facts. */
static json_t *count_distinct(const mk_world *w, size_t offset)
{
    json_int_t n = 0;
    for (size_t i = 0; i < w->n_files; i++) {
        const char *a, *b;
        bool seen = false;
        memcpy(&a, (const char *)w->file[i] + offset, sizeof a);
        for (size_t k = 0; k < i && !seen; k++) {
            memcpy(&b, (const char *)w->file[k] + offset, sizeof b);
            seen = strcmp(a, b) == 0;
        }
        n += a[0] != '\0' && !seen;
    }
    return json_integer(n);
}

static json_t *planted(const mk_ctx *x)
{
    json_t *list = json_array();
    for (size_t i = 0; i < x->n_planted; i++) {
        const mk_planted *p = &x->planted[i];
        json_array_append_new(list,
                              json_pack("{s:s,s:s,s:s,s:O}", "kind", p->kind, "value",
                                        p->value, "path", p->path, "files", p->files));
    }
    return list;
}

json_t *mk_truth(mk_ctx *x)
{
    mk_world w = {.arena = &x->plan, .file = x->facts, .n_files = x->n_facts};
    json_int_t inferred = 0;
    json_t *t = json_pack("{s:s,s:I,s:I,s:I}", "schema", "dcmrisk-truth/1", "files",
                          (json_int_t)x->files, "dicom_files", (json_int_t)x->dicom_files,
                          "private_elements", (json_int_t)x->private_elements);
    if (t == NULL)
        mk_die("no memory");
    json_object_set_new(t, "bytes", json_integer((json_int_t)x->bytes));
    json_object_set_new(t, "planted", planted(x));
    if (!x->want_truth)
        return t;
    mk_world_build(&w);
    for (uint32_t i = 0; i < w.n_persons; i++)
        inferred += w.person[i].inferred;
    json_object_set_new(t, "subjects", json_integer(w.n_persons));
    json_object_set_new(t, "inferred_subjects", json_integer(inferred));
    json_object_set_new(t, "studies", count_distinct(&w, offsetof(mk_facts, study_uid)));
    json_object_set_new(t, "series", count_distinct(&w, offsetof(mk_facts, series_uid)));
    json_object_set_new(t, "instances", count_distinct(&w, offsetof(mk_facts, sop_uid)));
    json_object_set_new(t, "adversaries", mk_adversaries(&w));
    return t;
}
