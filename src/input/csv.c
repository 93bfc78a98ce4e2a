#include "csv.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "alloc.h"
#include "csv_impl.h"
#include "near.h"

#ifndef DCR_CSV_BLOCK /* fuzzing has its own, so that few bytes are many blocks */
#define DCR_CSV_BLOCK (4 << 20)
#endif

enum {
    BLOCK = DCR_CSV_BLOCK,  /* bytes read at once */
    RECORD_MAX = 256 << 20, /* a record longer than this is a quote gone astray */
    RECORD_MAX_MIB = RECORD_MAX >> 20,
    NAME_MAX_SHOWN = 40
};

/* Where blocks come from, in order. */
typedef struct feed {
    pthread_mutex_t lock;
    int fd;
    const char *path;
    uint8_t *rest; /* read, but not yet handed out */
    size_t n_rest, cap_rest;
    bool ended;
    dcr_err err;
} feed;

typedef struct reader {
    dcr_csv *t;
    feed feed;
    atomic_bool stop;
    atomic_size_t next_column;
    const dcr_csv_options *o;
    dcr_err *column_err; /* by column */
} reader;

static dcr_status read_failed(feed *f)
{
    return dcr_fail(&f->err, DCR_EIO, f->path, "cannot read: %s", strerror(errno));
}

