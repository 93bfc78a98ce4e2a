/* The data set of one image. */
#include "mkcohort.h"

#include <string.h>

/* Everything of the patient and the study, the same in images and derived objects. */
static void common(mk_ctx *x, mk_file *f)
{
    const mk_series *se = f->series;
    const mk_study *st = se->study;
    const mk_subject *s = st->who;
    const char *names = mk_word(x->spec, "names", "real");
    mk_ds *ds = &f->ds;
    if (strcmp(f->charset, "") != 0)
        mk_str(ds, 0x00080005, "CS", f->charset);
    mk_str(ds, 0x00080016, "UI", f->sop_class);
    mk_str(ds, 0x00080018, "UI", f->sop_uid);
    mk_str(ds, 0x00080020, "DA", st->date);
    mk_str(ds, 0x00080030, "TM", st->time);
    mk_str(ds, 0x00080050, "SH", st->accession);
    mk_str(ds, 0x00080070, "LO", se->scanner->manufacturer);
    mk_str(ds, 0x00080080, "LO", se->site->name);
    mk_str(ds, 0x00081010, "SH", se->scanner->station);
    mk_str(ds, 0x00081030, "LO", st->procedure);
    mk_str(ds, 0x00080090, "PN", st->staff);
    mk_str(ds, 0x00081070, "PN", st->operator_name);
    mk_str(ds, 0x00081090, "LO", se->scanner->model);
    if (strcmp(names, "real") == 0)
        mk_fmt(ds, 0x00100010, "PN", "%s^%s", s->family, s->given);
    else if (strcmp(names, "pseudo") == 0)
        mk_str(ds, 0x00100010, "PN", s->id);
    else
        mk_str(ds, 0x00100010, "PN", strcmp(names, "dummy") == 0 ? "ANONYMIZED" : "");
    mk_str(ds, 0x00100020, "LO", s->id);
    if (s->has_birth)
        mk_str(ds, 0x00100030, "DA", mk_date(ds->arena, s->birth));
    mk_str(ds, 0x00100040, "CS", s->sex);
    mk_str(ds, 0x00101010, "AS", st->age);
    mk_str(ds, 0x00101020, "DS", st->size);
    mk_str(ds, 0x00101030, "DS", st->weight);
    mk_str(ds, 0x00181000, "LO", se->scanner->serial);
    mk_str(ds, 0x00181020, "LO", se->scanner->software);
    mk_str(ds, 0x0020000D, "UI", st->uid);
    mk_str(ds, 0x0020000E, "UI", se->uid);
    mk_str(ds, 0x00200010, "SH", st->id);
}

/* ISO 2022 names need escape sequences: PS3.5 annex H, example 1, then the invented name.
 */
static void foreign_name(mk_file *f)
{
    static const char yamada[] = "=\033$B;3ED\033(B^\033$BB@O:\033(B";
    mk_elem *e = mk_find(&f->ds, 0x00100010);
    uint8_t text[256];
    if (e == NULL || e->n == 0 || strstr(f->charset, "2022") == NULL ||
        e->n + sizeof yamada > sizeof text)
        return;
    memcpy(text, e->p, e->n);
    memcpy(text + e->n, yamada, sizeof yamada - 1);
    mk_raw(&f->ds, 0x00100010, "PN", text, e->n + sizeof yamada - 1);
}

static void sequences(mk_ctx *x, mk_file *f)
{
    const mk_study *st = f->series->study;
    mk_ds *ds = &f->ds, *i;
    if (mk_num(x->spec, "sequences", 1) == 0)
        return;
    i = mk_seq(ds, 0x00081110, 1);
    mk_str(i, 0x00081150, "UI", "1.2.840.10008.3.1.2.3.1");
    mk_str(i, 0x00081155, "UI", st->uid);
    i = mk_seq(ds, 0x00400275, 1);
    mk_str(i, 0x00400007, "LO", st->procedure);
    mk_fmt(i, 0x00400009, "SH", "SPS%s", st->id);
    mk_fmt(i, 0x00401001, "SH", "RP%s", st->id);
    mk_code(i, 0x00400008, "R-1020A", "99DCRSYN",
            st->procedure != NULL ? st->procedure : "Exam");
    mk_str(ds, 0x00400253, "SH", st->id);
}

static void geometry(mk_file *f, unsigned rows, unsigned columns)
{
    mk_ds *ds = &f->ds;
    double z = -120.0 + 5.0 * f->no;
    mk_str(ds, 0x00200052, "UI", f->series->frame_uid);
    mk_fmt(ds, 0x00200032, "DS", "-150\\-150\\%.1f", z);
    mk_str(ds, 0x00200037, "DS", "1\\0\\0\\0\\1\\0");
    mk_fmt(ds, 0x00201041, "DS", "%.1f", z);
    mk_fmt(ds, 0x00280030, "DS", "%.4f\\%.4f", 300.0 / rows, 300.0 / columns);
    mk_str(ds, 0x00180050, "DS", "5");
    mk_str(ds, 0x00185100, "CS", "HFS");
}

