/* Postal addresses: a street with a number as several languages write it, and postcodes
 * that look like nothing else. */
#include <string.h>

#include "detect.h"
#include "lexicon.h"

enum { WORD_MAX = 40, WORDS_MAX = 4, NUMBER_MAX = 5 };

static uint32_t word(const dcr_text *t, size_t at, size_t *len)
{
    *len = dcr_letter_run(t->p, t->n, at, WORD_MAX);
    return dcr_lexicon_word(t->lex, t->p + at, *len);
}

static bool capital(const dcr_text *t, size_t at)
{
    return at < t->n && (dcr_is_upper(t->p[at]) || t->p[at] >= 0x80);
}

/* A house number at `at`: its end, 0 when there is none. */
static size_t house(const dcr_text *t, size_t at)
{
    size_t len = dcr_digit_run(t->p, t->n, at, NUMBER_MAX + 1), i = at + len;
    if (len == 0 || len >= NUMBER_MAX)
        return 0;
    i += i < t->n && dcr_is_letter(t->p[i]);
    if (i < t->n && (dcr_is_alnum(t->p[i]) || t->p[i] == ':' || t->p[i] == '.') &&
        i + 1 < t->n && dcr_is_alnum(t->p[i + (t->p[i] == '.' || t->p[i] == ':')]))
        return 0;
    return i;
}

/* "221B Baker Street": number, words with a capital, a word for a street. */
static size_t english(const dcr_text *t, size_t at)
{
    size_t i = house(t, at), len, named = 0;
    for (size_t k = 0; i > 0 && k <= WORDS_MAX && i + 1 < t->n && t->p[i] == ' '; k++) {
        uint32_t f = word(t, i + 1, &len);
        if (len < 2 || !capital(t, i + 1))
            return 0;
        /* "ST" is a series more often than a street. */
        if (named > 0 && (f & DCR_W_STREET) != 0 &&
            (len > 2 || !dcr_is_upper(t->p[i + 2])))
            return i + 1 + len - at;
        named += len > 2 && (f & DCR_W_VOCABULARY) == 0;
        i += 1 + len;
    }
    return 0;
}

static bool street_ending(const dcr_text *t, size_t at, size_t len)
{
    uint8_t w[WORD_MAX];
    dcr_fold_case(t->p + at, len, w);
    for (size_t k = 0; k < t->lex->n_street_endings; k++) {
        const char *e = t->lex->street_endings[k];
        size_t n = strlen(e);
        if (len > n + 2 && memcmp(w + len - n, e, n) == 0)
            return true;
    }
    return false;
}

/* "Hauptstraße 12", "Herrengracht 5" does not: one word for the street, and a number. */
static size_t german(const dcr_text *t, size_t at)
{
    size_t len, i, end;
    if (!capital(t, at))
        return 0;
    len = dcr_letter_run(t->p, t->n, at, WORD_MAX);
    i = at + len;
    /* "Hauptstr. 5" */
    i += i < t->n && t->p[i] == '.' && len > 3 && dcr_word_at(t->p, t->n, i - 3, "str");
    if (i + 1 >= t->n || t->p[i] != ' ' || !dcr_is_digit(t->p[i + 1]) || len < 5 ||
        (i == at + len && !street_ending(t, at, len)) ||
        dcr_lexicon_is(t->lex, t->p + at, len, DCR_W_VOCABULARY))
        return 0;
    end = house(t, i + 1);
    return end > 0 ? end - at : 0;
}

/* "rue de la Paix 12", "12, rue de la Paix", "Via Roma 10"; `number` is the end of one
 * that stands before it, 0 when none does. */
static size_t romance(const dcr_text *t, size_t at, size_t number)
{
    size_t len, i = at, named = 0;
    len = dcr_letter_run(t->p, t->n, at, WORD_MAX);
    if (!dcr_lexicon_is(t->lex, t->p + at, len, DCR_W_STREET_START))
        return 0;
    i += len;
    for (size_t k = 0; k <= WORDS_MAX && i + 1 < t->n; k++) {
        size_t start = i + 1;
        uint32_t f;
        if (t->p[i] == ',' && t->p[i + 1] == ' ')
            start++;
        else if (t->p[i] != ' ')
            break;
        if (named > 0 && number == 0 && start < t->n && dcr_is_digit(t->p[start])) {
            size_t end = house(t, start);
            return end > 0 ? end - at : 0;
        }
        f = word(t, start, &len);
        if (len == 0 || (!capital(t, start) && (f & DCR_W_PARTICLE) == 0) ||
            (capital(t, start) && (f & DCR_W_VOCABULARY) != 0))
            break;
        named += capital(t, start) && len > 2;
        i = start + len;
    }
    return number > 0 && named > 0 ? i - at : 0;
}

