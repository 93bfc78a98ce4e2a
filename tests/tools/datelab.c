/* Asks the date laboratory about calendars, without files: for oracle/date_lab.
 *
 * stdin: "calendar" starts one, "subject" starts a patient, "YYYYMMDD HHMM" is an exam
 * ("-" for no time), "end" asks.  stdout: per calendar verdict, posterior, studies, times
 * used (0 or 1). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "dcmrisk/dcmrisk.h"

typedef struct calendar {
    dcr_model m;
    char (*date)[9], (*time)[7]; /* YYYYMMDD, HHMM or "" */
    size_t cap_dates, cap_times, cap_subjects, cap_studies, cap_series;
} calendar;

static void need(int ok)
{
    if (!ok) {
        fprintf(stderr, "datelab: no memory\n");
        exit(4);
    }
}

static void add_subject(calendar *c)
{
    dcr_model *m = &c->m;
    need(dcr_grow(&m->subjects, &c->cap_subjects, m->n_subjects + 1u,
                  sizeof *m->subjects));
    m->subjects[m->n_subjects++] = (dcr_subject){.first_study = m->n_studies};
}

static void add_exam(calendar *c, const char *date, const char *time)
{
    dcr_model *m = &c->m;
    uint32_t n = m->n_studies;
    need(dcr_grow(&m->studies, &c->cap_studies, n + 1u, sizeof *m->studies));
    need(dcr_grow(&m->series, &c->cap_series, n + 1u, sizeof *m->series));
    need(dcr_grow(&c->date, &c->cap_dates, n + 1u, sizeof *c->date));
    need(dcr_grow(&c->time, &c->cap_times, n + 1u, sizeof *c->time));
    m->studies[n] = (dcr_study){m->n_subjects - 1, n, 1, true};
    m->series[n] = (dcr_series){n, 1, true, true};
    snprintf(c->date[n], sizeof c->date[n], "%s", date);
    snprintf(c->time[n], sizeof c->time[n], "%s", time);
    m->subjects[m->n_subjects - 1].n_studies++;
    m->n_studies = ++m->n_series;
}

/* Values need not be distinct here: the laboratory asks only who has them. */
static dcr_value *values(char *text, size_t size, uint32_t n, uint32_t *series)
{
    dcr_value *v = dcr_alloc(n, sizeof *v);
    need(v != NULL);
    for (uint32_t i = 0; i < n; i++) {
        series[i] = i;
        v[i].bytes = (const uint8_t *)text + i * size;
        v[i].len = (uint32_t)strlen(text + i * size);
        v[i].flags = v[i].len < 4 ? DCR_VALUE_EMPTY : 0;
        v[i].in_series = &series[i];
        v[i].series = v[i].studies = v[i].subjects = 1;
    }
    return v;
}

static void ask(calendar *c, const dcr_date_lab *lab)
{
    dcr_model *m = &c->m;
    uint32_t n = m->n_studies, *series = dcr_alloc(n, sizeof *series);
    dcr_attr a[2] = {{.path = "0008,0020", .vr = "DA"},
                     {.path = "0008,0030", .vr = "TM"}};
    dcr_dates *d;
    dcr_err err = {0};
    need(series != NULL);
    a[0].values = values(*c->date, sizeof *c->date, n, series);
    a[1].values = values(*c->time, sizeof *c->time, n, series);
    a[0].n_values = a[1].n_values = n;
    a[0].value_subjects = a[1].value_subjects = m->n_subjects;
    m->attrs = a;
    m->n_attrs = 2;
    if (dcr_dates_examine(&d, m, lab, 0, &err) != DCR_OK) {
        fprintf(stderr, "datelab: %s\n", err.text);
        exit(4);
    }
    printf("%s %.6f %u %d\n", d->verdict, d->posterior, d->studies, d->times);
    dcr_dates_free(d);
    dcr_free(a[0].values);
    dcr_free(a[1].values);
    dcr_free(series);
    m->n_subjects = m->n_studies = m->n_series = 0;
}

int main(void)
{
    char line[64], date[9], time[7];
    calendar c = {0};
    dcr_rules *rules;
    dcr_err err = {0};
    dcr_init();
    if (dcr_rules_load(&rules, NULL, &err) != DCR_OK) {
        fprintf(stderr, "datelab: %s\n", err.text);
        return 2;
    }
    while (fgets(line, sizeof line, stdin) != NULL) {
        if (strcmp(line, "calendar\n") == 0)
            c.m.n_subjects = c.m.n_studies = c.m.n_series = 0;
        else if (strcmp(line, "subject\n") == 0)
            add_subject(&c);
        else if (strcmp(line, "end\n") == 0)
            ask(&c, dcr_rules_date_lab(rules));
        else if (sscanf(line, "%8s %6s", date, time) == 2) /* lint: ok, our own text */
            add_exam(&c, date, strcmp(time, "-") == 0 ? "" : time);
    }
    dcr_free(c.date);
    dcr_free(c.time);
    dcr_free(c.m.subjects);
    dcr_free(c.m.studies);
    dcr_free(c.m.series);
    dcr_rules_free(rules);
    return 0;
}
