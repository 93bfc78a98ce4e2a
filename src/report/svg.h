/* Charts as inline SVG.
 *
 * Lengths are in percent of the room there is, so charts follow the width without a
 * script; colours are classes of report.css with a plain fill behind them, so that a
 * chart stays readable where the style sheet is blocked.  Every chart has its numbers in
 * a table beside it: those without a title here are hidden from screen readers. */
#ifndef DCR_SVG_H
#define DCR_SVG_H

#include <stdbool.h>
#include <stddef.h>

#include "html.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Defines the marks (symbols) and the hatch that charts and tags use; once per document.
 */
void dcr_svg_defs(dcr_html *h);

/* A mark: `name` is "fail", "warn", "pass", "note" or "open".  `label` NULL: decoration.
 */
void dcr_svg_mark(dcr_html *h, const char *name, const char *cls, const char *label);

/* Logarithmic scale of a probability from 10^-decades (left) to 1 (right). */
typedef struct dcr_svg_scale {
    int decades;  /* 3 to 6 */
    double limit; /* largest probability allowed; 0: no limit bar */
} dcr_svg_scale;
void dcr_svg_scale_head(dcr_html *h, const dcr_svg_scale *s);
/* One row of it: `risk` a diamond, `average` a ring; a value of 0 or less is not drawn.
 * Only a `gated` row has the zone above the limit shaded. */
void dcr_svg_scale_row(dcr_html *h, const dcr_svg_scale *s, double risk, double average,
                       bool gated);

typedef struct dcr_svg_bar {
    const char *label; /* below the bar */
    const char *value; /* above the bar */
    double height;     /* >= 0, any unit */
    double below;      /* share of the bar's width that is too small, 0..1: hatched */
} dcr_svg_bar;
/* Bars side by side; the limit line stands where the first bar stops being too small.
 * `title` and `desc` name it for screen readers, `axis` stands below. */
void dcr_svg_bars(dcr_html *h, const dcr_svg_bar *bar, size_t n, const char *limit,
                  const char *title, const char *desc, const char *axis);

/* A horizontal bar of share 0..1; risky ones in the colour of risk. */
void dcr_svg_line(dcr_html *h, double share, bool risky);

/* Cell of a heat map. */
enum {
    DCR_HEAT_NONE = -1,
    DCR_HEAT_HIDDEN = -2
}; /* nobody there; too few to be printed */
typedef struct dcr_svg_heat {
    size_t rows, cols;
    const char *const *row, *const
                                *col; /* labels; a column "2024-03" is grouped by year */
    const double *share;              /* rows x cols: 0..1, or DCR_HEAT_* */
    const char *title, *desc;
    size_t number; /* makes ids of several maps in one page differ */
} dcr_svg_heat;
void dcr_svg_heatmap(dcr_html *h, const dcr_svg_heat *map);
/* Step of a share, 0 to 5, and the words for a step. */
int dcr_svg_heat_step(double share);
const char *dcr_svg_heat_words(int step);
/* A swatch for the legend: step 0 to 5 or DCR_HEAT_HIDDEN. */
void dcr_svg_heat_swatch(dcr_html *h, int step);

#ifdef __cplusplus
}
#endif
#endif
