/* The pixel ledger: risk classes, what waits for eyes, how many must be seen, what was.
 */
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "parts.h"

static json_t *count(uint64_t n)
{
    return json_integer((json_int_t)n);
}

/* Defined terms and listed classes only: all else is a value of somebody's files. */
static const char *modality_of(const dcr_report_input *in, const dcr_pixel_group *g)
{
    return dcr_rules_is_modality(in->rules, g->modality) ? g->modality : "";
}

static json_t *levels_of(const dcr_pixel_group *g)
{
    json_t *o = json_object();
    for (int k = 0; k < DCR_PIXEL_KINDS; k++)
        if (g->level[k] != DCR_PIXEL_NONE)
            json_object_set_new(o, dcr_pixel_kind_name((dcr_pixel_kind)k),
                                json_string(dcr_pixel_level_name(g->level[k])));
    return o;
}

static json_t *rules_of(const dcr_pixels *p, const dcr_pixel_group *g)
{
    json_t *list = json_array();
    for (size_t i = 0; i < p->n_rules; i++)
        if ((g->rules >> i & 1) != 0)
            json_array_append_new(list, json_string(p->rule[i]));
    return list;
}

/* ---- classes: groups of one kind of content, modality and levels together ---- */

static bool same_class(const dcr_pixel_group *a, const dcr_pixel_group *b)
{
    return strcmp(a->content_class, b->content_class) == 0 &&
           strcmp(a->modality, b->modality) == 0 &&
           memcmp(a->level, b->level, sizeof a->level) == 0;
}

/* Patients of several groups overlap: counted by series, once each. */
static json_t *class_row(const dcr_report_input *in, const dcr_pixel_group *g, bool *done)
{
    const dcr_pixels *p = in->pixels;
    dcr_pixel_risk sop;
    uint64_t series = 0, subjects = 0, images = 0, files = 0;
    uint32_t last = UINT32_MAX;
    for (size_t i = 0; i < p->n; i++)
        if (same_class(&p->groups[i], g)) {
            done[i] = true;
            images += p->groups[i].images;
        }
    for (uint32_t s = 0; s < in->model->n_series; s++) {
        uint32_t subject = dcr_series_subject(in->model, s);
        if (p->group_of[s] == 0 || !same_class(&p->groups[p->group_of[s] - 1], g))
            continue;
        series++;
        files += in->model->series[s].files;
        subjects += subject != last;
        last = subject;
    }
    dcr_rules_pixel(in->rules, g->sop_class, &sop);
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o}",
                     "content_class", g->content_class, "modality", modality_of(in, g),
                     "burned_in", sop.burned_in, "face", sop.face, "review", g->review,
                     "levels", levels_of(g), "series", count(series), "subjects",
                     count(subjects), "files", count(files), "images", count(images));
}

/* ---- queue: one look may settle a row ---- */

/* How many of n images must be seen, none showing anything, for a bound of 5, 1, 0.1 %.
 */
static json_t *to_see(uint64_t n)
{
    static const struct {
        const char *name;
        double share;
    } bound[] = {{"0.05", 0.05}, {"0.01", 0.01}, {"0.001", 0.001}};
    json_t *o = json_object();
    for (size_t i = 0; i < sizeof bound / sizeof *bound; i++)
        json_object_set_new(o, bound[i].name,
                            count(dcr_sample_needed(n, bound[i].share, 0.95)));
    return o;
}

static json_t *queue_row(const dcr_report_input *in, const dcr_pixel_group *g)
{
    dcr_pixel_risk sop;
    bool shown =
        g->subjects >= dcr_policy_k(in->policy); /* a rare geometry is not told */
    dcr_rules_pixel(in->rules, g->sop_class, &sop);
    return json_pack(
        "{s:s, s:s, s:s, s:o, s:o, s:o, s:b, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
        "sop_class",
        strcmp(sop.content_class, "unknown") != 0 ? g->sop_class : "(not in the list)",
        "content_class", g->content_class, "modality", modality_of(in, g), "device",
        g->device > 0 ? count(g->device) : json_null(), "rows",
        shown && g->rows > 0 ? count(g->rows) : json_null(), "columns",
        shown && g->columns > 0 ? count(g->columns) : json_null(), "declared_burned_in",
        g->declared_yes, "declared_clean", g->declared_no, "levels", levels_of(g),
        "rules", rules_of(in->pixels, g), "series", count(g->series), "subjects",
        count(g->subjects), "files", count(g->files), "images", count(g->images),
        "to_see", to_see(g->images));
}

/* ---- reviews: what was seen, and what that says of the rest ---- */

static json_t *review_row(const dcr_report_input *in, const dcr_picture_review *r)
{
    const dcr_pixels *p = in->pixels;
    uint64_t series = 0, images = 0;
    for (size_t i = 0; i < p->n; i++)
        if (p->groups[i].needs_look && dcr_picture_review_covers(r, &p->groups[i])) {
            series += p->groups[i].series;
            images += p->groups[i].images;
        }
    return json_pack("{s:o, s:o, s:o, s:o, s:f, s:f}", "seen", count(r->seen), "found",
                     count(r->found), "series", count(series), "images", count(images),
                     "upper", dcr_sample_upper(r->seen, r->found, 0.95), "confidence",
                     0.95);
}

static dcr_status fill(json_t *classes, json_t *queue, json_t *reviews,
                       const dcr_report_input *in, dcr_err *err)
{
    const dcr_pixels *p = in->pixels;
    size_t n_reviews = 0;
    const dcr_picture_review *r = dcr_project_pictures(in->project, &n_reviews);
    bool *done = dcr_alloc(p->n, sizeof *done);
    int bad = done == NULL;
    for (size_t i = 0; i < p->n && !bad; i++) {
        if (!done[i])
            bad |= json_array_append_new(classes, class_row(in, &p->groups[i], done));
        if (p->groups[i].needs_look)
            bad |= json_array_append_new(queue, queue_row(in, &p->groups[i]));
    }
    for (size_t i = 0; i < n_reviews && !bad; i++)
        bad |= json_array_append_new(reviews, review_row(in, &r[i]));
    dcr_free(done);
    return bad ? dcr_nomem(err) : DCR_OK;
}

dcr_status dcr_report_pixels(json_t *doc, const dcr_report_input *in, dcr_err *err)
{
    json_t *classes = json_array(), *queue = json_array(), *reviews = json_array();
    dcr_status rc = DCR_OK;
    if (in->pixels != NULL)
        rc = fill(classes, queue, reviews, in, err);
    if (rc != DCR_OK) {
        json_decref(classes);
        json_decref(queue);
        json_decref(reviews);
        return rc;
    }
    return dcr_put(doc, "pixels",
                   json_pack("{s:o, s:o, s:o}", "classes", classes, "queue", queue,
                             "reviews", reviews),
                   err);
}
