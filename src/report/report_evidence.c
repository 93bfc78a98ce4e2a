/* What the report was made of, by digest; and who in the data needs more care. */
#include <string.h>

#include "alloc.h"
#include "parts.h"
#include "sha256.h"

static json_t *dataset(const dcr_report_input *in)
{
    const dcr_manifest *m = in->manifest;
    uint32_t k = dcr_policy_k(in->policy);
    /* Names, sizes and counts of few patients' files can be guessed, and the root would
     * tell who guessed right.  A content has to be at hand to be guessed. */
    bool few = !m->contents && !m->keyed && in->model->n_subjects < k;
    return json_pack(
        "{s:s, s:o, s:b, s:I, s:I, s:o}", "over", m->contents ? "contents" : "headers",
        "root", few ? json_null() : json_string(m->root), "keyed", m->keyed, "files",
        (json_int_t)m->files, "without_content",
        (json_int_t)(m->contents ? m->without_content : m->files), "note",
        few ? json_sprintf("fewer than %u patients: names and sizes of so few files can"
                           " be guessed. Give --manifest or --digest-key",
                           k)
            : json_null());
}

dcr_status dcr_report_evidence(json_t *doc, const dcr_report_input *in, dcr_err *err)
{
    char digest[DCR_SHA256_HEX] = "";
    size_t n = 0;
    const char *text = dcr_project_text(in->project, &n);
    if (text != NULL)
        dcr_sha256_hex_of(text, n, digest);
    return dcr_put(doc, "evidence",
                   json_pack("{s:o, s:s, s:s, s:o}", "dataset",
                             in->manifest == NULL ? json_null() : dataset(in), "policy",
                             dcr_policy_digest(in->policy), "rules",
                             dcr_rules_digest(in->rules), "project",
                             text == NULL ? json_null() : json_string(digest)),
                   err);
}

/* ---- minors ---- */

/* An age of DICOM's form (three digits and D, W, M or Y) below 18 years: 1, at least: 0,
 * not such an age: -1. */
static int is_minor(const dcr_value *v)
{
    static const struct {
        char unit;
        unsigned adult;
    } units[] = {{'D', 6575}, {'W', 939}, {'M', 216}, {'Y', 18}};
    unsigned n = 0;
    uint32_t len = v->len;
    while (len > 0 && v->bytes[len - 1] == ' ')
        len--;
    if (len != 4 || (v->flags & (DCR_VALUE_DUMMY | DCR_VALUE_EMPTY)) != 0)
        return -1;
    for (int i = 0; i < 3; i++) {
        if (v->bytes[i] < '0' || v->bytes[i] > '9')
            return -1;
        n = n * 10 + (unsigned)(v->bytes[i] - '0');
    }
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (v->bytes[3] == units[i].unit)
            return n < units[i].adult;
    return -1;
}

/* How many patients state an age, and how many of them one below 18.  Neither side is
 * printed when it has fewer than k. */
dcr_status dcr_report_minors(json_t *doc, const dcr_report_input *in, dcr_err *err)
{
    const dcr_attr *age = dcr_model_attr(in->model, "0010,1010");
    uint8_t *is = dcr_alloc(in->model->n_subjects, 1); /* 1: stated, 2: minor */
    uint32_t k = dcr_policy_k(in->policy), stated = 0, minors = 0;
    bool few;
    if (is == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; age != NULL && i < age->n_values; i++) {
        const dcr_value *v = &age->values[i];
        int minor = is_minor(v);
        for (uint32_t s = 0; minor >= 0 && v->in_series != NULL && s < v->series; s++)
            is[dcr_series_subject(in->model, v->in_series[s])] |=
                (uint8_t)(minor ? 3 : 1);
    }
    for (uint32_t i = 0; i < in->model->n_subjects; i++) {
        stated += is[i] > 0;
        minors += is[i] == 3;
    }
    dcr_free(is);
    few = (stated > 0 && stated < k) || (minors > 0 && minors < k) ||
          (minors < stated && stated - minors < k) ||
          (stated < in->model->n_subjects && in->model->n_subjects - stated < k);
    return dcr_put(json_object_get(doc, "dataset"), "minors",
                   json_pack("{s:o, s:o}", "stated",
                             few ? json_null() : json_integer(stated), "subjects",
                             few ? json_null() : json_integer(minors)),
                   err);
}
