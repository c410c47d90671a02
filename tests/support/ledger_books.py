"""Books kept in memory by the decisions of the domain alone, a walk through whatever may happen to them, and a model.

A walk draws all it does from one source of chance, so that Hypothesis can shrink it and a campaign can repeat it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import reduce
from random import Random
from typing import Any

from domain.kernel import Event, Refusal
from domain.ledger import events as e
from domain.ledger.decisions import Ruling, appeal, confirm, decide_appeal, dismiss, withdraw_appeal
from domain.ledger.lines import Code, Kind, Line
from domain.ledger.settling import settle as judged
from domain.ledger.voucher import VOUCHER, Entry, Status, Voucher, posted_by
from domain.payroll import events as p
from domain.payroll import months
from domain.payroll.account import ACCOUNT, Account, Late, change_opening, offset, passing_on, state, taking
from domain.payroll.months import PAYROLL, Payroll, Stage
from domain.payroll.settlement import Mode, Sums, Terms
from domain.values import AgentId, Month
from tests.support.ledgers import A1, A2, APRIL, BONUS, CAUSES, MARCH, MAY, P1, P2, PENALTY, REASON, S1, S2, S3

Of = tuple[AgentId, Month]
FAR = Month(2030, 1)
"""The local month in which everything is decided: all others are over."""
TODAY = date(2030, 1, 1)


@dataclass
class Books:
    """Vouchers by matter, the months, the accounts, and every event with the name of its stream.

    policies: of months that have other terms than the rest. said: what the rules said last of each matter.
    """

    mode: Mode = Mode.BONUS_OFFSET
    carry: bool = False
    cap_fen: int = 0
    policies: dict[Month, Terms] = field(default_factory=dict)
    payroll: Payroll = PAYROLL.initial
    vouchers: dict[str, Voucher] = field(default_factory=dict)
    accounts: dict[Of, Account] = field(default_factory=dict)
    sums: dict[Of, Sums] = field(default_factory=dict)
    recorded: list[tuple[str, Event]] = field(default_factory=list)
    statements: dict[Of, p.Stated] = field(default_factory=dict)
    said: dict[str, list[Line]] = field(default_factory=dict)

    # ---- what happens -----------------------------------------------------------------------------------------------
    def judge(self, matter: str, lines: Sequence[Line]) -> list[Event]:
        """The rules say this of a matter now."""
        self.said[matter] = [*lines]
        return self.record(matter, judged(self.voucher(matter), lines, CAUSES, self.payroll))

    def decide(self, matter: str, decision: Callable[..., list[Event]], *inputs: Any) -> list[Event]:
        """A person decides; a refusal changes nothing."""
        try:
            return self.record(matter, decision(self.voucher(matter), *inputs))
        except Refusal:
            return []

    def voucher(self, matter: str) -> Voucher:
        return self.vouchers.get(matter, VOUCHER.initial)

    def record(self, matter: str, events: Sequence[Event]) -> list[Event]:
        """Record the events of a voucher, with what offsets those that come late."""
        self.recorded += [(matter, event) for event in events]
        for entry in posted_by(self.voucher(matter), events):
            assert entry.posted_month
            self._post(entry.posted_month, entry.agent, entry.code.kind, entry.amount_fen, entry.occurred_on)
            if entry.late:
                self._change(_late(f"{matter}.{entry.number}", entry, entry.posted_month), offset)
        self.vouchers[matter] = reduce(VOUCHER.evolve, events, self.voucher(matter))
        return list(events)

    def _post(self, month: Month, agent: AgentId, kind: Kind, amount_fen: int, day: date) -> None:
        assert self.payroll[month].stage is Stage.OPEN, f"posted into {month}, which is {self.payroll[month].stage}"
        self.sums |= _with(self.sums, month, agent, kind, amount_fen, day)

    def _change(self, late: Late, make: Callable[..., p.Moved]) -> None:
        known, terms = self.account(late.agent, late.home), self.terms(late.home)
        event = make(known, late, terms.mode, carry_forward=terms.carry_forward)
        self._post(event.posted_month, late.agent, event.kind, event.amount_fen, event.occurred_on)
        self.accounts[late.agent, late.home] = ACCOUNT.evolve(known, event)
        self.recorded.append((f"{late.home}:{late.agent}", event))
        if change_fen := passing_on(known, event, terms.mode, carry_forward=terms.carry_forward):
            self._change(replace(late, home=late.home.after, amount_fen=change_fen), change_opening)
        for month, amount_fen in taking(known, event).items():
            self._change(replace(late, home=month, amount_fen=amount_fen), offset)

    def account(self, agent: AgentId, month: Month) -> Account:
        return self.accounts.get((agent, month), ACCOUNT.initial)

    def terms(self, month: Month) -> Terms:
        usual = Terms(mode=self.mode, carry_forward=self.carry, wage_cap_fen=self.cap_fen)
        return self.policies.get(month, usual)

    # ---- months -----------------------------------------------------------------------------------------------------
    def freeze(self, month: Month) -> None:
        """Freeze a month and draw its statements."""
        self._pay(months.freeze(self.payroll, month, P1, FAR, self.first))
        agents = [agent for agent in (A1, A2) if (agent, month) in self.sums or self.owed_fen(agent, month)]
        for agent in agents:
            sums = replace(self.sums.get((agent, month), Sums()), opening_fen=-self.owed_fen(agent, month))
            stated = state(agent, month, self.terms(month), sums, basis="b", policy="p")
            self.statements[agent, month] = stated
            self.recorded.append((f"{month}:{agent}", stated))
            self.accounts[agent, month] = ACCOUNT.evolve(self.account(agent, month), stated)
        self._pay(months.draw(self.payroll, month, len(self.recorded), len(agents)))

    def close(self, month: Month) -> None:
        """Close a frozen month."""
        cut = months.may_close(self.payroll, month, P2)
        self._pay([p.MonthClosed(month=month, by=P2, cut=cut, net_fen=0, totals=(), tariffs=(), digest="")])

    def pay_until(self, last: Month) -> None:
        """Freeze and close every month that is left, one after the other."""
        month = next_month(self)
        while month <= last:
            if self.payroll[month].stage is Stage.OPEN:
                self.freeze(month)
            self.close(month)
            month = month.after

    def _pay(self, events: Sequence[Event]) -> None:
        self.payroll = reduce(PAYROLL.evolve, events, self.payroll)
        self.recorded += [("payroll", event) for event in events]

    def owed_fen(self, agent: AgentId, month: Month) -> int:
        """What is carried into a month that is open, with all that came late."""
        before = self.statements.get((agent, month.before))
        return (before.carried_fen if before else 0) - self.account(agent, month).sums.opening_fen

    @property
    def first(self) -> Month | None:
        """The earliest month that has a line."""
        entries = (entry for voucher in self.vouchers.values() for entry in voucher.entries.values())
        standing = (entry.posted_month or entry.month for entry in entries if entry.status is not Status.DISMISSED)
        return min(standing, default=None)

    @property
    def paid_fen(self) -> int:
        """What the agents have of all statements, what was taken from their wages taken off."""
        return sum(stated.net_fen - stated.deducted_fen for stated in self.statements.values())


def _late(line: str, entry: Entry, posted_month: Month) -> Late:
    return Late(
        line=line,
        agent=entry.agent,
        home=entry.month,
        kind=entry.code.kind,
        amount_fen=entry.amount_fen,
        occurred_on=entry.occurred_on,
        tariff=entry.tariff,
        causes=(),
        posted_month=posted_month,
    )


def next_month(books: Books) -> Month:
    """The month that is frozen or closed next."""
    begun = books.payroll.begun
    if begun is None:
        return books.first or MARCH
    while books.payroll[begun].stage is Stage.CLOSED:
        begun = begun.after
    return begun


# ---- a walk ---------------------------------------------------------------------------------------------------------
MATTERS = ("order:1", "case:2")
NOTHING = Entry(
    number=1,
    agent=A1,
    code=Code.ORDER,
    amount_fen=0,
    occurred_on=TODAY,
    tariff="",
    ref=None,
    causes=(),
    status=Status.DISMISSED,
)
"""In place of a line where there is none."""
KINDS = (BONUS, replace(BONUS, code=Code.RECOMMEND), PENALTY, replace(PENALTY, ref="order 8"))
KEYS = [replace(line, agent=agent) for line in KINDS for agent in (A1, A2)]


def any_lines(chance: Random, days: int = 60) -> list[Line]:
    """What the rules may say of a matter: some of the keys, of any amount and day from March on."""
    chosen = [line for line in KEYS if chance.randrange(3) == 0]
    return [any_amount(chance, replace(line, occurred_on=any_day(chance, days))) for line in chosen]


def any_amount(chance: Random, line: Line) -> Line:
    return replace(line, amount_fen=(1 if line.amount_fen > 0 else -1) * chance.choice((1, 15, 20, 1000, 2500)))


def any_day(chance: Random, days: int) -> date:
    return MARCH.first_day + timedelta(days=chance.randrange(days))


def otherwise(chance: Random, lines: Sequence[Line]) -> list[Line]:
    """What was said before, but for one key: not any more, grave or no longer, or with any amount and day."""
    key = chance.choice(KEYS)
    kept, said = [line for line in lines if line.key != key.key], [line for line in lines if line.key == key.key]
    match chance.randrange(5):
        case 0:
            return kept
        case 1 if key.code.kind is Kind.PENALTY:
            return [*kept, *(replace(line, grave=not line.grave) for line in said)]
        case _:
            return [*kept, any_amount(chance, replace(key, occurred_on=any_day(chance, 60)))]


def step(books: Books, chance: Random) -> None:
    """Something happens, mostly something that can."""
    matter = chance.choice(MATTERS)
    voucher = books.voucher(matter)

    def any_of(suits: Callable[[Entry], bool]) -> Entry:
        entries = [*voucher.entries.values()]
        fitting = [entry for entry in entries if suits(entry)]
        return chance.choice(fitting if fitting and chance.randrange(8) else entries or [NOTHING])

    match chance.randrange(15):
        case 0 | 1:
            books.judge(matter, otherwise(chance, books.said.get(matter, [])))
        case 2:
            books.judge(matter, any_lines(chance))
        case 3 | 4 | 5 | 6:
            number = any_of(lambda entry: entry.status is Status.PROPOSED).number
            books.decide(matter, confirm, number, chance.choice((S1, S1, S2, A1)), TODAY, books.payroll)
        case 7:
            books.decide(matter, dismiss, any_of(lambda entry: entry.status is Status.PROPOSED).number, S1, REASON)
        case 8 | 9 | 10:
            entry = any_of(lambda entry: entry.code.kind is Kind.PENALTY and entry.counts)
            books.decide(matter, appeal, entry.number, entry.agent, REASON, TODAY)
        case 11 | 12 | 13:
            _answer(books, chance, matter, any_of(lambda entry: entry.contested))
        case _:
            go_on(books)


def _answer(books: Books, chance: Random, matter: str, entry: Entry) -> None:
    """An appeal is decided, or withdrawn."""
    if chance.randrange(4):
        ruling = any_ruling(chance)
        books.decide(matter, decide_appeal, entry.number, len(entry.appeals), ruling, TODAY, books.payroll)
    else:
        books.decide(matter, withdraw_appeal, entry.number, len(entry.appeals), entry.agent)


def go_on(books: Books) -> None:
    """The next month is frozen, or closed where it is."""
    month = next_month(books)
    if books.payroll[month].stage is Stage.OPEN:
        books.freeze(month)
    else:
        books.close(month)


def any_ruling(chance: Random) -> Ruling:
    verdict = chance.choice(list(e.Verdict))
    stays = chance.choice((1, 5, 999)) if verdict is e.Verdict.PARTLY else None
    return Ruling(by=chance.choice((S1, S2, S3)), verdict=verdict, reduced_to_fen=stays, reason=REASON)


def any_books(chance: Random) -> Books:
    """Empty books under any terms, which change from month to month or stay."""
    usual = any_terms(chance)
    policies = {month: any_terms(chance) for month in (MARCH, APRIL, MAY) if chance.randrange(2)}
    return Books(mode=usual.mode, carry=usual.carry_forward, cap_fen=usual.wage_cap_fen, policies=policies)


def any_terms(chance: Random) -> Terms:
    mode = chance.choice(list(Mode))
    cap_fen = chance.choice((0, 40, 300)) if mode is Mode.WAGE_DEDUCTION else 0
    return Terms(mode=mode, carry_forward=chance.random() < 0.5, wage_cap_fen=cap_fen)


def walk(chance: Random, steps: int = 40) -> Books:
    """Books after whatever has happened to them."""
    books = any_books(chance)
    for _ in range(chance.randint(1, steps)):
        step(books, chance)
    return books


# ---- a model: the same books by plain adding up ---------------------------------------------------------------------
def balance(recorded: Iterable[tuple[str, Event]]) -> dict[tuple[AgentId, Month, Kind], int]:
    """What stands in each agent's month, from the events alone."""
    return {
        (agent, month, kind): amount
        for (agent, month), sums in standing(recorded).items()
        for kind, amount in ((Kind.BONUS, sums.bonus_fen), (Kind.PENALTY, sums.penalty_fen))
    }


