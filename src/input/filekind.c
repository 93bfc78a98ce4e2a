#include "filekind.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>

#include "mask.h"
#include "syntax.h"

typedef struct ending {
    const char *text;
    dcr_file_kind kind;
} ending;

static const ending endings[] = {
    {".dcm", DCR_FILE_DICOM},       {".dicom", DCR_FILE_DICOM},
    {".ima", DCR_FILE_DICOM},       {".nii", DCR_FILE_NIFTI},
    {".nii.gz", DCR_FILE_NIFTI},    {".csv", DCR_FILE_CSV},
    {".tsv", DCR_FILE_CSV},         {".json", DCR_FILE_JSON},
    {".jsonl", DCR_FILE_JSON},      {".ndjson", DCR_FILE_JSON},
    {".ipynb", DCR_FILE_JSON},      {".geojson", DCR_FILE_JSON},
    {".xml", DCR_FILE_XML},         {".xsd", DCR_FILE_XML},
    {".html", DCR_FILE_XML},        {".htm", DCR_FILE_XML},
    {".xhtml", DCR_FILE_XML},       {".txt", DCR_FILE_TEXT},
    {".md", DCR_FILE_TEXT},         {".rst", DCR_FILE_TEXT},
    {".log", DCR_FILE_TEXT},        {".yml", DCR_FILE_TEXT},
    {".yaml", DCR_FILE_TEXT},       {".toml", DCR_FILE_TEXT},
    {".ini", DCR_FILE_TEXT},        {".cfg", DCR_FILE_TEXT},
    {".py", DCR_FILE_TEXT},         {".r", DCR_FILE_TEXT},
    {".m", DCR_FILE_TEXT},          {".sh", DCR_FILE_TEXT},
    {".c", DCR_FILE_TEXT},          {".h", DCR_FILE_TEXT},
    {".js", DCR_FILE_TEXT},         {".css", DCR_FILE_TEXT},
    {".sql", DCR_FILE_TEXT},        {".bval", DCR_FILE_TEXT},
    {".bvec", DCR_FILE_TEXT},       {".gitignore", DCR_FILE_TEXT},
    {".gitkeep", DCR_FILE_TEXT},    {".gitattributes", DCR_FILE_TEXT},
    {".bidsignore", DCR_FILE_TEXT}, {".pdf", DCR_FILE_PDF},
    {".png", DCR_FILE_IMAGE},       {".jpg", DCR_FILE_IMAGE},
    {".jpeg", DCR_FILE_IMAGE},      {".gif", DCR_FILE_IMAGE},
    {".bmp", DCR_FILE_IMAGE},       {".tif", DCR_FILE_IMAGE},
    {".tiff", DCR_FILE_IMAGE},      {".webp", DCR_FILE_IMAGE},
    {".jp2", DCR_FILE_IMAGE},       {".svg", DCR_FILE_IMAGE},
    {".svs", DCR_FILE_IMAGE},       {".zip", DCR_FILE_ARCHIVE},
    {".gz", DCR_FILE_ARCHIVE},      {".tgz", DCR_FILE_ARCHIVE},
    {".tar", DCR_FILE_ARCHIVE},     {".bz2", DCR_FILE_ARCHIVE},
    {".xz", DCR_FILE_ARCHIVE},      {".zst", DCR_FILE_ARCHIVE},
    {".7z", DCR_FILE_ARCHIVE},      {".rar", DCR_FILE_ARCHIVE},
    {".xlsx", DCR_FILE_ARCHIVE},    {".docx", DCR_FILE_ARCHIVE},
    {".pptx", DCR_FILE_ARCHIVE},
};

typedef struct magic {
    unsigned at;
    const char *bytes;
    unsigned n;
    dcr_file_kind kind;
} magic;

#define MAGIC(at, text, kind)                                                            \
    {                                                                                    \
        at, text, sizeof text - 1, kind                                                  \
    }

