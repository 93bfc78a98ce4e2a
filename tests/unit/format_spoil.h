/* Documents spoiled at random: any value may stand where another is expected. */
#ifndef FORMAT_SPOIL_H
#define FORMAT_SPOIL_H

#include <jansson.h>
#include <stdint.h>

static uint32_t seed = 7;
static inline uint32_t any(uint32_t below)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % below;
}

static inline json_t *odd_value(void)
{
    switch (any(9)) {
    case 0:
        return json_null();
    case 1:
        return json_true();
    case 2:
        return json_real(1e308);
    case 3:
        return json_integer(-5);
    case 4:
        return json_string("<img src=x onerror=alert(1)>");
    case 5:
        return json_object();
    case 6:
        return json_array();
    case 7:
        return json_integer(0);
    default:
        return json_real(-1e-9);
    }
}

/* Walks down at random and replaces what it meets at a random depth. */
static inline void spoil(json_t *j)
{
    json_t *at = j;
    for (int depth = 0; depth < 12; depth++) {
        json_t *next = NULL;
        if (json_is_array(at) && json_array_size(at) > 0) {
            size_t i = any((uint32_t)json_array_size(at));
            next = json_array_get(at, i);
            if (any(4) == 0 || !(json_is_object(next) || json_is_array(next))) {
                json_array_set_new(at, i, odd_value());
                return;
            }
        } else if (json_is_object(at) && json_object_size(at) > 0) {
            size_t skip_n = any((uint32_t)json_object_size(at));
            void *it = json_object_iter(at);
            while (skip_n-- > 0)
                it = json_object_iter_next(at, it);
            next = json_object_iter_value(it);
            if (any(5) == 0 || !(json_is_object(next) || json_is_array(next))) {
                json_object_iter_set_new(at, it, odd_value());
                return;
            }
        }
        if (next == NULL)
            return;
        at = next;
    }
}

/* Every string of the report turned into an attack. */
static inline void poison(json_t *j)
{
    static const char x[] = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
                            "\xE2\x80\xAE\x1B[2J";
    const char *key;
    json_t *v;
    size_t i;
    if (json_is_string(j))
        json_string_set(j, x);
    if (json_is_object(j)) {
        json_object_foreach(j, key, v) poison(v);
    }
    if (json_is_array(j)) {
        json_array_foreach(j, i, v) poison(v);
    }
}

#endif
