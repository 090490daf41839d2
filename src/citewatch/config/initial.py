"""The config.toml that ``init`` writes."""

from __future__ import annotations

from collections.abc import Sequence

from citewatch.config.edits import add_papers
from citewatch.config.readers import cleaned
from citewatch.config.watchlists import bad_name
from citewatch.config.writing import toml_key, toml_string
from citewatch.domain.papers import LinkPage, Paper
from citewatch.errors import InputError

_HEAD = """\
# What citewatch watches, and how. Relative paths are relative to this file.
# Durations: "90s", "15m", "6h", "3d", "2w".
# Every single value can be overridden by the environment variable
# CITEWATCH_<SECTION>__<KEY>, for example CITEWATCH_DATABASE__URL.
# Secrets never stand here: a key ending in _env names the variable that holds one,
# a key ending in _file the file.

[database]
# Or a server's, for several machines: "postgresql://user@host/name", its password in
# CITEWATCH_DATABASE__URL or ~/.pgpass; needs pip install 'citewatch[postgres]'.
url = "sqlite:///citewatch.db"

[contact]
# email = "me@example.org"      # sent to the sources that ask for it; please set it

[milestones]
ladder = [10, 25, 50]           # 10+, 25+, 50+, then every `every` from there on:
every = 100                     # 100+, 200+, 300+, …
confirm_after = "3d"            # a crossing is announced when it has held this long

[report]
# Whose count is the headline: the first of these that ever gave one.
preferred = ["semantic_scholar", "openalex", "crossref"]

# Every source also takes enabled, every, base_url, min_interval, batch_size,
# max_in_flight, timeout, daily_budget (requests a day) and quiet_hours ("08:00-18:00",
# UTC); what is not given follows the source's own rules.
[sources.semantic_scholar]
enabled = true
every = "1d"                    # how often each paper is asked for
api_key_env = "S2_API_KEY"      # works without a key, more slowly
# min_interval = "1.1s"         # between two requests

[sources.arxiv]                 # versions, journal references, withdrawals; no counts
enabled = true
every = "1d"

[sources.openreview]            # decisions and venues; says "blocked" without a login
enabled = true
username_env = "OPENREVIEW_USERNAME"
password_env = "OPENREVIEW_PASSWORD"
# token_env = "OPENREVIEW_TOKEN"   # instead of name and password

[sources.openalex]              # counts and retractions
enabled = true
every = "1d"
api_key_env = "OPENALEX_API_KEY"   # free, and allows ten times as many questions a day

[sources.crossref]              # counts of published DOIs, retractions, corrections
enabled = true
every = "1d"

# More sources, asked only when you switch them on ('citewatch sources' says what each
# is good for):
# [sources.inspire]             # particle physics: counts with and without self-citations
# enabled = true
# [sources.ads]                 # astronomy and physics; on as soon as its token is set
# token_env = "ADS_API_TOKEN"
# [sources.opencitations]       # a lower bound from open references, months behind
# enabled = true
# [sources.dblp]                # where a computer science preprint was published
# enabled = true
# [sources.page]                # identifies papers by the page that your list links to
# enabled = true

# Who is told what changed ('citewatch notify --test' tries every channel). Nobody, until
# you name a channel:
[notify]
# urls_env = "CITEWATCH_NOTIFY_URLS"   # Apprise URLs (mail, chat, …), separated by blanks
# feed = "public/feed.atom"     # the newest changes as an Atom feed
# jsonl = "changes.jsonl"       # one line a change, for programs
# webhook_url_env = "CITEWATCH_WEBHOOK_URL"         # one signed POST a message, for programs
# webhook_secret_env = "CITEWATCH_WEBHOOK_SECRET"
digest = "daily"                # or "each", "weekly"
# kinds = ["milestone", "accepted", "retracted", "source_down"]   # for people; else all
# timezone = "Europe/Berlin"    # else UTC
# quiet_hours = "22:00-07:00"   # nothing is sent to people then; it waits
# templates = "templates"       # a folder with your own form of messages

# What 'citewatch run' is told:
# [daemon]
# heartbeat_url_env = "CITEWATCH_HEARTBEAT_URL"   # called after each good pass
# [web]
# host = "127.0.0.1"            # where /healthz and /metrics are asked for
# port = 8765                   # 0: nowhere

# A checked copy of the database after a sync, when the newest one is old enough.
# [backup]
# every = "7d"
# keep = 8                      # how many stay; 0: none is made
# path = "backups"
"""

_EXAMPLE = """\
papers = [
  # { title = "A title", year = 2017, authors = ["A. Name"], arxiv = "1706.03762", claim = "100+" },
]
"""


def initial_config(
    watchlist: str, title: str, papers: Sequence[Paper], pages: Sequence[LinkPage] = ()
) -> str:
    """A commented config.toml with one watchlist; an example stands in for no papers.

    Raises `InputError` for a name or a paper that `load_settings` would refuse.
    """
    words = [
        "# Each paper: key (given once, never changed), title, year, authors, venue,",
        "# identifiers (arxiv, doi, openreview, semantic_scholar, openalex, acl, pmlr,",
        "# pubmed, dblp, mag, inspire, ads) and claim: the badge that your list shows.",
    ]
    if pages:
        words += [
            "# pages: links of your list that may belong to several papers; 'citewatch resolve'",
            "# finds out to which.",
        ]
    if bad := bad_name(watchlist):
        raise InputError(f"watchlist {watchlist!r}: {bad}")
    header = f"[{toml_key('watchlists', watchlist)}]"
    head = f"{header}\ntitle = {toml_string(cleaned(title) or watchlist)}\n"
    begun = "\n".join([_HEAD, *words, head])
    if not papers:
        begun += _EXAMPLE
    return add_papers(begun, watchlist, papers, pages=pages)
