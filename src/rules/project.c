/* The project file: the controller's word, kept apart from what was measured. */
#include "project.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "json_text.h"
#include "strict.h"

struct dcr_project {
    dcr_arena arena;     /* of the texts of acceptances, and of the file */
    dcr_rule_file file;  /* as read, so that errors found later know their line */
    json_t *json;        /* owned */
    dcr_list accept;     /* of dcr_acceptance */
    dcr_list pictures;   /* of dcr_picture_review */
    dcr_list recipients; /* of dcr_recipient */
    dcr_population_frame population;
};

/* ---- what may stand in it: one line a key ---------------------------------------------
 */

static const char *const claims[] = {"anonymous", "pseudonymous", NULL};
static const char *const designs[] = {"census", "srs", "selected", NULL};
static const char *const project_schemas[] = {"dcmrisk-project/1", NULL};
static const char *const acceptance_schemas[] = {"dcmrisk-acceptance/1", NULL};

#define TEXT(key)                                                                        \
    {                                                                                    \
        .name = key, .kind = DCR_F_TEXT                                                  \
    }
#define PROSE(key)                                                                       \
    {                                                                                    \
        .name = key, .kind = DCR_F_PROSE                                                 \
    }
#define DATE(key)                                                                        \
    {                                                                                    \
        .name = key, .kind = DCR_F_DATE                                                  \
    }
#define FLAG(key)                                                                        \
    {                                                                                    \
        .name = key, .kind = DCR_F_FLAG                                                  \
    }
#define ANY(key)                                                                         \
    {                                                                                    \
        .name = key, .kind = DCR_F_ANY                                                   \
    }
#define END                                                                              \
    {                                                                                    \
        .name = NULL                                                                     \
    }

static const dcr_field accept_fields[] = {
    {.name = "id", .kind = DCR_F_TEXT, .to = DCR_TO(dcr_acceptance, id)},
    {.name = "rule",
     .kind = DCR_F_TEXT,
     .required = true,
     .to = DCR_TO(dcr_acceptance, rule),
     .want = "the id of a rule in double quotes; see dcmrisk rules list"},
    {.name = "path",
     .kind = DCR_F_TEXT,
     .to = DCR_TO(dcr_acceptance, path),
     .want = "an attribute's path in double quotes, as in the report: \"0008,0020\""},
    {.name = "ceiling",
     .kind = DCR_F_WHOLE,
     .to = DCR_TO(dcr_acceptance, ceiling),
     .hi = UINT64_MAX,
     .want = "a number of patients from 0, without quotes"},
    {.name = "reason",
     .kind = DCR_F_TEXT,
     .required = true,
     .want = "text in double quotes that says why this is accepted"},
    {.name = "who",
     .kind = DCR_F_TEXT,
     .required = true,
     .want = "text in double quotes that says who accepts it"},
    {.name = "expires",
     .kind = DCR_F_DATE,
     .required = true,
     .to = DCR_TO(dcr_acceptance, expires)},
    TEXT("purpose"),
    TEXT("justification"),
    TEXT("legal_basis"),
    PROSE("compensating"),
    ANY("approved"),
    {.name = "created", .kind = DCR_F_DATE, .to = DCR_TO(dcr_acceptance, created)},
    TEXT("note"),
    END};

static const dcr_field control_fields[] = {PROSE("statement"), TEXT("signed_by"),
                                           DATE("date"), TEXT("note"), END};

static const dcr_field review_fields[] = {
    TEXT("who"),
    DATE("when"),
    ANY("sample"),
    {.name = "result",
     .kind = DCR_F_TEXT,
     .want = "\"clear\" when nothing was found, else what was"},
    TEXT("note"),
    END};

