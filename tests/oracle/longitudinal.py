#!/usr/bin/env python3
"""What several exams give away, by brute force over the files, against the report.

usage: longitudinal.py random MKCOHORT DCMRISK FOLDER FIRST COUNT   cohorts of mkcohort
       longitudinal.py traces DCMRISK FOLDER FIRST COUNT            cohorts of many exams each
       longitudinal.py table DCMRISK FOLDER STUDIES.csv             METRICS.md 2.5

Every set of keys, of dates and every interval vector is compared with those of every other
subject, as the definitions say: nothing is shared with the program but the files.  `random` and
`traces` read them with intruder.py.  Exit: 0 all agree, 1 not, 77 no pydicom.
"""
import collections
import csv
import datetime
import itertools
import json
import math
import os
import random
import shutil
import struct
import subprocess
import sys

BELOW = (2, 3, 5, 11, 20)


# ---- files ----

def element(tag, vr, value):
    value = value.encode() if isinstance(value, str) else value
    value += (b"\0" if vr == "UI" else b" ") * (len(value) % 2)
    return struct.pack("<HH2sH", tag >> 16, tag & 0xFFFF, vr.encode(), len(value)) + value


def write_file(path, elements):
    """A data set of short elements, {tag: (VR, text)}, in explicit little endian."""
    meta = (element(0x00020002, "UI", "1.2.840.10008.5.1.4.1.1.2")
            + element(0x00020003, "UI", elements[0x00080018][1])
            + element(0x00020010, "UI", "1.2.840.10008.1.2.1"))
    body = b"".join(element(t, *elements[t]) for t in sorted(elements))
    with open(path, "wb") as f:
        f.write(bytes(128) + b"DICM" + element(0x00020000, "UL", struct.pack("<I", len(meta))) + meta + body)


def write_exams(folder, exams):
    """One file for each series of each exam: (subject, date, [(modality, {tag: (VR, text)})])."""
    os.makedirs(folder)
    for i, (who, date, series) in enumerate(exams):
        for j, (modality, more) in enumerate(series):
            uid = f"1.2.826.0.1.3680043.9.9999.{i + 1}"
            write_file(os.path.join(folder, f"{i:06d}-{j}.dcm"), {
                0x00080016: ("UI", "1.2.840.10008.5.1.4.1.1.2"), 0x00080018: ("UI", f"{uid}.3.{j}"),
                0x00080020: ("DA", date), 0x00080060: ("CS", modality), 0x00100020: ("LO", who),
                0x0020000D: ("UI", uid), 0x0020000E: ("UI", f"{uid}.2.{j}"), **more})


