/* The DPIA annex as blocks: what was measured, from the report's JSON; what the
 * controller says, from its project; everything in words, from reports/annex. */
#ifndef DCR_ANNEX_H
#define DCR_ANNEX_H

#include <jansson.h>

#include "block.h"
#include "dcmrisk/err.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { DCR_ANNEX_SECTIONS = 32 };

typedef struct dcr_annex_section {
    const char *id, *title; /* title with its number: "5. Recipients and transfers" */
    size_t asked, missing;  /* answers of the controller; one asked for twice is missing
                               in both places */
} dcr_annex_section;

typedef struct dcr_annex {
    dcr_page page;         /* what is measured; its h is the renderer's to set */
    const json_t *project; /* lent */
    json_t *outline, *texts;
    bool is_public; /* the public edition: what the project says is not in it */
    json_t *asked;  /* key of an answer -> whether it is given */
    dcr_blocks front, body;
    dcr_blocks *b; /* the one that is being written */
    dcr_annex_section section[DCR_ANNEX_SECTIONS];
    size_t n_sections;
    size_t n_asked, n_missing; /* answers, each counted once */
    char report_digest[65];    /* SHA-256 of report.json, hex */
    dcr_err err;               /* a text that is not there; sticks */
} dcr_annex;

/* Builds the annex in a language of reports/annex ("en").  `a` need not be zeroed; clear
 * it whatever comes back. */
DCR_MUST_USE dcr_status dcr_annex_build(dcr_annex *a, const json_t *doc,
                                        const char *language, dcr_err *err);
void dcr_annex_clear(dcr_annex *a);

/* A text by group and name, "words.blank"; lent.  One that is not there sticks as an
 * error, and is "". */
const char *dcr_annex_text(dcr_annex *a, const char *key);
/* The text with {name} replaced: pairs of name and value, ended by NULL.  Kept by the
 * annex. */
const char *dcr_annex_fill(dcr_annex *a, const char *key, ...);

/* The parts that report.html has too, appended to a->b. */
void dcr_annex_criteria(dcr_annex *a); /* WP216 by recipient, one verdict each */
void dcr_annex_mistakes(dcr_annex *a); /* M1 to M5 */
void dcr_annex_signatures(dcr_annex *a);
void dcr_annex_evidence(dcr_annex *a);

/* "17 answers are missing, of 60." */
const char *dcr_annex_missing(dcr_annex *a);

#ifdef __cplusplus
}
#endif
#endif
