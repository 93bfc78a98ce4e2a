"""`dcmrisk table` says of every record how many share its cell (--records: fk).  That is held
against a count of the cells as Python's csv module reads them, for single columns and for all,
so a cell cut, joined or altered anywhere shows.  Broken files must end with an answer or with
exit status 2 and one line that names one of their lines.
usage: csv_forms.py PROGRAM FOLDER COUNT"""
import collections
import csv
import io
import os
import random
import re
import subprocess
import sys

program, folder, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
path, figures = os.path.join(folder, "t.csv"), os.path.join(folder, "rows.csv")
failed = 0


def say(*words):
    global failed
    failed += 1
    print(*words)


def run(*arguments):
    return subprocess.run([program, "table", path, "--metrics", "k", "--records", figures, *arguments],
                          capture_output=True, timeout=120)


def draw_cell(r, delimiter):
    """Lengths about those that the reader treats apart; everything that needs quotes."""
    kind = r.randrange(8)
    if kind == 0:
        return ""
    if kind < 4:
        return str(r.randrange(r.choice((3, 30, 10 ** 6))))
    letters = ("ab", 'a"', "a\" \n\r" + delimiter + "äß€𝛼\t'")[kind % 3]
    text = "".join(r.choice(letters) for _ in range(r.choice((1, 2, 6, 7, 8, 9, 15, 16, 17, 40))))
    return text


def write_cell(r, cell, delimiter):
    if r.random() < 0.2 or any(c in cell for c in '"\r\n' + delimiter):
        return '"' + cell.replace('"', '""') + '"'
    return cell


def write_table(r, rows, delimiter):
    """A line end is drawn anew for every record."""
    out = io.StringIO()
    for i, row in enumerate(rows):
        out.write(delimiter.join(write_cell(r, c, delimiter) for c in row))
        if i + 1 < len(rows) or r.random() < 0.8:
            out.write(r.choice(("\n", "\r\n")))
    text = out.getvalue().encode()
    return b"\xef\xbb\xbf" + text if r.random() < 0.2 else text


def expected(rows, columns):
    keys = [tuple(row[c] for c in columns) for row in rows]
    share = collections.Counter(keys)
    return [share[k] for k in keys]


def compare(what, names, columns, delimiter, *more):
    """What Python reads of the file, and what the program says of it."""
    with open(path, encoding="utf-8-sig", newline="") as f:
        rows = [row for row in csv.reader(f, delimiter=delimiter, strict=True)]
    body = [row for row in rows[1:] if row or len(names) == 1]
    body = [row or [""] for row in body]
    done = run("--qi", ",".join(names[c] for c in columns), "--delimiter", delimiter, *more)
    if done.returncode != 0:
        say(what, columns, "ended with", done.returncode, done.stderr.decode().strip())
        return
    with open(figures, encoding="ascii") as f:
        found = [int(row["fk"]) for row in csv.DictReader(f)]
    if found != expected(body, columns):
        say(what, columns, "differs")


def draw_rows(r, n, width, delimiter):
    pool = [draw_cell(r, delimiter) for _ in range(12)]
    names = [f"c{i}" for i in range(width)]
    rows = [names] + [[r.choice(pool) if r.random() < 0.9 else draw_cell(r, delimiter)
                       for _ in range(width)] for _ in range(n)]
    return names, rows


def random_tables():
    for seed in range(count):
        r = random.Random(seed)
        width, delimiter = r.randrange(1, 6), r.choice(",;\t|")
        names, rows = draw_rows(r, r.randrange(0, 40), width, delimiter)
        if width == 1:  # an empty line is a record here, whatever its neighbours; Python agrees
            rows = [rows[0]] + [row for row in rows[1:] if row != [""]]
        text = write_table(r, rows, delimiter)
        with open(path, "wb") as f:
            f.write(text)
        for c in range(width):
            compare(f"table {seed}", names, [c], delimiter)
        compare(f"table {seed}", names, list(range(width)), delimiter)
        broken(r, text, names, delimiter, seed)


def broken(r, text, names, delimiter, seed):
    """Bytes lost, doubled, changed: an answer or a refusal, never anything else."""
    for _ in range(3):
        data = bytearray(text)
        for _ in range(r.randrange(1, 4)):
            at = r.randrange(len(data))
            how = r.randrange(4)
            if how == 0:
                del data[at:at + r.randrange(1, 6)]
            elif how == 1:
                data[at:at] = r.choice((b'"', b"\n", b"\r", b"\0", b"\xff", delimiter.encode()))
            elif how == 2:
                data[at] = r.randrange(256)
            else:
                del data[at:]
            if not data:
                break
        with open(path, "wb") as f:
            f.write(data)
        done = run("--qi", ",".join(names), "--delimiter", delimiter)
        message = done.stderr.decode("ascii", "replace")
        lines = data.count(b"\n") + 1
        line = re.match(r"dcmrisk: .*t\.csv:(\d+): ", message)
        if done.returncode not in (0, 2) or (done.returncode == 2) != (message.count("\n") == 1):
            say(f"broken {seed}: ended with", done.returncode, message[:200])
        elif line is not None and not 1 <= int(line.group(1)) <= lines:
            say(f"broken {seed}: line", line.group(1), "of", lines)


def long_tables():
    """Over several blocks of 4 MiB, with and without quotes, by one thread and by three."""
    for seed, quoted in ((1, False), (2, True)):
        r = random.Random(seed)
        pool = [str(r.randrange(1000)) for _ in range(50)] + ["x" * 7, "x" * 8, "y" * 300]
        pool += 50 * ["two\nlines" + 20 * "\n", 'and "more", all of it'] if quoted else []
        names = ["a", "b", "c"]
        rows = [names] + [[r.choice(pool) for _ in names] for _ in range(150000)]
        with open(path, "wb") as f:
            f.write(write_table(r, rows, ","))
        for jobs in ("1", "3"):
            compare(f"long {seed} -j {jobs}", names, [0, 1], ",", "-j", jobs)
            compare(f"long {seed} -j {jobs}", names, [2], ",", "-j", jobs)


random_tables()
long_tables()
print("csv:", count, "random tables,", failed, "failures")
sys.exit(failed > 0)
