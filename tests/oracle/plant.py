"""Plants things in the files of a cohort, with pydicom, and knows whom it planted them in.

A list of edits, each an object:

    subjects   numbers of patients in the order of their PatientIDs, [0, 3], or "all" (the default);
               a number n means the first n
    studies    numbers of a patient's studies by StudyInstanceUID; default all
    files      "first" of each series, "all" (the default)
    set        {PATH: VALUE}: sets a value; PATH is gggg,eeee, gggg,xxee{CREATOR}, or several of them
               with / between (an item is made in each sequence); VALUE is {"vr": .., "value": ..},
               or a value alone where pydicom's dictionary knows the VR.  A list of lists or of texts
               under "each" gives each patient its own: {"vr": "LO", "each": ["a", "b"]} (in turn).
    delete     [PATH, ...]
    preamble, trailing   text in front of, behind the file
    insert               hex: bytes in front of the first element of the data set
    truncate   bytes cut off the end
    rename     new name of the file below the root; "{n}" is the number of the patient (from 1),
               "{id}" the PatientID, "{i}" the number of the file
    add        {"path": .., "text": ..} or {"path": .., "hex": ..}: a file that is not DICOM; with "rows" a
               text for each of "subjects" stands behind it
    copy       number of the patient whose PatientID all chosen files get (two people, one ID)

"{n}", "{id}", "{i}" stand in values as well; "{n:03d}" and the like work.  "counted": false leaves the
patients of an edit out of the expected number.
"""
import os
import re

import pydicom
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

pydicom.config.settings.reading_validation_mode = 0
pydicom.config.settings.writing_validation_mode = 0

SEGMENT = re.compile(r"^([0-9A-F]{4}),([0-9A-Fx]{4})(?:\{(.*)\})?$")


class Cohort:
    """Files of a folder by patient, study, series."""

    def __init__(self, root):
        self.root, self.files = root, []
        for folder, _, names in os.walk(root):
            for name in sorted(names):
                path = os.path.join(folder, name)
                with open(path, "rb") as f:
                    if f.read(132)[128:] != b"DICM":
                        continue  # added by an edit before
                ds = pydicom.dcmread(path, stop_before_pixels=True, force=True)
                self.files.append((str(ds.get("PatientID", "")), str(ds.get("StudyInstanceUID", "")),
                                   str(ds.get("SeriesInstanceUID", "")), path))
        self.files.sort()
        self.patients = sorted({f[0] for f in self.files})
        self.studies = {p: sorted({f[1] for f in self.files if f[0] == p}) for p in self.patients}

    def chosen(self, edit):
        """(number of the patient, number of the file, path) of the files an edit is about."""
        want, studies = edit.get("subjects", "all"), edit.get("studies")
        if isinstance(want, int):
            want = range(want)
        seen = set()
        for i, (patient, study, series, path) in enumerate(self.files):
            n = self.patients.index(patient)
            if want != "all" and n not in want:
                continue
            if studies is not None and self.studies[patient].index(study) not in studies:
                continue
            if edit.get("files", "all") == "first" and series in seen:
                continue
            seen.add(series)
            yield n, i, path


def block(ds, group, creator):
    """The first byte of the block of a private creator, which is made when missing."""
    for b in range(0x10, 0x100):
        tag = pydicom.tag.Tag(group, b)
        if tag not in ds:
            ds.add_new(tag, "LO", creator)
        if str(ds[tag].value) == creator:
            return b
    raise ValueError("no private block left")


def tag_in(ds, segment):
    m = SEGMENT.match(segment)
    if m is None:
        raise ValueError(f"not a path: {segment}")
    group = int(m.group(1), 16)
    if m.group(3) is not None:
        return pydicom.tag.Tag(group, block(ds, group, m.group(3)) << 8 | int(m.group(2)[2:], 16))
    return pydicom.tag.Tag(group, int(m.group(2), 16))


def split(path):
    """Segments of a path; a / inside of { } is the creator's."""
    return re.findall(r"[^/{]+(?:\{[^}]*\})?", path)


