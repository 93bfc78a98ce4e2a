"""`dcmrisk table` against what other programs and brute force said of known tables
(../shared/reference, described in METRICS.md 2 and 4).
usage: table_reference.py PROGRAM REFERENCE FOLDER"""
import csv
import decimal
import json
import math
import os
import sys

import table_truth
from table_common import Judge, at, read_records, write_csv

program, reference, folder = sys.argv[1:4]
judge = Judge(program, folder)
inputs = os.path.join(reference, "sdc", "inputs")
records_file = os.path.join(folder, "records.csv")

# METRICS.md 2.1: table, quasi-identifiers, weight, records, classes (missing as category), below
# 2, 3 and 5, sum of 1/fk, sum of the individual risk in its exact form
SEVEN = "urbrur,roof,walls,water,electcon,relat,sex"
SYNTH = "sex,ageband,region,scanner,bodypart,modality,ethnic"
TABLES = [
    ("francdat", "francdat", "Key1,Key2,Key3,Key4", "w", 8, 6, 4, 8, 8, 6, 0.9665260452),
    ("francdat_na", "francdat_na", "Key1,Key2,Key3,Key4", "w", 8, 7, 0, 3, 8, 3.083333333,
     0.1334904461),
    ("testdata_k5", "testdata", "urbrur,roof,walls,water,sex", "sampling_weight", 4580, 93, 12, 24,
     79, 93, 1.526397272),
    ("testdata_k7", "testdata", SEVEN, "sampling_weight", 4580, 412, 157, 281, 458, 412,
     10.77552514),
    ("testdata_na_k7", "testdata_na", SEVEN, "sampling_weight", 4580, 672, 72, 154, 276,
     272.2684178, 5.988790833),
    ("synth2000_k7", "synth2000", SYNTH, "weight", 2000, 1796, 1636, 1892, 1985, 1796,
     181.1979576),
    ("synth2000_k4", "synth2000", "sex,ageband,region,scanner", "weight", 2000, 493, 136, 326, 726,
     493, 27.8708176),
    ("synth2000_na_k7", "synth2000_na", SYNTH, "weight", 2000, 1835, 1338, 1722, 1926,
     1604.725338, 154.7416629),
    ("synth2000_na_k4", "synth2000_na", "sex,ageband,region,scanner", "weight", 2000, 599, 22, 93,
     255, 252.1004421, 9.434801830),
]


def exact_risk(f, F, known={}):
    if (f, F) not in known:
        q = 1 - decimal.Decimal(f) / decimal.Decimal(F)
        decimal.getcontext().prec = 60 + int(f * (0.31 - float(q.log10() if q > 0 else 0)))
        known[f, F] = float(table_truth.individual_risk(f, F))
    return known[f, F]


def sdcmicro():
    for (name, source, qi, weight, n, classes, b2, b3, b5, unweighted, weighted) in TABLES:
        wild = "_na" in name
        common = [os.path.join(inputs, source + ".csv"), "--qi", qi, "--weight", weight,
                  "--metrics", "k,risk,individual"]
        doc = judge.run(common + ["--missing", "wildcard" if wild else "category", "--records",
                                  records_file], name)
        if doc is None:
            continue
        judge.compare(name, "2.1", doc,
                      {"records": n, "subjects": n, "below/2": b2, "below/3": b3, "below/5": b5})
        judge.equal(name, "2.1", "sum of 1/fk", at(doc, "prosecutor/average") * n,
                    float(unweighted), 1e-9)
        judge.equal(name, "2.1", "individual_risk/sum", at(doc, "individual_risk/sum"), weighted,
                    1e-9)
        category = judge.run(common, name) if wild else doc
        if category is not None:
            judge.equal(name, "2.1", "classes", at(category, "classes"), classes)
        each_record(name)


def each_record(name):
    path = os.path.join(reference, "sdc", "records", name + ".csv")
    rows = read_records(records_file)
    if not os.path.exists(path):
        return
    with open(path, newline="") as f:
        wanted = list(csv.DictReader(f))
    judge.equal(name, "records", "rows", len(rows), len(wanted))
    for r, w in zip(rows, wanted):
        f, F = int(float(w["fk"])), w["Fk"]
        judge.equal(name, "records", f"row {w['row']} fk", r["fk"], float(f))
        judge.equal(name, "records", f"row {w['row']} Fk", r["Fk"], float(F), 1e-12)
        # sdcMicro has no exact risk for large classes (NaN): the closed form has
        risk = w["risk_w_exact"]
        risk = float(risk) if risk not in ("", "NaN", "NA") else exact_risk(f, F)
        judge.equal(name, "records", f"row {w['row']} risk", r["risk"], risk, 1e-9)
        judge.equal(name, "records", f"row {w['row']} risk by definition", r["risk"],
                    exact_risk(f, F), 1e-12)