def standing(recorded: Iterable[tuple[str, Event]]) -> dict[tuple[AgentId, Month], Sums]:
    """The sums of each agent's month without what is carried into it, from the events alone."""
    found: dict[tuple[AgentId, Month], Sums] = {}
    lines: dict[tuple[str, int], tuple[AgentId, Kind, int, date]] = {}
    for matter, event in recorded:
        match event:
            case e.Earned() | e.Proposed():
                lines[matter, event.number] = (event.agent, event.code.kind, event.amount_fen, event.occurred_on)
            case e.Reversed():
                agent, kind, amount_fen, day = lines[matter, event.reverses]
                lines[matter, event.number] = (agent, kind, -amount_fen, day)
            case p.Moved():
                found |= _with(found, event.posted_month, event.agent, event.kind, event.amount_fen, event.occurred_on)
        if (month := getattr(event, "posted_month", None)) and not isinstance(event, p.Moved):
            line = lines[matter, getattr(event, "number")]  # noqa: B009  of any of three kinds
            found |= _with(found, month, *line)
    return found


def _with(
    found: Mapping[tuple[AgentId, Month], Sums], month: Month, agent: AgentId, kind: Kind, amount_fen: int, day: date
) -> dict[tuple[AgentId, Month], Sums]:
    known = found.get((agent, month), Sums())
    if kind is Kind.BONUS:
        return {(agent, month): replace(known, bonus_fen=known.bonus_fen + amount_fen)}
    late_fen = 0 if Month.of(day) == month else amount_fen
    penalty_fen = known.penalty_fen + amount_fen
    return {(agent, month): replace(known, penalty_fen=penalty_fen, late_fen=known.late_fen + late_fen)}


def in_time_fen(books: Books, bonus_fen: int, penalty_fen: int) -> int:
    """What a month would have paid, had these bonuses and penalties been known in it."""
    match books.mode:
        case Mode.BONUS_OFFSET:
            return max(0, bonus_fen - penalty_fen)
        case Mode.WAGE_DEDUCTION:
            return max(-books.cap_fen, bonus_fen - penalty_fen)
        case _:
            return bonus_fen
