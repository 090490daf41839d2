"""Sources that other packages bring: installed, asked, reported; and broken ones that hurt nobody."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from kit_plugin import KNOWN, answer, blocks, files, paper, project, wheel
from plugin_world import installed, package
from source_world import Request, asks_for, fetched, json_reply, world

from citewatch.config.sections import SOURCES
from citewatch.domain.identifiers import PUBMED, Identifier
from citewatch.domain.papers import Failed, Missing, Observed
from citewatch.sources.registry import (
    BUILT_IN,
    SourceSpec,
    broken_plugins,
    known_sources,
    plugin_names,
)

# --- the package of the guide, installed ---------------------------------------------------


@dataclass
class Service:
    """The counting service on loopback, for another process to ask."""

    url: str
    asked: list[str] = field(default_factory=list)
    agents: list[str] = field(default_factory=list)


@pytest.fixture
def service() -> Iterator[Service]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = dict(parse_qsl(parts.query))
            reply = answer(Request("GET", parts.path, query, {}, b"", self.path, 0.0))
            said.asked.append(self.path)
            said.agents.append(self.headers["User-Agent"])
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.content_type)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

        def log_message(self, *words: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        said = Service(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield said
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which pip has put the guide's package, from a wheel, without a network."""
    if importlib.util.find_spec("pip") is None:
        pytest.skip("pip is not installed here")
    folder = tmp_path_factory.mktemp("site")
    built = wheel(tmp_path_factory.mktemp("wheel"))
    pip = [sys.executable, "-m", "pip", "--isolated", "--disable-pip-version-check", "install"]
    options = ["--no-index", "--no-deps", "--no-compile", "--quiet", "--target", str(folder)]
    subprocess.run([*pip, *options, str(built)], check=True, capture_output=True, timeout=120)
    return folder


