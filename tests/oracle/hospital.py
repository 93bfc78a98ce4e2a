"""One invented hospital group, its RIS, and releases made from it as DICOM files.

The population is drawn from a seed: people with sex, birth date, residence and build; exams with
date, time, site, device, modality, body part, description, skewed as in a hospital.  A RIS row is
one acquisition of one exam, its columns are the concepts of rules/concepts.json.  A release takes
some of the people with all their exams and writes what its recipe leaves of each fact.  Nobody in
it is real, and nothing of the program that is tested is used.
"""
import bisect
import csv
import datetime
import os
import random
import struct

FIRST_DAY = datetime.date(2022, 1, 3).toordinal()
LAST_DAY = datetime.date(2024, 12, 30).toordinal()
COLUMNS = ("sex", "birth_date", "age", "ethnicity", "residence", "height", "weight", "pregnancy",
           "smoking", "exam_date", "exam_time", "site", "department", "device", "device_model",
           "modality", "body_region", "procedure", "protocol", "staff")

SITES = (("Hillside General Hospital", 50), ("Riverbank Clinic", 28), ("St. Elsewhere", 16),
         ("Valley Day Centre", 6))
DEVICES = {  # make, model, how many devices at the sites
    "CT": (("SIEMENS", "SOMATOM Force", (2, 1, 0, 0)), ("GE MEDICAL SYSTEMS", "Revolution CT", (1, 0, 1, 0))),
    "MR": (("SIEMENS", "MAGNETOM Vida", (1, 1, 0, 0)), ("Philips", "Ingenia", (1, 0, 1, 0))),
    "DX": (("Philips", "DigitalDiagnost", (2, 1, 1, 1)), ("Carestream", "DRX-1", (1, 1, 0, 0))),
    "US": (("GE MEDICAL SYSTEMS", "LOGIQ E9", (2, 1, 1, 1)),),
    "MG": (("HOLOGIC", "Selenia Dimensions", (1, 1, 0, 1)),),
    "PT": (("SIEMENS", "Biograph mCT", (1, 0, 0, 0)),),
}
MODALITIES = (("DX", 36), ("CT", 24), ("MR", 18), ("US", 13), ("MG", 6), ("PT", 3))
BODY = {  # part, weight, description, two series
    "DX": (("CHEST", 50, "XR thorax", ("PA", "LAT")), ("HAND", 12, "XR hand", ("AP", "OBL")),
           ("KNEE", 14, "XR knee", ("AP", "LAT")), ("PELVIS", 8, "XR pelvis", ("AP", "AP")),
           ("FOOT", 9, "XR foot", ("AP", "OBL")), ("CLAVICLE", 1, "XR clavicle", ("AP", "AP"))),
    "CT": (("CHEST", 36, "CT thorax", ("Thorax", "Lung")), ("ABDOMEN", 30, "CT abdomen", ("Abd", "Abd VP")),
           ("HEAD", 26, "CT head", ("Head", "Bone")), ("SPINE", 6, "CT spine", ("Spine", "Bone")),
           ("NECK", 2, "CT neck", ("Neck", "Neck"))),
    "MR": (("BRAIN", 42, "MR brain", ("T1", "FLAIR")), ("KNEE", 20, "MR knee", ("PD", "T2")),
           ("LSPINE", 24, "MR lumbar spine", ("T1", "T2")), ("PROSTATE", 6, "MR prostate", ("T2", "DWI")),
           ("HEART", 4, "MR heart", ("Cine", "LGE"))),
    "US": (("ABDOMEN", 60, "US abdomen", ("Abd", "Liver")), ("THYROID", 18, "US thyroid", ("SP", "SP")),
           ("HEART", 22, "Echo", ("TTE", "TTE"))),
    "MG": (("BREAST", 1, "Mammography", ("CC", "MLO")),),
    "PT": (("WHOLEBODY", 1, "PET/CT whole body", ("WB AC", "WB CT")),),
}
SOP_CLASS = {"CT": "2", "MR": "4", "DX": "1.1", "US": "6.1", "MG": "1.2", "PT": "128",
             "SR": "88.67"}
DOCTORS = ("Adler", "Brook", "Cedar", "Dune", "Elm", "Fjord", "Grove", "Heath", "Inlet")


class Weighted:
    """Draws from (thing, weight, ...) rows."""

    def __init__(self, rows):
        self.rows, self.sums, total = rows, [], 0
        for r in rows:
            total += r[1]
            self.sums.append(total)

    def draw(self, rng):
        return self.rows[bisect.bisect_right(self.sums, rng.random() * self.sums[-1])]


def text_of(day):
    return datetime.date.fromordinal(day).strftime("%Y%m%d")