def holder(ds, path):
    """The data set that holds the last tag of a path, made when missing, and that tag."""
    segments = split(path)
    if segments[0].startswith("0002,"):
        ds = ds.file_meta
    for s in segments[:-1]:
        tag = tag_in(ds, s)
        if tag not in ds or not ds[tag].value:
            ds.add_new(tag, "SQ", Sequence([Dataset()]))
        ds = ds[tag].value[0]
    return ds, tag_in(ds, segments[-1])


def value_of(spec, vr, words, n):
    v = spec["each"][n % len(spec["each"])] if "each" in spec else spec["value"]
    if "hex" in spec:
        v = bytes.fromhex(spec["hex"])
    if isinstance(v, str):
        v = re.sub(r"\{(n|id|i)(:[^}]*)?\}", lambda m: format(words[m.group(1)], (m.group(2) or ":")[1:]), v)
    if vr in ("OB", "UN", "OW") and isinstance(v, str):
        v = v.encode("utf-8")
        v += b"\0" * (len(v) % 2)
    return v


def put(ds, path, spec, words, n):
    if not isinstance(spec, dict):
        spec = {"value": spec}
    where, tag = holder(ds, path)
    vr = spec.get("vr") or pydicom.datadict.dictionary_VR(tag)
    where.add_new(tag, vr, value_of({"value": "", **spec}, vr, words, n))
    if tag == 0x7FE00010 and where[tag].value[:4] == b"\xfe\xff\x00\xe0":
        where[tag].is_undefined_length = True  # fragments


def drop(ds, path):
    where, tag = holder(ds, path)
    if tag in where:
        del where[tag]


def change(path, edit, words, n, root):
    if any(k in edit for k in ("set", "delete", "copy")):
        ds = pydicom.dcmread(path, force=True)
        for p in edit.get("delete", []):
            drop(ds, p)
        for p, spec in edit.get("set", {}).items():
            put(ds, p, spec, words, n)
        if "copy" in edit:
            ds.PatientID = edit["copy"]
        ds.save_as(path)
    if "insert" in edit:
        with open(path, "rb") as f:
            data = f.read()
        at = 144 + int.from_bytes(data[140:144], "little")  # preamble, magic word, (0002,0000), group 0002
        with open(path, "wb") as f:
            f.write(data[:at] + bytes.fromhex(edit["insert"]) + data[at:])
    with open(path, "r+b") as f:
        if "preamble" in edit:
            f.write(edit["preamble"].encode()[:128])
        f.seek(0, os.SEEK_END)
        if "trailing" in edit:
            f.write(edit["trailing"].encode())
        if "truncate" in edit:
            f.truncate(f.tell() - edit["truncate"])
    if "rename" in edit:
        to = os.path.join(root, edit["rename"].format(**words))
        os.makedirs(os.path.dirname(to), exist_ok=True)
        os.rename(path, to)


def plant(root, edits):
    """Applies the edits in turn; the numbers of patients in whom something was planted."""
    hit = set()
    for edit in edits:
        cohort = Cohort(root)
        if "add" in edit:
            to = os.path.join(root, edit["add"]["path"])
            os.makedirs(os.path.dirname(to), exist_ok=True)
            with open(to, "wb") as f:
                f.write(bytes.fromhex(edit["add"]["hex"]) if "hex" in edit["add"]
                        else edit["add"]["text"].encode())
                for n, patient in enumerate(cohort.patients):
                    if "rows" in edit["add"] and n in edit.get("subjects", range(len(cohort.patients))):
                        f.write(edit["add"]["rows"].format(n=n + 1, id=patient).encode())
            continue
        if "copy" in edit:
            edit = {**edit, "copy": cohort.patients[edit["copy"]]}
        for n, i, path in list(cohort.chosen(edit)):
            words = {"n": n + 1, "id": cohort.patients[n], "i": i + 1}
            change(path, edit, words, n, root)
            if edit.get("counted", True):
                hit.add(n)
    return hit

