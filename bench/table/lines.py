"""The file of results: a JSON line for each cell that has ended."""

import json
import os


class LinesError(Exception):
    """Says what is wrong with a file of results, and what to do."""


def read(file):
    """All lines of a file; none where it is not there."""
    if not file.exists():
        return []
    found = []
    for number, text in enumerate(file.read_text().splitlines(), 1):
        try:
            line = json.loads(text)
            found.append(line | {"outcomes": [won == "1" for won in line["outcomes"]]})
        except (json.JSONDecodeError, KeyError, TypeError) as why:
            told = f"{file}:{number} is no line of this table ({why}); delete the line, its cell runs again"
            raise LinesError(told) from why
    return found


def text_of(line):
    """A line as it stands in a file."""
    return json.dumps(line | {"outcomes": "".join("1" if won else "0" for won in line["outcomes"])})


def write(file, line):
    """Appends a line, which is on the disk when this returns."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a") as out:
        out.write(text_of(line) + "\n")
        out.flush()
        os.fsync(out.fileno())


def ended(lines):
    """What the cells that need not run again are made of: all but those that failed."""
    return {line["made_of"] for line in lines if not line.get("failed")}


def merged(*files):
    """The lines of several files, of each cell and code the last that did not fail, else the last."""
    found = {}
    for line in (line for file in files for line in read(file)):
        before = found.get(line["made_of"])
        if before is None or before.get("failed") or not line.get("failed"):
            found[line["made_of"]] = line
    return list(found.values())
