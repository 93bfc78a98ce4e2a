#include "dcmrisk/report.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc.h"
#include "buf.h"

enum { TRIES = 100 };

typedef struct output {
    const dcr_format_file *file;
    const char *dir;          /* of the file */
    dcr_buf temporary, final; /* paths */
    bool made;                /* the temporary file exists */
} output;

static bool shows_values(const json_t *report)
{
    const json_t *run = json_object_get(report, "run");
    return json_is_true(json_object_get(json_object_get(run, "options"), "show_values"));
}

static dcr_status io_error(const char *path, const char *what, dcr_err *err)
{
    return dcr_fail(err, DCR_EIO, path, "%s: %s", what, strerror(errno));
}

/* Makes a folder and what is missing above it. */
static dcr_status make_folder(const char *dir, dcr_err *err)
{
    dcr_status st = DCR_OK;
    struct stat s;
    int why;
    char *path = dcr_strdup(dir);
    if (path == NULL)
        return dcr_nomem(err);
    for (char *p = path + 1; *path != '\0'; p++) {
        char c = *p;
        if (c != '/' && c != '\0')
            continue;
        *p = '\0';
        why = mkdir(path, 0777) == 0 ? 0 : errno;
        if (stat(path, &s) != 0) {
            errno = why != 0 ? why : errno;
            st = io_error(path, "cannot make the folder", err);
        } else if (!S_ISDIR(s.st_mode)) {
            st = dcr_fail(err, DCR_EIO, path,
                          "this is a file; reports need a folder, see --out");
        }
        if (st != DCR_OK)
            break;
        *p = c;
        if (c == '\0')
            break;
    }
    dcr_free(path);
    return st;
}

/* Opens a file that was not there before. */
static int open_new(output *o, bool secret)
{
    int fd = -1;
    for (int i = 0; i < TRIES && fd < 0; i++) {
        dcr_buf_clear(&o->temporary);
        dcr_buf_fmt(&o->temporary, "%s/.%s.%ld.%d", o->dir, o->file->name, (long)getpid(),
                    i);
        if (o->temporary.failed) {
            errno = ENOMEM;
            return -1;
        }
        fd = open(o->temporary.p, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
                  secret ? 0600 : 0666);
        if (fd < 0 && errno != EEXIST)
            return -1;
    }
    return fd;
}

/* What a file of a format says; free *p with free().  It is made in memory, so that a
 * failure to write is told with its reason. */
static dcr_status render(const dcr_format_file *file, const json_t *report,
                         const dcr_render *how, char **p, size_t *n, dcr_err *err)
{
    dcr_status st;
    FILE *f = open_memstream(p, n);
    if (f == NULL)
        return dcr_nomem(err);
    st = file->write(report, how, f, err);
    if (fclose(f) != 0 && st == DCR_OK)
        st = dcr_nomem(err);
    return st;
}

dcr_status dcr_format_write(const dcr_format *f, const json_t *report,
                            const dcr_render *how, FILE *out, dcr_err *err)
{
    char *p = NULL;
    size_t n = 0;
    dcr_status st = render(&f->file[0], report, how, &p, &n, err);
    errno = 0;
    if (st == DCR_OK && (fwrite(p, 1, n, out) != n || fflush(out) != 0))
        st = io_error(f->file[0].name, "cannot write", err);
    free(p); /* lint: ok, of open_memstream */
    return st;
}

/* Writes one format under its temporary name. */
static dcr_status write_one(output *o, const json_t *report, const dcr_render *how,
                            dcr_err *err)
{
    dcr_status st;
    FILE *f = NULL;
    char *p = NULL;
    size_t n = 0;
    int fd;
    st = render(o->file, report, how, &p, &n, err);
    if (st != DCR_OK)
        goto done;
    fd = open_new(o, shows_values(report));
    if (fd < 0) {
        st = io_error(o->final.p, "cannot write", err);
        goto done;
    }
    o->made = true;
    f = fdopen(fd, "w");
    if (f == NULL) {
        close(fd);
        st = dcr_nomem(err);
        goto done;
    }
    errno = 0;
    if (fwrite(p, 1, n, f) != n || fflush(f) != 0)
        st = io_error(o->final.p, "cannot write", err);
    if (fclose(f) != 0 && st == DCR_OK)
        st = io_error(o->final.p, "cannot write", err);
done:
    free(p); /* lint: ok, of open_memstream */
    return st;
}

dcr_status dcr_report_prepare(const char *dir, dcr_err *err)
{
    dcr_status st = make_folder(dir, err);
    struct stat s;
    if (st != DCR_OK)
        return st;
    if (stat(dir, &s) == 0 && !S_ISDIR(s.st_mode))
        errno = ENOTDIR;
    else if (access(dir, W_OK | X_OK) == 0)
        return DCR_OK;
    return io_error(dir, "cannot write into the folder", err);
}

