/* The listing of trees with links, circles, hostile names and great depth. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "walk_top.h"

typedef struct want {
    const char *path;
    dcr_walk_what what;
    dcr_read status;
} want;

static void check_is(const dcr_walk *w, const want *x, size_t n)
{
    dcr_buf b = {0};
    for (size_t i = 0; i < dcr_walk_count(w) && i < n; i++) {
        dcr_walk_entry e;
        dcr_walk_get(w, i, &e);
        assert_int_equal(dcr_walk_path(w, i, &b, NULL), DCR_OK);
        assert_string_equal(b.p, x[i].path);
        assert_int_equal(b.n, strlen(b.p));
        assert_int_equal(e.what, x[i].what);
        assert_int_equal(e.status, x[i].status);
    }
    assert_int_equal(dcr_walk_count(w), n);
    dcr_buf_clear(&b);
}

#define CHECK(w, x) check_is(w, x, sizeof(x) / sizeof((x)[0]))

static void order_is_that_of_bytes(void **state)
{
    /* As `LC_ALL=C sort` has it. */
    static const want x[] = {
        {"B", DCR_WALK_FILE, DCR_READ_OK},       {"a", DCR_WALK_FILE, DCR_READ_OK},
        {"d!", DCR_WALK_FILE, DCR_READ_OK},      {"d-x/1", DCR_WALK_FILE, DCR_READ_OK},
        {"d.x", DCR_WALK_FILE, DCR_READ_OK},     {"d/1", DCR_WALK_FILE, DCR_READ_OK},
        {"d/10", DCR_WALK_FILE, DCR_READ_OK},    {"d/2/x", DCR_WALK_FILE, DCR_READ_OK},
        {"d/20", DCR_WALK_FILE, DCR_READ_OK},    {"d0", DCR_WALK_FILE, DCR_READ_OK},
        {"\xc3\xa4", DCR_WALK_FILE, DCR_READ_OK}};
    dcr_walk *w;
    (void)state;
    mkdir("d", 0755);
    mkdir("d/2", 0755);
    mkdir("d-x", 0755);
    mkdir("empty", 0755);
    for (size_t i = sizeof x / sizeof x[0]; i-- > 0;)
        put(x[i].path, "");
    w = list_one(".");
    CHECK(w, x);
    dcr_walk_free(w);
    w = list_one(top);
    CHECK(w, x);
    dcr_walk_free(w);
}

static void links_and_specials_are_accounted(void **state)
{
    static const want x[] = {{"a/chain", DCR_WALK_LINK, DCR_READ_OTHER},
                             {"a/dangling", DCR_WALK_LINK, DCR_READ_VANISHED},
                             {"a/fifo", DCR_WALK_SPECIAL, DCR_READ_SPECIAL},
                             {"a/file", DCR_WALK_FILE, DCR_READ_OK},
                             {"a/here", DCR_WALK_LINK, DCR_READ_LOOP},
                             {"a/in", DCR_WALK_LINK, DCR_READ_OTHER},
                             {"a/null", DCR_WALK_LINK, DCR_READ_OUTSIDE},
                             {"a/out", DCR_WALK_LINK, DCR_READ_OUTSIDE},
                             {"a/parent", DCR_WALK_LINK, DCR_READ_OUTSIDE},
                             {"a/ping", DCR_WALK_LINK, DCR_READ_LOOP},
                             {"a/pong", DCR_WALK_LINK, DCR_READ_LOOP},
                             {"a/self", DCR_WALK_LINK, DCR_READ_LOOP},
                             {"a/sub/f", DCR_WALK_FILE, DCR_READ_OK},
                             {"a/sub/up", DCR_WALK_LINK, DCR_READ_LOOP},
                             {"a/to_fifo", DCR_WALK_LINK, DCR_READ_OTHER},
                             {"a/to_sub", DCR_WALK_LINK, DCR_READ_OTHER},
                             {"a/twin", DCR_WALK_LINK, DCR_READ_OUTSIDE}};
    dcr_walk *w;
    (void)state;
    mkdir("t", 0755);
    mkdir("t/a", 0755);
    mkdir("t/a/sub", 0755);
    mkdir("t2", 0755); /* a prefix by bytes, not by folder */
    put("t2/file", "x");
    put("outside", "x");
    put("t/a/file", "x");
    put("t/a/sub/f", "x");
    assert_int_equal(mkfifo("t/a/fifo", 0644), 0);
    assert_int_equal(symlink("file", "t/a/in"), 0);
    assert_int_equal(symlink("in", "t/a/chain"), 0);
    assert_int_equal(symlink("fifo", "t/a/to_fifo"), 0);
    assert_int_equal(symlink("nowhere", "t/a/dangling"), 0);
    assert_int_equal(symlink("../../outside", "t/a/out"), 0);
    assert_int_equal(symlink("../../t2/file", "t/a/twin"), 0);
    assert_int_equal(symlink("/dev/null", "t/a/null"), 0);
    assert_int_equal(symlink("../..", "t/a/parent"), 0);
    assert_int_equal(symlink(".", "t/a/here"), 0);
    assert_int_equal(symlink("self", "t/a/self"), 0);
    assert_int_equal(symlink("pong", "t/a/ping"), 0);
    assert_int_equal(symlink("ping", "t/a/pong"), 0);
    assert_int_equal(symlink("../../a", "t/a/sub/up"), 0);
    assert_int_equal(symlink("sub", "t/a/to_sub"), 0);
    w = list_one("t");
    CHECK(w, x);
    dcr_walk_free(w);
    w = list_one("t/");
    CHECK(w, x);
    dcr_walk_free(w);
}

