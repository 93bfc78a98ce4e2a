#!/usr/bin/env python3
"""Laws of a report.  usage: laws.py MKCOHORT DCMRISK SPECS FOLDER FIRST COUNT

Random cohorts FIRST, FIRST+1, ... and those of SPECS are assessed in many ways that must make no
difference: not to a byte where only the work differs, not in a figure where copies were added.
One large cohort is interrupted, killed, and resumed.  What differs is kept in FOLDER.
"""
import concurrent.futures
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time

EPOCH = "1700000000"
CHAIN = ("public", "acquaintance", "site-staff", "union")  # each knows all that the one before knows
LIMIT = 120  # seconds a run may take: more is a hang
TRIES = 12  # to meet a run in its middle, each time earlier


class Broken(Exception):
    """A law that did not hold."""


def environment(**more):
    env = dict(os.environ, SOURCE_DATE_EPOCH=EPOCH, LC_ALL="C", TZ="UTC")
    env.update(more)
    return env


def run(args, codes=(0, 1, 3), cwd=None, **more):
    r = subprocess.run(args, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(**more),
                       timeout=LIMIT, check=False, cwd=cwd)
    if r.returncode not in codes:
        raise Broken(f"{' '.join(args[:2])} ended with {r.returncode}: "
                     f"{r.stderr.decode('utf-8', 'replace').strip()[-300:]}")
    return r


def read(path):
    with open(path, "rb") as f:
        return f.read()


class Assessor:
    """Runs the program on inputs and keeps each report in a folder of its own."""

    def __init__(self, dcmrisk, folder):
        self.dcmrisk, self.folder, self.n = dcmrisk, folder, 0

    def out(self):
        self.n += 1
        return os.path.join(self.folder, f"report{self.n}")

    def report(self, source, *options, **env):
        out = self.out()
        run([self.dcmrisk, "assess", *([source] if source else []), "--out", out, "--format", "json", "-q", *options], **env)
        return read(os.path.join(out, "report.json"))


def same(a, b, law):
    if a != b:
        raise Broken(f"{law}: {difference(json.loads(a), json.loads(b))}")


def difference(a, b, path=""):
    """Where two documents first differ."""
    if isinstance(a, dict) and isinstance(b, dict):
        for k in sorted(set(a) | set(b)):
            if a.get(k) != b.get(k):
                return difference(a.get(k), b.get(k), f"{path}.{k}")
    if isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        for i, (x, y) in enumerate(zip(a, b)):
            if x != y:
                return difference(x, y, f"{path}[{i}]")
    return f"{path}: {str(a)[:120]} and {str(b)[:120]}" if a != b else "only in how it is written"


def files_below(folder):
    return sorted(os.path.join(d, f) for d, _, names in os.walk(folder) for f in names)


# ---- trees ----

def scatter(source, target, draw):
    """The same files under other names in other folders; only the ending of a file that is not
    DICOM is kept, since it says what the file is."""
    files = files_below(source)
    draw.shuffle(files)
    for i, f in enumerate(files):
        end = os.path.splitext(f)[1]
        end = end if end in (".csv", ".txt") else draw.choice(["", ".dcm", ".ima"])
        to = os.path.join(target, *(f"{draw.randrange(5)}" for _ in range(draw.randrange(4))))
        os.makedirs(to, exist_ok=True)
        shutil.copyfile(f, os.path.join(to, f"{draw.getrandbits(48):x}_{i}{end}"))


