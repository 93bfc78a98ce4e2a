/* Words of the public edition: which stay, and those of its own. */
#include <stdio.h>
#include <string.h>

#include "buf.h"
#include "json_view.h"
#include "parts.h"
#include "plural.h"
#include "public.h"

enum { PATH_ROOM = 512 };

/* Printable ASCII without the signs of `not_these`. */
static bool plain(const char *s, const char *not_these)
{
    for (; *s != '\0'; s++)
        if ((unsigned char)*s < ' ' || (unsigned char)*s > '~' ||
            strchr(not_these, *s) != NULL)
            return false;
    return true;
}

bool dcr_public_words(const char *s)
{
    return plain(s, "{}0123456789");
}

bool dcr_public_text(const char *s)
{
    return plain(s, "{}");
}

/* Tags and what joins them, up to the end or the first creator; returns its length. */
static size_t tags(const char *p)
{
    return strspn(p, "0123456789ABCDEFabcdefx,/");
}

bool dcr_public_path(const dcr_rules *r, const char *path)
{
    const char *p = path + tags(path);
    if (dcr_rules_public_name(r, path))
        return true;
    while (*p == '{') {
        char prefix[PATH_ROOM];
        dcr_role_info role;
        const char *end = strchr(p, '}');
        size_t n = end == NULL ? PATH_ROOM : (size_t)(end + 1 - path);
        if (n >= sizeof prefix)
            return false;
        memcpy(prefix, path, n);
        prefix[n] = '\0';
        dcr_rules_role(r, prefix, "UN", &role);
        if (!role.known_creator)
            return false;
        p = end + 1;
        p += tags(p);
    }
    return *p == '\0' && *path != '\0';
}

bool dcr_public_concept(const dcr_rules *r, const char *concept)
{
    size_t n;
    const dcr_concept *c = dcr_rules_concepts(r, &n);
    for (size_t i = 0; i < n; i++)
        if (strcmp(c[i].id, concept) == 0)
            return true;
    return false;
}

/* ---- the verdict ---- */

/* Patients of the policy's adversary who are unique, as far as it is told: the last of
 * that name has the levels of the policy. */
static bool unique(const json_t *report, const char *adversary, const dcr_public_scale *s,
                   uint64_t *out)
{
    const json_t *all = dcr_view_arr(report, "adversaries"), *a;
    double v = 0;
    size_t i;
    json_array_foreach(all, i, a)
    {
        const json_t *view = dcr_view_find(dcr_view_arr(a, "views"), "view", "any_exam");
        if (strcmp(dcr_view_str(a, "id"), adversary) == 0)
            (void)dcr_view_num(view, "unique_subjects", &v);
    }
    return v >= 0 && v < 9e15 && dcr_public_count(s, (uint64_t)v, out);
}

json_t *dcr_public_sentence(const json_t *report, const dcr_public_scale *s)
{
    const json_t *verdict = dcr_view_obj(report, "verdict");
    const json_t *criteria = dcr_view_arr(verdict, "criteria");
    const char *adversary = dcr_view_str(dcr_view_obj(report, "policy"), "adversary");
    uint64_t told;
    dcr_buf b = {0};
    json_t *out;
    char who[160];
    dcr_view_lower(
        who, sizeof who,
        dcr_view_str(dcr_view_find(dcr_view_arr(report, "adversaries"), "id", adversary),
                     "title"));
    dcr_verdict_opening(&b, criteria);
    if (unique(report, adversary, s, &told))
        dcr_buf_fmt(&b, " %s%llu of %llu %s can be singled out by one exam, by %s.",
                    told == s->patients ? "All " : "At least ", (unsigned long long)told,
                    (unsigned long long)s->patients,
                    dcr_plural((double)s->patients, "patients"), who);
    dcr_buf_fmt(&b,
                " Public edition: counts of patients below %llu are left out, others"
                " rounded down to multiples of %llu.",
                (unsigned long long)s->k, (unsigned long long)s->k);
    out = b.failed ? NULL : json_string(b.p);
    dcr_buf_clear(&b);
    return out;
}

bool dcr_public_limits(json_t *limits, const dcr_public_scale *s)
{
    char text[600];
    snprintf(
        text, sizeof text,
        "Public edition. A count of fewer than %llu patients is left out (primary"
        " cell suppression). One of all but fewer than %llu is said to be at least as"
        " large as leaves room for %llu others, and every other count but that of all"
        " patients is rounded down to a multiple of %llu. In tables whose total is"
        " known, further cells are left out, so that no"
        " subtraction gives a small one back (secondary cell suppression).",
        (unsigned long long)s->k, (unsigned long long)s->k, (unsigned long long)s->k - 1,
        (unsigned long long)s->k);
    return json_array_append_new(limits, json_string(text)) == 0 &&
           json_array_append_new(
               limits,
               json_string(
                   "Left out of the public edition: shapes of values, names of files,"
                   " private elements whose maker is in no dictionary, what the project"
                   " file says, counts of studies, series and files by attribute, and"
                   " averages, shares of exams, bits, what-if figures and other numbers"
                   " from which counts of patients could be worked out. What a criterion"
                   " decided is told: that it is met says that at most its limit was"
                   " found.")) == 0;
}