static const magic magics[] = {
    MAGIC(0, "%PDF-", DCR_FILE_PDF),
    MAGIC(0, "\x89PNG\r\n\x1A\n", DCR_FILE_IMAGE),
    MAGIC(0, "\xFF\xD8\xFF", DCR_FILE_IMAGE),
    MAGIC(0, "GIF87a", DCR_FILE_IMAGE),
    MAGIC(0, "GIF89a", DCR_FILE_IMAGE),
    MAGIC(0, "II*\0", DCR_FILE_IMAGE),
    MAGIC(0, "MM\0*", DCR_FILE_IMAGE),
    MAGIC(0, "II+\0", DCR_FILE_IMAGE),
    MAGIC(0, "MM\0+", DCR_FILE_IMAGE),
    MAGIC(8, "WEBP", DCR_FILE_IMAGE),
    MAGIC(4, "jP  \r\n\x87\n", DCR_FILE_IMAGE),
    MAGIC(0, "\xFF\x4F\xFF\x51", DCR_FILE_IMAGE),
    MAGIC(4, "ftyp", DCR_FILE_IMAGE),
    MAGIC(0, "PK\x03\x04", DCR_FILE_ARCHIVE),
    MAGIC(0, "PK\x05\x06", DCR_FILE_ARCHIVE),
    MAGIC(0, "BZh", DCR_FILE_ARCHIVE),
    MAGIC(0,
          "\xFD"
          "7zXZ",
          DCR_FILE_ARCHIVE),
    MAGIC(0, "7z\xBC\xAF\x27\x1C", DCR_FILE_ARCHIVE),
    MAGIC(0, "\x28\xB5\x2F\xFD", DCR_FILE_ARCHIVE),
    MAGIC(0, "Rar!\x1A\x07", DCR_FILE_ARCHIVE),
    MAGIC(257, "ustar", DCR_FILE_ARCHIVE),
};

dcr_file_kind dcr_filekind_by_name(const char *path)
{
    size_t n = path == NULL ? 0 : strlen(path);
    dcr_file_kind kind = DCR_FILE_UNKNOWN;
    size_t longest = 0;
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        size_t k = strlen(endings[i].text);
        if (k > longest && k <= n && strcasecmp(path + n - k, endings[i].text) == 0) {
            longest = k;
            kind = endings[i].kind;
        }
    }
    if (longest == 0 && n >= 8 && strcasecmp(path + n - 8, "DICOMDIR") == 0 &&
        (n == 8 || path[n - 9] == '/'))
        return DCR_FILE_DICOM;
    return kind;
}

/* NIfTI-1 and -2 say the size of their header first and their name at its end. */
static bool is_nifti(const uint8_t *p, size_t n)
{
    static const char *const name[] = {"n+1", "ni1"};
    if (n >= 348 && (dcr_get32(p, false) == 348 || dcr_get32(p, true) == 348))
        for (size_t i = 0; i < 2; i++)
            if (memcmp(p + 344, name[i], 4) == 0)
                return true;
    return n >= 12 && (dcr_get32(p, false) == 540 || dcr_get32(p, true) == 540) &&
           (memcmp(p + 4, "n+2", 4) == 0 || memcmp(p + 4, "ni2", 4) == 0);
}

static bool is_gzip(const uint8_t *p, size_t n)
{
    return n >= 18 && p[0] == 0x1F && p[1] == 0x8B && p[2] == 8;
}

static bool is_nifti_gz(const uint8_t *p, size_t n)
{
    uint8_t out[352], in[DCR_FILEKIND_HEAD];
    z_stream z;
    size_t got;
    n = n > sizeof in ? sizeof in : n;
    memcpy(in, p, n); /* zlib's input is not const everywhere */
    memset(&z, 0, sizeof z);
    z.next_in = in;
    z.avail_in = (unsigned)n;
    z.next_out = out;
    z.avail_out = sizeof out;
    if (inflateInit2(&z, MAX_WBITS + 16) != Z_OK)
        return false;
    (void)inflate(&z, Z_SYNC_FLUSH);
    got = sizeof out - z.avail_out;
    inflateEnd(&z);
    return is_nifti(out, got);
}

