/* Writes a scan file of made-up series through the store, for timing and for bad cases.
 *
 * usage: bench_model SHAPE SERIES OUT.scan
 * shapes: cohort     about a third as many patients, 1 to 6 studies of 1 to 4 series
 *         study      all series are of one study
 *         subject    one patient, every series a study of its own
 *         creators   a cohort in which every series has a private creator of its own
 *         sites      a cohort in which every patient has a hospital of their own
 *         texts      a cohort with 20 texts that no two series share
 *         referrals  each patient has one exam in a hospital of their own and one in a
 *                    hospital of all, and there is nothing else to tell them by
 *
 * A series stands for 1 to 300 files, as its counts say; it has one row in the table of
 * files.  Same arguments, same content. */
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "dict.h"
#include "hash.h"
#include "num.h"
#include "scanfile.h"

enum { BATCH = 256, MAX_FACTS = BATCH * 256, TEXTS = 20 };

typedef enum cohort_shape {
    COHORT,
    STUDY,
    SUBJECT,
    CREATORS,
    SITES,
    TEXTS_SHAPE,
    REFERRALS,
    N_SHAPES
} cohort_shape;
static const char *const shape_names[N_SHAPES] = {
    "cohort", "study", "subject", "creators", "sites", "texts", "referrals"};

typedef enum scope { CONSTANT, PATIENT, EXAM, SERIES, DEVICE } scope;

/* Values of an attribute: `format` with a number below `pool` that is drawn once for each
 * thing of the scope; DATE, TIME and UID are made in their own way. */
typedef struct attribute {
    const char *path, *vr;
    scope scope;
    unsigned pool;
    const char *format;
} attribute;

static const char DATE[] = "date", TIME[] = "time", UID[] = "uid";

static const attribute attributes[] = {
    {"0002,0010", "UI", DEVICE, 3, "1.2.840.10008.1.2.4.%u"},
    {"0008,0005", "CS", CONSTANT, 1, "ISO_IR 10%u"},
    {"0008,0008", "CS", SERIES, 4, "ORIGINAL\\PRIMARY\\AXIAL\\M%u"},
    {"0008,0016", "UI", DEVICE, 5, "1.2.840.10008.5.1.4.1.1.%u"},
    {"0008,0020", "DA", EXAM, 0, DATE},
    {"0008,0021", "DA", EXAM, 0, DATE},
    {"0008,0022", "DA", EXAM, 0, DATE},
    {"0008,0030", "TM", EXAM, 0, TIME},
    {"0008,0032", "TM", SERIES, 0, TIME},
    {"0008,0050", "SH", EXAM, 100000000, "A%08u"},
    {"0008,0060", "CS", DEVICE, 4, "MT%u"},
    {"0008,0070", "LO", DEVICE, 5, "MAKER %u"},
    {"0008,0080", "LO", DEVICE, 25, "HOSPITAL %u"},
    {"0008,0090", "PN", EXAM, 4000, "REFERRER^%u"},
    {"0008,1010", "SH", DEVICE, 1000, "ST%u"},
    {"0008,1030", "LO", EXAM, 900, "PROCEDURE %u"},
    {"0008,103E", "LO", SERIES, 5000, "DESCRIPTION %u"},
    {"0008,1040", "LO", DEVICE, 60, "DEPARTMENT %u"},
    {"0008,1090", "LO", DEVICE, 40, "MODEL %u"},
    {"0010,0010", "PN", CONSTANT, 1, "ANONYMIZED"},
    {"0010,0030", "DA", PATIENT, 0, DATE},
    {"0010,0040", "CS", PATIENT, 2, "S%u"},
    {"0010,1010", "AS", EXAM, 95, "%03uY"},
    {"0010,1020", "DS", PATIENT, 60, "1.%u"},
    {"0010,1030", "DS", EXAM, 90, "%u.5"},
    {"0010,2160", "SH", PATIENT, 8, "GROUP %u"},
    {"0018,0015", "CS", SERIES, 30, "BODY%u"},
    {"0018,0050", "DS", SERIES, 12, "%u.0"},
    {"0018,1000", "LO", DEVICE, 100000, "%06u"},
    {"0018,1020", "LO", DEVICE, 200, "V%u"},
    {"0018,1030", "LO", SERIES, 3000, "PROTOCOL %u"},
    {"0020,000D", "UI", EXAM, 0, UID},
    {"0020,000E", "UI", SERIES, 0, UID},
    {"0020,0010", "SH", EXAM, 1000000, "%u"},
    {"0020,0011", "IS", SERIES, 20, "%u"},
    {"0028,0010", "US", SERIES, 3, "%u"},
    {"0040,0254", "LO", EXAM, 700, "STEP %u"},
    {"0040,0275/0040,0007", "LO", EXAM, 900, "STEP %u"},
    {"0009,0010", "LO", DEVICE, 5, "MAKER CT %u"},
    {"0009,xx01{MAKER CT}", "LO", SERIES, 500, "PRIVATE %u"},
    {"0029,xx10{MAKER CSA}:csa/UsedPatientWeight", "DS", EXAM, 90, "%u.0"},
};
enum { N_ATTRIBUTES = sizeof attributes / sizeof *attributes };

