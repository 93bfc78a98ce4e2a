#!/usr/bin/env python3
"""Compares what the two readers say of files.

usage: readers.py TEST_READERS WHERE FOLDER...   files as they are: no difference but named ones
       readers.py --damaged TEST_READERS FOLDER...  MUTANTS (400) damaged copies of small files, by SEED;
                                                 batches with something wrong are kept in KEEP
       readers.py --reports A.json B.json C.json reports by stream, dcmtk, both: else the same

TEST_READERS is the unit program, which writes a reader's stream file by file (--dump).  Values
are compared as sets for each file: DCMTK sorts what stands in an item.  Exit: 0 equal, 1 not.
"""
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

# Differences that are known: (what --reader both calls it, name, why, test); the first that fits
# counts.  A difference is the kind and status each reader gives, and the lines that only one of
# them has.  src/input/reader_both.c says the same in C, and both must agree on every file.
NAMED = (
    ("too-deep", "DCMTK's stack ends", "it recurses; a worker's guard makes that 'depth', the dump dies of it",
     lambda d: d.stream_status == "depth"),
    (None, "how items are laid out", "DCMTK does not tell in which order and with which lengths and delimiters",
     lambda d: d.same_status and not d.only_dcmtk and d.only_stream and
     all(path.startswith("structure:") for path in d.only_stream)),
    ("twice-in-an-item", "twice in an item", "DCMTK keeps the first of two elements with one tag",
     lambda d: d.stream_status == d.dcmtk_status == "ok" and not d.only_dcmtk and d.only_stream and
     all(path.startswith("structure:") or path in d.paths_dcmtk for path in d.only_stream)),
)

# And in damaged ones: where a file breaks, the readers may stop at different places.  Never may
# both say that all is well and tell different values.
DAMAGED = NAMED + (
    ("values", "a VR that is none", "ours takes the dictionary's, DCMTK calls it unknown; the bytes are the same",
     lambda d: d.stream_status == d.dcmtk_status == "ok" and d.only_vr),
    ("values", "a header without VR in a big-endian file", "DCMTK reads on in little endian there, ours in the file's order",
     lambda d: d.stream_status == d.dcmtk_status == "ok" and d.swapped),
    ("values", "a character set twice", "DCMTK keeps the first, ours goes by the one before the text",
     lambda d: d.stream_status == d.dcmtk_status == "ok" and d.charsets),
    (None, "inside what only looks like a sequence", "each counts elements as far as it goes; both tell the whole value",
     lambda d: d.same_status and d.gap and all(x[1] == "F" or " structure:" in x[:14] for x in d.lines)),
    ("values", "a gap inside a gap", "ours gives up the innermost of what only looks like a sequence and reads on, DCMTK the "
     "outermost; each tells its bytes, and all that ours tells is among DCMTK's",
     lambda d: d.stream_status == d.dcmtk_status == "ok" and d.nested_gap),
    ("values", "an element over the end of its item", "DCMTK reads it whole, and what stands behind it; ours gives the sequence "
     "up, and all that DCMTK tells is in the bytes ours tells",
     lambda d: d.stream_status == d.dcmtk_status == "ok" and d.over_the_end),
    (None, "the same up to the same damage", "only the number of elements differs",
     lambda d: d.same_status and d.stream_status != "ok" and
     all(x[1] == "F" or " structure:" in x[:14] for x in d.lines)),
    ("both-stop", "both see the damage", "each stops where it no longer understands",
     lambda d: d.stream_status != "ok" and d.dcmtk_status != "ok"),
    ("only-stream-stops", "only our reader sees it",
     "DCMTK takes a tag or VR nobody knows for an element of its own",
     lambda d: d.stream_status != "ok" and d.dcmtk_status == "ok"),
    ("only-dcmtk-stops", "only DCMTK sees it", "ours passes over what only looks like a sequence, and takes "
     "letters that are no VR for a short one; DCMTK reads them as implicit and loses its way",
     lambda d: d.stream_status == "ok" and d.dcmtk_status != "ok"),
)