/* Reads into p[*n .. cap) until it is full or the file ends. */
static dcr_status fill(feed *f, uint8_t *p, size_t *n, size_t cap)
{
    while (*n < cap && !f->ended) {
        ssize_t got = read(f->fd, p + *n, cap - *n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return read_failed(f);
        f->ended = got == 0;
        *n += (size_t)got;
    }
    return DCR_OK;
}

/* Whole records into *p (grown as needed), *n bytes of them with their pad; 0 at the end.
 */
static dcr_status next(feed *f, uint8_t **p, size_t *cap, size_t *n)
{
    size_t have = 0, cut = 0, want = BLOCK;
    dcr_status rc = DCR_OK;
    *n = 0;
    while (want < 2 * f->n_rest)
        want *= 2;
    for (; rc == DCR_OK && cut == 0; want *= 2) {
        if (!dcr_grow(p, cap, want + CSV_PAD, 1))
            return dcr_nomem(&f->err);
        if (have == 0 && f->n_rest > 0)
            memcpy(*p, f->rest, have = f->n_rest);
        rc = fill(f, *p, &have, want);
        cut = f->ended ? have : dcr_csv_cut(*p, have);
        if (f->ended)
            break;
        if (rc == DCR_OK && cut == 0 && want >= RECORD_MAX)
            rc = dcr_fail(&f->err, DCR_EFORMAT, f->path,
                          "a record of more than %d MiB: a quote that nothing closes?",
                          RECORD_MAX_MIB);
    }
    if (rc != DCR_OK)
        return rc;
    f->n_rest = have - cut;
    if (!dcr_grow(&f->rest, &f->cap_rest, f->n_rest + 1, 1))
        return dcr_nomem(&f->err);
    memcpy(f->rest, *p + cut, f->n_rest);
    memset(*p + cut, 0, CSV_PAD);
    (*p)[cut] = '\n';
    *n = cut;
    return DCR_OK;
}

/* ---- header ---- */

static dcr_status header_fault(const feed *f, const uint8_t *p, size_t at,
                               const char *why, dcr_err *err)
{
    dcr_status rc = dcr_fail(err, DCR_EFORMAT, f->path, "%s", why);
    if (err != NULL)
        err->line = 1 + (long)dcr_csv_lines(p, at);
    return rc;
}

/* The names of the columns, one after the other with a NUL behind each, and where they
 * begin. */
typedef struct header {
    dcr_arena arena;
    const char **name;
    size_t n, cap;
} header;

static dcr_status read_names(header *h, const feed *f, const uint8_t *p, size_t n,
                             const dcr_csv_options *o, size_t *length, dcr_err *err)
{
    csv_scratch scratch = {0};
    const uint8_t *at = p;
    dcr_status rc = DCR_OK;
    do {
        size_t size;
        const char *why, *name;
        const uint8_t *cell;
        at += h->n > 0;
        cell = dcr_csv_cell(&at, p + n, (uint8_t)o->delimiter, &scratch, &size, &why);
        if (cell == NULL && why != NULL) {
            rc = header_fault(f, p, (size_t)(at - p), why, err);
            break;
        }
        while (o->trim && cell != NULL && size > 0 &&
               (cell[size - 1] == ' ' || cell[size - 1] == '\t'))
            size--;
        while (o->trim && cell != NULL && size > 0 && (*cell == ' ' || *cell == '\t')) {
            cell++;
            size--;
        }
        name = cell == NULL ? NULL : dcr_arena_bytes(&h->arena, cell, size);
        if (name == NULL || !dcr_grow(&h->name, &h->cap, h->n + 1, sizeof *h->name)) {
            rc = dcr_nomem(err);
            break;
        }
        h->name[h->n++] = name;
    } while (*at == (uint8_t)o->delimiter);
    *length = (size_t)(at - p) + (*at == '\r') + 1;
    *length = *length > n ? n : *length;
    dcr_csv_scratch_clear(&scratch);
    return rc;
}

static dcr_status no_column(const header *h, const char *path, const char *name,
                            dcr_err *err)
{
    dcr_near near = dcr_near_of(name);
    for (size_t i = 0; i < h->n; i++)
        dcr_near_try(&near, h->name[i]);
    if (near.found != NULL)
        return dcr_fail(err, DCR_EARG, path, "no column '%.*s'; did you mean '%s'?",
                        NAME_MAX_SHOWN, name, near.found);
    return dcr_fail(err, DCR_EARG, path, "no column '%.*s'%s", NAME_MAX_SHOWN, name,
                    h->n == 1 ? "; the header is one cell: is it another --delimiter?"
                              : "");
}

static dcr_status find_columns(dcr_csv *t, const header *h, const char *path,
                               const char *const *name, size_t n_optional, dcr_err *err)
{
    csv_layout *l = &t->work->layout;
    l->n_columns = h->n;
    l->want = dcr_alloc(h->n, sizeof *l->want);
    if (l->want == NULL)
        return dcr_nomem(err);
    for (size_t k = 0; k < l->n_wanted; k++) {
        bool optional = k >= l->n_wanted - n_optional;
        size_t found = 0;
        for (size_t i = 0; i < h->n; i++) {
            if (strcmp(h->name[i], name[k]) != 0)
                continue;
            l->want[i] = (uint32_t)k + 1;
            found++;
        }
        t->column[k].found = found > 0;
        if (found == 0 && !optional)
            return no_column(h, path, name[k], err);
        if (found > 1)
            return dcr_fail(err, DCR_EARG, path,
                            "%zu columns are called '%.*s'; rename all but one", found,
                            NAME_MAX_SHOWN, name[k]);
    }
    return DCR_OK;
}

/* Reads the header, and leaves what is behind it in the feed. */
static dcr_status read_header(reader *r, const char *const *name, dcr_err *err)
{
    feed *f = &r->feed;
    uint8_t *p = NULL;
    size_t cap = 0, n = 0, bom = 0, length = 0, at = 0;
    header h = {0};
    const char *why;
    dcr_status rc = next(f, &p, &cap, &n);
    if (rc != DCR_OK) {
        dcr_fail(err, rc, f->path, "%s", f->err.text);
    } else {
        bom = n >= 3 && memcmp(p, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
        if (n == bom)
            rc = dcr_fail(err, DCR_EFORMAT, f->path, "empty: there is no header");
    }
    if (rc == DCR_OK)
        rc = read_names(&h, f, p + bom, n - bom, r->o, &length, err);
    if (rc == DCR_OK && (why = dcr_csv_text_fault(p, bom + length, &at)) != NULL)
        rc = header_fault(f, p, at, why, err);
    if (rc == DCR_OK)
        rc = find_columns(r->t, &h, f->path, name, r->o->n_optional, err);
    if (rc == DCR_OK) {
        size_t left = n - bom - length;
        r->t->work->header_lines = dcr_csv_lines(p, bom + length);
        if (!dcr_grow(&f->rest, &f->cap_rest, left + f->n_rest + 1, 1)) {
            rc = dcr_nomem(err);
        } else {
            memmove(f->rest + left, f->rest, f->n_rest);
            memcpy(f->rest, p + bom + length, left);
            f->n_rest += left;
        }
    }
    dcr_arena_clear(&h.arena);
    dcr_free(h.name);
    dcr_free(p);
    return rc;
}

/* ---- records ---- */

/* The next block of whole records and its place in the list; *b is NULL at the end. */
static dcr_status take(reader *r, unsigned worker, uint8_t **p, size_t *cap, size_t *n,
                       csv_block **b)
{
    dcr_csv_work *w = r->t->work;
    dcr_status rc;
    *b = NULL;
    pthread_mutex_lock(&r->feed.lock);
    rc = r->feed.err.code != DCR_OK ? r->feed.err.code : next(&r->feed, p, cap, n);
    if (rc == DCR_OK && *n > 0 && !atomic_load(&r->stop)) {
        *b = dcr_alloc(1, sizeof **b);
        if (*b == NULL ||
            !dcr_grow(&w->block, &w->cap_blocks, w->n_blocks + 1, sizeof *w->block)) {
            rc = dcr_nomem(&r->feed.err);
            dcr_free(*b);
            *b = NULL;
        } else {
            (*b)->worker = worker;
            w->block[w->n_blocks++] = *b;
        }
    }
    pthread_mutex_unlock(&r->feed.lock);
    return rc;
}

static void parse_blocks(void *ctx, unsigned worker)
{
    reader *r = ctx;
    dcr_csv_work *w = r->t->work;
    csv_scratch scratch = {0};
    uint8_t *p = NULL;
    size_t cap = 0, n;
    csv_block *b;
    while (take(r, worker, &p, &cap, &n, &b) == DCR_OK && b != NULL)
        if (dcr_csv_parse(b, p, n, &w->layout, w->words + worker * w->layout.n_wanted,
                          &scratch) != DCR_OK)
            atomic_store(&r->stop, true);
    dcr_csv_scratch_clear(&scratch);
    dcr_free(p);
}

static void make_codes(void *ctx, unsigned worker)
{
    reader *r = ctx;
    size_t c;
    (void)worker;
    while ((c = atomic_fetch_add(&r->next_column, 1)) < r->t->n_columns)
        if (dcr_csv_codes(r->t, c, r->o, &r->column_err[c]) != DCR_OK)
            r->column_err[c].code = DCR_ENOMEM;
}

/* The first failure in the file, whoever met it. */
static dcr_status outcome(reader *r, dcr_err *err)
{
    dcr_csv_work *w = r->t->work;
    size_t lines = w->header_lines;
    for (size_t i = 0; i < w->n_blocks; i++) {
        csv_block *b = w->block[i];
        if (b->err.code != DCR_OK) {
            dcr_fail(err, b->err.code, r->feed.path, "%s", b->err.text);
            if (err != NULL && b->err.line > 0)
                err->line = b->err.line + (long)lines;
            return b->err.code;
        }
        lines += b->n_lines;
        r->t->n_rows += b->n_rows;
    }
    if (r->feed.err.code != DCR_OK)
        dcr_fail(err, r->feed.err.code, r->feed.path, "%s", r->feed.err.text);
    if (r->feed.err.code == DCR_OK && r->t->n_rows >= UINT32_MAX)
        return dcr_fail(err, DCR_EFORMAT, r->feed.path, "more than %u records",
                        UINT32_MAX - 1);
    return r->feed.err.code;
}

static dcr_status read_records(reader *r, dcr_err *err)
{
    dcr_csv *t = r->t;
    dcr_csv_work *w = t->work;
    dcr_status rc;
    w->words = dcr_alloc(w->n_workers * t->n_columns, sizeof *w->words);
    r->column_err = dcr_alloc(t->n_columns, sizeof *r->column_err);
    if (w->words == NULL || r->column_err == NULL)
        return dcr_nomem(err);
    dcr_pool_run(w->n_workers, parse_blocks, r);
    rc = outcome(r, err);
    if (rc != DCR_OK)
        return rc;
    dcr_pool_run(w->n_workers, make_codes, r);
    for (size_t c = 0; c < t->n_columns; c++)
        if (r->column_err[c].code != DCR_OK)
            return dcr_nomem(err);
    return DCR_OK;
}

static dcr_status begin(dcr_csv **out, const char *const *name, size_t n_names,
                        const dcr_csv_options *o, dcr_err *err)
{
    dcr_csv *t = *out = dcr_alloc(1, sizeof *t);
    if (t == NULL)
        return dcr_nomem(err);
    t->n_columns = n_names;
    t->column = dcr_alloc(n_names, sizeof *t->column);
    t->work = dcr_alloc(1, sizeof *t->work);
    if (t->column == NULL || t->work == NULL)
        return dcr_nomem(err);
    t->work->layout.n_wanted = n_names;
    t->work->layout.delimiter = (uint8_t)o->delimiter;
    t->work->n_workers = o->jobs == 0 ? 1 : o->jobs;
    if (t->work->n_workers > DCR_POOL_MAX)
        t->work->n_workers = DCR_POOL_MAX;
    t->work->arena = dcr_alloc(n_names, sizeof *t->work->arena);
    if (t->work->arena == NULL)
        return dcr_nomem(err);
    for (size_t c = 0; c < n_names; c++)
        t->column[c].name = name[c];
    return DCR_OK;
}

dcr_status dcr_csv_read(dcr_csv **out, const char *path, const char *const *name,
                        size_t n_names, const dcr_csv_options *o, dcr_err *err)
{
    reader r = {.o = o, .feed.path = path};
    bool is_stdin = strcmp(path, "-") == 0;
    dcr_status rc = begin(out, name, n_names, o, err);
    r.t = *out;
    pthread_mutex_init(&r.feed.lock, NULL);
    r.feed.fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (rc == DCR_OK && r.feed.fd < 0)
        rc = dcr_fail(err, DCR_EIO, path, "cannot read: %s", strerror(errno));
    if (rc == DCR_OK)
        rc = read_header(&r, name, err);
    if (rc == DCR_OK)
        rc = read_records(&r, err);
    if (!is_stdin && r.feed.fd >= 0)
        close(r.feed.fd);
    pthread_mutex_destroy(&r.feed.lock);
    dcr_free(r.feed.rest);
    dcr_free(r.column_err);
    if (rc != DCR_OK) {
        dcr_csv_free(*out);
        *out = NULL;
    }
    return rc;
}

uint64_t dcr_csv_line(const dcr_csv *t, size_t row)
{
    uint64_t line = 1 + t->work->header_lines;
    size_t i = 0;
    while (i < t->work->n_blocks && row >= t->work->block[i]->n_rows) {
        row -= t->work->block[i]->n_rows;
        line += t->work->block[i++]->n_lines;
    }
    if (i == t->work->n_blocks)
        return line;
    return line + (t->work->block[i]->line == NULL ? row : t->work->block[i]->line[row]);
}

void dcr_csv_free(dcr_csv *t)
{
    dcr_csv_work *w;
    if (t == NULL)
        return;
    w = t->work;
    for (size_t c = 0; t->column != NULL && c < t->n_columns; c++)
        dcr_free(t->column[c].code);
    dcr_free(t->column);
    for (size_t i = 0; w != NULL && i < w->n_blocks; i++)
        dcr_csv_block_free(w->block[i], t->n_columns);
    for (size_t i = 0; w != NULL && w->words != NULL && i < w->n_workers * t->n_columns;
         i++)
        dcr_csv_words_clear(&w->words[i]);
    for (size_t c = 0; w != NULL && w->arena != NULL && c < t->n_columns; c++)
        dcr_arena_clear(&w->arena[c]);
    if (w != NULL) {
        dcr_free(w->layout.want);
        dcr_free(w->block);
        dcr_free(w->words);
        dcr_free(w->arena);
    }
    dcr_free(w);
    dcr_free(t);
}
