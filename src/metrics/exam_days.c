/* The days of exams, as the model has them. */
#include "exam_days.h"

#include <string.h>

const dcr_column *dcr_exam_column(const dcr_model *m, const char *id, const char *level)
{
    for (size_t c = 0; c < m->n_concepts; c++)
        if (strcmp(m->concepts[c].id, id) == 0)
            return m->carried[c] ? dcr_model_column(m, c, level) : NULL;
    return NULL;
}

bool dcr_exam_day(const char *label, int32_t *day)
{
    unsigned v = 0;
    if (strlen(label) != 8 || strspn(label, "0123456789") != 8)
        return false;
    for (size_t i = 0; i < 8; i++)
        v = v * 10 + (unsigned)(label[i] - '0');
    return dcr_day_number(v / 10000, v / 100 % 100, v % 100, day);
}

uint32_t dcr_exam_days(const dcr_model *m, const dcr_column *date, int32_t *day)
{
    uint32_t undated = 0, last = UINT32_MAX;
    for (uint32_t s = 0; s < m->n_studies; s++)
        day[s] = NO_DAY;
    /* Rows of a study stand together and have one date; the earliest if they should not.
     */
    for (size_t r = 0; r < m->table.n_rows; r++) {
        uint32_t s = m->table.study[r];
        int32_t d;
        if (dcr_exam_day(date->label[date->code[r]], &d) &&
            (day[s] == NO_DAY || d < day[s]))
            day[s] = d;
    }
    for (size_t r = 0; r < m->table.n_rows; r++) {
        uint32_t s = m->table.study[r];
        undated += s != last && day[s] == NO_DAY;
        last = s;
    }
    return undated;
}
