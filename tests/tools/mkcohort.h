/* mkcohort: synthetic DICOM cohorts with a truth worked out by brute force.
 *
 * A test tool: it ends with a message on the first failure.  Every draw is a pure
 * function of (seed, label, numbers), so nothing depends on the order of work.  No person
 * is real. */
#ifndef MKCOHORT_H
#define MKCOHORT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "buf.h"
#include "dcmrisk/err.h"

/* ---- data sets ---- */

typedef struct mk_ds mk_ds;

typedef struct mk_elem {
    uint32_t tag;
    char vr[3];
    bool raw;         /* bytes are already in the character set of the file */
    const uint8_t *p; /* text as UTF-8, numbers little-endian; without padding */
    uint32_t n;
    mk_ds *item; /* SQ: n_items data sets */
    uint32_t n_items;
} mk_elem;

struct mk_ds {
    mk_elem *e; /* sorted by tag */
    size_t n, cap;
    dcr_arena *arena;
};

void mk_put(mk_ds *ds, uint32_t tag, const char *vr, const void *p, size_t n);
void mk_raw(mk_ds *ds, uint32_t tag, const char *vr, const void *p, size_t n);
void mk_str(mk_ds *ds, uint32_t tag, const char *vr,
            const char *s); /* NULL: not written */
void mk_fmt(mk_ds *ds, uint32_t tag, const char *vr, const char *fmt, ...)
    DCR_PRINTF(4, 5);
void mk_us(mk_ds *ds, uint32_t tag, unsigned v);
void mk_fd(mk_ds *ds, uint32_t tag, double v);
/* A sequence of n new items, which the caller fills. */
mk_ds *mk_seq(mk_ds *ds, uint32_t tag, uint32_t n);
/* A sequence with one coded entry. */
void mk_code(mk_ds *ds, uint32_t tag, const char *value, const char *scheme,
             const char *meaning);
mk_elem *mk_find(const mk_ds *ds, uint32_t tag); /* NULL when absent */
void mk_del(mk_ds *ds, uint32_t tag);
/* "gggg,eeee" or "gggg,eeee/gggg,eeee": the tags, inner 0 for a top-level path. */
void mk_path_tags(const char *path, uint32_t *tag, uint32_t *inner);
/* Puts the private creator in the first free block of a group; the tag of its element xx.
 */
uint32_t mk_block(mk_ds *ds, uint32_t group, const char *creator, unsigned wanted);

/* ---- memory, failure, text, draws ---- */

_Noreturn void mk_die(const char *fmt, ...) DCR_PRINTF(1, 2);
void *mk_alloc(dcr_arena *a, size_t n, size_t size);
char *mk_dup(dcr_arena *a, const char *s);
char *mk_text(dcr_arena *a, const char *fmt, ...) DCR_PRINTF(2, 3);

/* 64 random bits for a label and three numbers. */
uint64_t mk_bits(uint64_t seed, const char *label, uint64_t a, uint64_t b, uint64_t c);
double mk_unit(uint64_t seed, const char *label, uint64_t a, uint64_t b, uint64_t c);
uint32_t mk_below(uint32_t n, uint64_t seed, const char *label, uint64_t a, uint64_t b,
                  uint64_t c);

long mk_days(int y, int m, int d); /* days since 1970-01-01 */
void mk_civil(long days, int *y, int *m, int *d);
int mk_weekday(long days); /* 0 Monday */
long mk_date_arg(const char *yyyymmdd);
const char *mk_date(dcr_arena *a, long days);
const char *mk_time(dcr_arena *a, long seconds, unsigned fraction); /* fraction 0: none */

/* ---- specification ---- */

void mk_spec_check(const json_t *spec); /* dies on a key that nobody reads */
const json_t *mk_get(const json_t *spec,
                     const char *path); /* "ids.missing"; NULL when absent */
double mk_num(const json_t *spec, const char *path, double otherwise);
const char *mk_word(const json_t *spec, const char *path, const char *otherwise);
json_t *mk_random_spec(uint64_t seed);

/* ---- carriers: DESIGN.md 1, standards/04e_concepts.json, written down again ---- */

enum { MK_CONCEPTS = 21, MK_CARRIERS = 60 };
typedef struct mk_concept {
    const char *id;
    char level; /* 'p' patient, 's' study, 'e' series */
    char kind;  /* 'd' date, 't' time, 'a' age, 'h' height, 'w' weight, 'c' as recorded */
} mk_concept;
typedef struct mk_carrier {
    const char *concept;
    const char *path;
    const char *vr; /* of the last tag */
} mk_carrier;
extern const mk_concept mk_concepts[MK_CONCEPTS];
extern const mk_carrier mk_carriers[MK_CARRIERS]; /* by concept, in order of preference */

/* ---- the plan of a cohort ---- */

typedef struct mk_scanner {
    const char *manufacturer, *model, *serial, *station, *modality, *software;
    char uids; /* 's' Siemens, 'g' GE, 'p' Philips, 'c' Canon, 'u' 2.25 UUID */
    uint32_t site;
} mk_scanner;

typedef struct mk_site {
    const char *name, *address, *department;
} mk_site;

