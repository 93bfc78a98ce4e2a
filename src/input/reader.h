/* The reader: one DICOM file becomes a stream of (path, VR, value).
 *
 * There are two that give one stream.  The parser that is our own (reader_*.c) is
 * iterative, so that nesting costs heap and not stack, it never loads what it need not,
 * and it knows at which byte a file breaks off.  DCMTK (reader_dcmtk*.cc) is the other:
 * what an element is, how long, and what is inside is then its word.  Either way it says
 * what tags mean and turns character sets into UTF-8, and what is around the elements
 * (preamble, where the data set begins and ends) is looked at by us. */
#ifndef DCR_READER_H
#define DCR_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "dcmrisk/err.h"
#include "dcmrisk/scan.h"
#include "pathtab.h"
#include "source.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- DCMTK ---- */

/* Loads DCMTK's dictionary and silences its log; once, before workers are forked. */
void dcr_reader_init(void);
/* DCMTK's version, "3.6.7"; static. */
const char *dcr_reader_dcmtk(void);
/* "PatientName"; NULL for private and unknown tags; stable as long as the process. */
const char *dcr_reader_keyword(uint16_t group, uint16_t element);
/* VR of the dictionary into vr; false (and vr untouched) when unknown.  Private elements
 * need their creator's name, else NULL.  US or SS is "xs". */
bool dcr_reader_vr(uint16_t group, uint16_t element, const char *creator, char vr[2]);

typedef struct dcr_charset dcr_charset;
/* A Specific Character Set, as it stands in the file; NULL when no memory. */
dcr_charset *dcr_charset_new(const uint8_t *terms, size_t n);
/* Adds UTF-8 to out; false when it cannot be decoded, or cs is unknown or NULL. */
bool dcr_charset_utf8(dcr_charset *cs, const char *delimiters, const uint8_t *p, size_t n,
                      dcr_buf *out);
void dcr_charset_free(dcr_charset *cs);

/* ---- reading ---- */

typedef struct dcr_budget {
    uint32_t depth;    /* sequences inside each other */
    uint64_t elements; /* of one file, at all depths */
    uint64_t bytes;    /* of values that are looked at, in one file */
    uint32_t paths;    /* distinct ones of one file, with those of openers */
} dcr_budget;

dcr_budget dcr_budget_default(void); /* 100, 10 million, 512 MiB, 20,000 */

/* Where values go.  Both may fail with DCR_ENOMEM only. */
typedef struct dcr_sink {
    void *ctx;
    dcr_status (*value)(void *ctx, uint32_t path, const char vr[2], const uint8_t *p,
                        uint32_t n, uint32_t flags);
    /* `path` holds once more what value() was told of it last, perhaps in another file.
     */
    dcr_status (*again)(void *ctx, uint32_t path);
} dcr_sink;

typedef enum dcr_id {
    DCR_ID_PATIENT = 0,
    DCR_ID_ISSUER,
    DCR_ID_STUDY,
    DCR_ID_SERIES,
    DCR_ID_SOP,
    DCR_ID_N
} dcr_id;

/* What a byte of a file is. */
typedef enum dcr_share {
    DCR_SHARE_HEADER = 0, /* tag, VR and length of elements and items, delimiters */
    DCR_SHARE_VALUE,      /* read, and told or gone into */
    DCR_SHARE_PASSED,     /* Pixel Data: passed over by its length */
    DCR_SHARE_AROUND,     /* no element's: preamble, magic word, what stands behind */
    DCR_SHARE_N
} dcr_share;

typedef struct dcr_reading { /* how it went; zeroed is valid */
    unsigned status;         /* dcr_read */
    bool dicomdir;
    uint32_t elements, private_elements, undecodable;
    /* Their sum is the size of a file whose status is DCR_READ_OK, with what is deflated
     * taken at its inflated size. */
    uint64_t share[DCR_SHARE_N];
    /* Bytes of it that are in no share or were not reached: 0, or the reader has a fault
     * and the status is DCR_READ_CORRUPT. */
    uint64_t unaccounted;
    dcr_buf id[DCR_ID_N]; /* of the data set itself, UTF-8, trimmed on both sides */
} dcr_reading;

void dcr_reading_clear(dcr_reading *r);

typedef struct dcr_reader dcr_reader;
/* `budget` may be NULL (the default).  NULL when no memory. */
dcr_reader *dcr_reader_new(const dcr_budget *budget, dcr_reader_kind kind);
void dcr_reader_free(dcr_reader *r);

/* Reads from src (started, and known to be DICOM) to its end or to what stops it; `out`
 * is reset first.  Only DCR_ENOMEM fails.  Paths are added to `paths`, values go to
 * `sink`. */
dcr_status dcr_reader_file(dcr_reader *r, dcr_source *src, dcr_pathtab *paths,
                           const dcr_sink *sink, dcr_reading *out);

#ifdef __cplusplus
}
#endif
#endif
