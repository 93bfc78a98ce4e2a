/* poplab: asks the population models about histograms of class sizes.
 *
 * Reads lines "FRACTION SIZE CLASSES [SIZE CLASSES ...]" from stdin and answers each with
 * a line: uniques of the population by ARX's reading of Pitman (its limit for a large N),
 * the chosen model or "none", then for each model its word, share, lower and upper end,
 * and 1 when it applies. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/metrics/population.h"
#include "alloc.h"
#include "dcmrisk/dcmrisk.h"
#include "num.h"

static int answer(double fraction, dcr_sizes s)
{
    dcr_population p;
    dcr_pitman pitman;
    dcr_err err = {0};
    double n = dcr_sizes_records(s), limit = NAN;
    if (dcr_population_estimate(&p, s, fraction, true, NAN, &err) != DCR_OK) {
        fprintf(stderr, "poplab: %s\n", err.text);
        return 1;
    }
    if (dcr_pitman_fit(&pitman, s))
        limit = dcr_pitman_uniques_limit(pitman, n / fraction);
    printf("%.17g %s", limit,
           p.chosen < 0 ? "none" : dcr_population_name((dcr_population_model)p.chosen));
    for (int k = 0; k < DCR_POPULATION_MODELS; k++) {
        const dcr_measure *m = &p.model[k];
        printf(" %s %.17g %.17g %.17g %d", dcr_population_name((dcr_population_model)k),
               m->value, m->lo, m->hi, m->applies);
    }
    putchar('\n');
    return 0;
}

static int ask(char *line)
{
    dcr_size_count *list = NULL;
    size_t n = 0, cap = 0;
    char *save = NULL, *word = strtok_r(line, " \n", &save);
    double fraction, size, classes;
    int rc = 2;
    if (word == NULL || !dcr_num_double(word, 0, 1, &fraction))
        return rc;
    while ((word = strtok_r(NULL, " \n", &save)) != NULL) {
        if (!dcr_num_double(word, 1, 1e15, &size) ||
            (word = strtok_r(NULL, " \n", &save)) == NULL ||
            !dcr_num_double(word, 0, 1e15, &classes) ||
            !dcr_grow(&list, &cap, n + 1, sizeof *list))
            goto done;
        list[n++] = (dcr_size_count){(uint64_t)size, classes};
    }
    rc = answer(fraction, (dcr_sizes){list, n});
done:
    dcr_free(list);
    return rc;
}

int main(void)
{
    char *line = NULL;
    size_t cap = 0;
    int rc = 0;
    dcr_init();
    while (rc == 0 && getline(&line, &cap, stdin) > 0)
        rc = ask(line);
    if (rc == 2)
        fprintf(stderr, "poplab: not a line of FRACTION SIZE CLASSES ...\n");
    free(line);
    return rc;
}
