#include "parcel.h"

#include <string.h>

#include "alloc.h"

static dcr_parcel *make(size_t n, size_t bytes)
{
    dcr_parcel *p = dcr_alloc(1, sizeof *p);
    if (p == NULL)
        return NULL;
    p->n = (uint32_t)n;
    p->id = dcr_alloc(n, sizeof *p->id);
    p->start = dcr_alloc(n + 1, sizeof *p->start);
    p->text = dcr_alloc(bytes, 1);
    if (p->id == NULL || p->start == NULL || p->text == NULL) {
        dcr_parcel_free(p);
        return NULL;
    }
    return p;
}

dcr_parcel *dcr_parcel_new(const char *const *path, const uint64_t *id, size_t n)
{
    size_t bytes = 0;
    dcr_parcel *p;
    for (size_t i = 0; i < n; i++)
        bytes += strlen(path[i]) + 1;
    p = make(n, bytes);
    if (p == NULL)
        return NULL;
    for (size_t i = 0; i < n; i++) {
        size_t len = strlen(path[i]) + 1;
        memcpy(p->text + p->start[i], path[i], len);
        p->start[i + 1] = p->start[i] + len;
        p->id[i] = id[i];
    }
    return p;
}

dcr_parcel *dcr_parcel_slice(const dcr_parcel *p, size_t from, size_t to)
{
    size_t base = p->start[from], bytes = p->start[to] - base;
    dcr_parcel *s = make(to - from, bytes);
    if (s == NULL)
        return NULL;
    memcpy(s->text, p->text + base, bytes);
    for (size_t i = from; i < to; i++) {
        s->id[i - from] = p->id[i];
        s->start[i - from + 1] = p->start[i + 1] - base;
    }
    return s;
}

void dcr_parcel_free(dcr_parcel *p)
{
    if (p == NULL)
        return;
    dcr_free(p->id);
    dcr_free(p->start);
    dcr_free(p->text);
    dcr_free(p);
}

void dcr_parcels_push_front(dcr_parcels *q, dcr_parcel *p)
{
    p->next = q->first;
    q->first = p;
    if (q->last == NULL)
        q->last = p;
}

void dcr_parcels_push_back(dcr_parcels *q, dcr_parcel *p)
{
    p->next = NULL;
    if (q->last == NULL)
        q->first = p;
    else
        q->last->next = p;
    q->last = p;
}

dcr_parcel *dcr_parcels_pop(dcr_parcels *q)
{
    dcr_parcel *p = q->first;
    if (p == NULL)
        return NULL;
    q->first = p->next;
    if (q->first == NULL)
        q->last = NULL;
    p->next = NULL;
    return p;
}

void dcr_parcels_clear(dcr_parcels *q)
{
    dcr_parcel *p;
    while ((p = dcr_parcels_pop(q)) != NULL)
        dcr_parcel_free(p);
}
