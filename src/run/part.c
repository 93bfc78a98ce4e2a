#include "part.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../store/scanfile.h"
#include "../store/shards.h"

static bool there(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0;
}

/* The name, and that nothing but a scan file will give way to it. */
static dcr_status begin(dcr_buf *part, const char *file, dcr_err *err)
{
    dcr_buf_fmt(part, "%s.part", file);
    if (part->failed)
        return dcr_nomem(err);
    if (there(file) && !dcr_store_is(file))
        return dcr_fail(err, DCR_EARG, file, "exists and is not a scan file");
    return DCR_OK;
}

static bool same_inputs(const dcr_store_origin *origin, const dcr_store_options *o)
{
    dcr_buf names = {0};
    bool same;
    for (size_t i = 0; i < o->n_inputs; i++)
        dcr_store_origin_input(&names, o->inputs[i], strlen(o->inputs[i]));
    same = !names.failed && names.n == origin->inputs.n &&
           (names.n == 0 || memcmp(names.p, origin->inputs.p, names.n) == 0);
    dcr_buf_clear(&names);
    return same;
}

/* Told before it loses its name: a command that is refused changes nothing. */
static dcr_status same_part(const char *file, const dcr_store_options *want, dcr_err *err)
{
    const char *shards = want->part->shards;
    dcr_store_origin o = {0};
    dcr_buf text = {0};
    dcr_status rc = dcr_store_origin_of(&o, file, err);
    if (rc == DCR_OK && o.shards.of > 0) {
        dcr_shard_set_list(&o.shards, false, &text);
        dcr_buf_fmt(&text, "/%u", (unsigned)o.shards.of);
    }
    if (text.failed)
        rc = dcr_nomem(err);
    else if (rc == DCR_OK && (text.n == 0 || strcmp(text.p, shards) != 0))
        rc = dcr_fail(err, DCR_EARG, file,
                      "is a scan file of %s%.60s and not of shard %s; name a new one",
                      text.n == 0 ? "" : "shard ", text.n == 0 ? "everything" : text.p,
                      shards);
    else if (rc == DCR_OK && !same_inputs(&o, want))
        rc = dcr_fail(err, DCR_EARG, file, "was made of other inputs; name another file");
    dcr_store_origin_clear(&o);
    dcr_buf_clear(&text);
    return rc;
}

/* A journal without its file belongs to none that comes later. */
static void drop_journal(const char *path)
{
    dcr_buf journal = {0};
    dcr_buf_fmt(&journal, "%s-journal", path);
    if (!journal.failed)
        unlink(journal.p);
    dcr_buf_clear(&journal);
}

dcr_status dcr_part_resume(dcr_buf *part, const char *file, const dcr_store_options *o,
                           dcr_err *err)
{
    dcr_status rc = begin(part, file, err);
    if (rc != DCR_OK || there(part->p) || !there(file))
        return rc;
    rc = same_part(file, o, err);
    if (rc != DCR_OK)
        return rc;
    drop_journal(part->p);
    if (rename(file, part->p) != 0 && errno != ENOENT)
        return dcr_fail(err, DCR_EIO, file, "cannot be renamed: %s", strerror(errno));
    return DCR_OK;
}

dcr_status dcr_part_fresh(dcr_buf *part, const char *file, dcr_err *err)
{
    dcr_status rc = begin(part, file, err);
    if (rc == DCR_OK && there(part->p))
        rc = dcr_store_discard(part->p, err);
    return rc;
}

/* A rename is durable when its folder is. */
static bool sync_folder(const char *file)
{
    const char *slash = strrchr(file, '/');
    dcr_buf dir = {0};
    int fd;
    bool ok;
    if (slash != NULL)
        dcr_buf_add(&dir, file, (size_t)(slash - file) + 1);
    else
        dcr_buf_char(&dir, '.');
    fd = dir.failed ? -1 : open(dir.p, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    /* EINVAL: a file system that has nothing to do for it */
    ok = fd >= 0 && (fsync(fd) == 0 || errno == EINVAL);
    if (fd >= 0)
        close(fd);
    dcr_buf_clear(&dir);
    return ok;
}

/* A network file system whose answer was lost asks again, and is told that the old name
 * is not there. */
static bool renamed(const char *part, const char *file)
{
    return rename(part, file) == 0 || (errno == ENOENT && !there(part) && there(file));
}

dcr_status dcr_part_done(const dcr_buf *part, const char *file, dcr_err *err)
{
    if (!renamed(part->p, file) || !sync_folder(file))
        return dcr_fail(err, DCR_EIO, file, "cannot be given its name: %s",
                        strerror(errno));
    drop_journal(part->p);
    return DCR_OK;
}
