#include "uid_clock.h"

#include <string.h>

#include "alloc.h"
#include "check.h"
#include "detect.h"
#include "dict.h"

enum {
    ARCS_MAX = 32,
    /* Of random numbers of 9 digits a third are seconds of these years: a dozen in a row
       are not chance, fewer are none unless they name the day of the study. */
    EPOCH_VALUES_MIN = 12,
    PROCESSING_DAYS = 31,
    STUDY_DAYS_MIN = 366
};

typedef struct arc {
    uint8_t kind;
    int32_t day;
    uint64_t number; /* to see whether it varies */
} arc;

typedef struct slot { /* one arc of the UIDs of a group, as one kind of clock */
    uint32_t n, changes, compared, same_day;
    uint64_t last;
} slot;

typedef struct group { /* UIDs of one root with equally many arcs */
    uint32_t n;
    bool ticks; /* some arc of them is a clock */
    slot slot[ARCS_MAX][DCR_CLOCK_UUID];
} group;

typedef struct work {
    const dcr_clock_rules *rules;
    const dcr_model *m;
    const dcr_attr *a;
    const dcr_uid_root *const *root; /* per value */
    const int32_t *series_day;
    dcr_dict keys;
    group **groups;
    size_t cap;
    uint32_t *of; /* per value: 1 + its group, 0: not a UID */
    dcr_arena arena;
} work;

int32_t dcr_clock_day(unsigned year, unsigned month, unsigned day)
{
    /* years from March, so that the leap day is the last one */
    long y = (long)year - (month <= 2), era = y / 400, of = y - era * 400;
    long in_year = (153 * ((long)month + (month > 2 ? -3 : 9)) + 2) / 5 + (long)day - 1;
    return (int32_t)(era * 146097 + of * 365 + of / 4 - of / 100 + in_year - 719468);
}

static int32_t first_day(const dcr_clock_rules *c)
{
    return dcr_clock_day((unsigned)c->from_year, 1, 1);
}

static int32_t end_day(const dcr_clock_rules *c)
{
    return dcr_clock_day((unsigned)c->to_year + 1, 1, 1);
}

bool dcr_uuid_clock(const dcr_clock_rules *c, const uint8_t u[16], int32_t *day,
                    bool *address)
{
    /* 1582-10-15 is day -141427 */
    uint64_t low =
        (uint64_t)u[0] << 24 | (uint64_t)u[1] << 16 | (uint64_t)u[2] << 8 | u[3];
    uint64_t mid = (uint64_t)u[4] << 8 | u[5];
    uint64_t high = (uint64_t)(u[6] & 15) << 8 | u[7];
    uint64_t ticks = high << 48 | mid << 32 | low;
    if (u[6] >> 4 != 1 || (u[8] & 0xC0) != 0x80)
        return false;
    *day = (int32_t)(ticks / (86400ull * 10000000)) - 141427;
    *address = (u[10] & 1) == 0; /* the multicast bit marks a random node */
    return *day >= first_day(c) && *day < end_day(c);
}

/* ---- arcs ---- */

static bool date_arc(const dcr_clock_rules *c, const uint8_t *p, size_t n, arc *out)
{
    unsigned y, m, d;
    if (n != 8 && (n < 14 || n > 26))
        return false;
    y = dcr_digits(p, 4), m = dcr_digits(p + 4, 2), d = dcr_digits(p + 6, 2);
    if (y < c->from_year || y > c->to_year || !dcr_date_valid(y, m, d))
        return false;
    if (n > 8 && (dcr_digits(p + 8, 2) > 23 || dcr_digits(p + 10, 2) > 59 ||
                  dcr_digits(p + 12, 2) > 59))
        return false;
    *out = (arc){n == 8 ? DCR_CLOCK_DATE : DCR_CLOCK_TIME, dcr_clock_day(y, m, d),
                 (uint64_t)y * 10000 + m * 100 + d};
    return true;
}

static bool epoch_arc(const dcr_clock_rules *c, const uint8_t *p, size_t n, arc *out)
{
    bool millis = n == 12 || n == 13;
    uint64_t v = 0;
    int32_t day;
    if (!millis && n != 9 && n != 10)
        return false;
    for (size_t i = 0; i < n; i++)
        v = v * 10 + (uint64_t)(p[i] - '0');
    day = (int32_t)(v / (millis ? 86400000 : 86400));
    if (day < first_day(c) || day >= end_day(c))
        return false;
    *out = (arc){millis ? DCR_CLOCK_MILLIS : DCR_CLOCK_SECONDS, day, v};
    return true;
}

