/* The plan: sites, scanners, subjects, studies, series.  All persons and hospitals are
 * invented. */
#include "mkcohort.h"

#include <string.h>

static const mk_modality modalities[] = {
    {"CT",
     "1.2.840.10008.5.1.4.1.1.2",
     {"CHEST", "ABDOMEN", "HEAD", "PELVIS"},
     {"CT Thorax mit KM", "CT Abdomen nativ", "CT Kopf nativ", "CT Becken"},
     {"Thorax_Routine", "Abdomen_Nativ", "Head_Spiral", "Pelvis_Std"},
     {"Thorax 1.0 Br40", "Abdomen 3.0 B30f", "Schaedel 4.0 Hr40", "Becken 2.0 Br64"}},
    {"MR",
     "1.2.840.10008.5.1.4.1.1.4",
     {"BRAIN", "LSPINE", "KNEE", "LIVER"},
     {"MRI Brain w/o contrast", "MRI Lumbar spine", "MRI Knee left", "MRI Liver"},
     {"T1_MPRAGE_SAG", "T2_TSE_SAG", "PD_FS_COR", "VIBE_DYN"},
     {"t1_mprage_sag_p2_iso", "t2_tse_sag_320", "pd_tse_fs_cor", "vibe_fs_tra_bh"}},
    {"CR",
     "1.2.840.10008.5.1.4.1.1.1",
     {"CHEST", "HAND", "ANKLE", "KNEE"},
     {"Thorax p.a./lat.", "Hand re. 2 Ebenen", "OSG li. 2 Ebenen", "Knie re. 2 Ebenen"},
     {"THORAX PA", "HAND AP", "OSG AP", "KNIE AP"},
     {"W Thorax pa.", "Hand dp.", "Sprunggelenk ap.", "Kniegelenk ap."}},
    {"DX",
     "1.2.840.10008.5.1.4.1.1.1.1",
     {"CHEST", "PELVIS", "SHOULDER", "CSPINE"},
     {"X-ray chest PA", "X-ray pelvis AP", "X-ray shoulder", "X-ray C-spine"},
     {"CHEST_PA", "PELVIS_AP", "SHOULDER_AP", "CSPINE_LAT"},
     {"Chest PA", "Pelvis AP", "Shoulder AP", "C-spine lateral"}},
    {"US",
     "1.2.840.10008.5.1.4.1.1.6.1",
     {"ABDOMEN", "THYROID", "HEART", "BREAST"},
     {"Sono Abdomen", "Sono Schilddruese", "Echo TTE", "Breast US"},
     {"ABD", "THY", "CARD", "BREAST"},
     {"Abdomen", "Schilddruese", "4CV", "Breast left"}},
    {"MG",
     "1.2.840.10008.5.1.4.1.1.1.2",
     {"BREAST", "BREAST", "BREAST", "BREAST"},
     {"Screening mammography", "Diagnostic mammography", "Mammography bilat.", "MG spot"},
     {"R CC", "L CC", "R MLO", "L MLO"},
     {"R CC", "L CC", "R MLO", "L MLO"}},
    {"PT",
     "1.2.840.10008.5.1.4.1.1.128",
     {"WHOLEBODY", "BRAIN", "CHEST", "HEART"},
     {"PET/CT FDG whole body", "PET brain FDG", "PET chest", "PET cardiac"},
     {"WB_FDG", "BRAIN_FDG", "CHEST_FDG", "CARD_RB"},
     {"PET WB AC", "PET Brain AC", "PET Chest AC", "PET Cardiac rest"}},
};

static const mk_scanner stock[] = {
    {"SIEMENS", "SOMATOM Force", "75621", "CT06HN01", "CT", "syngo CT VB20A", 's', 0},
    {"GE MEDICAL SYSTEMS", "SIGNA Architect", "00000312MR750", "GEMR02", "MR",
     "29\\LX\\MR29.1", 'g', 1},
    {"Philips Medical Systems", "DigitalDiagnost", "11042", "DD-R2", "CR", "4.2.8", 'p',
     2},
    {"GE Healthcare", "LOGIQ E10", "413207US8", "SONO-4", "US", "R3.1.2", 'g', 3},
    {"CANON_MEC", "Aquilion ONE", "1GA17X2033", "AQONE3", "CT", "V10.6SP0001", 'c', 1},
    {"Philips Medical Systems", "Ingenia", "42118", "PHMR01", "MR", "5.7.1\\5.7.1.1", 'p',
     0},
    {"SIEMENS", "MAMMOMAT Revelation", "2317", "MG01", "MG", "VC20", 's', 2},
    {"Philips Medical Systems", "DigitalDiagnost C90", "20917", "DD-C90", "DX", "1.1.2",
     'p', 3},
    {"SIEMENS", "Biograph64_Vision 600", "71033", "PETCT1", "PT", "VG76A", 's', 0},
};

static const mk_site stock_sites[] = {
    {"Klinikum Nordhafen", "Am Deich 4, 27999 Nordhafen", "Radiologie"},
    {"St. Aldwyn General Hospital", "18 Harrow Lane, Aldwyn AW4 2ZZ", "Imaging Dept."},
    {"Universitätsklinik Seeburg", "Parkallee 77, 94999 Seeburg",
     "Institut für Radiologie"},
    {"Hôpital de Montclair", "3 rue des Tilleuls, 61999 Montclair", "Service d'imagerie"},
    {"Ospedale Valdoro", "Via Lungofiume 9, 28999 Valdoro", "Radiologia 1"},
    {"Kreiskrankenhaus Ebertal", "Ringstr. 12, 36999 Ebertal", "Roentgen"},
};

