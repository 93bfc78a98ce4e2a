/* Names of persons: Doe^Jane, "Doe, Jane" as the whole text, Dr. Smith, "Name: Doe", and
 * a given name that everybody knows beside another word ("Jane Doe", DOE JANE).  Words of
 * radiology, and people whom projections and diseases are named after, are no names. */
#include <string.h>

#include "detect.h"
#include "lexicon.h"

enum { PART_MAX = 64, WHOLE_MAX = 96, WORDS_MAX = 6, CAPS_MIN = 4 };

static bool in_part(uint8_t c)
{
    return dcr_is_letter(c) || c == '\'' || c == '-';
}

static bool is_capital(uint8_t c)
{
    return dcr_is_upper(c) || c >= 0x80;
}

/* A capital first and a second letter behind it, as in "Doe" and "O'Neil". */
static bool is_part(const uint8_t *p, size_t len)
{
    size_t mark = len >= 3 && p[1] == '\'';
    return len >= 2 && is_capital(p[0]) && dcr_is_letter(p[1 + mark]);
}

static size_t part(const uint8_t *p, size_t n, size_t at)
{
    size_t i = at;
    while (i < n && i - at < PART_MAX && in_part(p[i]))
        i++;
    return i - at;
}

/* ---- judging the words of what is written like a name ---- */

typedef struct count {
    size_t given, vocabulary, eponym, other;
} count;

static void count_word(const dcr_text *t, size_t at, size_t len, count *c)
{
    uint32_t f = dcr_lexicon_word(t->lex, t->p + at, len);
    if (len < 2 || (f & (DCR_W_TITLE | DCR_W_PARTICLE)) != 0)
        return;
    if ((f & DCR_W_VOCABULARY) != 0)
        c->vocabulary++;
    else if ((f & DCR_W_GIVEN) != 0)
        c->given++;
    else if ((f & DCR_W_EPONYM) != 0)
        c->eponym++;
    else
        c->other++;
}

static void count_words(const dcr_text *t, size_t at, size_t len, count *c)
{
    for (size_t i = at; i < at + len;) {
        size_t w = dcr_letter_run(t->p, at + len, i, PART_MAX);
        if (w > 0)
            count_word(t, i, w, c);
        i += w > 0 ? w : 1;
    }
}

/* A given name and one more; or words that nobody in radiology uses. */
static bool is_name(const dcr_text *t, size_t at, size_t len, size_t others)
{
    count c = {0, 0, 0, 0};
    count_words(t, at, len, &c);
    if (c.given > 0 && (c.other > 0 || c.eponym > 0 || c.given > 1))
        return true;
    return c.vocabulary == 0 && c.eponym == 0 && c.given + c.other >= others;
}

/* ---- forms ---- */

/* Around the '^' at p + at. */
static bool caret(const dcr_text *t, size_t from, size_t at, dcr_span *out)
{
    const uint8_t *p = t->p;
    size_t n = t->n, left = at, end = at + 1, right;
    while (left > from && at - left < PART_MAX && in_part(p[left - 1]))
        left--;
    if (!is_part(p + left, at - left) || (left > 0 && dcr_is_digit(p[left - 1])))
        return false;
    right = part(p, n, end);
    if (!is_part(p + end, right) || (end + right < n && dcr_is_digit(p[end + right])))
        return false;
    end += right;
    while (end < n && p[end] == '^' && end - left < 4 * PART_MAX)
        end += 1 + part(p, n, end + 1);
    *out = (dcr_span){left, end - left};
    return is_name(t, left, end - left, 1);
}

/* Words with capitals, and particles between them, from `at` on: the end of the last, at
 * itself when there is none.  Initials may have a full stop. */
static size_t words_end(const dcr_text *t, size_t at, size_t *n_words)
{
    const uint8_t *p = t->p;
    size_t i = at, end = at;
    *n_words = 0;
    for (size_t k = 0; k < WORDS_MAX; k++) {
        size_t len = part(p, t->n, i);
        bool initial = len == 1 && is_capital(p[i]);
        if (len == 0)
            break;
        if (is_part(p + i, len) || initial) {
            *n_words += !initial;
            end = i + len;
            end += initial && end < t->n && p[end] == '.';
        } else if ((dcr_lexicon_word(t->lex, p + i, len) & DCR_W_PARTICLE) == 0) {
            break;
        }
        i += len + (initial && i + len < t->n && p[i + len] == '.');
        if (i >= t->n || p[i] != ' ')
            break;
        i++;
    }
    return end;
}

/* "Doe, Jane", "von der Berg, Anna M." and nothing else. */
static bool comma(const dcr_text *t, dcr_span *out)
{
    const uint8_t *p = t->p;
    size_t a, b, left, right, i;
    if (t->n > WHOLE_MAX || memchr(p, ',', t->n) == NULL)
        return false;
    a = words_end(t, 0, &left);
    if (left == 0 || left > 3 || a >= t->n || p[a] != ',')
        return false;
    i = a + 1;
    while (i < t->n && p[i] == ' ')
        i++;
    b = words_end(t, i, &right);
    *out = (dcr_span){0, t->n};
    return b == t->n && right > 0 && right <= 3 && is_name(t, 0, t->n, 2);
}

static bool mixed_case(const uint8_t *p, size_t len)
{
    for (size_t i = 1; i < len; i++)
        if (p[i] >= 'a' && p[i] <= 'z')
            return true;
    return false;
}

/* "Dr. Smith", "Frau Prof. von Berg", "DR. MILLER"; DR and MR without a full stop are
 * modalities. */
