#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "walk_impl.h"

/* Folders held open at once; deeper trees climb back through "..". */
enum { OPEN_LEVELS = 64 };

/* ---- links ------------------------------------------------------------------------- */

static bool on_stack(const dcr_walk *w, const struct stat *st)
{
    for (size_t i = w->depth; i-- > 0;)
        if (w->stack[i].ino == st->st_ino && w->stack[i].dev == st->st_dev)
            return true;
    return false;
}

/* Where the link `name` in the folder `at` leads.  The kernel resolves it, so that no
 * name is looked at twice; a target that cannot be told to be inside counts as outside.
 */
static dcr_read judge_link(const dcr_walk *w, int at, const char *name)
{
    char proc[64], real[PATH_MAX + 1];
    struct stat st;
    dcr_read status = DCR_READ_OUTSIDE;
    ssize_t n;
    int fd = openat(at, name, O_PATH | O_CLOEXEC);
    if (fd < 0)
        return dcr_walk_reason(errno);
    if (fstat(fd, &st) != 0) {
        status = dcr_walk_reason(errno);
    } else if (S_ISDIR(st.st_mode) && on_stack(w, &st)) {
        status = DCR_READ_LOOP;
    } else {
        snprintf(proc, sizeof proc, "/proc/self/fd/%d", fd);
        n = readlink(proc, real, sizeof real - 1);
        real[n < 0 ? 0 : n] = '\0';
        for (size_t i = 0; i < w->n_roots; i++)
            if (dcr_walk_lies_in(real, w->roots[i].real))
                status = DCR_READ_OTHER;
    }
    close(fd);
    return status;
}

/* ---- one folder -------------------------------------------------------------------- */

/* What kind of thing a kept name is.  One that was no folder when it was listed and is
 * one now has changed: what lies in it was not listed. */
