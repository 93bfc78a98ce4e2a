#!/usr/bin/env python3
"""A clinical table joined to the patients, by brute force.

usage: clinical_table.py MKCOHORT DCMRISK FOLDER FIRST COUNT

For each random cohort a CSV beside the images is written: rows for most patients, several for some,
rows of nobody and without a PatientID, columns named as concepts and others.  What the files say is
read with pydicom alone (intruder.py); every exam of a patient is put beside every row of theirs, and
people who fit each key are counted.  Every figure of the view any_exam must be the same, more columns
known must never lower a risk, and no value and no name of a column that nobody named may show.
Exit: 0 all agree, 1 not, 77 no pydicom.
"""
import csv
import json
import math
import os
import random
import shutil
import subprocess
import sys

import cohort_loop
import intruder

PLAIN = ("smoker", "hb", "Qdiagzeta", "visit")
BASED = {"age": ("age", "PatientAge"), "sex": ("sex", "PatientSex"), "modality": ("modality",),
         "birth_date": ("birth_date", "PatientBirthDate"), "occupation": ("Occupation",)}
VALUES = {"smoker": ("yes", "no", "0", "1", ""), "hb": ("7.1", "7.2", "13", "NA"),
          "Qdiagzeta": ("Zyxwkrebs", "Zyxwgicht", ""), "visit": ("1", "2"),
          "age": ("40", "041Y", "7", "UNKNOWN"), "sex": ("M", "f", "F", ""), "modality": ("CT", "mr"),
          "birth_date": ("1980-02-03", "19800203", "nonsense", ""), "occupation": ("nurse", "baker")}


def meaning(column, v):
    """What a cell says; None when nothing."""
    vr = {"birth_date": "DA", "age": "AS", "sex": "CS"}.get(column, "IS" if v.isdigit() else "LO")
    v = v.strip()
    if v == "" or intruder.dummy(vr, v):
        return None
    if column in ("sex", "modality"):
        v = v.upper()
    if column == "birth_date" and v[4:5] == "-":
        v = v.replace("-", "")
    return v


def at_level(column, v, base_known, month):
    return intruder.at_level(column, v, month) if base_known else v


def write(path, rows, rng):
    """Writes the table; (columns, rows by PatientID, counts)."""
    ids = sorted({r[0][1] for r in rows if not r[0][0]})
    columns = rng.sample(PLAIN, rng.randrange(1, 4)) + rng.sample(sorted(BASED), rng.randrange(3))
    named = {c: rng.choice(BASED[c]) if c in BASED else c for c in columns}
    key = rng.choice(("PatientID", "patient", "Fallnummer"))
    order = columns + ["\0key"]
    rng.shuffle(order)
    table, by_id = [], {}
    for who in ids + ["nobody1", ""]:
        if rng.random() < 0.2:
            continue
        for _ in range(rng.choice((1, 1, 1, 2, 3))):
            cells = {c: rng.choice(VALUES[c]) for c in columns}
            table.append([f" {who} " if c == "\0key" and who and rng.random() < 0.2 else
                          who if c == "\0key" else cells[c] for c in order])
            by_id.setdefault(who, set()).add(tuple(meaning(c, cells[c]) for c in columns))
    rng.shuffle(table)
    with open(path, "w", newline="", encoding="utf-8") as f:
        w = csv.writer(f)
        w.writerow([key if c == "\0key" else named[c] for c in order])
        w.writerows(table)
    at = order.index("\0key")
    counts = {"rows": len(table), "rows_without_patient": sum(not r[at].strip() for r in table),
              "rows_unmatched": sum(r[at].strip() == "nobody1" for r in table)}
    return columns, named, key, by_id, counts


def figures(rows, order, extra, month):
    """The view any_exam over rows that carry the table's facts behind those of the exam."""
    found = {}
    for who, facts, more in rows:
        found.setdefault((tuple(intruder.at_level(c, facts[c], month) for c in order),
                          tuple(at_level(c, more[i], base, month) for i, c, base in extra)), set()).add(who)
    keys = {}
    for key, people in found.items():
        for p in people:
            keys.setdefault(p, []).append(len(people))
    k = [min(x) for x in keys.values()]
    n = len(k)
    return {"subjects": n, "records": sum(map(len, found.values())), "classes": len(found), "k_min": min(k),
            "unique_subjects": sum(x == 1 for x in k),
            "below": {str(b): sum(x < b for x in k) for b in (2, 3, 5, 11, 20)},
            "prosecutor": {"max": 1 / min(k), "average": sum(1 / x for x in k) / n,
                           "random_exam": sum(sum(1 / x for x in xs) / len(xs) for xs in keys.values()) / n}}


def differ(told, found, path):
    if isinstance(told, dict):
        return [x for k, v in told.items()
                for x in differ(v, found.get(k) if isinstance(found, dict) else None, f"{path}.{k}")]
    same = isinstance(found, (int, float)) and math.isclose(told, found, rel_tol=1e-9, abs_tol=1e-12)
    return [] if same else [f"{path}: {found!r}, not {told!r}"]


