#!/usr/bin/python3
"""Makes the generated files of rules/ from the tables of standards facts.

usage: python3 rules/generate.py STANDARDS_DIR [OUT_DIR]

Reads CSV tables (one '# source:' line, then a header row) and JSON files; writes JSON with one
entry a line.  Facts of DICOM PS3.15 2026d, (c) NEMA; roles, families and risk classes are ours.
Files without a table (dummies, modalities, uid-roots, vocabulary, checks, policies) are
kept by hand and are not touched.
"""
import csv
import io
import json
import os
import re
import sys

sys.dont_write_bytecode = True
import generate_pixel  # noqa: E402 (beside this file)

EDITION = "DICOM PS3.15 2026d"
OURS = "2026-11"  # of tables that no standard has
ATTRIBUTION = "DICOM PS3.15 2026d, (c) NEMA"

# Role of an attribute that has no row of its own, by the family its PS3.15 options give it.
FAMILY_ROLE = {
    "name": "direct_identifier",
    "direct_patient": "direct_identifier",
    "patient_id": "direct_identifier",
    "contact": "direct_identifier",
    "physician_operator": "direct_identifier",
    "date": "quasi_identifier",
    "datetime": "quasi_identifier",
    "time": "quasi_identifier",
    "demographic": "quasi_identifier",
    "device": "quasi_identifier",
    "site": "quasi_identifier",
    "uid": "quasi_identifier",
    "workflow_id": "quasi_identifier",
    "free_text": "sensitive",
    "health": "sensitive",
    "container": "container",
    "opaque": "container",
    "structured_content": "container",
    "graphics": "container",
}

# Attributes of the file itself and of codes, which no table lists.
EXTRA = [
    ("0002,0000", "FileMetaInformationGroupLength", "UL", "instance", "technical", "file_meta"),
    ("0002,0001", "FileMetaInformationVersion", "OB", "instance", "technical", "file_meta"),
    ("0008,0001", "LengthToEnd", "UL", "instance", "technical", "file_meta"),
    ("0008,0006", "LanguageCodeSequence", "SQ", "instance", "container", "code"),
    ("0008,0100", "CodeValue", "SH", "instance", "technical", "code"),
    ("0008,0102", "CodingSchemeDesignator", "SH", "instance", "technical", "code"),
    ("0008,0103", "CodingSchemeVersion", "SH", "instance", "technical", "code"),
    ("0008,0104", "CodeMeaning", "LO", "instance", "technical", "code"),
    ("0008,0105", "MappingResource", "CS", "instance", "technical", "code"),
    ("0008,0106", "ContextGroupVersion", "DT", "instance", "technical", "code"),
    ("0008,0107", "ContextGroupLocalVersion", "DT", "instance", "technical", "code"),
    ("0008,010B", "ContextGroupExtensionFlag", "CS", "instance", "technical", "code"),
    ("0008,010D", "ContextGroupExtensionCreatorUID", "UI", "instance", "technical", "code"),
    ("0008,010F", "ContextIdentifier", "CS", "instance", "technical", "code"),
    ("0008,0110", "CodingSchemeIdentificationSequence", "SQ", "instance", "container", "code"),
    ("0008,0112", "CodingSchemeRegistry", "LO", "instance", "technical", "code"),
    ("0008,0114", "CodingSchemeExternalID", "ST", "instance", "technical", "code"),
    ("0008,0115", "CodingSchemeName", "ST", "instance", "technical", "code"),
    ("0008,0116", "CodingSchemeResponsibleOrganization", "ST", "instance", "technical", "code"),
    ("0008,0117", "ContextUID", "UI", "instance", "technical", "code"),
    ("0008,0118", "MappingResourceUID", "UI", "instance", "technical", "code"),
    ("0008,0119", "LongCodeValue", "UC", "instance", "technical", "code"),
    ("0008,0120", "URNCodeValue", "UR", "instance", "technical", "code"),
    ("0008,001A", "RelatedGeneralSOPClassUID", "UI", "instance", "technical", "uid"),
    ("0008,001B", "OriginalSpecializedSOPClassUID", "UI", "instance", "technical", "uid"),
    ("0008,0062", "SOPClassesSupported", "UI", "instance", "technical", "uid"),
    ("0008,010C", "CodingSchemeUID", "UI", "instance", "technical", "code"),
    ("0004,1510", "ReferencedSOPClassUIDInFile", "UI", "instance", "technical", "uid"),
    ("0004,1512", "ReferencedTransferSyntaxUIDInFile", "UI", "instance", "technical", "uid"),
    ("0008,115A", "SOPClassesInStudy", "UI", "instance", "technical", "uid"),
    ("0400,0010", "MACCalculationTransferSyntaxUID", "UI", "instance", "technical", "uid"),
    ("0400,0510", "EncryptedContentTransferSyntaxUID", "UI", "instance", "technical", "uid"),
]

