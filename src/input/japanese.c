#include "japanese.h"

#include <string.h>

typedef enum code_set { ROMAN, JIS_0208, JIS_0212 } code_set;

typedef struct escape { /* PS3.3, tables C.12-3 and C.12-4 */
    const char *text;
    uint8_t n;
    uint8_t set;
} escape;

static const escape escapes[] = {
    {"\x1B(B", 3, ROMAN},    {"\x1B(J", 3, ROMAN},    {"\x1B)I", 3, UINT8_MAX},
    {"\x1B$B", 3, JIS_0208}, {"\x1B$@", 3, JIS_0208}, {"\x1B$(D", 4, JIS_0212},
};

/* Bytes of the escape sequence at p, 0 when it is none of ours. */
static size_t take_escape(const uint8_t *p, size_t n, code_set *set)
{
    for (size_t i = 0; i < sizeof escapes / sizeof escapes[0]; i++) {
        const escape *e = &escapes[i];
        if (n < e->n || memcmp(p, e->text, e->n) != 0)
            continue;
        if (e->set != UINT8_MAX) /* ESC ) I only says where katakana are: above 0x80 */
            *set = (code_set)e->set;
        return e->n;
    }
    return 0;
}

/* One character; bytes taken, 0 when it is none. */
static size_t take_character(const uint8_t *p, size_t n, code_set set, dcr_buf *out)
{
    if (p[0] >= 0xA1 && p[0] <= 0xDF) { /* katakana of JIS X 0201 */
        dcr_buf_char(out, (char)0x8E);
        dcr_buf_char(out, (char)p[0]);
        return 1;
    }
    if (p[0] >= 0x80)
        return 0;
    if (set == ROMAN || p[0] <= 0x20) {
        dcr_buf_char(out, (char)p[0]);
        return 1;
    }
    if (n < 2 || p[1] <= 0x20 || p[1] >= 0x7F)
        return 0;
    if (set == JIS_0212)
        dcr_buf_char(out, (char)0x8F);
    dcr_buf_char(out, (char)(p[0] | 0x80));
    dcr_buf_char(out, (char)(p[1] | 0x80));
    return 2;
}

bool dcr_japanese_euc(const uint8_t *p, size_t n, dcr_buf *out)
{
    code_set set = ROMAN;
    for (size_t i = 0; i < n;) {
        size_t k = p[i] == 0x1B ? take_escape(p + i, n - i, &set)
                                : take_character(p + i, n - i, set, out);
        if (k == 0)
            return false;
        i += k;
    }
    return true;
}
