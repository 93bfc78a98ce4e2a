/* CPU of one grouping of a table by all its columns, and of SUDA scores and figures of
 * fields of the same table, in one process. usage: bench_lattice ROWS COLUMNS VALUES
 * even|skewed Prints: rows, different rows, seconds of a grouping (the least of three),
 * of the family suda and of the family fields, which both make their own lattice. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "alloc.h"
#include "dcmrisk/metric.h"

enum { MOST_COLUMNS = 16, MOST_VALUES = 1000 };

static uint64_t seed = 88172645463325252u;

static uint32_t draw(uint32_t n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)((seed >> 11) % n);
}

static double cpu(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Skewed: the value v comes with a weight of 1 / (v + 1). */
static void fill(uint32_t *code, size_t n, uint32_t n_values, bool skewed)
{
    uint32_t upto[MOST_VALUES], sum = 0;
    for (uint32_t v = 0; v < n_values; v++)
        upto[v] = sum += skewed ? 1000000 / (v + 1) : 1000;
    for (size_t i = 0; i < n; i++) {
        uint32_t x = draw(sum), v = 0;
        while (upto[v] <= x)
            v++;
        code[i] = 1 + v;
    }
}

static dcr_status number(void *ctx, const char *path, const dcr_measure *m, dcr_err *err)
{
    (void)ctx, (void)path, (void)m, (void)err;
    return DCR_OK;
}

static dcr_status word(void *ctx, const char *path, const char *text, dcr_err *err)
{
    (void)ctx, (void)path, (void)text, (void)err;
    return DCR_OK;
}

static dcr_status truth(void *ctx, const char *path, bool is, dcr_err *err)
{
    (void)ctx, (void)path, (void)is, (void)err;
    return DCR_OK;
}

static dcr_status empty(void *ctx, const char *path, dcr_err *err)
{
    (void)ctx, (void)path, (void)err;
    return DCR_OK;
}

static double one_family(const dcr_frame *f, const char *family, dcr_err *err)
{
    const dcr_metric_sink sink = {NULL, number, word, truth, empty};
    dcr_tab t = {.frame = f};
    double begin, end = -1;
    if (dcr_tab_prepare(&t, err) != DCR_OK)
        return -1;
    begin = cpu();
    for (const dcr_metric *const *m = dcr_metrics(); *m != NULL; m++)
        if (strcmp((*m)->family, family) == 0 && (*m)->table != NULL &&
            (*m)->table(&t, &sink, err) == DCR_OK)
            end = cpu();
    dcr_tab_clear(&t);
    return end - begin;
}

static double grouping(const dcr_frame *f, uint32_t *n_groups, dcr_err *err)
{
    double least = 1e9;
    for (int i = 0; i < 3; i++) {
        dcr_groups g;
        double begin = cpu();
        if (dcr_groups_build(&g, f, dcr_frame_all(f), err) != DCR_OK)
            return -1;
        least = cpu() - begin < least ? cpu() - begin : least;
        *n_groups = g.n_groups;
        dcr_groups_clear(&g);
    }
    return least;
}

int main(int argc, char **argv)
{
    const char *name[MOST_COLUMNS];
    uint32_t *code[MOST_COLUMNS], n_codes[MOST_COLUMNS], n_groups = 0;
    dcr_err err = {0};
    double group, suda, fields;
    size_t n = argc == 5 ? strtoul(argv[1], NULL, 10) : 0;
    size_t m = argc == 5 ? strtoul(argv[2], NULL, 10) : 0;
    uint32_t values = argc == 5 ? (uint32_t)strtoul(argv[3], NULL, 10) : 0;
    if (n == 0 || m == 0 || m > MOST_COLUMNS || values == 0 || values > MOST_VALUES) {
        fputs("usage: bench_lattice ROWS COLUMNS VALUES even|skewed\n", stderr);
        return 2;
    }
    for (size_t c = 0; c < m; c++) {
        name[c] = "column";
        n_codes[c] = values + 1;
        code[c] = dcr_alloc(n, sizeof *code[c]);
        if (code[c] == NULL)
            return 4;
        fill(code[c], n, values, strcmp(argv[4], "skewed") == 0);
    }
    dcr_frame f = {.n_rows = n,
                   .n_columns = m,
                   .name = name,
                   .code = (const uint32_t *const *)code,
                   .n_codes = n_codes,
                   .n_subjects = (uint32_t)n};
    group = grouping(&f, &n_groups, &err);
    suda = one_family(&f, "suda", &err);
    fields = one_family(&f, "fields", &err);
    printf("%zu %u %.4f %.4f %.4f\n", n, n_groups, group, suda, fields);
    for (size_t c = 0; c < m; c++)
        dcr_free(code[c]);
    return group < 0 || suda < 0 || fields < 0 ? 4 : 0;
}
