#include "term.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "mask.h"

enum { WIDTH = 80, LINE_MAX_BYTES = 512, BAR_MIN = 5, BAR_MAX = 24 };

bool dcr_term_is(FILE *f)
{
    const char *term = getenv("TERM");
    return isatty(fileno(f)) == 1 && term != NULL && *term != '\0' &&
           strcmp(term, "dumb") != 0;
}

unsigned dcr_term_width(FILE *f)
{
    struct winsize w;
    if (ioctl(fileno(f), TIOCGWINSZ, &w) != 0 || w.ws_col == 0)
        return WIDTH;
    return w.ws_col;
}

bool dcr_term_color(FILE *f, const char *when)
{
    const char *no = getenv("NO_COLOR"), *cli = getenv("CLICOLOR");
    const char *force = getenv("CLICOLOR_FORCE");
    if (when != NULL && strcmp(when, "always") == 0)
        return true;
    if (when != NULL && strcmp(when, "never") == 0)
        return false;
    if (no != NULL && *no != '\0')
        return false;
    if (force != NULL && *force != '\0' && strcmp(force, "0") != 0)
        return true;
    return (cli == NULL || strcmp(cli, "0") != 0) && dcr_term_is(f);
}

const char *dcr_term_tint(bool on, dcr_tint tint)
{
    static const char *const escape[] = {
        [DCR_TINT_OFF] = "\033[0m",     [DCR_TINT_BOLD] = "\033[1m",
        [DCR_TINT_GREEN] = "\033[32m",  [DCR_TINT_RED] = "\033[31m",
        [DCR_TINT_YELLOW] = "\033[33m", [DCR_TINT_DIM] = "\033[2m",
    };
    return on ? escape[tint] : "";
}

/* ---- text from anywhere ---------------------------------------------------------------
 */

/* Length of the UTF-8 character at p, 0 when there is none. */
static size_t char_len(const uint8_t *p, size_t n)
{
    size_t want = p[0] < 0x80 ? 1 : p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;
    return want <= n && dcr_utf8_valid(p, want) == want ? want : 0;
}

static uint32_t code_point(const uint8_t *p, size_t len)
{
    uint32_t c = len == 1 ? p[0] : p[0] & (0x7Fu >> len);
    for (size_t i = 1; i < len; i++)
        c = c << 6 | (p[i] & 0x3F);
    return c;
}

/* What a terminal would obey or hide instead of show. */
static bool acts(uint32_t c)
{
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0xAD || c == 0x61C ||
           c == 0x180E || (c >= 0x200B && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) ||
           (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF || (c >= 0xFFF9 && c <= 0xFFFB) ||
           (c >= 0xE0000 && c <= 0xE0FFF);
}

void dcr_term_print_safe(FILE *f, const void *bytes, size_t n)
{
    const uint8_t *p = bytes;
    for (size_t i = 0, len; i < n; i += len) {
        len = char_len(p + i, n - i);
        if (len == 0 || acts(code_point(p + i, len))) {
            len = len == 0 ? 1 : len;
            for (size_t j = 0; j < len; j++)
                fprintf(f, "\\x%02X", p[i + j]);
        } else if (p[i] == '\\') {
            fputs("\\\\", f);
        } else {
            fwrite(p + i, 1, len, f);
        }
    }
}

/* ---- progress -------------------------------------------------------------------------
 */

/* "999", "12.3k", "4.56M", ...: three digits that matter. */
static void short_number(double v, const char *unit, char *out, size_t size)
{
    static const char *const scale[] = {"", "k", "M", "G", "T", "P", "E"};
    size_t s = 0;
    while (v >= 999.5 && s + 1 < sizeof scale / sizeof *scale) {
        v /= 1000;
        s++;
    }
    snprintf(out, size, "%.*f%s%s%s",
             s == 0 || v >= 99.95 ? 0
             : v >= 9.995         ? 1
                                  : 2,
             v, *unit == '\0' ? "" : " ", scale[s], unit);
}

/* "9s", "4m05s", "3h07m". */
static void duration(double seconds, char *out, size_t size)
{
    unsigned long s =
        seconds < 0 || !(seconds < 3.6e8) ? 360000000ul : (unsigned long)(seconds + 0.5);
    if (s < 60)
        snprintf(out, size, "%lus", s);
    else if (s < 3600)
        snprintf(out, size, "%lum%02lus", s / 60, s % 60);
    else
        snprintf(out, size, "%luh%02lum", s / 3600, s / 60 % 60);
}

/* The words behind the bar. */
static void figures(const dcr_progress *p, double share, char *out, size_t size)
{
    char done[24], total[24], rate[24], bytes[24], left[24];
    double per_second = p->seconds > 0 ? (double)p->files_done / p->seconds : 0;
    short_number((double)p->files_done, "", done, sizeof done);
    short_number((double)p->files_total, "", total, sizeof total);
    short_number(per_second, "", rate, sizeof rate);
    short_number((double)p->bytes_done, "B", bytes, sizeof bytes);
    if (per_second > 0 && p->files_total > p->files_done)
        duration((double)(p->files_total - p->files_done) / per_second, left,
                 sizeof left);
    else
        snprintf(left, sizeof left, "%s", p->files_done < p->files_total ? "-" : "0s");
    snprintf(out, size, "%3.0f%% %s/%s files, %s/s, %s, %s left", share * 100, done,
             total, rate, bytes, left);
}

void dcr_bar_text(const dcr_progress *p, unsigned width, char *out, size_t size)
{
    char words[LINE_MAX_BYTES];
    double share =
        p->files_total == 0 ? 0 : (double)p->files_done / (double)p->files_total;
    size_t room = width > 1 ? width - 1 : 0, n, bar, full;
    /* 100 % is said when all is done, not when it nearly is. */
    share = share > 1 ? 1 : share < 1 && share > 0.99 ? 0.99 : share;
    figures(p, share, words, sizeof words);
    n = strlen(words);
    room = room < size ? room : size - 1;
    if (n + 3 + BAR_MIN > room) {
        snprintf(out, room + 1, "%s", words);
        return;
    }
    bar = room - n - 3;
    bar = bar > BAR_MAX ? BAR_MAX : bar;
    full = (size_t)(share * (double)bar);
    out[0] = '[';
    memset(out + 1, '#', full);
    memset(out + 1 + full, '.', bar - full);
    snprintf(out + 1 + bar, size - 1 - bar, "] %s", words);
}

void dcr_bar_init(dcr_bar *b, bool quiet)
{
    memset(b, 0, sizeof *b);
    b->on = !quiet && dcr_term_is(stderr);
    b->last = -1;
}

void dcr_bar_progress(void *bar, const dcr_progress *p)
{
    dcr_bar *b = bar;
    char text[LINE_MAX_BYTES];
    if (!b->on || (b->last >= 0 && p->seconds - b->last < 0.25))
        return;
    dcr_bar_text(p, dcr_term_width(stderr), text, sizeof text);
    fprintf(stderr, "\r%s\033[K", text);
    fflush(stderr);
    b->drawn = true;
    b->last = p->seconds;
}

void dcr_bar_end(dcr_bar *b)
{
    if (b->drawn) {
        fputs("\r\033[K", stderr);
        fflush(stderr);
    }
    b->drawn = false;
}
