#!/usr/bin/python3
"""What openers find, against other readers of the same formats: Python's gzip, json and xml.etree,
pydicom for data sets in values, and regular expressions for GE's and Siemens' text.

usage: openers.py TEST_READERS FOLDER   makes files in FOLDER and reads them
       openers.py TEST_READERS --real FOLDER   real files: every such value in them

TEST_READERS is the unit program, which writes a reader's stream file by file (--dump).
"""
import gzip
import io
import json
import os
import random
import re
import subprocess
import sys
import urllib.parse
import warnings
import xml.etree.ElementTree as ET

import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

warnings.simplefilter("ignore")
LONGEST = 64


def spelled(name):
    """By bytes of UTF-8."""
    return re.sub(rb"[^A-Za-z0-9_.-]", b"_", name.encode()).decode()


def joined(parts, last=None):
    """As src/input/trail.h says: whole names, the last that fit."""
    parts = [(spelled(p) or "_")[:48] for p in parts]
    room = LONGEST - (len(last) + 1 if last else 0)
    while parts and len(".".join(parts)) > room:
        parts.pop(0)
    return ".".join(parts + ([last] if last else [])) or "_"


def xml_values(data):
    found = set()

    def walk(e, path):
        path = path + [e.tag.split("}")[-1]]
        for key, value in e.attrib.items():
            key = key.split("}")[-1]
            if key not in ("type", "schemaLocation", "noNamespaceSchemaLocation") and value.strip():
                found.add((joined(path, key), value.strip()))
        texts = [e.text] + [c.tail for c in e]
        found.update((joined(path), t.strip()) for t in texts if t and t.strip())
        for c in e:
            walk(c, path)

    walk(ET.fromstring(data), [])
    return found


def json_values(data):
    found = set()

    def walk(x, path):
        if isinstance(x, dict):
            for key, value in x.items():
                walk(value, path + [key])
        elif isinstance(x, list):
            for value in x:
                walk(value, path)
        elif isinstance(x, bool):
            found.add((joined(path), "true" if x else "false"))
        elif isinstance(x, str) and x.strip():
            found.add((joined(path), x.rstrip()))
        elif x is not None and not isinstance(x, str):
            found.add((joined(path), x.text))

    class Number:  # as it is written
        def __init__(self, text):
            self.text = text

    walk(json.loads(data, parse_int=Number, parse_float=Number), [])
    return found


def ge_values(data):
    text = gzip.decompress(data[4:]).decode("latin-1")
    found, settings = set(), []
    for k, v in re.findall(r'^(\w+)\s+"(.*)"\s*$', text, re.M):
        if re.fullmatch(r"[-+0-9.;, ]+", v) and not re.search(r"[0-9]{5}", v):
            settings.append(v)
        elif v.strip():
            found.add((k, v.rstrip()))
    return found | {("settings", "\\".join(settings).rstrip())}


def asc_strings(data):
    """Values in quotes: names without indexes, the values of one name behind each other."""
    names = {}
    for block in re.findall(rb"### ASCCONV BEGIN[^\n]*\n(.*?)### ASCCONV END", data, re.S):
        for key, value in re.findall(rb'^(\S+)\s*=\s*"+(.*?)"+\s*$', block, re.M):
            key = re.sub(r"\[[^\]]*\]", "", key.decode("latin-1"))
            values = names.setdefault(key, [])
            value = value.decode("latin-1").rstrip()
            if not values or values[-1] != value:
                values.append(value)
    return {(k, "\\".join(v)) for k, v in names.items()
            if len(k) <= LONGEST and "".join(v) and "Default" not in k}


def told(program, paths):
    """By file: the set of (path, opener, name, value)."""
    out = {p: set() for p in paths}
    run = subprocess.run([program, "--dump", "stream"], input="\n".join(paths) + "\n", text=True,
                         encoding="utf-8", errors="surrogateescape", stdout=subprocess.PIPE, check=True)
    at = None
    for line in run.stdout.splitlines():
        if line.startswith("# "):
            at = line[2:]
        elif line.startswith("V "):
            words = line.split(" ")
            path = urllib.parse.unquote(words[1])
            where, colon, inside = path.rpartition(":")
            if colon and "/" in inside:
                opener, name = inside.split("/", 1)
                out[at].add((where, opener, name, urllib.parse.unquote(words[4])))
    return out


def compare(label, want, got):
    """Values too long to be printed whole are left out on both sides."""
    want = {(n, v) for n, v in want if len(v.encode()) < 390}
    got = {(n, v) for n, v in got if "..." not in v}
    if want == got:
        return 0
    print(f"{label}: {len(want - got)} not found, {len(got - want)} too many of {len(want)}")
    for kind, rest in (("-", want - got), ("+", got - want)):
        for n, v in sorted(rest)[:3]:
            print(f"  {kind} {n} = {v[:80]!r}")
    return 1


# ---- made files ----

WORDS = ["Doe", "Jané", "a b", "x<y", "&", "\"q\"", "日本", "4711", "1970-02-13", "\\n", "tail "]


def some_json(r, depth):
    kind = r.randrange(6) if depth else r.randrange(2, 6)
    if kind == 0:
        return {r.choice(["a", "b c", "PatientName", "é"]) + str(i): some_json(r, depth - 1) for i in range(r.randrange(4))}
    if kind == 1:
        return [some_json(r, depth - 1) for _ in range(r.randrange(4))]
    return [r.choice(WORDS), r.randrange(-99, 99), True, None][kind - 2]


