/* The model: attributes, subjects, studies, and the records that adversaries see.
 *
 * Built from a scan file, read-only afterwards.  Everything is sorted by bytes before it
 * is numbered, so nothing depends on the order of work. */
#ifndef DCMRISK_MODEL_H
#define DCMRISK_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dcmrisk/err.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct dcr_rules dcr_rules; /* rules.h */
struct dcr_store;                   /* a scan file; src/store/scanfile.h */

/* Attribute roles; behaviour is a column of roles.def. */
typedef enum dcr_role {
#define DCR_ROLE(id, name, title) DCR_ROLE_##id,
#include "dcmrisk/roles.def"
#undef DCR_ROLE
    DCR_ROLE_N
} dcr_role;
const char *dcr_role_name(dcr_role r); /* "direct_identifier", ... */

typedef enum dcr_level {
    DCR_LEVEL_UNKNOWN = 0,
    DCR_LEVEL_PATIENT,
    DCR_LEVEL_STUDY,
    DCR_LEVEL_SERIES,
    DCR_LEVEL_EQUIPMENT,
    DCR_LEVEL_INSTANCE
} dcr_level;

/* ---- what the rules say an adversary can know (types here, loaded by rules.h) ---- */

typedef struct dcr_concept {
    const char *id;        /* "exam_date" */
    const char *title;     /* "date of the exam" */
    dcr_level level;       /* patient, study or series: where the fact lives */
    const char *hierarchy; /* "date": a key of hierarchies.json */
    const char *const
        *carriers; /* attribute paths in order of preference: "0008,0020", ... */
    size_t n_carriers;
    const char *derive; /* "", "age", "site": rule used when no carrier has a value */
} dcr_concept;

typedef struct dcr_known {
    size_t concept;    /* index into the concepts */
    const char *level; /* level of the concept's hierarchy: "day", "1y", ... */
} dcr_known;

typedef struct dcr_adversary {
    const char *id, *title, *target; /* target: "prosecutor" or "linkage" */
    const dcr_known *knows; /* with everything inherited, in the order of the concepts */
    size_t n_knows;
    bool subtract_site; /* knows its own patients: each site in turn, the worst is
                           reported */
    const char *note;   /* "" when none */
} dcr_adversary;

/* ---- attributes ---- */

enum { DCR_VALUE_DUMMY = 8, DCR_VALUE_EMPTY = 16 }; /* beside DCR_VALUE_* of scan.h */

typedef struct dcr_value { /* one distinct value of one attribute */
    const uint8_t *bytes;  /* UTF-8 unless flags say otherwise; not terminated */
    uint32_t len;
    uint32_t flags;
    uint32_t subjects, studies, series;
    uint64_t files;
    uint32_t first_subject;    /* number of the first subject (by order) that has it */
    const uint32_t *in_series; /* numbers of the `series` series that have it, ascending:
                                  dcr_series_study and dcr_series_subject tell whose they
                                  are; NULL when nobody has it (a DICOMDIR) */
} dcr_value;

typedef struct dcr_attr { /* one attribute path seen in the dataset */
    const char *path;     /* "0010,0030", "0040,0275/0040,0007", "0029,xx10{CREATOR}" */
    const char
        *keyword; /* of the last tag: "PatientBirthDate"; NULL when private or unknown */
    const char
        *creator; /* of the last tag: NULL when standard, "" when private without one */
    char vr[4];
    uint32_t judged_as; /* found by an opener: the standard tag that its name speaks of;
                           0: none, or not found so */
    char judged_vr[4];  /* and its VR, "" when there is none */
    dcr_role role;
    const char *family; /* "date", "device", ...; "" when unknown */
    dcr_level level;
    int concept;           /* index into the concepts, -1 when it carries none */
    uint64_t files;        /* files that have the attribute, empty or not */
    uint64_t empty, dummy; /* files in which it is empty, in which it holds a dummy */
    uint32_t series, studies, subjects; /* that have it in at least one file */
    uint32_t value_subjects, value_studies,
        value_series;  /* with at least one real value */
    uint64_t distinct; /* distinct real values; a lower bound when !exact */
    bool exact;        /* false: rolled up somewhere, distinct is a lower bound, and
                          unique_subjects, k_min and bits are not known */
    bool constant; /* every subject of the dataset has it, all with one same real value */
    uint32_t unique_subjects; /* subjects with a real value that no other subject has */
    uint32_t k_min;    /* fewest subjects that share a real value; 0 when there is none */
    double bits;       /* entropy over (subject, distinct real value) pairs */
    dcr_value *values; /* all values seen (dummies and the empty one too), by bytes */
    size_t n_values;
    const char
        *shape; /* commonest shape, by subjects, of its real values; "" when none */
    uint32_t shape_subjects; /* subjects with a value of that shape */
    bool is_private, is_meta, is_nested;
} dcr_attr;