def assess(dcmrisk, folder, *options):
    out = folder + ".report"
    run = subprocess.run([dcmrisk, "assess", folder, "--out", out, "--format", "json", "-q", *options],
                         stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    if run.returncode not in (0, 1, 3):
        raise RuntimeError(f"dcmrisk ended with {run.returncode}: {run.stderr.strip()[-300:]}")
    with open(os.path.join(out, "report.json"), encoding="utf-8") as f:
        return json.load(f)


# ---- the definitions ----

def holders(sets, some):
    """Whose set holds all of `some`."""
    return [who for who, s in sets.items() if some <= s]


def low(people, inferred):
    """As many people as these are at least."""
    return sum(p not in inferred for p in people) + any(p in inferred for p in people)


def unicity(sets, p):
    """(subjects, share), over those with at least p points; (all, share) with all points of others."""
    enough, everyone = [], []
    for who, s in sets.items():
        n = min(p, len(s))
        if n == 0:
            continue
        alone = [holders(sets, set(c)) == [who] for c in itertools.combinations(s, n)]
        share = sum(alone) / len(alone)
        everyone.append(share)
        if len(s) >= p:
            enough.append(share)
    return [(len(x), sum(x) / len(x) if x else None) for x in (enough, everyone)]


def km(sets, m, inferred):
    """As the report has it, by every set of at most m, and of exactly m, that anyone holds."""
    at_most, low_min, exactly, distinct = {}, None, {}, {}
    for who, s in sets.items():
        for size in range(1, m + 1):
            for c in itertools.combinations(sorted(s, key=repr), size):
                have = holders(sets, set(c))
                at_most[who] = min(at_most.get(who, len(have)), len(have))
                low_min = min(low_min or low(have, inferred), low(have, inferred))
                if size == m:
                    exactly[who] = min(exactly.get(who, len(have)), len(have))
                    distinct[c] = len(have)

    def below(numbers):
        return {str(b): sum(n < b for n in numbers) for b in BELOW}
    return {"m": m, "k_min": min(at_most.values()), "k_low_min": low_min,
            "subjects_below": below(at_most.values()), "itemsets": len(distinct),
            "itemsets_below": below(distinct.values()), "holders": len(exactly),
            "holders_below": below(exactly.values())}


def summary(k):
    return {"subjects": len(k), "k_min": min(k.values()) if k else None,
            "unique_subjects": sum(x == 1 for x in k.values()),
            "below": {str(b): sum(x < b for x in k.values()) for b in BELOW}}


def two_exams(keys, inferred):
    """The view: pairs of records; who has one record is judged by it.  And k of everybody."""
    k, k_low, exam = {}, {}, {}
    for who, s in keys.items():
        pairs = [set(c) for c in itertools.combinations(s, 2)] or [set(s)]
        have = [holders(keys, c) for c in pairs]
        k[who] = min(map(len, have))
        k_low[who] = min(low(h, inferred) for h in have)
        exam[who] = sum(1 / len(h) for h in have) / len(have)
    return {**summary(k), "k_low_min": min(k_low.values()),
            "prosecutor": {"max": max(1 / x for x in k.values()),
                           "average": sum(1 / x for x in k.values()) / len(k),
                           "random_exam": sum(exam.values()) / len(k)}}, k


def intervals(days, n):
    """From {who: [day of every dated exam]}, how many have the same intervals, of those with n exams."""
    vector = {}
    for who, d in days.items():
        d = sorted(d)
        vector[who] = tuple((b - a).days for a, b in zip(d, d[1:]))
    return {who: list(vector.values()).count(vector[who]) for who in days if len(days[who]) >= n}


def interval_pairs(facts):
    """From {who: {(day, key, exam)}}: how many have the same two keys as many days apart."""
    pairs = {}
    for who, s in facts.items():
        mine = {(a[1], b[1], (b[0] - a[0]).days) for a, b in itertools.permutations(s, 2)
                if a[2] != b[2] and a[0] <= b[0]}
        if mine:
            pairs[who] = mine
    return {who: min(len(holders(pairs, {p})) for p in mine) for who, mine in pairs.items()}


# ---- comparing ----

def compare(truth, found, path, bad):
    if isinstance(truth, dict):
        for k, v in truth.items():
            compare(v, found.get(k) if isinstance(found, dict) else None, f"{path}.{k}", bad)
    elif truth is None or found is None or isinstance(truth, int):
        if truth != found:
            bad.append(f"{path}: {found!r}, truth {truth!r}")
    elif not math.isclose(truth, found, rel_tol=1e-9, abs_tol=1e-12):
        bad.append(f"{path}: {found!r}, truth {truth!r}")


def compare_unicity(sets, rows, granularity, bad):
    for p in range(1, 5):
        row = next((r for r in rows if (r["granularity"], r["points"]) == (granularity, p)), None)
        (n, share), (n_all, all_share) = unicity(sets, p)
        compare({"subjects": n, "share": share, "lo": share, "hi": share, "exact": True,
                 "all_subjects": n_all, "all_share": all_share}, row, f"unicity {granularity} {p}", bad)


def compare_intervals(days, found, bad):
    if not found["applies"]:
        if days:
            bad.append("intervals: not examined")
        return
    for n, f in zip((2, 3), found["at_least"]):
        compare({"exams": n, **summary(intervals(days, n))}, f, f"intervals {n}", bad)


# ---- cohorts, read by the intruder ----

def day_of(text):
    try:
        return datetime.datetime.strptime(text.replace(".", ""), "%Y%m%d").date() if text else None
    except ValueError:
        return None


def by_subject(rows, point):
    """Sets of the points of every subject; None is no point, and a subject without one has no set."""
    sets = collections.defaultdict(set)
    for r in rows:
        if point(r) is not None:
            sets[r[0]].add(point(r))
    return sets


def check_report(intruder, folder, report):
    """Differences between a report and what stands in the files."""
    bad = []
    files = intruder.load(folder)
    intruder.name_subjects(files)
    rows = intruder.exams(files)
    if not rows:
        return bad
    inferred = {r[0] for r in rows if r[0][0] == "?"}
    for r in rows:
        r[2]["day"] = day_of(intruder.at_level("exam_date", r[2]["exam_date"], False))

    def dated(point):
        return by_subject(rows, lambda r: r[2]["day"] and point(r[2]["day"], r[2]))
    found = report["longitudinal"]
    if found["unicity"]:
        compare_unicity(dated(lambda d, f: d), found["unicity"], "day", bad)
        compare_unicity(dated(lambda d, f: d.isocalendar()[:2]), found["unicity"], "week", bad)
        compare_unicity(dated(lambda d, f: (d.year, d.month)), found["unicity"], "month", bad)
        if any(r[2]["modality"] for r in rows) and any(r[2]["body_region"] for r in rows):
            compare_unicity(dated(lambda d, f: (d.year, d.month, f["modality"], f["body_region"])),
                            found["unicity"], "month+modality+body_region", bad)
    elif any(r[2]["day"] for r in rows):
        bad.append("unicity: nothing")
    studies = {(who, exam): f["day"] for who, exam, f in rows if f["day"]}
    days = collections.defaultdict(list)
    for (who, _), d in studies.items():
        days[who].append(d)
    compare_intervals(days, found["intervals"], bad)
    check_keys(intruder, rows, inferred, intervals(days, 2), report, bad)
    return bad


def check_keys(intruder, rows, inferred, vectors, report, bad):
    """Views and sets of keys, as every adversary was judged."""
    for a in report["adversaries"]:
        order = [k["concept"] for k in a["knows"] if k["present"]]
        view = {v["view"]: v for v in a["views"]}.get("two_exams")
        if view is None or not order:
            continue
        out = intruder.worst_site(rows, order) if a["id"] == "collaborating-site" else frozenset()
        keys = by_subject([r for r in rows if r[0] not in out],
                          lambda r: tuple(intruder.at_level(c, r[2][c], a["id"] == "public") for c in order))
        truth, two_k = two_exams(keys, inferred)
        compare(truth, view, f"{a['id']}.two_exams", bad)
        if a["id"] != "acquaintance":  # whom the gate judges by
            continue
        for m in (1, 2, 3):
            compare(km(keys, m, inferred), report["longitudinal"]["km"][m - 1], f"km {m}", bad)
        check_pairs(intruder, rows, order, vectors, two_k, report, bad)
        other = report["longitudinal"]["otherwise"]
        if other is not None:
            order = [c for c in order if c != "exam_date"] if other["reading"] == "holds" else \
                [c for c in intruder.CONCEPTS if c in intruder.FRIEND and any(r[2][c] is not None for r in rows)]
            keys = by_subject(rows, lambda r: tuple(intruder.at_level(c, r[2][c], False) for c in order))
            for m in (1, 2, 3):
                compare(km(keys, m, inferred), other["km"][m - 1], f"otherwise.km {m}", bad)


def check_pairs(intruder, rows, order, vectors, two_k, report, bad):
    """What a shift leaves of two exams, and the criterion that counts it."""
    facts = collections.defaultdict(set)
    for who, exam, f in rows:
        if f["day"]:
            facts[who].add((f["day"], tuple(intruder.at_level(c, f[c], False) for c in order if c != "exam_date"), exam))
    k = interval_pairs(facts)
    found = report["longitudinal"]["intervals"]["two_exams"]
    if not found["applies"]:
        compare(0, len(k), "pairs", bad)
    else:
        compare(summary(k), found, "pairs", bad)
    unique = {who for of in (two_k, k, vectors) for who, n in of.items() if n == 1}
    criterion = next(c for c in report["verdict"]["criteria"] if c["id"] == "two-exams")
    compare(len(unique), criterion["found"], "criterion two-exams", bad)


def each(folder, first, count, make, dcmrisk):
    """Makes, assesses and checks cohorts; keeps the folder of one that differs."""
    import intruder  # skips when there is no pydicom
    failed = 0
    for n in range(first, first + count):
        here = os.path.join(folder, str(n))
        files = make(n, here)
        bad = check_report(intruder, files, assess(dcmrisk, files))
        if bad:
            failed += 1
            print(f"cohort {n}: {len(bad)} differences (kept in {here})")
            for line in bad[:12]:
                print(f"    {line}")
        else:
            shutil.rmtree(here)
        if failed >= 5:
            break
    print(f"{count} cohorts, {failed} differ from brute force")
    return 1 if failed else 0


def many_exams(number, folder):
    """A cohort with up to 9 exams of each of a few subjects, in a narrow calendar; every
    twentieth has so many that dates moved for each patient apart show as such, and in every
    fifth many patients are alike.
    """
    rng = random.Random(number)
    start = datetime.date(rng.choice((1999, 2019, 2024)), 12, 20)
    large, alike = number % 20 == 0, number % 5 == 1
    span = 2000 if large else rng.choice((1, 2)) if alike else rng.choice((3, 12, 60, 200, 900))
    shift = large or rng.random() < 0.2
    regions = ("HEAD",) if alike else ("HEAD", "CHEST")
    exams = []
    for s in range(130 if large else rng.randint(1, 14)):
        who = "" if rng.random() < (0.4 if alike else 0.1) else f"P{s}"
        for _ in range(rng.choice((1, 1, 2, 3, 5, 9))):
            date = (start + datetime.timedelta(days=rng.randrange(span))).strftime("%Y%m%d")
            date = rng.choice((date,) * 8 + ("", "20230230") * (not alike))
            exam = {}
            if rng.random() < 0.3 and not alike:
                exam[0x00100040] = ("CS", "F" if s % 2 else "M")
            if large:  # office hours on every day of the week
                exam[0x00080030] = ("TM", f"{8 + int(8 * rng.betavariate(2, 2)):02d}{rng.randrange(60):02d}00")
            if shift:
                exam[0x00280303] = ("CS", "MODIFIED")
            series = []
            for modality in rng.choice((("CT",), ("CT",), ("MR",), ("CT", "MR"), ("MR", "MR"))):
                region = {0x00180015: ("CS", rng.choice(regions))} if alike or rng.random() < 0.7 else {}
                series.append((modality, {**exam, **region}))
            exams.append((who, date, series))
    files = os.path.join(folder, "dicom")
    write_exams(files, exams)
    return files


def random_cohort(mkcohort, number, folder):
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([mkcohort, "--random", str(number), folder], check=True, stdout=subprocess.DEVNULL)
    return os.path.join(folder, "dicom")


# ---- METRICS.md 2.5 ----

# Brute force over the table by its author: reference/sdc/summaries/longitudinal.json.
UNICITY = {"day": ((1500, .0917080086580087), (839, .9890314691268204), (464, .9998824451410658), (268, 1.0)),
           "month": ((1500, .0002222222222222222), (808, .010892071349992143), (423, .3517702352808736),
                     (222, .7797154297154297)),
           "month+modality+body_region": ((1500, .12184793169793173), (838, .9777003757314013),
                                          (464, .9999127668308703), (268, 1.0))}
ALL_SHARES = {"day": (.0917080086580087, .5905316017316016, .5952969696969698, .5953333333333334),
              "month": (.0002222222222222222, .005867195767195767, .09986587301587302, .16539788359788365),
              "month+modality+body_region": (.12184793169793173, .5982086099086096, .6046396825396826,
                                             .6046666666666667)}
KM = ({"itemsets": 281, "itemsets_below": {"2": 22, "3": 42, "5": 81, "11": 159},
       "holders_below": {"2": 20, "3": 55, "5": 174, "11": 564}},
      {"itemsets": 3203, "itemsets_below": {"2": 2528, "3": 3037, "5": 3194, "11": 3203},
       "holders_below": {"2": 662, "3": 773, "5": 827, "11": 832}},
      {"itemsets": 4802, "itemsets_below": {"2": 4743, "3": 4802, "5": 4802, "11": 4802},
       "holders_below": {"2": 453, "3": 458, "5": 458, "11": 458}})
# Patients unique by the multiset of their keys: what is in the files, and the levels known.
HISTORY = ((512, ("sex", "age"), {}), (869, ("sex", "age", "institution", "weight"), {"age": "5y"}),
           (1093, ("sex", "age", "modality", "bodypart"), {"age": "5y"}),
           (1484, ("sex", "age", "modality", "date"), {"exam_date": "month"}))


def policy(folder, levels):
    """Judges by an acquaintance who knows less, or other things."""
    path = os.path.join(folder, "-".join(["policy", *levels]) + ".json")
    with open(path, "w", encoding="utf-8") as f:
        json.dump({"schema": "dcmrisk-policy/1", "id": "table", "version": "1", "title": "Table", "k": 5,
                   "adversary": "acquaintance", "levels": levels, "needs_controls": False,
                   "criteria": [{"id": "two-exams", "kind": "two-exams", "title": "Unique", "source": "test"}]}, f)
    return path


def calendar(day, thirty):
    """A date of the calendar: day by day, or 30 days to a month (and no February)."""
    if not thirty:
        return (datetime.date(2015, 1, 1) + datetime.timedelta(days=day)).strftime("%Y%m%d")
    month = [m for m in range(1, 13) if m != 2][day // 30 % 11]
    return f"{2015 + day // 30 // 11}{month:02d}{day % 30 + 1:02d}"


def facts(row, fields):
    """What a file says of a study, of these fields only."""
    of = {"sex": (0x00100040, "CS", row["sex"]), "age": (0x00101010, "AS", f"{int(row['age']):03d}Y"),
          "institution": (0x00080080, "LO", row["institution"]), "weight": (0x00101030, "DS", row["weight10"]),
          "bodypart": (0x00180015, "CS", row["bodypart"])}
    return {of[f][0]: of[f][1:] for f in fields if f in of}


def unique_histories(report):
    """Of the policy's adversary, which is the last when it knows other levels than the rules'."""
    named = [a for a in report["adversaries"] if a["id"].startswith("acquaintance")]
    return next(v["unique_subjects"] for v in named[-1]["views"] if v["view"] == "history")


def check_table(dcmrisk, folder, path):
    bad = []
    with open(path, encoding="utf-8", newline="") as f:
        rows = list(csv.DictReader(f))

    def report(fields, thirty, levels):
        files = os.path.join(folder, "-".join([*fields, str(thirty)]))
        write_exams(files, [(r["patient"], calendar(int(r["day"]), thirty) if "date" in fields else "",
                             [(r["modality"] if "modality" in fields else "", facts(r, fields))]) for r in rows])
        return assess(dcmrisk, files, "--policy", policy(folder, levels))
    found = report(("date", "modality"), True, {"exam_date": "month"})
    for m, t in enumerate(KM):
        compare(t, found["longitudinal"]["km"][m], f"km {m + 1}", bad)
    found = report(("date", "modality", "bodypart"), True, {})
    for granularity, truth in UNICITY.items():
        for p, (n, share) in enumerate(truth):
            row = next(r for r in found["longitudinal"]["unicity"]
                       if (r["granularity"], r["points"]) == (granularity, p + 1))
            compare({"subjects": n, "share": share, "all_share": ALL_SHARES[granularity][p]}, row,
                    f"unicity {granularity} {p + 1}", bad)
    found = report(("date",), False, {})
    for t, f in zip(({"subjects": 840, "unique_subjects": 563}, {"subjects": 466, "unique_subjects": 466}),
                    found["longitudinal"]["intervals"]["at_least"]):
        compare(t, f, "intervals", bad)
    for unique, fields, levels in HISTORY:
        compare(unique, unique_histories(report(fields, True, levels)), f"history {' '.join(fields)}", bad)
    return bad


def main(argv):
    sys.path.insert(0, os.path.dirname(os.path.abspath(argv[0])))
    if len(argv) == 7 and argv[1] == "random":
        return each(argv[4], int(argv[5]), int(argv[6]), lambda n, d: random_cohort(argv[2], n, d), argv[3])
    if len(argv) == 6 and argv[1] == "traces":
        return each(argv[3], int(argv[4]), int(argv[5]), many_exams, argv[2])
    if len(argv) == 5 and argv[1] == "table":
        bad = check_table(*argv[2:])
        for line in bad:
            print(line)
        print(f"{os.path.basename(argv[4])}: {len(bad)} differences")
        return 1 if bad else 0
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv))