typedef struct place { /* the series in hand */
    uint64_t subject, study, series;
    unsigned studies_left, series_left;
} place;

typedef struct maker {
    dcr_store *store;
    cohort_shape shape;
    uint64_t n_series, elements;
    place at;
    /* the batch in hand */
    dcr_dict strings;
    dcr_bytes *string;
    dcr_batch_value *value; /* string i is value i */
    dcr_batch_unit unit[BATCH];
    dcr_batch_file file[BATCH];
    dcr_store_file name[BATCH];
    char path[BATCH][32];
    dcr_batch_attr *attr;
    uint32_t n_attrs, n_units, n_facts, n_rollups;
    dcr_batch_fact *fact;
    dcr_batch_rollup rollup[BATCH * 2];
    uint64_t hash[BATCH * 2][DCR_ROLLUP_MAX];
} maker;

static uint64_t mix(uint64_t a, uint64_t b)
{
    uint64_t v[2] = {a, b};
    return dcr_hash64(v, sizeof v);
}

static uint32_t put(maker *m, const char *s)
{
    return dcr_dict_add(&m->strings, s, strlen(s), 0);
}

/* Draws a number by weights that sum up to 100. */
static unsigned weighted(uint64_t random, const unsigned *weight, unsigned n)
{
    unsigned at = (unsigned)(random % 100), i = 0;
    while (i + 1 < n && at >= weight[i])
        at -= weight[i++];
    return i + 1;
}

static void next_place(maker *m)
{
    static const unsigned studies[] = {60, 22, 9, 5, 3, 1}, series[] = {50, 28, 14, 8};
    place *p = &m->at;
    p->series++;
    if (m->shape == STUDY)
        return;
    if (m->shape == SUBJECT || m->shape == REFERRALS) {
        p->study++;
        p->subject += m->shape == REFERRALS && p->series % 2 == 0;
        return;
    }
    if (p->series_left == 0 && p->studies_left == 0) {
        p->subject++;
        p->studies_left = weighted(mix(p->subject, 1), studies, 6);
    }
    if (p->series_left == 0) {
        p->study++;
        p->studies_left--;
        p->series_left = weighted(mix(p->study, 2), series, 4);
    }
    p->series_left--;
}

static uint64_t thing(const maker *m, const attribute *a)
{
    static const uint64_t devices = 1200;
    switch (a->scope) {
    case CONSTANT:
        return 0;
    case PATIENT:
        return m->at.subject;
    case EXAM:
        return m->at.study;
    case DEVICE:
        if (m->shape == SITES && strcmp(a->path, "0008,0080") == 0)
            return m->at.subject;
        return mix(m->at.study, 3) % devices;
    case SERIES:
        break;
    }
    return m->at.series;
}

static void make_value(const maker *m, const attribute *a, char *out, size_t size)
{
    uint64_t of = thing(m, a), r = mix(of, 100 + a->scope + a->pool);
    bool own_site = m->shape == SITES && strcmp(a->path, "0008,0080") == 0;
    if (m->shape == REFERRALS && a->format != UID) {
        own_site = strcmp(a->path, "0008,0080") == 0 && m->at.series % 2 == 0;
        of = own_site ? m->at.subject : 0;
        r = 0;
    }
    if (a->format == DATE)
        snprintf(out, size, "%04u%02u%02u", (unsigned)(2010 + r % 12),
                 (unsigned)(1 + r / 16 % 12), (unsigned)(1 + r / 256 % 28));
    else if (a->format == TIME)
        snprintf(out, size, "%02u%02u%02u.%06u", (unsigned)(r % 24),
                 (unsigned)(r / 32 % 60), (unsigned)(r / 2048 % 60),
                 (unsigned)(r / 131072 % 1000000));
    else if (a->format == UID)
        snprintf(out, size, "1.3.12.2.1107.5.1.4.%u.%020llu", a->scope,
                 (unsigned long long)r);
    else if (own_site)
        snprintf(out, size, "HOSPITAL OF %llu", (unsigned long long)of);
    else
        snprintf(out, size, a->format, (unsigned)(r % a->pool));
}

