/* A manifest of the dataset: one root over all files, and a list of their digests.
 *
 * The root is the Merkle tree hash of RFC 6962 over one leaf a file, by input and bytes
 * of the path.  A leaf is fields set apart by NUL, which no path holds:
 *
 *     contents  INPUT PATH SIZE SHA256
 *     headers   INPUT PATH SIZE KIND STATUS SOP ELEMENTS PRIVATE UNDECODABLE
 *
 * with the word in front of them.  Numbers are decimal, INPUT counts from 1, SHA256 (of
 * the content) and SOP (XXH3-128 of the SOPInstanceUID) are hex, "" for none.  With a key
 * the leaf is the HMAC-SHA-256 of that, in its 32 bytes. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../input/walk.h"
#include "../store/scanfile.h"
#include "alloc.h"
#include "arena.h"
#include "buf.h"
#include "dcmrisk/dcmrisk.h"
#include "pool.h"
#include "sha256.h"

enum { BATCH = 256, THREADS = 8, CHUNK = 1 << 17 };

typedef struct item { /* a file on its way; strings are of the arena */
    dcr_store_entry e;
    const char *full; /* NULL: has no content */
    dcr_digest256 digest;
    bool hashed, missing;
} item;

typedef struct making {
    const dcr_manifest_options *o;
    dcr_manifest *out;
    dcr_sha256 *plain, *keyed; /* workspaces; keyed NULL: no key */
    dcr_merkle tree;
    dcr_buf leaf, name;
    FILE *list; /* NULL: none is written */
    /* what the last input is */
    uint32_t input;
    bool listed, is_folder;
    dcr_arena arena; /* of the batch */
    item batch[BATCH];
    size_t n;
    atomic_size_t next;
    dcr_progress progress;
} making;

/* ---- leaves ---- */

static void field(dcr_buf *b, const char *s)
{
    dcr_buf_char(b, '\0');
    dcr_buf_str(b, s);
}

static void number(dcr_buf *b, uint64_t v)
{
    dcr_buf_char(b, '\0');
    dcr_buf_u64(b, v);
}

static void sop_field(dcr_buf *b, const uint8_t *sop)
{
    char hex[32];
    dcr_buf_char(b, '\0');
    dcr_buf_add(b, hex, sop == NULL ? 0 : dcr_hex_text(hex, sop, sizeof hex / 2));
}

static dcr_status add_leaf(making *m, const item *it, dcr_err *err)
{
    const dcr_store_entry *e = &it->e;
    dcr_buf *b = &m->leaf;
    char hex[DCR_SHA256_HEX] = "";
    b->n = 0;
    dcr_buf_str(b, m->o->contents ? "contents" : "headers");
    number(b, e->input);
    dcr_buf_char(b, '\0');
    dcr_buf_add(b, e->path.p, e->path.n);
    number(b, e->size);
    if (m->o->contents) {
        if (it->hashed)
            dcr_sha256_hex(&it->digest, hex);
        field(b, hex);
    } else {
        field(b, e->kind);
        field(b, e->status);
        sop_field(b, e->sop);
        number(b, e->elements);
        number(b, e->private_elements);
        number(b, e->undecodable);
    }
    if (b->failed)
        return dcr_nomem(err);
    if (m->keyed != NULL) {
        dcr_digest256 d;
        dcr_sha256_add(m->keyed, b->p, b->n);
        d = dcr_sha256_end(m->keyed);
        dcr_merkle_add(&m->tree, m->plain, d.b, sizeof d.b);
    } else {
        dcr_merkle_add(&m->tree, m->plain, b->p, b->n);
    }
    return DCR_OK;
}

/* ---- the list, as sha256sum writes and reads it ---- */

static void write_path(FILE *f, const dcr_bytes *path)
{
    for (uint32_t i = 0; i < path->n; i++) {
        int c = path->p[i];
        if (c == '\n' || c == '\r' || c == '\\') {
            fputc('\\', f);
            c = c == '\n' ? 'n' : c == '\r' ? 'r' : '\\';
        }
        fputc(c, f);
    }
}

