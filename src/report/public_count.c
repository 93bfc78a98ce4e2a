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
    return *out >= s->patients + s->k;
}

bool dcr_public_units(const dcr_public_scale *s, uint64_t n, uint64_t *out)
{
    *out = down(n, s->k);
    return n == 0 || n >= s->k;
}

static uint64_t sum_of(const uint64_t *told, size_t n)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += told[i];
    return sum;
}

/* Which one goes says nothing of what is in it: the smallest one, as is usual, would say
 * that it is no larger than the others, and with the total that is too much. */
static void take_last(uint64_t *told, size_t n)
{
    while (n > 0 && told[n - 1] == 0)
        n--;
    if (n > 0)
        told[n - 1] = 0;
}

/* Patients who may be in what is not told, beside k in each cell that was taken out
 * without need: whether they may be none or as many as k - 1. */
static bool has_room(const dcr_public_scale *s, const uint64_t *told, size_t n,
                     uint64_t taken)
{
    uint64_t sum = sum_of(told, n);
    return sum == 0 || sum >= s->patients || s->patients - sum + 1 >= s->k * (taken + 1);
}

void dcr_public_table(const dcr_public_scale *s, const uint64_t *count, uint64_t *told,
                      size_t n)
{
    uint64_t taken = 0;
    bool small = false;
    for (size_t i = 0; i < n; i++) {
        small = small || (count[i] > 0 && count[i] < s->k);
        if (!dcr_public_count(s, count[i], &told[i]))
            told[i] = 0;
    }
    for (; (small && taken == 0 && sum_of(told, n) > 0) || !has_room(s, told, n, taken);
         taken++)
        take_last(told, n);
}