static void a_link_that_is_named_is_followed(void **state)
{
    static const want folder[] = {{"f", DCR_WALK_FILE, DCR_READ_OK}};
    static const want file[] = {{"lf", DCR_WALK_FILE, DCR_READ_OK}};
    dcr_walk *w;
    dcr_buf b = {0};
    (void)state;
    mkdir("d", 0755);
    put("d/f", "x");
    assert_int_equal(symlink("d", "ld"), 0);
    assert_int_equal(symlink("d/f", "lf"), 0);
    w = list_one("ld");
    CHECK(w, folder);
    assert_int_equal(dcr_walk_full(w, 0, &b, NULL), DCR_OK);
    assert_string_equal(b.p, "ld/f");
    dcr_walk_free(w);
    w = list_one("lf");
    CHECK(w, file);
    assert_int_equal(dcr_walk_full(w, 0, &b, NULL), DCR_OK);
    assert_string_equal(b.p, "lf");
    dcr_walk_free(w);
    dcr_buf_clear(&b);
}

static void inputs_that_overlap_are_listed_once(void **state)
{
    static const char *const inputs[] = {"d/e/f2", "d/e", "d", "./d", "d-", "d/e/f2"};
    static const want x[] = {{"e/f1", DCR_WALK_FILE, DCR_READ_OK},
                             {"e/f2", DCR_WALK_FILE, DCR_READ_OK},
                             {"g", DCR_WALK_FILE, DCR_READ_OK},
                             {"f", DCR_WALK_FILE, DCR_READ_OK},
                             {"to", DCR_WALK_LINK, DCR_READ_OTHER}};
    static const char *const files[] = {"d/g", "d/e/f1", "d/g"};
    static const want y[] = {{"g", DCR_WALK_FILE, DCR_READ_OK},
                             {"f1", DCR_WALK_FILE, DCR_READ_OK}};
    dcr_walk *w;
    dcr_walk_entry e;
    dcr_buf b = {0};
    (void)state;
    mkdir("d", 0755);
    mkdir("d/e", 0755);
    mkdir("d-", 0755);
    put("d/e/f1", "x");
    put("d/e/f2", "x");
    put("d/g", "x");
    put("d-/f", "x");
    assert_int_equal(symlink("../d/g", "d-/to"), 0); /* listed by the other input */
    w = list(inputs, 6);
    CHECK(w, x);
    dcr_walk_get(w, 0, &e);
    assert_int_equal(e.input, 2);
    dcr_walk_get(w, 3, &e);
    assert_int_equal(e.input, 4);
    assert_int_equal(dcr_walk_full(w, 3, &b, NULL), DCR_OK);
    assert_string_equal(b.p, "d-/f");
    dcr_walk_free(w);
    w = list(files, 3);
    CHECK(w, y);
    dcr_walk_free(w);
    dcr_buf_clear(&b);
}

