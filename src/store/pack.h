/* Facts of a series as one text, [[attribute,value,files],...]: what SQLite's json_each
 * reads, so that the view `fact` shows them to any client, at a hundredth of the cost of
 * rows. */
#ifndef DCR_PACK_H
#define DCR_PACK_H

#include "buf.h"
#include "dcmrisk/scan.h"

/* Writes `lists` lists of `n` numbers (2 or 3), one behind the other at `list`, as a text
 * of its own; text->failed when there is no memory. */
void dcr_pack(dcr_buf *text, const uint32_t *list, size_t lists, unsigned n);

typedef struct dcr_unpack {
    const uint8_t *p, *end;
    bool begun;
} dcr_unpack;

/* What is left of a text is in `u`: the next list goes to list[0 .. n).  Returns 1, 0 at
 * the end, -1 when the text is not one of ours. */
int dcr_unpack_next(dcr_unpack *u, uint32_t *list, unsigned n);

#endif
