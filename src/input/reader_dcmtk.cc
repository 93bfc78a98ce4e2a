#include "reader.h"

#include <cctype>
#include <cerrno>
#include <iconv.h>
#include <new>

#include "japanese.h"

#include <dcmtk/config/osconfig.h>

#include <dcmtk/dcmdata/dcdicent.h>
#include <dcmtk/dcmdata/dcdict.h>
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

static bool look_up_vr(uint16_t group, uint16_t element, const char *creator, char vr[2])
{
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

extern "C" bool dcr_reader_vr(uint16_t group, uint16_t element, const char *creator,
                              char vr[2])
{
    /* Public elements are asked for again and again, and DCMTK walks a list for each. */
    struct answer {
        uint32_t tag; /* 0: none yet */
        bool known;
        char vr[2];
    };
    static thread_local answer kept[1024];
    uint32_t tag = static_cast<uint32_t>(group) << 16 | element;
    if (group % 2 == 1)
        return creator != NULL && look_up_vr(group, element, creator, vr);
    if (tag == 0)
        return look_up_vr(group, element, NULL, vr);
    answer *a = &kept[(tag * 0x9E3779B1u) >> 22];
    if (a->tag != tag) {
        a->tag = tag;
        a->known = look_up_vr(group, element, NULL, a->vr);
    }
    if (a->known)
        memcpy(vr, a->vr, 2);
    return a->known;
}

struct dcr_charset {
    OFString terms;
    bool chosen, known; /* a converter is looked for with the first text that needs it */
    DcmSpecificCharacterSet set;
    OFString out;
    dcr_buf euc;
    iconv_t other; /* what DCMTK does not know; (iconv_t)-1 when it does */
    bool japanese;
};

static const iconv_t no_iconv = reinterpret_cast<iconv_t>(-1);

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

static bool has(const OFString &terms, const char *term)
{
    return terms.find(term) != OFString_npos;
}

/* Where DCMTK stands on the C library's iconv it lacks these (JIS X 0208 and 0212,
 * Latin-9). JIS with a set that is not Japanese stays undecoded. */
static bool select_other(dcr_charset *c, const OFString &terms)
{
    c->japanese = has(terms, "IR 87") || has(terms, "IR 159");
    if (c->japanese &&
        (has(terms, "IR 10") || has(terms, "IR 14") || has(terms, "IR 58")))
        return false;
    if (c->japanese)
        c->other = iconv_open("UTF-8", "EUC-JP");
    else if (terms == "ISO_IR 203" || terms == "ISO 2022 IR 203")
        c->other = iconv_open("UTF-8", "ISO-8859-15");
    return c->other != no_iconv;
}

static bool select(dcr_charset *c)
{
    OFString known = spelled(c->terms.data(), c->terms.length());
    return c->set.selectCharacterSet(c->terms).good() ||
           c->set.selectCharacterSet(known).good() || select_other(c, known);
}

extern "C" dcr_charset *dcr_charset_new(const uint8_t *terms, size_t n)
{
    dcr_charset *c = NULL;
    try {
        c = new (std::nothrow) dcr_charset();
        if (c == NULL)
            return NULL;
        c->other = no_iconv;
        c->terms.assign(reinterpret_cast<const char *>(terms), n);
        return c;
    } catch (...) {
        dcr_charset_free(c);
        return NULL;
    }
}

static bool convert_other(dcr_charset *cs, const uint8_t *p, size_t n, dcr_buf *out)
{
    char piece[512];
    cs->euc.n = 0;
    if (!cs->japanese)
        dcr_buf_add(&cs->euc, p, n);
    else if (!dcr_japanese_euc(p, n, &cs->euc))
        return false;
    char *in = cs->euc.p;
    size_t left = cs->euc.n;
    iconv(cs->other, NULL, NULL, NULL, NULL);
    while (left > 0 && !cs->euc.failed) {
        char *to = piece;
        size_t room = sizeof piece, before = left;
        if (iconv(cs->other, &in, &left, &to, &room) == static_cast<size_t>(-1) &&
            (errno != E2BIG || left == before))
            return false;
        dcr_buf_add(out, piece, sizeof piece - room);
    }
    return !cs->euc.failed;
}

extern "C" bool dcr_charset_utf8(dcr_charset *cs, const char *delimiters,
                                 const uint8_t *p, size_t n, dcr_buf *out)
{
    if (cs == NULL)
        return false;
    try {
        if (!cs->chosen) {
            cs->chosen = true;
            cs->known = select(cs);
        }
        if (!cs->known)
            return false;
        if (cs->other != no_iconv)
            return convert_other(cs, p, n, out);
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
    if (cs == NULL)
        return;
    if (cs->other != no_iconv)
        iconv_close(cs->other);
    dcr_buf_clear(&cs->euc);
    delete cs;
}