/* What is kept of a series in which an attribute of VR UI has too many values to be kept
 * one by one. */
enum { DCR_SKETCH_HASHES = 4 };
typedef struct dcr_uid_sketch {
    const dcr_attr *attr;
    uint32_t series;
    uint32_t min_len, max_len;
    const uint8_t *min, *max; /* smallest and largest value by bytes */
    uint32_t n_hashes;
    uint64_t hash[DCR_SKETCH_HASHES]; /* the smallest dcr_hash64 of the values */
} dcr_uid_sketch;

/* ---- people ---- */

typedef struct dcr_subject {
    uint32_t first_study, n_studies; /* range in studies[] */
    bool inferred; /* no PatientID: a StudyInstanceUID or less stands in */
    uint32_t key_len;
    const uint8_t *key; /* trimmed PatientID; NULL when inferred */
} dcr_subject;

typedef struct dcr_study {
    uint32_t subject;
    uint32_t first_series, n_series; /* range in series[] */
    bool has_uid;
} dcr_study;

typedef struct dcr_series {
    uint32_t study;
    uint64_t files;
    bool acquisition; /* not SR, PR, KO, SEG, ... */
    bool has_uid;
} dcr_series;

/* ---- records ---- */

typedef uint32_t dcr_code; /* 0 no value, then the values of the column sorted by bytes */

typedef struct dcr_column { /* one concept at one level, over all rows */
    size_t concept;
    const char *level;
    dcr_code *code;           /* n_rows */
    uint32_t n_codes;         /* codes are 0 .. n_codes - 1 */
    const char *const *label; /* n_codes; label[0] is "" */
} dcr_column;

/* One row per subject, study and distinct series key over all concepts as recorded; rows
 * are sorted by subject, then study. */
typedef struct dcr_table {
    size_t n_rows, n_columns;
    uint32_t *subject, *study; /* n_rows */
    uint64_t *files;           /* files of the series behind the row */
    uint32_t *exam; /* n_rows: rows of one number are one row joined with several of a
                       table, and stand together; NULL: no table is joined */
    dcr_column *column;
    bool **stated; /* per concept with a derivation: whether a carrier states it in the
                      row, n_rows, NULL for other concepts; NULL: all is stated */
} dcr_table;

typedef struct dcr_modality {
    const char *name; /* as in the files */
    uint32_t subjects, studies, series;
} dcr_modality;

typedef struct dcr_coverage {
    const char *reason; /* dcr_read_name */
    uint64_t files;
    uint64_t example[3]; /* file numbers of the scan file, 0 when fewer */
} dcr_coverage;

typedef struct dcr_dataset {
    uint64_t files, dicom_files, other_files, unreadable_files, bytes;
    uint64_t unread_other;            /* of other_files: not read to their end */
    uint64_t instances;               /* distinct SOPInstanceUIDs */
    uint64_t study_uids, series_uids; /* distinct non-empty UIDs */
    uint32_t inferred_subjects;
    uint64_t elements, private_elements, undecodable_text, undecodable_files;
    dcr_coverage *coverage; /* by reason, DCR_READ_OK left out */
    size_t n_coverage;
    dcr_coverage *other; /* unread other files by kind (reason is dcr_file_kind_name) */
    size_t n_other;
    dcr_modality *modalities;
    size_t n_modalities;
    int from_year, to_year; /* of the exam dates, 0 when none */
    const char *date_state; /* "true", "shifted", "dummy", "unknown" */
    bool complete;          /* the scan came to its end, and is of the whole dataset */
    bool part;              /* it is of some shards only */
    const char *reader;     /* who read the files: "stream", "dcmtk" */
} dcr_dataset;

