/* Reports: one JSON document, and formats that are functions of that document alone. */
#ifndef DCMRISK_REPORT_H
#define DCMRISK_REPORT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "dcmrisk/err.h"
#include "dcmrisk/rules.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How formats are written, beside what the document says; {0} is the usual way. */
typedef struct dcr_render {
    const char *html_assets; /* pages: the folder below --out for style and script, which
                                they link to; NULL: in the page.  A relative path that
                                dcr_render_check likes */
    bool sarif_accepted;     /* sarif: accepted findings too, as suppressed ones */
} dcr_render;

/* DCR_EARG when the folder for style and script is not one below --out. */
DCR_MUST_USE dcr_status dcr_render_check(const dcr_render *how, dcr_err *err);

/* A file of a format. */
typedef struct dcr_format_file {
    const char *name; /* below --out: "report.html" */
    /* Writes `report` (a dcmrisk-report/1 document) to `out`.  Reads nothing else: no
     * clock, no environment, no dataset. */
    dcr_status (*write)(const json_t *report, const dcr_render *how, FILE *out,
                        dcr_err *err);
} dcr_format_file;

enum { DCR_FORMAT_FILES_MAX = 2, DCR_FORMAT_ASSETS_MAX = 2 };

/* Plug-in: src/report/format_<name>.c defines `const dcr_format dcr_format_<name>`. */
typedef struct dcr_format {
    const char *id;    /* "html", as in --format */
    const char *title; /* one line for --help */
    /* At least one; a NULL name ends them.  The first goes to standard output. */
    dcr_format_file file[DCR_FORMAT_FILES_MAX];
    /* Style and script of a page: written below how->html_assets, where that is given. */
    dcr_format_file asset[DCR_FORMAT_ASSETS_MAX];
} dcr_format;

/* All formats in the order of their names; NULL-terminated. */
const dcr_format *const *dcr_formats(void);

/* The format with an id, NULL when there is none. */
const dcr_format *dcr_format_find(const char *id);

enum { DCR_FORMATS_MAX = 32 }; /* in one run */

/* Makes the folder for reports and sees that it can be written to, before hours of
 * scanning. */
DCR_MUST_USE dcr_status dcr_report_prepare(const char *dir, dcr_err *err);

/* Writes the n formats with these ids below the folder `dir`, which is made when missing:
 * each file under a temporary name beside its own, then renamed, so that a reader sees
 * the old file or the whole new one.  Mode 0600 when the report says
 * run.options.show_values, otherwise as the umask allows.  DCR_EARG for an id that does
 * not exist (nothing is written then), DCR_EIO with the file in err->where. */
DCR_MUST_USE dcr_status dcr_report_write(const json_t *report, const char *dir,
                                         const char *const *formats, size_t n,
                                         const dcr_render *how, dcr_err *err);

/* Calls `each` with the path of every file that dcr_report_write() would write, until it
 * fails, and writes nothing.  Paths are lent for the call.  DCR_EARG as there. */
DCR_MUST_USE dcr_status dcr_report_files(const char *dir, const char *const *formats,
                                         size_t n, const dcr_render *how,
                                         dcr_status (*each)(void *ctx, const char *path,
                                                            dcr_err *err),
                                         void *ctx, dcr_err *err);

/* Writes the first file of a format; DCR_EIO with the reason when `out` takes no more. */
DCR_MUST_USE dcr_status dcr_format_write(const dcr_format *f, const json_t *report,
                                         const dcr_render *how, FILE *out, dcr_err *err);

/* Holds a document that came from outside against reports/report.schema.json: what is
 * required is there, and everything there is of its type.  DCR_EARG names the place. Keys
 * that the schema does not know are let be: a newer version may have written them. */
DCR_MUST_USE dcr_status dcr_report_check(const json_t *doc, dcr_err *err);

/* Judges a report anew against an older one (--baseline): criteria that are not met, and
 * are no worse than there, are let pass; findings say whether they were known.  `digest`
 * is that of the older one's file.  Direct identifiers and what is inconclusive are never
 * let pass.  DCR_EARG says why a report cannot be a baseline of this one; _fits() says
 * the same before hours of scanning. */
DCR_MUST_USE dcr_status dcr_report_baseline_fits(const json_t *older,
                                                 const dcr_policy *policy,
                                                 const dcr_rules *rules,
                                                 const dcr_project *project,
                                                 dcr_err *err);
DCR_MUST_USE dcr_status dcr_report_baseline(json_t *report, const json_t *older,
                                            const char *digest, dcr_err *err);

/* A library in use and its version at run time. */
typedef struct dcr_library {
    const char *name, *version;
} dcr_library;

