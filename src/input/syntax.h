/* How DICOM elements lie in bytes: value representations, headers, and guessing both. */
#ifndef DCR_SYNTAX_H
#define DCR_SYNTAX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { DCR_LENGTH_UNDEFINED = UINT32_MAX };

typedef enum dcr_vr_class {
    DCR_VR_NONE = 0, /* not a value representation we know */
    DCR_VR_TEXT,     /* text in the data set's character set */
    DCR_VR_ASCII,    /* text in the default repertoire */
    DCR_VR_UINT,
    DCR_VR_SINT,
    DCR_VR_FLOAT,
    DCR_VR_TAG,   /* AT */
    DCR_VR_BYTES, /* OB, OW, UN, ... */
    DCR_VR_SEQUENCE
} dcr_vr_class;

typedef struct dcr_vr {
    uint8_t kind;     /* dcr_vr_class */
    uint8_t width;    /* bytes of one number, 0 for text and bytes */
    bool long_length; /* explicit form has 32 bits of length */
    bool whole;       /* text that is never kept as a sketch */
} dcr_vr;

/* What is known about a two-letter name; kind is DCR_VR_NONE for anything else. */
extern const dcr_vr dcr_vr_none, dcr_vr_table[26 * 26];
static inline bool dcr_vr_letters(const char vr[2])
{
    return vr[0] >= 'A' && vr[0] <= 'Z' && vr[1] >= 'A' && vr[1] <= 'Z';
}
static inline const dcr_vr *dcr_vr_get(const char vr[2])
{
    return dcr_vr_letters(vr) ? &dcr_vr_table[(vr[0] - 'A') * 26 + (vr[1] - 'A')]
                              : &dcr_vr_none;
}

typedef struct dcr_syntax {
    bool big, explicit_vr;
} dcr_syntax;

typedef struct dcr_header {
    uint16_t group, element;
    char vr[2];    /* {0, 0}: implicit, or letters that are none */
    uint8_t size;  /* bytes of the header: 8 or 12 */
    bool odd_vr;   /* explicit was asked for, and no VR stood there */
    bool reserved; /* the two bytes behind a VR that has 32 bits of length are not zero */
    uint32_t length; /* DCR_LENGTH_UNDEFINED when delimited */
} dcr_header;

static inline uint16_t dcr_get16(const uint8_t *p, bool big)
{
    return (uint16_t)(big ? p[0] << 8 | p[1] : p[1] << 8 | p[0]);
}
static inline uint32_t dcr_get32(const uint8_t *p, bool big)
{
    uint32_t first = dcr_get16(p, big), second = dcr_get16(p + 2, big);
    return big ? first << 16 | second : second << 16 | first;
}

/* Reads the header at p, of which n >= 8 bytes are there.  False when it needs 12 and
 * they are not there.  Items and delimiters have no VR in either syntax. */
bool dcr_header_get(dcr_header *h, const uint8_t *p, size_t n, dcr_syntax s);

/* True for a tag of the dictionary, a group length, and anything in a private group. */
bool dcr_tag_known(uint16_t group, uint16_t element);

/* How many elements at p look right one after the other when read this way, at most 4.  n
 * bytes are there; `left` bytes remain in the file, from p. */
unsigned dcr_syntax_score(const uint8_t *p, size_t n, uint64_t left, dcr_syntax s);

/* The syntax with the best score, which is returned; 0 and *out untouched when none fits.
 */
unsigned dcr_syntax_guess(const uint8_t *p, size_t n, uint64_t left, dcr_syntax *out);

#ifdef __cplusplus
}
#endif
#endif
