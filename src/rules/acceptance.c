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

bool dcr_acceptance_holds(const dcr_acceptance *a, const dcr_finding *f,
                          const dcr_policy *policy)
{
    const json_t *c = policy == NULL ? NULL : dcr_policy_criterion(policy, f->gate);
    return f->subjects <= a->ceiling &&
           (c == NULL || json_is_true(json_object_get(c, "acceptable")));
}
