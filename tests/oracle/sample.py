"""The kept sample against one made now: the same files, the same JSON (last digits of figures may
be those of another mathematical library), and the README's first screen out of its text.
usage: sample.py KEPT NEW README"""
import json
import math
import os
import re
import sys

KEPT, NEW, README = sys.argv[1:]
OURS = {"project.json"}  # what the sample is made with
wrong = []


def load(folder):
    with open(os.path.join(folder, "report.json"), encoding="ascii") as f:
        return json.load(f)


def compare(a, b, path):
    if isinstance(a, dict) and isinstance(b, dict):
        if list(a) != list(b):
            wrong.append(f"{path}: keys {sorted(set(a) ^ set(b)) or 'in another order'}")
        for key in a.keys() & b.keys():
            compare(a[key], b[key], f"{path}/{key}")
    elif isinstance(a, list) and isinstance(b, list):
        if len(a) != len(b):
            wrong.append(f"{path}: {len(a)} are kept, there are {len(b)}")
        for i, (x, y) in enumerate(zip(a, b)):
            compare(x, y, f"{path}/{i}")
    elif isinstance(a, float) and isinstance(b, float):
        if not math.isclose(a, b, rel_tol=1e-12, abs_tol=1e-12):
            wrong.append(f"{path}: {a} is kept, {b} is right")
    elif type(a) is not type(b) or a != b:
        wrong.append(f"{path}: {str(a)[:60]!r} is kept, {str(b)[:60]!r} is right")


def first_screen():
    """The README's lines stand in report.txt, in their order; "…" stands for what is left out."""
    with open(README, encoding="utf-8") as f:
        block = re.search(r"^    \$ dcmrisk assess build/demo.*\n((?:    .*\n|\n)+)", f.read(), re.M)
    with open(os.path.join(NEW, "report.txt"), encoding="utf-8") as f:
        text = [line.rstrip() for line in f]
    at = 0
    for line in (l[4:].rstrip() for l in block.group(1).splitlines()):
        if line.strip() in ("", "…"):
            continue
        if line not in text[at:]:
            wrong.append(f"README.md: the first screen says {line!r}, report.txt does not")
            continue
        at = text.index(line, at) + 1


same = set(os.listdir(KEPT)) - OURS, set(os.listdir(NEW))
for name in sorted(same[0] ^ same[1]):
    wrong.append(f"{name} is " + ("kept and no format" if name in same[0] else "not kept"))
if "report.json" in same[0]:
    compare(load(KEPT), load(NEW), "")
first_screen()
print("\n".join(wrong[:20]) if wrong else f"{len(same[0])} files hold")
if wrong:
    print("reports/sample or README.md is of another version: make sample, read the difference")
sys.exit(bool(wrong))
