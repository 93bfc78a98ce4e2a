/* Memory, failure, draws, dates. */
#include "mkcohort.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"

_Noreturn void mk_die(const char *fmt, ...)
{
    va_list ap;
    fputs("mkcohort: ", stderr);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
    exit(4); /* lint: ok, a tool's one way out */
}

void *mk_alloc(dcr_arena *a, size_t n, size_t size)
{
    void *p = dcr_arena_alloc(a, n, size);
    if (p == NULL)
        mk_die("no memory");
    return p;
}

char *mk_dup(dcr_arena *a, const char *s)
{
    char *p = dcr_arena_str(a, s);
    if (p == NULL)
        mk_die("no memory");
    return p;
}

char *mk_text(dcr_arena *a, const char *fmt, ...)
{
    char text[1024];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (n < 0 || (size_t)n >= sizeof text)
        mk_die("a text is too long");
    return mk_dup(a, text);
}

static uint64_t mix(uint64_t h)
{
    h += 0x9e3779b97f4a7c15u;
    h = (h ^ (h >> 30)) * 0xbf58476d1ce4e5b9u;
    h = (h ^ (h >> 27)) * 0x94d049bb133111ebu;
    return h ^ (h >> 31);
}

uint64_t mk_bits(uint64_t seed, const char *label, uint64_t a, uint64_t b, uint64_t c)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (; *label != '\0'; label++)
        h = (h ^ (uint8_t)*label) * 0x100000001b3u;
    h = mix(h ^ mix(seed));
    h = mix(h ^ a);
    h = mix(h ^ b);
    return mix(h ^ c);
}

double mk_unit(uint64_t seed, const char *label, uint64_t a, uint64_t b, uint64_t c)
{
    return (double)(mk_bits(seed, label, a, b, c) >> 11) / 9007199254740992.0;
}

uint32_t mk_below(uint32_t n, uint64_t seed, const char *label, uint64_t a, uint64_t b,
                  uint64_t c)
{
    return n == 0 ? 0 : (uint32_t)((mk_bits(seed, label, a, b, c) >> 16) % n);
}

/* Howard Hinnant's civil calendar, for years from 1. */
long mk_days(int y, int m, int d)
{
    y -= m <= 2;
    long era = y / 400;
    long yoe = y - era * 400;
    long doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    long doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return era * 146097 + doe - 719468;
}

void mk_civil(long days, int *y, int *m, int *d)
{
    days += 719468;
    long era = days / 146097;
    long doe = days - era * 146097;
    long yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    long doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    long mp = (5 * doy + 2) / 153;
    *d = (int)(doy - (153 * mp + 2) / 5 + 1);
    *m = (int)(mp < 10 ? mp + 3 : mp - 9);
    *y = (int)(yoe + era * 400) + (*m <= 2);
}

int mk_weekday(long days)
{
    return (int)(((days + 3) % 7 + 7) % 7); /* 1970-01-01 was a Thursday */
}

long mk_date_arg(const char *s)
{
    int v = 0;
    if (strlen(s) != 8 || strspn(s, "0123456789") != 8)
        mk_die("a date must be YYYYMMDD");
    for (int i = 0; i < 8; i++)
        v = v * 10 + (s[i] - '0');
    return mk_days(v / 10000, v / 100 % 100, v % 100);
}

const char *mk_date(dcr_arena *a, long days)
{
    int y, m, d;
    mk_civil(days, &y, &m, &d);
    return mk_text(a, "%04d%02d%02d", y, m, d);
}

const char *mk_time(dcr_arena *a, long s, unsigned fraction)
{
    if (fraction == 0)
        return mk_text(a, "%02ld%02ld%02ld", s / 3600, s / 60 % 60, s % 60);
    return mk_text(a, "%02ld%02ld%02ld.%06u", s / 3600, s / 60 % 60, s % 60,
                   fraction % 1000000);
}
