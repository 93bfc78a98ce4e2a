"""Random cohorts one by one, for oracles whose question is one(mkcohort, dcmrisk, folder, number)."""
import os
import shutil
import sys


def each(argv, usage, what, one):
    """argv: PROGRAM MKCOHORT DCMRISK FOLDER FIRST COUNT.  Stops at the fifth cohort that differs; what differs is kept."""
    if len(argv) != 6:
        print(usage, file=sys.stderr)
        return 2
    failed = 0
    for n in range(int(argv[4]), int(argv[4]) + int(argv[5])):
        here = os.path.join(argv[3], str(n))
        bad = one(argv[1], argv[2], here, n)
        if bad:
            failed += 1
            print(f"cohort {n}: {len(bad)} differences (kept in {here})")
            for line in bad[:8]:
                print(f"    {line}")
        else:
            shutil.rmtree(here, ignore_errors=True)
        if failed == 5:
            break
    print(f"{argv[5]} {what}, {failed} differ from brute force")
    return 1 if failed else 0
