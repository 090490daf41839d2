"""Every recorded answer of the data folder, as the answer that the client would hand on."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import pytest

from citewatch.sources.answers import Answer

FOLDERS = {
    "semanticscholar": "semantic_scholar",
    "captured_2026/semanticscholar": "semantic_scholar",
    "arxiv": "arxiv",
    "arxiv_abs_html": "arxiv",
    "captured_2026/arxiv": "arxiv",
    "openreview_v2_forums": "openreview",
    "openreview_v2_iclr2026": "openreview",
    "captured_2026/openreview": "openreview",
    "openalex": "openalex",
    "unpaywall": "openalex",
    "crossref": "crossref",
    "dblp": "dblp",
    "captured_2026/inspire": "inspire",
    "pmlr": "page",
    "publisher_html": "page",
}
"""Folder → the source that its answers came from, or the nearest one."""

_TYPES = {
    ".json": "application/json",
    ".xml": "application/atom+xml",
    ".html": "text/html",
    ".md": "text/markdown",
    ".bib": "application/x-bibtex",
    ".yml": "text/yaml",
    ".csv": "text/csv",
}


@dataclass(frozen=True)
class Recording:
    """One recorded answer; ``uri`` is "" where what was asked is not known."""

    path: Path
    uri: str
    answer: Answer

    @cached_property
    def value(self) -> Any:
        """Its JSON; None for anything else."""
        try:
            return json.loads(self.answer.body)
        except ValueError:
            return None


def read(path: Path) -> bytes:
    raw = path.read_bytes()
    return gzip.decompress(raw) if path.suffix == ".gz" else raw


def files(data_dir: Path, *folders: str) -> list[Path]:
    """The files of these folders; the test skips when there are none."""
    found = [p for f in folders for p in sorted((data_dir / "real" / f).rglob("*")) if p.is_file()]
    if not found:
        pytest.skip("none of these recordings are here")
    return found


def answer(body: bytes, status: int = 200, content_type: str = "application/json") -> Answer:
    return Answer(status, {}, body, content_type, "")


@cache
def recordings(data_dir: Path, folder: str) -> list[Recording]:
    """Every recorded answer of a folder, in the order of their names."""
    return [r for path in files(data_dir, folder) for r in recorded(path, read(path))]


def recorded(path: Path, raw: bytes) -> Iterator[Recording]:
    """The answers in one file: whole exchanges, bodies with a status, bare bodies."""
    kind = _TYPES.get(Path(path.name.removesuffix(".gz")).suffix, "")
    value = json.loads(raw) if kind == "application/json" else None
    if not isinstance(value, dict):
        yield Recording(path, "", answer(raw, content_type=kind))
    elif isinstance(value.get("response"), dict):
        yield _exchange(path, value["request"], value["response"])
    elif "calls" in value or "errors" in value:
        for call in (*value.get("calls", ()), *value.get("errors", ())):
            yield _probe(path, call)
    elif "body" in value:
        yield _probe(path, value)
    else:
        yield Recording(path, "", answer(raw))


def _exchange(path: Path, request: Mapping[str, Any], response: Mapping[str, Any]) -> Recording:
    body = (response["body_text"] or "").encode()
    headers = {name.lower(): value for name, value in response["headers"].items()}
    kind = headers.get("content-type", "")
    return Recording(path, request["uri"], answer(body, response["status"], kind.lower()))


def _probe(path: Path, call: Mapping[str, Any]) -> Recording:
    """Written down by hand as ``{status, body}``, with the path that was asked or its ids."""
    uri = call.get("url") or call.get("path") or call.get("request", {}).get("path", "")
    uri = "/paper/batch" if "ids" in call else uri or ("/search/match" if "query" in call else "")
    status = call.get("status") or call.get("status_code") or 200
    if isinstance(call["body"], str):
        kind = "application/atom+xml" if call["body"].lstrip()[:1] == "<" else "text/plain"
        return Recording(path, uri, answer(call["body"].encode(), status, kind))
    return Recording(path, uri, answer(json.dumps(call["body"]).encode(), status))


def counts_in(value: object, id_name: str, count_name: str) -> dict[str, set[object]]:
    """Every count in an answer by the id of its record; None where a record has none."""
    found: dict[str, set[object]] = {}
    for record in _records(value):
        if id_name in record:
            key = str(record[id_name]).lower().removeprefix("https://openalex.org/")
            found.setdefault(key, set()).add(record.get(count_name))
    return found


def _records(value: object) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for name, inner in value.items():
            if name != "reference":  # DOIs of cited papers, without counts
                yield from _records(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _records(inner)
