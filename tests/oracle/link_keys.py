#!/usr/bin/env python3
"""Cohorts remapped without a key.  usage: link_keys.py MKCOHORT DCMRISK FOLDER

The methods are those of the tools named beside them, from their sources, in Python: hashlib and
uuid are the other implementation of the digests, pydicom's own generate_uid that of its scheme.
"""
import base64
import hashlib
import hmac
import json
import os
import random
import subprocess
import sys
import uuid

import pydicom
from pydicom.uid import generate_uid

SPEC = {"title": "link keys", "seed": 5, "subjects": 6, "studies": [1, 1], "series": [1, 1], "files": [1, 2],
        "derived": {"SR": 0.5, "SEG": 0.5}, "ids": {"style": "mrn"}, "names": "dummy"}
LARGE = {"title": "large series", "seed": 6, "subjects": 2, "studies": [1], "series": [1], "files": [70, 75],
         "ids": {"style": "mrn"}, "names": "dummy", "pixels": {"rows": 1, "columns": 1}}


def md5(b):
    return hashlib.md5(b).digest()


def decimal(b):
    return str(int.from_bytes(b, "big"))


def ctp_hashuid(u, root="1.3.6.1.4.1.14519.5.2.1.4792.2001."):
    d = decimal(md5(u.encode()))
    return (root + ("9" if d.startswith("0") else "") + d)[:64]


def dcm4che(u):
    b = bytearray(md5(u.encode()))
    b[6] = b[6] & 0x0F | 0x30
    b[8] = b[8] & 0x3F | 0x80
    return "2.25." + decimal(bytes(b))


def rsna(u, root="1.2.826.0.1.3680043.10.474.123456.2."):
    return root + str(int.from_bytes(md5(u.encode()), "big") % 10 ** (64 - len(root)))


def dicom_curate(u):
    d = hashlib.sha256(uuid.NAMESPACE_OID.bytes + u.encode()).digest()[:19]
    return "2.25." + "".join(f"{b:03d}" for b in d).lstrip("0")


def dicognito_id(i):
    v, out = int.from_bytes(md5(i.encode()), "big"), ""
    for _ in range(12):
        out += "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"[v % 36]
        v //= 36
    return out


# name: (new UID, new ID, scheme of UIDs when proven, of UIDs by form, of IDs when proven, by form)
METHODS = {
    "ctp": (ctp_hashuid, lambda i: decimal(md5(b"[17]" + i.encode())),
            "ctp-hashuid", "ctp-hashuid", "ctp-hashptid", "ctp-hashptid"),
    "ctp-own-root": (lambda u: ctp_hashuid(u, "1.2.826.0.1.3680043.9.7777."), lambda i: decimal(md5(i.encode())),
                     "ctp-hashuid", None, "ctp-hash", "ctp-hashptid"),
    "dcm4che": (dcm4che, lambda i: str(uuid.UUID(bytes=md5(i.encode()), version=3)),
                "dcm4che-uid", "dcm4che-uid", "dcm4che-pid", "dcm4che-pid"),
    "rsna": (rsna, lambda i: hashlib.sha256(i.encode()).hexdigest()[:16],
             "rsna-anonymizer-uid", "rsna-anonymizer-uid", "sha256-id", None),
    "deid": (lambda u: generate_uid(prefix="2.25.", entropy_srcs=[u]), lambda i: hashlib.sha1(i.encode()).hexdigest(),
             "pydicom-entropy", "pydicom-entropy", "sha1-id", "sha1-id"),
    "pydicom-root": (lambda u: generate_uid(entropy_srcs=[u]), lambda i: hashlib.md5(i.encode()).hexdigest().upper(),
                     "pydicom-entropy", None, "md5-id", "md5-id"),
    "dicom-curate": (dicom_curate, lambda i: base64.b64encode(md5(i.encode())).decode(),
                     "dicom-curate-uid", "dicom-curate-uid", "md5-id-base64", None),
    "dicognito": (lambda u: "2." + str(10 ** 39 + int.from_bytes(md5(b"abc" + u.encode()), "big")), dicognito_id,
                  "dicognito-uid", "dicognito-uid", "dicognito-id", None),
    "uuid5": (lambda u: "2.25." + str(uuid.uuid5(uuid.NAMESPACE_OID, u).int), lambda i: i.encode().hex(),
              "uuid5-oid", "uuid5-oid", "hex-id", None),
    "uuid3-url": (lambda u: "2.25." + str(uuid.uuid5(uuid.NAMESPACE_URL, u).int), lambda i: i,
                  "uuid5-url", "uuid5-oid", "", None),
    "slicer-ultrasound": (lambda u: "2.25." + str(int(hashlib.sha256(u.encode()).hexdigest()[:15], 16)),
                          lambda i: hashlib.sha512(i.encode()).hexdigest()[:64],
                          "slicer-ultrasound-uid", "slicer-ultrasound-uid", "sha512-id", "sha256-id"),
    "sha1": (lambda u: ("1.2.3.4.5.6." + decimal(hashlib.sha1(u.encode()).digest()))[:64],
             lambda i: hashlib.sha256(i.encode()).hexdigest(), "sha1-uid", None, "sha256-id", "sha256-id"),
}
SECRET = b"a key that nobody has"
KEYED = {  # must never be proven
    "uuid4": (lambda u: "2.25." + str(uuid.UUID(bytes=random.Random(u).randbytes(16), version=4).int),
              lambda i: "P%05d" % random.Random(i).randrange(10 ** 5)),
    "hmac": (lambda u: "2.25." + str(uuid.UUID(bytes=hmac.new(SECRET, u.encode(), "sha256").digest()[:16],
                                              version=4).int),
             lambda i: hmac.new(SECRET, i.encode(), "sha256").hexdigest()[:20]),
}


