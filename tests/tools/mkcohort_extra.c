/* Optional carriers, private blocks of vendors, and dead weight for benchmarks. */
#include "mkcohort.h"

#include <string.h>

/* Writes an optional attribute for a share of the studies: "optional": {"0008,002A":
 * 0.3}. */
static bool wanted(const mk_ctx *x, const mk_file *f, const char *path, double otherwise)
{
    return mk_chance(x, mk_text(f->ds.arena, "optional.%s", path), otherwise,
                     f->series->study->draw, 0);
}

static void optional_when(mk_ctx *x, mk_file *f)
{
    const mk_study *st = f->series->study;
    mk_ds *ds = &f->ds;
    const char *zone = mk_chance(x, "optional.zone", 0, st->draw, 1) ? "+0100" : "";
    if (st->has_day && wanted(x, f, "0008,002A", 0)) {
        if (!st->has_second || mk_chance(x, "optional.date_only", 0, st->draw, 1))
            mk_fmt(ds, 0x0008002A, "DT", "%s%s", st->date, zone);
        else
            mk_fmt(ds, 0x0008002A, "DT", "%s%s.%06u%s", st->date, st->time,
                   120000 + f->no, zone);
    }
    if (st->has_day && wanted(x, f, "0040,0244", 0.3))
        mk_str(ds, 0x00400244, "DA", st->date);
    if (st->has_day && wanted(x, f, "0040,0002", 0))
        mk_str(ds, 0x00400002, "DA", st->date);
    if (st->has_day && wanted(x, f, "0008,0012", 0.2))
        mk_str(ds, 0x00080012, "DA", mk_date(ds->arena, st->day));
    if (st->has_second && wanted(x, f, "0040,0245", 0.3))
        mk_str(ds, 0x00400245, "TM", st->time);
    if (st->has_second && wanted(x, f, "0008,0013", 0.2))
        mk_str(ds, 0x00080013, "TM", st->time);
}

static void optional_people(mk_ctx *x, mk_file *f)
{
    const mk_study *st = f->series->study;
    const mk_subject *s = st->who;
    mk_ds *ds = &f->ds;
    if (wanted(x, f, "0010,2160", 0))
        mk_str(ds, 0x00102160, "SH", s->ethnic);
    if (wanted(x, f, "0010,2162", 0))
        mk_str(ds, 0x00102162, "UC", s->ethnic);
    if (s->ethnic != NULL && wanted(x, f, "0010,2161", 0))
        mk_code(ds, 0x00102161, "415794004", "SCT", s->ethnic);
    if (wanted(x, f, "0010,1040", 0))
        mk_str(ds, 0x00101040, "LO", s->residence);
    if (wanted(x, f, "0010,2152", 0))
        mk_str(ds, 0x00102152, "LO", s->region);
    if (wanted(x, f, "0010,2150", 0))
        mk_str(ds, 0x00102150, "LO", s->country);
    if (wanted(x, f, "0010,2180", 0))
        mk_str(ds, 0x00102180, "SH", s->occupation);
    if (st->pregnancy > 0)
        mk_us(ds, 0x001021C0, st->pregnancy);
    if (st->pregnancy > 0 && st->has_day && wanted(x, f, "0010,21D0", 0))
        mk_str(ds, 0x001021D0, "DA", mk_date(ds->arena, st->day - 30));
    mk_str(ds, 0x001021A0, "CS", st->smoking);
    if (wanted(x, f, "0008,1050", 0))
        mk_str(ds, 0x00081050, "PN", st->operator_name);
    if (wanted(x, f, "0008,1048", 0))
        mk_str(ds, 0x00081048, "PN", st->staff);
    if (wanted(x, f, "0008,1060", 0))
        mk_str(ds, 0x00081060, "PN", st->staff);
}

