#include "path_list.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"

void dcr_path_list_clear(dcr_path_list *l)
{
    dcr_buf_clear(&l->text);
    dcr_free(l->item);
    memset(l, 0, sizeof *l);
}

static dcr_status read_text(dcr_buf *text, const char *file, const volatile int *stop,
                            dcr_err *err)
{
    FILE *f = stdin;
    char part[65536];
    dcr_status rc = strcmp(file, "-") == 0 ? DCR_OK : dcr_open_named(&f, file, err);
    size_t n;
    if (rc != DCR_OK)
        return rc;
    errno = 0;
    while ((n = fread(part, 1, sizeof part, f)) > 0)
        dcr_buf_add(text, part, n);
    if (*stop)
        rc = dcr_fail(err, DCR_EINTERRUPTED, NULL, "interrupted");
    else if (ferror(f))
        rc = dcr_fail(err, DCR_EIO, file, "the list of paths cannot be read: %s",
                      strerror(errno));
    if (f != stdin)
        fclose(f);
    return rc == DCR_OK && text->failed ? dcr_nomem(err) : rc;
}

/* Every line that ends, ends in CR LF. */
static bool is_crlf(const char *p, size_t n)
{
    bool any = false;
    for (const char *end; n > 0 && (end = memchr(p, '\n', n)) != NULL; any = true) {
        if (end == p || end[-1] != '\r')
            return false;
        n -= (size_t)(end + 1 - p);
        p = end + 1;
    }
    return any;
}

static dcr_status split(dcr_path_list *l, char end, dcr_err *err)
{
    char *p = l->text.p, *last = p + l->text.n;
    bool crlf = end == '\n' && is_crlf(p, l->text.n);
    if (end == '\n' && l->text.n >= 3 && memcmp(p, "\xEF\xBB\xBF", 3) == 0)
        p += 3;
    for (char *next; p < last; p = next) {
        char *stop = memchr(p, end, (size_t)(last - p));
        stop = stop == NULL ? last : stop;
        next = stop + 1;
        if (crlf && stop > p && stop[-1] == '\r')
            stop--;
        *stop = '\0'; /* the byte behind the text is ours too */
        if (stop == p)
            continue;
        if (!dcr_grow(&l->item, &l->cap, l->n + 1, sizeof *l->item))
            return dcr_nomem(err);
        l->item[l->n++] = p;
    }
    return DCR_OK;
}

dcr_status dcr_path_list_read(dcr_path_list *l, const char *file, bool nul,
                              const volatile int *stop, dcr_err *err)
{
    const char *name = strcmp(file, "-") == 0 ? "standard input" : file;
    dcr_status rc = read_text(&l->text, file, stop, err);
    bool has_nul = l->text.n > 0 && memchr(l->text.p, '\0', l->text.n) != NULL;
    if (rc != DCR_OK)
        return rc;
    if (!nul && has_nul)
        return dcr_fail(err, DCR_EARG, name,
                        "the paths of this list end in NUL; give -0 too");
    if (nul && !has_nul && l->text.n > 0 && memchr(l->text.p, '\n', l->text.n) != NULL)
        return dcr_fail(err, DCR_EARG, name,
                        "the paths of this list end in newline; leave -0 out");
    if (l->text.n > 0)
        rc = split(l, nul ? '\0' : '\n', err);
    if (rc == DCR_OK && l->n == 0)
        return dcr_fail(err, DCR_EARG, name, "the list names no file");
    return rc;
}
