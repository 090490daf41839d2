"""The source that the guide shows: its code taken from there, and how its service answers."""

from __future__ import annotations

import base64
import hashlib
import re
import tomllib
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from source_kit import Kit
from source_world import Reply, Request, json_reply

from citewatch.domain.identifiers import PUBMED
from citewatch.sources.registry import SourceSpec

ROOT = Path(__file__).resolve().parents[2]
KNOWN = {"23456789": 46, "27599104": 0, "31461780": 900}


# --- the package ---------------------------------------------------------------------------


def section() -> str:
    """The guide's section "A source of your own"."""
    guide = (ROOT / "docs" / "guide.md").read_text(encoding="utf-8")
    return guide.partition("\n## A source of your own\n")[2].partition("\n## ")[0]


def blocks(language: str) -> list[str]:
    """Its code in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", section(), re.MULTILINE | re.DOTALL)


def project() -> Mapping[str, object]:
    """The ``[project]`` table of its pyproject.toml."""
    table = next(t for text in blocks("toml") if "project" in (t := tomllib.loads(text)))["project"]
    assert isinstance(table, dict)
    return table


def files() -> Mapping[str, str]:
    """What the package installs, by path: what a build backend makes of the two files."""
    about = project()
    groups = about["entry-points"]
    assert isinstance(groups, dict)
    ((group, points),) = groups.items()
    ((_, target),) = points.items()
    module = target.partition(":")[0]
    info = f"{str(about['name']).replace('-', '_')}-{about['version']}.dist-info"
    (code,) = blocks("python")
    lines = "".join(f"{name} = {value}\n" for name, value in points.items())
    return {
        f"{module}.py": code,
        f"{info}/METADATA": (
            f"Metadata-Version: 2.1\nName: {about['name']}\nVersion: {about['version']}\n"
        ),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": f"[{group}]\n{lines}",
    }


def spec() -> SourceSpec:
    """What its entry point leads to, without installing it."""
    (code,) = blocks("python")
    module: dict[str, Any] = {"__name__": "citewatch_icite"}
    exec(compile(code, "guide.md", "exec"), module)  # noqa: S102 - our own document
    found = module["SPEC"]
    assert isinstance(found, SourceSpec)
    return found


def lay_out(folder: Path, contents: Mapping[str, str]) -> None:
    """Write files as an installation leaves them."""
    for name, text in contents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def wheel(folder: Path) -> Path:
    """The package as a wheel (packaging.python.org, binary distribution format)."""
    contents = files()
    info = next(name for name in contents if name.endswith("/WHEEL")).removesuffix("/WHEEL")
    path = folder / f"{info.removesuffix('.dist-info')}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in contents.items():
            archive.writestr(name, text)
        archive.writestr(f"{info}/RECORD", "".join(_record(contents, info)))
    return path


def _record(contents: Mapping[str, str], info: str) -> Iterator[str]:
    for name, text in contents.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest())
        yield f"{name},sha256={digest.rstrip(b'=').decode()},{len(text.encode())}\n"
    yield f"{info}/RECORD,,\n"


# --- the service ---------------------------------------------------------------------------


def paper(pmid: str, count: object, **more: object) -> dict[str, object]:
    """A record, with some of what else there is in one."""
    return {
        "pmid": int(pmid),
        "year": 2013,
        "title": f"Paper {pmid}",
        "authors": "Ada Lovelace, Charles Babbage",
        "journal": "J Made Up Results",
        "relative_citation_ratio": 1.78,
        "citation_count": count,
        "doi": f"10.5555/{pmid}",
        **more,
    }


def answer(request: Request) -> Reply:
    """Misses are absent, and records come in an order of their own."""
    asked = request.query["pmids"].split(",")
    found = sorted((pmid for pmid in asked if pmid in KNOWN), reverse=True)
    return json_reply(
        {
            "meta": {"pmids": request.query["pmids"]},
            "links": {},
            "data": [paper(pmid, KNOWN[pmid]) for pmid in found],
        }
    )


KIT = Kit(
    name="icite",
    scheme=PUBMED,
    known=tuple(KNOWN),
    unknown=("90000001", "90000002", "90000003"),
    malformed="PMC23456789",
    answer=answer,
    spec=spec(),
    count="citation_count",
    searches=False,
)
