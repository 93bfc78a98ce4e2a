#include "md.h"

#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include "alloc.h"
#include "html.h"

enum { LISTS_MAX = 4, FOLDS_MAX = 8, INDENT = 4 };

#define ZWSP "&#8203;"

typedef enum block { NONE, PARA, HEADING, ITEM, CELL, BETWEEN_CELLS } block;

typedef struct list {
    dcr_md_list_kind kind;
    size_t n; /* items so far */
} list;

struct dcr_md {
    FILE *out;
    size_t size;
    dcr_buf line;  /* the block in hand, as Markdown */
    dcr_buf plain; /* cleaned text of it that is not in `line` yet */
    dcr_buf clean; /* scratch */
    block in;
    bool begun; /* something stands in the block */
    bool any;   /* something stands in the document */
    bool tight; /* the block before was an item: no empty line between */
    bool after_list, after_mark;
    list lists[LISTS_MAX];
    size_t n_lists, n_folds;
    size_t n_cols, n_cells; /* of the table; 0 columns: none */
    dcr_err err;
};

dcr_md *dcr_md_new(FILE *out)
{
    dcr_md *m = dcr_alloc(1, sizeof *m);
    if (m != NULL)
        m->out = out;
    return m;
}

void dcr_md_free(dcr_md *m)
{
    if (m == NULL)
        return;
    dcr_buf_clear(&m->line);
    dcr_buf_clear(&m->plain);
    dcr_buf_clear(&m->clean);
    dcr_free(m);
}

static bool bad(const dcr_md *m)
{
    return m->err.code != DCR_OK;
}

void dcr_md_nomem(dcr_md *m)
{
    dcr_nomem(&m->err);
}

size_t dcr_md_size(const dcr_md *m)
{
    return m->size;
}

static void misuse(dcr_md *m, const char *what)
{
    if (!bad(m))
        dcr_fail(&m->err, DCR_EARG, "markdown", "%s", what);
}

static void put(dcr_md *m, const char *p, size_t n)
{
    if (bad(m) || n == 0)
        return;
    if (fwrite(p, 1, n, m->out) != n)
        dcr_fail(&m->err, DCR_EIO, "report", "cannot write");
    m->size += n;
    m->any = true;
}

static void put_str(dcr_md *m, const char *s)
{
    put(m, s, strlen(s));
}

/* ---- what may stand where ---- */

