"""From a file to settings: every problem at once, or none."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

from citewatch.config import sections
from citewatch.config.files import read_config
from citewatch.config.positions import lines_of
from citewatch.config.problems import Problems
from citewatch.config.settings import Settings
from citewatch.config.table import Overrides, Table
from citewatch.config.watchlists import watchlists
from citewatch.errors import ConfigError, InputError

FILE_NAME = "config.toml"
PATH_VARIABLE = "CITEWATCH_CONFIG"

_AT = re.compile(r"(.*) \(at line (\d+), column (\d+)\)", re.DOTALL)
_AT_END = " (at end of document)"


def find_config(
    explicit: Path | None, *, environ: Mapping[str, str], cwd: Path, user_dir: Path
) -> Path | None:
    """The config.toml to use, absolute; None when there is none anywhere.

    In this order: ``explicit``, ``$CITEWATCH_CONFIG``, config.toml in ``cwd``,
    config.toml in ``user_dir`` (the platform's folder for citewatch).

    Raises `InputError` when one that was named does not exist.
    """
    named = [("--config", str(explicit) if explicit is not None else "")]
    named.append((f"${PATH_VARIABLE}", environ.get(PATH_VARIABLE, "")))
    for origin, text in named:
        if not text:
            continue
        path = cwd / text
        if not _exists(path):
            raise InputError(
                f"{path}: there is no such file ({origin} names it)",
                remedy="'citewatch init' writes a new config.toml in the current folder",
            )
        return path
    candidates = (cwd / FILE_NAME, user_dir / FILE_NAME)
    return next((path for path in candidates if _exists(path)), None)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        # A folder that may not be entered: reading the file will say so.
        return True


def load_settings(
    path: Path, *, environ: Mapping[str, str], extra_sources: Sequence[str] = ()
) -> Settings:
    """Read config.toml. Raises `ConfigError` with everything that is wrong with it."""
    text = read_config(path).decode()
    return settings_from_text(text, path=path, environ=environ, extra_sources=extra_sources)


def settings_from_text(
    text: str, *, path: Path, environ: Mapping[str, str], extra_sources: Sequence[str] = ()
) -> Settings:
    """Settings out of the text of a config.toml that stands at ``path``.

    ``extra_sources`` are the names of sources that other packages bring.
    """
    data = _parse(text, path)
    problems = Problems()
    overrides = Overrides.of(environ, data)
    root = Table(data, (), problems, overrides)
    folder = path.absolute().parent
    settings = Settings(
        path=path.absolute(),
        folder=folder,
        database_url=sections.database_url(root, folder),
        contact_email=sections.contact_email(root),
        milestones=sections.milestones(root),
        preferred=sections.preferred(root),
        sources=sections.sources(root, folder, extra_sources),
        notify=sections.notify(root, folder),
        daemon=sections.daemon(root, folder),
        backup=sections.backup(root, folder),
        web=sections.web(root),
        watchlists=watchlists(root, folder),
    )
    root.close()
    overrides.report_unknown(problems)
    if problems:
        raise ConfigError(str(path), problems.render(lines_of(text, data)))
    return settings


def _parse(text: str, path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(text.removeprefix("\ufeff"))
    except RecursionError:
        raise ConfigError(str(path), ["not valid TOML: nested too deeply"]) from None
    except ValueError as error:
        problem = f"not valid TOML: {error}"
        if found := _AT.fullmatch(str(error)):
            problem = f"line {found[2]}, column {found[3]}: not valid TOML: {found[1]}"
        elif str(error).endswith(_AT_END):
            last = text.rstrip().count("\n") + 1
            problem = f"line {last}: not valid TOML: {str(error).removesuffix(_AT_END)}"
        raise ConfigError(str(path), [problem]) from None