static void fact(maker *m, uint32_t attr, const char *value, uint32_t files)
{
    dcr_batch_fact f = {m->n_units, attr, put(m, value), files};
    m->fact[m->n_facts++] = f;
}

/* What differs in every file: values while they are few, a sketch when they are many. */
static void per_file(maker *m, uint32_t attr, uint32_t files, const char *prefix)
{
    char text[80], last[80];
    dcr_batch_rollup *r = &m->rollup[m->n_rollups];
    uint64_t *h = m->hash[m->n_rollups];
    for (uint32_t i = 0; i < files && files <= DCR_ROLLUP_MAX; i++) {
        snprintf(text, sizeof text, "%s%u", prefix, i + 1);
        fact(m, attr, text, 1);
    }
    if (files <= DCR_ROLLUP_MAX)
        return;
    m->n_rollups++;
    snprintf(text, sizeof text, "%s%u", prefix, 1);
    snprintf(last, sizeof last, "%s%u", prefix, files);
    for (uint32_t i = 0; i < DCR_ROLLUP_MAX; i++)
        h[i] = (mix(m->at.series, attr) >> 32) + i;
    *r = (dcr_batch_rollup){.unit = m->n_units,
                            .attr = attr,
                            .files = files,
                            .min = put(m, text),
                            .max = put(m, last),
                            .shape = put(m, "*"),
                            .n_hashes = DCR_ROLLUP_MAX,
                            .hashes = h};
}

static uint32_t add_attr(maker *m, const char *path, const char *vr)
{
    dcr_batch_attr *a = &m->attr[m->n_attrs];
    a->path = put(m, path);
    memcpy(a->vr, vr, 3);
    return m->n_attrs++;
}

static void extras(maker *m, uint32_t files)
{
    char path[80], text[80];
    uint32_t own;
    snprintf(text, sizeof text, "1.3.12.2.1107.5.1.4.9.%llu.",
             (unsigned long long)m->at.series);
    per_file(m, N_ATTRIBUTES, files, text);
    per_file(m, N_ATTRIBUTES + 1, files, "");
    if (m->shape == CREATORS) {
        snprintf(path, sizeof path, "0033,xx10{CREATOR %llu}",
                 (unsigned long long)m->at.series);
        own = add_attr(m, path, "LO");
        fact(m, own, "something", files);
    }
    for (unsigned i = 0; m->shape == TEXTS_SHAPE && i < TEXTS; i++) {
        snprintf(text, sizeof text,
                 "Free text of the series %016llx and of its comment %u",
                 (unsigned long long)mix(m->at.series, i), i);
        fact(m, N_ATTRIBUTES + 2 + i, text, files);
    }
}

static void add_series(maker *m)
{
    uint32_t files = 1 + (uint32_t)(mix(m->at.series, 4) % 300), i = m->n_units;
    dcr_batch_unit *u = &m->unit[i];
    char text[128];
    next_place(m);
    for (uint32_t a = 0; a < N_ATTRIBUTES; a++) {
        make_value(m, &attributes[a], text, sizeof text);
        fact(m, a, text, files);
        if (attributes[a].format == UID && attributes[a].scope == EXAM)
            u->study_uid = put(m, text);
        else if (attributes[a].format == UID)
            u->series_uid = put(m, text);
    }
    extras(m, files);
    snprintf(text, sizeof text, "P%08llx",
             (unsigned long long)(mix(m->at.subject, 5) >> 20));
    u->patient_id = put(m, text);
    u->issuer = u->stand_in = put(m, "");
    u->kind = DCR_FILE_DICOM;
    snprintf(m->path[i], sizeof m->path[i], "s/%010llu",
             (unsigned long long)m->at.series);
    m->name[i] = (dcr_store_file){.path = m->path[i], .n_path = strlen(m->path[i])};
    m->file[i] = (dcr_batch_file){.index = i,
                                  .kind = DCR_FILE_DICOM,
                                  .status = DCR_READ_OK,
                                  .unit = i,
                                  .size = 500000,
                                  .mtime_ns = 1,
                                  .sop = {m->at.series, 1},
                                  .elements = N_ATTRIBUTES};
    m->n_units++;
}

