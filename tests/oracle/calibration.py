"""Hits of the intruder experiment against what was predicted: slopes, intervals, a table.

One point a release and adversary: x is the predicted sum of 1/K, y the hits.  The slope is that of the
least-squares line through the origin (none predicted, none hit); the line with an intercept is given
beside it: alone it would not see a mistake that adds the same to all (counting studies for subjects
does just that here).  Intervals: standard error by 2,000 bootstrap samples of whole releases, since a
release's adversaries share its patients, and Student's t with one degree of freedom less than releases
(few clusters: Cameron, Gelbach, Miller, Rev Econ Stat 90:414, 2008).  z is the difference of the hits
from what these very guesses lead to expect, in standard deviations of guessing alone.

What an arm must do: "one": the 95 % interval of its slope holds 1 (the small form uses 99.9 %: of four
arms at 95 %, one would fail by chance for one seed in five), and the 99.9 % intervals of the other
line's slope and of hits / predicted do.  "nearly": the same, 0.01 wider at both ends, because
random_exam averages over distinct records, and who is drawn by exams meets repeated records more
often.  "at most": no more hits than predicted.
"""
import math
import random
import statistics

SAMPLES = 2000
BINS = (0, .02, .05, .1, .2, .4, .6, .8, .95, 1)
ARMS = (
    ("record", "in the release, one distinct record known", "one"),
    ("exam", "in the release, one exam known", "nearly"),
    ("tolerant", "age +-1, date +-3 days; all within that", "at most"),
    ("mistaken", "age +-1, date +-3 days; only what is remembered", "at most"),
    ("secret", "shifted dates, shift not known", "at most"),
    ("anybody", "from the population, n/N in the release", "one"),
    ("claims", "from the population, claims only, sum of 1/F", "one"),
    ("population", "a record looked up in the RIS, sum of 1/F", "one"),
)


def moments(points):
    """n, sums of x, y, xx, xy."""
    return (len(points), sum(x for x, _ in points), sum(y for _, y in points),
            sum(x * x for x, _ in points), sum(x * y for x, y in points))


def origin(m):
    """Slope of the line through the origin."""
    return m[4] / m[3]


def line(m):
    """Slope and intercept of the line; None when all x are equal."""
    n, x, y, xx, xy = m
    d = n * xx - x * x
    if n < 2 or d <= 1e-9 * n * xx:
        return None
    slope = (n * xy - x * y) / d
    return slope, (y - slope * x) / n


def student(level, df):
    """Two-sided quantile of Student's t (Abramowitz and Stegun 26.7.5)."""
    z = statistics.NormalDist().inv_cdf((1 + level) / 2)
    return (z + (z**3 + z) / (4 * df) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * df**2) +
            (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * df**3))


def with_interval(value, samples, clusters, level):
    error = statistics.stdev(samples) * math.sqrt(clusters / (clusters - 1))

    def around(p):
        return [value - student(p, clusters - 1) * error, value + student(p, clusters - 1) * error]
    return {"value": value, "interval": around(.95), "held_to": around(level)}


def fit(clusters, level, seed):
    """Slopes and hits / predicted, with intervals, of lists of points."""
    each = [moments(c) for c in clusters if any(x > 0 for x, _ in c)]
    whole = [sum(v) for v in zip(*each)]
    rng = random.Random(f"bootstrap {seed}")
    samples = []
    for _ in range(SAMPLES):
        m = [sum(v) for v in zip(*rng.choices(each, k=len(each)))]
        samples.append((origin(m), line(m), m[2] / m[1]))
    if len(each) < 2 or line(whole) is None or any(s[1] is None for s in samples):
        return {}
    n = len(each)
    out = {"slope": with_interval(origin(whole), [s[0] for s in samples], n, level),
           "with_intercept": with_interval(line(whole)[0], [s[1][0] for s in samples], n, .999),
           "ratio": with_interval(whole[2] / whole[1], [s[2] for s in samples], n, .999)}
    out["with_intercept"]["intercept"] = line(whole)[1]
    return out


def tallies(releases, arm):
    for r in releases:
        yield r, [t[arm] for _, t in sorted(r["tallies"].items()) if arm in t]


def predicted(arm, t, r, population):
    """Hits predicted of a tally; of somebody from the population, for as many targets as N."""
    return t["predicted"] * (t["targets"] / population if arm == "anybody" else 1)


def of_arm(releases, arm, population, level, seed):
    clusters, total = [], {"targets": 0, "claims": 0, "hits": 0, "predicted": 0.0, "expected": 0.0}
    variance = 0.0
    for r, found in tallies(releases, arm):
        points = [(predicted(arm, t, r, population), t["hits"]) for t in found]
        for t, (x, _) in zip(found, points):
            for k in ("targets", "claims", "hits", "expected"):
                total[k] += t[k]
            total["predicted"] += x
            variance += t["variance"]
        if points:
            clusters.append(points)
    if not clusters:
        return None
    total.update(fit(clusters, level, f"{seed} {arm}"))
    total["points"] = sum(map(len, clusters))
    total["releases"] = len(clusters)
    total["z"] = ((total["hits"] - total["expected"]) / math.sqrt(variance)) if variance > 0 else 0.0
    return total


