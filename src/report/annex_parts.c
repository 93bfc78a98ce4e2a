/* What the parts of the annex share: cells, numbers, findings by rule. */
#include "annex_impl.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "buf.h"

void dcr_annex_say(dcr_annex *a, const char *text)
{
    dcr_blocks_add(a->b, DCR_BLOCK_TEXT, text);
}

void dcr_annex_note(dcr_annex *a, const char *text)
{
    dcr_blocks_add(a->b, DCR_BLOCK_NOTE, text);
}

void dcr_annex_head(dcr_annex *a, const char *text)
{
    dcr_blocks_heading(a->b, 3, NULL, text);
}

void dcr_annex_fact(dcr_annex *a, const char *term, const char *text)
{
    dcr_blocks_cell(a->b, DCR_CELL_TEXT, term);
    dcr_blocks_cell(a->b, DCR_CELL_TEXT, text[0] == '\0' ? T("words.none") : text);
}

enum { COLUMNS = 12 };

void dcr_annex_table(dcr_annex *a, const char *caption, ...)
{
    const char *title[COLUMNS], *name;
    char key[60];
    size_t n = 0;
    va_list names;
    va_start(names, caption);
    while ((name = va_arg(names, const char *)) != NULL && n < COLUMNS) {
        snprintf(key, sizeof key, "columns.%s", name);
        title[n++] = name[0] == '=' ? name + 1 : dcr_annex_text(a, key);
    }
    va_end(names);
    dcr_blocks_table(a->b, caption, title, n);
}

void dcr_annex_cell(dcr_annex *a, const char *text)
{
    dcr_blocks_cell(a->b, DCR_CELL_TEXT, text);
}

void dcr_annex_code(dcr_annex *a, const char *text)
{
    dcr_blocks_cell(a->b, DCR_CELL_CODE, text);
}

void dcr_annex_mark(dcr_annex *a, dcr_mark m, const char *text)
{
    dcr_blocks_mark(a->b, m, text);
}

void dcr_annex_blank(dcr_annex *a)
{
    if (a->is_public)
        dcr_annex_cell(a, T("words.left_out"));
    else
        dcr_blocks_cell(a->b, DCR_CELL_BLANK, T("words.blank_short"));
}

void dcr_annex_number(dcr_annex *a, double v)
{
    dcr_blocks_cell(a->b, DCR_CELL_NUMBER, dcr_annex_num(a, v));
}

void dcr_annex_count(dcr_annex *a, const json_t *o, const char *key)
{
    dcr_blocks_cell(a->b, DCR_CELL_NUMBER, dcr_annex_num_of(a, o, key));
}

void dcr_annex_risk(dcr_annex *a, const json_t *o, const char *key)
{
    char s[DCR_NUM_MAX] = "\u2013";
    double v;
    if (dcr_view_num(o, key, &v))
        dcr_view_risk(s, v);
    dcr_blocks_cell(a->b, DCR_CELL_NUMBER, s);
}

void dcr_annex_more(dcr_annex *a, size_t shown, size_t all)
{
    if (shown < all)
        dcr_annex_note(a, FILL("words.more", "shown", dcr_annex_num(a, (double)shown),
                               "all", dcr_annex_num(a, (double)all)));
}

const char *dcr_annex_num(dcr_annex *a, double v)
{
    char s[DCR_NUM_MAX];
    dcr_view_count(s, v);
    return dcr_blocks_keep(a->b, s);
}

const char *dcr_annex_num_of(dcr_annex *a, const json_t *o, const char *key)
{
    double v;
    return dcr_view_num(o, key, &v) ? dcr_annex_num(a, v) : "\u2013";
}

const char *dcr_annex_or_left_out(dcr_annex *a, const char *key)
{
    return a->is_public ? T("words.left_out") : dcr_annex_text(a, key);
}

const char *dcr_annex_day(dcr_annex *a)
{
    char day[11];
    snprintf(day, sizeof day, "%s",
             dcr_view_str(dcr_view_obj(a->page.doc, "run"), "time"));
    return dcr_blocks_keep(a->b, day);
}

const json_t *dcr_annex_adversary(const dcr_annex *a, const char *id)
{
    return dcr_view_find(dcr_view_arr(a->page.doc, "adversaries"), "id", id);
}

