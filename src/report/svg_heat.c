/* Heat map: sites by months. */
#include <stdio.h>
#include <string.h>

#include "svg.h"

enum { CELL_W = 33, CELL_H = 26, HEAD = 36, SIDE = 104 };

/* Upper edge of each step, in shares. */
static const double edge[] = {0.0, 0.05, 0.15, 0.30, 0.50};
static const char *const words[] = {"none",       "up to 5 %",  "5 to 15 %",
                                    "15 to 30 %", "30 to 50 %", "over 50 %"};
static const char *const fills[] = {"#f1f4f7", "#fde3d4", "#f9b999",
                                    "#ec8263", "#c63f2f", "#97201c"};

int dcr_svg_heat_step(double share)
{
    int step = 0;
    while (step < 5 && share > edge[step])
        step++;
    return step;
}

const char *dcr_svg_heat_words(int step)
{
    return words[step < 0 ? 0 : step > 5 ? 5 : step];
}

static void box(dcr_html *h, double x, double y, double w, double height, int step)
{
    char cls[4] = "h0";
    bool hidden = step == DCR_HEAT_HIDDEN;
    cls[1] = (char)('0' + (hidden ? 0 : step));
    for (int layer = 0; layer < (hidden ? 2 : 1); layer++) {
        dcr_html_open(h, "rect", layer == 0 ? cls : NULL);
        dcr_html_attr_num(h, "x", x, 0, "");
        dcr_html_attr_num(h, "y", y, 0, "");
        dcr_html_attr_num(h, "width", w, 0, "");
        dcr_html_attr_num(h, "height", height, 0, "");
        dcr_html_attr(h, "rx", "3");
        dcr_html_attr(h, "fill", layer == 0 ? fills[hidden ? 0 : step] : "url(#hs)");
        dcr_html_close(h, "rect");
    }
}

void dcr_svg_heat_swatch(dcr_html *h, int step)
{
    dcr_html_open(h, "svg", NULL);
    dcr_html_attr(h, "width", "20");
    dcr_html_attr(h, "height", "14");
    dcr_html_attr(h, "aria-hidden", "true");
    dcr_html_attr(h, "focusable", "false");
    box(h, 0, 0, 20, 14, step);
    dcr_html_close(h, "svg");
}

static void text_at(dcr_html *h, const char *cls, double x, double y, const char *anchor,
                    const char *text, size_t n)
{
    dcr_html_open(h, "text", cls);
    dcr_html_attr_num(h, "x", x, 0, "");
    dcr_html_attr_num(h, "y", y, 0, "");
    dcr_html_attr(h, "text-anchor", anchor);
    dcr_html_textn(h, text, n);
    dcr_html_close(h, "text");
}

/* Length of the year at the start of "2024-03", "2024-Q1", "2020-2024"; 0 when there is
 * none. */
static size_t year_of(const char *s)
{
    return strspn(s, "0123456789") == 4 && s[4] == '-' && s[5] != '\0' ? 4 : 0;
}

/* Labels of two lines: year and part of it, first and last year, or two words. */
static void columns(dcr_html *h, const dcr_svg_heat *m)
{
    const char *year = "";
    char last[8];
    for (size_t c = 0; c < m->cols; c++) {
        const char *s = m->col[c], *below = s + strcspn(s, " ");
        double x = SIDE + (double)c * CELL_W, middle = x + CELL_W / 2.0;
        size_t n = year_of(s);
        bool span = n > 0 && strlen(s) == 9;
        if (span) {
            text_at(h, "mut tiny", middle, 16, "middle", s, 4);
            snprintf(last, sizeof last, "\u2013%.2s", s + 7);
            text_at(h, "mut tiny", middle, 30, "middle", last, strlen(last));
        } else if (n > 0) {
            if (strncmp(year, s, 4) != 0)
                text_at(h, "b sm", x + 4, 13, "start", s, 4);
            year = s;
            text_at(h, "mut tiny", middle, 30, "middle", s + 5, strnlen(s + 5, 5));
        } else {
            text_at(h, "mut tiny", middle, *below == '\0' ? 30 : 16, "middle", s,
                    below - s > 6 ? 6 : (size_t)(below - s));
            if (*below != '\0')
                text_at(h, "mut tiny", middle, 30, "middle", below + 1,
                        strnlen(below + 1, 6));
        }
    }
}

static void cell(dcr_html *h, double x, double y, double share)
{
    char s[16], cls[8];
    if (share <= DCR_HEAT_HIDDEN) {
        box(h, x + 1, y + 1, CELL_W - 2, CELL_H - 2, DCR_HEAT_HIDDEN);
        return;
    }
    if (!(share >= 0))
        return;
    int step = dcr_svg_heat_step(share), percent = (int)(share * 100 + 0.5);
    percent = percent > 100 ? 100 : percent;
    box(h, x + 1, y + 1, CELL_W - 2, CELL_H - 2, step);
    snprintf(s, sizeof s, "%d", percent);
    snprintf(cls, sizeof cls, "x%d", step);
    text_at(h, cls, x + CELL_W / 2.0, y + 17, "middle", s, strlen(s));
}

void dcr_svg_heatmap(dcr_html *h, const dcr_svg_heat *m)
{
    char s[48];
    double width = SIDE + (double)m->cols * CELL_W + 2;
    double height = HEAD + (double)m->rows * CELL_H + 2;
    dcr_html_open(h, "svg", "chart hm");
    snprintf(s, sizeof s, "0 0 %d %d", (int)width, (int)height);
    dcr_html_attr(h, "viewBox", s);
    dcr_html_attr_num(h, "width", width, 0, "");
    dcr_html_attr_num(h, "height", height, 0, "");
    dcr_html_attr(h, "role", "img");
    snprintf(s, sizeof s, "c-hm%zu-t c-hm%zu-d", m->number, m->number);
    dcr_html_attr(h, "aria-labelledby", s);
    dcr_html_open(h, "title", NULL);
    snprintf(s, sizeof s, "c-hm%zu-t", m->number);
    dcr_html_attr(h, "id", s);
    dcr_html_text(h, m->title);
    dcr_html_close(h, "title");
    dcr_html_open(h, "desc", NULL);
    snprintf(s, sizeof s, "c-hm%zu-d", m->number);
    dcr_html_attr(h, "id", s);
    dcr_html_text(h, m->desc);
    dcr_html_close(h, "desc");
    columns(h, m);
    for (size_t r = 0; r < m->rows; r++) {
        double y = HEAD + (double)r * CELL_H;
        text_at(h, "sm", SIDE - 8, y + 17, "end", m->row[r], strnlen(m->row[r], 16));
        for (size_t c = 0; c < m->cols; c++)
            cell(h, SIDE + (double)c * CELL_W, y, m->share[r * m->cols + c]);
    }
    dcr_html_close(h, "svg");
}
