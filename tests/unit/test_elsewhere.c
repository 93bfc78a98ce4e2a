/* Identifiers in other places and in names of files: what counts, how many, and that
 * chance and order change nothing.  Examples of each rule stand in its file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "buf.h"
#include "dcmrisk/rules.h"
#include "example.h"
#include "tokens.h"

static dcr_rules *rules;
static const dcr_rule_file here = {"test", "", 0};

static int setup(void **state)
{
    dcr_err err = {0};
    (void)state;
    return dcr_rules_load(&rules, NULL, &err) == DCR_OK ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    dcr_rules_free(rules);
    return 0;
}

static void build(dcr_example *e, const char *text)
{
    dcr_err err = {0};
    json_error_t je;
    json_t *j = json_loads(text, 0, &je);
    if (j == NULL)
        fail_msg("%s", je.text);
    if (dcr_example_build(e, rules, &here, j, &err) != DCR_OK)
        fail_msg("%s", err.text);
    json_decref(j);
}

static dcr_status judge(dcr_findings *f, const dcr_example *e)
{
    dcr_err err = {0};
    dcr_evidence ev = {.model = &e->model, .paths = e->names == NULL ? NULL : &e->paths};
    return dcr_rules_check(f, rules, &ev, &err);
}

static const dcr_finding *find(const dcr_findings *f, const char *rule)
{
    for (size_t i = 0; i < f->n; i++)
        if (strcmp(f->list[i].rule, rule) == 0)
            return &f->list[i];
    return NULL;
}

/* ---- folding: values of the Unicode character database, by hand ---- */

static void test_fold(void **state)
{
    static const char *const pairs[][2] = {
        {"M\xC3\xBCLLER", "muLLER"}, /* only ASCII is made small by itself */
        {"\xC3\x89mile", "emile"},
        {"\xC5\x81ukasz", "lukasz"},
        {"\xC3\x9F", "ss"},
        {"\xC3\x98re", "ore"},
        {"\xC5\xBB", "z"},
        {"\xC4\xB0", "i"},
        {"\xC3\x97", "."},
        {"\xE5\xB1\xB1", "\xE5\xB1\xB1"},
        {"\xC3", "\xC3"},
        {"", ""}};
    uint8_t out[64];
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        size_t n = dcr_fold((const uint8_t *)pairs[i][0], strlen(pairs[i][0]), out);
        char want[64];
        size_t k = strlen(pairs[i][1]);
        for (size_t c = 0; c <= k; c++)
            want[c] = pairs[i][1][c] >= 'A' && pairs[i][1][c] <= 'Z'
                          ? (char)(pairs[i][1][c] + 32)
                          : pairs[i][1][c];
        assert_int_equal(n, k);
        assert_memory_equal(out, want, k);
    }
}

/* ---- against brute force ---- */

static uint64_t seed = 88172645463325252u;

static unsigned draw(unsigned n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (unsigned)(seed % n);
}

/* Words of two letters make many that are alike. */
static void random_word(char *w, unsigned letters)
{
    for (unsigned i = 0; i < letters; i++)
        w[i] = "qk"[draw(2)];
    w[letters] = '\0';
}

typedef struct hits {
    const dcr_tokens *t;
    dcr_buf text;
} hits;

static void hit(void *ctx, uint32_t token, bool word)
{
    hits *h = ctx;
    const dcr_token *k = dcr_tokens_get(h->t, token);
    (void)word;
    dcr_buf_add(&h->text, k->p, k->n);
    dcr_buf_char(&h->text, ' ');
}

/* All runs of the text and all runs of up to four with single blanks between them, in
 * the order they begin: each that is a name or a pair of names counts. */
static void brute(const char *const *names, size_t n, char *const *words, size_t n_words,
                  dcr_buf *out)
{
    for (size_t i = 0; i < n_words; i++) {
        char run[64] = "";
        for (size_t k = i; k < n_words && k < i + 4; k++) {
            strcat(run, words[k]); /* lint: ok, words are of six letters */
            for (size_t a = 0; a < n; a++)
                if (strcmp(names[a], run) == 0) {
                    dcr_buf_str(out, run);
                    dcr_buf_char(out, ' ');
                    break;
                }
        }
    }
}

