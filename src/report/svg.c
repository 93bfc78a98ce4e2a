#include "svg.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "json_view.h"

static double clamp(double v, double lo, double hi)
{
    return v > lo ? (v < hi ? v : hi) : lo; /* NaN becomes lo */
}

static void num(dcr_html *h, const char *name, double v)
{
    dcr_html_attr_num(h, name, v, 1, "");
}

static void pct(dcr_html *h, const char *name, double v)
{
    dcr_html_attr_num(h, name, v, 2, "%");
}

static void line(dcr_html *h, const char *cls, double x1, double x2, double y1, double y2)
{
    dcr_html_open(h, "line", cls);
    pct(h, "x1", x1);
    pct(h, "x2", x2);
    num(h, "y1", y1);
    num(h, "y2", y2);
    dcr_html_attr(h, "stroke", "#8492a0");
    dcr_html_close(h, "line");
}

static void rect(dcr_html *h, const char *cls, double x, double w, double y,
                 double height, const char *fill)
{
    dcr_html_open(h, "rect", cls);
    pct(h, "x", x);
    num(h, "y", y);
    pct(h, "width", w > 0 ? w : 0);
    num(h, "height", height > 0 ? height : 0);
    dcr_html_attr(h, "fill", fill);
    dcr_html_close(h, "rect");
}

static void label(dcr_html *h, const char *cls, double x, double y, const char *anchor,
                  const char *text)
{
    dcr_html_open(h, "text", cls);
    pct(h, "x", x);
    num(h, "y", y);
    dcr_html_attr(h, "text-anchor", anchor);
    dcr_html_text(h, text);
    dcr_html_close(h, "text");
}

static void chart(dcr_html *h, const char *cls, double height)
{
    dcr_html_open(h, "svg", cls);
    dcr_html_attr(h, "width", "100%");
    dcr_html_attr_num(h, "height", height, 0, "");
}

static void hidden(dcr_html *h)
{
    dcr_html_attr(h, "aria-hidden", "true");
    dcr_html_attr(h, "focusable", "false");
}

static void path(dcr_html *h, const char *d, const char *cls, const char *fill)
{
    dcr_html_open(h, "path", cls);
    dcr_html_attr(h, "d", d);
    if (fill != NULL)
        dcr_html_attr(h, "fill", fill);
    dcr_html_close(h, "path");
}

/* ---- marks ---- */

static void symbol(dcr_html *h, const char *id, const char *d)
{
    dcr_html_open(h, "symbol", NULL);
    dcr_html_attr(h, "id", id);
    dcr_html_attr(h, "viewBox", "0 0 16 16");
    dcr_html_open(h, "path", NULL);
    dcr_html_attr(h, "fill", "currentColor");
    dcr_html_attr(h, "fill-rule", "evenodd");
    dcr_html_attr(h, "d", d);
    dcr_html_close(h, "path");
    dcr_html_close(h, "symbol");
}

static void hatch(dcr_html *h, const char *id, const char *cls, const char *stroke)
{
    dcr_html_open(h, "pattern", NULL);
    dcr_html_attr(h, "id", id);
    dcr_html_attr(h, "width", "7");
    dcr_html_attr(h, "height", "7");
    dcr_html_attr(h, "patternUnits", "userSpaceOnUse");
    dcr_html_attr(h, "patternTransform", "rotate(45)");
    dcr_html_open(h, "line", cls);
    dcr_html_attr(h, "x1", "0");
    dcr_html_attr(h, "y1", "0");
    dcr_html_attr(h, "x2", "0");
    dcr_html_attr(h, "y2", "7");
    dcr_html_attr(h, "stroke", stroke);
    dcr_html_attr(h, "stroke-width", "2.2");
    dcr_html_close(h, "line");
    dcr_html_close(h, "pattern");
}

