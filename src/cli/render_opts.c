#include "render_opts.h"

#include <errno.h>
#include <string.h>

#include "buf.h"
#include "sha256.h"

static const char schema[] = "dcmrisk-report/1";

dcr_render dcr_render_how(const dcr_render_opts *o)
{
    return (dcr_render){.html_assets = o->html_assets,
                        .sarif_accepted = o->sarif_accepted};
}

/* ---- --summary ---- */

static dcr_status cannot_write(const char *where, dcr_err *err)
{
    return dcr_fail(err, DCR_EIO, where, "cannot write: %s", strerror(errno));
}

/* *out is NULL when there is none to write, or it cannot be opened. */
static dcr_status open_summary(FILE **out, const char *path, dcr_err *err)
{
    dcr_status st = path == NULL ? DCR_OK : dcr_look_at_target(path, false, err);
    *out = NULL;
    if (path == NULL || st != DCR_OK)
        return st;
    *out = fopen(path, "ae");
    return *out == NULL ? cannot_write(path, err) : DCR_OK;
}

dcr_status dcr_summary_prepare(const dcr_render_opts *o, dcr_err *err)
{
    FILE *f;
    dcr_status st = open_summary(&f, o->summary, err);
    if (f != NULL)
        fclose(f);
    return st;
}

dcr_status dcr_summary_append(const dcr_render_opts *o, const json_t *report,
                              dcr_err *err)
{
    const dcr_render how = dcr_render_how(o);
    dcr_err why = {0};
    FILE *f;
    dcr_status st = open_summary(&f, o->summary, err);
    if (f == NULL)
        return st;
    /* Whatever stands there ends: ours is a block of its own. */
    fputc('\n', f);
    st = dcr_format_write(dcr_format_find("markdown"), report, &how, f, &why);
    if (fclose(f) != 0 && st == DCR_OK)
        st = cannot_write(o->summary, err);
    else if (st != DCR_OK)
        dcr_fail(err, st, st == DCR_EIO ? o->summary : why.where, "%s", why.text);
    return st;
}

/* ---- standard output ---- */

dcr_status dcr_print_format(const dcr_format *f, const json_t *report,
                            const dcr_render *how, bool *gone, dcr_err *err)
{
    dcr_err why = {0};
    dcr_status st = dcr_format_write(f, report, how, stdout, &why);
    if (gone != NULL)
        *gone = st == DCR_EIO && errno == EPIPE;
    if (st == DCR_EIO)
        return dcr_fail(err, st, "standard output", "%s", why.text);
    return st == DCR_OK ? st : dcr_fail(err, st, why.where, "%s", why.text);
}

/* ---- reading ---- */

static dcr_status read_all(dcr_buf *b, const char *path, dcr_err *err)
{
    bool is_stdin = strcmp(path, "-") == 0;
    char part[65536];
    FILE *f = stdin;
    dcr_status st = is_stdin ? DCR_OK : dcr_open_named(&f, path, err);
    if (st != DCR_OK)
        return st;
    errno = 0;
    for (size_t n; (n = fread(part, 1, sizeof part, f)) > 0;)
        dcr_buf_add(b, part, n);
    if (ferror(f))
        st = dcr_fail(err, DCR_EIO, path, "cannot read: %s", strerror(errno));
    else if (b->failed)
        st = dcr_nomem(err);
    if (!is_stdin)
        fclose(f);
    return st;
}

static dcr_status parse(json_t **out, const dcr_buf *b, const char *path, dcr_err *err)
{
    json_error_t why;
    const char *is;
    dcr_status st;
    *out = json_loadb(b->n == 0 ? "" : b->p, b->n, JSON_REJECT_DUPLICATES, &why);
    if (*out == NULL) {
        st = dcr_fail(err, DCR_EARG, path, "this is no JSON document");
        if (err != NULL)
            err->line = why.line;
        return st;
    }
    is = json_string_value(json_object_get(*out, "schema"));
    if (is == NULL || strcmp(is, schema) != 0)
        return dcr_fail(err, DCR_EARG, path,
                        "this is no report of ours: its schema is not \"%s\"", schema);
    return DCR_OK;
}

dcr_status dcr_report_load(json_t **out, const char *path, char digest[DCR_SHA256_HEX],
                           dcr_err *err)
{
    dcr_buf b = {0};
    dcr_err why = {0};
    dcr_status st = read_all(&b, path, err);
    *out = NULL;
    if (st == DCR_OK)
        st = parse(out, &b, path, err);
    if (st == DCR_OK && dcr_report_check(*out, &why) != DCR_OK)
        st = dcr_fail(err, why.code, path, "%s", why.text);
    if (st == DCR_OK && digest != NULL)
        dcr_sha256_hex_of(b.p, b.n, digest);
    dcr_buf_clear(&b);
    if (st != DCR_OK) {
        json_decref(*out);
        *out = NULL;
    }
    return st;
}
