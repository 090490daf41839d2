"""A whole `sync` from services that were made from their specifications."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from source_world import Handler, Server, asks_for, fetched, searched, world
from spec_mocks import HonestOpenAlex, HonestS2, Mock, WildOpenAlex, WildS2
from spec_world import Spec

from citewatch.cli.main import run
from citewatch.domain.identifiers import Identifier

# One paper by each kind of identifier, one by several, two that have to be searched for.
PAPERS = (
    '{ key = "a", title = "On preprints", arxiv = "2001.00001" }',
    '{ key = "b", title = "On older preprints", arxiv = "hep-th/9901001" }',
    '{ key = "c", title = "On journals", doi = "10.1000/000001" }',
    '{ key = "d", title = "On both", arxiv = "2001.00002", doi = "10.1000/000002" }',
    '{ key = "e", title = "On anthologies", acl = "W12-3903" }',
    '{ key = "f", title = "On corpora", semantic_scholar = "CorpusId:215416146" }',
    '{ key = "g", title = "On works", openalex = "W2741809807" }',
    '{ key = "h", title = "On titles alone", authors = ["A. Lovelace"], year = 2020 }',
    '{ key = "i", title = "On titles and nothing else" }',
)
WRITTEN = {
    "a": ("2001.00001",),
    "b": ("hep-th/9901001",),
    "c": ("10.1000/000001",),
    "d": ("2001.00002", "10.1000/000002"),
    "e": ("W12-3903",),
    "f": ("CorpusId:215416146",),
    "g": ("W2741809807",),
}
"""How each paper is written in requests, at the end of what is sent."""
OFF = ("arxiv", "openreview", "crossref", "inspire", "ads", "opencitations", "dblp", "page")


@contextmanager
def served(handler: Handler) -> Iterator[str]:
    """The address of a server that runs beside this thread."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def wait_for(work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, loop).result(10)

    server = Server(handler)
    try:
        wait_for(server.__aenter__())
        yield server.url
        wait_for(server.__aexit__(None, None, None))
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


@dataclass
class Desk:
    """A folder with a configuration that knows two services."""

    capture: pytest.CaptureFixture[str]

    def say(self, *words: str) -> tuple[int, Any, str]:
        """Exit code, the JSON document, and what went to stderr."""
        self.capture.readouterr()
        code = run([*words, "--format", "json"])
        out, err = self.capture.readouterr()
        return code, json.loads(out), err


@pytest.fixture
def desk(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    clocked: None,
) -> Desk:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("CITEWATCH_CONFIG", "S2_API_KEY", "OPENALEX_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    off = "".join(f"[sources.{name}]\nenabled = false\n" for name in OFF)
    papers = ",\n".join(PAPERS)
    text = f"{off}[watchlists.mine]\npapers = [\n{papers},\n]\n"
    (tmp_path / "config.toml").write_text(text, encoding="utf-8")
    return Desk(capsys)


def point(monkeypatch: pytest.MonkeyPatch, **urls: str) -> None:
    for name, url in urls.items():
        monkeypatch.setenv(f"CITEWATCH_SOURCES__{name.upper()}__BASE_URL", url)
        monkeypatch.setenv(f"CITEWATCH_SOURCES__{name.upper()}__MIN_INTERVAL", "0s")


async def practise(source: str, mock: Mock) -> None:
    """Have everything drawn that will be served.

    Drawing takes seconds, in which a program whose waits take no time would only spin.
    """
    for _ in range(8):
        async with world(source, mock) as w:
            await fetched(w.source, asks_for([Identifier("doi", "10.1000/1")]))
            await searched(w.source, "On practice")


def counts_of(mock: Mock, key: str) -> set[str]:
    """Every count, as JSON, that a service gave when this paper was asked for.

    One that was found by its title is asked for by identifiers that only the mock knows.
    """
    if key not in WRITTEN:
        return {count for served in mock.counts.values() for count in served}
    names = [n for n in mock.counts if n.lower().endswith(tuple(w.lower() for w in WRITTEN[key]))]
    return {count for name in names for count in mock.counts[name]}


def test_a_sync_from_honest_services_ends_well_and_stores_what_they_said(
    s2_spec: Spec, openalex_spec: Spec, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    mocks = {
        "semantic_scholar": HonestS2(s2_spec, start=7),
        "openalex": HonestOpenAlex(openalex_spec, start=7),
    }
    for name, mock in mocks.items():
        asyncio.run(practise(name, mock))
    with served(mocks["semantic_scholar"]) as s2, served(mocks["openalex"]) as openalex:
        point(monkeypatch, semantic_scholar=s2, openalex=openalex)
        code, said, err = desk.say("sync")
    assert (code, [mock.complaints for mock in mocks.values()]) == (0, [[], []])
    assert "Traceback" not in err
    assert {said["sources"][name]["status"] for name in mocks} == {"ok"}
    assert said["sources"]["semantic_scholar"]["failed"] == 0
    assert said["sources"]["openalex"]["failed"] == 0
    _, report, _ = desk.say("report")
    read = 0
    for paper in report["papers"]:
        for name, mock in mocks.items():
            count = paper["counts"].get(name, {}).get("citations")
            if count is not None:
                assert json.dumps(count) in counts_of(mock, paper["key"]), paper
                read += 1
    assert read >= 10


@pytest.mark.parametrize("start", [0, 15, 30])
def test_a_sync_from_services_that_keep_to_their_schema_alone_stores_nothing_made_up(
    s2_spec: Spec,
    openalex_spec: Spec,
    desk: Desk,
    monkeypatch: pytest.MonkeyPatch,
    start: int,
) -> None:
    mocks = {
        "semantic_scholar": WildS2(s2_spec, start=start),
        "openalex": WildOpenAlex(openalex_spec, start=start),
    }
    for name, mock in mocks.items():
        asyncio.run(practise(name, mock))
    with served(mocks["semantic_scholar"]) as s2, served(mocks["openalex"]) as openalex:
        point(monkeypatch, semantic_scholar=s2, openalex=openalex)
        for words in (["sync"], ["sync", "--force"]):
            code, said, err = desk.say(*words)
            assert code in (0, 3, 4), err
            assert "Traceback" not in err
            for name in mocks:
                leg = said["sources"][name]
                assert leg["status"] in ("ok", "partial", "parked", "failed"), leg
    assert [mock.complaints for mock in mocks.values()] == [[], []]
    _, report, _ = desk.say("report")
    for paper in report["papers"]:
        for name, mock in mocks.items():
            count = paper["counts"].get(name, {}).get("citations")
            if count is not None:
                assert json.dumps(count) in counts_of(mock, paper["key"]), paper
