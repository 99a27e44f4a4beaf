"""Writes spec/mutants/rust.md: what came of the mutants of the Rust reducers.

Usage: python3 spec/mutants/table.py FOLDER, which holds `list`, all mutants that there are, and may
hold `mutants.out`, the latest run. Run by scripts/mutants. Exits with 1 if a missed mutant is not
explained in explained.txt, or if something is explained there that was not missed. With `rest` as a
second argument it only prints a regular expression for each mutant of which no outcome is kept.
"""

import json
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent
OUTCOMES = HERE / "outcomes.txt"
WORDS = {
    "CaughtMutant": "caught",
    "Timeout": "timeout",
    "Unviable": "unviable",
    "MissedMutant": "missed",
}

HEAD = """# Mutants of the reducers

Written by `scripts/mutants`, which breaks `src/switchboard/` and `src/handset/` in every small way that cargo-mutants knows,
one at a time, and has the quick ones of the tests in `tests/it` look at each. `.cargo/mutants.toml` says which and what is
left out and why. *Timed out* is a mutant that hung until it was stopped, which counts as caught; *unviable* is one that
does not compile.

"""


def outcomes(folder, known):
    """What came of each mutant that still exists: the stored lines, and over them the latest run."""
    lines = OUTCOMES.read_text().splitlines() if OUTCOMES.exists() else []
    found = dict(reversed(line.split(" ", 1)) for line in lines)
    run = folder / "mutants.out" / "outcomes.json"
    if run.exists():
        for outcome in json.loads(run.read_text())["outcomes"]:
            scenario = outcome["scenario"]
            if scenario != "Baseline" and outcome["summary"] in WORDS:
                found[scenario["Mutant"]["name"]] = WORDS[outcome["summary"]]
    return {name: found[name] for name in known if name in found}


def without_place(name):
    """`file:line:column: what` as `file: what` and the text of the line."""
    file, line, _, what = name.split(":", 3)
    text = (ROOT / file).read_text().splitlines()[int(line) - 1].strip()
    return f"{file}:{what}", text


def explanations():
    """Blocks of three lines: the mutant without its place, the line of code, and why."""
    blocks = (HERE / "explained.txt").read_text().split("\n\n")
    blocks = [[line for line in block.splitlines() if not line.startswith("#")] for block in blocks]
    return {(what, text.strip()): " ".join(map(str.strip, why)) for what, text, *why in filter(None, blocks)}


def table(known, found):
    """One row a file."""
    columns = ["caught", "timeout", "unviable", "missed"]
    rows = ["| File | Mutants | Caught | Timed out | Unviable | Missed | Not run |", "|---|--:|--:|--:|--:|--:|--:|"]
    files = sorted({name.split(":")[0] for name in known})

    def row(title, names):
        came = [found.get(name) for name in names]
        counts = [came.count(word) for word in [*columns, None]]
        rows.append("| " + " | ".join([title, *map(str, [len(names), *counts])]) + " |")

    for file in files:
        row(f"`{file}`", [name for name in known if name.split(":")[0] == file])
    row("all", known)
    return rows


def main():
    folder = pathlib.Path(sys.argv[1])
    known = (folder / "list").read_text().splitlines()
    found = outcomes(folder, known)
    if sys.argv[2:] == ["rest"]:
        for name in known:
            if name not in found:
                print(f"^{re.escape(name)}$")
        return
    OUTCOMES.write_text("".join(f"{found[name]} {name}\n" for name in known if name in found))
    why = explanations()
    missed = [name for name in known if found.get(name) == "missed"]
    rest = len(known) - len(found)
    text = HEAD
    text += f"{len(found)} of {len(known)} mutants were run."
    text += f" `scripts/mutants rest` runs the other {rest}.\n\n" if rest else "\n\n"
    text += "\n".join(table(known, found)) + "\n\n## Missed\n\n"
    unexplained, used = [], set()
    for name in missed:
        key = without_place(name)
        used.add(key)
        if key not in why:
            unexplained.append(name)
        text += f"* `{key[0]}`, of `{key[1]}`: {why.get(key, '**not explained**')}\n"
    if not missed:
        text += "None.\n"
    (HERE / "rust.md").write_text(text)
    idle = [what for what, text in why if (what, text) not in used]
    for name in unexplained:
        print(f"missed and not explained: {name}")
    for what in idle:
        print(f"explained, but not missed: {what}")
    print(f"{len(found)} of {len(known)} run, {len(missed)} missed, {len(unexplained)} of them not explained")
    sys.exit(1 if unexplained or idle else 0)


main()
