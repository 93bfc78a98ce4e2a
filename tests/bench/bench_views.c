/* Times all adversaries and views of a scan file, and SQLite over the same records.
 *
 * usage: bench_views SCAN
 *
 * Prints, in CPU seconds: all views of all adversaries with the figures of their
 * concepts and the longitudinal ones; one GROUP BY with count(DISTINCT subject) over
 * every column of the records, as whole numbers, in a table in memory (filling it is not
 * counted); and the number of records and studies. */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "alloc.h"
#include "dcmrisk/dcmrisk.h"
#include "scanfile.h"

static double cpu(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* ---- ours ---- */

static dcr_status all_views(const dcr_model *m, const dcr_adversary *a, bool gated,
                            dcr_err *err)
{
    static dcr_status (*const further[])(dcr_risk **, const dcr_risk *, dcr_err *) = {
        dcr_risk_two_exams, dcr_risk_history};
    dcr_concept_figures *f = dcr_alloc(a->n_knows, sizeof *f);
    dcr_risk *any_exam = NULL, *r = NULL;
    dcr_interval_pairs pairs = {0};
    dcr_km km[DCR_KM_N];
    size_t n;
    dcr_status rc = f == NULL ? dcr_nomem(err) : dcr_risk_any_exam(&any_exam, m, a, err);
    for (size_t v = 0; v < 2 && rc == DCR_OK; v++) {
        rc = further[v](&r, any_exam, err);
        dcr_risk_free(r);
        r = NULL;
    }
    if (rc == DCR_OK)
        rc = dcr_concept_figures_get(any_exam, f, &n, err);
    if (rc == DCR_OK && gated)
        rc = dcr_km_get(km, any_exam, err);
    if (rc == DCR_OK && gated)
        rc = dcr_interval_pairs_get(&pairs, any_exam, err);
    dcr_interval_pairs_clear(&pairs);
    dcr_risk_free(any_exam);
    dcr_free(f);
    return rc;
}

static dcr_status ours(const dcr_model *m, const dcr_rules *rules, dcr_err *err)
{
    size_t n;
    const dcr_adversary *a = dcr_rules_adversaries(rules, &n);
    dcr_longitudinal l = {0};
    dcr_status rc = dcr_longitudinal_get(&l, m, err);
    dcr_longitudinal_clear(&l);
    for (size_t i = 0; i < n && rc == DCR_OK; i++)
        if (strcmp(a[i].target, "prosecutor") == 0)
            rc = all_views(m, &a[i], strcmp(a[i].id, "acquaintance") == 0, err);
    return rc;
}

/* ---- SQLite ---- */

/* "a, b, ..., " with a word before each name: c0 to c<n - 1>. */
static void columns(char *out, size_t size, size_t n, const char *after)
{
    size_t at = strlen(out);
    for (size_t c = 0; c < n && at < size; c++)
        at += (size_t)snprintf(out + at, size - at, "%sc%zu%s", c == 0 ? "" : ", ", c,
                               after);
}

static int fill(sqlite3 *db, const dcr_table *t)
{
    char sql[4096] = "CREATE TABLE r(";
    sqlite3_stmt *add = NULL;
    size_t n;
    columns(sql, sizeof sql - 32, t->n_columns, " INTEGER");
    n = strlen(sql);
    snprintf(sql + n, sizeof sql - n, ", subject INTEGER)");
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        return SQLITE_ERROR;
    snprintf(sql, sizeof sql, "INSERT INTO r VALUES(?");
    for (size_t c = 0; c < t->n_columns; c++)
        strncat(sql, ",?", sizeof sql - strlen(sql) - 3);
    strncat(sql, ")", 2);
    sqlite3_exec(db, "BEGIN", NULL, NULL, NULL);
    if (sqlite3_prepare_v2(db, sql, -1, &add, NULL) != SQLITE_OK)
        return SQLITE_ERROR;
    for (size_t r = 0; r < t->n_rows; r++) {
        for (size_t c = 0; c < t->n_columns; c++)
            sqlite3_bind_int64(add, (int)c + 1, t->column[c].code[r]);
        sqlite3_bind_int64(add, (int)t->n_columns + 1, t->subject[r]);
        if (sqlite3_step(add) != SQLITE_DONE)
            break;
        sqlite3_reset(add);
    }
    sqlite3_finalize(add);
    return sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
}

/* CPU seconds of one grouping; negative when it failed. */
static double grouping(const dcr_table *t)
{
    char sql[4096] = "SELECT min(k), count(*) FROM (SELECT count(DISTINCT subject) AS k "
                     "FROM r GROUP BY ";
    sqlite3 *db = NULL;
    sqlite3_stmt *q = NULL;
    double begin = -1, spent = -1;
    int code = sqlite3_open(":memory:", &db);
    if (code == SQLITE_OK)
        code = fill(db, t);
    columns(sql, sizeof sql - 2, t->n_columns, "");
    strncat(sql, ")", 2);
    if (code == SQLITE_OK)
        code = sqlite3_prepare_v2(db, sql, -1, &q, NULL);
    begin = cpu();
    if (code == SQLITE_OK && sqlite3_step(q) == SQLITE_ROW)
        spent = cpu() - begin;
    else
        fprintf(stderr, "bench_views: %s\n", sqlite3_errmsg(db));
    sqlite3_finalize(q);
    sqlite3_close(db);
    return spent;
}

/* ---- both ---- */

static dcr_status compare(const char *path, dcr_err *err)
{
    dcr_store_options o = {.reader = "bench"};
    dcr_rules *rules = NULL;
    dcr_store *store = NULL;
    dcr_model *m = NULL;
    dcr_status rc = dcr_rules_load(&rules, NULL, err), closed;
    if (rc == DCR_OK)
        rc = dcr_store_open(&store, path, &o, err);
    if (rc == DCR_OK)
        rc = dcr_load_model(&m, store, rules, NULL, err);
    if (rc == DCR_OK) {
        double begin = cpu(), spent, other;
        rc = ours(m, rules, err);
        spent = cpu() - begin;
        other = rc == DCR_OK ? grouping(&m->table) : -1;
        if (rc == DCR_OK && other > 0)
            printf("%.3f %.3f %zu %u\n", spent, other, m->table.n_rows, m->n_studies);
    }
    dcr_model_free(m);
    closed = dcr_store_close(store, err);
    dcr_rules_free(rules);
    return rc == DCR_OK ? closed : rc;
}

int main(int argc, char **argv)
{
    dcr_err err = {0};
    dcr_init();
    if (argc != 2) {
        fprintf(stderr, "usage: bench_views SCAN\n");
        return 2;
    }
    if (compare(argv[1], &err) != DCR_OK) {
        fprintf(stderr, "bench_views: %s\n", err.text);
        return 4;
    }
    return 0;
}
