/* Writes HTML that is also well-formed XML, and in which no text can become markup.
 *
 * A thin layer over libxml2's xmlTextWriter.  Names of elements and attributes come from
 * the program and are checked against a list; texts and attribute values may come from
 * anywhere. A failure sticks: every call after it does nothing, dcr_html_end() tells. */
#ifndef DCR_HTML_H
#define DCR_HTML_H

#include <stddef.h>
#include <stdio.h>

#include "buf.h"
#include "dcmrisk/err.h"
#include "embed.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct dcr_html dcr_html;

/* A writer to `out`, which stays the caller's; the document type is written.  NULL when
 * there is no memory.  Free with dcr_html_free. */
dcr_html *dcr_html_new(FILE *out);
void dcr_html_free(dcr_html *h);

/* Ends the document: everything must be closed.  The first failure, if any, is told here.
 */
DCR_MUST_USE dcr_status dcr_html_end(dcr_html *h, dcr_err *err);

/* Bytes written so far, within a few thousand. */
size_t dcr_html_size(const dcr_html *h);

/* Records that the caller found no memory. */
void dcr_html_nomem(dcr_html *h);

/* Starts an element of the list.  `cls` is its class, NULL for none. */
void dcr_html_open(dcr_html *h, const char *name, const char *cls);
/* Ends the innermost element, whose name must be `name`. */
void dcr_html_close(dcr_html *h, const char *name);

/* Attributes of the element just opened.  Only names of the list (never style, src,
 * on...); a `href` that does not start with '#' becomes "#". */
void dcr_html_attr(dcr_html *h, const char *name, const char *value);
/* The number with `decimals` digits (0-6) and `unit` behind it ("%" or ""). */
void dcr_html_attr_num(dcr_html *h, const char *name, double v, int decimals,
                       const char *unit);

/* Text, made valid UTF-8 without anything that could hide or reorder it (see
 * dcr_html_clean).  NULL is nothing. */
void dcr_html_text(dcr_html *h, const char *s);
void dcr_html_textn(dcr_html *h, const char *p, size_t n);
void dcr_html_fmt(dcr_html *h, const char *fmt, ...) DCR_PRINTF(2, 3);

/* <name class="cls">text</name> */
void dcr_html_leaf(dcr_html *h, const char *name, const char *cls, const char *text);

/* The contents of a file of reports/ as a whole `style` or `script` element, verbatim:
 * for files of the program only.  They hold no '<' and no '&', so that XML and HTML read
 * the same; a file that does is refused. */
void dcr_html_embed(dcr_html *h, const char *name, const dcr_embed *file);

/* Refers to a file of reports/ that lies in the folder `dir`, as a link: a `style` or
 * `script` by its last name ("report.css").  `dir` is a relative path, escaped here. */
void dcr_html_asset(dcr_html *h, const char *name, const char *dir, const char *file);

/* Appends `n` bytes as valid UTF-8: what is not UTF-8, controls but tab and newline,
 * noncharacters, bidirectional and other invisible format characters become U+FFFD. */
void dcr_html_clean(dcr_buf *b, const char *p, size_t n);

#ifdef __cplusplus
}
#endif
#endif
