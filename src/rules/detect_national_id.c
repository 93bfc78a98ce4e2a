/* Numbers of people with check digits.  A check digit alone convinces nobody: one number
 * in ten or eleven passes.  So separators, letters or the number's name must be there;
 * whole columns of bare numbers are judged by check_national_id.c. */
#include <string.h>

#include "detect.h"
#include "lexicon.h"

enum { DIGITS_MIN = 6, BACK = 40 };

/* One of the number's words stands shortly before it. */
static bool named(const dcr_text *t, const dcr_national_id *id, size_t at)
{
    size_t back = at < BACK ? 0 : at - BACK;
    for (size_t w = 0; w < id->words.n; w++) {
        size_t len = strlen(id->words.s[w]);
        for (size_t i = back; i + len <= at; i++)
            if ((i == 0 || !dcr_is_alnum(t->p[i - 1])) &&
                (i + len == at || !dcr_is_alnum(t->p[i + len])) &&
                dcr_word_at(t->p, t->n, i, id->words.s[w]))
                return true;
    }
    return false;
}

static bool ends(const uint8_t *p, size_t n, size_t at)
{
    if (at >= n)
        return true;
    return !dcr_is_alnum(p[at]) &&
           !((p[at] == '.' || p[at] == '-' || p[at] == '/' || p[at] == '\\') &&
             at + 1 < n && dcr_is_alnum(p[at + 1]));
}

static bool convinces(const dcr_text *t, const dcr_national_id *id,
                      const dcr_pattern_hit *h, size_t at)
{
    if (id->evidence == DCR_ID_STRONG)
        return true;
    if (id->evidence == DCR_ID_SEPARATED && h->gaps == h->gaps_of)
        return true;
    return named(t, id, at);
}

static size_t match(const dcr_text *t, size_t at)
{
    const dcr_national_ids *l = &t->lex->ids;
    uint64_t may = dcr_pattern_candidates(&l->index, t->p, t->n, at);
    dcr_pattern_hit h;
    for (size_t k = 0; may >> k != 0 && k < l->n; k++) {
        const dcr_national_id *id = &l->list[k];
        if ((may >> k & 1) == 0 ||
            !dcr_pattern_match(&id->pattern, t->p + at, t->n - at, &h) ||
            !ends(t->p, t->n, at + h.len) || !dcr_national_id_valid(id, &h) ||
            !convinces(t, id, &h, at))
            continue;
        return h.len;
    }
    return 0;
}

bool dcr_detect_national_id(const dcr_text *t, size_t from, dcr_span *out)
{
    const uint8_t *p = t->p;
    if (t->digits < DIGITS_MIN)
        return false;
    for (size_t i = from; i < t->n; i++) {
        size_t len;
        if (t->lex->ids.index.first[p[i]] == 0 ||
            (i > 0 && (dcr_is_alnum(p[i - 1]) || p[i - 1] == '.' || p[i - 1] == '-' ||
                       p[i - 1] == '\\')))
            continue;
        len = match(t, i);
        if (len > 0) {
            *out = (dcr_span){i, len};
            return true;
        }
    }
    return false;
}
