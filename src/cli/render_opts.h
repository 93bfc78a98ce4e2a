/* What commands that write reports have in common: options of formats, --summary,
 * standard output. */
#ifndef DCR_RENDER_OPTS_H
#define DCR_RENDER_OPTS_H

#include "cmd.h"
#include "dcmrisk/report.h"
#include "sha256.h"

typedef struct dcr_render_opts {
    const char *summary;     /* --summary FILE; NULL: none */
    const char *html_assets; /* --html-assets DIR; NULL: in the page */
    bool sarif_accepted;
} dcr_render_opts;

#define DCR_OPTS_RENDER(type)                                                            \
    {.name = "summary",                                                                  \
     .group = DCR_GROUP_WRITE,                                                           \
     .kind = DCR_OPT_FILE,                                                               \
     .offset = offsetof(type, render.summary),                                           \
     .arg = "FILE",                                                                      \
     .help = "append the markdown summary to FILE, such as $GITHUB_STEP_SUMMARY"},       \
        {.name = "html-assets",                                                          \
         .group = DCR_GROUP_WRITE,                                                       \
         .kind = DCR_OPT_DIR,                                                            \
         .offset = offsetof(type, render.html_assets),                                   \
         .arg = "DIR",                                                                   \
         .help =                                                                         \
             "write style and script of pages into this folder below --out, for servers" \
             " that forbid inline style"},                                               \
    {                                                                                    \
        .name = "sarif-accepted", .kind = DCR_OPT_FLAG, .group = DCR_GROUP_WRITE,        \
        .offset = offsetof(type, render.sarif_accepted),                                 \
        .help = "sarif: accepted findings too, as suppressed ones; code scanning on"     \
                " GitHub opens alerts for them all the same"                             \
    }

dcr_render dcr_render_how(const dcr_render_opts *o);

/* Sees that the file of --summary can be written to, before hours of scanning; DCR_EIO
 * otherwise. */
DCR_MUST_USE dcr_status dcr_summary_prepare(const dcr_render_opts *o, dcr_err *err);
/* Appends the summary, when there is a file for it. */
DCR_MUST_USE dcr_status dcr_summary_append(const dcr_render_opts *o, const json_t *report,
                                           dcr_err *err);

/* Writes a format to standard output; DCR_EIO says so, with the reason.  *gone, when not
 * NULL: the reader of a pipe left. */
DCR_MUST_USE dcr_status dcr_print_format(const dcr_format *f, const json_t *report,
                                         const dcr_render *how, bool *gone, dcr_err *err);

/* Reads the JSON document of a report ("-": standard input) and holds it against its
 * schema.  `digest` (NULL: not wanted) gets the SHA-256 of its bytes in hex.  *out is
 * NULL on failure. */
DCR_MUST_USE dcr_status dcr_report_load(json_t **out, const char *path,
                                        char digest[DCR_SHA256_HEX], dcr_err *err);

#endif