static const dcr_field picture_fields[] = {
    {.name = "who",
     .kind = DCR_F_TEXT,
     .required = true,
     .want = "text in double quotes that says who looked"},
    {.name = "when", .kind = DCR_F_DATE, .required = true},
    {.name = "sop_class",
     .kind = DCR_F_TEXT,
     .to = DCR_TO(dcr_picture_review, sop_class)},
    {.name = "modality", .kind = DCR_F_TEXT, .to = DCR_TO(dcr_picture_review, modality)},
    {.name = "seen",
     .kind = DCR_F_WHOLE,
     .required = true,
     .to = DCR_TO(dcr_picture_review, seen),
     .lo = 1,
     .hi = UINT64_MAX,
     .want = "the number of images that were looked at, without quotes"},
    {.name = "found",
     .kind = DCR_F_WHOLE,
     .required = true,
     .to = DCR_TO(dcr_picture_review, found),
     .hi = UINT64_MAX,
     .want = "the number of images that showed something, without quotes"},
    TEXT("note"),
    END};

static const dcr_field recipient_fields[] = {
    {.name = "name",
     .kind = DCR_F_TEXT,
     .required = true,
     .to = DCR_TO(dcr_recipient, name)},
    {.name = "policy", .kind = DCR_F_TEXT, .to = DCR_TO(dcr_recipient, policy)},
    {.name = "adversary", .kind = DCR_F_TEXT, .to = DCR_TO(dcr_recipient, adversary)},
    FLAG("external"),
    PROSE("category"),
    PROSE("country"),
    PROSE("safeguard"),
    PROSE("environment"),
    PROSE("decision"),
    PROSE("note"),
    END};

/* What a data protection impact assessment asks and nothing else of the file says: only
 * the annex reads it. */
static const dcr_field screening_fields[] = {PROSE("scoring"),
                                             PROSE("automated_decisions"),
                                             PROSE("monitoring"),
                                             PROSE("sensitive_data"),
                                             PROSE("large_scale"),
                                             PROSE("matching"),
                                             PROSE("vulnerable"),
                                             PROSE("innovative"),
                                             PROSE("rights_blocked"),
                                             PROSE("conclusion"),
                                             END};

static const dcr_field sop_fields[] = {PROSE("reference"),
                                       PROSE("metadata"),
                                       PROSE("private"),
                                       PROSE("pixels"),
                                       PROSE("sign_off"),
                                       PROSE("evidence"),
                                       END};

static const dcr_field dpia_fields[] = {
    TEXT("assessment_number"),
    TEXT("assessment_version"),
    {.name = "screening", .kind = DCR_F_OBJECT, .fields = screening_fields},
    PROSE("data_flow"),
    PROSE("assets"),
    PROSE("codes_of_conduct"),
    PROSE("agreements"),
    PROSE("vendor_reuse"),
    PROSE("transfer_decision"),
    PROSE("compatibility"),
    PROSE("ethics"),
    PROSE("safeguards"),
    PROSE("why_exact"),
    PROSE("why_pseudonymised"),
    PROSE("deletion"),
    PROSE("information"),
    PROSE("rights"),
    PROSE("originals"),
    PROSE("legal_conclusion"),
    PROSE("threshold"),
    PROSE("other_releases"),
    PROSE("harm"),
    PROSE("defacing"),
    PROSE("private_decisions"),
    {.name = "register",
     .kind = DCR_F_MAP,
     .want = "an object of rule to severity and impact, {\"exact-date-kept\": \"...\"}"},
    PROSE("measures"),
    PROSE("prior_consultation"),
    {.name = "sop", .kind = DCR_F_OBJECT, .fields = sop_fields},
    PROSE("dpo_advice"),
    PROSE("data_subjects"),
    PROSE("expert"),
    DATE("review_date"),
    PROSE("review_triggers"),
    PROSE("note"),
    END};

static const dcr_field reviews_fields[] = {
    {.name = "pixels", .kind = DCR_F_OBJECT, .fields = review_fields},
    {.name = "pictures",
     .kind = DCR_F_LIST,
     .fields = picture_fields,
     .size = sizeof(dcr_picture_review),
     .to = DCR_TO(dcr_project, pictures)},
    END};

