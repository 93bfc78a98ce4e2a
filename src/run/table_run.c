/* dcmrisk table: calls the stages in order. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc.h"
#include "table_load.h"

/* ---- the population ---- */

static dcr_status check(const dcr_table_options *o, dcr_err *err)
{
    int n = (o->population > 0) + (o->fraction != 0) + (o->population_table != NULL);
    if (n > 1)
        return dcr_fail(err, DCR_EARG, NULL,
                        "--population, --fraction and --population-table say the same "
                        "thing: give one");
    if (!(o->fraction >= 0 && o->fraction <= 1))
        return dcr_fail(err, DCR_EARG, NULL, "--fraction must be above 0 and at most 1");
    return DCR_OK;
}

/* N and n / N, in subjects, from whichever is known. */
static dcr_status set_population(dcr_tab *t, const dcr_table_options *o, dcr_err *err)
{
    uint64_t n = t->frame->n_subjects;
    t->population_size =
        t->population != NULL ? t->population->n_subjects : o->population;
    t->fraction = o->fraction;
    if (o->fraction > 0)
        t->population_size = (uint64_t)llround((double)n / o->fraction);
    else if (o->population > 0 && o->population < n)
        return dcr_fail(err, DCR_EARG, NULL,
                        "--population %llu is less than the %llu %s of the table",
                        (unsigned long long)o->population, (unsigned long long)n,
                        o->subject == NULL ? "records" : "subjects");
    else if (t->population_size >= n && n > 0)
        t->fraction = (double)n / (double)t->population_size;
    return DCR_OK;
}

/* ---- figures of every row ---- */

enum { N_FIGURES = 5 };

static dcr_status make_records(dcr_tab_records *r, size_t n, dcr_err *err)
{
    double **column[N_FIGURES] = {&r->fk, &r->Fk, &r->risk, &r->suda, &r->dis};
    for (int c = 0; c < N_FIGURES; c++) {
        *column[c] = dcr_alloc(n, sizeof **column[c]);
        if (*column[c] == NULL)
            return dcr_nomem(err);
        for (size_t i = 0; i < n; i++)
            (*column[c])[i] = NAN;
    }
    return DCR_OK;
}

static void free_records(dcr_tab_records *r)
{
    dcr_free(r->fk);
    dcr_free(r->Fk);
    dcr_free(r->risk);
    dcr_free(r->suda);
    dcr_free(r->dis);
}

static void print_records(FILE *f, const dcr_tab_records *r, size_t n)
{
    const double *const column[N_FIGURES] = {r->fk, r->Fk, r->risk, r->suda, r->dis};
    fputs("row,fk,Fk,risk,suda,dis\n", f);
    for (size_t i = 0; i < n && !ferror(f); i++) {
        fprintf(f, "%zu", i + 1);
        for (int c = 0; c < N_FIGURES; c++)
            if (isnan(column[c][i]))
                fputc(',', f);
            else
                fprintf(f, ",%.17g", column[c][i]);
        fputc('\n', f);
    }
}

/* Rows are people: the file is its owner's alone, also when it was there before. */
static bool only_mine(int fd)
{
    struct stat s;
    return fstat(fd, &s) == 0 && (!S_ISREG(s.st_mode) || fchmod(fd, 0600) == 0);
}

static dcr_status write_records(const char *path, const dcr_tab_records *r, size_t n,
                                dcr_err *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    FILE *f = fd < 0 || !only_mine(fd) ? NULL : fdopen(fd, "w");
    bool bad = f == NULL;
    if (f != NULL) {
        print_records(f, r, n);
        bad = fflush(f) != 0 || ferror(f);
        bad = fclose(f) != 0 || bad;
    } else if (fd >= 0) {
        close(fd);
    }
    return bad ? dcr_fail(err, DCR_EIO, path, "cannot write: %s", strerror(errno))
               : DCR_OK;
}

/* ---- all of it ---- */

static dcr_status judge(json_t **out, const dcr_loaded *l, const dcr_table_options *o,
                        dcr_err *err)
{
    dcr_table_about about = {.version = DCMRISK_VERSION,
                             .family = o->family,
                             .n_family = o->n_family,
                             .subject = o->subject,
                             .weight = o->weight,
                             .trim = o->trim};
    dcr_tab_records records = {0};
    dcr_tab t = {.frame = &l->qi.frame,
                 .sensitive = o->n_sensitive > 0 ? &l->sensitive.frame : NULL,
                 .population = o->population_table != NULL ? &l->population.frame : NULL,
                 .missing = o->missing,
                 .design = o->design,
                 .srs = o->design == DCR_DESIGN_SRS || o->design == DCR_DESIGN_UNSTATED,
                 .records = o->records == NULL ? NULL : &records};
    size_t n = t.frame->n_rows;
    dcr_status rc = set_population(&t, o, err);
    if (rc == DCR_OK && t.records != NULL)
        rc = make_records(&records, n, err);
    if (rc == DCR_OK)
        rc = dcr_tab_prepare(&t, err);
    if (rc == DCR_OK)
        rc = dcr_report_table(out, &t, &about, err);
    if (rc == DCR_OK && t.records != NULL)
        rc = write_records(o->records, &records, n, err);
    dcr_tab_clear(&t);
    free_records(&records);
    if (rc != DCR_OK) {
        json_decref(*out);
        *out = NULL;
    }
    return rc;
}

dcr_status dcr_table_run(json_t **out, const dcr_table_options *o, dcr_err *err)
{
    dcr_loaded l = {0};
    dcr_status rc = check(o, err);
    *out = NULL;
    if (rc == DCR_OK)
        rc = dcr_load_table(&l, o, err);
    if (rc == DCR_OK)
        rc = judge(out, &l, o, err);
    dcr_loaded_clear(&l);
    return rc;
}