dcr_status dcr_render_check(const dcr_render *how, dcr_err *err)
{
    const char *dir = how->html_assets;
    static const char asks[] = "style and script need a folder below that of the reports,"
                               " as in --html-assets assets";
    if (dir == NULL)
        return DCR_OK;
    if (dir[0] == '\0' || dir[0] == '/' || strlen(dir) > 1000)
        return dcr_fail(err, DCR_EARG, NULL, "%s", asks);
    for (const char *p = dir; *p != '\0'; p += strcspn(p, "/"), p += *p == '/') {
        size_t n = strcspn(p, "/");
        if ((n == 2 && p[0] == '.' && p[1] == '.') || memchr(p, '\\', n) != NULL)
            return dcr_fail(err, DCR_EARG, NULL, "%s", asks);
    }
    return DCR_OK;
}

typedef struct outputs {
    output out[DCR_FORMATS_MAX * (DCR_FORMAT_FILES_MAX + DCR_FORMAT_ASSETS_MAX)];
    size_t n;
    dcr_buf assets; /* the folder of style and script; empty: they are in the page */
} outputs;

static dcr_status add_files(outputs *o, const dcr_format_file *file, size_t n,
                            const char *dir, dcr_err *err)
{
    for (size_t k = 0; k < n && file[k].name != NULL; k++) {
        output *out = &o->out[o->n++];
        out->file = &file[k];
        out->dir = dir;
        dcr_buf_fmt(&out->final, "%s/%s", dir, file[k].name);
        if (out->final.failed)
            return dcr_nomem(err);
    }
    return DCR_OK;
}

/* All files of the formats. */
static dcr_status list_files(outputs *o, const char *dir, const char *const *formats,
                             size_t n, const dcr_render *how, dcr_err *err)
{
    dcr_status st = dcr_render_check(how, err);
    if (st == DCR_OK && n > DCR_FORMATS_MAX)
        st = dcr_fail(err, DCR_EARG, NULL, "too many formats: %zu", n);
    if (st == DCR_OK && how->html_assets != NULL) {
        dcr_buf_fmt(&o->assets, "%s/%s", dir, how->html_assets);
        if (o->assets.failed)
            st = dcr_nomem(err);
    }
    for (size_t i = 0; st == DCR_OK && i < n; i++) {
        const dcr_format *f = dcr_format_find(formats[i]);
        if (f == NULL)
            return dcr_fail(err, DCR_EARG, NULL, "no format '%.40s'", formats[i]);
        st = add_files(o, f->file, DCR_FORMAT_FILES_MAX, dir, err);
        if (st == DCR_OK && o->assets.n > 0)
            st = add_files(o, f->asset, DCR_FORMAT_ASSETS_MAX, o->assets.p, err);
    }
    return st;
}

/* What did not get its place goes away. */
static void clear_files(outputs *o)
{
    for (size_t i = 0; i < o->n; i++) {
        if (o->out[i].made)
            unlink(o->out[i].temporary.p);
        dcr_buf_clear(&o->out[i].temporary);
        dcr_buf_clear(&o->out[i].final);
    }
    dcr_buf_clear(&o->assets);
}

dcr_status dcr_report_files(const char *dir, const char *const *formats, size_t n,
                            const dcr_render *how,
                            dcr_status (*each)(void *ctx, const char *path, dcr_err *err),
                            void *ctx, dcr_err *err)
{
    outputs o = {.n = 0};
    dcr_status st = list_files(&o, dir, formats, n, how, err);
    for (size_t i = 0; st == DCR_OK && i < o.n; i++)
        st = each(ctx, o.out[i].final.p, err);
    clear_files(&o);
    return st;
}

dcr_status dcr_report_write(const json_t *report, const char *dir,
                            const char *const *formats, size_t n, const dcr_render *how,
                            dcr_err *err)
{
    outputs o = {.n = 0};
    dcr_status st = list_files(&o, dir, formats, n, how, err);
    if (st == DCR_OK)
        st = make_folder(dir, err);
    for (size_t i = 0; st == DCR_OK && i < o.n; i++) {
        if (o.out[i].dir != dir)
            st = make_folder(o.out[i].dir, err);
        if (st == DCR_OK)
            st = write_one(&o.out[i], report, how, err);
    }
    /* All are whole: now, and only now, they take their places; style and script before
     * the page that links to them. */
    for (size_t i = o.n; st == DCR_OK && i-- > 0;) {
        if (rename(o.out[i].temporary.p, o.out[i].final.p) != 0)
            st = io_error(o.out[i].final.p, "cannot write", err);
        else
            o.out[i].made = false;
    }
    clear_files(&o);
    return st;
}