BATCH = 500  # files
PEAK_KIB = 1 << 20  # of a process that read a batch; sanitizers take twice what a worker may
peaks = [0]
NUMBERS = ("AT", "FD", "FL", "SL", "SS", "SV", "UL", "US", "UV")  # of which a value is not its bytes
DEFLATED = (b"1.2.840.10008.1.2.1.99", b"1.2.840.10008.1.2.4.95", b"1.2.840.10008.1.2.4.205")


class Difference:
    def __init__(self, name, stream, dcmtk):
        self.name = name
        self.stream_status, self.dcmtk_status = status(stream), status(dcmtk)
        a, b = set(stream), set(dcmtk)
        self.only_vr = bare(a - b) == bare(b - a) != set() and all(x.split()[2] == "UN" for x in b - a if x[0] == "V")
        self.charsets = any(x.startswith("V structure:duplicate AT 0 0008,0005") for x in stream)
        self.gap = any(x.startswith("V structure:gap ") for x in dcmtk)
        self.same_status = self.stream_status == self.dcmtk_status
        self.died = died(dcmtk)
        self.we_died = died(stream)
        self.lines = sorted("-" + x for x in a - b) + sorted("+" + x for x in b - a)
        self.only_stream = paths(a - b)
        self.only_dcmtk = {p for p in paths(b - a) if not p.startswith("structure:")}  # a sketch of many
        self.paths_dcmtk = paths(b)
        self.nested_gap = gap_in_gap(a, b)
        self.over_the_end = read_over(a, b)
        ours = {p for p in self.only_stream if not p.startswith("structure:")}
        self.swapped = ours != set() and {swapped(p) for p in ours} == self.only_dcmtk


def bare(lines):
    """Values without their VR and flags."""
    return {(x.split()[1], " ".join(x.split()[4:])) for x in lines if x[0] == "V" and " structure:" not in x[:13]}


def swapped(path):
    """The path with its last tag in the other byte order, written as a tag of no known private block is."""
    up, slash, tag = path.rpartition("/")
    found = re.fullmatch(r"(..)(..),([0-9A-F]{2})([0-9A-F]{2})(?:{})?", tag)
    if found is None:
        return path
    group, element = found[2] + found[1], found[4] + found[3]
    if int(group, 16) % 2 == 1:
        element = "00xx" if 0x10 <= int(element, 16) <= 0xFF else element + "{}"
    return f"{up}{slash}{group},{element}"


def told(lines):
    """Values of attributes: [path, VR, flags, bytes] each."""
    return [x.split()[1:] for x in lines if x[0] == "V" and not x.startswith("V structure:")]


def given_up(values, lines):
    """Those of values that are the bytes of what only looked like a sequence; `lines` are all of the file."""
    gaps = {x.split()[4] for x in lines if x.startswith("V structure:gap ")}
    return [v for v in values if len(v) == 4 and v[1:3] == ["UN", "1"] and v[0].rpartition("/")[2][:9] in gaps]


def gap_in_gap(a, b):
    """Ours gave up something inside of what DCMTK gave up, and read on behind it: all we tell is in DCMTK's bytes."""
    ours, theirs = told(a - b), told(b - a)
    gaps = given_up(theirs, b)
    return (bool(given_up(ours, a)) and bool(gaps) and len(gaps) == len(theirs) and
            all(len(v) == 4 and any(v[0].startswith(g[0] + "/") and v[3] in g[3] for g in gaps) for v in ours))


def read_over(a, b):
    """Ours gave up what DCMTK reads as a sequence: all it tells is below, and its text in our bytes.  A character
    that is not ASCII may stand there in another set."""
    ours, theirs = told(a - b), told(b - a)
    gaps = given_up(ours, a)
    return (bool(gaps) and len(gaps) == len(ours) and bool(theirs) and
            all(len(v) == 4 and any(v[0].startswith(g[0] + "/") and
                                    (v[1] in NUMBERS or all(x in g[3] for x in re.split("(?:%[0-9A-F]{2})+", v[3])))
                                    for g in gaps) for v in theirs))


def died(lines):
    return any(line.startswith("D") for line in lines)