const char *dcr_annex_name_of(dcr_annex *a, const json_t *attribute)
{
    const char *keyword = dcr_view_str(attribute, "keyword"),
               *path = dcr_view_str(attribute, "path"), *kept;
    dcr_buf b = {0};
    if (keyword[0] == '\0' || strchr(path, '/') == NULL)
        return keyword[0] == '\0' ? path : keyword;
    dcr_buf_fmt(&b, "%s (%s)", keyword, path);
    a->b->failed |= b.failed;
    kept = b.failed ? "" : dcr_blocks_keep(a->b, b.p);
    dcr_buf_clear(&b);
    return kept;
}

/* ---- findings ---- */

static bool listed(const json_t *rules, const char *rule)
{
    const json_t *r;
    size_t i;
    json_array_foreach(rules, i, r)
    {
        if (json_is_string(r) && strcmp(json_string_value(r), rule) == 0)
            return true;
    }
    return false;
}

static bool is_accepted(const json_t *finding)
{
    const json_t *v = json_object_get(finding, "acceptance");
    return v != NULL && !json_is_null(v);
}

size_t dcr_annex_open_findings(const dcr_annex *a, const json_t *rules, size_t *accepted)
{
    const json_t *all = dcr_view_arr(a->page.doc, "findings"), *f;
    size_t i, open = 0, closed = 0;
    json_array_foreach(all, i, f)
    {
        if (!listed(rules, dcr_view_str(f, "rule")))
            continue;
        if (is_accepted(f))
            closed++;
        else
            open++;
    }
    if (accepted != NULL)
        *accepted = closed;
    return open;
}

static void count_in(dcr_annex_rule *r, const json_t *finding)
{
    double subjects;
    r->places++;
    r->accepted += is_accepted(finding);
    if (dcr_view_num(finding, "subjects", &subjects) && subjects > r->subjects)
        r->subjects = subjects;
}

const dcr_annex_rule *dcr_annex_rules(dcr_annex *a, const char *criterion,
                                      const json_t *rules, size_t *n)
{
    const json_t *all = dcr_view_arr(a->page.doc, "findings"), *f;
    json_t *place = json_object(); /* rule -> its place in out */
    dcr_annex_rule *out =
        dcr_arena_alloc(&a->b->arena, json_array_size(all) + 1, sizeof *out);
    size_t i;
    *n = 0;
    a->b->failed |= out == NULL || place == NULL;
    json_array_foreach(all, i, f)
    {
        const char *rule = dcr_view_str(f, "rule");
        const json_t *at = json_object_get(place, rule);
        if (a->b->failed ||
            (criterion != NULL && strcmp(dcr_view_str(f, "criterion"), criterion) != 0) ||
            (rules != NULL && !listed(rules, rule)))
            continue;
        if (at == NULL) {
            out[*n] = (dcr_annex_rule){.first = f, .rule = rule, .subjects = -1};
            a->b->failed |=
                json_object_set_new(place, rule, json_integer((json_int_t)*n)) != 0;
            count_in(&out[(*n)++], f);
        } else {
            count_in(&out[json_integer_value(at)], f);
        }
    }
    json_decref(place);
    return out;
}

static const char *level_word(dcr_annex *a, const char *severity)
{
    static const char *const words[] = {"words.severity_note", "words.low",
                                        "words.medium", "words.high", "words.critical"};
    return dcr_annex_text(a, words[dcr_view_severity(severity)]);
}

void dcr_annex_level(dcr_annex *a, const char *severity)
{
    dcr_annex_mark(a, dcr_page_severity(severity), level_word(a, severity));
}

void dcr_annex_rule_table(dcr_annex *a, const char *caption, const dcr_annex_rule *r,
                          size_t n)
{
    TABLE(caption, "finding", "level", "places", "patients");
    for (size_t i = 0; i < n; i++) {
        dcr_annex_cell(a, dcr_view_str(r[i].first, "title"));
        dcr_annex_level(a, dcr_view_str(r[i].first, "severity"));
        dcr_annex_number(a, (double)r[i].places);
        if (r[i].subjects >= 0)
            dcr_annex_number(a, r[i].subjects);
        else
            dcr_blocks_cell(a->b, DCR_CELL_NUMBER, "\u2013");
    }
}
