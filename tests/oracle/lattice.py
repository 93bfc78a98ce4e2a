"""Holds `dcmrisk table --metrics suda,fields` against the definitions, by brute force.

usage: lattice.py DCMRISK FOLDER COUNT SEED SHARED

Nothing here is clever on purpose: every set of columns is looked at, and every record is compared
with every other.  METRICS.md 1.4 and 1.11 are the definitions; with subjects a set is unique to a
record when no record of another subject has its values.
"""
import csv
import itertools
import json
import math
import os
import random
import subprocess
import sys
from fractions import Fraction

PROGRAM, FOLDER, COUNT, SEED, SHARED = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5]
bad = 0


def wrong(what, found, expected):
    global bad
    bad += 1
    if bad < 20:
        print(f"{what}: found {found}, expected {expected}")


def near(what, found, expected, tolerance=1e-12):
    if found is None or expected is None:
        if found is not expected:
            wrong(what, found, expected)
    elif abs(found - expected) > tolerance * max(1, abs(expected)):
        wrong(what, found, expected)


def same(what, found, expected):
    if found != expected:
        wrong(what, found, expected)


def run(path, qi, *more):
    """The document and the records (suda, dis) of a table."""
    records = os.path.join(FOLDER, "records.csv")
    done = subprocess.run(
        [PROGRAM, "table", path, "--qi", ",".join(qi), "--metrics", "suda,fields", "--records", records, *more],
        capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"dcmrisk table ended with {done.returncode}: {done.stderr}")
    with open(records, newline="", encoding="utf-8") as f:
        rows = [(float(r["suda"]), float(r["dis"])) for r in csv.DictReader(f)]
    os.unlink(records)
    return json.loads(done.stdout), rows


def write(header, rows):
    path = os.path.join(FOLDER, "table.csv")
    with open(path, "w", newline="", encoding="utf-8") as f:
        out = csv.writer(f)
        out.writerow(header)
        out.writerows([["" if v is None else v for v in row] for row in rows])
    return path


# ---- the definitions ----


def subsets(m, least=0):
    for k in range(least, m + 1):
        yield from itertools.combinations(range(m), k)


class Table:
    def __init__(self, keys, subjects):
        self.keys, self.subjects = keys, subjects
        self.m = len(keys[0])
        self.records = sorted(set(zip(subjects, keys)), key=repr)

    def alone(self, record, columns, missing_matches):
        """No record of another subject has the values of this one in the columns."""
        who, key = record
        if not missing_matches and any(key[c] is None for c in columns):
            return False
        return not any(other != who and all(k[c] == key[c] for c in columns) for other, k in self.records)

    def msus(self, record):
        unique = {s for s in subsets(self.m, 1) if self.alone(record, s, False)}
        return minimal(unique)

    def unique_subjects(self, columns):
        """Subjects with K = 1 for one of their records, a missing value being a value."""
        return {r[0] for r in self.records if self.alone(r, columns, True)}


def minimal(sets):
    return [s for s in sets if not any(t != s and set(t) < set(s) for t in sets)]


def dis_of(scores, uniques, pairs, d, m):
    """As METRICS.md 1.4 has it, before anything cancels."""
    if pairs == 0 or uniques == 0:
        return [1.0 if s > 0 else 0.0 for s in scores]
    theta = uniques * d / (uniques * d + 2 * pairs * (1 - d))
    q = 1 + (8 - m) / 20
    a = sum(s ** -q for s in scores if s > 0)
    return [1 / (1 + (uniques / theta - uniques) / (s ** q * a)) if s > 0 else 0.0 for s in scores]


