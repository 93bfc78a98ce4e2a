"""What is to be said of a small table, from the definitions alone (METRICS.md 1), by comparing
every row with every other, in exact fractions wherever there is no logarithm.  Nothing here is
taken from the program's sources.

A table is a list of rows; a row is a dict with `key` (a tuple of texts, None: missing), `subject`
(None: not known, the row is a subject of its own), `weight` and `secret` (a tuple like key).
"""
import decimal
import math
import re
from fractions import Fraction

SHARES = {"0.05": Fraction(5, 100), "0.09": Fraction(9, 100), "0.2": Fraction(2, 10),
          "0.33": Fraction(33, 100)}
BELOW = (2, 3, 5, 11, 20)
CS = (1, 2, 3, 4, 5, 10)
decimal.getcontext().prec = 120


def number_subjects(rows, with_subject):
    """Gives each row `who`: equal for rows of one subject."""
    for i, r in enumerate(rows):
        known = with_subject and r["subject"] is not None
        r["who"] = ("s", r["subject"]) if known else ("row", i)


def match(a, b, wild):
    return all(x == y or (wild and (x is None or y is None)) for x, y in zip(a, b))


def people(rows, key, wild):
    """The distinct subjects that have a row whose key matches."""
    return {r["who"] for r in rows if match(r["key"], key, wild)}


def by_person(rows):
    """Subject -> set of distinct keys."""
    out = {}
    for r in rows:
        out.setdefault(r["who"], set()).add(r["key"])
    return out


def shares(risks, path, out):
    n = len(risks)
    for name, t in SHARES.items():
        out[f"{path}/share_above/{name}"] = (
            Fraction(sum(r > t for r in risks), n) if n else None)


# ---- k, prosecutor ----

def crowd_sizes(rows, wild):
    return {r["key"]: len(people(rows, r["key"], wild)) for r in rows}


def prosecutor(rows, wild):
    k = crowd_sizes(rows, wild)
    worst = [max(Fraction(1, k[q]) for q in keys) for keys in by_person(rows).values()]
    out = {"prosecutor/max": max(worst, default=None),
           "prosecutor/average": Fraction(sum(worst), len(worst)) if worst else None}
    shares(worst, "prosecutor", out)
    return out


# ---- a population table ----

def journalist(rows, population, wild):
    out = {}
    f = crowd_sizes(rows, wild)
    F = {q: len(people(population, q, wild)) for q in f}
    crowd = {q: max(F[q], f[q]) for q in f}  # the released are of the population
    persons = by_person(rows)
    worst = {s: max(Fraction(1, crowd[q]) for q in keys) for s, keys in persons.items()}
    mean = {s: Fraction(sum(Fraction(1, crowd[q]) for q in keys), len(keys))
            for s, keys in persons.items()}
    n = len(persons)
    absent = {q for q in f if F[q] == 0}
    short = {q for q in f if 0 < F[q] < f[q]}
    out["journalist/applies"] = out["marketer/applies"] = n > 0
    out["journalist/max"] = max(worst.values(), default=None)
    out["journalist/lowest"] = min((Fraction(1, c) for c in crowd.values()), default=None)
    out["journalist/average"] = Fraction(sum(worst.values()), n) if n else None
    out["journalist/k_map"] = min(crowd.values(), default=None)
    out["marketer/links"] = sum(mean.values()) if n else None
    out["marketer/value"] = Fraction(sum(mean.values()), n) if n else None
    out["journalist/success_rate"] = max(
        Fraction(len(f), sum(crowd.values())), out["marketer/value"]) if n else None
    out["journalist/contained"] = not absent and not short if n else None
    for name, keys in (("absent", absent), ("short", short)):
        out[f"journalist/{name}/classes"] = len(keys) if n else None
        out[f"journalist/{name}/subjects"] = (
            sum(bool(keys & held) for held in persons.values()) if n else None)
    for k in BELOW:
        out[f"journalist/below/{k}"] = (
            sum(min(crowd[q] for q in held) < k for held in persons.values()) if n else None)
    shares(list(worst.values()), "journalist", out)
    out.update(presence(rows, population, wild))
    return out


def presence(rows, population, wild):
    keys = {r["key"] for r in population}
    applies = bool(rows) and bool(keys) and not wild
    share = [min(Fraction(1), Fraction(len(people(rows, q, False)),
                                       len(people(population, q, False)))) for q in keys]
    figures = {"min": lambda: min(share), "max": lambda: max(share),
               "classes": lambda: len(keys), "not_released": lambda: share.count(0),
               "at_one": lambda: share.count(1)}
    out = {f"delta_presence/{k}": v() if applies else None for k, v in figures.items()}
    out["delta_presence/applies"] = applies
    return out


# ---- individual risk ----

