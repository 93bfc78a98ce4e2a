#!/usr/bin/env python3
"""Broken files beside a clean cohort.  usage: faults.py MKCOHORT DCMRISK CLEAN.json FOLDER

The clean cohort passes.  With any one file beside it that cannot be read to its end, the default
policy must not pass, the scan file must name the file with a true reason, and all must end soon
and within the memory a worker may have.
"""
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import stat
import struct
import subprocess
import sys
import threading
import time
import zlib

# A sanitised program maps memory of its own: workers have no bound there, and the bound is not tested.
BOUNDED = os.environ.get("MODE", "release") == "release"
# Seconds after which a run hangs; the budget of one file is 30 of CPU.  A sanitised program has no
# bound of memory to stop it early and takes several times as long for what it then holds.
LIMIT = 100 if BOUNDED else 600
PEAK_MIB = 600  # resident, of a worker: 512 MiB of data and the program itself
UID = "2.25.20231114"


def element(group, number, vr, value):
    value += b" " if len(value) % 2 and vr not in (b"UI", b"OB", b"UN") else b"\0" * (len(value) % 2)
    head = struct.pack("<HH", group, number) + vr
    if vr in (b"OB", b"OW", b"SQ", b"UN", b"UT", b"UC"):
        return head + struct.pack("<HI", 0, len(value)) + value
    return head + struct.pack("<H", len(value)) + value


def claims(group, number, vr, length):
    """The header of an element with a length of its own choice."""
    head = struct.pack("<HH", group, number) + vr
    if vr in (b"OB", b"OW", b"SQ", b"UN", b"UT", b"UC"):
        return head + struct.pack("<HI", 0, length)
    return head + struct.pack("<H", length)


EXPLICIT, DEFLATED, IMPLICIT = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2"


def header(syntax):
    meta = element(2, 1, b"OB", b"\0\1") + element(2, 2, b"UI", b"1.2.840.10008.5.1.4.1.1.7") + \
        element(2, 3, b"UI", f"{UID}.9".encode()) + element(2, 0x10, b"UI", syntax.encode())
    return bytes(128) + b"DICM" + element(2, 0, b"UL", struct.pack("<I", len(meta))) + meta


def identity(no=1):
    return element(8, 0x16, b"UI", b"1.2.840.10008.5.1.4.1.1.7") + \
        element(8, 0x18, b"UI", f"{UID}.9".encode()) + element(8, 0x60, b"CS", b"CT") + \
        element(0x10, 0x20, b"LO", f"BROKEN{no}".encode()) + \
        element(0x20, 0xD, b"UI", f"{UID}.1".encode()) + \
        element(0x20, 0xE, b"UI", f"{UID}.2".encode())


def put(path, data):
    with open(path, "wb") as f:
        f.write(data)


def deflated(parts):
    z = zlib.compressobj(9, zlib.DEFLATED, -15)
    return b"".join([z.compress(p) for p in parts] + [z.flush()])


def zeros(n, step=1 << 24):
    while n > 0:
        yield bytes(min(n, step))
        n -= step


# ---- what can be wrong with a file: writer, reasons that are true ----

def whole(syntax=EXPLICIT):
    return header(syntax) + identity() + element(0x7FE0, 0x10, b"OW", bytes(64))


def cut(n):
    return lambda p: put(p, whole()[:n])


def nested(depth, close):
    open_ = claims(0x40, 0xA730, b"SQ", 0xFFFFFFFF) + struct.pack("<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF)
    shut = struct.pack("<HHI", 0xFFFE, 0xE00D, 0) + struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)
    return lambda p: put(p, header(EXPLICIT) + identity() + open_ * depth + shut * depth * close)


def nested_defined(depth):
    """Each sequence and item says how long it is."""
    def write(path):
        inner = 12 * depth + 8 * depth
        body = []
        for _ in range(depth):
            inner -= 12
            body.append(claims(0x40, 0xA730, b"SQ", inner))
            inner -= 8
            body.append(struct.pack("<HHI", 0xFFFE, 0xE000, inner))
        put(path, header(EXPLICIT) + identity() + b"".join(body))
    return write


def sparse(head, size):
    def write(path):
        put(path, head)
        os.truncate(path, size)
    return write


