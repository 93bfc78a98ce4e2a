#!/usr/bin/env python3
"""A cohort whose every string is hostile, through every command and format.  usage: hostile.py DCMRISK FOLDER

Names of files and folders, elements of every kind of text, private creators, CSV and JSON beside the images,
project file, policy, recipients, the folder of the reports, and a report.json in which every free text was
replaced.  Whatever comes out must be well-formed and inert: XML that parses and holds no element, attribute or
link that is not the program's, JSON that parses, UTF-8 without a control character, an escape or an override of
direction, Markdown whose texts stay text, lines that no CI takes for a command, CSV cells that are no formula.
"""
import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET

from faults import EXPLICIT, element, header, put
from privacy import BAD_CHARACTERS

SLOW = os.environ.get("MODE", "release") != "release"
MARK = "Hx7zh"  # in every hostile text: it is seen that they come out at all
TEXTS = [
    f"<script>alert('{MARK}')</script>", f"]]>{MARK}<![CDATA[", f"\"'`&lt;&#27;&{MARK};<", f"<!--{MARK}", f"--><b>{MARK}",
    f"</td></tr></table></svg></style></script><img src=x onerror=alert(1)>{MARK}", f"<a href=javascript:1>{MARK}</a>",
    f"=HYPERLINK(\"http://x.invalid/{MARK}\")", f"+1+cmd|'/C {MARK}'!A0", f"-2+3+{MARK}", f"@SUM({MARK})",
    f"\x1b[31m{MARK}\x1b[0m", f"\x1b]0;{MARK}\x07", f"\x9b31m{MARK}", f"\u202e{MARK}\u2066\u200f", f"{MARK}\u2028x\u2029y\ufeff",
    f"a\0b{MARK}", f"x\r\n::error::{MARK}\n::set-output name=x::{MARK}", f"\n\n# {MARK}\n\n* x", f"[{MARK}](javascript:alert(1))",
    f"![{MARK}](http://x.invalid/a.png)", f"http://x.invalid/{MARK}", f"a|b|{MARK}|", f"```\n{MARK}\n```", f"$(reboot) `{MARK}` ${{x}}",
    f"{{{{7*7}}}}{{%{MARK}%}}", f"%s%n%p{MARK}", f"../../{MARK}", f"{MARK} <details><summary>", f"<iframe src=//x.invalid>{MARK}",
    f"{MARK}{'Z' * 65000}", f"\ud83d{MARK}".encode("utf-8", "replace").decode(), f"{MARK}\U000e0041\U0001f600"]
BYTES = [b"\xff\xfe" + MARK.encode() + b"\xc3(", b"\xc0\xae" + MARK.encode(), b"\xed\xa0\x80" + MARK.encode()]
ELEMENTS = [  # kinds of text an exam has, with the most bytes of a value as the file format bounds it
    (8, 0x50, b"SH"), (8, 0x70, b"LO"), (8, 0x80, b"LO"), (8, 0x81, b"ST"), (8, 0x90, b"PN"), (8, 0x1010, b"SH"),
    (8, 0x1030, b"LO"), (8, 0x103E, b"LO"), (8, 0x1040, b"LO"), (8, 0x1070, b"PN"), (8, 0x1090, b"LO"), (0x10, 0x10, b"PN"),
    (0x10, 0x21, b"LO"), (0x10, 0x30, b"DA"), (0x10, 0x40, b"CS"), (0x10, 0x1010, b"AS"), (0x10, 0x1040, b"LO"),
    (0x10, 0x2160, b"SH"), (0x10, 0x4000, b"LT"), (0x12, 0x62, b"CS"), (0x12, 0x63, b"LO"), (0x18, 0x15, b"CS"),
    (0x18, 0x1000, b"LO"), (0x18, 0x1020, b"LO"), (0x18, 0x1030, b"LO"), (0x20, 0x10, b"SH"), (0x20, 0x4000, b"LT"),
    (0x28, 0x301, b"CS"), (0x32, 0x1060, b"LO"), (0x40, 0x254, b"LO")]


def cut(text, most=65000):
    data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    return data[:most]


# ---- what is read ----

