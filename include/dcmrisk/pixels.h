/* The pixel ledger: what headers say of pictures that nobody opened, and what looking at
 * a sample of them would show.
 *
 * Levels come from rules/pixel-rules.json (condition by condition) and rules/pixel.json
 * (by SOP class); devices known to burn text in from rules/pixel-devices.json. */
#ifndef DCMRISK_PIXELS_H
#define DCMRISK_PIXELS_H

#include "dcmrisk/model.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum dcr_pixel_kind {                      /* names: "burned_in", ... */
                              DCR_PIXEL_BURNED_IN, /* text in the picture */
                              DCR_PIXEL_FACE, /* a face, or one that can be rebuilt */
                              DCR_PIXEL_BIOMETRIC, /* voice, retina */
                              DCR_PIXEL_OVERLAY,   /* planes and annotations beside the
                                                      picture */
                              DCR_PIXEL_HIDDEN_PIXELS,   /* icons, captures */
                              DCR_PIXEL_HIDDEN_METADATA, /* within the compressed stream,
                                                            around the data set */
                              DCR_PIXEL_EMBEDDED_TEXT,   /* documents, reports */
                              DCR_PIXEL_KINDS
} dcr_pixel_kind;
const char *dcr_pixel_kind_name(dcr_pixel_kind k);

typedef enum dcr_pixel_level { /* in this order; names: "none", "info", ... */
                               DCR_PIXEL_NONE,
                               DCR_PIXEL_INFO,
                               DCR_PIXEL_LOW,
                               DCR_PIXEL_MEDIUM,
                               DCR_PIXEL_UNKNOWN, /* nothing tells: as good as high */
                               DCR_PIXEL_HIGH,
                               DCR_PIXEL_LEVELS
} dcr_pixel_level;
const char *dcr_pixel_level_name(dcr_pixel_level l);

/* Series that are alike to a reviewer: same kind of object, device and geometry, and the
 * same things known of them.  One look may settle them all. */
typedef struct dcr_pixel_group {
    const char *sop_class, *modality; /* as in the files, "" when absent */
    const char *content_class;        /* as in pixel.json */
    const char *review;               /* likewise: "none", "sample", "mandatory", ... */
    uint32_t device;        /* number of manufacturer and model, from 1; 0: none named */
    uint32_t rows, columns; /* 0: not told */
    bool has_pixels;
    bool declared_yes, declared_no; /* BurnedInAnnotation */
    dcr_pixel_level level[DCR_PIXEL_KINDS];
    uint64_t rules; /* conditions that hold: bit i is the i-th rule of pixel-rules.json */
    bool needs_look; /* of a risk class that somebody must look at */
    uint32_t series, subjects;
    uint64_t files;
    uint64_t images; /* files, times the frames they say they have */
} dcr_pixel_group;

typedef struct dcr_pixels {
    dcr_pixel_group *groups; /* by SOP class, modality, device, geometry, levels */
    size_t n;
    uint32_t n_devices;
    const uint32_t
        *group_of; /* per series: group + 1, 0: no pictures and nothing like it */
    const char *const *rule; /* per bit of `rules`: id of the condition, kind, level */
    const dcr_pixel_kind *kind;
    const dcr_pixel_level *level;
    size_t n_rules;
    void *owner;
} dcr_pixels;

/* Examines all series of a model.  *out is NULL on failure; dcr_pixels_free it. */
DCR_MUST_USE dcr_status dcr_pixels_examine(dcr_pixels **out, const dcr_rules *r,
                                           const dcr_model *m, dcr_err *err);
void dcr_pixels_free(dcr_pixels *p);

/* ---- what a sample shows (src/metrics/sample.c) ---- */

/* Upper limit, at this confidence (0.95), of the share of images that show something,
 * when `found` of `seen` did: Clopper and Pearson 1934, one-sided; 0 of n gives 1 - (1 -
 * c)^(1/n), which is near 3/n.  1 when nothing was seen or found exceeds seen. */
double dcr_sample_upper(uint64_t seen, uint64_t found, double confidence);

/* Fewest of n images that must be seen, none showing anything, so that at this confidence
 * at most `share` of them do: hypergeometric, so that a small pile needs fewer than an
 * endless one.  n when nothing less will do. */
uint64_t dcr_sample_needed(uint64_t n, double share, double confidence);

#ifdef __cplusplus
}
#endif
#endif
