/* Inside of the report: the parts of the document. */
#ifndef DCR_PARTS_H
#define DCR_PARTS_H

#include "buf.h"
#include "dcmrisk/report.h"

/* Adds `value` (stolen, may be NULL after a failed allocation) to an object. */
DCR_MUST_USE dcr_status dcr_put(json_t *object, const char *key, json_t *value,
                                dcr_err *err);

typedef struct dcr_names { /* paths as they may be printed, by place in model->attrs */
    char **path;
    char **creator; /* NULL when standard */
    size_t n;
} dcr_names;
DCR_MUST_USE dcr_status dcr_names_build(dcr_names *out, const dcr_report_input *in,
                                        dcr_err *err);
void dcr_names_clear(dcr_names *n);

DCR_MUST_USE dcr_status dcr_report_attributes(json_t *doc, const dcr_report_input *in,
                                              const dcr_names *names, dcr_err *err);
DCR_MUST_USE dcr_status dcr_report_findings(json_t *doc, const dcr_report_input *in,
                                            const dcr_names *names, dcr_err *err);
DCR_MUST_USE dcr_status dcr_report_adversaries(json_t *doc, const dcr_report_input *in,
                                               const dcr_names *names, dcr_err *err);
/* population[] of a view. */
DCR_MUST_USE dcr_status dcr_report_population(json_t *view, const dcr_report_input *in,
                                              const dcr_risk *r, dcr_err *err);
/* The tables that the user gave beside the images. */
DCR_MUST_USE dcr_status dcr_report_tables(json_t *doc, const dcr_report_input *in,
                                          dcr_err *err);
DCR_MUST_USE dcr_status dcr_report_dates(json_t *doc, const dcr_report_input *in,
                                         const dcr_names *names, dcr_err *err);
DCR_MUST_USE dcr_status dcr_report_hidden(json_t *doc, const dcr_report_input *in,
                                          const dcr_names *names, dcr_err *err);
/* A path of the model as it may be printed; lent. */
const char *dcr_names_path(const dcr_names *n, const dcr_model *m, const char *path);
DCR_MUST_USE dcr_status dcr_report_where(json_t *doc, const dcr_report_input *in,
                                         dcr_err *err);
DCR_MUST_USE dcr_status dcr_report_longitudinal(json_t *doc, const dcr_report_input *in,
                                                dcr_err *err);
DCR_MUST_USE dcr_status dcr_report_pixels(json_t *doc, const dcr_report_input *in,
                                          dcr_err *err);
DCR_MUST_USE dcr_status dcr_report_deid(json_t *doc, const dcr_report_input *in,
                                        dcr_err *err);
DCR_MUST_USE dcr_status dcr_report_links(json_t *doc, const dcr_report_input *in,
                                         const dcr_names *names, dcr_err *err);
/* Digests of what the report was made of. */
DCR_MUST_USE dcr_status dcr_report_evidence(json_t *doc, const dcr_report_input *in,
                                            dcr_err *err);
/* dataset.minors. */
DCR_MUST_USE dcr_status dcr_report_minors(json_t *doc, const dcr_report_input *in,
                                          dcr_err *err);
/* The result of a gate with these criteria, and the sentences that say it. */
const char *dcr_verdict_result(const json_t *criteria);
void dcr_verdict_opening(dcr_buf *b, const json_t *criteria);
DCR_MUST_USE dcr_status dcr_report_verdict(json_t *doc, const dcr_report_input *in,
                                           const dcr_names *names, dcr_err *err);
/* Changes of what the gated adversary knows: the best go to `steps`, all of them to
 * whatif[]. */
DCR_MUST_USE dcr_status dcr_report_whatif(json_t *doc, json_t *steps,
                                          const dcr_report_input *in,
                                          const dcr_names *names, dcr_err *err);

#endif