static bool alnum(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Whether s[i - n ..) is `word` in any case of letters, s[i] being behind it. */
static bool behind(const char *s, size_t i, const char *word)
{
    size_t n = strlen(word);
    if (i < n)
        return false;
    for (size_t k = 0; k < n; k++)
        if ((s[i - n + k] | 0x20) != word[k])
            return false;
    return true;
}

/* Whether ":name:" begins here, which is drawn as a picture. */
static bool emoji(const char *s)
{
    size_t n = 1;
    while (alnum(s[n]) || (s[n] != '\0' && strchr("_+-", s[n]) != NULL))
        n++;
    return n > 1 && s[n] == ':';
}

/* Whether a program that reads the finished page would make something of s[i] and what
 * follows: there, escapes are gone, so the text itself is cut. */
static bool to_cut(const char *s, size_t i)
{
    char next = s[i + 1];
    switch (s[i]) {
    case '@': /* mentions, mail addresses, citations */
        return next != ' ' && next != '\0';
    case '#': /* issues; the others are GitLab's */
    case '!':
    case '$':
    case '%':
    case '&':
    case '~':
        return digit(next);
    case '-':
        return digit(next) && behind(s, i, "gh");
    case '.':
        return behind(s, i, "www");
    case ':':
        return (next == '/' && s[i + 2] == '/') || emoji(s + i);
    default:
        return false;
    }
}

/* Whether s[i] would begin a block of another kind at the start of one. */
static bool starts_block(const char *s, size_t i)
{
    if (i == 0 && strchr("+-=:%(/", s[0]) != NULL)
        return true;
    if (i == 0 || (s[i] != '.' && s[i] != ')') || (s[i + 1] != ' ' && s[i + 1] != '\0'))
        return false;
    for (size_t k = 0; k < i; k++) /* "1.", "a)", "iv." */
        if (!alnum(s[k]) && !(k == 0 && s[k] == '('))
            return false;
    return true;
}

/* Adds text as Markdown.  `start`: at the start of a block. */
static void escape(dcr_buf *b, const char *s, bool start)
{
    for (size_t i = 0; s[i] != '\0'; i++) {
        char c = s[i];
        bool cut = to_cut(s, i);
        if (c == '<')
            dcr_buf_str(b, "&lt;");
        else if (c == '>')
            dcr_buf_str(b, "&gt;");
        else if (c == '&')
            dcr_buf_str(b, "&amp;");
        else if (c == '$') /* GitHub's own way out of a formula */
            dcr_buf_str(b, "<span>\\$</span>");
        else if (strchr("\\`*_[]{}#~^|", c) != NULL || cut ||
                 (start && starts_block(s, i)) ||
                 (c == '-' && (s[i + 1] == '-' || (i > 0 && s[i - 1] == '-')))) {
            dcr_buf_char(b, '\\');
            dcr_buf_char(b, c);
        } else
            dcr_buf_char(b, c);
        if (cut)
            dcr_buf_str(b, ZWSP);
    }
}

/* Adds text for the inside of a tag: Markdown in one reader, HTML alone in another, so
 * that only entities say the same in both. */
static void escape_html(dcr_buf *b, const char *s)
{
    for (size_t i = 0; s[i] != '\0'; i++) {
        char c = s[i];
        if (alnum(c) || c == ' ' || c == ',' || (unsigned char)c >= 0x80 ||
            (i > 0 && strchr(".:()/", c) != NULL && !starts_block(s, i)))
            dcr_buf_char(b, c);
        else
            dcr_buf_fmt(b, "&#%d;", c);
        if (to_cut(s, i))
            dcr_buf_str(b, ZWSP);
    }
}

/* Appends text, cleaned, blanks and line ends as one blank each. */
static void tidy(dcr_buf *out, dcr_buf *scratch, const char *s, size_t n)
{
    scratch->n = 0;
    dcr_html_clean(scratch, s, n);
    if (scratch->failed) {
        out->failed = true;
        return;
    }
    for (size_t i = 0; i < scratch->n; i++) {
        char c = scratch->p[i];
        bool blank = c == ' ' || c == '\n' || c == '\t';
        if (!blank)
            dcr_buf_char(out, c);
        else if (out->n == 0 || out->p[out->n - 1] != ' ')
            dcr_buf_char(out, ' ');
    }
}

/* ---- blocks ---- */

/* What is plain so far becomes Markdown. */
static void flush_plain(dcr_md *m)
{
    const char *s = m->plain.p;
    if (m->plain.failed || m->line.failed)
        dcr_md_nomem(m);
    if (bad(m) || m->plain.n == 0)
        return;
    if (!m->begun)
        s += strspn(s, " ");
    if (*s != '\0') {
        if (m->after_mark && (alnum(*s) || (unsigned char)*s >= 0x80))
            dcr_buf_char(&m->line, ' ');
        escape(&m->line, s, !m->begun);
        m->begun = true;
        m->after_mark = false;
    }
    m->plain.n = 0;
}

static void indent(dcr_md *m, size_t depth)
{
    for (size_t i = 0; i < depth * INDENT; i++)
        put_str(m, " ");
}

/* Ends the block in hand. */
static void finish(dcr_md *m)
{
    flush_plain(m);
    if (m->line.failed)
        dcr_md_nomem(m);
    while (m->line.n > 0 && m->line.p[m->line.n - 1] == ' ')
        m->line.n--;
    put(m, m->line.p, m->line.n);
    if (m->in == CELL)
        put_str(m, " |");
    else if (m->in != NONE && m->in != BETWEEN_CELLS)
        put_str(m, "\n");
    if (m->in != NONE)
        m->tight = m->in == ITEM;
    m->in = m->in == CELL ? BETWEEN_CELLS : NONE;
    m->begun = m->after_mark = false;
    m->line.n = m->plain.n = 0;
}

/* A block that stands by itself begins here. */
static void begin(dcr_md *m, block in)
{
    finish(m);
    if (m->n_cols > 0)
        misuse(m, "a block inside of a table");
    if (m->n_lists > 0 && in != ITEM)
        misuse(m, "a block inside of a list");
    if (m->any && !(in == ITEM && m->tight))
        put_str(m, "\n");
    m->in = in;
    m->tight = m->after_list = false;
}

void dcr_md_para(dcr_md *m)
{
    begin(m, PARA);
}

void dcr_md_heading(dcr_md *m, int level)
{
    begin(m, HEADING);
    level = level < 1 ? 1 : level > 6 ? 6 : level;
    put(m, "######", (size_t)level);
    put_str(m, " ");
}

void dcr_md_rule(dcr_md *m)
{
    begin(m, NONE);
    put_str(m, "* * *\n");
}

void dcr_md_list(dcr_md *m, dcr_md_list_kind kind)
{
    finish(m);
    if (m->n_cols > 0)
        misuse(m, "a list inside of a table");
    if (m->n_lists == LISTS_MAX)
        misuse(m, "lists too deep");
    if (!bad(m))
        m->lists[m->n_lists++] = (list){.kind = kind};
}

static void item(dcr_md *m, const char *box)
{
    char mark[32];
    list *l;
    if (m->n_lists == 0)
        misuse(m, "an item without a list");
    if (bad(m))
        return;
    /* Two lists in a row would be one to a reader, but for a mark between them. */
    if (m->after_list && m->n_lists == 1)
        put_str(m, "\n<!-- -->\n");
    begin(m, ITEM);
    l = &m->lists[m->n_lists - 1];
    l->n++;
    indent(m, m->n_lists - 1);
    if (l->kind == DCR_MD_NUMBER)
        snprintf(mark, sizeof mark, "%zu. ", l->n);
    else
        snprintf(mark, sizeof mark, "- ");
    put_str(m, mark);
    put_str(m, box);
}

void dcr_md_item(dcr_md *m)
{
    item(m, "");
}

void dcr_md_check(dcr_md *m, bool done)
{
    item(m, done ? "[x] " : "[ ] ");
}

void dcr_md_list_end(dcr_md *m)
{
    finish(m);
    if (m->n_lists == 0)
        misuse(m, "no list to end");
    else
        m->n_lists--;
    m->tight = m->n_lists > 0;
    m->after_list = m->n_lists == 0;
}

/* ---- tables and folds ---- */

static void table_head(dcr_md *m, const dcr_md_col *cols, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        dcr_md_cell(m);
        dcr_md_text(m, cols[i].title);
    }
    finish(m);
    put_str(m, "\n|");
    for (size_t i = 0; i < n; i++) {
        char a = cols[i].align;
        put_str(m, a == 'l' || a == 'c' ? " :" : " ");
        for (unsigned k = 0; k < (cols[i].width == 0 ? 10 : cols[i].width); k++)
            put_str(m, "-");
        put_str(m, a == 'r' || a == 'c' ? ": |" : " |");
    }
}

