#!/usr/bin/env python3
"""Outputs of de-identifiers, rebuilt as files.  usage: deidentifiers.py DCMRISK FOLDER

tests/data/deidentifiers/source.json is the file before, <tool>.json what a tool makes of it and what
of it is left; the rows are those of a run of the real tools with their default settings.  signatures.json
holds the marks of twelve tools (from their code and pages: rules/deid-tools.json); the table printed
says as whose work each is recognised.

For each tool of the first kind: every row marked left has a finding above "note" on one of its paths, a
clean row has none on any.  For the second: the tool, or nobody where its marks are not its own.
"""
import datetime
import hashlib
import json
import os
import subprocess
import sys
import uuid

import pydicom
from pydicom.dataset import Dataset, FileMetaDataset

import plant

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "data", "deidentifiers")
OURS = "1.2.826.0.1.3680043.8.498.1"  # writes the files; no de-identifier's


def load(name):
    with open(os.path.join(DATA, name), encoding="utf-8") as f:
        return json.load(f)


def number(text):
    return int(hashlib.md5(text.encode()).hexdigest(), 16)


def words(source, i):
    """What may stand in a value for person i."""
    last, first = source["people"][i].split("^")
    day, time = source["dates"][i], source["times"][i]
    then = datetime.datetime.strptime(day + time, "%Y%m%d%H%M%S") - datetime.timedelta(hours=4321)
    w = {"n": i + 1, "name": source["people"][i], "last": last, "first": first, "number": source["numbers"][i],
         "date": day, "time": time, "shifted": then.strftime("%Y%m%d"), "shifted_time": then.strftime("%H%M%S"),
         "pseudonym": f"{number('p%d' % i):X}"[:10]}
    for k in "123":
        seed = number(f"{i}.{k}")
        w["uuid3:" + k] = "2.25." + str(uuid.UUID(int=seed, version=3).int)
        w["uuid4:" + k] = "2.25." + str(uuid.UUID(int=seed, version=4).int)
        w["uuid5:" + k] = "2.25." + str(uuid.UUID(int=seed, version=5).int)
        w["md5:" + k] = "2." + str(10 ** 39 + seed)
        w["decimal:" + k] = str(seed)
        w["sha:" + k] = "2.25." + str(int(hashlib.sha512(str(seed).encode()).hexdigest(), 16))[:59]
        w["groups:" + k] = "2.25." + "".join(f"{b:03d}" for b in hashlib.sha256(str(seed).encode()).digest()[:19]).lstrip("0")
        w["vendor:" + k] = f"1.3.12.2.1107.5.2.36.40414.{day}{time}.{i}.{k}"
    return w


def fill(value, w):
    if isinstance(value, list):
        return [fill(v, w) for v in value]
    if isinstance(value, str):
        for key, text in w.items():
            value = value.replace("{" + key + "}", str(text))
    return value


def put(ds, path, spec, w):
    where, tag = plant.holder(ds, path)
    value = bytes.fromhex(spec["hex"]) if "hex" in spec else fill(spec["value"], w)
    if spec["vr"] == "UI":
        value = value[:64]  # as CTP cuts them
    where.add_new(tag, spec["vr"], value)


def make(folder, source, tool, people):
    """One file for each person, as the tool leaves it."""
    os.makedirs(folder)
    for i in people:
        w = words(source, i)
        ds = Dataset()
        ds.file_meta = FileMetaDataset()
        for path, spec in {**source["set"], **tool["set"]}.items():
            put(ds, path, spec, w)
        for path in tool.get("delete", []):
            plant.drop(ds, path)
        ds.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
        ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID
        ds.file_meta.MediaStorageSOPInstanceUID = ds.get("SOPInstanceUID", "2.25.1")
        ds.file_meta.ImplementationClassUID = tool.get("writer", OURS)
        ds.preamble = fill(source["preamble"], w).encode().ljust(128, b"\0") if tool.get("preamble", True) else b"\0" * 128
        ds.is_little_endian, ds.is_implicit_VR = True, False
        pydicom.dcmwrite(os.path.join(folder, f"{i:02d}.dcm"), ds, write_like_original=False)


