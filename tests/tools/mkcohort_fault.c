/* What de-identification and real archives do to values: removes, empties, dummies,
 * variants. */
#include "mkcohort.h"

#include <string.h>

static bool is_text(const char *vr)
{
    static const char *const texts[] = {"SH", "LO", "ST", "LT", "UT",
                                        "UC", "PN", "CS", "AE"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (strcmp(vr, texts[i]) == 0)
            return true;
    return false;
}

/* A value that says nothing; NULL when the VR has none. */
static const char *dummy(const char *vr, uint64_t r)
{
    static const char *const dates[] = {"00010101", "19000101", "18000101", "99991231",
                                        "19991111", "11111111", "00000000"};
    static const char *const times[] = {"000000", "000000.000000", "111111", "0000"};
    static const char *const words[] = {
        "ANONYMIZED", "REMOVED", "UNKNOWN", "XXXX",   "NONE",          "DUMMY",
        "N/A",        "ANON",    "0000",    "MASKED", "DE-IDENTIFIED", "REDACTED"};
    static const char *const loose[] = {"unknown", "Not available", "***", "n/a",
                                        "No Name"};
    if (strcmp(vr, "DA") == 0)
        return dates[r % 7];
    if (strcmp(vr, "DT") == 0)
        return r % 2 == 0 ? "00010101010101.000000" : "19000101";
    if (strcmp(vr, "TM") == 0)
        return times[r % 4];
    if (strcmp(vr, "CS") == 0 || strcmp(vr, "AE") == 0)
        return r % 2 == 0 ? "UNKNOWN" : "REMOVED";
    if (strcmp(vr, "AS") == 0)
        return "XXXX";
    if (is_text(vr))
        return r % 3 == 0 ? loose[r / 3 % 5] : words[r / 3 % 12];
    return NULL;
}

/* Another plausible value, so that files of one scope disagree. */
static void vary(mk_ds *ds, mk_elem *e, uint64_t r)
{
    uint32_t tag = e->tag;
    char vr[3];
    memcpy(vr, e->vr, sizeof vr);
    if (strcmp(vr, "DA") == 0)
        mk_fmt(ds, tag, vr, "2019%02u15", (unsigned)(r % 12) + 1);
    else if (strcmp(vr, "DT") == 0)
        mk_fmt(ds, tag, vr, "2019%02u15%02u1000", (unsigned)(r % 12) + 1,
               (unsigned)(r / 12 % 20));
    else if (strcmp(vr, "TM") == 0)
        mk_fmt(ds, tag, vr, "%02u15", (unsigned)(r % 24));
    else if (strcmp(vr, "AS") == 0)
        mk_str(ds, tag, vr,
               ((const char *const[]){"041Y", "014M", "009W", "033D", "093Y"})[r % 5]);
    else if (strcmp(vr, "DS") == 0)
        mk_str(ds, tag, vr,
               ((const char *const[]){"1.705", "81.99", "1.6e0", "1.79", "60"})[r % 5]);
    else if (strcmp(vr, "US") == 0)
        mk_us(ds, tag, (unsigned)(r % 4) + 1);
    else if (strcmp(vr, "UI") == 0)
        mk_fmt(ds, tag, vr, "2.25.%u", (unsigned)(r % 3) + 900);
    else if (strcmp(vr, "CS") == 0)
        mk_str(ds, tag, vr, ((const char *const[]){"O", "OTHER", "F"})[r % 3]);
    else if (is_text(vr))
        mk_fmt(ds, tag, vr, "Variant %c", 'A' + (char)(r % 3));
}

/* Blanks around a text: the same value to everybody who trims. */
static void pad(mk_ds *ds, mk_elem *e, uint64_t r)
{
    char text[256];
    if (!is_text(e->vr) || e->raw || e->n == 0 || e->n + 4 > sizeof text)
        return;
    text[0] = ' ';
    memcpy(text + 1, e->p, e->n);
    memset(text + 1 + e->n, ' ', 3);
    char vr[3];
    memcpy(vr, e->vr, sizeof vr);
    mk_put(ds, e->tag, vr, text + (r % 2), e->n + 1 - (r % 2) + r / 2 % 4);
}

static void change(mk_ds *ds, uint32_t tag, const char *how, const char *value,
                   uint64_t r)
{
    mk_elem *e = mk_find(ds, tag);
    char vr[3];
    if (e == NULL)
        return;
    memcpy(vr, e->vr, sizeof vr);
    if (strcmp(how, "remove") == 0) {
        mk_del(ds, tag);
    } else if (strcmp(how, "empty") == 0) {
        mk_put(ds, tag, vr, "", 0);
    } else if (strcmp(how, "dummy") == 0) {
        const char *d = dummy(vr, r);
        if (d == NULL)
            mk_del(ds, tag);
        else
            mk_str(ds, tag, vr, d);
    } else if (strcmp(how, "vary") == 0) {
        vary(ds, e, r);
    } else if (strcmp(how, "pad") == 0) {
        pad(ds, e, r);
    } else if (strcmp(how, "set") == 0) {
        mk_str(ds, tag, vr, value);
    } else {
        mk_die("no fault '%s'", how);
    }
}

static void change_path(mk_file *f, const char *path, const char *how, const char *value,
                        uint64_t r)
{
    uint32_t tag, inner;
    mk_path_tags(path, &tag, &inner);
    if (inner == 0) {
        change(&f->ds, tag, how, value, r);
        return;
    }
    mk_elem *e = mk_find(&f->ds, tag);
    for (uint32_t i = 0; e != NULL && i < e->n_items; i++)
        change(&e->item[i], inner, how, value, r);
}

static uint64_t scope_no(const mk_file *f, const char *scope)
{
    if (strcmp(scope, "subject") == 0)
        return f->series->study->who->no;
    if (strcmp(scope, "study") == 0)
        return f->series->study->self;
    if (strcmp(scope, "series") == 0)
        return f->series->self;
    if (strcmp(scope, "file") == 0)
        return f->serial;
    mk_die("no scope '%s'", scope);
}

static void listed_faults(mk_ctx *x, mk_file *f)
{
    const json_t *list = mk_get(x->spec, "faults");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *j = json_array_get(list, i);
        uint64_t no = scope_no(f, mk_word(j, "scope", "study"));
        if (mk_unit(x->seed, "fault", i, no, 0) >= mk_num(j, "share", 0.2))
            continue;
        change_path(f, mk_word(j, "path", ""), mk_word(j, "how", "remove"),
                    mk_word(j, "value", ""),
                    mk_bits(x->seed, "fault-value", i, no, 0) >> 8);
    }
}

