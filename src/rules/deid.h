/* Marks of de-identification tools: whose work a value looks like. */
#ifndef DCR_DEID_H
#define DCR_DEID_H

#include "deid_tools.h"

enum { DCR_DEID_TOOLS = 64, DCR_DEID_CODES = 64 }; /* one bit each */

typedef struct dcr_deid_paths { /* deid-fingerprint.json: which attributes tell */
    dcr_strings uids, dates, times, writers, present, explained_by;
} dcr_deid_paths;

struct dcr_deid_marks {
    const dcr_deid_tool *tool; /* deid-tools.json */
    size_t n;
    dcr_deid_paths paths;
    const char **code; /* of CID 7050 and of the tools, sorted */
    size_t n_codes;
};

/* After the tools. */
DCR_MUST_USE dcr_status dcr_load_deid_marks(dcr_rules *r, dcr_err *err);

typedef enum dcr_deid_list { /* texts that tools write */
                             DCR_DEID_CREATORS,
                             DCR_DEID_DATES,
                             DCR_DEID_TIMES
} dcr_deid_list;

/* Bit i: tool i names itself so in DeidentificationMethod. */
uint64_t dcr_deid_by_method(const dcr_deid_marks *t, const uint8_t *p, size_t n);
/* Bit i: tool i writes UIDs of this form; *specific: the tools that alone do. */
uint64_t dcr_deid_by_uid(const dcr_deid_marks *t, const uint8_t *p, size_t n,
                         uint64_t *specific);
/* Bit i: the list of tool i has the text; blanks at the end do not count. */
uint64_t dcr_deid_by_text(const dcr_deid_marks *t, dcr_deid_list list, const uint8_t *p,
                          size_t n);
/* Bit i: code i of the list; 0 when it is not one. */
uint64_t dcr_deid_code(const dcr_deid_marks *t, const uint8_t *p, size_t n);
/* The codes that a tool writes, as such bits. */
uint64_t dcr_deid_codes_of(const dcr_deid_marks *t, size_t tool);
/* True when a private creator is one of a de-identification tool's own. */
bool dcr_deid_own_private(const dcr_rules *r, const char *creator);

#endif
