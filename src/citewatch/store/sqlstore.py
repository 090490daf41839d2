"""`citewatch.ports.Store` over a database, in a file or at a server."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from citewatch.domain.identifiers import Identifier
from citewatch.domain.papers import Held, Instant, Paper
from citewatch.ports import (
    Agenda,
    Batch,
    ChangeFilter,
    Due,
    HeldBack,
    History,
    KnownIdentifier,
    LoggedChange,
    Run,
    Said,
    StoredPaper,
    Track,
)
from citewatch.store import (
    agenda,
    catalog,
    history,
    log,
    memo,
    polling,
    pruning,
    tracks,
    tracks_then,
)
from citewatch.store.codec import Known
from citewatch.store.engine import Database
from citewatch.store.forecasts import SqlForecasts
from citewatch.store.gates import SqlGate

if TYPE_CHECKING:
    from citewatch.store.outbox import SqlOutbox

if TYPE_CHECKING:
    from citewatch.store.past import SqlPast

_EVERYTHING = ChangeFilter()


class SqlStore:
    """The memory. Values in, values out; one short transaction a call, from any thread.

    Every method raises a `StoreError` when the database cannot be read or written; then
    nothing of that call is stored.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known = Known()

    def papers(
        self, numbers: Collection[int] | None = None, *, until: Instant | None = None
    ) -> Sequence[StoredPaper]:
        """Papers (all that were ever seen) in the order in which they were added."""
        with self._database.read() as connection:
            return catalog.read_papers(connection, self._known, numbers=numbers, until=until)

    def add_papers(
        self, papers: Sequence[Paper], *, now: Instant, adopted: bool = False
    ) -> Sequence[int]:
        """Add papers (keys given and new) with their ids; their numbers, in order."""
        with self._database.write() as connection:
            return catalog.insert_papers(connection, papers, now=now, adopted=adopted)

    def update_paper(self, number: int, paper: Paper, *, now: Instant) -> None:
        """The list now says this of the paper; key and identifiers are left alone."""
        with self._database.write() as connection:
            catalog.rewrite_paper(connection, number, paper, now=now)

    def set_watched(self, numbers: Collection[int]) -> None:
        """Exactly these papers are watched from now on."""
        with self._database.write() as connection:
            catalog.watch_exactly(connection, numbers)

    def forget(self, number: int) -> int:
        """Delete a paper with all that was ever stored of it; how many rows that were."""
        # Imported here: what reads a database need not wait for SQLModel.
        from citewatch.store.forgetting import forget

        with self._database.write() as connection:
            return forget(connection, number)

    def identifiers(
        self, papers: Collection[int] = (), *, states: Collection[str] = ()
    ) -> Sequence[KnownIdentifier]:
        """What is known and decided about identifiers (all papers and states when empty)."""
        with self._database.read() as connection:
            return catalog.read_identifiers(connection, papers, self._known, states=states)

    def accepted(self, papers: Collection[int]) -> Mapping[int, tuple[Identifier, ...]]:
        """The accepted identifiers of these papers, oldest first; nothing for none."""
        with self._database.read() as connection:
            return catalog.accepted_ids(connection, papers, known=self._known)

    def save_identifiers(self, rows: Sequence[KnownIdentifier]) -> None:
        """Add or overwrite, by (paper, identifier)."""
        if rows:
            with self._database.write() as connection:
                catalog.upsert_identifiers(connection, rows)

    def recall(self, name: str) -> str | None:
        """The text remembered under a name, None when there is none."""
        with self._database.read() as connection:
            return memo.recall(connection, name)

    def remember(self, name: str, text: str) -> None:
        """Remember a text under a name, in place of what was remembered there."""
        with self._database.write() as connection:
            memo.remember(connection, name, text)

    def recall_all(self, prefix: str) -> Mapping[str, str]:
        """Every text whose name begins with the prefix, by name in its order."""
        with self._database.read() as connection:
            return memo.recall_all(connection, prefix)

    def unlearn(self, name: str) -> None:
        """Let go of the text under a name, if there is one."""
        with self._database.write() as connection:
            memo.unlearn(connection, name)

    def ensure_series(self, source: str, papers: Sequence[int]) -> None:
        """Make sure that a state row exists for each paper at the source."""
        with self._database.read() as connection:
            absent = polling.without_series(connection, source, papers)
        if absent:
            with self._database.write() as connection:
                polling.add_series(connection, source, absent)

    def settle_claims(self, source: str, claims: Mapping[int, int]) -> None:
        """Before its first count, a series has every threshold up to the claim settled."""
        with self._database.read() as connection:
            open_ = polling.below_claims(connection, source, claims)
        if open_:
            with self._database.write() as connection:
                polling.settle(connection, open_)

    def due(
        self,
        source: str,
        *,
        now: Instant,
        papers: Collection[int] | None = None,
        force: bool = False,
    ) -> Sequence[Due]:
        """Watched papers whose ``next_check_at`` has come (all with ``force``)."""
        with self._database.read() as connection:
            return polling.read_due(
                connection, source, now=now, papers=papers, force=force, known=self._known
            )

    def agenda(self, source: str, schemes: Collection[str]) -> Agenda:
        """What lies before a source that can be asked by identifiers of these schemes."""
        with self._database.read() as connection:
            return agenda.read_agenda(connection, source, schemes)

    def helds(self, source: str, papers: Collection[int]) -> Sequence[Held]:
        """State rows of these papers at the source in their order, made where absent."""
        self.ensure_series(source, tuple(papers))
        with self._database.read() as connection:
            return polling.read_helds(connection, source, papers, self._known)

    def apply(self, batch: Batch) -> Sequence[LoggedChange]:
        """Store one answer, all or nothing; the changes that were new, with their numbers.

        A milestone that was logged before is left out. Of two different snapshots of a
        series in one second the later one moves to the next free second.
        """
        with self._database.write() as connection:
            return polling.store(connection, batch)

    def begin_run(self, run: Run) -> int:
        """Note that a pass begins; its number."""
        with self._database.write() as connection:
            return log.insert_run(connection, run)

    def end_run(self, run: Run) -> None:
        """Note how the pass ``run.number`` ended."""
        with self._database.write() as connection:
            log.finish_run(connection, run)

    def prune(self, *, before: Instant) -> int:
        """Delete passes from before an instant that no report reads; how many."""
        with self._database.write() as connection:
            return pruning.prune(connection, before)

    def gate(self, source: str) -> SqlGate:
        """The source's memory for politeness."""
        return SqlGate(self._database, source)

    def outbox(self) -> SqlOutbox:
        """What is to be told to whom."""
        # Imported here: it brings SQLModel, and who only reads counts needs none of it.
        from citewatch.store.outbox import SqlOutbox

        return SqlOutbox(self._database)

    def past(self) -> SqlPast:
        """Who cites the papers, and what they were before they were watched."""
        # Imported here: who only reads counts needs none of it.
        from citewatch.store.past import SqlPast

        return SqlPast(self._database)

    def forecasts(self) -> SqlForecasts:
        """What was foreseen."""
        from citewatch.store.forecasts import SqlForecasts

        return SqlForecasts(self._database)

    def histories(
        self,
        *,
        papers: Collection[int] | None = None,
        sources: Collection[str] = (),
        since: Instant | None = None,
        until: Instant | None = None,
    ) -> Sequence[History]:
        """Series of papers, as known at ``until`` inclusive (now, with ``held``, when None)."""
        with self._database.read() as connection:
            return history.read_histories(
                connection,
                papers=papers,
                sources=sources,
                since=since,
                until=until,
                known=self._known,
            )

    def tracks(self, papers: Collection[int], *, until: Instant | None = None) -> Sequence[Track]:
        """How papers stand at their sources, or stood at ``until``, without their histories."""
        with self._database.read() as connection:
            if until is None:
                return tracks.read_tracks(connection, papers)
            return tracks_then.read_tracks_then(connection, papers, until=until)

    def said(
        self, papers: Collection[int], *, until: Instant | None = None
    ) -> Sequence[tuple[int, str, Said]]:
        """(paper, source, what it says of the paper), as known at ``until`` (now when None)."""
        with self._database.read() as connection:
            return tracks.read_said(connection, papers, until=until)

    def samples(
        self, series: Collection[int], instants: Sequence[Instant]
    ) -> Mapping[int, Sequence[int | None]]:
        """By series: when its first believed reading was, then the counts at instants."""
        with self._database.read() as connection:
            return tracks.read_samples(connection, series, instants)

    def samples_at(self, instants: Mapping[int, Instant]) -> Mapping[int, int | None]:
        """The believed count of each series at an instant of its own."""
        with self._database.read() as connection:
            return tracks.read_samples_at(connection, instants)

    def runs(
        self, *, source: str | None = None, since: Instant = 0, until: Instant | None = None
    ) -> Sequence[Run]:
        """Passes that began in the window, both ends included, in the order of their start."""
        with self._database.read() as connection:
            return log.read_runs(connection, source=source, since=since, until=until)

    def changes(self, wanted: ChangeFilter = _EVERYTHING) -> Sequence[LoggedChange]:
        """The log in the order of ``at``, then number."""
        with self._database.read() as connection:
            return log.read_changes(connection, wanted)

    def held_back(self, limit: int) -> Sequence[HeldBack]:
        """Counts of watched papers that are not believed yet, in the order of their series."""
        with self._database.read() as connection:
            return polling.read_held_back(connection, limit)

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()
