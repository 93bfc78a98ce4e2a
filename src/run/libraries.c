/* What `dcmrisk --version` and report.json say of the libraries in use. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <gsl/gsl_version.h>
#include <jansson.h>
#include <libxml/parser.h>
#include <pcre2.h>
#include <sqlite3.h>
#include <xxhash.h>
#include <zlib.h>

#include "../input/reader.h"
#include "dcmrisk/dcmrisk.h"

const dcr_library *dcr_libraries(size_t *n)
{
    static char pcre[64], xx[16];
    static dcr_library list[] = {{"DCMTK", NULL},   {"GSL", NULL},  {"PCRE2", pcre},
                                 {"SQLite", NULL},  {"jansson", NULL}, {"libxml2", NULL},
                                 {"xxHash", xx},    {"zlib", NULL}};
    unsigned v = XXH_VERSION_NUMBER;
    list[0].version = dcr_reader_dcmtk();
    list[1].version = gsl_version;
    pcre2_config(PCRE2_CONFIG_VERSION, pcre);
    list[3].version = sqlite3_libversion();
    list[4].version = jansson_version_str();
    list[5].version = xmlParserVersion;
    snprintf(xx, sizeof xx, "%u.%u.%u", v / 10000, v / 100 % 100, v % 100);
    list[7].version = zlibVersion();
    *n = sizeof list / sizeof *list;
    return list;
}