static void by_modality(mk_ctx *x, mk_file *f, unsigned rows, unsigned columns)
{
    const char *m = f->series->modality->id;
    mk_ds *ds = &f->ds;
    uint32_t r = mk_below(90, x->seed, "dose", f->series->self, f->no, 0);
    bool cross = strcmp(m, "CT") == 0 || strcmp(m, "MR") == 0 || strcmp(m, "PT") == 0;
    mk_str(ds, 0x00080008, "CS",
           cross ? "ORIGINAL\\PRIMARY\\AXIAL" : "ORIGINAL\\PRIMARY\\");
    if (cross)
        geometry(f, rows, columns);
    if (strcmp(m, "CT") == 0) {
        mk_str(ds, 0x00180060, "DS", "120");
        mk_fmt(ds, 0x00181151, "IS", "%u", 180 + r);
        mk_fmt(ds, 0x00181152, "IS", "%u", 90 + r / 2);
        mk_str(ds, 0x00181210, "SH", "Br40d\\3");
        mk_str(ds, 0x00281052, "DS", "-1024");
        mk_str(ds, 0x00281053, "DS", "1");
        mk_str(ds, 0x00281050, "DS", "40");
        mk_str(ds, 0x00281051, "DS", "400");
    } else if (strcmp(m, "MR") == 0) {
        mk_str(ds, 0x00180020, "CS", "GR");
        mk_str(ds, 0x00180080, "DS", "2300");
        mk_str(ds, 0x00180081, "DS", "2.98");
        mk_str(ds, 0x00180087, "DS", "3");
        mk_fd(ds, 0x00189073, 12.5 + r);
    } else if (strcmp(m, "US") != 0 && strcmp(m, "PT") != 0) {
        mk_str(ds, 0x00180060, "DS", "77");
        mk_str(ds, 0x00181401, "LO", "AEC");
        mk_str(ds, 0x00185101, "CS", "AP");
        mk_str(ds, 0x00200020, "CS", "L\\F");
    }
}

static void pixels(mk_ctx *x, mk_file *f, unsigned rows, unsigned columns)
{
    mk_ds *ds = &f->ds;
    size_t n = (size_t)rows * columns * 2;
    uint8_t *p = mk_alloc(ds->arena, n + 1, 1);
    uint64_t r = mk_bits(x->seed, "pixel", f->series->self, f->no, 0);
    for (size_t i = 0; i + 1 < n; i += 2) {
        r = r * 6364136223846793005u + 1442695040888963407u;
        unsigned v = (unsigned)(r >> 53) & 0x7ff;
        p[i] = (uint8_t)v;
        p[i + 1] = (uint8_t)(v >> 8);
    }
    mk_us(ds, 0x00280002, 1);
    mk_str(ds, 0x00280004, "CS", "MONOCHROME2");
    mk_us(ds, 0x00280010, rows);
    mk_us(ds, 0x00280011, columns);
    mk_us(ds, 0x00280100, 16);
    mk_us(ds, 0x00280101, 12);
    mk_us(ds, 0x00280102, 11);
    mk_us(ds, 0x00280103, 0);
    mk_put(ds, 0x7FE00010, "OW", p, n);
}

static void when(mk_ctx *x, mk_file *f)
{
    const mk_study *st = f->series->study;
    mk_ds *ds = &f->ds;
    long s = st->second + 60 * (long)(f->series->no + 1) + 2 * (long)f->no;
    unsigned frac = mk_below(999998, x->seed, "frac", f->series->self, f->no, 0) + 1;
    if (s > 86399)
        s = 86399;
    if (st->has_day && mk_num(x->spec, "optional.series_dates", 1) > 0) {
        mk_str(ds, 0x00080021, "DA", st->date);
        mk_str(ds, 0x00080022, "DA", st->date);
        mk_str(ds, 0x00080023, "DA", st->date);
    }
    if (st->has_second && mk_num(x->spec, "optional.series_times", 1) > 0) {
        mk_str(ds, 0x00080031, "TM",
               mk_time(ds->arena, st->second + 60 * (long)(f->series->no + 1), 0));
        mk_str(ds, 0x00080032, "TM", mk_time(ds->arena, s, frac));
        mk_str(ds, 0x00080033, "TM", mk_time(ds->arena, s + (s < 86399), frac));
    }
}