CONCEPT_TITLE = {
    "sex": "sex",
    "birth_date": "date of birth",
    "age": "age at the exam",
    "ethnicity": "ethnic group",
    "residence": "place of residence",
    "occupation": "occupation",
    "height": "height",
    "weight": "weight",
    "pregnancy": "pregnancy",
    "smoking": "smoking",
    "exam_date": "date of the exam",
    "exam_time": "time of day of the exam",
    "site": "hospital or site",
    "department": "department",
    "device": "the single device used",
    "device_model": "make and model of the device",
    "modality": "kind of exam (modality)",
    "body_region": "body region",
    "procedure": "procedure",
    "protocol": "protocol or series description",
    "staff": "staff involved",
}
# A hierarchy whose first level says what is compared: the recorded text.
CONCEPT_HIERARCHY = {"site": "institution", "device_model": "model", "department": "department",
                     "staff": "person", "modality": "modality", "body_region": "bodypart"}
# What PS3.15 calls safe and yet may hold more than its name says.
CAUTION = {"": "", "UID: still linkable": "uid", "free text": "free_text",
           "opaque bulk value": "opaque_blob", "sequence: recurse": ""}
CONCEPT_FIXED = {"modality": "DICOM requires the true modality in every file (PS3.3 C.7.3.1, type 1): it "
                             "cannot be emptied, only exams of rare kinds left out"}
CONCEPT_DERIVE = {"age": "age", "site": "site"}


def table(folder, name):
    with open(os.path.join(folder, name), encoding="utf-8") as f:
        text = f.read().split("\n", 1)[1]
    return list(csv.DictReader(io.StringIO(text)))


def plain(tag):
    return tag.strip("()").upper().replace("X", "x")


def compact(obj):
    return json.dumps(obj, ensure_ascii=False, separators=(", ", ": "))


def write(folder, name, head, lists):
    """Writes an object: members of head, then lists (or maps) with one entry a line."""
    parts = [" %s: %s" % (json.dumps(k), compact(v)) for k, v in head.items()]
    for key, rows in lists.items():
        if isinstance(rows, dict):
            lines = ["  %s: %s" % (json.dumps(k, ensure_ascii=False), compact(v))
                     for k, v in rows.items()]
            parts.append(" %s: {\n%s\n }" % (json.dumps(key), ",\n".join(lines)))
        else:
            lines = ["  " + compact(r) for r in rows]
            parts.append(" %s: [\n%s\n ]" % (json.dumps(key), ",\n".join(lines)))
    with open(os.path.join(folder, name), "w", encoding="utf-8", newline="\n") as f:
        f.write("{\n" + ",\n".join(parts) + "\n}\n")


def attributes(src, out):
    rows = []
    for r in table(src, "04_attribute_roles.csv"):
        row = {"tag": plain(r["tag"]), "keyword": r["keyword"], "vr": r["vr"],
               "level": r["level"], "role": r["role"], "family": r["family"],
               "hierarchy": r["hierarchy"]}
        if r["hipaa_safe_harbor"]:
            row["hipaa"] = r["hipaa_safe_harbor"]
        rows.append(row)
    rows += [dict(zip(("tag", "keyword", "vr", "level", "role", "family"), e)) for e in EXTRA]
    rows.sort(key=lambda r: r["tag"])
    write(out, "attributes.json",
          {"source": "roles and families: ours; actions behind them: " + ATTRIBUTION,
           "edition": EDITION},
          {"attributes": rows})
    return {r["tag"]: r for r in rows}


