#include "dcmrisk/scan.h"

#include "syntax.h"

const char *dcr_file_kind_name(dcr_file_kind k)
{
    static const char *const name[DCR_FILE_N] = {
        [DCR_FILE_DICOM] = "dicom",     [DCR_FILE_DICOMDIR] = "dicomdir",
        [DCR_FILE_CSV] = "csv",         [DCR_FILE_JSON] = "json",
        [DCR_FILE_TEXT] = "text",       [DCR_FILE_XML] = "xml",
        [DCR_FILE_NIFTI] = "nifti",     [DCR_FILE_PDF] = "pdf",
        [DCR_FILE_IMAGE] = "image",     [DCR_FILE_ARCHIVE] = "archive",
        [DCR_FILE_UNKNOWN] = "unknown", [DCR_FILE_SPECIAL] = "special",
        [DCR_FILE_LINK] = "link",       [DCR_FILE_FOLDER] = "folder",
    };
    return (unsigned)k < DCR_FILE_N ? name[k] : "unknown";
}

const char *dcr_read_name(dcr_read r)
{
    static const char *const name[DCR_READ_N] = {
        [DCR_READ_OK] = "ok",
        [DCR_READ_OTHER] = "other",
        [DCR_READ_EMPTY] = "empty",
        [DCR_READ_DENIED] = "denied",
        [DCR_READ_IO] = "io",
        [DCR_READ_VANISHED] = "vanished",
        [DCR_READ_CHANGED] = "changed",
        [DCR_READ_SPECIAL] = "special",
        [DCR_READ_LOOP] = "loop",
        [DCR_READ_OUTSIDE] = "outside",
        [DCR_READ_TRUNCATED] = "truncated",
        [DCR_READ_CORRUPT] = "corrupt",
        [DCR_READ_LENGTH] = "length",
        [DCR_READ_DEPTH] = "depth",
        [DCR_READ_ELEMENTS] = "elements",
        [DCR_READ_BYTES] = "bytes",
        [DCR_READ_TIME] = "time",
        [DCR_READ_MEMORY] = "memory",
        [DCR_READ_CRASH] = "crash",
        [DCR_READ_UNSUPPORTED] = "unsupported",
    };
    return (unsigned)r < DCR_READ_N ? name[r] : "unknown";
}

bool dcr_vr_rolls_up(const char *vr)
{
    return !dcr_vr_get(vr)->whole;
}
