#!/usr/bin/env python3
"""Seeds that are more than a line of printf: lengths must fit, or something large is cut.

usage: seeds.py csa DIR            headers as nibabel describes them (siemens_csa.html), both forms
       seeds.py report FILE DIR    a report with short lists, and each of its parts alone
       seeds.py rules FROM DIR     rule files with short lists, behind their names; two of a kind of check
       seeds.py scan FILE TO       a scan file of small pages
       seeds.py warm DIR FILE...   DICOM files behind the place of a byte that differs in the one before: of the
                                   character set, or any
"""
import glob
import json
import os
import sqlite3
import struct
import sys


def write(folder, name, content):
    with open(os.path.join(folder, name), "wb") as f:
        f.write(content if isinstance(content, bytes) else content.encode())


def cut(x, items, text=None):
    """The same with lists and texts of at most so many items and letters."""
    if isinstance(x, list):
        return [cut(v, items, text) for v in x[:items]]
    if isinstance(x, dict):
        return {k: cut(v, items, text) for k, v in x.items()}
    return x[:text] if isinstance(x, str) else x


def csa(folder):
    tags = (("EchoLinePosition", "IS", 1, ["128"]), ("UsedPatientWeight", "DS", 1, ["70.5", "", "12"]),
            ("MeasuredFourierLines", "IS", 0, []), ("PatientName", "PN", 1, ["Doe^Jane"] * 6),
            ("MrPhoenixProtocol", "UN", 1, ["<XProtocol> { <Name> \"x\" }\n### ASCCONV BEGIN ###\na = 1\n### ASCCONV END ###"]))
    for old in (False, True):
        first = len(tags[0][3])
        b = (b"" if old else b"SV10\4\3\2\1") + struct.pack("<II", len(tags), 77)
        for name, vr, vm, items in tags:
            b += struct.pack("<64si4sii", name.encode(), vm, vr.encode(), 6, len(items)) + struct.pack("<I", 77)
            for text in items:
                n = len(text)
                b += struct.pack("<4I", n + first if old else n, n, 77, n) + text.encode() + bytes(-n % 4)
        write(folder, "csa-old" if old else "csa", b)


def report(name, folder):
    with open(name, encoding="utf-8") as f:
        whole = json.load(f)
    write(folder, "whole", json.dumps(cut(whole, 1, 60)))
    for key, part in whole.items():
        if isinstance(part, (dict, list)) and part:
            write(folder, key, json.dumps({key: cut(part, 2, 60)}))


def rules(top, folder):
    kinds = {}
    for name in sorted(glob.glob("*.json", root_dir=top) + glob.glob("*/*.json", root_dir=top)):
        if name.startswith("schemas/"):
            continue
        with open(os.path.join(top, name), encoding="utf-8") as f:
            content = f.read()
        rule = json.loads(content)
        kind = rule.get("check", name)
        kinds[kind] = kinds.get(kind, 0) + 1
        if kinds[kind] <= 2:
            # what is cut must still be taken: a day has 24 hours, and the small files refer to each other
            short = content if len(content) <= 6000 else json.dumps(cut(rule, 24))
            write(folder, name.replace("/", "_"), name + "\n" + short)


def scan(name, to):
    with open(name, "rb") as f, open(to, "wb") as copy:
        copy.write(f.read())
    db = sqlite3.connect(to)
    db.execute("PRAGMA page_size = 512")
    db.execute("VACUUM")
    db.close()


def warm(folder, *names):
    for i, name in enumerate(names):
        with open(name, "rb") as f:
            content = f.read()
        at = content.find(b"ISO_IR 1")
        at = at + 9 if at >= 0 and i % 2 == 0 else 132 + i * 61 % (len(content) - 132)
        write(folder, f"{i:03}", struct.pack(">HB", at, 1) + content)


if __name__ == "__main__":
    {"csa": csa, "report": report, "rules": rules, "scan": scan, "warm": warm}[sys.argv[1]](*sys.argv[2:])
