/* The reader that is DCMTK's.  Our source is its stream, and it reads one element of the
 * data set at a time, with all that is inside; what it made of it is walked without
 * recursion and told the sink.  DCMTK itself recurses: the worker's stack has a guard. */
#include "reader_impl.h"

#include <cctype>
#include <cstring>
#include <memory>
#include <new>

#include "alloc.h"

#include <dcmtk/config/osconfig.h>

#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcelem.h>
#include <dcmtk/dcmdata/dcerror.h>
#include <dcmtk/dcmdata/dcfcache.h>
#include <dcmtk/dcmdata/dcistrma.h>
#include <dcmtk/dcmdata/dcistrmb.h>
#include <dcmtk/dcmdata/dcitem.h>
#include <dcmtk/dcmdata/dcobject.h>
#include <dcmtk/dcmdata/dcsequen.h>
#include <dcmtk/dcmdata/dctag.h>
#include <dcmtk/dcmdata/dcvr.h>

/* ---- our source as a stream of DCMTK ---- */

namespace
{

class producer final : public DcmProducer
{
  public:
    explicit producer(dcr_source *s) : source(s), lost(false)
    {
    }
    OFBool good() const override
    {
        return !lost;
    }
    OFCondition status() const override
    {
        return lost ? OFCondition(EC_InvalidStream) : OFCondition(EC_Normal);
    }
    OFBool eos() override
    {
        size_t got;
        (void)dcr_source_peek(source, 1, &got);
        return got == 0;
    }
    offile_off_t avail() override
    {
        enum { ENOUGH = 64 }; /* of what is inflated, nobody knows more */
        size_t got = 0;
        if (source->z == NULL)
            return static_cast<offile_off_t>(dcr_source_left(source));
        (void)dcr_source_peek(source, ENOUGH, &got);
        return got < ENOUGH ? static_cast<offile_off_t>(got) : INT32_MAX;
    }
    offile_off_t read(void *to, offile_off_t n) override
    {
        uint8_t *at = static_cast<uint8_t *>(to);
        offile_off_t left = n;
        while (left > 0) {
            size_t got, window = DCR_SOURCE_WINDOW;
            size_t want = left < DCR_SOURCE_WINDOW ? static_cast<size_t>(left) : window;
            const uint8_t *p = dcr_source_peek(source, want, &got);
            if (got == 0)
                break;
            memcpy(at, p, got);
            dcr_source_eat(source, got);
            at += got;
            left -= static_cast<offile_off_t>(got);
        }
        return n - left;
    }
    offile_off_t skip(offile_off_t n) override
    {
        uint64_t before = source->pos;
        (void)dcr_source_skip(source, static_cast<uint64_t>(n));
        return static_cast<offile_off_t>(source->pos - before);
    }
    void putback(offile_off_t n) override
    {
        lost = lost || !dcr_source_back(source, static_cast<uint64_t>(n));
    }

  private:
    dcr_source *source;
    bool lost;
};

class stream final : public DcmInputStream
{
  public:
    stream(dcr_dcmtk *owner, dcr_source *s)
        : DcmInputStream(&from), d(owner), source(s), from(s)
    {
    }
    DcmInputStreamFactory *newFactory() const override;
    void mark() override
    {
        enum { HEADER = 16 }; /* what is put back was in the window all the time */
        size_t got;
        (void)dcr_source_peek(source, HEADER, &got);
        DcmInputStream::mark();
    }

  private:
    dcr_dcmtk *d;
    dcr_source *source;
    producer from;
};

/* Where a value stands that DCMTK left in the file. */
class later final : public DcmInputStreamFactory
{
  public:
    later(dcr_dcmtk *owner, uint64_t at) : d(owner), pos(at)
    {
    }
    DcmInputStream *create() const override;
    DcmInputStreamFactory *clone() const override
    {
        return new later(*this);
    }
    DcmInputStreamFactoryType ident() const override
    {
        return DFT_DcmInputFileStreamFactory;
    }

