/* Inside of a rule set: compact tables, and what the checks may ask of them. */
#ifndef DCR_RULESET_H
#define DCR_RULESET_H

#include "arena.h"
#include "dcmrisk/rules.h"
#include "dict.h"
#include "lexicon.h"
#include "rulefile.h"
#include "sha256.h"
#include "strict.h"

struct dcr_check;
typedef struct dcr_profile_row dcr_profile_row; /* profile.h */
typedef struct dcr_deid_marks dcr_deid_marks;   /* deid.h */
struct dcr_identifiers;                         /* identifiers.h */
struct dcr_path_words;                          /* paths.h */
struct dcr_sidecar_names;
struct dcr_link_rules; /* link_rules.h */

typedef struct dcr_tag_info { /* one standard attribute; repeating groups stand as 50xx,
                                 60xx */
    uint32_t tag;
    char vr[4];
    dcr_role role;
    dcr_level level;
    bool link_key;
    const char *keyword, *family;
} dcr_tag_info;

typedef struct dcr_vr_info {
    const char *vr;
    dcr_role role;
    const char *family;
} dcr_vr_info;

typedef struct dcr_family_info { /* role of an attribute known by its PS3.15 family only
                                  */
    const char *family;
    dcr_role role;
} dcr_family_info;

typedef enum dcr_private_kind {
    DCR_PRIVATE_UNKNOWN = 0, /* in none of our tables */
    DCR_PRIVATE_SAFE,        /* PS3.15 E.3.10-1 */
    DCR_PRIVATE_KEEP,        /* kept by those who judged it by hand */
    DCR_PRIVATE_HARMLESS,    /* known, and nobody calls it a risk */
    DCR_PRIVATE_IDENTIFYING, /* tables say it names a person, a site or staff */
    DCR_PRIVATE_LINKING,     /* tables say it holds UIDs, dates, serials, free text */
    DCR_PRIVATE_REMOVE,      /* deleted by those who judged it by hand */
    DCR_PRIVATE_REVIEW,      /* known, judged by nobody */
    DCR_PRIVATE_ORPHAN,      /* no creator: cannot be judged */
    DCR_PRIVATE_CREATOR      /* a creator element itself */
} dcr_private_kind;

typedef struct dcr_private_elem {
    uint32_t creator; /* number in the dictionary of creators */
    uint32_t key;     /* group << 8 | low byte of the element */
    dcr_private_kind kind;
    const char *holds; /* "patient_name;date"; "" when nothing is known */
} dcr_private_elem;

typedef struct dcr_sop_info {
    const char *uid;
    dcr_pixel_risk risk;
} dcr_sop_info;

typedef struct dcr_uid_root {
    const char *root, *kind, *name, *source, *note;
    size_t n;                      /* length of root */
    const struct dcr_uid_root *up; /* the longest other root above it, NULL when none */
} dcr_uid_root;

typedef struct dcr_carrier_info { /* sorted by path */
    const char *path;
    int concept;
} dcr_carrier_info;

typedef struct dcr_hierarchy {
    const char *id;
    dcr_strings levels; /* most specific first; "*" last */
} dcr_hierarchy;

typedef struct dcr_rule { /* one file of checks/ */
    const char *id, *check_name, *title, *severity_name, *criterion, *gate, *why, *remedy;
    dcr_strings references;
    const json_t *params_json, *examples; /* valid while the file is read, NULL after */
    const struct dcr_check *check;
    void *params; /* of the check, compiled */
    dcr_severity severity;
    const dcr_rule_file *file;
} dcr_rule;

struct dcr_rules {
    dcr_arena arena;
    dcr_rule_files files;
    const char *edition;
    char digest[DCR_SHA256_HEX];
    dcr_rules_file_info *file_infos; /* of files, in their order */
    dcr_tag_info *tags;
    size_t n_tags;
    dcr_vr_info *vrs;
    size_t n_vrs;
    dcr_family_info *families;
    size_t n_families;
    dcr_concept *concepts;
    const char **fixed; /* per concept: why no file can do without it, "" when it can */
    size_t n_concepts;
    dcr_carrier_info *carriers;
    size_t n_carriers;
    dcr_hierarchy *hierarchies;
    size_t n_hierarchies;
    dcr_adversary *adversaries;
    size_t n_adversaries;
    dcr_profile_row *profile; /* sorted by tag */
    size_t n_profile;
    dcr_deid_marks *deid;
    dcr_dict creators;
    dcr_private_elem *privates; /* sorted by creator, key */
    size_t n_privates;
    dcr_dict opened;      /* folded names of what openers find */
    uint32_t *opened_tag; /* by number in it: the tag it is judged as; owned */
    size_t cap_opened;
    dcr_dict dummy_words; /* upper case */
    const char *dummy_runs;
    dcr_strings number_vrs, dummy_dates, dummy_times, derived, acquisition;
    dcr_sop_info *sops; /* sorted by uid */
    size_t n_sops;
    dcr_pixel_risk sop_default;
    dcr_strings head_words, listed_without_pixels, look_without_pixels;
    struct dcr_link_rules *links;
    dcr_uid_root *roots; /* sorted by root */
    size_t n_roots;
    dcr_dict vocabulary;  /* lower case */
    dcr_lexicon *lexicon; /* what detectors know */
    dcr_date_lab date_lab;
    struct dcr_identifiers *identifiers;
    struct dcr_path_words *path_words;
    struct dcr_sidecar_names *sidecar_names;
    dcr_hidden_params hidden;
    dcr_rule *rules; /* sorted by id */
    dcr_rule_info *infos;
    size_t n_rules;
    const char **keep;
    size_t n_keep;
    dcr_list purposes;                     /* of dcr_purpose_template: purposes.h */
    struct dcr_option_table *option_table; /* option_table.h */
    struct dcr_regex **regexes;            /* of all tables, freed with the rules */
    size_t n_regexes, cap_regexes;
    struct dcr_deid_tool *deid_tools; /* deid_tools.h */
    size_t n_deid_tools;
    struct dcr_pixel_rule *pixel_rules; /* pixel_rules.h */
    size_t n_pixel_rules;
    struct dcr_pixel_device *pixel_devices;
    size_t n_pixel_devices;
};

