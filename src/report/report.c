/* The report: one JSON document. */
#include <stdio.h>
#include <string.h>

#include "dcmrisk/dcmrisk.h"
#include "parts.h"
#include "plural.h"

dcr_status dcr_put(json_t *object, const char *key, json_t *value, dcr_err *err)
{
    return json_object_set_new(object, key, value) == 0 ? DCR_OK : dcr_nomem(err);
}

static json_t *count(uint64_t n)
{
    return json_integer((json_int_t)n);
}

/* NULL when there is no memory: json_pack then fails. */
static json_t *rule_files(const dcr_rules *r)
{
    size_t n;
    const dcr_rules_file_info *f = dcr_rules_files(r, &n);
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        if (json_array_append_new(
                list, json_pack("{s:s, s:o, s:s}", "name", f[i].name, "edition",
                                f[i].edition[0] == '\0' ? json_null()
                                                        : json_string(f[i].edition),
                                "digest", f[i].digest)) != 0) {
            json_decref(list);
            return NULL;
        }
    return list;
}

static dcr_status put_tool(json_t *doc, const dcr_report_input *in, dcr_err *err)
{
    json_t *libraries = json_object();
    for (size_t i = 0; i < in->n_libraries; i++)
        if (json_object_set_new(libraries, in->libraries[i].name,
                                json_string(in->libraries[i].version)) != 0) {
            json_decref(libraries);
            return dcr_nomem(err);
        }
    return dcr_put(doc, "tool",
                   json_pack("{s:s, s:s, s:o, s:{s:s, s:s, s:o}}", "name", "dcmrisk",
                             "version", DCMRISK_VERSION, "libraries", libraries, "rules",
                             "edition", dcr_rules_edition(in->rules), "digest",
                             dcr_rules_digest(in->rules), "files", rule_files(in->rules)),
                   err);
}

static dcr_status put_run(json_t *doc, const dcr_report_input *in, dcr_err *err)
{
    json_t *inputs = json_array();
    dcr_status rc = dcr_put(doc, "run",
                            json_pack("{s:s, s:{s:b, s:b, s:o}}", "time", in->time,
                                      "options", "show_values", in->show_values,
                                      "show_paths", in->show_paths, "originals",
                                      in->links != NULL && in->links->originals > 0
                                          ? count(in->links->originals)
                                          : json_null()),
                            err);
    for (size_t i = 0; i < in->n_inputs && rc == DCR_OK; i++)
        if (json_array_append_new(inputs, json_sprintf("input %zu", i + 1)) != 0)
            rc = dcr_nomem(err);
    if (rc != DCR_OK) {
        json_decref(inputs);
        return rc;
    }
    return dcr_put(doc, "inputs", inputs, err);
}

static dcr_status put_policy(json_t *doc, const dcr_report_input *in, dcr_err *err)
{
    const json_t *p = dcr_policy_json(in->policy);
    dcr_status rc = dcr_put(
        doc, "policy",
        json_pack("{s:s, s:O?, s:s, s:O?, s:i, s:s}", "name", dcr_policy_name(in->policy),
                  "version", json_object_get(p, "version"), "digest",
                  dcr_policy_digest(in->policy), "title", json_object_get(p, "title"),
                  "k", (int)dcr_policy_k(in->policy), "adversary",
                  dcr_policy_adversary(in->policy)->id),
        err);
    if (rc != DCR_OK)
        return rc;
    return dcr_put(doc, "project", json_deep_copy(dcr_project_json(in->project)), err);
}

static json_t *modalities(const dcr_model *m, const dcr_rules *rules)
{
    json_t *list = json_array();
    uint32_t unnamed = 0;
    for (size_t i = 0; i < m->data.n_modalities; i++) {
        const dcr_modality *o = &m->data.modalities[i];
        if (!dcr_rules_is_modality(rules, o->name)) {
            unnamed++; /* not a defined term: a value of somebody's files, never printed
                        */
            continue;
        }
        json_array_append_new(list, json_pack("{s:s, s:i, s:i, s:i}", "modality", o->name,
                                              "subjects", (int)o->subjects, "studies",
                                              (int)o->studies, "series", (int)o->series));
    }
    for (uint32_t i = 0; i < unnamed; i++)
        json_array_append_new(list, json_pack("{s:s, s:n, s:n, s:n}", "modality",
                                              "(not a defined term)", "subjects",
                                              "studies", "series"));
    return list;
}

