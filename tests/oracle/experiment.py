#!/usr/bin/env python3
"""The intruder experiment: does an intruder hit as often as the report says?

usage: experiment.py DCMRISK RULES FOLDER [--releases N] [--patients LO:HI] [--population N]
                     [--seed S] [--level P] [--jobs J] [--json FILE] [--markdown FILE]

From one population with a true RIS (hospital.py), N releases are written as DICOM, de-identified to
different strengths.  The program says of each adversary: sum of 1/K = random_exam x subjects.  Then an
intruder, who sees only the files (pydicom, by intruder.py), attacks each target once: knows facts of
one exam from the RIS at the adversary's levels, searches, and guesses one of those who fit.  Arms:

  record      in the release; knows one of the target's distinct records, drawn evenly
  exam        in the release; knows one acquisition of an exam drawn evenly (repeated keys count more)
  tolerant    as `exam`, remembers age +-1 year and date +-3 days wrongly, takes all who fit within that
  mistaken    as `exam`, remembers as wrongly, takes only those who fit what is remembered
  secret      as `exam`, releases of shifted dates only: does not know the shift and leaves the date out
  absent      not in the release: no hit is possible, each claim is wrong
  anybody     drawn from the whole population, so in the release with probability n/N
  claims      as `anybody`, counting those whom somebody fits; whoever has the RIS expects 1/F of each
  population  the other way round: a record of the release, looked up in the RIS: hits 1 of F

"Knows" is what the adversary model says: the fact as the release's recipe would have it (its
coarsening is public), and the shifted date where the report counts it as known.  Whoever knows the
date of birth does not mistake the age.  Exit: 0 all holds, 1 not, 77 no pydicom.
"""
import argparse
import concurrent.futures
import json
import math
import os
import random
import shutil
import subprocess
import sys

import calibration
import hospital
import intruder

OWN = (  # beside those of rules/adversaries.json: they know less, so that all sizes of 1/K come up
    ("test-demographics", ["sex", "age@1y"]),
    ("test-press", ["sex", "age@1y", "exam_date@month"]),
    ("test-ward", ["modality", "body_region", "exam_date@month"]),
    ("test-kind", ["sex", "modality", "body_region", "site"]),
    ("test-build", ["height@10cm", "weight@10kg", "sex"]),
)


def write_rules(rules, folder):
    with open(os.path.join(rules, "adversaries.json"), encoding="utf-8") as f:
        told = json.load(f)
    told["adversaries"] += [{"id": i, "title": "Of the experiment: " + i, "target": "prosecutor",
                             "knows": k} for i, k in OWN]
    os.makedirs(folder)
    with open(os.path.join(folder, "adversaries.json"), "w", encoding="utf-8") as f:
        json.dump(told, f)


def assess(program, rules, dicom, out, table):
    run = subprocess.run([program, "assess", dicom, "--out", out, "--format", "json", "-q", "-j", "1",
                          "--rules", rules, "--population-table", table], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                         text=True, check=False)
    if run.returncode not in (0, 1, 3):
        raise RuntimeError(f"dcmrisk ended with {run.returncode}: {run.stderr.strip()[-300:]}")
    with open(os.path.join(out, "report.json"), encoding="utf-8") as f:
        return json.load(f)


# ---- what is known, what fits ----

def facts_of(image):
    """A row as the files have it, with what follows from it."""
    if image["age"] is None:
        image["age"] = intruder.age_between(image["birth_date"], image["exam_date"])
    return image


