/* Scan files: any bytes are refused, or make a model. */
#include "fuzz.h"

#include "dcmrisk/dcmrisk.h"

static dcr_rules *rules;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    dcr_init();
    MUST(dcr_rules_load(&rules, NULL, NULL) == DCR_OK);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    static char path[64]; /* SQLite wants a file with a name: it puts others beside it */
    dcr_store *store = NULL;
    dcr_model *m = NULL;
    dcr_err err = {0};
    FILE *f;
    snprintf(path, sizeof path, "/dev/shm/fuzz-scan.%ld", (long)getpid());
    f = fopen(path, "wb");
    MUST(f != NULL && fwrite(p, 1, n, f) == n && fclose(f) == 0);
    if (dcr_scan_open(&store, path, &err) == DCR_OK) {
        if (dcr_model_load(&m, store, rules, NULL, &err) == DCR_OK)
            dcr_model_free(m);
        (void)dcr_scan_close(store, &err);
    }
    unlink(path);
    return 0;
}
