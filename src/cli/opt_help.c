/* What a table says of itself: --help. */
#include <string.h>

#include "opt.h"
#include "term.h"

enum {
    WIDTH = 80,
    WIDTH_MIN = 20,
    NARROW = 60,
    HELP_COLUMN = 26,
    HELP_COLUMN_NARROW = 8,
    GROUPED = 9 /* a shorter table has one heading */
};

size_t dcr_opt_width(FILE *out)
{
    size_t w = dcr_term_width(out);
    return w > WIDTH ? WIDTH : w < WIDTH_MIN ? WIDTH_MIN : w;
}

/* Columns that n bytes of UTF-8 take, one per character. */
static size_t columns(const char *s, size_t n)
{
    size_t c = 0;
    for (size_t i = 0; i < n; i++)
        c += ((unsigned char)s[i] & 0xC0) != 0x80;
    return c;
}

static void wrap_line(const char *s, size_t n, size_t indent, size_t at, FILE *out)
{
    size_t wide = dcr_opt_width(out);
    bool fresh = true; /* nothing on this line yet */
    while (n > 0) {
        const char *blank = memchr(s, ' ', n);
        size_t len = blank == NULL ? n : (size_t)(blank - s), width = columns(s, len);
        if (!fresh && at + 1 + width > wide) {
            fprintf(out, "\n%*s", (int)indent, "");
            at = indent;
            fresh = true;
        }
        fprintf(out, "%s%.*s", fresh ? "" : " ", (int)len, s);
        at += width + !fresh;
        fresh = false;
        len += blank != NULL;
        s += len;
        n -= len;
    }
}

void dcr_opt_wrap(const char *text, size_t indent, size_t at, FILE *out)
{
    for (;;) {
        size_t n = strcspn(text, "\n");
        if (n > 0 && at < indent) {
            fprintf(out, "%*s", (int)(indent - at), "");
            at = indent;
        }
        if (n > 0 && text[0] == ' ')
            fprintf(out, "%.*s", (int)n, text);
        else
            wrap_line(text, n, indent, at, out);
        fputc('\n', out);
        if (text[n] == '\0')
            return;
        text += n + 1;
        at = 0;
    }
}

void dcr_opt_text(const dcr_opt *o, dcr_buf *out)
{
    const char *c, *initial = o->initial == NULL ? o->otherwise : o->initial;
    bool any = false;
    dcr_buf_str(out, o->help);
    if (o->min != 0 || o->max != 0)
        dcr_buf_fmt(out, o->kind == DCR_OPT_COUNT ? ", %.0f to %.0f" : ", %.15g to %.15g",
                    o->min, o->max);
    for (size_t i = 0; (c = dcr_opt_choice(o, i)) != NULL; i++, any = true)
        dcr_buf_fmt(out, "%s%s", i == 0 ? ": " : ", ", c);
    if (o->kind == DCR_OPT_NAMED)
        dcr_buf_str(out, any ? ", or a file" : ": a file");
    if (initial != NULL)
        dcr_buf_fmt(out, " [%s]", initial);
}

static void help_row(const dcr_opt *o, FILE *out)
{
    size_t at, column = dcr_opt_width(out) < NARROW ? HELP_COLUMN_NARROW : HELP_COLUMN;
    dcr_buf left = {0}, text = {0};
    if (o->letter != 0)
        dcr_buf_fmt(&left, "  -%c, --%s", o->letter, o->name);
    else
        dcr_buf_fmt(&left, "      --%s", o->name);
    if (o->arg != NULL)
        dcr_buf_fmt(&left, " %s", o->arg);
    dcr_opt_text(o, &text);
    if (!left.failed && !text.failed) {
        at = columns(left.p, left.n);
        fputs(left.p, out);
        if (at + 2 > column) {
            fputc('\n', out);
            at = 0;
        }
        dcr_opt_wrap(text.p, column, at, out);
    }
    dcr_buf_clear(&left);
    dcr_buf_clear(&text);
}

const char *dcr_opt_heading(size_t i, dcr_opt_group *group)
{
    static const struct {
        dcr_opt_group group;
        const char *heading;
    } all[DCR_GROUP_N] = {{DCR_GROUP_READ, "What is read"},
                          {DCR_GROUP_JUDGE, "What is judged, and by what"},
                          {DCR_GROUP_WRITE, "What is written"},
                          {DCR_GROUP_OTHER, "Other options"}};
    *group = all[i].group;
    return all[i].heading;
}

bool dcr_opt_grouped(const dcr_opt *table)
{
    size_t n = 0;
    while (table != NULL && table[n].name != NULL)
        n++;
    return n >= GROUPED;
}

static bool has_group(const dcr_opt *table, dcr_opt_group group)
{
    for (; table != NULL && table->name != NULL; table++)
        if (table->group == group)
            return true;
    return group == DCR_GROUP_OTHER; /* --help */
}

void dcr_opt_help(const dcr_opt *table, FILE *out)
{
    static const dcr_opt help = {.name = "help", .letter = 'h', .help = "this text"};
    bool groups = dcr_opt_grouped(table), first = true;
    if (!groups)
        fputs("Options:\n", out);
    for (size_t i = 0; i < DCR_GROUP_N; i++) {
        dcr_opt_group group;
        const char *heading = dcr_opt_heading(i, &group);
        if (!has_group(table, group))
            continue;
        if (groups)
            fprintf(out, "%s%s:\n", first ? "" : "\n", heading);
        first = false;
        for (const dcr_opt *o = table; o != NULL && o->name != NULL; o++)
            if (o->group == group)
                help_row(o, out);
    }
    help_row(&help, out);
}
