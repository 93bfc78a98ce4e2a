#include "tables.h"

#include <string.h>
#include <strings.h>

#include "build.h"
#include "levels.h"

static bool is(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

/* ---- names ---- */

size_t dcr_table_concept(const dcr_rules *rules, const char *name, size_t *rank)
{
    size_t n;
    const dcr_concept *list = dcr_rules_concepts(rules, &n);
    for (size_t c = 0; c < n; c++) {
        if (strcasecmp(list[c].id, name) == 0) {
            if (rank != NULL)
                *rank = 0;
            return c;
        }
        for (size_t k = 0; k < list[c].n_carriers; k++) {
            dcr_role_info info;
            if (strlen(list[c].carriers[k]) !=
                9) /* within a sequence: no name of its own */
                continue;
            dcr_rules_role(rules, list[c].carriers[k], "", &info);
            if (strcasecmp(list[c].carriers[k], name) == 0 ||
                (info.keyword != NULL && strcasecmp(info.keyword, name) == 0)) {
                if (rank != NULL)
                    *rank = k + 1;
                return c;
            }
        }
    }
    return SIZE_MAX;
}

bool dcr_table_is_subject(const char *name, size_t *rank)
{
    static const char *const names[] = {"subject", "patient", "patient_id", "PatientID",
                                        "0010,0020"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcasecmp(names[i], name) == 0) {
            *rank = i;
            return true;
        }
    return false;
}

dcr_status dcr_table_fail(const dcr_text_table *t, size_t row, const char *column,
                          const char *words, dcr_err *err)
{
    bool first = err != NULL && err->code == DCR_OK;
    dcr_status rc = dcr_fail(err, DCR_ERULES, t->file, "%s%s", column, words);
    if (first)
        err->line = t->line == NULL ? (long)row + 2 : (long)t->line(t->ctx, row);
    return rc;
}

/* ---- values ---- */

/* The VR by whose vocabulary a dummy is known. */
static const char *vr_of(const dcr_concept *k, dcr_bytes v)
{
    static const struct {
        const char *hierarchy, *vr;
    } list[] = {{"date", "DA"},   {"birth_date", "DA"}, {"time", "TM"}, {"age", "AS"},
                {"height", "DS"}, {"weight", "DS"},     {"sex", "CS"}};
    uint32_t i = 0;
    for (size_t h = 0; k != NULL && h < sizeof list / sizeof *list; h++)
        if (is(k->hierarchy, list[h].hierarchy))
            return list[h].vr;
    while (i < v.n && v.p[i] >= '0' && v.p[i] <= '9')
        i++;
    return i == v.n ? "IS" : "LO"; /* in a table 0 is a number, and no row of letters */
}

static bool is_date(const dcr_concept *k)
{
    return k != NULL && (is(k->hierarchy, "date") || is(k->hierarchy, "birth_date"));
}

/* YYYY-MM-DD, alone or before a time, and a date before a time of DICOM, as YYYYMMDD. */
static dcr_bytes plain_date(dcr_bytes v, uint8_t out[8])
{
    dcr_bytes d = {out, 8};
    uint32_t i = 0;
    if (v.n >= 10 && v.p[4] == '-' && v.p[7] == '-' &&
        (v.n == 10 || v.p[10] == 'T' || v.p[10] == ' ')) {
        memcpy(out, v.p, 4);
        memcpy(out + 4, v.p + 5, 2);
        memcpy(out + 6, v.p + 8, 2);
        return d;
    }
    while (i < v.n && v.p[i] >= '0' && v.p[i] <= '9')
        i++;
    if (i < 10)
        return v;
    memcpy(out, v.p, 8);
    return d;
}

/* What is wrong with a real value of a concept; NULL: nothing. */
static const char *fault(const dcr_concept *k, dcr_bytes v)
{
    static const struct {
        const char *hierarchy, *words;
    } list[] = {
        {"date", ": not a date; write YYYY-MM-DD or YYYYMMDD"},
        {"birth_date", ": not a date; write YYYY-MM-DD or YYYYMMDD"},
        {"time", ": not a time of day; write HH:MM, HH:MM:SS or HHMMSS"},
        {"age", ": not an age; write whole years, or as DICOM does (063Y, 018M)"},
        {"height", ": not a height in metres from 0 to 3; write 1.75"},
        {"weight", ": not a weight in kilograms; write 70.5"},
    };
    if (k == NULL || dcr_hierarchy_reads(k->hierarchy, v.p, v.n))
        return NULL;
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        if (is(k->hierarchy, list[i].hierarchy))
            return list[i].words;
    return NULL;
}

/* Codes of DICOM are upper case. */
static bool is_code(const dcr_concept *k)
{
    return k != NULL && (is(k->hierarchy, "sex") || is(k->hierarchy, "modality") ||
                         is(k->hierarchy, "bodypart"));
}

/* The number of what a value says + 1 in *to, 0: nothing; *why: it says nothing that can
 * be read. */
static dcr_status read_value(const char *text, const dcr_rules *rules,
                             const dcr_concept *k, bool strict, dcr_dict *dict,
                             uint32_t *to, const char **why, dcr_err *err)
{
    dcr_bytes v = {(const uint8_t *)text, (uint32_t)strlen(text)};
    uint8_t date[8];
    dcr_buf upper = {0};
    v = dcr_bytes_trim(v);
    if (is_date(k))
        v = plain_date(v, date);
    *to = 0;
    if (!dcr_is_real(rules, vr_of(k, v), v))
        return DCR_OK;
    *why = strict ? fault(k, v) : NULL;
    if (*why != NULL)
        return DCR_OK;
    for (uint32_t i = 0; is_code(k) && i < v.n; i++)
        dcr_buf_char(&upper,
                     v.p[i] >= 'a' && v.p[i] <= 'z' ? (char)(v.p[i] - 32) : (char)v.p[i]);
    *to = upper.failed ? 0
          : is_code(k) ? dcr_dict_add(dict, upper.p, upper.n, 0) + 1
                       : dcr_dict_add(dict, v.p, v.n, 0) + 1;
    dcr_buf_clear(&upper);
    return *to == 0 ? dcr_nomem(err) : DCR_OK;
}

dcr_status dcr_table_facts(const dcr_text_table *t, size_t column, const dcr_rules *rules,
                           const dcr_concept *concept, bool strict, dcr_dict *dict,
                           uint32_t *to, dcr_err *err)
{
    const dcr_text_column *c = &t->column[column];
    const char *first = NULL;
    dcr_status rc = DCR_OK;
    to[0] = 0;
    for (uint32_t i = 1; i < c->n_codes && rc == DCR_OK; i++) {
        const char *why = NULL;
        rc = read_value(c->value[i], rules, concept, strict, dict, &to[i], &why, err);
        if (why != NULL) {
            to[i] = UINT32_MAX;
            first = why;
        }
    }
    for (size_t r = 0; first != NULL && rc == DCR_OK && r < t->n_rows; r++)
        if (to[c->code[r]] == UINT32_MAX)
            rc = dcr_table_fail(t, r, c->name, first, err);
    return rc;
}