class Adversary:
    """Concepts of an adversary that are present, and the key of a row by them."""

    def __init__(self, told, rows):
        self.id = told["id"]
        self.view = next(v for v in told["views"] if v["view"] == "any_exam")
        self.knows = [k["concept"] for k in told["knows"] if k["present"]]
        self.month = any(k["concept"] == "exam_date" and k["level"] == "month" for k in told["knows"])
        self.sure_of_age = any(k["concept"] == "birth_date" for k in told["knows"])
        self.predicted = self.view["prosecutor"]["random_exam"] * self.view["subjects"]
        self.place = {c: i for i, c in enumerate(self.knows)}
        self.fits, self.loose = {}, {}
        for who, _, facts in rows:
            key = self.key(facts)
            self.fits.setdefault(key, set()).add(who[1])
            self.loose.setdefault(self.without(key), set()).add((key, who[1]))
        self.fits = {k: sorted(v) for k, v in self.fits.items()}

    def key(self, facts):
        return tuple(intruder.at_level(c, facts[c], self.month) for c in self.knows)

    def without(self, key):
        return tuple(v for c, v in zip(self.knows, key) if c not in ("age", "exam_date"))

    def part(self, key, concept):
        return key[self.place[concept]] if concept in self.place else None

    def replaced(self, key, concept, value):
        i = self.place.get(concept)
        return key if i is None or key[i] is None else key[:i] + (value,) + key[i + 1:]


class Memory:
    """How an exam is remembered: off by some years and days; what fits within the tolerance."""

    def __init__(self, rng, release, adversary, image, step, shift):
        self.a, self.recipe, self.key = adversary, release.recipe, adversary.key(image)
        self.spread = 0 if adversary.sure_of_age else 1
        self.derived = release.recipe.age == "none"
        age = adversary.part(self.key, "age")
        self.age = None if age is None else int(age) if self.derived else hospital.years(step["age"])
        if self.age is not None:
            self.age = max(0, self.age + rng.randint(-self.spread, self.spread))
        self.day = step["day"] + (shift if self.recipe.dates == "shift" else 0) + rng.randint(-3, 3)

    def age_value(self, years):
        text = str(years) if self.derived else self.recipe.coarse_age(f"{max(0, years):03d}Y")
        return intruder.at_level("age", text, self.a.month)

    def date_value(self, day):
        text = hospital.text_of(day)
        text = text if self.recipe.dates == "shift" else self.recipe.coarse_date(text)
        return intruder.at_level("exam_date", text, self.a.month)

    def mistaken(self):
        key = self.key
        if self.age is not None:
            key = self.a.replaced(key, "age", self.age_value(self.age))
        return self.a.fits.get(self.a.replaced(key, "exam_date", self.date_value(self.day)), [])

    def tolerant(self):
        """Who fits all else, with an age and a date that what is remembered allows."""
        age, date = self.a.part(self.key, "age"), self.a.part(self.key, "exam_date")
        ages = {age} if age is None else {self.age_value(self.age + i)
                                          for i in range(-self.spread, self.spread + 1)}
        dates = {date} if date is None else {self.date_value(self.day + i) for i in range(-3, 4)}
        return sorted({who for key, who in self.a.loose.get(self.a.without(self.key), ())
                       if self.a.part(key, "age") in ages and self.a.part(key, "exam_date") in dates})


# ---- one release, one adversary ----

class Tally:
    """Of one arm: targets, claims, hits, what was predicted, and the expected hits of this draw."""

    def __init__(self, predicted=None):
        self.targets = self.claims = self.hits = self.lost = 0
        self.predicted, self.expected, self.variance = predicted, 0.0, 0.0

    def attack(self, rng, candidates, target):
        self.targets += 1
        if not candidates:
            self.lost += 1
            return
        self.claims += 1
        self.hits += rng.choice(candidates) == target
        if target in candidates:
            p = 1 / len(candidates)
            self.expected += p
            self.variance += p * (1 - p)
        else:
            self.lost += 1


