#!/usr/bin/env python3
"""What leaves the program.  usage: privacy.py MKCOHORT DCMRISK SPECS FOLDER

Runs every command on cohorts with planted names, numbers, dates and sites, and on hand-made files
with hostile values, and looks for any of them in everything that is written.
"""
import json
import os
import re
import shutil
import struct
import subprocess
import sys

from faults import EXPLICIT, claims, element, header, put

COHORTS = ("edge", "demo", "trailing")
DATE = re.compile(r"(?:18|19|20)[0-9]{2}[01][0-9][0-3][0-9]")
TOKEN = re.compile(rb"q[zx0-9]{0,2}\d{4}z[^a-z0-9]?q", re.I)
BAD_CHARACTERS = re.compile("[\x00-\x08\x0b-\x1f\x7f\x80-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


class Check:
    def __init__(self, dcmrisk, folder):
        self.dcmrisk, self.folder, self.bad, self.n = dcmrisk, folder, [], 0
        text = subprocess.run([dcmrisk, "assess", "--help"], stdout=subprocess.PIPE, check=True).stdout
        words = re.sub(rb"\s+", b" ", text)
        self.formats = re.search(rb"formats to write: ([a-z, ]+)", words).group(1).decode()
        self.formats = ",".join(w for w in self.formats.replace(" ", "").split(",") if w)
        text = subprocess.run([dcmrisk, "--help"], stdout=subprocess.PIPE, check=True).stdout
        self.commands = re.findall(r"^  ([a-z]+) ", text.decode(), re.M)

    def say(self, text):
        self.bad.append(text)

    def outputs(self, tree, *more):
        """Everything that is written about a dataset: {what: bytes}."""
        self.n += 1
        out = os.path.join(self.folder, "out", str(self.n))
        os.makedirs(out)
        reports, scan = os.path.join(out, "r"), os.path.join(out, "scan")
        runs = {"assess": ["assess", tree, "--out", reports, "--format", self.formats, "--scan", scan,
                           "--stats", *more],
                "report": ["report", os.path.join(reports, "report.json"), "--out",
                           os.path.join(out, "again"), "--format", self.formats],
                "rules": ["rules", "list"]}
        if "inspect" in self.commands:
            shown = [m for m in more if m == "--show-values"]
            for name, options in (("inspect", []), ("inspect json", ["--format", "json"]),
                                  ("inspect private", ["--private"])):
                runs[name] = ["inspect", scan, *options, *shown]
        found = {}
        for name, args in runs.items():
            r = subprocess.run([self.dcmrisk, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               check=False, timeout=100)
            if r.returncode not in (0, 1, 3):
                self.say(f"{' '.join(args[:1])} {name}: status {r.returncode}: {r.stderr[-200:]!r}")
            found[f"{name} stdout"], found[f"{name} stderr"] = r.stdout, r.stderr
        for d, _, names in os.walk(out):
            for f in names:
                if os.path.join(d, f) != scan:
                    with open(os.path.join(d, f), "rb") as h:
                        found[os.path.relpath(os.path.join(d, f), out)] = h.read()
        return found, scan, reports


# ---- what was planted ----

def forms(value):
    """Ways in which a value could be written."""
    yield value
    for separator in "^=\\":
        if separator in value:
            for other in (" ", ", ", "-", "_", ""):
                yield value.replace(separator, other)
    for part in re.split(r"[\^=\\ ,;/._\-0-9]+", value):
        if len(part) >= 4:
            yield part
    digits = re.sub(r"\D", "", value)
    if len(digits) >= 5:
        yield digits
    for d in DATE.findall(value):
        y, m, day = d[:4], d[4:6], d[6:]
        yield from (d, f"{y}-{m}-{day}", f"{y}.{m}.{day}", f"{y}/{m}/{day}", f"{day}.{m}.{y}",
                    f"{m}/{day}/{y}", f"{day}/{m}/{y}")


IDENTITY = {0x00080050, 0x00080080, 0x00080081, 0x00081040, 0x00100020, 0x00100010, 0x00100030,
            0x00101000, 0x00101001, 0x00101040, 0x00102154, 0x00102160, 0x00102180, 0x00104000,
            0x00181000, 0x00181002, 0x00081010, 0x00200010, 0x00204000, 0x00081048, 0x00081050,
            0x00081060, 0x00081070}
PUBLIC_WORDS = {"none", "unknown", "anonymous", "anonymized", "removed", "hospital", "patient", "head",
                "chest", "abdomen", "radiology", "clinic", "university", "center", "centre", "medical",
                "street", "institute", "department", "general", "regional", "imaging", "test"}


def values_in_files(folder):
    """Names, numbers, dates and sites as pydicom finds them; empty without pydicom."""
    try:
        import pydicom
    except ImportError:
        return {}
    import warnings
    warnings.simplefilter("ignore")
    pydicom.config.settings.reading_validation_mode = 0
    found = {}
    for d, _, names in os.walk(folder):
        for f in names:
            try:
                ds = pydicom.dcmread(os.path.join(d, f), stop_before_pixels=True)
            except Exception:  # not DICOM, or broken: not this test's business
                continue
            for e in ds.iterall():
                if e.VR == "PN" or e.tag in IDENTITY or e.VR in ("DA", "DT") or (
                        e.VR == "UI" and e.tag not in (0x00080016, 0x00020010, 0x00081150)):
                    for v in (e.value if e.VM > 1 else [e.value]):
                        found.setdefault(str(v).strip(" \0"), f"{e.tag}")
    return found


def needles(check, name, tree, truth):
    """{form: where it is from} of all that must not be seen."""
    wanted = {p["value"]: p["kind"] for p in truth["planted"]}
    wanted.update({v: w for v, w in values_in_files(tree).items() if v not in wanted})
    with open(os.path.join(check.folder, "public"), encoding="utf-8") as f:
        public = f.read().lower()
    found = {}
    for value, where in wanted.items():
        for form in forms(value):
            low = form.lower()
            if len(low) >= 4 and low not in PUBLIC_WORDS and low not in public and \
                    not re.fullmatch(r"[0x*?.\-_ ^]*", low) and not low.startswith("1.2.840.10008."):
                found.setdefault(low, f"{name}, {where}")
    return found


def search(check, outputs, wanted):
    for what, data in outputs.items():
        text = data.decode("utf-8", "replace").lower()
        for form, where in wanted.items():
            at = text.find(form)
            while at >= 0:
                before, after = text[at - 1:at], text[at + len(form):at + len(form) + 1]
                # digits inside of a longer run of digits or a digest are something else
                if not (form.isdigit() and (before.isalnum() or after.isalnum() or
                                            before == "." or after == ".")):
                    check.say(f"{what}: {form!r} ({where}): ...{text[max(0, at - 40):at + 60]!r}")
                    break
                at = text.find(form, at + 1)


def planted(check, mkcohort, specs):
    for name in COHORTS:
        here = os.path.join(check.folder, name)
        subprocess.run([mkcohort, os.path.join(specs, f"{name}.json"), here], check=True,
                       stdout=subprocess.DEVNULL)
        with open(os.path.join(here, "truth.json"), encoding="utf-8") as f:
            truth = json.load(f)
        tree = os.path.join(here, "dicom")
        wanted = needles(check, name, tree, truth)
        outputs, _, _ = check.outputs(tree)
        search(check, outputs, wanted)
        if len(wanted) < 10:
            check.say(f"{name}: only {len(wanted)} values to look for")
        shown, _, _ = check.outputs(tree, "--show-values")
        text = shown["r/report.json"].decode().lower()
        if not any(form in text for form in wanted):
            check.say(f"{name}: --show-values shows nothing, so nothing would be found without it")


# ---- hostile values; each holds a token ----

COLUMN = "Wutzlhofer Zyxomira"  # reads as the name of a column
HTML = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&"


def private(group, creator, value=b"x", block=0x10):
    return element(group, block, b"LO", creator) + element(group, block << 8 | 1, b"LO", value)


def hostile_files(folder):
    """Files of one patient each; every value that can be hostile is."""
    number = iter(range(1000, 9999))

    def token(text="{}"):
        return text.format(f"Qz{next(number)}zq").encode("utf-8")

    def file(name, body, meta_uid=None, patient=None):
        ids = {(8, 0x16): b"1.2.840.10008.5.1.4.1.1.7", (8, 0x18): f"2.25.77{len(done)}".encode(),
               (8, 0x60): b"CT", (0x10, 0x20): patient or token("ID {}"),
               (0x20, 0xD): f"2.25.88{len(done)}".encode(), (0x20, 0xE): f"2.25.99{len(done)}".encode()}
        vr = {(8, 0x60): b"CS", (0x10, 0x20): b"LO"}
        own = {(e[0], e[1]) for e in body}
        all_ = [(g, n, vr.get((g, n), b"UI"), v) for (g, n), v in ids.items() if (g, n) not in own]
        all_ += [e for e in body if len(e) == 4]
        raw = b"".join(element(*e) for e in sorted(all_, key=lambda e: (e[0], e[1])))
        done.append(name)
        os.makedirs(os.path.dirname(os.path.join(folder, name)), exist_ok=True)
        put(os.path.join(folder, name), header(EXPLICIT) + raw)

    done = []
    charset = (8, 5, b"CS", b"ISO_IR 192")
    file("html.dcm", [charset, (8, 0x1030, b"LO", token(HTML[:20] + "{}")),
                      (8, 0x103E, b"LO", token("<b>{}</b>")), (0x10, 0x10, b"PN", token("{}^<i>")),
                      (0x10, 0x4000, b"LT", token("</td></table>{}" + HTML)),
                      (0x20, 0x4000, b"LT", token("{{}}{} ${{{{7*7}}}} %s%n"))])
    file("control.dcm", [charset, (8, 0x80, b"LO", token("\x1b[31m{}\x1b[0m\x07")),
                         (8, 0x1030, b"LO", token("\u202e{}\u2066\u200f")),
                         (8, 0x103E, b"LO", token("a\x00b{}\r\nINJECTED: 1")),
                         (0x10, 0x4000, b"LT", token("\x9b31m{}\x85"))])
    file("formula.dcm", [(8, 0x80, b"LO", token("=HYPERLINK(\"http://x/{}\")")),
                         (8, 0x1030, b"LO", token("@SUM({})")), (8, 0x103E, b"LO", token("-2+3+{}"))])
    # values that a report prints or could print: codes, enumerations, units, UIDs
    file("codes.dcm", [(8, 0x60, b"CS", token("{}")), (0x18, 0x15, b"CS", token("{}")),
                       (0x28, 0x301, b"CS", token("{}")), (8, 0x16, b"UI", token("1.2.{}")),
                       (8, 8, b"CS", token("ORIGINAL\\{}")), (0x28, 0x303, b"CS", token("{}")),
                       (0x12, 0x62, b"CS", token("{}")), (0x12, 0x63, b"LO", token("{}")),
                       (0x10, 0x40, b"CS", token("{}")), (0x10, 0x1010, b"AS", token("{}")),
                       (0x7FE0, 0x10, b"OW", bytes(8))])
    file("dates.dcm", [(8, 0x20, b"DA", token("{}")), (8, 0x22, b"DA", b"20\x1b[1m99"),
                       (8, 0x30, b"TM", token("{}")), (0x10, 0x30, b"DA", token("19{}")),
                       (8, 0x70, b"LO", token("{}")), (8, 0x1090, b"LO", token("{}")),
                       (0x18, 0x1000, b"LO", token("{}")), (8, 0x1010, b"SH", token("{}"))])
    file("charset.dcm", [(8, 5, b"CS", token("ISO_IR {}")), (0x10, 0x10, b"PN", token("{}") + b"\xff\xfe")])
    # creators
    for i, creator in enumerate((
            token("{}^HANS"), token("<script>{}"), token("A{{{}}}B"), token("{{{}"), token("{}}}"),
            token("{}/0010,0010"), token("X/{}{{Y}}/Z"), token("a,b{}\"'"), token("\x1b[31m{}"),
            token("SIEMENS CSA HEADER/{}"), token("{} ") + b"L" * 3000, token("\u202e{}"),
            token("[{}]"), token("{}:csa/x"), b"\xff\xfe" + token("{}"))):
        file(f"creator{i:02}.dcm", [charset] + [
            (0x29, 0x10, b"LO", creator), (0x29, 0x1001, b"LO", token()),
            (0x29, 0x1002, b"SQ", struct.pack("<HHI", 0xFFFE, 0xE000, len(private(0x31, creator))) +
             private(0x31, creator))], patient=f"P{i}".encode())
    # a creator of a block that is not there, a VR that is none, odd tags
    file("orphan.dcm", [(0x33, 0x1001, b"LO", token()), (0x35, 0x1, b"LO", token())])
    put(os.path.join(folder, "vr.dcm"), header(EXPLICIT) + b"".join([
        element(8, 0x16, b"UI", b"1.2.840.10008.5.1.4.1.1.7"), element(0x10, 0x20, b"LO", b"VR"),
        element(0x10, 0x2110, b"<b", token()), element(0x10, 0x2160, b"Qz", token())]))
    # names of files and folders, of those that are not read as well
    for name in ("Qz9001zq/<img src=x onerror=alert(1)>.dcm", "\x1b[31mQz9002zq\n\u202e.dcm"):
        file(name, [], patient=b"PATH")
    for name in ("Qz9003zq.dcm", "Qz9004zq.csv", "Qz9005zq/Qz9006zq.zip"):
        os.makedirs(os.path.dirname(os.path.join(folder, name)), exist_ok=True)
        put(os.path.join(folder, name), b"Qz9007zq,broken\n")
    os.symlink("Qz9008zq", os.path.join(folder, "Qz9009zq"))
    # files beside the images: names of columns and keys are values too
    for name, text in (
            ("side.csv", '{},"<b>{}</b>",patient_name,old_id,new_id\n{},"=SUM({})",{},{},{}\n'),
            ("data.csv", '{}^JANE,12\n{}^JOE,13\n'), ("tabs.tsv", "MRN {}\t{} <i>\n\x1b[31m{}\t\u202e{}\n"),
            ("side.json", '{{"{}": {{"<script>{}": ["{}", "\\u001b[1m{}"]}}, "PatientName": "{}"}}'),
            ("map.json", '{{"{}12": "{}34", "{}56": "{}78"}}'), ("broken.json", '{{"{}": '),
            ("keys.csv", "{}\n{}\n"), ("note.txt", "Dr. {} <script>{}</script>\nMRN {}\n\x1b]0;{}\x07"),
            ("page.xml", "<?xml version='1.0'?><a b='{}'>{}</a>")):
        parts = text.count("{}")
        put(os.path.join(folder, name), text.format(*[token().decode() for _ in range(parts)]).encode("utf-8"))
    put(os.path.join(folder, "names.csv"), COLUMN.encode() + b",age\n1,2\n")
    put(os.path.join(folder, "names.json"), b'{"a": {"' + COLUMN.encode() + b'": 1, "b": {}}}')
    nifti = bytearray(400)
    nifti[0:2], nifti[344:348], nifti[148:158] = b"\x5c\x01", b"n+1\0", token().ljust(10)
    put(os.path.join(folder, "volume.nii"), bytes(nifti))
    # cut within a name, and bytes before and after
    whole = header(EXPLICIT) + element(0x10, 0x10, b"PN", token("{}^CUT"))
    put(os.path.join(folder, "cut.dcm"), whole[:-3])
    put(os.path.join(folder, "around.dcm"), (token("preamble {}") + bytes(128))[:128] + whole[128:] +
        claims(0xFFFC, 0xFFFC, b"OB", 16) + token("tail {}")[:16].ljust(16) + token("behind {}"))


def harmless(check, what, data):
    """HTML, text and JSON that carry values: nothing of them acts on who reads it."""
    text = data.decode("utf-8", "replace")
    if what.endswith(".html") or what.endswith(".htm"):
        for m in re.finditer(r"<(script|img|iframe|object|embed|link)\b[^>]*>", text, re.I):
            if "alert" in m.group(0) or "src=x" in m.group(0) or "onerror" in m.group(0):
                check.say(f"{what}: {m.group(0)[:80]!r}")
        for bad in ("<b>Qz", "<script>alert", "<script>Qz", "<img src=x", "</table>Qz", "<i>"):
            if bad.lower() in text.lower():
                at = text.lower().find(bad.lower())
                check.say(f"{what}: {text[at - 30:at + 60]!r}")
    if what.endswith(".json") or what == "inspect json stdout":
        try:
            json.loads(text)
        except ValueError as e:
            check.say(f"{what}: no JSON: {e}")
        text = ""  # JSON escapes what must be; others are text that a terminal need not see
    m = BAD_CHARACTERS.search(text)
    if m:
        check.say(f"{what}: character U+{ord(m.group(0)):04X} in {text[max(0, m.start() - 30):m.end() + 30]!r}")


def hostile(check, mkcohort, specs):
    here = os.path.join(check.folder, "hostile")
    subprocess.run([mkcohort, os.path.join(specs, "clean.json"), here], check=True,
                   stdout=subprocess.DEVNULL)
    tree = os.path.join(here, "dicom")
    hostile_files(tree)
    outputs, _, _ = check.outputs(tree)
    for what, data in outputs.items():
        for m in sorted(set(TOKEN.findall(data)))[:5]:
            at = data.find(m)
            check.say(f"{what}: {data[max(0, at - 50):at + 40]!r}")
        if COLUMN[:10].lower().encode() in data.lower() or COLUMN[11:].lower().encode() in data.lower():
            check.say(f"{what}: names a column that nobody knows")
        harmless(check, what, data)
    for options in (["--show-values"], ["--show-paths"], ["--show-values", "--show-paths"]):
        outputs, _, reports = check.outputs(tree, *options)
        for what, data in outputs.items():
            harmless(check, what, data)
        report = json.loads(outputs["r/report.json"])
        for k in ("show_values", "show_paths"):
            if report["run"]["options"][k] != ("--" + k.replace("_", "-") in options):
                check.say(f"{options}: the report does not say so")
        found = TOKEN.findall(outputs["r/report.json"])
        if not found:
            check.say(f"{options}: shows nothing, so nothing would be found without it")
        if "--show-values" not in options:
            for m in sorted(set(found)):
                if not m.startswith((b"Qz90", b"qz90")):
                    check.say(f"{options}: shows a value: {m!r}")


# ---- creators: a name that many share is a vendor's, one that few have may be a patient's ----

def creators(check, mkcohort, specs):
    here = os.path.join(check.folder, "creators")
    subprocess.run([mkcohort, os.path.join(specs, "clean.json"), here], check=True,
                   stdout=subprocess.DEVNULL)
    tree = os.path.join(here, "dicom")
    for i in range(11):
        for name, creator in (("common", b"ACME SHARED 1"), ("rare", b"ACME SELDOM 1")):
            if name == "rare" and i == 10:
                break  # held by ten: one less than the policy's k
            put(os.path.join(tree, f"{name}{i}.dcm"), header(EXPLICIT) + element(
                8, 0x16, b"UI", b"1.2.840.10008.5.1.4.1.1.7") + element(
                    0x10, 0x20, b"LO", f"CREATOR{i}".encode()) + element(
                        0x20, 0xD, b"UI", f"2.25.5{i}".encode()) + private(0x29, creator, b"1"))
    outputs, _, _ = check.outputs(tree)
    report = outputs["r/report.json"]
    if b"ACME SHARED 1" not in report:
        check.say("a private creator of eleven patients is not named")
    for what, data in outputs.items():
        if b"SELDOM" in data:
            check.say(f"{what}: a private creator of ten patients is named")


# ---- modes ----

def modes(check, mkcohort, specs):
    here = os.path.join(check.folder, "modes")
    subprocess.run([mkcohort, os.path.join(specs, "trailing.json"), here], check=True,
                   stdout=subprocess.DEVNULL)
    before = os.umask(0)
    try:
        for options, want in ((["--show-values"], 0o600), ([], 0o666), (["--show-values"], 0o600)):
            out = os.path.join(here, "r")  # the same folder: what is there is replaced
            scan = os.path.join(here, f"scan{len(os.listdir(here))}")
            subprocess.run([check.dcmrisk, "assess", os.path.join(here, "dicom"), "--out", out, "--format",
                            check.formats, "--scan", scan, "-q", *options], check=False,
                           stderr=subprocess.DEVNULL)
            for f in sorted(os.listdir(out)):
                mode = os.stat(os.path.join(out, f)).st_mode & 0o777
                if mode != want:
                    check.say(f"{f} {options}: mode {mode:o} and not {want:o}")
            for f in os.listdir(here):
                if f.startswith("scan") and os.stat(os.path.join(here, f)).st_mode & 0o077:
                    check.say(f"{f}: mode {os.stat(os.path.join(here, f)).st_mode & 0o777:o}")
        again = os.path.join(here, "again")
        subprocess.run([check.dcmrisk, "report", os.path.join(out, "report.json"), "--out", again,
                        "--format", check.formats], check=False, stderr=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL)
        for f in sorted(os.listdir(again)):
            if os.stat(os.path.join(again, f)).st_mode & 0o077:
                check.say(f"dcmrisk report: {f} with values: mode "
                          f"{os.stat(os.path.join(again, f)).st_mode & 0o777:o}")
        scan = os.path.join(here, "only")
        subprocess.run([check.dcmrisk, "scan", os.path.join(here, "dicom"), "-o", scan, "-q"], check=True)
        if os.stat(scan).st_mode & 0o077:
            check.say(f"scan -o: mode {os.stat(scan).st_mode & 0o777:o}")
    finally:
        os.umask(before)


def public_text(check, mkcohort, specs):
    """What a report says of any dataset: words that are no finding when they also occur in data."""
    here = os.path.join(check.folder, "base")
    subprocess.run([mkcohort, os.path.join(specs, "clean.json"), here], check=True,
                   stdout=subprocess.DEVNULL)
    outputs, _, _ = check.outputs(os.path.join(here, "dicom"))
    top = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "rules")
    with open(os.path.join(check.folder, "public"), "wb") as f:
        f.write(b"\n".join(outputs.values()))
        for d, _, names in sorted(os.walk(top)):
            for n in sorted(names):
                with open(os.path.join(d, n), "rb") as h:
                    f.write(b"\n" + h.read())


def main(argv):
    mkcohort, dcmrisk, specs, folder = argv[1:5]
    check = Check(os.path.abspath(dcmrisk), folder)
    public_text(check, mkcohort, specs)
    planted(check, mkcohort, specs)
    hostile(check, mkcohort, specs)
    creators(check, mkcohort, specs)
    modes(check, mkcohort, specs)
    for line in check.bad[:60]:
        print(f"WRONG: {line}"[:400])
    print(f"formats {check.formats}; {len(check.bad)} of what was written is wrong")
    shutil.rmtree(os.path.join(folder, "public"), ignore_errors=True)
    return 1 if check.bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