def assess(dcmrisk, tree):
    out = tree + ".out"
    r = subprocess.run([dcmrisk, "assess", tree, "-q", "-j", "1", "--format", "json", "--out", out],
                       stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False, timeout=120)
    if r.returncode not in (0, 1, 3):
        raise RuntimeError(f"status {r.returncode}: {r.stderr.decode(errors='replace')[:300]}")
    with open(os.path.join(out, "report.json"), encoding="utf-8") as f:
        return json.load(f)


def rows(report, tool):
    """What is wrong with the rows of a tool."""
    on = {}
    for f in report["findings"]:
        if f["severity"] != "note":
            on.setdefault(f["path"], set()).add(f["rule"])

    def find(path):
        return on.get(path, set())
    for row, paths in tool["left"].items():
        hit = set().union(*(find(p) for p in paths))
        print(f"  left  {row:38} {', '.join(sorted(hit)) or 'NOT FOUND'}")
        if not hit:
            yield f"{row}: left, and not found"
        for p in paths:
            if not find(p):
                yield f"{row}: nothing on {p}"
    for row, paths in tool["clean"].items():
        hit = set().union(*(find(p) for p in paths))
        print(f"  clean {row:38} {', '.join(sorted(hit)) or '-'}")
        if hit:
            yield f"{row}: clean, and found by {', '.join(sorted(hit))}"
    rules = {f["rule"] for f in report["findings"]}
    for r in tool["claims"]["rules"]:
        if r not in rules:
            yield f"claim: no {r}"
    for r in tool["claims"]["not"]:
        if r in rules:
            yield f"claim: {r}"


def three(dcmrisk, folder, source):
    everybody = range(len(source["people"]))
    for name in ("dicom-anonymizer", "dicognito", "pydicom-deid"):
        tool = load(name + ".json")
        print(f"{tool['tool']}")
        make(os.path.join(folder, name), source, tool, everybody)
        for wrong in rows(assess(dcmrisk, os.path.join(folder, name)), tool):
            yield f"{name}: {wrong}"


def signatures(dcmrisk, folder, source):
    """Each tool alone, then one file of it among those of another."""
    tools = load("signatures.json")
    everybody = range(len(source["people"]))
    bare = {"set": {}, "delete": tools["bare"], "preamble": False}
    print(f"\n{'written as by':36} recognised as")
    made = []
    for t in tools["tools"]:
        one = {"set": t["set"], "delete": bare["delete"] + t.get("delete", []), "preamble": False}
        one["set"] = {**tools["usual"], **one["set"]}
        one["delete"] = [p for p in one["delete"] if p not in one["set"]]
        tree = os.path.join(folder, "sign." + t["id"])
        make(tree, source, one, everybody)
        clusters = assess(dcmrisk, tree)["deid_clusters"]
        got = sorted({c["tool"] or "-" for c in clusters})
        print(f"{t['name'] or '(nobody)':36} {', '.join(got)}")
        if len(clusters) != 1 or clusters[0]["tool"] != t["name"]:
            yield f"signature of {t['id']}: recognised as {', '.join(got)} in {len(clusters)} groups"
        made.append((t, one))
    yield from strays(dcmrisk, folder, source, made)


def strays(dcmrisk, folder, source, made):
    for k, (t, one) in enumerate(made):
        host, rest = made[k - 1]
        tree = os.path.join(folder, "mixed." + t["id"])
        make(tree, source, rest, range(1, len(source["people"])))
        make(os.path.join(tree, "stray"), source, one, [0])
        report = assess(dcmrisk, tree)
        found = [f["subjects"] for f in report["findings"] if f["rule"] == "mixed-processing"]
        if found != [1]:
            yield f"one file as by {t['id']} among those as by {host['id']}: mixed-processing {found}"


def main():
    dcmrisk, folder = sys.argv[1:3]
    source = load("source.json")
    bad = 0
    for part in (three, signatures):
        for wrong in part(dcmrisk, folder, source):
            print(f"WRONG {wrong}")
            bad += 1
    print(f"deidentifiers: {bad} problems")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
