/* dcmrisk: everything the command line uses of the library. */
#ifndef DCMRISK_DCMRISK_H
#define DCMRISK_DCMRISK_H

#include "dcmrisk/dates.h"
#include "dcmrisk/err.h"
#include "dcmrisk/frame.h"
#include "dcmrisk/hidden.h"
#include "dcmrisk/longitudinal.h"
#include "dcmrisk/metric.h"
#include "dcmrisk/model.h"
#include "dcmrisk/report.h"
#include "dcmrisk/rules.h"
#include "dcmrisk/scan.h"
#include "dcmrisk/tables.h"
#include "dcmrisk/whatif.h"

#define DCMRISK_VERSION "0.1.0"

#ifdef __cplusplus
extern "C" {
#endif

/* Process-wide settings: GSL without abort(), DCMTK without its own log.  Call first,
 * before any thread exists. */
void dcr_init(void);

/* Tables beside the images, read before anything is scanned. */
typedef struct dcr_beside dcr_beside;
typedef struct dcr_beside_options {
    const char *project;      /* file, whose population.table is read unless: */
    const char *population;   /* a register of the population; NULL: none */
    const char *table;        /* clinical data of the patients; NULL: none */
    const char *join;         /* its column of PatientIDs; NULL: one that is named so */
    const char *const *known; /* its columns that every prosecutor knows */
    size_t n_known;
} dcr_beside_options;
/* *out is NULL on failure; free with dcr_beside_free.  DCR_ERULES names file and line. */
DCR_MUST_USE dcr_status dcr_beside_read(dcr_beside **out, const dcr_rules *rules,
                                        const dcr_beside_options *o, dcr_err *err);
void dcr_beside_free(dcr_beside *b);

/* Of what a manifest is made. */
typedef struct dcr_manifest_options {
    bool contents;    /* reads every file again */
    const char *list; /* file that gets the digests, as sha256sum writes them, mode 0600;
                         NULL: none.  Only with `contents`. */
    const uint8_t
        *key; /* n_key bytes: nobody without it can work the root out; NULL: none
               */
    size_t n_key;
    unsigned jobs; /* threads; 0: as many as CPUs may be used, at most 8 */
    void (*progress)(void *ctx, const dcr_progress *p); /* may be NULL */
    void *progress_ctx;
    const volatile int *stop; /* NULL: never */
} dcr_manifest_options;

/* Digests the files of a scan, in an order that depends on their names alone; see
 * src/run/manifest.c for how. */
DCR_MUST_USE dcr_status dcr_manifest_make(dcr_manifest *out, dcr_store *scan,
                                          const dcr_manifest_options *o, dcr_err *err);

/* What the stages of an assessment cost, in CPU seconds. */
typedef struct dcr_assess_cost {
    double model; /* reading the scan file into records; twice when a carrier is found */
    double risks; /* classes and views of all adversaries */
    double evidence; /* hidden identifiers, dates, pixels, link keys, tools */
    double checks;   /* the rules */
    double report;   /* gate, recipients, document */
    uint64_t facts;  /* (value, series) pairs that were judged */
} dcr_assess_cost;

typedef struct dcr_assess_options {
    const char *policy;             /* name or file */
    const char *project;            /* file; NULL: none */
    const dcr_originals *originals; /* NULL: none */
    const dcr_beside *beside;       /* NULL: none */
    const dcr_manifest *manifest;   /* NULL: none */
    bool show_values, show_paths;
    size_t n_inputs;
    const char *time;      /* RFC 3339, UTC */
    uint32_t today;        /* YYYYMMDD: acceptances expire by it */
    dcr_assess_cost *cost; /* filled when not NULL */
} dcr_assess_options;

/* Judges a scan: model, classes, metrics, findings, gate, and one report document.  *out
 * is NULL on failure, json_decref it otherwise. */
DCR_MUST_USE dcr_status dcr_assess(json_t **out, dcr_store *scan, const dcr_rules *rules,
                                   const dcr_assess_options *o, dcr_err *err);

/* The model alone, with the keywords of standard attributes filled in; dcr_model_free it.
 */
DCR_MUST_USE dcr_status dcr_load_model(dcr_model **out, dcr_store *scan,
                                       const dcr_rules *rules, const dcr_adversary *also,
                                       dcr_err *err);

/* The attributes of a scan, as in report.json, without a judgement: {schema
 * "dcmrisk-inspect/1", dataset, attributes}.  json_decref it. */
DCR_MUST_USE dcr_status dcr_inspect(json_t **out, dcr_store *scan, const dcr_rules *rules,
                                    bool show_values, dcr_err *err);

/* ---- dcmrisk table ---- */

typedef struct dcr_table_options {
    const char *file; /* CSV; "-": standard input */
    const char *const
        *qi; /* quasi-identifiers: n_qi columns, 1 to DCR_FRAME_MAX_COLUMNS */
    size_t n_qi;
    const char *subject, *weight; /* columns; NULL: none */
    const char *const *sensitive; /* n_sensitive columns */
    size_t n_sensitive;
    /* At most one of these says what the population is. */
    uint64_t population;          /* its size N; 0: not said */
    double fraction;              /* n / N, above 0, at most 1; 0: not said */
    const char *population_table; /* CSV with the columns of qi, and perhaps `subject`;
                                     NULL: none */
    dcr_design design;
    dcr_missing missing;
    char delimiter;
    bool trim;
    const char *const *na; /* n_na texts for a missing value besides the empty one */
    size_t n_na;
    const char *const *family; /* n_family families of metrics; "all" is all */
    size_t n_family;
    const char *records; /* file for figures of every row, written 0600; NULL: none */
    unsigned jobs;       /* threads; 0: as many as CPUs may be used, at most 8 */
} dcr_table_options;

/* Judges a table: one document, schema "dcmrisk-table/1" (reports/table.schema.json).
 * *out is NULL on failure, json_decref it otherwise.  DCR_EARG or DCR_EFORMAT: the table
 * or what is asked of it is wrong; err->where is the file, err->line its line. */
DCR_MUST_USE dcr_status dcr_table_run(json_t **out, const dcr_table_options *o,
                                      dcr_err *err);

/* The libraries in use, by name; *n their number.  Static. */
const dcr_library *dcr_libraries(size_t *n);

#ifdef __cplusplus
}
#endif

#endif
