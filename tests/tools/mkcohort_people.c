/* Subjects, studies and series of the plan.  All persons are invented. */
#include "mkcohort.h"

#include <string.h>

static const char *const heads[] = {"Quor", "Zyr",  "Vex",  "Thal",  "Brim", "Oxen",
                                    "Yld",  "Krav", "Fenn", "Gwyth", "Mor",  "Ilv",
                                    "Drex", "Pell", "Uzur", "Wrat"};
static const char *const tails[] = {"vathen",   "quist",   "olmer", "zander",
                                    "bruk",     "ethwick", "impel", "ovar",
                                    "undgaard", "yarrow",  "axby",  "entor"};
static const char *const men[] = {"Aldric",  "Bertolf", "Corvin",
                                  "Dietmar", "Egon",    "Falk"};
static const char *const women[] = {"Ilsebet",  "Jorunn", "Katrijn",
                                    "Liudmila", "Maelys", "Nadeige"};
static const char *const ethnics[] = {"Caucasian", "Asian", "African", "Hispanic",
                                      "Other"};
static const char *const towns[] = {"Nordhafen", "Aldwyn", "Seeburg", "Montclair",
                                    "Ebertal"};
static const char *const lands[] = {"DE", "GB", "FR", "IT", "NL"};
static const char *const jobs[] = {"nurse",       "teacher", "welder", "farmer",
                                   "lock keeper", "clerk",   "retired"};
static const char *const doctors[] = {"Hallgrimm^Ottilie^^Dr.", "Penhallow^Giles^^Dr.",
                                      "Vermeire^Anouk^^Dr.", "Tarkovic^Branko^^Dr.",
                                      "Oakshott^Winifred^^Dr."};
static const char *const operators[] = {"MTRA Kessel", "RT Dunmore", "MTA Lindqvist"};

/* A pooled choice from a table; NULL when the spec leaves the attribute out. */
static const char *choose(const mk_ctx *x, const char *name, const char *const *list,
                          uint32_t n, uint64_t draw)
{
    long i = mk_pool(x, name, n, draw);
    return i < 0 ? NULL : list[i];
}

#define CHOOSE(x, name, list, draw)                                                      \
    choose(x, name, list, (uint32_t)(sizeof(list) / sizeof((list)[0])), draw)

static void plan_name(mk_ctx *x, mk_subject *s)
{
    const char *h = heads[mk_below(16, x->seed, "head", s->no, 0, 0)];
    const char *t = tails[mk_below(12, x->seed, "tail", s->no, 0, 0)];
    bool man = s->sex != NULL && strcmp(s->sex, "M") == 0;
    s->family = mk_text(&x->plan, "%s%s%u", h, t, s->no + 1);
    s->given = (man ? men : women)[mk_below(6, x->seed, "given", s->no, 0, 0)];
}

/* PatientID and its issuer, with the faults that change who is who. */
static void plan_id(mk_ctx *x, mk_subject *s)
{
    uint32_t no = s->no;
    bool pseudo = strcmp(mk_word(x->spec, "ids.style", "mrn"), "pseudo") == 0;
    uint32_t n_issuers = (uint32_t)mk_num(x->spec, "ids.issuers", 0);
    if (no > 0 && mk_chance(x, "ids.merged", 0, no, 0))
        s->id = x->subjects[no - 1].id; /* two persons, one PatientID */
    else if (pseudo)
        s->id = mk_text(&x->plan, "P%04u", no + 1);
    else
        s->id = mk_text(&x->plan, "%07u",
                        4100000 + no * 137 + mk_below(100, x->seed, "mrn", no, 0, 0));
    if (n_issuers > 0)
        s->issuer = mk_text(&x->plan, "ISS-%c",
                            'A' + (char)mk_below(n_issuers, x->seed, "issuer", no, 0, 0));
}

static void plan_birth(mk_ctx *x, mk_subject *s)
{
    long from = mk_date_arg(mk_word(x->spec, "dates.from", "20180101"));
    int y, m, d;
    double u = mk_unit(x->seed, "age0", s->draw, 0, 0),
           v = mk_unit(x->seed, "age0", s->draw, 1, 0);
    long age = (long)(18 + 76 * (0.5 * u + 0.5 * v)); /* most between 35 and 75 */
    const json_t *pool = mk_get(x->spec, "pools.birth_date");
    if (mk_chance(x, "optional.infant", 0.02, s->draw, 0))
        age = 0;
    mk_civil(from, &y, &m, &d);
    s->birth = mk_days(y - (int)age, 1, 1) - 1 -
               mk_below(364, x->seed, "birthday", s->draw, 0, 0);
    s->has_birth = true;
    if (pool != NULL) {
        long i = mk_pool(x, "birth_date", 20000, s->draw);
        s->has_birth = i >= 0;
        if (i >= 0)
            s->birth = mk_days(y, 1, 1) - 6000 - i;
    }
}

