/* Values, for every detector: what it finds lies in the value, and it comes to an end. */
#include "fuzz.h"

#include "dcmrisk/rules.h"
#include "detect.h"
#include "ruleset.h"

static dcr_rules *rules;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    MUST(dcr_rules_load(&rules, NULL, NULL) == DCR_OK);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    for (const dcr_detector *d = dcr_detectors(); d->id != NULL; d++) {
        dcr_span at = {0, 0};
        size_t from = 0;
        dcr_text t;
        dcr_text_init(&t, rules->lexicon, p, n);
        while (d->find(&t, from, &at)) {
            MUST(at.n > 0 && at.at >= from && at.at + at.n <= n);
            from = at.at + at.n;
        }
    }
    (void)dcr_uid_has_date(p, n);
    (void)dcr_is_record_number(p, n);
    return 0;
}
