/* Counts of the public edition: what may be told of them, so that none is given back. */
#include "public.h"

static uint64_t down(uint64_t n, uint64_t k)
{
    return n / k * k;
}

bool dcr_public_count(const dcr_public_scale *s, uint64_t n, uint64_t *out)
{
    uint64_t all = s->patients, most;
    *out = n;
    if (all == 0 || n < s->k)
        return false;
    if (n == all)
        return true;
    *out = down(n, s->k);
    if (n > all)
        return true; /* people of a register: not a part of the patients */
    most = down(all - s->k + 1, s->k); /* leaves room for k - 1 others at least */
    if (n > all - s->k)
        *out = most;
    return *out > 0;
}

bool dcr_public_exams(const dcr_public_scale *s, uint64_t n, uint64_t *out)
{
    *out = n;
    if (s->patients == 0)
        return false;
    if (n == s->patients)
        return true;
    *out = down(n, s->k);
    return n >= s->patients + s->k;
}

bool dcr_public_units(const dcr_public_scale *s, uint64_t n, uint64_t *out)
{
    *out = down(n, s->k);
    return n == 0 || n >= s->k;
}

/* The smallest count that is told; n: none is. */
static size_t smallest(const uint64_t *count, const uint64_t *told, size_t n)
{
    size_t at = n;
    for (size_t i = 0; i < n; i++)
        if (told[i] > 0 && (at == n || count[i] < count[at]))
            at = i;
    return at;
}

static uint64_t sum_of(const uint64_t *told, size_t n)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += told[i];
    return sum;
}

void dcr_public_table(const dcr_public_scale *s, const uint64_t *count, uint64_t *told,
                      size_t n)
{
    bool small = false;
    for (size_t i = 0; i < n; i++) {
        small = small || (count[i] > 0 && count[i] < s->k);
        if (!dcr_public_count(s, count[i], &told[i]))
            told[i] = 0;
    }
    if (small && smallest(count, told, n) < n)
        told[smallest(count, told, n)] = 0;
    for (;;) {
        uint64_t sum = sum_of(told, n);
        if (sum == 0 || sum >= s->patients || s->patients - sum + 1 >= s->k)
            return;
        told[smallest(count, told, n)] = 0;
    }
}