static const dcr_field population_fields[] = {
    PROSE("frame"),
    PROSE("period"),
    {.name = "design",
     .kind = DCR_F_WORD,
     .words = designs,
     .to = DCR_TO(dcr_project, population.design)},
    {.name = "table", .kind = DCR_F_TEXT, .to = DCR_TO(dcr_project, population.table)},
    {.name = "size",
     .kind = DCR_F_WHOLE,
     .to = DCR_TO(dcr_project, population.size),
     .lo = 1,
     .hi = UINT32_MAX,
     .want = "the number of people in the population, without quotes"},
    TEXT("note"),
    END};

static const dcr_field fields[] = {
    {.name = "schema",
     .kind = DCR_F_WORD,
     .required = true,
     .words = project_schemas,
     .want = "\"dcmrisk-project/1\""},
    TEXT("title"),
    PROSE("requester"),
    PROSE("protocol"),
    PROSE("purposes"),
    PROSE("lawful_basis"),
    PROSE("article_9"),
    ANY("roles"),
    {.name = "recipients",
     .kind = DCR_F_LIST,
     .fields = recipient_fields,
     .size = sizeof(dcr_recipient),
     .to = DCR_TO(dcr_project, recipients)},
    PROSE("transfers"),
    PROSE("retention"),
    PROSE("linkage_table"),
    {.name = "claim", .kind = DCR_F_WORD, .words = claims},
    ANY("sign_off"),
    {.name = "controls", .kind = DCR_F_OBJECT, .fields = control_fields},
    {.name = "dpia", .kind = DCR_F_OBJECT, .fields = dpia_fields},
    {.name = "population", .kind = DCR_F_OBJECT, .fields = population_fields},
    {.name = "purpose",
     .kind = DCR_F_MAP,
     .want = "an object of path to purpose, {\"0008,0020\": \"...\"}"},
    {.name = "precision",
     .kind = DCR_F_MAP,
     .want = "an object of path to the level needed, {\"0008,0020\": \"month\"}"},
    TEXT("template"),
    {.name = "reviews", .kind = DCR_F_OBJECT, .fields = reviews_fields},
    {.name = "accept",
     .kind = DCR_F_LIST,
     .fields = accept_fields,
     .size = sizeof(dcr_acceptance),
     .to = DCR_TO(dcr_project, accept)},
    PROSE("note"),
    END};

/* Acceptances in a file of their own, to be checked before they go into a project file.
 */
static const dcr_field acceptance_file_fields[] = {{.name = "schema",
                                                    .kind = DCR_F_WORD,
                                                    .required = true,
                                                    .words = acceptance_schemas,
                                                    .want = "\"dcmrisk-acceptance/1\""},
                                                   {.name = "accept",
                                                    .kind = DCR_F_LIST,
                                                    .required = true,
                                                    .fields = accept_fields,
                                                    .size = sizeof(dcr_acceptance)},
                                                   PROSE("note"),
                                                   END};

/* ---- reading --------------------------------------------------------------------------
 */

/* What is absent means: no id, any path, no ceiling. */
static void fill_in(dcr_project *p)
{
    dcr_acceptance *a = p->accept.items;
    for (size_t i = 0; i < p->accept.n; i++) {
        const json_t *j = json_array_get(json_object_get(p->json, "accept"), i);
        a[i].id = a[i].id == NULL ? "" : a[i].id;
        a[i].path = a[i].path == NULL ? "" : a[i].path;
        if (json_object_get(j, "ceiling") == NULL)
            a[i].ceiling = UINT64_MAX;
    }
}

static dcr_status read_project(dcr_project *p, const char *path, const dcr_field *table,
                               dcr_err *err)
{
    const dcr_strict s = {&p->file, &p->arena};
    dcr_status rc = dcr_strict_open(&p->file, &p->arena, path, err);
    if (rc == DCR_OK)
        rc = dcr_rule_json(&p->file, &p->json, err);
    if (rc == DCR_OK)
        rc = dcr_strict_read(&s, NULL, p->json, table, p, err);
    if (rc == DCR_OK)
        fill_in(p);
    return rc;
}