static void plan_subject(mk_ctx *x, mk_subject *s, uint32_t no)
{
    const json_t *sets = mk_get(x->spec, "charsets");
    s->no = no;
    s->draw = no;
    if (no > 0 &&
        mk_chance(x, "twins", 0, no, 0)) /* the values and history of somebody before */
        s->draw = x->subjects[mk_below(no, x->seed, "twin-of", no, 0, 0)].draw;
    static const char *const sexes[] = {"F", "M", "O"};
    s->sex =
        choose(x, "sex", sexes,
               mk_chance(x, "optional.sex_other", 0.01, s->draw, 0) ? 3 : 2, s->draw);
    s->ethnic = CHOOSE(x, "ethnicity", ethnics, s->draw);
    s->occupation = CHOOSE(x, "occupation", jobs, s->draw);
    s->region = CHOOSE(x, "residence", towns, s->draw);
    s->country = CHOOSE(x, "residence", lands, s->draw);
    if (s->region != NULL)
        s->residence = mk_text(&x->plan, "%s, Lindenweg %u", s->region,
                               mk_below(3, x->seed, "house", s->draw, 0, 0) + 1);
    plan_birth(x, s);
    plan_name(x, s);
    plan_id(x, s);
    s->n_studies = 1 + mk_weighted(x, "studies", s->draw);
    s->charset = "ISO_IR 100";
    if (json_array_size(sets) > 0)
        s->charset = json_string_value(
            json_array_get(sets, mk_below((uint32_t)json_array_size(sets), x->seed,
                                          "charset", no, 0, 0)));
    if (s->charset == NULL)
        mk_die("'charsets' is a list of strings");
}

void mk_plan_subjects(mk_ctx *x)
{
    x->n_subjects = (uint32_t)mk_num(x->spec, "subjects", 20);
    x->subjects = mk_alloc(&x->plan, x->n_subjects, sizeof *x->subjects);
    for (uint32_t i = 0; i < x->n_subjects; i++)
        plan_subject(x, &x->subjects[i], i);
}

static void plan_when(mk_ctx *x, mk_study *st)
{
    long from = mk_date_arg(mk_word(x->spec, "dates.from", "20180101"));
    long to = mk_date_arg(mk_word(x->spec, "dates.to", "20211231"));
    const char *grain = mk_word(x->spec, "dates.grain", "day");
    int y, m, d;
    if (to < from)
        mk_die("dates.to lies before dates.from");
    long i = mk_pool(x, "exam_date", (uint32_t)(to - from + 1), st->draw);
    st->has_day = i >= 0;
    st->day = from + (i < 0 ? 0 : i);
    if (strcmp(grain, "day") == 0 && mk_weekday(st->day) > 4 &&
        mk_unit(x->seed, "emergency", st->draw, 0, 0) > 0.15 && st->day - 2 >= from)
        st->day -= 2; /* most exams are done on working days */
    mk_civil(st->day, &y, &m, &d);
    if (strcmp(grain, "month") == 0)
        st->day = mk_days(y, m, 1);
    else if (strcmp(grain, "year") == 0)
        st->day = mk_days(y, 1, 1);
    i = mk_pool(x, "exam_time", 39600, st->draw);
    st->has_second = i >= 0;
    st->second = 27000 + (i < 0 ? 0 : i);
    st->date = st->has_day ? mk_date(&x->plan, st->day) : NULL;
    st->time = st->has_second ? mk_time(&x->plan, st->second, 0) : NULL;
}

static void plan_age(mk_ctx *x, mk_study *st)
{
    int by, bm, bd, y, m, d;
    long i =
        mk_get(x->spec, "pools.age") == NULL ? 0 : mk_pool(x, "age", 70, st->who->draw);
    if (i < 0)
        return;
    if (mk_get(x->spec, "pools.age") != NULL) {
        st->age = mk_text(&x->plan, "%03ldY", 20 + i);
        return;
    }
    mk_civil(st->who->birth, &by, &bm, &bd);
    mk_civil(st->day, &y, &m, &d);
    int years = y - by - (m < bm || (m == bm && d < bd));
    long days = st->day - st->who->birth;
    if (years >= 2)
        st->age = mk_text(&x->plan, "%03dY", years);
    else if (days >= 90)
        st->age = mk_text(&x->plan, "%03ldM", days * 100 / 3044);
    else
        st->age = mk_text(&x->plan, days >= 28 ? "%03ldW" : "%03ldD",
                          days >= 28 ? days / 7 : days);
}

