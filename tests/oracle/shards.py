#!/usr/bin/env python3
"""Shards and their merge.  usage: shards.py MKCOHORT DCMRISK SPECS FOLDER FIRST COUNT

Random cohorts FIRST, FIRST+1, ... and series of many files are scanned once, and in 1, 2, 3 and 7
shards by different numbers of workers; merged in any order, and by way of parts, the report must be
that of the one scan.  What the shards hold is compared with the rule by which names are dealt out.
"""
import json
import os
import random
import shutil
import sqlite3
import sys
import time

from laws import (SLICES, Assessor, Broken, all_gone, ended, family, has_begun, files_below, run, same,
                  scatter, start, strike, whole)

BLOCK = 1024  # sorted names of a folder that stay together


class Cohort(Assessor):
    """One dataset, its single scan, and as many sharded ones as are asked for."""

    def __init__(self, dcmrisk, folder, dicom):
        super().__init__(dcmrisk, folder)
        self.dicom, self.sets = dicom, 0
        self.one = os.path.join(folder, "one.scan")
        run([dcmrisk, "scan", dicom, "-o", self.one, "-q", "-j", "2"], codes=(0,))
        self.base = self.report(self.one)

    def scan(self, shard, out, *options, codes=(0,), source=None):
        return run([self.dcmrisk, "scan", *([source or self.dicom] if source != "" else []), "-o", out,
                    "--shard", shard, "-q", *options], codes=codes)

    def shards(self, n, draw, *options, source=None):
        self.sets += 1
        files = [os.path.join(self.folder, f"set{self.sets}.{i + 1}of{n}") for i in range(n)]
        for i in draw.sample(range(n), n):
            self.scan(f"{i + 1}/{n}", files[i], "-j", str(draw.randrange(1, 4)), *options, source=source)
        return files

    def merge(self, files, out, *options, codes=(0,)):
        path = os.path.join(self.folder, out)
        return path, run([self.dcmrisk, "merge", *files, "-o", path, "-q", *options], codes=codes)


def rows(scan, query):
    db = sqlite3.connect(f"file:{scan}?mode=ro", uri=True)
    db.text_factory = bytes
    try:
        return db.execute(query).fetchall()
    finally:
        db.close()


def intact(scan, law):
    found = rows(scan, "PRAGMA integrity_check")
    if found != [(b"ok",)]:
        raise Broken(f"{law}: {os.path.basename(scan)} is damaged: {found!r}")
    if os.stat(scan).st_mode & 0o777 != 0o600:
        raise Broken(f"{law}: {os.path.basename(scan)} is not private")


def all_that_is_said(scan):
    """Everything a scan file says, without ids: what two of the same content have in common."""
    return [sorted(rows(scan, q)) for q in (
        "SELECT f.input, f.path, f.size, f.kind, f.status, f.sop, f.elements, f.private_elements,"
        " f.undecodable, s.patient_id, s.issuer, s.study_uid, s.series_uid, s.stand_in"
        " FROM file f LEFT JOIN series s ON s.id = f.series",
        "SELECT patient_id, issuer, study_uid, series_uid, stand_in, kind, files FROM series"
        " WHERE files > 0",
        "SELECT s.patient_id, s.study_uid, s.series_uid, s.stand_in, s.kind, a.path, a.vr, v.bytes,"
        " v.flags, f.files FROM fact f JOIN series s ON s.id = f.series"
        " JOIN attribute a ON a.id = f.attribute JOIN value v ON v.id = f.value",
        "SELECT s.patient_id, s.study_uid, s.series_uid, s.stand_in, s.kind, a.path, a.vr, r.files,"
        " r.empty, r.min, r.max, r.shape, r.hashes FROM rollup r JOIN series s ON s.id = r.series"
        " JOIN attribute a ON a.id = r.attribute",
        "SELECT s.patient_id, s.study_uid, s.series_uid, s.stand_in, s.kind, a.path, a.vr, e.files"
        " FROM excess e JOIN series s ON s.id = e.series JOIN attribute a ON a.id = e.attribute")]


