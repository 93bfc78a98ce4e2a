/* A sink that hears nothing: for who only wants to know how a reading goes. */
#ifndef DEAF_SINK_H
#define DEAF_SINK_H

#include "reader.h"

static dcr_status deaf_value(void *ctx, uint32_t path, const char vr[2], const uint8_t *p,
                             uint32_t n, uint32_t flags)
{
    (void)ctx, (void)path, (void)vr, (void)p, (void)n, (void)flags;
    return DCR_OK;
}

static dcr_status deaf_again(void *ctx, uint32_t path)
{
    (void)ctx, (void)path;
    return DCR_OK;
}

static const dcr_sink deaf_sink = {NULL, deaf_value, deaf_again};

#endif
