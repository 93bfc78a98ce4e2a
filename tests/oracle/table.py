"""`dcmrisk table` on random small tables, against brute force over the definitions
(table_truth.py), and against itself where a law says that nothing may change.
usage: table.py PROGRAM FOLDER COUNT FIRST"""
import json
import os
import random
import sys
from fractions import Fraction

import table_truth as truth
from table_common import Judge, at, read_records, write_csv

program, folder, count, first = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
judge = Judge(program, folder)

WORDS = ["a", "A", "b,c", 'say "so"', " a", "a ", "\u00e9", "01", "1", "1.0", "NULL", "-", "x\ny",
         "0", "=1+1", "\u7530"]
NUMBERS = ["1", "1.0", "2", "10", "-3", "0.5", "1e1", "007", "+4", "2.50"]
WEIGHTS = ["1", "1.5", "2", "3.25", "7", "10.1", "1000.5", "31.4", "1e6", "123456.789"]


# ---- random tables ----

class Case:
    """A table, what is asked of it, and where it lies."""

    def __init__(self, seed):
        r = self.r = random.Random(seed)
        self.seed = seed
        self.n_fields = r.randint(1, 6)
        self.n_secrets = r.choice([0, 1, 1, 2, 3])
        self.missing = r.choice([0, 0, 0.1, 0.3])
        self.wild = r.random() < 0.45
        self.subjects = r.random() < 0.5
        self.weights = r.random() < 0.5
        self.population = r.random() < 0.6
        self.fraction = None if self.population else r.choice([None, "0.01", "0.37", "0.9", "1"])
        self.values = [self.draw_values(WORDS, 4) for _ in range(self.n_fields)]
        self.secret_values = [self.draw_values(r.choice([WORDS, NUMBERS, NUMBERS]), 5)
                              for _ in range(self.n_secrets)]
        self.qi = [f"q{i}" for i in range(self.n_fields)]
        self.secrets = [f"s{i}" for i in range(self.n_secrets)]
        self.rows = self.draw_rows(r.choice([0, 1, 2, 3, 5, 8, 12, 12, 12]))
        self.others = self.draw_population() if self.population else []
        self.ask = ["k", "risk", "individual", "diversity"]

    def draw_values(self, words, most):
        values = self.r.sample(words, self.r.randint(1, most))
        weights = [self.r.choice([1, 1, 3, 8]) for _ in values]
        return values, weights

    def draw(self, values, missing):
        if self.r.random() < missing:
            return None
        return self.r.choices(*values)[0]

    def draw_rows(self, n):
        r, rows, weight_of = self.r, [], {}
        for _ in range(n):
            who = r.choice(["p1", "p2", "p3", "P1", "4", "5", None]) if self.subjects else None
            if rows and r.random() < 0.3:  # equal keys, and whole rows, come often
                row = dict(r.choice(rows))
                row["secret"] = r.choice([row["secret"], self.draw_secret()])
            else:
                row = {"key": tuple(self.draw(v, self.missing) for v in self.values),
                       "secret": self.draw_secret()}
            row["subject"] = who
            weight = r.choice(WEIGHTS)
            row["weight"] = weight_of.setdefault(who, weight) if who else weight
            rows.append(row)
        truth.number_subjects(rows, self.subjects)
        return rows

    def draw_secret(self):
        return tuple(self.draw(v, self.missing / 2) for v in self.secret_values)

    def draw_population(self):
        """The release and others; sometimes not all of the release, sometimes nobody."""
        r = self.r
        rows = [{"key": row["key"], "subject": row["subject"]} for row in self.rows]
        if r.random() < 0.3:
            rows = r.sample(rows, r.randint(0, len(rows)))
        for i in range(r.choice([0, 3, 10, 25])):
            key = (r.choice(self.rows)["key"] if self.rows and r.random() < 0.4 else
                   tuple(self.draw(v, self.missing) for v in self.values))
            rows.append({"key": key, "subject": r.choice(["p1", f"n{i}", f"n{i // 3}", None])
                         if self.subjects else None})
        r.shuffle(rows)
        truth.number_subjects(rows, self.subjects)
        return rows

    # ---- the table as a file ----

    def write(self, name):
        """Writes the table and its population, returns the arguments."""
        path = os.path.join(folder, name + ".csv")
        header = self.qi + self.secrets + ["who", "w"]
        write_csv(path, header, [list(x["key"]) + list(x["secret"]) + [x["subject"], x["weight"]]
                                 for x in self.rows])
        out = [path, "--qi", ",".join(self.qi), "--metrics", ",".join(self.ask),
               "--missing", "wildcard" if self.wild else "category"]
        if self.secrets:
            out += ["--sensitive", ",".join(self.secrets)]
        if self.subjects:
            out += ["--subject", "who"]
        if self.weights:
            out += ["--weight", "w"]
        if self.population:
            elsewhere = os.path.join(folder, name + "_population.csv")
            write_csv(elsewhere, self.qi + ["who"],
                      [list(x["key"]) + [x["subject"]] for x in self.others])
            out += ["--population-table", elsewhere]
        if self.fraction:
            out += ["--fraction", self.fraction]
        return out

    def expected(self):
        out = expected_k(self)
        out.update(expected_individual(self))
        out.update(truth.prosecutor(self.rows, self.wild))
        if self.population:
            out.update(truth.journalist(self.rows, self.others, self.wild))
        else:
            out.update({"journalist/applies": False, "marketer/applies": False,
                        "delta_presence/applies": False, "journalist/max": None,
                        "journalist/k_map": None, "marketer/value": None})
        out.update(truth.all_diversity(self.rows, self.n_secrets))
        return out


