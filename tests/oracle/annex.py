#!/usr/bin/python3
"""The DPIA annex, held against the files it is made from.

usage: annex.py texts
       annex.py says FOLDER             of report.json, annex.html and annex.md
       annex.py docx FOLDER TEXT        what pandoc reads back
"""
import glob
import html
import json
import os
import re
import sys
import xml.etree.ElementTree as ET

import jsonschema

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
CODE = sorted(glob.glob(os.path.join(TOP, "src/report/annex*.[ch]"))) + [
    os.path.join(TOP, "src/report", f) for f in ("format_annex.c", "html_annex.c")]


def load(*path):
    with open(os.path.join(TOP, *path), encoding="utf-8") as f:
        return json.load(f)


OUTLINE, EN = load("reports/annex/outline.json"), load("reports/annex/en.json")


def must(ok, *what):
    if not ok:
        sys.exit(" ".join(map(str, what)))


# ---- texts ----

def flat(texts):
    return {f"{g}.{k}": v for g, t in texts.items() if isinstance(t, dict) for k, v in t.items()}


def call_at(code, at):
    """The arguments of a call as text, from its opening parenthesis on."""
    depth, i = 0, at
    while True:
        c = code[i]
        if c == '"':
            i += 1
            while code[i] != '"':
                i += 2 if code[i] == "\\" else 1
        depth += (c == "(") - (c == ")")
        i += 1
        if depth == 0:
            return code[at + 1:i - 1]


def used_keys(code):
    """Keys that stand in the code whole, those made by a format, and placeholders of FILLs."""
    whole = set(re.findall(r'"((?:%s)\.[A-Za-z0-9_.-]+)"' % "|".join(
        g for g, t in EN.items() if isinstance(t, dict)), code))
    made = set(re.findall(r'"([a-z]+\.(?:[A-Za-z0-9_-]*%s[A-Za-z0-9_.-]*)+)"', code))
    fills = {}
    for m in re.finditer(r"\b(?:FILL|dcr_annex_fill)\(", code):
        inside = call_at(code, m.end() - 1)
        key = re.match(r'\s*(?:a, )?"([a-z_]+\.[^"%]+)"', inside)
        if key:
            names = set(re.findall(r'[,(]\s*"([a-z]+)"\s*,', inside[key.end() - 1:]))
            fills.setdefault(key.group(1), []).append(names)
    columns = set()
    for m in re.finditer(r"\bTABLE\(", code):
        inside = call_at(code, m.end() - 1)
        depth, last = 0, 0
        parts = []
        for i, c in enumerate(inside):
            depth += (c == "(") - (c == ")")
            if c == "," and depth == 0:
                parts.append(inside[last:i].strip())
                last = i + 1
        parts.append(inside[last:].strip())
        columns |= {p.strip('"') for p in parts[1:] if re.fullmatch(r'"[a-z_0-9-]+"', p)}
    return whole, made, fills, columns


def names_in(text):
    """Of "{name}", and of "{name|one|many}", which is the form that fits a number."""
    return set(re.findall(r"\{(\w+)(?:\|[^{}|]+\|[^{}|]+)?\}", text))


def texts():
    schema = load("reports/annex.schema.json")
    files = glob.glob(os.path.join(TOP, "reports/annex/*.json"))
    must(len(files) >= 2, "no texts")
    for path in files:
        with open(path, encoding="utf-8") as f:
            doc = json.load(f)
        jsonschema.validate(doc, schema, cls=jsonschema.Draft202012Validator)
        if "language" not in doc:
            continue
        # a translation says the same, with the same names in it
        must(os.path.basename(path) == doc["language"] + ".json", path)
        mine, ref = flat(doc), flat(EN)
        must(set(mine) == set(ref), path, set(mine) ^ set(ref))
        for k, v in mine.items():
            must(names_in(v) == names_in(ref[k]), path, k)
    code = ""
    for path in CODE:
        with open(path, encoding="utf-8") as f:
            code += re.sub(r"^#\s*define.*?[^\\]$", "", f.read(), flags=re.S | re.M)
    whole, made, fills, columns = used_keys(code)
    have = flat(EN)
    for k in whole | {"columns." + c for c in columns}:
        must(k in have, "the code uses", k, "and en.json has it not")
    patterns = [re.compile("^" + re.escape(m).replace("%s", r"[\w.-]+") + "$") for m in made]
    idle = [k for k in have if not (k in whole or k.startswith("columns.") and k[8:] in columns or
                                    any(p.match(k) for p in patterns))]
    must(not idle, "nothing uses", *idle)
    for k, v in have.items():
        names = names_in(v)
        for given in fills.get(k, []):
            must(names <= given, k, "lacks values for", names - given)
        must(not names or k in fills or any(p.match(k) for p in patterns) or k.startswith("missing."),
             k, "has names and is never filled")
    outline(code, have)
    print(len(have), "texts, each used, each placeholder given")


