#!/usr/bin/env python3
"""An intruder who has the files and knows one exam of a target; counts who fits.

usage: intruder.py DICOMDIR TRUTH-OR-REPORT.json

Reads every file with pydicom and nothing else of this project.  For each subject and each of
its exams an adversary knows the values of that exam, searches all files, and must find exactly
as many candidates as truth.json says (K, K_low and k of every subject), or, given a report,
as its views say.  Exit: 0 all agree, 1 not, 77 no pydicom.
"""
import hashlib
import json
import os
import re
import struct
import sys

try:
    import pydicom
    from pydicom.charset import convert_encodings, decode_bytes
    from pydicom.datadict import add_dict_entries, dictionary_VR
    from pydicom.dataelem import RawDataElement
    from pydicom.errors import InvalidDicomError
    from pydicom.filereader import dcmread, read_file_meta_info
except ImportError:
    print("intruder: skipped, python3-pydicom is not installed")
    sys.exit(77)

# Attributes younger than the dictionary of pydicom 2.3.
add_dict_entries({0x00102161: ("SQ", "1", "Ethnic Group Code Sequence", "", "EthnicGroupCodeSequence"),
                  0x00102162: ("UC", "1-n", "Ethnic Groups", "", "EthnicGroups")})

# What a fact is called, where it lives, and where it is looked for, in order of preference.
# P: anywhere in the study; E: only in the series.
CONCEPTS = {
    "sex": ("P", "PatientSex"),
    "birth_date": ("P", "PatientBirthDate"),
    "age": ("P", "PatientAge"),
    "ethnicity": ("P", "EthnicGroup", 0x00102162, (0x00102161, "CodeMeaning")),
    "residence": ("P", "PatientAddress", "RegionOfResidence", "CountryOfResidence"),
    "occupation": ("P", "Occupation"),
    "height": ("P", "PatientSize"),
    "weight": ("P", "PatientWeight"),
    "pregnancy": ("P", "PregnancyStatus", "LastMenstrualDate"),
    "smoking": ("P", "SmokingStatus"),
    "exam_date": ("P", "StudyDate", "AcquisitionDate", "AcquisitionDateTime", "SeriesDate",
                  "ContentDate", "PerformedProcedureStepStartDate",
                  "ScheduledProcedureStepStartDate", "InstanceCreationDate"),
    "exam_time": ("P", "StudyTime", "AcquisitionTime", "AcquisitionDateTime", "SeriesTime",
                  "ContentTime", "PerformedProcedureStepStartTime", "InstanceCreationTime"),
    "site": ("E", "InstitutionName", ("InstitutionCodeSequence", "CodeMeaning"),
             "InstitutionAddress", "ClinicalTrialSiteName", "ClinicalTrialSiteID"),
    "department": ("E", "InstitutionalDepartmentName",
                   ("InstitutionalDepartmentTypeCodeSequence", "CodeMeaning")),
    "device": ("E", "DeviceSerialNumber", "StationName", "DeviceUID", "DetectorID", "GantryID",
               "PlateID", "CassetteID"),
    "device_model": ("E", "ManufacturerModelName", "Manufacturer"),
    "modality": ("E", "Modality"),
    "body_region": ("E", "BodyPartExamined", ("AnatomicRegionSequence", "CodeMeaning")),
    "procedure": ("P", "StudyDescription", ("ProcedureCodeSequence", "CodeMeaning"),
                  "RequestedProcedureDescription", "PerformedProcedureStepDescription"),
    "protocol": ("E", "ProtocolName", "SeriesDescription"),
    "staff": ("P", "PerformingPhysicianName", "OperatorsName", "PhysiciansOfRecord",
              "ReferringPhysicianName", "NameOfPhysiciansReadingStudy"),
}
PUBLIC = ["sex", "age", "ethnicity", "residence", "site", "exam_date", "body_region"]
FRIEND = PUBLIC + ["height", "weight", "modality", "pregnancy", "smoking", "occupation"]
STAFF = FRIEND + ["birth_date", "exam_time", "device", "device_model", "procedure", "department",
                  "staff"]
ADVERSARIES = {"public": PUBLIC, "acquaintance": FRIEND, "site-staff": STAFF,
               "collaborating-site": STAFF, "union": STAFF + ["protocol"]}