void dcr_svg_defs(dcr_html *h)
{
    dcr_html_open(h, "svg", "defs");
    dcr_html_attr(h, "width", "0");
    dcr_html_attr(h, "height", "0");
    hidden(h);
    dcr_html_open(h, "defs", NULL);
    symbol(h, "i-fail",
           "M5 .8h6L15.2 5v6L11 15.2H5L.8 11V5zm.7 3.4L4.2 5.7 6.5 8l-2.3 2.3 1.5 1.5L8 "
           "9.5l2.3 "
           "2.3 1.5-1.5L9.5 8l2.3-2.3-1.5-1.5L8 6.5z");
    symbol(h, "i-warn", "M8 .9 15.7 14.6H.3zM7.1 5.6v4.6h1.8V5.6zm0 5.6v1.8h1.8v-1.8z");
    symbol(h, "i-pass",
           "M8 .8a7.2 7.2 0 1 1 0 14.4A7.2 7.2 0 0 1 8 .8zm3.1 4.1L7 9.3 4.9 7.3 3.6 8.7 "
           "7.1 "
           "12l5.4-5.8z");
    symbol(h, "i-note",
           "M2.2.8h11.6a1.4 1.4 0 0 1 1.4 1.4v11.6a1.4 1.4 0 0 1-1.4 1.4H2.2a1.4 1.4 0 0 "
           "1-1.4-1.4V2.2A1.4 1.4 0 0 1 2.2.8zM4 4v1.7h8V4zm0 3.2v1.7h8V7.2zm0 "
           "3.2v1.7h5v-1.7z");
    symbol(
        h, "i-open",
        "M8 .3 15.7 8 8 15.7.3 8zM5.4 6.5H7C7 5.9 7.4 5.5 8 5.5s1 .3 1 .8c0 .5-.3.8-.9 "
        "1.2-.7.5-1 1-1 1.9v.2h1.6c0-.6.3-.8.9-1.2.7-.5 1.1-1.1 1.1-2C10.7 5 9.6 4 8 "
        "4S5.4 5 "
        "5.4 6.5zM7.1 10.4v1.7h1.7v-1.7z");
    hatch(h, "hx", "hatch", "#ffffff");
    hatch(h, "hs", "hatch2", "#8492a0");
    dcr_html_close(h, "defs");
    dcr_html_close(h, "svg");
}

void dcr_svg_mark(dcr_html *h, const char *name, const char *cls, const char *said)
{
    char ref[24];
    snprintf(ref, sizeof ref, "#i-%s", name);
    dcr_html_open(h, "svg", cls);
    dcr_html_attr(h, "width", "16");
    dcr_html_attr(h, "height", "16");
    if (said == NULL) {
        hidden(h);
    } else {
        dcr_html_attr(h, "role", "img");
        dcr_html_attr(h, "aria-label", said);
    }
    dcr_html_open(h, "use", NULL);
    dcr_html_attr(h, "href", ref);
    dcr_html_close(h, "use");
    dcr_html_close(h, "svg");
}

/* ---- a dot on a logarithmic axis ---- */

enum { LEFT = 2, RIGHT = 96 }; /* percent: room for the marks at both ends */

static double place(const dcr_svg_scale *s, double p)
{
    double t = p > 0 ? 1 + log10(p) / s->decades : 0;
    return LEFT + (RIGHT - LEFT) * clamp(t, 0, 1);
}

void dcr_svg_scale_head(dcr_html *h, const dcr_svg_scale *s)
{
    static const char *const words[] = {
        "certain",          "1 in 10",           "1 in 100",      "1 in 1000",
        "1 in 10\u202f000", "1 in 100\u202f000", "1 in a million"};
    chart(h, "chart", 16);
    hidden(h);
    for (int d = s->decades; d >= 0; d--) {
        double at = place(s, pow(10, -d));
        const char *anchor = d == s->decades ? "start" : d == 0 ? "end" : "middle";
        label(h, d == s->decades - 1 ? "mut sm mid" : "mut sm",
              d == s->decades ? 0
              : d == 0        ? 100
                              : at,
              12, anchor, words[d]);
    }
    dcr_html_close(h, "svg");
}

static void dot(dcr_html *h, double at, const char *d, const char *cls, const char *fill)
{
    dcr_html_open(h, "svg", NULL);
    pct(h, "x", at);
    dcr_html_attr(h, "y", "17");
    dcr_html_attr(h, "overflow", "visible");
    path(h, d, cls, fill);
    dcr_html_close(h, "svg");
}

