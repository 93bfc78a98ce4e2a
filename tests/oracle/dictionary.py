#!/usr/bin/env python3
"""A dictionary attack on everything that is written.  usage: dictionary.py DCMRISK FOLDER

The attacker tries every date of 1900 to 2030 in the forms people write, every number of seven digits, and the names and
IDs of the patients, in clear and as MD5, SHA-1, SHA-224, SHA-256, SHA-384, SHA-512, BLAKE2b (and XXH3, where Python has
it), whole or cut to twelve hexadecimal digits and more, in hexadecimal or base64.  A 4-byte sum (CRC-32, Adler-32) of a
patient's values may not occur either.

Two cohorts are made that differ in all values and in nothing else (lengths, letters and digits, who shares what), and
their outputs must be equal to the byte.  (But for the evidence of the DPIA annex: one digest of all files, and one of the
report, neither in the public edition.)  So a digest that is in both is none of a value, and the ten million hashes are
only computed for one that is not.  That the attack finds what is there is seen with --show-values, and of a text made here
in which one of each kind of digest was planted.
NUMBERS=N: seven-digit numbers to try where it comes to that (10000000).
"""
import base64
import concurrent.futures
import datetime
import hashlib
import os
import random
import re
import subprocess
import sys
import zlib

from faults import EXPLICIT, element, header, put
from hostile import formats_of

try:
    from xxhash import xxh3_64, xxh3_128
except ImportError:
    xxh3_64 = xxh3_128 = None

PATIENTS = 30
NUMBERS = int(os.environ.get("NUMBERS", "10000000"))
LEAST = 12  # hexadecimal digits of a digest that is cut
HEX = re.compile(rb"(?<![0-9A-Za-z])[0-9a-fA-F]{8,128}(?![0-9A-Za-z])")
BASE64 = re.compile(rb"(?<![0-9A-Za-z+/=_-])[0-9A-Za-z+/_-]{11,88}={0,2}(?![0-9A-Za-z+/=_-])")
FAMILY = "Wutzlho Zyxomir Qvistro Brzecky Okonjuw Hrafnki Xolotli Tchaiko Pfrunge Szymczy".split()
GIVEN = "Ylfrida Jzabell Uwexana Ignazus Quendol Vlatkos Ebbatru Oddvarr Nkechin Ljubica".split()


# ---- cohorts ----

def letters(rng, text):
    """Other letters of the same case; what is no letter stays."""
    return "".join(rng.choice("bcdfghjklmnpqrstvwxz") if c.islower() else rng.choice("BCDFGHJKLMNPQRSTVWXZ") if c.isupper() else c
                   for c in text)