def check(report, rows, columns, known, counts, by_id):
    bad = differ(counts, report["clinical_table"], "clinical_table")
    people = {r[0] for r in rows}
    with_row = [p for p in people if not p[0] and p[1] in by_id]
    bad += differ({"subjects": len(with_row), "subjects_without_row": len(people) - len(with_row),
                   "subjects_with_several": sum(len(by_id[p[1]]) > 1 for p in with_row)},
                  report["clinical_table"], "clinical_table")
    joined = [(who, facts, more) for who, _, facts in rows
              for more in (by_id.get(who[1], ()) if not who[0] else ()) or [(None,) * len(columns)]]
    for a in report["adversaries"]:
        knows = intruder.ADVERSARIES.get(a["id"])
        if knows is None or a["id"] == "collaborating-site":
            continue
        month = a["id"] == "public"
        order = [c for c in intruder.CONCEPTS if c in knows and any(r[2][c] is not None for r in rows)]
        extra = [(i, c, c in knows) for i, c in enumerate(columns)
                 if (c in knows or c in known or a["id"] == "union") and any(j[2][i] is not None for j in joined)]
        if order or extra:
            bad += differ(figures(joined, order, extra, month), a["views"][0], a["id"])
            files = min(files_of(joined, rows, order, extra, month))
            bad += differ({"k_min_files": files}, a["naive"], f"{a['id']}.naive")
    return bad


def files_of(joined, rows, order, extra, month):
    """Files of each key: a row of the table does not make a file anew."""
    n = {}
    for i, (who, facts, more) in enumerate(joined):
        key = (tuple(intruder.at_level(c, facts[c], month) for c in order),
               tuple(at_level(c, more[j], base, month) for j, c, base in extra))
        n.setdefault(key, {})[id(facts)] = facts["\0files"]
    return [sum(x.values()) for x in n.values()]


def exams(files):
    """As intruder.exams, with the number of files behind each row; rows alike are one."""
    by_series, at = {}, {}
    for f in files:
        by_series[f.subject, f.exam, f.series] = by_series.get((f.subject, f.exam, f.series), 0) + 1
    series = iter_series(files)
    out = []
    for row in intruder.exams(files):
        key = (row[0], row[1], tuple(row[2][c] for c in intruder.CONCEPTS))
        n = by_series[next(series[row[0], row[1]])]
        if key in at:
            at[key]["\0files"] += n
        else:
            at[key] = row[2]
            row[2]["\0files"] = n
            out.append(row)
    return out


def iter_series(files):
    """The series behind the rows of each exam, in the order in which intruder.exams gives them."""
    by_series, kept = {}, {}
    for f in files:
        by_series.setdefault((f.subject, f.exam, f.series), []).append(f)
    for key, fs in by_series.items():
        kept.setdefault(key[:2], []).append((key, not any(f.modality for f in fs) or any(
            f.modality and f.modality not in intruder.NOT_IMAGES for f in fs)))
    return {e: iter([k for k, image in s if image] or [k for k, _ in s]) for e, s in kept.items()}


def assess(dcmrisk, here, *how):
    run = subprocess.run([dcmrisk, "assess", os.path.join(here, "dicom"), "--out", os.path.join(here, "report"),
                          "-j", "1", *how],
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if run.returncode not in (0, 1, 3):
        return None, f"dcmrisk ended with {run.returncode}: {run.stdout.strip()[-300:]}"
    text = run.stdout
    for name in ("report.json", "report.html"):
        with open(os.path.join(here, "report", name), encoding="utf-8") as f:
            text += f.read()
    with open(os.path.join(here, "report", "report.json"), encoding="utf-8") as f:
        return json.load(f), text


def one(mkcohort, dcmrisk, here, number):
    rng = random.Random(number)
    shutil.rmtree(here, ignore_errors=True)
    subprocess.run([mkcohort, "--random", str(number), here], check=True, stdout=subprocess.DEVNULL)
    files = intruder.load(os.path.join(here, "dicom"))
    intruder.name_subjects(files)
    rows = exams(files)
    if not rows:
        return []
    path = os.path.join(here, "clinical.csv")
    columns, named, key, by_id, counts = write(path, rows, rng)
    how = ["--table", path] + (["--join", key] if key == "Fallnummer" or rng.random() < 0.5 else [])
    report, text = assess(dcmrisk, here, *how)
    if report is None:
        return [text]
    bad = check(report, rows, columns, (), counts, by_id)
    bad += ["a value shows" for v in ("Zyxwkrebs", "Zyxwgicht") if v in text]
    bad += ["a name of a column shows"] if "Qdiagzeta" in text else []
    known = rng.sample(columns, rng.randrange(1, len(columns) + 1))
    more, text = assess(dcmrisk, here, *how, "--table-qi", ",".join(named[c] for c in known))
    if more is None:
        return bad + [text]
    bad += check(more, rows, columns, known, counts, by_id)
    for a, b in zip(report["adversaries"], more["adversaries"]):
        if a["views"] and a["id"] != "collaborating-site":
            before, after = (x["views"][0]["below"] for x in (a, b))
            bad += [f"{a['id']}: more known, fewer below {k}" for k in before if after[k] < before[k]]
    return bad


if __name__ == "__main__":
    sys.exit(cohort_loop.each(sys.argv, __doc__, "clinical tables", one))