  private:
    dcr_dcmtk *d;
    uint64_t pos;
};

/* Lends what DCMTK keeps for itself and its heirs. */
class data_set final : public DcmItem
{
  public:
    data_set() : DcmItem(DcmTag(DCM_Item), DCM_UndefinedLength)
    {
    }
    OFCondition header(DcmInputStream &in, E_TransferSyntax xfer, DcmTag &tag, Uint32 &n)
    {
        Uint32 bytes;
        return readTagAndLength(in, xfer, tag, n, bytes);
    }
    static OFCondition make(DcmElement *&out, DcmTag &tag, Uint32 n, OFBool &as_un)
    {
        return newDicomElement(out, tag, n, NULL, as_un);
    }
};

class sequence final : public DcmSequenceOfItems
{
  public:
    sequence(const DcmTag &tag, Uint32 n) : DcmSequenceOfItems(tag, n)
    {
    }
};

struct place { /* a sequence or an item, as the frame of the reader beside it */
    DcmObject *box, *at;
    uint64_t left; /* bytes of a sequence, by what is said of it and its items */
    bool owned;
};

enum { PIECE = 65536 };

} // namespace

struct dcr_dcmtk {
    dcr_reader *r;
    dcr_source late;  /* the same file once more, for what was left in it */
    uint64_t left_at; /* where the value stood that was fetched from there last */
    data_set context;
    const dcr_source *source;
    bool broken; /* the element in hand could not be read to its end */
    std::unique_ptr<stream> in;
    place *places;
    size_t n_places, cap_places;
    uint8_t piece[PIECE];
};

DcmInputStreamFactory *stream::newFactory() const
{
    if (source->z != NULL)
        return NULL; /* cannot be found again: into memory */
    return new (std::nothrow) later(d, source->pos);
}

DcmInputStream *later::create() const
{
    const dcr_source *file = d->r->src;
    dcr_source_start(&d->late, file->fd, file->size);
    (void)dcr_source_skip(&d->late, pos);
    d->left_at = pos;
    return new (std::nothrow) stream(d, &d->late);
}

/* Values as they stand in the file; what is not DICOM is an error and nothing is guessed,
 * but for implicit VR in the midst of explicit, which real writers produce. */
static void set_manners()
{
    dcmEnableAutomaticInputDataCorrection.set(OFFalse);
    dcmAcceptUnexpectedImplicitEncoding.set(OFTrue);
    dcmEnableUnknownVRConversion.set(OFTrue);
    dcmIgnoreParsingErrors.set(OFFalse);
}

extern "C" dcr_dcmtk *dcr_dcmtk_new(void)
{
    dcr_dcmtk *d = NULL;
    try {
        d = new (std::nothrow) dcr_dcmtk();
        if (d == NULL)
            return NULL;
        set_manners();
        if (dcr_source_init(&d->late))
            return d;
    } catch (...) {
    }
    dcr_dcmtk_free(d);
    return NULL;
}

static void unwind(dcr_dcmtk *d, size_t to)
{
    while (d->n_places > to) {
        const place *p = &d->places[--d->n_places];
        if (p->owned)
            delete p->box;
    }
}

extern "C" void dcr_dcmtk_free(dcr_dcmtk *d)
{
    if (d == NULL)
        return;
    unwind(d, 0);
    dcr_free(d->places);
    dcr_source_clear(&d->late);
    delete d;
}

static uint64_t stated_length(const DcmObject *box)
{
    uint32_t n = box->getLengthField();
    return n == DCR_LENGTH_UNDEFINED ? UINT64_MAX : n;
}

static bool enter(dcr_dcmtk *d, DcmObject *box, bool owned)
{
    if (!dcr_grow(&d->places, &d->cap_places, d->n_places + 1, sizeof *d->places)) {
        dcr_reader_nomem(d->r);
        return false;
    }
    place *p = &d->places[d->n_places++];
    p->box = box;
    p->at = NULL;
    p->left = stated_length(box);
    p->owned = owned;
    return true;
}

/* ---- what was read ---- */

static E_ByteOrder order_of(dcr_reader *r)
{
    return dcr_reader_top(r)->syntax.big ? EBO_BigEndian : EBO_LittleEndian;
}

/* The VR that stands in the file, as far as DCMTK says so. */
static const char *says(const DcmTag &tag, bool explicit_vr)
{
    const char *name = DcmVR(tag.getEVR()).getVRName();
    return !explicit_vr || islower(static_cast<unsigned char>(name[0])) ? "\0" : name;
}

