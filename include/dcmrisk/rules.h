/* Rules: all knowledge that is data, what it says of attributes and values, findings,
 * gate.
 *
 * A rule set is read once from JSON (built in, or --rules DIR) and is read-only after
 * that. */
#ifndef DCMRISK_RULES_H
#define DCMRISK_RULES_H

#include <jansson.h>

#include "dcmrisk/dates.h"
#include "dcmrisk/hidden.h"
#include "dcmrisk/longitudinal.h"
#include "dcmrisk/metric.h"
#include "dcmrisk/model.h"
#include "dcmrisk/pixels.h"
#include "dcmrisk/whatif.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- loading ---- */

/* Loads the rules built into the program (dir NULL) or those of a folder laid out like
 * rules/; a file absent from the folder is taken from the built-in ones.  *out is NULL on
 * failure; DCR_ERULES names file and line.  Free with dcr_rules_free. */
DCR_MUST_USE dcr_status dcr_rules_load(dcr_rules **out, const char *dir, dcr_err *err);
void dcr_rules_free(dcr_rules *r);
const char *dcr_rules_edition(const dcr_rules *r); /* "DICOM PS3.15 2026d", lent */
const char *dcr_rules_digest(const dcr_rules *r);  /* hex SHA-256 over all files, lent */

const dcr_concept *dcr_rules_concepts(const dcr_rules *r, size_t *n);
/* Why no file can do without a concept (DICOM requires a true value); "" when it can.
 * Lent. */
const char *dcr_rules_fixed(const dcr_rules *r, size_t concept);
const dcr_adversary *dcr_rules_adversaries(const dcr_rules *r, size_t *n);

/* Paths whose values a rule needs in full (carriers of concepts, link keys, ...): sorted
 * by bytes, lent.  dcr_scan_options.keep. */
const char *const *dcr_rules_keep(const dcr_rules *r, size_t *n);

/* Limits of the search for hidden identifiers (hidden-search.json), lent. */
const dcr_hidden_params *dcr_rules_hidden(const dcr_rules *r);

/* ---- judging one thing ---- */

typedef struct dcr_role_info {
    dcr_role role;
    const char *keyword; /* NULL when private or unknown */
    const char *family;  /* "" when unknown */
    dcr_level level;
    int concept;        /* -1 when it carries none */
    bool link_key;      /* judged by state, never in a key of k */
    uint32_t judged_as; /* what an opener found: the standard tag its name speaks of, else
                           0 */
    char judged_vr[4];  /* and its VR */
    bool known_creator; /* private: the creator is in our dictionaries */
    bool safe_private;  /* private: listed as safe (PS3.15 E.3.10-1 or kept by TCIA) */
} dcr_role_info;

/* Role of an attribute path with its VR: by tag, then by PS3.15's option-derived family,
 * then by VR.  Never fails: what nobody knows is DCR_ROLE_UNKNOWN. Strings are lent. */
void dcr_rules_role(const dcr_rules *r, const char *path, const char *vr,
                    dcr_role_info *out);

/* Codes of CID 7050 of which one, when declared, would let the attribute keep the real
 * values that it has (PS3.15 Table E.1-1); returns how many, 0 when it has none or needs
 * no option.  Strings are lent. */
enum { DCR_NEEDS_OPTION_MAX = 4 };
size_t dcr_rules_needs_option(const dcr_rules *r, const dcr_attr *a,
                              const char *codes[DCR_NEEDS_OPTION_MAX]);

/* True when the value says "nothing here" by its vocabulary (ANONYMIZED, 00010101, ...).
 * `p` is trimmed by the caller.  An empty value is not a dummy. */
bool dcr_rules_is_dummy(const dcr_rules *r, const char *vr, const uint8_t *p, size_t n);

/* True for modalities of objects that are not acquisitions (SR, PR, KO, SEG, ...). */
bool dcr_rules_is_derived(const dcr_rules *r, const uint8_t *modality, size_t n);

