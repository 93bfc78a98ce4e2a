/* What columns, keys and fields of files beside the images are called: sidecar.json. */
#ifndef DCR_SIDECAR_NAMES_H
#define DCR_SIDECAR_NAMES_H

#include "check.h"

enum { DCR_COLUMN_KINDS = 16, DCR_COLUMN_WORDS = 8 };

struct dcr_sidecar_names {
    dcr_dict columns; /* normal names; tag: number of the kind */
    const char *kind[DCR_COLUMN_KINDS];
    size_t n_kinds;
    dcr_dict known; /* normal names that are nobody's: columns, DICOM keywords, ... */
    dcr_dict missing, prose;
    dcr_dict original, pseudonym, id; /* words of names of columns */
};

/* Words of a name in lower case, at their letter case and at marks: "OldPatientID" is
 * old, patient, id.  Returns how many; words point into `text` (at least n + 1 bytes). */
size_t dcr_name_words(const char *name, size_t n, char *text,
                      const char *word[DCR_COLUMN_WORDS]);

/* Lower case, letters and digits only, cut at `room`; returns the length. */
size_t dcr_name_normal(const char *name, size_t n, char *out, size_t room);

/* The name in a path "sidecar:csv/NAME" or "sidecar:json/NAME"; NULL when it has none. */
const char *dcr_sidecar_name(const char *path);

/* True for keys that tell of the dataset and its authors, not of patients. */
bool dcr_sidecar_prose(const dcr_rules *r, const char *path);

/* Number of the kind of column, SIZE_MAX when it is none.  Of a JSON path the whole name
 * is tried, then its last key. */
size_t dcr_column_kind(const dcr_rules *r, const char *path);
size_t dcr_column_kind_of(const dcr_rules *r, const char *kind);

/* Neither empty, a dummy, nor a word for nothing ("n/a"). */
bool dcr_sidecar_real(const dcr_rules *r, const dcr_value *v);

/* True when a file beside the images was read. */
bool dcr_has_sidecars(const dcr_model *m);

/* The release's own identifiers: PatientIDs, UIDs, accession numbers. */
DCR_MUST_USE dcr_status dcr_release_ids(const dcr_model *m, dcr_dict *out, dcr_err *err);

#endif
