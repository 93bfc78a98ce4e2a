#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "run_common.h"
#include "term.h"

dcr_status dcr_run_digest_key(dcr_digest_key *out, const char *path, dcr_err *err)
{
    FILE *f = NULL;
    bool more, broken;
    dcr_status rc = path == NULL ? DCR_OK : dcr_open_named(&f, path, err);
    memset(out, 0, sizeof *out);
    if (f == NULL)
        return rc;
    out->n = fread(out->b, 1, sizeof out->b, f);
    more = fgetc(f) != EOF;
    broken = ferror(f) != 0;
    fclose(f);
    if (broken)
        return dcr_fail(err, DCR_EIO, path, "cannot be read");
    if (out->n < DCR_DIGEST_KEY_LEAST || more)
        return dcr_fail(err, DCR_EARG, path, "a key has %d to %d bytes",
                        DCR_DIGEST_KEY_LEAST, DCR_DIGEST_KEY_MOST);
    return DCR_OK;
}

/* Told before an hour of scanning. */
dcr_status dcr_run_manifest_ready(const char *list, dcr_err *err)
{
    const char *slash = list == NULL ? NULL : strrchr(list, '/');
    dcr_buf folder = {0};
    dcr_status rc = DCR_OK;
    if (list == NULL)
        return DCR_OK;
    if (slash == NULL)
        dcr_buf_char(&folder, '.');
    else
        dcr_buf_add(&folder, list, (size_t)(slash - list) + 1);
    if (folder.failed)
        rc = dcr_nomem(err);
    else
        rc = dcr_look_at_target(list, true, err);
    if (rc == DCR_OK && access(folder.p, W_OK | X_OK) != 0)
        rc = dcr_fail(err, DCR_EIO, list, "cannot write: %s", strerror(errno));
    dcr_buf_clear(&folder);
    return rc;
}

dcr_status dcr_run_manifest(dcr_manifest *out, dcr_store *scan, const char *list,
                            const dcr_digest_key *key, const dcr_scan_args *a,
                            const dcr_common *common, dcr_err *err)
{
    dcr_bar bar;
    const dcr_manifest_options o = {.contents = list != NULL,
                                    .list = list,
                                    .key = key->n > 0 ? key->b : NULL,
                                    .n_key = key->n,
                                    .jobs = (unsigned)a->jobs,
                                    .progress = dcr_bar_progress,
                                    .progress_ctx = &bar,
                                    .stop = dcr_run_stop()};
    dcr_status rc;
    dcr_bar_init(&bar, common->quiet || list == NULL);
    rc = dcr_manifest_make(out, scan, &o, err);
    dcr_bar_end(&bar);
    return rc;
}