/* True for the defined terms of Modality (derived ones too): only these are ever printed.
 */
bool dcr_rules_is_modality(const dcr_rules *r, const char *modality);

/* True when the name in the path of a file beside the images ("sidecar:csv/NAME") is one
 * of ours, of DICOM or of sidecar.json: only these are ever printed. */
bool dcr_rules_public_name(const dcr_rules *r, const char *path);

/* Risk classes of the pixels of a SOP class: see rules/pixel.json. */
typedef struct dcr_pixel_risk {
    const char *content_class; /* "secondary_capture", ...; "unknown" when not listed */
    const char *burned_in;     /* "none", "low", "medium", "high" */
    const char *face;          /* as in the table */
    const char *review;        /* "none", "sample", "mandatory", ... */
} dcr_pixel_risk;
void dcr_rules_pixel(const dcr_rules *r, const char *sop_class, dcr_pixel_risk *out);

/* What the date laboratory takes for granted; lent. */
const dcr_date_lab *dcr_rules_date_lab(const dcr_rules *r);

/* ---- findings ---- */

typedef enum dcr_severity {
    DCR_NOTE = 0,
    DCR_LOW,
    DCR_MEDIUM,
    DCR_HIGH,
    DCR_CRITICAL
} dcr_severity;
const char *dcr_severity_name(dcr_severity s);

typedef struct dcr_finding {
    const char *rule; /* id of a file in rules/checks/, stable for ever */
    dcr_severity severity;
    const char
        *criterion; /* "singling-out", "linkability", "inference", "claim", "coverage" */
    const char *gate; /* gate criterion it counts for ("direct-identifiers"), "" none */
    const char *title, *why, *remedy;
    const char *const *references;
    size_t n_references;
    const dcr_attr *attr; /* borrowed from the model; NULL: the whole dataset */
    uint32_t subjects, studies, series;
    uint64_t files;
    const char *shape;  /* from dcr_shape; "" when none */
    const char *detail; /* a sentence of measured figures, never a value; "" when none */
} dcr_finding;

typedef struct dcr_findings {
    dcr_finding *list; /* by severity (worst first), then rule, then path */
    size_t n;
    void *owner;
} dcr_findings;

typedef struct dcr_project dcr_project; /* below */
typedef struct dcr_policy dcr_policy;

/* Series that were de-identified alike: by what they state, and by what the tools that
 * are known leave behind.  Texts are lent by the rules, and none comes from a file. */
typedef struct dcr_deid_cluster {
    const char *tool;   /* name in deid-tools.json; "" when none is recognised */
    const char *named;  /* tool that DeidentificationMethod names, "" none known */
    const char *method; /* "absent", "named", "other": what DeidentificationMethod is */
    const char *identity_removed; /* "YES", "NO", "other", "absent", "mixed" */
    const char *temporal;         /* "MODIFIED", "REMOVED", "UNMODIFIED", ... */
    const char *uids; /* who writes such StudyInstanceUIDs: a toolkit, "UUID", "source",
                         "absent", "mixed" */
    const char *const *codes; /* of CID 7050, and of tools, sorted */
    size_t n_codes;
    uint32_t series, studies, subjects;
    double share;      /* of all series */
    const char *doubt; /* why the named tool cannot have written them; "" when it can */
} dcr_deid_cluster;

typedef struct dcr_deid {
    dcr_deid_cluster *list; /* most series first */
    size_t n;
    const uint32_t *of_series; /* cluster of each series */
    bool traits; /* something was de-identified at all: says so, or bears a tool's mark */
    void *owner;
} dcr_deid;

/* Groups the series of a model.  `out` is empty on failure; clear with dcr_deid_clear. */
DCR_MUST_USE dcr_status dcr_deid_measure(dcr_deid *out, const dcr_rules *r,
                                         const dcr_model *m, dcr_err *err);
void dcr_deid_clear(dcr_deid *d);