NOT_IMAGES = set("SR PR KO SEG REG RTSTRUCT RTPLAN RTDOSE RTRECORD RTINTENT RTRAD RTSEGANN DOC "
                 "PLAN FID AU RWV M3D ANN SMR TEXTUREMAP STAIN ASMT".split())
WORDS = set("""ANONYMIZED ANONYMISED ANONYMOUS ANONYM ANON REMOVED DELETED REDACTED DEIDENTIFIED
DE-IDENTIFIED UNKNOWN NONE N/A NA NULL NIL UNDEFINED UNSPECIFIED DUMMY CLEARED BLANK EMPTY MASKED
HIDDEN CONFIDENTIAL NONAME""".split()) | {"NOT AVAILABLE", "NO NAME"}
DATES = {"00010101", "00000000", "19000101", "18000101", "99991231", "11111111", "19991111"}
TEXT = {"SH", "LO", "ST", "LT", "UT", "UC", "PN"}


def dummy(vr, v):
    """True when a value says nothing."""
    if v.upper() in WORDS or re.fullmatch(r"[Xx*?._^-]+", v):
        return True
    if vr not in ("DS", "IS", "US") and re.fullmatch(r"[Xx*?._^0-]+", v):
        return True
    if vr == "DA" or vr == "DT":
        return v[:8] in DATES if vr == "DT" else v in DATES
    return vr == "TM" and bool(re.fullmatch(r"0{6}(\.0*)?|1{6}", v))


def tag_of(name):
    return name if isinstance(name, int) else pydicom.tag.Tag(name)


def read_value(ds, name, encodings):
    """(VR, trimmed text) of a top-level element of a data set; None when absent."""
    try:
        e = ds.get_item(tag_of(name))
    except KeyError:
        return None
    if e is None:
        return None
    if not isinstance(e, RawDataElement):
        v = e.value
        v = "\\".join(map(str, v)) if isinstance(v, pydicom.multival.MultiValue) else str(v or "")
        return e.VR, v.strip(" \0")
    vr, raw = e.VR, e.value or b""
    if vr is None or vr == "UN":
        vr = dictionary_VR(e.tag)
    if vr == "US":
        if len(raw) < 2:
            return vr, ""
        return vr, str(struct.unpack("<H" if e.is_little_endian else ">H", raw[:2])[0])
    if vr in TEXT:
        return vr, decode_bytes(raw, encodings, {"\\", "^", "="} if vr == "PN" else {"\\"}).strip(" \0")
    return vr, raw.decode("latin-1").strip(" \0")


def read_carrier(ds, carrier, encodings):
    """All values a carrier has in one file, as (VR, text)."""
    if not isinstance(carrier, tuple):
        v = read_value(ds, carrier, encodings)
        return [] if v is None else [v]
    seq = ds.get(tag_of(carrier[0]))
    items = [] if seq is None or seq.value is None else seq.value
    found = [read_value(item, carrier[1], encodings) for item in items]
    return [v for v in found if v is not None]


class File:
    """What one file says: who, which exam, which series, and the values of all carriers."""

    def __init__(self, path):
        ds = dcmread(path)
        cs = read_value(ds, "SpecificCharacterSet", ["iso8859"])
        encodings = convert_encodings(cs[1].split("\\") if cs and cs[1] else None)
        one = {n: (read_value(ds, n, encodings) or ("", ""))[1] for n in
               ("PatientID", "IssuerOfPatientID", "StudyInstanceUID", "SeriesInstanceUID",
                "SOPInstanceUID")}
        self.pid = "" if dummy("LO", one["PatientID"]) else one["PatientID"]
        self.issuer = "" if dummy("LO", one["IssuerOfPatientID"]) else one["IssuerOfPatientID"]
        stand_in = one["SOPInstanceUID"]
        if not stand_in:
            with open(path, "rb") as f:
                stand_in = hashlib.sha256(f.read()).hexdigest()
        self.exam = one["StudyInstanceUID"] or stand_in
        self.series = one["SeriesInstanceUID"]
        self.values = {}
        for concept, (_, *carriers) in CONCEPTS.items():
            for i, c in enumerate(carriers):
                # the value as recorded decides which is the smallest, its part is the fact
                got = [(v, real(concept, vr, v)) for vr, v in read_carrier(ds, c, encodings)]
                got = [(v, fact) for v, fact in got if fact is not None]
                if got:
                    self.values[concept, i] = got
        m = read_value(ds, "Modality", encodings)
        self.modality = m[1] if m and m[1] and not dummy("CS", m[1]) else None


