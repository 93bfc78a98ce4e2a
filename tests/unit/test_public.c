/* The public edition: every key of the schema is decided on, and nothing small is given
 * back, whoever knows how it is made. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "embed.h"
#include "public.h"

/* ---- helpers ---- */

static json_t *embedded(const char *name)
{
    const dcr_embed *e = dcr_embed_find(name);
    json_t *j;
    assert_non_null(e);
    j = json_loadb(e->begin, (size_t)(e->end - e->begin), JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(j);
    return j;
}

typedef struct walk { /* through the schema, beside the table */
    const json_t *schema, *keys;
    json_t *met; /* keys of the table that the schema has */
    int undecided;
} walk;

static const json_t *referred(const walk *w, const json_t *node)
{
    const char *to = json_string_value(json_object_get(node, "$ref"));
    const json_t *defs = json_object_get(w->schema, "$defs");
    return to == NULL ? node : json_object_get(defs, strrchr(to, '/') + 1);
}

static bool is_one_of(const char *word, const char *const *list)
{
    for (; *list != NULL; list++)
        if (strcmp(*list, word) == 0)
            return true;
    return false;
}

static void look_below(walk *w, const json_t *node, const char *path);

/* A key: decided on, and if what is below it is decided one by one, that is too. */
static void look_at(walk *w, const json_t *node, const char *path)
{
    static const char *const further[] = {"in", "list", "table", NULL};
    const char *action = json_string_value(json_object_get(w->keys, path));
    if (action == NULL) {
        print_error("not decided on: %s\n", path);
        w->undecided++;
        return;
    }
    json_object_set_new(w->met, path, json_true());
    if (is_one_of(action, further))
        look_below(w, node, path);
}

static void look_below(walk *w, const json_t *node, const char *path)
{
    const json_t *n = referred(w, node);
    const json_t *items = json_object_get(n, "items"),
                 *any = json_object_get(n, "additionalProperties");
    json_t *properties = json_object_get(n, "properties"), *p;
    const char *key, *between = *path == '\0' ? "" : "/";
    char own[512];
    json_object_foreach(properties, key, p)
    {
        snprintf(own, sizeof own, "%s%s%s", path, between, key);
        look_at(w, p, own);
    }
    snprintf(own, sizeof own, "%s%s*", path, between);
    if (json_is_object(any))
        look_at(w, any, own);
    snprintf(own, sizeof own, "%s[]", path);
    if (items != NULL && json_object_get(referred(w, items), "properties") != NULL)
        look_below(w, items, own);
    else if (items != NULL)
        look_at(w, items, own);
}

static void test_every_key_is_decided(void **state)
{
    json_t *schema = embedded("reports/report.schema.json"),
           *table = embedded("reports/public.json"), *action;
    walk w = {
        .schema = schema, .keys = json_object_get(table, "keys"), .met = json_object()};
    const char *key;
    (void)state;
    look_below(&w, schema, "");
    assert_int_equal(w.undecided, 0);
    json_object_foreach((json_t *)(uintptr_t)w.keys, key, action)
    {
        const char *word = json_string_value(action);
        size_t n = strcspn(word, "!?");
        static const char *const others[] = {"in",         "list", "table", "cells",
                                             "cells_note", "drop", NULL};
        if (json_object_get(w.met, key) == NULL)
            fail_msg("%s is no key of the schema", key);
        if (dcr_action_find(word, n) == NULL && !is_one_of(word, others))
            fail_msg("%s: no action %s", key, word);
        if (word[n] != '\0' && word[n + 1] != '\0')
            fail_msg("%s: %s", key, word);
    }
    json_decref(w.met);
    json_decref(schema);
    json_decref(table);
}

/* ---- counts ---- */

typedef struct range {
    uint64_t lo, hi;
    bool any;
} range;

static void widen(range *r, uint64_t n)
{
    r->lo = !r->any || n < r->lo ? n : r->lo;
    r->hi = !r->any || n > r->hi ? n : r->hi;
    r->any = true;
}

/* A number of patients is protected when nobody can be meant, or k and more, or if the
 * numbers that are possible are as many as "fewer than k" leaves: 1 to k-1. */
static bool is_protected(const range *r, uint64_t k)
{
    return r->hi == 0 || r->hi >= k || r->hi - r->lo + 1 >= k - 1;
}

static uint64_t told_as(const dcr_public_scale *s, uint64_t n)
{
    uint64_t out;
    return dcr_public_count(s, n, &out) ? out : UINT64_MAX;
}

/* All pairs a <= b <= N that look alike: what may a, b, N - a and b - a be? */
static void pairs(uint64_t k, uint64_t all)
{
    const dcr_public_scale s = {k, all >= k ? all : 0};
    for (uint64_t b = 0; b <= all; b++)
        for (uint64_t a = 0; a <= b; a++) {
            range part = {0}, between = {0}, rest = {0};
            uint64_t ta = told_as(&s, a), tb = told_as(&s, b);
            for (uint64_t y = 0; y <= all; y++)
                for (uint64_t x = 0; x <= y && told_as(&s, y) == tb; x++)
                    if (told_as(&s, x) == ta) {
                        widen(&part, x);
                        widen(&between, y - x);
                        widen(&rest, all - x);
                    }
            if (!is_protected(&part, k) || !is_protected(&between, k) ||
                !is_protected(&rest, k))
                fail_msg("k %llu, N %llu: %llu of %llu", (unsigned long long)k,
                         (unsigned long long)all, (unsigned long long)a,
                         (unsigned long long)b);
        }
}

static void test_counts_and_differences(void **state)
{
    (void)state;
    for (uint64_t k = 2; k <= 6; k++)
        for (uint64_t all = k; all <= 4 * k + 3; all++)
            pairs(k, all);
    pairs(11, 34);
}

static void test_counts(void **state)
{
    static const struct {
        uint64_t k, all, n, told; /* 0: nothing is */
    } cases[] = {
        {11, 61, 0, 0},   {11, 61, 10, 0},     {11, 61, 11, 11}, {11, 61, 21, 11},
        {11, 61, 50, 44}, {11, 61, 51, 44},    {11, 61, 60, 44}, {11, 61, 61, 61},
        {11, 10, 10, 0},  {11, 20, 19, 0},     {11, 21, 20, 11}, {11, 61, 100, 99},
        {1, 3, 1, 1},     {5, 1000, 499, 495},
    };
    static const struct {
        uint64_t n, told;
    } studies[] = {{61, 61}, {62, 0}, {71, 0}, {72, 0}, {76, 0}, {77, 77}, {86, 77}};
    uint64_t out;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const dcr_public_scale s = {cases[i].k,
                                    cases[i].all >= cases[i].k ? cases[i].all : 0};
        bool told = dcr_public_count(&s, cases[i].n, &out);
        assert_int_equal(told ? out : 0, cases[i].told);
        if (told) { /* told again it is the same */
            assert_true(dcr_public_count(&s, out, &out));
            assert_int_equal(out, cases[i].told);
        }
    }
    for (size_t i = 0; i < sizeof studies / sizeof *studies; i++) {
        const dcr_public_scale s = {11, 61};
        bool told = dcr_public_exams(&s, studies[i].n, &out);
        assert_int_equal(told ? out : 0, studies[i].told);
        assert_true(!told || (dcr_public_exams(&s, out, &out) && out == studies[i].told));
    }
}

