#include "plural.h"

#include <stddef.h>
#include <string.h>

static const char *const words[][2] = {
    {"are", "is"},
    {"attributes", "attribute"},
    {"check", "checks"},
    {"clocks", "clock"},
    {"come", "comes"},
    {"combinations", "combination"},
    {"criteria", "criterion"},
    {"criteria that are", "criterion that is"},
    {"DICOM files", "DICOM file"},
    {"distinct values", "distinct value"},
    {"elements", "element"},
    {"exams", "exam"},
    {"files", "file"},
    {"files not read to the end", "file not read to the end"},
    {"findings", "finding"},
    {"have", "has"},
    {"hold", "holds"},
    {"name", "names"},
    {"originals", "original"},
    {"other files", "other file"},
    {"pairs", "pair"},
    {"patients", "patient"},
    {"patients whose files say so", "patient whose files say so"},
    {"people", "person"},
    {"places", "place"},
    {"policies are", "policy is"},
    {"references", "reference"},
    {"rows", "row"},
    {"rows say", "row says"},
    {"rules hold with their examples", "rule holds with its examples"},
    {"scan files", "scan file"},
    {"show", "shows"},
    {"single changes", "single change"},
    {"stand", "stands"},
    {"steps", "step"},
    {"studies", "study"},
    {"unique patients", "unique patient"},
    {"values", "value"},
    {"words", "word"},
};

const char *dcr_plural(double n, const char *many)
{
    for (size_t i = 0; n == 1 && i < sizeof words / sizeof words[0]; i++)
        if (strcmp(words[i][0], many) == 0)
            return words[i][1];
    return many;
}