static void write_line(const making *m, const item *it)
{
    const dcr_bytes *p = &it->e.path;
    bool escaped = p->n > 0 &&
                   (memchr(p->p, '\n', p->n) != NULL ||
                    memchr(p->p, '\r', p->n) != NULL || memchr(p->p, '\\', p->n) != NULL);
    char hex[DCR_SHA256_HEX];
    if (m->list == NULL || !it->hashed)
        return;
    dcr_sha256_hex(&it->digest, hex);
    /* A file named "-" would be read from standard input. */
    fprintf(m->list, "%s%s  %s", escaped ? "\\" : "", hex,
            p->n == 1 && p->p[0] == '-' ? "./" : "");
    write_path(m->list, p);
    fputc('\n', m->list);
}

/* ---- hashing ---- */

/* A file that is not what was scanned is not hashed: the root would vouch for it. */
static bool is_as_scanned(int fd, const dcr_store_entry *e)
{
    struct stat s;
    return fstat(fd, &s) == 0 && S_ISREG(s.st_mode) && (uint64_t)s.st_size == e->size &&
           (int64_t)s.st_mtim.tv_sec * 1000000000 + s.st_mtim.tv_nsec == e->mtime_ns;
}

static void hash_file(item *it, dcr_sha256 *h, uint8_t *chunk)
{
    int fd = dcr_open_path(it->full, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    ssize_t n = 0;
    if (fd < 0)
        return;
    if (is_as_scanned(fd, &it->e)) {
        while ((n = read(fd, chunk, CHUNK)) > 0 || (n < 0 && errno == EINTR))
            if (n > 0)
                dcr_sha256_add(h, chunk, (size_t)n);
        it->digest = dcr_sha256_end(h);
        it->hashed = n == 0 && is_as_scanned(fd, &it->e);
    }
    close(fd);
}

static void work(void *ctx, unsigned worker)
{
    making *m = ctx;
    dcr_sha256 *h = dcr_sha256_new();
    uint8_t *chunk = dcr_alloc(CHUNK, 1);
    (void)worker;
    for (size_t i;
         h != NULL && chunk != NULL && (i = atomic_fetch_add(&m->next, 1)) < m->n;)
        if (m->batch[i].full != NULL)
            hash_file(&m->batch[i], h, chunk);
    dcr_free(chunk);
    dcr_sha256_free(h);
}

/* ---- batches ---- */

static dcr_status flush(making *m, dcr_err *err)
{
    dcr_status rc = DCR_OK;
    atomic_store(&m->next, 0);
    if (m->o->contents && m->n > 0)
        dcr_pool_run(
            dcr_pool_cpus(m->o->jobs > 0 && m->o->jobs < THREADS ? m->o->jobs : THREADS),
            work, m);
    for (size_t i = 0; i < m->n && rc == DCR_OK; i++) {
        item *it = &m->batch[i];
        rc = add_leaf(m, it, err);
        write_line(m, it);
        m->out->files++;
        m->out->without_content += !it->hashed && (it->full != NULL || it->missing);
        m->progress.files_done++;
        m->progress.bytes_done += it->e.size;
    }
    if (m->o->contents && m->o->progress != NULL)
        m->o->progress(m->o->progress_ctx, &m->progress);
    m->n = 0;
    dcr_arena_clear(&m->arena);
    if (rc == DCR_OK && m->o->stop != NULL && *m->o->stop)
        rc = dcr_fail(err, DCR_EINTERRUPTED, NULL, "interrupted");
    return rc;
}

/* An input is a folder with paths below it, a file, or a list of paths. */
static void next_input(making *m, const dcr_store_entry *e)
{
    struct stat s;
    bool first = m->input == 0;
    m->input = e->input;
    m->listed = strcmp(e->input_name, "(list)") == 0;
    m->is_folder = !m->listed && stat(e->input_name, &s) == 0 && S_ISDIR(s.st_mode);
    if (m->list != NULL && (!first || e->input > 1))
        fprintf(m->list, "# input %" PRIu32 "\n", e->input);
}

static const char *full_name(making *m, const dcr_store_entry *e)
{
    dcr_buf *b = &m->name;
    b->n = 0;
    if (!m->listed)
        dcr_buf_str(b, e->input_name);
    if (m->is_folder)
        dcr_buf_char(b, '/');
    if (m->is_folder || m->listed)
        dcr_buf_add(b, e->path.p, e->path.n);
    return b->failed ? NULL : dcr_arena_bytes(&m->arena, b->p, b->n);
}

static dcr_status take(void *ctx, const dcr_store_entry *e, dcr_err *err)
{
    making *m = ctx;
    item *it = &m->batch[m->n];
    const char *kinds[] = {"special", "link", "folder"};
    bool plain = true;
    if (e->input != m->input) {
        dcr_status rc = flush(m, err);
        if (rc != DCR_OK)
            return rc;
        it = &m->batch[m->n];
        next_input(m, e);
    }
    memset(it, 0, sizeof *it);
    it->e = *e;
    it->e.path.p = (const uint8_t *)dcr_arena_bytes(&m->arena, e->path.p, e->path.n);
    it->e.kind = dcr_arena_str(&m->arena, e->kind);
    it->e.status = dcr_arena_str(&m->arena, e->status);
    it->e.sop =
        e->sop == NULL ? NULL : (const uint8_t *)dcr_arena_bytes(&m->arena, e->sop, 16);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        plain &= strcmp(e->kind, kinds[i]) != 0;
    it->full = plain && m->o->contents ? full_name(m, e) : NULL;
    it->missing = !plain && strcmp(e->status, "ok") != 0;
    if (it->e.path.p == NULL || it->e.kind == NULL || it->e.status == NULL ||
        (e->sop != NULL && it->e.sop == NULL) ||
        (plain && m->o->contents && it->full == NULL))
        return dcr_nomem(err);
    return ++m->n == BATCH ? flush(m, err) : DCR_OK;
}

/* ---- the whole ---- */

/* The list names files: private, and never written through a link. */
static dcr_status open_list(making *m, dcr_buf *temporary, dcr_err *err)
{
    int fd;
    dcr_buf_fmt(temporary, "%s.%ld.part", m->o->list, (long)getpid());
    if (temporary->failed)
        return dcr_nomem(err);
    fd = open(temporary->p, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    m->list = fd < 0 ? NULL : fdopen(fd, "w");
    if (m->list == NULL && fd >= 0)
        close(fd);
    return m->list != NULL
               ? DCR_OK
               : dcr_fail(err, DCR_EIO, m->o->list, "cannot write: %s", strerror(errno));
}

static dcr_status close_list(making *m, const char *temporary, dcr_status rc,
                             dcr_err *err)
{
    bool failed;
    if (m->list == NULL)
        return rc;
    errno = 0;
    failed = ferror(m->list) != 0;
    failed |= fclose(m->list) != 0;
    if (rc == DCR_OK && !failed && rename(temporary, m->o->list) == 0)
        return DCR_OK;
    if (rc == DCR_OK)
        rc = dcr_fail(err, DCR_EIO, m->o->list, "cannot write: %s", strerror(errno));
    unlink(temporary);
    return rc;
}

dcr_status dcr_manifest_make(dcr_manifest *out, dcr_store *scan,
                             const dcr_manifest_options *o, dcr_err *err)
{
    making *m = dcr_alloc(1, sizeof *m);
    dcr_buf temporary = {0};
    dcr_digest256 root;
    dcr_status rc = DCR_OK;
    memset(out, 0, sizeof *out);
    if (m == NULL)
        return dcr_nomem(err);
    m->o = o;
    m->out = out;
    out->contents = o->contents;
    out->keyed = o->key != NULL;
    m->plain = dcr_sha256_new();
    m->keyed = o->key == NULL ? NULL : dcr_sha256_new_keyed(o->key, o->n_key);
    if (m->plain == NULL || (o->key != NULL && m->keyed == NULL))
        rc = dcr_nomem(err);
    m->progress.files_total = o->contents ? dcr_store_n_entries(scan) : 0;
    if (rc == DCR_OK && o->contents && o->list != NULL)
        rc = open_list(m, &temporary, err);
    if (rc == DCR_OK)
        rc = dcr_store_entries(scan, take, m, err);
    if (rc == DCR_OK)
        rc = flush(m, err);
    rc = close_list(m, temporary.p, rc, err);
    if (rc == DCR_OK) {
        root = dcr_merkle_root(&m->tree, m->plain);
        dcr_sha256_hex(&root, out->root);
    }
    dcr_buf_clear(&temporary);
    dcr_buf_clear(&m->leaf);
    dcr_buf_clear(&m->name);
    dcr_arena_clear(&m->arena);
    dcr_sha256_free(m->keyed);
    dcr_sha256_free(m->plain);
    dcr_free(m);
    return rc;
}
