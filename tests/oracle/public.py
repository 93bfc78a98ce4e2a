#!/usr/bin/env python3
"""An intruder reads the public edition of reports.  usage: public.py MKCOHORT DCMRISK TOP FOLDER FIRST COUNT

Cohorts with policies of several k.  The intruder has the JSON of the public edition, knows how it is made and
what the figures mean, and takes every relation between counts of patients that follows from that: which set of
patients holds which, which ones a total is made of.  By narrowing the range of each count until nothing moves
(interval propagation; sound for the public edition, since it can only leave ranges too wide for the intruder to
boast of) no number of patients, no complement, no difference of a set and a part of it, and nothing that a table
leaves out may come out better protected than "fewer than k" protects: none, or possibly k or more, or at least
k-1 numbers possible.

That it can win is seen each time: of an edition with primary suppression alone, made here, it takes something back
from most cohorts.  The relations are tried on the internal report first: one that does not hold there is no fact.
Exempt is what a criterion's result says of its limit, which is what a report is published for.
"""
import json
import os
import shutil
import subprocess
import sys

import faults

STUDIES = ("N + exams/2/subjects", "studies")
HIDDEN = "hidden"  # a cell of a table of which nothing is told


# ---- what is counted: {name: value} of a report, and relations between the names ----

def chain(put, less, at, group, total=None):
    """Patients below t, for growing t: each holds the one before."""
    last = None
    for t in sorted(group or {}, key=int):
        put(f"{at}/{t}", group[t])
        if last is not None:
            less.append((last, f"{at}/{t}"))
        last = f"{at}/{t}"
    if last is not None and total is not None:
        less.append((last, total))


def of_view(put, less, at, v):
    put(f"{at}/subjects", v["subjects"])
    chain(put, less, f"{at}/below", v["below"], f"{at}/subjects")
    put(f"{at}/unique", v["unique_subjects"])
    less += [(f"{at}/unique", f"{at}/below/2"), (f"{at}/below/2", f"{at}/unique")]


def knows(a):
    return {(k["concept"], k["level"]) for k in a["knows"] if k["present"]}


def of_adversaries(put, less, report):
    all_ = report["adversaries"]
    for i, a in enumerate(all_):
        views = {v["view"]: v for v in a["views"]}
        for name, v in views.items():
            of_view(put, less, f"a{i}/{name}", v)
        for b, other in enumerate(all_):
            if b != i and knows(a) <= knows(other) and other["id"] != "collaborating-site":  # which leaves out its own
                less += [(f"a{i}/{n}/below/{t}", f"a{b}/{n}/below/{t}") for n in ("any_exam", "two_exams")
                         for t in ("2", "3", "5", "11", "20")]
        less += [(f"a{i}/any_exam/below/{t}", f"a{i}/two_exams/below/{t}") for t in ("2", "3", "5", "11", "20")]
        for c in a["concepts"]:
            put(f"a{i}/drop/{c['concept']}", c["drop_one"])
            less.append((f"a{i}/drop/{c['concept']}", f"a{i}/any_exam/unique"))
        for u in a.get("unique_keys", []):
            name = f"a{i}/key/{'+'.join(sorted(u['concepts']))}"
            put(name, u["subjects"])
            less.append((name, f"a{i}/any_exam/unique"))


def of_exams(put, less, report):
    at_least = report["longitudinal"]["intervals"].get("at_least", [])
    for row in at_least:
        at = f"exams/{row['exams']}"
        put(f"{at}/subjects", row["subjects"])
        put(f"{at}/unique", row["unique_subjects"])
        chain(put, less, f"{at}/below", row["below"], f"{at}/subjects")
        less += [(f"{at}/unique", f"{at}/below/2"), (f"{at}/below/2", f"{at}/unique"), (f"{at}/subjects", "N")]
        if row["exams"] > 2:
            less.append((f"{at}/subjects", f"exams/{row['exams'] - 1}/subjects"))
    two = report["longitudinal"]["intervals"].get("two_exams") or {}
    if two.get("subjects") is not None or "below" in two:
        put("two/subjects", two.get("subjects"))
        chain(put, less, "two/below", two.get("below"), "two/subjects")
        less.append(("two/subjects", "N"))
    for row in report["longitudinal"]["km"]:
        at = f"km/{row['m']}"
        chain(put, less, f"{at}/below", row["subjects_below"], "N")
        if "holders" in row:
            put(f"{at}/holders", row["holders"])
            chain(put, less, f"{at}/holders_below", row["holders_below"], f"{at}/holders")
            less += [(f"{at}/holders_below/{t}", f"{at}/below/{t}") for t in row["holders_below"]]
            less.append((f"{at}/holders", "N"))
        if row["m"] > 1:
            less += [(f"km/{row['m'] - 1}/below/{t}", f"{at}/below/{t}") for t in row["subjects_below"]]


