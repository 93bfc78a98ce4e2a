#!/usr/bin/env python3
"""Real files by pydicom.  usage: real_data.py FOLDER REPORT.json SCAN

Counts files, subjects, studies, series, instances and private elements below FOLDER without the
program's help, compares, and prints every difference with what explains it.  Exit: 0 all agree or
is explained, 1 not.
"""
import concurrent.futures
import csv
import io
import json
import logging
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import warnings

import pydicom
from pydicom.filereader import read_dataset
from pydicom.values import convert_SQ

# Files of which pydicom itself has a wrong idea, or none, and how they are read instead.
BARE = {
    "no_preamble_dicm_in_data": "an implicit data set without header in which DICM stands at 128",
}
# Files that dcmdump gives up, and pydicom does not.
MENDED = {
    "SC_rgb_jpeg.dcm": "its transfer syntax has explicit VRs, its data set has none",
    **BARE,
}
# Files that dcmdump and pydicom read without a word although they are cut or wrong.
WRONG = {
    "DICOMDIR-nooffset": "its last directory record claims 24 bytes more than the file has",
}
DUMMY = {"ANONYMIZED", "ANONYMISED", "ANONYMOUS", "ANONYM", "ANON", "REMOVED", "DELETED", "REDACTED",
         "DEIDENTIFIED", "DE-IDENTIFIED", "UNKNOWN", "NONE", "N/A", "NA", "NULL", "NIL", "UNDEFINED",
         "UNSPECIFIED", "NOT AVAILABLE", "DUMMY", "CLEARED", "BLANK", "EMPTY", "MASKED", "HIDDEN",
         "CONFIDENTIAL", "NONAME", "NO NAME",
         "NOID"}  # what PixelMed's DicomCleaner writes for every PatientID: nobody's
MEDIA_DIRECTORY = "1.2.840.10008.1.3.10"


def quiet():
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    pydicom.config.settings.reading_validation_mode = 0


def data_set(path):
    """(data set, how it was read, trouble)."""
    for name in BARE:
        if path.endswith(name):
            with open(path, "rb") as f:
                return read_dataset(io.BytesIO(f.read()), True, True), "bare", None
    try:
        return pydicom.dcmread(path), "as it stands", None
    except pydicom.errors.InvalidDicomError:
        return pydicom.dcmread(path, force=True), "without header", None
    except Exception as e:  # whatever pydicom stumbles over, it is trouble
        return None, "not", e.__class__.__name__


def elements(ds):
    """All elements at all depths; sequences hidden in values of VR UN as well."""
    todo = [ds]
    while todo:
        for e in todo.pop():
            yield e
            value = e.value
            if e.VR == "SQ":
                todo.extend(value)
            elif e.VR == "UN" and isinstance(value, bytes) and value[:4] == b"\xfe\xff\x00\xe0":
                try:
                    todo.extend(convert_SQ(value, True, True))
                except Exception:  # it only looked like one
                    continue


def text(ds, tag):
    """A value as it stands in the file: trimmed bytes."""
    if tag not in ds:
        return b""
    raw = ds.get_item(tag).value
    if isinstance(raw, bytes):
        return raw.strip(b" \0")
    return "".join("\\".join(map(str, raw)) if isinstance(raw, pydicom.multival.MultiValue)
                    else str("" if raw is None else raw)).encode().strip(b" \0")


def real(value):
    word = value.decode("latin-1").upper()
    return value != b"" and word not in DUMMY and re.fullmatch(r"(.)\1*", word) is None or \
        (value != b"" and word not in DUMMY and word[0] not in "X*?-._^0")


def facts(path):
    quiet()
    ds, how, trouble = data_set(path)
    if ds is None:
        return path, None, how, trouble
    try:
        ids = [text(ds, t) for t in (0x00100020, 0x00100021, 0x0020000D, 0x0020000E, 0x00080018)]
        meta = getattr(ds, "file_meta", None)
        directory = str(getattr(meta, "MediaStorageSOPClassUID", "")) == MEDIA_DIRECTORY
        private = sum(e.tag.group % 2 == 1 and not 0x10 <= e.tag.elem <= 0xFF for e in elements(ds))
    except Exception as e:
        return path, None, how, e.__class__.__name__
    return path, (ids, directory, private), how, None


def subjects(files):
    """Keyed and inferred subjects of {path: (patient, issuer, study, sop)}."""
    issuers, inferred = {}, set()
    for path, (patient, issuer, study, sop) in files.items():
        if real(patient):
            issuers.setdefault(patient, set()).update([issuer] if real(issuer) else [])
        else:
            inferred.add(study or sop or path)
    return sum(max(1, len(i)) for i in issuers.values()), len(inferred)


