/* What a worker that was taken over may answer: the supervisor decodes it. */
#include "fuzz.h"

#include "wire.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    dcr_batch b;
    dcr_err err = {0};
    if (dcr_wire_decode(&b, p, n, &err) == DCR_OK) {
        for (uint32_t i = 0; i < b.n_facts; i++)
            MUST(b.facts[i].unit < b.n_units && b.facts[i].attr < b.n_attrs &&
                 b.facts[i].value < b.n_values);
        dcr_batch_clear(&b);
    }
    return 0;
}