/* Subjects below the usual k, when the carriers found from data are left out. */
typedef struct dcr_without_found {
    uint32_t k_min; /* 0: nobody */
    uint32_t below[DCR_BELOW_N];
} dcr_without_found;

/* What the files of a dataset came to as one digest (dcmrisk.h: dcr_manifest_make). */
typedef struct dcr_manifest {
    char root[65]; /* hex */
    bool contents; /* over what is in the files; otherwise over names, sizes and counts */
    bool keyed;
    uint64_t files, without_content; /* of which no content could be digested */
} dcr_manifest;

/* Everything that becomes the report. */
typedef struct dcr_report_input {
    const dcr_model *model;
    const dcr_rules *rules;
    const dcr_policy *policy;
    bool policy_fell_back; /* the policy asked for needs controls that the project does
                              not state */
    const dcr_project *project;
    const dcr_dates *dates; /* NULL: not examined */
    const dcr_findings *findings;
    const dcr_pixels *pixels; /* NULL: not examined */
    const dcr_deid *deid;     /* NULL: not measured */
    const dcr_link_keys *links;
    const dcr_gate *gate;
    json_t *recipients; /* verdict.recipients[]; NULL: none */
    /* Views of adversaries, grouped by adversary in the order of the rules; the policy's
     * own adversary (levels of its own) last. */
    const dcr_risk *const *risks;
    size_t n_risks;
    const dcr_register_codes *reg; /* of the population; NULL: no table */
    const dcr_risk *gated;         /* any_exam of the policy's adversary */
    const dcr_risk *two_exams;     /* of the policy's adversary */
    const dcr_risk *other_reading; /* of shifted dates: as `gated`; NULL: there is none */
    const dcr_longitudinal *longitudinal;     /* NULL: not examined */
    const dcr_interval_pairs *interval_pairs; /* of `gated`; NULL: not counted */
    const dcr_km *km;                 /* DCR_KM_N, of `gated`; NULL: not counted */
    const dcr_km *other_km;           /* DCR_KM_N, of `other_reading`; likewise */
    const dcr_hidden *hidden;         /* NULL: not searched */
    const dcr_without_found *without; /* of the policy's adversary */
    const char *time;                 /* RFC 3339, UTC */
    size_t n_inputs;
    bool show_values, show_paths;
    const dcr_library *libraries;
    size_t n_libraries;
    const dcr_manifest *manifest; /* NULL: none was made */
    /* Name of a file by its number, for show_paths; NULL otherwise. */
    dcr_status (*file_name)(void *ctx, uint64_t number, char *out, size_t n,
                            dcr_err *err);
    void *file_name_ctx;
} dcr_report_input;

/* Builds the dcmrisk-report/1 document; *out is NULL on failure, json_decref it
 * otherwise. */
DCR_MUST_USE dcr_status dcr_report_build(json_t **out, const dcr_report_input *in,
                                         dcr_err *err);

/* The public edition of a report: a document of the same schema that tells only what
 * reports/public.json lets stay, no count of fewer than the policy's k patients, and none
 * from which one could be worked out (see src/report/public.h).  The edition of an
 * edition is itself.  DCR_EARG when the report names no k.  *out is NULL on failure,
 * json_decref it otherwise. */
DCR_MUST_USE dcr_status dcr_report_public(json_t **out, const json_t *report,
                                          const dcr_rules *rules, dcr_err *err);

/* Only the dataset and its attributes; of the input, risks and times are not looked at.
 */
DCR_MUST_USE dcr_status dcr_report_inspect(json_t **out, const dcr_report_input *in,
                                           dcr_err *err);

/* What was asked of `dcmrisk table`, for its document; all is lent. */
typedef struct dcr_table_about {
    const char *version; /* of the program */
    const char *const *family;
    size_t n_family;              /* families of metrics; "all" is all */
    const char *subject, *weight; /* columns; NULL: none */
    bool trim;
} dcr_table_about;

/* Builds the dcmrisk-table/1 document with the metrics of the families asked for; fills
 * t->records when there are any.  *out is NULL on failure, json_decref it otherwise. */
DCR_MUST_USE dcr_status dcr_report_table(json_t **out, dcr_tab *t,
                                         const dcr_table_about *about, dcr_err *err);
/* The document as JSON, and for people; no value of the table is in either. */
DCR_MUST_USE dcr_status dcr_table_json(const json_t *doc, FILE *out, dcr_err *err);
DCR_MUST_USE dcr_status dcr_table_text(const json_t *doc, FILE *out, dcr_err *err);

/* The families of metrics of tables, in the order of --metrics; NULL at the end. */
const char *dcr_table_family(size_t i);

#ifdef __cplusplus
}
#endif
#endif
