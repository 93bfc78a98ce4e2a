"""Reads files below a folder as an analyser in pydicom would: without pixels, each value looked at
once, sequences to any depth.

usage: pydicom_read.py FOLDER [FILES]      prints files, elements, CPU seconds
"""
import os
import sys
import time
import warnings

import pydicom

warnings.simplefilter("ignore")


def look(dataset):
    n = 0
    for element in dataset:
        value = element.value
        n += 1 + (sum(look(item) for item in value) if element.VR == "SQ" else 0)
    return n


limit = int(sys.argv[2]) if len(sys.argv) > 2 else None
paths = sorted(os.path.join(folder, name)
               for folder, _, names in os.walk(sys.argv[1]) for name in names)[:limit]
begin = time.process_time()
files = elements = 0
for path in paths:
    try:
        elements += look(pydicom.dcmread(path, stop_before_pixels=True))
        files += 1
    except Exception:  # no DICOM, or none to pydicom: its time counts, for ours does
        pass
print(files, elements, time.process_time() - begin)