def profile(src, out):
    names = ["retain_safe_private", "retain_uids", "retain_device_identity",
             "retain_institution_identity", "retain_patient_characteristics",
             "retain_longitudinal_full_dates", "retain_longitudinal_modified_dates",
             "clean_descriptors", "clean_structured_content", "clean_graphics"]
    rows = []
    for r in table(src, "01_ps315_e1_1_2026d.csv"):
        tag = plain(r["tag"])
        if not re.fullmatch(r"[0-9A-Fx]{4},[0-9A-Fx]{4}", tag):
            continue  # the row for all private attributes
        row = {"tag": tag, "keyword": r["keyword"], "vr": r["vr"], "basic": r["basic_profile"]}
        options = {n: r[n] for n in names if r[n]}
        if options:
            row["options"] = options
        row["family"] = r["family_from_options"]
        rows.append(row)
    rows.sort(key=lambda r: r["tag"])
    # CID 7050: the code that declares the option of a column.
    codes = {r["e1_1_column"]: r["code"] for r in table(src, "03_cid7050_deid_method_codes.csv")
             if r["e1_1_column"] in names}
    write(out, "confidentiality-profile.json",
          {"source": "PS3.15 Table E.1-1, codes of PS3.16 CID 7050: " + ATTRIBUTION
                     + "; family (from the options): ours",
           "edition": EDITION, "codes": {n: codes[n] for n in names},
           "family_role": FAMILY_ROLE},
          {"attributes": rows})
    return {r["keyword"]: r["tag"] for r in rows if r["keyword"]}


def vr_fallback(src, out):
    vrs = {}
    for r in table(src, "04d_vr_fallback_rules.csv"):
        if r["match"].startswith("private"):
            continue  # judged by private.json
        for vr in r["match"].split(","):
            role = "unknown" if r["role"] == "review" else r["role"]
            vrs[vr] = {"role": role, "family": r["family"]}
    write(out, "vr-fallback.json", {"source": "ours", "edition": OURS}, {"vrs": vrs})


def concepts(src, out, attrs):
    with open(os.path.join(src, "04e_concepts.json"), encoding="utf-8") as f:
        doc = json.load(f)
    with open(os.path.join(src, "04b_generalisation_hierarchies.json"), encoding="utf-8") as f:
        hier = json.load(f)
    tag_of = {r["keyword"]: t for t, r in attrs.items()}
    rows = []
    for c in doc["concepts"]:
        rows.append({
            "id": c["id"], "title": CONCEPT_TITLE[c["id"]], "level": c["level"],
            "hierarchy": CONCEPT_HIERARCHY.get(c["id"], c["hierarchy"]),
            "carriers": ["/".join(tag_of[k] for k in p.split("/")) for p in c["carriers"]],
            "derive": CONCEPT_DERIVE.get(c["id"], ""),
            **({"fixed": CONCEPT_FIXED[c["id"]]} if c["id"] in CONCEPT_FIXED else {})})
    write(out, "concepts.json",
          {"source": "ours: what an adversary knows, and the attributes that carry it, by preference",
           "edition": OURS},
          {"concepts": rows, "link_keys": [tag_of[k] for k in doc["link_keys"]["attributes"]]})
    write(out, "hierarchies.json", {"source": "ours; from the most specific level to none",
                                      "edition": OURS},
          {"levels": hier["levels"], "operators": hier["operators"]})


def adversaries(src, out):
    with open(os.path.join(src, "04c_adversaries.json"), encoding="utf-8") as f:
        doc = json.load(f)
    rows = []
    for a in doc["adversaries"]:
        row = {"id": a["id"], "title": a["title"], "target": a["target"]}
        if "extends" in a:
            row["extends"] = a["extends"]
        row["knows"] = a["knows"]
        if "subtract" in a:
            row["subtract_site"] = True
            row["note"] = "less " + a["subtract"]
        if "note" in a:
            row["note"] = a["note"]
        rows.append(row)
    write(out, "adversaries.json",
          {"source": "ours; concept@level, without a level the first of its hierarchy",
           "edition": OURS},
          {"adversaries": rows})