def expected_k(case):
    rows = case.rows
    fk = truth.crowd_sizes(rows, case.wild)
    persons = truth.by_person(rows)
    k = [min(fk[q] for q in keys) for keys in persons.values()]
    inferred = sum(r["subject"] is None for r in rows) if case.subjects else 0
    out = {"records": len(rows), "subjects": len(persons), "classes": len(fk),
           "inferred_subjects": inferred,
           "k_min": min(fk.values(), default=None), "k_max": max(fk.values(), default=None),
           "k_mean": Fraction(sum(fk.values()), len(fk)) if fk else None,
           "unique": sum(v == 1 for v in k),
           "histogram": [{"size": size, "classes": sum(v == size for v in fk.values()),
                          "records": sum(fk[r["key"]] == size for r in rows)}
                         for size in sorted(set(fk.values()))]}
    out.update({f"below/{b}": sum(v < b for v in k) for b in truth.BELOW})
    if inferred:
        out["k_low_min"] = None if case.wild else min(map(lowest, truth.group(
            rows, lambda r: r["key"])))
    return out


def lowest(rows):
    """Subjects of a class when those that are not known are one."""
    known = {r["subject"] for r in rows if r["subject"] is not None}
    return len(known) + any(r["subject"] is None for r in rows)


def fraction_of(case):
    """As it was told; else by the people of the table and of the population table."""
    if case.fraction:
        return truth.decimal.Decimal(case.fraction)
    n, N = len(truth.by_person(case.rows)), len(truth.by_person(case.others))
    return truth.decimal.Decimal(n) / N if 0 < n <= N else None


def risk_of(case):
    """Row -> individual risk; without weights and fraction 1/fk."""
    weight = {x["who"]: truth.decimal.Decimal(x["weight"]) for x in case.rows}
    out = []
    for row in case.rows:
        crowd = truth.people(case.rows, row["key"], case.wild)
        F = None
        if case.weights:
            F = sum(weight[s] for s in crowd)
        elif fraction_of(case):
            F = len(crowd) / fraction_of(case)
        out.append((len(crowd), F if case.weights else None,
                    1 / len(crowd) if F is None else truth.individual_risk(len(crowd), F)))
    return out


def expected_individual(case):
    if not case.rows or not (case.weights or fraction_of(case)):
        return {"individual_risk": None}
    worst = {}
    for row, (_, _, risk) in zip(case.rows, risk_of(case)):
        worst[row["who"]] = max(risk, worst.get(row["who"], 0))
    total = sum(worst.values())
    return {"individual_risk/sum": float(total), "individual_risk/max": float(max(worst.values())),
            "individual_risk/mean": float(total / len(worst))}


# ---- brute force ----

def each_row(case, what, path):
    rows = read_records(path)
    judge.equal(what, "records", "rows", len(rows), len(case.rows))
    for i, (got, (f, F, risk)) in enumerate(zip(rows, risk_of(case))):
        judge.equal(what, "records", f"row {i + 1} fk", got["fk"], float(f))
        judge.equal(what, "records", f"row {i + 1} Fk", got["Fk"],
                    None if F is None else float(F), 1e-12)
        judge.equal(what, "records", f"row {i + 1} risk", got["risk"], float(risk), 1e-12)


PARTS = ("prosecutor", "journalist", "marketer", "delta_presence", "individual_risk", "diversity")


def brute_force(case):
    what = f"table {case.seed}"
    records = os.path.join(folder, "records.csv")
    arguments = case.write("table")
    doc = judge.run(arguments + ["--records", records], what)
    if doc is None:
        return None
    for path, value in case.expected().items():
        part = path.split("/")[0]
        judge.equal(what, part if part in PARTS else "k", path, at(doc, path), value, 1e-12)
    each_row(case, what, records)
    if not case.secrets:
        judge.equal(what, "diversity", "diversity", at(doc, "diversity"), [])
    return doc


# ---- laws ----

def figures(doc):
    """What no law lets change: all but what was asked."""
    return {k: v for k, v in doc.items() if k not in ("options", "tool", "run", "fields",
                                                      "unique_keys")}