void mk_build_image(mk_ctx *x, mk_file *f)
{
    const mk_series *se = f->series;
    unsigned rows = (unsigned)mk_num(x->spec, "pixels.rows", 16);
    unsigned columns = (unsigned)mk_num(x->spec, "pixels.columns", 16);
    f->sop_class = se->modality->sop_class;
    common(x, f);
    mk_str(&f->ds, 0x00080060, "CS", se->modality->id);
    mk_str(&f->ds, 0x0008103E, "LO", se->description);
    mk_str(&f->ds, 0x00180015, "CS", se->body);
    mk_str(&f->ds, 0x00181030, "LO", se->protocol);
    mk_fmt(&f->ds, 0x00200011, "IS", "%u", se->no + 1);
    mk_fmt(&f->ds, 0x00200013, "IS", "%u", f->no + 1);
    mk_str(&f->ds, 0x00200012, "IS", "1");
    when(x, f);
    by_modality(x, f, rows, columns);
    if (rows > 0 && columns > 0)
        pixels(x, f, rows, columns);
    sequences(x, f);
}

/* ---- structured reports, presentation states, key objects, segmentations ---- */

static mk_ds *text_item(mk_ds *item, const char *relation, const char *code,
                        const char *meaning, const char *text)
{
    mk_str(item, 0x0040A010, "CS", relation);
    mk_str(item, 0x0040A040, "CS", text == NULL ? "CONTAINER" : "TEXT");
    mk_code(item, 0x0040A043, code, "DCM", meaning);
    if (text == NULL)
        mk_str(item, 0x0040A050, "CS", "SEPARATE");
    mk_str(item, 0x0040A160, "UT", text);
    return item;
}

static void report_tree(mk_file *f)
{
    mk_ds *ds = &f->ds, *top, *inner;
    mk_str(ds, 0x0040A040, "CS", "CONTAINER");
    mk_str(ds, 0x0040A050, "CS", "SEPARATE");
    mk_code(ds, 0x0040A043, "126000", "DCM", "Imaging Measurement Report");
    mk_str(ds, 0x0040A491, "CS", "COMPLETE");
    mk_str(ds, 0x0040A493, "CS", "UNVERIFIED");
    top = mk_seq(ds, 0x0040A730, 2);
    text_item(&top[0], "CONTAINS", "121071", "Finding", "No focal lesion. No effusion.");
    text_item(&top[1], "CONTAINS", "121070", "Findings", NULL);
    inner = mk_seq(&top[1], 0x0040A730, 1);
    text_item(inner, "CONTAINS", "121073", "Impression", "Unremarkable study.");
}

static void references(mk_file *f, uint32_t tag)
{
    const mk_series *se = f->series;
    mk_ds *i = mk_seq(&f->ds, tag, 1), *j;
    mk_str(i, 0x0020000E, "UI", se->uid);
    j = mk_seq(i, 0x00081140, 1);
    mk_str(j, 0x00081150, "UI", se->modality->sop_class);
    mk_fmt(j, 0x00081155, "UI", "%s", se->frame_uid);
}

void mk_build_derived(mk_ctx *x, mk_file *f)
{
    const mk_series *se = f->series;
    const char *d = se->derived;
    mk_ds *ds = &f->ds;
    bool sr = strcmp(d, "SR") == 0, pr = strcmp(d, "PR") == 0, ko = strcmp(d, "KO") == 0;
    f->sop_class = sr   ? "1.2.840.10008.5.1.4.1.1.88.22"
                   : pr ? "1.2.840.10008.5.1.4.1.1.11.1"
                   : ko ? "1.2.840.10008.5.1.4.1.1.88.59"
                        : "1.2.840.10008.5.1.4.1.1.66.4";
    common(x, f);
    mk_str(ds, 0x00080060, "CS", d);
    mk_str(ds, 0x0008103E, "LO",
           sr   ? "Report"
           : pr ? "GSPS"
           : ko ? "Key images"
                : "Segmentation");
    mk_fmt(ds, 0x00200011, "IS", "%u", 900 + se->no);
    mk_fmt(ds, 0x00200013, "IS", "%u", f->no + 1);
    when(x, f);
    if (sr || ko)
        report_tree(f);
    references(f, pr || !(sr || ko) ? 0x00081115 : 0x0040A375);
    if (pr) {
        mk_str(ds, 0x00700080, "CS", "DEFAULT");
        mk_str(ds, 0x00700081, "LO", "window");
        mk_str(ds, 0x00700084, "PN", se->study->operator_name);
    }
    if (!sr && !pr && !ko)
        mk_str(mk_seq(ds, 0x00620002, 1), 0x00620005, "LO", "Liver");
}

void mk_build(mk_ctx *x, const mk_series *se, uint32_t no, mk_file *f)
{
    const mk_study *st = se->study;
    memset(f, 0, sizeof *f);
    f->series = se;
    f->no = no;
    f->ds.arena = &x->temp;
    f->charset = st->who->charset;
    f->syntax = 'e';
    f->sop_uid = mk_uid(x, &x->temp, se->scanner, 3, se->self, no + 1, st->day,
                        st->second + 60 * (long)(se->no + 1));
    if (se->derived != NULL)
        mk_build_derived(x, f);
    else
        mk_build_image(x, f);
    foreign_name(f);
    mk_build_optional(x, f);
    mk_build_private(x, f);
    mk_build_weight(x, f);
}