static void plan_body(mk_ctx *x, mk_study *st)
{
    static const char *const smokes[] = {"NO", "YES", "UNKNOWN"};
    uint64_t d = st->who->draw;
    bool infant = st->age != NULL && st->age[3] != 'Y';
    long i = mk_pool(x, "height", 50, d), j = mk_pool(x, "weight", 80, d);
    if (i >= 0)
        st->size = infant ? "0.62" : mk_text(&x->plan, "1.%02ld", 50 + i);
    if (j >= 0 && infant)
        st->weight = "6.4";
    else if (j >= 0 && mk_get(x->spec, "pools.weight") == NULL)
        st->weight = mk_text(&x->plan, "%ld.%u", 48 + j,
                             mk_below(10, x->seed, "hg", st->draw, 0, 0));
    else if (j >= 0)
        st->weight = mk_text(&x->plan, "%ld", 45 + j);
    st->smoking =
        mk_get(x->spec, "pools.smoking") == NULL ? NULL : CHOOSE(x, "smoking", smokes, d);
    if (st->who->sex != NULL && strcmp(st->who->sex, "F") == 0 && !infant &&
        mk_get(x->spec, "pools.pregnancy") != NULL)
        st->pregnancy = (unsigned)(mk_pool(x, "pregnancy", 4, st->draw) + 1);
}

/* Which of a modality's exams it was: names of exam, series and body part go together
 * unless the spec gives one of them a pool of its own. */
static long region(const mk_ctx *x, const mk_study *st, const char *name, uint64_t draw)
{
    char path[64] = "pools.";
    strncat(path, name, sizeof path - 7);
    if (mk_get(x->spec, path) != NULL)
        return mk_pool(x, name, 4, draw);
    return (long)mk_below(4, x->seed, "region", st->draw, 0, 0);
}

void mk_plan_study(mk_ctx *x, const mk_subject *s, uint32_t no, mk_study *st)
{
    memset(st, 0, sizeof *st);
    st->who = s;
    st->no = no;
    st->draw = (uint64_t)no << 32 | s->draw;
    st->self = (uint64_t)s->no * 64 + no + 1;
    plan_when(x, st);
    plan_age(x, st);
    plan_body(x, st);
    st->scanner = mk_below(x->n_scanners, x->seed, "scanner", st->draw, 0, 0);
    long few = mk_get(x->spec, "pools.device") == NULL
                   ? 0
                   : mk_pool(x, "device", x->n_scanners, st->draw);
    if (mk_get(x->spec, "pools.device") != NULL && few >= 0)
        st->scanner = (uint32_t)few;
    long p = region(x, st, "procedure", st->draw);
    if (p >= 0)
        st->procedure = mk_modality_get(x->scanners[st->scanner].modality)->procedure[p];
    st->staff = CHOOSE(x, "staff", doctors, st->draw);
    st->operator_name = CHOOSE(x, "staff", operators, st->draw ^ 0x5555);
    const mk_scanner *sc = &x->scanners[st->scanner];
    st->uid = mk_uid(x, &x->plan, sc, 1, st->self, 1, st->day, st->second);
    st->accession =
        mk_text(&x->plan, "A%07llu", 3000000 + (unsigned long long)st->self * 31);
    st->id = mk_text(&x->plan, "%llu", 70000 + (unsigned long long)st->self);
    st->n_series = 1 + mk_weighted(x, "series", st->draw);
}

void mk_plan_series(mk_ctx *x, const mk_study *st, uint32_t no, mk_series *se)
{
    memset(se, 0, sizeof *se);
    se->study = st;
    se->no = no;
    se->draw = st->draw << 8 | no;
    se->self = st->self * 64 + no + 1;
    uint32_t sc = st->scanner;
    if (no > 0 && mk_chance(x, "optional.other_scanner", 0.05, se->draw, 0))
        sc = mk_below(x->n_scanners, x->seed, "scanner", se->draw, 1, 0);
    se->scanner = &x->scanners[sc];
    uint32_t site = se->scanner->site;
    if (mk_chance(x, "optional.moved_scanner", 0, st->draw, 0))
        site = mk_below(x->n_sites, x->seed, "site", st->draw, 0, 0);
    se->site = &x->sites[site];
    se->modality = mk_modality_get(se->scanner->modality);
    long b = region(x, st, "body_region", st->draw);
    se->body = b < 0 ? NULL : se->modality->body[b];
    b = region(x, st, "protocol", se->draw);
    se->protocol = b < 0 ? NULL : se->modality->protocol[b];
    se->description = b < 0 ? NULL : se->modality->series[b];
    long second = st->second + 60 * (long)(no + 1);
    se->uid = mk_uid(x, &x->plan, se->scanner, 2, se->self, 1, st->day, second);
    se->frame_uid = mk_uid(x, &x->plan, se->scanner, 4, se->self, 1, st->day, second);
    const json_t *files = mk_get(x->spec, "files");
    uint32_t lo = 1, hi = 3;
    if (json_array_size(files) == 2) {
        lo = (uint32_t)json_integer_value(json_array_get(files, 0));
        hi = (uint32_t)json_integer_value(json_array_get(files, 1));
    }
    if (hi < lo)
        mk_die("'files' is [fewest, most]");
    se->n_files = lo + mk_below(hi - lo + 1, x->seed, "files", se->draw, 0, 0);
}
