#!/usr/bin/python3
"""Writes tests/data/national-ids.tsv: numbers with the verdict of python-stdnum, which is not ours.

usage: national_ids.py > tests/data/national-ids.tsv        (Debian: python3-stdnum)

Numbers are random and fit the pattern of rules/national-ids.json; those that python-stdnum calls valid are
kept, and each again with one digit changed, which it must call invalid.
"""
import importlib
import json
import os
import random
import re
import string
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
KEEP = 5


def pick(rng, pattern):
    """A text that the pattern matches; separators that may be absent are absent."""
    out, i = "", 0
    while i < len(pattern):
        c = pattern[i]
        if c == "9":
            out += rng.choice(string.digits)
        elif c == "A":
            out += rng.choice(string.ascii_uppercase)
        elif c == "*":
            out += rng.choice(string.digits + string.ascii_uppercase)
        elif c in "[{":
            end = pattern.index("]" if c == "[" else "}", i)
            chars = re.sub(r"(.)-(.)", lambda m: "".join(map(chr, range(ord(m[1]), ord(m[2]) + 1))),
                           pattern[i + 1:end])
            out += rng.choice(chars)
            i = end
        elif c != "~":
            out += c
        i += 1
    return out


def has_date(e, number):
    """The date that rules/national-ids.json marks exists; python-stdnum does not look at all of them."""
    chars = [c for c in number if c.isalnum()]
    if "{" in e["pattern"]:
        return True
    part = {m: "".join(c for c, d in zip(chars, e.get("date", "")) if d == m) for m in "MD"}
    for mark, most in (("M", 12), ("D", 31)):
        add = [0] + e.get("month_add" if mark == "M" else "day_add", [])
        if part[mark] and not any(1 <= int(part[mark]) - a <= most for a in add):
            return False
    return True


def main():
    with open(os.path.join(HERE, "..", "..", "rules", "national-ids.json"), encoding="utf-8") as f:
        ids = json.load(f)["ids"]
    print("# id, number, valid (1 or 0): by python-stdnum 1.18; made by tests/tools/national_ids.py")
    for e in ids:
        m = re.match(r"python-stdnum 1.18, ([a-z_.]+)", e["source"])
        if not m:
            continue
        module = importlib.import_module("stdnum." + m[1])
        rng = random.Random(e["id"])
        kept = 0
        for _ in range(3000000):
            number = pick(rng, e["pattern"])
            if not has_date(e, number) or not module.is_valid(number):
                continue
            print("%s\t%s\t1" % (e["id"], number))
            places = [i for i, c in enumerate(number) if c.isdigit()]
            for _ in range(50):
                at = rng.choice(places)
                wrong = number[:at] + rng.choice(string.digits) + number[at + 1:]
                if "checks" in e and wrong != number and not module.is_valid(wrong):
                    print("%s\t%s\t0" % (e["id"], wrong))
                    break
            kept += 1
            if kept == KEEP:
                break
        if kept < KEEP:
            print("%s: only %d found" % (e["id"], kept), file=sys.stderr)


main()
