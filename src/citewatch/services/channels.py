"""The channels that config.toml names, built, and those that cannot be used just now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo

from citewatch.config import Notify, Settings, notify_secrets
from citewatch.domain.delivery import Rhythm, Timing
from citewatch.domain.papers import Kind
from citewatch.notify.apprise_channel import PREFIX, AppriseChannel, channel_names
from citewatch.notify.feed import Feed
from citewatch.notify.jsonl import JsonLines
from citewatch.notify.templates import load_templates
from citewatch.notify.writing import Writer
from citewatch.ports import Channel, Clock, Outbox, Subscription


@dataclass(frozen=True, slots=True)
class Absent:
    """Channels that config.toml names, whose address is not there at the moment.

    What they are to be given is kept for them: a shell that lacks a variable is no
    reason to forget what mail was waiting.
    """

    prefix: str
    """Their names begin with it."""
    why: str
    """One sentence with what to do."""
    for_people: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """Who is told, when, and what is wrong with that."""

    channels: tuple[Channel, ...] = ()
    absent: tuple[Absent, ...] = ()
    timing: Timing
    """For people; programs get everything at once."""
    kinds: frozenset[Kind] | None = None
    """For people; None is everything."""
    problems: tuple[str, ...] = ()
    """Templates that cannot be used; the built-in ones stand in."""
    notes: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether config.toml names no channel at all."""
        return not self.channels and not self.absent

    def subscriptions(self, known: Sequence[str]) -> list[Subscription]:
        """What each channel is to be given; of the absent ones those that are ``known``."""
        wanted = {
            c.name: Subscription(channel=c.name, kinds=self.kinds if c.for_people else None)
            for c in self.channels
        }
        for name in known:
            for gone in self.absent:
                if name not in wanted and name.startswith(gone.prefix):
                    kinds = self.kinds if gone.for_people else None
                    wanted[name] = Subscription(channel=name, kinds=kinds)
        return list(wanted.values())


def build_roster(
    settings: Settings, outbox: Outbox, *, environ: Mapping[str, str], clock: Clock, version: str
) -> Roster:
    """Build every channel of [notify]. Nothing is sent or opened."""
    notify = settings.notify
    found, bad = notify_secrets(settings, environ=environ)
    templates = load_templates(notify.templates)
    timing = _timing(notify)
    writer = Writer(templates, timing.zone)
    urls = found.get("urls", "").split()
    channels: list[Channel] = [
        AppriseChannel(name, url, writer)
        for name, url in zip(channel_names(urls), urls, strict=True)
    ]
    if notify.feed is not None:
        channels.append(Feed(notify.feed, outbox.origin, outbox.recent))
    if notify.jsonl is not None:
        channels.append(JsonLines(notify.jsonl, outbox.origin))
    if "webhook_url" in found:
        # Imported here: httpx costs as much as fifteen bare interpreter starts.
        from citewatch.notify.webhook import Webhook

        secret = found.get("webhook_secret", "")
        channels.append(Webhook(found["webhook_url"], secret, clock.time, version))
    return Roster(
        channels=tuple(channels), absent=tuple(_absent(notify, found, bad)), timing=timing,
        kinds=None if notify.kinds is None else frozenset(notify.kinds),
        problems=templates.problems, notes=tuple(_notes(notify, found, bad)),
    )  # fmt: skip


def _timing(notify: Notify) -> Timing:
    zone: tzinfo = UTC if notify.timezone is None else ZoneInfo(notify.timezone)
    return Timing(rhythm=Rhythm(notify.digest), zone=zone, quiet_hours=notify.quiet_hours)


def _absent(notify: Notify, found: Mapping[str, str], bad: Mapping[str, str]) -> Sequence[Absent]:
    missing = []
    for secret, prefix in (("urls", PREFIX), ("webhook_url", "webhook")):
        named = secret in notify.secret_envs or secret in notify.secret_files
        if named and secret not in found:
            why = bad.get(secret) or _unset(notify, secret)
            missing.append(Absent(prefix, why, for_people=secret == "urls"))  # noqa: S105
    return missing


def _notes(notify: Notify, found: Mapping[str, str], bad: Mapping[str, str]) -> Sequence[str]:
    secret = "webhook_secret"  # noqa: S105  (a name)
    named = secret in notify.secret_envs or secret in notify.secret_files
    if named and not ("webhook_url" in notify.secret_envs or "webhook_url" in notify.secret_files):
        return ["webhook_secret is given for no webhook: webhook_url is not"]
    if secret in bad:
        return [f"{bad[secret]}; the webhook is not signed"]
    if named and secret not in found:
        return [f"{_unset(notify, secret)}; the webhook is not signed"]
    return []


def _unset(notify: Notify, secret: str) -> str:
    places = []
    if secret in notify.secret_envs:
        places.append(f"the variable {notify.secret_envs[secret]} is not set")
    if secret in notify.secret_files:
        places.append(f"the file {notify.secret_files[secret]} is empty")
    return " and ".join(places)
