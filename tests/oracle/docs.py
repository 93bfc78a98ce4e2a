"""What the documents say against what is there: links, names of files, options of commands, make
targets, the worked examples.  usage: docs.py TOP DCMRISK SCRATCH"""
import json
import os
import re
import subprocess
import sys

TOP, DCMRISK, SCRATCH = sys.argv[1:]
DOCS = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "rules/README.md", "reports/README.md",
        "tests/README.md", "tests/bench/README.md", ".packaging/README.md", ".packaging/SCALE.md"]
wrong = []


def read(path):
    with open(os.path.join(TOP, path), encoding="utf-8") as f:
        return f.read()


def code_blocks(text):
    """Indented and fenced code, without its indent; (language, text)."""
    for m in re.finditer(r"^```(\w*)\n(.*?)^```$", text, re.M | re.S):
        yield m.group(1), m.group(2)
    plain = re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S)
    for m in re.finditer(r"(?:^    .*\n(?:^ *\n)*)+", plain, re.M):
        yield "", re.sub(r"^    ", "", m.group(0), flags=re.M)


def anchors(text):
    """Of its headings, as GitHub makes them."""
    heads = re.findall(r"^#+ (.*)$", re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S), re.M)
    return {"".join(c for c in h.lower().replace(" ", "-") if c.isalnum() or c in "-_") for h in heads}


def links():
    for doc in DOCS:
        for target in re.findall(r"\]\(([^)\s]+)\)", read(doc)):
            if re.match(r"https?:", target):
                continue
            file, _, heading = target.partition("#")
            path = os.path.normpath(os.path.join(os.path.dirname(doc), file)) if file else doc
            if not os.path.exists(os.path.join(TOP, path)):
                wrong.append(f"{doc}: link to {target}, which is not there")
            elif heading and heading not in anchors(read(path)):
                wrong.append(f"{doc}: no heading #{heading} in {path}")


def same(what, told, there):
    for name in sorted(there - told):
        wrong.append(f"{what}: {name} is there and not told of")
    for name in sorted(told - there):
        wrong.append(f"{what}: {name} is told of and not there")


def first_cells(text, head):
    """The names in the first column of the tables whose head begins so."""
    names = set()
    for table in re.findall(r"^\| " + head + r" .*\n\|[ -|]*\n((?:\|.*\n)*)", text, re.M):
        for row in table.splitlines():
            names |= set(re.split(r"[, ]+", row.split("|")[1].replace("`", "").strip()))
    return names


def files(folder, ends):
    return {f for f in os.listdir(os.path.join(TOP, folder)) if f.endswith(ends)}


def rules():
    text = read("rules/README.md")
    there = files("rules", ".json") | {
        d + "/" for d in os.listdir(os.path.join(TOP, "rules"))
        if os.path.isdir(os.path.join(TOP, "rules", d)) and not d.startswith("__")}
    same("rules/README.md", first_cells(text, "file"), there)
    kinds = set(re.split(r",\s+", re.search(r"a kind of check: ([a-z_,\s]+?)\n    \S", text).group(1).strip()))
    same("rules/README.md, kinds of check", kinds,
         {f[len("check_"):-2] for f in files("src/rules", ".c") if f.startswith("check_")})


def reports():
    there = files("reports", (".json", ".css", ".js", ".txt", ".py")) | {
        d + "/" for d in os.listdir(os.path.join(TOP, "reports"))
        if os.path.isdir(os.path.join(TOP, "reports", d)) and not d.startswith("__")}
    same("reports/README.md", first_cells(read("reports/README.md"), "file"), there)


def tests():
    text = read("tests/README.md")
    same("tests/README.md, oracles", {n for n in first_cells(text, "script") if n.endswith(".sh")},
         files("tests/oracle", ".sh"))
    same("tests/README.md, folders", {n.rstrip("/") for n in first_cells(text, "folder")},
         {d for d in os.listdir(os.path.join(TOP, "tests"))
          if os.path.isdir(os.path.join(TOP, "tests", d)) and not d.startswith("__")})


def make_targets():
    text = read("Makefile")
    targets = set(re.search(r"^\.PHONY: (.*)$", text, re.M).group(1).split())
    for doc in DOCS:
        for call in re.findall(r"(?:^    |`)(?:\w+=\S+ )*make\b((?: [^\s`#&|]+)*)", read(doc), re.M):
            for word in call.split():
                if re.fullmatch(r"[a-z]+", word) and word not in targets:
                    wrong.append(f"{doc}: make {word}, which is no target")


def options_of(command, known={}):
    if command not in known:
        run = subprocess.run([DCMRISK, command, "--help"], stdout=subprocess.PIPE, text=True, check=False)
        known[command] = set(re.findall(r"(?<!\w)--?\w[\w-]*", run.stdout)) if run.returncode == 0 else None
    return known[command]


def commands():
    for doc in DOCS:
        for _, block in code_blocks(read(doc)):
            for line in re.findall(r"(?:^|\s|/)dcmrisk ([a-z]+) ([^\n#|]*)", block.replace("\\\n", " ")):
                options = options_of(line[0])
                if options is None:
                    wrong.append(f"{doc}: dcmrisk {line[0]}, which is no command")
                    continue
                for o in re.findall(r"(?<=\s)--?[a-z0-9][\w-]*", " " + line[1]):
                    if o not in options:
                        wrong.append(f"{doc}: dcmrisk {line[0]} {o}, which is no option")


def dcmrisk(*words):
    return subprocess.run([DCMRISK, *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False)


def put(path, text):
    path = os.path.join(SCRATCH, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    return path


def documents(doc, mark):
    """JSON documents in a text's code that have the key."""
    found = []
    for _, block in code_blocks(read(doc)):
        if block.lstrip().startswith("{") and f'"{mark}"' in block:
            found.append(json.loads(block))
    return found


def project():
    found = [d for d in documents("README.md", "schema") if d["schema"] == "dcmrisk-project/1"]
    if not found:
        wrong.append("README.md: no project file is shown")
    for d in found:
        run = dcmrisk("rules", "check", put("project.json", json.dumps(d)))
        if run.returncode != 0:
            wrong.append(f"README.md: the project file: {run.stdout.strip()}")


def rule():
    """The worked rule stands the program's check; with a hit that is none it does not."""
    found = documents("rules/README.md", "check")
    if not found:
        wrong.append("rules/README.md: no rule is shown")
    for d in found:
        path = put(f"mine/checks/{d['id']}.json", json.dumps(d))
        run = dcmrisk("rules", "check", path)
        if run.returncode != 0:
            wrong.append(f"rules/README.md: the rule {d['id']}: {run.stdout.strip()}")
        listed = dcmrisk("rules", "list", "rules", "--rules", os.path.join(SCRATCH, "mine"))
        if d["id"] not in listed.stdout:
            wrong.append(f"rules/README.md: {d['id']} is not among the rules of its folder")
        d["examples"]["hit"] += d["examples"]["miss"]
        if dcmrisk("rules", "check", put(f"mine/checks/{d['id']}.json", json.dumps(d))).returncode == 0:
            wrong.append(f"rules/README.md: the examples of {d['id']} are not tried")


for check in (links, rules, reports, tests, make_targets, commands, project, rule):
    check()
print("\n".join(wrong) if wrong else f"{len(DOCS)} documents hold")
sys.exit(bool(wrong))
