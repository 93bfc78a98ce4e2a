/* Sets of shards as text and back. */
#include "shards.h"

#include <string.h>

#include "alloc.h"
#include "num.h"

static dcr_status bad(dcr_err *err)
{
    return dcr_fail(err, DCR_EFORMAT, NULL,
                    "the scan file is damaged (shards); scan again into a new one");
}

/* A number and the character behind it, which is put into *behind. */
static bool number(const char **p, uint32_t max, uint32_t *out, char *behind)
{
    char digits[8];
    size_t n = strspn(*p, "0123456789");
    uint64_t v;
    if (n == 0 || n >= sizeof digits)
        return false;
    memcpy(digits, *p, n);
    digits[n] = '\0';
    if (!dcr_num_u64(digits, 1, max, &v))
        return false;
    *out = (uint32_t)v;
    *p += n;
    *behind = **p;
    *p += **p != '\0';
    return true;
}

dcr_status dcr_shard_set_parse(dcr_shard_set *set, const char *text, dcr_err *err)
{
    const char *slash = text == NULL ? NULL : strchr(text, '/');
    const char *p = slash == NULL ? "" : slash + 1;
    uint32_t from, to;
    char behind;
    if (!number(&p, DCR_SHARDS_MAX, &set->of, &behind) || behind != '\0')
        return bad(err);
    set->has = dcr_alloc(set->of, sizeof *set->has);
    if (set->has == NULL)
        return dcr_nomem(err);
    for (p = text, behind = ','; behind == ',';) {
        if (!number(&p, set->of, &from, &behind))
            return bad(err);
        to = from;
        if (behind == '-' && (!number(&p, set->of, &to, &behind) || to < from))
            return bad(err);
        for (uint32_t i = from - 1; i < to; i++) {
            set->n += !set->has[i];
            set->has[i] = true;
        }
    }
    return behind == '/' ? DCR_OK : bad(err);
}

void dcr_shard_set_list(const dcr_shard_set *set, bool missing, dcr_buf *out)
{
    bool first = true;
    for (uint32_t i = 0; i < set->of; i++) {
        uint32_t from = i;
        if (set->has[i] == missing)
            continue;
        while (i + 1 < set->of && set->has[i + 1] != missing)
            i++;
        dcr_buf_fmt(out, "%s%u", first ? "" : ",", (unsigned)from + 1);
        if (i > from)
            dcr_buf_fmt(out, "-%u", (unsigned)i + 1);
        first = false;
    }
}

void dcr_shard_set_clear(dcr_shard_set *set)
{
    dcr_free(set->has);
    memset(set, 0, sizeof *set);
}
