/* One verdict per recipient of the project file: each with a policy and an adversary. */
#ifndef DCR_RECIPIENTS_H
#define DCR_RECIPIENTS_H

#include "dcmrisk/dates.h"
#include "dcmrisk/rules.h"

typedef struct dcr_recipients {
    dcr_policy **policy; /* n: of each recipient, in the order of the project file */
    bool *fell_back;
    size_t n;
    dcr_adversary known; /* all that the policy in force and theirs have known: columns */
    dcr_known *knows;    /* behind it */
} dcr_recipients;

/* Loads their policies; `in_force` is the policy of the run, also for who names none.
 * Clear with dcr_recipients_clear, also on failure. */
DCR_MUST_USE dcr_status dcr_recipients_load(dcr_recipients *out, const dcr_rules *r,
                                            const dcr_project *project,
                                            const dcr_policy *in_force, dcr_err *err);
void dcr_recipients_clear(dcr_recipients *r);

/* Judges the release for each; *out is a list for the report, verdict.recipients[]. `in`
 * is the gate's input of the policy in force. */
DCR_MUST_USE dcr_status dcr_recipients_judge(json_t **out, const dcr_recipients *r,
                                             const dcr_rules *rules,
                                             const dcr_gate_input *in,
                                             const dcr_dates *dates, dcr_err *err);

#endif