def outline(code, have):
    """Sections, parts and questions; every answer has its place in the project file."""
    parts = set(re.findall(r"\bX\((\w+)\)", open(CODE[[os.path.basename(c) for c in CODE].index(
        "annex_impl.h")], encoding="utf-8").read()))
    told = {p for s in OUTLINE["sections"] for p in s["parts"] + s["after"]}
    must(told == parts - {"X"}, "parts", told ^ parts)
    project = load("rules/schemas/project.schema.json")
    for s in OUTLINE["sections"]:
        for what in ("title", "basis", "guide"):
            must(f"sections.{s['id']}.{what}" in have, s["id"], what)
        for q in s["questions"]:
            must("questions." + q["key"] in have, q)
            for key in filter(None, (q["key"], q.get("or"))):
                node = project
                for name in key.split("."):
                    must(name in node.get("properties", {}) or node.get("type") is None, key,
                         "has no place in the project file")
                    node = node.get("properties", {}).get(name, {})
    asked = {"questions." + q["key"] for s in OUTLINE["sections"] for q in s["questions"]}
    must({k for k in have if k.startswith("questions.")} == asked, "questions nobody asks")
    rules = {os.path.basename(p)[:-5] for p in glob.glob(os.path.join(TOP, "rules/checks/*.json"))}
    for r in [r for m in OUTLINE["mistakes"] for r in m["rules"]] + sum(
            (OUTLINE[k] for k in ("keys_in_files", "subgroups", "consent")), []):
        must(r in rules, "no rule", r)
    known = {a["keyword"] for a in load("rules/attributes.json")["attributes"]}
    for k in [s["keyword"] for s in OUTLINE["sensitive_attributes"]] + [OUTLINE["site"]] + OUTLINE["inventory"] + \
            OUTLINE["consent_attributes"]:
        must(k in known, "no attribute", k)
    for s in OUTLINE["sensitive_attributes"]:
        must("screening." + s["word"] in have, s)
    must(OUTLINE["finder"] in {a["id"] for a in load("rules/adversaries.json")["adversaries"]}, OUTLINE["finder"])
    with open(os.path.join(TOP, "src/rules/roles.c"), encoding="utf-8") as f:
        families = set(re.findall(r'"(private_\w+)"', f.read()))
    must(set(OUTLINE["private"]) <= families, set(OUTLINE["private"]) - families)
    kinds = {c["id"] for p in glob.glob(os.path.join(TOP, "rules/policies/*.json"))
             for c in json.load(open(p, encoding="utf-8"))["criteria"]}
    must(set(OUTLINE["criteria"]) <= kinds, set(OUTLINE["criteria"]) - kinds)
    # the outline of the standards folder, where it lies beside the project
    shared = os.path.join(TOP, "..", "shared", "standards", "08_dpia_annex_outline.json")
    if os.path.exists(shared):
        with open(shared, encoding="utf-8") as f:
            std = json.load(f)
        titles = [EN["sections"][s["id"] + ".title"] for s in OUTLINE["sections"]]
        must(titles == [s["heading"] for s in std["sections"]], "sections", titles)
        must([m["id"] for m in OUTLINE["mistakes"]] == [m["id"] for m in std["common_mistake_checks"]])


# ---- what it says ----

def given(project, key, other=None):
    v = project
    for name in key.split("."):
        v = v.get(name) if isinstance(v, dict) else None
    if v in (None, "", [], {}) and other:
        v = project.get(other)
        if key.startswith(other) and isinstance(v, dict):
            v = None
    return v not in (None, "", [], {})


def answers(doc):
    """key -> given, as sections 1 to 20 of the outline ask them."""
    p, out = doc["project"], {}
    for s in OUTLINE["sections"]:
        for q in s["questions"]:
            out[q["key"]] = given(p, q["key"], q.get("or"))
    for c in OUTLINE["screening"]:
        out["dpia.screening." + c] = given(p, "dpia.screening." + c)
    out["recipients"] = bool(p.get("recipients"))
    for i, r in enumerate(p.get("recipients", [])):
        for f in OUTLINE["recipient"]:
            out[f"{i}.{f}"] = f in r
    kept = [a for a in doc["attributes"] if (a["distinct"] or 0) > 0 and a["role"] in
            ("direct_identifier", "quasi_identifier", "sensitive", "unknown")]
    out["purpose"] = all(a["purpose"] for a in kept)
    out["claim"] = "claim" in p
    said = p.get("dpia", {}).get("register", {})
    rules = {f["rule"] for f in doc["findings"] if f["severity"] != "note"} | {"one-exam"}
    out["register"] = rules <= set(said)
    return out


