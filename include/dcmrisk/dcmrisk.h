/* dcmrisk: everything the command line uses of the library. */
#ifndef DCMRISK_DCMRISK_H
#define DCMRISK_DCMRISK_H

#include "dcmrisk/dates.h"
#include "dcmrisk/err.h"
#include "dcmrisk/frame.h"
#include "dcmrisk/hidden.h"
#include "dcmrisk/metric.h"
#include "dcmrisk/model.h"
#include "dcmrisk/report.h"
#include "dcmrisk/rules.h"
#include "dcmrisk/scan.h"
#include "dcmrisk/whatif.h"

#define DCMRISK_VERSION "0.1.0"

#ifdef __cplusplus
extern "C" {
#endif

/* Process-wide settings: GSL without abort(), DCMTK without its own log.  Call first,
 * before any thread exists. */
void dcr_init(void);

typedef struct dcr_assess_options {
    const char *policy;             /* name or file */
    const char *project;            /* file; NULL: none */
    const dcr_originals *originals; /* NULL: none */
    bool show_values, show_paths;
    size_t n_inputs;
    const char *time; /* RFC 3339, UTC */
    uint32_t today;   /* YYYYMMDD: acceptances expire by it */
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

/* The libraries in use, by name; *n their number.  Static. */
const dcr_library *dcr_libraries(size_t *n);

#ifdef __cplusplus
}
#endif

#endif
