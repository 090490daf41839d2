"""Packages that bring sources, installed for the length of a test."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from kit_plugin import lay_out

from citewatch.sources import registry


def package(name: str, entry: str, code: str) -> Mapping[str, str]:
    """A package of one module with one entry point, as an installation leaves it."""
    info = f"{name}-1.0.dist-info"
    return {
        f"{name}.py": code,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        f"{info}/entry_points.txt": f"[{registry.GROUP}]\n{entry}\n",
    }


@contextmanager
def installed(folder: Path, *packages: Mapping[str, str]) -> Iterator[None]:
    """The packages can be imported, and their entry points are found."""
    for contents in packages:
        lay_out(folder, contents)
    before = set(sys.modules)
    sys.path.insert(0, str(folder))
    registry._loaded.cache_clear()
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        registry._loaded.cache_clear()
        for name in set(sys.modules) - before:
            if str(folder) in str(getattr(sys.modules[name], "__file__", "")):
                del sys.modules[name]
