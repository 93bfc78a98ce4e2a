#!/usr/bin/env python3
"""What-if figures against the files.  usage: whatif.py MKCOHORT DCMRISK FOLDER FIRST COUNT [REWRITES]

Random cohorts FIRST, FIRST+1, ... are assessed under a policy drawn for each, some with ages and
sites that only follow from other facts, some with a table joined.  For every row of
the report's whatif[] and whatif_pairs[] the change is made on what pydicom reads from the files
(intruder.py), people are counted again, and k, k_low, unique, below, average and the verdict on
the target must be those the report predicts.  Then REWRITES of the changes (4) are really made:
every file is written again by pydicom with the coarser values in all carriers, the new files are
assessed, and their report must say what the first one predicted.  Levels are worked out here from
their definitions in rules/hierarchies.json, from the values as recorded.
Exit: 0 all agree, 1 not, 77 no pydicom.
"""
import datetime
import json
import math
import os
import random
import re
import shutil
import subprocess
import sys
from decimal import Decimal, InvalidOperation

import intruder
from intruder import CONCEPTS, date_parts, pydicom
from pydicom.tag import Tag

pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE
pydicom.config.settings.writing_validation_mode = pydicom.config.IGNORE

DATES = ("exam_date", "birth_date")
LADDER = {"exam_date": ("day", "month", "quarter", "year", "5y", "decade"),
          "birth_date": ("day", "month", "quarter", "year", "5y", "10y", "20y"),
          "age": ("1y", "5y", "10y", "20y"), "height": ("1cm", "5cm", "10cm"),
          "weight": ("1kg", "5kg", "10kg", "20kg"),
          "exam_time": ("minute", "15min", "hour", "6h_shift", "half_day")}
USUAL = {"age": "1y", "exam_date": "day", "height": "10cm", "weight": "10kg", "exam_time": "minute",
         "birth_date": "day"}
FIGURES = ("k_min", "k_low_min", "unique", "unique_low", "below", "below_low", "average",
           "average_low")


# ---- levels, from a value as recorded to the lower end of its step ----

def low_end(v, step):
    return v // step * step


def date_at(level, v):
    """(label, first day of the period); None when the value is no date."""
    p = date_parts(v)
    if p is None:
        return None
    y, m, d = map(int, p)
    if level == "iso_week":
        day = datetime.date(y, m, d)
        monday = day - datetime.timedelta(day.weekday())
        return ("week",) + day.isocalendar()[:2], monday.strftime("%Y%m%d")
    if level == "quarter":
        m, d = low_end(m - 1, 3) + 1, 1
    elif level == "month":
        d = 1
    elif level != "day":
        y, m, d = low_end(y, {"year": 1, "5y": 5, "decade": 10, "10y": 10, "20y": 20}[level]), 1, 1
    return (y, m, d), f"{y:04d}{m:02d}{d:02d}"


