/* A random specification: few distinct values, so that classes of all sizes arise, and
 * most of what goes wrong in real releases. */
#include "mkcohort.h"

#include <string.h>

static json_t *ints(const uint32_t *v, size_t n)
{
    json_t *a = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(a, json_integer(v[i]));
    return a;
}

static uint32_t draw(uint64_t seed, const char *label, uint32_t n)
{
    return mk_below(n, seed, label, 11, 0, 0);
}

/* Every third cohort is an orderly one. */
static bool calm(uint64_t seed)
{
    return draw(seed, "calm", 3) == 0;
}

/* One of a few shares, most often the first. */
static double share(uint64_t seed, const char *label)
{
    static const double shares[] = {0, 0, 0, 0.05, 0.1, 0.3};
    return shares[draw(seed, label, 6)];
}

static json_t *random_pools(uint64_t seed)
{
    static const char *const names[] = {
        "sex",    "age",       "birth_date", "ethnicity", "residence",  "occupation",
        "height", "weight",    "pregnancy",  "smoking",   "exam_date",  "exam_time",
        "device", "procedure", "protocol",   "staff",     "body_region"};
    static const uint32_t sizes[] = {0, 1, 1, 1, 2, 2, 2, 3, 4, 6};
    json_t *o = json_object();
    bool tight = draw(seed, "tight", 2) == 0; /* a cohort of large classes */
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        uint32_t r = draw(seed, names[i], 12);
        if (tight)
            json_object_set_new(o, names[i],
                                json_integer(draw(seed, names[i], 10) == 1 ? 2 : 1));
        else if (r < 10)
            json_object_set_new(o, names[i], json_integer(sizes[r]));
        else if (strcmp(names[i], "pregnancy") == 0 || strcmp(names[i], "smoking") == 0)
            json_object_set_new(o, names[i], json_integer(3));
    }
    return o;
}

static json_t *random_shares(uint64_t seed, const char *group, const char *const *names)
{
    json_t *o = json_object();
    for (; *names != NULL; names++) {
        double s = share(seed, *names);
        if (calm(seed) && strcmp(*names, "missing") != 0 &&
            strcmp(*names, "issuer_missing") != 0)
            s = 0;
        else if (strcmp(group, "optional") == 0 && draw(seed, *names, 3) == 1)
            s = 0.6;
        json_object_set_new(o, *names, json_real(s));
    }
    return o;
}

static json_t *random_faults(uint64_t seed)
{
    static const char *const hows[] = {"remove", "remove", "empty",
                                       "dummy",  "vary",   "pad"};
    static const char *const scopes[] = {"subject", "study", "series", "file"};
    static const double shares[] = {0.1, 0.3, 0.6, 1.0};
    json_t *list = json_array();
    uint32_t n = draw(seed, "faults", calm(seed) ? 3 : 16);
    for (uint32_t i = 0; i < n; i++) {
        const mk_carrier *c =
            &mk_carriers[mk_below(MK_CARRIERS, seed, "fault-path", i, 0, 0)];
        json_t *o = json_object();
        /* A date carrier often: blanked StudyDate with AcquisitionDate left is the
         * classic. */
        const char *path = i % 4 == 1 ? "0008,0020" : i % 4 == 3 ? "0008,0080" : c->path;
        json_object_set_new(o, "path", json_string(path));
        json_object_set_new(o, "how",
                            json_string(hows[mk_below(6, seed, "how", i, 0, 0)]));
        json_object_set_new(o, "scope",
                            json_string(scopes[mk_below(4, seed, "scope", i, 0, 0)]));
        json_object_set_new(o, "share",
                            json_real(shares[mk_below(4, seed, "share", i, 0, 0)]));
        json_array_append_new(list, o);
    }
    return list;
}

static const char *const optional[] = {
    "0008,002A", "0040,0244", "0040,0002", "0008,0012",     "0040,0245",     "0008,0013",
    "0010,2160", "0010,2162", "0010,2161", "0010,1040",     "0010,2152",     "0010,2150",
    "0010,2180", "0010,21D0", "0008,1050", "0008,1048",     "0008,1060",     "0008,0082",
    "0008,0081", "0012,0031", "0012,0030", "0008,1040",     "0008,1041",     "0018,1002",
    "0018,1008", "0018,700A", "0018,1004", "0008,2218",     "0008,1032",     "0032,1060",
    "0040,0254", "zone",      "date_only", "moved_scanner", "other_scanner", "infant",
    "sex_other", NULL};
static const char *const id_faults[] = {
    "missing", "empty",  "dummy",          "missing_file", "pad",
    "split",   "merged", "issuer_missing", "issuer_moves", NULL};