/* Names of the files of a scan, told one by one: there may be ten million. */
typedef struct dcr_file_name {
    const char *path; /* below its input, n bytes, parts separated by '/' */
    size_t n;
    uint32_t series; /* of the model, UINT32_MAX when it is nobody's */
} dcr_file_name;

typedef dcr_status dcr_file_name_fn(void *to, const dcr_file_name *f, dcr_err *err);

typedef struct dcr_path_source {
    void *ctx;
    /* Calls take(to, ...) for each file, in any order, and stops when it fails. */
    dcr_status (*each)(void *ctx, dcr_file_name_fn *take, void *to, dcr_err *err);
} dcr_path_source;

/* ---- link keys: numbers and UIDs by which files are found again elsewhere ---- */

/* UIDs and IDs as they were before de-identification, given by the user to see whether
 * the release's can be recomputed from them. */
typedef struct dcr_originals dcr_originals;
/* One a line, or the first column of a CSV file; DCR_ERULES names the line, never what
 * stands in it.  Free with dcr_originals_free. */
DCR_MUST_USE dcr_status dcr_originals_load(dcr_originals **out, const char *path,
                                           dcr_err *err);
void dcr_originals_free(dcr_originals *o);
size_t dcr_originals_count(const dcr_originals *o); /* distinct ones; 0 for NULL */

typedef enum dcr_link_state {
    DCR_LINK_ABSENT = 0,  /* no real value */
    DCR_LINK_UNKNOWN,     /* real values that give nothing away */
    DCR_LINK_REPLACED,    /* written by a tool or archive, random, or a plain counter */
    DCR_LINK_SOURCE_LIKE, /* as a hospital's system or a scanner would write it */
    DCR_LINK_RECOMPUTED,  /* what an unkeyed scheme makes of an original: proven */
    DCR_LINK_PROVEN,      /* an original itself: proven */
    DCR_LINK_N
} dcr_link_state;
const char *dcr_link_state_name(dcr_link_state s); /* "source-like", ... */

typedef struct dcr_link_key {
    const dcr_attr *attr;
    const dcr_attr *seen;     /* the same, with the smallest and the largest value of
                                 each series of which only a sketch is kept */
    bool uid;                 /* a UID, otherwise a number */
    dcr_link_state state;     /* what most of its values are; proven when any is */
    const char *scheme;       /* id of the scheme its values are of, "" none */
    const char *scheme_title; /* "" none */
    uint64_t values;          /* real values judged */
    uint64_t in_state[DCR_LINK_N];
    const uint8_t *value_state;  /* per value seen: dcr_link_state */
    const int16_t *value_scheme; /* per value seen: number of the scheme + 1, or 0 */
    const char *detail;          /* a sentence of counts, never a value; "" none */
} dcr_link_key;

typedef struct dcr_link_keys {
    dcr_link_key *list; /* by path */
    size_t n;
    size_t originals; /* compared with so many; 0: with none */
    void *owner;
} dcr_link_keys;

/* Judges all link keys of a model; `originals` may be NULL.  Free with
 * dcr_link_keys_free. */
DCR_MUST_USE dcr_status dcr_link_keys_build(dcr_link_keys **out, const dcr_rules *r,
                                            const dcr_model *m,
                                            const dcr_originals *originals, dcr_err *err);
void dcr_link_keys_free(dcr_link_keys *k);

/* What rules may look at.  All but the model may be NULL: what was not measured is judged
 * by nobody, and whoever leaves it out says so in the report. */
typedef struct dcr_evidence {
    const dcr_model *model;
    const dcr_pixels *pixels;   /* what headers say of pictures */
    const dcr_project *project; /* the controller's word */
    const dcr_policy *policy;   /* that acceptances are held against */
    const dcr_deid *deid;       /* who de-identified what */
    const dcr_dates *dates;     /* the date laboratory */
    const dcr_hidden *hidden;   /* of this model, or of it without found carriers */
    const dcr_path_source *paths;
    uint32_t today;             /* YYYYMMDD, 0: not known */
    uint32_t k;                 /* of the policy, 0: not known */
    const dcr_link_keys *links; /* state of the link keys */
} dcr_evidence;

