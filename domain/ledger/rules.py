"""The rules of the ledgers (rulebook part 5): small functions from established facts to lines, and the tuple RULES.

A rule sees all facts at once and judges those of its kind, each by the tariff of the local day on which it happened.
Its outcome depends on the facts alone, not on the order in which they came in.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import TypeVar
from zoneinfo import ZoneInfo

from domain.case.words import FaultKind
from domain.ledger.lines import Code, Explanation, Line
from domain.tariff.tariff import DutyAmounts, ExamTerms, Tariff
from domain.values import AgentId, Month, local_day
from domain.work.facts import (
    CaseFault,
    Conduct,
    ConductCode,
    Duty,
    Exam,
    Fact,
    MemberCallbacks,
    MissedCall,
    Order,
    OrderField,
    PhoneFault,
    PointsShortage,
    RecommendedOrders,
    on_duty,
)

F = TypeVar("F", bound=Fact)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What the rules look at: the established facts, the roster, the tariffs in force, and the zone of local days."""

    facts: Sequence[Fact]
    shifts: Sequence[Duty]
    tariffs: Sequence[Tariff]
    time_zone: str

    def of(self, kind: type[F]) -> Iterator[F]:
        """The facts of one kind."""
        return (fact for fact in self.facts if isinstance(fact, kind))

    def day(self, at: datetime) -> date:
        """The local day of a moment."""
        return local_day(at, self.time_zone)

    def tariff(self, day: date) -> Tariff:
        """The tariff in force on a local day. Raises NoTariff."""
        begun = [tariff for tariff in self.tariffs if tariff.valid_from <= day]
        if not begun:
            raise NoTariff(f"no tariff is in force on {day}")
        return max(begun, key=lambda tariff: tariff.valid_from)


class NoTariff(LookupError):
    """A fact happened on a day of which no tariff speaks."""


Rule = Callable[[Judged], Iterable[Line]]


def _line(
    agent: AgentId,
    code: Code,
    amount_fen: int,
    day: date,
    tariff: Tariff,
    explanation: Explanation,
    ref: str | None = None,
) -> Line:
    return Line(
        agent=agent,
        code=code,
        amount_fen=amount_fen,
        occurred_on=day,
        tariff=tariff.version,
        explanation=explanation,
        ref=ref,
    )


def _said(zh: str, en: str) -> Explanation:
    return Explanation(zh=zh, en=en)


# ---- orders ---------------------------------------------------------------------------------------------------------
def valid_orders(judged: Judged) -> Iterator[Line]:
    """B-ORDER: each valid order, by the day it was entered."""
    for order in judged.of(Order):
        if order.valid:
            day = judged.day(order.at)
            tariff = judged.tariff(day)
            pay = tariff.order_pay(day)
            amount = pay.signed_fen if order.signed else pay.unsigned_fen
            merchant = _merchant(order)
            zh = f"{merchant.zh}({'签约' if order.signed else '未签约'})的有效订单一份"
            en = f"a valid order with {merchant.en} ({'signed' if order.signed else 'unsigned'})"
            yield _line(order.agent, Code.ORDER, amount, day, tariff, _said(zh, en))


def _merchant(order: Order) -> Explanation:
    return _said(order.merchant or "未写明的商家", order.merchant or "no merchant named")


_ITEMS_ZH = {
    OrderField.MERCHANT: "商家",
    OrderField.CARD_NO: "会员卡号",
    OrderField.MEMBER_NAME: "会员姓名",
    OrderField.PHONE: "电话",
    OrderField.DINING_TIME: "用餐时间",
    OrderField.GOLD_AMOUNT: "金卡消费金额",
    OrderField.REMARKS: "备注",
}


def order_fields(judged: Judged) -> Iterator[Line]:
    """P-ORDER-FIELD: each required item of an order missing or wrong, once per item."""
    for order in judged.of(Order):
        day = judged.day(order.at)
        tariff, merchant = judged.tariff(day), _merchant(order)
        for item in sorted(order.faulty):
            zh, en = ("缺少", "missing") if item in order.missing else ("填错", "wrong")
            said = _said(
                f"{merchant.zh}的订单{zh}{_ITEMS_ZH[item]}", f"item {item} {en} in an order with {merchant.en}"
            )
            yield _line(order.agent, Code.ORDER_FIELD, -tariff.order_field_fen, day, tariff, said, item)