typedef struct dcr_model {
    const dcr_rules *rules;      /* borrowed */
    const dcr_concept *concepts; /* borrowed from the rules */
    size_t n_concepts;
    dcr_dataset data;
    dcr_attr *attrs; /* sorted by path */
    size_t n_attrs;
    dcr_uid_sketch *sketches; /* in the order of series */
    size_t n_sketches;
    dcr_subject *subjects; /* keyed ones first, each sorted by key */
    dcr_study *studies;
    dcr_series *series;
    uint32_t n_subjects, n_studies, n_series;
    dcr_table table;
    uint32_t *unit_series; /* by the scan file's number of a unit: its series; UINT32_MAX
                              when it is nobody's or gone */
    uint32_t n_units;
    bool *carried; /* per concept: some carrier (or its derivation) has a real value */
    bool **carrier_present; /* per concept and carrier: has a real value somewhere */
    const struct dcr_joined
        *joined; /* a table beside the images (tables.h); NULL: none */
    void *owner; /* memory behind all of the above */
} dcr_model;

/* Whose a series is.  Numbers ascend together: series of a subject stand in a row. */
static inline uint32_t dcr_series_study(const dcr_model *m, uint32_t series)
{
    return m->series[series].study;
}
static inline uint32_t dcr_series_subject(const dcr_model *m, uint32_t series)
{
    return m->studies[m->series[series].study].subject;
}

/* The attribute at a path, NULL when the dataset has none.  Borrowed from the model. */
const dcr_attr *dcr_model_attr(const dcr_model *m, const char *path);

/* The column of a concept at a level, NULL when the model does not hold it. */
const dcr_column *dcr_model_column(const dcr_model *m, size_t concept, const char *level);

/* What a trimmed, real value is at a level of a hierarchy (names as in hierarchies.json);
 * its length, cut to n_out - 1; 0: nothing ("*").  What cannot be parsed stays as it is.
 */
size_t dcr_level_text(const char *hierarchy, const char *level, const uint8_t *p,
                      size_t n, char *out, size_t n_out);

/* Levels of a hierarchy that are coarser than one and that values can be brought to
 * without outside knowledge, in the order of hierarchies.json; the last one is "*", which
 * is nothing.  Each is a function of the finer level: a week is coarser than a day but no
 * month or year is coarser than a week, which may lie in two, and the limits 18 and 65
 * lie inside of wider bands of ages.  Returns how many; names are static. */
enum { DCR_LADDER_MAX = 10 };
size_t dcr_level_coarser(const char *hierarchy, const char *level,
                         const char *coarser[DCR_LADDER_MAX]);

/* What a file would hold in place of a label of a column at a level: the first day of the
 * period (YYYYMMDD), the youngest age of the band (nnnY), the lower end of the step (in
 * metres or kilograms), the first second of the period (HHMMSS).  Its length; 0 when the
 * label is not of that level (a value that could not be read) or the level has no
 * operator. */
size_t dcr_level_value(const char *hierarchy, const char *level, const char *label,
                       char *out, size_t n_out);

/* Whole years from one day to another (YYYYMMDD); -1 when they are no days or in the
 * wrong order. */
int dcr_age_between(const char *birth, const char *exam);

/* Reads a scan file into a model, with columns for what the adversaries of the rules know
 * and for what `also` knows (NULL: nobody else).  `out` is NULL on failure; free with
 * dcr_model_free. */
DCR_MUST_USE dcr_status dcr_model_load(dcr_model **out, struct dcr_store *store,
                                       const dcr_rules *rules, const dcr_adversary *also,
                                       dcr_err *err);

/* ---- carriers found from data ---- */

typedef struct dcr_recode { /* what a value of a found carrier says in the concept's terms
                             */
    const char *from;       /* trimmed, n_from bytes */
    uint32_t n_from;
    const char *to; /* "" when it says nothing */
} dcr_recode;

/* An attribute shown by the data to carry a concept; it stands behind the carriers of the
 * rules.  Values that are not in the map mean what they say. */
typedef struct dcr_extra_carrier {
    const char *path;
    size_t concept;
    const dcr_recode *map; /* sorted by bytes, then length */
    size_t n_map;
} dcr_extra_carrier;

/* As dcr_model_load, with further carriers; what they point to is copied. */
DCR_MUST_USE dcr_status dcr_model_load_with(dcr_model **out, struct dcr_store *store,
                                            const dcr_rules *rules,
                                            const dcr_adversary *also,
                                            const dcr_extra_carrier *extra,
                                            size_t n_extra, dcr_err *err);
void dcr_model_free(dcr_model *m);

#ifdef __cplusplus
}
#endif
#endif
