/* Reports as JSON: what passes for one is written in every format. */
#include "fuzz.h"

#include <jansson.h>

#include "dcmrisk/report.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    static FILE *nowhere;
    json_t *j = json_loadb((const char *)p, n, JSON_REJECT_DUPLICATES, NULL);
    dcr_err err = {0};
    if (nowhere == NULL)
        nowhere = fopen("/dev/null", "w");
    MUST(nowhere != NULL);
    if (j == NULL)
        return 0;
    (void)dcr_report_check(j, &err);
    for (const dcr_format *const *f = dcr_formats(); *f != NULL; f++)
        (void)dcr_format_write(*f, j, &(dcr_render){0}, nowhere, &err);
    json_decref(j);
    return 0;
}
