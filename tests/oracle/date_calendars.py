"""Calendars of made-up radiology departments, and the shifts that published tools apply.

Nothing here knows the laboratory's own weeks, hours or spreads: departments are drawn as
somebody who runs one would describe them.  Shifts are those of the tools, MD5 by hashlib.
"""
import datetime
import hashlib
import hmac
import random

DAY0 = datetime.date(1970, 1, 1)
NAMES = {}  # YYYYMMDD by day number
MIXES = ("outpatient", "hospital", "emergency")
# Calendars that fit no usual week, or another one: here it may only not be wrong.
ODD_MIXES = ("research", "friday-saturday")
# scheme: what moves a patient's clock, in minutes, by (id, key of the run)
SCHEMES = ("none", "constant", "hours", "md5-rsna", "md5-ctp", "hmac")


def name_of(day):
    if day not in NAMES:
        NAMES[day] = (DAY0 + datetime.timedelta(day)).strftime("%Y%m%d")
    return NAMES[day]


def day_number(y, m, d):
    return (datetime.date(y, m, d) - DAY0).days


def shift_of(scheme, patient_id, key):
    """Minutes by which a patient's dates are moved."""
    if scheme == "none":
        return 0
    if scheme == "constant":  # RSNA CTP, @DATEINC of the example script
        return -3210 * 1440
    if scheme == "hours":  # dicognito: one offset of 62 to 730 days in whole hours
        return -(62 * 24 + int.from_bytes(hashlib.sha256(key).digest()[:8], "big")
                 % ((730 - 62) * 24)) * 60
    digest = hashlib.md5(patient_id.encode()).hexdigest()
    if scheme == "md5-rsna":  # RSNA Anonymizer: + MD5(PatientID) mod 3652 days
        return int(digest, 16) % 3652 * 1440
    if scheme == "md5-ctp":  # RSNA CTP @hashdate: the last four digits of MD5(ID) mod 3650
        return -(int(str(int(digest, 16))[-4:]) % 3650) * 1440
    if scheme == "hmac":  # keyed, per patient, a year to either side
        return (int.from_bytes(hmac.new(key, patient_id.encode(), "sha256").digest()[:8], "big")
                % 731 - 365) * 1440
    raise ValueError(scheme)


class Department:
    """A department: when it works, how much comes unplanned, over which years."""

    def __init__(self, rng, mix):
        self.rng = rng
        lo, hi = {"outpatient": (0.0, 0.05), "hospital": (0.12, 0.35),
                  "emergency": (0.75, 1.0), "research": (0.0, 0.0),
                  "friday-saturday": (0.0, 0.3)}[mix]
        self.unplanned = rng.uniform(lo, hi)
        first = day_number(rng.randrange(2005, 2022), 1, 1) + rng.randrange(0, 300)
        self.days = range(first, first + int(rng.uniform(300, 1900)))
        busy = [rng.uniform(0.85, 1.15) for _ in range(5)]
        saturday = rng.choice([0.0, 0.0, 0.0, 0.03, 0.3])
        week = busy + [saturday, 0.0]
        if mix == "research":  # one to three slots a week, Saturdays among them
            slots = rng.sample(range(6), rng.randrange(1, 4))
            week = [busy[d % 5] if d in slots else 0.0 for d in range(7)]
        elif mix == "friday-saturday":  # a weekend of Friday and Saturday
            week = busy[:4] + [0.0, rng.choice([0.0, 0.0, 0.3]), busy[4]]
        holidays = {(1, 1), (5, 1), (12, 24), (12, 25), (12, 26), (12, 31)}
        planned, unplanned = [], []
        for n in self.days:
            date = DAY0 + datetime.timedelta(n)
            w = date.weekday()
            p = week[w]
            if (date.month, date.day) in holidays:
                p = 0.0
            if date.month == 8 or (date.month == 12 and date.day > 18):
                p *= 0.75
            planned.append(p)
            unplanned.append([1.08, 1.02, 1.0, 1.0, 1.0, 0.97, 0.93][w])
        self.weights = {False: self._sums(planned), True: self._sums(unplanned)}
        self.start = rng.gauss(7.8, 0.5)
        self.end = rng.choice([16, 16.5, 17, 18, 20]) + rng.gauss(0, 0.3)
        if mix == "research":  # when the scanner is free
            self.start = rng.uniform(7, 18)
            self.end = self.start + rng.uniform(2, 4)

    @staticmethod
    def _sums(w):
        out, total = [], 0.0
        for x in w:
            total += x
            out.append(total)
        return out

    def exam(self, after=None):
        """(day, minute) of an exam; a follow-up comes some weeks to a year later."""
        rng, unplanned = self.rng, self.rng.random() < self.unplanned
        sums = self.weights[unplanned]
        if after is None:
            day = rng.choices(self.days, cum_weights=sums)[0]
        else:
            gap = rng.choice([rng.expovariate(1 / 120.0), rng.gauss(90, 12), rng.gauss(182, 20),
                              rng.gauss(365, 25)])
            target = max(1, int(gap)) + after - self.days[0]
            lo, hi = max(0, target - 4), min(len(self.days), target + 5)
            if lo >= hi:
                return None
            parts = [sums[i] - (sums[i - 1] if i else 0.0) for i in range(lo, hi)]
            if sum(parts) <= 0:
                return None
            day = rng.choices(self.days[lo:hi], weights=parts)[0]
        return day, self._planned_minute() if not unplanned else self._any_minute()

    def _planned_minute(self):
        while True:
            h = self.rng.triangular(self.start, self.end, self.start + 2.5) \
                if self.rng.random() < 0.5 else self.rng.uniform(self.start, self.end)
            if not 12 <= h < 13 or self.rng.random() < 0.6:
                return min(1439, int(h * 60))

    def _any_minute(self):
        while True:
            h = self.rng.uniform(0, 24)
            if self.rng.random() < (0.3 if h < 7 else 0.7 if h < 9 else 1.0 if h < 19 else 0.75):
                return int(h * 60)


def calendar(seed, mix, scheme, studies, times):
    """Patients of a release: lists of (YYYYMMDD, HHMM or '-') with `studies` exams in all."""
    rng = random.Random(seed)
    key = b"run %d" % seed
    dep = Department(rng, mix)
    patients, n = [], 0
    while n < studies:
        pid = "%07d" % rng.randrange(10 ** 7)
        moved = shift_of(scheme, pid, key)
        exams, at = [], None
        while n < studies:
            e = dep.exam(at)
            if e is None:
                break
            at = e[0]
            exams.append(e)
            n += 1
            if rng.random() > 0.45:
                break
        rows = []
        for day, minute in exams:
            total = day * 1440 + minute + moved
            clock = total % 1440
            rows.append((name_of(total // 1440),
                         "%02d%02d" % divmod(clock, 60) if times else "-"))
        if rows:
            patients.append(rows)
    return patients


def right_verdicts(seed, scheme):
    """What the laboratory may say, besides that it cannot tell."""
    if scheme == "none":
        return {"calendar"}
    if scheme in ("constant", "hours"):
        turn = shift_of(scheme, "", b"run %d" % seed) // 60 % 168
        # Whole weeks, to within two hours, leave a calendar in place.
        if turn <= 2 or turn >= 166:
            return {"calendar", "one-shift", "one-shift-hours"}
        return {"one-shift", "one-shift-hours"}
    return {"per-subject"}


def as_lines(patients):
    out = ["calendar"]
    for rows in patients:
        out.append("subject")
        out.extend("%s %s" % r for r in rows)
    out.append("end")
    return out
