#include "opt.h"

#include <getopt.h>
#include <string.h>

#include "alloc.h"
#include "near.h"
#include "num.h"

enum { WORD_MAX = 40, LONG_BASE = 256 };

typedef struct parser {
    const char *cmd;
    const dcr_opt *table;
    size_t n;             /* rows of the table */
    struct option *longs; /* n, help, end; val is LONG_BASE + row */
    char *shorts;
    bool *given;
    void *args;
    dcr_err *err;
} parser;

dcr_status dcr_opt_unknown(const char *what, const char *word, const char *const *words,
                           size_t n, const char *help, dcr_err *err)
{
    const char *near = dcr_near_among(word, words, n);
    if (near == NULL)
        return dcr_fail(err, DCR_EARG, NULL, "no %s '%.*s'; see %s", what, WORD_MAX, word,
                        help);
    return dcr_fail(err, DCR_EARG, NULL, "no %s '%.*s'; did you mean '%s'? see %s", what,
                    WORD_MAX, word, near, help);
}

/* ---- values ---------------------------------------------------------------------------
 */

const char *dcr_opt_choice(const dcr_opt *o, size_t i)
{
    if (o->choice != NULL)
        return o->choice(i);
    return o->choices == NULL ? NULL : o->choices[i];
}

static dcr_status bad_choice(const parser *p, const dcr_opt *o, const char *word)
{
    dcr_near b = dcr_near_of(word);
    dcr_buf all = {0};
    dcr_status st;
    const char *c;
    for (size_t i = 0; (c = dcr_opt_choice(o, i)) != NULL; i++) {
        dcr_near_try(&b, c);
        dcr_buf_fmt(&all, "%s%s", i == 0 ? "" : ", ", c);
    }
    if (b.found != NULL)
        st = dcr_fail(p->err, DCR_EARG, NULL,
                      "--%s has no '%.*s'; did you mean '%s'? see dcmrisk %s --help",
                      o->name, WORD_MAX, word, b.found, p->cmd);
    else if (all.failed)
        st = dcr_nomem(p->err);
    else
        st = dcr_fail(p->err, DCR_EARG, NULL, "--%s must be one of %s", o->name, all.p);
    dcr_buf_clear(&all);
    return st;
}

/* The choice that n bytes spell, NULL when none is. */
static const char *find_choice(const dcr_opt *o, const char *p, size_t n)
{
    const char *c;
    for (size_t i = 0; (c = dcr_opt_choice(o, i)) != NULL; i++)
        if (strlen(c) == n && memcmp(c, p, n) == 0)
            return c;
    return NULL;
}

static bool list_has(const dcr_list *l, const char *word)
{
    for (size_t i = 0; i < l->n; i++)
        if (strcmp(l->item[i], word) == 0)
            return true;
    return false;
}

void dcr_list_clear(dcr_list *l)
{
    for (size_t i = 0; i < l->n; i++)
        dcr_free(l->item[i]);
    dcr_free(l->item);
    memset(l, 0, sizeof *l);
}

dcr_status dcr_list_add(dcr_list *l, const char *word, dcr_err *err)
{
    char *copy = dcr_strdup(word);
    if (copy == NULL || !dcr_grow(&l->item, &l->cap, l->n + 1, sizeof *l->item)) {
        dcr_free(copy);
        return dcr_nomem(err);
    }
    l->item[l->n++] = copy;
    return DCR_OK;
}

/* Adds one word.  A choice that is already there is not asked for twice. */
static dcr_status list_add(const parser *p, const dcr_opt *o, dcr_list *l, const char *s,
                           size_t n)
{
    bool closed = dcr_opt_choice(o, 0) != NULL;
    char *word;
    if (n == 0)
        return dcr_fail(p->err, DCR_EARG, NULL, "--%s has an empty word in its list",
                        o->name);
    word = dcr_strndup(s, n);
    if (word == NULL || !dcr_grow(&l->item, &l->cap, l->n + 1, sizeof *l->item)) {
        dcr_free(word);
        return dcr_nomem(p->err);
    }
    if (closed && find_choice(o, s, n) == NULL) {
        dcr_status st = bad_choice(p, o, word);
        dcr_free(word);
        return st;
    }
    if (closed && list_has(l, word))
        dcr_free(word);
    else
        l->item[l->n++] = word;
    return DCR_OK;
}

