#include "walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "walk_impl.h"

enum { MAX_DEVICES = 65535 };

/* ---- paths ------------------------------------------------------------------------- */

static bool room(dcr_buf *out, size_t n)
{
    out->n = 0;
    out->failed = !dcr_grow(&out->p, &out->cap, n + 1, 1);
    return !out->failed;
}

/* Writes prefix, a '/' unless it has one, and the path of e. */
static dcr_status build_path(const dcr_walk *w, const dcr_walk_row *e, const char *prefix,
                             dcr_buf *out, dcr_err *err)
{
    size_t n_prefix = strlen(prefix), n_name = strlen(e->name), n = n_name;
    size_t slash = n_prefix > 0 && prefix[n_prefix - 1] != '/';
    const dcr_walk_folder *f = w->folders;
    uint32_t i;
    char *p;
    for (i = e->folder; f[i].parent != DCR_WALK_TOP; i = f[i].parent)
        n += strlen(f[i].name) + 1;
    if (!room(out, n_prefix + slash + n))
        return dcr_nomem(err);
    out->n = n_prefix + slash + n;
    p = out->p + out->n;
    *p = '\0';
    p -= n_name;
    memcpy(p, e->name, n_name);
    for (i = e->folder; f[i].parent != DCR_WALK_TOP; i = f[i].parent) {
        *--p = '/';
        p -= strlen(f[i].name);
        memcpy(p, f[i].name, strlen(f[i].name));
    }
    if (slash)
        *--p = '/';
    memcpy(out->p, prefix, n_prefix);
    return DCR_OK;
}

dcr_status dcr_walk_path(const dcr_walk *w, size_t i, dcr_buf *out, dcr_err *err)
{
    return build_path(w, &w->entries[i], "", out, err);
}

dcr_status dcr_walk_full(const dcr_walk *w, size_t i, dcr_buf *out, dcr_err *err)
{
    const dcr_walk_row *e = &w->entries[i];
    const dcr_walk_root *r = &w->roots[w->folders[e->folder].input];
    if (r->is_folder || r->path[0] == '\0')
        return build_path(w, e, r->path, out, err);
    if (!room(out, strlen(r->path)))
        return dcr_nomem(err);
    dcr_buf_str(out, r->path);
    return DCR_OK;
}

