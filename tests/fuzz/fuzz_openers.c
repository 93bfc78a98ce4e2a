/* Values that openers look into, each opener asked whether it wants to or not. */
#include "fuzz.h"

#include "open.h"

typedef struct purse {
    size_t emitted, paid;
} purse;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return 0;
}

static dcr_status emit(void *ctx, const char *name, const char vr[2], const uint8_t *p,
                       size_t n)
{
    purse *x = ctx;
    MUST(strlen(name) > 0 && strlen(name) <= DCR_OPEN_MAX_NAME && vr[0] >= 'A');
    MUST(n == 0 || p != NULL);
    if (n > 0)
        MUST(p[0] + p[n - 1] >= 0); /* can be read */
    return ++x->emitted < 10000 ? DCR_OK : DCR_EFORMAT;
}

static bool pay(void *ctx, uint64_t n)
{
    purse *x = ctx;
    x->paid += n;
    return x->paid < 64u << 20;
}

static void cut(void *ctx)
{
    (void)ctx;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    for (const dcr_opener *const *o = dcr_openers(); *o != NULL; o++) {
        purse x = {0, 0};
        dcr_open_sink to = {&x, emit, pay, cut};
        if ((*o)->sniffs != NULL && n >= (*o)->least)
            (void)(*o)->sniffs(p, n < DCR_OPEN_HEAD ? n : DCR_OPEN_HEAD, n);
        (void)(*o)->open(p, n, &to);
    }
    return 0;
}
