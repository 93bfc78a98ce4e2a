#include "acceptance.h"

#include <string.h>

#include "json_text.h"

const json_t *dcr_policy_criterion(const dcr_policy *p, const char *id)
{
    const json_t *list = json_object_get(p->json, "criteria"), *c;
    size_t i;
    json_array_foreach(list, i, c) if (strcmp(dcr_json_text(c, "id"), id) == 0) return c;
    return NULL;
}

bool dcr_acceptance_covers(const dcr_acceptance *a, const dcr_finding *f)
{
    return strcmp(a->rule, f->rule) == 0 &&
           (*a->path == '\0' || (f->attr != NULL && strcmp(a->path, f->attr->path) == 0));
}

bool dcr_acceptance_valid(const dcr_acceptance *a, uint32_t today)
{
    return today == 0 || a->expires >= today;
}

/* YYYYMMDD so many months on; the day of the month stays, also where there is none. */
static uint32_t later(uint32_t day, uint32_t months)
{
    uint32_t month = day / 100 % 100 - 1 + months;
    return (day / 10000 + month / 12) * 10000 + (month % 12 + 1) * 100 + day % 100;
}

bool dcr_acceptance_short(const dcr_acceptance *a, const dcr_policy *policy,
                          uint32_t today)
{
    const json_t *months =
        policy == NULL ? NULL : json_object_get(policy->json, "acceptance_months");
    uint32_t from =
        a->created == 0 || (today != 0 && a->created > today) ? today : a->created;
    return from == 0 ||
           a->expires <= later(from, json_is_integer(months)
                                         ? (uint32_t)json_integer_value(months)
                                         : DCR_ACCEPTANCE_MONTHS);
}

bool dcr_acceptance_holds(const dcr_acceptance *a, const dcr_finding *f,
                          const dcr_policy *policy, uint32_t today)
{
    const json_t *c = policy == NULL ? NULL : dcr_policy_criterion(policy, f->gate);
    return f->subjects <= a->ceiling && dcr_acceptance_short(a, policy, today) &&
           (c == NULL || json_is_true(json_object_get(c, "acceptable")));
}
