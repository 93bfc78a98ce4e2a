"""Holds the reader of `dcmrisk table` against Python's csv module on random files.

usage: read_csv.py DCMRISK FOLDER COUNT FIRST

A file is written cell by cell, quoted or not at random, with any delimiter, line end and BOM.  What
it holds is what csv.reader says, not what was meant: both must read the same text.  K of a record
is then counted by a Counter over whole rows.
"""
import collections
import csv
import io
import json
import os
import random
import subprocess
import sys

PROGRAM, FOLDER, COUNT, FIRST = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
DELIMITERS = [",", ";", "\t", "|", ":", " ", "x"]
PIECES = ["a", "b", "1", "0", " ", "  ", "\t", ",", ";", "|", ":", "x", '"', '""', "\n", "\r\n", "\n\n", "'", "\\", "NA", "nan", "-",
          "é", "ß", "日本", "\U0001F600", "\u00a0", "\ufeff", "\x01", "\x7f", "abcdefg", "abcdefgh", "abcdefghi", "A" * 31, "B" * 70]


def value(r):
    """Few distinct values, so that classes have more than one record; lengths about 8 on purpose."""
    return "".join(r.choice(PIECES) for _ in range(r.choice([0, 1, 1, 1, 2, 3])))


def cell(r, text, delimiter, how):
    must = any(c in text for c in (delimiter, '"', "\n", "\r"))
    if must or how == "all" or (how == "some" and r.random() < 0.4):
        return '"' + text.replace('"', '""') + '"'
    return text


def make(r):
    """The text of a file, its delimiter."""
    delimiter, how = r.choice(DELIMITERS), r.choice(["all", "some", "least"])
    n = r.choice([1, 2, 2, 3, 5, 9])
    # A file of some hundred thousand rows has more than one block: 4 MiB are read at once.
    rows = r.choice([0, 1, 2, 7, 40, 200])
    pools = [[value(r) for _ in range(r.choice([1, 2, 3, 8]))] for _ in range(n)]
    ends = r.choice([["\n"], ["\r\n"], ["\n", "\r\n"]])
    out = ["\ufeff" if r.random() < 0.3 else ""]
    out.append(delimiter.join(cell(r, f"c{i}", delimiter, how) if delimiter != "c" else "" for i in range(n)) + r.choice(ends))
    for _ in range(rows):
        if n > 1 and r.random() < 0.03:
            out.append(r.choice(ends))
        out.append(delimiter.join(cell(r, r.choice(p), delimiter, how) for p in pools) + r.choice(ends))
    text = "".join(out)
    # Without its last line end, unless the last record is one cell of nothing: then it would not be there.
    if r.random() < 0.3 and not (n == 1 and text.endswith(("\n\n", "\n\r\n"))):
        text = text[:-2] if text.endswith("\r\n") else text[:-1]
    return text, delimiter, n


def python_reads(text, delimiter, n):
    """Rows as tuples.  An empty line is [] to csv.reader: no record, or one missing value in a table of one column."""
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=delimiter, strict=True))
    body = [row if row else [""] for row in rows[1:] if row or n == 1]
    return rows[0], [tuple(row) for row in body]


def clean(rows, trim, na):
    """A missing value is "": an empty cell, or one of --na; trimmed of blanks and tabs."""
    cells = [tuple(v.strip(" \t") if trim else v for v in row) for row in rows]
    return [tuple("" if v in na else v for v in row) for row in cells]


def program_reads(path, header, delimiter, trim, na, jobs):
    records = os.path.join(FOLDER, "records.csv")
    command = [PROGRAM, "table", path, "--qi", ",".join(header), "--delimiter", "tab" if delimiter == "\t" else delimiter,
               "--metrics", "k,risk", "--records", records, "-j", str(jobs)]
    command += ["--trim"] if trim else []
    command += ["--na", ",".join(na)] if na else []
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    if done.returncode != 0:
        return f"status {done.returncode}: {done.stderr.strip()}", None
    with open(records, newline="", encoding="utf-8") as f:
        return json.loads(done.stdout), [int(row["fk"]) for row in csv.DictReader(f)]


def compare(seed, text, delimiter, n, r):
    """What differs, as words; None: nothing."""
    path = os.path.join(FOLDER, "table.csv")
    with open(path, "w", newline="", encoding="utf-8") as f:
        f.write(text)
    header, rows = python_reads(text, delimiter, n)
    trim, na = r.random() < 0.3, r.choice([[], [], ["NA", "-"], ["nan"]])
    rows = clean(rows, trim, na)
    count = collections.Counter(rows)
    document, k = program_reads(path, header, delimiter, trim, na, 1 + seed % 4)
    if k is None:
        return document
    wanted = {"records": len(rows), "classes": len(count), "unique": sum(v == 1 for v in count.values()),
              "k_min": min(count.values(), default=None), "k_max": max(count.values(), default=None)}
    found = {key: document[key] for key in wanted}
    if found != wanted:
        return f"found {found}, Python's csv {wanted}"
    if k != [count[row] for row in rows]:
        first = next(i for i, row in enumerate(rows) if i >= len(k) or k[i] != count[row])
        return f"record {first + 1} has another k"
    return None


def long_table(r):
    """More than two blocks of 4 MiB, with cells of several lines across their borders."""
    lines = []
    for _ in range(170000):
        v = r.randrange(3000)
        lines.append(f'"{v}\n""{v % 7}"", {"z" * (v % 40)}",{v % 11}\r\n' if v % 3 else f"{v},{'y' * (v % 90)}\n")
    return "c0,c1\n" + "".join(lines), ",", 2


def main():
    bad = total = 0
    for seed in range(FIRST, FIRST + COUNT + 1):
        r = random.Random(seed)
        text, delimiter, n = make(r) if seed < FIRST + COUNT else long_table(r)
        difference = compare(seed, text, delimiter, n, r)
        total += text.count("\n")
        if difference is not None:
            bad += 1
            if bad <= 10:
                print(f"seed {seed}: {difference}")
    print(f"{COUNT + 1} files of {total} lines, {bad} read otherwise than by Python")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
