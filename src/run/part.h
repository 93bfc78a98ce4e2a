/* A file that is there only when it is whole: until then it is FILE.part. */
#ifndef DCR_PART_H
#define DCR_PART_H

#include "../store/scanfile.h"
#include "buf.h"

/* Puts the name into *part.  A complete scan file of the same shards and inputs, which
 * `o` names, becomes the part again, to be brought up to date; anything else that stands
 * there is refused and left as it is (DCR_EARG). */
DCR_MUST_USE dcr_status dcr_part_resume(dcr_buf *part, const char *file,
                                        const dcr_store_options *o, dcr_err *err);
/* The same for a file that is made anew: what an earlier attempt left is removed. */
DCR_MUST_USE dcr_status dcr_part_fresh(dcr_buf *part, const char *file, dcr_err *err);
/* Gives the part, which is durable by itself, its name; nobody ever sees half of it. */
DCR_MUST_USE dcr_status dcr_part_done(const dcr_buf *part, const char *file,
                                      dcr_err *err);

#endif
