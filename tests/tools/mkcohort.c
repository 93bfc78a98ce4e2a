/* mkcohort [--seed N] [--scale N] SPEC.json OUT | mkcohort --random N OUT
 *
 * Writes OUT/dicom/... and OUT/truth.json; with --random also OUT/spec.json, which gives
 * the same cohort again with --seed N.  The keys of a specification:
 * tests/data/cohorts/README.md. */
#include "mkcohort.h"

#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "num.h"

static const char usage[] = "usage: mkcohort [--seed N] [--scale N] SPEC.json OUT\n"
                            "       mkcohort --random N OUT\n";

static char syntax_of(const mk_ctx *x, const mk_file *f)
{
    static const char *const keys[] = {"syntaxes.explicit", "syntaxes.implicit",
                                       "syntaxes.big", "syntaxes.deflated"};
    double w[4], sum = 0, at;
    for (int i = 0; i < 4; i++)
        sum += w[i] = mk_num(x->spec, keys[i], i == 0 ? 1 : 0);
    at = mk_unit(x->seed, "syntax", f->series->self, 0, 0) * sum;
    for (int i = 0; i < 4; i++) {
        at -= w[i];
        if (at < 0 && w[i] > 0)
            return "eibd"[i];
    }
    return 'e';
}

static void write_file(mk_ctx *x, mk_file *f)
{
    mk_encode(x, f, &x->buf);
    mk_save(x, mk_text(&x->temp, "dicom/%s", f->path), &x->buf);
    x->files++;
    x->dicom_files++;
    x->private_elements += mk_count_private(&f->ds);
    mk_note(x, f, &x->buf);
}

/* The same bytes under another name, far from the first. */
static void copy_file(mk_ctx *x, mk_file *f)
{
    const char *first = f->path;
    f->path = mk_text(&x->temp, "copies/c%06llu.bin", (unsigned long long)f->serial);
    for (size_t i = 0; i < x->n_planted; i++) {
        size_t n = json_array_size(x->planted[i].files);
        const char *last = json_string_value(json_array_get(x->planted[i].files, n - 1));
        if (strcmp(last, first) == 0 && strcmp(x->planted[i].path, "path") != 0)
            json_array_append_new(x->planted[i].files, json_string(f->path));
    }
    write_file(x, f);
}

static void one_file(mk_ctx *x, const mk_series *se, uint32_t no)
{
    mk_file f;
    mk_build(x, se, no, &f);
    f.serial = x->dicom_files + 1;
    f.syntax = syntax_of(x, &f);
    f.path =
        mk_text(&x->temp, "%04u/%02u/%02u/IM%06u%s", se->study->who->no + 1,
                se->study->no + 1, se->no + 1, no + 1, se->self % 5 == 0 ? "" : ".dcm");
    mk_faults(x, &f);
    mk_claims(x, &f);
    mk_leaks(x, &f);
    mk_ascii(&f.ds, f.charset);
    write_file(x, &f);
    if (mk_chance(x, "copies", 0, f.serial, 0))
        copy_file(x, &f);
    dcr_arena_clear(&x->temp);
}

static void derived_series(mk_ctx *x, const mk_study *st, uint32_t *no)
{
    static const char *const kinds[][2] = {{"SR", "derived.SR"},
                                           {"PR", "derived.PR"},
                                           {"KO", "derived.KO"},
                                           {"SEG", "derived.SEG"}};
    mk_series se;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (!mk_chance(x, kinds[i][1], 0, st->draw, 0))
            continue;
        mk_plan_series(x, st, (*no)++, &se);
        se.derived = kinds[i][0];
        se.n_files = 1;
        one_file(x, &se, 0);
    }
}

static void one_study(mk_ctx *x, const mk_subject *s, uint32_t no)
{
    mk_study st;
    mk_series se;
    uint32_t n = 0;
    mk_plan_study(x, s, no, &st);
    if (mk_chance(x, "derived_only", 0, st.draw, 0)) {
        mk_plan_series(x, &st, n++, &se);
        se.derived = mk_below(2, x->seed, "only", st.draw, 0, 0) == 0 ? "SR" : "PR";
        one_file(x, &se, 0);
    } else {
        for (; n < st.n_series; n++) {
            mk_plan_series(x, &st, n, &se);
            for (uint32_t i = 0; i < se.n_files; i++)
                one_file(x, &se, i);
        }
    }
    derived_series(x, &st, &n);
}

/* Files that are not DICOM, without anybody's data. */
static void other_files(mk_ctx *x)
{
    uint32_t n = (uint32_t)mk_num(x->spec, "other_files", 0);
    dcr_buf b = {0};
    for (uint32_t i = 0; i < n; i++) {
        b.n = 0;
        dcr_buf_fmt(
            &b, i % 2 == 0 ? "name,unit\nslice %u,mm\n" : "Synthetic data, part %u.\n",
            i);
        mk_save(x, mk_text(&x->temp, "dicom/notes%u.%s", i, i % 2 == 0 ? "csv" : "txt"),
                &b);
        x->files++;
    }
    dcr_buf_clear(&b);
}