def check_suda(t, doc, rows, d):
    found = {r: t.msus(r) for r in t.records}
    score = {r: sum(math.factorial(t.m - len(s)) for s in sets) for r, sets in found.items()}
    total = sum(score.values())
    full = {}
    for who, key in t.records:
        full.setdefault(key, set()).add(who)
    pairs = sum(len(w) == 2 for w in full.values())
    uniques = sum(len(w) == 1 for w in full.values())
    dis = dict(zip(t.records, dis_of([score[r] for r in t.records], uniques, pairs, d, t.m)))
    s = doc["suda"]
    same("msu", s["msu"], sum(map(len, found.values())))
    same("score_sum", s["score_sum"], total)
    same("score_max", s["score_max"], max(score.values()))
    near("dis_sum", s["dis_sum"], sum(dis.values()))
    for k in range(1, t.m + 1):
        same(f"by_size {k}", s["by_size"][str(k)], sum(len(x) == k for sets in found.values() for x in sets))
    for i, row in enumerate(zip(t.subjects, t.keys)):
        same("suda of a row", rows[i][0], score[row])
        near("dis of a row", rows[i][1], dis[row])
    for c in range(t.m):
        # contribution of a variable for a record, times the record's score
        held = sum(math.factorial(t.m - len(x)) for sets in found.values() for x in sets if c in x)
        near("suda_share", doc["fields"][c]["suda_share"], held / total if total else None)


def entropy(counts):
    n = sum(counts)
    return -sum(x / n * math.log2(x / n) for x in counts)


def check_alone(t, doc):
    for c in range(t.m):
        f = doc["fields"][c]
        pairs = sorted({(who, key[c]) for who, key in t.records}, key=repr)
        k = {v: sum(p[1] == v for p in pairs) for v in {p[1] for p in pairs}}
        couples = [(a, b) for a, b in itertools.combinations(pairs, 2) if a[0] != b[0]]
        same("distinct", f["distinct"], len(k))
        same("alone", f["alone"], min(k.values()))
        near("bits", f["bits"], entropy(list(k.values())))
        near("distinction", f["distinction"], len(k) / len(pairs))
        near("separation", f["separation"],
             sum(a[1] != b[1] for a, b in couples) / len(couples) if couples else 0.0)


def shapley(value, m, c):
    """Over all subsets; nobody is unique when nothing is known."""
    total = Fraction(0)
    for s in subsets(m):
        if c not in s:
            weight = Fraction(math.factorial(len(s)) * math.factorial(m - len(s) - 1), math.factorial(m))
            total += weight * (value[tuple(sorted(s + (c,)))] - value[s])
    return total


def check_keys(t, doc, unique):
    count = {}
    for who in set(t.subjects):
        for s in minimal({s for s in unique if s and who in unique[s]}):
            count[s] = count.get(s, 0) + 1
    expected = sorted(count.items(), key=lambda x: (-x[1], len(x[0]), sum(1 << c for c in x[0])))
    names = [f["name"] for f in doc["fields"]]
    same("unique_keys", [(k["names"], k["records"]) for k in doc["unique_keys"]],
         [([names[c] for c in s], n) for s, n in expected[:50]])
    same("unique_keys_left_out", doc["unique_keys_left_out"], max(0, len(expected) - 50))


def check_fields(t, doc):
    unique = {s: t.unique_subjects(s) for s in subsets(t.m)}
    value = {s: len(u) if s else 0 for s, u in unique.items()}
    everything = tuple(range(t.m))
    for c in range(t.m):
        f = doc["fields"][c]
        rest = tuple(x for x in everything if x != c)
        same("drop_one", f["drop_one"], len(unique[everything]) - len(unique[rest]))
        near("shapley", f["shapley"], float(shapley(value, t.m, c)))
    near("sum of shapley", sum(f["shapley"] for f in doc["fields"]), value[everything])
    check_keys(t, doc, unique)


# ---- random tables ----


