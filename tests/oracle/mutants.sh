#!/bin/sh
# Definitions broken on purpose: copies of the program that count rows, take classes/n for the
# average risk, look at the first study only, and so on.  Random cohorts must tell each of them from
# the program as it is; a mutant that survives means that nobody would notice that mistake.
set -eu
# shellcheck source=tests/tools/common.sh
. "$(dirname "$0")/../tools/common.sh"
case $build in
*asan | *tsan) skip "mutants are made of the release build" ;;
esac
cohorts=${COHORTS_OF_MUTANTS:-30} # at most; the first that differs is enough
status=0
libs=$(sed -n 's/^LIBS := //p' "$top/Makefile")

# link PROGRAM OBJECT...: what OBJECT defines is not taken from the library.
link() {
    to=$1
    shift
    # shellcheck disable=SC2086 # libs is a list
    ${CXX:-g++} -o "$to" "$build/src/cli/main.o" "$@" "$build/libdcmrisk.a" $libs
}

# compare PROGRAM: 0 when cohorts agree with their truth, else 1; says which figure did not.
compare() {
    rm -rf "$work/cohorts"
    "$python" "$work/$truth.py" "$here" "$mkcohort" "$1" "$work/cohorts" "$cohorts"
}

truth=first # or exams: what is compared with what
cat >"$work/first.py" <<'END'
import sys
sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True
import compare_truth
mkcohort, program, folder, count = sys.argv[2:6]
for n in range(1, int(count) + 1):
    bad = compare_truth.one_cohort(mkcohort, program, folder, n)
    if bad:
        if "ended with" in bad[0]:
            sys.exit(f"cohort {n}: {bad[0]}")  # a crash is no answer
        print(f"cohort {n}: {bad[0]}")
        sys.exit(1)
END

cat >"$work/exams.py" <<'END'
import os
import shutil
import sys
sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True
import intruder
import longitudinal
program, folder, count = sys.argv[3:6]
for n in range(1, int(count) + 1):
    try:
        files = longitudinal.many_exams(n, os.path.join(folder, str(n)))
        bad = longitudinal.check_report(intruder, files, longitudinal.assess(program, files))
    except RuntimeError as e:
        sys.exit(f"cohort {n}: {e}")  # a crash is no answer
    if bad:
        print(f"cohort {n}: {bad[0]}")
        sys.exit(1)
    shutil.rmtree(os.path.join(folder, str(n)))
END

# mutant NAME FILE SED: made, and told from the program.
mutant() {
    sed -E "$3" "$top/$2" >"$work/mutant.c"
    if cmp -s "$top/$2" "$work/mutant.c"; then
        echo "WRONG: $1: $2 does not have what should be changed"
        status=1
        return
    fi
    if ! ${CC:-gcc} -D_GNU_SOURCE -std=c11 -O1 -DNDEBUG -I"$top/include" -I"$top/build/gen" \
        -I"$top/src/base" -I"$top/$(dirname "$2")" -c -o "$work/mutant.o" "$work/mutant.c" ||
        ! link "$work/mutant" "$work/mutant.o"; then
        echo "WRONG: $1: does not compile"
        status=1
        return
    fi
    code=0
    compare "$work/mutant" >"$work/said" 2>&1 || code=$?
    if [ "$code" -eq 0 ]; then
        echo "WRONG: $1: survives $cohorts cohorts"
        status=1
    elif [ "$code" -ne 1 ] || ! grep -q '^cohort' "$work/said" || grep -q 'ended with' "$work/said"; then
        echo "WRONG: $1: $(tail -n 1 "$work/said")"
        status=1
    else
        echo "$1: found by $(head -n 1 "$work/said" | cut -c 1-110)"
    fi
}

link "$work/dcmrisk"
if ! compare "$work/dcmrisk" >"$work/said" 2>&1; then
    cat "$work/said"
    echo "WRONG: the program itself differs from the truth"
    exit 1
fi

# what is counted
mutant "rows instead of subjects" src/metrics/classes.c \
    's/k == UINT32_MAX \|\| last\[k\] == s \+ 1/k == UINT32_MAX/'
mutant "files instead of subjects" src/metrics/classes.c \
    's/c->size\[k\]\+\+;/c->size[k] += (uint32_t)m->table.files[r];/'
mutant "studies instead of subjects" src/metrics/classes.c \
    's/last\[k\] == s \+ 1/last[k] == m->table.study[r] + 1/; s/last\[k\] = s \+ 1/last[k] = m->table.study[r] + 1/'
mutant "k_low counts inferred subjects as people" src/metrics/classes.c \
    's/else if \(!has_inferred\[k\]\)/else if (true)/'
mutant "no k_low: inferred subjects are nobody" src/metrics/classes.c \
    's/if \(!m->subjects\[s\]\.inferred\)/if (m->subjects[s].inferred) continue; else if (true)/'
# what is made of the counts
mutant "average is classes / n" src/metrics/metric_prosecutor.c \
    's/gsl_stats_mean\(risk, 1, r->n_subjects\)/(double)r->classes.n_classes \/ r->n_subjects/'
mutant "average is classes / records" src/metrics/metric_prosecutor.c \
    's/gsl_stats_mean\(risk, 1, r->n_subjects\)/(double)r->classes.n_classes \/ (double)r->classes.n_records/'
mutant "random exam is the average" src/metrics/metric_prosecutor.c \
    's/gsl_stats_mean\(r->exam, 1/gsl_stats_mean(risk, 1/'
mutant "best record instead of worst" src/metrics/risk.c \
    's/k < s->k\[who\]/k > s->k[who]/'
mutant "below k means at most k" src/metrics/metric_k.c \
    's/r->k\[i\] < below\[b\]/r->k[i] <= below[b]/'
