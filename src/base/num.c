#include "num.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

bool dcr_num_u64(const char *s, uint64_t lo, uint64_t hi, uint64_t *out)
{
    uint64_t v = 0;
    if (*s == '\0')
        return false;
    for (; *s != '\0'; s++) {
        unsigned d = (unsigned)(*s - '0');
        if (d > 9 || v > (UINT64_MAX - d) / 10)
            return false;
        v = v * 10 + d;
    }
    if (v < lo || v > hi)
        return false;
    *out = v;
    return true;
}

bool dcr_num_double(const char *s, double lo, double hi, double *out)
{
    char *end = NULL;
    double v;
    if (*s == '\0' || s[strspn(s, "0123456789+-.eE")] != '\0')
        return false; /* strtod takes blanks, words and hexadecimal, too */
    /* checked to the end; the program never leaves the C locale */
    v = strtod(s, &end); /* lint: ok, the wrapper itself */
    if (*end != '\0' || !isfinite(v) || v < lo || v > hi)
        return false;
    *out = v;
    return true;
}

/* Reads an exponent such as e-3 at p; false when it is not one. */
static bool exponent(const uint8_t *p, size_t n, int *out)
{
    size_t i = 0;
    int sign = 1, e = 0;
    if (i < n && (p[i] == '+' || p[i] == '-'))
        sign = p[i++] == '-' ? -1 : 1;
    if (i == n)
        return false;
    for (; i < n; i++) {
        if (p[i] < '0' || p[i] > '9' || e > 99)
            return false;
        e = e * 10 + (p[i] - '0');
    }
    *out = sign * e;
    return true;
}

bool dcr_num_micro(const uint8_t *p, size_t n, int64_t *out)
{
    uint8_t digit[40];
    size_t n_digits = 0, i = 0;
    int point = -1, exp = 0;
    bool neg = false;
    int64_t v = 0;
    if (i < n && (p[i] == '+' || p[i] == '-'))
        neg = p[i++] == '-';
    for (; i < n; i++) {
        if (p[i] >= '0' && p[i] <= '9') {
            if (n_digits == sizeof digit)
                return false;
            digit[n_digits++] = (uint8_t)(p[i] - '0');
        } else if (p[i] == '.' && point < 0) {
            point = (int)n_digits;
        } else {
            break;
        }
    }
    if (n_digits == 0)
        return false;
    if (i < n && ((p[i] != 'e' && p[i] != 'E') || !exponent(p + i + 1, n - i - 1, &exp)))
        return false;
    /* The value is 0.d1d2d3... * 10^before; keep digits down to 10^-6. */
    int before = (point < 0 ? (int)n_digits : point) + exp;
    for (int d = 0; d < before + 6; d++) {
        int x = d < (int)n_digits ? digit[d] : 0;
        if (v > (INT64_MAX - 9) / 10)
            return false;
        v = v * 10 + x;
    }
    *out = neg ? -v : v;
    return true;
}
