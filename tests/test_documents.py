"""The documents say what is there, all of it, and nothing else."""

from __future__ import annotations

import ast
import inspect
import json
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from citewatch import errors
from citewatch.cli.main import COMMANDS, citewatch
from citewatch.config import initial_config, load_settings, sections, watchlists
from citewatch.config.problems import Problems
from citewatch.config.table import Overrides, Table
from citewatch.domain.identifiers import SCHEMES
from citewatch.domain.keys import make_key
from citewatch.domain.papers import DAY, Kind, Status
from citewatch.sandbox import FAULTS, GROUPS, SERVICES
from citewatch.sources.registry import BUILT_IN, SourceSpec
from citewatch.store.tables import VIEWS, Row

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
GUIDE = ROOT / "docs" / "guide.md"
DESIGN = ROOT / "docs" / "design.md"
SOURCES = ROOT / "docs" / "sources.md"
DOCUMENTS = (README, *sorted((ROOT / "docs").glob("*.md")))

DEMO_LINE = (
    "python3 -m venv .venv && .venv/bin/pip install -q -c constraints.txt . "
    "&& .venv/bin/citewatch demo"
)
TEST_LINE = (
    "python3 -m venv .venv && .venv/bin/pip install -q -c constraints.txt -e '.[dev]' "
    "&& .venv/bin/pytest -n auto"
)


