#include "option_table.h"

#include <stdlib.h>
#include <string.h>

static int by_tag(const void *a, const void *b)
{
    uint32_t x = ((const dcr_option_row *)a)->tag, y = ((const dcr_option_row *)b)->tag;
    return (x > y) - (x < y);
}

static dcr_status load_codes(dcr_rules *r, const dcr_rule_file *file, const json_t *map,
                             dcr_err *err)
{
    dcr_option_table *p = r->option_table;
    const char *column;
    json_t *v;
    if (!json_is_object(map) || json_object_size(map) > DCR_OPTION_COLUMNS)
        return dcr_rule_fail(file, "codes", err,
                             "\"codes\" must be an object of at most %d columns",
                             DCR_OPTION_COLUMNS);
    json_object_foreach((json_t *)(uintptr_t)map, column, v)
    {
        if (!json_is_string(v))
            return dcr_rule_fail(file, column, err, "a code must be text");
        p->column[p->n_columns] = dcr_arena_str(&r->arena, column);
        p->code[p->n_columns] = dcr_arena_str(&r->arena, json_string_value(v));
        if (p->column[p->n_columns] == NULL || p->code[p->n_columns] == NULL)
            return dcr_nomem(err);
        p->n_columns++;
    }
    return DCR_OK;
}

/* Few actions, many rows: they share the text. */
static const char *shared_action(dcr_rules *r, const char *basic)
{
    const dcr_option_table *p = r->option_table;
    for (size_t i = 0; i < p->n_rows && i < 64; i++)
        if (strcmp(p->rows[i].basic, basic) == 0)
            return p->rows[i].basic;
    return dcr_arena_str(&r->arena, basic);
}

static dcr_status load_row(dcr_rules *r, const dcr_rule_file *file, const json_t *e,
                           dcr_err *err)
{
    dcr_option_table *p = r->option_table;
    dcr_option_row *row = &p->rows[p->n_rows];
    const char *tag = json_string_value(json_object_get(e, "tag")), *column;
    const char *basic = json_string_value(json_object_get(e, "basic"));
    json_t *v;
    if (tag == NULL || basic == NULL || !dcr_tag_of(tag, strlen(tag), &row->tag))
        return dcr_rule_fail(file, tag, err, "tag and basic are wanted");
    json_object_foreach(json_object_get(e, "options"), column, v)
    {
        size_t i = 0;
        while (i < p->n_columns && strcmp(p->column[i], column) != 0)
            i++;
        if (i == p->n_columns)
            return dcr_rule_fail(file, tag, err, "no column \"%.40s\" in \"codes\"",
                                 column);
        row->options |= 1u << i;
    }
    row->basic = shared_action(r, basic);
    p->n_rows++;
    return row->basic == NULL ? dcr_nomem(err) : DCR_OK;
}

dcr_status dcr_load_option_table(dcr_rules *r, const dcr_rule_file *file,
                                 const json_t *root, dcr_err *err)
{
    const json_t *list = json_object_get(root, "attributes");
    dcr_status st;
    r->option_table = dcr_arena_alloc(&r->arena, 1, sizeof *r->option_table);
    if (r->option_table == NULL)
        return dcr_nomem(err);
    r->option_table->rows =
        dcr_arena_alloc(&r->arena, json_array_size(list), sizeof *r->option_table->rows);
    if (r->option_table->rows == NULL)
        return dcr_nomem(err);
    st = load_codes(r, file, json_object_get(root, "codes"), err);
    for (size_t i = 0; st == DCR_OK && i < json_array_size(list); i++)
        st = load_row(r, file, json_array_get(list, i), err);
    if (st == DCR_OK && r->option_table->n_rows > 0)
        qsort(r->option_table->rows, r->option_table->n_rows,
              sizeof *r->option_table->rows, by_tag);
    return st;
}

static const dcr_option_row *find(const dcr_option_table *p, uint32_t tag)
{
    dcr_option_row key = {.tag = tag};
    return p->n_rows == 0 ? NULL : bsearch(&key, p->rows, p->n_rows, sizeof key, by_tag);
}

const dcr_option_row *dcr_option_row_of(const dcr_rules *r, const char *path)
{
    const dcr_option_row *row;
    dcr_path_tail t;
    uint32_t tag, group;
    dcr_path_split(path, &t);
    if (t.creator != NULL || t.sub != NULL || !dcr_tag_of(t.seg, t.n_seg, &tag))
        return NULL;
    group = tag >> 16;
    if (group % 2 != 0)
        return NULL;
    if ((group < 0x5000 || group > 0x501E) && (group < 0x6000 || group > 0x601E))
        return find(r->option_table, tag);
    row = find(r->option_table, tag & 0xFF00FFFF);
    /* "50xx,xxxx": the whole group is one row of the table. */
    return row != NULL ? row : find(r->option_table, tag & 0xFF000000);
}

static bool has_action(const dcr_option_row *row, char action)
{
    return strchr(row->basic, action) != NULL;
}

size_t dcr_rules_needs_option(const dcr_rules *r, const dcr_attr *a,
                              const char *codes[DCR_NEEDS_OPTION_MAX])
{
    const dcr_option_row *row = dcr_option_row_of(r, a->path);
    size_t n = 0;
    if (row == NULL || has_action(row, 'U') || a->value_subjects == 0)
        return 0;
    for (size_t i = 0; i < r->option_table->n_columns && n < DCR_NEEDS_OPTION_MAX; i++)
        if ((row->options >> i & 1) != 0)
            codes[n++] = r->option_table->code[i];
    return n;
}