/* Judges everything in the evidence.  Free with dcr_findings_clear. */
DCR_MUST_USE dcr_status dcr_rules_check(dcr_findings *out, const dcr_rules *r,
                                        const dcr_evidence *e, dcr_err *err);
void dcr_findings_clear(dcr_findings *f);

/* Runs every rule's own hit and miss examples; the first that does not hold is the error.
 */
DCR_MUST_USE dcr_status dcr_rules_selftest(const dcr_rules *r, dcr_err *err);

/* For `dcmrisk rules list|show`: id, severity, title, and the rule's JSON text (lent). */
typedef struct dcr_rule_info {
    const char *id, *title, *json;
    dcr_severity severity;
} dcr_rule_info;
const dcr_rule_info *dcr_rules_list(const dcr_rules *r, size_t *n);

/* Every file of the rule set: what it holds stands in the report. */
typedef struct dcr_rules_file_info {
    const char *name;    /* path below rules/: "uid-roots.json" */
    const char *edition; /* of a table; the version of a policy; "" when it has none */
    char digest[65];     /* SHA-256 of its text, hex: as sha256sum says it */
} dcr_rules_file_info;
const dcr_rules_file_info *dcr_rules_files(const dcr_rules *r, size_t *n);

/* What a JSON file that a user wrote is, by its "schema": "dcmrisk-policy/1",
 * "dcmrisk-project/1", "dcmrisk-acceptance/1", or "" when it names none.  DCR_ERULES
 * names file, line and what to write when it is no JSON or of no schema we know. */
DCR_MUST_USE dcr_status dcr_rules_schema_of(const char *path, const char **schema,
                                            dcr_err *err);

/* A file of the rule set by its path below rules/ ("policies/public-release.json"); NULL
 * when there is none.  Text of JSON, lent, *n its length. */
const char *dcr_rules_file(const dcr_rules *r, const char *name, size_t *n);

/* ---- project file, policy, gate ---- */

/* dcr_project is what the user supplies: purposes, recipients, acceptances, reviews,
 * statement of controls. */

/* Reads a project file (schema "dcmrisk-project/1"); `path` NULL gives an empty project.
 * DCR_ERULES names file and line. */
DCR_MUST_USE dcr_status dcr_project_load(dcr_project **out, const char *path,
                                         dcr_err *err);
void dcr_project_free(dcr_project *p);
/* Reads a file of acceptances alone (schema "dcmrisk-acceptance/1") as strictly as those
 * of a project file. */
DCR_MUST_USE dcr_status dcr_acceptances_check(const char *path, dcr_err *err);
bool dcr_project_has_controls(const dcr_project *p); /* a signed statement of controls */
/* The project file as it was read, *n bytes; NULL when there is none. */
const char *dcr_project_text(const dcr_project *p, size_t *n);
const json_t *
dcr_project_json(const dcr_project *p);       /* as read, for the report; {} when none */
bool dcr_project_given(const dcr_project *p); /* false: there is no project file */
const char *dcr_project_purpose(const dcr_project *p,
                                const char *path); /* NULL when none */
/* Holds what the project file names against the rules: its purpose template and levels of
 * precision.  DCR_ERULES names file and line. */
DCR_MUST_USE dcr_status dcr_project_check(const dcr_project *p, const dcr_rules *r,
                                          dcr_err *err);
/* Why a field is kept, by the project file or its purpose template; NULL when nobody
 * says.
 */
const char *dcr_rules_purpose(const dcr_rules *r, const dcr_project *p, const char *path);

/* Who gets the release ("recipients"): each is judged by a policy, against an adversary.
 */
typedef struct dcr_recipient {
    const char *name, *policy, *adversary; /* NULL: that of the run; that of the policy */
} dcr_recipient;
const dcr_recipient *dcr_project_recipients(const dcr_project *p, size_t *n);

