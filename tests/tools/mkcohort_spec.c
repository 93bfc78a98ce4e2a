/* Reading a specification; the tables of concepts and carriers. */
#include "mkcohort.h"

#include <string.h>

const mk_concept mk_concepts[MK_CONCEPTS] = {
    {"sex", 'p', 'c'},          {"birth_date", 'p', 'd'}, {"age", 's', 'a'},
    {"ethnicity", 'p', 'c'},    {"residence", 'p', 'c'},  {"occupation", 'p', 'c'},
    {"height", 's', 'h'},       {"weight", 's', 'w'},     {"pregnancy", 's', 'c'},
    {"smoking", 's', 'c'},      {"exam_date", 's', 'd'},  {"exam_time", 's', 't'},
    {"site", 'e', 'c'},         {"department", 'e', 'c'}, {"device", 'e', 'c'},
    {"device_model", 'e', 'c'}, {"modality", 'e', 'c'},   {"body_region", 'e', 'c'},
    {"procedure", 's', 'c'},    {"protocol", 'e', 'c'},   {"staff", 's', 'c'},
};

const mk_carrier mk_carriers[MK_CARRIERS] = {
    {"sex", "0010,0040", "CS"},
    {"birth_date", "0010,0030", "DA"},
    {"age", "0010,1010", "AS"},
    {"ethnicity", "0010,2160", "SH"},
    {"ethnicity", "0010,2162", "UC"},
    {"ethnicity", "0010,2161/0008,0104", "LO"},
    {"residence", "0010,1040", "LO"},
    {"residence", "0010,2152", "LO"},
    {"residence", "0010,2150", "LO"},
    {"occupation", "0010,2180", "SH"},
    {"height", "0010,1020", "DS"},
    {"weight", "0010,1030", "DS"},
    {"pregnancy", "0010,21C0", "US"},
    {"pregnancy", "0010,21D0", "DA"},
    {"smoking", "0010,21A0", "CS"},
    {"exam_date", "0008,0020", "DA"},
    {"exam_date", "0008,0022", "DA"},
    {"exam_date", "0008,002A", "DT"},
    {"exam_date", "0008,0021", "DA"},
    {"exam_date", "0008,0023", "DA"},
    {"exam_date", "0040,0244", "DA"},
    {"exam_date", "0040,0002", "DA"},
    {"exam_date", "0008,0012", "DA"},
    {"exam_time", "0008,0030", "TM"},
    {"exam_time", "0008,0032", "TM"},
    {"exam_time", "0008,002A", "DT"},
    {"exam_time", "0008,0031", "TM"},
    {"exam_time", "0008,0033", "TM"},
    {"exam_time", "0040,0245", "TM"},
    {"exam_time", "0008,0013", "TM"},
    {"site", "0008,0080", "LO"},
    {"site", "0008,0082/0008,0104", "LO"},
    {"site", "0008,0081", "ST"},
    {"site", "0012,0031", "LO"},
    {"site", "0012,0030", "LO"},
    {"department", "0008,1040", "LO"},
    {"department", "0008,1041/0008,0104", "LO"},
    {"device", "0018,1000", "LO"},
    {"device", "0008,1010", "SH"},
    {"device", "0018,1002", "UI"},
    {"device", "0018,700A", "SH"},
    {"device", "0018,1008", "LO"},
    {"device", "0018,1004", "LO"},
    {"device", "0018,1007", "LO"},
    {"device_model", "0008,1090", "LO"},
    {"device_model", "0008,0070", "LO"},
    {"modality", "0008,0060", "CS"},
    {"body_region", "0018,0015", "CS"},
    {"body_region", "0008,2218/0008,0104", "LO"},
    {"procedure", "0008,1030", "LO"},
    {"procedure", "0008,1032/0008,0104", "LO"},
    {"procedure", "0032,1060", "LO"},
    {"procedure", "0040,0254", "LO"},
    {"protocol", "0018,1030", "LO"},
    {"protocol", "0008,103E", "LO"},
    {"staff", "0008,1050", "PN"},
    {"staff", "0008,1070", "PN"},
    {"staff", "0008,1048", "PN"},
    {"staff", "0008,0090", "PN"},
    {"staff", "0008,1060", "PN"},
};

static const char *const known_keys[] = {
    "title",    "seed",         "truth",    "subjects",    "studies", "series",
    "files",    "modalities",   "sites",    "scanners",    "dates",   "pools",
    "even",     "twins",        "names",    "ids",         "uids",    "missing",
    "derived",  "derived_only", "optional", "faults",      "set",     "copies",
    "charsets", "syntaxes",     "private",  "sequences",   "weight",  "pixels",
    "claims",   "leaks",        "dicomdir", "other_files",
};

void mk_spec_check(const json_t *spec)
{
    const char *key;
    json_t *value;
    if (!json_is_object(spec))
        mk_die("a specification is a JSON object");
    json_object_foreach((json_t *)(uintptr_t)spec, key, value)
    {
        size_t i = 0, n = sizeof known_keys / sizeof known_keys[0];
        while (i < n && strcmp(known_keys[i], key) != 0)
            i++;
        if (i == n)
            mk_die("no key '%s' in a specification; see tests/data/cohorts/README.md",
                   key);
    }
}

const json_t *mk_get(const json_t *spec, const char *path)
{
    char part[64];
    while (spec != NULL && *path != '\0') {
        size_t n = strcspn(path, ".");
        if (n + 1 > sizeof part) {
            mk_die("key too long");
        } else {
            memcpy(part, path, n);
            part[n] = '\0';
        }
        spec = json_object_get(spec, part);
        path += n + (path[n] == '.');
    }
    return json_is_null(spec) ? NULL : spec;
}

double mk_num(const json_t *spec, const char *path, double otherwise)
{
    const json_t *j = mk_get(spec, path);
    if (j == NULL)
        return otherwise;
    if (json_is_boolean(j))
        return json_is_true(j) ? 1.0 : 0.0;
    if (!json_is_number(j))
        mk_die("'%s' must be a number", path);
    return json_number_value(j);
}

const char *mk_word(const json_t *spec, const char *path, const char *otherwise)
{
    const json_t *j = mk_get(spec, path);
    if (j == NULL)
        return otherwise;
    if (!json_is_string(j))
        mk_die("'%s' must be a string", path);
    return json_string_value(j);
}
