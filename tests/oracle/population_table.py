#!/usr/bin/env python3
"""Journalist risk against a made-up register of the population, by brute force.

usage: population_table.py MKCOHORT DCMRISK FOLDER FIRST COUNT

For each random cohort a RIS export is written: the people released, without some of them now and
then, and others like them, with columns left out, dates in two forms, blanks and dummies.  What the
files say is read with pydicom alone (intruder.py); each key known of an exam is then looked for in
the register, person by person.  Every figure of the report must be the same, a journalist's risk
never above a prosecutor's, and no value of the table may show.  Exit: 0 all agree, 1 not, 77 no
pydicom.
"""
import csv
import json
import math
import os
import random
import re
import shutil
import subprocess
import sys

import cohort_loop
import intruder

SHARES = (0.05, 0.09, 0.2, 0.33)
BELOW = (2, 3, 5, 11, 20)
NAMES = {"sex": "PatientSex", "birth_date": "PatientBirthDate", "age": "PatientAge",
         "exam_date": "StudyDate", "exam_time": "StudyTime", "site": "InstitutionName",
         "modality": "Modality", "device": "0018,1000", "weight": "PatientWeight"}


def readable(concept, v):
    """False for what a register would not hold: a date that is none, and the like."""
    if concept in ("exam_date", "birth_date"):
        return intruder.date_parts(v) is not None
    if concept == "age":
        return re.fullmatch(r"\d{1,4}[YMWD]?", v) is not None and len(v) <= 5
    if concept in ("height", "weight"):
        return re.fullmatch(r"\d+(\.\d+)?", v) is not None and (concept == "weight" or float(v) <= 3)
    if concept == "exam_time":
        m = re.fullmatch(r"(\d\d)(\d\d)\d\d(\.\d*)?", v)
        return m is not None and int(m[1]) < 24 and int(m[2]) < 60
    if concept in ("sex", "modality", "body_region"):
        return v == v.upper()
    return v == v.strip() and not intruder.dummy("IS" if v.isdigit() else "LO", v)


def register(rows, rng):
    """(people, columns): people as {subject: [facts]}, facts only of the columns told."""
    columns = [c for c in intruder.CONCEPTS if rng.random() < 0.8] or ["sex"]
    if rng.random() < 0.5:
        columns = list(intruder.CONCEPTS)
    by_subject = {}
    for who, _, facts in rows:
        told = {c: facts[c] if facts[c] is not None and readable(c, facts[c]) else None for c in columns}
        by_subject.setdefault(who, []).append(told)
    people = [list(r) for r in by_subject.values() if rng.random() < rng.choice((1, 1, 0.7))]
    pool = [f for fs in by_subject.values() for f in fs]
    for _ in range(rng.randrange(3 * len(by_subject) + 1)):
        exams = []
        for _ in range(rng.randrange(1, 4)):
            f = dict(rng.choice(pool))
            for c in columns:
                if rng.random() < 0.15:
                    f[c] = rng.choice(pool)[c]
                if rng.random() < 0.03:
                    f[c] = None
            exams.append(f)
        people.append(exams)
    if "age" in columns and "birth_date" in columns and "exam_date" in columns and rng.random() < 0.5:
        for f in (f for p in people for f in p):
            if rng.random() < 0.7:
                f["age"] = None
    return people, columns


def text_of(concept, v, rng):
    if v is None:
        return rng.choice(("", "", "", "UNKNOWN", " "))
    if concept in ("exam_date", "birth_date") and rng.random() < 0.5:
        y, m, d = intruder.date_parts(v)
        return f"{y}-{m}-{d}" + rng.choice(("", "", "T09:30:00"))
    if concept in ("sex", "modality") and rng.random() < 0.2:
        return v.lower()
    return v


def write(path, people, columns, rng):
    """Writes the table; returns the people as the program can tell them apart."""
    with_subject = rng.random() < 0.8
    named = {c: NAMES[c] if c in NAMES and rng.random() < 0.4 else
             c.upper() if rng.random() < 0.2 else c for c in columns}
    order = columns + ["remark"] + (["subject"] if with_subject else [])
    rng.shuffle(order)
    rows, known, nobody = [], [], []
    for i, exams in enumerate(people):
        unnamed = with_subject and rng.random() < 0.05
        for f in exams:
            cells = {c: text_of(c, f[c], rng) for c in columns}
            cells.update(remark=f"Zyxgeheim{i}", subject="" if unnamed else f"P{i:05d}")
            rows.append([cells[c] for c in order])
            if unnamed:
                nobody.append(f)
            elif not with_subject:
                known.append([f])
        if with_subject and not unnamed:
            known.append(exams)
    if nobody:
        known.append(nobody)
    rng.shuffle(rows)
    with open(path, "w", newline="", encoding="utf-8") as out:
        w = csv.writer(out, delimiter=rng.choice(",,;\t"), lineterminator=rng.choice(("\n", "\r\n")))
        w.writerow([named.get(c, c) for c in order])
        w.writerows(rows)
    return known


def facts_told(people, columns):
    """The age where it follows, as the program has it."""
    for exams in people:
        for f in exams:
            if f.get("age") is None and {"birth_date", "exam_date"} <= set(columns):
                f["age"] = intruder.age_between(f["birth_date"].replace(".", "") if f["birth_date"] else None,
                                                f["exam_date"].replace(".", "") if f["exam_date"] else None)
    return set(columns) | ({"age"} if {"birth_date", "exam_date"} <= set(columns) else set())