static bool fetch(dcr_reader *r, DcmElement *x, uint32_t from, uint32_t n,
                  DcmFileCache *cache)
{
    OFCondition c = x->getPartialValue(r->dcmtk->piece, from, n, cache, order_of(r));
    if (c.good())
        return true;
    if (r->src->failed == 0)
        r->src->failed = r->dcmtk->late.failed;
    dcr_reader_stop(r, c == EC_MemoryExhausted ? DCR_READ_MEMORY : DCR_READ_TRUNCATED);
    return false;
}

/* The value's begin, DCR_VALUE_MAX bytes, was fetched. */
static void large(dcr_reader *r, DcmElement *x, const dcr_element *e)
{
    DcmFileCache cache;
    uint32_t n = 0;
    dcr_hasher *h = NULL;
    const dcr_opener *opener = dcr_reader_opener(r, e, r->dcmtk->piece, DCR_VALUE_MAX);
    if (!dcr_reader_pay(r, e->length))
        return;
    h = dcr_hasher_new();
    r->big.n = 0;
    for (uint32_t at = 0; h != NULL && at < e->length; at += n) {
        n = e->length - at;
        n = n < PIECE ? n : static_cast<uint32_t>(PIECE);
        if (!fetch(r, x, at, n, &cache))
            break;
        dcr_hasher_add(h, r->dcmtk->piece, n);
        if (opener != NULL)
            dcr_buf_add(&r->big, r->dcmtk->piece, n);
    }
    if (h == NULL || r->big.failed)
        dcr_reader_nomem(r);
    else if (!r->stopped)
        dcr_reader_hashed(r, e, dcr_hasher_end(h), opener);
    dcr_hasher_free(h);
}

/* The value as bytes; the begin of it was fetched. */
static void bytes_of(dcr_reader *r, DcmElement *x, const dcr_element *e)
{
    if (e->length > DCR_VALUE_MAX)
        large(r, x, e);
    else
        dcr_reader_bytes(r, e, r->dcmtk->piece);
}

/* Explicit only where it cannot be implicit. */
static E_TransferSyntax syntax_inside(const uint8_t *p, size_t n, uint64_t left, bool big)
{
    dcr_syntax s[2] = {{big, false}, {big, true}};
    if (dcr_syntax_score(p, n, left, s[1]) > 0 && dcr_syntax_score(p, n, left, s[0]) == 0)
        return big ? EXS_BigEndianExplicit : EXS_LittleEndianExplicit;
    return big ? EXS_BigEndianImplicit : EXS_LittleEndianImplicit;
}

static bool parsed(dcr_dcmtk *d, DcmSequenceOfItems *s, DcmElement *x, uint32_t n,
                   E_TransferSyntax xfer)
{
    s->transferInit();
    if (n <= DCR_VALUE_MAX) {
        DcmInputBufferStream in;
        in.setBuffer(d->piece, n);
        in.setEos();
        return s->read(in, xfer, EGL_noChange, DCR_VALUE_MAX).good();
    }
    if (x->valueLoaded())
        return false;
    dcr_source_start(&d->late, d->r->src->fd, d->left_at + n);
    (void)dcr_source_skip(&d->late, d->left_at);
    stream in(d, &d->late);
    return s->read(in, xfer, EGL_noChange, DCR_VALUE_MAX).good();
}

/* A value of unknown VR that is a sequence is gone into; the begin of it was fetched. */
static bool go_inside(dcr_reader *r, DcmElement *x, const dcr_element *e, uint32_t n)
{
    const uint8_t *p = r->dcmtk->piece;
    bool big = dcr_reader_top(r)->syntax.big;
    if (memcmp(e->vr, "UN", 2) != 0 || !dcr_reader_like_items(p, n, e->length, big))
        return false;
    E_TransferSyntax xfer = syntax_inside(p + 8, n - 8, e->length - 8, big);
    std::unique_ptr<sequence> s(new sequence(x->getTag(), e->length));
    if (!parsed(r->dcmtk, s.get(), x, e->length, xfer)) {
        if (s->card() == 0)
            return false;
        /* what only looks like one is gone into as far as it goes, and told as bytes */
        r->dcmtk->broken = true;
        dcr_reader_odd(r, DCR_ODD_GAP, r->paths->path[e->path].tag);
        bytes_of(r, x, e);
    }
    if (r->stopped)
        return true;
    dcr_reader_sequence(r, e, false, false);
    if (!r->stopped && enter(r->dcmtk, s.get(), true))
        (void)s.release();
    return true;
}