def dicom_files(tree):
    """Each text in each element once, in as many files as there are texts; each also a creator."""
    texts = TEXTS + BYTES
    for i, own in enumerate(texts):
        elements = [(8, 5, b"CS", b"ISO_IR 192"), (8, 0x16, b"UI", b"1.2.840.10008.5.1.4.1.1.7"),
                    (8, 0x18, b"UI", f"2.25.4{i}".encode()), (8, 0x20, b"DA", b"20240105"),
                    (8, 0x60, b"CS", b"CT" if i % 3 else cut(own, 40)), (0x10, 0x20, b"LO", cut(own, 200) + str(i).encode()),
                    (0x20, 0xD, b"UI", f"2.25.5{i}".encode()), (0x20, 0xE, b"UI", f"2.25.6{i}".encode())]
        elements += [(g, n, vr, cut(texts[(i + j) % len(texts)])) for j, (g, n, vr) in enumerate(ELEMENTS)]
        elements += [(0x29, 0x10, b"LO", cut(own)), (0x29, 0x1001, b"LO", cut(texts[i - 1])),
                     (0x29, 0x1002, b"UT", cut(texts[i - 2])), (0x31, 0x10, b"LO", b"ACME " + MARK.encode()),
                     (0x31, 0x1001, b"OB", b'{"' + cut(own, 300).replace(b'"', b"") + b'": "x"}'),
                     (0x31, 0x1002, b"OB", b"<a b='" + cut(own, 300) + b"'/>")]
        name = cut(own, 120).replace(b"/", b"_").replace(b"\0", b"_")
        folder = os.path.join(tree.encode(), name) if i % 2 else tree.encode()
        os.makedirs(folder, exist_ok=True)
        put(os.path.join(folder, name + b".dcm"), header(EXPLICIT) + b"".join(
            element(*e) for e in sorted(elements, key=lambda e: e[:2])))
        put(os.path.join(folder, name + b".bad.dcm"), b"\0" * 128 + b"DICM" + cut(own, 400))
        put(os.path.join(folder, name + (b".csv", b".json", b".zip", b".bin")[i % 4]), cut(own, 400))


def table(path):
    """A CSV of hostile headers and cells; its columns."""
    columns = ["PatientID"] + [t for t in TEXTS if "\0" not in t]
    with open(path, "w", encoding="utf-8", newline="") as f:
        w = csv.writer(f)
        w.writerow(columns)
        for i in range(30):
            w.writerow([f"P{i}"] + [TEXTS[(i + j) % len(TEXTS)].replace("\0", "")[:200] for j in range(len(columns) - 1)])
    return columns


def plain(text):
    return text.replace("\0", " ")


def project(path):
    texts = [plain(t) for t in TEXTS]
    j = {"schema": "dcmrisk-project/1", "title": texts[0], "requester": texts, "protocol": texts[11], "purposes": texts,
         "recipients": [{"name": t, "policy": "public-release", "adversary": "public", "note": t} for t in texts],
         "linkage_table": texts[1], "retention": texts[2], "transfers": texts}
    j["accept"] = [{"id": t, "rule": "link-key-source-like", "path": t, "reason": t, "who": t, "expires": "2099-01-01",
                    "ceiling": 5} for t in texts]
    j["purpose"] = {"0010,0040": texts[4], "0008,0020": texts[5]}
    with open(path, "w", encoding="utf-8") as f:
        json.dump(j, f)


def policy(path, top):
    with open(os.path.join(top, "rules/policies/public-release.json"), encoding="utf-8") as f:
        p = json.load(f)
    p["title"], p["version"] = plain(TEXTS[0]), plain(TEXTS[1])
    for i, c in enumerate(p["criteria"]):
        c["title"] = c["source"] = plain(TEXTS[i % len(TEXTS)])
    with open(path, "w", encoding="utf-8") as f:
        json.dump(p, f)


OUR_HTML = re.compile(r"\s*(?:</?(?:details|summary|span|br|sub|sup)\s*/?>|<summary>[^<>]*</summary>|\s)*\s*")
FREE = {"title", "note", "why", "remedy", "detail", "path", "keyword", "creator", "shape", "purpose", "sentence", "change",
        "how", "what", "basis", "acceptance", "name", "scheme_title", "reason", "title", "doubt", "concept", "version",
        "modality", "sop_class", "limit", "unit", "edition", "uids", "tool"}
LISTS = {"names", "values", "references", "assumptions", "limits", "carriers", "inputs", "rows", "columns", "concepts", "rules"}


def replaced(j, n, key=""):
    """The report with every free text replaced by the next hostile one."""
    if isinstance(j, dict):
        return {k: replaced(v, n, k) for k, v in j.items()}
    if isinstance(j, list):
        return [replaced(v, n, key) for v in j]
    if isinstance(j, str) and (key in FREE or key in LISTS):
        n[0] += 1
        return plain(TEXTS[n[0] % len(TEXTS)])
    return j


# ---- what is written ----

