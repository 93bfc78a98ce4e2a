#include "cmd.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "dcmrisk/report.h"
#include "term.h"

#define DCR_PLUGIN(name) extern const dcr_cmd dcr_cmd_##name;
#include "cmd.def"
#undef DCR_PLUGIN

const char *const dcr_color_choices[] = {"auto", "always", "never", NULL};

const char *const dcr_audience_choices[] = {"internal", "public", NULL};

dcr_status dcr_cmd_audience(json_t **report, const char *audience, const dcr_rules *rules,
                            dcr_err *err)
{
    dcr_rules *own = NULL;
    json_t *edition = NULL;
    dcr_status rc = DCR_OK;
    if (strcmp(audience, "public") != 0)
        return DCR_OK;
    if (rules == NULL)
        rc = dcr_rules_load(&own, NULL, err);
    if (rc == DCR_OK)
        rc = dcr_report_public(&edition, *report, rules == NULL ? own : rules, err);
    dcr_rules_free(own);
    if (rc == DCR_OK) {
        json_decref(*report);
        *report = edition;
    }
    return rc;
}

const dcr_cmd *const *dcr_cmds(void)
{
    static const dcr_cmd *const all[] = {
#define DCR_PLUGIN(name) &dcr_cmd_##name,
#include "cmd.def"
#undef DCR_PLUGIN
        NULL};
    return all;
}

const dcr_cmd *dcr_cmd_find(const char *name)
{
    for (const dcr_cmd *const *c = dcr_cmds(); *c != NULL; c++)
        if (strcmp((*c)->name, name) == 0)
            return *c;
    return NULL;
}

const char *dcr_cmd_choice(size_t i)
{
    const dcr_cmd *c = dcr_cmds()[i];
    return c == NULL ? NULL : c->name;
}

const dcr_opt *dcr_cmd_operand(const dcr_cmd *c, size_t i, const char *first)
{
    const dcr_operand *o = c->operands, *last = NULL;
    size_t at = 0;
    if (o == NULL || i >= c->max_operands)
        return NULL;
    for (; o->what.help != NULL; o++) {
        if (o->after != NULL && (first == NULL || strcmp(o->after, first) != 0))
            continue;
        last = o;
        if (at++ == i)
            break;
    }
    return last != NULL && (at > i || c->max_operands == SIZE_MAX) ? &last->what : NULL;
}

const char *dcr_cmd_exits(bool gate)
{
    return gate ? "Exit status: 0 the gate passes, 1 it fails, 2 wrong usage, rules, "
                  "policy or project file, 3 inconclusive or interrupted, 4 could not "
                  "finish."
                : "Exit status: 0 done, 2 wrong usage or rules, 3 interrupted, 4 could "
                  "not finish.";
}

const char *dcr_format_choice(size_t i)
{
    const dcr_format *f = dcr_formats()[i];
    return f == NULL ? NULL : f->id;
}

dcr_exit dcr_exit_of(dcr_status code)
{
    switch (code) {
    case DCR_OK:
        return DCR_EXIT_PASS;
    case DCR_ERULES:
    case DCR_EARG:
        return DCR_EXIT_USAGE;
    case DCR_EINTERRUPTED:
    case DCR_EPARTS:
        return DCR_EXIT_INCONCLUSIVE;
    case DCR_ENOMEM:
    case DCR_EIO:
    case DCR_EFORMAT:
    case DCR_ENUM:
        return DCR_EXIT_ERROR;
    }
    return DCR_EXIT_ERROR;
}

int dcr_cmd_fail(const dcr_err *err, bool where_ok)
{
    fputs("dcmrisk: ", stderr);
    if (where_ok && err->where[0] != '\0') {
        dcr_term_print_safe(stderr, err->where, strlen(err->where));
        if (err->line > 0)
            fprintf(stderr, ":%ld", err->line);
        fputs(": ", stderr);
    }
    if (err->text[0] == '\0')
        fputs("failed", stderr);
    dcr_term_print_safe(stderr, err->text, strlen(err->text));
    fputc('\n', stderr);
    return (int)dcr_exit_of(err->code);
}

int dcr_cmd_say(dcr_exit status, const char *fmt, ...)
{
    char text[1024];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    fputs("dcmrisk: ", stderr);
    dcr_term_print_safe(stderr, text, strlen(text));
    fputc('\n', stderr);
    return (int)status;
}