/* Where reading failed, a value left in the file may not be there to its end: DCMTK has
 * called it ready all the same. */
static bool is_whole(const dcr_dcmtk *d, DcmElement *x)
{
    uint8_t last;
    DcmFileCache cache;
    uint32_t n = x->getLengthField();
    if (!d->broken || n == 0 || n == DCR_LENGTH_UNDEFINED || x->valueLoaded())
        return true;
    return x->getPartialValue(&last, n - 1, 1, &cache).good();
}

static void leaf(dcr_reader *r, DcmElement *x, dcr_element *e)
{
    e->length = x->getLengthField();
    if (!is_whole(r->dcmtk, x))
        return;
    if (e->length == 0 || e->pixel) {
        if (e->length == 0)
            dcr_reader_value(r, dcr_reader_top(r), e);
        else
            dcr_reader_mark(r, e->path, e->vr, DCR_MARK_PIXEL);
        return;
    }
    if (x->transferState() != ERW_ready)
        return; /* the file ended in it */
    DcmFileCache cache;
    uint32_t most = DCR_VALUE_MAX, n = e->length < most ? e->length : most;
    if (!fetch(r, x, 0, n, &cache))
        return;
    cache.clear();
    if (dcr_reader_is_creator(e->tag))
        dcr_reader_creator(r, e->tag, r->dcmtk->piece, n);
    if (!go_inside(r, x, e, n))
        bytes_of(r, x, e);
}

static void show(dcr_reader *r, DcmObject *x, dcr_element *e)
{
    if (x->isLeaf()) {
        leaf(r, static_cast<DcmElement *>(x), e);
        return;
    }
    e->length = DCR_LENGTH_UNDEFINED; /* what DCMTK read is all there is */
    dcr_reader_sequence(r, e, false, false);
    if (!r->stopped)
        (void)enter(r->dcmtk, x, false);
}

/* DCMTK reads an item that is longer than its sequence, and says nothing. */
static void count_item(dcr_reader *r, place *sq, const DcmObject *item)
{
    uint64_t n = stated_length(item);
    if (sq->left == UINT64_MAX)
        return;
    if (n == UINT64_MAX) {
        sq->left = n;
    } else if (n + 8 > sq->left) {
        r->flaw = DCR_READ_LENGTH;
        sq->left = UINT64_MAX;
    } else {
        sq->left -= n + 8;
    }
}

static void show_next(dcr_reader *r, place *p)
{
    bool explicit_vr = dcr_reader_top(r)->syntax.explicit_vr;
    p->at = p->box->nextInContainer(p->at);
    if (p->at == NULL) {
        if (p->box->transferState() != ERW_ready && p->box->getLengthField() != 0)
            dcr_reader_top(r)->seen = true; /* broken off: not to be called empty */
        dcr_reader_pop(r);
        unwind(r->dcmtk, r->dcmtk->n_places - 1);
    } else if (p->box->ident() == EVR_SQ) {
        count_item(r, p, p->at);
        dcr_reader_item(r, DCR_LENGTH_UNDEFINED);
        if (!r->stopped)
            (void)enter(r->dcmtk, p->at, false);
    } else {
        DcmObject *x = p->at;
        dcr_element e = {};
        e.tag = DCR_TAG(x->getGTag(), x->getETag());
        if (x->getGTag() == 0xFFFE) { /* no element, though DCMTK takes it for one */
            dcr_reader_stop(r, DCR_READ_CORRUPT);
            return;
        }
        if (!dcr_reader_known(r, &e))
            return;
        dcr_reader_understand(r, &e, says(x->getTag(), explicit_vr));
        show(r, x, &e);
    }
}

/* ---- an element of the data set ---- */

static E_TransferSyntax xfer_of(dcr_syntax s)
{
    if (s.big)
        return s.explicit_vr ? EXS_BigEndianExplicit : EXS_BigEndianImplicit;
    return s.explicit_vr ? EXS_LittleEndianExplicit : EXS_LittleEndianImplicit;
}

