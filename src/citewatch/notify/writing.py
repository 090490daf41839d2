"""A letter as plain text and as HTML, in the form that the templates give."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from datetime import datetime, tzinfo

from citewatch.domain.printable import clean
from citewatch.notify.letter import Item, Letter, Topic, compose, trial_letter
from citewatch.notify.templates import Templates
from citewatch.ports import Message

_GAPS = re.compile(r"\n{3,}")


@dataclass(frozen=True, slots=True)
class Written:
    """A message that people can read."""

    subject: str
    """One line."""
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes messages for people: in their time zone, in their form."""

    templates: Templates
    zone: tzinfo

    def write(self, message: Message) -> Written:
        """The message in words: the same for the same changes, but for what is held just now."""
        newest = max((row.change.at for row in message.changes), default=message.at)
        date = datetime.fromtimestamp(newest, self.zone).date().isoformat()
        if message.test:
            letter = trial_letter(date)
        else:
            letter = compose(message.changes, self.zone, message.held)
        common = {"subject": letter.subject, "count": str(letter.count), "date": date}
        return Written(
            subject=clean(self.templates.fill("subject.txt", common)) or letter.subject,
            text=self._text(letter, common | {"key": message.key}),
            html=self._html(letter, common | {"key": message.key}),
        )

    def _text(self, letter: Letter, common: dict[str, str]) -> str:
        values = common | {
            "lead": f"{letter.lead}\n\n" if letter.lead else "",
            "topics": "\n".join(self._topic(topic, "txt") for topic in letter.topics),
            "rest": f"\n{letter.rest}\n" if letter.rest else "",
        }
        return _GAPS.sub("\n\n", self.templates.fill("message.txt", values))

    def _html(self, letter: Letter, common: dict[str, str]) -> str:
        # Whatever comes from outside is escaped where it enters; what the templates of
        # smaller parts gave is HTML already.
        values = {name: html.escape(value) for name, value in common.items()} | {
            "lead": f"<p><b>{html.escape(letter.lead)}</b></p>\n" if letter.lead else "",
            "topics": "".join(self._topic(topic, "html") for topic in letter.topics),
            "rest": f"<p>{html.escape(letter.rest)}</p>\n" if letter.rest else "",
        }
        return self.templates.fill("message.html", values)

    def _topic(self, topic: Topic, form: str) -> str:
        between = "\n" if form == "txt" else ""
        papers = between.join(self._paper(item, form) for item in topic.items)
        heading = _plain(topic.heading, form)
        return self.templates.fill(f"topic.{form}", {"heading": heading, "papers": papers})

    def _paper(self, item: Item, form: str) -> str:
        changes = "".join(
            self.templates.fill(
                f"change.{form}",
                {
                    "text": _plain(line.text, form),
                    "kind": _plain(line.kind, form),
                    "source": _plain(line.source, form),
                    "date": line.date,
                },
            )
            for line in item.lines
        )
        values = {"title": _plain(item.title, form), "changes": changes}
        return self.templates.fill(f"paper.{form}", values)


def _plain(text: str, form: str) -> str:
    return html.escape(text) if form == "html" else text