def real(concept, vr, v):
    """The fact in a value, None when there is none."""
    if v == "" or dummy(vr, v) or (concept == "modality" and v in NOT_IMAGES):
        return None
    if vr == "DT" and concept == "exam_date":
        return v[:8]
    if vr == "DT":
        rest = re.split(r"[-+&]", v[8:])[0]
        return rest if len(rest) >= 2 else None
    return v


def load(folder):
    files = []
    for root, dirs, names in os.walk(folder):
        dirs.sort()
        for name in sorted(names):
            path = os.path.join(root, name)
            try:
                meta = read_file_meta_info(path)
            except (InvalidDicomError, EOFError):
                continue
            if meta.MediaStorageSOPClassUID != "1.2.840.10008.1.3.10":
                files.append(File(path))
    return files


def name_subjects(files):
    """Who is who: PatientID, told apart by issuer where it has several, else the exam itself."""
    issuers = {}
    for f in files:
        if f.pid and f.issuer:
            issuers.setdefault(f.pid, set()).add(f.issuer)
    for f in files:
        if not f.pid:
            f.subject = ("?", f.exam, "")
        elif len(issuers.get(f.pid, ())) > 1:
            least = min(issuers[f.pid], key=str.encode)
            f.subject = ("", f.pid, f.issuer or least)
        else:
            f.subject = ("", f.pid, "")


def fact(concept, files):
    """The value of a concept over some files."""
    for i in range(len(CONCEPTS[concept]) - 1):
        seen = {v for f in files for v in f.values.get((concept, i), ())}
        if seen:
            return min(seen, key=lambda v: v[0].encode())[1]
    return None


def date_parts(v):
    m = re.fullmatch(r"(\d{4})(\d\d)(\d\d)", v) or re.fullmatch(r"(\d{4})\.(\d\d)\.(\d\d)", v)
    if not m or not (1 <= int(m[2]) <= 12 and 1 <= int(m[3]) <= 31):
        return None
    return m.groups()


def age_between(birth, exam):
    if not (birth and exam and len(birth) == len(exam) == 8 and date_parts(birth)
            and date_parts(exam) and birth <= exam):
        return None
    return str(int(exam[:4]) - int(birth[:4]) - (exam[4:] < birth[4:]))