def status(lines):
    record = [x.split() for x in lines if x.startswith("F ")]
    return record[0][2] if record else "died"


def paths(lines):
    return {x.split(" ")[1] for x in lines if x.startswith(("V ", "R "))}


def run(program, what, reader, files):
    done = subprocess.run([program, what, reader], input="\n".join(files) + "\n",
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="latin-1", check=True,
                          # More is a hang, a hundred times what the slowest takes under ASan; both read twice.
                          env={"CPU_SECONDS": "2" if what != "--dump" or reader != "both" else "4", **os.environ})
    for line in re.findall(r"^.*(?:ERROR: |SUMMARY: |runtime error: ).*$", done.stderr, re.M)[:4]:
        print("  " + line[:200])
    peaks.extend(int(x) for x in re.findall(r"^peak (\d+) KiB$", done.stderr, re.M))
    found, at = {}, None
    for line in done.stdout.split("\n"):
        if line.startswith("# "):
            at = found[line[2:]] = []
        elif line:
            at.append(line)
    return found


def differences(program, files):
    """(differences, what the program itself says of each file when it reads with both)"""
    stream, dcmtk, both = (run(program, "--dump", r, files) for r in ("stream", "dcmtk", "both"))
    if not set(stream) == set(dcmtk) == set(both) == set(files):
        sys.exit("the dump did not answer every file")
    said = {f: "died" if died(both[f]) else
            next((x.split(" ")[1][8:] for x in both[f] if x.startswith("V readers:")), None) for f in files}
    found = [Difference(f, stream[f], dcmtk[f]) for f in files
             if sorted(stream[f]) != sorted(dcmtk[f]) or died(stream[f])]
    for f in set(files) - {d.name for d in found}:
        if said[f] == "too-deep" and status(stream[f]) == "depth":
            said[f] = None  # DCMTK was not asked, and would have said the same
    return found, said


def check(files, compared, named, tally):
    """Counts cases; prints what is none, and where the program says otherwise.  How many."""
    found, said = compared
    bad, expected = 0, {}
    for d in found:
        case = next((c for c in named if c[3](d) and not d.we_died), None)
        if case is None:
            bad += 1
            print(f"  UNNAMED {d.name}: stream {d.stream_status}, dcmtk {d.dcmtk_status}")
            for line in d.lines[:8]:
                print("    " + line[:160])
            continue
        tally[case[1]] = tally.get(case[1], 0) + 1
        tally["died"] = tally.get("died", 0) + d.died
        expected[d.name] = "died" if d.died and case[0] != "too-deep" else case[0]
    for f in files:
        if f in expected or not any(d.name == f for d in found):
            if said[f] != expected.get(f):
                bad += 1
                print(f"  {f}: --reader both says {said[f]}, and it is {expected.get(f)}")
    return bad


def say(named, tally):
    for _, name, why, _ in named:
        if name in tally:
            print(f"  {tally[name]:5} {name}: {why}")
    if tally.get("died"):
        print(f"  {tally['died']:5} ended DCMTK's process")


def judge(what, files, compared, named):
    tally = {}
    bad = check(files, compared, named, tally)
    print(f"{what}: {len(files)} files, {len(compared[0])} differ")
    say(named, tally)
    return 1 if bad else 0


def all_files(folders):
    found = [os.path.join(at, f) for folder in folders for at, _, names in os.walk(folder)
             for f in names]
    return sorted(f for f in found if "\n" not in f)


def damage(data, rng):
    b = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 5))):
        at = rng.randrange(min(len(b), 4000) if rng.random() < 0.7 else len(b))
        kind = rng.randrange(6)
        if kind == 0:
            b[at] = rng.randrange(256)
        elif kind == 1:
            b[at] ^= 1 << rng.randrange(8)
        elif kind == 2:
            del b[max(at, 140):]
        elif kind == 3:
            del b[at:at + rng.randrange(1, 20)]
        elif kind == 4:
            b[at:at] = bytes(rng.randrange(256) for _ in range(rng.randrange(1, 12)))
        else:
            b[at:at + 4] = rng.choice((b"\xff\xff\xff\xff", bytes(4), b"\xff\xff\xff\x7f",
                                       b"\xfe\xff\x00\xe0", b"\xfe\xff\xdd\xe0"))
        if not b:
            return b"\0"
    return bytes(b)


