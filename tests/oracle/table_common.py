"""Runs `dcmrisk table` and compares its document with what is expected, path by path."""
import csv
import json
import math
import os
import subprocess
from fractions import Fraction


class Judge:
    """Counts comparisons; prints the first failures."""

    def __init__(self, program, folder):
        self.program, self.folder = program, folder
        self.compared, self.failed, self.runs = {}, 0, 0

    def say(self, what, path, found, wanted):
        self.failed += 1
        if self.failed <= 40:
            print(f"{what}: {path}: {found!r}, not {wanted!r}")

    def run(self, arguments, what, status=0):
        """The document, None where the run did not end as it should."""
        self.runs += 1
        done = subprocess.run([self.program, "table", *map(str, arguments)],
                              capture_output=True, text=True, timeout=300)
        if done.returncode != status:
            self.say(what, "exit status", f"{done.returncode} {done.stderr.strip()}", status)
            return None
        if status != 0:
            return None
        return json.loads(done.stdout, parse_constant=lambda c: self.say(what, "number", c, "one"))

    def equal(self, what, part, path, found, wanted, tolerance=0.0):
        """Numbers to a relative tolerance, all else exactly."""
        self.compared[part] = self.compared.get(part, 0) + 1
        if wanted is None or isinstance(wanted, bool):
            same = found is wanted
        elif isinstance(wanted, (str, list)):
            same = found == wanted
        elif isinstance(found, bool) or not isinstance(found, (int, float)):
            same = False
        elif isinstance(wanted, int):
            same = found == wanted
        else:
            near = float(wanted)
            same = math.isclose(found, near, rel_tol=tolerance, abs_tol=tolerance)
        if not same:
            self.say(what, path, found,
                     float(wanted) if isinstance(wanted, Fraction) else wanted)

    def compare(self, what, part, document, wanted, tolerance=1e-12):
        for path, value in wanted.items():
            self.equal(what, part, path, at(document, path), value, tolerance)

    def end(self):
        print(f"{sum(self.compared.values())} comparisons in {self.runs} runs: " +
              ", ".join(f"{part} {n}" for part, n in sorted(self.compared.items())))
        if self.failed:
            print(f"{self.failed} failed")
        return 1 if self.failed else 0


MISSING = "(no such key)"


def at(document, path):
    for step in path.split("/"):
        if isinstance(document, list):
            if not step.isdigit() or int(step) >= len(document):
                return MISSING
            document = document[int(step)]
        elif isinstance(document, dict) and step in document:
            document = document[step]
        else:
            return MISSING
    return document


def write_csv(path, header, rows, delimiter=","):
    """None is an empty cell."""
    with open(path, "w", newline="", encoding="utf-8") as f:
        w = csv.writer(f, delimiter=delimiter, quoting=csv.QUOTE_MINIMAL, lineterminator="\n")
        w.writerow(header)
        for r in rows:
            cells = ["" if c is None else c for c in r]
            if len(cells) == 1 and cells[0] == "":
                f.write('""\n')
            else:
                w.writerow(cells)


def read_records(path):
    """--records: a list of dicts of numbers, None where empty."""
    with open(path, encoding="utf-8", newline="") as f:
        rows = [{k: float(v) if v != "" else None for k, v in r.items()}
                for r in csv.DictReader(f)]
    os.unlink(path)
    return rows
