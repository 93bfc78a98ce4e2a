#!/usr/bin/env python3
"""Every rule on a generated cohort: where something was planted, and where it must keep still.

usage: planted.py MKCOHORT DCMRISK FOLDER [RULE...]

tests/data/checks/<rule>.json says what to plant (see plant.py):

    {"cohort": {...},            changes to tests/data/checks/base/cohort.json, for both
     "options": [...],           more options of assess; {folder} is that of the cohort's own files
     "path": "0010,0010",        where the finding must be; default: anywhere, the widest one counts
     "hit": [edits], "subjects": N,   N: default as many as were planted in; null: not counted
     "miss": [edits]}            may be a list of such lists

The rule must find exactly the planted patients in "hit", and nothing in "miss".  Prints a confusion
table: for each planted kind what else is found above "note" that the bare cohort does not show.
"""
import json
import os
import shutil
import subprocess
import sys

import plant

HERE = os.path.dirname(os.path.abspath(__file__))
DATA = os.path.join(HERE, "..", "data", "checks")
RULES = os.path.join(HERE, "..", "..", "rules", "checks")


def load(path):
    with open(path, encoding="utf-8") as f:
        return json.load(f)


class Bench:
    def __init__(self, mkcohort, dcmrisk, folder):
        self.mkcohort, self.dcmrisk, self.folder = mkcohort, dcmrisk, folder
        self.base = load(os.path.join(DATA, "base", "cohort.json"))
        self.made, self.bare = {}, {}

    def cohort(self, changes):
        """A folder with the cohort of these changes, made once."""
        key = json.dumps(changes, sort_keys=True)
        if key not in self.made:
            to = os.path.join(self.folder, f"base{len(self.made)}")
            spec = to + ".json"
            with open(spec, "w", encoding="utf-8") as f:
                json.dump({**self.base, **changes}, f)
            subprocess.run([self.mkcohort, spec, to], check=True, stdout=subprocess.DEVNULL)
            self.made[key] = to
        return self.made[key]

    def assess(self, tree, options):
        out = os.path.join(self.folder, "out")
        shutil.rmtree(out, ignore_errors=True)
        args = [o.replace("{folder}", os.path.dirname(tree)) for o in options]
        r = subprocess.run([self.dcmrisk, "assess", tree, "-q", "-j", "1", "--format", "json", "--out", out, *args],
                           stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False, timeout=120)
        if r.returncode not in (0, 1, 3):
            raise RuntimeError(f"status {r.returncode}: {r.stderr.decode(errors='replace')[:300]}")
        return load(os.path.join(out, "report.json"))["findings"]

    def run(self, fixture, edits):
        """(numbers of the planted patients, findings)."""
        made = self.cohort(fixture.get("cohort", {}))
        work = os.path.join(self.folder, "work")
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(made, work)
        hit = plant.plant(os.path.join(work, "dicom"), edits)
        return hit, self.assess(os.path.join(work, "dicom"), fixture.get("options", []))

    def usual(self, fixture):
        """Rules and paths that the bare cohort shows, beside the files that the options name."""
        beside = [e for e in fixture["hit"] if e.get("add", {}).get("path", "").startswith("../")]
        key = json.dumps([fixture.get("cohort", {}), fixture.get("options", []), beside], sort_keys=True)
        if key not in self.bare:
            self.bare[key] = {(f["rule"], f["path"]) for f in self.run(fixture, beside)[1]}
        return self.bare[key]


def found(findings, rule, path):
    return [f for f in findings if f["rule"] == rule and (path is None or f["path"] == path)]


def judge_hit(bench, rule, fixture):
    """(what is wrong or None, subjects, what else was found)"""
    hit, findings = bench.run(fixture, fixture["hit"])
    mine = found(findings, rule, fixture.get("path"))
    also = sorted({f["rule"] for f in findings if f["severity"] != "note" and f["rule"] != rule
                   and (f["rule"], f["path"]) not in bench.usual(fixture)})
    want = fixture["subjects"] if "subjects" in fixture else len(hit)
    got = max((f["subjects"] for f in mine), default=None)
    if not mine:
        return f"not found where it was planted (others: {', '.join(also) or 'none'})", got, also
    if want is not None and got != want:
        return f"{got} patients, {want} planted", got, also
    return None, got, also


def judge_miss(bench, rule, fixture):
    lists = fixture["miss"]
    lists = lists if lists and isinstance(lists[0], list) else [lists]
    for i, edits in enumerate(lists):
        if found(bench.run(fixture, edits)[1], rule, fixture.get("path")):
            return f"found in miss {i + 1}"
    return None


def main():
    bench = Bench(*sys.argv[1:4])
    rules = sorted(f[:-5] for f in os.listdir(RULES) if f.endswith(".json"))
    wanted = sys.argv[4:] or rules[::int(os.environ.get("EVERY", "1"))]
    bad, rows = 0, []
    for rule in wanted:
        name = os.path.join(DATA, rule + ".json")
        if not os.path.exists(name):
            print(f"{rule}: no fixture tests/data/checks/{rule}.json")
            bad += 1
            continue
        fixture = load(name)
        try:
            wrong, got, also = judge_hit(bench, rule, fixture)
            miss = judge_miss(bench, rule, fixture)
        except (RuntimeError, ValueError, KeyError) as e:
            wrong, got, also, miss = f"{type(e).__name__}: {e}", None, [], None
        rows.append((rule, "hit" if wrong is None else "WRONG", got, "still" if miss is None else "WRONG", also))
        for w in (wrong, miss):
            if w is not None:
                print(f"{rule}: {w}")
                bad += 1
    for f in os.listdir(DATA):
        if f.endswith(".json") and f[:-5] not in rules:
            print(f"tests/data/checks/{f}: no such rule")
            bad += 1
    print(f"\n{'planted kind':38} {'planted':7} {'patients':>8} {'absent':6}  found beside it, above note")
    for rule, hit, got, miss, also in rows:
        print(f"{rule:38} {hit:7} {'-' if got is None else got:>8} {miss:6}  {', '.join(also) or '-'}")
    print(f"\nplanted: {len(rows)} kinds, {bad} problems")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
