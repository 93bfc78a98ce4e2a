#include "tables.h"

#include <string.h>

#include "../input/csv_header.h"
#include "alloc.h"
#include "buf.h"

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

dcr_status dcr_tables_read(dcr_tables **out, const dcr_rules *rules,
                           const dcr_table_options *o, dcr_err *err)
{
    dcr_tables *t = dcr_alloc(1, sizeof *t);
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
        t->from_project = true;
        rc = beside(&path, o->project, table, err);
    }
    if (rc == DCR_OK && path.failed)
        rc = dcr_nomem(err);
    if (rc == DCR_OK && path.n > 0)
        rc = read_register(&t->reg, rules, path.p, err);
    dcr_buf_clear(&path);
    dcr_project_free(project);
    if (rc != DCR_OK)
        dcr_tables_free(t);
    else
        *out = t;
    return rc;
}

void dcr_tables_free(dcr_tables *t)
{
    if (t == NULL)
        return;
    dcr_register_free(t->reg);
    dcr_free(t);
}