static void test_brute_force(void **state)
{
    (void)state;
    for (int round = 0; round < 300; round++) {
        char family[8], given[8], pair[2][20], word[40][8], text[400] = "", json[300];
        const char *names[4] = {family, given, pair[0], pair[1]};
        char *words[40];
        hits h = {NULL, {0}};
        dcr_buf want = {0};
        dcr_tokens *t = NULL;
        dcr_example e;
        random_word(family, 4 + draw(2));
        random_word(given, 4);
        snprintf(pair[0], sizeof pair[0], "%s%s", family, given);
        snprintf(pair[1], sizeof pair[1], "%s%s", given, family);
        for (size_t i = 0; i < 40; i++) {
            random_word(word[i], 3 + draw(4));
            words[i] = word[i];
            snprintf(text + strlen(text), sizeof text - strlen(text), "%s ", word[i]);
        }
        snprintf(json, sizeof json,
                 "{\"path\": \"0010,0010\", \"vr\": \"PN\", \"values\": [\"%s^%s\"]}",
                 family, given);
        build(&e, json);
        assert_int_equal(dcr_tokens_build(&t, rules, &e.model, NULL), DCR_OK);
        h.t = t;
        dcr_tokens_scan(t, (const uint8_t *)text, strlen(text), false, hit, &h);
        brute(names, 4, words, 40, &want);
        assert_string_equal(h.text.p == NULL ? "" : h.text.p,
                            want.p == NULL ? "" : want.p);
        dcr_buf_clear(&h.text);
        dcr_buf_clear(&want);
        dcr_tokens_free(t);
        dcr_example_clear(&e);
    }
}

/* ---- counts ---- */

#define NAMES                                                                            \
    "{\"path\": \"0010,0020\", \"vr\": \"LO\", \"values\": [\"P1\", \"P2\", \"P3\"]},"   \
    "{\"path\": \"0010,0010\", \"vr\": \"PN\", \"values\": [\"Eulenfeld^Mira\", "        \
    "\"Tannhuber^Jost\", \"Storchwald^Ilse\"]}"

static void test_elsewhere_counts(void **state)
{
    dcr_findings f;
    dcr_example e;
    const dcr_finding *x;
    (void)state;
    /* two patients' own names, one text without; somebody else's name counts as well */
    build(&e, "{\"attrs\": [" NAMES
              ", {\"path\": \"0020,4000\", \"vr\": \"LT\", \"values\": [\"Eulenfeld\", "
              "\"TANNHUBER twice: Tannhuber\", \"see Eulenfeld, too\"]}]}");
    assert_int_equal(judge(&f, &e), DCR_OK);
    x = find(&f, "identifier-elsewhere");
    assert_non_null(x);
    assert_int_equal(x->subjects, 3);
    assert_int_equal(x->files, 3);
    assert_int_equal(x->severity, DCR_CRITICAL);
    assert_string_equal(x->gate, "direct-identifiers");
    assert_null(strchr(x->shape, 'E')); /* a length, for few have it */
    dcr_findings_clear(&f);
    dcr_example_clear(&e);
    /* nobody's files: no patient is counted, and the finding is there */
    build(&e, "{\"attrs\": [" NAMES
              ", {\"path\": \"sidecar:csv/who\", \"vr\": \"LO\", \"values\": "
              "[{\"value\": \"Tannhuber\", \"subjects\": 0}]}]}");
    assert_int_equal(judge(&f, &e), DCR_OK);
    x = find(&f, "identifier-elsewhere");
    assert_non_null(x);
    assert_int_equal(x->subjects, 0);
    assert_int_equal(x->files, 1);
    dcr_findings_clear(&f);
    dcr_example_clear(&e);
}

