#include "alloc.h"
#include "csv_impl.h"

enum { SLOTS_AT_FIRST = 64, SHIFT_AT_FIRST = 58, NUMBERS = INT32_MAX };

static void place(csv_words *w, uint64_t word, uint32_t number)
{
    size_t i = (size_t)(word * 0x9E3779B97F4A7C15u >> w->shift);
    while (w->slot[i].number != 0)
        i = (i + 1) & (w->n_slots - 1);
    w->slot[i].word = word;
    w->slot[i].number = number;
}

static bool more_slots(csv_words *w)
{
    struct csv_slot *old = w->slot;
    size_t n = w->n_slots == 0 ? SLOTS_AT_FIRST : 2 * w->n_slots;
    w->slot = dcr_alloc(n, sizeof *w->slot);
    if (w->slot == NULL) {
        w->slot = old;
        return false;
    }
    w->shift = w->n_slots == 0 ? SHIFT_AT_FIRST : w->shift - 1;
    w->n_slots = n;
    for (size_t i = 1; i < w->n; i++)
        place(w, le64toh(w->word[i]), (uint32_t)i + 1);
    dcr_free(old);
    return true;
}

uint32_t dcr_csv_word_new(csv_words *w, uint64_t word)
{
    if (w->n >= NUMBERS || !dcr_grow(&w->word, &w->cap, w->n + 2, sizeof *w->word))
        return CSV_BAD;
    if (w->n == 0)
        w->word[w->n++] = 0; /* the empty value */
    if (2 * (w->n + 1) > w->n_slots && !more_slots(w))
        return CSV_BAD;
    w->word[w->n] = htole64(word);
    w->n++;
    place(w, word, (uint32_t)w->n);
    return 2 * (uint32_t)(w->n - 1);
}

uint32_t dcr_csv_long(csv_words *w, const uint8_t *p, size_t n)
{
    uint32_t i = dcr_dict_add(&w->longs, p, n, 0);
    return i >= NUMBERS ? CSV_BAD : 2 * i + 1;
}

void dcr_csv_words_clear(csv_words *w)
{
    dcr_free(w->slot);
    dcr_free(w->word);
    dcr_dict_clear(&w->longs);
    memset(w, 0, sizeof *w);
}
