/* What a terminal gets: harmless text, and a progress line that never wraps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "term.h"
#include "tint.h"

static void prints(const char *bytes, size_t n, const char *want)
{
    char *text = NULL;
    size_t size;
    FILE *f = open_memstream(&text, &size);
    dcr_term_print_safe(f, bytes, n);
    fclose(f);
    assert_string_equal(text, want);
    free(text);
}

static void text_that_acts_is_shown(void **state)
{
    (void)state;
    prints("plain", 5, "plain");
    prints("\xC3\x84rzte \xE2\x82\xAC \xF0\x9F\x98\x80", 15,
           "\xC3\x84rzte \xE2\x82\xAC \xF0\x9F\x98\x80");
    prints("a\x1B[31mb", 7, "a\\x1B[31mb");
    prints("a\0b\nc\rd\x7F", 8, "a\\x00b\\x0Ac\\x0Dd\\x7F");
    prints("\xC2\x9B"
           "2J",
           4, "\\xC2\\x9B2J"); /* C1 control CSI */
    prints("\xE2\x80\xAE"
           "x",
           4, "\\xE2\\x80\\xAEx");                         /* right-to-left override */
    prints("\xE2\x81\xA6", 3, "\\xE2\\x81\\xA6");          /* isolate */
    prints("\xE2\x80\xA8", 3, "\\xE2\\x80\\xA8");          /* line separator */
    prints("\xF3\xA0\x81\x81", 4, "\\xF3\\xA0\\x81\\x81"); /* tag character */
    prints("\xC0\xAF\xFF", 3, "\\xC0\\xAF\\xFF");
    prints("\xE2\x82", 2, "\\xE2\\x82");
    prints("\\x1B", 4, "\\\\x1B"); /* cannot be taken for an escaped byte */
    prints("", 0, "");
}

static void a_line_never_fills_the_width(void **state)
{
    char out[512];
    dcr_progress p = {.files_total = 18446744073709551615u,
                      .files_done = 9999999999999999999u,
                      .bytes_done = 18446744073709551615u,
                      .seconds = 1e-9};
    (void)state;
    for (unsigned width = 0; width <= 300; width++) {
        dcr_bar_text(&p, width, out, sizeof out);
        assert_true(strlen(out) <= (width == 0 ? 0 : width - 1));
    }
    dcr_bar_text(&p, 1000, out, 40);
    assert_true(strlen(out) < 40);
}

static void a_line_says_how_far(void **state)
{
    char out[512];
    dcr_progress p = {
        .files_total = 2000, .files_done = 500, .bytes_done = 1234567890, .seconds = 10};
    (void)state;
    /* 500 of 2000 in 10 s: 50 a second, 1500 left take 30 s. */
    dcr_bar_text(&p, 80, out, sizeof out);
    assert_string_equal(
        out, "[######..................]  25% 500/2.00k files, 50/s, 1.23 GB, 30s left");
    p.files_done = 1999;
    dcr_bar_text(&p, 80, out, sizeof out);
    assert_non_null(strstr(out, " 99% "));
    p.files_done = 2000;
    dcr_bar_text(&p, 80, out, sizeof out);
    assert_non_null(strstr(out, "100% "));
    assert_non_null(strstr(out, " 0s left"));
    p = (dcr_progress){.files_total = 0};
    dcr_bar_text(&p, 80, out, sizeof out);
    assert_non_null(strstr(out, "  0% 0/0 files"));
    p = (dcr_progress){.files_total = 100001, .files_done = 1, .seconds = 3};
    dcr_bar_text(&p, 80, out, sizeof out);
    assert_non_null(strstr(out, "83h20m left")); /* 100000 * 3 s */
}

static void no_terminal_no_escapes(void **state)
{
    FILE *f = tmpfile();
    dcr_bar bar;
    (void)state;
    assert_non_null(f);
    assert_false(dcr_term_is(f));
    assert_int_equal(dcr_term_width(f), 80);
    assert_false(dcr_term_color(f, "auto"));
    assert_false(dcr_term_color(f, NULL));
    assert_true(dcr_term_color(f, "always"));
    assert_string_equal(dcr_term_tint(false, DCR_TINT_RED), "");
    assert_string_equal(dcr_term_tint(true, DCR_TINT_OFF), "\033[0m");
    fclose(f);
    dcr_bar_init(&bar, true);
    assert_false(bar.on);
}