def of_absent(releases):
    out = {"targets": 0, "claims": 0, "hits": 0}
    for _, found in tallies(releases, "absent"):
        for t in found:
            for k in out:
                out[k] += t[k]
    return out


def by_rate(releases, arm):
    """Hits and what was predicted, by the predicted rate of a release and adversary."""
    rows = [{"from": a, "to": b, "points": 0, "targets": 0, "predicted": 0.0, "hits": 0}
            for a, b in zip(BINS, BINS[1:])]
    for _, found in tallies(releases, arm):
        for t in found:
            rate = t["predicted"] / t["targets"]
            row = next(r for r in rows if rate < r["to"] or r["to"] == 1)
            row["points"] += 1
            row["targets"] += t["targets"]
            row["predicted"] += t["predicted"]
            row["hits"] += t["hits"]
    return [r for r in rows if r["points"]]


def by_adversary(releases, arm):
    out = {}
    for r in releases:
        for name, t in r["tallies"].items():
            row = out.setdefault(name, {"targets": 0, "predicted": 0.0, "hits": 0})
            for k in row:
                row[k] += t[arm][k]
    return out


def holds(arm, claim, a):
    """What is wrong with an arm."""
    if "slope" not in a:
        return []
    bad, room = [], .01 if claim == "nearly" else 0
    for what in ("slope", "with_intercept", "ratio") if claim != "at most" else ():
        lo, hi = a[what]["held_to"]
        if not lo - room <= 1 <= hi + room:
            bad.append(f"{arm}: {what} is {a[what]['value']:.4f}, its interval {lo:.4f} to {hi:.4f} "
                       "leaves 1 out")
    if claim == "at most" and (a["slope"]["value"] > 1 or a["hits"] > a["predicted"]):
        bad.append(f"{arm}: slope {a['slope']['value']:.4f}, {a['hits']} hits, {a['predicted']:.1f} "
                   "predicted: more than predicted")
    if abs(a["z"]) > 4:
        bad.append(f"{arm}: {a['hits']} hits, {a['expected']:.1f} expected of these guesses: z {a['z']:.1f}")
    return bad


def summarise(releases, o):
    bad = [b for r in releases for b in r["bad"]]
    arms = {}
    for arm, _, claim in ARMS:
        a = of_arm(releases, arm, o.population, o.level, o.seed)
        if a is not None:
            arms[arm] = a
            bad += holds(arm, claim, a)
    absent = of_absent(releases)
    if absent["hits"]:
        bad.append(f"absent: {absent['hits']} hits on people who are not in the release")
    return {"population": o.population, "seed": o.seed, "arms": arms,
            "absent": absent, "bins": by_rate(releases, "exam"),
            "adversaries": by_adversary(releases, "exam"), "bad": bad,
            "patients": sum(r["patients"] for r in releases), "files": sum(r["files"] for r in releases),
            "n_releases": len(releases)}


def number(a, what):
    return f"{a[what]['value']:.4f} ({a[what]['interval'][0]:.4f} to {a[what]['interval'][1]:.4f})"


def as_markdown(s):
    out = [f"{s['n_releases']} releases, {s['patients']} patients, {s['files']} files, of a population of "
           f"{s['population']}; seed {s['seed']}", "",
           "| arm | points | targets | claims | predicted | hits | hits / predicted | slope (95 %) | "
           "slope with intercept (95 %) | z |",
           "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"]
    for arm, title, _ in ARMS:
        a = s["arms"].get(arm)
        if a is not None:
            slopes = (f"{number(a, 'slope')} | {number(a, 'with_intercept')}" if "slope" in a else "- | -")
            out.append(f"| {arm}: {title} | {a['points']} | {a['targets']} | {a['claims']} | "
                       f"{a['predicted']:.1f} | {a['hits']} | {a['hits'] / a['predicted']:.4f} | "
                       f"{slopes} | {a['z']:+.2f} |")
    a = s["absent"]
    out += [f"| absent: not in the release | | {a['targets']} | {a['claims']} | 0 | {a['hits']} | | | | |", "",
            "Arm `exam` by predicted rate:", "",
            "| rate | points | targets | predicted | hits | ratio |", "| --- | --- | --- | --- | --- | --- |"]
    out += [f"| {r['from']} to {r['to']} | {r['points']} | {r['targets']} | {r['predicted']:.1f} | {r['hits']} | "
            f"{r['hits'] / r['predicted']:.3f} |" for r in s["bins"]]
    out += ["", "Arm `exam` by adversary:", "", "| adversary | targets | predicted | hits | ratio |",
            "| --- | --- | --- | --- | --- |"]
    out += [f"| {n} | {r['targets']} | {r['predicted']:.1f} | {r['hits']} | {r['hits'] / r['predicted']:.3f} |"
            for n, r in sorted(s["adversaries"].items())]
    return "\n".join(out) + "\n"