def dealt_out(c, files):
    """Each name in one shard, by the rule: blocks of a folder take turns."""
    n, where = len(files), {}
    for i, f in enumerate(files):
        for (path,) in rows(f, "SELECT path FROM file"):
            if path in where:
                raise Broken(f"{n} shards: a file is in shards {where[path] + 1} and {i + 1}")
            where[path] = i
    listed = {os.fsencode(os.path.relpath(f, c.dicom)) for f in files_below(c.dicom)}
    if set(where) != listed:
        raise Broken(f"{n} shards: {len(listed - set(where))} files in none of them")
    folders = {}
    for path in sorted(listed):
        folders.setdefault(os.path.dirname(path), []).append(path)
    for names in folders.values():
        for i, path in enumerate(names):
            if where[path] != (where[names[0]] + i // BLOCK) % n:
                raise Broken(f"{n} shards: name {i} of a folder is in shard {where[path] + 1}")
    return [sum(w == i for w in where.values()) for i in range(n)]


def equal(c, draw, numbers=(1, 2, 3, 7)):
    """1, 2, 3 and 7 shards, merged in any order, and two parts of them merged first."""
    for n in numbers:
        files = c.shards(n, draw)
        sizes = dealt_out(c, files)
        draw.shuffle(files)
        merged, _ = c.merge(files, f"merged{n}")
        intact(merged, f"{n} shards")
        if all_that_is_said(merged) != all_that_is_said(c.one):
            raise Broken(f"{n} shards: the merged scan file says other things than that of one scan")
        same(c.base, c.report(merged), f"{n} shards of {sizes} files")
        if n == 7:
            a, _ = c.merge(files[:3], "a", "--partial")
            b, _ = c.merge(files[3:], "b", "--partial")
            tree, _ = c.merge([b, a], "tree")
            same(c.base, c.report(tree), "7 shards by way of two parts")
            if os.path.exists(tree + ".part"):
                raise Broken("a .part is left")
        for f in files:
            os.unlink(f)


def equal_for_one(c, draw):
    equal(c, draw, [draw.choice((2, 3, 7))])


def listed(c, draw):
    """A list of paths, in another order for each shard."""
    names, path = files_below(c.dicom), os.path.join(c.folder, "list")
    whole = os.path.join(c.folder, "listed.scan")
    files = []
    for i in range(4):
        draw.shuffle(names)
        with open(path, "wb") as f:
            f.write(b"\0".join(os.fsencode(x) for x in names))
        if i == 3:
            run([c.dcmrisk, "scan", "--files-from", path, "-0", "-o", whole, "-q"], codes=(0,))
            break
        files.append(os.path.join(c.folder, f"listed{i}"))
        c.scan(f"{i + 1}/3", files[-1], "--files-from", path, "-0", source="")
    merged, _ = c.merge(files, "listed.merged")
    same(c.report(whole), c.report(merged), "3 shards of a list")


def rescanned(c, draw):
    """Files change, come and go: shards scanned again and merged are as a fresh scan."""
    tree = os.path.join(c.folder, "changing")
    shutil.copytree(c.dicom, tree)
    files = c.shards(3, draw, source=tree)
    names = files_below(tree)
    for f in draw.sample(names, len(names) // 6):
        os.unlink(f)
    names = files_below(tree)
    for f in draw.sample(names, len(names) // 8):
        shutil.copyfile(draw.choice(names), f + ".new")
    with open(names[0], "r+b") as f:
        f.truncate(300)
    _, r = c.merge(files, "changed", codes=(0,))  # they still agree in what they saw
    c.scan("2/3", files[1], source=tree)
    _, r = c.merge(files, "changed2", codes=(3,))
    if b"saw other names" not in r.stderr:
        raise Broken(f"one of three scanned again after names changed: {r.stderr!r}")
    for i, f in enumerate(files):
        c.scan(f"{i + 1}/3", f, source=tree)
        if os.path.exists(f + ".part"):
            raise Broken("a rescan leaves a .part")
    merged, _ = c.merge(files, "changed")
    same(c.report(tree), c.report(merged), "shards scanned again")
    run([c.dcmrisk, "scan", tree, "-o", merged, "-q"], codes=(0,))
    same(c.report(tree), c.report(merged), "a merged scan file, scanned further")
    shutil.rmtree(tree)


def with_meta(scan, name, key, value):
    """A copy of a scan file that says something else of itself."""
    copy = os.path.join(os.path.dirname(scan), name)
    shutil.copyfile(scan, copy)
    db = sqlite3.connect(copy)
    db.execute("UPDATE meta SET value = ? WHERE key = ?", (value, key))
    db.commit()
    db.close()
    return copy


def refusals(c, draw):
    """Status 3, the file or the numbers named, and nothing written; wrong use is status 2."""
    files = c.shards(3, draw)
    four = c.shards(4, draw)
    other = os.path.join(c.folder, "elsewhere")
    shutil.copytree(c.dicom, other)
    strange = c.shards(3, draw, source=other)
    unfinished = with_meta(files[1], "unfinished", "complete", "no")
    rules = [with_meta(f, f"rules{i}", "keep", "0" * 32) for i, f in enumerate(files)]
    reader = os.path.join(c.folder, "reader")
    c.scan("2/3", reader, "--reader", "dcmtk")
    part, _ = c.merge(files[:2], "part", "--partial")
    text = os.path.join(c.folder, "text")
    with open(text, "w", encoding="ascii") as f:
        f.write("not a scan file, however long it may be\n" * 10)
    for what, inputs, status, words in (
            ("one missing", files[::2], 3, (b"one is missing: 2",)),
            ("some missing", [four[3]], 3, (b"some are missing: 1-3",)),
            ("twice", files + files[:1], 3, (files[0].encode(), b"shard 1/3")),
            ("in a part, too", [part, files[1], files[2]], 3, (files[1].encode(), b"shard 2/3")),
            ("of another number", [files[0], files[1], four[2]], 3, (four[2].encode(), b"other shards")),
            ("of other inputs", [files[0], strange[1], files[2]], 3,
             (strange[1].encode(), b"other inputs")),
            ("by another reader", [files[0], reader, files[2]], 3, (reader.encode(), b"reader")),
            ("not finished", [files[0], unfinished, files[2]], 3, (unfinished.encode(), b"its end")),
            ("with other rules", [files[0], rules[1], files[2]], 3, (rules[1].encode(), b"other rules")),
            ("all with other rules", rules, 3, (b"the same --rules",)),
            ("of everything", [c.one, *files[1:]], 3, (c.one.encode(), b"of everything")),
            ("no scan file", [files[0], text], 4, (text.encode(),)),
            ("not there", [files[0], files[1] + "x"], 2, ((files[1] + "x").encode(),))):
        path, r = c.merge(inputs, "refused", codes=(status,))
        if os.path.exists(path) or os.path.exists(path + ".part"):
            raise Broken(f"{what}: something is written")
        for word in words:
            if word not in r.stderr:
                raise Broken(f"{what}: {word!r} is not in {r.stderr!r}")
    _, r = c.merge(files, os.path.basename(files[0]), codes=(2,))
    _, r = c.merge(files, "text", codes=(2,))
    if open(text, encoding="ascii").read(3) != "not":
        raise Broken("a file that is no scan file was written over")
    for shard, out in (("2/3", files[0]), ("1/3", four[0]), ("1/3", c.one), ("1/3", text)):
        r = c.scan(shard, out, codes=(2,))
    c.scan("1/3", files[0], source=other, codes=(2,))
    if not os.path.exists(files[0]) or os.path.exists(files[0] + ".part"):
        raise Broken("a scan of other inputs was refused and took a shard its name")
    r = run([c.dcmrisk, "scan", c.dicom, "-o", files[0], "-q"], codes=(2,))
    if files[0].encode() not in r.stderr:
        raise Broken(f"which scan file is a shard's is not said: {r.stderr!r}")
    for f in (files[0], part):  # a part of a dataset is not judged
        code = run([c.dcmrisk, "assess", f, "--out", c.out(), "-q", "--exit-zero"], codes=(0,)).returncode
        run([c.dcmrisk, "assess", f, "--out", c.out(), "-q"], codes=(3,))
    merged, _ = c.merge(files, "merged_after_all")
    same(c.base, c.report(merged), "after refusals")


def killed(c, draw):
    """SIGKILL at any time: the name is not there before the scan is whole, and it goes on."""
    files = [os.path.join(c.folder, f"killed{i}") for i in range(2)]
    hits, pause = 0, 0.03
    for attempt in range(40):
        p = start([c.dcmrisk, "scan", c.dicom, "-o", files[0], "--shard", "1/2", "-q", "-j", "2"])
        if attempt % 2:
            has_begun(p)
        time.sleep(draw.uniform(0, pause))
        pids = family(p.pid)
        strike(p.pid)
        code, _ = ended(p)
        all_gone(pids, "killed shard")
        hits += code != 0
        if os.path.exists(files[0]):
            if not whole(files[0], "killed shard"):
                raise Broken("a killed shard has its last name")
            if hits > 0:
                break
            os.unlink(files[0])  # it was never met in its middle
            pause /= 2
        elif os.path.exists(files[0] + ".part") and os.path.getsize(files[0] + ".part") > 0:
            done = whole(files[0] + ".part", "killed shard")  # and not yet renamed
            c.merge([files[0] + ".part"], "of_part", "--partial", codes=(0,) if done else (3, 4))
    if hits == 0:
        raise Broken("no shard was killed")
    c.scan("1/2", files[0])
    c.scan("2/2", files[1])
    for i in range(6):  # and merges are killed, too
        p = start([c.dcmrisk, "merge", *files, "-o", os.path.join(c.folder, "killed.merged"), "-q"])
        time.sleep(draw.uniform(0, 0.02))
        strike(p.pid)
        ended(p)
    merged, _ = c.merge(files, "killed.merged")
    left = [f for f in os.listdir(c.folder) if "killed" in f and ("part" in f or "journal" in f)]
    if left:
        raise Broken(f"left behind: {left}")
    intact(merged, "killed")
    same(c.base, c.report(merged), f"killed {hits} times")


def at_once(c, draw):
    """Two processes on one shard: one does it, or both one after the other; never half a file."""
    out = os.path.join(c.folder, "at_once")
    crowd = [start([c.dcmrisk, "scan", c.dicom, "-o", out, "--shard", "1/1", "-q", "-j", "1"])
             for _ in range(4)]
    ends = [ended(p) for p in crowd]
    for code, err in ends:
        if code != 0 and (code != 4 or "in use" not in err):
            raise Broken(f"two on one shard: status {code}: {err}")
    if all(code != 0 for code, _ in ends):
        c.scan("1/1", out)
    intact(out, "two on one shard")
    same(c.base, c.report(out), "two on one shard")


def flat(source, target, draw):
    """All files in one folder of several blocks, in no order that has to do with their series."""
    os.makedirs(target)
    for f in files_below(source) * 10:
        os.link(f, os.path.join(target, f"{draw.getrandbits(48):012x}"))


def cohort(mkcohort, dcmrisk, folder, name, make, spread, laws):
    here, draw = os.path.join(folder, name), random.Random(name)
    os.makedirs(here)
    run([mkcohort, *make, os.path.join(here, "made")], codes=(0,))
    dicom = os.path.join(here, "dicom")
    spread(os.path.join(here, "made", "dicom"), dicom, draw)
    bad = []
    try:
        c = Cohort(dcmrisk, here, dicom)
        for law in laws:
            law(c, draw)
    except (Broken, OSError, sqlite3.Error) as e:
        bad.append(f"{name}: {e!r}"[:600])
    if not bad:
        shutil.rmtree(here)
    return bad


def main(argv):
    mkcohort, dcmrisk, specs, folder, first, count = argv[1:7]
    dcmrisk = os.path.abspath(dcmrisk)
    slices = os.path.join(folder, "slices.json")
    with open(slices, "w", encoding="utf-8") as f:
        json.dump(SLICES, f)
    bad = []
    for n in range(int(first), int(first) + int(count)):
        bad += cohort(mkcohort, dcmrisk, folder, f"random{n}", ["--random", str(n)], scatter,
                      [equal_for_one])
    bad += cohort(mkcohort, dcmrisk, folder, "edge", [os.path.join(specs, "edge.json")], scatter,
                  [equal, listed, rescanned, refusals])
    bad += cohort(mkcohort, dcmrisk, folder, "slices", [slices], flat, [equal, listed, killed, at_once])
    for line in bad:
        print(line)
    print(f"{int(count) + 2} cohorts, {len(bad)} laws of shards broken")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
