"""config.toml into settings, and what is said when it is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from citewatch.config import (
    Settings,
    find_config,
    load_settings,
    resolve_database_url,
    settings_from_text,
)
from citewatch.domain.identifiers import Identifier
from citewatch.domain.papers import Kind, LinkPage, Paper
from citewatch.errors import ConfigError, InputError

PATH = Path("/home/ada/cites/config.toml")
HEAD = f"{PATH}: {{}} problem{{}}; nothing was run\n"

FULL = """
[database]
url = "sqlite:///data/cites.db"

[contact]
email = "ada@example.org"

[milestones]
ladder = [5, 50]
every = 200
confirm_after = "1.5d"

[report]
preferred = ["openalex", "ads"]

[sources.semantic_scholar]
enabled = true
every = "12h"
api_key_env = "MY_KEY"
base_url = "http://127.0.0.1:8000/s2/"
min_interval = "1.1s"
batch_size = 500
max_in_flight = 3
timeout = "30s"

[sources.arxiv]
abs_url = "https://arxiv.org"
[sources.openreview]
enabled = false
v1_url = "https://api.openreview.net"
password_file = "secret/password"
[sources.openalex]
[sources.crossref]

[notify]
urls_env = "CITEWATCH_NOTIFY_URLS"
digest = "weekly"
kinds = ["milestone", "retracted"]
timezone = "Europe/Berlin"
quiet_hours = "22:00-07:30"
feed = "public/feed.atom"
jsonl = "/var/log/cites.jsonl"
webhook_url_env = "HOOK"
webhook_secret_env = "HOOK_SECRET"
templates = "templates"

[daemon]
heartbeat_url_env = "CITEWATCH_HEARTBEAT_URL"

[backup]
every = "7d"
keep = 8
path = "backups"

[web]
host = "0.0.0.0"
port = 0