class Check:
    def __init__(self):
        self.bad, self.outputs, self.marks = [], 0, 0

    def say(self, what, text):
        self.bad.append(f"{what}: {text}"[:300])

    def characters(self, what, text):
        m = BAD_CHARACTERS.search(text)
        if m:
            self.say(what, f"U+{ord(m.group(0)):04X} in {text[max(0, m.start() - 40):m.end() + 40]!r}")

    def xml(self, what, text):
        try:
            root = ET.fromstring(text)
        except ET.ParseError as e:
            return self.say(what, f"not well-formed: {e}")
        scripts = 0
        for e in root.iter():
            tag = e.tag.rpartition("}")[2] if isinstance(e.tag, str) else ""
            scripts += tag == "script"
            if tag in ("img", "iframe", "object", "embed", "base", "form", "link") or tag == "a" and \
                    not e.get("href", "#").startswith("#"):
                self.say(what, f"<{tag} {e.attrib}>"[:200])
            if any(k.lower().startswith("on") or k == "srcdoc" for k in e.attrib):
                self.say(what, f"<{tag} {e.attrib}>"[:200])
            if tag in ("script", "style") and MARK in "".join(e.itertext()):
                self.say(what, f"a text stands in <{tag}>")
        if scripts > 1:
            self.say(what, f"{scripts} scripts")
        return None

    def markdown(self, what, text):
        """As a reader of GitHub's sees it: no link, no picture, no HTML that is not the program's own."""
        if shutil.which("cmark-gfm") is None:
            return
        headings = 0
        xml = subprocess.run(["cmark-gfm", "--unsafe", "-t", "xml", "-e", "table", "-e", "autolink", "-e", "strikethrough",
                              "-e", "tasklist"], input=text.encode(), stdout=subprocess.PIPE, check=True).stdout
        for e in ET.fromstring(re.sub(rb"<!DOCTYPE[^>]*>", b"", xml)).iter():
            tag = e.tag.rpartition("}")[2]
            if tag in ("link", "image"):
                self.say(what, f"{tag} to {e.attrib}")
            if tag.startswith("html_") and not OUR_HTML.fullmatch(e.text or ""):
                self.say(what, f"HTML: {(e.text or '')[:100]!r}")
            headings += tag == "heading" and MARK in "".join(e.itertext())
        if headings > 1:
            self.say(what, f"{headings} headings hold a text; the first may, with the title of the project")

    def one(self, what, name, data):
        self.outputs += 1
        self.marks += data.count(MARK.encode())
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as e:
            return self.say(what, f"no UTF-8: {e}")
        self.characters(what, text)
        if name.endswith((".html", ".xml")):
            self.xml(what, text)
        elif name.endswith((".json", ".sarif")):
            try:
                json.loads(text)
            except ValueError as e:
                self.say(what, f"no JSON: {e}")
            if name.endswith(".json") and not text.isascii():
                self.say(what, "JSON that is not ASCII")
        elif name.endswith(".md"):
            self.markdown(what, text)
        elif name.endswith(".csv"):
            for row in csv.reader(io.StringIO(text, newline="")):
                for cell in row:
                    if re.match(r"[=+@\t\r]|-(?![0-9.]+$)", cell):
                        self.say(what, f"a formula: {cell[:60]!r}")
        if not name.endswith((".html", ".xml", ".json", ".sarif")):
            for line in text.splitlines():
                if re.match(r"\s*::[a-z-]+.*::|\s*##\[|\s*##vso\[", line):
                    self.say(what, f"a CI takes this for a command: {line[:80]!r}")
        return None


def tried():
    """What must be found wrong, each by the check of its kind."""
    cases = [("x.html", "<p><script>1</script><script>1</script></p>"), ("x.html", "<p onclick='x'/>"), ("x.html", "<p>]]></p"),
             ("x.html", f"<style>{MARK}</style>"), ("x.xml", "<a href='http://x'/>"), ("x.json", "{"), ("x.json", '"\u00e9"'),
             ("x.sarif", "{]"), ("x.txt", "\x1b[31m"), ("x.txt", "\u202ex"), ("x.txt", "::error::x"), ("x.csv", "1,=x\r\n")]
    if shutil.which("cmark-gfm"):
        cases += [("x.md", "[a](b)"), ("x.md", "![a](b)"), ("x.md", "a <b>x</b>"), ("x.md", "http://x.org/"),
                  ("x.md", f"# {MARK}\n\n# {MARK}\n")]
    missed = []
    for name, text in cases:
        check = Check()
        check.one("", name, text.encode())
        missed += [] if check.bad else [f"not seen in {name}: {text!r}"]
    return missed