static unsigned why(const dcr_reader *r, const OFCondition &c)
{
    size_t got;
    if (c == EC_MemoryExhausted)
        return DCR_READ_MEMORY;
    if (c == EC_ElemLengthLargerThanItem)
        return DCR_READ_LENGTH;
    (void)dcr_source_peek(r->src, 8, &got);
    return got < 8 || c == EC_StreamNotifyClient ? DCR_READ_TRUNCATED : DCR_READ_CORRUPT;
}

/* Pixel Data, fragments, and what is inflated and long: nothing that DCMTK should load.
 * True when that was it. */
static bool passed_over(dcr_reader *r, const dcr_element *e, DcmEVR vr)
{
    bool nested = vr == EVR_SQ;
    if (e->length == DCR_LENGTH_UNDEFINED) {
        if (!e->pixel && (nested || vr == EVR_UN || vr == EVR_UNKNOWN))
            return false;
        dcr_reader_fragments(r, dcr_reader_top(r), e);
        return true;
    }
    if (!nested && e->length > dcr_reader_top(r)->limit - r->src->pos) {
        dcr_reader_overrun(r, e);
        return true;
    }
    if (nested || !(e->pixel || (r->src->z != NULL && e->length > DCR_VALUE_MAX)))
        return false;
    dcr_reader_value(r, dcr_reader_top(r), e);
    return true;
}

/* The VR of private elements is known by their creators, which stand in our paths. */
static bool is_sequence(const dcr_reader *r, const dcr_element *e, DcmEVR vr, bool stated)
{
    return memcmp(dcr_pathtab_vr(r->paths, e->path), "SQ", 2) == 0 &&
           (!stated || vr == EVR_UN);
}

static void read_element(dcr_dcmtk *d, bool stated)
{
    dcr_reader *r = d->r;
    dcr_frame *f = dcr_reader_top(r);
    E_TransferSyntax xfer = xfer_of(f->syntax);
    DcmTag tag;
    dcr_element e = {};
    Uint32 length = 0;
    OFBool as_un = OFFalse;
    DcmElement *made = NULL;
    OFCondition c = d->context.header(*d->in, xfer, tag, length);
    if (c.bad()) {
        dcr_reader_stop(r, why(r, c));
        return;
    }
    e.tag = DCR_TAG(tag.getGTag(), tag.getETag());
    e.length = length;
    r->value_at = r->src->pos;
    if (!dcr_reader_known(r, &e))
        return;
    dcr_reader_understand(r, &e, says(tag, stated));
    bool unknown = stated && tag.getEVR() == EVR_UN;
    if (is_sequence(r, &e, tag.getEVR(), stated))
        tag.setVR(DcmVR(EVR_SQ));
    if (passed_over(r, &e, tag.getEVR()))
        return;
    c = data_set::make(made, tag, length, as_un);
    std::unique_ptr<DcmElement> x(made);
    if (c.bad() || made == NULL) {
        dcr_reader_stop(r, c == EC_MemoryExhausted ? DCR_READ_MEMORY : DCR_READ_CORRUPT);
        return;
    }
    x->transferInit();
    if (unknown) /* implicit, says PS3.5 */
        xfer = EXS_LittleEndianImplicit;
    c = x->read(*d->in, xfer, EGL_noChange, DCR_VALUE_MAX);
    d->broken = c.bad();
    show(r, made, &e);
    while (d->n_places > 0 && !r->stopped)
        show_next(r, &d->places[d->n_places - 1]);
    unwind(d, 0);
    if (c.bad() && !(length == 0 && c == EC_EndOfStream)) /* an empty one may come last */
        dcr_reader_stop(r, why(r, c));
}

extern "C" void dcr_dcmtk_element(dcr_reader *r, const dcr_header *h)
{
    dcr_dcmtk *d = r->dcmtk;
    d->r = r;
    try {
        if (d->in == NULL || d->source != r->src || !d->in->good()) {
            d->in.reset(new stream(d, r->src));
            d->source = r->src;
        }
        read_element(d, dcr_reader_top(r)->syntax.explicit_vr && !h->odd_vr);
    } catch (const std::bad_alloc &) {
        unwind(d, 0);
        dcr_reader_nomem(r);
    } catch (...) {
        unwind(d, 0);
        dcr_reader_stop(r, DCR_READ_CRASH);
    }
}