def private(src, out):
    elements, creators, notes = {}, {}, {}

    def key(r):
        name = re.sub(r" +", " ", r["private_creator"].strip())
        creators.setdefault(name.lower(), name)
        return name.lower(), r["group"].upper() + "," + "xx" + r["element"][2:].upper()

    for r in table(src, "06a_private_creators_summary.csv"):
        name = re.sub(r" +", " ", r["private_creator"].strip())
        creators.setdefault(name.lower(), name)
        if r["note"]:
            notes[name.lower()] = r["note"]
    for r in table(src, "06c_private_tag_dispositions.csv"):
        elements.setdefault(key(r), {})["verdict"] = r["verdict"]
    for r in table(src, "06_private_identifying_elements.csv"):
        e = elements.setdefault(key(r), {})
        e["risk"], e["holds"] = r["risk"], r["holds"]
    for r in table(src, "02_ps315_e3_10_1_safe_private_2026d.csv"):
        e = elements.setdefault(key(r), {})
        e["safe"], e["caution"] = True, CAUTION[r["caution"]]

    # Sources have a few slips: an even group is not private.
    elements = {k: e for k, e in elements.items() if int(k[1][:4], 16) % 2 == 1}

    def judge(e):
        # What a name says of a person outweighs a table that keeps it; what PS3.15 calls
        # safe is safe; the hand-made dispositions outweigh the guesses from VR and name.
        verdict, risk = e.get("verdict", ""), e.get("risk", "")
        if e.get("safe"):
            return "caution" if e["caution"] else "safe"
        if risk == "high":
            return "identifying"
        if verdict == "known_keep":
            return "keep"
        if risk == "medium" or verdict in ("uid", "date"):
            return "linking"
        if verdict == "known_delete":
            return "remove"
        return "harmless" if risk == "low" and verdict == "" else "review"

    rows = {}
    for (name, elem), e in sorted(elements.items()):
        row = rows.setdefault(name, {"creator": creators[name]})
        kind = judge(e)
        if kind in ("identifying", "linking", "caution"):
            what = e["caution"] if kind == "caution" else e.get("holds") or e.get("verdict")
            row.setdefault(kind, {})[elem] = what
        else:
            row.setdefault(kind, []).append(elem)
    for name, text in creators.items():
        rows.setdefault(name, {"creator": text})
        if name in notes:
            rows[name]["note"] = notes[name]
    write(out, "private.json",
          {"source": "safe, caution: PS3.15 Table E.3.10-1, " + ATTRIBUTION + "; caution, for what "
                     "may hold more than its name says: ours; keep, remove: TCIA and CTP "
                     "dispositions as published in PosdaTools and CTP; identifying, linking: names "
                     "in GDCM, DCMTK and dicom3tools dictionaries",
           "edition": EDITION + "; dispositions of 2019 to 2023; dictionaries of 2026"},
          {"creators": [rows[n] for n in sorted(rows)]})


def pixel(src, out):
    rows = []
    for r in table(src, "05a_sop_class_pixel_risk.csv"):
        rows.append({"uid": r["sop_class_uid"], "name": r["name"],
                     "content_class": r["content_class"], "burned_in": r["burned_in_text"],
                     "face": r["face_or_biometric"], "embedded_text": r["embedded_text"] == "Y",
                     "graphics": r["graphics_overlay"] == "Y", "review": r["review"]})
    rows.sort(key=lambda r: r["uid"])
    write(out, "pixel.json",
          {"source": "SOP classes: DICOM PS3.6; risk classes: ours",
           "edition": "DICOM PS3.6 of June 2026",
           "default": {"content_class": "unknown", "burned_in": "high", "face": "conditional",
                       "review": "mandatory"},
           "head_words": generate_pixel.HEAD_PARTS,
           "listed_without_pixels": ["waveform", "audio", "encapsulated", "encapsulated_mesh"],
           "look_without_pixels": ["audio", "encapsulated", "encapsulated_mesh"]},
          {"sop_classes": rows})
    write(out, "pixel-rules.json",
          {"source": "rule facts: CTP and pydicom/deid scripts, SMI dicompixelanon, PS3.3, PS3.15, "
                     "literature on faces; levels: ours",
           "edition": "scripts of May 2025 to January 2026"},
          {"rules": generate_pixel.rules(table(src, "05_pixel_risk_rules.csv"))})
    write(out, "pixel-devices.json",
          {"source": "conditions, no coordinates, of the scripts of CTP, pydicom/deid and SMI "
                     "dicompixelanon",
           "edition": "scripts of May 2025 to January 2026",
           "match": "every condition that is given must hold; manufacturer, model, series "
                    "description and image type match when they (a value of them) contain one of "
                    "the words, upper and lower case alike; all words with image_type_all. A row "
                    "without manufacturer and model names no device. use is what the scripts do: "
                    "blank regions, flag, reject, or take it as clean"},
          {"devices": generate_pixel.devices(table(src, "05b_known_burned_in_devices.csv"))})


