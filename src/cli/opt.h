/* Options of a command: one table drives parsing, range checks, defaults, --help,
 * completion and the man page. */
#ifndef DCR_OPT_H
#define DCR_OPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "buf.h"
#include "dcmrisk/err.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What an option takes and the type of its field in the args struct. */
typedef enum dcr_opt_kind {
    DCR_OPT_FLAG,   /* nothing; bool */
    DCR_OPT_COUNT,  /* a whole number from min to max; uint64_t */
    DCR_OPT_REAL,   /* a finite number from min to max; double */
    DCR_OPT_TEXT,   /* any text, not empty; const char * */
    DCR_OPT_FILE,   /* a path, not empty, "-" allowed; const char * */
    DCR_OPT_DIR,    /* the same, of a folder; const char * */
    DCR_OPT_NAMED,  /* one of the choices or a path, not checked here; const char * */
    DCR_OPT_CHOICE, /* one of the choices; const char * */
    DCR_OPT_LIST /* words between commas (of the choices, if there are any); a word with
                    a comma stands in double quotes, a quote in it twice; dcr_list */
} dcr_opt_kind;

/* What an option is about; help and man pages go by it, in this order. */
typedef enum dcr_opt_group {
    DCR_GROUP_OTHER = 0, /* shown last */
    DCR_GROUP_READ,
    DCR_GROUP_JUDGE,
    DCR_GROUP_WRITE,
    DCR_GROUP_N
} dcr_opt_group;

typedef struct dcr_list { /* words, in the order given */
    char **item;
    size_t n, cap;
} dcr_list;
void dcr_list_clear(dcr_list *l);
/* Adds a copy of `word`. */
DCR_MUST_USE dcr_status dcr_list_add(dcr_list *l, const char *word, dcr_err *err);

/* A table ends with {.name = NULL}.  A repeated option: the last one wins, a LIST grows.
 */
typedef struct dcr_opt {
    const char *name; /* "policy", without dashes */
    char letter;      /* 'j'; 0 when there is none */
    dcr_opt_kind kind;
    dcr_opt_group group;
    size_t offset;         /* offsetof(args struct, field) */
    double min, max;       /* COUNT (whole, below 2^53), REAL; both 0: any */
    const char *arg;       /* "DIR", as help shows it; NULL for a FLAG */
    const char *initial;   /* the default, read as if it were given; NULL: field stays
                              zeroed. A LIST that is given forgets it. */
    const char *otherwise; /* what holds without it, in words, where `initial` says
                              nothing; or NULL */
    const char *help; /* words of help, no full stop; range, choices and default are added
                         by the code */
    const char *const *choices; /* CHOICE, LIST: NULL-terminated; or NULL.  TEXT, NAMED:
                                   words that completion offers */
    const char *(*choice)(
        size_t i); /* instead of choices: the i-th word, NULL at the end */
} dcr_opt;

typedef struct dcr_operands { /* what is not an option, in order; borrowed from argv */
    const char *const *item;
    size_t n;
} dcr_operands;

/* Reads argv[1 .. argc) by the table into `args`, which the caller zeroed.  `cmd` is used
 * in messages ("see dcmrisk CMD --help").  argv is permuted so that operands come last;
 * they go to `operands`.  *help is set when --help or -h was met (nothing else is checked
 * then). DCR_EARG with a message for the user, or DCR_ENOMEM.  dcr_opt_clear() in any
 * case. */
DCR_MUST_USE dcr_status dcr_opt_parse(const char *cmd, const dcr_opt *table, int argc,
                                      char **argv, void *args, dcr_operands *operands,
                                      bool *help, dcr_err *err);

/* Frees what parsing put into args (the lists). */
void dcr_opt_clear(const dcr_opt *table, void *args);

/* Help, range, choices and default of an option as one text. */
void dcr_opt_text(const dcr_opt *o, dcr_buf *out);

/* The i-th choice, NULL behind the last. */
const char *dcr_opt_choice(const dcr_opt *o, size_t i);

/* Whether a table is long enough to be shown by groups. */
bool dcr_opt_grouped(const dcr_opt *table);

/* The heading of group `i` in the order they are shown; *group is set. */
const char *dcr_opt_heading(size_t i, dcr_opt_group *group);

/* Prints the table for --help by groups, as wide as dcr_opt_width says. */
void dcr_opt_help(const dcr_opt *table, FILE *out);

/* Columns for running text: those of the terminal, at most 80; 80 when `out` is none. */
size_t dcr_opt_width(FILE *out);

/* Prints text wrapped to that width, every line indented by `indent`; the first line goes
 * on at column `at`.  A newline in the text stays; a line that starts with a blank is not
 * wrapped. */
void dcr_opt_wrap(const char *text, size_t indent, size_t at, FILE *out);

/* Fails with "no WHAT 'word'; did you mean 'nearest'? see HELP" (DCR_EARG). */
dcr_status dcr_opt_unknown(const char *what, const char *word, const char *const *words,
                           size_t n, const char *help, dcr_err *err);

#ifdef __cplusplus
}
#endif
#endif
