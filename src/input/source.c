#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "alloc.h"

enum { FIRST = 32768, PAGE = 4096, AFTER_JUMP = PAGE };

/* Of most files the first read is all that is wanted: on a cold disk the kernel would
 * read four times as much ahead, for half of the time.  Who goes on without a jump wants
 * it. */
static void spare(dcr_source *s, bool sparing)
{
    if (s->sparing == sparing)
        return;
    (void)posix_fadvise(s->fd, 0, 0, sparing ? POSIX_FADV_RANDOM : POSIX_FADV_NORMAL);
    s->sparing = sparing;
}

bool dcr_source_init(dcr_source *s)
{
    memset(s, 0, sizeof *s);
    s->fd = -1;
    s->buf = dcr_alloc(DCR_SOURCE_WINDOW, 1);
    return s->buf != NULL;
}

static void inflate_stop(dcr_source *s)
{
    if (s->z != NULL)
        inflateEnd(s->z);
    dcr_free(s->z);
    dcr_free(s->zbuf);
    s->z = NULL;
    s->zbuf = NULL;
}

void dcr_source_clear(dcr_source *s)
{
    inflate_stop(s);
    dcr_free(s->buf);
    memset(s, 0, sizeof *s);
}

/* Files that lie side by side have headers of about one length.  A page more than the
 * last one wanted costs less than to ask again; whatever is guessed, no byte that is
 * needed stays unread. */
static size_t guess_first(const dcr_source *s)
{
    uint64_t n = s->wanted > 0 ? s->wanted : s->pos;
    if (n == 0 || s->z != NULL)
        return FIRST;
    n = (n / PAGE + 2) * PAGE;
    return n > DCR_SOURCE_WINDOW ? DCR_SOURCE_WINDOW : (size_t)n;
}

void dcr_source_start(dcr_source *s, int fd, uint64_t size)
{
    size_t first = guess_first(s);
    inflate_stop(s);
    s->fd = fd;
    s->size = size;
    s->failed = 0;
    s->pos = s->file_at = s->wanted = 0;
    s->at = s->end = 0;
    s->chunk = first;
    s->z_end = s->z_bad = s->sparing = false;
    if (size > 2 * FIRST)
        spare(s, true);
}

bool dcr_source_inflate_end(dcr_source *s)
{
    if (s->z == NULL || !s->z_end)
        return false;
    s->file_at -= s->z->avail_in;
    s->at = s->end = 0;
    inflate_stop(s);
    return true;
}

static void *z_alloc(void *opaque, unsigned n, unsigned size)
{
    (void)opaque;
    return dcr_alloc(n, size);
}

static void z_free(void *opaque, void *p)
{
    (void)opaque;
    dcr_free(p);
}

bool dcr_source_inflate(dcr_source *s)
{
    size_t have = s->end - s->at;
    s->z = dcr_alloc(1, sizeof *s->z);
    s->zbuf = dcr_alloc(DCR_SOURCE_WINDOW, 1);
    if (s->z == NULL || s->zbuf == NULL)
        return false;
    s->z->zalloc = z_alloc;
    s->z->zfree = z_free;
    if (inflateInit2(s->z, -MAX_WBITS) != Z_OK) {
        dcr_free(s->z);
        s->z = NULL;
        return false;
    }
    /* How far one may go back hangs on the file alone, not on what was read of it. */
    s->chunk = DCR_SOURCE_WINDOW;
    memcpy(s->zbuf, s->buf + s->at, have);
    s->z->next_in = s->zbuf;
    s->z->avail_in = (unsigned)have;
    s->at = s->end = 0;
    return true;
}

static size_t read_file(dcr_source *s, uint8_t *to, size_t n)
{
    ssize_t got;
    if (s->failed || s->file_at >= s->size)
        return 0;
    n = n > s->size - s->file_at ? (size_t)(s->size - s->file_at) : n;
    do
        got = pread(s->fd, to, n, (off_t)s->file_at);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        s->failed = errno;
    if (got <= 0)
        return 0;
    s->file_at += (uint64_t)got;
    return (size_t)got;
}

static size_t read_inflated(dcr_source *s, uint8_t *to, size_t n)
{
    s->z->next_out = to;
    s->z->avail_out = (unsigned)n;
    while (s->z->avail_out > 0 && !s->z_end && !s->z_bad) {
        int rc;
        if (s->z->avail_in == 0) {
            s->z->next_in = s->zbuf;
            s->z->avail_in = (unsigned)read_file(s, s->zbuf, DCR_SOURCE_WINDOW);
            if (s->z->avail_in == 0)
                break;
        }
        rc = inflate(s->z, Z_NO_FLUSH);
        s->z_end = rc == Z_STREAM_END;
        s->z_bad = rc != Z_OK && rc != Z_STREAM_END && rc != Z_BUF_ERROR;
    }
    return n - s->z->avail_out;
}

static size_t fill(dcr_source *s)
{
    size_t room, got;
    if (s->at > 0) {
        memmove(s->buf, s->buf + s->at, s->end - s->at);
        s->end -= s->at;
        s->at = 0;
    }
    if (s->chunk >= DCR_SOURCE_WINDOW)
        spare(s, false);
    room = DCR_SOURCE_WINDOW - s->end;
    room = room > s->chunk ? s->chunk : room;
    s->chunk = s->chunk >= DCR_SOURCE_WINDOW ? DCR_SOURCE_WINDOW : s->chunk * 2;
    got = s->z != NULL ? read_inflated(s, s->buf + s->end, room)
                       : read_file(s, s->buf + s->end, room);
    s->end += got;
    return got;
}

const uint8_t *dcr_source_need_more(dcr_source *s, size_t n)
{
    while (s->end - s->at < n)
        if (fill(s) == 0)
            return NULL;
    return s->buf + s->at;
}

const uint8_t *dcr_source_peek_more(dcr_source *s, size_t n, size_t *got)
{
    while (s->end - s->at < n)
        if (fill(s) == 0)
            break;
    *got = s->end - s->at < n ? s->end - s->at : n;
    return s->buf + s->at;
}

bool dcr_source_back(dcr_source *s, uint64_t n)
{
    if (n <= s->at) {
        s->at -= (size_t)n;
        s->pos -= n;
        return true;
    }
    if (s->z != NULL || n > s->pos)
        return false;
    s->pos -= n;
    s->file_at -= (s->end - s->at) + n;
    s->at = s->end = 0;
    return true;
}

bool dcr_source_skip(dcr_source *s, uint64_t n)
{
    size_t have = s->end - s->at;
    s->wanted = s->wanted == 0 ? s->pos : s->wanted;
    if (n <= have) {
        dcr_source_eat(s, (size_t)n);
        return true;
    }
    if (s->z == NULL) {
        if (n > dcr_source_left(s))
            return false;
        s->file_at += n - have;
        s->pos += n;
        s->at = s->end = 0;
        s->chunk = AFTER_JUMP;
        return true;
    }
    while (n > 0) {
        have = s->end - s->at;
        if (have == 0 && fill(s) == 0)
            return false;
        have = s->end - s->at < n ? s->end - s->at : (size_t)n;
        dcr_source_eat(s, have);
        n -= have;
    }
    return true;
}

uint64_t dcr_source_left(const dcr_source *s)
{
    if (s->z != NULL)
        return UINT64_MAX;
    return s->size - s->file_at + (s->end - s->at);
}