dcr_status dcr_project_of_json(dcr_project **out, const char *name, const json_t *json,
                               dcr_err *err)
{
    dcr_project *p = dcr_alloc(1, sizeof *p);
    char *text = p == NULL ? NULL : json_dumps(json, JSON_INDENT(1));
    dcr_status rc = text == NULL ? dcr_nomem(err) : DCR_OK;
    *out = NULL;
    if (rc == DCR_OK) {
        const dcr_strict s = {&p->file, &p->arena};
        p->file = (dcr_rule_file){name, dcr_arena_str(&p->arena, text), strlen(text)};
        rc = p->file.text == NULL ? dcr_nomem(err)
                                  : dcr_rule_json(&p->file, &p->json, err);
        if (rc == DCR_OK)
            rc = dcr_strict_read(&s, NULL, p->json, fields, p, err);
        if (rc == DCR_OK)
            fill_in(p);
    }
    free(text); /* lint: ok, jansson's own allocation */
    if (rc != DCR_OK)
        dcr_project_free(p);
    else
        *out = p;
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
        rc = read_project(p, path, fields, err);
    else if ((p->json = json_object()) == NULL)
        rc = dcr_nomem(err);
    if (rc != DCR_OK)
        dcr_project_free(p);
    else
        *out = p;
    return rc;
}

dcr_status dcr_acceptances_check(const char *path, dcr_err *err)
{
    dcr_project *p = dcr_alloc(1, sizeof *p);
    dcr_status rc =
        p == NULL ? dcr_nomem(err) : read_project(p, path, acceptance_file_fields, err);
    dcr_project_free(p);
    return rc;
}

void dcr_project_free(dcr_project *p)
{
    if (p == NULL)
        return;
    json_decref(p->json);
    dcr_arena_clear(&p->arena);
    dcr_free(p);
}

/* ---- asking ---------------------------------------------------------------------------
 */

const json_t *dcr_project_json(const dcr_project *p)
{
    return p->json;
}

const char *dcr_project_text(const dcr_project *p, size_t *n)
{
    *n = p->file.n;
    return p->file.text;
}

bool dcr_project_has_controls(const dcr_project *p)
{
    const json_t *c = json_object_get(p->json, "controls");
    return json_object_get(c, "statement") != NULL &&
           json_object_get(c, "signed_by") != NULL && json_object_get(c, "date") != NULL;
}

bool dcr_project_given(const dcr_project *p)
{
    return json_object_size(p->json) > 0;
}

const dcr_rule_file *dcr_project_file(const dcr_project *p)
{
    return &p->file;
}

const char *dcr_project_purpose(const dcr_project *p, const char *path)
{
    return json_string_value(json_object_get(json_object_get(p->json, "purpose"), path));
}

dcr_acceptance *dcr_project_acceptances(const dcr_project *p, size_t *n)
{
    *n = p->accept.n;
    return p->accept.items;
}

const dcr_recipient *dcr_project_recipients(const dcr_project *p, size_t *n)
{
    *n = p->recipients.n;
    return p->recipients.items;
}

const dcr_population_frame *dcr_project_population(const dcr_project *p)
{
    return &p->population;
}

const dcr_picture_review *dcr_project_pictures(const dcr_project *p, size_t *n)
{
    *n = p->pictures.n;
    return p->pictures.items;
}

bool dcr_picture_review_covers(const dcr_picture_review *r, const dcr_pixel_group *g)
{
    return (r->sop_class == NULL || strcmp(r->sop_class, g->sop_class) == 0) &&
           (r->modality == NULL || strcmp(r->modality, g->modality) == 0);
}

bool dcr_project_pixels_reviewed(const dcr_project *p, const dcr_pixel_group *g)
{
    const json_t *r = json_object_get(json_object_get(p->json, "reviews"), "pixels");
    const dcr_picture_review *list = p->pictures.items;
    bool clear = strcmp(dcr_json_text(r, "result"), "clear") == 0 &&
                 json_object_get(r, "who") != NULL && json_object_get(r, "when") != NULL;
    for (size_t i = 0; i < p->pictures.n; i++) {
        if (!dcr_picture_review_covers(&list[i], g))
            continue;
        if (list[i].found > 0)
            return false; /* what was seen outweighs what was not */
        clear = true;
    }
    return clear;
}
