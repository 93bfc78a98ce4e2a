/* One table reads options, checks ranges, and explains itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "near.h"
#include "opt.h"

enum { WORDS = 12 };

typedef struct fake_args {
    bool quiet, dry;
    uint64_t jobs, seed;
    double share;
    const char *policy, *out, *color;
    dcr_list format, tag;
} fake_args;

static const char *const colors[] = {"auto", "always", "never", NULL};

static const char *format_at(size_t i)
{
    static const char *const formats[] = {"html", "json", "sarif", NULL};
    return formats[i];
}

#define AT(field) .offset = offsetof(fake_args, field)

static const dcr_opt table[] = {
    {.name = "policy",
     .kind = DCR_OPT_TEXT,
     AT(policy),
     .arg = "NAME|FILE",
     .initial = "public",
     .help = "policy to judge by"},
    {.name = "jobs",
     .letter = 'j',
     .kind = DCR_OPT_COUNT,
     AT(jobs),
     .min = 1,
     .max = 256,
     .arg = "N",
     .initial = "2",
     .help = "workers"},
    {.name = "seed",
     .kind = DCR_OPT_COUNT,
     AT(seed),
     .arg = "N",
     .help = "start of chance"},
    {.name = "share",
     .kind = DCR_OPT_REAL,
     AT(share),
     .min = 0.5,
     .max = 1,
     .arg = "X",
     .initial = "0.75",
     .help = "share of the records"},
    {.name = "out",
     .letter = 'o',
     .kind = DCR_OPT_FILE,
     AT(out),
     .arg = "FILE",
     .help = "where"},
    {.name = "color",
     .kind = DCR_OPT_CHOICE,
     AT(color),
     .arg = "WHEN",
     .initial = "auto",
     .help = "colour on a terminal",
     .choices = colors},
    {.name = "format",
     .kind = DCR_OPT_LIST,
     AT(format),
     .arg = "LIST",
     .initial = "json,html",
     .help = "what to write, which can be a good many things at once, one after the "
             "other, and "
             "in any order that pleases",
     .choice = format_at},
    {.name = "tag",
     .kind = DCR_OPT_LIST,
     AT(tag),
     .arg = "WORD,...",
     .help = "free words"},
    {.name = "quiet", .letter = 'q', .kind = DCR_OPT_FLAG, AT(quiet), .help = "say less"},
    {.name = "dry-run",
     .letter = '0',
     .kind = DCR_OPT_FLAG,
     AT(dry),
     .help = "do nothing"},
    {.name = NULL},
};

typedef struct run {
    fake_args args;
    dcr_operands operands;
    dcr_err err;
    bool help;
    dcr_status st;
    char *argv[WORDS + 2];
} run;

/* Parses the words of a line; the caller clears with done(). */
static void parse(run *r, const char *line)
{
    static char text[512];
    int argc = 1;
    memset(r, 0, sizeof *r);
    snprintf(text, sizeof text, "fake %s", line);
    r->argv[0] = strtok(text, " ");
    while (argc <= WORDS && (r->argv[argc] = strtok(NULL, " ")) != NULL)
        argc++;
    r->st = dcr_opt_parse("fake", table, argc, r->argv, &r->args, &r->operands, &r->help,
                          &r->err);
}

static void done(run *r)
{
    dcr_opt_clear(table, &r->args);
    assert_null(r->args.format.item);
}

static void refuses(const char *line, const char *message)
{
    run r;
    parse(&r, line);
    assert_int_equal(r.st, DCR_EARG);
    assert_string_equal(r.err.text, message);
    done(&r);
}

static void defaults_are_read_like_options(void **state)
{
    run r;
    (void)state;
    parse(&r, "");
    assert_int_equal(r.st, DCR_OK);
    assert_int_equal(r.args.jobs, 2);
    assert_true(r.args.share == 0.75);
    assert_string_equal(r.args.policy, "public");
    assert_string_equal(r.args.color, "auto");
    assert_null(r.args.out);
    assert_int_equal(r.args.format.n, 2);
    assert_string_equal(r.args.format.item[1], "html");
    assert_int_equal(r.args.tag.n, 0);
    assert_false(r.args.quiet);
    assert_int_equal(r.operands.n, 0);
    done(&r);
}

static void options_and_operands_mix(void **state)
{
    run r;
    (void)state;
    parse(&r, "one -qj8 - --out=- two --policy p -- --quiet -x");
    assert_int_equal(r.st, DCR_OK);
    assert_int_equal(r.args.jobs, 8);
    assert_true(r.args.quiet);
    assert_string_equal(r.args.out, "-");
    assert_string_equal(r.args.policy, "p");
    assert_int_equal(r.operands.n, 5);
    assert_string_equal(r.operands.item[0], "one");
    assert_string_equal(r.operands.item[1], "-");
    assert_string_equal(r.operands.item[2], "two");
    assert_string_equal(r.operands.item[3], "--quiet");
    assert_string_equal(r.operands.item[4], "-x");
    done(&r);
}