def age_text(birth, exam):
    """AS: years, months for infants."""
    b, e = datetime.date.fromordinal(birth), datetime.date.fromordinal(exam)
    months = (e.year - b.year) * 12 + e.month - b.month - (e.day < b.day)
    return f"{months:03d}M" if months < 24 else f"{months // 12:03d}Y"


def years(age):
    return int(age[:3]) // (12 if age.endswith("M") else 1)


class Person:
    """who: a number; steps: RIS rows, one list an exam."""

    def __init__(self, number, rng, towns):
        self.number = number
        self.sex = rng.choices("FMO", (52, 47.8, .2))[0]
        lo, hi = rng.choices(((0, 17), (18, 39), (40, 64), (65, 79), (80, 99)),
                             (9, 19, 33, 28, 11))[0]
        self.birth = FIRST_DAY + 540 - int(365.25 * rng.uniform(lo, hi + 1))
        self.town = towns.draw(rng)[0]
        self.ethnicity = rng.choices((None, "White", "Asian", "Black", "Mixed", "Other"),
                                     (18, 60, 10, 7, 4, 1))[0]
        self.cm = rng.gauss(164 if self.sex == "F" else 177, 8)
        self.bmi = max(16, rng.gauss(26.5, 4.5))
        self.smoking = rng.choices((None, "YES", "NO"), (70, 10, 20))[0]
        self.exams = []


