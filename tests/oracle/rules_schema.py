#!/usr/bin/python3
"""Every rule file against its JSON Schema, and every schema against changes that must not pass.

usage: rules_schema.py [RULES_DIR]
"""
import copy
import json
import os
import sys

import jsonschema

HERE = os.path.dirname(os.path.abspath(__file__))
RULES = sys.argv[1] if len(sys.argv) > 1 else os.path.join(HERE, "..", "..", "rules")


def load(*parts):
    with open(os.path.join(RULES, *parts), encoding="utf-8") as f:
        return json.load(f)


def validator(name):
    schema = load("schemas", name + ".schema.json")
    cls = jsonschema.validators.validator_for(schema)
    cls.check_schema(schema)
    return cls(schema)


def problems(name, doc):
    return ["%s: %s" % ("/".join(map(str, e.absolute_path)), e.message[:200])
            for e in validator(name).iter_errors(doc)]


def untested_claims():
    """Each code, declared-state check and common mistake has a rule that exists."""
    bad, claims = 0, load("claims.json")
    have = {f[:-5] for f in os.listdir(os.path.join(RULES, "checks"))}
    for key in ("attributes", "codes", "checks", "mistakes"):
        for row in claims[key]:
            name = row.get("id") or row.get("code") or row["tag"]
            for rule in set(row["rules"]) - have:
                print("claims.json: %s: no rule %s" % (name, rule))
                bad += 1
            if not row["rules"] and key != "attributes":
                print("claims.json: %s: no rule tests it" % name)
                bad += 1
    return bad


def main():
    bad = 0
    files = [(f[:-5], (f,)) for f in sorted(os.listdir(RULES)) if f.endswith(".json")]
    files += [("check", ("checks", f)) for f in sorted(os.listdir(os.path.join(RULES, "checks")))
              if f.endswith(".json")]
    files += [("policy", ("policies", f)) for f in sorted(os.listdir(os.path.join(RULES, "policies")))
              if f.endswith(".json")]
    for name, parts in files:
        doc = load(*parts)
        for p in problems(name, doc):
            print("%s: %s" % ("/".join(parts), p))
            bad += 1
        # A key nobody knows must not pass, at the top and in a row.
        wrong = copy.deepcopy(doc)
        wrong["colour"] = "red"
        if not problems(name, wrong):
            print("%s: its schema lets an unknown key pass" % "/".join(parts))
            bad += 1
        for key, rows in doc.items():
            if isinstance(rows, list) and rows and isinstance(rows[0], dict):
                wrong = copy.deepcopy(doc)
                wrong[key][0]["colour"] = "red"
                if not problems(name, wrong):
                    print("%s: its schema lets an unknown key in %s pass" % ("/".join(parts), key))
                    bad += 1
    bad += untested_claims()
    print("rules_schema: %d files, %d problems" % (len(files), bad))
    return 1 if bad else 0


sys.exit(main())