static void facts_are_those_of_stat(void **state)
{
    struct stat st;
    struct timespec t[2] = {{0, 0}, {1234567890, 987654321}};
    dcr_walk_entry e;
    dcr_walk *w;
    (void)state;
    mkdir("d", 0755);
    put("d/f", "seven b");
    assert_int_equal(utimensat(AT_FDCWD, "d/f", t, 0), 0);
    assert_int_equal(stat("d/f", &st), 0);
    w = list_one("d");
    assert_int_equal(dcr_walk_count(w), 1);
    dcr_walk_get(w, 0, &e);
    assert_int_equal(e.size, 7);
    assert_true(e.mtime_ns == 1234567890987654321);
    assert_true(e.ino == st.st_ino && e.dev == st.st_dev);
    dcr_walk_free(w);
}

static void names_are_bytes(void **state)
{
    char longest[256];
    want x[4] = {{"\x01\n\x1b[2J", DCR_WALK_FILE, DCR_READ_OK},
                 {" ", DCR_WALK_FILE, DCR_READ_OK},
                 {longest, DCR_WALK_FILE, DCR_READ_OK},
                 {"\xff\xfe", DCR_WALK_FILE, DCR_READ_OK}};
    dcr_walk *w;
    (void)state;
    memset(longest, 'n', 255);
    longest[255] = '\0';
    for (size_t i = 0; i < 4; i++)
        put(x[i].path, "x");
    w = list_one(top);
    CHECK(w, x);
    dcr_walk_free(w);
}

static void a_folder_that_may_not_be_listed_is_told(void **state)
{
    static const want x[] = {{"a", DCR_WALK_FILE, DCR_READ_OK},
                             {"shut/", DCR_WALK_FOLDER, DCR_READ_DENIED},
                             {"z", DCR_WALK_FILE, DCR_READ_OK}};
    const char *input = "d";
    dcr_walk *w = NULL;
    dcr_err err = {0};
    (void)state;
    mkdir("d", 0755);
    mkdir("d/shut", 0755);
    put("d/a", "x");
    put("d/z", "x");
    put("d/shut/f", "x");
    assert_int_equal(chmod("d/shut", 0), 0);
    assert_int_equal(chmod(top, 0755), 0);
    if (geteuid() == 0 && seteuid(65534) != 0) /* nothing is shut for root */
        skip();
    w = list_one("d");
    CHECK(w, x);
    dcr_walk_free(w);
    input = "d/shut";
    assert_int_equal(dcr_walk_open(&w, &input, 1, NULL, &err), DCR_EIO);
    assert_null(w);
    assert_int_equal(seteuid(getuid()), 0);
    chmod("d/shut", 0755);
}

static void what_is_not_there_is_an_error(void **state)
{
    const char *input = "nothing";
    dcr_walk *w;
    dcr_err err = {0};
    (void)state;
    assert_int_equal(dcr_walk_open(&w, &input, 1, NULL, &err), DCR_EARG);
    assert_string_equal(err.where, "nothing");
    assert_null(w);
}

static void an_empty_tree_and_no_input(void **state)
{
    dcr_walk *w = list_one(".");
    (void)state;
    assert_int_equal(dcr_walk_count(w), 0);
    dcr_walk_free(w);
    w = list(NULL, 0);
    assert_int_equal(dcr_walk_count(w), 0);
    dcr_walk_free(w);
}

enum { DEPTH = 2000 };

/* d/nnn.../nnn.../... with a file at the bottom and, after the folder, one at every
 * level. */
static void make_deep(void)
{
    char name[41];
    memset(name, 'n', 40);
    name[40] = '\0';
    mkdir("d", 0755);
    assert_int_equal(chdir("d"), 0);
    for (unsigned i = 0; i < DEPTH; i++) {
        put("z", "x");
        assert_int_equal(mkdir(name, 0755), 0);
        assert_int_equal(chdir(name), 0);
    }
    put("bottom", "deep");
    assert_int_equal(symlink("..", "up"), 0);
    assert_int_equal(chdir(top), 0);
}