def of_attributes(put, less, report):
    paths = {a["path"] for a in report["attributes"]}
    for a in report["attributes"]:
        at = f"attr/{a['path']}"
        put(f"{at}/subjects", a["subjects"])
        put(f"{at}/unique", a["unique_subjects"])
        less += [(f"{at}/unique", f"{at}/subjects"), (f"{at}/subjects", "N")]
        parent = a["path"].rpartition("/")[0]
        if parent in paths:
            less.append((f"{at}/subjects", f"attr/{parent}/subjects"))
    for i, f in enumerate(report["findings"]):
        put(f"finding/{i}", f["subjects"])
        less.append((f"finding/{i}", "N"))
        if f["path"] in paths:
            less.append((f"finding/{i}", f"attr/{f['path']}/subjects"))
    for k in report.get("link_keys", []):
        put(f"link/{k['path']}", k["subjects"])
        less.append((f"link/{k['path']}", "N"))
        if k["path"] in paths:
            less.append((f"link/{k['path']}", f"attr/{k['path']}/subjects"))


def counts(report):
    """What is told of each count, pairs (part, whole), and the gated adversary's place."""
    value, less = {}, []

    def put(name, v):
        value[name] = v
    put("N", report["dataset"]["subjects"])
    put("inferred", report["dataset"]["inferred_subjects"])
    put("studies", report["dataset"]["studies"])
    less += [("inferred", "N")]
    of_adversaries(put, less, report)
    of_exams(put, less, report)
    of_attributes(put, less, report)
    gated = [i for i, a in enumerate(report["adversaries"]) if a["id"] == report["policy"]["adversary"]]
    for c in report["verdict"]["criteria"]:
        if c["unit"] == "patients":
            value[f"found/{c['id']}"] = c["found"]
    if gated:
        pairs = [("found/unique-subjects", f"a{gated[-1]}/any_exam/unique")]
        less += pairs + [(b, a) for a, b in pairs]
    less += [(n, "N") for n in value if n not in ("N", "studies")]
    return value, [p for p in less if p[0] in value and p[1] in value]


def tables(report):
    """{name: {cell: told}} of what patients fall into; hidden cells of the heat map too."""
    found = {"modalities": {m["modality"]: m["subjects"] for m in report["dataset"]["modalities"]},
             "pixels": {str(i): c["subjects"] for i, c in enumerate(report["pixels"]["classes"])},
             "clusters": {str(i): c["subjects"] for i, c in enumerate(report.get("deid_clusters", []))}}
    cells = report["heatmap"]["cells"]
    found["heatmap"] = {f"{y},{x}": c["subjects"] for y, line in enumerate(cells) for x, c in enumerate(line) if c}
    return found


# ---- the intruder ----

class Ranges:
    def __init__(self):
        self.lo, self.hi, self.sums = {}, {}, []

    def add(self, name, lo, hi):
        self.lo[name], self.hi[name] = lo, hi

    def equal(self, whole, parts):
        """whole = the sum of parts"""
        self.sums.append((whole, parts))

    def narrow(self, name, lo, hi):
        moved = lo > self.lo[name] or hi < self.hi[name]
        self.lo[name], self.hi[name] = max(lo, self.lo[name]), min(hi, self.hi[name])
        if self.lo[name] > self.hi[name]:
            raise ArithmeticError(f"{name}: {self.lo[name]} to {self.hi[name]}: the relations contradict each other")
        return moved

    def settle(self):
        moved = True
        while moved:
            moved = False
            for whole, parts in self.sums:
                lo, hi = sum(self.lo[p] for p in parts), sum(self.hi[p] for p in parts)
                moved |= self.narrow(whole, lo, hi)
                for p in parts:
                    moved |= self.narrow(p, self.lo[whole] - (hi - self.hi[p]), self.hi[whole] - (lo - self.lo[p]))

    def unsafe(self, k):
        return [f"{n}: {self.lo[n]} to {self.hi[n]}" for n in self.lo
                if 0 < self.hi[n] < k and self.hi[n] - self.lo[n] + 1 < k - 1]