def individual_risk(f, F):
    """p * integral of s^(f-1)/(p + (1-p)s) over s from 0 to 1, in closed form with 120 digits:
    with u = p + qs it is p/q^f times the integral of (u-p)^(f-1)/u from p to 1."""
    D = decimal.Decimal
    F = D(F)
    if F <= f:
        return 1 / D(f)
    p = D(f) / F
    q = 1 - p
    total = (-p) ** (f - 1) * -p.ln()
    for j in range(1, f):
        total += math.comb(f - 1, j) * (-p) ** (f - 1 - j) * (1 - p ** j) / j
    return p / q ** f * total


# ---- sensitive columns ----

def is_number(text):
    return re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", text) is not None


def spread(rows, column):
    """value -> number of distinct subjects that hold it."""
    held = {(r["who"], r["secret"][column]) for r in rows}
    out = {}
    for _, v in held:
        out[v] = out.get(v, 0) + 1
    return out


def to_shares(counts):
    n = sum(counts.values())
    return {v: Fraction(c, n) for v, c in counts.items()}


def recursive_l(counts, c):
    """The largest l with r_1 < c (r_l + ... + r_m); 0: not even l = 1."""
    r = sorted(counts.values(), reverse=True)
    return max((l for l in range(1, len(r) + 1) if r[0] < c * sum(r[l - 1:])), default=0)


def ordered_distance(q, p):
    steps = sorted({Fraction(v) for v in p})
    if len(steps) < 2:
        return Fraction(0)
    d = 0
    for s in steps:
        d += abs(sum(x for v, x in q.items() if Fraction(v) <= s) -
                 sum(x for v, x in p.items() if Fraction(v) <= s))
    return d / (len(steps) - 1)


def ln(x):
    x = Fraction(x)
    return math.log(x.numerator) - math.log(x.denominator)


def diversity(rows, column, classes, path):
    """`classes`: lists of rows."""
    out = {}
    table = spread(rows, column)
    P = to_shares(table)
    of = [(c, spread(c, column)) for c in classes]
    shares_of = [to_shares(counts) for _, counts in of]
    size = [len({r["who"] for r in c}) for c in classes]
    out["applies"] = len(P) > 1
    out["classes"] = len(classes)
    out["values"] = len(P)
    out["distinct_l"] = min(len(counts) for _, counts in of)
    out["entropy_l"] = min(math.exp(-sum(float(x) * math.log(x) for x in q.values()))
                           for q in shares_of)
    for c in CS:
        out[f"recursive_cl/c/{c}"] = min(recursive_l(counts, c) for _, counts in of)
    out["recursive_cl/infimum_c_at_distinct_l"] = max(
        Fraction(max(counts.values()),
                 sum(sorted(counts.values(), reverse=True)[out["distinct_l"] - 1:]))
        for _, counts in of)
    out["alpha"] = max(Fraction(max(counts.values()), n) for (_, counts), n in zip(of, size))
    out["t_equal"] = max(sum(abs(q.get(v, 0) - P[v]) for v in P) for q in shares_of) / 2
    numeric = all(v is not None and is_number(v) for v in P)
    out["t_ordered"] = (max(ordered_distance(q, P) for q in shares_of) if numeric else None)
    out["t_variant"] = "equal"
    out["t"] = out["t_equal"]
    gains = [((q[v] - P[v]) / P[v], v) for q in shares_of for v in q if q[v] > P[v]]
    out["beta"] = max((g for g, _ in gains), default=0)
    out["beta_cap_violations"] = sum(float(g) > -ln(P[v]) for g, v in gains)
    out["beta_enhanced"] = out["beta"] if out["beta_cap_violations"] == 0 else None
    out["beta_capped"] = max(min(float(out["beta"]), -ln(P[v])) for v in P)
    out["delta"] = out["delta_positive"] = max(abs(ln(q[v] / P[v])) for q in shares_of
                                               for v in q)
    everywhere = all(len(q) == len(P) for q in shares_of)
    out["delta_definition"] = out["delta"] if everywhere else None
    known = [c for (c, counts), n in zip(of, size)
             if any(v is not None and k == n for v, k in counts.items())]
    out["homogeneous/classes"] = len(known)
    out["homogeneous/subjects"] = len({r["who"] for c in known for r in c})
    return {f"{path}/{k}": v for k, v in out.items()}


NULL_WITHOUT_ROWS = ("distinct_l", "entropy_l", "recursive_cl/infimum_c_at_distinct_l", "alpha",
                     "t", "t_equal", "t_ordered", "beta", "beta_enhanced", "beta_capped", "delta",
                     "delta_positive", "delta_definition")


def group(rows, key):
    out = {}
    for r in rows:
        out.setdefault(key(r), []).append(r)
    return list(out.values())


def all_diversity(rows, n_secrets):
    out = {}
    for c in range(n_secrets):
        paths = {f"diversity/{c}": lambda r: r["key"]}
        if n_secrets > 1:
            paths[f"diversity/{c}/joined"] = lambda r, c=c: (
                r["key"], tuple(v for i, v in enumerate(r["secret"]) if i != c))
        for path, key in paths.items():
            if rows:
                out.update(diversity(rows, c, group(rows, key), path))
            else:
                out.update({f"{path}/{k}": None for k in NULL_WITHOUT_ROWS})
                out[f"{path}/applies"] = False
    return out
