/* A tiny model made of an example in a rule file, or by a test. */
#ifndef DCR_EXAMPLE_H
#define DCR_EXAMPLE_H

#include "ruleset.h"

typedef struct dcr_example {
    dcr_model model;
    uint32_t today;        /* YYYYMMDD of "data", 0 when it has none */
    dcr_path_source paths; /* of names, when it has some */
    dcr_file_name *names;
    size_t n_names;
    dcr_originals *originals; /* NULL: none */
    dcr_arena arena;
    dcr_project *project; /* "project" of the example, NULL when it has none */
} dcr_example;

/* Makes the model of one example:
 *   {"path": "0010,0010", "vr": "PN", "values": ["Doe^Jane"], "subjects": 1}
 * or {"attrs": [such, ...], "data": {"inferred_subjects": 2, ...}, "project": {...}}, the
 * last a project file.  A value is a string,
 * or
 * {"value": "...", "subjects": 2}.  Without counts each value belongs to a subject of its
 * own, in the order they stand, one study, series and file each.  A list of no values is
 * an attribute that is there and empty.
 *
 * For subjects of several studies, data has "studies": [2, 1, ...], so many of each
 * subject; studies are numbered from 0 in that order and have one series each.  A value
 * is then in all studies of its subjects, or in those it names:
 * {"value": "...", "studies": [0, 2]}.  "studies_each": 2 gives every subject two.
 *
 * For many subjects, "numbered": 200 beside one value makes 200 values of it, each with a
 * number of six digits behind it and a subject of its own.  "paths" has names of files:
 * "a/b.csv" is nobody's, {"path": "a/1.dcm", "subject": 0} is of the first series of that
 * subject.  "originals": [..] is a list of originals, beside "attrs".  Clear with
 * dcr_example_clear, also on failure. */
DCR_MUST_USE dcr_status dcr_example_build(dcr_example *out, const dcr_rules *r,
                                          const dcr_rule_file *file,
                                          const json_t *example, dcr_err *err);
void dcr_example_clear(dcr_example *e);

#endif
