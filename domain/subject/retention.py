"""How long what is kept on a person must stay and may stay: terms as dated data, and what they say of a day (A-3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from domain.case.words import Channel, ComplaintType
from domain.subject.words import SubjectKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """Something that a person has here: a case, the work for the house. `ref` names it to people.

    last_day: the local day of its last entry; None as long as it goes on. waits_for: what must happen for it to end.
    """

    ref: str
    of: SubjectKind
    last_day: date | None
    waits_for: str = ""
    channel: Channel | None = None
    type: ComplaintType | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """How long matters of a kind stay after their last day: so many days at least, so many at most; and who says so.

    channels, types: of which matters; of all where there are none.
    """

    kind: str
    of: SubjectKind
    channels: tuple[Channel, ...] = ()
    types: tuple[ComplaintType, ...] = ()
    at_least_days: int
    at_most_days: int
    source: str
    read_on: date

    def covers(self, matter: Matter) -> bool:
        """Whether the term is about such a matter."""
        of_channel = not self.channels or matter.channel in self.channels
        return self.of is matter.of and of_channel and (not self.types or matter.type in self.types)


@dataclass(frozen=True, slots=True)
class Kept:
    """A matter that must stay, until and including a day, and the term that says so."""

    matter: Matter
    until: date
    term: Term


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """The terms of a version; of those that cover a matter the first counts, and the last of a kind covers all."""

    version: str
    terms: tuple[Term, ...]

    def term_of(self, matter: Matter) -> Term:
        """The term that counts."""
        return next(term for term in self.terms if term.covers(matter))

    def kept(self, matters: Sequence[Matter], today: date) -> Kept | None:
        """Of the matters that have ended the one that must stay longest, if any must stay today."""
        found = [self._kept(matter, matter.last_day) for matter in matters if matter.last_day]
        return max((one for one in found if one.until >= today), key=lambda one: one.until, default=None)

    def due(self, matters: Sequence[Matter], today: date) -> bool:
        """Whether nothing goes on and everything has stayed as long as it may."""
        return bool(matters) and all(
            matter.last_day and self._over(matter, matter.last_day, today) for matter in matters
        )

    def _kept(self, matter: Matter, last_day: date) -> Kept:
        term = self.term_of(matter)
        return Kept(matter, last_day + timedelta(days=term.at_least_days - 1), term)

    def _over(self, matter: Matter, last_day: date, today: date) -> bool:
        return last_day + timedelta(days=self.term_of(matter).at_most_days) <= today


def faults(schedule: Schedule) -> list[str]:
    """What is wrong with a schedule, in words; nothing where it holds."""
    wrong = [f"{term.kind}: it takes 0 <= at_least_days <= at_most_days" for term in schedule.terms if _crossed(term)]
    for of in SubjectKind:
        own = [term for term in schedule.terms if term.of is of]
        if not own or own[-1].channels or own[-1].types:
            wrong.append(f"{of}: the last term must cover every matter: name neither channels nor types")
    return wrong


def _crossed(term: Term) -> bool:
    return not 0 <= term.at_least_days <= term.at_most_days
