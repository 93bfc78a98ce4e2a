/* What a user writes about a release: project files and acceptances. */
#include "fuzz.h"

#include "dcmrisk/rules.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    char name[32];
    int fd = memory_file(p, n);
    dcr_project *project = NULL;
    dcr_err err = {0};
    if (dcr_project_load(&project, name_of(fd, name), &err) == DCR_OK)
        MUST(dcr_project_json(project) != NULL);
    dcr_project_free(project);
    (void)dcr_acceptances_check(name, &err);
    close(fd);
    return 0;
}