def recommended(judged: Judged) -> Iterator[Line]:
    """B-RECOMMEND: the month's ranking by valid orders with key recommended merchants; equal counts share a rank."""
    counts: dict[Month, Counter[AgentId]] = defaultdict(Counter)
    for order in judged.of(Order):
        if order.ranks:
            counts[Month.of(judged.day(order.at))][order.agent] += 1
    for tally in judged.of(RecommendedOrders):
        counts[tally.month][tally.agent] += tally.count
    for month, by_agent in counts.items():
        yield from _ranked(by_agent, month.last_day, judged.tariff(month.last_day))


def _ranked(by_agent: Counter[AgentId], day: date, tariff: Tariff) -> Iterator[Line]:
    for agent, count in by_agent.items():
        rank = 1 + sum(1 for other in by_agent.values() if other > count)
        if rank <= len(tariff.recommend_fen):
            said = _said(
                f"本月重点推荐商家有效订单{count}份,排名第{rank}",
                f"rank {rank} of the month with {count} valid orders at key recommended merchants",
            )
            yield _line(agent, Code.RECOMMEND, tariff.recommend_fen[rank - 1], day, tariff, said)


# ---- callbacks ------------------------------------------------------------------------------------------------------
def callbacks_short(judged: Judged) -> Iterator[Line]:
    """P-CALLBACK: each member callback short of the month's number; one line per agent and month."""
    reached: Counter[tuple[Month, AgentId]] = Counter()
    weeks: dict[tuple[Month, AgentId], int] = {}
    for fact in judged.of(MemberCallbacks):
        reached[fact.month, fact.agent] += fact.count
        if fact.full_weeks is not None:
            weeks[fact.month, fact.agent] = fact.full_weeks
    for (month, agent), count in reached.items():
        terms = judged.tariff(month.last_day).callback
        full_weeks = weeks.get((month, agent))
        due = terms.per_month if full_weeks is None else min(terms.per_month, terms.per_full_week * full_weeks)
        if count < due:
            yield _short(agent, due, count, month.last_day, judged.tariff(month.last_day))


def _short(agent: AgentId, due: int, count: int, day: date, tariff: Tariff) -> Line:
    said = _said(
        f"会员回访应完成{due}个,实际{count}个,少{due - count}个",
        f"{count} of {due} member callbacks: {due - count} short",
    )
    return _line(agent, Code.CALLBACK, -tariff.callback.short_fen * (due - count), day, tariff, said)


# ---- exams ----------------------------------------------------------------------------------------------------------
def score(exam: Exam, terms: ExamTerms) -> Decimal:
    """W-3: the weighted score, exact."""
    return (
        exam.typing * terms.typing_percent
        + exam.knowledge * terms.knowledge_percent
        + exam.service * terms.service_percent
    ) / 100


def _scores(judged: Judged) -> dict[Month, dict[AgentId, Decimal]]:
    scores: dict[Month, dict[AgentId, Decimal]] = defaultdict(dict)
    for exam in judged.of(Exam):
        scores[exam.month][exam.agent] = score(exam, judged.tariff(exam.month.last_day).exam)
    return scores


def best_exam(judged: Judged) -> Iterator[Line]:
    """B-EXAM: the highest score of the month, if above the mark; equal scores each get it."""
    for month, scores in _scores(judged).items():
        tariff = judged.tariff(month.last_day)
        highest = max(scores.values())
        if highest > tariff.exam.bonus_above:
            said = _said(f"本月考核最高分{_mark(highest)}", f"the month's highest exam score, {_mark(highest)}")
            for agent, mark in scores.items():
                if mark == highest:
                    yield _line(agent, Code.BEST_EXAM, tariff.exam.bonus_fen, month.last_day, tariff, said)