def sdcmicro_diversity():
    """l of the classes of synth2000_k4, record by record: the table cut down to one class."""
    name, qi = "synth2000_k4", ("sex", "ageband", "region", "scanner")
    with open(os.path.join(inputs, "synth2000.csv"), newline="") as f:
        rows = list(csv.DictReader(f))
    with open(os.path.join(reference, "sdc", "records", name + ".csv"), newline="") as f:
        wanted = list(csv.DictReader(f))
    seen = {}
    for r, w in zip(rows, wanted):
        seen.setdefault(tuple(r[q] for q in qi), (w, []))[1].append(r["diagnosis"])
    for key, (w, values) in sorted(seen.items())[::10]:
        path = os.path.join(folder, "class.csv")
        write_csv(path, ["q", "diagnosis"], [("x", v) for v in values])
        doc = judge.run([path, "--qi", "q", "--sensitive", "diagnosis", "--metrics", "diversity"],
                        name)
        if doc is None:
            continue
        what = f"{name} class {key}"
        judge.compare(what, "sdcMicro l", doc, {
            "diversity/0/distinct_l": int(w["diagnosis_Distinct_Ldiversity"]),
            "diversity/0/entropy_l": float(w["diagnosis_Entropy_Ldiversity"])}, 1e-9)
        # sdcMicro's c is 2; the least it says is 1, where even that does not hold it is l = 1
        judge.equal(what, "sdcMicro l", "recursive",
                    max(1, at(doc, "diversity/0/recursive_cl/c/2")),
                    int(w["diagnosis_Recursive_Ldiversity"]))


# METRICS.md 2.2 (pyCANON 1.x): quasi-identifiers, sensitive; k, alpha, l, entropy l, t with its
# variant, basic beta, enhanced beta as pyCANON says it, delta over q > 0, infimum of c
PYCANON = [
    ("synth_k2", "synth2000", "sex,ageband", "diagnosis", 64, 0.299401, 8, 6.614585, "t_equal",
     0.2725633803, 1.4855012, 1.4855012, 1.7137979, 10.5),
    ("synth_k4", "synth2000", "sex,ageband,region,scanner", "diagnosis", 1, 1.0, 1, 1.0, "t_equal",
     0.949, 18.607843, 2.9759296, 2.9759296, None),
    ("synth_k3_num", "synth2000", "sex,ageband,region", "dose", 2, 0.666667, 2, 1.889882,
     "t_ordered", 0.3291071429, 32.333333, 4.1997051, 3.5065579, 2.0),
    ("synth_na_k4", "synth2000_na", "sex,ageband,region,scanner", "diagnosis", 1, 1.0, 1, 1.0,
     "t_equal", 0.949, 18.607843, 2.9759296, 2.9759296, None),
]


def pycanon():
    for (name, source, qi, secret, k, alpha, l, entropy, variant, t, beta, capped, delta,
         c) in PYCANON:
        doc = judge.run([os.path.join(inputs, source + ".csv"), "--qi", qi, "--sensitive", secret,
                         "--metrics", "k,diversity"], name)
        if doc is None:
            continue
        judge.equal(name, "pyCANON", "k_min", at(doc, "k_min"), k)
        judge.equal(name, "pyCANON", "distinct_l", at(doc, "diversity/0/distinct_l"), l)
        wanted = {"alpha": alpha, "entropy_l": entropy, variant: t, "beta": beta,
                  "beta_capped": capped, "delta": delta}
        if c is not None:
            wanted["recursive_cl/infimum_c_at_distinct_l"] = c
        judge.compare(name, "pyCANON", doc, {f"diversity/0/{p}": v for p, v in wanted.items()},
                      1e-6)  # as many digits as the table gives
    two = judge.run([os.path.join(inputs, "synth2000.csv"), "--qi", "sex,ageband", "--sensitive",
                     "diagnosis,dose", "--metrics", "diversity"], "synth_k2_2SA")
    for path, values in (("t", {0.2725633803}), ("beta", {10.428571}), ("beta_capped", {4.1997051}),
                         ("delta", {2.4361164856}), ("alpha", {0.2994012})):
        found = max(at(two, f"diversity/{i}/{path}") for i in (0, 1)) if path != "t" else at(
            two, "diversity/0/t_equal")
        judge.equal("synth_k2_2SA", "pyCANON", path, found, values.pop(), 1e-6)
    for i, c in enumerate((10.5, 12.0)):
        judge.equal("synth_k2_2SA", "pyCANON", "infimum of c",
                    at(two, f"diversity/{i}/recursive_cl/infimum_c_at_distinct_l"), c, 1e-9)


# ---- ARX ----

def arx():
    adult = os.path.join(reference, "arx", "adult.csv")
    cases = [(adult, os.path.join(reference, "arx", "risk", f"adult.qi{q}.json"))
             for q in (3, 4, 5, 7, 8, 9)]
    edge = os.path.join(reference, "arx", "edge")
    for f in sorted(os.listdir(edge)):
        # rows of "*" alone are left out by ARX, and by nobody's definition
        if f.endswith(".json") and f != "with_star.json":
            cases.append((os.path.join(edge, f[:-5] + ".csv"), os.path.join(edge, f)))
    for table, answer in cases:
        with open(answer) as f:
            elementary(os.path.basename(answer), table, json.load(f))


