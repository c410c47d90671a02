"""What the rules decide on a voucher: facts are judged once, and again when something late changes them (L-3, L-6).

What they say now is compared with what stands: kept lines stay as they are, lost ones are dismissed or reversed, new
ones are earned or proposed. Whether a line is grave is said beside it: it takes no more money, and undoes no decision.
"""

from collections.abc import Sequence
from functools import reduce

from domain.kernel import Event
from domain.ledger import events as e
from domain.ledger.lines import Explanation, Kind, Line, yuan
from domain.ledger.voucher import Entry, Key, Posting, Status, Voucher, evolve


def settle(voucher: Voucher, wanted: Sequence[Line], causes: tuple[e.Cause, ...], posting: Posting) -> list[Event]:
    """L-3, L-6: what is to be recorded so that the voucher says what the rules say now; [] where it does already.

    Of several wanted lines with one key the first counts.
    """
    by_key: dict[Key, Line] = {}
    for line in wanted:
        by_key.setdefault(line.key, line)
    events: list[Event] = []
    for key in dict.fromkeys((*voucher.standing, *by_key)):
        found = _settled(voucher, key, by_key.get(key), causes, posting)
        voucher = reduce(evolve, found, voucher)
        events += found
    return events


def _settled(
    voucher: Voucher, key: Key, line: Line | None, causes: tuple[e.Cause, ...], posting: Posting
) -> list[Event]:
    """One key: the line that stands is taken back, what the rules say now begins. Never do two of them count."""
    standing = voucher.standing.get(key)
    if standing and standing.stays(line):
        return _marked(voucher, key, line, causes)
    if waiting := voucher.waiting(key):
        withdrawn = e.Dismissed(number=waiting.number, causes=causes)
        return [withdrawn, *_settled(evolve(voucher, withdrawn), key, line, causes, posting)]
    events: list[Event] = []
    for entry in voucher.counting(key):
        events += _taken_back(reduce(evolve, events, voucher), entry, line, causes, posting)
    voucher = reduce(evolve, events, voucher)
    if line and not voucher.waiting(key):
        events.append(_begun(line, voucher.next, causes, posting))
    return events if line or events else _lapsed(voucher, key, causes)


def _lapsed(voucher: Voucher, key: Key, causes: tuple[e.Cause, ...]) -> list[Event]:
    """C-5: what a person has let go holds for as long as the facts say it."""
    lines = [entry.number for entry in voucher.entries.values() if entry.key == key and entry.reverses is None]
    return [e.Lapsed(number=lines[-1], causes=causes)]


def _marked(voucher: Voucher, key: Key, line: Line | None, causes: tuple[e.Cause, ...]) -> list[Event]:
    """C-5, P-MEDIA: what a kept line opens follows what the facts say now."""
    if line is None:
        return []
    otherwise = [entry for entry in voucher.counting(key) if entry.grave != line.grave]
    return [e.GraveChanged(number=entry.number, grave=line.grave, causes=causes) for entry in otherwise]


def _taken_back(
    voucher: Voucher, entry: Entry, line: Line | None, causes: tuple[e.Cause, ...], posting: Posting
) -> list[Event]:
    """L-3: by itself, unless that would lower a month that is no longer open; then the new line waits with it."""
    if entry.status is Status.PROPOSED:
        return [e.Dismissed(number=entry.number, causes=causes)]
    home = entry.posted_month or entry.month
    waits = posting.first_open(home) != home and _lowers(entry, line)
    reversal = e.Reversed(
        number=voucher.next,
        reverses=entry.number,
        explanation=said_of_reversal(entry, *_judged_again(line)),
        causes=causes,
        posted_month=None if waits else posting.first_open(home),
    )
    return [reversal, _deferred(line, voucher.next)] if line and waits else [reversal]


def _lowers(entry: Entry, line: Line | None) -> bool:
    """Whether a line's month comes to less when `line`, if any, stands in its place."""
    if entry.code.kind is Kind.PENALTY:
        return False
    return line is None or line.month != entry.month or line.amount_fen < entry.amount_fen


def _deferred(line: Line, number: int) -> e.Deferred:
    return e.Deferred(
        number=number,
        amount_fen=line.amount_fen,
        occurred_on=line.occurred_on,
        tariff=line.tariff,
        explanation=line.explanation,
    )


def _judged_again(line: Line | None) -> tuple[str, str]:
    if line is None:
        return "重新判定后不再成立", "judged again, it no longer stands"
    amount = yuan(line.amount_fen)
    return f"重新判定后改为{line.occurred_on}的{amount}元", f"judged again: {amount} CNY of {line.occurred_on} instead"


def said_of_reversal(entry: Entry, zh: str, en: str) -> Explanation:
    """The sentence of a reversal: what it takes back, and why."""
    return Explanation(
        zh=f"冲回第{entry.number}行({entry.code},{entry.occurred_on}):{zh}",
        en=f"takes back line {entry.number} ({entry.code} of {entry.occurred_on}): {en}",
    )


def _begun(line: Line, number: int, causes: tuple[e.Cause, ...], posting: Posting) -> Event:
    """L-0: a bonus is earned by the fact, a penalty only proposed."""
    if line.code.kind is Kind.BONUS:
        return earned(line, number, causes, posting)
    return e.Proposed(
        number=number,
        agent=line.agent,
        code=line.code,
        amount_fen=line.amount_fen,
        occurred_on=line.occurred_on,
        tariff=line.tariff,
        explanation=line.explanation,
        ref=line.ref,
        grave=line.grave,
        causes=causes,
    )


def earned(line: Line, number: int, causes: tuple[e.Cause, ...], posting: Posting) -> e.Earned:
    """L-0: a bonus, posted into the first month that is open from its own on."""
    return e.Earned(
        number=number,
        agent=line.agent,
        code=line.code,
        amount_fen=line.amount_fen,
        occurred_on=line.occurred_on,
        tariff=line.tariff,
        explanation=line.explanation,
        ref=line.ref,
        causes=causes,
        posted_month=posting.first_open(line.month),
    )
