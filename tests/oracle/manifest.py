#!/usr/bin/python3
"""Manifests: RFC 6962's tree worked out by its definition, by recursion, over hashlib.

usage: manifest.py DCMRISK COHORT FOLDER
"""
import hashlib
import hmac
import json
import os
import random
import shutil
import sqlite3
import stat
import subprocess
import sys

DCMRISK, COHORT, TMP = sys.argv[1:]
KEY = bytes(range(32))


def root(leaves):
    """Merkle tree hash as RFC 6962, section 2.1 has it."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\1" + root(leaves[:k]) + root(leaves[k:])).digest()


def files_below(folder):
    """Paths of regular files as bytes, by bytes."""
    out = []
    for base, _, names in os.walk(os.fsencode(folder)):
        out += [os.path.relpath(os.path.join(base, n), os.fsencode(folder)) for n in names]
    return sorted(out)


def digest(path):
    with open(path, "rb") as f:
        return hashlib.sha256(f.read()).hexdigest()


def leaf(*fields):
    return b"\0".join(f if isinstance(f, bytes) else str(f).encode() for f in fields)


def content_leaves(inputs, unread=()):
    out = []
    for i, folder in enumerate(inputs, 1):
        for path in files_below(folder):
            full = os.path.join(os.fsencode(folder), path)
            if stat.S_ISREG(os.lstat(full).st_mode):
                out.append(leaf("contents", i, path, os.path.getsize(full),
                                "" if full in unread else digest(full)))
    return out


def header_leaves(scan):
    """What the scan file says of each file; order, form and tree are ours."""
    db = sqlite3.connect(scan)
    db.text_factory = bytes
    rows = db.execute("SELECT input, path, size, kind, status, sop, elements, private_elements,"
                      " undecodable FROM file").fetchall()
    db.close()
    rows.sort(key=lambda r: (r[0], r[1]))
    return [leaf("headers", r[0], r[1], r[2], r[3], r[4], (r[5] or b"").hex(), *r[6:]) for r in rows]


def keyed(leaves):
    return [hmac.new(KEY, x, "sha256").digest() for x in leaves]


def assess(inputs, *options, want=(0, 1, 3)):
    out = os.path.join(TMP, "out")
    shutil.rmtree(out, ignore_errors=True)
    p = subprocess.run([DCMRISK, "assess", *inputs, "--out", out, "--format", "json", "-q", *options],
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if p.returncode not in want:
        sys.exit(f"status {p.returncode}: {p.stderr.decode(errors='replace')}")
    if p.returncode not in (0, 1, 3):
        return p.stderr.decode(errors="replace")
    with open(os.path.join(out, "report.json"), encoding="utf-8") as f:
        return json.load(f)["evidence"]


def same(what, got, want):
    if got != want:
        sys.exit(f"{what}: {got} instead of {want}")


def main():
    rng = random.Random(7)
    data, more = os.path.join(TMP, "data"), os.path.join(TMP, "more")
    shutil.copytree(COHORT, data)
    os.mkdir(more)
    for i, name in enumerate([b"plain.txt", b"a\nb", b"back\\slash", b"\xff\xfe", "\u202e.csv".encode(),
                              b" ", b"-", b"z\r", b"#"]):
        with open(os.path.join(os.fsencode(more), name), "wb") as f:
            f.write(rng.randbytes(i * 70000))
    key, listed = os.path.join(TMP, "key"), os.path.join(TMP, "manifest.txt")
    with open(key, "wb") as f:
        f.write(KEY)
    both, scan = [data, more], os.path.join(TMP, "scan.db")
    want = content_leaves(both)

    for jobs in ("1", "4"):
        e = assess(both, "--manifest", listed, "-j", jobs)["dataset"]
        same("root over contents", e["root"], root(want).hex())
        same("files", (e["over"], e["files"], e["without_content"], e["keyed"]),
             ("contents", len(want), 0, False))
    same("mode of the list", oct(os.stat(listed).st_mode & 0o777), "0o600")
    with open(listed, "rb") as f:
        text = f.read()
    for i, folder in enumerate(both, 1):
        part = text.split(b"# input 2\n")[i - 1]
        with open(os.path.join(TMP, "part"), "wb") as f:
            f.write(part)
        subprocess.run(["sha256sum", "-c", "--strict", "--quiet", os.path.join(TMP, "part")],
                       cwd=folder, check=True)
        same("lines", len(part.splitlines()), len(files_below(folder)))
    e = assess(both, "--manifest", listed, "--digest-key", key)["dataset"]
    same("keyed root", (e["root"], e["keyed"]), (root(keyed(want)).hex(), True))

    # over headers, by default, and again from the scan file; a touched file changes nothing
    e = assess(both, "--scan", scan)["dataset"]
    h = header_leaves(scan)
    same("root over headers", (e["root"], e["over"], e["without_content"]),
         (root(h).hex(), "headers", len(h)))
    same("from a scan file", assess([scan])["dataset"]["root"], root(h).hex())
    same("keyed, over headers", assess([scan], "--digest-key", key)["dataset"]["root"], root(keyed(h)).hex())

    # a file that changed since the scan, and one that is gone, are not vouched for
    files = [os.path.join(os.fsencode(data), p) for p in files_below(data)]
    os.utime(files[0], (1, 1))
    leaves = content_leaves(both, {files[0]})
    e = assess([scan], "--manifest", listed)["dataset"]
    same("changed file", (e["root"], e["without_content"]), (root(leaves).hex(), 1))

    # one bit of one file
    with open(files[3], "r+b") as f:
        f.seek(-1, 2)
        last = f.read(1)
        f.seek(-1, 2)
        f.write(bytes([last[0] ^ 1]))
    now = content_leaves(both)
    e = assess(both, "--manifest", listed)["dataset"]
    same("one bit", e["root"], root(now).hex())
    if root(now) == root(want):
        sys.exit("one bit changes nothing")

    # few patients: names and sizes could be guessed
    one = os.path.join(TMP, "one")
    os.mkdir(one)
    shutil.copy(os.fsdecode(files[5]), one)
    same("few patients", assess([one])["dataset"]["root"], None)
    e = assess([one], "--digest-key", key, "--scan", os.path.join(TMP, "one.db"))["dataset"]
    same("few patients, keyed", e["root"], root(keyed(header_leaves(os.path.join(TMP, "one.db")))).hex())
    same("few patients, contents", assess([one], "--manifest", listed)["dataset"]["root"],
         root(content_leaves([one])).hex())

    # digests of policy, rules and project
    project = os.path.join(TMP, "project.json")
    with open(project, "w", encoding="utf-8") as f:
        f.write('{"schema": "dcmrisk-project/1", "title": "T"}\n')
    e = assess([one], "--project", project)
    same("project", e["project"], digest(project))
    with open(os.path.join(os.path.dirname(__file__), "..", "..", "rules", "policies",
                           "public-release.json"), encoding="utf-8") as f:
        policy = json.dumps(json.load(f), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    same("policy", e["policy"], hashlib.sha256(policy.encode()).hexdigest())

    # what cannot be: told before anything is scanned
    with open(key, "wb") as f:
        f.write(b"short")
    if "a key has 16 to 4096 bytes" not in assess([one], "--digest-key", key, want=(2,)):
        sys.exit("a short key is taken")
    assess([one], "--manifest", os.path.join(TMP, "no", "where"), want=(4,))
    print("roots, lists and digests are as worked out by hashlib")


main()
