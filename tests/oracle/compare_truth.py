#!/usr/bin/env python3
"""Compares a report with the truth of a synthetic cohort.

usage: compare_truth.py TRUTH.json REPORT.json
       compare_truth.py --cohorts MKCOHORT DCMRISK FOLDER FIRST COUNT [JOBS]

Every figure the truth knows must be in the report: whole numbers exactly, others to 1e-9.
The second form makes random cohorts FIRST, FIRST+1, ..., assesses and compares each, keeps the
folder of a cohort that differs, and stops after ten of them.  Exit: 0 all agree, 1 not.
"""
import concurrent.futures
import json
import math
import os
import shutil
import subprocess
import sys

DATASET = ("files", "dicom_files", "subjects", "inferred_subjects", "studies", "series",
           "instances")


def same(a, b):
    if isinstance(a, bool) or isinstance(b, bool) or a is None or b is None:
        return a is b
    if isinstance(a, int) and isinstance(b, (int, float)):
        return a == b
    return isinstance(b, (int, float)) and math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9)


def walk(truth, found, path, bad):
    """Adds to bad every figure below truth that found does not have."""
    if isinstance(truth, dict):
        for k, v in truth.items():
            walk(v, found.get(k) if isinstance(found, dict) else None, f"{path}.{k}", bad)
    elif isinstance(truth, list):
        if not isinstance(found, list) or len(found) != len(truth):
            bad.append(f"{path}: not a list of {len(truth)}")
            return
        for i, v in enumerate(truth):
            walk(v, found[i], f"{path}[{i}]", bad)
    elif not same(truth, found):
        bad.append(f"{path}: {found!r}, truth {truth!r}")


def compare_adversary(name, t, r, bad):
    views = {v.get("view"): v for v in r.get("views", [])}
    present = sorted(k["concept"] for k in r.get("knows", []) if k.get("present"))
    if present != sorted(t["present"]):
        bad.append(f"{name}.present: {present}, truth {sorted(t['present'])}")
    for view in ("any_exam", "history"):
        if view in t:
            walk(t[view], views.get(view), f"{name}.{view}", bad)
    if not t["applies"]:
        return
    concepts = {c.get("concept"): c for c in r.get("concepts", [])}
    walk(t["concepts"], concepts, f"{name}.concepts", bad)
    walk(t["naive"], r.get("naive"), f"{name}.naive", bad)


def compare(truth, report):
    """All differences, one line each."""
    bad = []
    data = report.get("dataset", {})
    for k in DATASET:
        if k in truth:
            walk(truth[k], data.get(k), f"dataset.{k}", bad)
    if "private_elements" in data:
        walk(truth["private_elements"], data["private_elements"], "dataset.private_elements", bad)
    adversaries = {a.get("id"): a for a in report.get("adversaries", [])}
    for name, t in truth.get("adversaries", {}).items():
        if name in adversaries:
            compare_adversary(name, t, adversaries[name], bad)
        else:
            bad.append(f"{name}: not in the report")
    return bad


def load(path):
    with open(path, encoding="utf-8") as f:
        return json.load(f)


def one_cohort(mkcohort, dcmrisk, folder, number):
    """Makes, assesses and compares cohort `number`; the differences."""
    here = os.path.join(folder, str(number))
    out = os.path.join(here, "report")
    shutil.rmtree(here, ignore_errors=True)
    subprocess.run([mkcohort, "--random", str(number), here], check=True,
                   stdout=subprocess.DEVNULL)
    run = subprocess.run([dcmrisk, "assess", os.path.join(here, "dicom"), "--out", out,
                          "--format", "json", "-j", "1"],
                         stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    if run.returncode not in (0, 1, 3):
        return [f"dcmrisk ended with {run.returncode}: {run.stderr.strip()[-300:]}"]
    bad = compare(load(os.path.join(here, "truth.json")), load(os.path.join(out, "report.json")))
    if not bad:
        shutil.rmtree(here)
    return bad


def cohorts(mkcohort, dcmrisk, folder, first, count, jobs):
    failed = done = 0
    os.makedirs(folder, exist_ok=True)
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        numbers = range(first, first + count)
        for n, bad in zip(numbers, pool.map(
                lambda i: one_cohort(mkcohort, dcmrisk, folder, i) if failed < 10 else None,
                numbers)):
            if bad is None:
                continue
            done += 1
            if bad:
                failed += 1
                print(f"cohort {n}: {len(bad)} differences (kept in {folder}/{n})")
                for line in bad[:12]:
                    print(f"    {line}")
    print(f"{done} cohorts, {failed} differ from the truth")
    return 1 if failed or done < count else 0


def main(argv):
    if len(argv) in (7, 8) and argv[1] == "--cohorts":
        return cohorts(argv[2], argv[3], argv[4], int(argv[5]), int(argv[6]),
                       int(argv[7]) if len(argv) == 8 else os.cpu_count() or 1)
    if len(argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    bad = compare(load(argv[1]), load(argv[2]))
    for line in bad:
        print(line)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
