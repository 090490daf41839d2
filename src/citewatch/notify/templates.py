"""The form of a letter: built-in templates, and the user's own in their place.

A template is text with ``$name`` in it (`string.Template`): it can say where a value
stands and cannot run anything, loop or look anything up. What repeats (parts, papers,
lines) has a template of its own, filled once for each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template

_LARGEST_BYTES = 64_000

NAMES: Mapping[str, frozenset[str]] = {
    "subject.txt": frozenset({"subject", "count", "date"}),
    "message": frozenset({"subject", "count", "date", "lead", "topics", "rest", "key"}),
    "topic": frozenset({"heading", "papers"}),
    "paper": frozenset({"title", "changes"}),
    "change": frozenset({"text", "kind", "source", "date"}),
}
"""What may stand in each template; all but the subject's exist as .txt and .html."""

BUILT_IN: Mapping[str, str] = {
    "subject.txt": "$subject",
    "message.txt": "$lead$topics$rest\n-- \ncitewatch, message $key\n",
    "topic.txt": "$heading\n\n$papers\n",
    "paper.txt": "$title\n$changes\n",
    "change.txt": "  * $text ($date)\n",
    "message.html": (
        '<html><head><meta charset="utf-8"></head><body>\n'
        "$lead$topics$rest<p><small>citewatch, message $key</small></p>\n</body></html>\n"
    ),
    "topic.html": "<h2>$heading</h2>\n$papers",
    "paper.html": "<p><b>$title</b></p>\n<ul>\n$changes</ul>\n",
    "change.html": "<li>$text <small>($date)</small></li>\n",
}


@dataclass(frozen=True, slots=True)
class Templates:
    """The templates in use, and what was wrong with the user's."""

    texts: Mapping[str, Template]
    problems: tuple[str, ...] = ()
    """One sentence each; the built-in template stands in."""

    def fill(self, name: str, values: Mapping[str, str]) -> str:
        """The template with the values in their places."""
        return self.texts[name].substitute(values)


def load_templates(folder: Path | None) -> Templates:
    """The user's templates where the folder has usable ones, else those built in."""
    texts: dict[str, Template] = {}
    problems: list[str] = []
    if folder is not None and not folder.is_dir():
        problems.append(f"{folder}: there is no such folder; the built-in templates are used")
        folder = None
    for name, built_in in BUILT_IN.items():
        texts[name] = Template(built_in)
        if folder is None or not (folder / name).exists():
            continue
        own, bad = _read(folder / name, NAMES[name if name in NAMES else name.partition(".")[0]])
        if own is not None:
            texts[name] = own
        else:
            problems.append(f"{folder / name}: {bad}; the built-in template is used")
    return Templates(texts, tuple(problems))


def _read(path: Path, known: frozenset[str]) -> tuple[Template | None, str]:
    """The template, or what is wrong with it."""
    try:
        with path.open("rb") as file:
            raw = file.read(_LARGEST_BYTES + 1)
        text = raw.decode()
    except OSError as error:
        return None, f"cannot be read ({error.strerror})"
    except ValueError:
        return None, "is not UTF-8"
    if len(raw) > _LARGEST_BYTES:
        return None, f"is larger than {_LARGEST_BYTES // 1000} kB"
    for number, line in enumerate(text.splitlines(), 1):
        template = Template(line)
        if not template.is_valid():
            return None, f"line {number}: a '$' without a name (a dollar sign is '$$')"
        if unknown := [name for name in template.get_identifiers() if name not in known]:
            valid = ", ".join(f"${name}" for name in sorted(known))
            return None, f"line {number}: there is no ${unknown[0]}; valid: {valid}"
    return Template(text), ""