int dcr_open_path(const char *path, int flags)
{
    int at = AT_FDCWD;
    while (strlen(path) >= PATH_MAX) {
        char part[PATH_MAX];
        size_t n = PATH_MAX - 1;
        int next;
        while (n > 0 && path[n] != '/')
            n--;
        memcpy(part, path, n);
        part[n] = '\0';
        next = n == 0 ? -1 : openat(at, part, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (n == 0)
            errno = ENAMETOOLONG;
        if (at >= 0) {
            int e = errno;
            close(at);
            errno = e;
        }
        if (next < 0)
            return -1;
        at = next;
        while (path[n] == '/')
            n++;
        path += n;
    }
    if (at == AT_FDCWD)
        return open(path, flags | O_CLOEXEC);
    int fd = openat(at, *path == '\0' ? "." : path, flags | O_CLOEXEC);
    int e = errno;
    close(at);
    errno = e;
    return fd;
}

/* ---- entries ----------------------------------------------------------------------- */

size_t dcr_walk_count(const dcr_walk *w)
{
    return w->n;
}

void dcr_walk_get(const dcr_walk *w, size_t i, dcr_walk_entry *out)
{
    const dcr_walk_row *e = &w->entries[i];
    out->input = w->folders[e->folder].input;
    out->what = (dcr_walk_what)e->what;
    out->status = (dcr_read)e->status;
    out->size = e->size;
    out->mtime_ns = e->mtime_ns;
    out->dev = w->device[e->device];
    out->ino = e->ino;
    out->folder = e->folder;
}

dcr_status dcr_walk_add(dcr_walk *w, const dcr_walk_row *e, dcr_err *err)
{
    if (!dcr_grow(&w->entries, &w->cap, w->n + 1, sizeof *w->entries))
        return dcr_nomem(err);
    w->entries[w->n++] = *e;
    return DCR_OK;
}

dcr_status dcr_walk_add_folder(dcr_walk *w, const char *name, uint32_t parent,
                               uint32_t input, uint32_t *out, dcr_err *err)
{
    dcr_walk_folder *f;
    if (w->n_folders >= DCR_WALK_TOP)
        return dcr_fail(err, DCR_EARG, NULL, "more than 4294967294 folders");
    if (!dcr_grow(&w->folders, &w->cap_folders, w->n_folders + 1, sizeof *f))
        return dcr_nomem(err);
    *out = (uint32_t)w->n_folders;
    f = &w->folders[w->n_folders++];
    f->name = name;
    f->parent = parent;
    f->input = input;
    return DCR_OK;
}

/* Number of a device; 0 (which stands for none) when there are too many. */
static dcr_status device_of(dcr_walk *w, uint64_t dev, uint16_t *out, dcr_err *err)
{
    *out = 0;
    for (size_t i = w->n_devices; i-- > 1;)
        if (w->device[i] == dev) {
            *out = (uint16_t)i;
            return DCR_OK;
        }
    if (w->n_devices > MAX_DEVICES)
        return DCR_OK;
    if (!dcr_grow(&w->device, &w->cap_devices, w->n_devices + 1, sizeof *w->device))
        return dcr_nomem(err);
    *out = (uint16_t)w->n_devices;
    w->device[w->n_devices++] = dev;
    return DCR_OK;
}

dcr_status dcr_walk_stat(dcr_walk *w, dcr_walk_row *e, const struct stat *st,
                         dcr_err *err)
{
    e->size = st->st_size > 0 ? (uint64_t)st->st_size : 0;
    e->mtime_ns = (int64_t)((uint64_t)st->st_mtim.tv_sec * 1000000000u +
                            (uint64_t)st->st_mtim.tv_nsec);
    e->ino = st->st_ino;
    return device_of(w, st->st_dev, &e->device, err);
}

dcr_read dcr_walk_reason(int e)
{
    switch (e) {
    case ENOENT:
    case ENOTDIR:
    case ESTALE:
        return DCR_READ_VANISHED;
    case EACCES:
    case EPERM:
        return DCR_READ_DENIED;
    case ELOOP:
        return DCR_READ_LOOP;
    default:
        return DCR_READ_IO;
    }
}

bool dcr_walk_stopped(const dcr_walk *w)
{
    return w->stop != NULL && *w->stop != 0;
}

bool dcr_walk_lies_in(const char *path, const char *top)
{
    size_t n = strlen(top);
    if (strncmp(path, top, n) != 0)
        return false;
    return path[n] == '\0' || path[n] == '/' || (n > 0 && top[n - 1] == '/');
}

/* ---- inputs ------------------------------------------------------------------------ */

static dcr_status look_at_root(dcr_walk *w, size_t i, const char *path, dcr_err *err)
{
    dcr_walk_root *r = &w->roots[i];
    char real[PATH_MAX];
    if (stat(path, &r->st) != 0 || realpath(path, real) == NULL) {
        if (errno == ENOENT || errno == ENOTDIR)
            return dcr_fail(err, DCR_EARG, path, "no such file or folder");
        return dcr_fail(err, DCR_EIO, path, "cannot be read: %s", strerror(errno));
    }
    r->is_folder = S_ISDIR(r->st.st_mode);
    r->path = dcr_arena_str(&w->arena, path);
    r->real = dcr_arena_str(&w->arena, real);
    return r->path == NULL || r->real == NULL ? dcr_nomem(err) : DCR_OK;
}

/* By path without links, '/' before everything: what lies in a folder follows it. */
static int by_real(const void *pa, const void *pb)
{
    const dcr_walk_root *const *a = pa, *const *b = pb;
    const unsigned char *x = (const unsigned char *)(*a)->real;
    const unsigned char *y = (const unsigned char *)(*b)->real;
    unsigned cx, cy;
    while (*x != '\0' && *x == *y)
        x++, y++;
    cx = *x == '/' ? 1 : *x == '\0' ? 0 : *x + 1u;
    cy = *y == '/' ? 1 : *y == '\0' ? 0 : *y + 1u;
    if (cx == cy)
        return *a < *b ? -1 : *a > *b;
    return cx < cy ? -1 : 1;
}

/* What two inputs both hold is listed once. */
static dcr_status mark_covered(dcr_walk *w, dcr_err *err)
{
    dcr_walk_root **r = dcr_alloc(w->n_roots, sizeof(dcr_walk_root *));
    const dcr_walk_root *top = NULL;
    if (r == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; i < w->n_roots; i++)
        r[i] = &w->roots[i];
    if (w->n_roots > 1)
        qsort(r, w->n_roots, sizeof *r, by_real);
    for (size_t i = 0; i < w->n_roots; i++) {
        if (top != NULL && (top->is_folder ? dcr_walk_lies_in(r[i]->real, top->real)
                                           : strcmp(r[i]->real, top->real) == 0))
            r[i]->covered = true;
        else
            top = r[i];
    }
    dcr_free(r);
    return DCR_OK;
}

static dcr_status add_file_root(dcr_walk *w, size_t i, uint32_t folder_no, dcr_err *err)
{
    const dcr_walk_root *r = &w->roots[i];
    dcr_walk_row e = {0};
    const char *slash = strrchr(r->path, '/');
    dcr_status s;
    e.name = slash == NULL ? r->path : slash + 1;
    e.folder = folder_no;
    dcr_walk_note(w, e.name, 'r');
    if (!dcr_walk_mine(w, dcr_walk_root_hash(i), 0))
        return DCR_OK;
    if (!S_ISREG(r->st.st_mode)) {
        e.what = DCR_WALK_SPECIAL;
        e.status = DCR_READ_SPECIAL;
    }
    s = dcr_walk_stat(w, &e, &r->st, err);
    return s != DCR_OK ? s : dcr_walk_add(w, &e, err);
}

static dcr_status walk_root(dcr_walk *w, size_t i, dcr_err *err)
{
    const dcr_walk_root *r = &w->roots[i];
    uint32_t no;
    int fd;
    dcr_status s = dcr_walk_add_folder(w, "", DCR_WALK_TOP, (uint32_t)i, &no, err);
    if (s != DCR_OK || r->covered)
        return s;
    if (!r->is_folder)
        return add_file_root(w, i, no, err);
    fd = open(r->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return dcr_fail(err, DCR_EIO, r->path, "cannot be read: %s", strerror(errno));
    return dcr_walk_tree(w, fd, &r->st, no, dcr_walk_root_hash(i), err);
}

/* ---- what the run writes itself --------------------------------------------------- */

/* A folder that is not there holds nothing that could be met. */
static bool add_own(dcr_walk *w, const char *path)
{
    dcr_walk_own *own = &w->own[w->n_own];
    const char *slash = strrchr(path, '/');
    char *folder = dcr_arena_str(&w->arena, path);
    struct stat st;
    own->name = dcr_arena_str(&w->arena, slash == NULL ? path : slash + 1);
    if (folder == NULL || own->name == NULL)
        return false;
    if (slash != NULL)
        folder[slash == path ? 1 : slash - path] = '\0';
    if (stat(slash == NULL ? "." : folder, &st) == 0) {
        own->dev = st.st_dev;
        own->ino = st.st_ino;
        w->n_own++;
    }
    return true;
}

bool dcr_walk_is_own(const dcr_walk *w, uint64_t dev, uint64_t ino, const char *name)
{
    for (size_t i = 0; i < w->n_own; i++)
        if (w->own[i].ino == ino && w->own[i].dev == dev &&
            strcmp(w->own[i].name, name) == 0)
            return true;
    return false;
}

/* The same of a path from a list; most are told by their name alone. */
static bool is_own_path(const dcr_walk *w, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash == NULL ? path : slash + 1;
    struct stat st;
    for (size_t i = 0; i < w->n_own; i++) {
        dcr_buf folder = {0};
        bool own = false;
        if (strcmp(w->own[i].name, name) != 0)
            continue;
        dcr_buf_add(&folder, slash == NULL ? "." : path,
                    slash == NULL || slash == path ? 1 : (size_t)(slash - path));
        if (!folder.failed && stat(folder.p, &st) == 0)
            own = dcr_walk_is_own(w, st.st_dev, st.st_ino, name);
        dcr_buf_clear(&folder);
        if (own)
            return true;
    }
    return false;
}

static dcr_walk *new_walk(size_t n_roots, const dcr_walk_options *o)
{
    dcr_walk *w = dcr_alloc(1, sizeof *w);
    bool ok, sharded = o != NULL && o->shard != NULL && o->shard->of > 0;
    if (w == NULL)
        return NULL;
    w->stop = o == NULL ? NULL : o->stop;
    if (sharded) {
        w->shard = *o->shard;
        w->listing = dcr_hasher_new();
    }
    w->own = dcr_alloc(o == NULL ? 1 : o->n_own + 1, sizeof *w->own);
    ok = w->own != NULL;
    for (size_t i = 0; ok && o != NULL && i < o->n_own; i++)
        ok = add_own(w, o->own[i]);
    w->roots = dcr_alloc(n_roots, sizeof *w->roots);
    w->list = dcr_alloc(1, DCR_WALK_LIST);
    if (!ok || w->roots == NULL || w->list == NULL || (sharded && w->listing == NULL) ||
        !dcr_grow(&w->device, &w->cap_devices, 1, sizeof *w->device)) {
        dcr_walk_free(w);
        return NULL;
    }
    w->device[0] = 0;
    w->n_devices = 1;
    w->n_roots = n_roots;
    return w;
}

dcr_status dcr_walk_open(dcr_walk **out, const char *const *inputs, size_t n,
                         const dcr_walk_options *o, dcr_err *err)
{
    dcr_walk *w = NULL;
    dcr_status s = DCR_OK;
    *out = NULL;
    if (n >= UINT32_MAX)
        return dcr_fail(err, DCR_EARG, NULL, "too many inputs");
    w = new_walk(n, o);
    if (w == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; s == DCR_OK && i < n; i++)
        s = look_at_root(w, i, inputs[i], err);
    if (s == DCR_OK)
        s = mark_covered(w, err);
    for (size_t i = 0; s == DCR_OK && i < n; i++)
        s = walk_root(w, i, err);
    if (s == DCR_OK)
        *out = w;
    else
        dcr_walk_free(w);
    return s;
}

void dcr_walk_free(dcr_walk *w)
{
    if (w == NULL)
        return;
    dcr_walk_tree_clear(w);
    dcr_free(w->list);
    dcr_free(w->own);
    dcr_free(w->roots);
    dcr_free(w->device);
    dcr_free(w->folders);
    dcr_free(w->entries);
    dcr_arena_clear(&w->arena);
    dcr_arena_clear(&w->names);
    dcr_hasher_free(w->listing);
    dcr_free(w);
}

/* ---- a ready list ------------------------------------------------------------------ */

/* Drops "." parts and doubled slashes, in place; keeps "..", which links may bend. */
static void tidy(char *path)
{
    char *to = path;
    const char *p = path;
    while (*p != '\0') {
        size_t n = strcspn(p, "/");
        bool top = p == path && n == 0;
        if (top || (n > 0 && !(n == 1 && p[0] == '.'))) {
            memmove(to, p, n);
            to += n;
            if (p[n] == '/')
                *to++ = '/';
        }
        p += n + (p[n] == '/');
    }
    *to = '\0';
}

static int by_bytes(const void *pa, const void *pb)
{
    const char *const *a = pa, *const *b = pb;
    return strcmp(*a, *b);
}

/* A folder that cannot be looked into may hold anything. */
static bool holds_something(const char *path)
{
    int fd = dcr_open_path(path, O_RDONLY | O_DIRECTORY);
    DIR *d = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *e;
    bool found = d == NULL;
    if (d == NULL && fd >= 0)
        close(fd);
    while (!found && (e = readdir(d)) != NULL)
        found = strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
    if (d != NULL)
        closedir(d);
    return found;
}

/* Whether a path below the one at `i` follows it in the sorted list ("a-b" may stand
 * between "a" and "a/b"). */
static bool goes_on_below(char *const *list, size_t n, size_t i)
{
    size_t len = strlen(list[i]);
    bool slash = len > 0 && list[i][len - 1] == '/';
    for (size_t k = i + 1; k < n && strncmp(list[k], list[i], len) == 0; k++)
        if ((slash || list[k][len] == '/') && list[k][len + !slash] != '\0' &&
            strncmp(list[k] + len + !slash, "../", 3) != 0)
            return true;
    return false;
}

/* `with_content`: paths below it are in the list, should it be a folder. */
static dcr_status add_listed(dcr_walk *w, const char *path, bool with_content,
                             dcr_err *err)
{
    dcr_walk_row e = {0};
    struct stat st;
    dcr_status s = DCR_OK;
    bool folder = false;
    int fd = dcr_open_path(path, O_PATH);
    e.name = path;
    if (fd < 0 || fstat(fd, &st) != 0) {
        e.status = (uint8_t)dcr_walk_reason(errno);
    } else {
        if (S_ISDIR(st.st_mode)) {
            folder = true;
            if (!with_content && holds_something(path))
                s = dcr_fail(err, DCR_EARG, path,
                             "a folder in a list of files, without what is in it; list "
                             "its files, or name the folder as INPUT");
        } else if (!S_ISREG(st.st_mode)) {
            e.what = DCR_WALK_SPECIAL;
            e.status = DCR_READ_SPECIAL;
        }
        if (s == DCR_OK)
            s = dcr_walk_stat(w, &e, &st, err);
    }
    if (fd >= 0)
        close(fd);
    return s != DCR_OK || folder ? s : dcr_walk_add(w, &e, err);
}

static dcr_status add_list(dcr_walk *w, char **list, const char *const *paths, size_t n,
                           dcr_err *err)
{
    dcr_status s;
    uint32_t no;
    uint64_t rank = 0;
    for (size_t i = 0; i < n; i++) {
        list[i] = dcr_arena_str(&w->arena, paths[i]);
        if (list[i] == NULL)
            return dcr_nomem(err);
        tidy(list[i]);
    }
    if (n > 1)
        qsort(list, n, sizeof *list, by_bytes);
    s = dcr_walk_add_folder(w, "", DCR_WALK_TOP, 0, &no, err);
    for (size_t i = 0; s == DCR_OK && i < n; i++) {
        if (dcr_walk_stopped(w))
            s = dcr_fail(err, DCR_EINTERRUPTED, NULL, "interrupted");
        if (list[i][0] == '\0' || (i > 0 && strcmp(list[i], list[i - 1]) == 0) ||
            is_own_path(w, list[i]))
            continue;
        dcr_walk_note(w, list[i], 'f');
        if (s == DCR_OK && dcr_walk_mine(w, dcr_walk_root_hash(0), rank++))
            s = add_listed(w, list[i], goes_on_below(list, n, i), err);
    }
    return s;
}

dcr_status dcr_walk_list(dcr_walk **out, const char *const *paths, size_t n,
                         const dcr_walk_options *o, dcr_err *err)
{
    dcr_status s;
    dcr_walk *w = new_walk(1, o);
    char **list = dcr_alloc(n, sizeof *list);
    *out = NULL;
    if (w == NULL || list == NULL) {
        s = dcr_nomem(err);
    } else {
        w->roots[0].path = w->roots[0].real = dcr_arena_str(&w->arena, "");
        s = w->roots[0].path == NULL ? dcr_nomem(err) : add_list(w, list, paths, n, err);
    }
    dcr_free(list);
    if (s == DCR_OK)
        *out = w;
    else
        dcr_walk_free(w);
    return s;
}
