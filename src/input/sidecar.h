/* Files that lie beside the images: tables, JSON, text, headers of NIfTI volumes.
 *
 * What they hold becomes values of pseudo attributes, so that rules judge them like any
 * other: "sidecar:csv/COLUMN", "sidecar:csv-layout" (the header row), "sidecar:json/KEY",
 * "sidecar:json-keys", "sidecar:json-map-keys", "sidecar:json-map-values",
 * "sidecar:text/line", "sidecar:xml/line", "sidecar:nifti/descrip", ...  Names of columns
 * and keys are content of files too: whoever prints a path masks them. */
#ifndef DCR_SIDECAR_H
#define DCR_SIDECAR_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "dcmrisk/scan.h"
#include "pathtab.h"
#include "reader.h"
#include "source.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A change makes old scan files rescan. */
#define DCR_SIDECAR_VERSION "1"

enum {
    DCR_SIDECAR_BYTES = 16 << 20, /* larger files are listed, not read */
    DCR_SIDECAR_NAMES = 256 /* columns or keys of one file with a path of their own */
};

typedef struct dcr_sidecar { /* memory that serves any number of files; zeroed is valid */
    dcr_buf raw, text, cell, name;
} dcr_sidecar;
void dcr_sidecar_clear(dcr_sidecar *s);

typedef struct dcr_sidecar_reading {
    bool whole;           /* all of its content was seen as text */
    uint32_t values;      /* handed to the sink */
    uint32_t undecodable; /* 1: its character set had to be guessed */
    char digest[33];      /* of what was read; equal for copies */
} dcr_sidecar_reading;

/* True for kinds of files that are read here, when they are not too large. */
bool dcr_sidecar_reads(dcr_file_kind kind, uint64_t size);

/* Reads from src (started, nothing eaten) and hands values to the sink.  Only DCR_ENOMEM
 * fails; hostile content is in out->whole. */
DCR_MUST_USE dcr_status dcr_sidecar_file(dcr_sidecar *s, dcr_source *src,
                                         dcr_file_kind kind, dcr_pathtab *paths,
                                         const dcr_sink *sink, dcr_sidecar_reading *out);

#ifdef __cplusplus
}
#endif
#endif