/* Reads a word in quotes from `text`, which begins with one; *rest is what follows it. */
static dcr_status quoted_word(const parser *p, const dcr_opt *o, const char *text,
                              dcr_buf *word, const char **rest)
{
    word->n = 0;
    for (text++; *text != '\0'; text++) {
        if (*text == '"' && text[1] != '"')
            break;
        text += *text == '"';
        dcr_buf_char(word, *text);
    }
    if (word->failed)
        return dcr_nomem(p->err);
    if (*text == '\0')
        return dcr_fail(p->err, DCR_EARG, NULL, "--%s: a quote (\") is not closed",
                        o->name);
    if (text[1] != '\0' && text[1] != ',')
        return dcr_fail(p->err, DCR_EARG, NULL,
                        "--%s: behind a word in quotes comes a comma", o->name);
    *rest = text + 1;
    return DCR_OK;
}

static dcr_status set_list(const parser *p, const dcr_opt *o, dcr_list *l,
                           const char *text)
{
    dcr_buf word = {0};
    dcr_status st = DCR_OK;
    for (;;) {
        const char *rest = text + strcspn(text, ",");
        if (*text != '"') {
            st = list_add(p, o, l, text, (size_t)(rest - text));
        } else {
            st = quoted_word(p, o, text, &word, &rest);
            if (st == DCR_OK)
                st = list_add(p, o, l, word.n == 0 ? "" : word.p, word.n);
        }
        if (st != DCR_OK || *rest == '\0')
            break;
        text = rest + 1;
    }
    dcr_buf_clear(&word);
    return st;
}

static dcr_status set_count(const parser *p, const dcr_opt *o, uint64_t *field,
                            const char *text)
{
    bool any = o->min == 0 && o->max == 0;
    uint64_t lo = (uint64_t)o->min, hi = any ? UINT64_MAX : (uint64_t)o->max;
    if (dcr_num_u64(text, lo, hi, field))
        return DCR_OK;
    if (any)
        return dcr_fail(p->err, DCR_EARG, NULL, "--%s must be a whole number", o->name);
    return dcr_fail(p->err, DCR_EARG, NULL,
                    "--%s must be a whole number from %llu to %llu", o->name,
                    (unsigned long long)lo, (unsigned long long)hi);
}

static dcr_status set_real(const parser *p, const dcr_opt *o, double *field,
                           const char *text)
{
    bool any = o->min == 0 && o->max == 0;
    if (dcr_num_double(text, any ? -1.7e308 : o->min, any ? 1.7e308 : o->max, field))
        return DCR_OK;
    if (any)
        return dcr_fail(p->err, DCR_EARG, NULL, "--%s must be a number", o->name);
    return dcr_fail(p->err, DCR_EARG, NULL, "--%s must be a number from %g to %g",
                    o->name, o->min, o->max);
}

static dcr_status set(const parser *p, const dcr_opt *o, const char *text)
{
    void *field = (char *)p->args + o->offset;
    switch (o->kind) {
    case DCR_OPT_FLAG:
        *(bool *)field = true;
        return DCR_OK;
    case DCR_OPT_COUNT:
        return set_count(p, o, field, text);
    case DCR_OPT_REAL:
        return set_real(p, o, field, text);
    case DCR_OPT_LIST:
        return set_list(p, o, field, text);
    case DCR_OPT_CHOICE:
        *(const char **)field = find_choice(o, text, strlen(text));
        return *(const char **)field == NULL ? bad_choice(p, o, text) : DCR_OK;
    case DCR_OPT_TEXT:
    case DCR_OPT_FILE:
    case DCR_OPT_DIR:
    case DCR_OPT_NAMED:
        if (*text == '\0')
            return dcr_fail(p->err, DCR_EARG, NULL, "--%s must not be empty", o->name);
        *(const char **)field = text;
        return DCR_OK;
    }
    return DCR_OK;
}

/* ---- parsing --------------------------------------------------------------------------
 */

static dcr_status prepare(parser *p)
{
    size_t s = 0;
    while (p->table != NULL && p->table[p->n].name != NULL)
        p->n++;
    p->longs = dcr_alloc(p->n + 2, sizeof *p->longs);
    p->shorts = dcr_alloc(2 * p->n + 4, 1);
    p->given = dcr_alloc(p->n + 1, sizeof *p->given);
    if (p->longs == NULL || p->shorts == NULL || p->given == NULL)
        return dcr_nomem(p->err);
    /* "-": operands come as they stand, whatever POSIXLY_CORRECT says; ":": we speak. */
    p->shorts[s++] = '-';
    p->shorts[s++] = ':';
    p->shorts[s++] = 'h';
    p->longs[p->n] = (struct option){"help", no_argument, NULL, 'h'};
    for (size_t i = 0; i < p->n; i++) {
        const dcr_opt *o = &p->table[i];
        bool takes = o->kind != DCR_OPT_FLAG;
        p->longs[i] = (struct option){o->name, takes ? required_argument : no_argument,
                                      NULL, LONG_BASE + (int)i};
        if (o->letter != 0) {
            p->shorts[s++] = o->letter;
            if (takes)
                p->shorts[s++] = ':';
        }
    }
    return DCR_OK;
}