/* The population that the release was taken from ("population"). */
typedef struct dcr_population_frame {
    const char *design; /* "census", "srs", "selected"; NULL: not said */
    const char *table;  /* a file, by its path from the project file; NULL: none */
    uint64_t size;      /* people; 0: not said */
} dcr_population_frame;
const dcr_population_frame *dcr_project_population(const dcr_project *p);

/* What somebody saw who looked at a sample of the pictures (reviews.pictures). */
typedef struct dcr_picture_review {
    const char *sop_class, *modality; /* NULL: any */
    uint64_t seen, found; /* images looked at; of them, those that showed something */
} dcr_picture_review;
const dcr_picture_review *dcr_project_pictures(const dcr_project *p, size_t *n);
bool dcr_picture_review_covers(const dcr_picture_review *r, const dcr_pixel_group *g);

/* A policy by name (built in, or in --rules) or from a file ("/" or ".json" in it).  A
 * policy that needs a statement of controls gives way to public-release when the project
 * has none: *fell_back is then true. */
DCR_MUST_USE dcr_status dcr_policy_load(dcr_policy **out, const dcr_rules *r,
                                        const char *name, const dcr_project *project,
                                        bool *fell_back, dcr_err *err);
/* The same against another adversary of the rules (NULL: the policy's own). */
DCR_MUST_USE dcr_status dcr_policy_load_for(dcr_policy **out, const dcr_rules *r,
                                            const char *name, const char *adversary,
                                            const dcr_project *project, bool *fell_back,
                                            dcr_err *err);
void dcr_policy_free(dcr_policy *p);
const char *dcr_policy_name(const dcr_policy *p);
const json_t *dcr_policy_json(const dcr_policy *p);
const char *dcr_policy_digest(const dcr_policy *p);
uint32_t dcr_policy_k(const dcr_policy *p); /* the k of its main criterion */
/* What it asks of k(s): its criteria of the kinds below and average that have a limit, in
 * their order, at most `room`.  *low: k_low(s) must meet them too (kind bounds).  Ids are
 * lent. */
enum { DCR_TARGETS_MAX = 16 };
size_t dcr_policy_targets(const dcr_policy *p, dcr_target *list, size_t room, bool *low);
/* The adversary it gates on, with its levels put in place of the usual ones. Lent. */
const dcr_adversary *dcr_policy_adversary(const dcr_policy *p);
bool dcr_policy_own_levels(
    const dcr_policy *p); /* true: not one of the rule set's adversaries */

typedef struct dcr_gate_input {
    const dcr_model *model;
    const dcr_findings *findings;
    const dcr_pixels *pixels;
    const dcr_project *project;
    const dcr_risk *gated; /* any_exam of the policy's adversary */
    const dcr_risk
        *collaborating; /* any_exam of collaborating-site, NULL when there is none */
    const dcr_risk *two_exams; /* of the policy's adversary */
    /* What counts as unique by intervals, where the policy's adversary would know the day
     * of an exam; NULL: not known. */
    const uint32_t *intervals; /* by subject of the model, as in dcr_longitudinal */
    const dcr_interval_pairs *interval_pairs; /* of `gated` */
    uint32_t today;                           /* YYYYMMDD */
} dcr_gate_input;

typedef struct dcr_gate {
    json_t *criteria;      /* verdict.criteria[] of the report */
    const char *result;    /* "pass", "fail", "inconclusive" */
    const char **accepted; /* per finding: id of its acceptance, NULL when none */
    size_t n_accepted;
    json_t *remarks; /* sentences on acceptances that expired or match nothing */
} dcr_gate;
DCR_MUST_USE dcr_status dcr_gate_run(dcr_gate *out, const dcr_policy *p,
                                     const dcr_gate_input *in, dcr_err *err);
void dcr_gate_clear(dcr_gate *g);

#ifdef __cplusplus
}
#endif
#endif