static void path_findings(const char *paths, const char *rule, uint32_t subjects,
                          uint64_t files)
{
    dcr_buf b = {0};
    dcr_findings f;
    dcr_example e;
    const dcr_finding *x;
    dcr_buf_fmt(&b, "{\"attrs\": [%s], \"paths\": [%s]}", NAMES, paths);
    build(&e, b.p);
    assert_int_equal(judge(&f, &e), DCR_OK);
    x = find(&f, rule);
    if (files == 0) {
        assert_null(x);
    } else {
        assert_non_null(x);
        assert_null(x->attr);
        assert_int_equal(x->subjects, subjects);
        assert_int_equal(x->files, files);
    }
    dcr_findings_clear(&f);
    dcr_example_clear(&e);
    dcr_buf_clear(&b);
}

#define AT(path, s) "{\"path\": \"" path "\", \"subject\": " #s "}"

static void test_path_counts(void **state)
{
    static const char a[] = AT("eulenfeld/1", 0) "," AT("eulenfeld/2", 0) ",";
    static const char b[] = AT("x/tannhuber-jost-1", 1) "," AT("0003/1", 2);
    char ab[400], ba[400];
    (void)state;
    /* family and pair stand in one name: it is one file; order changes nothing */
    snprintf(ab, sizeof ab, "%s%s", a, b);
    snprintf(ba, sizeof ba, "%s,%s", b, AT("eulenfeld/2", 0) "," AT("eulenfeld/1", 0));
    path_findings(ab, "identifier-in-path", 2, 3);
    path_findings(ba, "identifier-in-path", 2, 3);
    /* folders that come back after another one */
    path_findings(AT("eulenfeld/1", 0) "," AT("x/1", 2) "," AT("eulenfeld/2", 0),
                  "identifier-in-path", 1, 2);
    path_findings("\"a/uid_map.csv\", \"b/keys.json\", \"uid_map/x.dcm\"", "mapping-file",
                  0, 2);
    path_findings("\"\", \"/\", \"//\", \".\", \"a//b\"", "identifier-in-path", 0, 0);
    /* what stands with another patient only, and often, is a word */
    path_findings(
        AT("a/storchwald/1", 0) "," AT("a/storchwald/2", 0) "," AT(
            "a/storchwald/3", 1) "," AT("a/storchwald/4", 1) "," AT("a/storchwald/5", 1),
        "identifier-in-path", 0, 0);
}

/* ---- no memory ---- */

static void test_no_memory(void **state)
{
    dcr_status st = DCR_ENOMEM;
    (void)state;
    for (long n = 0; st == DCR_ENOMEM; n++) {
        dcr_findings f = {0};
        dcr_example e;
        build(&e,
              "{\"attrs\": [" NAMES
              ", {\"path\": \"0020,4000\", \"vr\": \"LT\", \"values\": [\"Eulenfeld\"]},"
              "{\"path\": \"sidecar:csv-layout\", \"vr\": \"LO\", \"values\": "
              "[{\"value\": \"old_id\\tnew_id\", \"subjects\": 0}]}],"
              "\"paths\": [" AT("Tannhuber_Jost/20180718/4711883/1.dcm",
                                1) ","
                                   "\"keys.csv\"]}");
        dcr_alloc_fail_after(n);
        st = judge(&f, &e);
        dcr_alloc_fail_after(-1);
        assert_true(st == DCR_OK || st == DCR_ENOMEM);
        if (st == DCR_OK) {
            assert_non_null(find(&f, "identifier-elsewhere"));
            assert_non_null(find(&f, "identifier-in-path"));
            assert_non_null(find(&f, "mapping-file"));
            assert_non_null(find(&f, "mapping-table"));
        }
        dcr_findings_clear(&f);
        dcr_example_clear(&e);
        assert_true(n < 100000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fold),
        cmocka_unit_test(test_brute_force),
        cmocka_unit_test(test_elsewhere_counts),
        cmocka_unit_test(test_path_counts),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
