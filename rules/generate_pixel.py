"""Pixel rules and device signatures for generate.py.

The standards table states its conditions in words; WHEN states the same so that a program can
test it: a list of alternatives, each a list of tests that must all hold.  A test is
(attribute, operation, words or number).  Attributes are paths, or facts of a series:

    sop/FIELD          the row of the SOP class in pixel.json
    series/images      number of images of the series
    device/known       a row of pixel-devices.json matches
    private/bytes      size of the largest private element
    roi/name           names of regions of interest
    bytes/X, pixels/X  needs bytes behind the header, or the pixels themselves
"""
import re

HEAD = ["HEAD", "BRAIN", "SKULL", "FACE", "ORBIT", "ORBITS", "SINUS", "SINUSES", "MAXILLA",
        "MANDIBLE", "TMJ", "IAC", "PITUITARY", "EAR", "WHOLEBODY", "HEADNECK"]
# A body part with one of these in it, or none at all, may show a face.
HEAD_PARTS = ["HEAD", "BRAIN", "SKULL", "FACE", "ORBIT", "EYE", "SINUS", "JAW", "MAXILLA", "MANDIBLE",
              "NOSE", "EAR", "NECK", "IAC", "WHOLEBODY", "WHOLE BODY", "CSPINE", "TMJ"]
HEAD_WORDS = r"\b(?:head|brain|skull|sinus|face|facial|orbits?|stroke|cranio\w*|cranial)\b"
CAPTURE_WORDS = (r"dose|report|patient protocol|exam protocol|screen|save|capture|summary|"
                 r"results|\bAVA\b|\bAAA\b|MEDRAD|\bFFR\b|\bfilm|scan(?:ned)? doc|nomination|"
                 r"outside hospital|key image")
PAGES = ["SCREEN SAVE", "SAVE", "VOLREN", "VXTL STATE", "REPORTDATA", "DEMOGRAPHICDATA",
         "INVALID", "DOSE", "DOSE_INFO", "CSA REPORT", "PROTOCOL", "SCREENSHOT",
         "SCANNED DOCUMENT", "LABEL", "OVERVIEW"]
COLOURS = ["RGB", "PALETTE COLOR", "YBR_FULL", "YBR_FULL_422", "YBR_PARTIAL_420", "YBR_PARTIAL_422",
           "YBR_ICT", "YBR_RCT"]

# MPEG-2, MPEG-4, HEVC: PS3.5 8.2, PS3.6 Table A-1
VIDEO = ["1.2.840.10008.1.2.4.%d" % n for n in range(100, 109)]

BIA, MODALITY, SOP, IMAGE_TYPE = "0028,0301", "0008,0060", "0008,0016", "0008,0008"
BODY, SERIES_TEXT, STUDY_TEXT = "0018,0015", "0008,103E", "0008,1030"
SC = "1.2.840.10008.5.1.4.1.1.7"
SECONDARY = (IMAGE_TYPE, "second", ["SECONDARY"])


def head(*more):
    """Alternatives for 'covers the head', each with more tests."""
    return [[t] + list(more) for t in ((BODY, "is", HEAD), (SERIES_TEXT, "matches", HEAD_WORDS),
                                       (STUDY_TEXT, "matches", HEAD_WORDS))]