def elementary(name, table, a):
    doc = judge.run([table, "--qi", ",".join(a["qis"]), "--delimiter", ";", "--trim",
                     "--metrics", "k,risk,fields" if len(a["qis"]) <= 4 else "k,risk"], name)
    if doc is None:
        return
    n, classes = a["num_records"], a["num_classes"]
    judge.compare(name, "ARX", doc, {
        "records": n, "classes": classes, "k_min": a["min_class"], "k_max": a["max_class"],
        "k_mean": float(a["avg_class"]), "unique": a["sample_uniques"],
        "prosecutor/max": a["sample_risks"]["highest"],
        "prosecutor/average": a["sample_risks"]["average"]}, 1e-12)
    judge.equal(name, "ARX", "lowest", 1 / at(doc, "k_max"), a["sample_risks"]["lowest"], 1e-12)
    judge.equal(name, "ARX", "bins", len(at(doc, "histogram")), len(a["histogram"]))
    for i, (size, count) in enumerate(sorted(a["histogram"])):
        judge.compare(name, "ARX", doc, {f"histogram/{i}/size": size,
                                         f"histogram/{i}/classes": count,
                                         f"histogram/{i}/records": size * count})
    for m in a["attacker_models"]:
        path = f"prosecutor/share_above/{m['threshold']:g}"
        judge.equal(name, "ARX", path, at(doc, path), m["prosecutor"]["records_at_risk"], 1e-12)
    singles(name, doc, a)


def singles(name, doc, a):
    fields = at(doc, "fields")
    if not isinstance(fields, list):
        return
    known = {c["attrs"][0]: c for c in a.get("attribute_combinations") or []
             if len(c["attrs"]) == 1}
    for f in fields:
        c = known.get(f["name"])
        if c is None or a["num_records"] < 2:  # 0/0, which ARX gives as 0
            continue
        for key in ("distinction", "separation"):
            judge.equal(name, "ARX", f"{f['name']}/{key}", f[key], float(c[key]), 1e-12)


# ---- people with several records (METRICS.md 2.5) ----

def patients():
    with open(os.path.join(reference, "sdc", "summaries", "longitudinal.json")) as f:
        known = json.load(f)
    table = os.path.join(inputs, "dicom_like_studies.csv")
    for qi, w in known["patient_level_k"].items():
        common = [table, "--qi", qi.replace("+", ","), "--metrics", "k,risk"]
        rows = judge.run(common, qi)
        doc = judge.run(common + ["--subject", "patient", "--records", records_file], qi)
        if doc is None or rows is None:
            continue
        judge.compare(qi, "2.5", doc, {"records": known["studies"], "subjects": known["patients"],
                                       "classes": w["classes"], "k_min": w["k_patients"]})
        judge.compare(qi, "2.5", rows, {"k_min": w["k_studies"], "subjects": known["studies"]})
        fk = [r["fk"] for r in read_records(records_file)]
        for k in ("2", "3", "5", "11"):
            judge.compare(qi, "2.5", doc, {f"below/{k}": w["patients_with_any_study_k_lt"][k]})
            judge.compare(qi, "2.5", rows, {f"below/{k}": w["studies_k_lt"][k]["by_studies"]})
            judge.equal(qi, "2.5", f"records below {k}", sum(v < int(k) for v in fk),
                        w["studies_k_lt"][k]["by_patients"])
    population(known["kmap_delta"])


def population(w):
    what = "kmap"
    doc = judge.run([os.path.join(inputs, "kmap_release.csv"), "--qi", ",".join(w["qi"]),
                     "--population-table", os.path.join(inputs, "kmap_population.csv"),
                     "--metrics", "k,risk"], what)
    if doc is None:
        return
    judge.compare(what, "2.5", doc, {
        "records": w["release"], "k_min": w["k_anonymity"], "journalist/k_map": w["k_map"],
        "below/5": w["records_k_lt_5"], "journalist/below/5": w["records_kmap_lt_5"],
        "unique": w["sample_uniques"], "journalist/below/2": w["population_uniques_in_sample"],
        "prosecutor/max": w["prosecutor_max"], "journalist/max": w["journalist_max"],
        "prosecutor/average": w["prosecutor_avg"],
        "journalist/average": w["journalist_avg_records"],
        "marketer/value": w["journalist_avg_records"],
        "marketer/links": w["marketer_expected_links"],
        "delta_presence/min": w["delta_min"], "delta_presence/max": w["delta_max"],
        "delta_presence/classes": w["classes_population"],
        "delta_presence/not_released": w["classes_absent_from_release"],
        "delta_presence/at_one": w["classes_delta_1"], "journalist/contained": True}, 1e-12)


sdcmicro()
sdcmicro_diversity()
pycanon()
arx()
patients()
sys.exit(judge.end())
