#include <string.h>

#include "alloc.h"
#include "reader_impl.h"

enum { HEAD = 4096, PREAMBLE = 128, MAGIC = 4 };

dcr_budget dcr_budget_default(void)
{
    dcr_budget b = {100, 10000000, 512ull * 1024 * 1024, 20000};
    return b;
}

dcr_reader *dcr_reader_new(const dcr_budget *budget, dcr_reader_kind kind)
{
    dcr_reader *r = dcr_alloc(1, sizeof *r);
    if (r == NULL)
        return NULL;
    r->budget = budget != NULL ? *budget : dcr_budget_default();
    r->next_charset = kind == DCR_READER_DCMTK;
    if (kind == DCR_READER_DCMTK && (r->dcmtk = dcr_dcmtk_new()) == NULL) {
        dcr_free(r);
        return NULL;
    }
    return r;
}

void dcr_reader_free(dcr_reader *r)
{
    if (r == NULL)
        return;
    dcr_dcmtk_free(r->dcmtk);
    dcr_charset_free(r->utf8);
    dcr_reader_charsets_clear(r);
    dcr_free(r->charset);
    dcr_free(r->frame);
    dcr_free(r->creator);
    dcr_buf_clear(&r->text);
    dcr_buf_clear(&r->big);
    dcr_free(r);
}

void dcr_reading_clear(dcr_reading *out)
{
    for (size_t i = 0; i < DCR_ID_N; i++)
        dcr_buf_clear(&out->id[i]);
    memset(out, 0, sizeof *out);
}

/* ---- the file ---- */

static dcr_frame *push_data_set(dcr_reader *r, dcr_syntax s)
{
    dcr_frame *f = dcr_reader_push(r);
    if (f == NULL)
        return NULL;
    f->end = DCR_NO_END;
    f->limit = r->src->z != NULL ? DCR_NO_END : r->src->size;
    f->path = DCR_PATH_ROOT;
    f->before = DCR_PATH_NONE;
    f->syntax = s;
    r->n_creators = 0;
    return f;
}

static void read_preamble(dcr_reader *r)
{
    static const uint8_t nothing[PREAMBLE];
    bool zero;
    uint64_t left;
    dcr_syntax s;
    size_t got;
    const uint8_t *p = dcr_source_peek(r->src, PREAMBLE + MAGIC, &got);
    if (got < PREAMBLE + MAGIC || memcmp(p + PREAMBLE, "DICM", MAGIC) != 0)
        return;
    p = dcr_source_peek(r->src, HEAD, &got);
    left = dcr_source_left(r->src);
    if (dcr_syntax_guess(p, got, left, &s) >= 3 &&
        dcr_syntax_guess(p + PREAMBLE + MAGIC, got - PREAMBLE - MAGIC,
                         left - PREAMBLE - MAGIC, &s) == 0)
        return; /* a data set without a header that says DICM there by chance */
    p = dcr_source_need(r->src, PREAMBLE); /* empty it says nothing */
    if (memcmp(p, nothing, PREAMBLE) == 0)
        dcr_reader_eat(r, DCR_SHARE_AROUND, PREAMBLE);
    else
        dcr_reader_pseudo(r, "preamble", PREAMBLE, &zero);
    dcr_reader_eat(r, DCR_SHARE_AROUND, MAGIC);
    if (dcr_source_need(r->src, 8) == NULL)
        dcr_reader_stop(r, DCR_READ_TRUNCATED);
}

static void read_meta(dcr_reader *r)
{
    static const dcr_syntax little = {false, true};
    const uint8_t *p = dcr_source_need(r->src, 8);
    dcr_frame *f;
    if (r->stopped || p == NULL || dcr_get16(p, false) != 2)
        return;
    f = push_data_set(r, little);
    if (f == NULL)
        return;
    f->meta = true;
    dcr_reader_run(r);
    if (!r->stopped && r->meta_end > r->src->size)
        dcr_reader_stop(r, DCR_READ_TRUNCATED);
}

static bool is_deflated(const char *uid)
{
    return strcmp(uid, "1.2.840.10008.1.2.1.99") == 0 ||
           strcmp(uid, "1.2.840.10008.1.2.4.95") == 0 ||
           strcmp(uid, "1.2.840.10008.1.2.4.205") == 0;
}

