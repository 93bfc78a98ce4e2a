/* What the names of files and folders tell: found in one pass over all of them. */
#ifndef DCR_PATHS_H
#define DCR_PATHS_H

#include "check.h"

typedef enum dcr_path_finding {
    DCR_PATH_IDENTIFIER = 0, /* a name or number that an attribute of a patient holds */
    DCR_PATH_NAME,           /* written as names of persons are */
    DCR_PATH_TWO_WORDS,      /* may be one: two or three words, of one patient only */
    DCR_PATH_NUMBER,         /* one for each patient, and not the PatientID */
    DCR_PATH_DATE,           /* a date that is not everybody's */
    DCR_PATH_MAPPING,        /* a key table, by its name */
    DCR_PATH_LEFT_OVER,      /* nothing that belongs into a release */
    DCR_PATH_N
} dcr_path_finding;
bool dcr_path_finding_of(const char *name, dcr_path_finding *out);

/* rules/file-names.json */
struct dcr_path_words {
    dcr_dict mapping, mapping_endings, left_over, given_names, words;
    dcr_strings left_over_endings;
};

typedef struct dcr_path_mark { /* files of a series whose names show something */
    uint32_t series;           /* UINT32_MAX: nobody's */
    uint64_t files;
} dcr_path_mark;

typedef struct dcr_paths {
    struct {
        dcr_path_mark *list; /* by series */
        size_t n;
    } found[DCR_PATH_N];
} dcr_paths;

/* Looks at all names.  `tokens` of the same model. *out is NULL on failure. */
struct dcr_tokens;
DCR_MUST_USE dcr_status dcr_paths_build(dcr_paths **out, const dcr_rules *r,
                                        const dcr_model *m, struct dcr_tokens *tokens,
                                        const dcr_path_source *source, dcr_err *err);
void dcr_paths_free(dcr_paths *p);

/* ---- one part of a path (path_words.c); flags of what it shows by itself ---- */

enum {
    DCR_PART_MAPPING = 1,
    DCR_PART_LEFT_OVER = 2,
    DCR_PART_NAME = 4, /* written as names of persons are, and not otherwise */
    DCR_PART_MAYBE =
        8, /* two or three words as of a name: counts when it is one patient's */
    DCR_PART_DATE = 16,  /* *at and *len say where */
    DCR_PART_NUMBER = 32 /* as record numbers are; not a UID, hash, date or counter */
};
unsigned dcr_path_part(const dcr_rules *r, const uint8_t *p, size_t n, bool is_file,
                       size_t *at, size_t *len);

#endif