class Attack:
    """All arms of one adversary against one release."""

    def __init__(self, release, adversary, images, seed):
        self.release, self.a, self.images = release, adversary, images
        self.rng = random.Random(f"attack {seed} {release.number} {adversary.id}")
        self.keys = [[adversary.key(row) for row, _ in rows] for rows in images]
        self.arms = {}

    def mean(self, number, size):
        """Mean of 1/size over the distinct records of a person."""
        keys = set(self.keys[number])
        return sum(1 / size(k) for k in keys) / len(keys)

    def pick(self, number):
        """An acquisition of an exam drawn evenly: its place among the person's rows."""
        exams = self.release.hospital.people[number].exams
        e = self.rng.randrange(len(exams))
        return sum(map(len, exams[:e])) + self.rng.randrange(len(exams[e]))

    def present(self):
        a, rng, ids = self.a, self.rng, self.release.ids
        for arm in ("record", "exam", "tolerant", "mistaken"):
            self.arms[arm] = Tally(a.predicted)
        for m in self.release.members:
            key = rng.choice(sorted(set(self.keys[m]), key=repr))
            self.arms["record"].attack(rng, a.fits.get(key, []), ids[m])
            i = self.pick(m)
            self.arms["exam"].attack(rng, a.fits.get(self.keys[m][i], []), ids[m])
            memory = Memory(rng, self.release, a, *self.images[m][i], self.release.shift[m])
            self.arms["tolerant"].attack(rng, memory.tolerant(), ids[m])
            self.arms["mistaken"].attack(rng, memory.mistaken(), ids[m])

    def secret(self):
        """Of shifted dates whose shift is not known, the day says nothing."""
        t = self.arms["secret"] = Tally(self.a.predicted)
        at = self.a.place.get("exam_date")
        cut = (lambda k: k) if at is None else (lambda k: k[:at] + k[at + 1:])
        fits = {}
        for key, who in self.a.fits.items():
            fits.setdefault(cut(key), set()).update(who)
        for m in self.release.members:
            t.attack(self.rng, sorted(fits[cut(self.keys[m][self.pick(m)])]), self.release.ids[m])

    def outside(self):
        a, rng, r = self.a, self.rng, self.release
        members, everybody = set(r.members), range(len(r.hospital.people))
        absent = self.arms["absent"] = Tally()
        for m in everybody:
            if m not in members:
                absent.attack(rng, a.fits.get(self.keys[m][self.pick(m)], []), None)
        anybody = self.arms["anybody"] = Tally(a.predicted)
        for _ in everybody:  # N targets, each in the release with n/N
            m = rng.randrange(len(everybody))
            key = rng.choice(sorted(set(self.keys[m]), key=repr))
            anybody.attack(rng, a.fits.get(key, []), r.ids.get(m))

    def people(self):
        """Who of the population has a key."""
        people = {}
        for number, keys in enumerate(self.keys):
            for key in keys:
                people.setdefault(key, set()).add(number)
        return people

    def population(self):
        """Looks records of the release up in the RIS; problems of the figures for it."""
        people = self.people()
        crowds = [[len(people[k]) for k in set(self.keys[m])] for m in self.release.members]
        truth = journalist(crowds)
        t = self.arms["population"] = Tally(truth["marketer/links"])
        for m in self.release.members:
            key = self.rng.choice(sorted(set(self.keys[m]), key=repr))
            t.attack(self.rng, sorted(people[key]), m)
        self.claims(people)
        return [f"{self.a.id}: {path} is {found!r}, the RIS says {v!r}"
                for path, v in truth.items()
                for found in [look(self.a.view, path)] if not near(found, v)]

    def claims(self, people):
        t = self.arms["claims"] = Tally(0.0)
        for _ in self.keys:
            m = self.rng.randrange(len(self.keys))
            key = self.rng.choice(sorted(set(self.keys[m]), key=repr))
            if key in self.a.fits:
                t.predicted += 1 / len(people[key])
                t.attack(self.rng, self.a.fits[key], self.release.ids.get(m))

    def own_sum(self):
        """Sum of 1/K as the intruder counts it in the files."""
        return sum(self.mean(m, lambda k: len(self.a.fits[k])) for m in self.release.members)


def journalist(crowds):
    """DESIGN.md 1 with F for K, from the F of each person's distinct keys."""
    n = len(crowds)
    worst = [1 / min(c) for c in crowds]
    links = sum(sum(1 / f for f in c) / len(c) for c in crowds)
    out = {"journalist/max": max(worst), "journalist/average": sum(worst) / n,
           "journalist/random_exam": links / n, "journalist/k_map": min(map(min, crowds)),
           "marketer/value": links / n, "marketer/links": links}
    out.update({f"journalist/below/{k}": sum(min(c) < k for c in crowds) for k in (2, 3, 5, 11, 20)})
    out.update({f"journalist/share_above/{t}": sum(w > t for w in worst) / n for t in (.05, .09, .2, .33)})
    return out