const mk_modality *mk_modality_get(const char *id)
{
    for (size_t i = 0; i < sizeof modalities / sizeof modalities[0]; i++)
        if (strcmp(modalities[i].id, id) == 0)
            return &modalities[i];
    mk_die("no modality '%s'", id);
}

uint32_t mk_weighted(const mk_ctx *x, const char *path, uint64_t draw)
{
    const json_t *w = mk_get(x->spec, path);
    double sum = 0, at;
    size_t n = json_array_size(w);
    for (size_t i = 0; i < n; i++)
        sum += json_number_value(json_array_get(w, i));
    at = mk_unit(x->seed, path, draw, 0, 0) * sum;
    for (size_t i = 0; i < n; i++) {
        at -= json_number_value(json_array_get(w, i));
        if (at < 0)
            return (uint32_t)i;
    }
    return 0;
}

static void plan_scanner(mk_ctx *x, const json_t *list, uint32_t i)
{
    mk_scanner *sc = &x->scanners[i];
    const json_t *j = json_array_get(list, i);
    size_t n = sizeof stock / sizeof stock[0];
    *sc = stock[i % n];
    if (i >= n) /* a second machine of the same model */
        sc->serial = mk_text(&x->plan, "%s%zu", sc->serial, i / n);
    sc->manufacturer = mk_word(j, "manufacturer", sc->manufacturer);
    sc->model = mk_word(j, "model", sc->model);
    sc->serial = mk_word(j, "serial", sc->serial);
    sc->station = mk_word(j, "station", sc->station);
    sc->modality = mk_word(j, "modality", sc->modality);
    sc->uids = mk_word(j, "uids", (const char[2]){sc->uids, '\0'})[0];
    sc->site = (uint32_t)mk_num(j, "site", sc->site) % x->n_sites;
    mk_modality_get(sc->modality);
}

void mk_plan_site(mk_ctx *x)
{
    const json_t *sites = mk_get(x->spec, "sites"),
                 *scanners = mk_get(x->spec, "scanners");
    size_t n = sizeof stock_sites / sizeof stock_sites[0];
    x->n_sites = json_is_array(sites) ? (uint32_t)json_array_size(sites)
                                      : (uint32_t)mk_num(x->spec, "sites", 2);
    x->n_scanners = json_is_array(scanners) ? (uint32_t)json_array_size(scanners)
                                            : (uint32_t)mk_num(x->spec, "scanners", 4);
    if (x->n_sites == 0 || x->n_scanners == 0)
        mk_die("a cohort needs a site and a scanner");
    x->sites = mk_alloc(&x->plan, x->n_sites, sizeof *x->sites);
    x->scanners = mk_alloc(&x->plan, x->n_scanners, sizeof *x->scanners);
    for (uint32_t i = 0; i < x->n_sites; i++) {
        const json_t *j = json_is_array(sites) ? json_array_get(sites, i) : NULL;
        x->sites[i].name = mk_word(j, "name", stock_sites[i % n].name);
        x->sites[i].address = mk_word(j, "address", stock_sites[i % n].address);
        x->sites[i].department = mk_word(j, "department", stock_sites[i % n].department);
    }
    for (uint32_t i = 0; i < x->n_scanners; i++)
        plan_scanner(x, json_is_array(scanners) ? scanners : NULL, i);
}

bool mk_chance(const mk_ctx *x, const char *path, double otherwise, uint64_t a,
               uint64_t b)
{
    return mk_unit(x->seed, path, a, b, 7) < mk_num(x->spec, path, otherwise);
}

/* With "even", pools are gone through like the digits of the subject's number. */
static long even_pool(const mk_ctx *x, const char *name, uint32_t n, uint64_t draw)
{
    const json_t *pools = mk_get(x->spec, "pools");
    const char *key;
    json_t *v;
    uint64_t stride = 1;
    json_object_foreach((json_t *)(uintptr_t)pools, key, v)
    {
        if (strcmp(key, name) == 0)
            break;
        if (json_number_value(v) > 1)
            stride *= (uint64_t)json_number_value(v);
    }
    return (long)(draw / stride % n);
}

long mk_pool(const mk_ctx *x, const char *name, uint32_t most, uint64_t draw)
{
    char path[64] = "pools.";
    size_t n = strlen(name);
    if (n + 7 > sizeof path)
        mk_die("key too long");
    memcpy(path + 6, name, n + 1);
    const json_t *j = mk_get(x->spec, path);
    if (j == NULL)
        return (long)mk_below(most, x->seed, name, draw, 1, 0);
    uint32_t few = (uint32_t)json_number_value(j);
    if (few == 0)
        return -1;
    if (few > most)
        few = most;
    if (mk_num(x->spec, "even", 0) > 0)
        return even_pool(x, name, few, draw & 0xffffffffu);
    /* Few values, yet not the same ones in every cohort, and some rarer than others. */
    double u = mk_unit(x->seed, name, draw, 2, 0);
    uint32_t step = most / (few + 1) > 1 ? most / (few + 1) : 1;
    return (
        long)(((uint32_t)(u * u * few) * step + mk_below(most, x->seed, name, 3, 3, 3)) %
              most);
}