def complaint(path):
    """What dcmdump says of a file; None when it is content, "" when there is no dcmdump."""
    program = shutil.which("dcmdump")
    if program is None:
        return ""
    r = subprocess.run([program, "-q", path], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                       check=False)
    return f"dcmdump ends with {r.returncode}" if r.returncode != 0 else None


def main(argv):
    folder, report_file, scan_file = argv[1:4]
    quiet()
    with open(os.path.join(folder, "MANIFEST.csv"), encoding="utf-8") as f:
        listed = {row["path"]: row for row in csv.DictReader(f)}
    with open(report_file, encoding="utf-8") as f:
        report = json.load(f)
    db = sqlite3.connect(scan_file)
    ours = {os.fsdecode(p): (s, k, n) for p, s, k, n in db.execute(
        "SELECT CAST(path AS BLOB), status, kind, private_elements FROM file")}
    db.close()
    bad, explained = [], []

    there = {os.path.relpath(os.path.join(d, f), folder) for d, _, names in os.walk(folder) for f in names}
    if set(ours) != there:
        bad.append(f"{len(there - set(ours))} files are lost, {len(set(ours) - there)} made up")
    dicom = {p for p, (_, k, _) in ours.items() if k in ("dicom", "dicomdir")}
    for p in sorted(dicom ^ set(listed)):
        bad.append(f"{p}: {'DICOM' if p in dicom else 'not DICOM'}, the manifest says otherwise")

    paths = sorted(os.path.join(folder, p) for p in listed)
    read, private = {}, 0
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        for path, found, how, trouble in pool.map(facts, paths, chunksize=40):
            name = os.path.relpath(path, folder)
            status, kind, n = ours.get(name, ("lost", "", 0))
            if found is None:
                bad.append(f"{name}: pydicom reads it not: {trouble}; here it is '{status}'")
                continue
            ids, directory, theirs = found
            private += theirs
            read[name] = (ids, directory)
            if directory != (kind == "dicomdir"):
                bad.append(f"{name}: kind {kind}")
            if theirs != n:
                bad.append(f"{name}: {n} private elements, pydicom has {theirs}")
            if how == "bare":
                why = next(w for b, w in BARE.items() if name.endswith(b))
                explained.append(f"{name}: pydicom had to be told: {why}")
    data = report["dataset"]
    own = {n: i for n, (i, d) in read.items() if not d}
    keyed, inferred = subjects({n: (i[0], i[1], i[2], i[4]) for n, i in own.items()})
    for what, theirs in (("files", len(there)), ("dicom_files", len(listed)),
                         ("subjects", keyed + inferred), ("inferred_subjects", inferred),
                         ("studies", len({i[2] for i in own.values()} - {b""})),
                         ("series", len({i[3] for i in own.values()} - {b""})),
                         ("instances", len({i[4] for i, _ in read.values()} - {b""})),
                         ("private_elements", private)):
        print(f"{what}: {data[what]} here, {theirs} by pydicom")
        if data[what] != theirs:
            bad.append(f"{what}: {data[what]}, pydicom has {theirs}")

    for name, (status, kind, _) in sorted(ours.items()):
        if status in ("ok", "other"):
            if kind == "unknown":
                bad.append(f"{name}: nobody knows what it is")
            continue
        said = complaint(os.path.join(folder, name))
        why = next((w for n, w in WRONG.items() if name.endswith(n)), None)
        if said is None and why is None:
            bad.append(f"{name}: '{status}', but dcmdump reads it")
        else:
            explained.append(f"{name}: '{status}': {said or why or 'no dcmdump to ask'}")
    for name in sorted(listed):
        status = ours.get(name, ("lost",))[0]
        said = complaint(os.path.join(folder, name)) if status == "ok" else None
        why = next((w for n, w in MENDED.items() if name.endswith(n)), None)
        if said and why:
            explained.append(f"{name}: 'ok', though {said}: {why}")
        elif said:
            bad.append(f"{name}: 'ok', but {said}")
    unread = sum(s not in ("ok", "other") for s, _, _ in ours.values())
    if data["unreadable_files"] != unread or \
            sum(r["files"] for r in report["coverage"]["reasons"]) != unread:
        bad.append(f"{data['unreadable_files']} files unreadable in the report, {unread} in the scan")
    for line in explained:
        print(f"explained: {line}")
    for line in bad[:40]:
        print(f"WRONG: {line}")
    print(f"{len(listed)} real files, {len(bad)} differences that nothing explains")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