/* ---- tables ---- */

enum { CELLS = 3, MOST = 600 };

typedef struct filled { /* a table, and what is told of it */
    uint64_t count[CELLS], told[CELLS];
} filled;

static size_t fill(filled *out, const dcr_public_scale *s, uint64_t all)
{
    size_t n = 0;
    for (uint64_t a = 0; a <= all; a++)
        for (uint64_t b = 0; a + b <= all; b++) {
            filled *f = &out[n++];
            assert_true(n <= MOST);
            f->count[0] = a;
            f->count[1] = b;
            f->count[2] = all - a - b;
            dcr_public_table(s, f->count, f->told, CELLS);
        }
    return n;
}

/* What a cell may be to one who knows the total, the rows that are told and how the table
 * is made: the same range as over all tables that look like it.  And the hidden ones
 * together. */
static void looks_like(const filled *all, size_t n, const filled *f, uint64_t k)
{
    range cell[CELLS] = {{0}}, hidden = {0};
    for (size_t i = 0; i < n; i++) {
        uint64_t sum = 0;
        if (memcmp(all[i].told, f->told, sizeof f->told) != 0)
            continue;
        for (size_t c = 0; c < CELLS; c++) {
            widen(&cell[c], all[i].count[c]);
            sum += f->told[c] == 0 ? all[i].count[c] : 0;
        }
        widen(&hidden, sum);
    }
    for (size_t c = 0; c < CELLS; c++)
        if (!is_protected(&cell[c], k))
            fail_msg("k %llu: %llu %llu %llu: cell %zu is %llu to %llu",
                     (unsigned long long)k, (unsigned long long)f->count[0],
                     (unsigned long long)f->count[1], (unsigned long long)f->count[2], c,
                     (unsigned long long)cell[c].lo, (unsigned long long)cell[c].hi);
    if (!is_protected(&hidden, k))
        fail_msg("k %llu: %llu %llu %llu: %llu to %llu are hidden", (unsigned long long)k,
                 (unsigned long long)f->count[0], (unsigned long long)f->count[1],
                 (unsigned long long)f->count[2], (unsigned long long)hidden.lo,
                 (unsigned long long)hidden.hi);
}

