/* Leaks that are planted on purpose, each with a value worth searching for; claims. */
#include "mkcohort.h"

#include <string.h>

#include "alloc.h"

static void plant(mk_ctx *x, const mk_file *f, const char *kind, const char *value,
                  const char *path)
{
    size_t i = 0;
    while (i < x->n_planted && (strcmp(x->planted[i].kind, kind) != 0 ||
                                strcmp(x->planted[i].value, value) != 0))
        i++;
    if (i == x->n_planted) {
        if (!dcr_grow(&x->planted, &x->cap_planted, i + 1, sizeof *x->planted))
            mk_die("no memory");
        x->planted[i].kind = mk_dup(&x->plan, kind);
        x->planted[i].value = mk_dup(&x->plan, value);
        x->planted[i].path = mk_dup(&x->plan, path);
        x->planted[i].files = json_array();
        x->n_planted++;
    }
    if (json_array_append_new(x->planted[i].files, json_string(f->path)) != 0)
        mk_die("no memory");
}

typedef void leak_fn(mk_ctx *x, mk_file *f, const char *kind);

static void image_comments(mk_ctx *x, mk_file *f, const char *kind)
{
    const char *v = f->series->study->who->family;
    mk_fmt(&f->ds, 0x00204000, "LT", "Pat. %s arrived late, see note", v);
    plant(x, f, kind, v, "0020,4000");
}

static void private_text(mk_ctx *x, mk_file *f, const char *kind)
{
    const char *v = f->series->study->who->family;
    uint32_t tag = mk_block(&f->ds, 0x0009, "DRYADE EXPORT 1.2", 0x20 + f->no % 3);
    mk_fmt(&f->ds, tag | 0x10, "LO", "%s/%s", v, f->series->study->accession);
    plant(x, f, kind, v, "0009,xx10{DRYADE EXPORT 1.2}");
}

static void private_binary(mk_ctx *x, mk_file *f, const char *kind)
{
    const char *v = f->series->study->who->family;
    uint32_t tag = mk_block(&f->ds, 0x0029, "SIEMENS CSA HEADER", 0x10);
    uint8_t p[256] = "SV10\4\3\2\1";
    memcpy(p + 96, "PatientName", 11);
    memcpy(p + 160, v, strlen(v) < 80 ? strlen(v) : 80);
    mk_put(&f->ds, tag | 0x20, "OB", p, sizeof p);
    plant(x, f, kind, v, "0029,xx20{SIEMENS CSA HEADER}");
}

static void nested_name(mk_ctx *x, mk_file *f, const char *kind)
{
    const mk_subject *s = f->series->study->who;
    mk_elem *e = mk_find(&f->ds, 0x00081110);
    mk_ds *item = e != NULL ? e->item : mk_seq(&f->ds, 0x00081110, 1);
    mk_fmt(item, 0x00100010, "PN", "%s^%s", s->family, s->given);
    plant(x, f, kind, s->family, "0008,1110/0010,0010");
}

static void report_text(mk_ctx *x, mk_file *f, const char *kind)
{
    const char *v = f->series->study->who->family;
    mk_elem *e = mk_find(&f->ds, 0x0040A730);
    if (e == NULL)
        return;
    e = mk_find(&e->item[1], 0x0040A730);
    mk_fmt(e->item, 0x0040A160, "UT", "Dear colleague, Mx %s was seen today.", v);
    plant(x, f, kind, v, "0040,A730/0040,A730/0040,A160");
}

static void preamble(mk_ctx *x, mk_file *f, const char *kind)
{
    const char *v = f->series->study->who->family;
    f->preamble = mk_text(&x->temp, "EXPORT %s", v);
    plant(x, f, kind, v, "preamble");
}

static void trailing(mk_ctx *x, mk_file *f, const char *kind)
{
    const char *v = f->series->study->who->family;
    f->trailing = mk_text(&x->temp, "\377\377AUDIT exported for %s", v);
    plant(x, f, kind, v, "trailing");
}

static void padding(mk_ctx *x, mk_file *f, const char *kind)
{
    const char *v = f->series->study->who->family;
    mk_put(&f->ds, 0xFFFCFFFC, "OB", v, strlen(v));
    plant(x, f, kind, v, "FFFC,FFFC");
}

static void after_pixels(mk_ctx *x, mk_file *f, const char *kind)
{
    const char *v = f->series->study->who->family;
    uint32_t tag = mk_block(&f->ds, 0x7FE1, "DRYADE EXPORT 1.2", 0x10);
    mk_str(&f->ds, tag | 0x10, "LO", v);
    plant(x, f, kind, v, "7FE1,xx10{DRYADE EXPORT 1.2}");
}

static void source_ae(mk_ctx *x, mk_file *f, const char *kind)
{
    char v[17] = "";
    const char *s = f->series->study->who->family;
    for (size_t i = 0; i < 16 && s[i] != '\0'; i++)
        v[i] = (char)(s[i] >= 'a' && s[i] <= 'z' ? s[i] - 32 : s[i]);
    f->source_ae = mk_dup(&x->temp, v);
    plant(x, f, kind, v, "0002,0016");
}

static void ward(mk_ctx *x, mk_file *f, const char *kind)
{
    const char *p = f->series->study->procedure;
    mk_fmt(&f->ds, 0x00081030, "LO", "%s Haus Eulenwinkel", p != NULL ? p : "Exam");
    plant(x, f, kind, "Haus Eulenwinkel", "0008,1030");
}