def read(folder):
    with open(os.path.join(folder, "report.json"), encoding="utf-8") as f:
        doc = json.load(f)
    page = ET.parse(os.path.join(folder, "annex.html")).getroot()
    with open(os.path.join(folder, "annex.md"), encoding="utf-8") as f:
        md = f.read()
    return doc, page, md


def plain(md):
    """Markdown of ours without its escapes."""
    return html.unescape(re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", md)).replace("\u200b", "")


def says(folder):
    doc, page, md = read(folder)
    words = " ".join("".join(page.itertext()).split())
    md = plain(md)
    a = answers(doc)
    missing = sum(not v for v in a.values())
    line = (f"{missing} answers are missing, of {len(a)}." if missing > 1 else
            f"1 answer is missing, of {len(a)}." if missing else f"All {len(a)} answers are given.")
    for text, where in ((words, "annex.html"), (md, "annex.md")):
        must(line in text, where, "does not say", line)
        for s in OUTLINE["sections"]:
            must(EN["sections"][s["id"] + ".title"] in text, where, s["id"])
        for r in doc["verdict"]["recipients"]:
            must(r["name"] in text, where, r["name"])
        d = doc["dataset"]
        must(f"{d['subjects']} patients, {d['studies']} studies, {d['files']} files" in text, where)
        for e in ("policy", "rules"):
            must(doc["evidence"][e] in text, where, e)
    # one verdict for each recipient, from three words; and never that other one
    verdicts = [t for t in page.iter() if t.get("class", "").startswith("tag ")]
    for v in verdicts:
        must("anonym" not in "".join(v.itertext()).lower(), "a verdict says", "".join(v.itertext()))
    captions = [t for t in page.iter("caption") if t.text == EN["criteria"]["caption"]]
    must(len(captions) == 1, "tables of criteria", len(captions))
    table = next(t for t in page.iter("table") if captions[0] in list(t))
    rows = list(table.find("tbody"))
    must(len(rows) == max(1, len(doc["verdict"]["recipients"])), "rows", len(rows))
    for row, r in zip(rows, doc["verdict"]["recipients"]):
        cells = ["".join(c.itertext()) for c in row]
        kinds = [OUTLINE["criteria"].get(c, "other") for c in r["unmet"]]
        for column, kind in ((1, "singling-out"), (2, "linkability"), (4, "other")):
            n = kinds.count(kind)
            must(cells[column] == f"{n} not met" if n else "not met" not in cells[column], cells, r)
        word = {"pass": "criteria met", "fail": "criteria not met"}.get(r["result"], "cannot be decided")
        must(cells[5].endswith(word), cells, r["result"])
    mistakes(doc, page)
    print(missing, "of", len(a), "answers missing, as counted here;", len(rows), "verdicts")


def mistakes(doc, page):
    caption = next(t for t in page.iter("caption") if t.text == EN["mistakes"]["caption"])
    table = next(t for t in page.iter("table") if caption in list(t))
    for row, m in zip(table.find("tbody"), OUTLINE["mistakes"]):
        cells = ["".join(c.itertext()) for c in row]
        hit = [f for f in doc["findings"] if f["rule"] in m["rules"]]
        outside = m["id"] == "M5" and any(r.get("external") and "decision" not in r
                                          for r in doc["project"].get("recipients", []))
        want = ("found" if [f for f in hit if not f["acceptance"]] or outside else
                "found, accepted" if hit else
                "cannot be told" if m.get("needs") and m["needs"] not in doc["project"] else "not found")
        must(cells[0] == m["id"] and cells[2] == want, cells, want)


def docx(folder, path):
    doc, page, _ = read(folder)
    with open(path, encoding="utf-8") as f:
        text = " ".join(f.read().split())
    for s in OUTLINE["sections"]:
        must(EN["sections"][s["id"] + ".title"] in text, "DOCX lacks", s["id"])
    must("answers are missing" in text)
    must(doc["evidence"]["policy"][:20] in text.replace(" ", ""), "DOCX lacks digests")
    del page


def public(internal, edition):
    """The public edition says nothing that the internal one does not, but that things are left out:
    where a number or a row is missing, no "none", "met" or "not found" may come of it."""
    before, after = (plain(read(folder)[2]) for folder in (internal, edition))
    said = 0
    for key, text in flat(EN).items():
        if "left_out" in key or key == "document.public" or "{" in text or len(text) < 12 or text not in after:
            continue
        said += 1
        must(text in before, "only the public annex says", key)
    must(EN["words"]["part_left_out"] in after and EN["words"]["part_left_out"] not in before)
    must(said > 50, "texts that both say", said)


{"texts": texts, "says": says, "docx": docx, "public": public}[sys.argv[1]](*sys.argv[2:])
