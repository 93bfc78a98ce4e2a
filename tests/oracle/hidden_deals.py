#!/usr/bin/python3
"""p-values of the permutation test, worked out again: by all orders where there are few, by
dealing otherwise.

usage: hidden_deals.py CASES        as written by build/release/tests/test_hidden, HIDDEN_CASES=CASES

The definition (src/metrics/hidden_impl.h): visits of one stratum, in the order of their days, are
cut into blocks of `BLOCK` at least; strata of fewer than POOL go to the rest, where only places
that crossed strata keep their a.  Within a block the b are dealt out anew.  The statistic counts
places with a == b.
"""
import itertools
import math
import random
import sys

BLOCK, POOL, DEALS, FEW = 8, 4, 4000, 40000


def blocks(places):
    strata = {}
    for p in places:
        strata.setdefault(p["stratum"], []).append(p)
    rest = []
    out = []
    for key in sorted(strata):
        group = strata[key]
        if len(group) < POOL:
            for p in group:
                p["a"] = p["a"] if p["cross"] else 0
            rest += group
            continue
        out.append(group)
    out.append(rest)
    cut = []
    for group in out:
        group.sort(key=lambda p: (p["day"], p["order"]))
        n = max(1, len(group) // BLOCK)
        cut += [group[len(group) * i // n:len(group) * (i + 1) // n] for i in range(n)]
    return [g for g in cut if g]


def agree(a, b):
    return sum(x != 0 and x == y for x, y in zip(a, b))


def exact(parts, t):
    """P(T >= t) over all orders of every block, by convolution."""
    total = {0: 1.0}
    for part in parts:
        a, b = [p["a"] for p in part], [p["b"] for p in part]
        here = {}
        for order in itertools.permutations(b):
            k = agree(a, order)
            here[k] = here.get(k, 0) + 1
        n = sum(here.values())
        new = {}
        for x, px in total.items():
            for y, c in here.items():
                new[x + y] = new.get(x + y, 0) + px * c / n
        total = new
    return sum(p for k, p in total.items() if k >= t)


def dealt(rng, parts, t):
    reached = 0
    for _ in range(DEALS):
        k = 0
        for part in parts:
            b = [p["b"] for p in part]
            rng.shuffle(b)
            k += agree([p["a"] for p in part], b)
        reached += k >= t
    return reached / DEALS


def main():
    rng = random.Random(1)
    places, bad, n, small = [], 0, 0, 0
    for line in open(sys.argv[1], encoding="ascii"):
        word = line.split()
        if word[0] == "place":
            keys = ("stratum", "day", "order", "a", "b", "cross")
            places.append(dict(zip(keys, map(int, word[1:]))))
            continue
        parts = blocks(places)
        places = []
        t, bound, p = int(word[1]), float(word[2]), float(word[3])
        now = sum(agree([q["a"] for q in part], [q["b"] for q in part]) for part in parts)
        few = all(math.factorial(len(part)) <= FEW for part in parts)
        small += few
        want = exact(parts, t) if few else dealt(rng, parts, t)
        # theirs stops at 20 successes (relative error 1/sqrt(20)), ours is a sample of DEALS
        slack = 4.5 * (p / math.sqrt(20) + (0 if few else math.sqrt(want / DEALS))) + 2e-4
        n += 1
        if now != t or abs(p - want) > slack or bound < want - (0 if few else slack):
            print("case %d: agree %d (theirs %d), p %g (theirs %g, bound %g)"
                  % (n, now, t, want, p, bound))
            bad = 1
    print("hidden_deals: %d cases, %d of them by all orders" % (n, small))
    return bad or n < 50 or small < 5


sys.exit(main())