def near(a, b):
    """Equal up to the rounding of sums."""
    if isinstance(a, dict):
        return isinstance(b, dict) and a.keys() == b.keys() and all(near(a[k], b[k]) for k in a)
    if isinstance(a, list):
        return isinstance(b, list) and len(a) == len(b) and all(map(near, a, b))
    if isinstance(a, float) and isinstance(b, float):
        return abs(a - b) <= 1e-12 * max(1, abs(a))
    return a == b


def unchanged(case, doc, what, exact, more=()):
    other = judge.run(case.write("changed") + list(more), f"table {case.seed}, {what}")
    if other is None:
        return
    a, b = figures(doc), figures(other)
    for key in a:
        same = a[key] == b.get(key) if exact else near(a[key], b.get(key))
        judge.equal(f"table {case.seed}", "laws", f"{what}: {key}", same, True)


def renamed(case):
    """Other names for all values; numbers stay numbers in their order."""
    for c in range(case.n_fields):
        names = {v: f"n{i}" for i, v in enumerate(case.r.sample(WORDS, len(WORDS)))}
        for row in case.rows + case.others:
            key = list(row["key"])
            key[c] = names.get(key[c])
            row["key"] = tuple(key)
    for c in range(case.n_secrets):
        held = {r["secret"][c] for r in case.rows} - {None}
        if held and all(truth.is_number(v) for v in held):
            names = {v: str(3 * float(v) + 100) + "0" * i for i, v in enumerate(sorted(held))}
        else:
            names = {v: f"v{i}" for i, v in enumerate(case.r.sample(WORDS, len(WORDS)))}
        for row in case.rows:
            secret = list(row["secret"])
            secret[c] = names.get(secret[c])
            row["secret"] = tuple(secret)
    for row in case.rows + case.others:
        if row["subject"] is not None:
            row["subject"] = row["subject"][::-1] + "z"


def laws(case, doc):
    unchanged(case, doc, "threads", True, ["-j", "3"])
    case.r.shuffle(case.rows)
    case.r.shuffle(case.others)
    unchanged(case, doc, "order of rows", True)
    place = case.r.sample(range(case.n_fields), case.n_fields)
    case.qi = [case.qi[p] for p in place]
    for row in case.rows + case.others:
        row["key"] = tuple(row["key"][p] for p in place)
    unchanged(case, doc, "order of columns", True)
    renamed(case)
    unchanged(case, doc, "names of values", False)


def crowds_hide(case, doc):
    """A journalist knows no more than a prosecutor."""
    if at(doc, "journalist/applies") is not True:
        return
    for path in ["max", "average"] + [f"share_above/{t}" for t in truth.SHARES]:
        judge.equal(f"table {case.seed}", "laws", f"prosecutor >= journalist: {path}",
                    at(doc, f"prosecutor/{path}") >= at(doc, f"journalist/{path}") - 1e-12, True)
    judge.equal(f"table {case.seed}", "laws", "k_map >= k_min",
                at(doc, "journalist/k_map") >= at(doc, "k_min"), True)


# ---- tables with nothing in them, or the same, or nothing the same ----

def no_nan(what, value):
    """json.loads takes NaN and Infinity for numbers: the judge has them counted already."""
    text = json.dumps(value)
    judge.equal(what, "poor tables", "numbers", "NaN" in text or "Infinity" in text, False)


def poor_tables():
    tables = {
        "no rows": [], "one row": [("a", "b", "x", "p")],
        "all equal": [("a", "b", "x", f"p{i}") for i in range(9)],
        "all unique": [(f"a{i}", f"b{i}", f"x{i}", f"p{i}") for i in range(9)],
        "one subject": [("a", "b", "x", "p"), ("c", "d", "y", "p")],
        "one secret": [(f"a{i % 3}", "b", "x", f"p{i}") for i in range(9)],
        "nothing known": [(None, None, None, None)] * 4,
        "one missing row": [(None, None, None, None)],
    }
    path = os.path.join(folder, "poor.csv")
    for name, rows in tables.items():
        write_csv(path, ["a", "b", "s", "who"], rows)
        for more in ([], ["--missing", "wildcard"], ["--subject", "who"],
                     ["--population-table", path], ["--fraction", "0.3"], ["--population", "50"]):
            doc = judge.run([path, "--qi", "a,b", "--sensitive", "s", "--metrics", "all", *more],
                            f"{name} {more}")
            if doc is None:
                continue
            no_nan(name, doc)
            judge.equal(name, "poor tables", "records", at(doc, "records"), len(rows))
            judge.equal(name, "poor tables", "diversity/0/applies",
                        at(doc, "diversity/0/applies"), len({r[2] for r in rows}) > 1)


def main():
    for seed in range(first, first + count):
        case = Case(seed)
        doc = brute_force(case)
        if doc is not None:
            no_nan(f"table {seed}", doc)
            crowds_hide(case, doc)
            if seed % 4 == 0:
                laws(case, doc)
    poor_tables()
    return judge.end()


sys.exit(main())