# Which rules test a statement: by code of CID 7050, by attribute, by declared-state check (03c), and
# by common mistake (08).
CODE_RULES = {
    "113100": ["claim-basic-profile-contradicted", "claim-descriptors-kept", "claim-graphics-kept",
               "claim-dates-kept", "claim-private-kept", "claim-uids-kept", "claim-device-kept",
               "claim-institution-kept", "claim-characteristics-kept"],
    "113101": ["claim-pixels-cleaned-contradicted", "claim-pixels-cleaned-flag"],
    "113102": ["claim-faces-removed-contradicted", "claim-faces-removed-flag"],
    "113103": ["claim-graphics-contradicted"],
    "113104": ["claim-structured-contradicted"],
    "113105": ["claim-descriptors-contradicted"],
    "113106": ["claim-dates-both-ways", "claim-full-dates-flag"],
    "113107": ["claim-dates-both-ways", "claim-modified-dates-flag"],
    "113108": ["claim-characteristics-kept"],
    "113109": ["claim-device-kept"],
    "113110": ["claim-uids-kept"],
    "113111": ["claim-private-kept", "claim-private-not-safe"],
    "113112": ["claim-institution-kept"],
}
ATTRIBUTE_RULES = {
    "0012,0062": ["not-declared-deidentified", "identity-removed-contradicted", "method-not-stated",
                  "burned-in-declared", "faces-declared", "specimen-label-declared"],
    "0012,0063": ["method-not-stated", "method-text-leaks", "method-not-matching",
                  "mixed-processing"],
    "0012,0064": ["method-not-stated", "mixed-processing"],
    "0028,0303": ["dates-removed-contradicted", "claim-full-dates-flag",
                  "claim-modified-dates-flag", "mixed-processing"],
    "0028,0301": ["burned-in-declared", "burned-in-contradicted",
                  "claim-pixels-cleaned-contradicted", "claim-pixels-cleaned-flag"],
    "0028,0302": ["faces-declared", "faces-denied", "claim-faces-removed-contradicted",
                  "claim-faces-removed-flag"],
    "0012,0084": ["consent-limited"],
    "0012,0085": ["consent-withheld"],
    "0400,0500": ["original-attributes-kept"],
    "0400,0561": ["original-attributes-kept"],
    "0048,0010": ["specimen-label-declared"],
    "0002,0012": ["mixed-processing"],
    "0002,0016": ["station-name-kept"],
}
STATE_RULES = {
    "DS01": ["not-declared-deidentified"],
    "DS02": ["method-not-stated"],
    "DS03": ["identity-removed-contradicted"],
    "DS04": ["claim-dates-both-ways"],
    "DS05": ["claim-full-dates-flag"],
    "DS06": ["claim-modified-dates-flag"],
    "DS07": ["claim-dates-kept"],
    "DS08": ["claim-pixels-cleaned-contradicted"],
    "DS09": ["claim-faces-removed-contradicted"],
    "DS10": ["claim-private-kept"],
    "DS11": ["claim-private-not-safe"],
    "DS12": ["claim-uids-kept"],
    "DS13": ["claim-device-kept"],
    "DS14": ["claim-institution-kept"],
    "DS15": ["claim-characteristics-kept"],
    "DS16": ["mixed-processing"],
    "DS17": ["consent-withheld", "consent-limited"],
    "DS18": ["original-attributes-kept"],
    "DS19": ["preamble-not-empty", "station-name-kept"],
    "DS20": ["method-text-leaks"],
}
MISTAKES = {
    "M1": ["claim-anonymous-contradicted", "claim-pseudonymous-contradicted",
           "linkage-table-not-described"],
    "M2": ["mistake-dates-sites-without-reason"],
    "M3": ["mistake-private-ignored"],
    "M4": ["mistake-pixels-unreviewed"],
    "M5": ["mistake-transfer-undecided"],
}