class Hospital:
    """The population.  people: Person, in order; the same for the same seed and size."""

    def __init__(self, size, seed=20261127):
        rng = random.Random(f"hospital {seed}")
        self.modality = Weighted(MODALITIES)
        self.body = {m: Weighted(b) for m, b in BODY.items()}
        self.site = Weighted(SITES)
        towns = Weighted([(f"Town {i:02d}", 100 / (i + 1.5)) for i in range(40)])
        self.devices = self._devices()
        self.people = []
        for number in range(size):
            p = Person(number, rng, towns)
            self._exams(p, rng)
            self.people.append(p)

    @staticmethod
    def _devices():
        devices, serial = {}, 40000
        for modality, models in DEVICES.items():
            for make, model, counts in models:
                for (site, _), count in zip(SITES, counts):
                    for _ in range(count):
                        serial += 137
                        devices.setdefault((site, modality), []).append(
                            (make, model, str(serial), f"{modality}{serial % 1000}"))
        return devices

    def _exams(self, p, rng):
        """A first exam; some come back soon, a few for years."""
        home = self.site.draw(rng)[0]
        day = rng.randrange(max(FIRST_DAY, p.birth), LAST_DAY + 1)
        chronic = rng.random() < .08
        kind = None
        while day <= LAST_DAY and len(p.exams) < 14:
            if kind is None or not rng.random() < (.85 if chronic else .5):
                kind = self._kind(p, rng)
            self._exam(p, rng, home if rng.random() < .9 else self.site.draw(rng)[0], day, *kind)
            if rng.random() >= (.88 if chronic else .45):
                break
            day += (int(rng.gauss(91, 6)) if chronic else
                    0 if rng.random() < .15 else int(rng.expovariate(1 / 60)))

    def _kind(self, p, rng):
        while True:
            m = self.modality.draw(rng)[0]
            b = self.body[m].draw(rng)
            if (p.sex == "M" and m == "MG") or (p.sex == "F" and b[0] == "PROSTATE"):
                continue
            return m, b

    def _exam(self, p, rng, site, day, modality, body):
        if (site, modality) not in self.devices:
            site = SITES[0][0]
        emergency = rng.random() < .12
        while not emergency and datetime.date.fromordinal(day).weekday() > 4:
            day += 1
        minute = (rng.randrange(1, 1440) if emergency else  # 000000 would be a dummy
                  int(min(1079, max(450, rng.triangular(450, 1079, 600)))) // 5 * 5)
        make, model, serial, station = rng.choice(self.devices[site, modality])
        part, _, description, series = body
        weighed = modality in ("CT", "MR", "PT") and rng.random() < .7
        row = {
            "sex": p.sex, "birth_date": text_of(p.birth), "age": age_text(p.birth, day),
            "ethnicity": p.ethnicity, "residence": p.town,
            "height": f"{p.cm / 100:.2f}" if weighed else None,
            "weight": f"{p.bmi * p.cm * p.cm / 1e4 + rng.gauss(0, 2):.1f}" if weighed else None,
            "pregnancy": "4" if p.sex == "F" and modality == "DX" and rng.random() < .3 else None,
            "smoking": p.smoking if part == "CHEST" else None,
            "exam_date": text_of(day), "exam_time": f"{minute // 60:02d}{minute % 60:02d}00",
            "site": site, "department": "Emergency" if emergency else
            "Nuclear Medicine" if modality == "PT" else "Radiology",
            "device": serial, "device_model": model, "modality": modality,
            "body_region": part if rng.random() > .06 else None, "procedure": description,
            "staff": rng.choice(DOCTORS) + "^" + site[0],
            # not concepts: what files say beside
            "make": make, "station": station, "day": day,
        }
        steps = [dict(row, protocol=series[0], modality="CT" if modality == "PT" and i else modality)
                 for i in range(2 if modality == "PT" or rng.random() < .45 else 1)]
        for step, name in zip(steps, series):
            step["protocol"] = name
            step["files"] = rng.choice((1, 1, 2, 3)) if modality in ("CT", "MR") else 1
        if modality == "CT" and rng.random() < .3:
            steps[0]["report"] = True  # a dose report beside the images
        p.exams.append(steps)


# ---- what a release leaves of a fact ----

DATES = ("true", "month", "year", "shift", "none")


class Recipe:
    """How a release was de-identified; drawn from its number, so that all kinds come up."""

    def __init__(self, number, seed):
        rng = random.Random(f"recipe {seed} {number}")
        self.dates = DATES[number % len(DATES)]
        self.late = self.dates != "none" and rng.random() < .3  # StudyDate blank, AcquisitionDate left
        self.birth = rng.choice(("none", "none", "year", "kept")) if self.dates != "shift" else "none"
        self.age = (rng.choice(("1y", "none")) if self.birth == "kept" else
                    rng.choice(("1y", "1y", "5y", "5y", "10y", "none")))
        self.time = rng.choice(("none", "none", "hour", "kept"))
        self.device = rng.choice(("none", "station", "serial", "serial"))
        self.body = rng.choice(("none", "kept", "kept"))
        gone = {"sex": .06, "ethnicity": .6, "residence": .6, "site": .4, "height": .4, "weight": .3,
                "pregnancy": .5, "smoking": .6, "department": .5, "device_model": .2,
                "procedure": .4, "protocol": .3, "staff": .8}
        self.gone = {c for c, p in gone.items() if rng.random() < p}
        if self.body == "none":
            self.gone.add("body_region")

    def coarse_date(self, v):
        return {"month": v[:6] + "01", "year": v[:4] + "0101", "none": None}.get(self.dates, v)

    def coarse_age(self, v):
        if self.age == "none":
            return None
        if self.age == "1y":
            return v
        step = int(self.age[:-1])
        return f"{min(years(v) // step * step, 90):03d}Y"

    def image(self, row, shift):
        """A row as the files have it; shift: days, of its patient."""
        out = {c: None if c in self.gone else row[c] for c in COLUMNS}
        out["exam_date"] = (text_of(row["day"] + shift) if self.dates == "shift" else
                            self.coarse_date(row["exam_date"]))
        out["age"] = self.coarse_age(row["age"])
        # The middle of the year, not 0101: 19000101 is a dummy to rules/dummies.json.
        birth = row["birth_date"]
        out["birth_date"] = {"none": None, "year": birth[:4] + "0701", "kept": birth}[self.birth]
        if self.time != "kept":
            out["exam_time"] = row["exam_time"][:2] + "0100" if self.time == "hour" else None
        if self.device != "serial":
            out["device"] = row["station"] if self.device == "station" else None
        return out

    def describe(self):
        return (f"dates {self.dates}{' (late)' if self.late else ''}, birth {self.birth}, age {self.age}, "
                f"time {self.time}, device {self.device}, without {' '.join(sorted(self.gone))}")


# ---- files ----

def element(tag, vr, value):
    group, number = int(tag[:4], 16), int(tag[4:], 16)
    if vr == "US":
        value = struct.pack("<H", int(value))
    elif isinstance(value, str):
        value = value.encode("ascii")
        value += (b"\0" if vr == "UI" else b" ") * (len(value) % 2)
    head = struct.pack("<HH", group, number) + vr.encode()
    if vr in ("OB", "OW", "SQ"):
        return head + b"\0\0" + struct.pack("<I", len(value)) + value
    return head + struct.pack("<H", len(value)) + value


def encode(fields):
    """A file, explicit VR little endian, of {tag: (VR, value)}."""
    meta = (element("00020001", "OB", b"\0\1") + element("00020002", "UI", fields["00080016"][1]) +
            element("00020003", "UI", fields["00080018"][1]) +
            element("00020010", "UI", "1.2.840.10008.1.2.1") +
            element("00020012", "UI", "2.25.271828182845904523536"))
    meta = element("00020000", "UL", struct.pack("<I", len(meta))) + meta
    return (b"\0" * 128 + b"DICM" + meta +
            b"".join(element(t, *fields[t]) for t in sorted(fields)))


class Release:
    """Some of the people, as a recipe leaves them.

    ids: PatientID of a released person's number; members: their numbers."""

    def __init__(self, hospital, number, size, seed):
        self.hospital, self.number = hospital, number
        self.rng = random.Random(f"release {seed} {number}")
        self.recipe = Recipe(number, seed)
        self.members = sorted(self.rng.sample(range(len(hospital.people)), size))
        order = self.rng.sample(range(size), size)
        self.ids = {m: f"REL{number:02d}-{order[i]:04d}" for i, m in enumerate(self.members)}
        self.shift = {p.number: self.rng.randrange(-360, 361) for p in hospital.people}

    def images(self, person):
        """What the files have of a person, one row an acquisition, and the row of the RIS; for
        somebody who is not in the release, what they would have."""
        for steps in person.exams:
            for step in steps:
                yield self.recipe.image(step, self.shift[person.number]), step

    def uid(self):
        return f"2.25.{self.rng.getrandbits(120)}"

    def write(self, folder):
        """Files below folder; returns how many."""
        count = 0
        for m in self.members:
            where = os.path.join(folder, self.ids[m])
            os.makedirs(where)
            for exam in self.hospital.people[m].exams:
                study = self.uid()
                for step in exam:
                    count += self._series(where, m, step, study, count)
        return count

    def _series(self, where, member, step, study, count):
        row, series, n = self.recipe.image(step, self.shift[member]), self.uid(), step["files"]
        for i in range(n):
            self._save(where, count + i, self._fields(member, row, step, study, series, i))
        if "report" in step:
            row = dict(row, modality="SR", device=None, device_model=None, body_region=None,
                       protocol=None)
            fields = self._fields(member, row, step, study, self.uid(), 0)
            for t in ("00280010", "00280011", "7FE00010"):
                fields.pop(t, None)
            fields["0040A040"], fields["0040A491"] = ("CS", "CONTAINER"), ("CS", "COMPLETE")
            self._save(where, count + n, fields)
        return n + ("report" in step)

    @staticmethod
    def _save(where, number, fields):
        with open(os.path.join(where, f"{number:06d}.dcm"), "wb") as f:
            f.write(encode(fields))

    def _fields(self, member, row, step, study, series, i):
        r = self.recipe
        date, time = row["exam_date"] or "", row["exam_time"] or ""
        kept = {"true": "UNMODIFIED", "none": "REMOVED"}.get(r.dates, "MODIFIED")
        f = {
            "00080016": ("UI", "1.2.840.10008.5.1.4.1.1." + SOP_CLASS[row["modality"]]),
            "00080018": ("UI", self.uid()), "0020000D": ("UI", study), "0020000E": ("UI", series),
            "00080020": ("DA", "" if r.late else date), "00080030": ("TM", "" if r.late else time),
            "00080022": ("DA", date), "00080032": ("TM", time), "00080023": ("DA", date),
            "00080033": ("TM", time), "00080050": ("SH", ""), "00080060": ("CS", row["modality"]),
            "00080070": ("LO", step["make"] if row["device_model"] else ""),
            "00080090": ("PN", ""), "00100010": ("PN", ""), "00100020": ("LO", self.ids[member]),
            "00100030": ("DA", row["birth_date"] or ""), "00100040": ("CS", row["sex"] or ""),
            "00120062": ("CS", "YES"), "00120063": ("LO", "experiment"), "00200010": ("SH", ""),
            "00200013": ("IS", str(i + 1)), "00280303": ("CS", kept), "00280010": ("US", 2),
            "00280011": ("US", 2), "7FE00010": ("OW", b"\1\0\2\0\3\0\4\0"),
        }
        for c, tag, vr in (
                ("age", "00101010", "AS"), ("ethnicity", "00102160", "SH"),
                ("residence", "00102152", "LO"), ("height", "00101020", "DS"),
                ("weight", "00101030", "DS"), ("pregnancy", "001021C0", "US"),
                ("smoking", "001021A0", "CS"), ("site", "00080080", "LO"),
                ("department", "00081040", "LO"), ("device_model", "00081090", "LO"),
                ("body_region", "00180015", "CS"), ("procedure", "00081030", "LO"),
                ("protocol", "0008103E", "LO"), ("staff", "00081050", "PN"),
                ("device", "00181000" if r.device == "serial" else "00081010",
                 "LO" if r.device == "serial" else "SH")):
            if row[c] is not None:
                f[tag] = (vr, row[c])
        return f



def write_ris(people, path):
    """The RIS as a population table: concepts, and `subject`.  people: rows of each person."""
    with open(path, "w", encoding="utf-8", newline="") as f:
        out = csv.writer(f, lineterminator="\n")
        out.writerow(("subject",) + COLUMNS)
        for number, rows in enumerate(people):
            for row, _ in rows:
                out.writerow([f"P{number:05d}"] + ["" if row[c] is None else row[c] for c in COLUMNS])