def fences(document: Path) -> Iterator[tuple[str, str]]:
    """(language, text) of each fenced block."""
    text = document.read_text(encoding="utf-8")
    for found in re.finditer(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        yield found[1], found[2]


def code_lines(document: Path) -> list[str]:
    """Lines of code: all fenced blocks but those of plain text."""
    blocks = [body for language, body in fences(document) if language != "text"]
    return [line for body in blocks for line in body.splitlines()]


def mentions(document: Path) -> Iterator[list[str]]:
    """The words after ``citewatch`` wherever it stands in code as a command."""
    text = document.read_text(encoding="utf-8")
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    spans = [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", prose)]
    shown = [
        line.removeprefix("$ ")
        for language, body in fences(document)
        for line in body.splitlines()
        if language == "sh" or line.startswith("$ ")
    ]
    # In prose only what begins with it is a command: "is not a citewatch database" is none.
    patterns = [(span, r"^(?:\S*/)?citewatch\s+(.+)") for span in spans]
    patterns += [(line, r"(?:^|[\s/'])citewatch\s+(.+)") for line in shown]
    for line, pattern in patterns:
        found = re.search(pattern, line.partition("  #")[0])
        if found:
            yield re.sub(r"[\[\]'|…]", " ", found[1]).split()


def command_of(words: list[str]) -> str | None:
    """The first word that is no option of the program, None when there is none."""
    rest = iter(words)
    for word in rest:
        if word in ("--config", "--database"):
            next(rest, None)
        elif not word.startswith("-") and word not in ("URL", "FILE", "COMMAND"):
            return word
    return None


def command(name: str) -> click.Command:
    found = citewatch.get_command(click.Context(citewatch), name)
    assert isinstance(found, click.Command)
    return found


def options(of: click.Command) -> list[str]:
    return [
        option
        for parameter in of.params
        if isinstance(parameter, click.Option)
        for option in parameter.opts
        if option.startswith("--")
    ]


def choices(of: click.Command) -> Iterator[str]:
    for parameter in of.params:
        if isinstance(parameter.type, click.Choice):
            yield from map(str, parameter.type.choices)


# --- the README ------------------------------------------------------------------


def test_the_readme_begins_with_the_demo_and_then_the_tests() -> None:
    assert code_lines(README)[:2] == [DEMO_LINE, TEST_LINE]


def test_each_of_the_two_is_a_block_of_its_own() -> None:
    blocks = [body for language, body in fences(README) if language == "sh"]
    assert blocks[:2] == [DEMO_LINE + "\n", TEST_LINE + "\n"]


def test_the_picture_stands_before_the_code_and_fits_100_columns() -> None:
    language, picture = next(fences(README))
    assert language == "text"
    assert max(map(len, picture.splitlines())) <= 100


def test_what_the_two_lines_install_from_is_there() -> None:
    assert {"-c", "constraints.txt"} <= set(shlex.split(DEMO_LINE))
    assert (ROOT / "constraints.txt").is_file()


# --- commands --------------------------------------------------------------------


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_section_in_the_guide(name: str) -> None:
    assert f"\n### {name}\n" in GUIDE.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_and_choice_of_a_command_is_in_the_guide(name: str) -> None:
    text = GUIDE.read_text(encoding="utf-8")
    found = command(name)
    words = [*options(found), *choices(found)]
    assert [w for w in words if not re.search(rf"(?<![\w-]){re.escape(w)}(?![\w-])", text)] == []


def test_every_option_of_the_program_is_in_the_guide() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    assert [option for option in options(citewatch) if f"`{option}" not in text] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_no_document_names_a_command_that_does_not_exist(document: Path) -> None:
    named = [command_of(words) for words in mentions(document)]
    assert [name for name in named if name is not None and name not in COMMANDS] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_option_that_is_shown_with_a_command_exists(document: Path) -> None:
    for words in mentions(document):
        name = command_of(words)
        known = {*options(citewatch), "--help", "-q", "-v", "-h"}
        if name is not None:
            known |= set(options(command(name)))
        used = {word.partition("=")[0] for word in words if re.match(r"--?[a-z]", word)}
        assert used <= known, words


def test_the_reader_of_documents_sees_commands() -> None:
    assert len(list(mentions(GUIDE))) > 20
    assert command_of(["--quiet", "sync"]) == "sync"
    assert command_of(["--config", "a.toml", "nonsense"]) == "nonsense"


# --- config.toml -----------------------------------------------------------------


def config_keys() -> set[str]:
    """Every key that the loader asks for, by its own name."""
    overrides = Overrides.of({}, {})
    root = Table({}, (), Problems(), overrides)
    sections.database_url(root, ROOT)
    sections.contact_email(root)
    sections.milestones(root)
    sections.preferred(root)
    sections.sources(root, ROOT, ())
    sections.notify(root, ROOT)
    sections.daemon(root, ROOT)
    sections.backup(root, ROOT)
    sections.web(root)
    single = {str(place[-1]) for place in overrides.places.values()}
    return single | taken(sections) | taken(watchlists) | set(SCHEMES)


def taken(module: object) -> set[str]:
    """The names that a module's source passes to ``take`` and ``items``."""
    tree = ast.parse(inspect.getsource(module))  # type: ignore[arg-type]
    return {
        node.args[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("take", "items")
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    }


def test_the_keys_of_every_section_are_found() -> None:
    expected = {"url", "email", "ladder", "preferred", "api_key_env", "v1_url", "quiet_hours",
                "webhook_secret_file", "heartbeat_url_env", "keep", "port", "lists", "pages",
                "links", "claim", "dblp"}  # fmt: skip
    assert expected <= config_keys()


def test_every_key_of_the_configuration_is_in_the_guide() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    assert sorted(key for key in config_keys() if f"`{key}`" not in text) == []


def test_every_section_is_in_the_guide() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    names = ["database", "contact", "milestones", "report", "notify", "daemon", "backup", "web"]
    names += [f"sources.{name}" for name in sections.SOURCES]
    assert [name for name in names if f"`[{name}]`" not in text] == []


def test_the_shipped_configuration_says_what_init_writes() -> None:
    written = initial_config("a-list", "A list", ()).partition("\n[watchlists.")[0]
    shipped = (ROOT / "config.toml").read_text(encoding="utf-8").partition("\n[watchlists.")[0]
    assert shipped == written


def test_the_shipped_configuration_watches_53_papers_with_18_claims() -> None:
    settings = load_settings(ROOT / "config.toml", environ={})
    (watchlist,) = settings.watchlists.values()
    assert len(watchlist.papers) == 53
    assert sum(paper.claim is not None for paper in watchlist.papers) == 18
    assert sum(bool(paper.ids) for paper in watchlist.papers) == 32
    assert watchlist.pages == ()


def test_keys_in_the_shipped_configuration_are_those_of_its_titles() -> None:
    settings = load_settings(ROOT / "config.toml", environ={})
    (watchlist,) = settings.watchlists.values()
    made: list[str] = []
    for paper in watchlist.papers:
        made.append(make_key(paper.title, paper.year, made))
    assert [paper.key for paper in watchlist.papers] == made


def test_the_shipped_configuration_is_what_the_list_says(data_dir: Path) -> None:
    expected = json.loads((data_dir / "cv" / "huan-zhang.expected.json").read_text())
    settings = load_settings(ROOT / "config.toml", environ={})
    (watchlist,) = settings.watchlists.values()
    assert [(p.title, p.year, list(p.authors), p.claim, bool(p.ids)) for p in watchlist.papers] == [
        (e["title"], e["year"], e["authors"], e["claim"], bool(e["link"])) for e in expected
    ]


# --- vocabulary that is promised -------------------------------------------------


def test_every_kind_of_change_and_status_of_a_count_is_in_the_guide() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    assert [word.value for word in (*Kind, *Status) if f"`{word.value}`" not in text] == []


def test_the_log_can_be_asked_for_every_kind_of_change() -> None:
    (kinds,) = [p for p in command("changes").params if p.name == "kinds"]
    assert isinstance(kinds.type, click.Choice)
    assert list(kinds.type.choices) == [kind.value for kind in Kind]


def test_every_error_is_in_the_design() -> None:
    text = DESIGN.read_text(encoding="utf-8")
    names = [
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, Exception)
    ]
    assert len(names) > 8
    assert [name for name in names if name not in text] == []


def test_every_table_is_in_the_design_and_every_view_in_the_guide() -> None:
    design, guide = DESIGN.read_text(encoding="utf-8"), GUIDE.read_text(encoding="utf-8")
    assert [name for name in Row.metadata.tables if f"| `{name}` |" not in design] == []
    assert [name for name in VIEWS if f"| `{name}` |" not in guide] == []


# --- sources -----------------------------------------------------------------------

SPECS = [pytest.param(spec, id=name) for name, spec in BUILT_IN.items()]


def row(document: Path, first: str) -> list[str]:
    """The cells of the one table row that begins with this cell."""
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in document.read_text(encoding="utf-8").splitlines()
        if line.startswith(f"| {first} |")
    ]
    (found,) = rows
    return found


@pytest.mark.parametrize("spec", SPECS)
def test_every_source_has_a_section_in_the_document_on_sources(spec: SourceSpec) -> None:
    assert f"\n## {spec.label}\n" in SOURCES.read_text(encoding="utf-8")


@pytest.mark.parametrize("spec", SPECS)
def test_the_document_on_sources_says_which_of_them_count(spec: SourceSpec) -> None:
    anchor = spec.label.lower().replace(" ", "-")
    _, name, counts, *_ = row(SOURCES, f"[{spec.label}](#{anchor})")
    assert name == f"`{spec.name}`"
    assert counts.startswith("yes" if spec.counts else "no")


@pytest.mark.parametrize("spec", SPECS)
def test_the_pace_in_the_document_on_sources_keeps_the_source_s_own_rule(spec: SourceSpec) -> None:
    between = row(SOURCES, spec.label)[4]
    found = re.match(r"[\d.]+", between)
    assert found is not None
    assert spec.rule_s <= float(found[0]) <= 1.1 * spec.rule_s


@pytest.mark.parametrize("spec", SPECS)
def test_the_guide_says_whether_and_how_often_a_source_is_asked(spec: SourceSpec) -> None:
    _, section, asked, every, _ = row(GUIDE, spec.label)
    days = spec.every_s // DAY
    assert section == f"`[sources.{spec.name}]`"
    assert every == f"{days} day{'' if days == 1 else 's'}"
    assert asked.startswith(f"with a {spec.secret}" if spec.secret else "yes" if spec.on else "no")


def test_every_variable_that_may_hold_a_secret_is_in_the_guide() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    names = [name for keys in sections.SOURCES.values() for name in keys.secrets.values()]
    assert len(names) > 5
    assert [name for name in names if f"`{name}`" not in text] == []


def test_every_fault_and_service_of_the_stand_in_is_in_the_guide() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    names = [*FAULTS, *SERVICES, *(name for name in GROUPS if name != "all")]
    assert [name for name in names if f"`{name}`" not in text] == []


# --- links, addresses, paths -----------------------------------------------------


def anchors(document: Path) -> set[str]:
    """What a heading is called in an address, the way GitHub makes it."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith("http"):
            continue
        name, _, anchor = target.partition("#")
        path = document.parent / name if name else document
        assert path.is_file(), target
        assert not anchor or anchor in anchors(path), target


def tracked() -> list[Path]:
    """Text files under version control, or all of them where there is none."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    names = [name for name in listed.stdout.split("\0") if name]
    paths = [ROOT / name for name in names] or [
        path
        for folder in ("src", "tests", "docs", "migrations")
        for path in (ROOT / folder).rglob("*")
    ]
    return [path for path in paths if path.is_file() and b"\0" not in path.read_bytes()[:8000]]


def test_no_file_names_a_package_registry_or_a_path_of_somebodys_machine() -> None:
    # Put together here, so that this file does not hold what it looks for.
    banned = re.compile(
        "|".join(
            [
                "py" + r"pi\.org", "python" + "hosted", "--(extra-)?index" + "-url", "find" + "-links",
                r"(?<![\w.])/(wo" + "rk|ro" + "ot|op" + r"t)/", r"\.\./sha" + "red",
            ]
        )
    )  # fmt: skip
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in tracked()
        if (match := banned.search(path.read_text(encoding="utf-8", errors="replace")))
    ]
    assert found == []


def test_constraints_are_versions_and_nothing_else() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert [ln for ln in lines if not re.fullmatch(r"[A-Za-z0-9][\w.-]*==[\w.]+", ln)] == []
    names = {re.sub(r"[-_.]+", "-", line.partition("==")[0]).lower() for line in lines}
    assert {"httpx", "sqlmodel", "click", "pytest", "mypy", "ruff"} <= names
    assert not names & {"pip", "pip-tools", "setuptools", "citewatch"}