static bool is_bmp(const uint8_t *p, size_t n, uint64_t size)
{
    return n >= 18 && p[0] == 'B' && p[1] == 'M' && dcr_get32(p + 2, false) == size &&
           dcr_get32(p + 6, false) == 0;
}

static dcr_file_kind by_magic(const uint8_t *p, size_t n, uint64_t size)
{
    for (size_t i = 0; i < sizeof magics / sizeof magics[0]; i++) {
        const magic *m = &magics[i];
        if (n >= m->at + m->n && memcmp(p + m->at, m->bytes, m->n) == 0)
            return m->kind;
    }
    if (is_nifti(p, n))
        return DCR_FILE_NIFTI;
    if (is_gzip(p, n))
        return is_nifti_gz(p, n) ? DCR_FILE_NIFTI : DCR_FILE_ARCHIVE;
    return is_bmp(p, n, size) ? DCR_FILE_IMAGE : DCR_FILE_UNKNOWN;
}

/* A data set without a header: its first elements must look right.  One is enough when it
 * fills the file, or when it is of group 0002 or 0008, as all real ones begin. */
static bool is_bare_dicom(const uint8_t *p, size_t n, uint64_t size)
{
    dcr_syntax s = {false, false};
    unsigned score = dcr_syntax_guess(p, n, size, &s);
    if (score >= 3)
        return true;
    if (score == 0)
        return false;
    dcr_header h;
    return dcr_header_get(&h, p, n, s) && (h.group == 2 || h.group == 8) &&
           (score == 2 || (uint64_t)h.size + h.length == size || h.size + h.length > n ||
            h.length == DCR_LENGTH_UNDEFINED);
}

static bool is_text(const uint8_t *p, size_t n)
{
    size_t high = 0;
    for (size_t i = 0; i < n; i++) {
        if ((p[i] < 0x20 && p[i] != '\t' && p[i] != '\n' && p[i] != '\r' &&
             p[i] != '\f') ||
            p[i] == 0x7F)
            return false;
        high += p[i] >= 0x80;
    }
    /* the head may end within a character; other encodings have few high bytes */
    return n > 0 && (n - dcr_utf8_valid(p, n) < 4 || high * 4 <= n);
}

static dcr_file_kind kind_of_text(const uint8_t *p, size_t n, dcr_file_kind named)
{
    size_t i = 0;
    if (n >= 3 && memcmp(p, "\xEF\xBB\xBF", 3) == 0)
        i = 3;
    while (i < n && (p[i] == ' ' || p[i] == '\t' || p[i] == '\r' || p[i] == '\n'))
        i++;
    if (named ==
        DCR_FILE_DICOM) /* the pointer to a file that is elsewhere, an error page */
        return DCR_FILE_DICOM;
    if (i + 1 < n && p[i] == '<' && (p[i + 1] == '?' || p[i + 1] == '!'))
        return named == DCR_FILE_IMAGE ? DCR_FILE_IMAGE : DCR_FILE_XML;
    if (named == DCR_FILE_UNKNOWN || named == DCR_FILE_NIFTI || named == DCR_FILE_PDF ||
        named == DCR_FILE_ARCHIVE)
        return i < n && (p[i] == '{' || p[i] == '[') ? DCR_FILE_JSON : DCR_FILE_TEXT;
    return named;
}

dcr_file_kind dcr_filekind(const uint8_t *head, size_t n, uint64_t size, const char *path)
{
    dcr_file_kind named = dcr_filekind_by_name(path), kind;
    if (n >= 132 && memcmp(head + 128, "DICM", 4) == 0)
        return DCR_FILE_DICOM;
    kind = by_magic(head, n, size);
    if (kind != DCR_FILE_UNKNOWN)
        return kind;
    if (n >= 8 && is_bare_dicom(head, n, size))
        return DCR_FILE_DICOM;
    if (is_text(head, n))
        return kind_of_text(head, n, named);
    return named;
}