def look(document, path):
    for part in path.split("/"):
        document = document.get(part) if isinstance(document, dict) else None
    return document


def near(found, truth):
    return found is not None and math.isclose(found, truth, rel_tol=1e-9)


def one_release(o, rules, people, number):
    """Makes, assesses and attacks a release; what came of it."""
    draw = random.Random(f"size {o.seed} {number}")
    release = hospital.Release(people, number, draw.randint(*o.patients), o.seed)
    folder = os.path.join(o.folder, f"r{number}")
    dicom = os.path.join(folder, "dicom")
    files = release.write(dicom)
    images = [[(facts_of(row), step) for row, step in release.images(p)] for p in people.people]
    table = os.path.join(folder, "ris.csv")
    hospital.write_ris(images, table)
    report = assess(o.program, rules, dicom, folder, table)
    seen = intruder.load(dicom)
    intruder.name_subjects(seen)
    rows = intruder.exams(seen)
    bad, tallies = [], {}
    if len(seen) != files:
        bad.append(f"{files} files written, {len(seen)} read by pydicom")
    for told in report["adversaries"]:
        if told["target"] != "prosecutor" or told["id"] == "collaborating-site":
            continue
        a = Adversary(told, rows)
        if a.view["applies"]:
            tallies[a.id] = attack_all(Attack(release, a, images, o.seed), bad)
    shutil.rmtree(folder)
    return {"number": number, "tallies": tallies, "bad": [f"release {number}: {b}" for b in bad],
            "patients": len(release.members), "files": files, "recipe": release.recipe.describe(),
            "date_state": report["dataset"]["dates"]["state"]}


def attack_all(attack, bad):
    """Every arm; adds to bad what cannot be."""
    a, shifted = attack.a, attack.release.recipe.dates == "shift"
    attack.present()
    if shifted:
        attack.secret()
    if not shifted or "exam_date" not in a.place:  # else the RIS and the release share no calendar
        bad += attack.population()
    attack.outside()
    bad += [f"{a.id}: {attack.arms[arm].lost} targets fit nothing, arm {arm}"
            for arm in ("record", "exam", "tolerant") if attack.arms[arm].lost]
    if not bad:
        own = attack.own_sum()
        if not near(a.predicted, own):
            bad.append(f"{a.id}: random_exam x subjects is {a.predicted!r}, the files say {own!r}")
    return {arm: vars(t) for arm, t in attack.arms.items()}


# ---- the whole ----

def run(o):
    people = hospital.Hospital(o.population, o.seed)
    rules = os.path.join(o.folder, "rules")
    write_rules(o.rules, rules)
    with concurrent.futures.ProcessPoolExecutor(o.jobs) as pool:
        tasks = [pool.submit(one_release, o, rules, people, n) for n in range(o.releases)]
        done = [t.result() for t in tasks]
    shutil.rmtree(rules)
    return done


def span(text):
    lo, hi = (int(x) for x in text.split(":"))
    return lo, hi


def main(argv):
    p = argparse.ArgumentParser(add_help=False)
    for name in ("program", "rules", "folder"):
        p.add_argument(name)
    p.add_argument("--releases", type=int, default=8)
    p.add_argument("--patients", type=span, default=(80, 160))
    p.add_argument("--population", type=int, default=800)
    p.add_argument("--seed", type=int, default=20261127)
    p.add_argument("--level", type=float, default=.95, help="of the intervals that must hold 1")
    p.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    p.add_argument("--json")
    p.add_argument("--markdown")
    o = p.parse_args(argv[1:])
    releases = run(o)
    result = calibration.summarise(releases, o)
    if o.json:
        with open(o.json, "w", encoding="utf-8") as f:
            json.dump(dict(result, releases=releases), f, indent=1, sort_keys=True)
            f.write("\n")
    text = calibration.as_markdown(result)
    if o.markdown:
        with open(o.markdown, "w", encoding="utf-8") as f:
            f.write(text)
    print(text)
    for line in result["bad"]:
        print("WRONG:", line)
    return 1 if result["bad"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
