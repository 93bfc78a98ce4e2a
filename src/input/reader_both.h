/* Two readings of one file, compared: where two parsers see two contents, something can
 * be hidden from one of them. */
#ifndef DCR_READER_BOTH_H
#define DCR_READER_BOTH_H

#include "reader.h"

/* How our reader and DCMTK may differ over a file.  tests/oracle/readers.py names the
 * same cases and knows why. */
typedef enum dcr_differ {
    DCR_DIFFER_NOT = 0,
    DCR_DIFFER_STREAM_STOPS, /* only our reader sees damage */
    DCR_DIFFER_DCMTK_STOPS,  /* only DCMTK does */
    DCR_DIFFER_BOTH_STOP,    /* both do, and have read different things up to there */
    DCR_DIFFER_TWICE,        /* DCMTK keeps the first of two elements of an item */
    DCR_DIFFER_DEPTH,        /* nested so deeply that DCMTK was not asked */
    DCR_DIFFER_VALUES,       /* both say that all is well, and tell other values */
    DCR_DIFFER_N
} dcr_differ;
/* "readers:values": the pseudo attribute of a file in which they differ. */
const char *dcr_differ_path(dcr_differ d);

/* A sink that passes on what it is told, and remembers it. */
typedef struct dcr_witness dcr_witness;
dcr_witness *dcr_witness_new(const dcr_sink *to); /* `to` is copied; NULL: no memory */
void dcr_witness_free(dcr_witness *w);
const dcr_sink *dcr_witness_sink(const dcr_witness *w);
/* The next file; and the second reading of it. */
void dcr_witness_begin(dcr_witness *w);
void dcr_witness_second(dcr_witness *w);
/* What path numbers mean is over. */
void dcr_witness_forget(dcr_witness *w);
/* What the two readings came to, `a` the first, our own. */
dcr_differ dcr_witness_compare(dcr_witness *w, const dcr_pathtab *paths,
                               const dcr_reading *a, const dcr_reading *b);

#endif
