/* Inside of rules: a policy as the gate reads it. */
#ifndef DCR_POLICY_H
#define DCR_POLICY_H

#include "dcmrisk/rules.h"
#include "sha256.h"

struct dcr_policy {
    json_t *json; /* owned */
    char digest[DCR_SHA256_HEX];
    dcr_adversary adversary; /* knows is owned when own_levels */
    dcr_known *knows;
    char *adversary_id;
    bool own_levels;
};

#endif