def run(check, what, dcmrisk, args, out=None, stdout=".txt", status=(0, 1, 3)):
    r = subprocess.run([dcmrisk, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, timeout=300)
    if r.returncode not in status:
        check.say(what, f"status {r.returncode}: {r.stderr[-200:]!r}")
    check.one(f"{what}, stdout", stdout, r.stdout)
    check.one(f"{what}, stderr", ".txt", r.stderr)
    for d, _, names in os.walk(out or ""):
        for n in sorted(names):
            with open(os.path.join(d, n), "rb") as f:
                check.one(f"{what}, {n}", n, f.read())


def formats_of(dcmrisk):
    text = subprocess.run([dcmrisk, "report", "--help"], stdout=subprocess.PIPE, check=True).stdout.decode()
    found = re.search(r"what to write: ([a-z, ]+)", re.sub(r"\s+", " ", text)).group(1)
    return ",".join(w for w in found.replace(" ", "").split(",") if w)


def assessments(check, dcmrisk, folder, top, formats):
    tree, scan = os.path.join(folder, "tree"), os.path.join(folder, "scan")
    own, judged = os.path.join(folder, "project.json"), os.path.join(folder, "policy.json")
    dicom_files(tree)
    project(own)
    policy(judged, top)
    table(os.path.join(folder, "beside.csv"))
    ways = [[], ["--show-values"], ["--show-paths"], ["--show-values", "--show-paths"], ["--audience", "public"]]
    for i, options in enumerate(ways):
        out = os.path.join(folder, f"out{i}" if i else f"out {plain(TEXTS[0]).replace('/', '_')}\x1b[31m\u202e")
        run(check, f"assess {options}", dcmrisk, ["assess", tree, "--scan", scan, "--out", out, "--format", formats,
                                                  "--stats", "--project", own, "--policy", judged, *options], out)
    out = os.path.join(folder, "beside")
    run(check, "assess --table", dcmrisk, ["assess", scan, "--out", out, "--format", formats, "--join", "PatientID", "--table",
                                           os.path.join(folder, "beside.csv"), "--table-qi", "PatientID"], out, status=(0, 1, 2, 3))
    for options in ([], ["--private"], ["--show-values"]):
        run(check, f"inspect {options}", dcmrisk, ["inspect", scan, *options])
        run(check, f"inspect json {options}", dcmrisk, ["inspect", scan, "--format", "json", *options], stdout=".json")
    for bad in [t for t in TEXTS if "\0" not in t and len(t) < 500][::4 if SLOW else 2]:
        for args in (["assess", tree, "--policy", bad], ["report", bad], ["assess", bad, "--out", os.path.join(folder, "x")],
                     ["inspect", scan, bad], ["table", bad, "--qi", bad], ["rules", "show", bad], [bad], ["assess", f"--{bad}"],
                     ["report", os.path.join(folder, "out1/report.json"), "--format", bad]):
            run(check, f"{args[0]!r:.20} {bad!r:.40}", dcmrisk, args, status=(0, 1, 2, 3, 4))
    with open(os.path.join(folder, "out1/report.json"), encoding="utf-8") as f:
        report = json.load(f)
    changed = os.path.join(folder, "changed.json")
    for start in range(3):
        with open(changed, "w", encoding="utf-8") as f:
            json.dump(replaced(report, [start * 11]), f)
        for options in ([], ["--audience", "public"]):
            out = os.path.join(folder, f"changed{start}{len(options)}")
            run(check, f"report of a changed one {start} {options}", dcmrisk,
                ["report", changed, "--out", out, "--format", formats, *options], out)


def tables(check, dcmrisk, folder):
    path = os.path.join(folder, "table.csv")
    columns = table(path)
    for i in range(1, len(columns), 6):
        qi = ",".join('"' + c.replace('"', '""') + '"' for c in columns[i:i + 6])
        out = os.path.join(folder, "records")
        os.makedirs(out, exist_ok=True)
        args = ["table", path, "--qi", qi, "--metrics", "all"]
        run(check, f"table {i}", dcmrisk, [*args, "--records", os.path.join(out, "records.csv")], out, status=(0, 2))
        run(check, f"table json {i}", dcmrisk, [*args, "--format", "json"], stdout=".json", status=(0, 2))


def main(argv):
    dcmrisk, folder = os.path.abspath(argv[1]), os.path.abspath(argv[2])
    top = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
    os.environ["SOURCE_DATE_EPOCH"] = "1790000000"
    check = Check()
    check.bad += tried()
    formats = formats_of(dcmrisk)
    assessments(check, dcmrisk, folder, top, formats)
    tables(check, dcmrisk, folder)
    for line in check.bad[:60]:
        print(f"WRONG: {line}".encode("ascii", "backslashreplace").decode())
    print(f"formats {formats}; {check.outputs} outputs, {check.marks} marks of hostile texts in them; {len(check.bad)} wrong")
    if check.marks < 1000:
        print("too few: most of the hostile texts never came out, so nothing was tried")
        return 1
    return 1 if check.bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