static void serial(mk_ctx *x, mk_file *f, const char *kind)
{
    const char *v = f->series->scanner->serial;
    mk_str(&f->ds, 0x00181000, "LO", v);
    plant(x, f, kind, v, "0018,1000");
}

static void birth_date(mk_ctx *x, mk_file *f, const char *kind)
{
    const char *v = mk_date(&x->temp, f->series->study->who->birth);
    mk_str(&f->ds, 0x00100030, "DA", v);
    plant(x, f, kind, v, "0010,0030");
}

static void exact_date(mk_ctx *x, mk_file *f, const char *kind)
{
    const char *v = mk_date(&x->temp, f->series->study->day);
    mk_str(&f->ds, 0x00080020, "DA", "");
    mk_str(&f->ds, 0x00080022, "DA", v);
    plant(x, f, kind, v, "0008,0022");
}

static void false_claim(mk_ctx *x, mk_file *f, const char *kind)
{
    const mk_subject *s = f->series->study->who;
    mk_str(&f->ds, 0x00120062, "CS", "YES");
    mk_fmt(&f->ds, 0x00100010, "PN", "%s^%s", s->family, s->given);
    plant(x, f, kind, s->family, "0010,0010");
}

static void other_ids(mk_ctx *x, mk_file *f, const char *kind)
{
    const char *v = mk_text(&x->temp, "OPX%06u", 771000 + f->series->study->who->no);
    mk_str(&f->ds, 0x00101000, "LO", v);
    plant(x, f, kind, v, "0010,1000");
}

static void telephone(mk_ctx *x, mk_file *f, const char *kind)
{
    const char *v =
        mk_text(&x->temp, "+49 999 55501%02u", f->series->study->who->no % 100);
    mk_str(&f->ds, 0x00102154, "SH", v);
    plant(x, f, kind, v, "0010,2154");
}

static void file_name(mk_ctx *x, mk_file *f, const char *kind)
{
    const char *v = f->series->study->who->family;
    f->path = mk_text(&x->temp, "%s/%s", v, f->path);
    plant(x, f, kind, v, "path");
}

static const struct leak {
    const char *kind;
    leak_fn *fn;
    bool derived; /* only in a structured report */
} leaks[] = {
    {"file-name", file_name, false}, /* first: the others note the path */
    {"image-comments", image_comments, false},
    {"private-text", private_text, false},
    {"private-binary", private_binary, false},
    {"nested-name", nested_name, false},
    {"report-text", report_text, true},
    {"preamble", preamble, false},
    {"trailing", trailing, false},
    {"padding", padding, false},
    {"after-pixels", after_pixels, false},
    {"source-ae", source_ae, false},
    {"ward", ward, false},
    {"serial", serial, false},
    {"birth-date", birth_date, false},
    {"exact-date", exact_date, false},
    {"false-claim", false_claim, false},
    {"other-ids", other_ids, false},
    {"telephone", telephone, false},
};

/* True when the spec wants this kind of leak in this file. */
static bool leaks_here(const mk_ctx *x, const mk_file *f, const json_t *want,
                       const char *kind)
{
    uint32_t no = f->series->study->who->no;
    double share = mk_num(want, "share", 0.05);
    bool chosen = no == mk_below(x->n_subjects, x->seed, kind, 1, 0, 0) ||
                  mk_unit(x->seed, kind, no, 2, 0) < share;
    return chosen && (f->no == 0 || strcmp(mk_word(want, "files", "first"), "all") == 0);
}

void mk_leaks(mk_ctx *x, mk_file *f)
{
    const json_t *list = mk_get(x->spec, "leaks"), *j;
    bool report = f->series->derived != NULL;
    for (size_t l = 0; l < sizeof leaks / sizeof leaks[0]; l++) {
        for (size_t i = 0; i < json_array_size(list); i++) {
            j = json_array_get(list, i);
            const char *kind =
                json_is_string(j) ? json_string_value(j) : mk_word(j, "kind", "");
            if (strcmp(kind, leaks[l].kind) == 0 && report == leaks[l].derived &&
                leaks_here(x, f, json_is_object(j) ? j : NULL, kind))
                leaks[l].fn(x, f, kind);
        }
    }
}

void mk_claims(mk_ctx *x, mk_file *f)
{
    const json_t *codes = mk_get(x->spec, "claims.codes");
    mk_ds *ds = &f->ds, *item;
    mk_str(ds, 0x00120062, "CS", mk_word(x->spec, "claims.removed", NULL));
    mk_str(ds, 0x00120063, "LO", mk_word(x->spec, "claims.method", NULL));
    mk_str(ds, 0x00280303, "CS", mk_word(x->spec, "claims.longitudinal", NULL));
    if (f->series->derived == NULL) {
        mk_str(ds, 0x00280301, "CS", mk_word(x->spec, "claims.burned_in", NULL));
        mk_str(ds, 0x00280302, "CS", mk_word(x->spec, "claims.features", NULL));
    }
    size_t n = json_array_size(codes);
    if (n == 0)
        return;
    item = mk_seq(ds, 0x00120064, (uint32_t)n);
    for (size_t i = 0; i < n; i++) {
        mk_str(&item[i], 0x00080100, "SH", json_string_value(json_array_get(codes, i)));
        mk_str(&item[i], 0x00080102, "SH", "DCM");
        mk_str(&item[i], 0x00080104, "LO", "as claimed");
    }
}