class Run:
    def __init__(self, mkcohort, dcmrisk, folder):
        self.mkcohort, self.dcmrisk, self.folder = mkcohort, dcmrisk, folder
        self.bad = []
        self.checked = 0

    def expect(self, what, got, want):
        self.checked += 1
        if got != want:
            self.bad.append(f"{what}: {got!r} instead of {want!r}")

    def cohort(self, name, spec):
        path = os.path.join(self.folder, name + ".json")
        with open(path, "w", encoding="ascii") as f:
            json.dump(spec, f)
        out = os.path.join(self.folder, name)
        subprocess.run([self.mkcohort, path, out], check=True, stdout=subprocess.DEVNULL)
        files = []
        for d, _, names in os.walk(os.path.join(out, "dicom")):
            files += [os.path.join(d, n) for n in names]
        return [pydicom.dcmread(f) for f in sorted(files)]

    def write(self, name, data):
        tree = os.path.join(self.folder, name)
        os.makedirs(tree)
        for i, ds in enumerate(data):
            ds.save_as(os.path.join(tree, f"{i}.dcm"))
        return tree

    def assess(self, tree, originals=None):
        """The report, with everything that was printed searched for originals."""
        out = tree + (".with" if originals else ".without")
        args = [self.dcmrisk, "assess", tree, "--out", out, "--format", "json,html,text"]
        if originals:
            listed = os.path.join(self.folder, "originals.txt")
            with open(listed, "w", encoding="ascii") as f:
                f.write("\n".join(originals) + "\n")
            args += ["--originals", listed]
        r = subprocess.run(args, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        if r.returncode not in (0, 1, 3):
            raise SystemExit(f"{tree}: status {r.returncode}: {r.stderr!r}")
        text = r.stdout + r.stderr
        for n in os.listdir(out):
            with open(os.path.join(out, n), "rb") as f:
                text += f.read()
        for o in originals or ():
            if len(o) >= 6 and o.encode() in text:
                self.bad.append(f"{tree}: an original is printed")
        with open(os.path.join(out, "report.json"), encoding="utf-8") as f:
            return json.load(f)


def is_instance_uid(e):
    return e.VR == "UI" and e.value and not str(e.value).startswith("1.2.840.10008")


def remap(data, uid, pid, nested=True):
    """Copies with new UIDs and PatientIDs; also the originals of both."""
    uids, ids, out = set(), set(), []

    def each(ds, e):
        if is_instance_uid(e):
            uids.add(str(e.value))
            e.value = uid(str(e.value))
        elif e.tag == 0x00100020 and e.value:
            ids.add(str(e.value))
            e.value = pid(str(e.value))

    for source in data:
        ds = pydicom.dcmread(source.filename)
        ds.remove_private_tags()
        for e in ds if not nested else ():
            each(ds, e)
        if nested:
            ds.walk(each)
        ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
        out.append(ds)
    return out, uids, ids


def key(report, path):
    return next(k for k in report["link_keys"] if k["path"] == path)


def rules(report, *names):
    return sorted((f["rule"], f["path"], f["severity"], f["subjects"]) for f in report["findings"]
                  if f["rule"] in names)


PROVEN = ("link-key-recomputed", "link-key-proven-original", "patient-id-recomputed", "patient-id-proven-original")
UIDS = ("0008,0018", "0020,000D", "0020,000E")


def check_method(run, data, name):
    uid, pid, scheme, shape, id_scheme, id_shape = METHODS[name]
    made, uids, ids = remap(data, uid, pid)
    subjects = len({d.PatientID for d in made})
    tree = run.write("m-" + name, made)
    report = run.assess(tree)
    run.expect(f"{name}: proven without originals", rules(report, *PROVEN), [])
    run.expect(f"{name}: form of UIDs", key(report, "0020,000D")["scheme"], shape)
    run.expect(f"{name}: form of IDs", key(report, "0010,0020")["scheme"], id_shape)
    run.expect(f"{name}: finding by form", [r[2:] for r in rules(report, "link-key-unkeyed-scheme") if r[1] == "0020,000D"],
               [("medium", subjects)] if shape else [])
    report = run.assess(tree, sorted(uids | ids))
    for path in UIDS:
        k = key(report, path)
        run.expect(f"{name} {path}", (k["state"], k["scheme"], k["states"]["recomputed"]),
                   ("recomputed", scheme, k["values"]))
    k = key(report, "0010,0020")
    state, rule = ("recomputed", "patient-id-recomputed") if id_scheme else ("proven-original", "patient-id-proven-original")
    run.expect(f"{name} ID", (k["state"], k["scheme"] or "", k["states"][state]), (state, id_scheme, subjects))
    found = rules(report, *PROVEN)
    run.expect(f"{name}: finding of studies", [f for f in found if f[1] == "0020,000D"],
               [("link-key-recomputed", "0020,000D", "critical", subjects)])
    run.expect(f"{name}: finding of IDs", [f for f in found if f[1] == "0010,0020"],
               [(rule, "0010,0020", "critical", subjects)])
    gate = {c["id"]: c["result"] for c in report["verdict"]["criteria"]}
    run.expect(f"{name}: gate", (gate["direct-identifiers"], gate["link-keys"]), ("fail", "fail"))
    # half of the studies' UIDs, and somebody else's
    some = sorted({str(d.StudyInstanceUID) for d in data})[::2]
    report = run.assess(run.write("h-" + name, made), some + ["1.2.840.113619.2.55.1.1.1", "99999999"])
    run.expect(f"{name}: half", key(report, "0020,000D")["states"]["recomputed"], len(some))
    run.expect(f"{name}: half, series", key(report, "0020,000E")["states"]["recomputed"], 0)


def check_keyed(run, data, name):
    made, uids, ids = remap(data, *KEYED[name])
    report = run.assess(run.write("k-" + name, made), sorted(uids | ids))
    run.expect(f"{name}: proven", rules(report, *PROVEN), [])
    run.expect(f"{name}: references", rules(report, "uid-reference-kept", "link-key-unkeyed-scheme"), [])
    run.expect(f"{name}: state", {key(report, p)["state"] for p in UIDS}, {"replaced"})
    run.expect(f"{name}: originals", report["run"]["options"]["originals"], len(uids | ids))


def check_references(run, data):
    """Nested UIDs are left: found where they are, in as many patients."""
    made, _, _ = remap(data, *KEYED["uuid4"], nested=False)
    want = {}

    def note(ds, path, subject):
        for e in ds:
            here = path + [f"{e.tag.group:04X},{e.tag.elem:04X}"]
            if e.VR == "SQ":
                for item in e.value:
                    note(item, here, subject)
            elif len(here) > 1 and is_instance_uid(e) and e.tag in (0x00081155, 0x0020000E, 0x0020000D):
                want.setdefault("/".join(here), set()).add(subject)

    for ds in made:
        note(ds, [], ds.PatientID)
    report = run.assess(run.write("references", made))
    run.expect("references", rules(report, "uid-reference-kept"),
               sorted(("uid-reference-kept", p, "high", len(s)) for p, s in want.items()))
    if len(want) < 2:
        run.bad.append("the cohort has too few references to test")


def check_large(run):
    """Series of which only hashes are kept: UIDs of images alone prove them."""
    data = run.cohort("large", LARGE)
    sop = sorted(str(d.SOPInstanceUID) for d in data)
    for name in ("ctp", "rsna", "dcm4che", "deid"):
        uid, pid, scheme = METHODS[name][:3]
        made, _, _ = remap(data, uid, pid)
        tree = run.write("l-" + name, made)
        report = run.assess(tree, sop)
        k = key(report, "0008,0018")
        run.expect(f"large {name}", (k["state"], k["scheme"]), ("recomputed", scheme))
        run.expect(f"large {name} found", rules(report, *PROVEN)[-1:],
                   [("link-key-recomputed", "0008,0018", "critical", 2)])
    made, _, _ = remap(data, lambda u: u, lambda i: i)
    report = run.assess(run.write("l-same", made), sop)
    run.expect("large, the same", key(report, "0008,0018")["state"], "proven-original")
    made, _, _ = remap(data, *KEYED["uuid4"])
    report = run.assess(run.write("l-random", made), sop)
    run.expect("large, random", rules(report, *PROVEN), [])


def main():
    run = Run(*sys.argv[1:4])
    data = run.cohort("source", SPEC)
    for name in METHODS:
        check_method(run, data, name)
    for name in KEYED:
        check_keyed(run, data, name)
    check_references(run, data)
    check_large(run)
    for b in run.bad:
        print(b)
    print(f"{len(METHODS)} methods, {run.checked} checks, {len(run.bad)} failed")
    return 1 if run.bad else 0


if __name__ == "__main__":
    sys.exit(main())