static void test_tables(void **state)
{
    filled *all = dcr_alloc(MOST, sizeof *all);
    (void)state;
    assert_non_null(all);
    for (uint64_t k = 2; k <= 7; k++)
        for (uint64_t people = k; people <= 30; people++) {
            const dcr_public_scale s = {k, people};
            size_t n = fill(all, &s, people);
            for (size_t i = 0; i < n; i++)
                looks_like(all, n, &all[i], k);
        }
    dcr_free(all);
}

/* ---- the document ---- */

static dcr_rules *rules(void)
{
    dcr_rules *r = NULL;
    dcr_err err = {0};
    assert_int_equal(dcr_rules_load(&r, NULL, &err), DCR_OK);
    return r;
}

static json_t *parsed(const char *text)
{
    json_t *j = json_loads(text, 0, NULL);
    assert_non_null(j);
    return j;
}

static const char document[] =
    "{\"schema\": \"dcmrisk-report/1\", \"new\": 3, \"policy\": {\"k\": 11, \"new\": 1},"
    " \"project\": {\"title\": \"St. Elsewhere\"},"
    " \"inputs\": [\"/home/x\"], \"run\": {\"time\": null, \"options\": {\"x\": 4}},"
    " \"dataset\": {\"subjects\": 61, \"new\": 2, \"inferred_subjects\": 3},"
    " \"coverage\": {\"reasons\": [{\"reason\": \"cut\", \"files\": 2, \"names\": "
    "[\"a\"]}"
    ", {\"reason\": \"empty\", \"files\": 30, \"names\": [\"b\"], \"examples\": [7]}]},"
    " \"attributes\": [{\"path\": \"0010,0040\", \"subjects\": 60, \"shape\": \"A\"},"
    " {\"path\": \"0029,xx10{JOHN DOE}\", \"subjects\": 61},"
    " {\"path\": \"0029,xx10{SIEMENS CSA HEADER}\", \"subjects\": 61},"
    " {\"path\": \"0008,0018~2\", \"subjects\": 61},"
    " {\"path\": \"0010,1010\", \"subjects\": 4}],"
    " \"adversaries\": [{\"knows\": [{\"concept\": \"sex\"}, {\"concept\": \"table/x\"}],"
    "  \"unique_keys\": [{\"concepts\": [\"sex\", \"table/x\"], \"subjects\": 30},"
    "  {\"concepts\": [\"sex\"], \"subjects\": 30}, {\"concepts\": [\"age\"],"
    "  \"subjects\": 3}]}],"
    " \"findings\": [{\"path\": \"0010,0040\", \"subjects\": 3, \"acceptance\": "
    "\"why\"}],"
    " \"limits\": [\"we saw 3 patients\", \"The target is known to be in the release"
    " (prosecutor).\"]}";

