"""What happened, and what the user was told: the table in docs/reliability.md.

Plays every trouble of `troubles.py` as a command of its own and writes down what it said.
``--write`` puts the table into the document, between its two marks.
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

from at_work import AT_WORK
from figures import parser
from troubles import TROUBLES, Said, Trouble, complaints, play, prepare

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "reliability.md"
BEGIN, END = "<!-- made by benchmarks/reliability.py -->\n", "<!-- end -->\n"

_CHANGING = (
    (re.compile(r"\d{8}T\d{6}Z"), "TIME"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"), "TIME"),
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC"), "TIME"),
    (re.compile(r"process \d+( on [^ ,)]+)?"), "process N"),
    (re.compile(r"wrong (once|\d+ times) in \d+ (s|min|h|d)"), r"wrong … times in … \2"),
    (re.compile(r"\d+\.\d+ (GB|MB|kB|hours)"), r"… \1"),
)


def told(said: Said, folder: Path) -> str:
    """What the user read, with what differs from one time to the next left out."""
    # The doctor says much that is well: only what is to be acted on belongs here.
    lines = said.err.splitlines() or said.out.splitlines()
    if any(line.startswith("PROBLEM") for line in lines):
        places = [n for n, line in enumerate(lines) if line.startswith("PROBLEM")]
        lines = [lines[n] for place in places for n in (place, place + 1)]
    text = "\n".join(" ".join(line.split()) for line in lines).replace(f"{folder}/", "")
    for pattern, instead in _CHANGING:
        text = pattern.sub(instead, text)
    return text.replace(str(folder), "the folder").replace("|", "\\|").replace("\n", "<br>")


def row(trouble: Trouble, said: Said, folder: Path) -> str:
    """One line of the table."""
    command = f"`citewatch {trouble.command}`"
    return f"| {trouble.what} | {command} | {said.code} | {told(said, folder)} |\n"


HEAD = "| what happened | the command | exit code | what the user was told |\n|---|---|--:|---|\n"


def main() -> int:
    """Play all of them; print the table, or put it into the document."""
    options = parser(__doc__)
    options.add_argument("--write", action="store_true", help="put it into docs/reliability.md")
    given = options.parse_args()
    rows, wrong = [], []
    with tempfile.TemporaryDirectory(prefix="citewatch-troubles-") as name:
        Path(name).chmod(0o755)
        before = prepare(Path(name) / "before")
        readings = before.readings()
        for number, trouble in enumerate((*TROUBLES, *AT_WORK)):
            said, stage = play(trouble, before, Path(name) / f"trouble-{number}")
            rows.append(row(trouble, said, stage.folder))
            wrong += [f"{trouble.what}: {w}" for w in complaints(trouble, said, stage, readings)]
    table = HEAD + "".join(rows)
    print(table)
    for complaint in wrong:
        print(complaint, file=sys.stderr)
    if given.write and not wrong:
        text = DOCUMENT.read_text(encoding="utf-8")
        start, rest = text.split(BEGIN)
        DOCUMENT.write_text(f"{start}{BEGIN}\n{table}\n{END}{rest.split(END)[1]}", encoding="utf-8")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