def floor_to(v, scale, step):
    """A decimal string times scale, floored to a multiple of step."""
    from decimal import Decimal, InvalidOperation
    try:
        x = Decimal(v) * scale
    except InvalidOperation:
        return v
    return str(int(x // step * step)) if x.is_finite() else v


def at_level(concept, v, month):
    if v is None:
        return None
    if concept in ("exam_date", "birth_date"):
        p = date_parts(v)
        return v if p is None else "".join(p[:2] if month and concept == "exam_date" else p)
    if concept == "age":
        m = re.fullmatch(r"(\d+)([YMWD]?)", v)
        if not m:
            return v
        n = int(m[1])
        return str({"": n, "Y": n, "M": n // 12, "W": n * 2800 // 146100,
                    "D": n * 100 // 36525}[m[2]])
    if concept == "height":
        return floor_to(v, 100, 10)
    if concept == "weight":
        return floor_to(v, 1, 10)
    if concept == "exam_time":
        m = (re.fullmatch(r"(\d\d)(\d\d)(?:\d\d(?:\.\d*)?)?", v)
             or re.fullmatch(r"(\d\d):(\d\d)(?::\d\d(?:\.\d*)?)?", v))
        return m[1] + m[2] if m and int(m[1]) < 24 and int(m[2]) < 60 else v
    return v


def exams(files):
    """Rows: (subject, exam, facts as recorded)."""
    by_exam, by_series = {}, {}
    for f in files:
        by_exam.setdefault((f.subject, f.exam), []).append(f)
        by_series.setdefault((f.subject, f.exam, f.series), []).append(f)
    places = {}
    for fs in by_series.values():
        d, s = fact("device", fs), fact("site", fs)
        if d is not None and s is not None:
            places.setdefault(d, set()).add(s)
    rows = []
    for (who, exam), fs in by_exam.items():
        series = [v for k, v in by_series.items() if k[:2] == (who, exam)]
        images = [s for s in series
                  if not any(f.modality for f in s) or
                  any(f.modality and f.modality not in NOT_IMAGES for f in s)]
        for s in images or series:
            facts = {c: fact(c, s if CONCEPTS[c][0] == "E" else fs) for c in CONCEPTS}
            facts["stated"] = frozenset(c for c in CONCEPTS if facts[c] is not None)
            if facts["age"] is None:
                facts["age"] = age_between(facts["birth_date"], facts["exam_date"])
            if facts["site"] is None and len(places.get(facts["device"], ())) == 1:
                facts["site"] = next(iter(places[facts["device"]]))
            rows.append((who, exam, facts))
    return rows


def search(rows, knows, month, out=frozenset()):
    """For each key known of one exam: the people who fit it."""
    found = {}
    for who, _, facts in rows:
        if who not in out:
            key = tuple(at_level(c, facts[c], month) for c in knows)
            found.setdefault(key, set()).add(who)
    return found


def low(people):
    return sum(p[0] == "" for p in people) + any(p[0] for p in people)


def per_person(found):
    k, kl = {}, {}
    for people in found.values():
        for p in people:
            k[p] = min(k.get(p, len(people)), len(people))
            kl[p] = min(kl.get(p, low(people)), low(people))
    return k, kl


def worst_site(rows, knows):
    """The people of the site that learns most of the others; None when there is no such site."""
    own = {}
    for who, _, facts in rows:
        if facts["site"] is not None:
            own.setdefault(facts["site"], set()).add(who)
    best, everyone = None, {r[0] for r in rows}
    for site in sorted(own, key=str.encode):
        if own[site] == everyone:
            continue
        k, _ = per_person(search(rows, knows, False, own[site]))
        score = (round(sum(x == 1 for x in k.values()) / len(k), 12),
                 round(sum(1 / x for x in k.values()) / len(k), 12))
        if best is None or score > best[0]:
            best = (score, own[site])
    return best[1] if best else frozenset()


def check_truth(a, found, k, kl, where):
    bad = []
    truth = {tuple(x["key"]): (x["K"], x["K_low"]) for x in a["keys"]}
    mine = {key: (len(p), low(p)) for key, p in found.items()}
    if truth != mine:
        bad.append(f"{where}: {len(truth)} keys in the truth, {len(mine)} found, "
                   f"{len(set(truth.items()) ^ set(mine.items()))} differ")
    told = {(x["subject"], x.get("issuer", "")): (x["k"], x["k_low"]) for x in a["per_subject"]}
    for p, x in k.items():
        # A file without any UID goes by a digest, and each side has its own.
        if (p[1], p[2]) in told and told[p[1], p[2]] != (x, kl[p]):
            bad.append(f"{where}: k of a subject is {x}, low {kl[p]}; the truth differs")
    if sorted(told.values()) != sorted((x, kl[p]) for p, x in k.items()):
        bad.append(f"{where}: the k of all subjects are not those of the truth")
    return bad


def check_report(a, found, k, kl, where):
    view = next((v for v in a["views"] if v["view"] == "any_exam"), None)
    if view is None or not view.get("applies", True):
        return []
    mine = {"subjects": len(k), "classes": len(found), "k_min": min(k.values()),
            "k_low_min": min(kl.values()), "records": sum(map(len, found.values())),
            "unique_subjects": sum(x == 1 for x in k.values())}
    return [f"{where}: {n} is {view.get(n)}, found {v}" for n, v in mine.items() if view.get(n) != v]


def check(folder, told):
    files = load(folder)
    name_subjects(files)
    rows = exams(files)
    bad = []
    adversaries = told["adversaries"]
    truth = isinstance(adversaries, dict)
    if not truth:
        adversaries = {a["id"]: a for a in adversaries}
    for name, knows in ADVERSARIES.items():
        a = adversaries.get(name)
        if a is None:
            continue
        order = [c for c in CONCEPTS if c in knows and any(r[2][c] is not None for r in rows)]
        out = worst_site(rows, order) if name == "collaborating-site" else frozenset()
        found = search(rows, order, name == "public", out)
        k, kl = per_person(found)
        bad += (check_truth if truth else check_report)(a, found, k, kl, name)
    return bad


def main(argv):
    if len(argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    with open(argv[2], encoding="utf-8") as f:
        told = json.load(f)
    if "adversaries" not in told:
        print("intruder: nothing to compare, the truth has no adversaries", file=sys.stderr)
        return 2
    bad = check(argv[1], told)
    for line in bad:
        print(line)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
