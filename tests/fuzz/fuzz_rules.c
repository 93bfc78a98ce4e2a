/* A folder of rules with one file in it: its name is the first line, the rest its text.
 */
#include "fuzz.h"

#include <sys/stat.h>

#include "dcmrisk/rules.h"

static char folder[] = "/dev/shm/fuzz-rules.XXXXXX";

static void tidy(void)
{
    char path[64];
    static const char *const below[] = {"/checks", "/policies", ""};
    for (size_t i = 0; i < sizeof below / sizeof below[0]; i++) {
        snprintf(path, sizeof path, "%s%s", folder, below[i]);
        rmdir(path);
    }
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    char path[64];
    (void)argc;
    (void)argv;
    MUST(mkdtemp(folder) != NULL);
    snprintf(path, sizeof path, "%s/checks", folder);
    MUST(mkdir(path, 0700) == 0);
    snprintf(path, sizeof path, "%s/policies", folder);
    MUST(mkdir(path, 0700) == 0);
    atexit(tidy);
    return 0;
}

static int is_name(const uint8_t *p, size_t n)
{
    int slashes = 0;
    for (size_t i = 0; i < n; i++) {
        slashes += p[i] == '/';
        if (!(p[i] == '/' || p[i] == '-' || p[i] == '.' ||
              (p[i] >= 'a' && p[i] <= 'z')) ||
            (i > 0 && p[i] == '.' && p[i - 1] == '.'))
            return 0;
    }
    return n > 5 && n < 64 && p[0] != '/' && p[0] != '.' && slashes <= 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    const uint8_t *end = n > 0 ? memchr(p, '\n', n) : NULL;
    dcr_rules *r = NULL;
    dcr_err err = {0};
    char path[128];
    FILE *f;
    if (end == NULL || !is_name(p, (size_t)(end - p)))
        return 0;
    snprintf(path, sizeof path, "%s/%.*s", folder, (int)(end - p), (const char *)p);
    f = fopen(path, "wb");
    if (f == NULL)
        return 0;
    end++;
    (void)fwrite(end, 1, n - (size_t)(end - p), f);
    fclose(f);
    (void)dcr_rules_load(&r, folder, &err);
    dcr_rules_free(r);
    unlink(path);
    return 0;
}
