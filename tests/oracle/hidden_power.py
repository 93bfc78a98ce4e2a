#!/usr/bin/python3
"""Power of the search for hidden identifiers: simulated, by the definitions in
include/dcmrisk/hidden.h and without the program.

usage: hidden_power.py RULES_DIR          prints hidden-search.json with its table made anew
       hidden_power.py RULES_DIR --check  simulates a sixth of the rows again, exit 1 if they differ

A cohort: `subjects` people on 4 devices, `repeated` of them with two visits.  The planted
attribute has one of `values` equally likely values for each subject; at the second visit it is
the same for `constant` per cent and new for the others.  It is one of 200 attributes tested, and
no other gives a small p-value: it is found when 200 p <= q.
"""
import json
import math
import os
import random
import sys

TESTED, DEVICES, ROUNDS = 200, 4, 400
SUBJECTS, REPEATED = (60, 100, 200, 500), (3, 4, 5, 8, 10, 20)
VALUES, CONSTANT = (1000, 10000, 1000000000), (100, 70)


def poisson_at_most(k, mean):
    """P(X <= k)."""
    return math.fsum(math.exp(i * math.log(mean) - mean - math.lgamma(i + 1))
                     for i in range(k + 1)) if mean > 0 else 1.0


def moments(n, k):
    """E[C(T,j)] for j = 0 .. k of a block of n places, k of which agree and hold values that
    nobody else has: C(k,j) (n-j)!/n!."""
    out = [1.0]
    for j in range(1, k + 1):
        out.append(out[-1] * (k - j + 1) / j / (n - j + 1))
    return out


def bound(blocks, t):
    """An upper bound of the smallest E[(1+x)^T] / (1+x)^t over x > 0 (a coarse grid)."""
    poly = [moments(n, k) for n, k in blocks]
    best = 1.0
    for theta in (1, 2, 3, 4, 5, 6, 8, 10, 15, 25):
        x = math.expm1(theta)
        log_mgf = 0.0
        for coef in poly:
            value = 0.0
            for c in reversed(coef):
                value = value * x + c
            log_mgf += math.log(value)
        best = min(best, math.exp(log_mgf - t * theta))
    return best


def found(rng, p, subjects, repeated, values, constant):
    value = [rng.randrange(values) for _ in range(subjects)]
    device = [rng.randrange(DEVICES) for _ in range(subjects)]
    agree = [rng.random() * 100 < constant for _ in range(repeated)]
    count = {}
    for v in value:
        count[v] = count.get(v, 0) + 1
    shared = sum(c * (c - 1) // 2 for c in count.values())
    unique = sum(c == 1 for c in count.values())
    mean = subjects * (subjects - 1) / 2 / p["effective_values"]
    if unique * 100 < subjects * p["min_unique"]:
        return False
    if poisson_at_most(shared, mean) > p["alpha_per_mille"] / 1000:
        return False
    blocks, pairs, t = [], 0, 0
    for d in range(DEVICES):
        who = [s for s in range(subjects) if device[s] == d]
        if len(who) < p["min_pool"]:
            continue
        cuts = max(1, len(who) // p["block"])
        rng.shuffle(who)
        for c in range(cuts):
            part = who[len(who) * c // cuts:len(who) * (c + 1) // cuts]
            here = [s for s in part if s < repeated]
            pairs += len(here)
            k = sum(agree[s] for s in here)
            t += k
            if k:
                blocks.append((len(part), k))
    if pairs < p["min_subjects"] or t * 100 < pairs * p["min_constant"] or t == 0:
        return False
    return bound(blocks, t) * TESTED <= p["q_per_mille"] / 1000


def row(p, subjects, repeated, values, constant, salt):
    rng = random.Random("%d %d %d %d %d" % (subjects, repeated, values, constant, salt))
    n = sum(found(rng, p, subjects, repeated, values, constant) for _ in range(ROUNDS))
    return {"subjects": subjects, "repeated": repeated, "values": values, "constant": constant,
            "found": round(100 * n / ROUNDS)}


def cells():
    return [(s, r, v, c) for s in SUBJECTS for r in REPEATED for v in VALUES for c in CONSTANT]


def dump(doc):
    rows = doc.pop("power")
    text = json.dumps(doc, indent=1)[:-2]
    print(text + ',\n "power": [\n  ' + ",\n  ".join(json.dumps(r) for r in rows) + "\n ]\n}")


def check(p, rows):
    bad = 0
    for old in rows[::6]:
        new = row(p, old["subjects"], old["repeated"], old["values"], old["constant"], 2)
        share = max(0.01, min(0.99, (old["found"] + new["found"]) / 200))
        # two samples of ROUNDS, both rounded to a per cent: 4 standard errors and the rounding
        if abs(old["found"] - new["found"]) > 400 * math.sqrt(2 * share * (1 - share) / ROUNDS) + 1:
            print("the table says", old, "and a new simulation", new)
            bad = 1
    return bad


def main():
    with open(os.path.join(sys.argv[1], "hidden-search.json"), encoding="utf-8") as f:
        doc = json.load(f)
    p = doc["search"]
    if sys.argv[2:] == ["--check"]:
        return check(p, doc["power"])
    doc["power"] = [row(p, *c, 1) for c in cells()]
    dump(doc)
    return 0


sys.exit(main())
