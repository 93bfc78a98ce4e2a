/* Wall seconds of one grouping of a table of codes by all its columns (the least of
 * three). usage: bench_groups ROWS COLUMNS JOBS [FILE.csv]      the same table as CSV,
 * too Columns have 2 to 13 values; same arguments, same table.  Prints classes and
 * seconds. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "alloc.h"
#include "dcmrisk/frame.h"
#include "num.h"

enum { MOST_COLUMNS = 64 };

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* A third of the draws is the least code, so that classes are of many sizes. */
static void fill(uint32_t *code, size_t n, uint32_t n_values, uint64_t seed)
{
    for (size_t i = 0; i < n; i++) {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        code[i] = seed % 3 == 0 ? 1 : 1 + (uint32_t)((seed >> 20) % n_values);
    }
}

static int write_csv(const char *path, const dcr_frame *f)
{
    FILE *out = fopen(path, "w");
    if (out == NULL)
        return 1;
    for (size_t c = 0; c < f->n_columns; c++)
        fprintf(out, "%sq%zu", c == 0 ? "" : ",", c);
    fputc('\n', out);
    for (size_t i = 0; i < f->n_rows; i++)
        for (size_t c = 0; c < f->n_columns; c++)
            fprintf(out, "%u%c", f->code[c][i], c + 1 < f->n_columns ? ',' : '\n');
    return fclose(out) != 0;
}

int main(int argc, char **argv)
{
    uint64_t rows, columns, jobs;
    uint32_t *code[MOST_COLUMNS], n_codes[MOST_COLUMNS], classes = 0;
    const uint32_t *lent[MOST_COLUMNS];
    const char *name[MOST_COLUMNS];
    double best = 1e9;
    dcr_err err = {0};
    if (argc < 4 || !dcr_num_u64(argv[1], 1, UINT32_MAX, &rows) ||
        !dcr_num_u64(argv[2], 1, MOST_COLUMNS, &columns) ||
        !dcr_num_u64(argv[3], 1, 64, &jobs))
        return 2;
    for (size_t c = 0; c < columns; c++) {
        code[c] = dcr_alloc(rows, sizeof *code[c]);
        if (code[c] == NULL)
            return 4;
        fill(code[c], rows, 2 + (uint32_t)c, 88172645463325252u + c * 7919);
        n_codes[c] = 3 + (uint32_t)c;
        lent[c] = code[c];
        name[c] = "q";
    }
    dcr_frame f = {.n_rows = rows,
                   .n_columns = columns,
                   .name = name,
                   .code = lent,
                   .n_codes = n_codes,
                   .n_subjects = (uint32_t)rows,
                   .jobs = (unsigned)jobs};
    if (argc > 4)
        return write_csv(argv[4], &f);
    for (int i = 0; i < 3; i++) {
        dcr_groups g;
        double from = now();
        if (dcr_groups_build(&g, &f, dcr_frame_all(&f), &err) != DCR_OK)
            return 4;
        best = now() - from < best ? now() - from : best;
        classes = g.n_groups;
        dcr_groups_clear(&g);
    }
    printf("%u %.4f\n", classes, best);
    for (size_t c = 0; c < columns; c++)
        dcr_free(code[c]);
    return 0;
}
