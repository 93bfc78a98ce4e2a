#include "beside.h"

#include <string.h>

#include "../input/csv.h"
#include "../input/csv_header.h"
#include "alloc.h"
#include "buf.h"
#include "near.h"

struct dcr_beside {
    dcr_register *reg;     /* NULL: no population table */
    dcr_csv_header header; /* of the table beside the images: its names are lent */
    dcr_csv *clinical;     /* NULL: no such table */
    dcr_text_table text;
    dcr_text_column *columns;
    dcr_join join;
    bool *known;
    char *file;
};

/* A wrong table is the user's, like a wrong project file. */
static dcr_status users_fault(dcr_status rc, dcr_err *err)
{
    if (rc != DCR_EFORMAT && rc != DCR_EIO && rc != DCR_EARG)
        return rc;
    if (err != NULL && err->code == rc)
        err->code = DCR_ERULES;
    return DCR_ERULES;
}

static uint64_t line_of(const void *ctx, size_t row)
{
    return dcr_csv_line(ctx, row);
}

/* The columns of a file that are asked for, as text. */
static dcr_status read_columns(dcr_csv **out, const char *path, const dcr_csv_header *h,
                               const char *const *name, size_t n, dcr_err *err)
{
    const dcr_csv_options o = {.delimiter = h->delimiter, .trim = true, .jobs = 1};
    return dcr_csv_read(out, path, name, n, &o, err);
}

/* Lends the columns of a table that was read; *columns is the caller's to free. */
static dcr_status as_text(dcr_text_table *out, dcr_text_column **columns,
                          const char *path, const dcr_csv *t, dcr_err *err)
{
    dcr_text_column *c = *columns = dcr_alloc(t->n_columns, sizeof *c);
    if (c == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; i < t->n_columns; i++)
        c[i] = (dcr_text_column){t->column[i].name, t->column[i].code,
                                 t->column[i].n_codes, t->column[i].value};
    *out = (dcr_text_table){path, t->n_rows, t->n_columns, c, line_of, t};
    return DCR_OK;
}

/* ---- the population ---- */

/* The columns that can be understood; two of one name are left to the reader. */
static size_t understood(const dcr_rules *rules, const dcr_csv_header *h,
                         const char **name)
{
    size_t n = 0, rank;
    for (size_t i = 0; i < h->n; i++)
        if (dcr_table_concept(rules, h->name[i], NULL) != SIZE_MAX ||
            dcr_table_is_subject(h->name[i], &rank))
            name[n++] = h->name[i];
    return n;
}

static dcr_status read_register(dcr_register **out, const dcr_rules *rules,
                                const char *path, dcr_err *err)
{
    dcr_csv_header h = {0};
    dcr_csv *csv = NULL;
    dcr_text_column *columns = NULL;
    dcr_text_table text = {.file = path};
    const char **name = NULL;
    size_t n = 0;
    dcr_status rc = dcr_csv_header_read(&h, path, err);
    if (rc == DCR_OK && (name = dcr_alloc(h.n, sizeof *name)) == NULL)
        rc = dcr_nomem(err);
    if (rc == DCR_OK)
        n = understood(rules, &h, name);
    if (rc == DCR_OK && n > 0)
        rc = read_columns(&csv, path, &h, name, n, err);
    if (rc == DCR_OK && n > 0)
        rc = as_text(&text, &columns, path, csv, err);
    if (rc == DCR_OK)
        rc = dcr_register_read(out, rules, &text, h.n, err);
    dcr_free(columns);
    dcr_free(name);
    dcr_csv_free(csv);
    dcr_csv_header_clear(&h);
    return users_fault(rc, err);
}

/* ---- clinical data ---- */

static dcr_status no_column(const dcr_csv_header *h, const char *path, const char *option,
                            const char *name, dcr_err *err)
{
    dcr_near near = dcr_near_of(name);
    for (size_t i = 0; i < h->n; i++)
        dcr_near_try(&near, h->name[i]);
    if (near.found != NULL)
        return dcr_fail(err, DCR_ERULES, path,
                        "%s: no column '%.40s'; did you mean '%.40s'?", option, name,
                        near.found);
    return dcr_fail(err, DCR_ERULES, path, "%s: no column '%.40s'", option, name);
}

static size_t place_of(const dcr_csv_header *h, const char *name)
{
    size_t i = 0;
    while (i < h->n && strcmp(h->name[i], name) != 0)
        i++;
    return i;
}