/* The arcs of a UID as clocks; returns their number, 0 when it is not a UID. */
static size_t split(const dcr_clock_rules *c, const uint8_t *p, size_t n,
                    arc out[ARCS_MAX])
{
    size_t i = 0, arcs = 0;
    while (i < n && arcs < ARCS_MAX) {
        size_t from = i, len;
        arc *a = &out[arcs++];
        while (i < n && dcr_is_digit(p[i]))
            i++;
        len = i - from;
        if (len == 0)
            return 0;
        a->kind = DCR_CLOCK_NONE;
        if (len >= 8 && !date_arc(c, p + from, len, a)) /* no clock is shorter */
            epoch_arc(c, p + from, len, a);
        if (i < n && p[i++] != '.')
            return 0;
    }
    return i < n ? 0 : arcs;
}

/* ---- groups ---- */

/* The number of the group of UIDs of a root with so many arcs; DCR_DICT_NONE when no
 * memory. */
static uint32_t group_of(work *w, const dcr_uid_root *root, size_t arcs)
{
    const char *name = root == NULL ? "" : root->root;
    uint32_t before = w->keys.n;
    uint32_t at = dcr_dict_add(&w->keys, name, strlen(name), (uint32_t)arcs);
    if (at == DCR_DICT_NONE || at < before)
        return at;
    if (!dcr_grow(&w->groups, &w->cap, (size_t)at + 1, sizeof *w->groups))
        return DCR_DICT_NONE;
    w->groups[at] = dcr_arena_alloc(&w->arena, 1, sizeof **w->groups);
    return w->groups[at] == NULL ? DCR_DICT_NONE : at;
}

static bool usable(const dcr_value *v)
{
    return dcr_value_real(v) && dcr_value_text(v);
}

static int32_t day_of(const work *w, const dcr_value *v)
{
    return v->in_series == NULL || v->series == 0 ? DCR_NO_DAY
                                                  : w->series_day[v->in_series[0]];
}

static bool near_day(int32_t a, int32_t b)
{
    return a - b <= 1 && b - a <= 1;
}

static void count_arcs(const work *w, group *g, const dcr_value *v, const arc *arcs,
                       size_t n)
{
    int32_t day = day_of(w, v);
    g->n++;
    for (size_t k = 0; k < n; k++) {
        slot *s = &g->slot[k][arcs[k].kind];
        if (arcs[k].kind == DCR_CLOCK_NONE)
            continue;
        s->changes += s->n == 0 || s->last != arcs[k].number;
        s->n++;
        s->last = arcs[k].number;
        if (day == DCR_NO_DAY)
            continue;
        s->compared++;
        s->same_day += near_day(day, arcs[k].day);
    }
}

static dcr_status count_all(work *w, dcr_err *err)
{
    w->of = dcr_alloc(w->a->n_values, sizeof *w->of);
    if (w->of == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; i < w->a->n_values; i++) {
        const dcr_value *v = &w->a->values[i];
        arc arcs[ARCS_MAX];
        size_t n = usable(v) ? split(w->rules, v->bytes, v->len, arcs) : 0;
        uint32_t g;
        if (n == 0)
            continue;
        g = group_of(w, w->root[i], n);
        if (g == DCR_DICT_NONE)
            return dcr_nomem(err);
        w->of[i] = g + 1;
        count_arcs(w, w->groups[g], v, arcs, n);
    }
    return DCR_OK;
}

static bool agreed(const work *w, const group *g, size_t k, uint8_t kind)
{
    const slot *s = &g->slot[k][kind];
    bool enough = (uint64_t)s->n * 100 >= (uint64_t)g->n * w->rules->share;
    bool by_day = s->compared > 0 &&
                  (uint64_t)s->same_day * 100 >= (uint64_t)s->n * w->rules->share;
    if (kind == DCR_CLOCK_NONE || !enough)
        return false;
    if (by_day)
        return true;
    if (kind == DCR_CLOCK_DATE || kind == DCR_CLOCK_TIME)
        return g->n < 5 || s->changes > 1; /* one date in all of many is a version's */
    return s->n >= EPOCH_VALUES_MIN && s->changes >= EPOCH_VALUES_MIN;
}

/* Marks the groups whose values are worth reading again. */
static void find_ticking(const work *w)
{
    for (uint32_t i = 0; i < w->keys.n; i++)
        for (size_t k = 0; k < ARCS_MAX; k++)
            for (uint8_t kind = 0; kind < DCR_CLOCK_UUID; kind++)
                if (agreed(w, w->groups[i], k, kind))
                    w->groups[i]->ticks = true;
}

/* ---- what the clocks say ---- */

typedef struct span {
    int32_t lo, hi;
} span;

typedef struct per_subject { /* clock minus study date */
    int32_t shift, day;      /* of its first value */
    bool seen, broken, several;
} per_subject;

static void widen(span *s, int32_t day)
{
    s->lo = day < s->lo ? day : s->lo;
    s->hi = day > s->hi ? day : s->hi;
}

