/* A gate and what it looks at, put together by a test; project and policy files written
 * to a folder of its own. */
#ifndef DCR_TEST_GATE_SCENE_H
#define DCR_TEST_GATE_SCENE_H

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "dcmrisk/dcmrisk.h"

static char folder[256], file[300];
static dcr_rules *rules;

static inline int enter(void **state)
{
    const char *tmp = getenv("TMPDIR");
    dcr_err err = {0};
    (void)state;
    snprintf(folder, sizeof folder, "%s/dcmrisk-gate.XXXXXX", tmp == NULL ? "/tmp" : tmp);
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(file, sizeof file, "%s/some.json", folder);
    return dcr_rules_load(&rules, NULL, &err) == DCR_OK ? 0 : -1;
}

static inline int leave(void **state)
{
    (void)state;
    unlink(file);
    dcr_rules_free(rules);
    return rmdir(folder);
}

static inline void write_file(const char *text)
{
    FILE *f = fopen(file, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

/* ---- a gate and what it looks at ---- */

enum { MOST = 4000 };

typedef struct scene {
    dcr_model model;
    dcr_findings findings;
    dcr_pixels pixels;
    dcr_project *project;
    dcr_policy *policy;
    dcr_risk gated, collaborating, two_exams;
    dcr_gate_input in;
    dcr_gate gate;
} scene;

static scene s;
static uint32_t k[MOST], k_low[MOST], k_site[MOST], k_two[MOST];
static double exam[MOST];

static inline void risk(dcr_risk *r, const uint32_t *of, uint32_t n)
{
    memset(r, 0, sizeof *r);
    r->view = "any_exam";
    r->applies = true;
    r->note = "";
    r->n_subjects = n;
    r->k = of;
    r->k_low = of;
    r->exam = exam;
}

/* n subjects, each hidden among `crowd`; nothing else is wrong. */
static inline void begin(uint32_t n, uint32_t crowd)
{
    memset(&s, 0, sizeof s);
    s.model.rules = rules;
    s.model.data.files = 10;
    s.model.data.complete = true;
    s.model.n_subjects = n;
    for (uint32_t i = 0; i < MOST; i++)
        k[i] = k_low[i] = k_site[i] = k_two[i] = crowd;
    risk(&s.gated, k, n);
    s.gated.k_low = k_low;
    risk(&s.collaborating, k_site, n);
    risk(&s.two_exams, k_two, n);
    s.in.model = &s.model;
    s.in.findings = &s.findings;
    s.in.pixels = &s.pixels;
    s.in.gated = &s.gated;
    s.in.collaborating = &s.collaborating;
    s.in.two_exams = &s.two_exams;
    s.in.today = 20261001;
}

static inline void end(void)
{
    dcr_gate_clear(&s.gate);
    dcr_policy_free(s.policy);
    dcr_project_free(s.project);
    s.policy = NULL;
    s.project = NULL;
}

/* Loads a project (NULL: none) and a policy by name, or from text that starts with '{'.
 */
static inline bool load(const char *project, const char *policy)
{
    dcr_err err = {0};
    bool fell_back = false;
    if (project != NULL)
        write_file(project);
    if (dcr_project_load(&s.project, project == NULL ? NULL : file, &err) != DCR_OK)
        fail_msg("%s", err.text);
    if (*policy == '{')
        write_file(policy);
    if (dcr_policy_load(&s.policy, rules, *policy == '{' ? file : policy, s.project,
                        &fell_back, &err) != DCR_OK)
        fail_msg("%s", err.text);
    s.in.project = s.project;
    return fell_back;
}

static inline void run(void)
{
    dcr_err err = {0};
    dcr_gate_clear(&s.gate);
    if (dcr_gate_run(&s.gate, s.policy, &s.in, &err) != DCR_OK)
        fail_msg("%s", err.text);
}

static inline const json_t *criterion(const char *id)
{
    const json_t *c;
    size_t i;
    json_array_foreach(s.gate.criteria, i, c)
    {
        if (strcmp(json_string_value(json_object_get(c, "id")), id) == 0)
            return c;
    }
    fail_msg("no criterion %s", id);
    return NULL;
}

static inline const char *text_of(const char *id, const char *key)
{
    return json_string_value(json_object_get(criterion(id), key));
}

static inline void expect(const char *id, const char *result, const char *overall)
{
    assert_string_equal(text_of(id, "result"), result);
    assert_string_equal(s.gate.result, overall);
}

static inline void expect_numbers(const char *id, json_int_t found, json_int_t limit)
{
    assert_int_equal(json_integer_value(json_object_get(criterion(id), "found")), found);
    assert_int_equal(json_integer_value(json_object_get(criterion(id), "limit")), limit);
}

#define CONTROLS                                                                         \
    "\"controls\": {\"statement\": \"locked room\", \"signed_by\": \"A. Person\", "      \
    "\"date\": \"2026-02-28\"}"
#define PROJECT(more) "{\"schema\": \"dcmrisk-project/1\", " CONTROLS more "}"

#endif