static size_t number_first(const dcr_text *t, size_t at)
{
    size_t end = house(t, at), i = end, len;
    if (end == 0)
        return 0;
    i += i < t->n && t->p[i] == ',';
    if (i + 1 >= t->n || t->p[i] != ' ')
        return 0;
    len = romance(t, i + 1, end);
    return len > 0 ? i + 1 + len - at : 0;
}

/* "Springfield, IL 62704" from its comma on. */
static size_t american(const dcr_text *t, size_t at)
{
    size_t len, digits;
    if (t->n - at < 10 || t->p[at + 1] != ' ' ||
        (word(t, at + 2, &len) & DCR_W_STATE) == 0 || len != 2 ||
        !dcr_is_upper(t->p[at + 2]) || !dcr_is_upper(t->p[at + 3]) || t->p[at + 4] != ' ')
        return 0;
    digits = dcr_digit_run(t->p, t->n, at + 5, 6);
    if (digits != 5 || (at + 10 < t->n && dcr_is_alnum(t->p[at + 10])))
        return 0;
    return 10;
}

/* "" nothing more is wanted, ">" a word with a capital behind it, else that word before
 * it. */
static bool in_context(const dcr_text *t, size_t at, size_t end, const char *context)
{
    size_t n = strlen(context);
    if (end < t->n && (dcr_is_alnum(t->p[end]) || t->p[end] == '-'))
        return false;
    if (context[0] == '>')
        return end < t->n && t->p[end] == ' ' && capital(t, end + 1);
    return n == 0 || (at > n && dcr_word_at(t->p, t->n, at - n - 1, context)) ||
           (at > n + 1 && dcr_word_at(t->p, t->n, at - n - 2, context));
}

static size_t postcode(const dcr_text *t, size_t at)
{
    const dcr_pattern_set *s = &t->lex->postcodes;
    size_t len = dcr_letter_run(t->p, t->n, at, 3);
    uint64_t may = len > 2 ? 0 : dcr_pattern_candidates(&s->index, t->p, t->n, at);
    dcr_pattern_hit hit;
    for (size_t k = 0; may >> k != 0 && k < s->n; k++)
        if ((may >> k & 1) != 0 &&
            dcr_pattern_match(&s->list[k], t->p + at, t->n - at, &hit) &&
            in_context(t, at, at + hit.len, s->context[k]))
            return dcr_lexicon_is(t->lex, t->p + at, len, DCR_W_VOCABULARY) ? 0 : hit.len;
    return 0;
}

bool dcr_detect_address(const dcr_text *t, size_t from, dcr_span *out)
{
    const uint8_t *p = t->p;
    if (t->digits == 0 || (t->has & DCR_HAS_UPPER) == 0)
        return false;
    for (size_t i = from; i < t->n; i++) {
        size_t len = 0;
        if (p[i] == ',')
            len = t->digits >= 5 ? american(t, i) : 0;
        if (!dcr_is_alnum(p[i]) && len == 0)
            continue;
        if (i > 0 && (dcr_is_alnum(p[i - 1]) || p[i - 1] == '.' || p[i - 1] == '-') &&
            len == 0)
            continue;
        if (dcr_is_digit(p[i])) {
            len = english(t, i);
            len = len > 0 ? len : number_first(t, i);
        } else if (dcr_is_letter(p[i])) {
            len = german(t, i);
            len = len > 0 ? len : romance(t, i, 0);
        }
        len = len > 0 || !dcr_is_alnum(p[i]) ? len : postcode(t, i);
        if (len > 0) {
            *out = (dcr_span){i, len};
            return true;
        }
    }
    return false;
}