def meant(told, k, n, naive):
    """The range of a count that is told so."""
    if told == HIDDEN:
        return 0, n
    if naive:
        return (0, k - 1) if told is None else (told, told)
    if told is None:
        return (0, k - 1) if n >= 2 * k - 1 else (0, max(n - 1, 0))
    if told in (0, n):
        return told, told
    top = (n - k + 1) // k * k
    return (told, n - 1) if told == top else (told, told + k - 1)


def attack(edition, relations, made_of, k, naive):
    """Ranges of all counts.  relations: pairs that hold; made_of: {table: total}."""
    value, _ = counts(edition)
    n = value["N"]
    r = Ranges()
    if n is None:
        return r
    for name, told in value.items():
        if name != "studies":
            r.add(name, *meant(told, k, n, naive))
    if not naive or n >= k:
        r.narrow("N", n, n)
    for part, whole in relations:
        if part in r.lo and whole in r.lo:
            r.add(f"{whole} - {part}", 0, n)
            r.equal(whole, [part, f"{whole} - {part}"])
    for name, total in made_of.items():
        cells = tables(edition)[name]
        parts = []
        for c, told in cells.items():
            r.add(f"{name}/{c}", *meant(HIDDEN if told is None and not naive else told, k, n, naive))
            parts.append(f"{name}/{c}")
        if name != "heatmap":
            r.add(f"{name}/others", 0, n)
            parts.append(f"{name}/others")
        r.equal(total, parts)
    s = value["studies"] if STUDIES in relations else None
    if "exams/2/subjects" in r.lo and s is not None:  # each has one at least, so at most so many have several
        most = s if naive or s == n else s + k - 1
        r.narrow("exams/2/subjects", 0, max(most - n, 0))
    r.settle()
    return r


def facts(report):
    """Relations that hold in the report as it is, and tables that make a total up."""
    value, less = counts(report)
    n = value["N"]

    holds = [(a, b) for a, b in less if value[a] is not None and value[b] is not None and value[a] <= value[b]]
    several = value.get("exams/2/subjects") or 0
    if value["studies"] - n >= several:
        holds.append(STUDIES)
    wrong = [p for p in less if p not in set(holds) and None not in (value[p[0]], value[p[1]])]
    made_of = {t: "N" for t, cells in tables(report).items()
               if cells and None not in cells.values() and sum(cells.values()) == n}
    return holds, wrong, made_of


# ---- editions ----

def primary(report, k):
    """An edition that only leaves out counts below k: what is usual, and not enough."""
    copy = json.loads(json.dumps(report))

    def small(o, keys):
        for key in keys:
            if isinstance(o.get(key), int) and 0 < o[key] < k:
                o[key] = None
    for a in copy["adversaries"]:
        for v in a["views"]:
            small(v, ("unique_subjects", "subjects"))
            small(v["below"], list(v["below"]))
        for c in a["concepts"]:
            small(c, ("alone", "drop_one"))
        for u in a.get("unique_keys", []):
            small(u, ("subjects",))
    for c in copy["verdict"]["criteria"]:
        small(c, ("found",) if c["unit"] == "patients" else ())
    for group in ("attributes", "findings", "link_keys", "deid_clusters"):
        for a in copy.get(group, []):
            small(a, ("subjects", "unique_subjects"))
    for row in copy["longitudinal"]["intervals"].get("at_least", []):
        small(row, ("subjects", "unique_subjects"))
        small(row["below"], list(row["below"]))
    two = copy["longitudinal"]["intervals"].get("two_exams") or {}
    small(two, ("subjects", "unique_subjects"))
    small(two.get("below", {}), list(two.get("below", {})))
    for row in copy["longitudinal"]["km"]:
        small(row, ("holders",))
        small(row["subjects_below"], list(row["subjects_below"]))
        small(row.get("holders_below", {}), list(row.get("holders_below", {})))
    small(copy["dataset"], ("inferred_subjects",))
    for m in copy["dataset"]["modalities"] + copy["pixels"]["classes"]:
        small(m, ("subjects",))
    return copy


def honest(internal, public, k):
    """What is told is at most what was found, and less than k below, but for all but fewer than k."""
    bad = []
    value, _ = counts(internal)
    told, _ = counts(public)
    n = value["N"]
    if n < k and any(isinstance(v, int) and v for v in told.values()):
        bad.append("fewer than k patients, and something is told")
    for name, v in told.items():
        if v is None or name.startswith(("attr", "finding", "link")):
            continue
        was = value.get(name)
        most = n if v == (n - k + 1) // k * k else v + k - 1
        if was is None or not v <= was <= most or 0 < v < k or (v not in (0, n) and v % k != 0):
            bad.append(f"{name}: told {v}, found {was}")
    return bad


