"""The house rules that no linter knows: size, docstrings, layers."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "citewatch"
MODULES = sorted(SOURCE.rglob("*.py"))

MODULE_LINES, FUNCTION_LINES = 400, 60
"""The goals are 300 and 40; these are the walls."""


def name_of(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


def test_modules_are_found() -> None:
    assert len(MODULES) > 100


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_no_module_is_longer_than_a_person_reads(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MODULE_LINES


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_no_function_is_longer_than_a_screen(path: Path) -> None:
    long = [
        f"{node.name}: {lines} lines"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := (node.end_lineno or node.lineno) - node.lineno + 1) > FUNCTION_LINES
    ]
    assert long == []


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_every_module_that_holds_something_says_what_it_is_for(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    # An empty __init__.py marks a package and holds nothing.
    assert (path.name == "__init__.py" and not text) or ast.get_docstring(ast.parse(text))


def project() -> dict[str, dict[str, object]]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_the_layers_are_under_contract_and_every_package_has_a_place() -> None:
    linter = project()["tool"]["importlinter"]
    assert isinstance(linter, dict)
    (layers,) = [c for c in linter["contracts"] if c["type"] == "layers"]
    assert layers["exhaustive"] is True
    placed = {name.strip() for layer in layers["layers"] for name in layer.split("|")}
    there = {path.stem for path in SOURCE.iterdir() if path.suffix == ".py" or path.is_dir()}
    ignored = {*layers["exhaustive_ignores"], "__init__", "__pycache__"}
    assert there - ignored == placed


def imported(folder: Path) -> set[str]:
    """Top-level names of all modules that are imported anywhere below a folder."""
    found: set[str] = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module.partition(".")[0])
    return found


IMPORT_NAMES = {
    "beautifulsoup4": "bs4",
    "prometheus-client": "prometheus_client",
    "resvg-py": "resvg_py",
}
FOR_OTHERS = {"sniffio", "tzdata"}
"""Dependencies of dependencies, named for a reason that stands beside them."""


def test_every_dependency_is_imported_and_every_import_is_a_dependency() -> None:
    wanted, extras = (project()["project"][n] for n in ("dependencies", "optional-dependencies"))
    assert isinstance(wanted, list)
    assert isinstance(extras, dict)
    wanted = [*wanted, *extras["postgres"]]
    names = {re.split(r"[<>=!~\[; ]", spec)[0].lower() for spec in wanted}
    modules = {IMPORT_NAMES.get(name, name) for name in names}
    used = imported(SOURCE) | imported(ROOT / "migrations")
    assert modules - used == FOR_OTHERS
    assert used - modules - sys.stdlib_module_names - {"citewatch"} == set()


def test_nothing_is_called_utils() -> None:
    assert [path for path in MODULES if path.stem in ("utils", "util", "helpers", "common")] == []


def test_the_checks_can_be_run() -> None:
    for name in ("run", "wheel"):
        script = ROOT / ".ci" / name
        assert script.stat().st_mode & 0o111
        assert script.read_text(encoding="utf-8").startswith("#!/usr/bin/env bash\n")
        assert "set -euo pipefail" in script.read_text(encoding="utf-8")