@dataclass(frozen=True)
class Program:
    """The program in a folder of its own, with the package beside it."""

    folder: Path
    site: Path

    def __call__(self, *words: str) -> subprocess.CompletedProcess[str]:
        environ = {
            name: value
            for name, value in os.environ.items()
            if not name.lower().endswith("_proxy") and not name.startswith("CITEWATCH_")
        }
        environ |= {"PYTHONPATH": str(self.site), "HOME": str(self.folder), "NO_COLOR": "1"}
        return subprocess.run(
            [sys.executable, "-m", "citewatch", *words],
            cwd=self.folder, env=environ, capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip

    def data(self, *words: str) -> Any:
        said = self(*words, "--format", "json")
        assert said.returncode == 0, said.stderr
        return json.loads(said.stdout)

    def configure(self, icite: str) -> None:
        """A list of three papers; of all sources only the package's is asked."""
        papers = [f'{{ title = "Paper {pmid}", pubmed = "{pmid}" }}' for pmid in KNOWN]
        papers.append('{ title = "A paper that nobody knows", pubmed = "90000001" }')
        lines = [
            "[contact]",
            'email = "me@example.org"',
            "[report]",
            'preferred = ["icite"]',
            "[sources.icite]",
            icite,
            *(f"[sources.{name}]\nenabled = false" for name in BUILT_IN),
            "[watchlists.mine]",
            f"papers = [{', '.join(papers)}]",
        ]
        (self.folder / "config.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.fixture
def program(tmp_path: Path, site: Path) -> Program:
    return Program(tmp_path, site)


@pytest.mark.slow
def test_the_source_of_the_guide_can_be_installed_asked_and_reported(
    program: Program, service: Service
) -> None:
    program.configure(f'base_url = "{service.url}"\nmin_interval = "0s"\nevery = "7d"')
    synced = program.data("sync")
    assert synced["sources"]["icite"] | {"requests": 1} == synced["sources"]["icite"]
    assert (synced["sources"]["icite"]["found"], synced["sources"]["icite"]["missing"]) == (3, 1)
    assert service.asked == ["/api/pubs?pmids=23456789%2C27599104%2C31461780%2C90000001"]
    assert "me@example.org" in service.agents[0]

    report = program.data("report")
    counts = {p["ids"]["pubmed"]: p["counts"]["icite"].get("citations") for p in report["papers"]}
    assert counts == {**KNOWN, "90000001": None}
    assert {p.get("source") for p in report["papers"]} == {"icite", None}
    assert report["totals"]["citations"] == sum(KNOWN.values())

    sources = program.data("sources")["sources"]
    assert sources["icite"]["found"] == 3
    assert set(BUILT_IN) < set(sources)
    assert "iCite" in program("sources").stdout


@pytest.mark.slow
def test_the_section_of_an_installed_source_is_checked_like_all_others(program: Program) -> None:
    program.configure('evry = "7d"\napi_key = "pasted"')
    said = program("list")
    assert said.returncode == 2
    assert "evry" in said.stderr
    assert "every" in said.stderr
    assert "api_key_file" in said.stderr
    assert "pasted" not in said.stderr


@pytest.mark.slow
def test_a_section_without_its_package_is_unknown(program: Program) -> None:
    program.configure("enabled = true")
    said = Program(program.folder, program.folder / "nowhere")("list")
    assert said.returncode == 2
    assert "icite" in said.stderr


def test_the_source_of_the_guide_is_short() -> None:
    (code,) = blocks("python")
    lines = [line for line in code.splitlines() if line.strip()]
    assert len([line for line in lines if not line.startswith(("from ", "import ", '"""'))]) <= 25
    assert max(map(len, lines)) <= 100


def test_the_sections_that_the_guide_shows_are_valid(tmp_path: Path) -> None:
    from citewatch.config import load_settings

    shown = [text for text in blocks("toml") if "[project]" not in text]
    path = tmp_path / "config.toml"
    path.write_text("\n".join(shown), encoding="utf-8")
    settings = load_settings(path, environ={}, extra_sources=["icite"])
    assert settings.sources["icite"].every_s == 7 * 86_400
    assert project()["name"] == "citewatch-icite"


# --- what it reads -------------------------------------------------------------------------


@pytest.fixture
def guide_source(tmp_path: Path) -> Iterator[None]:
    with installed(tmp_path, files()):
        yield


ASKED = Identifier(PUBMED, "23456789")


@pytest.mark.anyio
@pytest.mark.parametrize(
    "count", [None, -1, "46", 46.0, True, False, [], {}, 10_000_001, 10**400, float("nan")]
)
async def test_what_is_not_a_count_is_a_failure_and_never_a_number(
    guide_source: None, count: object
) -> None:
    reply = json_reply({"data": [paper("23456789", count)]})
    async with world("icite", lambda _r: reply) as w:
        outcomes = await fetched(w.source, asks_for([ASKED]))
    assert isinstance(outcomes[1], Failed)
    assert outcomes[1].reason == "count"


@pytest.mark.anyio
@pytest.mark.parametrize(
    "record",
    [
        {},
        {"pmid": None, "citation_count": 7},
        {"pmid": True, "citation_count": 7},
        {"pmid": [[]], "citation_count": 7},
        {"pmid": 99, "citation_count": 7},
        None,
    ],
)
async def test_a_record_that_is_not_the_papers_leaves_it_missing(
    guide_source: None, record: object
) -> None:
    async with world("icite", lambda _r: json_reply({"data": [record]})) as w:
        outcomes = await fetched(w.source, asks_for([ASKED]))
    assert outcomes[1] == Missing(asked=ASKED)


@pytest.mark.anyio
@pytest.mark.parametrize("value", [{"data": 7}, {"data": {}}, {"data": [7]}, [], {"error": "no"}])
async def test_another_shape_is_a_named_failure(guide_source: None, value: object) -> None:
    async with world("icite", lambda _r: json_reply(value)) as w:
        outcomes = await fetched(w.source, asks_for([ASKED]))
    assert isinstance(outcomes[1], Failed)
    assert outcomes[1].reason == "shape"


@pytest.mark.anyio
async def test_a_title_in_any_shape_is_words_or_nothing(guide_source: None) -> None:
    for title, read in ((None, None), (7, None), ("A\x00 \ud800 Title ", "A Title")):
        reply = json_reply({"data": [paper("23456789", 1, title=title)]})
        async with world("icite", lambda _r, r=reply: r) as w:
            outcomes = await fetched(w.source, asks_for([ASKED]))
        assert isinstance(outcomes[1], Observed)
        assert (outcomes[1].facts.title, outcomes[1].citation_count) == (read, 1)


# --- broken ones ---------------------------------------------------------------------------

SPEC = """
from citewatch.sources.registry import SourceSpec
SPEC = SourceSpec(name="{name}", label="X", counts=True, schemes=("doi",), make=None)
"""

HALF = """
from citewatch.sources.batched import BatchedSource
from citewatch.sources.registry import SourceSpec
class Other(BatchedSource):
    def call(self, questions):
        raise NotImplementedError
SPEC = SourceSpec(name="other", label="X", counts=True, schemes=("doi",), make=Other)
"""
BROKEN = {
    "not there": ("other = no_such_module:SPEC", "", "cannot be imported"),
    "no such name": ("other = plug:NOTHING", "", "cannot be imported"),
    "a syntax error": ("other = plug:SPEC", "def (", "cannot be imported"),
    "an error": ("other = plug:SPEC", "raise RuntimeError('a\\nb\\x1b[31m')", "RuntimeError: a b"),
    "the way out": ("other = plug:SPEC", "raise SystemExit(3)", "SystemExit"),
    "no spec": ("other = plug:SPEC", "SPEC = 7", "is no SourceSpec"),
    "a class": (
        "other = plug:SourceSpec",
        "from citewatch.sources.registry import SourceSpec",
        "is no SourceSpec",
    ),
    "another name": ("other = plug:SPEC", SPEC.format(name="third"), "'other'"),
    "nothing to make": ("other = plug:SPEC", SPEC.format(name="other"), "it lacks: make"),
    "half a source": ("other = plug:SPEC", HALF, "it lacks: read, write"),
    "a name that is taken": (
        "openalex = plug:SPEC",
        SPEC.format(name="openalex"),
        "citewatch's own",
    ),
    "no name": ("My-Source = plug:SPEC", SPEC.format(name="My-Source"), "small letters"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_package_is_named_in_one_line_and_everything_else_works(
    tmp_path: Path, what: str
) -> None:
    entry, code, reason = BROKEN[what]
    before = dict(known_sources())
    with installed(tmp_path, package("plug", entry, code), files()):
        known = known_sources()
        ((name, why),) = broken_plugins().items()
        names = plugin_names()
    assert name == entry.partition(" ")[0]
    assert reason in why
    assert why.isprintable()
    assert len(why) <= 200
    assert {n: spec for n, spec in known.items() if n != "icite"} == before
    assert known["openalex"] is BUILT_IN["openalex"]
    assert isinstance(known["icite"], SourceSpec)
    assert "icite" in names


def test_of_two_packages_with_one_name_the_first_counts(tmp_path: Path) -> None:
    second = package("plug", "icite = plug:SPEC", SPEC.format(name="icite"))
    with installed(tmp_path / "b", second), installed(tmp_path / "a", files()):
        assert known_sources()["icite"].label == "iCite"
        assert plugin_names() == ("icite",)
        why = broken_plugins()["icite"]
    assert "plug:SPEC" in why


def test_names_are_known_without_importing_anything(tmp_path: Path) -> None:
    broken = package("plug", "other = plug:SPEC", "raise RuntimeError")
    with installed(tmp_path, broken):
        assert plugin_names() == ("other",)
        assert "plug" not in sys.modules


def test_every_source_of_citewatch_has_a_section_in_the_configuration() -> None:
    assert set(SOURCES) == set(BUILT_IN)
