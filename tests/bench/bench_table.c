/* Tables of random codes, for table.sh.
 *
 *   bench_table csv ROWS COLUMNS            writes one as CSV
 *   bench_table groups ROWS COLUMNS JOBS    groups it; prints CPU and wall seconds,
 * classes, unique records, smallest and largest class
 *
 * Half of the rows are drawn from ROWS / 8 templates, the other half are drawn anew, so
 * that there are classes of many sizes.  Of `groups` the run of three with the least CPU
 * counts. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "alloc.h"
#include "dcmrisk/dcmrisk.h"
#include "num.h"

enum { COLUMNS_MAX = 12, RUNS = 3 };

static const uint32_t card[COLUMNS_MAX] = {2,    120, 1000, 50,   12,  400,
                                           5000, 30,  7,    1500, 200, 365};

static uint64_t step(uint64_t *state)
{
    uint64_t z = (*state += 0x9E3779B97F4A7C15u);
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

/* Codes of a row, from 1; small ones are the frequent ones. */
static void draw_row(uint64_t row, uint64_t n_rows, size_t n_columns, uint32_t *code)
{
    uint64_t state = row, x = step(&state);
    if (x % 2 == 0)
        state = (x >> 8) % (n_rows / 8 + 1) * 2654435761u + 1;
    for (size_t c = 0; c < n_columns; c++) {
        uint64_t u = step(&state);
        uint64_t a = (u & 0xFFFFFFFF) * card[c] >> 32, b = (u >> 32) * card[c] >> 32;
        code[c] = 1 + (uint32_t)(a < b ? a : b);
    }
}

static void write_csv(uint64_t n_rows, size_t n_columns)
{
    uint32_t code[COLUMNS_MAX];
    for (size_t c = 0; c < n_columns; c++)
        printf("%sc%zu", c == 0 ? "" : ",", c);
    putchar('\n');
    for (uint64_t i = 0; i < n_rows; i++) {
        draw_row(i, n_rows, n_columns, code);
        for (size_t c = 0; c < n_columns; c++)
            printf("%s%" PRIu32, c == 0 ? "" : ",", code[c]);
        putchar('\n');
    }
}

static double wall(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double cpu(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           1e-6 * (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

static void say(const dcr_groups *g, double cpu_s, double wall_s)
{
    uint32_t unique = 0, min = 0, max = 0;
    for (uint32_t i = 0; i < g->n_groups; i++) {
        unique += g->rows[i] == 1;
        min = i == 0 || g->rows[i] < min ? g->rows[i] : min;
        max = g->rows[i] > max ? g->rows[i] : max;
    }
    printf("%.3f %.3f %" PRIu32 " %" PRIu32 " %" PRIu32 " %" PRIu32 "\n", cpu_s, wall_s,
           g->n_groups, unique, min, max);
}

static int group(uint64_t n_rows, size_t n_columns, unsigned jobs)
{
    uint32_t *code[COLUMNS_MAX], n_codes[COLUMNS_MAX], row[COLUMNS_MAX];
    double best_cpu = 0, best_wall = 0;
    dcr_groups g = {0};
    dcr_err err = {0};
    dcr_frame f = {.n_rows = (size_t)n_rows,
                   .n_columns = n_columns,
                   .code = (const uint32_t *const *)code,
                   .n_codes = n_codes,
                   .n_subjects = (uint32_t)n_rows,
                   .jobs = jobs};
    for (size_t c = 0; c < n_columns; c++) {
        code[c] = dcr_alloc((size_t)n_rows, sizeof **code);
        n_codes[c] = card[c] + 1;
        if (code[c] == NULL)
            return 1;
    }
    for (uint64_t i = 0; i < n_rows; i++) {
        draw_row(i, n_rows, n_columns, row);
        for (size_t c = 0; c < n_columns; c++)
            code[c][i] = row[c];
    }
    for (int run = 0; run < RUNS; run++) {
        double c = cpu(), w = wall();
        dcr_groups_clear(&g);
        if (dcr_groups_build(&g, &f, dcr_frame_all(&f), &err) != DCR_OK)
            return 1;
        c = cpu() - c;
        w = wall() - w;
        if (run == 0 || c < best_cpu) {
            best_cpu = c;
            best_wall = w;
        }
    }
    say(&g, best_cpu, best_wall);
    dcr_groups_clear(&g);
    for (size_t c = 0; c < n_columns; c++)
        dcr_free(code[c]);
    return 0;
}

int main(int argc, char **argv)
{
    uint64_t n_rows, n_columns, jobs = 1;
    if (argc < 4 || !dcr_num_u64(argv[2], 1, UINT32_MAX - 1, &n_rows) ||
        !dcr_num_u64(argv[3], 1, COLUMNS_MAX, &n_columns) ||
        (argc > 4 && !dcr_num_u64(argv[4], 1, 16, &jobs)))
        return 2;
    if (strcmp(argv[1], "csv") == 0) {
        write_csv(n_rows, (size_t)n_columns);
        return fflush(stdout) == 0 ? 0 : 1;
    }
    return group(n_rows, (size_t)n_columns, (unsigned)jobs);
}
