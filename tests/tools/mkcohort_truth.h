/* The truth: subjects, studies, series and rows, by the text of the definitions. */
#ifndef MKCOHORT_TRUTH_H
#define MKCOHORT_TRUTH_H

#include "mkcohort.h"

/* What the truth needs of one written file; strings are trimmed, "" when there is none.
 */
struct mk_facts {
    const char *patient_id; /* "" when absent, empty or a dummy */
    const char *issuer;     /* the same */
    const char *study_uid, *series_uid, *sop_uid;
    const char *digest;                /* of the whole file */
    const char *value[MK_CARRIERS][3]; /* real or not; NULL after the last */
    uint32_t subject, study, series;   /* numbers, set by the truth */
};

typedef struct mk_person {
    const char *key, *issuer; /* issuer NULL unless it is what tells two subjects apart */
    bool inferred;
} mk_person;

typedef struct mk_row {
    uint32_t subject, study, series;
    const char *value[MK_CONCEPTS]; /* as recorded; NULL: no value */
} mk_row;

typedef struct mk_world {
    dcr_arena *arena;
    mk_facts **file;
    size_t n_files;
    mk_person *person;
    uint32_t n_persons, n_studies, n_series;
    uint32_t *study_person, *series_study; /* by number */
    bool *derived;                         /* by series */
    const char **device, **site;           /* by series, from carriers; NULL: none */
    mk_row *row;
    size_t n_rows;
} mk_world;

/* True when the value (trimmed, not empty) says nothing, for its VR. */
bool mk_is_dummy(const char *vr, const char *v);
bool mk_is_derived(const char *modality);
size_t mk_concept_no(const char *id);

/* A value at the level an adversary knows: 'M' month, 'D' day, others by kind of concept.
 */
const char *mk_at_level(dcr_arena *a, char kind, bool month, const char *v);
/* Whole years from birth to exam, NULL unless both are full dates in order. */
const char *mk_years(dcr_arena *a, const char *birth, const char *exam);

/* Fills everything of w after arena, file and n_files. */
void mk_world_build(mk_world *w);

/* The "adversaries" object. */
json_t *mk_adversaries(const mk_world *w);

#endif