/* A media directory: DICOM, but nobody's exam.  Its offsets are left 0. */
void mk_dicomdir(mk_ctx *x)
{
    mk_file f;
    uint8_t zero[4] = {0};
    uint32_t n = x->n_subjects < 5 ? x->n_subjects : 5;
    memset(&f, 0, sizeof f);
    f.ds.arena = &x->temp;
    f.charset = "ISO_IR 100";
    f.syntax = 'e';
    f.serial = x->dicom_files + 1;
    f.sop_class = "1.2.840.10008.1.3.10";
    f.sop_uid = "2.25.3141592653589793238462643";
    mk_str(&f.ds, 0x00041130, "CS", "SYNTH");
    mk_put(&f.ds, 0x00041200, "UL", zero, 4);
    mk_put(&f.ds, 0x00041202, "UL", zero, 4);
    mk_us(&f.ds, 0x00041212, 0);
    mk_ds *r = mk_seq(&f.ds, 0x00041220, n);
    for (uint32_t i = 0; i < n; i++) {
        mk_put(&r[i], 0x00041400, "UL", zero, 4);
        mk_us(&r[i], 0x00041410, 0xffff);
        mk_put(&r[i], 0x00041420, "UL", zero, 4);
        mk_str(&r[i], 0x00041430, "CS", "PATIENT");
        mk_fmt(&r[i], 0x00100010, "PN", "PATIENT^%u", i + 1);
        mk_fmt(&r[i], 0x00100020, "LO", "DIR%04u", i + 1);
    }
    mk_encode(x, &f, &x->buf);
    mk_save(x, "dicom/DICOMDIR", &x->buf);
    x->files++;
    x->dicom_files++;
}

static void save_json(mk_ctx *x, const char *name, const json_t *j)
{
    char *s = json_dumps(j, JSON_INDENT(1) | JSON_REAL_PRECISION(17));
    dcr_buf b = {0};
    if (s == NULL)
        mk_die("no memory");
    dcr_buf_str(&b, s);
    dcr_buf_char(&b, '\n');
    if (b.failed)
        mk_die("no memory");
    mk_save(x, name, &b);
    dcr_buf_clear(&b);
    dcr_free(s); /* jansson's heap is ours: main sets it */
}

static void generate(mk_ctx *x)
{
    mk_plan_site(x);
    mk_plan_subjects(x);
    for (uint32_t s = 0; s < x->n_subjects; s++)
        for (uint32_t n = 0; n < x->subjects[s].n_studies; n++)
            one_study(x, &x->subjects[s], n);
    if (mk_num(x->spec, "dicomdir", 0) > 0)
        mk_dicomdir(x);
    other_files(x);
    json_t *truth = mk_truth(x);
    save_json(x, "truth.json", truth);
    json_decref(truth);
}

typedef struct options {
    uint64_t seed, scale;
    bool seeded, random;
    const char *spec, *out;
} options;

static void parse(int argc, char **argv, options *o)
{
    const char *word[2] = {NULL, NULL};
    size_t n = 0;
    o->scale = 1;
    for (int i = 1; i < argc; i++) {
        bool seed = strcmp(argv[i], "--seed") == 0,
             random = strcmp(argv[i], "--random") == 0;
        bool scale = strcmp(argv[i], "--scale") == 0;
        uint64_t *v = scale ? &o->scale : &o->seed;
        if (seed || random || scale) {
            if (++i == argc || !dcr_num_u64(argv[i], 0, UINT32_MAX, v))
                mk_die("%s wants a whole number", argv[i - 1]);
            o->seeded |= seed || random;
            o->random |= random;
        } else if (argv[i][0] == '-' || n == 2) {
            mk_die("%s is not understood\n%s", argv[i], usage);
        } else {
            word[n++] = argv[i];
        }
    }
    if (n != (o->random ? 1u : 2u))
        mk_die("files missing\n%s", usage);
    o->spec = o->random ? NULL : word[0];
    o->out = word[n - 1];
}

static void *json_take(size_t n)
{
    return dcr_alloc(n, 1);
}

int main(int argc, char **argv)
{
    options o = {0};
    mk_ctx x = {0};
    json_error_t e;
    json_t *spec;
    json_set_alloc_funcs(json_take, dcr_free);
    json_object_seed(1);
    parse(argc, argv, &o);
    spec = o.random ? mk_random_spec(o.seed)
                    : json_load_file(o.spec, JSON_REJECT_DUPLICATES, &e);
    if (spec == NULL)
        mk_die("%s:%d: %s", o.spec, e.line, e.text);
    mk_spec_check(spec);
    if (o.scale > 1)
        json_object_set_new(
            spec, "subjects",
            json_integer((json_int_t)(mk_num(spec, "subjects", 20) * (double)o.scale)));
    x.spec = spec;
    x.seed = o.seeded ? o.seed : (uint64_t)mk_num(spec, "seed", 1);
    x.out = o.out;
    x.want_truth = strcmp(mk_word(spec, "truth", "full"), "none") != 0;
    generate(&x);
    if (o.random)
        save_json(&x, "spec.json", spec);
    printf("%llu files, %llu bytes\n", (unsigned long long)x.files,
           (unsigned long long)x.bytes);
    json_decref(spec);
    for (size_t i = 0; i < x.n_planted; i++)
        json_decref(x.planted[i].files);
    dcr_free(x.planted);
    dcr_free(x.facts);
    dcr_buf_clear(&x.buf);
    dcr_arena_clear(&x.temp);
    dcr_arena_clear(&x.plan);
    return 0;
}