def some_xml(r, depth):
    e = ET.Element(r.choice(["a", "study", "{urn:x}name", "p-q", "x.y"]))
    if r.random() < 0.5:
        e.set(r.choice(["id", "value"]), r.choice(WORDS).strip())
    e.text = r.choice(WORDS)
    for _ in range(r.randrange(4) if depth else 0):
        c = some_xml(r, depth - 1)
        c.tail = r.choice(["", r.choice(WORDS)])
        e.append(c)
    return e


def data_set(r):
    d = Dataset()
    d.Modality, d.PatientID, d.PatientName = "MR", str(r.randrange(10000)), r.choice(["Doe^Jane", "Roe"])
    d.StudyDescription = "inside"
    item = Dataset()
    item.ScheduledProcedureStepDescription = r.choice(["head", "knee"])
    d.RequestAttributesSequence = [item]
    return d


def dicom_values(d):
    found = set()

    def walk(x, path):
        for e in x:
            if e.VR == "SQ":
                for i in e.value:
                    walk(i, path + [e.keyword])
            else:
                found.add((joined(path, e.keyword), str(e.value)))

    walk(d, [])
    return found


def make(folder, program):
    os.makedirs(folder, exist_ok=True)
    want, r = {}, random.Random(11)
    for i in range(200):
        top = {"top": some_json(r, 4)}
        doc = (json.dumps(top, ensure_ascii=r.random() < 0.5, indent=r.choice([None, 1]))).encode()
        xml = ET.tostring(some_xml(r, 4), encoding="utf-8", xml_declaration=True)
        inner = data_set(r)
        held = io.BytesIO()
        pydicom.filewriter.write_dataset(writer(held), inner)
        d = Dataset()
        d.file_meta = FileMetaDataset()
        d.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        d.file_meta.MediaStorageSOPClassUID = d.SOPClassUID = "1.2.840.10008.5.1.4.1.1.4"
        d.file_meta.MediaStorageSOPInstanceUID = d.SOPInstanceUID = f"2.25.{i + 1}"
        d.add_new((0x0009, 0x0010), "LO", "ACME")
        d.add_new((0x0009, 0x1001), "OB", doc + b" " * (len(doc) % 2))
        d.add_new((0x0009, 0x1002), "OB", xml + b" " * (len(xml) % 2))
        z = gzip.compress(doc)
        d.add_new((0x0009, 0x1003), "UN", z + b"\0" * (len(z) % 2))
        d.add_new((0x0009, 0x1004), "OB", held.getvalue())
        d.is_little_endian, d.is_implicit_VR = True, False
        name = os.path.join(folder, f"{i}.dcm")
        d.save_as(name, write_like_original=False)
        want[name] = {"0009,xx01{ACME}": ("json", json_values(doc)), "0009,xx02{ACME}": ("xml", xml_values(xml)),
                      "0009,xx03{ACME}:gzip/content": ("json", json_values(doc)),
                      "0009,xx04{ACME}": ("dicom", dicom_values(inner))}
    return check(program, want)


def writer(held):
    from pydicom.filebase import DicomFileLike
    f = DicomFileLike(held)
    f.is_little_endian, f.is_implicit_VR = True, False
    return f


def check(program, want):
    bad = values = 0
    got = told(program, sorted(want))
    for name, places in want.items():
        for where, (opener, found) in places.items():
            have = {(n, v) for w, o, n, v in got[name] if w == where and o == opener}
            if opener == "ascconv":  # XProtocol before it may have the same name: its value comes first
                keys = {n: v for n, v in found}
                have = {(n, keys[n] if v.endswith("\\" + keys[n]) else v) for n, v in have if n in keys}
            bad += compare(f"{os.path.basename(name)} {where} {opener}", found, have)
            values += len(found)
    print(f"openers: {len(want)} files, {values} values, {bad} places differ")
    return bad


# ---- real files ----

def real(folder, program):
    want = {}
    for at, _, names in os.walk(folder):
        for name in names:
            full = os.path.join(at, name)
            try:
                d = pydicom.dcmread(full, stop_before_pixels=True)
            except Exception:  # not DICOM, or damaged: other oracles
                continue
            places = real_places(d)
            if places and "\n" not in full:
                want[full] = places
    return check(program, want)


def real_places(d):
    places = {}
    for e in d:
        if not e.tag.is_private or not isinstance(e.value, (bytes, str)) or e.private_creator is None:
            continue
        data = e.value if isinstance(e.value, bytes) else e.value.encode("utf-8")
        where = "%04X,xx%02X{%s}" % (e.tag.group, e.tag.element & 0xFF, e.private_creator)
        if data[4:7] == b"\x1f\x8b\x08":
            places[where] = ("gzip", ge_values(data))
        elif data[:5] == b"<?xml" and b":schema " not in data:  # elements named by an attribute, as dcm2xml's are
            places[where] = ("xml", xml_values(data.rstrip(b"\0 ")))
        elif data[:1] == b"{" and data[1:].lstrip()[:1] == b'"':
            places[where] = ("json", json_values(data.rstrip(b"\0 ").decode("utf-8")))
        elif b"### ASCCONV BEGIN" in data and where == "0029,xx20{SIEMENS CSA HEADER}":
            places[where + ":csa/MrPhoenixProtocol"] = ("ascconv", asc_strings(data))
    return places


if __name__ == "__main__":
    if sys.argv[2] == "--real":
        sys.exit(1 if real(sys.argv[3], sys.argv[1]) else 0)
    sys.exit(1 if make(sys.argv[2], sys.argv[1]) else 0)
