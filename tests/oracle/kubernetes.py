#!/usr/bin/env python3
"""Runs what the pods of the manifests run.  usage: kubernetes.py DCMRISK MANIFESTS FOLDER"""
import os
import subprocess
import sys

import yaml


def documents(path):
    with open(path, encoding="utf-8") as f:
        return {d["kind"]: d for d in yaml.safe_load_all(f)}


def command(job, folder):
    """The only container's command, its mounts as folders."""
    (container,) = job["spec"]["template"]["spec"]["containers"]
    mounts = {m["mountPath"]: m.get("readOnly", False) for m in container["volumeMounts"]}
    assert mounts.pop("/data", True), "the dataset is not mounted read only"
    assert mounts == {"/risk": False}, mounts
    argv = container["command"] + container["args"]
    return [a.replace("/data", f"{folder}/cohort/dicom").replace("/risk", f"{folder}/risk")
            for a in argv]


def guarded(job):
    """What keeps values of patients in the pod."""
    pod = job["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"] and not pod["automountServiceAccountToken"]
    assert container["securityContext"]["readOnlyRootFilesystem"]
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}


def main(argv):
    dcmrisk, manifests, folder = argv[1:4]
    env = dict(os.environ, PATH=os.path.dirname(dcmrisk) + ":" + os.environ["PATH"],
               SOURCE_DATE_EPOCH="1700000000", LC_ALL="C")
    scan = documents(os.path.join(manifests, "dcmrisk-scan.yaml"))
    assess = documents(os.path.join(manifests, "dcmrisk-assess.yaml"))["Job"]
    job = scan["Job"]
    n = job["spec"]["completions"]
    assert job["spec"]["completionMode"] == "Indexed"
    assert scan["NetworkPolicy"]["spec"]["policyTypes"] == ["Ingress", "Egress"]
    assert scan["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"].items() <= \
        job["spec"]["template"]["metadata"]["labels"].items()
    guarded(job)
    guarded(assess)
    os.mkdir(os.path.join(folder, "risk"))
    for i in range(n):
        subprocess.run(command(job, folder), env=dict(env, JOB_COMPLETION_INDEX=str(i)), check=True)
    subprocess.run(command(assess, folder), env=env, check=False, stdout=subprocess.DEVNULL)
    one = os.path.join(folder, "one")
    subprocess.run([dcmrisk, "scan", f"{folder}/cohort/dicom", "-q", "-o", one + ".scan"], env=env,
                   check=True)
    subprocess.run([dcmrisk, "assess", one + ".scan", "-q", "--exit-zero", "--out", one], env=env,
                   check=True)
    for name in ("report.json", "report.html"):
        with open(os.path.join(one, name), "rb") as a, open(os.path.join(folder, "risk", "report", name),
                                                           "rb") as b:
            assert a.read() == b.read(), f"{name} is not that of a single scan"
    left = {f for f in os.listdir(os.path.join(folder, "risk")) if f.endswith((".part", "journal"))}
    assert not left, left
    print(f"{n} indexes: the same report")


if __name__ == "__main__":
    main(sys.argv)
