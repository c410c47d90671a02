"""The laws of the ledgers and of payroll, each a check of one walk drawn from a source of chance (L-0 … L-6)."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from random import Random

from adapters.intake.tariffs import shipped
from domain.ledger import events as e
from domain.ledger.decisions import Ruling, appeal, confirm, decide_appeal
from domain.ledger.lines import Kind, Line
from domain.ledger.rules import Judged, judge_cause
from domain.ledger.settling import settle as judged
from domain.ledger.voucher import VOUCHER, Status
from domain.payroll import events as p
from domain.payroll.account import ACCOUNT
from domain.payroll.months import PAYROLL, Stage
from domain.payroll.settlement import MONEYLESS, Mode, Sums, Terms, settle
from domain.values import Month
from domain.work.facts import PointsShortage
from tests.support.ledger_books import (
    KEYS,
    MATTERS,
    TODAY,
    Books,
    any_amount,
    any_day,
    any_lines,
    any_terms,
    balance,
    go_on,
    in_time_fen,
    next_month,
    walk,
)
from tests.support.ledgers import A1, A2, APRIL, BONUS, CAUSES, DAY, JUNE, MARCH, MAY, PENALTY, REASON, S1, S2

Law = Callable[[Random], object]
DEFAULT, MOMENT = shipped(), datetime(2026, 3, 5, tzinfo=UTC)


# ---- lines ----------------------------------------------------------------------------------------------------------
def balance_is_the_fold_of_events(chance: Random) -> None:
    """L-6: what stands in a month follows from the recorded events alone."""
    books = walk(chance)
    sums = {
        (agent, month, kind): amount
        for (agent, month), found in books.sums.items()
        for kind, amount in ((Kind.BONUS, found.bonus_fen), (Kind.PENALTY, found.penalty_fen))
        if amount
    }
    assert {key: amount for key, amount in balance(books.recorded).items() if amount} == sums


def reversals_take_back_what_they_reverse(chance: Random) -> None:
    """L-2: never more than it, never twice, never a reversal; and under one key never two lines count."""
    for voucher in walk(chance).vouchers.values():
        taken: defaultdict[int, int] = defaultdict(int)
        for entry in voucher.entries.values():
            if entry.reverses is not None:
                original = voucher.entries[entry.reverses]
                assert original.reverses is None
                assert (entry.key, entry.code) == (original.key, original.code)
                taken[original.number] += -entry.amount_fen if entry.posted_month else 0
                assert taken[original.number] in {0, original.amount_fen}
            assert sum(other.counts for other in voucher.entries.values() if other.key == entry.key) <= 1
            assert len(voucher.counting(entry.key)) <= 1


def only_persons_take(chance: Random) -> None:
    """L-0, L-3: a penalty counts by a named supervisor, and no closed month is lowered without one."""
    books = walk(chance)
    for voucher in books.vouchers.values():
        for entry in voucher.entries.values():
            if entry.posted_month and entry.code.kind is Kind.PENALTY and entry.reverses is None:
                assert entry.confirmed_by not in {None, entry.agent}
            if entry.late and entry.amount_fen < 0 and not entry.confirmed_by:
                assert entry.code.kind is Kind.BONUS
                original = voucher.entries[entry.reverses or 0]
                in_its_place = [one for one in voucher.entries.values() if one.number == entry.number + 1]
                late_itself = original.posted_month == entry.posted_month
                assert late_itself or in_its_place[0].amount_fen >= original.amount_fen


def nothing_posts_into_a_closed_month(chance: Random) -> None:
    """L-4: every statement is of the lines that stood when it was drawn, whatever comes later."""
    books = walk(chance)
    for (agent, month), stated in books.statements.items():
        known = books.sums.get((agent, month), Sums())
        assert (stated.bonus_fen, stated.penalty_fen) == (known.bonus_fen, known.penalty_fen)
    for voucher in books.vouchers.values():
        for entry in voucher.entries.values():
            assert entry.posted_month is None or entry.posted_month >= entry.month


def replayed_twice_is_once(chance: Random) -> None:
    """L-6: what the rules say again is recorded once, and folded again it is the same."""
    books = walk(chance)
    matter, lines = chance.choice(MATTERS), any_lines(chance)
    books.judge(matter, lines)
    assert judged(books.voucher(matter), lines, CAUSES, books.payroll) == []
    for name, voucher in books.vouchers.items():
        assert VOUCHER.fold(event for of, event in books.recorded if of == name) == voucher
        assert [*voucher.entries] == [*range(1, len(voucher.entries) + 1)]
    for (agent, month), account in books.accounts.items():
        assert ACCOUNT.fold(event for of, event in books.recorded if of == f"{month}:{agent}") == account
    assert PAYROLL.fold(event for of, event in books.recorded if of == "payroll") == books.payroll


def standing_is_what_the_rules_said(chance: Random) -> None:
    """L-3: what counts is what they last said, but for what persons have dismissed, kept or taken back."""
    books = walk(chance)
    matter, lines = chance.choice(MATTERS), any_lines(chance)
    books.judge(matter, lines)
    voucher, by_key = books.voucher(matter), {line.key: line for line in reversed(lines)}
    decided = {
        event.number for of, event in books.recorded if of == matter and isinstance(event, e.Dismissed) and event.by
    }
    for key in {*by_key, *(entry.key for entry in voucher.entries.values())}:
        entries = [entry for entry in voucher.entries.values() if entry.key == key]
        by_persons = any(entry.number in decided or entry.appeals or entry.in_place_of for entry in entries)
        if by_persons or voucher.waiting(key):
            continue
        found = [(entry.amount_fen, entry.occurred_on) for entry in voucher.counting(key)]
        wanted = by_key.get(key)
        assert found == ([(wanted.amount_fen, wanted.occurred_on)] if wanted else [])


def independent_facts_in_any_order(chance: Random) -> None:
    """L-6: whichever cause is judged first, the same lines stand, and the same money."""
    facts = [(matter, any_lines(chance)) for matter in MATTERS]
    shuffled = list(facts)
    chance.shuffle(shuffled)
    one, other = Books(), Books()
    for books, order in ((one, facts), (other, shuffled)):
        for matter, lines in order:
            books.judge(matter, lines)
    assert one.vouchers == other.vouchers
    assert one.sums == other.sums


# ---- money ----------------------------------------------------------------------------------------------------------
def no_fen_is_lost_in_a_split(chance: Random) -> None:
    """W-7: two people bear the whole shortage between them, the odd fen who entered the order; one bears it alone."""
    points, point_fen = chance.randint(1, 10**6), chance.randint(1, 1000)
    tariff = replace(DEFAULT, point_fen=point_fen)
    fact = PointsShortage(at=MOMENT, order_agent=A1, duty_agent=chance.choice((A1, A2)), points=points)
    facts = Judged(facts=[fact], shifts=(), tariffs=[tariff], time_zone=tariff.time_zone)
    shares = {line.agent: -line.amount_fen for line in judge_cause(facts)}
    value = points * point_fen
    assert sum(shares.values()) == value
    assert shares[A1] - shares.get(A2, 0) == (value % 2 if fact.duty_agent == A2 else value)


FIRST_DAYS = tuple(month.first_day for month in (MARCH, APRIL, MAY))
AMOUNTS = (0, 1, 20, 75, 1000, 10**12)


def every_fen_asked_for_is_accounted_for(chance: Random) -> None:
    """L-5: requested = applied + carried + waived; nothing below zero; no more applied than the mode lets."""
    mode = chance.choice(list(Mode))
    terms = Terms(mode=mode, carry_forward=chance.random() < 0.5, wage_cap_fen=chance.choice(AMOUNTS))
    opening, bonus, penalty = (chance.choice(AMOUNTS) for _ in range(3))
    signs = (1, 1, 1, -1)
    late_fen = chance.choice((0, 0, 1, -1)) * chance.choice(AMOUNTS)
    sums = Sums(
        opening_fen=-opening,
        bonus_fen=chance.choice(signs) * bonus,
        penalty_fen=-chance.choice(signs) * penalty + late_fen,
        late_fen=late_fen,
    )
    found = settle(terms, sums)
    assert found.requested_fen == found.applied_fen + found.carried_fen + found.waived_fen
    parts = (found.net_fen, found.requested_fen, found.applied_fen, found.carried_fen, found.waived_fen)
    assert min(*parts, found.deducted_fen) >= 0
    own_fen = sums.penalty_fen - late_fen
    given = max(0, sums.bonus_fen) + max(0, own_fen) + max(0, late_fen)
    cap = 0 if mode in MONEYLESS else given + (terms.wage_cap_fen if mode is Mode.WAGE_DEDUCTION else 0)
    assert found.applied_fen <= cap
    assert found.deducted_fen <= found.applied_fen
    assert found.net_fen == given - found.applied_fen + found.deducted_fen
    assert found.uncovered_fen == min(0, given - found.requested_fen)


def agents_add_up_to_the_control_total(chance: Random) -> None:
    """L-4, L-5: the statements of a month are all its lines; what one month carries the next one opens with."""
    books = walk(chance)
    totals: defaultdict[object, int] = defaultdict(int)
    for (_, month, _), amount in balance(books.recorded).items():
        totals[month] += amount
    for month in {month for _, month in books.statements}:
        of_month = [stated for (_, at), stated in books.statements.items() if at == month]
        assert sum(stated.bonus_fen + stated.penalty_fen for stated in of_month) == totals[month]
        for stated in of_month:
            before = books.statements.get((stated.agent, month.before))
            assert -stated.opening_fen == (before.carried_fen if before else 0) - _opened_otherwise(books, stated)


def _opened_otherwise(books: Books, stated: p.Stated) -> int:
    """By how much what is carried into a month had changed when its statement was drawn, by the events alone."""
    events = [event for of, event in books.recorded if of == f"{stated.month}:{stated.agent}"]
    drawn = events.index(stated)
    return sum(event.change_fen for event in events[:drawn] if isinstance(event, p.OpeningChanged))


def months_hang_together_whatever_comes_late(chance: Random) -> None:
    """L-4: each month opens with what the one before carries now; what has moved is what each comes to otherwise."""
    books = walk(chance)
    for (agent, month), account in books.accounts.items():
        if books.payroll[month].stage is Stage.OPEN and month >= (books.payroll.begun or month):
            continue
        now = settle(replace(books.terms(month), wage_cap_fen=account.wage_cap_fen), account.sums)
        stated, after = books.statements.get((agent, month)), books.statements.get((agent, month.after))
        opened = -books.account(agent, month.after).sums.opening_fen if after else books.owed_fen(agent, month.after)
        assert opened == now.carried_fen
        then = stated.net_fen - stated.deducted_fen if stated else 0
        assert sum(part.left_fen for part in account.moved.values()) == now.money_fen - then


def money_comes_to_what_it_would_have_been_in_time(chance: Random) -> None:
    """L-4: where later months can cover it, all late changes together move the difference, to the fen."""
    books = Books(mode=chance.choice([Mode.BONUS_OFFSET, Mode.POINTS_ONLY]))
    bonus_fen, penalty_fen, ample = _late_changes(books, chance, ample_fen=10**9)
    assert books.paid_fen == in_time_fen(books, bonus_fen, penalty_fen) + ample


def nothing_is_paid_that_was_never_earned(chance: Random) -> None:
    """L-4: what was never collected is never paid back: no penalty given back brings more than the bonuses there were.

    And nobody has less in the end than they would have had, had everything been known in time.
    """
    books = Books()
    bonus_fen, penalty_fen, later = _late_changes(books, chance, ample_fen=chance.choice((0, 20, 500)), bonuses=False)
    assert in_time_fen(books, bonus_fen, penalty_fen) <= books.paid_fen <= bonus_fen + later


def carried_on_nothing_is_lost(chance: Random) -> None:
    """L-5: where the rest is carried forward, what is paid and still owed is what all lines come to."""
    books = Books(carry=True)
    bonus_fen, penalty_fen, later = _late_changes(books, chance, ample_fen=chance.choice((0, 20, 500)))
    owed = books.owed_fen(A1, max(month for _, month in books.statements).after)
    assert books.paid_fen - owed == bonus_fen - penalty_fen + later


def policies_that_change_take_what_they_would_have_taken_in_time(chance: Random) -> None:
    """L-4, L-5: the same money as if all had been known in time, where the months it moves into can cover it.

    Three months under terms that change from one to the next are closed; then lines of theirs change, while months
    with ample bonuses are closed.
    """
    books = _under_changing_terms(chance)
    said = {f"{day}": [replace(BONUS, amount_fen=chance.choice((1, 300)), occurred_on=day)] for day in FIRST_DAYS}
    said |= {matter: _said_of_any_day(chance) for matter in MATTERS}
    for matter, lines in said.items():
        _established(books, matter, lines)
    _months_pass(books, len(FIRST_DAYS))
    ample = 10**9
    for month in (JUNE, JUNE.after, JUNE.after.after):
        books.judge(f"later:{month}", [replace(BONUS, amount_fen=ample, occurred_on=month.first_day)])
        for _ in range(chance.randrange(4)):
            matter = chance.choice(MATTERS)
            said[matter] = _said_of_any_day(chance)
            _established(books, matter, said[matter])
        _close_next(books)
    assert books.paid_fen == _known_in_time_fen(books, said) + 3 * ample


def _under_changing_terms(chance: Random) -> Books:
    return Books(policies={Month.of(day): any_terms(chance) for day in FIRST_DAYS})


def _said_of_any_day(chance: Random) -> list[Line]:
    keys = [line for line in KEYS if line.agent == A1 and chance.randrange(2)]
    return [any_amount(chance, replace(line, occurred_on=any_day(chance, 90))) for line in keys]


def _known_in_time_fen(books: Books, said: Mapping[str, list[Line]]) -> int:
    """What three months pay that settle all that was said last, less what the third one carries into the next."""
    paid = carried = 0
    for month in map(Month.of, FIRST_DAYS):
        amounts = [line.amount_fen for lines in said.values() for line in lines if Month.of(line.occurred_on) == month]
        bonus_fen, penalty_fen = (sum(fen for fen in amounts if fen * sign > 0) for sign in (1, -1))
        sums = Sums(opening_fen=-carried, bonus_fen=bonus_fen, penalty_fen=penalty_fen)
        found = settle(books.terms(month), sums)
        paid, carried = paid + found.net_fen - found.deducted_fen, found.carried_fen
    return paid - carried


def nothing_is_paid_back_that_was_never_collected(chance: Random) -> None:
    """L-4: whatever policies carry, waive and take from the wage, penalties given back bring no more than bonuses."""
    books = _under_changing_terms(chance)
    books.policies |= {JUNE: any_terms(chance), JUNE.after: any_terms(chance)}
    earned = 0
    for month in (MARCH, APRIL, MAY, JUNE, JUNE.after):
        amount_fen = chance.choice((1, 20, 300, 5000))
        books.judge(f"earned:{month}", [replace(BONUS, amount_fen=amount_fen, occurred_on=month.first_day)])
        earned += amount_fen
        for _ in range(chance.randrange(4)):
            said = [line for line in _said_of_any_day(chance) if line.code.kind is Kind.PENALTY]
            _established(books, chance.choice(MATTERS), said)
        _close_next(books)
    assert books.paid_fen <= earned


def _late_changes(books: Books, chance: Random, ample_fen: int, *, bonuses: bool = True) -> tuple[int, int, int]:
    """A home month, closed; then its lines change again and again, while later months are closed.

    Everything is confirmed. Returns what the home month's bonuses and penalties come to in the end, and what later
    months have earned beside it, each by a plain count of what was said last.
    """
    keys = [line for line in KEYS if line.agent == A1 and (bonuses or line.code.kind is Kind.PENALTY)]
    fixed = replace(BONUS, amount_fen=chance.choice((1, 300, 5000)))
    books.judge("fixed", [fixed])
    last = {matter: _said(chance, keys) for matter in MATTERS}
    for matter, lines in last.items():
        _established(books, matter, lines)
    _close_next(books)
    later = 0
    for month in (APRIL, APRIL.after, JUNE):
        books.judge(f"later:{month}", [replace(BONUS, amount_fen=ample_fen, occurred_on=month.first_day)])
        later += ample_fen
        for _ in range(chance.randrange(4)):
            matter = chance.choice(MATTERS)
            last[matter] = _said(chance, keys)
            _established(books, matter, last[matter])
        _close_next(books)
    amounts = [fixed.amount_fen, *(line.amount_fen for lines in last.values() for line in lines)]
    return sum(fen for fen in amounts if fen > 0), -sum(fen for fen in amounts if fen < 0), later


def _said(chance: Random, keys: list[Line]) -> list[Line]:
    return [any_amount(chance, replace(line, occurred_on=DAY)) for line in keys if chance.randrange(2)]


def _established(books: Books, matter: str, lines: list[Line]) -> None:
    """The rules say so, and a supervisor confirms all that waits."""
    books.judge(matter, lines)
    for entry in [*books.voucher(matter).entries.values()]:
        if entry.status is Status.PROPOSED:
            assert books.decide(matter, confirm, entry.number, S1, TODAY, books.payroll)


def _close_next(books: Books) -> None:
    month = next_month(books)
    while books.payroll[month].stage is not Stage.CLOSED:
        go_on(books)


def what_was_collected_comes_back_in_any_mode(chance: Random) -> None:
    """L-4, L-5: what a month took and later gives back is paid by the months it moves into, money in them or not.

    Those months have penalties of their own, which take nothing.
    """
    moneyless = Terms(mode=chance.choice([*MONEYLESS]))
    books = Books(policies=dict.fromkeys((APRIL, MAY), moneyless))
    standing = {f"case:{number}": any_amount(chance, PENALTY) for number in range(chance.randrange(1, 5))}
    books.judge("earned", [replace(BONUS, amount_fen=10**6)])
    for matter, line in standing.items():
        _established(books, matter, [line])
    _close_next(books)
    for month in (APRIL, MAY):
        own = any_amount(chance, replace(PENALTY, occurred_on=month.first_day))
        _established(books, f"own:{month}", [own])
        for matter in [matter for matter in standing if chance.randrange(2)]:
            _established(books, matter, [])
            del standing[matter]
        _close_next(books)
    assert books.paid_fen == 10**6 + sum(line.amount_fen for line in standing.values())


def an_appeal_gives_back_what_was_taken(chance: Random) -> None:
    """L-4: a penalty contested at last, after however many closings, moves in all what the lower one would have."""
    books = Books()
    earned_fen, taken = chance.choice((0, 300, 1000, 5000)), chance.choice((2, 300, 1000))
    if earned_fen:
        books.judge("fixed", [replace(BONUS, amount_fen=earned_fen)])
    books.judge("case", [replace(PENALTY, amount_fen=-taken)])
    for moment in sorted(chance.randrange(3) for _ in range(2)):
        _months_pass(books, moment)
        _confirm_or_contest(books, chance, taken)
    stays = sum(-entry.amount_fen for entry in books.voucher("case").entries.values() if entry.counts)
    books.pay_until(max(next_month(books), JUNE))
    assert max(0, earned_fen - stays) <= books.paid_fen <= earned_fen
    if not any(entry.late for entry in books.voucher("case").entries.values()):
        assert books.paid_fen == max(0, earned_fen - stays)


def _months_pass(books: Books, closings: int) -> None:
    for _ in range(closings):
        _close_next(books)


def _confirm_or_contest(books: Books, chance: Random, taken: int) -> None:
    entry = next((one for one in books.voucher("case").entries.values() if one.status is Status.PROPOSED), None)
    if entry:
        books.decide("case", confirm, entry.number, S1, TODAY, books.payroll)
        return
    verdict = chance.choice(list(e.Verdict))
    stays = chance.randint(1, taken - 1) if verdict is e.Verdict.PARTLY else None
    ruling = Ruling(by=S2, verdict=verdict, reduced_to_fen=stays, reason=REASON)
    books.decide("case", appeal, 1, A1, REASON, TODAY)
    books.decide("case", decide_appeal, 1, 1, ruling, TODAY, books.payroll)


LAWS: tuple[Law, ...] = (
    balance_is_the_fold_of_events,
    reversals_take_back_what_they_reverse,
    only_persons_take,
    nothing_posts_into_a_closed_month,
    replayed_twice_is_once,
    standing_is_what_the_rules_said,
    independent_facts_in_any_order,
    no_fen_is_lost_in_a_split,
    every_fen_asked_for_is_accounted_for,
    agents_add_up_to_the_control_total,
    months_hang_together_whatever_comes_late,
    money_comes_to_what_it_would_have_been_in_time,
    nothing_is_paid_that_was_never_earned,
    carried_on_nothing_is_lost,
    policies_that_change_take_what_they_would_have_taken_in_time,
    nothing_is_paid_back_that_was_never_collected,
    what_was_collected_comes_back_in_any_mode,
    an_appeal_gives_back_what_was_taken,
)