static void optional_place(mk_ctx *x, mk_file *f)
{
    const mk_series *se = f->series;
    const mk_study *st = se->study;
    mk_ds *ds = &f->ds;
    if (wanted(x, f, "0008,0082", 0))
        mk_code(ds, 0x00080082, "H1", "99DCRSYN", se->site->name);
    if (wanted(x, f, "0008,0081", 0.5))
        mk_str(ds, 0x00080081, "ST", se->site->address);
    if (wanted(x, f, "0012,0031", 0))
        mk_str(ds, 0x00120031, "LO", se->site->name);
    if (wanted(x, f, "0012,0030", 0))
        mk_fmt(ds, 0x00120030, "LO", "SITE-%u", se->scanner->site + 1);
    if (wanted(x, f, "0008,1040", 0.5))
        mk_str(ds, 0x00081040, "LO", se->site->department);
    if (wanted(x, f, "0008,1041", 0))
        mk_code(ds, 0x00081041, "225728007", "SCT", "Radiology department");
    if (wanted(x, f, "0018,1002", 0))
        mk_fmt(ds, 0x00181002, "UI", "2.25.%u",
               7001 + (unsigned)(se->scanner - x->scanners));
    if (wanted(x, f, "0018,1008", 0))
        mk_fmt(ds, 0x00181008, "LO", "G%s", se->scanner->serial);
    if (wanted(x, f, "0018,700A", 0))
        mk_fmt(ds, 0x0018700A, "SH", "DET%s", se->scanner->station);
    if (wanted(x, f, "0018,1004", 0))
        mk_fmt(ds, 0x00181004, "LO", "PL%u",
               mk_below(4, x->seed, "plate", st->draw, 0, 0));
    if (se->body != NULL && wanted(x, f, "0008,2218", 0))
        mk_code(ds, 0x00082218, "T-D3000", "SRT", se->body);
    if (st->procedure != NULL && wanted(x, f, "0008,1032", 0.4))
        mk_code(ds, 0x00081032, "RPID24", "99DCRSYN", st->procedure);
    if (wanted(x, f, "0032,1060", 0.3))
        mk_str(ds, 0x00321060, "LO", st->procedure);
    if (wanted(x, f, "0040,0254", 0.3))
        mk_str(ds, 0x00400254, "LO", st->procedure);
}

void mk_build_optional(mk_ctx *x, mk_file *f)
{
    optional_when(x, f);
    optional_people(x, f);
    optional_place(x, f);
}

/* ---- private blocks; the block number moves from file to file as it does in archives
 * ---- */

/* Bytes in the manner of a Siemens CSA header: "SV10", names, numbers. */
static void siemens(mk_ctx *x, mk_file *f, unsigned b)
{
    mk_ds *ds = &f->ds;
    size_t n = (size_t)mk_num(x->spec, "private.csa_bytes", 640);
    uint8_t *p = mk_alloc(ds->arena, n + 128, 1);
    static const char *const names[] = {
        "EchoLinePosition", "UsedPatientWeight", "SliceThickness",
        "PhaseEncodingDirectionPositive", "TablePosition"};
    memcpy(p, "SV10\4\3\2\1", 8);
    for (size_t at = 16, i = 0; at + 84 <= n; at += 84, i++) {
        size_t len = strlen(names[i % 5]);
        memcpy(p + at, names[i % 5], len);
        p[at + 64] = 1;
        memcpy(p + at + 68, "IS", 2);
        p[at + 76] = (uint8_t)('0' + (f->no + i) % 10);
    }
    uint32_t tag = mk_block(ds, 0x0029, "SIEMENS CSA HEADER", b);
    mk_str(ds, tag | 0x08, "CS", "IMAGE NUM 4");
    mk_str(ds, tag | 0x09, "LO", "20180912");
    mk_put(ds, tag | 0x10, "OB", p, n);
    if (strcmp(f->series->modality->id, "MR") != 0)
        return;
    tag = mk_block(ds, 0x0019, "SIEMENS MR HEADER", b);
    mk_str(ds, tag | 0x08, "CS", "IMAGE NUM 4");
    mk_str(ds, tag | 0x0B, "DS", "12.5");
}

