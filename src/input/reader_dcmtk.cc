#include "reader.h"

#include <cctype>
#include <new>

#include <dcmtk/config/osconfig.h>

#include <dcmtk/dcmdata/dcdict.h>
#include <dcmtk/dcmdata/dcdicent.h>
#include <dcmtk/dcmdata/dcspchrs.h>
#include <dcmtk/dcmdata/dctagkey.h>
#include <dcmtk/dcmdata/dcuid.h>
#include <dcmtk/dcmdata/dcvr.h>
#include <dcmtk/oflog/oflog.h>

/* The dictionary is loaded once and never changed, so what findEntry() lends stays. */
static const DcmDictEntry *find(uint16_t group, uint16_t element, const char *creator)
{
    const DcmDictEntry *e =
        dcmDataDict.rdlock().findEntry(DcmTagKey(group, element), creator);
    dcmDataDict.rdunlock();
    return e;
}

extern "C" void dcr_reader_init(void)
{
    try {
        OFLog::configure(OFLogger::OFF_LOG_LEVEL);
        (void)find(0x0010, 0x0010, NULL);
    } catch (...) {
    }
}

extern "C" const char *dcr_reader_dcmtk(void)
{
    return OFFIS_DCMTK_VERSION_STRING;
}

extern "C" const char *dcr_reader_keyword(uint16_t group, uint16_t element)
{
    try {
        const DcmDictEntry *e = group % 2 == 1 ? NULL : find(group, element, NULL);
        return e == NULL ? NULL : e->getTagName();
    } catch (...) {
        return NULL;
    }
}

static const char *vr_name(DcmEVR evr)
{
    switch (evr) {
    case EVR_xs:
        return "xs";
    case EVR_ox:
    case EVR_px:
    case EVR_lt:
        return "OW";
    case EVR_up:
        return "UL";
    default:
        return DcmVR(evr).getValidVRName();
    }
}

extern "C" bool dcr_reader_vr(uint16_t group, uint16_t element, const char *creator,
                              char vr[2])
{
    if (group % 2 == 1 && creator == NULL)
        return false;
    try {
        const DcmDictEntry *e = find(group, element, creator);
        if (e == NULL)
            return false;
        const char *name = vr_name(e->getEVR());
        vr[0] = name[0];
        vr[1] = name[1];
        return true;
    } catch (...) {
        return false;
    }
}

struct dcr_charset {
    DcmSpecificCharacterSet set;
    OFString out;
};

/* Writers spell the terms in many ways ("ISO-IR 100", "iso_ir_100"); the standard in one:
 * upper case, '_' before IR and a blank after it, "ISO 2022 IR n" with blanks only. */
static OFString spelled(const char *p, size_t n)
{
    OFString s;
    for (size_t i = 0; i < n; i++) {
        char c = static_cast<char>(toupper(static_cast<unsigned char>(p[i])));
        s += c == '_' || c == '-' ? ' ' : c;
    }
    for (size_t at = s.find("ISO IR "); at != OFString_npos; at = s.find("ISO IR "))
        s[at + 3] = '_';
    return s;
}

extern "C" dcr_charset *dcr_charset_new(const uint8_t *terms, size_t n)
{
    dcr_charset *c = NULL;
    try {
        const char *p = reinterpret_cast<const char *>(terms);
        c = new (std::nothrow) dcr_charset;
        if (c == NULL)
            return NULL;
        if (c->set.selectCharacterSet(OFString(p, n)).good() ||
            c->set.selectCharacterSet(spelled(p, n)).good())
            return c;
    } catch (...) {
    }
    delete c;
    return NULL;
}

extern "C" bool dcr_charset_utf8(dcr_charset *cs, const char *delimiters, const uint8_t *p,
                                 size_t n, dcr_buf *out)
{
    if (cs == NULL)
        return false;
    try {
        const char *text = reinterpret_cast<const char *>(p);
        cs->out.clear();
        if (cs->set.convertString(text, n, cs->out, delimiters).bad())
            return false;
        dcr_buf_add(out, cs->out.data(), cs->out.length());
        return true;
    } catch (...) {
        return false;
    }
}

extern "C" void dcr_charset_free(dcr_charset *cs)
{
    delete cs;
}
