/* What `dcmrisk --version` and report.json say of the libraries in use.  The one file
 * outside the stages that sees all of them, and it only asks for their versions. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <gsl/gsl_version.h>
#include <jansson.h>
#include <libxml/parser.h>
#include <nettle/version.h>
#include <pcre2.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <xxhash.h>
#include <zlib.h>

#include "../input/cage.h"
#include "../input/reader.h"
#include "dcmrisk/dcmrisk.h"

/* 10000 a + 100 b + c as "a.b.c". */
static void dotted(unsigned long v, char *out, size_t size)
{
    snprintf(out, size, "%lu.%lu.%lu", v / 10000, v / 100 % 100, v % 100);
}

/* The number in front of libxml2's "20914-GIT...". */
static unsigned long leading_number(const char *s)
{
    unsigned long v = 0;
    for (; *s >= '0' && *s <= '9'; s++)
        v = v * 10 + (unsigned long)(*s - '0');
    return v;
}

const dcr_library *dcr_libraries(size_t *n)
{
    static char pcre[64], xml[64], xx[64], nettle[64];
    static dcr_library list[] = {
        {"DCMTK", NULL},   {"GSL", NULL},        {"PCRE2", pcre},  {"SQLite", NULL},
        {"jansson", NULL}, {"libseccomp", NULL}, {"libxml2", xml}, {"nettle", nettle},
        {"xxHash", xx},    {"zlib", NULL}};
    list[0].version = dcr_reader_dcmtk();
    list[1].version = gsl_version;
    pcre2_config(PCRE2_CONFIG_VERSION, pcre);
    pcre[strcspn(pcre, " ")] = '\0'; /* "10.42 2022-12-11" */
    list[3].version = sqlite3_libversion();
    list[4].version = jansson_version_str();
    list[5].version = dcr_cage_library();
    dotted(leading_number(xmlParserVersion), xml, sizeof xml);
    dotted((unsigned long)nettle_version_major() * 10000 +
               (unsigned long)nettle_version_minor() * 100,
           nettle, sizeof nettle);
    nettle[strlen(nettle) - 2] = '\0';         /* it has two numbers */
    dotted(XXH_VERSION_NUMBER, xx, sizeof xx); /* built in by base/hash.c */
    list[9].version = zlibVersion();
    *n = sizeof list / sizeof *list;
    return list;
}