static void gems(mk_ctx *x, mk_file *f, unsigned b)
{
    mk_ds *ds = &f->ds;
    uint32_t tag = mk_block(ds, 0x0009, "GEMS_IDEN_01", b);
    mk_str(ds, tag | 0x01, "LO", "GE_GENESIS_FF");
    mk_str(ds, tag | 0x02, "SH", f->series->scanner->station);
    mk_str(ds, tag | 0x04, "SH", "DISCOVERY");
    tag = mk_block(ds, 0x0043, "GEMS_PARM_01", b);
    mk_fmt(ds, tag | 0x39, "IS", "%u\\0\\0\\0", 100 + f->no % 3);
    uint8_t shots[2] = {(uint8_t)mk_below(9, x->seed, "gems", f->series->self, 0, 0), 0};
    mk_put(ds, tag | 0x06, "SS", shots, 2);
}

static void philips(mk_ctx *x, mk_file *f, unsigned b)
{
    mk_ds *ds = &f->ds, *i;
    static const uint8_t one[4] = {0, 0, 0x80, 0x3f}; /* 1.0f */
    uint32_t tag = mk_block(ds, 0x2005, "Philips MR Imaging DD 001", b);
    mk_put(ds, tag | 0x1D, "SS", one, 2);
    mk_put(ds, tag | 0x57, "FL", one, 4);
    mk_fmt(ds, tag | 0x1E, "SH", "M%u",
           1 + mk_below(5, x->seed, "phil", f->series->self, 0, 0));
    i = mk_seq(ds, tag | 0x84, 1);
    uint32_t in = mk_block(i, 0x2005, "Philips MR Imaging DD 001", 0x10 + b % 3);
    mk_str(i, in | 0x1E, "SH", "SPIR");
    mk_put(i, in | 0x57, "FL", one, 4);
    mk_str(i, 0x0020000D, "UI", f->series->study->uid);
}

void mk_build_private(mk_ctx *x, mk_file *f)
{
    const char *m = f->series->scanner->manufacturer;
    const json_t *p = mk_get(x->spec, "private");
    unsigned b = 0x10 + mk_below(4, x->seed, "block", f->series->self, f->no, 0);
    if (p == NULL || json_is_false(p) || f->series->derived != NULL)
        return;
    if (strncmp(m, "SIEMENS", 7) == 0)
        siemens(x, f, b);
    else if (strncmp(m, "GE", 2) == 0)
        gems(x, f, b);
    else if (strncmp(m, "Philips", 7) == 0)
        philips(x, f, b);
    if (b == 0x13) /* a creator that nobody has heard of */
        mk_fmt(&f->ds, mk_block(&f->ds, 0x0071, "SYNTH WORKFLOW 7", b) | 0x01, "LO",
               "Q%u", mk_below(3, x->seed, "queue", f->series->self, 0, 0));
}

/* Many plain elements: "weight" of them, most the same in all files of a series. */
void mk_build_weight(mk_ctx *x, mk_file *f)
{
    static const char words[] =
        "axial slice reconstruction kernel collimation pitch table feed ";
    unsigned n = (unsigned)mk_num(x->spec, "weight", 0);
    mk_ds *ds = &f->ds;
    char text[200];
    if (n == 0)
        return;
    uint32_t tag = mk_block(ds, 0x0073, "SYNTH RECON PARAMETERS", 0x10);
    for (unsigned i = 0; i < n && i < 0xf0; i++) {
        size_t len = 20 + (i * 37) % 44;
        for (size_t c = 0; c < len; c++)
            text[c] = words[(c + i * 11 + f->series->self) % (sizeof words - 1)];
        if (i < 4) /* a few differ in every file */
            mk_fmt(ds, tag | i, "DS", "%.3f",
                   0.125 * f->no + i + (double)f->series->self);
        else if (i % 3 == 0)
            mk_fmt(ds, tag | i, "DS", "%u.%u\\%u", i, 7 * i, i + 1);
        else
            mk_put(ds, tag | i, "LO", text, len);
    }
}