WHEN = {
    "PX001": [[(BIA, "is", ["YES"])]],
    "PX002": [[(BIA, "absent"), ("sop/burned_in", "is", ["high", "medium"])]],
    "PX003": [[(BIA, "is", ["NO"]), ("sop/burned_in", "is", ["high"])]],
    "PX004": [[(MODALITY, "is", ["US", "IVUS", "BMD"])]],
    "PX005": [[(SOP, "under", [SC])]],
    "PX006": [[(MODALITY, "is", ["ES", "GM", "XC", "DMS", "OP", "OPV", "SM", "DOC", "OT", "SC"])]],
    "PX007": [[(MODALITY, "is", ["XA", "RF"])]],
    "PX008": [[(MODALITY, "is", ["CR", "DX", "DR", "PX", "IO", "MG", "RG", "XC"])]],
    "PX009": [[SECONDARY, (MODALITY, "is", ["CT", "MR", "PT", "NM"])]],
    "PX010": [[(IMAGE_TYPE, "first", ["DERIVED"]), (MODALITY, "is", ["CT", "MR"])]],
    "PX011": [[(IMAGE_TYPE, "has", PAGES)]],
    "PX012": [[(IMAGE_TYPE, "absent")]],
    "PX013": [[(SERIES_TEXT, "matches", CAPTURE_WORDS)],
              [(SERIES_TEXT, "matches", r"\b(?:3D|VR|MIP)\b"), SECONDARY]],
    "PX014": [[("0008,0064", "is", ["SD", "SI", "DF", "DV", "DI", "WSD", "DRW"])]],
    "PX015": [[(t, "present"), (SOP, "not-under", [SC])]
              for t in ("0018,1010", "0018,1011", "0018,1012", "0018,1014", "0018,1016",
                        "0018,1017", "0018,1018", "0018,1019")],
    "PX016": [[("0040,0310", "matches", "DLP")],
              [("0018,9346", "present"), ("0028,0010", "at-most", 1024),
               ("0028,0002", "is", ["1", "3"]), SECONDARY]],
    "PX017": [[("0028,0004", "is", COLOURS),
               (MODALITY, "is", ["CT", "MR", "PT", "NM", "CR", "DX"])]],
    "PX018": [[(IMAGE_TYPE, "has", ["LABEL", "OVERVIEW"]), (MODALITY, "is", ["SM"])],
              [("0048,0010", "is", ["YES"])]],
    "PX019": [[("0018,6011", "present")]],
    "PX020": [[("device/known", "present")]],
    "PX030": head((MODALITY, "is", ["CT", "MR", "PT"]), ("series/images", "at-least", 30),
                  ("0018,0050", "at-most", 3)),
    "PX031": head((MODALITY, "is", ["MR"]), ("0018,0050", "above", 4)),
    "PX032": [[("0028,0302", "is", ["YES"])]],
    "PX033": [[("0012,0064/0008,0100", "is", ["113102"])]],
    "PX034": [[(MODALITY, "is", ["XC", "GM", "ES", "DMS"])],
              [(SOP, "under", ["1.2.840.10008.5.1.4.1.1.77.1.4"])]],
    "PX035": [[(MODALITY, "is", ["OP", "OPT", "OPV"])]],
    "PX036": [[(MODALITY, "is", ["AU"])], [(SOP, "under", ["1.2.840.10008.5.1.4.1.1.9.4"])]],
    "PX037": [[("roi/name", "matches", r"^(?:body|external|skin|.*head.*)$")]],
    "PX038": [[(SOP, "is", ["1.2.840.10008.5.1.4.1.1.104.3", "1.2.840.10008.5.1.4.1.1.104.4",
                            "1.2.840.10008.5.1.4.1.1.104.5", "1.2.840.10008.5.1.4.1.1.68.1",
                            "1.2.840.10008.5.1.4.1.1.68.2"])]],
    "PX040": [[("60xx,3000", "present")]],
    "PX041": [[("60xx,0010", "present"), ("60xx,3000", "absent")],
              [("60xx,0100", "present"), ("60xx,0100", "is-not", ["1"])],
              [("pixels/high-bits", "present")]],
    "PX042": [[(t, "present")] for t in ("60xx,0022", "60xx,1500", "60xx,4000")],
    "PX043": [[("50xx,xxxx", "present")]],
    "PX044": [[("0070,0001", "present")], [("0070,0008", "present")]],
    "PX045": [[("0088,0200", "present")]],
    "PX046": [[("pixels/jpeg-application-segment", "present")]],
    "PX047": [[("preamble", "present")]],
    "PX048": [[("trailing", "present")], [("FFFC,FFFC", "present")]],
    "PX049": [[("0002,0010", "under", VIDEO)]],
    "PX050": [[("0040,A730", "present")]],
    "PX051": [[("0042,0011", "present")]],
    "PX052": [[(t, "present")] for t in ("3006,0002", "3006,0026", "300A,0002", "300E,0008")],
    "PX053": [[("0400,0561", "present")], [("0400,0550", "present")]],
    "PX054": [[(SOP, "is", ["1.2.840.10008.5.1.4.1.1.66"])],
              [("private/bytes", "above", 65536)]],
}


def test(t):
    out = {"attr": t[0], "op": t[1]}
    if len(t) == 3 and isinstance(t[2], int):
        out["number"] = t[2]
    elif len(t) == 3 and isinstance(t[2], str):
        out["pattern"] = t[2]
    elif len(t) == 3:
        out["words"] = t[2]
    return out