def failed_exam(judged: Judged) -> Iterator[Line]:
    """P-EXAM: a score below the pass mark; more if the calendar month before was failed too."""
    scores = _scores(judged)
    for month, by_agent in list(scores.items()):
        for agent, mark in by_agent.items():
            if _failed(judged, month, mark):
                again = _failed(judged, month.before, scores.get(month.before, {}).get(agent))
                yield _failure(agent, mark, month.last_day, judged.tariff(month.last_day), again=again)


def _failed(judged: Judged, month: Month, mark: Decimal | None) -> bool:
    return mark is not None and mark < judged.tariff(month.last_day).exam.pass_mark


def _failure(agent: AgentId, mark: Decimal, day: date, tariff: Tariff, *, again: bool) -> Line:
    amount = tariff.exam.failed_again_fen if again else tariff.exam.failed_fen
    said = _said(
        f"考核{_mark(mark)}分,未达{_mark(tariff.exam.pass_mark)}分" + (",连续第二个月不合格" if again else ""),
        f"exam score {_mark(mark)}, below {_mark(tariff.exam.pass_mark)}" + (", failed twice running" if again else ""),
    )
    return _line(agent, Code.FAILED_EXAM, -amount, day, tariff, said)


def _mark(mark: Decimal) -> str:
    return f"{mark.normalize():f}"


# ---- faults and conduct ---------------------------------------------------------------------------------------------
_FAULTS = {
    FaultKind.OPERATION_ERROR: (
        Code.OPERATION,
        _said("操作失误引起有效投诉", "a valid complaint caused by an operation error"),
    ),
    FaultKind.BAD_ATTITUDE: (
        Code.ATTITUDE,
        _said("服务态度恶劣被投诉", "a complaint about a bad attitude to a customer"),
    ),
    FaultKind.MEDIA_EXPOSURE: (Code.MEDIA, _said("被新闻媒体曝光", "an exposure in press or media")),
}


def case_faults(judged: Judged) -> Iterator[Line]:
    """P-OPERATION, P-ATTITUDE, P-MEDIA: each accountable agent of a fault that a case has shown."""
    for fact in judged.of(CaseFault):
        day = judged.day(fact.at)
        tariff = judged.tariff(day)
        code, said = _FAULTS[fact.fault]
        amount = _fault_fen(fact.fault, tariff)
        for agent in dict.fromkeys(fact.agents):
            yield replace(_line(agent, code, -amount, day, tariff, said, fact.ref), grave=fact.grave)


def _fault_fen(fault: FaultKind, tariff: Tariff) -> int:
    return {
        FaultKind.OPERATION_ERROR: tariff.operation_fen,
        FaultKind.BAD_ATTITUDE: tariff.attitude_fen,
        FaultKind.MEDIA_EXPOSURE: tariff.media_fen,
    }[fault]


_CONDUCT = {
    ConductCode.IDLE: (Code.IDLE, _said("工作时间聊天、游戏、看电影、打私人电话或在岗位上用餐", "idling at work")),
    ConductCode.MINOR: (Code.MINOR, _said("看书报、与邻座闲聊或手机未静音", "a minor breach of conduct at work")),
    ConductCode.ATTITUDE: (Code.ATTITUDE, _said("对客户态度恶劣、顶撞或辱骂", "a bad attitude towards a customer")),
}


def conduct(judged: Judged) -> Iterator[Line]:
    """P-IDLE, P-MINOR, P-ATTITUDE: each agent, each time."""
    for fact in judged.of(Conduct):
        day = judged.day(fact.at)
        tariff = judged.tariff(day)
        amounts = {
            ConductCode.IDLE: tariff.idle_fen,
            ConductCode.MINOR: tariff.minor_fen,
            ConductCode.ATTITUDE: tariff.attitude_fen,
        }
        code, said = _CONDUCT[fact.code]
        yield _line(fact.agent, code, -amounts[fact.code], day, tariff, said)


