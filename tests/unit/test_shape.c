/* Documents from outside against the schema of reports. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdbool.h>

#include "format_scene.h"
#include "format_spoil.h"

static void says(json_t *j, const char *want)
{
    dcr_err err = {0};
    assert_int_equal(dcr_report_check(j, &err), DCR_EARG);
    assert_string_equal(err.text, want);
    json_decref(j);
}

static void test_good(void **state)
{
    json_t *j = sample();
    dcr_err err = {0};
    (void)state;
    if (dcr_report_check(j, &err) != DCR_OK)
        fail_msg("%s", err.text);
    json_object_set_new(j, "of_the_future", json_true()); /* is let be */
    assert_int_equal(dcr_report_check(j, &err), DCR_OK);
    json_decref(j);
}

static void test_bad(void **state)
{
    json_t *j = sample(), *c;
    (void)state;
    json_object_del(j, "verdict");
    says(j, "the document lacks verdict");
    j = sample();
    json_object_set_new(j, "findings", json_integer(7));
    says(j, "findings is not of type array");
    j = sample();
    c = json_array_get(json_object_get(json_object_get(j, "verdict"), "criteria"), 2);
    json_object_set_new(c, "title", json_null());
    says(j, "verdict.criteria[2].title is not of type string");
    j = sample();
    c = json_array_get(json_object_get(json_object_get(j, "verdict"), "criteria"), 2);
    json_object_set_new(c, "result", json_string("a patient's name"));
    says(j, "verdict.criteria[2].result is none of the words there are for it");
    j = sample();
    json_object_set_new(json_object_get(j, "dataset"), "files", json_integer(-1));
    says(j, "dataset.files is too small");
    says(json_array(), "the document is not of type object");
}

/* Names and values of the document never show. */
static void test_private(void **state)
{
    json_t *j = sample(), *lib = json_object();
    (void)state;
    json_object_set_new(lib, "Doe^Jane", json_integer(1));
    json_object_set_new(json_object_get(j, "tool"), "libraries", lib);
    says(j, "tool.libraries.* is not of type string");
}

/* Whatever a document is made of: refused with a place, or rendered. */
static void refuse_or_render(const json_t *j, size_t *refused)
{
    dcr_err err = {0};
    if (dcr_report_check(j, &err) != DCR_OK) {
        assert_int_equal(err.code, DCR_EARG);
        assert_true(strlen(err.text) > 10);
        ++*refused;
        return;
    }
    for (size_t i = 0; dcr_formats()[i] != NULL; i++) {
        FILE *f = fopen("/dev/null", "w");
        assert_int_equal(dcr_format_write(dcr_formats()[i], j, &(dcr_render){0}, f, &err),
                         DCR_OK);
        fclose(f);
    }
}

static void test_spoiled(void **state)
{
    size_t refused = 0;
    (void)state;
    for (int round = 0; round < 200; round++) {
        json_t *j = sample();
        for (uint32_t i = 0, times = 1 + any(2); i < times; i++)
            spoil(j);
        refuse_or_render(j, &refused);
        json_decref(j);
    }
    assert_true(refused > 50 && refused < 200);
}

/* Bytes changed in the text; most are no JSON any more. */
static void test_mutated(void **state)
{
    static const char bytes[] = "0123456789{}[]\",:-.eEtfnaul\\ ";
    json_t *j = sample();
    char *good = json_dumps(j, JSON_COMPACT);
    size_t n = strlen(good), refused = 0, parsed = 0;
    char *text = malloc(n + 1);
    (void)state;
    json_decref(j);
    assert_non_null(text);
    for (int round = 0; round < 400; round++) {
        memcpy(text, good, n + 1);
        text[any((uint32_t)n)] = bytes[any(sizeof bytes - 1)];
        j = json_loads(text, 0, NULL);
        parsed += j != NULL;
        if (j != NULL)
            refuse_or_render(j, &refused);
        json_decref(j);
    }
    assert_true(parsed > 100 && refused > 10);
    free(text);
    free(good);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),    cmocka_unit_test(test_bad),
        cmocka_unit_test(test_private), cmocka_unit_test(test_spoiled),
        cmocka_unit_test(test_mutated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