static void order_does_not_hang_on_the_environment(void **state)
{
    run r;
    (void)state;
    setenv("POSIXLY_CORRECT", "1", 1);
    parse(&r, "one -0 two");
    unsetenv("POSIXLY_CORRECT");
    assert_int_equal(r.st, DCR_OK);
    assert_true(r.args.dry);
    assert_int_equal(r.operands.n, 2);
    done(&r);
}

static void the_last_one_wins_and_lists_grow(void **state)
{
    run r;
    (void)state;
    parse(&r, "-j 3 --jobs=5 --format sarif --format json,sarif --tag a,b --tag a");
    assert_int_equal(r.st, DCR_OK);
    assert_int_equal(r.args.jobs, 5);
    assert_int_equal(r.args.format.n, 2);
    assert_string_equal(r.args.format.item[0], "sarif");
    assert_string_equal(r.args.format.item[1], "json");
    assert_int_equal(r.args.tag.n, 3);
    assert_string_equal(r.args.tag.item[2], "a");
    done(&r);
}

static void help_stops_everything(void **state)
{
    run r;
    (void)state;
    parse(&r, "one --help --polcy");
    assert_int_equal(r.st, DCR_OK);
    assert_true(r.help);
    done(&r);
    parse(&r, "-qh");
    assert_true(r.help);
    done(&r);
}

static void numbers_name_their_range(void **state)
{
    static const char *const bad[] = {"0", "257", "-1", "4x", "1.5", "+3"};
    char line[64];
    run r;
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        snprintf(line, sizeof line, "--jobs=%s", bad[i]);
        refuses(line, "--jobs must be a whole number from 1 to 256");
    }
    refuses("-j 1e2", "--jobs must be a whole number from 1 to 256");
    refuses("--seed x", "--seed must be a whole number");
    refuses("--share 0.49", "--share must be a number from 0.5 to 1");
    refuses("--share nan", "--share must be a number from 0.5 to 1");
    parse(&r, "--jobs 256 --share 1 --seed 18446744073709551615");
    assert_int_equal(r.st, DCR_OK);
    assert_true(r.args.seed == UINT64_MAX);
    done(&r);
}

static void mistakes_get_a_suggestion(void **state)
{
    (void)state;
    refuses("--polcy x",
            "no option '--polcy'; did you mean '--policy'? see dcmrisk fake --help");
    refuses("--ploicy=x",
            "no option '--ploicy'; did you mean '--policy'? see dcmrisk fake --help");
    refuses("--hepl",
            "no option '--hepl'; did you mean '--help'? see dcmrisk fake --help");
    refuses("--colour x",
            "no option '--colour'; did you mean '--color'? see dcmrisk fake --help");
    refuses("--verbose", "no option '--verbose'; see dcmrisk fake --help");
    refuses("--s", "option '--s' may be '--seed' or '--share'; see dcmrisk fake --help");
    refuses("--=1", "no option '--'; see dcmrisk fake --help");
    refuses("-x", "no option '-x'; see dcmrisk fake --help");
    refuses("-qx", "no option '-x'; see dcmrisk fake --help");
    refuses("--color allways",
            "--color has no 'allways'; did you mean 'always'? see dcmrisk fake --help");
    refuses("--color blue", "--color must be one of auto, always, never");
    refuses("--format json,htlm",
            "--format has no 'htlm'; did you mean 'html'? see dcmrisk fake --help");
}

static void missing_and_needless_values(void **state)
{
    (void)state;
    refuses("--policy", "--policy needs NAME|FILE; see dcmrisk fake --help");
    refuses("-j", "--jobs needs N; see dcmrisk fake --help");
    refuses("--quiet=1", "--quiet takes no value; see dcmrisk fake --help");
    refuses("--help=1", "--help takes no value; see dcmrisk fake --help");
    refuses("--out=", "--out must not be empty");
    refuses("--tag a,,b", "--tag has an empty word in its list");
    refuses("--tag=", "--tag has an empty word in its list");
    refuses("--format json,", "--format has an empty word in its list");
}

static void tags(const char *line, size_t n, const char *const *want)
{
    run r;
    parse(&r, line);
    assert_int_equal(r.st, DCR_OK);
    assert_int_equal(r.args.tag.n, n);
    for (size_t i = 0; i < n; i++)
        assert_string_equal(r.args.tag.item[i], want[i]);
    done(&r);
}

/* As in a record of RFC 4180. */
static void a_word_of_a_list_may_hold_a_comma(void **state)
{
    (void)state;
    tags("--tag \"a,b\",c", 2, (const char *const[]){"a,b", "c"});
    tags("--tag=c,\",\"", 2, (const char *const[]){"c", ","});
    tags("--tag \"say\"\"so\"\"\",d", 2, (const char *const[]){"say\"so\"", "d"});
    tags("--tag a\"b,c", 2, (const char *const[]){"a\"b", "c"});
    tags("--tag \"\"\"\"", 1, (const char *const[]){"\""});
    tags("--tag a --tag \"b,c\"", 2, (const char *const[]){"a", "b,c"});
    refuses("--tag \"a,b", "--tag: a quote (\") is not closed");
    refuses("--tag \"", "--tag: a quote (\") is not closed");
    refuses("--tag \"a\"b", "--tag: behind a word in quotes comes a comma");
    refuses("--tag \"\"", "--tag has an empty word in its list");
    refuses("--tag \"a\",", "--tag has an empty word in its list");
    refuses("--format \"json,html\"", "--format must be one of html, json, sarif");
}

