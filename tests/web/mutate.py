#!/usr/bin/env python3
"""Makes a report.json that renderers must bear, from a real one.

usage: mutate.py hostile|nulls|big IN.json OUT.json [SCHEMA.json]

hostile  every text becomes one that would do harm as markup, in a terminal or in a bidirectional
         text; some are 64 KB long.  Words of the contract (results, roles, ...) stay in every other
         place, so that all branches are taken.
nulls    every number a public report might hold back is null
big      what a scan file of 50,000 studies and more than 2,000 attributes gives; valid by SCHEMA
"""
import copy
import json
import random
import sys

NASTY = [
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\"'><svg onload=alert(1)>",
    "]]><!-- & &lt; &#x3c; --><style>*{display:none}</style>",
    "=HYPERLINK(\"http://example.invalid\")",
    "\u001b[31mred\u001b[0m\u0007\u0001\u0085",
    "\u202egnp.exe\u2066x\u2069\u200b\ufeff\u00ad",
    "javascript:alert(1)//http://example.invalid/",
    "a\u0300" * 40,
    "\u0645\u0631\u062d\u0628\u0627 \u4e16\u754c \U0001f9e0",
    "W" * 400,
    " ",
    "",
]
LONG = ["<b>" * 21845, "\u202e" * 21845, "x" * 65536, "two words " * 6553]
CONTRACT = {"schema", "result", "role", "severity", "view", "criterion", "granularity", "test", "state",
            "verdict", "review", "burned_in", "face", "unit", "target", "concept", "id", "reading", "says"}


def hostile(doc):
    """Texts by turns; each place of the document gets a long one once."""
    turn = 0
    seen = set()
    doc["attributes"] = doc["attributes"][::3]
    doc["findings"] = doc["findings"][::2]

    def text(key, old):
        nonlocal turn
        turn += 1
        if key in CONTRACT and turn % 2 == 0 or key == "schema":
            return old
        if key not in seen:
            seen.add(key)
            return LONG[len(seen) % len(LONG)]
        return NASTY[turn % len(NASTY)]

    def walk(o, key):
        if isinstance(o, dict):
            return {k: walk(v, k) for k, v in o.items()}
        if isinstance(o, list):
            return [walk(v, key) for v in o]
        return text(key, o) if isinstance(o, str) else o

    doc = walk(doc, "")
    # Names that come from files stand as keys, too.
    for place in (doc["run"]["options"], doc["tool"]["libraries"], doc["coverage"]["readers"]):
        for i, nasty in enumerate(NASTY[:9]):
            place[nasty + str(i)] = nasty
    doc["project"] = {"title": LONG[0], "accept": [
        {"id": n, "rule": n, "path": n, "reason": n, "who": n, "expires": n, "ceiling": 1}
        for n in NASTY + LONG]}
    return doc


KEPT = {"k", "files", "from", "to", "bytes"}


def nulls(doc):
    def walk(o, key):
        if isinstance(o, dict):
            return {k: walk(v, k) for k, v in o.items()}
        if isinstance(o, list):
            return [walk(v, key) for v in o]
        if isinstance(o, bool) or not isinstance(o, (int, float)) or key in KEPT:
            return o
        return None

    return walk(doc, "")


def big(doc, attributes=2600, findings=3000):
    rng = random.Random(5)
    doc["dataset"].update(files=6204118, dicom_files=6204001, subjects=31904, studies=50000,
                          series=212000, instances=6203990, bytes=3 * 10 ** 12)
    for a in doc["adversaries"]:
        for v in a["views"]:
            for key in ("subjects", "records", "classes"):
                if isinstance(v.get(key), int):
                    v[key] *= 523
    seed = [a for a in doc["attributes"]]
    rows = []
    for i in range(attributes):
        a = copy.deepcopy(seed[i % len(seed)])
        if i >= len(seed):
            a["path"] = "0029,xx%02X{VENDOR %03d HEADER}/%s" % (i % 256, i // 256, a["path"])
            a["keyword"] = None if i % 3 == 0 else a["keyword"]
            a["creator"] = "VENDOR %03d HEADER" % (i // 256)
        a["files"] = rng.randrange(1, 6204001)
        a["distinct"] = rng.randrange(1, 900000)
        a["findings"] = []
        rows.append(a)
    texts = doc["findings"]
    found = []
    for i in range(findings):
        f = copy.deepcopy(texts[i % len(texts)])
        a = rows[rng.randrange(len(rows))]
        f.update(id="F%d" % (i + 1), path=a["path"])
        a["findings"].append(f["id"])
        found.append(f)
    rank = ["critical", "high", "medium", "low", "note"]
    found.sort(key=lambda f: (rank.index(f["severity"]), f["rule"]))
    doc["attributes"], doc["findings"] = rows, found
    months = ["%d-%02d" % (y, m) for y in range(2019, 2027) for m in range(1, 13)]
    doc["heatmap"].update(rows=["Site %02d" % (r + 1) for r in range(40)], columns=months, cells=[
        [{"subjects": 400, "below": rng.randrange(0, 401)} if rng.random() < 0.8
         else {"subjects": None, "below": None} for _ in months] for _ in range(40)])
    return doc


def main():
    kind, source, target = sys.argv[1:4]
    with open(source, encoding="utf-8") as f:
        doc = json.load(f)
    doc = {"hostile": hostile, "nulls": nulls, "big": big}[kind](doc)
    if len(sys.argv) > 4:
        import jsonschema
        with open(sys.argv[4], encoding="utf-8") as f:
            jsonschema.validate(doc, json.load(f))
    with open(target, "w", encoding="utf-8") as f:
        json.dump(doc, f, ensure_ascii=True)


main()
