"""What happens in the made world, and when: the one table that demo and tests refer to.

Days count from the world's start; day 0 is the first. Counts, forums, decisions,
withdrawals and dates here are invented and say nothing about the real papers.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that holds from ``first_day`` to ``last_day``, both included, or for good."""

    name: str
    source: str
    first_day: int
    last_day: int | None = None
    paper: int | None = None
    """Number in the publication list; None for a whole source or an unlisted paper."""
    what: str

    def on(self, day: int) -> bool:
        """Whether it holds on a day."""
        return self.first_day <= day and (self.last_day is None or day <= self.last_day)


EVENTS: tuple[Event, ...] = (
    Event(
        name="arxiv_v2",
        source="arxiv",
        first_day=35,
        paper=13,
        what="a new version of the preprint",
    ),
    Event(
        name="openreview_accepted",
        source="openreview",
        first_day=45,
        paper=3,
        what="a forum of API 1 turns from under review to accepted",
    ),
    Event(
        name="openreview_withdrawn",
        source="openreview",
        first_day=70,
        what="the submission whose title is close to paper 3 is withdrawn",
    ),
    Event(
        name="dblp_published",
        source="dblp",
        first_day=75,
        paper=13,
        what="beside the preprint there is now a record of the published paper",
    ),
    Event(
        name="arxiv_comment",
        source="arxiv",
        first_day=90,
        paper=24,
        what="the comment now says where the paper was accepted; no new version",
    ),
    Event(
        name="openreview_rejected",
        source="openreview",
        first_day=100,
        what="the submission whose title is close to paper 1 is rejected",
    ),
    Event(
        name="openreview_accepted_v2",
        source="openreview",
        first_day=120,
        paper=5,
        what="a forum of API 2 turns from under review to accepted",
    ),
    Event(
        name="s2_outage",
        source="semantic_scholar",
        first_day=130,
        last_day=130,
        what="503 to every request, all day",
    ),
    Event(
        name="crossref_corrected",
        source="crossref",
        first_day=140,
        paper=31,
        what="a correction notice points at the paper",
    ),
    Event(
        name="arxiv_journal",
        source="arxiv",
        first_day=150,
        paper=20,
        what="a journal reference and a DOI appear; no new version",
    ),
    Event(
        name="crossref_published",
        source="crossref",
        first_day=152,
        paper=20,
        what="Crossref knows the DOI that the preprint names since arxiv_journal",
    ),
    Event(
        name="ads_published",
        source="ads",
        first_day=157,
        paper=20,
        what="the bibcode becomes the journal's; the preprint's stays among the identifiers",
    ),
    Event(
        name="s2_forgets",
        source="semantic_scholar",
        first_day=160,
        last_day=173,
        paper=18,
        what="null for a paper that was known before and is known again after",
    ),
    Event(
        name="s2_dip",
        source="semantic_scholar",
        first_day=200,
        last_day=205,
        paper=38,
        what="a count that had passed 100 stands below it for six days",
    ),
    Event(
        name="arxiv_v3",
        source="arxiv",
        first_day=210,
        paper=9,
        what="a third version of the preprint",
    ),
    Event(
        name="crossref_drop",
        source="crossref",
        first_day=222,
        paper=41,
        what="a lasting fall after a publisher deposited its references again",
    ),
    Event(
        name="s2_zeros",
        source="semantic_scholar",
        first_day=240,
        last_day=240,
        what="a count of 0 for about 30 % of all papers",
    ),
    Event(
        name="arxiv_retitled",
        source="arxiv",
        first_day=260,
        paper=32,
        what="a new version under another title",
    ),
    Event(
        name="openalex_redirect",
        source="openalex",
        first_day=280,
        paper=21,
        what="the work goes into a duplicate of it; the old id redirects",
    ),
    Event(
        name="s2_merge",
        source="semantic_scholar",
        first_day=290,
        paper=19,
        what="the preprint's record answers under the paperId and corpusId of the published one",
    ),
    Event(
        name="openalex_merge",
        source="openalex",
        first_day=300,
        paper=33,
        what="the preprint's work is gone, and the published one counts for both",
    ),
    Event(
        name="openalex_dip",
        source="openalex",
        first_day=310,
        last_day=315,
        paper=29,
        what="a count that had passed 100 stands below it for six days",
    ),
    Event(
        name="arxiv_withdrawn",
        source="arxiv",
        first_day=330,
        paper=50,
        what="the newest version withdraws the preprint",
    ),
    Event(
        name="crossref_retracted",
        source="crossref",
        first_day=345,
        paper=45,
        what="a retraction notice points at the paper",
    ),
    Event(
        name="openalex_retracted",
        source="openalex",
        first_day=352,
        paper=45,
        what="the work is marked as retracted, a week after the notice at Crossref",
    ),
    Event(
        name="s2_drop",
        source="semantic_scholar",
        first_day=365,
        paper=40,
        what="a lasting fall of a tenth after a clean-up of citing records",
    ),
    Event(
        name="arxiv_throttled",
        source="arxiv",
        first_day=420,
        last_day=426,
        what="429 to every API request for a week",
    ),
)

_BY_NAME = {event.name: event for event in EVENTS}


def event(name: str) -> Event:
    """The event of that name; KeyError when there is none."""
    return _BY_NAME[name]


def active(name: str, day: int) -> bool:
    """Whether the named event holds on a day."""
    return _BY_NAME[name].on(day)