void dcr_svg_scale_row(dcr_html *h, const dcr_svg_scale *s, double risk, double average,
                       bool gated)
{
    double at = place(s, s->limit);
    bool above = s->limit > 0 && risk > s->limit * (1 + 1e-12);
    chart(h, "chart", 34);
    hidden(h);
    if (s->limit > 0 && gated)
        rect(h, "zone", at, RIGHT - at, 2, 30, "#fdeeec");
    for (int d = 0; d <= s->decades; d++)
        line(h, "grid", place(s, pow(10, -d)), place(s, pow(10, -d)), 0, 34);
    line(h, "grid", LEFT, RIGHT, 17, 17);
    if (s->limit > 0)
        line(h, gated ? "limt" : "lims", at, at, 1, 33);
    if (risk > 0 && average > 0)
        line(h, "ci", place(s, average), place(s, risk), 17, 17);
    if (average > 0)
        dot(h, place(s, average), "M0-6A6 6 0 1 1 0 6A6 6 0 1 1 0-6z", "ring", "#ffffff");
    if (risk > 0)
        dot(h, place(s, risk), "M0-9 9 0 0 9-9 0z", above ? "ptf" : "ptp",
            above ? "#c8372d" : "#186a39");
    dcr_html_close(h, "svg");
}

/* ---- bars ---- */

enum { BAR_TOP = 40, BAR_BASE = 206, BAR_HEIGHT = 262 };

/* Where the first bar stops being too small, in bars from the left. */
static double limit_at(const dcr_svg_bar *bar, size_t n)
{
    size_t i = 0;
    while (i < n && bar[i].below >= 1)
        i++;
    return (double)i + (i < n ? clamp(bar[i].below, 0, 1) : 0);
}

static void one_bar(dcr_html *h, const dcr_svg_bar *b, size_t i, double slot, double most)
{
    double left = ((double)i + 0.1) * slot, width = slot * 0.8;
    double tall = most > 0 ? (BAR_BASE - BAR_TOP) * clamp(b->height / most, 0, 1) : 0;
    double small = clamp(b->below, 0, 1), cut = width * small;
    if (b->height > 0 && tall < 1.5)
        tall = 1.5;
    if (small > 0) {
        rect(h, "barrisk", left, cut, BAR_BASE - tall, tall, "#c8372d");
        rect(h, NULL, left, cut, BAR_BASE - tall, tall, "url(#hx)");
    }
    if (small < 1)
        rect(h, "bar", left + cut, width - cut, BAR_BASE - tall, tall, "#718daa");
    double middle = ((double)i + 0.5) * slot;
    label(h, small >= 1 && b->height > 0 ? "sm b t-fail" : "sm b", middle,
          BAR_BASE - tall - 7, "middle", b->value);
    label(h, "sm", middle, BAR_BASE + 18, "middle", b->label);
}

void dcr_svg_bars(dcr_html *h, const dcr_svg_bar *bar, size_t n, const char *limit,
                  const char *title, const char *desc, const char *axis)
{
    double most = 0, slot = n > 0 ? 100.0 / (double)n : 100, at = limit_at(bar, n) * slot;
    chart(h, "chart bars", BAR_HEIGHT);
    dcr_html_attr(h, "role", "img");
    dcr_html_attr(h, "aria-labelledby", "c-bars-t c-bars-d");
    dcr_html_open(h, "title", NULL);
    dcr_html_attr(h, "id", "c-bars-t");
    dcr_html_text(h, title);
    dcr_html_close(h, "title");
    dcr_html_open(h, "desc", NULL);
    dcr_html_attr(h, "id", "c-bars-d");
    dcr_html_text(h, desc);
    dcr_html_close(h, "desc");
    for (size_t i = 0; i < n; i++)
        most = fmax(most, bar[i].height);
    for (size_t i = 0; i < n; i++)
        one_bar(h, &bar[i], i, slot, most);
    line(h, "axis", 0, 100, BAR_BASE, BAR_BASE);
    if (limit != NULL && at > 0) {
        line(h, "lim", at, at, 18, BAR_BASE);
        label(h, "sm b", at, 13, at < 12 ? "start" : at > 88 ? "end" : "middle", limit);
    }
    label(h, "mut sm", 50, BAR_BASE + 44, "middle", axis);
    dcr_html_close(h, "svg");
}

void dcr_svg_line(dcr_html *h, double share, bool risky)
{
    chart(h, "chart", 14);
    hidden(h);
    rect(h, "track", 0, 100, 2, 11, "#eef1f5");
    rect(h, risky ? "barrisk" : "bar", 0, 100 * clamp(share, 0, 1), 2, 11,
         risky ? "#c8372d" : "#718daa");
    dcr_html_close(h, "svg");
}