def claims(src, out):
    state = [{"tag": plain(r["tag"]), "keyword": r["keyword"], "values": r["values"],
              "meaning": r["meaning"], "rules": ATTRIBUTE_RULES.get(plain(r["tag"]), [])}
             for r in table(src, "03b_deid_state_attributes.csv")]
    codes = [{"scheme": r["scheme"], "code": r["code"], "meaning": r["meaning"],
              "profile_column": r["e1_1_column"], "consequence": r["consequence_for_risk"],
              "rules": CODE_RULES[r["code"]]}
             for r in table(src, "03_cid7050_deid_method_codes.csv")]
    checks = [{"id": r["id"], "condition": r["condition"], "finding": r["finding"],
               "severity": r["severity"], "rules": STATE_RULES[r["id"]]}
              for r in table(src, "03c_declared_state_checks.csv")]
    with open(os.path.join(src, "08_dpia_annex_outline.json"), encoding="utf-8") as f:
        mistakes = [{"id": m["id"], "mistake": m["mistake"], "rules": MISTAKES[m["id"]]}
                    for m in json.load(f)["common_mistake_checks"]]
    write(out, "claims.json",
          {"source": "codes: DICOM PS3.16 2026d CID 7050, (c) NEMA; consequences: ours",
           "edition": "DICOM PS3.16 2026d"},
          {"attributes": state, "codes": codes, "checks": checks, "mistakes": mistakes})


def hipaa(src, out, attrs, profile_tags):
    tag_of = {**profile_tags, **{r["keyword"]: t for t, r in attrs.items() if r["keyword"]}}
    rows = []
    for r in table(src, "07b_hipaa_safe_harbor_18.csv"):
        tags = set()
        for word in re.findall(r"[A-Z][A-Za-z]+\*?", r["dicom_attributes"]):
            tags |= {t for k, t in tag_of.items()
                     if k == word or (word[-1] == "*" and k.startswith(word[:-1]))}
        rows.append({"letter": r["letter"], "identifier": r["identifier"],
                     "attributes": sorted(tags), "where": r["dicom_attributes"],
                     "check": r["check"]})
    write(out, "hipaa.json",
          {"source": "45 CFR 164.514(b)(2)(i)(A) to (R), paraphrased; where to look: ours",
           "edition": "45 CFR 164.514(b)(2)(i)"},
          {"identifiers": rows})


def regulations(src, out):
    """Facts that somebody has looked up, and articles of the law; not what was only recalled."""
    facts = [{"id": r["id"], "area": r["area"], "instrument": r["instrument"],
              "citation": r["citation"], "status": r["date_status"], "fact": r["fact"],
              "number": r["number"], "confidence": r["confidence"]}
             for r in table(src, "07_regulatory_facts.csv")
             if r["confidence"] == "checked" or r["area"] in ("GDPR", "EU case law")]
    presets = [{"id": r["preset"], "context": r["context"], "max_risk": float(r["max_risk"]),
                "k": int(r["min_k"]), "statistic": r["metric"], "source": r["source"]}
               for r in table(src, "07c_threshold_presets.csv")
               if r["min_k"] and "(recall)" not in r["source"]]
    write(out, "regulations.json",
          {"source": "law, guidance and literature as cited in each row; checked: seen in a look-up, "
                     "often of a secondary source; recall: to be verified before it is quoted",
           "edition": OURS},
          {"facts": [{k: v for k, v in f.items() if v} for f in facts], "thresholds": presets})


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    src = sys.argv[1]
    out = sys.argv[2] if len(sys.argv) == 3 else os.path.dirname(os.path.abspath(__file__))
    attrs = attributes(src, out)
    profile_tags = profile(src, out)
    vr_fallback(src, out)
    concepts(src, out, attrs)
    adversaries(src, out)
    private(src, out)
    pixel(src, out)
    claims(src, out)
    hipaa(src, out, attrs, profile_tags)
    regulations(src, out)


main()