# ---- the telephone --------------------------------------------------------------------------------------------------
def missed_calls(judged: Judged) -> Iterator[Line]:
    """P-MISSED-CALL: each agent and each supervisor on duty."""
    for fact in judged.of(MissedCall):
        tariff = judged.tariff(judged.day(fact.at))
        time = fact.at.astimezone(ZoneInfo(judged.time_zone)).strftime("%H:%M")
        said = _said(f"当班时{time}的来电未接", f"a call missed on duty at {time}")
        yield from _borne(judged, fact.at, Code.MISSED_CALL, tariff.missed_call, said)


def phone_faults(judged: Judged) -> Iterator[Line]:
    """P-PHONE-FAULT: a fault not found in time: each agent and each supervisor on duty."""
    for fact in judged.of(PhoneFault):
        tariff = judged.tariff(judged.day(fact.at))
        said = _said("当班时电话故障未及时发现", "a telephone fault on duty that was not found in time")
        yield from _borne(judged, fact.at, Code.PHONE_FAULT, tariff.phone_fault, said)


def _borne(judged: Judged, at: datetime, code: Code, amounts: DutyAmounts, said: Explanation) -> Iterator[Line]:
    day = judged.day(at)
    people = on_duty(judged.shifts, at)
    for agents, amount in ((people.agents, amounts.agent_fen), (people.supervisors, amounts.supervisor_fen)):
        for agent in agents:
            yield _line(agent, code, -amount, day, judged.tariff(day), said)


# ---- points ---------------------------------------------------------------------------------------------------------
def points(judged: Judged) -> Iterator[Line]:
    """P-POINTS, W-7: half to who entered the order, half to who was to follow it up; an odd fen to who entered."""
    for fact in judged.of(PointsShortage):
        day = judged.day(fact.at)
        tariff = judged.tariff(day)
        value = fact.points * tariff.point_fen
        shares = Counter({fact.order_agent: value - value // 2})
        shares[fact.duty_agent] += value // 2
        for agent, share in shares.items():
            said = _said(f"金卡积分少{fact.points}分", f"{fact.points} gold-card points short")
            yield _line(agent, Code.POINTS, -share, day, tariff, said)


RULES: tuple[Rule, ...] = (
    valid_orders,
    order_fields,
    case_faults,
    conduct,
    missed_calls,
    phone_faults,
    points,
)
"""The rules that judge each fact for itself."""
MONTHLY_RULES: dict[Code, Rule] = {
    Code.RECOMMEND: recommended,
    Code.CALLBACK: callbacks_short,
    Code.BEST_EXAM: best_exam,
    Code.FAILED_EXAM: failed_exam,
}
"""The rules that judge the facts of a month together, by the code of their lines."""


def judge(judged: Judged) -> list[Line]:
    """Every line of the facts, in the order of month, agent, day and code. Raises NoTariff."""
    return _ordered(line for rule in (*RULES, *MONTHLY_RULES.values()) for line in rule(judged))


def judge_cause(judged: Judged) -> list[Line]:
    """The lines of one cause: an order, a case with the reports that name it, a call … Raises NoTariff.

    W-6: what a report puts to an agent gives no second line where the case or another report of it has put it already;
    the one line is the line of each of these reports.
    """
    lines = _ordered(line for rule in RULES if rule is not conduct for line in rule(judged))
    put = {(line.agent, line.code) for line in lines}
    for line in _ordered(conduct(judged)):
        if (line.agent, line.code) not in put:
            put.add((line.agent, line.code))
            lines.append(line)
    by = {(fact.agent, _CONDUCT[fact.code][0]): fact.confirmed_by for fact in judged.of(Conduct) if fact.confirmed_by}
    return [replace(line, confirmed_by=by.pop((line.agent, line.code), None)) for line in lines] if by else lines


def judge_month(judged: Judged, code: Code, month: Month) -> list[Line]:
    """A month's lines of one code; the facts of the month before may be among the judged. Raises NoTariff."""
    return [line for line in _ordered(MONTHLY_RULES[code](judged)) if line.month == month]


def _ordered(lines: Iterable[Line]) -> list[Line]:
    return sorted((line for line in lines if line.amount_fen), key=lambda line: line.place)
