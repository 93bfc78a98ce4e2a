/* What only a terminal gets: a progress line, colours, and text made harmless. */
#ifndef DCR_TERM_H
#define DCR_TERM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "dcmrisk/scan.h"

#ifdef __cplusplus
extern "C" {
#endif

/* True when `f` is a terminal that understands escapes (TERM set and not "dumb"). */
bool dcr_term_is(FILE *f);

/* Columns of the terminal behind `f`, 80 when that cannot be asked. */
unsigned dcr_term_width(FILE *f);

/* Whether to colour `f`: when is "always", "never", or "auto" (or NULL): on a terminal
 * unless NO_COLOR is set to something or CLICOLOR to 0; elsewhere too with CLICOLOR_FORCE
 * (not 0). */
bool dcr_term_color(FILE *f, const char *when);

typedef enum dcr_tint {
    DCR_TINT_OFF,
    DCR_TINT_BOLD,
    DCR_TINT_GREEN,
    DCR_TINT_RED,
    DCR_TINT_YELLOW,
    DCR_TINT_DIM
} dcr_tint;

/* The escape of a tint, "" when `on` is false. */
const char *dcr_term_tint(bool on, dcr_tint tint);

/* Prints bytes from anywhere so that a terminal takes them as text: control characters,
 * escapes, bidirectional overrides, line separators and what is not UTF-8 come as \xNN, a
 * backslash as "\\".  No newline is added. */
void dcr_term_print_safe(FILE *f, const void *p, size_t n);

/* One line on stderr, redrawn at most four times a second, never wrapped, gone at the
 * end. */
typedef struct dcr_bar {
    bool on;     /* false: every call does nothing */
    bool drawn;  /* something stands on the line */
    double last; /* seconds of the run at the last redraw */
} dcr_bar;

void dcr_bar_init(dcr_bar *b, bool quiet);
/* For dcr_scan_options.progress, with the bar as context. */
void dcr_bar_progress(void *bar, const dcr_progress *p);
void dcr_bar_end(dcr_bar *b);

/* The text of the line, at most width - 1 columns; for tests. */
void dcr_bar_text(const dcr_progress *p, unsigned width, char *out, size_t size);

#ifdef __cplusplus
}
#endif
#endif