static void id_faults(mk_ctx *x, mk_file *f)
{
    const mk_study *st = f->series->study;
    mk_ds *ds = &f->ds;
    const char *id = st->who->id;
    if (st->no > 0 && mk_chance(x, "ids.split", 0, st->self, 0))
        mk_fmt(ds, 0x00100020, "LO", "%s-B", id); /* one person, two PatientIDs */
    if (st->who->issuer != NULL && !mk_chance(x, "ids.issuer_missing", 0, f->serial, 0)) {
        bool moved = mk_chance(x, "ids.issuer_moves", 0, st->self, 0);
        mk_str(ds, 0x00100021, "LO", moved ? "ISS-0" : st->who->issuer);
    }
    if (mk_chance(x, "ids.missing", 0, st->self, 0))
        mk_del(ds, 0x00100020);
    else if (mk_chance(x, "ids.empty", 0, st->self, 1))
        mk_str(ds, 0x00100020, "LO", "");
    else if (mk_chance(x, "ids.dummy", 0, st->self, 2))
        mk_str(ds, 0x00100020, "LO",
               dummy("LO", mk_bits(x->seed, "id", st->self, 0, 0) >> 8));
    else if (mk_chance(x, "ids.missing_file", 0, f->serial, 3))
        mk_del(ds, 0x00100020);
    else if (mk_chance(x, "ids.pad", 0, f->serial, 4))
        change(ds, 0x00100020, "pad", "", mk_bits(x->seed, "pad", f->serial, 0, 0) >> 8);
    if (mk_chance(x, "missing.study_uid", 0, st->self, 0))
        mk_del(ds, 0x0020000D);
    if (mk_chance(x, "missing.series_uid", 0, f->series->self, 0))
        mk_str(ds, 0x0020000E, "UI", "");
    if (mk_chance(x, "missing.sop_uid", 0, f->serial, 0))
        mk_del(ds, 0x00080018);
}

/* Every date and time, at any depth: "blank" or "dummy". */
static void hide_dates(mk_ds *ds, const char *how)
{
    for (size_t i = ds->n; i > 0; i--) {
        mk_elem *e = &ds->e[i - 1];
        for (uint32_t k = 0; k < e->n_items; k++)
            hide_dates(&e->item[k], how); /* as deep as our own sequences: three */
        if (strcmp(e->vr, "DA") == 0 || strcmp(e->vr, "TM") == 0 ||
            strcmp(e->vr, "DT") == 0)
            change(ds, e->tag, strcmp(how, "dummy") == 0 ? "dummy" : "empty", "", 0);
    }
}

static void set_values(mk_ctx *x, mk_file *f)
{
    const char *path;
    json_t *v;
    json_object_foreach((json_t *)(uintptr_t)mk_get(x->spec, "set"), path, v)
    {
        if (json_is_string(v))
            change_path(f, path, "set", json_string_value(v), 0);
        else
            change_path(f, path, "remove", "", 0);
    }
}

void mk_faults(mk_ctx *x, mk_file *f)
{
    const char *dates = mk_word(x->spec, "dates.state", "true");
    if (strcmp(dates, "blank") == 0 || strcmp(dates, "dummy") == 0)
        hide_dates(&f->ds, dates);
    set_values(x, f);
    listed_faults(x, f);
    id_faults(x, f);
}
