"""``citewatch sandbox``."""

from __future__ import annotations

import errno
import json
import shlex
from collections.abc import Mapping

import click

from citewatch.cli.shared import Options
from citewatch.errors import InputError
from citewatch.sandbox import KEYS, Sandbox
from citewatch.sandbox.arguments import Asked, sandbox_options, serve

# The stand-in costs 60 ms to import, httpx and SQLModel, which it does not need, over 700.


@click.command(name="sandbox")
@sandbox_options
@click.option(
    "--format", "form", type=click.Choice(["config", "json"]), default="config", show_default=True
)
@click.pass_context
def command(ctx: click.Context, *, asked: Asked, form: str) -> None:
    """The stand-in for the sources, as a server of its own.

    It answers on this machine as Semantic Scholar, arXiv, OpenReview, OpenAlex, Crossref,
    INSPIRE, NASA ADS, OpenCitations, DBLP and the pages of publishers do, their refusals and
    limits included, and fails on demand (--list-faults). Prints the sections of config.toml
    that point at it, then serves until Ctrl-C. All that it says is made up.

    Failures on the client's side are made there: base_url = "http://nowhere.invalid" is a
    name that does not resolve, https:// before the stand-in's address a handshake that fails.
    """
    options = ctx.ensure_object(Options)

    def ready(box: Sandbox) -> None:
        say = _json if form == "json" else _config
        click.echo(say(box.urls, KEYS))
        options.hint(
            f"the stand-in for the sources listens on {box.host}:{box.port}; Ctrl-C ends it"
        )

    try:
        serve(asked, ready)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _no_port(asked.port, error) from error


def _no_port(port: int, error: OSError) -> InputError:
    why = {errno.EADDRINUSE: "is taken", errno.EACCES: "is not for ordinary users"}
    reason = why.get(error.errno or 0, f"cannot be had: {error.strerror or error}")
    return InputError(f"port {port} {reason}", remedy="choose another one, or none for a free one")


def _json(urls: Mapping[str, Mapping[str, str]], keys: Mapping[str, str]) -> str:
    return json.dumps({"sources": urls, "environment": dict(keys)}, indent=2)


def _config(urls: Mapping[str, Mapping[str, str]], keys: Mapping[str, str]) -> str:
    lines = ["# For config.toml: every source is the stand-in. Its data are made up."]
    for name, addresses in urls.items():
        lines += ["", f"[sources.{name}]"]
        lines += ["enabled = true", *(f'{key} = "{url}"' for key, url in addresses.items())]
    lines += [
        "# the pages of papers are below this one, under HOST/PATH",
        "",
        "# Keys that it accepts, for the environment; only OpenReview and ADS insist on them:",
        *(f"#   {name}={shlex.quote(key)}" for name, key in keys.items()),
    ]
    return "\n".join(lines)