def random_bytes(n, seed):
    out, x = bytearray(), seed
    while len(out) < n:
        x = (x * 6364136223846793005 + 1442695040888963407) % 2**64
        out += struct.pack("<I", x >> 32)
    return bytes(out[:n])


def implicit(group, number, length, value=b""):
    return struct.pack("<HHI", group, number, length) + value


def fifo(path):
    os.mkfifo(path)


def unix_socket(path):
    s = socket.socket(socket.AF_UNIX)
    at = os.getcwd()
    os.chdir(os.path.dirname(path))  # its name must be short
    s.bind(os.path.basename(path))
    os.chdir(at)
    s.close()


def device(path):
    os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 5))  # /dev/zero: would be read for ever


def link(target):
    return lambda p: os.symlink(target, p)


CUT = {"truncated", "length", "corrupt"}
OTHER = {"other"}
READ = {"ok"}  # not DICOM, and read to its end all the same
SPECIAL = {"special"}
DEPTH = {"depth"}
BOMB = {"bytes", "memory", "elements", "length", "time"}

BROKEN = [
    ("empty.dcm", lambda p: put(p, b""), {"empty"}),
    ("empty", lambda p: put(p, b""), {"empty"}),
    ("preamble.dcm", cut(100), CUT),
    ("magic.dcm", cut(132), CUT),
    ("meta.dcm", cut(150), CUT),
    ("meta2.dcm", cut(200), CUT),
    ("only_meta.dcm", lambda p: put(p, header(EXPLICIT)), CUT | {"empty", "ok"}),
    ("element_header.dcm", lambda p: put(p, header(EXPLICIT) + identity() + b"\x20\x00\x11\x00"), CUT),
    ("value.dcm", lambda p: put(p, (header(EXPLICIT) + identity())[:-5]), CUT),
    ("pixels.dcm", lambda p: put(p, whole()[:-20]), CUT),
    ("pixels_gone.dcm", lambda p: put(p, whole()[:-64]), CUT),
    ("huge_text.dcm", lambda p: put(p, header(EXPLICIT) + identity() +
                                    claims(0x40, 0xA160, b"UT", 0xFFFFFFF0) + b"x" * 100), CUT),
    ("huge_pixels.dcm", lambda p: put(p, header(EXPLICIT) + identity() +
                                      claims(0x7FE0, 0x10, b"OW", 0x7FFFFFFE) + b"x" * 100), CUT),
    ("huge_name.dcm", lambda p: put(p, header(IMPLICIT) + implicit(0x10, 0x10, 0xFFFFFFF0, b"A^B")),
     CUT),
    ("huge_item.dcm", lambda p: put(p, header(EXPLICIT) + identity() + claims(
        0x40, 0xA730, b"SQ", 0xFFFFFFFF) + struct.pack("<HHI", 0xFFFE, 0xE000, 0xFFFFFFF0)), CUT),
    ("no_delimiter.dcm", lambda p: put(p, header(EXPLICIT) + identity() + claims(
        0x40, 0xA730, b"SQ", 0xFFFFFFFF)), CUT),
    ("nested.dcm", nested(100000, 1), DEPTH),
    ("nested_open.dcm", nested(100000, 0), DEPTH),
    ("nested_defined.dcm", nested_defined(100000), DEPTH),
    ("random.dcm", lambda p: put(p, random_bytes(5000, 1)), {"corrupt", "truncated", "length"}),
    ("random_bytes", lambda p: put(p, random_bytes(5000, 2)), OTHER | {"corrupt"}),
    ("random_after_meta.dcm", lambda p: put(p, header(EXPLICIT) + random_bytes(3000, 3)), CUT),
    ("random_deflated.dcm", lambda p: put(p, header(DEFLATED) + random_bytes(3000, 4)),
     CUT | {"unsupported"}),
    ("deflate_cut.dcm", lambda p: put(p, header(DEFLATED) + deflated(
        [identity(), *(element(0x40, 0xA160, b"UT", random_bytes(2000, n)) for n in range(9))])[:9000]),
     CUT | {"unsupported"}),
    ("zeros.dcm", lambda p: put(p, bytes(4096)), {"corrupt", "truncated", "length"}),
    ("page.dcm", lambda p: put(p, b"<html><body>404 not found</body></html>\n"), {"corrupt", "other"}),
    ("notes.txt", lambda p: put(p, b"no data\n"), READ),
    ("table.csv", lambda p: put(p, b"a,b\n1,2\n"), READ),
    ("code.json", lambda p: put(p, b'{"a": [1, 2]}\n'), READ),
    ("archive.zip", lambda p: put(p, b"PK\x05\x06" + bytes(18)), OTHER),
    ("scan.nii", lambda p: put(p, struct.pack("<i", 348) + bytes(340) + b"n+1\0" + bytes(200)), OTHER),
    ("dangling", link("nowhere"), {"vanished", "io", "outside", "loop"}),
    ("outside.dcm", link("../../elsewhere.dcm"), {"outside"}),
    ("outside_folder", link("../../elsewhere"), {"outside"}),
    ("round", link("round"), {"loop"}),
    ("fifo.dcm", fifo, SPECIAL),
    ("socket.dcm", unix_socket, SPECIAL),
    ("device.dcm", device, SPECIAL),
    ("\x1b[31mred\n.dcm", lambda p: put(p, b"broken"), {"corrupt", "truncated", "length"}),
    (b"\xff\xfe\x80.dcm", lambda p: put(p, b"broken"), {"corrupt", "truncated", "length"}),
]