static const char *const uid_faults[] = {"study_uid", "series_uid", "sop_uid", NULL};
static const char *const derived[] = {"SR", "PR", "KO", "SEG", NULL};

static void random_form(uint64_t seed, json_t *o)
{
    static const char *const charsets[] = {"ISO_IR 100", "ISO_IR 192", "",
                                           "\\ISO 2022 IR 87", "ISO_IR 144"};
    static const char *const states[] = {"true", "true",  "true", "true",
                                         "true", "blank", "dummy"};
    static const char *const grains[] = {"day", "day", "month", "year"};
    json_t *sets = json_array(), *dates = json_object();
    for (uint32_t i = 0, n = 1 + draw(seed, "charsets", 3); i < n; i++)
        json_array_append_new(sets,
                              json_string(charsets[mk_below(5, seed, "cs", i, 0, 0)]));
    json_object_set_new(o, "charsets", sets);
    json_object_set_new(dates, "from", json_string("20180105"));
    json_object_set_new(dates, "to",
                        json_string(draw(seed, "to", 2) == 0 ? "20180131" : "20211130"));
    json_object_set_new(dates, "grain", json_string(grains[draw(seed, "grain", 4)]));
    json_object_set_new(dates, "state", json_string(states[draw(seed, "state", 7)]));
    json_object_set_new(o, "dates", dates);
    json_object_set_new(o, "syntaxes",
                        json_pack("{s:i,s:i,s:i,s:i}", "explicit", 6, "implicit",
                                  (int)draw(seed, "implicit", 3), "big",
                                  (int)draw(seed, "big", 2), "deflated",
                                  (int)draw(seed, "deflated", 2)));
    json_object_set_new(o, "pixels", json_pack("{s:i,s:i}", "rows", 4, "columns", 4));
    json_object_set_new(o, "uids",
                        json_string(draw(seed, "uids", 3) == 0 ? "uuid" : "vendor"));
    json_object_set_new(o, "names",
                        json_string(draw(seed, "names", 2) == 0 ? "dummy" : "real"));
    json_object_set_new(o, "private",
                        draw(seed, "private", 2) == 0
                            ? json_object()
                            : json_pack("{s:i}", "csa_bytes", 300));
    json_object_set_new(o, "dicomdir", json_integer(draw(seed, "dicomdir", 4) == 0));
    json_object_set_new(o, "other_files", json_integer(draw(seed, "other", 3)));
}

json_t *mk_random_spec(uint64_t seed)
{
    static const uint32_t studies[][4] = {
        {1, 0, 0, 0}, {6, 3, 1, 0}, {3, 2, 2, 1}, {1, 1, 1, 1}};
    static const uint32_t series[][3] = {{1, 0, 0}, {6, 3, 1}, {1, 1, 1}};
    static const double twins[] = {0, 0, 0.3, 0.7};
    json_t *o = json_object();
    uint32_t files[2] = {1, 1 + draw(seed, "most-files", 3)};
    uint32_t most = draw(seed, "size", 3) == 0 ? 39 : 14;
    json_object_set_new(o, "title", json_string("random"));
    json_object_set_new(o, "seed", json_integer((json_int_t)seed));
    json_object_set_new(o, "subjects", json_integer(2 + draw(seed, "subjects", most)));
    json_t *s = ints(studies[draw(seed, "studies", 4)], 4);
    if (draw(seed, "long", 8) == 0) { /* up to six studies */
        json_array_append_new(s, json_integer(1));
        json_array_append_new(s, json_integer(1));
    }
    json_object_set_new(o, "studies", s);
    json_object_set_new(o, "series", ints(series[draw(seed, "series", 3)], 3));
    json_object_set_new(o, "files", ints(files, 2));
    json_object_set_new(o, "sites", json_integer(1 + draw(seed, "sites", 4)));
    json_object_set_new(o, "scanners", json_integer(1 + draw(seed, "scanners", 6)));
    json_object_set_new(o, "twins", json_real(twins[draw(seed, "twins", 4)]));
    json_object_set_new(o, "pools", random_pools(seed));
    json_t *ids = random_shares(seed, "ids", id_faults);
    json_object_set_new(ids, "issuers", json_integer(draw(seed, "issuers", 4)));
    json_object_set_new(o, "ids", ids);
    json_object_set_new(o, "missing", random_shares(seed, "missing", uid_faults));
    json_object_set_new(o, "optional", random_shares(seed, "optional", optional));
    json_object_set_new(o, "derived", random_shares(seed, "derived", derived));
    json_object_set_new(o, "derived_only", json_real(share(seed, "derived_only")));
    json_object_set_new(o, "copies", json_real(share(seed, "copies")));
    json_object_set_new(o, "faults", random_faults(seed));
    random_form(seed, o);
    return o;
}