static dcr_status put_dataset(json_t *doc, const dcr_report_input *in, dcr_err *err)
{
    const dcr_model *m = in->model;
    const dcr_dataset *d = &m->data;
    json_t *j = json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:{s:s, s:o, "
        "s:o}}",
        "files", count(d->files), "dicom_files", count(d->dicom_files), "other_files",
        count(d->other_files), "unreadable_files", count(d->unreadable_files), "bytes",
        count(d->bytes), "subjects", count(m->n_subjects), "inferred_subjects",
        count(d->inferred_subjects), "studies", count(d->study_uids), "series",
        count(d->series_uids), "instances", count(d->instances), "elements",
        count(d->elements), "private_elements", count(d->private_elements), "modalities",
        modalities(m, in->rules), "dates", "state",
        in->dates != NULL ? in->dates->state : d->date_state, "from_year",
        d->from_year > 0 ? count((uint64_t)d->from_year) : json_null(), "to_year",
        d->to_year > 0 ? count((uint64_t)d->to_year) : json_null());
    return dcr_put(doc, "dataset", j, err);
}

static dcr_status add_reason(json_t *list, const dcr_coverage *c,
                             const dcr_report_input *in, bool examples, dcr_err *err)
{
    json_t *ex = json_array(), *names = json_array(), *j;
    dcr_status rc = DCR_OK;
    for (int i = 0; i < 3 && c->example[i] > 0 && rc == DCR_OK; i++) {
        char name[1024];
        json_array_append_new(ex, count(c->example[i]));
        if (!in->show_paths || in->file_name == NULL)
            continue;
        rc = in->file_name(in->file_name_ctx, c->example[i], name, sizeof name, err);
        if (rc == DCR_OK) {
            json_t *s = json_string(name);
            json_array_append_new(names,
                                  s == NULL ? json_string("(name is not UTF-8)") : s);
        }
    }
    j = json_pack("{s:s, s:o}", "reason", c->reason, "files", count(c->files));
    if (examples)
        json_object_set(j, "examples", ex);
    if (json_array_size(names) > 0)
        json_object_set(j, "names", names);
    json_decref(ex);
    json_decref(names);
    if (rc == DCR_OK && json_array_append_new(list, j) != 0)
        rc = dcr_nomem(err);
    return rc;
}

/* Files by what follows `prefix` in the paths of pseudo attributes; NULL when there are
 * none. */
static json_t *pseudo_files(const dcr_model *m, const char *prefix)
{
    json_t *j = json_object();
    size_t n = strlen(prefix);
    for (uint32_t i = 0; i < m->n_attrs; i++)
        if (strncmp(m->attrs[i].path, prefix, n) == 0)
            json_object_set_new(j, m->attrs[i].path + n, count(m->attrs[i].files));
    if (json_object_size(j) > 0)
        return j;
    json_decref(j);
    return NULL;
}

static dcr_status put_coverage(json_t *doc, const dcr_report_input *in, dcr_err *err)
{
    const dcr_dataset *d = &in->model->data;
    json_t *reasons = json_array(), *other = json_array();
    dcr_status rc = DCR_OK;
    for (size_t i = 0; i < d->n_coverage && rc == DCR_OK; i++)
        rc = add_reason(reasons, &d->coverage[i], in, true, err);
    for (size_t i = 0; i < d->n_other && rc == DCR_OK; i++)
        rc = add_reason(other, &d->other[i], in, false, err);
    if (rc != DCR_OK) {
        json_decref(reasons);
        json_decref(other);
        return rc;
    }
    return dcr_put(
        doc, "coverage",
        json_pack("{s:o, s:o, s:o, s:{s:o}, s:o*, s:o*}", "reasons", reasons, "other",
                  other, "undecodable_text", count(d->undecodable_text), "readers",
                  d->reader == NULL || d->reader[0] == '\0' ? "stream" : d->reader,
                  count(d->dicom_files), "structure",
                  pseudo_files(in->model, "structure:"), "reader_differences",
                  pseudo_files(in->model, "readers:")),
        err);
}