# Large ones: text that inflates a thousandfold, text and pixels that are really (sparsely) there,
# millions of elements, of creators, of values.
LARGE = [
    ("bomb_text.dcm", lambda p: put(p, header(DEFLATED) + deflated(
        [identity() + claims(0x40, 0xA160, b"UT", 900 << 20), *zeros(900 << 20)])), BOMB),
    ("bomb_name.dcm", lambda p: put(p, header(DEFLATED) + deflated(
        [identity() + claims(0x11, 0x10, b"LO", 10) + b"CREATOR AB" +
         claims(0x11, 0x1001, b"UN", 900 << 20), *zeros(900 << 20)])), BOMB | {"ok"}),
    ("sparse_text.dcm", sparse(header(EXPLICIT) + identity() + claims(
        0x40, 0xA160, b"UT", 3 << 30), (3 << 30) + 700), BOMB | CUT),
    ("many_elements.dcm", lambda p: put(p, header(DEFLATED) + deflated(
        [identity()] + [element(0x28, 0x10, b"US", b"\1\0") * 100000] * 120)), BOMB | {"ok", "corrupt"}),
    ("many_paths.dcm", lambda p: put(p, header(EXPLICIT) + identity() + b"".join(
        element(g, b, b"LO", f"CREATOR {g:04x} {b:02x}".encode()) + b"".join(
            element(g, b << 8 | e, b"LO", f"value {g} {b} {e}".encode()) for e in range(0, 256, 8))
        for g in range(0x11, 0x51, 2) for b in range(0x10, 0x40))), BOMB | {"ok", "corrupt"}),
    ("many_items.dcm", lambda p: put(p, header(EXPLICIT) + identity() + claims(
        0x40, 0xA730, b"SQ", 0xFFFFFFFF) + b"".join(
            struct.pack("<HHI", 0xFFFE, 0xE000, 22) + element(0x40, 0xA160, b"UT", f"{i:010}".encode())
            for i in range(600000)) + struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)), BOMB | {"ok"}),
]



def many_values(path):
    """Three million different texts of 120 bytes: within the budgets, but not within the memory."""
    z = zlib.compressobj(1, zlib.DEFLATED, -15)
    head = struct.pack("<HHI", 0xFFFE, 0xE000, 132) + claims(0x40, 0xA160, b"UT", 120) + b"x" * 112
    with open(path, "wb") as f:
        f.write(header(DEFLATED) + z.compress(identity() + claims(0x40, 0xA730, b"SQ", 0xFFFFFFFF)))
        for i in range(0, 3000000, 100000):
            f.write(z.compress(b"".join([head + b"%08d" % k for k in range(i, i + 100000)])))
        f.write(z.compress(struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)) + z.flush())


LARGE.append(("many_values.dcm", many_values, BOMB if BOUNDED else BOMB | {"ok"}))


