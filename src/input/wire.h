/* A batch as bytes: what a worker answers.  The reader of it trusts nothing. */
#ifndef DCR_WIRE_H
#define DCR_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "dcmrisk/scan.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct dcr_wire dcr_wire; /* a batch that is being written */

dcr_wire *dcr_wire_new(void); /* NULL when no memory */
void dcr_wire_free(dcr_wire *w);

/* Each adds one record, and the first three return its number.  Numbers inside records
 * are those returned; records may come in any order.  No memory shows at dcr_wire_write.
 */
uint32_t dcr_wire_string(dcr_wire *w, const uint8_t *p, size_t n);
uint32_t dcr_wire_attr(dcr_wire *w, const dcr_batch_attr *a);
uint32_t dcr_wire_value(dcr_wire *w, const dcr_batch_value *v);
void dcr_wire_unit(dcr_wire *w, const dcr_batch_unit *u);
void dcr_wire_file(dcr_wire *w, const dcr_batch_file *f);
void dcr_wire_fact(dcr_wire *w, const dcr_batch_fact *f);
void dcr_wire_excess(dcr_wire *w, const dcr_batch_excess *e);
void dcr_wire_rollup(dcr_wire *w, const dcr_batch_rollup *r);

/* Adds the whole batch to `out`.  Only DCR_ENOMEM fails. */
dcr_status dcr_wire_write(const dcr_wire *w, dcr_buf *out);

/* The batch behind p[0 .. n), which is copied.  DCR_EFORMAT on anything inconsistent: all
 * numbers point at records that exist, facts are sorted by unit and attribute, and
 * nothing is missing or left over.  `out` is cleared on failure and needs no clearing
 * before. */
dcr_status dcr_wire_decode(dcr_batch *out, const uint8_t *p, size_t n, dcr_err *err);
void dcr_batch_clear(dcr_batch *b);

#ifdef __cplusplus
}
#endif
#endif