class Person:
    """Values of a patient, drawn from `seed`; the form of all of them is the same whatever the seed."""

    def __init__(self, i, seed):
        rng = random.Random(seed * 1000 + i)
        names = [FAMILY[i % 10], GIVEN[(i * 7 + i // 10) % 10]]
        self.name = "^".join(names if seed == 0 else [letters(random.Random(n), n) for n in names])
        self.number = str(rng.randrange(1000000, 10000000))
        self.accession = str(rng.randrange(1000000, 10000000))
        month = (1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12)[i % 11]  # never that of the exams: the age is the same
        self.born = datetime.date(1930 + i, month, 2 + rng.randrange(26))
        self.phone = str(rng.randrange(1000000, 10000000))

    def values(self):
        family, given = self.name.split("^")
        return [self.name, f"{family}, {given}", f"{given} {family}", family, given, self.number, self.accession, self.phone,
                *date_forms(self.born)]


def date_forms(d):
    return [d.strftime(f) for f in ("%Y%m%d", "%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%Y/%m/%d", "%Y.%m.%d", "%d%m%Y")]


def cohort(tree, seed):
    people = [Person(i, seed) for i in range(PATIENTS)]
    os.makedirs(tree)
    for i, p in enumerate(people):
        day, born = f"202403{1 + i % 28:02}".encode(), p.born.strftime("%Y%m%d").encode()
        body = [(8, 0x16, b"UI", b"1.2.840.10008.5.1.4.1.1.7"), (8, 0x18, b"UI", f"2.25.1{p.number}".encode()),
                (8, 0x20, b"DA", day), (8, 0x50, b"SH", p.accession.encode()), (8, 0x60, b"CS", b"CT"),
                (0x10, 0x10, b"PN", p.name.encode()), (0x10, 0x20, b"LO", p.number.encode()), (0x10, 0x30, b"DA", born),
                (0x10, 0x2154, b"SH", p.phone.encode()), (0x20, 0xD, b"UI", f"2.25.2{p.number}".encode()),
                (0x20, 0xE, b"UI", f"2.25.3{p.number}".encode()),
                (0x20, 0x4000, b"LT", f"seen {p.name.replace('^', ' ')} {p.number}".encode()), (0x29, 0x10, b"LO", b"ACME 1"),
                (0x29, 0x1001, b"LO", p.number.encode())]
        put(os.path.join(tree, f"{i:02}-{p.number}.dcm"), header(EXPLICIT) + b"".join(element(*e) for e in body))
        put(os.path.join(tree, f"{i:02}b-{p.accession}.bad.dcm"), bytes(128) + b"DICM" + p.name.encode())
    rows = "".join(f"{p.number},{p.name},{p.born},{p.phone}\n" for p in people)
    put(os.path.join(tree, "patients.csv"), b"id,name,birth_date,phone\n" + rows.encode())
    return people


def outputs(dcmrisk, folder, tree, *options):
    """All that is written of a cohort: {what: bytes}."""
    scan, out, formats = os.path.join(folder, "scan"), os.path.join(folder, "out"), formats_of(dcmrisk)
    csv = os.path.join(tree, "patients.csv")
    shown = [o for o in options if o == "--show-values"]
    runs = [["assess", tree, "--scan", scan, "--out", "out", "--format", formats, *options],
            ["assess", scan, "--out", "public", "--format", formats, "--audience", "public"],
            ["assess", scan, "--out", "beside", "--format", formats, "--table", csv, "--join", "id"],
            ["report", "out/report.json", "--out", "again", "--format", formats], ["inspect", scan, *shown],
            ["inspect", scan, "--format", "json", *shown], ["inspect", scan, "--private"],
            ["table", csv, "--qi", "birth_date,name", "--records", os.path.join(folder, "records.csv")],
            ["table", csv, "--qi", "phone", "--subject", "id", "--format", "json"]]
    os.makedirs(out)
    found = {}
    for i, args in enumerate(runs):
        r = subprocess.run([dcmrisk, *args], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, timeout=300)
        if r.returncode not in (0, 1, 3):
            raise RuntimeError(f"{args[0]} ended with {r.returncode}: {r.stderr[-200:]!r}")
        found[f"{i} {args[0]} stdout"], found[f"{i} {args[0]} stderr"] = r.stdout, r.stderr
    for d, _, names in os.walk(folder):
        if os.path.commonpath([d, tree]) != tree:
            for n in names:
                if n != "scan":
                    with open(os.path.join(d, n), "rb") as f:
                        found[os.path.relpath(os.path.join(d, n), folder)] = f.read()
    return found


# ---- the attack ----

def digests_of(text, least=LEAST):
    """What may be a digest, as hexadecimal digits."""
    found = {m.group(0).lower() for m in HEX.finditer(text)}
    for m in BASE64.finditer(text):
        if HEX.fullmatch(m.group(0)):
            continue
        raw = m.group(0).rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/"))
        try:
            found.add(base64.b64decode(raw + b"=" * (-len(raw) % 4)).hex().encode())
        except ValueError:
            pass
    return {d for d in found if len(d) >= least}


def hashes(word):
    for h in (hashlib.md5, hashlib.sha1, hashlib.sha256, hashlib.sha224, hashlib.sha512, hashlib.sha384, hashlib.blake2b):
        yield h(word).digest()
    if xxh3_64 is not None:
        for h in (xxh3_64, xxh3_128):
            yield h(word).digest()
            yield h(word).digest()[::-1]


def try_words(words, wanted):
    """Words of which a digest is among the wanted, which are hexadecimal; by their first bytes first."""
    first = {bytes.fromhex(w[:8].decode()) for w in wanted}
    hits = []
    for w in words:
        for d in hashes(w):
            if d[:4] in first and any(d.hex().encode().startswith(x) for x in wanted):
                hits.append(w)
    return hits


def try_numbers(args):
    lo, hi, wanted = args
    return try_words((b"%07d" % n for n in range(lo, hi)), wanted)


def all_dates():
    day = datetime.date(1900, 1, 1)
    while day.year <= 2030:
        yield day
        day += datetime.timedelta(days=1)


def hash_attack(wanted, people):
    """Words that are found behind digests."""
    if not wanted:
        return []
    words = [v.encode() for p in people for v in p.values()]
    words += [f(w) for w in words[:] for f in (bytes.upper, bytes.lower)]
    hits = try_words(words, wanted) + try_words((f.encode() for d in all_dates() for f in date_forms(d)), wanted)
    step = max(NUMBERS // 16, 1)
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        for h in pool.map(try_numbers, [(n, min(n + step, NUMBERS), wanted) for n in range(0, NUMBERS, step)]):
            hits += h
    return hits


RUN = re.compile(rb"(?<![0-9A-Za-z.])\d{7,8}(?![0-9A-Za-z.])")
DATE = re.compile(rb"(?<!\d)(?:(?:19|20)\d\d([-./])\d\d\1\d\d|\d\d([-./])\d\d\2(?:19|20)\d\d)(?!\d)")


def clear_attack(found, people):
    """{value: where} of patients' values that can be read, letters in any case."""
    hits = {}
    values = {v.lower().encode() for p in people for v in p.values()}
    words = [v for v in values if not v.replace(b"-", b"").isdigit()]
    for what, data in found.items():
        low = data.lower()
        numbers = {m.group(0) for m in RUN.finditer(low)} | {m.group(0) for m in DATE.finditer(low)}
        for v in [v for v in words if v in low] + sorted(numbers & values):
            hits.setdefault(v, what)
    return hits


def dates_and_numbers(found):
    """What reads as a date of 1900 to 2030 or as a number of seven digits."""
    days = {f.encode() for d in all_dates() for f in date_forms(d)}
    hits = {}
    for what, data in found.items():
        for m in [*RUN.finditer(data), *DATE.finditer(data)]:
            t = m.group(0)
            if (len(t) == 7 and t.isdigit()) or t in days:
                hits.setdefault(t, what)
    return hits


def sums(people):
    return {b"%08x" % f(v.encode()) for p in people for v in p.values() for f in (zlib.crc32, zlib.adler32)}


def works(people):
    """The attack on a text in which one digest of each kind stands."""
    p = people[3]
    planted = {p.number: hashlib.md5, p.name: hashlib.sha1, p.born.isoformat(): hashlib.sha256, p.accession: hashlib.sha512}
    text = b" ".join(h(v.encode()).hexdigest()[:LEAST + 4 * i].encode() for i, (v, h) in enumerate(planted.items()))
    text += b" " + base64.b64encode(hashlib.sha256(p.phone.encode()).digest())
    hits = try_words([v.encode() for q in people for v in q.values()], digests_of(text))
    missed = [v for v in [*planted, p.phone] if v.encode() not in hits]
    missed += [] if try_numbers((int(p.number) - 500, int(p.number) + 500, digests_of(text))) else ["a number"]
    return [f"the attack does not find {len(missed)} of the digests planted for it"] if missed else []


def evidence(found):
    """Digests that stand for all files at once, and for a whole report: to try them, all of it has to be guessed."""
    known = set()
    for what, data in found.items():
        if what.endswith("report.json"):
            known.add(hashlib.sha256(data).hexdigest().encode())
            known |= set(re.findall(rb'"(?:root|sha256)": "([0-9a-f]{64})"', data))
    return known


def without(data, folder, known):
    for d in known:
        data = data.replace(d, b"(evidence)")
    return data.replace(folder, b"")


def main(argv):
    dcmrisk, folder = os.path.abspath(argv[1]), os.path.abspath(argv[2])
    os.environ["SOURCE_DATE_EPOCH"] = "1790000000"
    run_at = [f.encode() for f in date_forms(datetime.datetime.fromtimestamp(1790000000, datetime.timezone.utc))]
    bad, both = [], []
    for seed in (0, 1):
        here = os.path.join(folder, str(seed))
        os.makedirs(here)
        people = cohort(os.path.join(here, "dicom"), seed)
        both.append((people, outputs(dcmrisk, here, os.path.join(here, "dicom"))))
    (people, first), (others, second) = both
    bad += works(people)
    known = [evidence(f) for f in (first, second)]
    known = [known[0] - known[1], known[1] - known[0]]
    if len(known[0]) > 8 or known[0] & digests_of(b" ".join(first.get(f"public/{n}", b"") for n in ("report.json", "report.html"))):
        bad.append("evidence: more digests than of the files and the reports, or one in the public edition")
    for what, data in first.items():
        if without(data, folder.encode() + b"/0", known[0]) != without(second.get(what, b""), folder.encode() + b"/1", known[1]):
            bad.append(f"{what} is another one when the values are others")
    for who, found in ((people, first), (others, second)):
        bad += [f"{what} tells {v!r}" for v, what in clear_attack(found, who).items()]
        text = b"\n".join(found.values())
        bad += [f"a sum of a value: {d!r}" for d in digests_of(text, 8) & sums(who)]
    ours = dates_and_numbers(second)
    bad += [f"{what}: {t!r} reads as a date or a number of a patient" for t, what in dates_and_numbers(first).items()
            if t not in ours and t not in run_at]
    texts = [b"\n".join(f.values()) for _, f in both]
    wanted = digests_of(texts[0]) - digests_of(texts[1]) - known[0]
    bad += [f"the digest of {w!r}" for w in hash_attack(wanted, people)]
    shown = os.path.join(folder, "shown")
    os.makedirs(shown)
    hits = clear_attack(outputs(dcmrisk, shown, os.path.join(folder, "0/dicom"), "--show-values"), people)
    if len(hits) < PATIENTS:
        bad.append(f"only {len(hits)} values are found with --show-values: the attack finds too little")
    for line in bad[:40]:
        print(f"WRONG: {line}"[:300])
    print(f"{len(first)} outputs, {len(digests_of(texts[0]))} digests, {len(wanted)} of them not the program's own;"
          f" {len(hits)} values found with --show-values; {len(bad)} wrong")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
