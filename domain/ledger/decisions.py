"""What persons decide on the lines of a voucher: confirm, dismiss, appeal, decide an appeal (L-0)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce

from domain.kernel import Event, Forbidden, Malformed, Refusal, Unknown
from domain.ledger import events as e
from domain.ledger.lines import Explanation, Kind, Line, yuan
from domain.ledger.settling import earned, said_of_reversal
from domain.ledger.voucher import AppealState, Entry, Posting, Status, Voucher, evolve
from domain.values import AgentId, Month, Private

APPEAL_DAYS = 14
"""Until the end of which local day after the confirmation a line can be contested (L-0)."""
APPEALS_MOST = 3
"""How many appeals a line may have; withdrawn ones do not count (L-0)."""


class NoSuchLine(Unknown):
    """There is no such line, or no such appeal of it."""


class OwnLine(Forbidden):
    """Nobody confirms, dismisses or decides on a line of their own."""

    code = "own_line"


class NotProposed(Refusal):
    """Only a proposed line is confirmed or dismissed."""

    code = "not_proposed"


class NotYourLine(Forbidden):
    """Only the agent whose line it is appeals."""

    code = "not_your_line"


class CannotAppeal(Refusal):
    """Only a confirmed penalty that still counts is contested, in time, at most three times, one appeal at a time."""

    code = "cannot_appeal"


class AppealNotOpen(Refusal):
    """The appeal is decided or withdrawn."""

    code = "appeal_not_open"


class NotReduced(Refusal):
    """An appeal decided partly leaves less than all of a line that still counts."""

    code = "not_reduced"


class OwnConfirmation(Forbidden):
    """Somebody other than who confirmed decides the appeal."""

    code = "own_confirmation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """How somebody decides an appeal: the verdict, for partly the amount that stays (whole fen, positive), and why."""

    by: AgentId
    verdict: e.Verdict
    reduced_to_fen: int | None
    reason: Private


def line_of(voucher: Voucher, number: int) -> Entry:
    """A line by its number. Raises NoSuchLine."""
    if number not in voucher.entries:
        raise NoSuchLine("there is no such line")
    return voucher.entries[number]


# ---- confirm, dismiss -----------------------------------------------------------------------------------------------
def confirm(voucher: Voucher, number: int, by: AgentId, day: date, posting: Posting) -> list[Event]:
    """Let a proposed line count, from `day` on, and what waits with it. Raises NoSuchLine, OwnLine, NotProposed."""
    entry = _proposed(voucher, number, by)
    month = posting.first_open(_home(voucher, entry))
    confirmed = e.Confirmed(number=number, reverses=entry.reverses, by=by, day=day, posted_month=month)
    return [confirmed, *_deferred(voucher, entry, posting)]


def confirm_reported(
    voucher: Voucher, begun: Sequence[Event], wanted: Sequence[Line], day: date, posting: Posting
) -> list[Event]:
    """W-6: what confirms those of the lines just begun of which a supervisor has confirmed the report before.

    L-0: not where the agent has contested what was put to them before; then a person confirms anew. begun: what has
    been recorded in the voucher because the wanted lines were judged.
    """
    by, voucher = {line.key: line.confirmed_by for line in wanted}, reduce(evolve, begun, voucher)
    numbers = [event.number for event in begun if isinstance(event, e.Proposed)]
    return [
        event
        for number in numbers
        if (supervisor := by[voucher.entries[number].key]) and not _contested_before(voucher, number)
        for event in confirm(voucher, number, supervisor, day, posting)
    ]


def _contested_before(voucher: Voucher, number: int) -> bool:
    """Whether an appeal has lifted what was put to the agent of a line here before, or may still do so."""
    line = voucher.entries[number]
    like_it = [entry for entry in voucher.entries.values() if (entry.agent, entry.code) == (line.agent, line.code)]
    appeals = {appeal for entry in like_it for appeal in entry.appeals}
    return not appeals.isdisjoint({AppealState.OPEN, AppealState.UPHELD, AppealState.PARTLY})


def unconfirm_reported(voucher: Voucher, number: int, posting: Posting) -> list[Event]:
    """W-6, L-3: take back a line whose confirmed report is dismissed; what else puts it is judged anew."""
    entry = voucher.entries[number]
    return [_given_back(voucher, entry, posting, "违纪报告已驳回", "the conduct report was dismissed")]


def _deferred(voucher: Voucher, entry: Entry, posting: Posting) -> list[Event]:
    """L-3: what waited with a reversal is earned with its confirmation."""
    if (new := entry.deferred) is None:
        return []
    line = Line(
        agent=entry.agent,
        code=entry.code,
        amount_fen=new.amount_fen,
        occurred_on=new.occurred_on,
        tariff=new.tariff,
        explanation=new.explanation,
        ref=entry.ref,
    )
    return [earned(line, voucher.next, entry.causes, posting)]


def _home(voucher: Voucher, entry: Entry) -> Month:
    """Whose statement a line belongs to: a reversal to where the line stands that it takes back."""
    original = voucher.entries[entry.reverses] if entry.reverses else entry
    return original.posted_month or entry.month


def dismiss(voucher: Voucher, number: int, by: AgentId, reason: Private) -> list[Event]:
    """Let a proposed line go. Raises NoSuchLine, OwnLine, NotProposed."""
    _proposed(voucher, number, by)
    return [e.Dismissed(number=number, by=by, reason=reason)]


def _proposed(voucher: Voucher, number: int, by: AgentId) -> Entry:
    entry = line_of(voucher, number)
    _not_own(entry, by)
    if entry.status is not Status.PROPOSED:
        raise NotProposed(f"the line is {entry.status}: only a proposed one can be confirmed or dismissed", rule="L-0")
    return entry


def _not_own(entry: Entry, by: AgentId) -> None:
    if entry.agent == by:
        raise OwnLine("this line is your own: another supervisor, or a deputy an admin names, decides", rule="L-0")


# ---- appeals --------------------------------------------------------------------------------------------------------
def appeal(voucher: Voucher, number: int, by: AgentId, reason: Private, today: date) -> list[Event]:
    """Contest a confirmed penalty. Raises NoSuchLine, NotYourLine, CannotAppeal."""
    entry = line_of(voucher, number)
    if entry.agent != by:
        raise NotYourLine("only the agent whose line it is can appeal", rule="L-0")
    if hindrance := _hindrance(voucher, entry, today):
        raise CannotAppeal(hindrance, rule="L-0")
    return [e.Appealed(number=number, appeal=len(entry.appeals) + 1, reason=reason)]


def _hindrance(voucher: Voucher, entry: Entry, today: date) -> str | None:
    if entry.code.kind is not Kind.PENALTY or entry.status is not Status.CONFIRMED or not entry.counts:
        return "only a confirmed penalty that still counts can be contested"
    if entry.confirmed_on and today > (last := last_day_to_appeal(entry.confirmed_on)):
        return f"the time to appeal ended with {last}: ask payroll or a supervisor to look into it"
    if entry.contested:
        return "an appeal of this line waits for its decision already"
    if _appeals(voucher, entry) >= APPEALS_MOST:
        return f"the line has been contested {APPEALS_MOST} times: that is the most"
    return None


def last_day_to_appeal(confirmed_on: date) -> date:
    """The last local day on which a line can be contested (L-0)."""
    return confirmed_on + timedelta(days=APPEAL_DAYS)


def _appeals(voucher: Voucher, entry: Entry) -> int:
    """How many appeals count, with those of the line it stands in place of."""
    counted = sum(state is not AppealState.WITHDRAWN for state in entry.appeals)
    return counted + (_appeals(voucher, voucher.entries[entry.in_place_of]) if entry.in_place_of else 0)


def withdraw_appeal(voucher: Voucher, number: int, number_of_appeal: int, by: AgentId) -> list[Event]:
    """Let an own appeal go. Raises NoSuchLine, NotYourLine, AppealNotOpen."""
    entry = _contested(voucher, number, number_of_appeal)
    if entry.agent != by:
        raise NotYourLine("only who made the appeal can withdraw it", rule="L-0")
    _still_open(entry, number_of_appeal)
    return [e.AppealWithdrawn(number=number, appeal=number_of_appeal)]


def decide_appeal(
    voucher: Voucher, number: int, number_of_appeal: int, ruling: Ruling, day: date, posting: Posting
) -> list[Event]:
    """Decide an appeal, with the reversal and the reduced line that follow from it.

    Raises NoSuchLine, OwnLine, OwnConfirmation, AppealNotOpen, NotReduced, Malformed for an amount out of place.
    """
    entry = _contested(voucher, number, number_of_appeal)
    _not_own(entry, ruling.by)
    if entry.confirmed_by == ruling.by:
        raise OwnConfirmation("you confirmed this line: somebody else decides its appeal", rule="L-0")
    _check_reduction(entry, ruling)
    _still_open(entry, number_of_appeal)
    if ruling.verdict is e.Verdict.PARTLY and not entry.counts:
        detail = "the line has been taken back already, so that nothing of it can stay: uphold or reject the appeal"
        raise NotReduced(detail, rule="L-0", pointer="/decision")
    decided = e.AppealDecided(
        number=number,
        appeal=number_of_appeal,
        by=ruling.by,
        verdict=ruling.verdict,
        reduced_to_fen=ruling.reduced_to_fen,
        reason=ruling.reason,
    )
    if ruling.verdict is e.Verdict.REJECTED or not entry.counts:
        return [decided]
    zh, en = _GIVEN_BACK[ruling.verdict]
    back = _given_back(voucher, entry, posting, zh, en, by=ruling.by)
    return [decided, back, *_reduced(voucher, entry, ruling, day, posting)]


_GIVEN_BACK = {
    e.Verdict.UPHELD: ("申诉成立", "the appeal was upheld"),
    e.Verdict.PARTLY: ("申诉部分成立", "the appeal was upheld in part"),
}


def _contested(voucher: Voucher, number: int, number_of_appeal: int) -> Entry:
    entry = line_of(voucher, number)
    if not 0 < number_of_appeal <= len(entry.appeals):
        raise NoSuchLine("there is no such appeal")
    return entry


def _still_open(entry: Entry, number_of_appeal: int) -> None:
    state = entry.appeals[number_of_appeal - 1]
    if state is not AppealState.OPEN:
        raise AppealNotOpen(f"the appeal is {state} already", rule="L-0")


def _check_reduction(entry: Entry, ruling: Ruling) -> None:
    reduced = ruling.reduced_to_fen
    if ruling.verdict is not e.Verdict.PARTLY:
        if reduced is not None:
            raise Malformed("only an appeal decided partly leaves an amount", rule="L-0", pointer="/reduced_to_fen")
        return
    detail = f"say what stays of the {-entry.amount_fen} fen: more than 0 and less than all of it"
    if reduced is None or reduced <= 0:
        raise Malformed(detail, rule="L-0", pointer="/reduced_to_fen")
    if reduced >= -entry.amount_fen:
        raise NotReduced(detail, rule="L-0", pointer="/reduced_to_fen")


def _given_back(
    voucher: Voucher, entry: Entry, posting: Posting, zh: str, en: str, by: AgentId | None = None
) -> e.Reversed:
    """By an appeal, which is its own cause, or where what caused the line does so no more."""
    return e.Reversed(
        number=voucher.next,
        reverses=entry.number,
        by=by,
        explanation=said_of_reversal(entry, zh, en),
        causes=() if by else entry.causes,
        posted_month=posting.first_open(_home(voucher, entry)),
    )


def _reduced(voucher: Voucher, entry: Entry, ruling: Ruling, day: date, posting: Posting) -> list[Event]:
    if ruling.reduced_to_fen is None:
        return []
    number = voucher.next + 1
    line = e.Proposed(
        number=number,
        agent=entry.agent,
        code=entry.code,
        amount_fen=-ruling.reduced_to_fen,
        occurred_on=entry.occurred_on,
        tariff=entry.tariff,
        explanation=Explanation(
            zh=f"第{entry.number}行经申诉减为{yuan(ruling.reduced_to_fen)}元",
            en=f"line {entry.number}, reduced to {yuan(ruling.reduced_to_fen)} CNY on appeal",
        ),
        ref=entry.ref,
        grave=entry.grave,
        causes=(),
        in_place_of=entry.number,
    )
    month = posting.first_open(_home(voucher, entry))
    return [line, e.Confirmed(number=number, by=ruling.by, day=day, posted_month=month)]
