/* Equal keys get equal numbers: the one place where rows are grouped. */
#ifndef DCR_KEYS_H
#define DCR_KEYS_H

#include "dcmrisk/frame.h"

enum { DCR_KEY_PARTS = DCR_FRAME_MAX_COLUMNS + 1 };

/* A key of at most 64 bits: codes side by side. */
typedef struct dcr_key {
    size_t n_rows;
    size_t n_parts;
    const uint32_t *code[DCR_KEY_PARTS]; /* n_rows each */
    unsigned bits[DCR_KEY_PARTS];        /* of each: codes are below 2^bits */
    unsigned n_bits;                     /* their sum, at most 64 */
} dcr_key;

/* Bits that codes 0 .. n_codes - 1 need. */
unsigned dcr_key_bits(uint32_t n_codes);
/* Adds a column; false when it does not fit. */
bool dcr_key_add(dcr_key *k, const uint32_t *code, uint32_t n_codes);

/* number[row] (n_rows) becomes the number of the row's key, in order of first rows; *n
 * how many there are.  `number` may be one of the key's columns.  At most `jobs` threads;
 * the result is the same. */
DCR_MUST_USE dcr_status dcr_keys_number(const dcr_key *k, unsigned jobs, uint32_t *number,
                                        uint32_t *n, dcr_err *err);

#endif
