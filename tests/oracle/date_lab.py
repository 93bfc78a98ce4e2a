#!/usr/bin/python3
"""The date laboratory against calendars whose shifts are known.

usage: date_lab.py PROGRAM            error rate over 1,000 calendars, the power table, and silence below the least size
       date_lab.py PROGRAM --table N  rows of the power table of rules/date-lab.json, from N calendars each

PROGRAM is tests/tools/datelab.c.  The table was made with seeds from 7,000,000 on; the test
uses others.
"""
import json
import os
import subprocess
import sys
from collections import Counter

import date_calendars as dc

HERE = os.path.dirname(os.path.abspath(__file__))
RULES = os.path.join(HERE, "..", "..", "rules", "date-lab.json")
SIZES = (20, 50, 100, 200, 500, 1000)
TABLE_SEED, TEST_SEED = 7000000, 100000


def verdicts(program, jobs):
    """jobs: (seed, mix, scheme, studies, times); the program's verdict for each."""
    lines = []
    for job in jobs:
        lines += dc.as_lines(dc.calendar(*job))
    done = subprocess.run([program], input="\n".join(lines) + "\n", text=True, check=True,
                          capture_output=True)
    said = [line.split()[0] for line in done.stdout.splitlines()]
    assert len(said) == len(jobs)
    return said


def judge(program, jobs):
    """Right, wrong and silent, job by job: 1, -1, 0."""
    out = []
    for job, said in zip(jobs, verdicts(program, jobs)):
        right = dc.right_verdicts(job[0], job[2])
        out.append(0 if said == "cannot-tell" else 1 if said in right else -1)
    return out


def schemes(times):
    # The tool that moves by hours keeps the times; without them its half days are no weekdays.
    return [s for s in dc.SCHEMES if times or s != "hours"]


def table(program, n):
    for times in (True, False):
        for mix in dc.MIXES:
            for scheme in schemes(times):
                for studies in SIZES:
                    jobs = [(TABLE_SEED + i, mix, scheme, studies, times) for i in range(n)]
                    got = judge(program, jobs)
                    print(json.dumps({"mix": mix, "scheme": scheme, "times": times,
                                      "studies": studies, "right": round(got.count(1) / n, 3),
                                      "wrong": round(got.count(-1) / n, 3)}), flush=True)
    return 0


def binomial_tail(n, p, at_least):
    """P(X >= at_least), X binomial."""
    q, total = (1 - p) ** n, 0.0
    for k in range(n + 1):
        total += q if k >= at_least else 0.0
        q *= (n - k) / (k + 1) * p / (1 - p)
    return total


def check_error_rate(program, rate):
    """1,000 calendars of all mixes, schemes and sizes; the rate holds in all and in each."""
    jobs = []
    for i in range(1000):
        mix = (dc.MIXES + dc.ODD_MIXES)[i % 5]
        times = i // 5 % 2 == 0
        scheme = schemes(times)[i // 10 % len(schemes(times))]
        jobs.append((TEST_SEED + i, mix, scheme, (20, 40, 80, 160, 320, 640)[i // 60 % 6], times))
    got = judge(program, jobs)
    bad = 0
    groups = {"all": got}
    for job, g in zip(jobs, got):
        groups.setdefault("mix " + job[1], []).append(g)
        groups.setdefault("scheme " + job[2], []).append(g)
    for name, g in sorted(groups.items()):
        c = Counter(g)
        # More errors than a true rate of `rate` would give in 1 of 1,000 such tests.
        over = c[-1] > 0 and binomial_tail(len(g), rate, c[-1]) < 0.001
        print("%-24s %4d calendars: %4d right, %3d wrong, %4d cannot tell%s" %
              (name, len(g), c[1], c[-1], c[0], "  TOO MANY WRONG" if over else ""))
        bad += over
    if Counter(got)[-1] > rate * len(got):
        print("more than the stated error rate is wrong")
        bad += 1
    return bad


def check_power(program, rows):
    """At the sizes of the table the laboratory is right as often as the table says."""
    bad, n = 0, 12
    for row in rows:
        if row["right"] < 0.9 or row["studies"] > 500:
            continue
        jobs = [(TEST_SEED + 5000 + i, row["mix"], row["scheme"], row["studies"], row["times"])
                for i in range(n)]
        right = judge(program, jobs).count(1)
        # Fewer right than the table's share (less its own spread) gives in 1 of 10,000 tests.
        p = max(0.5, row["right"] - 0.07)
        if 1 - binomial_tail(n, p, right + 1) < 0.0001:
            print("power: %s: %d of %d right" % (json.dumps(row), right, n))
            bad += 1
    return bad


def check_silence(program, least):
    """Below the least number of studies it says nothing, whatever the calendar."""
    jobs = [(TEST_SEED + 9000 + i, dc.MIXES[i % 3], dc.SCHEMES[i % 6], 3 + i % (least - 3), True)
            for i in range(120)]
    loud = [v for v in verdicts(program, jobs) if v not in ("cannot-tell", "constant")]
    if loud:
        print("%d verdicts below %d studies" % (len(loud), least))
    return len(loud) > 0


def check_table(good, rows, rate):
    """The table has rows of use, and what it says was judged wrongly is within the stated rate: over
    all rows, and in each: 4 wrong of its 100 calendars is more than the rate gives in 1 of 50 rows."""
    wrong = [r["wrong"] for r in rows]
    over = [w for w in wrong if binomial_tail(100, rate, round(w * 100)) < 0.02]
    mean = sum(wrong) / max(1, len(wrong))
    if not good or over or mean > rate:
        print("power table: %d rows of use, %.4f wrong in the mean, %d rows with too many" %
              (len(good), mean, len(over)))
        return 1
    return 0


def main(program):
    with open(RULES, encoding="utf-8") as f:
        lab = json.load(f)
    limits = lab["limits"]
    rows = [r for r in lab["power"] if r["right"] >= 0.9]
    bad = check_error_rate(program, limits["error_rate"])
    bad += check_power(program, lab["power"])
    bad += check_silence(program, limits["min_studies"])
    bad += check_table(rows, lab["power"], limits["error_rate"])
    print("date_lab: %d rows of power, %d problems" % (len(rows), bad))
    return 1 if bad else 0


if len(sys.argv) == 4 and sys.argv[2] == "--table":
    sys.exit(table(sys.argv[1], int(sys.argv[3])))
if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