def damaged(program, folders):
    """Mutants of small files, in batches: each batch is read by few processes."""
    count, seed = int(os.environ.get("MUTANTS", "400")), int(os.environ.get("SEED", "20261"))
    rng = random.Random(seed)
    sources = []
    for name in all_files(folders):
        if 0 < os.path.getsize(name) < 60000:
            with open(name, "rb") as f:
                sources.append(f.read())
    bad, differ, lost, tally = 0, 0, 0, {}
    for at in range(0, count, BATCH):
        with tempfile.TemporaryDirectory() as to:
            files = []
            for i in range(at, min(at + BATCH, count)):
                files.append(os.path.join(to, f"{i:06}.dcm"))
                with open(files[-1], "wb") as f:
                    f.write(damage(rng.choice(sources), rng))
            found = differences(program, files)
            wrong = check(files, found, DAMAGED, tally)
            gone = account(program, "stream", files)[1]
            bad, differ, lost = bad + wrong, differ + len(found[0]), lost + gone
            if wrong + gone:
                kept = os.path.join(os.environ.get("KEEP", to), f"batch{at}-seed{seed}")
                shutil.copytree(to, kept, dirs_exist_ok=True)
    print(f"damaged: {count} files (seed {seed}), {differ} differ, {bad} unexplained, {lost} with bytes lost; "
          f"largest process {max(peaks)} KiB")
    say(DAMAGED, tally)
    if max(peaks) > PEAK_KIB:
        print(f"  more than {PEAK_KIB} KiB")
    return 1 if bad or lost or max(peaks) > PEAK_KIB else 0


def account(program, reader, files):
    """Every byte of a file is header, value, passed over or around them: (sums, files with bytes lost)."""
    bad, total = 0, [0] * 4
    for name, lines in run(program, "--account", reader, files).items():
        if not lines or not lines[-1].startswith("B "):
            bad += reader == "stream"  # DCMTK's stack may end
            continue
        state, size, *share = lines[-1].split()[1:]
        share, lost = [int(x) for x in share[:4]], int(share[4])
        with open(name, "rb") as f:
            head = f.read(4096)
        total = [a + b for a, b in zip(total, share)]
        if lost or (state == "ok" and not any(uid in head for uid in DEFLATED) and sum(share) != int(size)):
            print(f"  {name}: {state}, {size} bytes, accounted for {share}, lost {lost}")
            bad += 1
    return total, bad


def accounted(program, files):
    worst = 0
    for reader in ("stream", "dcmtk"):
        total, bad = account(program, reader, files)
        print("  {}: bytes of headers {}, values {}, passed over {}, around {}; {} files with bytes lost".format(
            reader, *total, bad))
        worst |= bad > 0
    return worst


def reports(names):
    """Of clean files the report is the same to the byte but for who read them."""
    texts = []
    for name, reader in zip(names, ("stream", "dcmtk", "both")):
        with open(name, encoding="utf-8") as f:
            r = json.load(f)
        if r["coverage"].pop("readers") != {reader: r["dataset"]["dicom_files"]}:
            print(f"{name}: coverage.readers is wrong")
            return 1
        texts.append((reader, r))
    for reader, r in texts[1:]:
        different = [k for k in r if r[k] != texts[0][1].get(k)]
        if different:
            print(f"the report of {reader} differs in {different}")
            return 1
    return 0


def main(argv):
    if len(argv) > 3 and argv[1] == "--damaged":
        return damaged(argv[2], argv[3:])
    if len(argv) > 3 and argv[1] == "--reports":
        return reports(argv[2:])
    if len(argv) < 4:
        print(__doc__)
        return 1
    files = all_files(argv[3:])
    return judge(argv[2], files, differences(argv[1], files), NAMED) | accounted(argv[1], files)


if __name__ == "__main__":
    sys.exit(main(sys.argv))
