/* What the parts of the reader share: the file (reader_file.c), the walk over its
 * elements (reader_stream.c) and the values (reader_value.c). */
#ifndef DCR_READER_IMPL_H
#define DCR_READER_IMPL_H

#include <string.h>

#include "dcmrisk/scan.h"
#include "hash.h"
#include "reader.h"
#include "syntax.h"
#include "value.h"

#ifdef __cplusplus
extern "C" {
#endif

#define DCR_TAG(g, e)   ((uint32_t)(g) << 16 | (e))
#define DCR_NO_END      UINT64_MAX
#define DCR_FIRST_PIXEL DCR_TAG(0x7FE0, 0x0000)

typedef struct dcr_frame { /* one data set, item or sequence that is being read */
    uint64_t end;          /* DCR_NO_END when delimited, or the file's end */
    uint64_t limit;        /* no element inside may pass this; at most the file's size */
    uint32_t path;         /* of the sequence; DCR_PATH_ROOT for the data set */
    uint32_t before;       /* path found last */
    uint32_t last;         /* greatest tag so far */
    uint64_t number;       /* of dcr_pathtab.items */
    uint64_t begin;        /* of a sequence: where its value begins */
    uint64_t group_end; /* where a group length says its group ends, 0 when none does */
    uint16_t group;     /* which one */
    uint32_t creators;  /* where those of this item begin */
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

typedef struct dcr_dcmtk dcr_dcmtk; /* reader_dcmtk_parse.cc */

typedef struct dcr_known_set {
    uint8_t *terms; /* owned */
    size_t n;
    uint32_t id; /* no path was read with another one of it, so that it can be compared */
    uint64_t file; /* the last one that had it, see dcr_reader.files */
    dcr_charset *set;
} dcr_known_set;

struct dcr_reader {
    dcr_budget budget;
    dcr_dcmtk *dcmtk; /* reads the elements; NULL: reader_stream.c does */
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
    uint32_t next_charset;  /* odd for DCMTK's reader */
    uint64_t files;         /* read so far */
    uint32_t file_charsets; /* distinct ones of this file */
    dcr_buf text, big;
    uint64_t bytes;
    uint64_t value_at; /* where the value in hand begins */
    uint64_t begin;    /* where the element or item in hand begins */
    uint64_t gap_end;  /* not 0: up to here stands what only looked like a sequence, */
    uint32_t gap_path; /* which is this one */
    uint64_t meta_end; /* where group 0002 says it ends, 0 when it does not say */
    uint32_t depth;    /* sequences that are open */
    unsigned flaw;     /* dcr_read that did not stop the reading */
    uint32_t n_paths;  /* distinct ones of this file */
    dcr_charset *utf8; /* of what openers find; NULL until it is needed */
    uint32_t last;     /* tag of the data set that came last */
    bool pixel_signed, stopped;
    bool kept;  /* the value in hand is short enough to be told as it is */
    bool plain; /* the value in hand was told and no more: nothing looks inside, and the
                   reader itself remembers nothing of it */
    char syntax_uid[65];
    dcr_status failed; /* DCR_ENOMEM of a sink or of ours */
};

typedef struct dcr_element {
    uint32_t tag, path, length;
    uint32_t names; /* of a creator: whom, as dcr_reader_creator has it */
    char vr[2];     /* as understood: dictionary's for UN and implicit ones */
    bool pixel;     /* Pixel Data in any of its forms */
} dcr_element;

/* What hides an element from some readers, or bytes from all.  Each is told as a value of
 * the pseudo attribute "structure:NAME": the tag where it was seen. */
typedef enum dcr_oddity {
    DCR_ODD_TWICE = 0,    /* one tag twice in a data set or item */
    DCR_ODD_ORDER,        /* a tag behind a greater one */
    DCR_ODD_LENGTH,       /* an odd number of bytes */
    DCR_ODD_RESERVED,     /* bytes that shall be zero are not */
    DCR_ODD_DELIMITER,    /* one too many, or none where one belongs */
    DCR_ODD_GROUP_LENGTH, /* a group is longer or shorter than it says */
    DCR_ODD_GAP,          /* a value that begins like a sequence and goes on otherwise */
    DCR_ODD_N
} dcr_oddity;
void dcr_reader_odd(dcr_reader *r, dcr_oddity what, uint32_t tag);

/* Eats n bytes that need or peek showed, as bytes of that kind. */
static inline void dcr_reader_eat(dcr_reader *r, dcr_share share, size_t n)
{
    r->out->share[share] += n;
    dcr_source_eat(r->src, n);
}
/* Passes over n bytes; false when they are not there. */
static inline bool dcr_reader_skip(dcr_reader *r, dcr_share share, uint64_t n)
{
    bool there = dcr_source_skip(r->src, n);
    r->out->share[share] += there ? n : 0;
    return there;
}
/* The sum of all shares becomes the source's position: the difference is counted as
 * values.  For what others have read or put back. */
void dcr_reader_settle_shares(dcr_reader *r);

static inline dcr_frame *dcr_reader_top(dcr_reader *r)
{
    return &r->frame[r->n_frames - 1];
}

/* A new frame, zeroed; NULL when no memory. */
dcr_frame *dcr_reader_push(dcr_reader *r);
void dcr_reader_pop(dcr_reader *r);
/* Counts the element e->tag of the top frame and finds its path; false when that ends the
 * reading. */
bool dcr_reader_known(dcr_reader *r, dcr_element *e);
/* Its VR, from what the file says ({0, 0}: nothing) and what the dictionary knows. */
void dcr_reader_understand(const dcr_reader *r, dcr_element *e, const char says[2]);
static inline bool dcr_reader_is_creator(uint32_t tag)
{
    return (tag >> 16) % 2 == 1 && (tag & 0xFFFF) >= 0x10 && (tag & 0xFFFF) <= 0xFF;
}
/* p[0 .. n) is the value, or the begin of it, of the creator element `tag`, which
 * reserves a block; the number of what it names, DCR_DICT_NONE when nothing. */
uint32_t dcr_reader_creator(dcr_reader *r, uint32_t tag, const uint8_t *p, size_t n);
void dcr_reader_reserve(dcr_reader *r, uint32_t tag, uint32_t id);
/* Opens frames below the top: a sequence (`unsure` of its syntax, `doubtful` whether it
 * is one), and an item of it.  The depth may end the reading. */
void dcr_reader_sequence(dcr_reader *r, const dcr_element *e, bool unsure, bool doubtful);
void dcr_reader_item(dcr_reader *r, uint32_t length);
/* Ends the reading over an element that is longer than what it stands in. */
void dcr_reader_overrun(dcr_reader *r, const dcr_element *e);
/* True for a value of `length` bytes, of which p[0 .. n) are here, that begins like a
 * sequence of items, though nobody says it is one. */
bool dcr_reader_like_items(const uint8_t *p, size_t n, uint32_t length, bool big);
/* Reads elements as long as each is to the byte what its attribute was last time, behind
 * the same one; false when the first is not (reader_same.c). */
bool dcr_reader_same(dcr_reader *r);
/* Copies a header of 8 or 12 bytes. */
static inline void dcr_head_copy(uint8_t *to, const uint8_t *from, size_t n)
{
    memcpy(to, from, 8);
    if (n == 12)
        memcpy(to + 8, from + 8, 4);
}
/* Keeps the header h (its bytes are at[0 .. h->size)) of a plain value for it. */
void dcr_reader_keep_head(dcr_reader *r, const dcr_element *e, const dcr_header *h,
                          const uint8_t *at);
/* The private creator that an element of the top frame belongs to. */
uint32_t dcr_reader_owner(const dcr_reader *r, const dcr_frame *f, uint16_t group,
                          uint16_t element);
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
/* The same for a value of 1 to DCR_VALUE_MAX bytes that was read already. */
void dcr_reader_bytes(dcr_reader *r, const dcr_element *e, const uint8_t *p);
/* And for a longer one, which was hashed; with an opener (else NULL) it stands in r->big
 * whole. */
void dcr_reader_hashed(dcr_reader *r, const dcr_element *e, dcr_hash128 h,
                       const dcr_opener *opener);
/* Tells the sink a value. */
void dcr_reader_put(dcr_reader *r, const dcr_element *e, const dcr_reading_value *v);
/* VR, character set and byte order that a value is read with, as one number. */
uint32_t dcr_reader_key(const dcr_reader *r, const dcr_frame *f, const dcr_element *e);
/* Takes n bytes from the budget; false when that ends the reading. */
bool dcr_reader_pay(dcr_reader *r, uint64_t n);
/* Reads fragments up to their delimiter. */
void dcr_reader_fragments(dcr_reader *r, dcr_frame *f, const dcr_element *e);

/* Who looks inside a value that begins with p[0 .. n); NULL: nobody. */
const dcr_opener *dcr_reader_opener(const dcr_reader *r, const dcr_element *e,
                                    const uint8_t *p, size_t n);
/* The same for a value that was too long once it was text in UTF-8. */
const dcr_opener *dcr_reader_grown(const dcr_element *e);
/* Opens the value, which is p[0 .. n), and tells what is inside. */
void dcr_reader_open(dcr_reader *r, const dcr_element *e, const dcr_opener *opener,
                     const uint8_t *p, size_t n);
/* Counts a path of this file; false when it is one too many. */
bool dcr_reader_count_path(dcr_reader *r, uint32_t path);

/* The part of DCMTK (reader_dcmtk_parse.cc): it reads the element at the source's
 * position, with all that is inside, and tells what it holds. */
dcr_dcmtk *dcr_dcmtk_new(void); /* NULL when no memory */
void dcr_dcmtk_free(dcr_dcmtk *d);
void dcr_dcmtk_element(dcr_reader *r, const dcr_header *h);

/* Values that stand for something that is not read. */
typedef enum dcr_mark { DCR_MARK_EMPTY = 1, DCR_MARK_ITEMS, DCR_MARK_PIXEL } dcr_mark;
void dcr_reader_mark(dcr_reader *r, uint32_t path, const char vr[2], dcr_mark mark);

/* A value that belongs to the file and to no element; reads n bytes from the source. */
void dcr_reader_pseudo(dcr_reader *r, const char *name, uint64_t n, bool *all_zero);

#ifdef __cplusplus
}
#endif
#endif