class Run:
    def __init__(self, dcmrisk, folder):
        self.dcmrisk, self.folder, self.bad, self.n = dcmrisk, folder, [], 0

    def say(self, text):
        self.bad.append(text)

    def assess(self, tree, *more, as_user=None, limit=LIMIT):
        """Status, report (None when there is none), files as the scan file has them, stderr."""
        self.n += 1
        out = os.path.join(self.folder, "out", str(self.n))
        os.makedirs(out)
        scan = os.path.join(out, "scan")
        args = [self.dcmrisk, "assess", tree, "--scan", scan, "--out", os.path.join(out, "r"),
                "--stats", "-q", "-j", "2", *more]
        if as_user:
            os.chmod(out, 0o777)
            args = as_user + args
        p = subprocess.Popen(args, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             env=dict(os.environ, LC_ALL="C"), start_new_session=True)
        try:
            text = p.communicate(timeout=limit)[1].decode("utf-8", "replace")
        except subprocess.TimeoutExpired:
            os.killpg(p.pid, signal.SIGKILL)
            p.communicate()
            return 124, None, {}, "hangs"
        path = os.path.join(out, "r", "report.json")
        report = None
        if os.path.exists(path):
            with open(path, encoding="utf-8") as f:
                report = json.load(f)
        files = {}
        if os.path.exists(scan):
            db = sqlite3.connect(scan)
            db.text_factory = bytes
            try:
                files = {path: status.decode() for path, status in
                         db.execute("SELECT path, status FROM file")}
            except sqlite3.Error as e:
                text += f" [{e}]"
            db.close()
        return p.returncode, report, files, text


def peak(text):
    m = re.search(r"worker peak ([0-9.]+) MiB", text)
    return float(m.group(1)) if m else None


def beside(run, clean, name, write, reasons):
    """The clean cohort and one file: its status, and the exit status."""
    tree = os.path.join(run.folder, "tree")
    shutil.rmtree(tree, ignore_errors=True)
    os.makedirs(os.path.join(tree, "a"))
    os.symlink(clean, os.path.join(tree, "unused"))
    os.unlink(os.path.join(tree, "unused"))
    subprocess.run(["cp", "-al", clean, os.path.join(tree, "b")], check=True)
    raw = os.fsencode(name) if isinstance(name, str) else name
    path = os.path.join(os.fsencode(tree), b"a", raw)
    shown = repr(raw)[2:-1]
    try:
        write(os.fsdecode(path))
    except (PermissionError, OSError) as e:
        print(f"skipped: {shown}: {e.__class__.__name__}")
        return
    began = time.time()
    code, report, files, text = run.assess(tree)
    took = time.time() - began
    found = files.get(b"a/" + raw)
    if code == 124 or report is None:
        run.say(f"{shown}: status {code}: {text.strip()[-200:]}")
        return
    if found is None:
        run.say(f"{shown}: the file is lost: {len(files)} files are accounted for")
    elif found not in reasons:
        run.say(f"{shown}: '{found}' is not one of {sorted(reasons)}")
    if found not in ("ok", "loop") and code != 3:  # what a loop leads to is listed where it lies
        run.say(f"{shown}: status {code} and not 3, although the file was not read ('{found}')")
    if found not in ("ok", None) and found != "other":
        if found not in {c["reason"] for c in report["coverage"]["reasons"]}:
            run.say(f"{shown}: '{found}' is not in the coverage of the report")
        if found != "loop" and report["dataset"]["unreadable_files"] != 1:
            run.say(f"{shown}: unreadable_files is {report['dataset']['unreadable_files']}")
    if found == "ok" and reasons != READ and code not in (1, 3):  # one more patient, whom nobody is like
        run.say(f"{shown}: status {code}")
    if report["dataset"]["files"] != len(files):
        run.say(f"{shown}: {report['dataset']['files']} files reported, {len(files)} in the scan")
    for word in (b"red", raw[:-4]):
        if len(word) > 3 and word in text.encode("utf-8", "replace"):
            run.say(f"{shown}: its name is on stderr")
    mib = peak(text)
    if mib is None or mib <= 0:
        run.say(f"{shown}: no worker peak: {text.strip()[-200:]}")
    elif BOUNDED and mib > PEAK_MIB:
        run.say(f"{shown}: a worker had {mib} MiB")
    print(f"{shown}: {found}, status {code}, {took:.1f} s, {mib} MiB")


