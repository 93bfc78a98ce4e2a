#!/usr/bin/env python3
"""Writes the reference of the JSON documents, reports/README.md, from their schemas.

A key without a description is an error: what is not described is not documented.

usage: generate.py [FOLDER] > README.md        (FOLDER: where the schemas are [beside this])
"""
import json
import os
import sys

HEAD = """# The JSON documents: reference

*Made by `make docs` from `report.schema.json` and `table.schema.json`: edit those, not this.*

`dcmrisk assess` writes `report.json`, from which every other format is made, now or in ten years
(`dcmrisk report`); `dcmrisk table` writes the other document. Both schemas are JSON Schema 2020-12.

- Text is ASCII: everything else is escaped. The same input, options and `SOURCE_DATE_EPOCH` give the
  same bytes.
- Counts are whole numbers of what their description names; shares and risks lie between 0 and 1;
  entropies are in bits. **k(s)** of a patient is the smallest number of patients who share one of its
  records, **r(s)** = 1/k(s), **K(q)** the number of patients with key q ([how it counts](../README.md#how-it-counts)).
- `null` means: not computed, or too small to be printed. It never means 0. A figure that does not
  apply says so beside it (`applies`, `note`).
- No value of a file stands in either document unless `--show-values` was given: shapes, not values.
- A key marked *may be absent* came later, or is written only where there is something to say. A key is
  never renamed, removed or given another meaning under the same `schema`; new keys may come, so a
  reader passes over what it does not know.

Beside them here:

| file | what |
| --- | --- |
| report.css, report.js | style and script of the HTML report |
| annex.css, annex/ | style of the annex (`--format annex`), its outline and its texts, one file a language |
| annex.schema.json | what such a file of texts may hold |
| public.json | what the public edition (`--audience public`) lets stay of report.json |
| report.schema.json, table.schema.json | the schemas that this text is made of |
| generate.py | makes this text |
| sample/ | the demo cohort in every format; `make sample` writes it, with `sample/project.json` |

All but the last two are built into the program.
"""
DOCUMENTS = [
    ("report.schema.json", "report", "report.json", "What `dcmrisk assess` writes."),
    ("table.schema.json", "table", "The document of a table", "What `dcmrisk table` prints."),
]
TYPES = {"integer": "whole number", "number": "number", "string": "text", "boolean": "true or false",
         "object": "object", "array": "list", "null": "null"}


def anchor(title):
    """As GitHub and GitLab make it of a heading."""
    return "".join(c for c in title.lower().replace(" ", "-") if c.isalnum() or c in "-_")


def sentence(text):
    text = text.strip().replace("|", "\\|").replace("<", "&lt;")
    text = text[:1].upper() + text[1:] if text[:1].islower() and text[:2].isalpha() else text
    return text if text.endswith((".", "?", ")")) else text + "."


class Document:
    """One schema: a section for each object in it, in the order they are met."""

    def __init__(self, schema, name):
        self.schema, self.name, self.missing = schema, name, []
        self.waiting, self.titles = [], {}

    def section_of(self, node, title):
        """The heading under which an object is told; it is told once."""
        key = id(node)
        if key not in self.titles:
            title = f"{self.name}: {title}"
            self.titles[key] = title
            self.waiting.append((node, title))
        return f"[object](#{anchor(self.titles[key])})"

    def resolve(self, node):
        path = node["$ref"].removeprefix("#/").split("/")
        target = self.schema
        for part in path:
            target = target[part]
        return target, path[-1].replace("_", " ")

    def type_of(self, node, path):
        """What a value may be, in words."""
        if "$ref" in node:
            target, name = self.resolve(node)
            return self.type_of(target, name)
        for several in ("anyOf", "oneOf"):
            if several in node:
                words = [self.type_of(n, path) for n in node[several]]
                return " or ".join(sorted(words, key=lambda w: w == "null"))
        if "const" in node:
            return f"`{node['const']}`"
        if "enum" in node:
            return ", ".join("null" if v is None else f"`{v}`" for v in node["enum"])
        kinds = node["type"] if isinstance(node["type"], list) else [node["type"]]
        return " or ".join(self.kind(k, node, path) for k in kinds)

    def kind(self, kind, node, path):
        if kind == "array":
            return "list of " + self.type_of(node["items"], path + "[]")
        if kind == "object" and node.get("properties"):
            return self.section_of(node, path)
        if kind == "object" and isinstance(node.get("additionalProperties"), dict):
            return "by name: " + self.type_of(node["additionalProperties"], path + ".*")
        if kind in ("integer", "number") and node.get("maximum") == 1:
            return TYPES[kind] + ", 0 to 1"
        return TYPES[kind]

    def description_of(self, node, path):
        text = node.get("description")
        if text is None and "$ref" in node:
            text = self.resolve(node)[0].get("description")
        if text is None:
            self.missing.append(path)
            return ""
        return sentence(text)

    def tell(self, node, title, level):
        """One object as a table of its keys."""
        out = []
        if title:
            out += [f"{'#' * level} {title}", ""]
        if title and "description" in node:
            out += [sentence(node["description"]), ""]
        out += ["| key | what it is | meaning |", "| --- | --- | --- |"]
        place = title.partition(": ")[2] if title else ""
        for key, value in node["properties"].items():
            path = f"{place}.{key}" if place else key
            words = self.type_of(value, path)
            if key not in node.get("required", []):
                words += "; *may be absent*"
            out.append(f"| `{key}` | {words} | {self.description_of(value, path)} |")
        return "\n".join(out)

    def write(self):
        parts = [self.tell(self.schema, "", 0)]
        left, self.waiting = self.waiting, []
        while left:  # an object's parts come right after it
            node, title = left.pop(0)
            parts.append(self.tell(node, title, 3))
            left, self.waiting = self.waiting + left, []
        return "\n\n".join(parts)


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
    parts, missing = [HEAD.rstrip()], []
    for file, name, title, what in DOCUMENTS:
        with open(os.path.join(folder, file), encoding="utf-8") as f:
            document = Document(json.load(f), name)
        parts.append(f"## {title}\n\n{what} Schema: [{file}]({file}).")
        parts.append(document.write())
        missing += [f"{file}: {m}: no description" for m in document.missing]
    if missing:
        sys.exit("\n".join(missing))
    sys.stdout.write("\n\n".join(parts) + "\n")


if __name__ == "__main__":
    main()