/* Which column says whose a row is, and which ones everybody knows. */
static dcr_status choose(dcr_beside *t, const dcr_csv_header *h,
                         const dcr_beside_options *o, dcr_err *err)
{
    size_t best = SIZE_MAX, rank;
    t->join.key = h->n;
    for (size_t i = 0; i < h->n && o->join == NULL; i++)
        if (dcr_table_is_subject(h->name[i], &rank) && rank < best) {
            best = rank;
            t->join.key = i;
        }
    if (o->join != NULL)
        t->join.key = place_of(h, o->join);
    if (t->join.key == h->n && o->join != NULL)
        return no_column(h, o->table, "--join", o->join, err);
    if (t->join.key == h->n)
        return dcr_fail(err, DCR_ERULES, o->table,
                        "no column is called PatientID; name the one that holds it with"
                        " --join");
    for (size_t k = 0; k < o->n_known; k++) {
        size_t at = place_of(h, o->known[k]);
        if (at == h->n)
            return no_column(h, o->table, "--table-qi", o->known[k], err);
        t->known[at] = true;
    }
    return DCR_OK;
}

static dcr_status read_clinical(dcr_beside *t, const dcr_beside_options *o, dcr_err *err)
{
    const dcr_csv_header *h = &t->header;
    dcr_status rc = dcr_csv_header_read(&t->header, o->table, err);
    if (rc == DCR_OK) {
        t->known = dcr_alloc(h->n, sizeof *t->known);
        t->file = dcr_strdup(o->table);
        rc = t->known == NULL || t->file == NULL ? dcr_nomem(err) : choose(t, h, o, err);
    }
    if (rc == DCR_OK)
        rc = read_columns(&t->clinical, t->file, h, h->name, h->n, err);
    if (rc == DCR_OK)
        rc = as_text(&t->text, &t->columns, t->file, t->clinical, err);
    t->join.table = &t->text;
    t->join.known = t->known;
    return rc;
}

/* A path in the project file is one from that file. */
static dcr_status beside(dcr_buf *out, const char *project, const char *path,
                         dcr_err *err)
{
    const char *slash = strrchr(project, '/');
    if (path[0] != '/' && slash != NULL)
        dcr_buf_add(out, project, (size_t)(slash - project) + 1);
    dcr_buf_str(out, path);
    return out->failed ? dcr_nomem(err) : DCR_OK;
}

dcr_status dcr_beside_read(dcr_beside **out, const dcr_rules *rules,
                           const dcr_beside_options *o, dcr_err *err)
{
    dcr_beside *t = dcr_alloc(1, sizeof *t);
    dcr_project *project = NULL;
    dcr_buf path = {0};
    const char *table = NULL;
    dcr_status rc;
    *out = NULL;
    if (t == NULL)
        return dcr_nomem(err);
    rc = dcr_project_load(&project, o->project, err);
    if (rc == DCR_OK)
        table = dcr_project_population(project)->table;
    if (rc == DCR_OK && o->population != NULL) {
        dcr_buf_str(&path, o->population);
    } else if (rc == DCR_OK && table != NULL) {
        rc = beside(&path, o->project, table, err);
    }
    if (rc == DCR_OK && path.failed)
        rc = dcr_nomem(err);
    if (rc == DCR_OK && path.n > 0)
        rc = read_register(&t->reg, rules, path.p, err);
    if (rc == DCR_OK && o->table == NULL && (o->join != NULL || o->n_known > 0))
        rc = dcr_fail(
            err, DCR_EARG, NULL,
            "--join and --table-qi name columns of --table FILE, which is missing");
    if (rc == DCR_OK && o->table != NULL)
        rc = users_fault(read_clinical(t, o, err), err);
    dcr_buf_clear(&path);
    dcr_project_free(project);
    if (rc != DCR_OK)
        dcr_beside_free(t);
    else
        *out = t;
    return rc;
}

void dcr_beside_free(dcr_beside *t)
{
    if (t == NULL)
        return;
    dcr_register_free(t->reg);
    dcr_csv_free(t->clinical);
    dcr_csv_header_clear(&t->header);
    dcr_free(t->columns);
    dcr_free(t->known);
    dcr_free(t->file);
    dcr_free(t);
}

dcr_status dcr_beside_join(const dcr_beside *t, dcr_model *m, const dcr_adversary *also,
                           dcr_err *err)
{
    return t == NULL || t->clinical == NULL ? DCR_OK
                                            : dcr_model_join(m, &t->join, also, err);
}

dcr_status dcr_beside_bind(dcr_register_codes **out, const dcr_beside *t,
                           const dcr_model *m, dcr_err *err)
{
    *out = NULL;
    return t == NULL || t->reg == NULL ? DCR_OK : dcr_register_bind(out, t->reg, m, err);
}