def draw_keys(rng, n, m):
    columns = []
    for _ in range(m):
        if columns and rng.random() < 0.4:  # follows another one: items that cover the same records
            source, shift = rng.choice(columns), rng.randrange(1, 9)
            columns.append([None if v is None else (v * shift) % rng.choice([5, 7, 1000]) for v in source])
        else:
            size = rng.choice([1, 2, 2, 3, 4, 12])
            columns.append([rng.randrange(size) for _ in range(n)])
    gaps = rng.choice([0, 0, 0.1, 0.4])
    return [tuple(None if rng.random() < gaps else col[i] for col in columns) for i in range(n)]


def random_table(rng):
    n, m = rng.randint(1, 12), rng.randint(1, 6) if rng.random() < 0.95 else 8
    keys = draw_keys(rng, n, m)
    if rng.random() < 0.3:  # pairs
        keys = [keys[rng.randrange(n)] for _ in range(n)]
    with_subjects = rng.random() < 0.5
    subjects = [f"p{rng.randrange(rng.randint(1, n))}" for _ in range(n)] if with_subjects else list(range(n))
    names = [f"q{c}" for c in range(m)]
    path = write(names + ["who"], [k + (s,) for k, s in zip(keys, subjects)])
    more = ["--subject", "who"] if with_subjects else []
    d = rng.choice([None, 0.003, 0.1, 0.37, 1])
    if d is not None:
        more += ["--fraction", str(d)]
    t = Table(keys, subjects)
    doc, rows = run(path, names, *more)
    check_suda(t, doc, rows, 0.01 if d is None else d)
    check_alone(t, doc)
    check_fields(t, doc)


def wide_values(keys, m):
    """Unique rows of every set of columns, as integers: too many sets for anything slower."""
    value = [0] * (1 << m)
    for s in range(1, 1 << m):
        columns = [c for c in range(m) if s >> c & 1]
        seen = {}
        for k in keys:
            part = tuple(k[c] for c in columns)
            seen[part] = seen.get(part, 0) + 1
        value[s] = sum(x == 1 for x in seen.values())
    return value


def check_wide(rng, m, n):
    """Beyond 14 columns the values are sampled, and their intervals hold the exact ones."""
    keys = [tuple(int(rng.random() < 0.35) * rng.randrange(1, 3) for _ in range(m)) for _ in range(n)]
    names = [f"q{c}" for c in range(m)]
    doc, _ = run(write(names, keys), names)
    value = wide_values(keys, m)
    missed = 0
    for c in range(m):
        exact = sum((value[s | 1 << c] - value[s]) / (m * math.comb(m - 1, bin(s).count("1")))
                    for s in range(1 << m) if not s >> c & 1)
        f = doc["fields"][c]
        if not f["shapley_lo"] <= f["shapley"] <= f["shapley_hi"]:
            wrong("order of shapley_lo, shapley, shapley_hi", f, "lo <= value <= hi")
        missed += not f["shapley_lo"] <= exact <= f["shapley_hi"]
    near("sum of sampled shapley", sum(f["shapley"] for f in doc["fields"]), value[-1])
    return missed


# ---- textbook cases ----

# Templ, Statistical Disclosure Control for Microdata (2017); scores as in sdcMicro's test "suda2 book
# example", METRICS.md 2.6.
BOOK = ([("20s", "male", "50k+", "highschool")] * 2 + [("20s", "male", "50k-", "highschool")] * 2 +
        [("20s", "female", "50k-", "university"), ("20s", "female", "50k-", "highschool"),
         ("20s", "female", "50k-", "middleschool"), ("60s", "male", "50k-", "university")])
# IHSN, Statistical disclosure control for microdata: a practice guide; METRICS.md 2.6.
GUIDE = [("u", "f", "si", "e"), ("u", "f", "si", "e"), ("u", "f", "pi", "n"), ("u", "m", "sc", "e"),
         ("r", "f", "sc", "u"), ("u", "m", "sc", "e"), ("u", "f", "pc", "n"), ("u", "m", "ps", "u"),
         ("u", "f", "si", "n"), ("u", "f", "si", "n")]