def age_at(level, v):
    m = re.fullmatch(r"(\d{1,4})([YMWD]?)", v)
    if not m:
        return None
    n = int(m[1])
    n = {"": n, "Y": n, "M": n // 12, "W": n * 2800 // 146100, "D": n * 100 // 36525}[m[2]]
    if level == "minor_adult_senior":
        n = 0 if n < 18 else 18 if n < 65 else 65
    elif level != "1y":
        n = 90 if n >= 90 else low_end(n, {"5y": 5, "10y": 10, "20y": 20}[level])
    return n, f"{n:03d}Y"


def size_at(concept, level, v):
    try:
        x = Decimal(v)
    except InvalidOperation:
        return None
    if not x.is_finite() or x < 0:
        return None
    step = int(level[:-2])
    n = int(low_end(x * 100 if concept == "height" else x, step))
    return n, f"{n / 100:.2f}" if concept == "height" else str(n)


def time_at(level, v):
    m = (re.fullmatch(r"(\d\d)(\d\d)(?:\d\d(?:\.\d*)?)?", v)
         or re.fullmatch(r"(\d\d):(\d\d)(?::\d\d(?:\.\d*)?)?", v))
    if not m or int(m[1]) > 23 or int(m[2]) > 59:
        return None
    t = low_end(int(m[1]) * 60 + int(m[2]),
                {"minute": 1, "15min": 15, "hour": 60, "6h_shift": 360, "half_day": 720}[level])
    return t, f"{t // 60:02d}{t % 60:02d}{'00' if t else '01'}"  # midnight sharp is a dummy


def at(concept, level, v):
    """(label, value a file would hold) of a recorded value at a level; None: cannot be read."""
    if level in ("value", "address") or concept not in LADDER:
        return None
    if concept in DATES:
        return date_at(level, v)
    if concept == "age":
        return age_at(level, v)
    if concept == "exam_time":
        return time_at(level, v)
    return size_at(concept, level, v)


def label(concept, level, v):
    if v is None or level == "*":
        return None
    found = at(concept, level, v)
    return found[0] if found is not None else ("as recorded", v)


# ---- prediction from the files ----

def keys_after(rows, knows, change):
    """Each row's key when the concepts of `change` are at other levels than known."""
    birth_gone = "age" in change and any(r[2]["birth_date"] is not None for r in rows)
    out = []
    for who, _, facts in rows:
        facts = dict(facts)
        dates = {c: facts[c] for c in DATES}
        for c in DATES:
            if change.get(c) == "*" or (c == "birth_date" and birth_gone):
                dates[c] = None
            elif c in change and dates[c] is not None:
                found = at(c, change[c], dates[c])
                dates[c] = dates[c] if found is None else found[1]
        if "age" not in change and "age" not in facts["stated"] and \
                ("exam_date" in change or "birth_date" in change):
            facts["age"] = intruder.age_between(dates["birth_date"], dates["exam_date"])
        if birth_gone:
            facts["birth_date"] = None
        if change.get("device") == "*" and "site" not in facts["stated"] and "site" not in change:
            facts["site"] = None
        out.append((who, tuple(label(c, change.get(c, known), facts[c])
                               for c, known in knows)))
    return out


def count(keyed, k_policy):
    found = {}
    for who, key in keyed:
        found.setdefault(key, set()).add(who)
    k, kl = intruder.per_person(found)
    n = len(k)
    return {"k_min": min(k.values()), "k_low_min": min(kl.values()),
            "unique": sum(x == 1 for x in k.values()),
            "unique_low": sum(x == 1 for x in kl.values()),
            "below": sum(x < k_policy for x in k.values()),
            "below_low": sum(x < k_policy for x in kl.values()),
            "average": sum(1 / x for x in k.values()) / n,
            "average_low": sum(1 / x for x in kl.values()) / n}, k, kl


def reaches(policy, k, kl):
    """Do all criteria on k hold, by k and by k_low?"""
    for c in policy["criteria"]:
        for x in (k, kl):
            if c["kind"] == "below" and sum(v < c["k"] for v in x.values()) > c["at_most"]:
                return False
            if c["kind"] == "average" and \
                    sum(1 / v for v in x.values()) / len(x) > c["at_most_share"][0] / c["at_most_share"][1] + 1e-9:
                return False
    return True


def bits(rows, knows, concept, level):
    """Information lost: H(fine | coarse) over distinct (person, fine) pairs."""
    known = dict(knows)[concept]
    pairs = {(who, label(concept, known, f[concept]), label(concept, level, f[concept]))
             for who, _, f in rows}
    fine, coarse = {}, {}
    for _, f, c in pairs:
        fine[f, c] = fine.get((f, c), 0) + 1
        coarse[c] = coarse.get(c, 0) + 1
    return sum(n * math.log2(coarse[c] / n) for (_, c), n in fine.items()) / len(pairs)


def bits_of_change(rows, knows, change):
    lost = sum(bits(rows, knows, c, lv) for c, lv in change.items())
    if "age" in change and "birth_date" in dict(knows) and \
            any(r[2]["birth_date"] is not None for r in rows):
        lost += bits(rows, knows, "birth_date", "*")
    return lost


def what_follows(report, rows, knows):
    """Per change: does it move somebody's age or site that no carrier states?"""
    for row in report["whatif"]:
        change = change_of(row)
        if "age" in change or "site" in change:
            continue
        mine, alone = (keys_after(r, knows, change) for r in (
            rows, [(w, e, {**f, "stated": frozenset(CONCEPTS)}) for w, e, f in rows]))
        yield mine != alone


def change_of(row):
    return {p["concept"]: p["level"] for p in row.get("pair", [row])}


def compare(row, mine, when, what):
    return [f"{what}: {f}_{when} is {row[f'{f}_{when}']}, found {mine[f]}" for f in FIGURES
            if not math.isclose(row[f"{f}_{when}"], mine[f], rel_tol=1e-9)]


def expected_rows(rows, knows):
    """Every coarser level that changes anything, by the ladders here."""
    out = set()
    for c, known in knows:
        steps = LADDER.get(c, ())
        more = list(steps[steps.index(known) + 1:]) if known in steps else []
        if c == "exam_date" and known == "day":
            more.append("iso_week")
        if c == "age" and known == "1y":
            more.append("minor_adult_senior")
        for lv in more + ["*"]:
            if bits(rows, knows, c, lv) > 0:
                out.add((c, lv))
    return out


def check_rows(report, rows, knows, policy, where):
    bad = []
    before, _, _ = count(keys_after(rows, knows, {}), policy["k"])
    told = {(w["concept"], w["level"]) for w in report["whatif"]}
    wanted = expected_rows(rows, knows)
    if told != wanted:
        bad.append(f"{where}: levels tried {sorted(told - wanted)} too many, "
                   f"{sorted(wanted - told)} missing")
    for row in report["whatif"] + report["whatif_pairs"]:
        change = change_of(row)
        what = f"{where} {change}"
        mine, k, kl = count(keys_after(rows, knows, change), policy["k"])
        bad += compare(row, before, "before", what) + compare(row, mine, "after", what)
        target = reaches(policy, k, kl) and "modality" not in change
        if row["reaches_target"] != target:
            bad.append(f"{what}: reaches_target is {row['reaches_target']}")
        lost = bits_of_change(rows, knows, change)
        if not math.isclose(row["bits_lost"], lost, rel_tol=1e-9, abs_tol=1e-12):
            bad.append(f"{what}: bits_lost is {row['bits_lost']}, found {lost}")
        if "age" not in change and not {"exam_date", "birth_date"} & set(change) and \
                any(row[f"{f}_after"] > row[f"{f}_before"] for f in ("unique", "below")):
            bad.append(f"{what}: a coarser fact raised a risk")
    return bad


# ---- the change really made ----

def new_value(concept, level, vr, v):
    """What a carrier holds after the change; None when it stays."""
    fact = intruder.real(concept, vr, v)
    if fact is None:
        return None
    if level == "*":
        return ""
    found = at(concept, level, fact)
    if found is None:
        return None
    return found[1] + v[8:] if vr == "DT" and concept in DATES else \
        v[:8] + found[1] + v[8 + len(fact):] if vr == "DT" else found[1]


def rewrite_element(ds, tag, concept, level):
    if tag not in ds:
        return
    vr, v = intruder.read_value(ds, tag, ["utf8"])
    to = new_value(concept, level, vr, v)
    if to is not None:
        del ds[tag]
        ds.add_new(tag, vr, to)


def rewrite(ds, concept, level):
    for carrier in CONCEPTS[concept][1:]:
        if not isinstance(carrier, tuple):
            rewrite_element(ds, Tag(carrier), concept, level)
        elif Tag(carrier[0]) in ds:
            for item in ds[carrier[0]].value:
                rewrite_element(item, Tag(carrier[1]), concept, level)


def write_again(source, target, change, ages):
    """A copy of the tree with the change made in every data set."""
    for root, _, names in os.walk(source):
        to = os.path.join(target, os.path.relpath(root, source))
        os.makedirs(to, exist_ok=True)
        for name in names:
            path = os.path.join(root, name)
            try:
                meta = intruder.read_file_meta_info(path)
                if meta.MediaStorageSOPClassUID == "1.2.840.10008.1.3.10":
                    raise intruder.InvalidDicomError
            except (intruder.InvalidDicomError, EOFError):
                shutil.copyfile(path, os.path.join(to, name))
                continue
            ds = intruder.dcmread(path)
            if "age" in change:
                if os.path.relpath(path, source) in ages:
                    ds.add_new(Tag("PatientAge"), "AS", ages[os.path.relpath(path, source)])
                rewrite(ds, "birth_date", "*")
            for concept, level in change.items():
                rewrite(ds, concept, level)
            ds.save_as(os.path.join(to, name), write_like_original=True)


def one_value_each(files, change):
    """False when an exam holds several values of a changed concept or of a date behind an age:
    which of them comes first may be another one in files written again."""
    wanted = set(change) | ({"age", "birth_date", "exam_date"} if {"age", "exam_date", "birth_date"} &
                            set(change) else set())
    for c in wanted:
        seen = {}
        for f in files:
            place = (f.subject, f.exam, f.series if CONCEPTS[c][0] == "E" else "")
            for i in range(len(CONCEPTS[c]) - 1):
                for _, v in f.values.get((c, i), ()):
                    seen.setdefault((place, i), set()).add(v)
        if any(len(v) > 1 for v in seen.values()):
            return False
    return True


def assess(dcmrisk, folder, out, policy, *how):
    r = subprocess.run([dcmrisk, "assess", folder, "--out", out, "--format", "json", "-j", "1",
                        "-q", "--policy", policy, *how], stdout=subprocess.DEVNULL,
                       stderr=subprocess.PIPE, text=True, check=False)
    if r.returncode not in (0, 1, 3):
        raise RuntimeError(f"dcmrisk ended with {r.returncode}: {r.stderr.strip()[-300:]}")
    with open(os.path.join(out, "report.json"), encoding="utf-8") as f:
        return json.load(f)


def gated_view(report):
    own = next(a for a in report["adversaries"] if a["id"] == report["policy"]["adversary"])
    gated = [a for a in report["adversaries"] if a["id"] == own["id"]][-1]
    return gated, next(v for v in gated["views"] if v["view"] == "any_exam")


def unstated_ages(files, rows):
    """Ages to be written where only the date of birth tells them, by path."""
    derived = {(who, exam): f["age"] for who, exam, f in rows
               if "age" not in f["stated"] and f["age"] is not None}
    return {f.path: f"{int(derived[f.subject, f.exam]):03d}Y" for f in files
            if (f.subject, f.exam) in derived}


def check_rewrite(dcmrisk, here, policy_file, row, files, rows, policy, how):
    change = change_of(row)
    target = os.path.join(here, "again")
    shutil.rmtree(target, ignore_errors=True)
    write_again(os.path.join(here, "dicom"), target, change, unstated_ages(files, rows))
    report = assess(dcmrisk, target, os.path.join(here, "again.report"), policy_file, *how)
    _, view = gated_view(report)
    got = {"k_min": view["k_min"], "k_low_min": view["k_low_min"],
           "unique": view["unique_subjects"], "average": view["prosecutor"]["average"]}
    if str(policy["k"]) in view["below"]:
        got["below"] = view["below"][str(policy["k"])]
    bad = [f"really made {change}: {f} is {v}, predicted {row[f + '_after']}"
           for f, v in got.items() if not math.isclose(v, row[f + "_after"], rel_tol=1e-9)]
    found = {c["id"]: c["result"] for c in report["verdict"]["criteria"]}
    met = all(found[c["id"]] == "pass" for c in policy["criteria"]
              if c["kind"] in ("below", "average", "bounds"))
    if met != row["reaches_target"]:
        bad.append(f"really made {change}: target met is {met}, predicted {row['reaches_target']}")
    shutil.rmtree(target)
    return bad


# ---- one cohort ----

def draw_policy(draw):
    """A policy against some adversary, at levels of its own now and then."""
    adversary = draw.choice(["acquaintance", "acquaintance", "site-staff", "public"])
    levels = {}
    for c, choice in (("age", ["1y", "5y"]), ("exam_date", ["day", "iso_week", "month", "quarter"]),
                      ("weight", ["10kg", "1kg"]), ("birth_date", ["day", "year"]),
                      ("exam_time", ["minute", "hour"])):
        if c in intruder.ADVERSARIES[adversary] and draw.random() < 0.4:
            levels[c] = draw.choice(choice)
    k = draw.choice([2, 3, 5, 11, 20])
    criteria = [{"id": "small", "kind": "below", "title": "t", "k": k,
                 "at_most": draw.choice([0, 0, 2, 10]), "then": "fail", "source": "test"},
                {"id": "mean", "kind": "average", "title": "t", "at_most_share": [1, draw.choice([2, 5])],
                 "then": "fail", "source": "test"},
                {"id": "bounds", "kind": "bounds", "title": "t", "then": "inconclusive",
                 "source": "test"}]
    return {"schema": "dcmrisk-policy/1", "id": "drawn", "version": "1", "title": "Drawn", "k": k,
            "adversary": adversary, "levels": levels, "needs_controls": False,
            "criteria": criteria}


def known_levels(report, policy, rows):
    gated, _ = gated_view(report)
    public = {"exam_date": "month"} if policy["adversary"] == "public" else {}
    levels = {**USUAL, **public, **policy["levels"]}
    present = [k["concept"] for k in gated["knows"] if k["present"]]
    return [(c, levels.get(c, "value")) for c in present
            if any(r[2][c] is not None for r in rows)]


def make_cohort(mkcohort, here, number, draw):
    """A random cohort; two in three with ages that only birth dates tell and sites that only
    devices do, few enough of each for people to be alike."""
    shutil.rmtree(here, ignore_errors=True)
    subprocess.run([mkcohort, "--random", str(number), here], check=True, stdout=subprocess.DEVNULL)
    if draw.random() < 0.33:
        return
    path = os.path.join(here, "spec.json")
    with open(path, encoding="utf-8") as f:
        spec = json.load(f)
    spec.setdefault("faults", []).extend(
        [{"path": "0010,1010", "how": "remove", "scope": "study", "share": 0.5},
         {"path": "0008,0080", "how": "remove", "scope": "series", "share": 0.4}])
    spec.setdefault("pools", {}).update(
        {"birth_date": draw.choice([2, 3, 5]), "exam_date": draw.choice([2, 3, 8]),
         "height": 1, "weight": draw.choice([0, 2]), "occupation": 0, "residence": 0,
         "exam_time": 2, "staff": 0, "procedure": 1})
    with open(here + ".json", "w", encoding="utf-8") as f:
        json.dump(spec, f)
    shutil.rmtree(here)
    subprocess.run([mkcohort, "--seed", str(number), here + ".json", here], check=True,
                   stdout=subprocess.DEVNULL)
    shutil.move(here + ".json", path)


SMOKER = "table/smoker"


def write_table(path, files, draw):
    """A CSV beside the images with one or two rows for most patients; what it says of each."""
    said = {}
    for who in sorted({f.subject for f in files if f.subject[0] == ""}):
        if draw.random() < 0.8:
            said.setdefault(who[1], [draw.choice(["yes", "no", ""])
                                     for _ in range(draw.choice([1, 1, 2]))])
    with open(path, "w", encoding="utf-8") as f:
        f.write("PatientID,smoker\n")
        f.writelines(f'"{pid}",{v}\n' for pid, vs in said.items() for v in vs)
    return said


def beside(rows, said):
    """Each record with each thing the table says of its patient."""
    return [(who, exam, {**facts, SMOKER: v or None}) for who, exam, facts in rows
            for v in (sorted(set(said.get(who[1], [""]))) if who[0] == "" else [""])]


def one_cohort(mkcohort, dcmrisk, folder, number, rewrites):
    here = os.path.join(folder, str(number))
    draw = random.Random(number)
    make_cohort(mkcohort, here, number, draw)
    policy = draw_policy(draw)
    policy_file = os.path.join(here, "policy.json")
    with open(policy_file, "w", encoding="utf-8") as f:
        json.dump(policy, f)
    dicom = os.path.join(here, "dicom")
    files = load_with_paths(dicom)
    intruder.name_subjects(files)
    rows = intruder.exams(files)
    how = []
    if draw.random() < 0.3:
        table = os.path.join(here, "clinical.csv")
        rows = beside(rows, write_table(table, files, draw))
        how = ["--table", table, "--table-qi", "smoker"]
    report = assess(dcmrisk, dicom, os.path.join(here, "report"), policy_file, *how)
    if "whatif" not in report:
        shutil.rmtree(here)
        return [], 0, 0, 0, 0
    knows = known_levels(report, policy, rows)
    bad = check_rows(report, rows, knows, policy, f"cohort {number}")
    follow = sum(what_follows(report, rows, knows))
    every = [w for w in report["whatif"] + report["whatif_pairs"]
             if not {"modality", SMOKER} & set(change_of(w))]
    draw.shuffle(every)
    every.sort(key=lambda w: not one_value_each(files, change_of(w)))
    made = 0
    for w in every[:rewrites]:
        if not one_value_each(files, change_of(w)):
            break
        bad += [f"cohort {number} {b}" for b in
                check_rewrite(dcmrisk, here, policy_file, w, files, rows, policy, how)]
        made += 1
    if not bad:
        shutil.rmtree(here)
    return bad, len(report["whatif"]), len(report["whatif_pairs"]), made, follow


def load_with_paths(folder):
    files = []
    for root, dirs, names in os.walk(folder):
        dirs.sort()
        for name in sorted(names):
            path = os.path.join(root, name)
            try:
                meta = intruder.read_file_meta_info(path)
            except (intruder.InvalidDicomError, EOFError):
                continue
            if meta.MediaStorageSOPClassUID != "1.2.840.10008.1.3.10":
                files.append(intruder.File(path))
                files[-1].path = os.path.relpath(path, folder)
    return files


def main(argv):
    if len(argv) not in (6, 7):
        print(__doc__, file=sys.stderr)
        return 2
    first, n = int(argv[4]), int(argv[5])
    rewrites = int(argv[6]) if len(argv) == 7 else 4
    singles = pairs = made = failed = followed = 0
    for number in range(first, first + n):
        bad, s, p, m, f = one_cohort(argv[1], argv[2], argv[3], number, rewrites)
        singles, pairs, made, followed = singles + s, pairs + p, made + m, followed + f
        failed += bool(bad)
        for line in bad[:12]:
            print(line)
        if failed >= 5:
            break
    print(f"{n} cohorts: {singles} changes and {pairs} pairs counted again, {made} really made, "
          f"{followed} moved an age or a site that follows; {failed} cohorts differ")
    return 1 if failed or made == 0 or (followed == 0 and n >= 10) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