static dcr_status put_text(json_t *doc, const dcr_report_input *in, dcr_err *err)
{
    const dcr_dataset *d = &in->model->data;
    const json_t *remarks = in->gate->remarks;
    json_t *a = json_array(), *l = json_array();
    json_array_append_new(
        a, json_string("One PatientID is one person throughout the dataset."));
    if (d->inferred_subjects > 0)
        json_array_append_new(
            a, json_sprintf("%u %s %s no PatientID: a study stands in for each."
                            " They may all be one person; k_low counts them so.",
                            d->inferred_subjects,
                            dcr_plural(d->inferred_subjects, "patients"),
                            dcr_plural(d->inferred_subjects, "have")));
    json_array_append_new(
        a, json_string("The target is known to be in the release (prosecutor)."));
    json_array_append_new(
        a, json_string("An adversary knows the facts of one whole exam, as recorded, at"
                       " the level stated for each."));
    json_array_append_new(
        a,
        json_sprintf("Exam dates are taken as %s; their state is '%s'. %s",
                     in->dates != NULL && in->dates->holds ? "not known to the adversary"
                                                           : "known to the adversary",
                     in->dates != NULL ? in->dates->state : d->date_state,
                     in->dates != NULL ? in->dates->basis : ""));
    if (in->policy_fell_back)
        json_array_append_new(
            a, json_string("The policy asked for needs a signed statement of controls in"
                           " the project file; public-release was applied instead."));
    json_array_extend(a, (json_t *)(uintptr_t)remarks);
    json_array_append_new(
        l, json_string("Pixels were not looked at. Text burned into images and faces are"
                       " not found; series of a risk class are listed for review."));
    if (in->reg == NULL)
        json_array_append_new(
            l, json_string("Facts from outside the release (population counts, other"
                           " datasets) are not used: journalist and marketer risk are not"
                           " computed without a population table."));
    else
        json_array_append_new(
            l, json_string("Journalist and marketer risk take the population table for"
                           " everybody the release could be about, and its values for"
                           " what an intruder finds."));
    if (in->model->joined != NULL)
        json_array_append_new(
            a,
            json_string("Columns of the table beside the images are known to nobody but"
                        " the adversary union, unless they are named by a fact of DICOM"
                        " or by --table-qi."));
    json_array_append_new(
        l, json_string("A declared date shift counts only where the calendar bears it"
                       " out; then exam dates leave what adversaries know. The days"
                       " between a patient's exams, which a shift leaves as they are,"
                       " count in the criterion of two exams and nowhere else. A shift by"
                       " whole weeks for all looks like a true calendar."));
    json_array_append_new(
        l, json_string("The report says what was measured. Whether the data are anonymous"
                       " in law is for the controller to conclude."));
    if (dcr_put(doc, "assumptions", a, err) != DCR_OK) {
        json_decref(l);
        return DCR_ENOMEM;
    }
    return dcr_put(doc, "limits", l, err);
}

dcr_status dcr_report_build(json_t **out, const dcr_report_input *in, dcr_err *err)
{
    json_t *doc = json_object();
    dcr_names names = {0};
    dcr_status rc;
    *out = NULL;
    if (doc == NULL)
        return dcr_nomem(err);
    rc = dcr_names_build(&names, in, err);
    if (rc == DCR_OK)
        rc = dcr_put(doc, "schema", json_string("dcmrisk-report/1"), err);
    if (rc == DCR_OK)
        rc = put_tool(doc, in, err);
    if (rc == DCR_OK)
        rc = put_run(doc, in, err);
    if (rc == DCR_OK)
        rc = put_policy(doc, in, err);
    if (rc == DCR_OK)
        rc = dcr_report_verdict(doc, in, &names, err);
    if (rc == DCR_OK)
        rc = put_dataset(doc, in, err);
    if (rc == DCR_OK)
        rc = dcr_report_minors(doc, in, err);
    if (rc == DCR_OK)
        rc = put_coverage(doc, in, err);
    if (rc == DCR_OK)
        rc = dcr_report_attributes(doc, in, &names, err);
    if (rc == DCR_OK)
        rc = dcr_report_adversaries(doc, in, &names, err);
    if (rc == DCR_OK)
        rc = dcr_report_tables(doc, in, err);
    if (rc == DCR_OK)
        rc = dcr_report_hidden(doc, in, &names, err);
    if (rc == DCR_OK)
        rc = dcr_report_dates(doc, in, &names, err);
    if (rc == DCR_OK)
        rc = dcr_report_where(doc, in, err);
    if (rc == DCR_OK)
        rc = dcr_report_deid(doc, in, err);
    if (rc == DCR_OK)
        rc = dcr_report_links(doc, in, &names, err);
    if (rc == DCR_OK)
        rc = dcr_report_findings(doc, in, &names, err);
    if (rc == DCR_OK)
        rc = put_text(doc, in, err);
    if (rc == DCR_OK)
        rc = dcr_report_evidence(doc, in, err);
    dcr_names_clear(&names);
    if (rc == DCR_OK)
        *out = doc;
    else
        json_decref(doc);
    return rc;
}

dcr_status dcr_report_inspect(json_t **out, const dcr_report_input *in, dcr_err *err)
{
    json_t *doc = json_object();
    dcr_names names = {0};
    dcr_status rc;
    *out = NULL;
    if (doc == NULL)
        return dcr_nomem(err);
    rc = dcr_names_build(&names, in, err);
    if (rc == DCR_OK)
        rc = dcr_put(doc, "schema", json_string("dcmrisk-inspect/1"), err);
    if (rc == DCR_OK)
        rc = put_dataset(doc, in, err);
    if (rc == DCR_OK)
        rc = dcr_report_attributes(doc, in, &names, err);
    dcr_names_clear(&names);
    if (rc == DCR_OK)
        *out = doc;
    else
        json_decref(doc);
    return rc;
}