static dcr_status judge_item(dcr_walk *w, dcr_walk_frame *f, dcr_walk_row *e,
                             dcr_err *err)
{
    struct stat st;
    if (fstatat(f->fd, e->name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
        e->status = (uint8_t)dcr_walk_reason(errno);
        return DCR_OK;
    }
    if (S_ISDIR(st.st_mode)) {
        e->what = DCR_WALK_FOLDER;
        e->status = DCR_READ_CHANGED;
    } else if (S_ISLNK(st.st_mode)) {
        e->what = DCR_WALK_LINK;
        e->status = (uint8_t)judge_link(w, f->fd, e->name);
    } else if (!S_ISREG(st.st_mode)) {
        e->what = DCR_WALK_SPECIAL;
        e->status = DCR_READ_SPECIAL;
    }
    return dcr_walk_stat(w, e, &st, err);
}

/* Some file systems do not say with the name whether it is a folder. */
static bool is_folder(const dcr_walk_frame *f, const struct dirent64 *de)
{
    struct stat st;
    if (de->d_type != DT_UNKNOWN)
        return de->d_type == DT_DIR;
    return fstatat(f->fd, de->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISDIR(st.st_mode);
}

static dcr_status add_item(dcr_walk *w, dcr_walk_frame *f, const struct dirent64 *de,
                           dcr_err *err)
{
    dcr_walk_item *it;
    if (!dcr_grow(&f->items, &f->cap, f->n + 1, sizeof *f->items))
        return dcr_nomem(err);
    it = &f->items[f->n];
    memset(it, 0, sizeof *it);
    it->e.folder = f->folder;
    it->e.name = dcr_arena_str(&w->names, de->d_name);
    it->enter = is_folder(f, de);
    if (it->e.name == NULL)
        return dcr_nomem(err);
    f->n++;
    if (!it->enter && dcr_walk_is_own(w, f->dev, f->ino, de->d_name))
        f->n--;
    return DCR_OK;
}

/* Order of the full paths that the items begin: a folder's go on with '/'. */
static int by_path(const void *pa, const void *pb)
{
    const dcr_walk_item *a = pa, *b = pb;
    const unsigned char *x = (const unsigned char *)a->e.name;
    const unsigned char *y = (const unsigned char *)b->e.name;
    unsigned cx, cy;
    while (*x != '\0' && *x == *y)
        x++, y++;
    cx = *x == '\0' && a->enter ? '/' : *x;
    cy = *y == '\0' && b->enter ? '/' : *y;
    return cx < cy ? -1 : cx > cy;
}

/* Keeps folders and what is ours, in their order, and looks at nothing else. */
static dcr_status keep_ours(dcr_walk *w, dcr_walk_frame *f, dcr_err *err)
{
    dcr_status s = DCR_OK;
    size_t kept = 0;
    uint64_t rank = 0;
    void *less;
    dcr_walk_note(w, "", 'd'); /* here begins a folder */
    for (size_t i = 0; s == DCR_OK && i < f->n; i++) {
        dcr_walk_item it = f->items[i];
        dcr_walk_note(w, it.e.name, it.enter ? 'd' : 'f');
        if (!it.enter && !dcr_walk_mine(w, f->hash, rank++))
            continue;
        it.e.name = dcr_arena_str(&w->arena, it.e.name);
        if (it.e.name == NULL)
            return dcr_nomem(err);
        if (dcr_walk_stopped(w))
            return dcr_fail(err, DCR_EINTERRUPTED, NULL, "interrupted");
        if (!it.enter)
            s = judge_item(w, f, &it.e, err);
        f->items[kept++] = it;
    }
    f->n = kept;
    if (f->cap > 4 * kept + 64) { /* most were others' */
        less = dcr_resize(f->items, kept + 1, sizeof *f->items);
        f->items = less == NULL ? f->items : less;
        f->cap = less == NULL ? f->cap : kept + 1;
    }
    return s;
}

/* Of one answer of the kernel. */
static dcr_status add_items(dcr_walk *w, dcr_walk_frame *f, size_t n, dcr_err *err)
{
    dcr_status s = DCR_OK;
    for (size_t at = 0; s == DCR_OK && at < n;) {
        const struct dirent64 *de = (const void *)((const char *)w->list + at);
        if (dcr_walk_stopped(w))
            s = dcr_fail(err, DCR_EINTERRUPTED, NULL, "interrupted");
        else if (strcmp(de->d_name, ".") != 0 && strcmp(de->d_name, "..") != 0)
            s = add_item(w, f, de, err);
        at += de->d_reclen;
    }
    return s;
}

/* Fills the frame from its folder; *why tells what went wrong with the folder itself.
 * Without opendir(), which would open it once more: a release may have more folders than
 * files. */
static dcr_status read_folder(dcr_walk *w, dcr_walk_frame *f, dcr_read *why, dcr_err *err)
{
    dcr_status s = DCR_OK;
    ssize_t n = 0;
    *why = DCR_READ_OK;
    while (s == DCR_OK && (n = getdents64(f->fd, w->list, DCR_WALK_LIST)) > 0)
        s = add_items(w, f, (size_t)n, err);
    if (s == DCR_OK && n < 0 && errno != ENOENT) /* that is an end: it was removed */
        *why = dcr_walk_reason(errno);
    if (f->n > 1)
        qsort(f->items, f->n, sizeof *f->items, by_path);
    if (s == DCR_OK)
        s = keep_ours(w, f, err);
    dcr_arena_clear(&w->names);
    return s;
}

/* ---- the way down and up ----------------------------------------------------------- */

static void pop(dcr_walk *w)
{
    dcr_walk_frame *f = &w->stack[--w->depth];
    dcr_walk_frame *up = f - 1;
    struct stat st;
    if (w->depth > 0 && up->fd < 0 && f->fd >= 0) {
        up->fd = openat(f->fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        /* Moved away meanwhile: its other folders are gone for us. */
        if (up->fd >= 0 &&
            (fstat(up->fd, &st) != 0 || st.st_ino != up->ino || st.st_dev != up->dev)) {
            close(up->fd);
            up->fd = -1;
        }
    }
    if (f->fd >= 0)
        close(f->fd);
    dcr_free(f->items);
}

/* The folder's own entry, for when it cannot be listed. */
static dcr_status add_failure(dcr_walk *w, uint32_t folder_no, uint64_t hash,
                              const struct stat *st, dcr_read why, dcr_err *err)
{
    dcr_walk_row e = {0};
    dcr_walk_note(w, dcr_read_name(why), '!');
    if (!dcr_walk_mine(w, hash, 0))
        return DCR_OK;
    e.name = "";
    e.folder = folder_no;
    e.what = DCR_WALK_FOLDER;
    e.status = (uint8_t)why;
    if (st != NULL && dcr_walk_stat(w, &e, st, err) != DCR_OK)
        return DCR_ENOMEM;
    return dcr_walk_add(w, &e, err);
}

/* Enters the folder behind fd, which is closed sooner or later. */
static dcr_status push(dcr_walk *w, int fd, const struct stat *st, uint32_t folder_no,
                       uint64_t hash, dcr_err *err)
{
    dcr_walk_frame *f;
    dcr_read why;
    dcr_status s;
    if (!dcr_grow(&w->stack, &w->cap_stack, w->depth + 1, sizeof *w->stack)) {
        close(fd);
        return dcr_nomem(err);
    }
    f = &w->stack[w->depth++];
    memset(f, 0, sizeof *f);
    f->fd = fd;
    f->dev = st->st_dev;
    f->ino = st->st_ino;
    f->folder = folder_no;
    f->hash = hash;
    if (w->depth > OPEN_LEVELS && f[-OPEN_LEVELS].fd >= 0) {
        close(f[-OPEN_LEVELS].fd);
        f[-OPEN_LEVELS].fd = -1;
    }
    s = read_folder(w, f, &why, err);
    if (s == DCR_OK && why != DCR_READ_OK)
        s = add_failure(w, folder_no, hash, st, why, err);
    return s;
}

static dcr_status enter(dcr_walk *w, const dcr_walk_item *it, dcr_err *err)
{
    dcr_walk_frame *f = &w->stack[w->depth - 1];
    struct stat st;
    uint64_t hash = dcr_walk_hash(f->hash, it->e.name);
    uint32_t no;
    dcr_read why = DCR_READ_VANISHED;
    int fd;
    dcr_status s = dcr_walk_add_folder(w, it->e.name, f->folder,
                                       w->folders[f->folder].input, &no, err);
    if (s != DCR_OK)
        return s;
    if (f->fd < 0)
        return add_failure(w, no, hash, NULL, why, err);
    fd = openat(f->fd, it->e.name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd >= 0 && fstat(fd, &st) == 0) {
        if (!on_stack(w, &st))
            return push(w, fd, &st, no, hash, err);
        why = DCR_READ_LOOP; /* a folder mounted inside itself */
    } else {
        why = dcr_walk_reason(errno);
    }
    if (fd >= 0)
        close(fd);
    return add_failure(w, no, hash, NULL, why, err);
}

dcr_status dcr_walk_tree(dcr_walk *w, int fd, const struct stat *st, uint32_t folder,
                         uint64_t hash, dcr_err *err)
{
    dcr_status s = push(w, fd, st, folder, hash, err);
    while (s == DCR_OK && w->depth > 0) {
        dcr_walk_frame *f = &w->stack[w->depth - 1];
        if (dcr_walk_stopped(w)) {
            s = dcr_fail(err, DCR_EINTERRUPTED, NULL, "interrupted");
        } else if (f->next == f->n) {
            pop(w);
        } else {
            dcr_walk_item it = f->items[f->next++]; /* a copy: the stack may move */
            s = it.enter ? enter(w, &it, err) : dcr_walk_add(w, &it.e, err);
        }
    }
    return s;
}

void dcr_walk_tree_clear(dcr_walk *w)
{
    while (w->depth > 0)
        pop(w);
    dcr_free(w->stack);
}