static void test_document(void **state)
{
    dcr_rules *r = rules();
    json_t *in = parsed(document), *out = NULL, *again = NULL, *list;
    dcr_err err = {0};
    (void)state;
    assert_int_equal(dcr_report_public(&out, in, r, &err), DCR_OK);
    assert_null(json_object_get(out, "new"));
    assert_null(json_object_get(json_object_get(out, "policy"), "new"));
    assert_null(json_object_get(json_object_get(out, "dataset"), "new"));
    assert_int_equal(json_object_size(json_object_get(out, "project")), 0);
    assert_int_equal(json_array_size(json_object_get(out, "inputs")), 0);
    list = json_object_get(json_object_get(out, "coverage"), "reasons");
    assert_int_equal(json_array_size(list), 1);
    assert_null(json_object_get(json_array_get(list, 0), "names"));
    list = json_object_get(out, "attributes");
    assert_int_equal(json_array_size(list), 2);
    assert_string_equal(
        json_string_value(json_object_get(json_array_get(list, 1), "path")),
        "0029,xx10{SIEMENS CSA HEADER}");
    assert_true(json_is_null(json_object_get(json_array_get(list, 0), "shape")));
    list = json_array_get(json_object_get(out, "adversaries"), 0);
    assert_int_equal(json_array_size(json_object_get(list, "knows")), 1);
    assert_int_equal(json_array_size(json_object_get(list, "unique_keys")), 1);
    list = json_array_get(json_object_get(out, "findings"), 0);
    assert_true(json_is_null(json_object_get(list, "path")));
    assert_string_equal(json_string_value(json_object_get(list, "acceptance")),
                        "accepted");
    assert_int_equal(json_array_size(json_object_get(out, "limits")), 3);
    assert_int_equal(dcr_report_public(&again, out, r, &err), DCR_OK);
    assert_true(json_equal(out, again));
    json_decref(again);
    json_decref(out);
    json_object_del(json_object_get(in, "policy"), "k");
    assert_int_equal(dcr_report_public(&out, in, r, &err), DCR_EARG);
    assert_null(out);
    json_decref(in);
    dcr_rules_free(r);
}

static void test_paths(void **state)
{
    static const struct {
        const char *path;
        bool told;
    } cases[] = {{"0010,0040", true},
                 {"0008,1140/0008,1155", true},
                 {"0029,xx10{SIEMENS CSA HEADER}", true},
                 {"0029,xx10{SIEMENS CSA HEADER}/0010,0010", true},
                 {"0029,xx10{SIEMENS CSA HEADER}:csa/Name", false},
                 {"0029,xx10{AAAAAAA AAA AAAAAA}", false},
                 {"0029,xx10{", false},
                 {"0029,xx10{SIEMENS CSA HEADER}/0009,xx01{JOHN DOE}", false},
                 {"sidecar:csv/PatientID", true},
                 {"sidecar:csv/John Doe", false},
                 {"", false},
                 {"0010,0010~2", false}};
    dcr_rules *r = rules();
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (dcr_public_path(r, cases[i].path) != cases[i].told)
            fail_msg("%s", cases[i].path);
    dcr_rules_free(r);
}

static void test_no_memory(void **state)
{
    dcr_rules *r = rules();
    json_t *in = parsed(document), *out = NULL;
    dcr_err err = {0};
    dcr_status rc = DCR_ENOMEM;
    (void)state;
    for (long n = 0; rc == DCR_ENOMEM && n < 10000; n++) {
        dcr_alloc_fail_after(n);
        rc = dcr_report_public(&out, in, r, &err);
        dcr_alloc_fail_after(-1);
        assert_true(rc == DCR_OK || (rc == DCR_ENOMEM && out == NULL));
    }
    assert_int_equal(rc, DCR_OK);
    json_decref(out);
    json_decref(in);
    dcr_rules_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_key_is_decided),
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_counts_and_differences),
        cmocka_unit_test(test_tables),
        cmocka_unit_test(test_document),
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