def figures(rows, order, told, people, month):
    """What the definition says of one adversary."""
    found = intruder.search(rows, order, month)
    use = [c for c in order if c in told]
    crowd = {}
    for i, exams in enumerate(people):
        for key in {tuple(intruder.at_level(c, f[c], month) for c in use) for f in exams}:
            crowd.setdefault(key, set()).add(i)
    F, raw = {}, {}
    for key in found:
        part = tuple(v for c, v in zip(order, key) if c in told)
        raw[key] = len(crowd.get(part, ()))
        F[key] = max(raw[key], len(found[key]))
    keys = {}
    for key, who in found.items():
        for p in who:
            keys.setdefault(p, []).append(key)
    n = len(keys)
    r = [max(1 / F[q] for q in qs) for qs in keys.values()]
    exam = [sum(1 / F[q] for q in qs) / len(qs) for qs in keys.values()]
    core = {"max": max(r), "average": sum(r) / n, "random_exam": sum(exam) / n}
    missing = [c for c in order if c not in told]
    if missing:
        return {"applies": False, "at_least": core,
                "concepts_missing": missing}, None, None
    smallest = [min(F[q] for q in qs) for qs in keys.values()]
    lost = sum(any(raw[q] == 0 for q in qs) for qs in keys.values())
    few = sum(any(0 < raw[q] < len(found[q]) for q in qs) for qs in keys.values())
    part = [len(found[q]) / F[q] for q in found]
    everybody = set(crowd) <= set(found)
    journalist = dict(core, applies=True, k_map=min(F.values()), contained=lost + few == 0,
                      absent={"subjects": lost}, short={"subjects": few},
                      share_above={str(t): sum(x > t for x in r) / n for t in SHARES},
                      below={str(b): sum(x < b for x in smallest) for b in BELOW})
    return (journalist, {"applies": True, "value": sum(exam) / n, "links": sum(exam)},
            {"applies": True, "min": min(part) if everybody else 0, "max": max(part)})


def differ(told, found, path):
    if isinstance(told, dict):
        return [x for k, v in told.items()
                for x in differ(v, found.get(k) if isinstance(found, dict) else None, f"{path}.{k}")]
    if isinstance(told, list):
        if not isinstance(found, list) or len(told) != len(found):
            return [f"{path}: {found!r}, not {told!r}"]
        return [x for i, v in enumerate(told) for x in differ(v, found[i], f"{path}[{i}]")]
    if isinstance(told, (bool, str)):
        same = told == found and isinstance(found, type(told))
    else:
        same = isinstance(found, (int, float)) and math.isclose(told, found, rel_tol=1e-9, abs_tol=1e-12)
    return [] if same else [f"{path}: {found!r}, not {told!r}"]


def laws(view, name):
    """A journalist is never better off than a prosecutor."""
    p, j = view["prosecutor"], view["journalist"]
    j = j if j["applies"] else j["at_least"]
    bad = [f"{name}: {k} of the journalist is above the prosecutor's" for k in ("max", "average", "random_exam")
           if j[k] > p[k] + 1e-12]
    bad += [f"{name}: share above {t}" for t, v in j.get("share_above", {}).items()
            if v > p["share_above"][t] + 1e-12]
    return bad


def one(mkcohort, dcmrisk, here, number):
    rng = random.Random(number)
    shutil.rmtree(here, ignore_errors=True)
    subprocess.run([mkcohort, "--random", str(number), here], check=True, stdout=subprocess.DEVNULL)
    files = intruder.load(os.path.join(here, "dicom"))
    intruder.name_subjects(files)
    rows = intruder.exams(files)
    if not rows:
        return []
    people, columns = register(rows, rng)
    people = write(os.path.join(here, "ris.csv"), people, columns, rng)
    told = facts_told(people, columns)
    run = subprocess.run([dcmrisk, "assess", os.path.join(here, "dicom"), "--out", os.path.join(here, "report"),
                          "--population-table", os.path.join(here, "ris.csv"), "-j", "1"],
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if run.returncode not in (0, 1, 3):
        return [f"dcmrisk ended with {run.returncode}: {run.stdout.strip()[-300:]}"]
    bad = []
    for name in ("report.json", "report.html"):
        with open(os.path.join(here, "report", name), encoding="utf-8") as f:
            text = f.read()
        bad += [f"{name} shows a value of the table"] if "Zyxgeheim" in text + run.stdout else []
        report = json.loads(text) if name == "report.json" else report
    for a in report["adversaries"]:
        knows = intruder.ADVERSARIES.get(a["id"])
        if knows is None or not a["views"]:
            continue
        view = a["views"][0]
        order = [c for c in intruder.CONCEPTS if c in knows and any(r[2][c] is not None for r in rows)]
        bad += [f"{a['id']}: {v['view']} has a journalist" for v in a["views"][1:] if v["journalist"]["applies"]]
        if a["id"] == "collaborating-site" and "are left out" in (view.get("note") or ""):
            bad += [] if not view["journalist"]["applies"] else ["the worst site has a journalist"]
            continue
        if not order:
            bad += [f"{a['id']} knows nothing and has a journalist"] if view["journalist"]["applies"] else []
            continue
        j, m, d = figures(rows, order, told, people, a["id"] == "public")
        bad += differ(j, view["journalist"], f"{a['id']}.journalist")
        bad += differ(m, view["marketer"], f"{a['id']}.marketer") if m else []
        bad += differ(d, view["delta_presence"], f"{a['id']}.delta_presence") if d else []
        bad += laws(view, a["id"])
    return bad


if __name__ == "__main__":
    sys.exit(cohort_loop.each(sys.argv, __doc__, "registers", one))