static void see(const work *w, const dcr_value *v, int32_t day, per_subject *people,
                span *clocks, span *studies, dcr_uid_clock *out)
{
    int32_t study = day_of(w, v);
    per_subject *s;
    out->values++;
    widen(clocks, day);
    if (study == DCR_NO_DAY)
        return;
    out->compared++;
    out->same_day += near_day(study, day);
    widen(studies, study);
    s = &people[dcr_series_subject(w->m, v->in_series[0])];
    if (!s->seen) {
        *s = (per_subject){day - study, study, true, false, false};
        return;
    }
    s->broken = s->broken || !near_day(day - study, s->shift);
    s->several = s->several || study != s->day;
}

static bool clock_of(const work *w, size_t i, uint8_t *kind, int32_t *day, bool *address)
{
    const dcr_value *v = &w->a->values[i];
    const group *g = w->of[i] == 0 ? NULL : w->groups[w->of[i] - 1];
    arc arcs[ARCS_MAX];
    uint8_t uuid[16];
    size_t n;
    *address = false;
    if (dcr_uid_uuid(v->bytes, v->len, uuid) &&
        dcr_uuid_clock(w->rules, uuid, day, address)) {
        *kind = DCR_CLOCK_UUID;
        return true;
    }
    n = g != NULL && g->ticks ? split(w->rules, v->bytes, v->len, arcs) : 0;
    for (size_t k = 0; k < n; k++)
        if (agreed(w, g, k, arcs[k].kind)) {
            *kind = arcs[k].kind;
            *day = arcs[k].day;
            return true;
        }
    return false;
}

static bool is_shifted(const per_subject *s)
{
    return s->seen && s->several && !s->broken && !near_day(s->shift, 0);
}

static dcr_status read_all(work *w, uint8_t *has, bool *shifted, dcr_uid_clock *out,
                           dcr_err *err)
{
    span clocks = {INT32_MAX, INT32_MIN}, studies = clocks;
    per_subject *people = dcr_alloc(w->m->n_subjects, sizeof *people);
    if (people == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; i < w->a->n_values; i++) {
        const dcr_value *v = &w->a->values[i];
        int32_t day;
        bool address;
        has[i] = DCR_CLOCK_NONE;
        if (!usable(v) || !clock_of(w, i, &has[i], &day, &address))
            continue;
        out->addresses += address;
        see(w, v, day, people, &clocks, &studies, out);
    }
    for (uint32_t s = 0; s < w->m->n_subjects; s++)
        out->shifted_subjects += is_shifted(&people[s]);
    for (size_t i = 0; i < w->a->n_values; i++) {
        const dcr_value *v = &w->a->values[i];
        shifted[i] = has[i] != DCR_CLOCK_NONE && day_of(w, v) != DCR_NO_DAY &&
                     is_shifted(&people[dcr_series_subject(w->m, v->in_series[0])]);
    }
    out->processing = out->compared > 0 && out->same_day * 2 < out->compared &&
                      clocks.hi - clocks.lo <= PROCESSING_DAYS &&
                      studies.hi - studies.lo >= STUDY_DAYS_MIN;
    dcr_free(people);
    return DCR_OK;
}

dcr_status dcr_uid_clocks(const dcr_rules *r, const dcr_model *m, const dcr_attr *a,
                          const dcr_uid_root *const *root, const int32_t *series_day,
                          uint8_t *has, bool *shifted, dcr_uid_clock *out, dcr_err *err)
{
    work w = {.rules = &r->links->clock,
              .m = m,
              .a = a,
              .root = root,
              .series_day = series_day};
    dcr_status st = count_all(&w, err);
    memset(out, 0, sizeof *out);
    if (st == DCR_OK) {
        find_ticking(&w);
        st = read_all(&w, has, shifted, out, err);
    }
    dcr_free(w.of);
    dcr_dict_clear(&w.keys);
    dcr_free(w.groups);
    dcr_arena_clear(&w.arena);
    return st;
}

/* ---- study dates ---- */

dcr_status dcr_series_days(const dcr_model *m, int32_t **out, dcr_err *err)
{
    const dcr_attr *a = dcr_model_attr(m, "0008,0020");
    int32_t *day = dcr_alloc(m->n_series, sizeof *day);
    *out = day;
    if (day == NULL)
        return dcr_nomem(err);
    for (uint32_t s = 0; s < m->n_series; s++)
        day[s] = DCR_NO_DAY;
    for (size_t i = 0; a != NULL && i < a->n_values; i++) {
        const dcr_value *v = &a->values[i];
        unsigned y, mo, d;
        if (!usable(v) || v->len != 8 || dcr_digit_run(v->bytes, 8, 0, 8) != 8)
            continue;
        y = dcr_digits(v->bytes, 4), mo = dcr_digits(v->bytes + 4, 2),
        d = dcr_digits(v->bytes + 6, 2);
        if (!dcr_date_valid(y, mo, d))
            continue;
        for (uint32_t k = 0; v->in_series != NULL && k < v->series; k++)
            day[v->in_series[k]] = dcr_clock_day(y, mo, d);
    }
    return DCR_OK;
}