# sdcMicro's test "suda2 simple example": attribute contributions 50, 37.5 and 37.5 percent.
SIMPLE = [(2, 0, 0), (1, 3, 6), (1, 0, 0)]

# A table on which sdcMicro's contributions are wrong (METRICS.md 3.2, inputs/suda_correlated_bug.csv):
# items that cover the same records, and minimal uniques of three variables.
CORRELATED = [(2, 7, 3, 1, 2), (2, 7, 3, 3, 1), (1, 4, 4, 1, 2), (1, 4, 3, 4, 1),
              (3, 10, 4, 2, 2), (3, 10, 4, 1, 2), (1, 4, 1, 3, 2), (1, 4, 1, 1, 1)]
# METRICS.md 4, ARX's hand-made table of age, sex and state: classes and pairs as stated there.
HAND = [("x", "A", "p"), ("y", "A", "q"), ("x", "B", "p"), ("y", "B", "p"), ("z", "B", "r")]


def by_definition(keys):
    """A table that is not random, against everything."""
    names = [f"q{c}" for c in range(len(keys[0]))]
    t = Table(keys, list(range(len(keys))))
    doc, rows = run(write(names, keys), names)
    check_suda(t, doc, rows, 0.01)
    check_alone(t, doc)
    check_fields(t, doc)
    return doc


def textbook():
    for keys, scores in ((BOOK, [0, 0, 0, 0, 4, 2, 6, 8]), (GUIDE, [0, 0, 6, 0, 12, 0, 6, 10, 0, 0])):
        names = [f"q{c}" for c in range(len(keys[0]))]
        _, rows = run(write(names, keys), names)
        same("textbook scores", [r[0] for r in rows], scores)
    doc, _ = run(write(["a", "b", "c"], SIMPLE), ["a", "b", "c"])
    same("simple contributions", [f["suda_share"] for f in doc["fields"]], [0.5, 0.375, 0.375])
    by_definition(CORRELATED)
    doc = by_definition(HAND)
    for f, distinction, separation in zip(doc["fields"], (0.6, 0.4, 0.6), (0.8, 0.6, 0.7)):
        near("hand-made distinction", f["distinction"], distinction)
        near("hand-made separation", f["separation"], separation)
    return 5


# METRICS.md 2.1: table, MSUs, sum and maximum of scores, sum and maximum of DIS at d = 0.01; by the
# definition where sdcMicro gives NaN.
K7 = "sex ageband region scanner bodypart modality ethnic".split()
T7 = "urbrur roof walls water electcon relat sex".split()
KEY4 = "Key1 Key2 Key3 Key4".split()
REFERENCE = [
    ("francdat", "francdat", KEY4, 7, 26, 8, 0.04476982801, 0.01421348632),
    ("francdat_na", "francdat_na", KEY4, 6, 19, 8, 0.1170607741, 0.05233658103),
    ("testdata_k5", "testdata", "urbrur roof walls water sex".split(), 12, 19, 2, 0.1391105231, 0.01500353133),
    ("testdata_k7", "testdata", T7, 235, 4890, 720, 9.831090921, 0.6781425537),
    ("testdata_na_k7", "testdata_na", T7, 250, 4886, 720, 6.025484089, 0.5426169033),
    ("synth2000_k7", "synth2000", K7, 7817, 40264, 150, 246.7916965, 0.5715792099),
    ("synth2000_k4", "synth2000", K7[:4], 136, 136, 1, 0.9762482846, None),
    ("synth2000_na_k7", "synth2000_na", K7, 7531, 40410, 162, 256.8075443, 0.6060647424),
    ("synth2000_na_k4", "synth2000_na", K7[:4], 132, 132, 1, 0.643902439, 0.00487804878),
]


def read(path):
    with open(path, newline="", encoding="utf-8") as f:
        return list(csv.DictReader(f))