def strings(j):
    if isinstance(j, dict):
        for k, v in j.items():
            yield k
            yield from strings(v)
    elif isinstance(j, list):
        for v in j:
            yield from strings(v)
    elif isinstance(j, str):
        yield j


def silent(internal, public, project):
    """No shape, name of a file or word of the project file is left."""
    bad, text = [], "\n".join(strings(public))
    told = set(strings(public))
    for a in internal["attributes"]:
        if a["shape"] and len(a["shape"]) > 3 and a["shape"] in told:
            bad.append(f"shape {a['shape']}")
    for r in internal["coverage"]["reasons"]:
        bad += [f"name {n}" for n in r.get("names", []) if n in text]
    bad += [f"project: {w}" for w in project if w in text]
    return bad


# ---- the heat map of the internal report: cells are exact there, and so are the totals ----

def heat_map(report, k):
    """Cells that come out by subtraction, narrower than the totals say by themselves."""
    cells = [c for line in report["heatmap"]["cells"] for c in line if c]
    n = report["dataset"]["subjects"]
    gated = [a for a in report["adversaries"] if a["id"] == report["policy"]["adversary"]][-1]
    view = [v for v in gated["views"] if v["view"] == "any_exam"][0]
    total = view["below"].get(str(k))
    if total is None or not cells:
        return []
    r = Ranges()
    sides = {"subjects": n, "below": total, "others": n - total}
    for side, of in sides.items():
        r.add(side, of, of)
        for i, c in enumerate(cells):
            told = c.get(side)
            r.add(f"{side} {i}", *((0, n) if told is None else (told, told)))
        r.equal(side, [f"{side} {i}" for i in range(len(cells))])
    for i in range(len(cells)):
        r.equal(f"subjects {i}", [f"below {i}", f"others {i}"])
    try:
        r.settle()
    except ArithmeticError:
        return []  # people of several cells: no total is that of the cells
    found = []
    for u in r.unsafe(k):
        side, _, i = u.split(":")[0].partition(" ")
        told = i != "" and cells[int(i)].get("below" if side == "others" else side) is not None
        if i != "" and not told and sides[side] >= k:  # a total below k is told elsewhere
            found.append(u)
    return found


def two_sites(tree):
    """40 patients of two sites in one month: 20 unique ones at the first, 5 at the second, where 15 are alike.
    The number of all unique ones less those of the first would be the five."""
    os.makedirs(tree, exist_ok=True)
    for i in range(40):
        age = i + 20 if i < 25 else 60
        body = [(8, 0x16, b"UI", b"1.2.840.10008.5.1.4.1.1.7"), (8, 0x18, b"UI", f"2.25.1{i}".encode()),
                (8, 0x20, b"DA", b"20240105"), (8, 0x60, b"CS", b"CT"),
                (8, 0x80, b"LO", b"First Hospital" if i < 20 else b"Second Hospital"),
                (0x10, 0x20, b"LO", f"P{i}".encode()), (0x10, 0x1010, b"AS", f"0{age}Y".encode()),
                (0x20, 0xD, b"UI", f"2.25.2{i}".encode()), (0x20, 0xE, b"UI", f"2.25.3{i}".encode())]
        faults.put(os.path.join(tree, f"{i}.dcm"),
                   faults.header(faults.EXPLICIT) + b"".join(faults.element(*e) for e in body))


# ---- cohorts ----

POLICY_K = (2, 3, 4, 5, 11)
WORDS = ("Wutzlhofer Trial", "Zyxomira Pharma", "Prof. Qvist", "St. Elsewhere")


def policy_of(top, folder, k):
    with open(os.path.join(top, "rules/policies/public-release.json"), encoding="utf-8") as f:
        p = json.load(f)
    p.update(id=f"public-{k}", k=k)
    for c in p["criteria"]:
        if c["id"] == "subjects-below-k":
            c["k"] = k
    path = os.path.join(folder, f"policy{k}.json")
    with open(path, "w", encoding="utf-8") as f:
        json.dump(p, f)
    return path


def project_of(folder):
    path = os.path.join(folder, "project.json")
    with open(path, "w", encoding="utf-8") as f:
        json.dump({"schema": "dcmrisk-project/1", "title": WORDS[0], "requester": WORDS[2], "protocol": WORDS[3],
                   "recipients": [{"name": WORDS[1], "policy": "public-release"}]}, f)
    return path


