/* The project file: the controller's word, kept apart from what was measured. */
#include "project.h"

#include <string.h>

#include "alloc.h"
#include "json_text.h"
#include "num.h"

struct dcr_project {
    json_t *json; /* owned */
    dcr_acceptance *acceptance;
    size_t n_acceptances;
};

static const char *const keys[] = {
    "schema",    "title",    "requester",  "protocol",   "purposes",  "lawful_basis",
    "article_9", "roles",    "recipients", "transfers",  "retention", "linkage_table",
    "claim",     "sign_off", "controls",   "population", "purpose",   "reviews",
    "accept",    "note",     NULL};
static const char *const accept_keys[] = {
    "id",      "rule",    "path",          "ceiling",     "reason",       "who",
    "expires", "purpose", "justification", "legal_basis", "compensating", "approved",
    "created", NULL};

/* The last day of a month YYYYMM; 0 when there is no such month. */
static uint64_t last_day(uint64_t month)
{
    static const uint8_t days[] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    uint64_t y = month / 100, m = month % 100;
    bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
    return m > 12 ? 0 : days[m] + (uint64_t)(m == 2 && leap);
}

/* YYYY-MM-DD as a number; 0 when it is not one. */
static uint32_t day_of(const char *s)
{
    char d[9];
    uint64_t v = 0;
    if (strlen(s) != 10 || s[4] != '-' || s[7] != '-')
        return 0;
    memcpy(d, s, 4);
    memcpy(d + 4, s + 5, 2);
    memcpy(d + 6, s + 8, 2);
    d[8] = '\0';
    if (!dcr_num_u64(d, 10000101, 99991231, &v) || v % 100 < 1 ||
        v % 100 > last_day(v / 100))
        return 0;
    return (uint32_t)v;
}

static dcr_status read_acceptance(dcr_acceptance *a, const json_t *j, const char *name,
                                  dcr_err *err)
{
    const json_t *ceiling = json_object_get(j, "ceiling");
    const json_t *path = json_object_get(j, "path"), *id = json_object_get(j, "id");
    dcr_status rc = dcr_json_only(j, accept_keys, name, err);
    if (rc != DCR_OK)
        return rc;
    a->id = dcr_json_text(j, "id");
    a->rule = dcr_json_text(j, "rule");
    a->path = dcr_json_text(j, "path");
    a->expires = day_of(dcr_json_text(j, "expires"));
    a->ceiling = ceiling == NULL ? UINT64_MAX : (uint64_t)json_integer_value(ceiling);
    if (*a->rule == '\0' || *dcr_json_text(j, "reason") == '\0' ||
        *dcr_json_text(j, "who") == '\0')
        return dcr_fail(err, DCR_ERULES, name,
                        "an acceptance needs rule, reason, who and expires");
    if (a->expires == 0)
        return dcr_fail(err, DCR_ERULES, name,
                        "an acceptance needs expires as YYYY-MM-DD");
    if (ceiling != NULL && (!json_is_integer(ceiling) || json_integer_value(ceiling) < 0))
        return dcr_fail(err, DCR_ERULES, name, "ceiling is a number of patients");
    /* A path that is no text would otherwise stand for any path. */
    if ((path != NULL && !json_is_string(path)) || (id != NULL && !json_is_string(id)))
        return dcr_fail(err, DCR_ERULES, name, "id and path of an acceptance are text");
    return DCR_OK;
}

static dcr_status read_project(dcr_project *p, const char *path, dcr_err *err)
{
    const json_t *list;
    dcr_status rc;
    p->json = dcr_json_read_file(path, err);
    if (p->json == NULL)
        return err != NULL && err->code != DCR_OK ? err->code : DCR_ERULES;
    rc = dcr_json_only(p->json, keys, path, err);
    if (rc == DCR_OK &&
        strcmp(dcr_json_text(p->json, "schema"), "dcmrisk-project/1") != 0)
        rc = dcr_fail(err, DCR_ERULES, path, "schema must be \"dcmrisk-project/1\"");
    list = json_object_get(p->json, "accept");
    if (rc == DCR_OK && list != NULL && !json_is_array(list))
        rc = dcr_fail(err, DCR_ERULES, path, "accept is a list");
    if (rc != DCR_OK)
        return rc;
    p->acceptance = dcr_alloc(json_array_size(list), sizeof *p->acceptance);
    if (p->acceptance == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; i < json_array_size(list) && rc == DCR_OK; i++)
        rc = read_acceptance(&p->acceptance[p->n_acceptances++], json_array_get(list, i),
                             path, err);
    return rc;
}

dcr_status dcr_project_load(dcr_project **out, const char *path, dcr_err *err)
{
    dcr_project *p = dcr_alloc(1, sizeof *p);
    dcr_status rc = DCR_OK;
    *out = NULL;
    if (p == NULL)
        return dcr_nomem(err);
    if (path != NULL)
        rc = read_project(p, path, err);
    else if ((p->json = json_object()) == NULL)
        rc = dcr_nomem(err);
    if (rc != DCR_OK)
        dcr_project_free(p);
    else
        *out = p;
    return rc;
}

void dcr_project_free(dcr_project *p)
{
    if (p == NULL)
        return;
    json_decref(p->json);
    dcr_free(p->acceptance);
    dcr_free(p);
}

const json_t *dcr_project_json(const dcr_project *p)
{
    return p->json;
}

bool dcr_project_has_controls(const dcr_project *p)
{
    const json_t *c = json_object_get(p->json, "controls");
    return *dcr_json_text(c, "statement") != '\0' &&
           *dcr_json_text(c, "signed_by") != '\0' &&
           day_of(dcr_json_text(c, "date")) != 0;
}

const char *dcr_project_purpose(const dcr_project *p, const char *path)
{
    return json_string_value(json_object_get(json_object_get(p->json, "purpose"), path));
}

dcr_acceptance *dcr_project_acceptances(const dcr_project *p, size_t *n)
{
    *n = p->n_acceptances;
    return p->acceptance;
}

bool dcr_project_pixels_reviewed(const dcr_project *p)
{
    const json_t *r = json_object_get(json_object_get(p->json, "reviews"), "pixels");
    return strcmp(dcr_json_text(r, "result"), "clear") == 0 &&
           *dcr_json_text(r, "who") != '\0' && day_of(dcr_json_text(r, "when")) != 0;
}
