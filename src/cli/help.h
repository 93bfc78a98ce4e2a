/* What --help prints. */
#ifndef DCR_HELP_H
#define DCR_HELP_H

#include "cmd.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The commands there are; what one takes.  Both return an exit status. */
int dcr_help_all(void);
int dcr_help_cmd(const dcr_cmd *c);

#ifdef __cplusplus
}
#endif

#endif