def all_at_once(run, clean):
    """Every broken file in one tree: each still has its own reason, and nobody is lost."""
    tree = os.path.join(run.folder, "tree")
    shutil.rmtree(tree, ignore_errors=True)
    os.makedirs(os.path.join(tree, "a"))
    subprocess.run(["cp", "-al", clean, os.path.join(tree, "b")], check=True)
    want = {}
    for i in range(3):
        for name, write, reasons in BROKEN:
            raw = f"{i}".encode() + (os.fsencode(name) if isinstance(name, str) else name)
            try:
                write(os.path.join(tree, "a", os.fsdecode(raw)))
            except OSError:
                continue
            want[b"a/" + raw] = reasons
    code, report, files, text = run.assess(tree)
    if report is None or code != 3:
        run.say(f"all at once: status {code}: {text.strip()[-200:]}")
        return
    for name, reasons in want.items():
        if name == b"a/0round" or name.endswith(b"round"):
            reasons = reasons | {"vanished"}  # it points to a name that is not there any more
        if files.get(name) not in reasons:
            run.say(f"all at once: {name!r} is '{files.get(name)}' and not one of {sorted(reasons)}")
    good = sum(s == "ok" for s in files.values())
    if good < 96 or report["dataset"]["files"] != len(files) or len(files) != 96 + len(want):
        run.say(f"all at once: {good} good of {len(files)} files, {report['dataset']['files']} reported, "
                f"{96 + len(want)} are there")


def loops(run, clean):
    """Links inside the tree: each file once, no end, and nobody twice."""
    tree = os.path.join(run.folder, "tree")
    shutil.rmtree(tree, ignore_errors=True)
    os.makedirs(os.path.join(tree, "x", "y"))
    subprocess.run(["cp", "-al", clean, os.path.join(tree, "b")], check=True)
    os.symlink("..", os.path.join(tree, "x", "up"))
    os.symlink("../..", os.path.join(tree, "x", "y", "top"))
    os.symlink("x", os.path.join(tree, "again"))
    os.symlink("b", os.path.join(tree, "twice"))
    code, report, files, text = run.assess(tree)
    if report is None:
        run.say(f"loops: status {code}: {text.strip()[-200:]}")
        return
    data = report["dataset"]
    if data["dicom_files"] != 96 or data["subjects"] != 48 or data["instances"] != 96:
        run.say(f"loops: {data['dicom_files']} DICOM files, {data['subjects']} subjects")
    if code not in (0, 3):
        run.say(f"loops: status {code}")
    print(f"loops: status {code}, {len(files)} entries")


def growing(run, clean):
    """A file that grows while it is read; the run must end, and the file be named."""
    tree = os.path.join(run.folder, "tree")
    shutil.rmtree(tree, ignore_errors=True)
    os.makedirs(os.path.join(tree, "a"))
    subprocess.run(["cp", "-al", clean, os.path.join(tree, "b")], check=True)
    path = os.path.join(tree, "a", "grows.dcm")
    put(path, header(EXPLICIT) + identity())
    stop = threading.Event()

    def grow():
        n = 0
        while not stop.is_set() and n < 400000:
            with open(path, "ab") as f:
                f.write(element(0x40, 0xA160, b"UT", b"%08d" % n) * 20)
            n += 1
    t = threading.Thread(target=grow)
    t.start()
    try:
        code, report, files, text = run.assess(tree)
    finally:
        stop.set()
        t.join()
    found = files.get(b"a/grows.dcm")
    if report is None or found is None:
        run.say(f"a growing file: status {code}, '{found}': {text.strip()[-200:]}")
    elif found not in CUT | BOMB | {"changed", "ok"} or (found != "ok" and code != 3):  # who comes late meets a large one
        run.say(f"a growing file: '{found}', status {code}")
    print(f"a growing file: {found}, status {code}")