void dcr_md_table(dcr_md *m, const dcr_md_col *cols, size_t n)
{
    begin(m, NONE);
    if (n == 0 || n > DCR_MD_COLS_MAX)
        misuse(m, "a table of no or too many columns");
    if (bad(m))
        return;
    m->n_cols = n;
    m->n_cells = 0;
    put_str(m, "|");
    m->in = BETWEEN_CELLS;
    table_head(m, cols, n);
}

/* Cells that the row lacks. */
static void fill_row(dcr_md *m)
{
    finish(m);
    for (; m->n_cells < m->n_cols; m->n_cells++)
        put_str(m, " |");
    put_str(m, "\n");
}

void dcr_md_row(dcr_md *m)
{
    if (m->n_cols == 0)
        misuse(m, "a row without a table");
    if (bad(m))
        return;
    fill_row(m);
    put_str(m, "|");
    m->in = BETWEEN_CELLS;
    m->n_cells = 0;
}

void dcr_md_cell(dcr_md *m)
{
    finish(m);
    if (m->n_cells == m->n_cols)
        misuse(m, "a cell beside the table");
    m->n_cells++;
    put_str(m, " ");
    m->in = CELL;
}

void dcr_md_table_end(dcr_md *m)
{
    if (m->n_cols == 0)
        misuse(m, "no table to end");
    fill_row(m);
    m->in = NONE;
    m->n_cols = 0;
}

