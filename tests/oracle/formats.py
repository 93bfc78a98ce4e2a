"""SARIF against its schema and GitHub's limits, JUnit against what junit-10.xsd of Jenkins allows, both
against the report.json beside them.

usage: formats.py SARIF_SCHEMA FOLDER...

GitHub: "SARIF support for code scanning" (2025): required properties, 25,000 results, 25,000 rules,
20 tags, 10 MB gzip; security-severity is a number over 0.0 up to 10.0; level by hand of the result.
"""
import gzip
import json
import re
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import jsonschema

RED = {"fail", "review", "inconclusive"}
ACCEPTED_ATTRIBUTES = {  # of junit-10.xsd
    "testsuites": {"name", "time", "tests", "failures", "errors"},
    "testsuite": {"name", "tests", "failures", "errors", "group", "time", "skipped", "timestamp",
                  "hostname", "id", "package", "file", "log", "url"},
    "properties": set(), "property": {"name", "value"},
    "testcase": {"name", "time", "classname", "group"},
    "skipped": {"type", "message"}, "error": {"type", "message"}, "failure": {"type", "message"},
    "system-out": set(), "system-err": set(),
}
SUREFIRE_TIME = re.compile(r"(([0-9]{0,3},)*[0-9]{3}|[0-9]{0,3})*(\.[0-9]*)?")


def check(ok, *what):
    if not ok:
        raise SystemExit(" ".join(map(str, what)))


def no_shapes(text, report):
    """What the report says of values stays in the report."""
    for f in report["findings"]:
        if f["shape"] and len(f["shape"]) > 8 and not f["shape"].endswith("characters"):
            check(f["shape"] not in text, "a shape is printed")


def results_of(report, sarif, where):
    run = sarif["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    check(len(sarif["runs"]) <= 20 and len(run["results"]) <= 25000 and len(rules) <= 25000, where)
    for r in rules:
        check(len(r["properties"]["tags"]) <= 20 and len(r["id"]) <= 255, where, r["id"])
        check(len(r["shortDescription"]["text"]) <= 1024 and len(r["fullDescription"]["text"]) <= 1024)
        check(r["help"]["text"] and r["help"]["markdown"], where, r["id"])
        severity = r["properties"].get("security-severity")
        check(severity is None or 0 < float(severity) <= 10, where, severity)
        check((severity is None) == (r["defaultConfiguration"]["level"] == "note"
                                     and severity is None), where, r["id"])
    check(len({r["id"] for r in rules}) == len(rules), where, "a rule twice")
    seen = set()
    for r in run["results"]:
        check(rules[r["ruleIndex"]]["id"] == r["ruleId"], where, r["ruleId"])
        check(r["message"]["text"].strip(), where, "no message")
        for place in r["locations"]:
            uri = place["physicalLocation"]["artifactLocation"]["uri"]
            check(not uri.startswith(("/", "file:")) and ".." not in uri, where, uri)
            check(place["physicalLocation"]["region"]["startLine"] >= 1, where)
            check(place["logicalLocations"], where)
        key = (r["ruleId"], r["locations"][0]["logicalLocations"][0]["fullyQualifiedName"])
        check(key not in seen, where, "two results of", key)
        seen.add(key)
        check(r.get("occurrenceCount", 1) >= 1, where)
    prints = [r["partialFingerprints"]["primaryLocationLineHash"] for r in run["results"]]
    check(len(set(prints)) == len(prints), where, "fingerprints are not one's own")
    states = {r.get("baselineState") for r in run["results"]}
    check(("baseline" in report) == (None not in states) or not states, where, states)
    return run["results"]


def check_sarif(folder, validator, report):
    text = (folder / "report.sarif").read_text(encoding="ascii")
    sarif = json.loads(text)
    for e in validator.iter_errors(sarif):
        check(False, folder, "/".join(map(str, e.absolute_path)), e.message[:200])
    check(len(gzip.compress(text.encode())) < 10_000_000, folder)
    no_shapes(text, report)
    results = results_of(report, sarif, folder)
    open_ = [f for f in report["findings"] if f["acceptance"] is None]
    told = {f["gate"] for f in open_}
    alone = [c for c in report["verdict"]["criteria"]
             if c["result"] in RED and c["id"] not in told]
    shown = [r for r in results if "suppressions" not in r]
    check(len(shown) == len(open_) + len(alone), folder, len(shown), len(open_), len(alone))
    check(report["verdict"]["result"] == "pass" or shown, folder, "red, and nothing to see")
    code = {"pass": 0, "fail": 1, "inconclusive": 3}[report["verdict"]["result"]]
    check(sarif["runs"][0]["invocations"][0]["exitCode"] == code, folder)


def check_junit(folder, report):
    path = folder / "junit.xml"
    root = ET.parse(path).getroot()
    for e in root.iter():
        check(e.tag in ACCEPTED_ATTRIBUTES, folder, e.tag)
        check(set(e.attrib) <= ACCEPTED_ATTRIBUTES[e.tag], folder, e.tag, e.attrib)
        check(e.tag == "testcase" or "time" not in e.attrib or
              SUREFIRE_TIME.fullmatch(e.attrib["time"]), folder, e.attrib)
    no_shapes(path.read_text(encoding="utf-8"), report)
    cases = root.findall("testsuite/testcase")
    criteria = report["verdict"]["criteria"]
    check(len(cases) == len(criteria), folder, len(cases))
    child = {"pass": None, "accepted": "skipped", "reported": "skipped", "fail": "failure", "review": "failure",
             "inconclusive": "error"}
    for case, c in zip(cases, criteria):
        tags = [e.tag for e in case]
        result = "reported" if c["result"] == "pass" and c["limit"] is None else c["result"]
        check(tags == ([child[result]] if child[result] else []), folder, c["id"], tags)
        check(case.attrib["name"] == c["title"], folder, c["id"])


def main():
    schema = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    validator = jsonschema.Draft4Validator(schema)
    ours = Path(__file__).parent.parent.parent / "reports" / "report.schema.json"
    own = jsonschema.Draft202012Validator(json.loads(ours.read_text(encoding="utf-8")))
    for name in sys.argv[2:]:
        folder = Path(name)
        report = json.loads((folder / "report.json").read_text(encoding="ascii"))
        for e in own.iter_errors(report):
            check(False, folder, "/".join(map(str, e.absolute_path)), e.message[:200])
        check_sarif(folder, validator, report)
        check_junit(folder, report)
    accepted = json.loads((Path(sys.argv[-2]) / "report.sarif").read_text())
    check(any("suppressions" in r for r in accepted["runs"][0]["results"]), "nothing was accepted")


main()