static dcr_status flush(maker *m, dcr_err *err)
{
    const dcr_store_file *names[BATCH];
    dcr_batch b = {.attrs = m->attr,
                   .units = m->unit,
                   .files = m->file,
                   .facts = m->fact,
                   .rollups = m->rollup,
                   .n_attrs = m->n_attrs,
                   .n_units = m->n_units,
                   .n_files = m->n_units,
                   .n_facts = m->n_facts,
                   .n_rollups = m->n_rollups,
                   .n_strings = m->strings.n,
                   .n_values = m->strings.n};
    dcr_status rc = DCR_OK;
    b.strings = dcr_alloc(b.n_strings, sizeof *b.strings);
    b.values = dcr_alloc(b.n_values, sizeof *b.values);
    if (b.strings == NULL || b.values == NULL)
        rc = dcr_nomem(err);
    for (uint32_t i = 0; i < b.n_strings && rc == DCR_OK; i++) {
        b.strings[i].p = (const uint8_t *)m->strings.entry[i].p;
        b.strings[i].n = m->strings.entry[i].n;
        b.values[i].bytes = i;
    }
    for (uint32_t i = 0; i < m->n_units; i++)
        names[i] = &m->name[i];
    if (rc == DCR_OK)
        rc = dcr_store_append(m->store, &b, names, m->n_units, err);
    dcr_free(b.strings);
    dcr_free(b.values);
    dcr_dict_clear(&m->strings);
    m->n_attrs = m->n_units = m->n_facts = m->n_rollups = 0;
    return rc;
}

static void begin_batch(maker *m)
{
    char path[32];
    for (uint32_t a = 0; a < N_ATTRIBUTES; a++)
        add_attr(m, attributes[a].path, attributes[a].vr);
    add_attr(m, "0008,0018", "UI");
    add_attr(m, "0020,0013", "IS");
    for (unsigned i = 0; m->shape == TEXTS_SHAPE && i < TEXTS; i++) {
        snprintf(path, sizeof path, "0009,xx%02X{TEXTS}", 0x10 + i);
        add_attr(m, path, "LT");
    }
}

static dcr_status make_all(maker *m, dcr_err *err)
{
    dcr_status rc = DCR_OK;
    uint64_t since = 0;
    m->attr = dcr_alloc(N_ATTRIBUTES + 2 + TEXTS + BATCH, sizeof *m->attr);
    m->fact = dcr_alloc(MAX_FACTS, sizeof *m->fact);
    if (m->attr == NULL || m->fact == NULL)
        return dcr_nomem(err);
    for (uint64_t n = 0; n < m->n_series && rc == DCR_OK;) {
        begin_batch(m);
        for (; m->n_units < BATCH && n < m->n_series; n++)
            add_series(m);
        since += m->n_units;
        rc = flush(m, err);
        if (rc == DCR_OK && since >= 20000) {
            since = 0;
            rc = dcr_store_commit(m->store, err);
        }
    }
    return rc == DCR_OK ? dcr_store_set_complete(m->store, true, err) : rc;
}

static dcr_status run(cohort_shape shape, uint64_t n, const char *out, dcr_err *err)
{
    static const char *const inputs[] = {"/made-up"};
    dcr_store_options o = {.reader = "bench", .inputs = inputs, .n_inputs = 1};
    maker *m = dcr_alloc(1, sizeof *m);
    dcr_status rc, closed;
    if (m == NULL)
        return dcr_nomem(err);
    m->shape = shape;
    m->n_series = n;
    rc = dcr_store_open(&m->store, out, &o, err);
    if (rc == DCR_OK)
        rc = make_all(m, err);
    closed = dcr_store_close(m->store, err);
    dcr_free(m->attr);
    dcr_free(m->fact);
    dcr_free(m);
    return rc == DCR_OK ? closed : rc;
}

int main(int argc, char **argv)
{
    dcr_err err = {0};
    uint64_t n = 0;
    int s = 0;
    while (argc == 4 && s < N_SHAPES && strcmp(argv[1], shape_names[s]) != 0)
        s++;
    if (argc != 4 || s == N_SHAPES || !dcr_num_u64(argv[2], 1, 100000000, &n)) {
        fprintf(stderr,
                "usage: bench_model cohort|study|subject|creators|sites|texts|referrals"
                " SERIES OUT.scan\n");
        return 2;
    }
    if (run((cohort_shape)s, n, argv[3], &err) != DCR_OK) {
        fprintf(stderr, "bench_model: %s\n", err.text);
        return 4;
    }
    return 0;
}
