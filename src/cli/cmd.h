/* Commands: found by file name, each one table and one function. */
#ifndef DCR_CMD_H
#define DCR_CMD_H

#include <stdbool.h>
#include <stddef.h>

#include "dcmrisk/report.h"
#include "opt.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Never renumbered: scripts depend on them. */
typedef enum dcr_exit {
    DCR_EXIT_PASS = 0,         /* the gate passes, or the work is done */
    DCR_EXIT_FAIL = 1,         /* the gate fails */
    DCR_EXIT_USAGE = 2,        /* wrong usage, rules, policy or project file */
    DCR_EXIT_INCONCLUSIVE = 3, /* too much unread, or interrupted */
    DCR_EXIT_ERROR = 4         /* could not finish */
} dcr_exit;

/* What an operand may be: words in, completion and the man page go by it. */
typedef struct dcr_operand {
    const char *after; /* holds behind this first operand only; NULL: behind any */
    dcr_opt what; /* kind, choices; `help` is what one is called: "action".  A CHOICE is
                     checked before the command runs */
} dcr_operand;

/* Plug-in: src/cli/cmd_<name>.c defines `const dcr_cmd dcr_cmd_<name>`. */
typedef struct dcr_cmd {
    const char *name;
    const char *summary;  /* one line of `dcmrisk --help` */
    const char *synopsis; /* "INPUT... [options]": what follows the name */
    const char
        *description; /* paragraphs for --help, wrapped by the code; NULL for none */
    const dcr_opt *options;      /* ends with a NULL name; NULL when there are none */
    size_t args_size;            /* of the struct that options point into */
    const char *operand;         /* "INPUT": what an operand is called, for messages */
    const dcr_operand *operands; /* by place, ends with a NULL what.help; the last one
                                    goes for all that follow */
    size_t min_operands, max_operands; /* SIZE_MAX: any number */
    bool gate;                         /* --help names the exit statuses of a gate */
    /* Gets the parsed args (args_size bytes); they and the operands are lent.  Returns a
     * dcr_exit.  Results go to stdout, everything else to stderr. */
    int (*run)(const void *args, const dcr_operands *operands);
} dcr_cmd;

/* All commands in the order of their names; NULL-terminated. */
const dcr_cmd *const *dcr_cmds(void);

/* The command of that name, NULL when there is none. */
const dcr_cmd *dcr_cmd_find(const char *name);
/* dcr_opt.choice: the names of the commands; of the built-in policies; of all that is
 * built in: rules and policies by id, other files by name. */
const char *dcr_cmd_choice(size_t i);
const char *dcr_policy_choice(size_t i);
const char *dcr_rules_choice(size_t i);

/* What the i-th operand may be when the first one is `first` (NULL: not known yet); NULL
 * when the command takes none there. */
const dcr_opt *dcr_cmd_operand(const dcr_cmd *c, size_t i, const char *first);

/* The words on exit statuses of --help; those of a gate or of another command. */
const char *dcr_cmd_exits(bool gate);

/* The exit status of a failure. */
dcr_exit dcr_exit_of(dcr_status code);

/* Prints "dcmrisk: [WHERE:[LINE:] ]text" to stderr and returns the exit status of the
 * failure. `where_ok`: err->where was named by the user or comes with the program (a rule
 * file, --scan FILE, an operand) or --show-paths was given; otherwise it is left out. */
int dcr_cmd_fail(const dcr_err *err, bool where_ok);

/* As dcr_cmd_fail for a message of the command itself: "dcmrisk: text", returns `status`.
 */
int dcr_cmd_say(dcr_exit status, const char *fmt, ...) DCR_PRINTF(2, 3);

/* ---- options that commands share: a member `common` of the args struct, and rows ----
 */

typedef struct dcr_common {
    const char *rules; /* --rules DIR; NULL: built in */
    const char *color; /* "auto", "always", "never" */
    bool quiet;        /* no progress, no remarks on stderr; errors stay */
} dcr_common;

extern const char *const dcr_color_choices[];

/* Who reads the reports: as everything is, or the public edition.  NULL-terminated. */
extern const char *const dcr_audience_choices[];

/* Puts the public edition in the place of a report when `audience` asks for it; rules
 * NULL: the built-in ones. */
DCR_MUST_USE dcr_status dcr_cmd_audience(json_t **report, const char *audience,
                                         const dcr_rules *rules, dcr_err *err);

#define DCR_OPT_AUDIENCE(type)                                                           \
    {                                                                                    \
        .name = "audience", .kind = DCR_OPT_CHOICE, .group = DCR_GROUP_WRITE,            \
        .offset = offsetof(type, audience), .arg = "WHO", .initial = "internal",         \
        .choices = dcr_audience_choices,                                                 \
        .help = "who reads it; for the public, shapes, paths, texts of the project file" \
                " and every count of patients below the policy's k, or from which one"   \
                " could be worked out, are left out"                                     \
    }

/* dcr_opt.choice for --format: the formats there are. */
const char *dcr_format_choice(size_t i);

#define DCR_OPTS_RULES(type)                                                             \
    {                                                                                    \
        .name = "rules", .kind = DCR_OPT_DIR, .offset = offsetof(type, common.rules),    \
        .arg = "DIR", .help = "rules to use instead of the built-in ones"                \
    }
#define DCR_OPTS_QUIET(type)                                                             \
    {                                                                                    \
        .name = "quiet", .letter = 'q', .kind = DCR_OPT_FLAG,                            \
        .offset = offsetof(type, common.quiet),                                          \
        .help = "no progress and no remarks, errors only"                                \
    }
#define DCR_OPTS_COLOR(type)                                                             \
    {                                                                                    \
        .name = "color", .kind = DCR_OPT_CHOICE, .offset = offsetof(type, common.color), \
        .arg = "WHEN", .initial = "auto", .choices = dcr_color_choices,                  \
        .help = "colour of what is printed; auto: on a terminal, unless NO_COLOR is set" \
    }

#ifdef __cplusplus
}
#endif
#endif
