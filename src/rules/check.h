/* Checks: kinds of rule.  A kind is a file check_<name>.c; a rule is a file of
 * rules/checks/ that names a kind and gives it parameters. */
#ifndef DCR_CHECK_H
#define DCR_CHECK_H

#include "ruleset.h"

typedef struct dcr_check_run { /* one rule at work on one model */
    const dcr_rules *rules;
    const dcr_model *model;
    const dcr_evidence *evidence; /* what was measured beside the model */
    const dcr_rule *rule;
    struct dcr_collector *collector;
} dcr_check_run;

/* When a kind runs: those that read findings of others run behind these. */
enum { DCR_PHASE_FIRST, DCR_PHASE_AFTER, DCR_PHASE_LAST, DCR_PHASES };

/* Plug-in: src/rules/check_<name>.c defines `const dcr_check dcr_check_<name>`. */
typedef struct dcr_check {
    const char *id;
    const char *title; /* what the kind looks at */
    unsigned phase;    /* DCR_PHASE_...: when it runs */
    /* Reads "params" into memory of the arena; *out stays NULL when there are none. */
    dcr_status (*compile)(const dcr_rules *r, const dcr_param_src *src,
                          const json_t *params, void **out, dcr_err *err);
    dcr_status (*run)(const dcr_check_run *c, const void *params, dcr_err *err);
} dcr_check;

/* The kind of that name, NULL when there is none. */
const dcr_check *dcr_check_find(const char *id);

/* ---- for use by the kinds ---- */

/* Whom a rule hit, gathered value by value or series by series.  Subjects, studies and
 * series are counted once each, whatever number of values hit; files of several values
 * are added up and cut at what the attribute has.  Begin with dcr_hit_init, end with
 * dcr_check_add or dcr_hit_clear. */
typedef struct dcr_hit {
    const dcr_attr *attr;     /* NULL: the whole dataset */
    uint64_t files;           /* files may be added to by hand */
    uint64_t n_values;        /* values that hit */
    const dcr_value *typical; /* of those, the one with most subjects */
    int severity;             /* -1: that of the rule */
    bool all;                 /* the whole attribute, value by value or not */
    const char *detail;       /* a sentence of measured figures, never a value; copied;
                                 NULL: none */
    const dcr_value **values;
    uint32_t *series;
    size_t cap_values, n_series, cap_series;
    bool fact;   /* about the release itself: a finding though nobody is counted */
    bool failed; /* no memory: dcr_check_add says so */
} dcr_hit;

void dcr_hit_init(dcr_hit *h, const dcr_attr *attr);
void dcr_hit_value(dcr_hit *h, const dcr_value *v);
void dcr_hit_series(dcr_hit *h, uint32_t series); /* its files are not added */
void dcr_hit_all(dcr_hit *h);                     /* every file that has the attribute */
void dcr_hit_clear(dcr_hit *h);

/* Adds a finding (nothing when the hit is empty) and clears the hit. */
DCR_MUST_USE dcr_status dcr_check_add(const dcr_check_run *c, dcr_hit *h, dcr_err *err);

/* All findings so far. */
const dcr_finding *dcr_check_findings(const dcr_check_run *c, size_t *n);
/* The i-th finding so far: its rule, and whom it hit (lent).  False behind the last. */
bool dcr_check_finding(const dcr_check_run *c, size_t i, const char **rule,
                       const dcr_hit **hit);

/* Things that several rules look at and that cost a pass over everything: made when first
 * asked for, freed when all rules have run. */
typedef enum dcr_shared {
    DCR_SHARED_TOKENS = 0, /* elsewhere.h */
    DCR_SHARED_ELSEWHERE,
    DCR_SHARED_PATHS, /* paths.h */
    DCR_SHARED_UID_STYLES,
    DCR_SHARED_MISFITS,
    DCR_SHARED_N
} dcr_shared;
DCR_MUST_USE dcr_status dcr_check_shared(const dcr_check_run *c, dcr_shared which,
                                         dcr_status (*build)(const dcr_check_run *c,
                                                             void **out, dcr_err *err),
                                         void (*drop)(void *p), void **out, dcr_err *err);

/* The attribute of a path, NULL when the dataset has none. */
const dcr_attr *dcr_check_attr(const dcr_check_run *c, const char *path);

/* Neither empty nor a dummy. */
bool dcr_value_real(const dcr_value *v);
/* Bytes are what the file holds, as text. */
bool dcr_value_text(const dcr_value *v);
/* False for text that a value of that VR cannot be: a name where a number belongs. */
bool dcr_value_fits(const char *vr, const dcr_value *v);
/* Of each attribute of the model whether it has a value that does not fit; lent until all
 * rules have run. */
DCR_MUST_USE dcr_status dcr_check_misfits(const dcr_check_run *c, const bool **out,
                                          dcr_err *err);

/* Which attributes a rule is about: "select" of its params.  An attribute matches when
 * each list that is given has it, and no "except" does. */
typedef struct dcr_select {
    dcr_strings roles, families, vrs;
    dcr_strings tags;  /* last tag, at any depth */
    dcr_strings paths; /* whole path */
    dcr_strings except_tags, except_paths, except_families;
    bool with_private; /* private attributes too; roles and families do not limit them */
    bool only_private;
    uint32_t role_mask;
} dcr_select;

DCR_MUST_USE dcr_status dcr_select_read(const dcr_param_src *src, const json_t *obj,
                                        dcr_select *out, dcr_err *err);
bool dcr_select_match(const dcr_select *s, const dcr_attr *a);

#endif