def rules(rows):
    assert [r["id"] for r in rows] == list(WHEN), "pixel rules and their conditions differ"
    out = []
    for r in rows:
        when = [[test(t) for t in clause] for clause in WHEN[r["id"]]]
        out.append({"id": r["id"], "risk": r["risk"], "level": r["level"], "why": r["why"],
                    "condition": r["condition"], "when": when, "source": r["source"]})
    return out


# ---- devices ---------------------------------------------------------------------------------

# Rows that copy another row and got it wrong: a detector's name on the wrong modality.
FAULTY = {("pydicom/deid", "MRI", "CXD1"), ("pydicom/deid", "NM", "CXD1"),
          ("pydicom/deid", "Other", "")}
# Its conditions are alternatives there and would have to hold together here; the rules have them.
UNUSABLE = "Burned In Annotation"
USE = {"whitelist": "clean", "blacklist": "reject"}
OTHER = {"CodeMeaning": "0008,0104", "CommentsOnRadiationDose": "0040,0310",
         "WindowWidth": "0028,1051", "OverlayDescription": "60xx,0022",
         "ImplementationVersionName": "0002,0013", "ProtocolName": "0018,1030",
         "Manufacturer": "0008,0070", "ImageType": "0008,0008",
         "DateOfSecondaryCapture": "0018,1012",
         "SecondaryCaptureDeviceManufacturer": "0018,1016",
         "SecondaryCaptureDeviceManufacturerModelName": "0018,1018",
         "SecondaryCaptureDeviceSoftwareVersions": "0018,1019",
         "SequenceOfUltrasoundRegions": "0018,6011"}


def label_of(text):
    text = re.sub(r" *#.*| *\([A-Z]{3,5}\)|Stanford[A-Za-z ]*?(?= (?:GE|CT|Med)\b)|Stanford ", "", text)
    text = re.sub(r"\d\d-\d\d-\d{4}|- This removes.*", "", text)
    return re.sub(r"\s+", " ", text).strip(" -,")


def others(text):
    tests = []
    for part in filter(None, text.split(";")):
        if ":" in part:  # missing:KEYWORD, empty:KEYWORD, present:KEYWORD
            how, key = part.split(":", 1)
            one = {"attr": OTHER[key], "op": "present" if how == "present" else "absent"}
        else:
            key, value = part.split("~", 1)
            if key == "0x00190010":
                one = {"attr": "private/creator", "op": "is", "words": [value]}
            elif key.startswith("0x"):
                continue  # an element whose creator the signature does not name
            elif key == "WindowWidth":
                one = {"attr": OTHER[key], "op": "is", "words": [value]}
            else:
                one = {"attr": OTHER[key], "op": "contains", "words": [value]}
        if one not in tests:
            tests.append(one)
    return tests


def device(r):
    modality = {"CR/DX": "CR|DX", "PET/CT": "PT|CT"}.get(r["modality"], r["modality"])
    d = {}
    for key, text in (("modality", modality), ("manufacturer", r["manufacturer"]),
                      ("model", r["model"])):
        words = list(dict.fromkeys(w for w in text.split("|") if w))
        if words and "Stanford" not in words:  # a place, not a model
            d[key] = words
    for key in ("rows", "columns"):
        if r[key]:
            d[key] = [int(n) for n in r[key].split("|")]
    if r["image_type"]:
        d["image_type"] = re.split(r"[|+]", r["image_type"].upper())
        if "+" in r["image_type"]:
            d["image_type_all"] = True
    if r["series_description"]:
        d["series_description"] = r["series_description"].split("|")
    if r["burned_in"]:
        d["burned_in"] = r["burned_in"].upper()
    if r["other"]:
        d["other"] = others(r["other"])
    return d


def devices(rows):
    """One row for each set of conditions: who lists it, how many regions, the strictest use."""
    strict = ["clean", "flag", "regions", "reject"]
    found = {}
    for r in rows:
        if (r["source"], r["modality"], r["model"]) in FAULTY or r["label"].startswith(UNUSABLE):
            continue
        conditions = device(r)
        key = repr(sorted((k, repr(v).lower()) for k, v in conditions.items()))
        regions = int(r["n_regions"])
        use = USE.get(r["section"], "regions" if regions > 0 else "flag")
        d = found.setdefault(key, {"label": label_of(r["label"]), **conditions, "use": use,
                                   "regions": 0, "sources": []})
        d["regions"] = max(d["regions"], regions)
        d["use"] = max(d["use"], use, key=strict.index)
        if r["source"] not in d["sources"]:
            d["sources"].append(r["source"])
    return list(found.values())
