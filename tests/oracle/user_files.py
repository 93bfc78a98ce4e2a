#!/usr/bin/python3
"""Files that users write, changed in every place: the program and the JSON Schema must agree.

usage: user_files.py DCMRISK FOLDER

Each right document is changed once in each place: a key removed, a key misspelt, a value of every
other type in its place, an empty text, an empty list.  `dcmrisk rules check` must take (status 0)
what the schema takes and refuse (status 2, with file, line and a reason) what it refuses.
"""
import copy
import json
import os
import re
import subprocess
import sys

import jsonschema

HERE = os.path.dirname(os.path.abspath(__file__))
RULES = os.path.join(HERE, "..", "..", "rules")
OTHERS = ["", "2027-02-29", -1, True, None, [], {}]


def deeper(name, at):
    """Schemas cannot know which adversaries, levels and policies the rules have."""
    if name == "policy":
        return at[:1] in (("adversary",), ("levels",))
    return name == "project" and (at[:1] in (("precision",), ("template",)) or
                                  at[:1] == ("recipients",) and at[-1] in ("adversary", "policy"))


PROJECT = {
    "schema": "dcmrisk-project/1", "title": "Chest CT", "requester": ["A", "B"], "purposes": "drift",
    "claim": "pseudonymous", "controls": {"statement": "agreement", "signed_by": "DPO", "date": "2026-11-01"},
    "population": {"design": "census", "frame": "all exams", "period": "2019",
                   "size": 300, "table": "ris.csv"},
    "recipients": [{"name": "Partner", "policy": "controlled-access", "adversary": "union", "note": "n"}],
    "purpose": {"0008,0020": "growth rate"}, "precision": {"0008,0020": "month"},
    "reviews": {"pixels": {"who": "RK", "when": "2028-02-29", "result": "clear"},
                "pictures": [{"who": "RK", "when": "2026-11-02", "seen": 50, "found": 0}]},
    "accept": [{"id": "A1", "rule": "exact-date-kept", "path": "0008,0020", "ceiling": 40, "reason": "r",
                "who": "w", "expires": "2027-03-31", "created": "2026-10-01", "compensating": ["c"]}],
    "note": "n"}
ACCEPTANCE = {"schema": "dcmrisk-acceptance/1", "accept": copy.deepcopy(PROJECT["accept"]), "note": "n"}


def load(*parts):
    with open(os.path.join(RULES, *parts), encoding="utf-8") as f:
        return json.load(f)


def policy():
    p = load("policies", "controlled-access.json")
    p["criteria"] = [{**p["criteria"][0], "source": "s", "acceptable": True}]
    return p


def places(node, at=()):
    """Every place of a document but the root."""
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for k, v in items:
        yield at + (k,)
        yield from places(v, at + (k,))


def holder(doc, at):
    for k in at[:-1]:
        doc = doc[k]
    return doc


def changed(doc):
    """(what, place, document) of each change."""
    for at in places(doc):
        for other in OTHERS:
            new = copy.deepcopy(doc)
            holder(new, at)[at[-1]] = other
            yield "value " + json.dumps(other), at, new
        new = copy.deepcopy(doc)
        del holder(new, at)[at[-1]]
        yield "removed", at, new
        if isinstance(at[-1], str):
            new = copy.deepcopy(doc)
            h = holder(new, at)
            h[at[-1] + "x"] = h.pop(at[-1])
            yield "misspelt", at, new


def shares_hold(doc):
    """What a schema cannot say: the first number of a share is not above the second."""
    return all(c["at_most_share"][0] <= c["at_most_share"][1]
               for c in doc.get("criteria", []) if "at_most_share" in c)


def says(dcmrisk, path):
    r = subprocess.run([dcmrisk, "rules", "check", path], capture_output=True, text=True, check=False, timeout=60)
    return r.returncode, r.stderr.strip()


def main():
    dcmrisk, folder = sys.argv[1:3]
    path = os.path.join(folder, "file.json")
    bad = n = refused = seen = 0
    every = int(os.environ.get("EVERY", "1"))  # thinned in sanitised runs
    for name, doc in (("project", PROJECT), ("acceptance", ACCEPTANCE), ("policy", policy())):
        schema = load("schemas", name + ".schema.json")
        jsonschema.Draft202012Validator.check_schema(schema)
        v = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
        assert v.is_valid(doc), name
        for what, at, new in [("as it is", (), doc)] + list(changed(doc)):
            if at == ("schema",) and what in ("removed", "misspelt"):
                continue  # then it is no file of this kind
            seen += 1
            if seen % every != 0:
                continue
            with open(path, "w", encoding="utf-8") as f:
                json.dump(new, f, indent=1)
            want = v.is_valid(new) and (name != "policy" or shares_hold(new))
            status, err = says(dcmrisk, path)
            if want and status == 2 and deeper(name, at):
                want = False  # refused by what the rules have, with a line like all others
            where = "%s %s: %s" % (name, "/".join(map(str, at)), what)
            n += 1
            if status != (0 if want else 2):
                print("%s: status %d, the schema says %s: %s" % (where, status, want, err[:150]))
                bad += 1
            elif not want:
                refused += 1
                m = re.match(r"^dcmrisk: .*file\.json:([0-9]+): (.+)$", err)
                if m is None or int(m.group(1)) < 1:
                    print("%s: no line: %s" % (where, err[:150]))
                    bad += 1
    print("user_files: %d documents, %d refused, %d problems" % (n, refused, bad))
    return 1 if bad or refused * every < 200 else 0


sys.exit(main())
