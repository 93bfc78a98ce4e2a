#!/usr/bin/python3
"""The date laboratory against calendars whose shifts are known.

usage: date_lab.py PROGRAM            1,000 calendars: error rate, power, silence below the least size
       date_lab.py PROGRAM --table N  the power table of rules/date-lab.json from N calendars a row
"""
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import date_calendars as dc

HERE = os.path.dirname(os.path.abspath(__file__))
RULES = os.path.join(HERE, "..", "..", "rules", "date-lab.json")


def verdicts(program, jobs):
    """jobs: (seed, mix, scheme, studies, times); the program's verdict for each."""
    lines = []
    for job in jobs:
        lines += dc.as_lines(dc.calendar(*job))
    done = subprocess.run([program], input="\n".join(lines) + "\n", text=True, check=True,
                          capture_output=True)
    return [line.split()[0] for line in done.stdout.splitlines()]


def judge(program, jobs):
    """Right, wrong and silent, job by job: 1, -1, 0."""
    out = []
    for job, said in zip(jobs, verdicts(program, jobs)):
        right = dc.right_verdicts(job[0], job[2])
        out.append(0 if said == "cannot-tell" else 1 if said in right else -1)
    return out


def table(program, n):
    rows = []
    for times in (True, False):
        for mix in dc.MIXES:
            for scheme in ("none", "constant", "hours", "md5-rsna", "md5-ctp", "hmac"):
                for studies in (20, 50, 100, 200, 500, 1000):
                    jobs = [(7000000 + i, mix, scheme, studies, times) for i in range(n)]
                    got = judge(program, jobs)
                    rows.append({"mix": mix, "scheme": scheme, "times": times,
                                 "studies": studies,
                                 "right": round(got.count(1) / n, 3),
                                 "wrong": round(got.count(-1) / n, 3)})
                    print(json.dumps(rows[-1]), flush=True)
    return 0


if __name__ == "__main__":
    if len(sys.argv) == 4 and sys.argv[2] == "--table":
        sys.exit(table(sys.argv[1], int(sys.argv[3])))