/* Draws on a terminal of 50 columns; `out` gets what the terminal got. */
static void draw(bool quiet, char *out, size_t size)
{
    const struct winsize narrow = {.ws_row = 24, .ws_col = 50};
    int master = posix_openpt(O_RDWR | O_NOCTTY), slave, saved = dup(2);
    dcr_bar bar;
    size_t at;
    ssize_t n;
    assert_true(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
    slave = open(ptsname(master), O_RDWR | O_NOCTTY);
    assert_true(slave >= 0 && ioctl(slave, TIOCSWINSZ, &narrow) == 0);
    dup2(slave, 2);
    dcr_bar_init(&bar, quiet);
    for (int i = 0; i <= 10; i++) { /* ten times a second */
        dcr_progress p = {
            .files_total = 10, .files_done = (uint64_t)i, .seconds = i / 10.0};
        dcr_bar_progress(&bar, &p);
    }
    dcr_bar_end(&bar);
    dcr_bar_end(&bar);
    fputc('.', stderr); /* so that there is something to read */
    fflush(stderr);
    dup2(saved, 2);
    close(saved);
    for (at = 0; at == 0 || out[at - 1] != '.';
         at += (size_t)n) { /* a terminal hands out bits */
        n = read(master, out + at, size - 1 - at);
        assert_true(n > 0);
    }
    out[at] = '\0';
    close(slave);
    close(master);
}

static void a_terminal_gets_one_line_that_goes(void **state)
{
    char got[4096], *line;
    int lines = 0;
    (void)state;
    setenv("TERM", "xterm", 1);
    draw(true, got, sizeof got);
    assert_string_equal(got, ".");
    setenv("TERM", "dumb", 1);
    draw(false, got, sizeof got);
    assert_string_equal(got, ".");
    setenv("TERM", "xterm", 1);
    draw(false, got, sizeof got);
    assert_null(strchr(got, '\n'));
    assert_string_equal(got + strlen(got) - 5, "\r\033[K.");
    got[strlen(got) - 5] = '\0';
    for (line = strtok(got, "\r"); line != NULL; line = strtok(NULL, "\r")) {
        char *end = strstr(line, "\033[K");
        assert_non_null(end);
        assert_true(end - line < 50);
        lines++;
    }
    assert_int_equal(lines, 4); /* at 0, 0.3, 0.6 and 0.9 s */
}

static void colour_is_asked_for(void **state)
{
    FILE *f = tmpfile();
    (void)state;
    assert_non_null(f);
    unsetenv("NO_COLOR");
    unsetenv("CLICOLOR");
    unsetenv("CLICOLOR_FORCE");
    assert_false(dcr_term_color(f, "auto"));
    assert_false(dcr_term_color(f, NULL));
    assert_true(dcr_term_color(f, "always"));
    setenv("CLICOLOR_FORCE", "0", 1);
    assert_false(dcr_term_color(f, "auto"));
    setenv("CLICOLOR_FORCE", "1", 1);
    assert_true(dcr_term_color(f, "auto"));
    assert_false(dcr_term_color(f, "never"));
    setenv("NO_COLOR", "", 1); /* no-color.org: only when not empty */
    assert_true(dcr_term_color(f, "auto"));
    setenv("NO_COLOR", "1", 1);
    assert_false(dcr_term_color(f, "auto"));
    assert_true(dcr_term_color(f, "always"));
    unsetenv("NO_COLOR");
    unsetenv("CLICOLOR_FORCE");
    fclose(f);
}

static void tinted(const char *line, const char *want)
{
    char *text = NULL;
    size_t n = 0;
    FILE *f = open_memstream(&text, &n);
    dcr_print_tinted_line(f, line, strlen(line));
    fclose(f);
    assert_string_equal(text, want);
    free(text);
}

static void only_results_are_tinted(void **state)
{
    (void)state;
    tinted("FAIL: The gate", "\033[1m\033[31mFAIL\033[0m: The gate\n");
    tinted("pass          Average", "\033[1m\033[32mpass\033[0m          Average\n");
    tinted("inconclusive  x", "\033[1m\033[33minconclusive\033[0m  x\n");
    tinted("failing that", "failing that\n");
    tinted(" fail", " fail\n");
    tinted("fail", "fail\n");
    tinted("", "\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(colour_is_asked_for),
        cmocka_unit_test(only_results_are_tinted),
        cmocka_unit_test(text_that_acts_is_shown),
        cmocka_unit_test(a_line_never_fills_the_width),
        cmocka_unit_test(a_line_says_how_far),
        cmocka_unit_test(no_terminal_no_escapes),
        cmocka_unit_test(a_terminal_gets_one_line_that_goes),
    };
    return cmocka_run_group_tests_name("term", tests, NULL, NULL);
}