[watchlists.ada-l]
title = "Ada"
author_names = ["Ada L", "A. L"]
lists = ["cv.tex", "/srv/more.bib"]
ignore = ["not-this-one-2001"]
papers = [
  { key = "zoo-zeroth-order-2017", title = "ZOO:  Zeroth", year = 2017, authors = ["A", "B"], venue = "AISec", arxiv = "1708.03999v2", doi = ["10.1145/3128572.3140448"], claim = "1,300+" },
  { arxiv = "https://arxiv.org/abs/1706.03762", claim = 100 },
]
pages = [ { papers = ["zoo-zeroth-order-2017"], links = ["https://example.org/a.pdf"] } ]
"""


def load(text: str, environ: Mapping[str, str] | None = None) -> Settings:
    return settings_from_text(text, path=PATH, environ=environ or {})


def problems(text: str, environ: Mapping[str, str] | None = None) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(text, environ)
    return list(caught.value.problems)


def test_an_empty_file_gives_the_documented_defaults() -> None:
    got = load("")
    assert got.path == PATH
    assert got.folder == PATH.parent
    assert got.database_url == "sqlite:////home/ada/cites/citewatch.db"
    assert got.contact_email == ""
    assert got.milestones.ladder == (10, 25, 50)
    assert got.milestones.every == 100
    assert got.milestones.confirm_after_s == 3 * 86_400
    assert got.preferred == ("semantic_scholar", "openalex", "crossref")
    assert set(got.sources) == {
        "semantic_scholar",
        "arxiv",
        "openreview",
        "openalex",
        "crossref",
        "inspire",
        "ads",
        "opencitations",
        "dblp",
        "page",
    }
    assert got.sources["semantic_scholar"].secret_envs == {"api_key": "S2_API_KEY"}
    assert got.sources["arxiv"].base_url is None
    assert (got.web.host, got.web.port) == ("127.0.0.1", 8765)
    assert got.watchlists == {}


def test_everything_that_the_file_says_arrives() -> None:
    got = load(FULL)
    folder = PATH.parent
    assert got.database_url == "sqlite:////home/ada/cites/data/cites.db"
    assert got.contact_email == "ada@example.org"
    assert (got.milestones.ladder, got.milestones.every) == ((5, 50), 200)
    assert got.milestones.confirm_after_s == 129_600
    assert got.preferred == ("openalex", "ads")
    s2 = got.sources["semantic_scholar"]
    assert (s2.enabled, s2.every_s, s2.min_interval_s) == (True, 43_200, 1.1)
    assert (s2.batch_size, s2.max_in_flight, s2.timeout_s) == (500, 3, 30.0)
    assert s2.base_url == "http://127.0.0.1:8000/s2"
    assert s2.secret_envs == {"api_key": "MY_KEY"}
    assert got.sources["arxiv"].urls == {"abs_url": "https://arxiv.org"}
    openreview = got.sources["openreview"]
    assert openreview.enabled is False
    assert openreview.urls == {"v1_url": "https://api.openreview.net"}
    assert openreview.secret_files == {"password": folder / "secret/password"}
    assert got.notify.digest == "weekly"
    assert got.notify.kinds == (Kind.MILESTONE, Kind.RETRACTED)
    assert got.notify.quiet_hours == (22 * 60, 7 * 60 + 30)
    assert got.notify.timezone == "Europe/Berlin"
    assert got.notify.feed == folder / "public/feed.atom"
    assert got.notify.jsonl == Path("/var/log/cites.jsonl")
    assert got.notify.secret_envs == {
        "urls": "CITEWATCH_NOTIFY_URLS",
        "webhook_url": "HOOK",
        "webhook_secret": "HOOK_SECRET",
    }
    assert got.daemon.secret_envs == {"heartbeat_url": "CITEWATCH_HEARTBEAT_URL"}
    assert (got.backup.every_s, got.backup.keep) == (604_800, 8)
    assert got.backup.path == folder / "backups"
    assert (got.web.host, got.web.port) == ("0.0.0.0", 0)


def test_a_watchlist_arrives_with_papers_pages_and_files() -> None:
    got = load(FULL).watchlists["ada-l"]
    assert (got.name, got.title) == ("ada-l", "Ada")
    assert got.author_names == ("Ada L", "A. L")
    assert [(file.path, file.written) for file in got.lists] == [
        (PATH.parent / "cv.tex", "cv.tex"),
        (Path("/srv/more.bib"), "/srv/more.bib"),
    ]
    assert got.ignore == ("not-this-one-2001",)
    assert got.papers == (
        Paper(
            key="zoo-zeroth-order-2017",
            title="ZOO: Zeroth",
            year=2017,
            authors=("A", "B"),
            venue="AISec",
            ids=(
                Identifier("arxiv", "1708.03999"),
                Identifier("doi", "10.1145/3128572.3140448"),
            ),
            claim=1300,
        ),
        Paper(title="", ids=(Identifier("arxiv", "1706.03762"),), claim=100),
    )
    assert got.pages == (
        LinkPage(papers=("zoo-zeroth-order-2017",), links=("https://example.org/a.pdf",)),
    )


MANY = """\
[milestones]
ladder = [10, 10]
evry = 3
every = 0
confirm_after = 3

[sources.semantic_scholar]
evry = "1d"
every = "0s"
enabled = "yes"
timeout = "0s"
base_url = "ftp://x"

[sources.scopus]
enabled = true

[watchlist.x]

