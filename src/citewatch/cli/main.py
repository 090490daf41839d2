"""The command line: options for all commands, commands imported when they are used.

``--help``, ``--version`` and usage errors import neither SQLModel nor httpx: start-up is
a feature, and those two cost sixty bare interpreter starts.
"""

from __future__ import annotations

import importlib
import io
import os
import sys
import traceback
from pathlib import Path

import click

from citewatch import __version__
from citewatch.cli.shared import Options
from citewatch.errors import CitewatchError

COMMANDS = {
    "init": "Write a commented config.toml here, from publication lists.",
    "add": "Watch more papers: a list, an identifier or a URL.",
    "remove": "Stop watching a paper; its history is kept.",
    "forget": "Stop watching a paper and delete its history, after asking.",
    "list": "Show what is watched, with identifiers.",
    "resolve": "Find each paper at each source; accept or reject matches.",
    "sync": "One polite pass over everything that is due.",
    "backfill": "Reconstruct the past from the dates of citing works.",
    "run": "Keep at it: the daemon, or one pass for a job of cron.",
    "report": "Citation trends.",
    "check": "Compare the badges in a CV with what is known; rewrite them.",
    "changes": "The log of what changed.",
    "history": "One paper's counts over time.",
    "import-history": "Take in counts that another tool saw.",
    "export": "Write what is known for other programs.",
    "sources": "Health of every source.",
    "notify": "Prove the channels by a test message.",
    "doctor": "What is wrong, and what to do.",
    "backup": "A checked copy of the database, also while others write.",
    "restore": "Put a backup in the place of the database.",
    "sandbox": "The stand-in for the sources as a server of its own.",
    "demo": "Everything at once, without the network.",
}


class _Lazy(click.Group):
    """A group that imports a command when it is run, not when it is listed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(
            f"citewatch.cli.commands.{cmd_name.replace('-', '_')}_command"
        )
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0] if args else ""
        if name and name not in COMMANDS and not name.startswith("-"):
            import difflib  # only after a mistake

            near = difflib.get_close_matches(name, COMMANDS, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise click.UsageError(f"no command {name!r}{hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(
    cls=_Lazy, name="citewatch", context_settings={"help_option_names": ["-h", "--help"]}
)
@click.option(
    "--config", type=click.Path(path_type=Path), metavar="FILE",
    help="The config.toml to use; else $CITEWATCH_CONFIG, ./config.toml, the user's folder.",
)  # fmt: skip
@click.option(
    "--database", metavar="URL", help="Use this database: sqlite:///FILE or postgresql://…"
)
@click.option("--quiet", "-q", is_flag=True, help="Only data and errors.")
@click.option("--verbose", "-v", is_flag=True, help="Say more; tracebacks of unexpected errors.")
@click.version_option(__version__, prog_name="citewatch", message="%(prog)s %(version)s")
@click.pass_context
def citewatch(
    ctx: click.Context,
    *,
    config: Path | None,
    database: str | None,
    quiet: bool,
    verbose: bool,
) -> None:
    """citewatch keeps a publication list honest.

    It finds every paper of a list at the open sources, looks again on a schedule, keeps
    every count it ever saw, and reports what changed. Start with 'citewatch init cv.txt',
    or see everything at work, without a network, with 'citewatch demo'.
    """
    if quiet and verbose:
        raise click.UsageError("--quiet and --verbose exclude each other", ctx)
    ctx.obj = Options(config=config, database=database, quiet=quiet, verbose=verbose)


def run(arguments: list[str] | None = None) -> int:
    """Run the command line; the exit code. No exception gets out, no traceback in."""
    arguments = sys.argv[1:] if arguments is None else arguments
    _speak_unicode()
    try:
        code = citewatch.main(arguments, prog_name="citewatch", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except CitewatchError as error:
        _say(str(error))
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        _say("interrupted; everything seen so far is kept")
        return 130
    except SystemExit as stop:
        # click ends the process itself, with 1, when the reader of a pipe has gone; to us
        # 1 means that a check has found something.
        if type(sys.stdout).__name__ == "PacifyFlushWrapper":
            return 0
        return stop.code if isinstance(stop.code, int) else 0
    except BrokenPipeError:
        # The reader of a pipe (head, less) has seen enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        _say(f"{error.filename or 'the system'}: {error.strerror or error}")
        return 2
    except Exception as error:  # noqa: BLE001 - the last line of defence: no traceback at the user
        if "--verbose" in arguments or "-v" in arguments:
            traceback.print_exc()
        _say(
            f"unexpected {type(error).__name__}; this is a defect of citewatch\n"
            "run again with --verbose for details"
        )
        return 2
    return code if isinstance(code, int) else 0


def _speak_unicode() -> None:
    """Titles and sparklines in any locale: UTF-8 into pipes, "?" on a terminal without it."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="replace")


def _say(message: str) -> None:
    first, *rest = message.splitlines() or [""]
    click.echo("\n".join([f"citewatch: {first}", *rest]), err=True)
