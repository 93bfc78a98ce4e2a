/* Inside of the model: what is under construction while a scan file is loaded. */
#ifndef DCR_BUILD_H
#define DCR_BUILD_H

#include "../store/scanfile.h"
#include "dcmrisk/model.h"
#include "dcmrisk/rules.h"
#include "dict.h"

/* An attribute can carry several concepts (a date and time is both). */
typedef struct carrier {
    uint32_t concept, rank; /* rank: place in the concept's order of preference */
    uint32_t slot;          /* place in best_series and best_study */
    uint32_t next; /* another carrier of the same attribute, CARRIER_NONE at the end */
    const dcr_extra_carrier *extra; /* NULL: a carrier of the rules */
} carrier;
enum { CARRIER_NONE = UINT32_MAX };

typedef struct unit_place { /* where a unit belongs; UINT32_MAX: nobody's (a DICOMDIR) */
    uint32_t unit, subject, study, series;
} unit_place;

typedef struct pair { /* one attribute with one of its values */
    uint32_t attr, value;
    uint32_t subjects, studies, series, first_subject;
    uint32_t last_subject, last_study, last_series; /* numbers + 1, to count each once */
    uint32_t flags;
    uint64_t files;
} pair;

typedef struct tally { /* beside dcr_attr while counting */
    uint32_t last_subject, last_study, last_series;
    uint32_t last_real, last_real_study, last_real_series;
    uint32_t first_carrier;
    uint64_t sketch_values; /* most values a sketch is known to stand for */
} tally;

typedef struct shape_count {
    uint32_t attr, shape, subjects, last_subject;
} shape_count;

typedef struct pair_map { /* (attr, value) or (attr, shape) to a place in a list */
    uint64_t *key;
    uint32_t *place; /* + 1, 0 free */
    size_t n_slots;
    uint32_t n;
} pair_map;

typedef struct series_row { /* a series of the study in hand */
    uint64_t files;
    bool acquisition;
} series_row;

typedef struct build {
    dcr_model *m;
    dcr_arena *arena; /* owned by the model */
    dcr_store *store;
    const dcr_rules *rules;
    const dcr_adversary *also;
    const dcr_extra_carrier *extra; /* sorted by nothing: in order of preference */
    size_t n_extra;
    dcr_store_unit *units;
    uint32_t n_units;
    unit_place *place; /* units that still have files, in the order of people */
    uint32_t n_places;
    /* attributes and values */
    uint32_t *attr_of; /* scan file's attribute to the model's */
    dcr_bytes *value;  /* by the scan file's number */
    uint32_t *value_flags;
    uint32_t *value_shape; /* + 1; 0 not asked yet */
    dcr_dict shapes;
    uint32_t
        *value_pair; /* by value: its first pair + 1; most values are of one attribute */
    pair *pairs;
    size_t n_pairs, cap_pairs;
    pair_map
        pair_of; /* pairs that are not the first of their value: to pairs[place_of[..]] */
    uint32_t *place_of;
    size_t cap_place_of;
    uint32_t *seen; /* pairs in the order of the pass, each once per series */
    size_t n_seen, cap_seen;
    size_t *seen_end; /* per series: where its pairs end in `seen` */
    size_t cap_sketches;
    shape_count *shape_counts;
    size_t cap_shapes;
    pair_map shape_of;
    tally *count;
    /* concepts */
    carrier *carriers;
    uint32_t n_carriers;
    uint32_t *first_slot;               /* per concept: slot of its first carrier */
    uint32_t *study_code;               /* per concept: codes of the study in hand */
    uint32_t *best_series, *best_study; /* per slot: value + 1, 0 none */
    dcr_dict *dict;                     /* per concept: its values; code is number + 1 */
    uint32_t *series_code;              /* n series of the study in hand x n_concepts */
    size_t cap_series_code;
    series_row *series_rows;
    size_t cap_series_rows, n_series_rows;
    bool has_modality, has_acquisition;
    uint32_t *device_site; /* per device value: site code, 0 none, UINT32_MAX several */
    size_t cap_device_site;
    dcr_code **row_code; /* per concept, n_rows */
    size_t n_rows, cap_rows;
    size_t *cap_row_code;
    size_t cap_row_subject, cap_row_study, cap_row_files;
} build;

/* people.c: subjects, studies, series; fills place and the model's people. */
dcr_status dcr_build_people(build *b, dcr_err *err);
/* facts.c: one pass over all facts in the order of people. */
dcr_status dcr_build_attrs(build *b, dcr_err *err);
dcr_status dcr_build_facts(build *b, dcr_err *err);
/* figures.c: values by bytes, figures of attributes. */
dcr_status dcr_build_attr_figures(build *b, dcr_err *err);
/* extra.c: carriers found from data stand behind those of the rules. */
dcr_status dcr_build_extra(build *b, dcr_err *err);
/* What a trimmed value of a found carrier says; the value itself when it is not mapped.
 */
dcr_bytes dcr_extra_value(const dcr_extra_carrier *x, dcr_bytes v);
/* concepts.c: carriers, rows. */
dcr_status dcr_build_carriers(build *b, dcr_err *err);
void dcr_concept_see(build *b, const carrier *c, const char *vr, uint32_t value);
dcr_status dcr_concept_end_series(build *b, uint32_t series, dcr_err *err);
dcr_status dcr_concept_end_study(build *b, uint32_t subject, uint32_t study,
                                 dcr_err *err);
/* table.c: derivations and columns. */
dcr_status dcr_build_table(build *b, dcr_err *err);
/* Values at a level of their hierarchy: from each code (number in `from` + 1, 0 none) to
 * a code of `col`, whose labels and n_codes are filled from the arena. */
dcr_status dcr_level_codes(dcr_arena *arena, const dcr_dict *from, const char *hierarchy,
                           const char *level, uint32_t *to, dcr_column *col,
                           dcr_err *err);
/* summary.c: counts of the dataset, modalities, dates. */
dcr_status dcr_build_summary(build *b, dcr_err *err);

/* Trimmed of blanks and NULs at both ends. */
dcr_bytes dcr_bytes_trim(dcr_bytes b);
int dcr_bytes_compare(dcr_bytes a, dcr_bytes b);
/* A trimmed value that says something: not empty, not a dummy. */
bool dcr_is_real(const dcr_rules *r, const char *vr, dcr_bytes trimmed);

/* The place of a key, added when new (*fresh); UINT32_MAX when no memory. */
uint32_t dcr_pair_map_add(pair_map *m, uint32_t a, uint32_t b, bool *fresh);
void dcr_pair_map_clear(pair_map *m);

#endif
