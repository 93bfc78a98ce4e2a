/* What an opener found is known by a name: a DICOM keyword however it is spelled
 * ("PatientName", "patient_name"), a tag, or a vendor's name (rules/opened-names.json).
 */
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "ruleset.h"

enum { NAME = 64, PARTS = 16, TOGETHER = 3 };

/* Letters and digits in lower case, and dots; what else there is falls away. */
static size_t fold(char out[NAME], const char *p, size_t n)
{
    size_t k = 0;
    for (size_t i = 0; i < n && k < NAME; i++) {
        char c = p[i];
        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.')
            out[k++] = c;
    }
    return k;
}

/* ---- loading ---- */

/* The first one of a name counts. */
static dcr_status add(dcr_rules *r, const char *p, size_t n, const dcr_tag_info *t,
                      dcr_err *err)
{
    char name[NAME];
    size_t k = fold(name, p, n);
    uint32_t id, before = r->opened.n;
    if (k == 0)
        return DCR_OK;
    id = dcr_dict_add(&r->opened, name, k, 0);
    if (id == DCR_DICT_NONE ||
        !dcr_grow(&r->opened_tag, &r->cap_opened, (size_t)id + 1, sizeof *r->opened_tag))
        return dcr_nomem(err);
    if (id >= before)
        r->opened_tag[id] = t->tag;
    return DCR_OK;
}

static const dcr_tag_info *by_keyword(const dcr_rules *r, const char *keyword)
{
    for (size_t i = 0; i < r->n_tags; i++)
        if (r->tags[i].keyword != NULL && strcmp(r->tags[i].keyword, keyword) == 0)
            return &r->tags[i];
    return NULL;
}

typedef struct names_file {
    const char *source, *edition;
    dcr_strings names;
} names_file;

static dcr_status add_names(dcr_rules *r, const dcr_rule_file *file,
                            const dcr_strings *names, dcr_err *err)
{
    dcr_status st = DCR_OK;
    for (size_t i = 0; st == DCR_OK && i + 1 < names->n; i += 2) {
        const dcr_tag_info *t = by_keyword(r, names->s[i + 1]);
        char folded[NAME];
        size_t n = strlen(names->s[i]);
        if (n == 0 || fold(folded, names->s[i], n) != n ||
            memcmp(folded, names->s[i], n) != 0)
            return dcr_rule_fail(file, names->s[i], err,
                                 "a name is small letters, digits and dots");
        if (t == NULL)
            return dcr_rule_fail(file, names->s[i], err,
                                 "no attribute \"%.64s\" in attributes.json",
                                 names->s[i + 1]);
        st = add(r, names->s[i], n, t, err);
    }
    return st;
}

dcr_status dcr_load_opened(dcr_rules *r, dcr_err *err)
{
    static const dcr_param spec[] = {
        {"source", DCR_P_STRING, offsetof(names_file, source), false},
        {"edition", DCR_P_STRING, offsetof(names_file, edition), false},
        {"names", DCR_P_PAIRS, offsetof(names_file, names), true},
        {NULL, DCR_P_STRING, 0, false},
    };
    const dcr_rule_file *file;
    names_file f = {0};
    json_t *root = NULL;
    dcr_status st = dcr_load_json(r, "opened-names.json", &file, &root, err);
    if (st == DCR_OK) {
        dcr_param_src src = {file, &r->arena};
        st = dcr_params_read(&src, root, spec, &f, err);
    }
    json_decref(root);
    if (st == DCR_OK)
        st = add_names(r, file, &f.names, err);
    for (size_t i = 0; st == DCR_OK && i < r->n_tags; i++) {
        const dcr_tag_info *t = &r->tags[i];
        if (t->keyword != NULL && strcmp(t->vr, "SQ") != 0)
            st = add(r, t->keyword, strlen(t->keyword), t, err);
    }
    return st;
}

/* ---- asking ---- */

/* "00100010", "0010-0010": a tag of the standard. */
static bool is_tag(const char *p, size_t n, uint32_t *out)
{
    char text[9];
    if (n == 8) {
        memcpy(text, p, 4);
        memcpy(text + 5, p + 4, 4);
    } else if (n == 9 && p[4] == '-') {
        memcpy(text, p, 9);
    } else {
        return false;
    }
    text[4] = ',';
    for (size_t i = 0; i < 9; i++)
        if (i != 4 && !((text[i] >= '0' && text[i] <= '9') ||
                        ((text[i] | 0x20) >= 'a' && (text[i] | 0x20) <= 'f')))
            return false;
    return dcr_tag_of(text, 9, out) && (*out >> 16) % 2 == 0;
}

/* Where the parts of a name begin, the last PARTS of them, and behind them its end. */
static size_t split(const char *name, size_t at[PARTS + 1])
{
    size_t n = strlen(name), count = 1, i = n;
    at[PARTS] = n + 1;
    while (i > 0 && count <= PARTS) {
        i--;
        if (i == 0 || name[i - 1] == '.')
            at[PARTS - count++] = i;
    }
    return count - 1;
}

/* Of the name's parts, the innermost that is known, with those before it if that is known
 * too: "patient.name" before "name". */
bool dcr_rules_opened(const dcr_rules *r, const char *sub, uint32_t *tag)
{
    const char *name = strrchr(sub, '/');
    size_t at[PARTS + 1], parts;
    name = name == NULL ? sub : name + 1;
    parts = split(name, at);
    for (size_t last = PARTS; last > PARTS - parts; last--) {
        size_t most = last - (PARTS - parts);
        for (size_t k = most < TOGETHER ? most : TOGETHER; k > 0; k--) {
            const char *p = name + at[last - k];
            size_t n = at[last] - 1 - at[last - k];
            char folded[NAME];
            uint32_t id;
            if (k == 1 && is_tag(p, n, tag))
                return true;
            id = dcr_dict_find(&r->opened, folded, fold(folded, p, n), 0);
            if (id != DCR_DICT_NONE) {
                *tag = r->opened_tag[id];
                return true;
            }
        }
    }
    return false;
}
