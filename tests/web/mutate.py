#!/usr/bin/env python3
"""Makes a report.json that renderers must bear, from a real one; valid by its schema.

usage: mutate.py hostile|nulls|big|huge IN.json OUT.json SCHEMA.json

hostile  every free text becomes one that would do harm as markup, in a terminal or in a
         bidirectional text; some are 64 KB long
nulls    every number that may be null is
big      what a scan file of 50,000 studies and more than 2,000 attributes gives
huge     the same, smaller, with texts that are long and grow when they are escaped
"""
import copy
import json
import random
import sys

import jsonschema

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


def leaves(value, schema, root, change, key=""):
    """The value with every scalar replaced by change(scalar, its schema, its key)."""
    while "$ref" in schema or "anyOf" in schema or "oneOf" in schema:
        if "$ref" in schema:
            schema = root["$defs"][schema["$ref"].rsplit("/", 1)[1]]
        else:  # null, or something
            schema = next(s for s in schema.get("anyOf", schema.get("oneOf"))
                          if (s.get("type") == "null") == (value is None))
    if isinstance(value, dict):
        places, rest = schema.get("properties", {}), schema.get("additionalProperties", {})
        rest = rest if isinstance(rest, dict) else {}
        return {k: leaves(v, places.get(k, rest), root, change, k) for k, v in value.items()}
    if isinstance(value, list):
        return [leaves(v, schema.get("items", {}), root, change, key) for v in value]
    return change(value, schema, key)


def free(value, schema):
    """A text that may be any."""
    return isinstance(value, str) and not {"enum", "const", "pattern"} & set(schema)


def hostile(doc, schema):
    """Free texts by turns; each place of the document gets a long one once, a third of them 64 KB."""
    turn = 0
    seen = set()
    doc["attributes"] = doc["attributes"][::3]
    doc["findings"] = doc["findings"][::2]

    def change(old, where, key):
        nonlocal turn
        if not free(old, where):
            return old
        turn += 1
        if key not in seen:
            seen.add(key)
            long = LONG[len(seen) % len(LONG)]
            return long if len(seen) % 3 == 0 else long[:2000]
        # Ids hold the document together: every other one is left, so that all is still found.
        return old if key in HELD and turn % 2 == 0 else NASTY[turn % len(NASTY)]

    doc = leaves(doc, schema, schema, change)
    # Names that come from files stand as keys, too.
    for place in (doc["run"]["options"], doc["tool"]["libraries"], doc["coverage"]["readers"]):
        for i, nasty in enumerate(NASTY[:9]):
            place[nasty + str(i)] = 1 if place is doc["coverage"]["readers"] else nasty
    doc["project"] = {"title": LONG[0], "accept": [
        {"id": n, "rule": n, "path": n, "reason": n, "who": n, "expires": n, "ceiling": 1}
        for n in NASTY + LONG[:1]]}
    return doc


HELD = {"id", "rule", "concept", "path", "view", "granularity", "adversary", "target"}


def nulls(doc, schema):
    return leaves(doc, schema, schema, lambda old, where, key: None
                  if isinstance(old, (int, float)) and not isinstance(old, bool) and key != "limit"
                  and "null" in where.get("type", ()) else old)


def big(doc, schema, attributes=2600, findings=3000):
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


def huge(doc, schema):
    doc = big(doc, schema, 700, 900)
    doc["assumptions"] *= 40
    doc["whatif"] *= 20
    doc["link_keys"] *= 20
    doc = leaves(doc, schema, schema, lambda old, where, key: old + "&<>\"" * 120
                 if free(old, where) and key != "findings" else old)
    doc["project"] = {"accept": [{"id": "&" * 900, "rule": "&" * 900, "path": "&" * 900, "reason": "&" * 900,
                                  "who": "&" * 900, "expires": "&" * 900, "ceiling": 1}] * 300}
    return doc


def main():
    kind, source, target, rules = sys.argv[1:5]
    with open(source, encoding="utf-8") as f:
        doc = json.load(f)
    with open(rules, encoding="utf-8") as f:
        schema = json.load(f)
    doc = {"hostile": hostile, "nulls": nulls, "big": big, "huge": huge}[kind](doc, schema)
    for wrong in jsonschema.Draft202012Validator(schema).iter_errors(doc):
        sys.exit(f"{kind}: {wrong.json_path}: {wrong.message[-200:]}")
    with open(target, "w", encoding="utf-8") as f:
        json.dump(doc, f, ensure_ascii=True)


main()