void dcr_md_details(dcr_md *m, const char *summary)
{
    begin(m, NONE);
    if (m->n_folds == FOLDS_MAX)
        misuse(m, "folds too deep");
    m->n_folds++;
    put_str(m, "<details>\n<summary>");
    tidy(&m->plain, &m->clean, summary, strlen(summary));
    if (m->plain.n > 0 && !m->plain.failed)
        escape_html(&m->line, m->plain.p);
    m->plain.n = 0;
    finish(m);
    put_str(m, "</summary>\n");
}

void dcr_md_details_end(dcr_md *m)
{
    begin(m, NONE);
    if (m->n_folds == 0)
        misuse(m, "no fold to end");
    else
        m->n_folds--;
    put_str(m, "</details>\n");
}

dcr_status dcr_md_end(dcr_md *m, dcr_err *err)
{
    finish(m);
    if (m->n_folds > 0 || m->n_lists > 0 || m->n_cols > 0)
        misuse(m, "a list, table or fold is left open");
    if (!bad(m) && (fflush(m->out) != 0 || ferror(m->out)))
        dcr_fail(&m->err, DCR_EIO, "report", "cannot write");
    if (bad(m))
        return dcr_fail(err, m->err.code, m->err.where, "%s", m->err.text);
    return DCR_OK;
}

/* ---- text ---- */

/* Text belongs to a block. */
static void need_block(dcr_md *m)
{
    if (m->in == BETWEEN_CELLS)
        misuse(m, "text between cells");
    else if (m->in == NONE)
        begin(m, PARA);
}

static void textn(dcr_md *m, const char *s, size_t n)
{
    if (n == 0)
        return;
    need_block(m);
    tidy(&m->plain, &m->clean, s, n);
}

void dcr_md_text(dcr_md *m, const char *s)
{
    if (s != NULL)
        textn(m, s, strlen(s));
}

void dcr_md_cut(dcr_md *m, const char *s, size_t max)
{
    size_t n = 0, chars = 0;
    if (s == NULL)
        return;
    for (; s[n] != '\0'; n++) {
        chars += ((unsigned char)s[n] & 0xC0) != 0x80;
        if (chars > max)
            break;
    }
    textn(m, s, n);
    if (s[n] != '\0')
        dcr_md_text(m, "\xE2\x80\xA6");
}

void dcr_md_fmt(dcr_md *m, const char *fmt, ...)
{
    char s[1024];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(s, sizeof s, fmt, ap);
    va_end(ap);
    if (n > 0)
        dcr_md_text(m, s);
}

/* Adds a run between marks; `code`: as it is. */
static void marked(dcr_md *m, const char *mark, const char *s, bool code)
{
    dcr_buf run = {0};
    size_t n;
    if (s == NULL)
        return;
    need_block(m);
    tidy(&run, &m->clean, s, strlen(s));
    n = run.n;
    while (n > 0 && run.p[n - 1] == ' ')
        run.p[--n] = '\0';
    s = run.p == NULL ? "" : run.p + strspn(run.p, " ");
    if (run.failed)
        dcr_md_nomem(m);
    if (bad(m) || *s == '\0')
        goto done;
    flush_plain(m);
    if (m->begun && m->line.n > 0 && strchr(" (", m->line.p[m->line.n - 1]) == NULL)
        dcr_buf_char(&m->line, ' ');
    dcr_buf_str(&m->line, mark);
    if (code)
        dcr_buf_str(&m->line, s);
    else
        escape(&m->line, s, true);
    dcr_buf_str(&m->line, mark);
    m->begun = m->after_mark = true;
done:
    dcr_buf_clear(&run);
}

void dcr_md_strong(dcr_md *m, const char *s)
{
    marked(m, "**", s, false);
}

void dcr_md_em(dcr_md *m, const char *s)
{
    marked(m, "*", s, false);
}

void dcr_md_code(dcr_md *m, const char *s)
{
    if (s != NULL && strpbrk(s, "`|<>&") != NULL)
        dcr_md_text(m, s);
    else
        marked(m, "`", s, true);
}