/* What the file says of itself, unless its first bytes cannot be read that way. */
static bool choose_syntax(dcr_reader *r, dcr_syntax *s)
{
    size_t got;
    const uint8_t *p = dcr_source_peek(r->src, HEAD, &got);
    uint64_t left = dcr_source_left(r->src);
    bool declared = r->syntax_uid[0] != 0;
    s->big = strcmp(r->syntax_uid, "1.2.840.10008.1.2.2") == 0;
    s->explicit_vr = declared && strcmp(r->syntax_uid, "1.2.840.10008.1.2") != 0 &&
                     strcmp(r->syntax_uid, "1.2.840.113619.5.2") != 0;
    if (declared && dcr_syntax_score(p, got, left, *s) > 0)
        return true;
    return dcr_syntax_guess(p, got, left, s) > 0 || declared || r->out->elements > 0;
}

static void read_data_set(dcr_reader *r)
{
    dcr_syntax s;
    if (r->stopped)
        return;
    if (is_deflated(r->syntax_uid) && !dcr_source_inflate(r->src)) {
        dcr_reader_nomem(r);
        return;
    }
    if (!choose_syntax(r, &s)) {
        dcr_reader_stop(r, DCR_READ_CORRUPT);
        return;
    }
    r->last = 0;
    if (push_data_set(r, s) != NULL)
        dcr_reader_run(r);
}

/* Bytes behind a deflated data set; one zero makes the length even (PS3.5, A.5). */
static void read_behind_deflate(dcr_reader *r)
{
    bool zero;
    size_t got;
    const uint8_t *p;
    if (r->stopped || !dcr_source_inflate_end(r->src))
        return;
    p = dcr_source_peek(r->src, 2, &got);
    if (got == 1 && p[0] == 0)
        dcr_reader_eat(r, DCR_SHARE_AROUND, 1);
    else if (got > 0)
        dcr_reader_pseudo(r, "trailing", UINT64_MAX, &zero);
}

static dcr_status reset(dcr_reader *r, dcr_source *src, dcr_pathtab *paths,
                        const dcr_sink *sink, dcr_reading *out)
{
    r->src = src;
    r->paths = paths;
    r->sink = sink;
    r->out = out;
    r->n_frames = r->n_creators = 0;
    r->n_paths = 0;
    paths->first = paths->items + 1;
    r->bytes = r->meta_end = r->gap_end = 0;
    r->depth = r->last = 0;
    r->files++;
    r->file_charsets = 0;
    r->flaw = DCR_READ_OK;
    r->pixel_signed = r->stopped = false;
    r->syntax_uid[0] = 0;
    r->failed = DCR_OK;
    out->status = DCR_READ_OK;
    out->dicomdir = false;
    out->elements = out->private_elements = out->undecodable = 0;
    memset(out->share, 0, sizeof out->share);
    out->unaccounted = 0;
    for (size_t i = 0; i < DCR_ID_N; i++)
        out->id[i].n = 0;
    if (r->n_charsets > 32)
        dcr_reader_charsets_clear(r);
    if (r->n_charsets > 0)
        return DCR_OK;
    if (!dcr_grow(&r->charset, &r->cap_charsets, 1, sizeof *r->charset))
        return DCR_ENOMEM;
    memset(&r->charset[0], 0, sizeof r->charset[0]);
    r->n_charsets = 1;
    return DCR_OK;
}

/* Every byte of a file that was read is header, value, passed over or around them. */
static void account(dcr_reader *r)
{
    uint64_t sum = 0, left = dcr_source_left(r->src);
    for (size_t i = 0; i < DCR_SHARE_N; i++)
        sum += r->out->share[i];
    if (sum != r->src->pos)
        r->out->unaccounted = sum > r->src->pos ? sum - r->src->pos : r->src->pos - sum;
    r->out->unaccounted += left;
    if (r->out->unaccounted != 0)
        r->out->status = DCR_READ_CORRUPT;
}

dcr_status dcr_reader_file(dcr_reader *r, dcr_source *src, dcr_pathtab *paths,
                           const dcr_sink *sink, dcr_reading *out)
{
    if (reset(r, src, paths, sink, out) != DCR_OK)
        return DCR_ENOMEM;
    read_preamble(r);
    read_meta(r);
    read_data_set(r);
    read_behind_deflate(r);
    if (out->status == DCR_READ_OK)
        out->status = r->src->failed ? (unsigned)DCR_READ_IO : r->flaw;
    if (out->status == DCR_READ_OK && r->failed == DCR_OK)
        account(r);
    return r->failed;
}
