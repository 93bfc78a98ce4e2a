/* Inside of the reader of tables: blocks of whole records, and dictionaries. */
#ifndef DCR_CSV_IMPL_H
#define DCR_CSV_IMPL_H

#include <endian.h>
#include <string.h>

#include "arena.h"
#include "csv.h"
#include "dict.h"
#include "pool.h"

enum {
    CSV_PAD = 32,   /* bytes behind a block that may be read; the first is LF */
    CSV_INLINE = 8, /* shorter values are one 64-bit word */
    CSV_BAD = UINT32_MAX
};

/* ---- csv_words.c: the values of one column as one worker met them ---- */

/* Numbers: 2 i for the i-th short value, 2 i + 1 for the i-th long one; 0 is the empty
 * one.  A short value is its bytes in a word, zeros behind: in memory a C string. */
typedef struct csv_words {
    struct csv_slot {
        uint64_t word;
        uint32_t number; /* i + 1; 0: free */
    } * slot;
    size_t n_slots; /* a power of 2, or 0 */
    unsigned shift; /* 64 - log2(n_slots) */
    uint64_t *word; /* short values by i */
    size_t n, cap;
    dcr_dict longs;
} csv_words;

/* Adds a value and returns its number, CSV_BAD when there is no memory. */
uint32_t dcr_csv_word_new(csv_words *w, uint64_t word);
uint32_t dcr_csv_long(csv_words *w, const uint8_t *p, size_t n);
void dcr_csv_words_clear(csv_words *w);

static inline uint64_t csv_load(const uint8_t *p)
{
    uint64_t w;
    memcpy(&w, p, sizeof w);
    return w;
}

/* The number of a value of n bytes; CSV_PAD bytes behind it may be read. */
static inline uint32_t csv_number(csv_words *w, const uint8_t *p, size_t n)
{
    uint64_t word;
    size_t i;
    if (n >= CSV_INLINE)
        return dcr_csv_long(w, p, n);
    word = le64toh(csv_load(p)) & (((uint64_t)1 << (8 * n)) - 1);
    if (word == 0)
        return 0;
    for (i = word * 0x9E3779B97F4A7C15u >> w->shift; w->n_slots > 0;
         i = (i + 1) & (w->n_slots - 1)) {
        if (w->slot[i].word == word)
            return 2 * (w->slot[i].number - 1);
        if (w->slot[i].number == 0)
            break;
    }
    return dcr_csv_word_new(w, word);
}

/* ---- csv_block.c ---- */

/* What a file's header says, for all blocks. */
typedef struct csv_layout {
    size_t n_columns; /* of the file */
    uint32_t *want;   /* n_columns: 1 + place among those asked for, 0: not asked for */
    size_t n_wanted;
    uint8_t delimiter;
} csv_layout;

/* A block of whole records, as codes. */
typedef struct csv_block {
    size_t n_lines; /* LFs */
    size_t n_rows;
    struct csv_numbers { /* n_wanted: the worker's numbers, as narrow as they may be */
        void *p;         /* n_rows of uint8_t, uint16_t or uint32_t */
        unsigned width;  /* 1, 2 or 4 bytes */
    } * numbers;
    uint32_t *line; /* n_rows: lines before it in the block; NULL: as many as rows */
    unsigned worker;
    dcr_err err; /* of parsing; its line counts within the block, from 1 */
} csv_block;

/* What a worker needs from block to block. */
typedef struct csv_scratch {
    uint8_t *p; /* a quoted cell without its quotes */
    size_t cap;
    uint32_t *number; /* n_wanted columns of `stride` numbers: the block in hand */
    size_t cap_numbers, stride;
} csv_scratch;
void dcr_csv_scratch_clear(csv_scratch *s);

/* The length of the whole records in p[0 .. n), which begins with one; 0: there is none.
 */
size_t dcr_csv_cut(const uint8_t *p, size_t n);
/* LFs in p[0 .. n). */
size_t dcr_csv_lines(const uint8_t *p, size_t n);
/* Is p[0 .. n) text?  Otherwise *at is where it is not, and the words say why. */
const char *dcr_csv_text_fault(const uint8_t *p, size_t n, size_t *at);
/* The cell at *at of a text with an LF at `end` behind it, which is no part of a CRLF:
 * its bytes, in place or in `scratch`; *at moves to the delimiter or line end behind it
 * (LF or CR).  NULL: it is malformed at *at, and *why says how; or *why is NULL: no
 * memory. */
const uint8_t *dcr_csv_cell(const uint8_t **at, const uint8_t *end, uint8_t delimiter,
                            csv_scratch *scratch, size_t *n, const char **why);
/* Parses p[0 .. n) (whole records, CSV_PAD bytes behind them may be read, of which the
 * first is an LF) into b, with n_wanted dictionaries. */
DCR_MUST_USE dcr_status dcr_csv_parse(csv_block *b, const uint8_t *p, size_t n,
                                      const csv_layout *l, csv_words *words,
                                      csv_scratch *scratch);
void dcr_csv_block_free(csv_block *b, size_t n_wanted);

/* ---- csv_codes.c: numbers of workers to codes in order of bytes ---- */

/* Fills t->column[c] from the blocks, and frees their numbers of that column. */
DCR_MUST_USE dcr_status dcr_csv_codes(dcr_csv *t, size_t c, const dcr_csv_options *o,
                                      dcr_err *err);

typedef struct dcr_csv_work {
    csv_layout layout;
    size_t header_lines;
    csv_block **block;
    size_t n_blocks, cap_blocks;
    csv_words *words; /* worker * n_wanted + column; values live here */
    unsigned n_workers;
    dcr_arena *arena; /* n_wanted: values that had to be copied, lists of values */
} dcr_csv_work;

#endif
