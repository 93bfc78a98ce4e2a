#!/usr/bin/env python3
"""Faults around a scan.  usage: disturbed.py MKCOHORT DCMRISK SPEC FOLDER     (FOLDER/faulty.so: see
tests/tools/faulty.c)"""
import errno
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import threading
import time

from laws import Assessor, Broken, ended, environment, files_below, read, run, same, start

SANITISED = os.environ.get("MODE", "release") != "release"


def files_of(scan):
    """Path and status of every file, after whatever was under way is rolled back."""
    db = sqlite3.connect(scan)
    db.text_factory = bytes
    try:
        if db.execute("PRAGMA integrity_check").fetchall() != [(b"ok",)]:
            raise Broken(f"{os.path.basename(scan)} is damaged")
        if not db.execute("SELECT 1 FROM sqlite_schema").fetchall():
            return []
        rows = db.execute("SELECT path, status FROM file").fetchall()
    finally:
        db.close()
    if len({p for p, _ in rows}) != len(rows):
        raise Broken(f"{os.path.basename(scan)}: a file is there twice")
    return [(p, s.decode()) for p, s in rows]


class Disk(Assessor):
    """A cohort, its report, and runs under faults."""

    def __init__(self, dcmrisk, folder, dicom):
        super().__init__(dcmrisk, folder)
        self.dicom, self.base = dicom, self.report(dicom)

    def faulty(self, args, call, file, number=errno.EIO, at=1):
        env = environment(LD_PRELOAD=os.path.join(self.folder, "faulty.so"), FAULT_CALL=call,
                          FAULT_FILE=file, FAULT_ERRNO=str(number), FAULT_AT=str(at))
        if SANITISED:
            env["ASAN_OPTIONS"] = env.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"
        return subprocess.run([self.dcmrisk, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              env=env, timeout=120, check=False)

    def resumed(self, scan, law, dicom=None):
        dicom = dicom or self.dicom
        run([self.dcmrisk, "scan", dicom, "-o", scan, "-q"], codes=(0,))
        listed = {os.fsencode(os.path.relpath(f, dicom)) for f in files_below(dicom)}
        if {p for p, _ in files_of(scan)} != listed:
            raise Broken(f"{law}: not the files that are there")
        fresh = self.base if dicom == self.dicom else self.report(dicom)
        same(fresh, self.report(scan), law)


def unreadable(d, draw):
    """Some files cannot be read, or opened: named with a true reason, and tried again later."""
    files = files_below(d.dicom)
    for call, number, reason in (("read", errno.EIO, "io"), ("open", errno.EIO, "io"),
                                 ("read", errno.ESTALE, None), ("open", errno.ESTALE, None),
                                 ("open", errno.EACCES, "denied")):
        law = f"{call}: {errno.errorcode[number]}"
        victim = os.path.relpath(draw.choice(files), d.dicom)[:-1]  # and those whose names go on alike
        hit = {os.fsencode(os.path.relpath(f, d.dicom)) for f in files if victim in f}
        scan, out = os.path.join(d.folder, "u.scan"), d.out()
        r = d.faulty(["assess", d.dicom, "--scan", scan, "--out", out, "-q"], call, victim, number)
        bad = {p: s for p, s in files_of(scan) if s not in ("ok", "other")}
        if set(bad) != hit or len(files_of(scan)) != len(files):
            raise Broken(f"{law}: {len(bad)} files unread, {len(hit)} cannot be")
        if reason and set(bad.values()) != {reason}:
            raise Broken(f"{law}: {set(bad.values())}")
        if r.returncode != 3:
            raise Broken(f"{law}: status {r.returncode}")
        with open(os.path.join(out, "report.json"), encoding="utf-8") as f:
            if json.load(f)["dataset"]["unreadable_files"] != len(hit):
                raise Broken(f"{law}: the report says otherwise")
        d.resumed(scan, law)
        os.unlink(scan)


def unwritable(d, draw):
    """The scan file's disk fails or is full, at any write or fsync."""
    for shard in (False, True):
        scan = os.path.join(d.folder, "w.scan")
        part = scan + (".part" if shard else "")
        args = ["scan", d.dicom, "-o", scan, "-q", *(["--shard", "1/1"] if shard else [])]
        reached = 0
        for number, call in ((errno.ENOSPC, "write"), (errno.EIO, "write"), (errno.EIO, "sync")) * 3:
            k = draw.choice((1, 2, 3, 5, draw.randrange(1, 40), draw.randrange(1, 200)))
            law = f"{call} {k} of the {'shard' if shard else 'scan file'}: {errno.errorcode[number]}"
            r = d.faulty(args, call, "w.scan", number, k)
            if r.returncode == 0:  # so many there were not
                if not os.path.exists(scan):
                    raise Broken(f"{law}: status 0 and no scan file")
            elif r.returncode != 4 or not r.stderr.strip():
                raise Broken(f"{law}: status {r.returncode}: {r.stderr!r}")
            elif shard and os.path.exists(scan) and os.path.exists(part):
                raise Broken(f"{law}: there under both names")
            elif number == errno.ENOSPC and b"full" not in r.stderr:
                raise Broken(f"{law}: {r.stderr!r}")
            reached += r.returncode == 4
            for f in {scan, part}:
                if os.path.exists(f):
                    files_of(f)
            if draw.randrange(3) == 0:  # the others go on from what an earlier fault left
                run([d.dcmrisk, *args], codes=(0,))
                same(d.base, d.report(scan), law)
                os.unlink(scan)
        run([d.dcmrisk, *args], codes=(0,))
        same(d.base, d.report(scan), "after all faults")
        os.unlink(scan)
        if reached < 3:
            raise Broken(f"only {reached} faults were reached")


def renamed(d, draw):
    """A rename that was done, and told as a failure: a network file system's lost answer."""
    scan = os.path.join(d.folder, "r.scan")
    for number in (errno.ENOENT, errno.EIO):
        r = d.faulty(["scan", d.dicom, "-o", scan, "-q", "--shard", "1/1"], "rename", "r.scan", number)
        if r.returncode not in (0, 4) or os.path.exists(scan + ".part") == os.path.exists(scan):
            raise Broken(f"rename {errno.errorcode[number]}: status {r.returncode}")
        run([d.dcmrisk, "scan", d.dicom, "-o", scan, "-q", "--shard", "1/1"], codes=(0,))
        files_of(scan)
        same(d.base, d.report(scan), "a rename whose answer was lost")
        r = d.faulty(["merge", scan, "-o", os.path.join(d.folder, "r.merged"), "-q"], "rename",
                     "r.merged", number)
        run([d.dcmrisk, "merge", scan, "-o", os.path.join(d.folder, "r.merged"), "-q"], codes=(0,))
        same(d.base, d.report(os.path.join(d.folder, "r.merged")), "a merge whose answer was lost")


def moving(d, draw):
    """Files are cut, replaced, renamed and removed while they are read."""
    for round_ in range(2):
        tree, scan = os.path.join(d.folder, "moving"), os.path.join(d.folder, f"m{round_}.scan")
        shutil.copytree(d.dicom, tree)
        stop = threading.Event()

        def disturb():
            files = files_below(tree)
            draw.shuffle(files)
            for f in files[:200]:
                if stop.is_set():
                    break
                what = draw.randrange(4)
                if what == 0:
                    os.unlink(f)
                elif what == 1:
                    os.truncate(f, draw.randrange(0, 600))
                elif what == 2:
                    shutil.copyfile(draw.choice(files_below(d.dicom)), f + "~")
                    os.replace(f + "~", f)
                else:
                    os.rename(f, f + ".moved")
                time.sleep(0.0005)
        t = threading.Thread(target=disturb)
        t.start()
        try:
            r = run([d.dcmrisk, "scan", tree, "-o", scan, "-q", "-j", "2"], codes=(0,))
        finally:
            stop.set()
            t.join()
        if r.stderr:
            raise Broken(f"files that move: {r.stderr!r}")
        files_of(scan)
        for f in files_below(tree):  # a clock too coarse for the last change is not what is tested
            os.utime(f, ns=(round_ + 1, round_ + 1))
        d.resumed(scan, "files that moved", tree)
        shutil.rmtree(tree)


def crowded(d, draw):
    """Several scans on one scan file: one has it, the others say so; nothing is read twice."""
    scan = os.path.join(d.folder, "c.scan")
    for _ in range(3):
        crowd = [start([d.dcmrisk, "scan", d.dicom, "-o", scan, "-q", "-j", "1"]) for _ in range(4)]
        ends = [ended(p) for p in crowd]
        if any(code != 0 and (code != 4 or "in use" not in err) for code, err in ends):
            raise Broken(f"four scans at once: {ends}")
        d.resumed(scan, "four scans at once")
        os.unlink(scan)


def full(d, draw):
    """A disk that is really full, at several sizes; then there is room."""
    disk = os.path.join(d.folder, "disk")
    os.makedirs(disk)
    if os.getuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32k", "none", disk],
                                          stderr=subprocess.DEVNULL, check=False).returncode != 0:
        print("skipped: a full disk: no mount")
        return
    scan = os.path.join(disk, "scan")
    try:
        for kib in (4, 32, 100, 200, 300):
            subprocess.run(["mount", "-o", f"remount,size={kib}k", disk], check=True)
            for args in (["-o", scan], ["-o", scan + ".s", "--shard", "1/1"]):
                r = run([d.dcmrisk, "scan", d.dicom, "-q", *args], codes=(0, 4))
                if r.returncode == 4 and b"full" not in r.stderr and b"created" not in r.stderr:
                    raise Broken(f"{kib} KiB: {r.stderr!r}")
        subprocess.run(["mount", "-o", "remount,size=64m", disk], check=True)
        d.resumed(scan, "a disk that was full")
        run([d.dcmrisk, "scan", d.dicom, "-q", "-o", scan + ".s", "--shard", "1/1"], codes=(0,))
        same(d.base, d.report(scan + ".s"), "a shard on a disk that was full")
    finally:
        subprocess.run(["umount", disk], check=False)


def main(argv):
    mkcohort, dcmrisk, spec, folder = argv[1:5]
    dcmrisk = os.path.abspath(dcmrisk)
    run([mkcohort, spec, os.path.join(folder, "made")], codes=(0,))
    d = Disk(dcmrisk, folder, os.path.join(folder, "made", "dicom"))
    bad = []
    for law in (unreadable, unwritable, renamed, moving, crowded, full):
        begin = time.time()
        try:
            law(d, random.Random(law.__name__))
        except (Broken, OSError, sqlite3.Error, subprocess.TimeoutExpired) as e:
            bad.append(f"{law.__name__}: {e!r}"[:600])
        print(f"{law.__name__}: {time.time() - begin:.1f} s")
    for line in bad:
        print(f"WRONG: {line}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