mutant "the site's own patients stay in" src/metrics/risk.c \
    's/if \(rc == DCR_OK && v > 0\) \{/if (rc == DCR_OK \&\& v > 0 \&\& site == NULL) {/'
mutant "history is a set" src/metrics/views.c \
    's/if \(i == from \|\| key\[i\] != key\[kept - 1\]\)/if (kept == first || key[i] != key[kept - 1])/'
# whose rows
mutant "first study only" src/model/concepts.c \
    's/if \(acquired && !b->series_rows\[s\]\.acquisition\)/if (b->m->subjects[subject].first_study != study || (acquired \&\& !b->series_rows[s].acquisition))/'
mutant "first series only" src/model/concepts.c \
    's/if \(acquired && !b->series_rows\[s\]\.acquisition\)/if (s > 0 || (acquired \&\& !b->series_rows[s].acquisition))/'
mutant "reports are exams" src/model/concepts.c \
    's/acquisition = !b->has_modality \|\| b->has_acquisition/acquisition = true/'
mutant "keyword instead of concept" src/model/concepts.c \
    's/r < k->n_carriers; r\+\+, slot\+\+/r < 1; r++, slot++/'
mutant "last carrier instead of first" src/model/concepts.c \
    's/^( *)if \(best\[slot\] == 0\)/\1if (best[slot] == 0 || (r + 1 < k->n_carriers \&\& best[slot + 1] != 0))/'
mutant "largest value instead of smallest" src/model/concepts.c \
    's/(dcr_bytes_trim\(b->value\[\*slot\[i\] - 1\]\)\)) < 0/\1 > 0/'
# who is a subject
mutant "dummies are values" src/model/people.c \
    's/return trimmed\.n > 0 && !dcr_rules_is_dummy.*;/(void)r; (void)vr; return trimmed.n > 0;/'
mutant "issuers are ignored" src/model/people.c \
    's/if \(!p->inferred && dcr_is_real\(b->rules, "LO", issuer\)\)/if (false)/'
mutant "no issuer is an issuer" src/model/people.c \
    's/for \(size_t k = i; first < j && k < first; k\+\+\)/for (size_t k = i; k < i; k++)/'
mutant "everybody without PatientID is one" src/model/people.c \
    's/p->key = p->inferred \? p->study : pid;/p->key = p->inferred ? p->issuer : pid;/'
# what follows from other facts, and how coarse it is
mutant "age is not derived" src/model/table.c \
    's/if \(is\(b->m->concepts\[c\]\.derive, "age"\)\)/if (false)/'
mutant "site is not derived" src/model/table.c \
    's/derive_site\(b, c\);/(void)derive_site;/'
mutant "everything as recorded" src/model/levels.c \
    's/^static bool is\(const char \*a, const char \*b\)/static bool is(const char *a, const char *b)\n{\n    return false \&\& a == b;\n}\nstatic inline bool unused_is(const char *a, const char *b)/'
# several exams of one patient
has pydicom || {
    echo "several exams: left out, python3-pydicom is not installed"
    exit $status
}
truth=exams
compare "$work/dcmrisk" || {
    echo "WRONG: the program itself differs from brute force"
    exit 1
}
mutant "a shared beginning makes a shared set" src/metrics/itemsets.c \
    's/if \(c->set\[size \+ 1\]\.count\[at\] > 0\)/if (c->set[size + 1].count[at] > 1000)/'
mutant "sets of one patient alone are not counted" src/metrics/itemsets.c \
    's/o->n = alone;/o->n = 0;/'
mutant "inferred subjects are people in sets" src/metrics/itemsets.c \
    's/count - inferred \+ \(inferred > 0\)/count/'
mutant "sets of exactly m only" src/metrics/longitudinal.c \
    's/if \(n == 0\)$/if (n < m)/'
mutant "short traces count as they are" src/metrics/unicity.c \
    's/if \(n < p\)$/if (n < 1)/'
mutant "a mean over sets, not patients" src/metrics/unicity.c \
    's/sum \+= sets\[p - 1\]\.unique\[h\];/sum += sets[p - 1].unique[h] > 0;/'
mutant "dates that are none are dates" src/metrics/exam_days.c \
    's/return dcr_day_number\(v \/ 10000, v \/ 100 % 100, v % 100, day\);/*day = (int32_t)v; return true;/'
mutant "exams without a date are one date" src/metrics/longitudinal.c \
    's/undated\[row_class\[r\]\] = col\[0\]->code\[r\] == 0;/undated[row_class[r]] = false;/'
mutant "two exams of one day are one" src/metrics/longitudinal.c \
    's/if \(day\[i\] != NO_DAY\)/if (day[i] != NO_DAY \&\& (n == 0 || day[i] != vector[n - 1]))/'
mutant "intervals in the order of the studies" src/metrics/longitudinal.c \
    's/qsort\(vector, n, sizeof \*vector, by_day\);/(void)by_day;/'
mutant "pairs do not need two exams" src/metrics/interval_pairs.c \
    's/if \(f\[i\]\.study == f\[j\]\.study\)/if (false)/; s/p->judged\[who\] \|\| f\[i\]\.study != first/true/'
mutant "pairs without the days between" src/metrics/interval_pairs.c \
    's/f\[j\]\.day - f\[i\]\.day/0/'
mutant "pairs with their dates" src/metrics/interval_pairs.c \
    's/dcr_key_columns\(p->r->model, a, date->concept, col\)/dcr_key_columns(p->r->model, a, SIZE_MAX, col)/'
mutant "intervals do not count in the gate" src/rules/gate.c \
    's/return strcmp\(a->knows\[i\]\.level, "day"\) == 0;/return false;/'
exit $status