static const dcr_opt *by_code(const parser *p, int code)
{
    if (code >= LONG_BASE)
        return &p->table[code - LONG_BASE];
    for (size_t i = 0; i < p->n; i++)
        if (p->table[i].letter == code)
            return &p->table[i];
    return NULL;
}

/* A long option that is none of ours, or short for several. */
static dcr_status unknown_long(const parser *p, const char *arg)
{
    char name[WORD_MAX + 1];
    size_t n = strcspn(arg + 2, "=");
    dcr_near b;
    const char *match[2];
    int n_match = 0;
    n = n > WORD_MAX ? WORD_MAX : n;
    memcpy(name, arg + 2, n);
    name[n] = '\0';
    b = dcr_near_of(name);
    for (size_t i = 0; i <= p->n; i++) {
        dcr_near_try(&b, p->longs[i].name);
        if (n_match < 2 && strncmp(p->longs[i].name, name, n) == 0)
            match[n_match++] = p->longs[i].name;
    }
    if (n_match == 2 && n > 0)
        return dcr_fail(p->err, DCR_EARG, NULL,
                        "option '--%s' may be '--%s' or '--%s'; see dcmrisk %s --help",
                        name, match[0], match[1], p->cmd);
    if (b.found == NULL)
        return dcr_fail(p->err, DCR_EARG, NULL, "no option '--%s'; see dcmrisk %s --help",
                        name, p->cmd);
    return dcr_fail(p->err, DCR_EARG, NULL,
                    "no option '--%s'; did you mean '--%s'? see dcmrisk %s --help", name,
                    b.found, p->cmd);
}

/* getopt said '?' or ':'. */
static dcr_status refuse(const parser *p, int what, const char *arg)
{
    const dcr_opt *o = optopt == 0 ? NULL : by_code(p, optopt);
    if (what == ':' && o != NULL)
        return dcr_fail(p->err, DCR_EARG, NULL, "--%s needs %s; see dcmrisk %s --help",
                        o->name, o->arg, p->cmd);
    if (optopt == 'h' || (o != NULL && optopt >= LONG_BASE))
        return dcr_fail(p->err, DCR_EARG, NULL,
                        "--%s takes no value; see dcmrisk %s --help",
                        o == NULL ? "help" : o->name, p->cmd);
    if (optopt == 0)
        return unknown_long(p, arg);
    return dcr_fail(p->err, DCR_EARG, NULL, "no option '-%c'; see dcmrisk %s --help",
                    optopt, p->cmd);
}

static dcr_status given(const parser *p, int code)
{
    const dcr_opt *o = by_code(p, code);
    size_t row = (size_t)(o - p->table);
    if (o->kind == DCR_OPT_LIST && !p->given[row])
        dcr_list_clear((dcr_list *)((char *)p->args + o->offset));
    p->given[row] = true;
    return set(p, o, optarg);
}

static dcr_status parse(const parser *p, int argc, char **argv, dcr_operands *operands,
                        bool *help)
{
    size_t n = 0;
    int code;
    optind = 0; /* start over; glibc wants 0 */
    opterr = 0;
    while ((code = getopt_long(argc, argv, p->shorts, p->longs, NULL)) != -1) {
        dcr_status st = DCR_OK;
        if (code == 'h') {
            *help = true;
            return DCR_OK;
        }
        if (code == 1)
            argv[1 + n++] = optarg; /* behind what getopt reads */
        else if (code == '?' || code == ':')
            st = refuse(p, code, argv[optind - 1]);
        else
            st = given(p, code);
        if (st != DCR_OK)
            return st;
    }
    while (optind < argc)
        argv[1 + n++] = argv[optind++];
    operands->item = (const char *const *)(argv + 1);
    operands->n = n;
    return DCR_OK;
}

dcr_status dcr_opt_parse(const char *cmd, const dcr_opt *table, int argc, char **argv,
                         void *args, dcr_operands *operands, bool *help, dcr_err *err)
{
    parser p = {.cmd = cmd, .table = table, .args = args, .err = err};
    dcr_status st = prepare(&p);
    *help = false;
    memset(operands, 0, sizeof *operands);
    for (size_t i = 0; st == DCR_OK && i < p.n; i++)
        if (table[i].initial != NULL)
            st = set(&p, &table[i], table[i].initial);
    if (st == DCR_OK)
        st = parse(&p, argc, argv, operands, help);
    dcr_free(p.given);
    dcr_free(p.shorts);
    dcr_free(p.longs);
    return st;
}

void dcr_opt_clear(const dcr_opt *table, void *args)
{
    for (; table != NULL && table->name != NULL; table++)
        if (table->kind == DCR_OPT_LIST)
            dcr_list_clear((dcr_list *)((char *)args + table->offset));
}