static void depth_has_no_end(void **state)
{
    dcr_walk *w;
    dcr_walk_entry e;
    dcr_buf b = {0}, last = {0};
    char text[5] = "";
    int fd;
    (void)state;
    make_deep();
    w = list_one("d");
    assert_int_equal(dcr_walk_count(w), DEPTH + 2);
    for (size_t i = 0; i < DEPTH + 2; i++) {
        assert_int_equal(dcr_walk_path(w, i, &b, NULL), DCR_OK);
        assert_true(last.p == NULL || strcmp(last.p, b.p) < 0);
        last.n = 0;
        dcr_buf_str(&last, b.p);
        dcr_walk_get(w, i, &e);
        assert_int_equal(e.status, i == 1 ? DCR_READ_LOOP : DCR_READ_OK);
    }
    assert_int_equal(dcr_walk_full(w, 0, &b, NULL), DCR_OK);
    assert_int_equal(b.n, 2 + 41 * DEPTH + 6);
    fd = dcr_open_path(b.p, O_RDONLY);
    assert_true(fd >= 0);
    assert_int_equal(read(fd, text, 4), 4);
    assert_string_equal(text, "deep");
    close(fd);
    b.p[b.n - 1] = 'x';
    assert_int_equal(dcr_open_path(b.p, O_RDONLY), -1);
    assert_int_equal(errno, ENOENT);
    dcr_walk_free(w);
    dcr_buf_clear(&b);
    dcr_buf_clear(&last);
}

static void a_list_is_sorted_and_cleaned(void **state)
{
    static const char *const paths[] = {
        "./d//f", "d/f", "d", "nothing", "d/./g", "", "pipe", "d/../e", "/./dev//null"};
    static const want x[] = {{"/dev/null", DCR_WALK_SPECIAL, DCR_READ_SPECIAL},
                             {"d/../e", DCR_WALK_FILE, DCR_READ_OK},
                             {"d/f", DCR_WALK_FILE, DCR_READ_OK},
                             {"d/g", DCR_WALK_FILE, DCR_READ_OK},
                             {"nothing", DCR_WALK_FILE, DCR_READ_VANISHED},
                             {"pipe", DCR_WALK_SPECIAL, DCR_READ_SPECIAL}};
    dcr_walk *w;
    dcr_buf b = {0};
    (void)state;
    mkdir("d", 0755);
    put("d/f", "x");
    put("e", "x");
    assert_int_equal(symlink("../e", "d/g"), 0);
    assert_int_equal(mkfifo("pipe", 0644), 0);
    assert_int_equal(dcr_walk_list(&w, paths, 9, NULL, NULL), DCR_OK);
    CHECK(w, x);
    assert_int_equal(dcr_walk_full(w, 2, &b, NULL), DCR_OK);
    assert_string_equal(b.p, "d/f");
    dcr_walk_free(w);
    dcr_buf_clear(&b);
}

/* A folder of a list, whose files are not in it, would be passed over in silence. */
static void a_list_names_no_folder_alone(void **state)
{
    static const char *const alone[] = {"dd", "dd-x/f"};
    static const char *const beside[] = {"dd", "dd/../dd-x/f"};
    static const char *const with[] = {"dd/", "dd", "dd-x", "dd/f", "dd-x/f", "hollow"};
    dcr_walk *w;
    dcr_err err = {0};
    (void)state;
    mkdir("dd", 0755);
    mkdir("dd-x", 0755);
    mkdir("hollow", 0755);
    put("dd/f", "x");
    put("dd-x/f", "x");
    assert_int_equal(dcr_walk_list(&w, alone, 2, NULL, &err), DCR_EARG);
    assert_string_equal(err.where, "dd");
    assert_null(w);
    assert_int_equal(dcr_walk_list(&w, beside, 2, NULL, NULL), DCR_EARG);
    assert_int_equal(dcr_walk_list(&w, with, 6, NULL, NULL), DCR_OK);
    assert_int_equal(dcr_walk_count(w), 2);
    dcr_walk_free(w);
}

