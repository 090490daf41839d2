"""Secrets come from the environment or files and never show."""

from __future__ import annotations

from pathlib import Path

import pytest

from citewatch.config import daemon_secrets, secrets, settings_from_text
from citewatch.errors import ConfigError

SECRET = "hunter2-SECRET"
PATH = Path("/home/ada/config.toml")


def test_secrets_come_stripped_from_the_default_variables() -> None:
    settings = settings_from_text("", path=PATH, environ={})
    environ = {"S2_API_KEY": f" {SECRET}\n", "OPENREVIEW_USERNAME": "ada", "OPENREVIEW_TOKEN": " "}
    assert secrets(settings, "semantic_scholar", environ=environ) == {"api_key": SECRET}
    assert secrets(settings, "openreview", environ=environ) == {"username": "ada"}
    assert secrets(settings, "arxiv", environ=environ) == {}


def test_a_file_holds_the_secret_where_no_variable_does(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(f"{SECRET}\n")
    path = tmp_path / "config.toml"
    text = '[sources.openalex]\napi_key_file = "key"\n'
    settings = settings_from_text(text, path=path, environ={})
    assert secrets(settings, "openalex", environ={}) == {"api_key": SECRET}
    assert secrets(settings, "openalex", environ={"OPENALEX_API_KEY": "other"}) == {
        "api_key": "other"
    }
    assert SECRET not in repr(settings)


def test_an_absent_secret_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    text = '[sources.openalex]\napi_key_file = "key"\n'
    settings = settings_from_text(text, path=tmp_path / "config.toml", environ={})
    with pytest.raises(ConfigError) as caught:
        secrets(settings, "openalex", environ={})
    assert caught.value.problems == (
        f"sources.openalex.api_key_file: the file {tmp_path / 'key'}: No such file or directory",
    )


def test_a_secret_that_would_break_a_header_is_refused_without_repeating_it() -> None:
    settings = settings_from_text("", path=PATH, environ={})
    with pytest.raises(ConfigError) as caught:
        secrets(settings, "semantic_scholar", environ={"S2_API_KEY": f"{SECRET}\r\nX: y"})
    assert caught.value.problems == (
        "sources.semantic_scholar.api_key: the variable S2_API_KEY holds unusable characters",
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            f'[sources.semantic_scholar]\napi_key = "{SECRET}"',
            (
                "line 2: sources.semantic_scholar.api_key: secrets do not stand in config.toml;"
                ' set the variable S2_API_KEY (another one: api_key_env = "NAME") or name a file'
                ' that holds it (api_key_file = "PATH")'
            ),
        ),
        (
            f'[notify]\nurls = "{SECRET}"',
            (
                "line 2: notify.urls: secrets do not stand in config.toml; set a variable"
                ' (another one: urls_env = "NAME") or name a file that holds it'
                ' (urls_file = "PATH")'
            ),
        ),
        (
            f'[sources.openalex]\napi_key_env = "{SECRET}"',
            (
                "line 2: sources.openalex.api_key_env: must be the name of an environment variable"
                " (letters, digits and _), not its value"
            ),
        ),
        (
            f'[database]\nurl = "postgresql://me:{SECRET}@db/x"',
            (
                "line 2: database.url: carries a password; leave it out here and set"
                " CITEWATCH_DATABASE__URL instead"
            ),
        ),
        (
            f'[sources.arxiv]\nbase_url = "https://me:{SECRET}@host/"',
            (
                "line 2: sources.arxiv.base_url: must be an address such as"
                " 'https://example.org/path' without a login"
            ),
        ),
    ],
)
def test_a_secret_in_the_text_is_refused_and_not_repeated(text: str, problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        settings_from_text(text, path=PATH, environ={})
    assert caught.value.problems == (problem,)


def test_a_secret_given_as_an_override_is_refused_and_not_repeated() -> None:
    with pytest.raises(ConfigError) as caught:
        settings_from_text("", path=PATH, environ={"CITEWATCH_SOURCES__OPENALEX__API_KEY": SECRET})
    assert "set the variable OPENALEX_API_KEY" in str(caught.value)
    assert SECRET not in str(caught.value)


def test_a_password_of_the_database_is_not_in_the_repr_of_the_settings() -> None:
    environ = {"CITEWATCH_DATABASE__URL": f"postgresql://me:{SECRET}@db/x"}
    settings = settings_from_text("", path=PATH, environ=environ)
    assert SECRET in settings.database_url
    assert SECRET not in repr(settings)


def test_the_address_of_the_heartbeat_is_a_secret_like_any_other(tmp_path: Path) -> None:
    text = '[daemon]\nheartbeat_url_env = "BEAT"\nheartbeat_url_file = "beat"\n'
    settings = settings_from_text(text, path=tmp_path / "config.toml", environ={})
    url = f"https://hc.example.org/{SECRET}"
    assert daemon_secrets(settings, environ={"BEAT": f" {url}\n"}) == {"heartbeat_url": url}
    (tmp_path / "beat").write_text(url)
    assert daemon_secrets(settings, environ={}) == {"heartbeat_url": url}
    for bad in (SECRET, f"ftp://x/{SECRET}", f"https://x/{SECRET} y", f"https:///{SECRET}"):
        with pytest.raises(ConfigError) as caught:
            daemon_secrets(settings, environ={"BEAT": bad})
        assert "daemon.heartbeat_url" in str(caught.value)
        assert SECRET not in str(caught.value)


def test_without_a_heartbeat_there_is_no_secret() -> None:
    assert daemon_secrets(settings_from_text("", path=PATH, environ={}), environ={}) == {}