def add_copies(source, target, draw):
    shutil.copytree(source, target)
    files = [f for f in files_below(source) if not f.endswith((".csv", ".txt"))]
    for i, f in enumerate(draw.sample(files, (len(files) + 2) // 3)):
        to = os.path.join(target, f"copies{i % 3}")
        os.makedirs(to, exist_ok=True)
        shutil.copyfile(f, os.path.join(to, f"c{i}"))


def without_numbers(report):
    """A report whose file numbers, which are ranks by name, are left out, and the digest over all
    names and contents; a list is no input."""
    r = json.loads(report)
    r["inputs"] = []
    r.get("evidence", {}).get("dataset", {}).pop("root", None)
    for reason in r["coverage"]["reasons"]:
        reason["examples"] = []
    return json.dumps(r)


# ---- laws of one cohort ----

def order_of_work(a, dicom, base):
    same(base, a.report(dicom, "-j", "8"), "-j 8 and -j 1")
    same(base, a.report(dicom, "-j", "2", LC_ALL="C.UTF-8"), "locale C.UTF-8")
    same(base, a.report(dicom, "-j", "2", LC_ALL="de_DE.UTF-8", LANG="de_DE.UTF-8"),
         "locale de_DE, where 0.5 is 0,5")


def names_of_files(a, dicom, base, draw):
    tree = os.path.join(a.folder, "scattered")
    scatter(dicom, tree, draw)
    same(without_numbers(base), without_numbers(a.report(tree, "-j", "8")), "files renamed and moved")
    shutil.rmtree(tree)


def listed(a, dicom, base):
    """Paths of a list, backwards, are the same dataset; from inside of it, since the folders above, which
    are named by who runs the test, are part of a path that is listed."""
    names = b"\0".join(os.fsencode(os.path.relpath(f, dicom)) for f in reversed(files_below(dicom)))
    path = os.path.join(a.folder, "list")
    with open(path, "wb") as f:
        f.write(names)
    same(without_numbers(base), without_numbers(
        a.report(None, "--files-from", path, "-0", "-j", "2", cwd=dicom)), "a list of paths")


def through_scan_file(a, dicom, base):
    scan = os.path.join(a.folder, "whole.scan")
    run([a.dcmrisk, "scan", dicom, "-o", scan, "-q", "-j", "3"], codes=(0,))
    same(base, a.report(scan), "through a scan file")
    if os.stat(scan).st_mode & 0o777 != 0o600:
        raise Broken(f"the scan file has mode {os.stat(scan).st_mode & 0o777:o}")
    again = run([a.dcmrisk, "scan", dicom, "-o", scan], codes=(0,)).stderr
    if b" 0 read now" not in again:
        raise Broken(f"a second scan reads again: {again!r}")
    same(base, a.report(scan), "after a second scan")


def rescanned(a, dicom, other, draw):
    """Files changed, added and removed after a scan: as if scanned afresh."""
    tree, scan = os.path.join(a.folder, "changing"), os.path.join(a.folder, "changing.scan")
    shutil.copytree(dicom, tree)
    strange = files_below(other)
    for step in range(3):
        files = files_below(tree)
        for f in draw.sample(files, len(files) // 6):
            os.unlink(f)
        for f in draw.sample(files_below(tree), len(files) // 8):
            shutil.copyfile(draw.choice(strange), f)
            os.utime(f, ns=(step + 1, step + 1))  # the clock may be coarser than this test is quick
        for i in range(len(files) // 8):
            shutil.copyfile(draw.choice(strange + files_below(dicom)),
                            os.path.join(tree, f"added{step}_{i}"))
        if step == 2:
            with open(files_below(tree)[0], "r+b") as f:
                f.truncate(300)
        kept = a.report(tree, "--scan", scan, "-j", str(step + 1))
        same(kept, a.report(tree), f"rescan {step} and a fresh scan")
    shutil.rmtree(tree)


def copies(a, dicom, base, draw):
    tree = os.path.join(a.folder, "copied")
    add_copies(dicom, tree, draw)
    one, two = json.loads(base), json.loads(a.report(tree))
    for k in ("subjects", "inferred_subjects", "studies", "series", "instances"):
        if one["dataset"][k] != two["dataset"][k]:
            raise Broken(f"copies change dataset.{k}: {one['dataset'][k]}, {two['dataset'][k]}")
    if two["dataset"]["files"] <= one["dataset"]["files"]:
        raise Broken("copies were not seen")
    for r in (one, two):
        for adversary in r["adversaries"]:
            adversary.pop("naive", None)
    for k in ("adversaries", "longitudinal", "heatmap"):
        if one.get(k) != two.get(k):
            raise Broken(f"copies change {difference(one[k], two[k], k)}")
    shutil.rmtree(tree)


def figures(report):
    return {(a["id"], v["view"]): v for a in report["adversaries"] for v in a["views"]}


def knowing_more(base):
    """public, acquaintance, site-staff, union: no k(s) rises, so nobody leaves the bins below."""
    views = figures(json.loads(base))
    for less, more in zip(CHAIN, CHAIN[1:]):
        for view in ("any_exam", "two_exams", "history"):
            if (less, view) not in views or (more, view) not in views:
                continue
            x, y = views[less, view], views[more, view]
            for k in x["below"]:
                if y["below"][k] < x["below"][k]:
                    raise Broken(f"{more} {view}: below {k} is {y['below'][k]}, {less} had "
                                 f"{x['below'][k]}")
            for name, sign in (("unique_subjects", 1), ("k_min", -1), ("k_low_min", -1),
                               ("k_median", -1)):
                if (y[name] - x[name]) * sign < 0:
                    raise Broken(f"{more} {view}: {name} {y[name]}, {less} had {x[name]}")
            if y["prosecutor"]["average"] < x["prosecutor"]["average"] - 1e-12:
                raise Broken(f"{more} {view}: a lower average than {less}")


def bounds(base):
    report = json.loads(base)
    n = report["dataset"]["subjects"]
    for (who, view), v in figures(report).items():
        place = f"{who} {view}"
        if v["k_low_min"] > v["k_min"] or v["k_min"] > v["k_median"] or v["k_min"] > n:
            raise Broken(f"{place}: k_low_min {v['k_low_min']}, k_min {v['k_min']}, "
                         f"k_median {v['k_median']}, {n} subjects")
        if sum(b["subjects"] for b in v["histogram"]) != v["subjects"] or v["subjects"] > n:
            raise Broken(f"{place}: the bins do not add up")
        if v["histogram"][0]["subjects"] != v["unique_subjects"] or \
                v["below"]["2"] != v["unique_subjects"]:
            raise Broken(f"{place}: unique, below 2 and the first bin differ")
        if v["subjects"] > 0 and not 0 < v["prosecutor"]["random_exam"] <= \
                v["prosecutor"]["average"] + 1e-12 <= v["prosecutor"]["max"] + 2e-12:
            raise Broken(f"{place}: random_exam <= average <= max does not hold")
    for a in report["adversaries"]:
        k_min = next((v["k_min"] for v in a["views"] if v["view"] == "any_exam"), None)
        for c in a.get("concepts", []):
            if c["drop_one"] < 0 or c["alone"] < k_min:
                raise Broken(f"{a['id']}: {c['concept']} alone {c['alone']}, drop_one {c['drop_one']}")
    rank = {(a, v): f for (a, v), f in figures(report).items() if v != "history"}
    for (who, view), v in rank.items():
        if view == "two_exams" and v["unique_subjects"] < rank[who, "any_exam"]["unique_subjects"]:
            raise Broken(f"{who}: two exams single out fewer than one")


def one_cohort(mkcohort, dcmrisk, folder, name, make):
    here = os.path.join(folder, name)
    os.makedirs(here)
    run([mkcohort, *make, os.path.join(here, "a")], codes=(0,))
    run([mkcohort, "--random", str(9000 + len(name)), os.path.join(here, "b")], codes=(0,))
    dicom, draw = os.path.join(here, "a", "dicom"), random.Random(name)
    a = Assessor(dcmrisk, here)
    base = a.report(dicom, "-j", "1")
    bad = []
    for law in (lambda: order_of_work(a, dicom, base), lambda: names_of_files(a, dicom, base, draw),
                lambda: listed(a, dicom, base), lambda: through_scan_file(a, dicom, base),
                lambda: rescanned(a, dicom, os.path.join(here, "b", "dicom"), draw),
                lambda: copies(a, dicom, base, draw), lambda: knowing_more(base),
                lambda: bounds(base)):
        try:
            law()
        except (Broken, subprocess.TimeoutExpired, KeyError) as e:
            bad.append(f"{name}: {e!r}"[:600])
    if not bad:
        shutil.rmtree(here)
    return bad


# ---- a large cohort, interrupted ----

def children(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as f:
            return [int(c) for c in f.read().split()]
    except OSError:
        return []


def strike(pid, how=signal.SIGKILL):
    try:
        os.kill(pid, how)
    except ProcessLookupError:
        return 0
    return 1


def start(args):
    return subprocess.Popen(args, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                            env=environment())


def ended(p):
    try:
        err = p.communicate(timeout=LIMIT)[1]
    except subprocess.TimeoutExpired as e:
        p.kill()
        raise Broken("the run hangs") from e
    return p.returncode, err.decode("utf-8", "replace")


def family(pid):
    return [w for z in children(pid) for w in children(z)] + children(pid)


def all_gone(pids, law):
    until = time.time() + LIMIT
    left = pids
    while left and time.time() < until:
        left = [p for p in left if os.path.exists(f"/proc/{p}/cmdline") and
                b"dcmrisk" in read_quietly(f"/proc/{p}/cmdline")]
        time.sleep(0.05)
    if left:
        raise Broken(f"{law}: {len(left)} processes are left behind")


def read_quietly(path):
    try:
        return read(path)
    except OSError:
        return b""


def workers_killed(a, dicom, base, draw):
    """A file may meet four kills, one in company and three alone, before it is held to be their cause
    (crew_death.c): so many, and no more, make no difference, however slow the machine is."""
    pause = 0.08
    for _ in range(TRIES):
        out, hits = a.out(), 0
        p = start([a.dcmrisk, "assess", dicom, "--out", out, "--format", "json", "-q", "--stats",
                   "-j", "4"])
        has_begun(p)
        while p.poll() is None and hits < 4:
            time.sleep(draw.uniform(0, pause))
            workers = [w for z in children(p.pid) for w in children(z)]
            if workers:
                hits += strike(draw.choice(workers))
        code, err = ended(p)
        if code not in (0, 1, 3):
            raise Broken(f"{hits} workers killed: status {code}: {err[-300:]}")
        same(base, read(os.path.join(out, "report.json")), f"{hits} workers killed")
        if hits > 0 and "restarts 0," not in err:
            return
        pause /= 2  # there was nothing left to do
    raise Broken(f"no worker was killed and replaced: {err[-300:]}")


def has_begun(p):
    """Waits until there are workers, or the run has ended."""
    until = time.time() + LIMIT
    while p.poll() is None and len(family(p.pid)) < 2 and time.time() < until:
        time.sleep(0.002)


def whole(scan, law):
    """Whether a scan file, which may lack, was written to its end; it must be sound."""
    if not os.path.exists(scan):
        return False
    db = sqlite3.connect(scan)  # rolls back what was under way
    try:
        if db.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
            raise Broken(f"{law}: the scan file is damaged")
        return (db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'meta'").fetchall() != [] and
                db.execute("SELECT value FROM meta WHERE key = 'complete'").fetchall() == [("yes",)])
    finally:
        db.close()


def interrupted(a, dicom, base, how, after, law):
    """Ends a scan in the middle in one way or another, looks at what is left, resumes."""
    scan = os.path.join(a.folder, f"{law}.scan")
    for _ in range(TRIES):
        p = start([a.dcmrisk, "assess", dicom, "--scan", scan, "--out", a.out(), "-q", "-j", "2"])
        has_begun(p)
        time.sleep(after)
        pids = family(p.pid)
        how(p.pid)
        code, err = ended(p)
        if code not in (0, 1) and pids and not whole(scan, law):
            break
        after /= 2  # the scan had come to its end, though perhaps not the assessment behind it
        if os.path.exists(scan):
            os.unlink(scan)
    else:
        raise Broken(f"{law}: every run ended before it was disturbed")
    if law.startswith("int") and code != 3:
        raise Broken(f"{law}: status {code} and not 3: {err[-200:]}")
    if law.startswith("zygote") and code != 4:
        raise Broken(f"{law}: status {code} and not 4: {err[-200:]}")
    all_gone(pids, law)
    if os.path.exists(scan):
        half = subprocess.run([a.dcmrisk, "assess", scan, "--out", a.out(), "-q"], check=False,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              env=environment()).returncode
        if half in (0, 1):
            raise Broken(f"{law}: half a scan is judged with status {half}")
    same(base, a.report(dicom, "--scan", scan, "-j", "2"), f"{law} and resumed")
    same(base, a.report(scan), f"{law}, resumed, read from the scan file")
    os.unlink(scan)


def large(mkcohort, dcmrisk, specs, folder, draw):
    here = os.path.join(folder, "large")
    os.makedirs(here)
    spec = json.loads(read(os.path.join(specs, "edge.json")))
    spec["truth"] = "none"
    with open(os.path.join(here, "spec.json"), "w", encoding="utf-8") as f:
        json.dump(spec, f)
    run([mkcohort, "--scale", "25", os.path.join(here, "spec.json"), os.path.join(here, "a")],
        codes=(0,))
    a, dicom = Assessor(dcmrisk, here), os.path.join(here, "a", "dicom")
    base = a.report(dicom, "-j", "1")
    began = time.time()
    run([dcmrisk, "scan", dicom, "-o", os.path.join(here, "timed.scan"), "-q", "-j", "2"], codes=(0, 3))
    took = time.time() - began
    same(base, a.report(dicom, "-j", "8"), "-j 8 and -j 1, large")
    ways = [(lambda pid: strike(pid, signal.SIGINT), "int"),
            (lambda pid: strike(pid, signal.SIGTERM), "interm"), (strike, "killed"),
            (lambda pid: [strike(z) for z in children(pid)], "zygote")]
    bad = []
    for law in [lambda: workers_killed(a, dicom, base, draw)] * 3:
        bad += tried(law)
    for i, (how, name) in enumerate(ways * 2):
        # in the first round soon after the start, in the second late in the scan
        after = took * (draw.uniform(0.05, 0.15) if i < len(ways) else draw.uniform(0.25, 0.4))
        bad += tried(lambda h=how, n=name, t=after, j=i: interrupted(a, dicom, base, h, t, f"{n}{j}"))
    if not bad:
        shutil.rmtree(here)
    return bad


def tried(law):
    try:
        law()
    except (Broken, sqlite3.Error, subprocess.TimeoutExpired, KeyError) as e:
        return [f"large: {e!r}"[:600]]
    return []


# Series of more files than a batch has, with attributes that differ from file to file: sketches.
SLICES = {"seed": 11, "subjects": 3, "series": [2, 1], "files": [70, 330], "names": "empty",
          "private": {"csa_bytes": 200}, "weight": 12, "pixels": {"rows": 2, "columns": 2},
          "faults": [{"path": "0010,1010", "how": "vary", "scope": "file", "share": 0.3}]}


def main(argv):
    mkcohort, dcmrisk, specs, folder, first, count = argv[1:7]
    dcmrisk = os.path.abspath(dcmrisk)
    german = os.path.join(folder, "locale", "de_DE.UTF-8")
    os.makedirs(os.path.dirname(german))
    if shutil.which("localedef") and subprocess.run(
            ["localedef", "-i", "de_DE", "-f", "UTF-8", german], stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, check=False).returncode == 0:
        os.environ["LOCPATH"] = os.path.dirname(german)
    slices = os.path.join(folder, "slices.json")
    with open(slices, "w", encoding="utf-8") as f:
        json.dump(SLICES, f)
    todo = [(f"random{n}", ["--random", str(n)]) for n in range(int(first), int(first) + int(count))]
    todo += [(n, [os.path.join(specs, f"{n}.json")]) for n in ("edge", "demo")]
    todo += [("slices", [slices])]
    bad = []
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for lines in pool.map(lambda t: one_cohort(mkcohort, dcmrisk, folder, *t), todo):
            bad += lines
    bad += large(mkcohort, dcmrisk, specs, folder, random.Random(7))
    for line in bad[:40]:
        print(line)
    print(f"{len(todo)} cohorts and a large one, {len(bad)} laws broken")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