static void long_words_do_no_harm(void **state)
{
    char line[400] = "--";
    run r;
    (void)state;
    memset(line + 2, 'p', 300);
    parse(&r, line);
    assert_int_equal(r.st, DCR_EARG);
    assert_true(strlen(r.err.text) < sizeof r.err.text - 1);
    done(&r);
}

static void nearest_is_near(void **state)
{
    static const char *const words[] = {"assess", "scan", "merge", "report", "rules"};
    static const char *const names[] = {"public-release", "exact-date-kept", "publics"};
    (void)state;
    assert_string_equal(dcr_near_among("asess", words, 5), "assess");
    assert_string_equal(dcr_near_among("raport", words, 5), "report");
    assert_string_equal(dcr_near_among("sacn", words, 5), "scan");
    assert_string_equal(dcr_near_among("mrege", words, 5), "merge");
    assert_string_equal(dcr_near_among("ruels", words, 5), "rules");
    /* The beginning of a word, or nearly; the whole of another one is nearer. */
    assert_string_equal(dcr_near_among("publik", names, 3), "public-release");
    assert_string_equal(dcr_near_among("exact-date", names, 3), "exact-date-kept");
    assert_string_equal(dcr_near_among("exact", names, 3), "exact-date-kept");
    assert_string_equal(dcr_near_among("exatc", names, 3), "exact-date-kept");
    assert_string_equal(dcr_near_among("publis", names, 3), "publics");
    assert_null(dcr_near_among("exac", names, 3));
    assert_null(dcr_near_among("pabliq", names, 3));
    assert_null(dcr_near_among("release", names, 3));
    assert_null(dcr_near_among("sn", words, 5));
    assert_null(dcr_near_among("", words, 5));
    assert_null(dcr_near_among("inspect", words, 5));
    assert_null(dcr_near_among("asxxxs", words, 0));
}

/* Every allocation fails once: an error that says so, and nothing lost (ASan looks). */
static void every_allocation_may_fail(void **state)
{
    long fail = 0;
    run r;
    (void)state;
    do {
        dcr_alloc_fail_after(fail++);
        parse(&r, "one --format sarif,json --tag a,\"b,c\" --color never");
        dcr_alloc_fail_after(-1);
        if (r.st != DCR_OK)
            assert_int_equal(r.st, DCR_ENOMEM);
        dcr_opt_clear(table, &r.args);
    } while (r.st != DCR_OK);
    assert_true(fail > 8);
}

static char *printed(void (*print)(FILE *))
{
    char *text = NULL;
    size_t n;
    FILE *f = open_memstream(&text, &n);
    print(f);
    fclose(f);
    return text;
}

static void print_help(FILE *f)
{
    dcr_opt_help(table, f);
}

static void help_fits_80_columns(void **state)
{
    char *text = printed(print_help);
    size_t column = 0;
    (void)state;
    for (const char *p = text; *p != '\0'; p++) {
        column = *p == '\n' ? 0 : column + 1;
        assert_true(column <= 80);
    }
    assert_non_null(
        strstr(text, "      --policy NAME|FILE  policy to judge by [public]\n"));
    assert_non_null(strstr(text, "  -j, --jobs N            workers, 1 to 256 [2]\n"));
    assert_non_null(strstr(text, "colour on a terminal: auto, always, never [auto]\n"));
    assert_non_null(strstr(text, "  -h, --help              this text\n"));
    free(text);
}

static void print_wrapped(FILE *f)
{
    dcr_opt_wrap("aaaa bbbb\n  kept as it stands\n\nend", 4, 2, f);
}

static void wrapping_keeps_lines(void **state)
{
    char *text = printed(print_wrapped);
    (void)state;
    assert_string_equal(text, "  aaaa bbbb\n      kept as it stands\n\n    end\n");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_are_read_like_options),
        cmocka_unit_test(options_and_operands_mix),
        cmocka_unit_test(order_does_not_hang_on_the_environment),
        cmocka_unit_test(the_last_one_wins_and_lists_grow),
        cmocka_unit_test(help_stops_everything),
        cmocka_unit_test(numbers_name_their_range),
        cmocka_unit_test(mistakes_get_a_suggestion),
        cmocka_unit_test(missing_and_needless_values),
        cmocka_unit_test(a_word_of_a_list_may_hold_a_comma),
        cmocka_unit_test(long_words_do_no_harm),
        cmocka_unit_test(nearest_is_near),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(help_fits_80_columns),
        cmocka_unit_test(wrapping_keeps_lines),
    };
    return cmocka_run_group_tests_name("opt", tests, NULL, NULL);
}