typedef struct mk_modality {
    const char *id, *sop_class;
    const char *body[4];
    const char *procedure[4];
    const char *protocol[4];
    const char *series[4];
} mk_modality;
const mk_modality *mk_modality_get(const char *id);

typedef struct mk_subject {
    uint32_t no;   /* 0, 1, ... */
    uint32_t draw; /* number its values are drawn with: that of another one for a twin */
    const char *id, *issuer, *family, *given; /* id as it should be; invented name */
    const char *sex, *ethnic, *residence, *region, *country, *occupation;
    long birth; /* days */
    bool has_birth;
    const char *charset;
    uint32_t n_studies;
} mk_subject;

typedef struct mk_study {
    const mk_subject *who;
    uint32_t no;   /* within the subject */
    uint64_t draw; /* for values */
    uint64_t self; /* for identifiers: differs for every study */
    long day, second;
    bool has_day, has_second;
    const char *date, *time, *age, *size, *weight, *smoking, *procedure, *staff,
        *operator_name;
    unsigned pregnancy; /* 0: not written */
    const char *uid, *accession, *id;
    uint32_t n_series;
    uint32_t scanner; /* of its first series */
} mk_study;

typedef struct mk_series {
    const mk_study *study;
    uint32_t no;
    uint64_t draw, self;
    const mk_scanner *scanner;
    const mk_site *site;
    const mk_modality *modality;
    const char *body, *protocol, *description, *uid, *frame_uid;
    const char *derived; /* NULL, or "SR", "PR", "KO", "SEG" */
    uint32_t n_files;
} mk_series;

/* One file before it is written. */
typedef struct mk_file {
    const mk_series *series;
    uint32_t no;     /* within the series */
    uint64_t serial; /* of the whole cohort */
    mk_ds ds;
    const char *sop_class, *sop_uid, *path; /* path below OUT/dicom */
    const char *charset;
    const char *preamble, *trailing, *source_ae; /* NULL: none */
    char syntax; /* 'e' explicit, 'i' implicit, 'b' big-endian, 'd' deflated */
} mk_file;

typedef struct mk_facts mk_facts; /* what the truth needs of one written file */

typedef struct mk_planted {
    const char *kind, *value, *path;
    json_t *files;
} mk_planted;

typedef struct mk_ctx {
    const json_t *spec;
    uint64_t seed;
    const char *out;
    dcr_arena plan; /* lives as long as the run */
    dcr_arena temp; /* of one file */
    mk_scanner *scanners;
    mk_site *sites;
    uint32_t n_scanners, n_sites, n_subjects;
    mk_subject *subjects;
    bool want_truth;
    mk_facts **facts; /* one per DICOM file that is somebody's */
    size_t n_facts, cap_facts;
    mk_planted *planted;
    size_t n_planted, cap_planted;
    uint64_t files, dicom_files, private_elements, bytes;
    dcr_buf buf; /* of the file being written */
    char last_dir[512];
} mk_ctx;

/* Draw of a pooled attribute: -1 when the spec leaves it out, otherwise a number below
 * `most`, out of few when the spec says so. */
long mk_pool(const mk_ctx *x, const char *name, uint32_t most, uint64_t draw);
bool mk_chance(const mk_ctx *x, const char *spec_path, double otherwise, uint64_t a,
               uint64_t b);

void mk_plan_site(mk_ctx *x); /* sites, scanners */
void mk_plan_subjects(mk_ctx *x);
void mk_plan_study(mk_ctx *x, const mk_subject *s, uint32_t no, mk_study *out);
void mk_plan_series(mk_ctx *x, const mk_study *st, uint32_t no, mk_series *out);
uint32_t mk_weighted(const mk_ctx *x, const char *spec_path, uint64_t draw); /* index */

/* A UID in the manner of a vendor; what: 1 study, 2 series, 3 instance, 4 frame of
 * reference. */
const char *mk_uid(const mk_ctx *x, dcr_arena *a, const mk_scanner *sc, int what,
                   uint64_t self, uint64_t n, long day, long second);

/* ---- content ---- */

void mk_build(mk_ctx *x, const mk_series *se, uint32_t no, mk_file *f);
void mk_build_image(mk_ctx *x, mk_file *f);
void mk_build_derived(mk_ctx *x, mk_file *f);
void mk_build_private(mk_ctx *x, mk_file *f);
void mk_build_weight(mk_ctx *x, mk_file *f);
void mk_build_optional(mk_ctx *x, mk_file *f);
void mk_leaks(mk_ctx *x, mk_file *f);  /* plants what the spec asks for and notes it */
void mk_claims(mk_ctx *x, mk_file *f); /* PatientIdentityRemoved and its kin */
void mk_faults(mk_ctx *x, mk_file *f); /* removes, empties, blurs, falsifies */

/* ---- output ---- */

void mk_encode(mk_ctx *x, const mk_file *f, dcr_buf *b);
void mk_save(mk_ctx *x, const char *path, const dcr_buf *b); /* path below OUT */
void mk_dicomdir(mk_ctx *x);
uint64_t mk_count_private(const mk_ds *ds);
void mk_ascii(mk_ds *ds,
              const char *charset); /* drops what the character set cannot say */

/* ---- truth ---- */

void mk_note(mk_ctx *x, const mk_file *f, const dcr_buf *bytes);
json_t *mk_truth(mk_ctx *x);

#endif
