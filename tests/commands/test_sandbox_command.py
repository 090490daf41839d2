"""The stand-in as a command: what it prints, what it answers, how it ends."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

import pytest
from command_world import Citewatch

from citewatch.config import load_settings
from citewatch.sandbox import DEFAULT_START, FAULTS, KEYS, SERVICES
from citewatch.sandbox.arguments import Asked, serve
from citewatch.sandbox.mounts import MOUNTED
from standins import QUESTIONS

COMMAND = (sys.executable, "-m", "citewatch", "sandbox")
LAST_LINE = f"#   {list(KEYS)[-1]}="
_OPENER = build_opener(ProxyHandler({}))


@contextmanager
def running(*options: str) -> Iterator[subprocess.Popen[str]]:
    """The command as a process, killed at the latest in the end."""
    with subprocess.Popen(
        [*COMMAND, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def printed(process: subprocess.Popen[str]) -> str:
    """What it prints for config.toml; it listens when that is there."""
    assert process.stdout is not None
    lines: list[str] = []
    for line in process.stdout:
        lines.append(line)
        if line.startswith(LAST_LINE):
            return "".join(lines)
    raise AssertionError(process.communicate()[1])


def ended(process: subprocess.Popen[str], name: signal.Signals) -> tuple[int, str, str]:
    """Exit code and what was said after the configuration."""
    process.send_signal(name)
    out, err = process.communicate(timeout=20)
    return process.returncode, out, err


def status(url: str, service: str) -> int:
    """The status of a service's good question below an address."""
    question = QUESTIONS[service]
    request = Request(url + question.path, headers=dict(question.headers))
    try:
        with _OPENER.open(request, timeout=10) as answer:
            return int(answer.status)
    except HTTPError as error:
        with error:
            return error.code


def address(sources: dict[str, Any], service: str) -> str:
    """Where the printed configuration has a service."""
    mount = MOUNTED[service]
    return str(sources[mount.source][mount.setting])


def test_it_prints_a_configuration_serves_everything_in_it_and_ends_when_told() -> None:
    with running() as process:
        text = printed(process)
        sources = tomllib.loads(text)["sources"]
        assert {service: status(address(sources, service), service) for service in SERVICES} == (
            dict.fromkeys(SERVICES, 200)
        )
        code, out, err = ended(process, signal.SIGTERM)
    assert (code, out) == (0, "")
    assert "stand-in" in err
    assert "Ctrl-C" in err
    assert len(err.splitlines()) == 1


def test_ctrl_c_is_the_way_to_end_it_and_no_failure() -> None:
    with running("--papers", "100", "--no-limits", "--start", "2025-06-01") as process:
        printed(process)
        code, out, err = ended(process, signal.SIGINT)
    assert (code, out) == (0, "")
    assert "Traceback" not in err
    assert "interrupted" not in err


@pytest.mark.parametrize("name", [signal.SIGTERM, signal.SIGINT])
def test_being_told_to_end_before_it_listens_is_no_failure(name: signal.Signals) -> None:
    before = signal.getsignal(name)

    def clock() -> float:
        # It is asked for the time when the world is about to be built.
        os.kill(os.getpid(), name)
        return DEFAULT_START

    with pytest.raises(SystemExit) as ended:
        serve(Asked(), lambda _: None, clock)
    assert ended.value.code == 0
    assert signal.getsignal(name) is before


def test_what_it_prints_is_a_configuration_that_is_accepted(tmp_path: Path) -> None:
    with running() as process:
        text = printed(process)
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    settings = load_settings(path, environ={})
    for name, source in tomllib.loads(text)["sources"].items():
        assert settings.sources[name].base_url == source["base_url"]


def test_faults_are_those_of_the_command_line() -> None:
    options = (
        "--fault",
        "crossref=throttle@1",
        "--fault",
        "openreview=down",
        "--fault",
        "ads=html",
    )
    with running(*options) as process:
        sources = tomllib.loads(printed(process))["sources"]
        found = {
            service: [status(address(sources, service), service) for _ in range(2)]
            for service in ("crossref", "openreview_v1", "openreview_v2", "ads", "inspire")
        }
    assert found == {
        "crossref": [429, 200],
        "openreview_v1": [503, 503],
        "openreview_v2": [503, 503],
        "ads": [200, 200],
        "inspire": [200, 200],
    }


def test_json_is_one_document_with_addresses_and_keys() -> None:
    with running("--format", "json") as process:
        assert process.stdout is not None
        text = ""
        while not text.endswith("\n}\n"):
            text += process.stdout.readline()
        code, out, _ = ended(process, signal.SIGTERM)
    assert (code, out) == (0, "")
    said = json.loads(text)
    assert said["environment"] == dict(KEYS)
    assert set(said["sources"]) == {mount.source for mount in MOUNTED.values()}


def test_quiet_leaves_the_configuration_alone() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "citewatch", "--quiet", "sandbox"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            printed(process)
            assert ended(process, signal.SIGTERM) == (0, "", "")
        finally:
            process.kill()


def test_a_port_that_is_taken_is_one_clear_error(citewatch: Citewatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = citewatch("sandbox", "--port", port)
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith(f"citewatch: port {port} is taken")
    assert "Traceback" not in said.err


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        (("--fault", "dwon"), "did you mean 'down'?"),
        (("--fault", "opnalex=down"), "did you mean 'openalex'?"),
        (("--fault", "crossref=too-fast"), "is a fault of openalex alone"),
        (("--fault", "down@0"), "how many requests fail"),
        (("--start", "yesterday"), "expected '2026-01-31'"),
        (("--start", "99999999999999"), "is no date"),
        (("--latency", "nan"), "is no latency"),
        (("--latency", "-1"), "is no latency"),
        (("--port", "70000"), "not in the range"),
        (("--papers", "-1"), "not in the range"),
    ],
)
def test_what_cannot_be_is_a_usage_error_that_says_what_could(
    citewatch: Citewatch, options: tuple[str, ...], hint: str
) -> None:
    said = citewatch("sandbox", *options)
    assert (said.code, said.out) == (2, "")
    assert hint in said.err


def test_every_fault_and_service_is_listed_with_a_line_about_it(citewatch: Citewatch) -> None:
    said = citewatch("sandbox", "--list-faults")
    assert (said.code, said.err) == (0, "")
    for name, line in FAULTS.items():
        assert f"  {name} " in said.out
        assert line in said.out
    assert all(service in said.out for service in SERVICES)
    assert "does not resolve" in said.out


def test_help_and_usage_errors_need_neither_httpx_nor_sqlmodel() -> None:
    program = (
        "import sys\nfrom citewatch.cli.main import run\n"
        "run(['sandbox', '--help']), run(['sandbox', '--fault', 'x'])\n"
        "sys.exit(bool({'httpx', 'sqlmodel', 'bs4'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