static bool title(const dcr_text *t, size_t at, size_t len, dcr_span *out)
{
    const uint8_t *p = t->p;
    size_t i = at, n_words, end;
    for (int k = 0; k < 3; k++) {
        bool stop = i + len < t->n && p[i + len] == '.';
        bool caps = !mixed_case(p + i, len);
        if (len < 2 || (caps && !stop) ||
            !dcr_lexicon_is(t->lex, p + i, len, DCR_W_TITLE))
            break;
        i += len + stop;
        i += i < t->n && p[i] == ' ';
        len = part(p, t->n, i);
    }
    if (i == at || p[i - 1] != ' ')
        return false;
    end = words_end(t, i, &n_words);
    if (n_words == 0)
        return false;
    for (size_t w = i; w < end; w += part(p, end, w) + 1) {
        size_t run = part(p, end, w);
        uint32_t f = dcr_lexicon_word(t->lex, p + w, run);
        if (!is_part(p + w, run))
            continue;
        *out = (dcr_span){at, w + run - at};
        return run >= 3 && (f & DCR_W_VOCABULARY) == 0;
    }
    return false;
}

/* "Name: Doe", "Patient=Jane Doe", with quotes around or without. */
static bool label(const dcr_text *t, size_t at, size_t len, dcr_span *out)
{
    const uint8_t *p = t->p;
    size_t i = at + len, mark = 0, n_words, end, name;
    while (i < t->n && i - at - len < 6 && p[i] != '\0' &&
           strchr(" :=\"'", p[i]) != NULL) {
        mark += p[i] == ':' || p[i] == '=';
        i++;
    }
    if (mark == 0 || !dcr_lexicon_is(t->lex, p + at, len, DCR_W_LABEL))
        return false;
    name = i;
    end = words_end(t, name, &n_words);
    if (n_words > 0 && end + 1 < t->n && p[end] == ',') {
        size_t more, k = end + 1 + (p[end + 1] == ' '), e = words_end(t, k, &more);
        end = more > 0 ? e : end;
        n_words += more;
    }
    if (n_words == 0 || (n_words == 1 && !mixed_case(p + name, end - name)))
        return false;
    *out = (dcr_span){name, end - name};
    return is_name(t, name, end - name, 1);
}

/* May stand beside a given name: no word of radiology, and written alike. */
static bool beside(const dcr_text *t, size_t at, size_t len, bool caps)
{
    uint32_t no = DCR_W_VOCABULARY | DCR_W_PARTICLE | DCR_W_TITLE | DCR_W_LABEL |
                  DCR_W_STREET | DCR_W_STREET_START;
    uint32_t f = dcr_lexicon_word(t->lex, t->p + at, len);
    if (!is_part(t->p + at, len) || mixed_case(t->p + at, len) == caps)
        return false;
    if ((f & no) != 0 || DCR_W_MONTH(f) > 0)
        return false;
    return len >= (caps ? 3u : 2u) && ((f & DCR_W_EPONYM) == 0 || (f & DCR_W_GIVEN) != 0);
}

static bool is_given(const dcr_text *t, size_t at, size_t len)
{
    return dcr_lexicon_is(t->lex, t->p + at, len, DCR_W_GIVEN) &&
           !dcr_lexicon_is(t->lex, t->p + at, len, DCR_W_VOCABULARY);
}

/* "Jane Doe", "DOE JANE", "Jane M. Doe", "Jane van Doe", "Doe, Jane": the first of them
 * stands at p + at. */
static bool pair(const dcr_text *t, size_t at, size_t len, dcr_span *out)
{
    const uint8_t *p = t->p;
    bool caps = !mixed_case(p + at, len);
    size_t i = at + len, second;
    i += i < t->n && p[i] == ',';
    if (i >= t->n || p[i] != ' ')
        return false;
    i++;
    if (i + 2 < t->n && dcr_is_upper(p[i]) && p[i + 1] == '.' && p[i + 2] == ' ')
        i += 3;
    second = part(p, t->n, i);
    if (second > 0 && !is_capital(p[i]) && i + second < t->n && p[i + second] == ' ' &&
        (dcr_lexicon_word(t->lex, p + i, second) & DCR_W_PARTICLE) != 0) {
        i += second + 1;
        second = part(p, t->n, i);
    }
    if (second < 2 || !is_capital(p[i]) ||
        (i + second < t->n && dcr_is_alnum(p[i + second])))
        return false;
    if (!((len >= (caps ? CAPS_MIN : 2) && is_given(t, at, len)) ||
          (second >= (caps ? CAPS_MIN : 2) && is_given(t, i, second))))
        return false;
    *out = (dcr_span){at, i + second - at};
    return beside(t, at, len, caps) && beside(t, i, second, caps);
}

bool dcr_detect_person_name(const dcr_text *t, size_t from, dcr_span *out)
{
    const uint8_t *p = t->p;
    size_t i = from;
    if ((t->has & DCR_HAS_UPPER) == 0)
        return false;
    if (from == 0 && comma(t, out))
        return true;
    while (i < t->n) {
        size_t len;
        if (p[i] == '^' && caret(t, from, i, out))
            return true;
        if (!dcr_is_letter(p[i]) || (i > 0 && dcr_is_alnum(p[i - 1]))) {
            i++;
            continue;
        }
        len = part(p, t->n, i);
        if ((t->has & (DCR_HAS_COLON | DCR_HAS_EQUALS)) != 0 && label(t, i, len, out))
            return true;
        if (is_part(p + i, len) && (title(t, i, len, out) || pair(t, i, len, out)))
            return true;
        i += len;
    }
    return false;
}