def check_records(name, qi, doc, rows, folder):
    """sdcMicro's own figures, and those of a brute force over the definition that is not ours."""
    printed = read(os.path.join(folder, "records", f"{name}.csv")) if name != "synth2000_na_k4" else []
    brute = os.path.join(folder, "records", f"{name}_bruteforce.csv")
    brute = read(brute) if os.path.exists(brute) else []
    for i, r in enumerate(printed):
        near(f"{name} score, row {i + 1}", rows[i][0], float(r["suda2_orig_dis0.01_score"]))
        if r["suda2_orig_dis0.01_disscore"] not in ("", "NaN", "NA"):
            near(f"{name} DIS, row {i + 1}", rows[i][1], float(r["suda2_orig_dis0.01_disscore"]), 1e-6)
    for i, r in enumerate(brute):
        near(f"{name} brute-force score, row {i + 1}", rows[i][0], float(r["score_elliot"]))
    if brute:
        same(f"{name} MSUs", doc["suda"]["msu"], sum(int(r["n_msu"]) for r in brute))
        total = sum(float(r["score_elliot"]) for r in brute)
        for c, q in enumerate(qi):
            held = sum(float(r[f"contrib_{q}"]) * float(r["score_elliot"]) for r in brute)
            near(f"{name} contribution of {q}", doc["fields"][c]["suda_share"], held / total, 1e-9)


def reference():
    folder = os.path.join(SHARED, "reference", "sdc")
    for name, file, qi, msu, total, most, dis_sum, dis_max in REFERENCE:
        doc, rows = run(os.path.join(folder, "inputs", f"{file}.csv"), qi)
        s = doc["suda"]
        same(f"{name} msu", s["msu"], msu)
        same(f"{name} score_sum", s["score_sum"], total)
        same(f"{name} score_max", s["score_max"], most)
        same(f"{name} largest score of a row", max(r[0] for r in rows), most)
        near(f"{name} dis_sum", s["dis_sum"], dis_sum, 1e-6)
        if dis_max is not None:
            near(f"{name} dis_max", max(r[1] for r in rows), dis_max, 1e-6)
        check_records(name, qi, doc, rows, folder)
    print(f"{len(REFERENCE)} reference tables")


def arx():
    """ARX 3.9.2 on adult.csv, each attribute by itself."""
    folder, n = os.path.join(SHARED, "reference", "arx"), 0
    for name in sorted(os.listdir(os.path.join(folder, "risk"))):
        with open(os.path.join(folder, "risk", name), encoding="utf-8") as f:
            known = json.load(f)
        doc, _ = run(os.path.join(folder, "adult.csv"), known["qis"], "--delimiter", ";")
        n += arx_fields(name, known, {f["name"]: f for f in doc["fields"]})
    if n == 0:
        wrong("attributes of ARX", 0, "some")
    print(f"{n} attributes by ARX")


def arx_fields(name, known, fields):
    n = 0
    for a in known["attribute_combinations"]:
        if len(a["attrs"]) == 1:
            f = fields[a["attrs"][0]]
            near(f"{name} distinction", f["distinction"], a["distinction"])
            near(f"{name} separation", f["separation"], a["separation"])
            n += 1
    return n


def main():
    rng = random.Random(SEED)
    print(f"{textbook()} textbook cases")
    for _ in range(COUNT):
        random_table(rng)
    print(f"{COUNT} random tables by brute force")
    wide = [(15, 12), (15, 40), (16, 9)]
    missed = sum(check_wide(rng, m, n) for m, n in wide)
    fields = sum(m for m, _ in wide)
    if missed > 6:  # of 46 at 95 percent: 7 or more have a chance of 2 percent
        wrong("exact Shapley values outside their intervals", missed, "at most 6")
    print(f"{missed} of {fields} exact Shapley values outside their 95 % intervals")
    if os.path.isdir(os.path.join(SHARED, "reference")):
        reference()
        arx()
    else:
        print("no ../shared here: reference tables not looked at")
    if bad:
        sys.exit(f"{bad} figures are wrong")


main()