[watchlists.me]
papers = [
  { title = "A", key = "a-2001" },
  { title = "B", key = "a-2001", yeer = 2001 },
  { key = "c-2001" },
  { title = "D", key = "Ünfug", arxiv = "17.1", year = "2017", claim = "many" },
]
"""
MANY_PROBLEMS = [
    "line 2: milestones.ladder: item 2: must be above 10, not 10",
    "line 3: milestones.evry: unknown key; did you mean 'every'?",
    "line 4: milestones.every: must be a whole number from 1 to 1000000000, not 0",
    (
        'line 5: milestones.confirm_after: must be a duration such as "3d"'
        " (units s, m, h, d, w), not 3"
    ),
    "line 8: sources.semantic_scholar.evry: unknown key; did you mean 'every'?",
    "line 9: sources.semantic_scholar.every: must be at least \"1s\", not '0s'",
    "line 10: sources.semantic_scholar.enabled: must be true or false, not 'yes'",
    "line 11: sources.semantic_scholar.timeout: must be more than \"0s\", not '0s'",
    (
        "line 12: sources.semantic_scholar.base_url: must be an address such as"
        " 'https://example.org/path', not 'ftp://x'"
    ),
    (
        "line 14: sources.scopus: unknown key;"
        " valid: ads, arxiv, crossref, dblp, inspire, openalex, opencitations, openreview,"
        " page, semantic_scholar"
    ),
    "line 17: watchlist: unknown key; did you mean 'watchlists'?",
    "line 22: watchlists.me.papers[2].key: 'a-2001' is already the key of papers[1]",
    "line 22: watchlists.me.papers[2].yeer: unknown key; did you mean 'year'?",
    "line 23: watchlists.me.papers[3]: a paper needs a title or an identifier",
    (
        "line 24: watchlists.me.papers[4].key: must be a key such as 'zoo-zeroth-order-2017'"
        " (a-z, 0-9 and single hyphens), not 'Ünfug'"
    ),
    (
        "line 24: watchlists.me.papers[4].arxiv: must be an identifier, not '17.1'"
        " (it looks like 1708.03999)"
    ),
    (
        "line 24: watchlists.me.papers[4].year: must be a year such as 2017, without quotes,"
        " not '2017'"
    ),
    (
        "line 24: watchlists.me.papers[4].claim: must be the number of a badge such as"
        " \"1300+\", not 'many'"
    ),
]


def test_every_problem_is_reported_at_once_in_the_order_of_the_file() -> None:
    assert problems(MANY) == MANY_PROBLEMS


def test_the_whole_message_has_a_head_and_one_line_a_problem() -> None:
    with pytest.raises(ConfigError) as caught:
        load("[web]\nport = 70000\n")
    assert str(caught.value) == (
        HEAD.format(1, "") + "  line 2: web.port: must be a whole number from 0 to 65535, not 70000"
    )


def test_lines_are_right_with_windows_line_ends_and_a_byte_order_mark() -> None:
    text = "\ufeff" + MANY.replace("\n", "\r\n")
    assert problems(text) == MANY_PROBLEMS


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("[database]\nurl = 'cites.db'", "must be a database URL such as"),
        ("[database]\nurl = 'sqlite://'", "must name a file"),
        ("[database]\nurl = 'sqlite:///:memory:'", "must name a file"),
        ("[database]\nurl = 'mysql://localhost/x'", "must be a database URL such as"),
        ("[database]\nurl = 3", "must be a database URL such as"),
        ("[contact]\nemail = 'ada'", "must be an e-mail address"),
        ('[contact]\nemail = "a@example.org\\r\\nX: y"', "must be an e-mail address"),
        ("[milestones]\nladder = 10", "must be an array of ascending whole numbers"),
        ("[milestones]\nladder = [25, true]", "item 2: must be a whole number, not true"),
        ("[milestones]\nevery = 1.5", "must be a whole number, not 1.5"),
        ("[milestones]\nconfirm_after = '3 days'", "must be a duration"),
        ("[milestones]\nconfirm_after = '-1d'", "must be a duration"),
        ("[milestones]\nconfirm_after = '9999w'", "must be at most 100 years"),
        ("[report]\npreferred = ['a', '']", "item 2: must be a text, not ''"),
        ("[sources.arxiv]\nbase_url = 'https://'", "must be an address"),
        ("[sources.arxiv]\nbase_url = 'https://h:99999'", "must be an address"),
        ("[sources.arxiv]\nbase_url = 'https://[::1'", "must be an address"),
        ("[sources.arxiv]\nbase_url = 'https://h/?'", "without '?' and '#'"),
        ("[sources.arxiv]\nbase_url = 'https://h/a b'", "must be an address"),
        ("[sources.arxiv]\nmax_in_flight = 0", "must be a whole number from 1 to 1000"),
        ("[sources.arxiv]\nv1_url = 'https://h'", "unknown key; did you mean 'abs_url'?"),
        ("[notify]\ndigest = 'hourly'", "must be 'each' or 'daily' or 'weekly'"),
        ("[notify]\nkinds = ['milestones']", "did you mean 'milestone'?"),
        ("[notify]\nquiet_hours = '22-7'", 'must be two times such as "22:00-07:00"'),
        ("[notify]\nquiet_hours = '22:00-22:00'", "must be two different times"),
        ("[notify]\ntimezone = 'Europe/Entenhausen'", "must be a time zone"),
        ("[notify]\ntimezone = '../../etc/passwd'", "must be a time zone"),
        ("[web]\nhost = 'a b'", "must be a host"),
        ("[backup]\nkeep = 1970-01-01", "must be a whole number, not a date or time"),
        ("web = 3", "must be a table with keys of its own, not 3"),
        ("[watchlists]\nme = 'cv.tex'", "must be a table with keys of its own, not 'cv.tex'"),
        ("[watchlists.imported]", "this name is kept"),
        ('[watchlists."a\\u001bb"]', "must be plain text"),
        ("[watchlists.me]\npapers = 'x'", "must be an array of tables, not 'x'"),
        ("[watchlists.me]\npapers = ['x']", "must be a table with keys of its own"),
        ("[watchlists.me]\nlists = 'cv.tex'", "must be an array of texts"),
        ("[watchlists.me]\nignore = ['A B']", "item 1: must be a key"),
        ("[watchlists.me]\npages = [{ link = [] }]", "did you mean 'links'?"),
        ("[[watchlists.me.papers]]\ntitle='x'\nclaim=0", "must be a number from 1"),
        ("[[watchlists.me.papers]]\ntitle='x'\nclaim=true", "must be the number of a badge"),
        ("[[watchlists.me.papers]]\ntitle='x'\nyear=12", "must be a year from 1400 to 2999"),
    ],
)
def test_an_impossible_value_is_one_problem_with_its_line(line: str, complaint: str) -> None:
    found = problems(line)
    assert len(found) == 1
    assert found[0].startswith("line ")
    assert complaint in found[0]


def test_control_characters_of_the_file_never_reach_a_message() -> None:
    found = problems('"\\u001b[31mred" = 1\n[web]\nhost = "\\u001b]0;x\\u0007"\n')
    assert found[0].startswith("line 1: '\\x1b[31mred': unknown key; valid: backup, contact,")
    assert found[1] == "line 3: web.host: must be a host such as '127.0.0.1', not '\\x1b]0;x\\x07'"


def test_titles_are_cleaned_of_control_and_direction_characters() -> None:
    got = load('[[watchlists.me.papers]]\ntitle = "A\\u001b[2J \\u202Eb\\n c"\n')
    assert got.watchlists["me"].papers[0].title == "A [2J b c"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a = = 1", "line 1, column 5: not valid TOML: Invalid value"),
        (
            "[web]\nport = 1\nport = 2",
            "line 3: not valid TOML: Cannot overwrite a value",
        ),
        ("a = " + "[" * 5000, "not valid TOML: nested too deeply"),
    ],
)
def test_a_syntax_error_is_told_with_line_and_column(text: str, problem: str) -> None:
    assert problems(text) == [problem]


def test_deep_tables_do_not_break_the_report() -> None:
    found = problems("x = " + "[" * 150 + "]" * 150 + "\n[web]\nprt = 1\n")
    assert found[-1].endswith("web.prt: unknown key; did you mean 'port'?")


# --- environment -----------------------------------------------------------------


def test_every_kind_of_scalar_is_overridden_by_its_variable() -> None:
    got = load(
        FULL,
        {
            "CITEWATCH_DATABASE__URL": "postgresql://u:pw@db/x",
            "CITEWATCH_MILESTONES__CONFIRM_AFTER": "0s",
            "CITEWATCH_MILESTONES__EVERY": "50",
            "CITEWATCH_SOURCES__SEMANTIC_SCHOLAR__BASE_URL": "http://localhost:1/",
            "CITEWATCH_SOURCES__SEMANTIC_SCHOLAR__ENABLED": "False",
            "CITEWATCH_SOURCES__CROSSREF__MIN_INTERVAL": "0.5s",
            "CITEWATCH_WATCHLISTS__ADA_L__TITLE": "Someone",
            "CITEWATCH_WEB__PORT": "",
        },
    )
    assert got.database_url == "postgresql://u:pw@db/x"
    assert (got.milestones.confirm_after_s, got.milestones.every) == (0, 50)
    assert got.sources["semantic_scholar"].base_url == "http://localhost:1"
    assert got.sources["semantic_scholar"].enabled is False
    assert got.sources["crossref"].min_interval_s == 0.5
    assert got.watchlists["ada-l"].title == "Someone"
    assert got.web.port == 0


def test_wrong_and_unknown_variables_are_named_behind_the_lines() -> None:
    assert problems(
        "[web]\nprt = 1\n",
        {
            "CITEWATCH_WEB__PORT": "many",
            "CITEWATCH_SOURCES__ARXIV__BASEURL": "http://h",
            "CITEWATCH_MILESTONES__LADDER": "1,2",
            "CITEWATCH_SOURCES__ARXIV__ENABLED": "1",
            "CITEWATCH_QQQ__ZZZ": "x",
        },
    ) == [
        "line 2: web.prt: unknown key; did you mean 'port'?",
        (
            "CITEWATCH_MILESTONES__LADDER: milestones.ladder is not a single value:"
            " set it in config.toml"
        ),
        "CITEWATCH_QQQ__ZZZ: overrides no key of config.toml",
        (
            "CITEWATCH_SOURCES__ARXIV__BASEURL: overrides no key of config.toml;"
            " did you mean CITEWATCH_SOURCES__ARXIV__BASE_URL?"
        ),
        "CITEWATCH_SOURCES__ARXIV__ENABLED: must be true or false, not '1'",
        "CITEWATCH_WEB__PORT: must be a whole number, not 'many'",
    ]


def test_variables_that_are_no_overrides_are_left_alone() -> None:
    load(
        '[notify]\nurls_env = "CITEWATCH_NOTIFY__MINE"\n',
        {
            "CITEWATCH_CONFIG": "x",
            "CITEWATCH_DATA": "/data",
            "CITEWATCH_NOTIFY_URLS": "x",
            "CITEWATCH_NOTIFY__MINE": "x",
            "CITEWATCH_DAEMON__HEARTBEAT_URL_ENV": "CITEWATCH_HEART__BEAT",
            "CITEWATCH_HEART__BEAT": "x",
            "OTHER__THING": "x",
        },
    )


def test_a_variable_that_fits_two_watchlists_is_refused() -> None:
    text = "[watchlists.a-b]\n[watchlists.a_b]\n"
    assert problems(text, {"CITEWATCH_WATCHLISTS__A_B__TITLE": "x"}) == [
        "CITEWATCH_WATCHLISTS__A_B__TITLE: could mean watchlists.a-b.title or watchlists.a_b.title"
    ]


def test_a_source_of_another_package_may_have_a_section() -> None:
    got = settings_from_text(
        '[sources.zenodo]\nevery = "1d"\napi_key_env = "ZENODO"\n',
        path=PATH,
        environ={},
        extra_sources=["zenodo"],
    )
    assert got.sources["zenodo"].every_s == 86_400
    assert got.sources["zenodo"].secret_envs == {"api_key": "ZENODO"}


# --- finding ---------------------------------------------------------------------


def test_the_config_is_looked_for_in_the_documented_order(tmp_path: Path) -> None:
    cwd, user, other = (tmp_path / name for name in ("cwd", "user", "other"))
    for folder in (cwd, user, other):
        folder.mkdir()

    def find(explicit: Path | None = None, env: str = "") -> Path | None:
        environ = {"CITEWATCH_CONFIG": env}
        return find_config(explicit, environ=environ, cwd=cwd, user_dir=user)

    assert find() is None
    (user / "config.toml").touch()
    assert find() == user / "config.toml"
    (cwd / "config.toml").touch()
    assert find() == cwd / "config.toml"
    (other / "mine.toml").touch()
    assert find(env=str(other / "mine.toml")) == other / "mine.toml"
    (cwd / "there.toml").touch()
    assert find(Path("there.toml"), env="nowhere") == cwd / "there.toml"


@pytest.mark.parametrize(
    ("explicit", "env", "origin"),
    [(Path("no.toml"), "", "--config"), (None, "no.toml", "$CITEWATCH_CONFIG")],
)
def test_a_named_config_that_is_absent_is_an_error(
    tmp_path: Path, explicit: Path | None, env: str, origin: str
) -> None:
    (tmp_path / "config.toml").touch()
    with pytest.raises(InputError) as caught:
        find_config(explicit, environ={"CITEWATCH_CONFIG": env}, cwd=tmp_path, user_dir=tmp_path)
    assert str(caught.value) == (
        f"{tmp_path / 'no.toml'}: there is no such file ({origin} names it)\n"
        "'citewatch init' writes a new config.toml in the current folder"
    )


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (b"a\0b", "not a text file (it holds a zero byte)"),
        (b"# ok\ntitle = '\xe4'", "line 2: not UTF-8 (byte 15); save the file as UTF-8"),
        (b"#" * 20_000_001, "larger than 20 MB"),
    ],
)
def test_a_file_that_is_no_text_is_one_clear_problem(
    tmp_path: Path, raw: bytes, problem: str
) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(raw)
    with pytest.raises(ConfigError) as caught:
        load_settings(path, environ={})
    assert caught.value.problems == (problem,)


def test_a_folder_and_an_absent_file_are_one_clear_problem(tmp_path: Path) -> None:
    for path, problem in [
        (tmp_path, "is a folder, not a config.toml"),
        (tmp_path / "no.toml", "cannot be read: No such file or directory"),
    ]:
        with pytest.raises(ConfigError) as caught:
            load_settings(path, environ={})
        assert caught.value.problems == (problem,)


def test_paths_are_relative_to_the_file_that_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('[watchlists.me]\nlists = ["cv.tex"]\n')
    got = load_settings(path, environ={})
    assert got.watchlists["me"].lists[0].path == tmp_path / "cv.tex"
    assert got.database_url == f"sqlite:///{tmp_path}/citewatch.db"


def test_a_database_on_the_command_line_is_relative_to_the_folder_given() -> None:
    folder = Path("/srv")
    assert resolve_database_url("sqlite:///x.db", folder=folder) == "sqlite:////srv/x.db"
    assert resolve_database_url("sqlite:////a/x.db", folder=folder) == "sqlite:////a/x.db"
    with pytest.raises(InputError, match=r"^--database: must be a database URL such as"):
        resolve_database_url("x.db", folder=folder)


def test_a_daily_budget_and_quiet_hours_can_be_set_for_every_source() -> None:
    got = load('[sources.arxiv]\ndaily_budget = 50\nquiet_hours = "22:30-07:00"\n')
    assert got.sources["arxiv"].daily_budget == 50
    assert got.sources["arxiv"].quiet_hours == (22 * 60 + 30, 7 * 60)
    assert problems('[sources.arxiv]\ndaily_budget = 0\nquiet_hours = "at night"\n')


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://example.org/x", "no address"])
def test_a_url_that_is_no_page_is_named_like_any_other_mistake(url: str) -> None:
    (found,) = problems(
        f'[watchlists.me]\npapers = [\n{{ title = "A title", url = "{url}" }},\n]\n'
    )
    assert found.startswith("line 3: watchlists.me.papers[1].url: must be an identifier")