def forbidden(run, clean):
    """A file and a folder that may not be opened, for somebody who is not root."""
    as_user = None
    if os.getuid() == 0:
        if shutil.which("setpriv") is None:
            print("skipped: files that may not be opened: no setpriv")
            return
        as_user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        for folder in (run.folder, os.path.dirname(run.folder)):
            if folder == run.folder or os.path.basename(folder).startswith("dcmrisk-test"):
                os.chmod(folder, 0o711)  # scratch folders are made for their owner only
        if subprocess.run(as_user + ["ls", clean], check=False, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL).returncode != 0:
            print("skipped: files that may not be opened: nobody else may come here")
            return
    tree = os.path.join(run.folder, "tree")
    for what in ("file", "folder"):
        shutil.rmtree(tree, ignore_errors=True)
        os.makedirs(os.path.join(tree, "a", "shut"))
        shutil.copytree(clean, os.path.join(tree, "b"))
        put(os.path.join(tree, "a", "shut", "x.dcm"), whole())
        target = os.path.join(tree, "a", "shut") if what == "folder" else \
            os.path.join(tree, "a", "shut", "x.dcm")
        os.chmod(target, 0)
        program = subprocess.run((as_user or []) + [run.dcmrisk, "--version"], check=False,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if program.returncode != 0:
            print("skipped: files that may not be opened: nobody else may run the program")
            os.chmod(target, 0o755)
            return
        code, report, files, text = run.assess(tree, as_user=as_user)
        os.chmod(target, 0o755)
        name = b"a/shut/" if what == "folder" else b"a/shut/x.dcm"
        if report is None or code != 3 or files.get(name) != "denied":
            run.say(f"a {what} that may not be opened: status {code}, '{files.get(name)}': "
                    f"{text.strip()[-200:]}")


def full_disk(run, clean):
    """No room for the scan file, or for the report: status 4, and no half a report."""
    disk = os.path.join(run.folder, "disk")
    os.makedirs(disk)
    if os.getuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", disk],
                                          stderr=subprocess.DEVNULL, check=False).returncode != 0:
        print("skipped: full disks: no mount")
        if os.path.exists("/dev/full"):
            r = subprocess.run([run.dcmrisk, "rules", "list"], stdout=open("/dev/full", "wb"),
                               stderr=subprocess.DEVNULL, check=False)
            if r.returncode != 4:
                run.say(f"/dev/full as stdout: status {r.returncode} and not 4")
        return
    try:
        for what, args in (("scan file", ["--scan", os.path.join(disk, "scan"), "--out",
                                          os.path.join(run.folder, "o1")]),
                           ("report", ["--out", os.path.join(disk, "o")])):
            r = subprocess.run([run.dcmrisk, "assess", clean, "-q", *args], check=False, timeout=LIMIT,
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            if r.returncode != 4 or not r.stderr.strip():
                run.say(f"no room for the {what}: status {r.returncode}: "
                        f"{r.stderr.decode('utf-8', 'replace')[-200:]}")
            left = [f for d, _, n in os.walk(disk) for f in n if f.startswith((".report", "report"))]
            if left:
                run.say(f"no room for the {what}: {left} is left")
        r = subprocess.run([run.dcmrisk, "scan", clean, "-q", "-o", os.path.join(disk, "scan2")],
                           check=False, timeout=LIMIT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        if r.returncode != 4:
            run.say(f"no room for scan -o: status {r.returncode}")
    finally:
        subprocess.run(["umount", disk], check=False)
    r = subprocess.run([run.dcmrisk, "assess", clean, "--out", os.path.join(run.folder, "o2")],
                       stdout=open("/dev/full", "wb"), stderr=subprocess.DEVNULL, check=False)
    if r.returncode != 4:
        run.say(f"/dev/full as stdout: status {r.returncode} and not 4")


def main(argv):
    mkcohort, dcmrisk, spec, folder = argv[1:5]
    dcmrisk = os.path.abspath(dcmrisk)
    subprocess.run([mkcohort, spec, os.path.join(folder, "clean")], check=True,
                   stdout=subprocess.DEVNULL)
    clean = os.path.join(folder, "clean", "dicom")
    put(os.path.join(folder, "elsewhere.dcm"), whole())
    os.makedirs(os.path.join(folder, "elsewhere"))
    put(os.path.join(folder, "elsewhere", "e.dcm"), whole())
    run = Run(dcmrisk, folder)
    code, report, files, text = run.assess(clean)
    if code != 0 or len(files) != 96:
        run.say(f"clean.json: status {code}, {len(files)} files: "
                f"{report['verdict']['sentence'] if report else text}")
    for name, write, reasons in BROKEN:
        beside(run, clean, name, write, reasons)
    for name, write, reasons in LARGE:
        beside(run, clean, name, write, reasons)
    all_at_once(run, clean)
    loops(run, clean)
    growing(run, clean)
    forbidden(run, clean)
    full_disk(run, clean)
    for line in run.bad:
        print(f"WRONG: {line}")
    print(f"{run.n} runs, {len(run.bad)} of what was found is wrong")
    return 1 if run.bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
