/* What the parts of the reader share: the file (reader_file.c), the walk over its
 * elements (reader_dicom.c) and the values (reader_value.c). */
#ifndef DCR_READER_IMPL_H
#define DCR_READER_IMPL_H

#include "dcmrisk/scan.h"
#include "reader.h"
#include "syntax.h"
#include "value.h"

#ifdef __cplusplus
extern "C" {
#endif

#define DCR_TAG(g, e) ((uint32_t)(g) << 16 | (e))
#define DCR_NO_END    UINT64_MAX

typedef struct dcr_frame { /* one data set, item or sequence that is being read */
    uint64_t end;          /* DCR_NO_END when delimited, or the file's end */
    uint64_t limit;        /* no element inside may pass this; at most the file's size */
    uint32_t path;         /* of the sequence; DCR_PATH_ROOT for the data set */
    uint32_t before;       /* path found last */
    uint32_t creators;     /* where those of this item begin */
    uint32_t charset;
    dcr_syntax syntax;
    bool sequence; /* holds items, not elements */
    bool meta;     /* group 0002 */
    bool unsure;   /* syntax is a guess, to be looked at with the first element */
    bool doubtful; /* perhaps no sequence at all: skip it when it makes no sense */
    bool seen;     /* has at least one item */
} dcr_frame;

typedef struct dcr_creator {
    uint16_t group, block;
    uint32_t id; /* of dcr_pathtab.creators */
} dcr_creator;

typedef struct dcr_known_set {
    uint8_t *terms; /* owned */
    size_t n;
    uint32_t id; /* never used again, so that what was read with it can be compared */
    dcr_charset *set;
} dcr_known_set;

struct dcr_reader {
    dcr_budget budget;
    dcr_source *src;
    dcr_pathtab *paths;
    const dcr_sink *sink;
    dcr_reading *out;
    dcr_frame *frame;
    size_t n_frames, cap_frames;
    dcr_creator *creator;
    size_t n_creators, cap_creators;
    dcr_known_set *charset; /* [0] is the default repertoire */
    size_t n_charsets, cap_charsets;
    uint32_t next_charset;
    dcr_buf text, big;
    uint64_t bytes;
    uint64_t meta_end; /* where group 0002 says it ends, 0 when it does not say */
    uint32_t depth;    /* sequences that are open */
    unsigned flaw;     /* dcr_read that did not stop the reading */
    uint32_t last;     /* tag of the data set that came last */
    bool pixel_signed, stopped;
    char syntax_uid[65];
    dcr_status failed; /* DCR_ENOMEM of a sink or of ours */
};

typedef struct dcr_element {
    uint32_t tag, path, length;
    char vr[2]; /* as understood: dictionary's for UN and implicit ones */
    bool private_data;
    bool pixel; /* Pixel Data in any of its forms */
} dcr_element;

/* A new frame, zeroed; NULL when no memory. */
dcr_frame *dcr_reader_push(dcr_reader *r);
/* Reads until no frame is left, or the reading stops. */
void dcr_reader_run(dcr_reader *r);

/* Ends the reading of this file; the first reason stays. */
void dcr_reader_stop(dcr_reader *r, unsigned status);
void dcr_reader_nomem(dcr_reader *r);

/* The frame's character set becomes the one named by terms. */
void dcr_reader_charset(dcr_reader *r, dcr_frame *f, const uint8_t *terms, size_t n);
void dcr_reader_charsets_clear(dcr_reader *r);

/* Reads (or passes over) the value of an element whose length is known and within limits.
 */
void dcr_reader_value(dcr_reader *r, dcr_frame *f, const dcr_element *e);
/* Reads fragments up to their delimiter. */
void dcr_reader_fragments(dcr_reader *r, dcr_frame *f, const dcr_element *e);

/* Values that stand for something that is not read. */
typedef enum dcr_mark { DCR_MARK_EMPTY = 1, DCR_MARK_ITEMS, DCR_MARK_PIXEL } dcr_mark;
void dcr_reader_mark(dcr_reader *r, uint32_t path, const char vr[2], dcr_mark mark);

/* A value that belongs to the file and to no element; reads n bytes from the source. */
void dcr_reader_pseudo(dcr_reader *r, const char *name, uint64_t n, bool *all_zero);

#ifdef __cplusplus
}
#endif
#endif
