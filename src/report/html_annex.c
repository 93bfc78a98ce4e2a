/* The DPIA annex in short: what is filled in, the verdicts, the mistakes, who signs. */
#include "annex_impl.h"

static void section_rows(dcr_annex *a)
{
    TABLE(T("html.sections"), "section", "blanks");
    for (size_t i = 0; i < a->n_sections; i++) {
        const dcr_annex_section *s = &a->section[i];
        dcr_annex_cell(a, s->title);
        if (s->asked == 0)
            dcr_annex_mark(a, DCR_MARK_NOTE, T("state.none"));
        else if (s->missing == 0)
            dcr_annex_mark(a, DCR_MARK_PASS, T("state.complete"));
        else
            dcr_annex_mark(a, DCR_MARK_WARN,
                           FILL("state.some", "n", dcr_annex_num(a, (double)s->missing)));
    }
}

static void write_blocks(dcr_annex *a, dcr_blocks *b, dcr_page *p)
{
    for (size_t i = 0; i < b->n; i++)
        if (b->list[i].kind == DCR_BLOCK_HEADING) {
            b->list[i].level = 3;
            b->list[i].id = NULL;
        }
    dcr_blocks_html(b, 0, b->n, T("words.blank"), p);
}

void dcr_page_annex(dcr_page *p)
{
    dcr_annex a;
    dcr_blocks b = {0};
    dcr_err err = {0};
    if (dcr_annex_build(&a, p->doc, "en", &err) == DCR_OK) {
        a.b = &b;
        dcr_annex_say(&a, a.is_public ? dcr_annex_text(&a, "document.public")
                                      : dcr_annex_missing(&a));
        dcr_annex_criteria(&a);
        dcr_annex_mistakes(&a);
        if (!a.is_public)
            section_rows(&a);
        dcr_annex_signatures(&a);
        dcr_annex_evidence(&a);
    }
    if (err.code != DCR_OK || b.failed || a.err.code != DCR_OK) {
        dcr_html_nomem(p->h);
    } else {
        dcr_page_section(p, "annex", dcr_annex_text(&a, "document.brand"),
                         dcr_annex_text(&a, "html.lead"));
        write_blocks(&a, &b, p);
        dcr_page_section_end(p);
    }
    dcr_blocks_clear(&b);
    dcr_annex_clear(&a);
}