def run(dcmrisk, *args):
    r = subprocess.run([dcmrisk, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, timeout=300)
    if r.returncode not in (0, 1, 3):
        raise RuntimeError(f"{args[0]} ended with {r.returncode}: {r.stderr[-300:]!r}")
    return r.stdout + r.stderr


def read(*path):
    with open(os.path.join(*path), "rb") as f:
        return f.read()


def editions(dcmrisk, tree, here, policy, project):
    """The internal report, its public edition (as JSON and bytes); what else is wrong."""
    bad, scan = [], os.path.join(here, "scan")
    common = ["--policy", policy, "--project", project, "--scan", scan, "-q", "--format", "json"]
    run(dcmrisk, "assess", tree, "--out", os.path.join(here, "in"), "--show-paths", *common)
    run(dcmrisk, "assess", tree, "--out", os.path.join(here, "pub"), "--audience", "public", *common)
    for source, to in (("in", "again"), ("pub", "twice")):
        run(dcmrisk, "report", os.path.join(here, source, "report.json"), "--out", os.path.join(here, to),
            "--format", "json", "--audience", "public")
        if read(here, to, "report.json") != read(here, "pub", "report.json"):
            bad.append(f"the edition of the {source} report differs")
    internal, public = (json.loads(read(here, d, "report.json")) for d in ("in", "pub"))
    return internal, public, bad


def schema_errors(top, public):
    try:
        import jsonschema
    except ImportError:
        return []
    schema = json.loads(read(top, "reports/report.schema.json"))
    return [f"{'/'.join(map(str, e.absolute_path))}: {e.message[:80]}"
            for e in list(jsonschema.Draft202012Validator(schema).iter_errors(public))[:5]]


def one(dcmrisk, top, tree, here, k, tally):
    os.makedirs(here, exist_ok=True)
    internal, public, bad = editions(dcmrisk, tree, here, policy_of(top, here, k), project_of(here))
    holds, wrong, made_of = facts(internal)
    tally["no facts"].update(f"{a} <= {b}" for a, b in wrong)
    bad += [f"internal heat map: {x}" for x in heat_map(internal, k)]
    bad += schema_errors(top, public) + honest(internal, public, k) + silent(internal, public, WORDS)
    bad += [f"given back: {x}" for x in attack(public, holds, made_of, k, False).unsafe(k)]
    tally["cohorts"] += 1
    tally["relations"] += len(holds)
    tally["tables"] += len(made_of)
    tally["naive"] += bool(attack(primary(internal, k), holds, made_of, k, True).unsafe(k))
    return bad


def main(argv):
    mkcohort, dcmrisk, top, folder = argv[1:5]
    first, count = int(argv[5]), int(argv[6])
    os.environ["SOURCE_DATE_EPOCH"] = "1790000000"
    tally = {"cohorts": 0, "relations": 0, "tables": 0, "naive": 0, "no facts": set()}
    failed = 0
    specs = [(s, k) for s in ("demo", "edge") for k in (5, 11)]
    jobs = [(f"{s}, k {k}", [os.path.join(top, "tests/data/cohorts", f"{s}.json")], k) for s, k in specs]
    jobs += [(f"cohort {n}", ["--random", str(n)], POLICY_K[n % len(POLICY_K)])
             for n in range(first, first + count)]
    for what, make, k in jobs:
        here = os.path.join(folder, what.replace(", ", "-").replace(" ", ""))
        subprocess.run([mkcohort, *make, here], check=True, stdout=subprocess.DEVNULL)
        bad = one(dcmrisk, top, os.path.join(here, "dicom"), os.path.join(here, "reports"), k, tally)
        for line in bad[:8]:
            print(f"{what} (k {k}): {line}"[:300])
        failed += bool(bad)
        if not bad:
            shutil.rmtree(here)
    two_sites(os.path.join(folder, "sites"))
    for line in one(dcmrisk, top, os.path.join(folder, "sites"), os.path.join(folder, "sites-reports"), 11, tally):
        print(f"two sites: {line}")
        failed += 1
    print(f"{tally['cohorts']} cohorts, {tally['relations']} relations, {tally['tables']} tables that make up all"
          f" patients: {failed} give something back or are wrong; with primary suppression alone {tally['naive']} do")
    if tally["no facts"]:
        print(f"no facts: {sorted(tally['no facts'])[:20]}")
    if tally["naive"] * 2 < tally["cohorts"]:
        print("the intruder is too weak: it should win where counts below k are all that is left out")
        return 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