/* By folder and name: not by content, not by name alone, and no folder. */
static void what_the_run_writes_is_left_out(void **state)
{
    static const char *const own[] = {"own/out/r.json", "link-to-out/s.scan", "nowhere/x",
                                      "own/out/sub", "own/a.scan"};
    static const char *const paths[] = {"own/out/r.json", "own/sub/r.json",
                                        "./own//a.scan"};
    static const want x[] = {{"out/other.json", DCR_WALK_FILE, DCR_READ_OK},
                             {"out/sub/f", DCR_WALK_FILE, DCR_READ_OK},
                             {"r.json", DCR_WALK_FILE, DCR_READ_OK},
                             {"same", DCR_WALK_FILE, DCR_READ_OK}};
    static const want listed[] = {{"own/sub/r.json", DCR_WALK_FILE, DCR_READ_VANISHED}};
    dcr_walk_options o = {.own = own, .n_own = 5};
    const char *input = "own";
    dcr_walk *w;
    (void)state;
    mkdir("own", 0755);
    mkdir("own/out", 0755);
    mkdir("own/out/sub", 0755);
    put("own/out/r.json", "x");
    put("own/out/other.json", "x");
    put("own/out/s.scan", "x");
    put("own/out/sub/f", "x");
    put("own/a.scan", "x");
    put("own/r.json", "x");
    assert_int_equal(link("own/out/r.json", "own/same"), 0);
    assert_int_equal(symlink("own/out", "link-to-out"), 0);
    assert_int_equal(dcr_walk_open(&w, &input, 1, &o, NULL), DCR_OK);
    CHECK(w, x);
    dcr_walk_free(w);
    assert_int_equal(dcr_walk_list(&w, paths, 3, &o, NULL), DCR_OK);
    CHECK(w, listed);
    dcr_walk_free(w);
}

static void it_can_be_stopped(void **state)
{
    const char *input = ".";
    volatile int stop = 1;
    dcr_walk *w;
    dcr_err err = {0};
    (void)state;
    put("f", "x");
    assert_int_equal(
        dcr_walk_open(&w, &input, 1, &(dcr_walk_options){.stop = &stop}, &err),
        DCR_EINTERRUPTED);
    assert_null(w);
}

static unsigned open_fds(void)
{
    unsigned n = 0;
    for (int fd = 0; fd < 256; fd++)
        n += fcntl(fd, F_GETFD) >= 0;
    return n;
}

static void memory_may_fail_anywhere(void **state)
{
    const char *input = ".";
    unsigned before = open_fds();
    (void)state;
    mkdir("d", 0755);
    mkdir("d/e", 0755);
    put("d/e/f", "x");
    for (long k = 0;; k++) {
        dcr_walk *w;
        dcr_err err = {0};
        dcr_status s;
        dcr_alloc_fail_after(k);
        s = dcr_walk_open(&w, &input, 1, NULL, &err);
        if (s == DCR_OK)
            dcr_walk_free(w);
        dcr_alloc_fail_after(k);
        if (dcr_walk_list(&w, &input, 1, NULL, NULL) == DCR_OK)
            dcr_walk_free(w);
        dcr_alloc_fail_after(-1);
        assert_int_equal(open_fds(), before);
        if (s == DCR_OK)
            break;
        assert_int_equal(s, DCR_ENOMEM);
        assert_true(k < 100);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(order_is_that_of_bytes),
        TEST(links_and_specials_are_accounted),
        TEST(a_link_that_is_named_is_followed),
        TEST(inputs_that_overlap_are_listed_once),
        TEST(facts_are_those_of_stat),
        TEST(names_are_bytes),
        TEST(a_folder_that_may_not_be_listed_is_told),
        TEST(what_is_not_there_is_an_error),
        TEST(an_empty_tree_and_no_input),
        TEST(depth_has_no_end),
        TEST(a_list_is_sorted_and_cleaned),
        TEST(a_list_names_no_folder_alone),
        TEST(what_the_run_writes_is_left_out),
        TEST(it_can_be_stopped),
        TEST(memory_may_fail_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