/* ---- loading, file by file (ruleset.c calls them in this order) ---- */
DCR_MUST_USE dcr_status dcr_load_attributes(dcr_rules *r, dcr_err *err);
DCR_MUST_USE dcr_status dcr_load_knowledge(dcr_rules *r, dcr_err *err);
/* Of confidentiality-profile.json: what it says of each attribute. */
DCR_MUST_USE dcr_status dcr_load_profile(dcr_rules *r, const dcr_rule_file *file,
                                         json_t *root, dcr_err *err);
DCR_MUST_USE dcr_status dcr_load_values(dcr_rules *r, dcr_err *err);
DCR_MUST_USE dcr_status dcr_load_date_lab(dcr_rules *r, dcr_err *err);
DCR_MUST_USE dcr_status dcr_load_opened(dcr_rules *r, dcr_err *err);
DCR_MUST_USE dcr_status dcr_load_lexicon(dcr_rules *r, dcr_err *err);
DCR_MUST_USE dcr_status dcr_load_private(dcr_rules *r, dcr_err *err);
DCR_MUST_USE dcr_status dcr_load_deid_tools(dcr_rules *r, dcr_err *err);
DCR_MUST_USE dcr_status dcr_load_pixel_rules(dcr_rules *r, dcr_err *err);
DCR_MUST_USE dcr_status dcr_load_purposes(dcr_rules *r, dcr_err *err);
DCR_MUST_USE dcr_status dcr_load_hidden(dcr_rules *r, dcr_err *err);
DCR_MUST_USE dcr_status dcr_load_links(dcr_rules *r, dcr_err *err);
DCR_MUST_USE dcr_status dcr_load_checks(dcr_rules *r, dcr_err *err);
DCR_MUST_USE dcr_status dcr_load_identifiers(dcr_rules *r, dcr_err *err);
void dcr_identifiers_clear(dcr_rules *r);
DCR_MUST_USE dcr_status dcr_load_path_words(dcr_rules *r, dcr_err *err);
void dcr_path_words_clear(dcr_rules *r);
DCR_MUST_USE dcr_status dcr_load_sidecar_names(dcr_rules *r, dcr_err *err);
void dcr_sidecar_names_clear(dcr_rules *r);

/* Opens and parses a file of the set by name. */
DCR_MUST_USE dcr_status dcr_load_json(const dcr_rules *r, const char *name,
                                      const dcr_rule_file **file, json_t **root,
                                      dcr_err *err);

/* Compiles a pattern that has been checked, for as long as the rules live; NULL for
 * NULL. */
DCR_MUST_USE dcr_status dcr_rules_regex(dcr_rules *r, const char *pattern,
                                        struct dcr_regex **out, dcr_err *err);

/* A role, level or severity by its name; false when there is none. */
bool dcr_role_of(const char *name, dcr_role *out);
bool dcr_level_of(const char *name, dcr_level *out);
bool dcr_severity_of(const char *name, dcr_severity *out);

/* "gggg,eeee" (x where any digit may stand; it reads as 0) as a number; false when not
 * one. */
bool dcr_tag_of(const char *p, size_t n, uint32_t *out);

/* ---- asking ---- */

/* The last part of an attribute path. */
typedef struct dcr_path_tail {
    const char *seg; /* "0010,0010", "0029,xx10" */
    size_t n_seg;
    const char *parent; /* segment before, NULL at the top */
    size_t n_parent;
    const char *creator; /* between the braces, NULL when there are none */
    size_t n_creator;
    const char *sub; /* behind the ':' of an opener, NULL when there is none */
} dcr_path_tail;
void dcr_path_split(const char *path, dcr_path_tail *out);

const dcr_tag_info *dcr_rules_tag(const dcr_rules *r, uint32_t tag);

/* The standard attribute that the name of what an opener found ("csa/UsedPatientWeight")
 * speaks of; false when it is not known. */
bool dcr_rules_opened(const dcr_rules *r, const char *sub, uint32_t *tag);

typedef struct dcr_private_info {
    dcr_private_kind kind;
    bool known_creator;
    const char *holds; /* "" when nothing is known */
} dcr_private_info;
/* True for a private creator of the tables: a maker's or a tool's, and no text. */
bool dcr_rules_creator(const dcr_rules *r, const uint8_t *p, size_t n);
/* What is known of a private path; false when its last part is not private. */
bool dcr_rules_private(const dcr_rules *r, const char *path, dcr_private_info *out);

/* The longest root that starts the UID, NULL when none does. */
const dcr_uid_root *dcr_rules_uid_root(const dcr_rules *r, const uint8_t *p, size_t n);

/* True when a run of letters in the text is a word of radiology or of forms. */
bool dcr_rules_vocabulary(const dcr_rules *r, const uint8_t *p, size_t n);

#endif
