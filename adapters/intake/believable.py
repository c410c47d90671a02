"""Believable complaints: who complains of what, and the course of a case, step by step, from a seeded random source."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from importlib.resources import files
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import yaml

from domain.case.case import CASE, Case
from domain.case.words import Attribution, Courtesy, CustomerClass, FaultKind, Risk, Severity, Status
from domain.values import DEFAULT_ZONE, Actor, AgentId, CaseId

ZONE = ZoneInfo(DEFAULT_ZONE)
"""Where the call centre works."""
OPENS, SHUTS = 9, 22
"""Its hours, local."""

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

_STORIES = files("adapters.intake").joinpath("stories.yaml")
_ZH_SHARE = 0.8
_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗"
_GIVEN = ("伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "洋", "艳", "晓明", "建国", "雪梅", "志远", "思雨", "子涵")
_FIRST = ("Anna", "Ben", "Carla", "David", "Emma", "Frank", "Grace", "Henry", "Ivy", "Jack", "Laura", "Mark")
_LAST = ("Baker", "Carter", "Evans", "Fischer", "Green", "Harris", "Keller", "Lewis", "Moreau", "Novak", "Reed")
_DISHES = {"zh": ("清蒸鲈鱼", "葱姜蟹", "白灼虾", "北京烤鸭"), "en": ("steamed bass", "ginger crab", "roast duck")}
_CHANNELS = {
    "hotline": 60,
    "app": 12,
    "web": 10,
    "chat": 8,
    "email": 4,
    "social": 2,
    "walk_in": 2,
    "letter": 1,
    "regulator": 1,
}
_CLASSES = dict(zip(CustomerClass, (1, 3, 6, 40, 50), strict=True))


class Story(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One kind of complaint; weights by attribution, `on_site` the share of guests still at the table."""

    type: str
    dimension: str
    cause: str
    attribution: dict[Attribution, int]
    on_site: float
    narrative: list[str]
    demands: list[str]
    what: str
    why: str
    solution: list[str]
    learned: str


class Language(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The stories of one language, and the phrases all of them share: one text, or several to choose from."""

    phrases: dict[str, str | list[str]]
    stories: dict[str, Story]


def languages() -> dict[str, Language]:
    """The stories that ship, by language."""
    return msgspec.convert(yaml.load(_STORIES.read_text("utf-8"), yaml.CSafeLoader), dict[str, Language])


@dataclass(frozen=True)
class People:
    """Who works on the cases, two supervisors at least; merchants by id with their names; ids of departments."""

    agents: Sequence[Actor]
    supervisors: Sequence[Actor]
    merchants: Mapping[str, str]
    departments: Sequence[str]

    def agent(self, number: AgentId | None) -> Actor:
        """The agent with an employee number. Raises KeyError for a stranger."""
        return self._by_number[number]

    @cached_property
    def _by_number(self) -> dict[AgentId | None, Actor]:
        return {agent.id: agent for agent in self.agents}


@dataclass(frozen=True, slots=True)
class Step:
    """The next command on a case: how long after the last one, by whom, with which facts of its event.

    A length of time among the facts stands for the moment so long after the command.
    """

    after: timedelta
    by: Actor
    command: str
    facts: Mapping[str, Any]


def pick(rng: Random, weights: Mapping[Any, int]) -> Any:
    """One of the keys, by weight."""
    return rng.choices(list(weights), list(weights.values()))[0]


@dataclass(slots=True)
class Tale:
    """One made-up case: the random source, the words, and the state it has come to."""

    number: int
    id: CaseId
    rng: Random
    people: People
    language: Language
    story: Story
    owner: Actor
    merchant: str
    words: dict[str, str]
    case: Case = field(default=CASE.initial)
    version: int = 0

    def say(self, phrase: str) -> str:
        """A shared phrase with the words of this case."""
        text = self.language.phrases[phrase]
        return self.fill(text if isinstance(text, str) else self.rng.choice(text))

    def fill(self, text: str) -> str:
        """A text with the words of this case."""
        return text.format_map(self.words)

    def chance(self, share: float) -> bool:
        """True in this share of the cases."""
        return self.rng.random() < share

    def delay(self, typical: timedelta) -> timedelta:
        """A time around the typical one, now and then much longer."""
        return typical * self.rng.lognormvariate(0, 0.6)

    @property
    def handler(self) -> Actor:
        """Who has the work now."""
        return self.people.agent(self.case.handler)

    def supervisor(self, *others: Actor) -> Actor:
        """A supervisor who is none of these."""
        return self.rng.choice([one for one in self.people.supervisors if one not in others])


def tale(number: int, case_id: CaseId, seed: str, people: People, told: Mapping[str, Language]) -> Tale:
    """The tale of this number; the same seed tells the same."""
    rng = Random(seed)  # noqa: S311  made-up data, nothing secret
    spoken = "zh" if rng.random() < _ZH_SHARE else "en"
    language = told[spoken]
    merchant = rng.choice(list(people.merchants))
    words = _words(rng, spoken, people.merchants[merchant])
    story = rng.choice(list(language.stories.values()))
    return Tale(number, case_id, rng, people, language, story, rng.choice(people.agents), merchant, words)


def _words(rng: Random, spoken: str, merchant: str) -> dict[str, str]:
    name = rng.choice(_SURNAMES) + rng.choice(_GIVEN) if spoken == "zh" else f"{rng.choice(_FIRST)} {rng.choice(_LAST)}"
    return {
        "name": name,
        "merchant": merchant,
        "dish": rng.choice(_DISHES[spoken]),
        "amount": str(rng.randint(2, 38) * 10),
        "minutes": str(rng.randint(4, 14) * 5),
        "guests": str(rng.randint(2, 12)),
        "hour": str(rng.randint(17, 20)),
        "day": f"{rng.randint(1, 12)}-{rng.randint(1, 28)}",
        "ref": f"R{rng.randint(10_000, 99_999)}",
    }


# ---- times ----------------------------------------------------------------------------------------------------------
def arrivals(cases: int, rng: Random, begin: datetime, end: datetime) -> list[datetime]:
    """When complaints come in, in order: all days alike, most of them at lunch and dinner."""
    days = max((end - begin).days, 1)
    drawn = (_arrival(rng, begin, days) for _ in range(cases))
    return sorted(min(max(at, begin), end - MINUTE) for at in drawn)


def _arrival(rng: Random, begin: datetime, days: int) -> datetime:
    hour = rng.gauss(*rng.choice(((12.5, 1.2), (19.2, 1.4), (15.0, 3.0))))
    day = begin.astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0) + rng.randrange(days) * DAY
    return (day + timedelta(seconds=round(min(max(hour, OPENS), SHUTS) * 3600 + rng.random() * 59))).astimezone(UTC)


def at_work(at: datetime, rng: Random) -> datetime:
    """The moment itself, or the next morning when nobody works then."""
    local = at.astimezone(ZONE)
    if OPENS <= local.hour < SHUTS:
        return at
    morning = local.replace(hour=OPENS, minute=rng.randrange(50), second=rng.randrange(60), microsecond=0)
    return (morning if local.hour < OPENS else morning + DAY).astimezone(UTC)


# ---- the course of a case -------------------------------------------------------------------------------------------
def receipt(tale: Tale, at: datetime) -> dict[str, Any]:
    """The facts of case.received but for number, policy and subject (C-1)."""
    rng, words = tale.rng, tale.words
    on_site = tale.chance(tale.story.on_site)
    facts = {
        "channel": "hotline" if on_site else pick(rng, _CHANNELS),
        "received_at": at,
        "happened_at": at - (15 * MINUTE if on_site else tale.delay(9 * HOUR)),
        "on_site": on_site,
        "narrative": tale.fill(rng.choice(tale.story.narrative)),
        "demands": [tale.fill(text) for text in rng.sample(tale.story.demands, rng.randint(1, 2))],
        "place": words["merchant"],
        "merchant": tale.merchant,
        "apology_given": tale.chance(0.7),
        "owner": tale.owner.id,
        "handler": tale.owner.id,
        "team": tale.owner.team,
        "customer": _customer(tale),
    }
    return facts | ({"order_ref": f"O-{rng.randint(100_000, 999_999)}"} if tale.chance(0.6) else {})


def _customer(tale: Tale) -> dict[str, Any]:
    rng, known = tale.rng, pick(tale.rng, _CLASSES)
    customer = {
        "name": tale.words["name"],
        "customer_class": known,
        "phone": f"1{rng.choice('3578')}{rng.randint(0, 999_999_999):09d}",
    }
    if known is not CustomerClass.ORDINARY or tale.chance(0.3):
        customer["card_no"] = f"GC{rng.randint(0, 99_999_999):08d}"
    return customer | ({"email": f"guest{rng.randint(1000, 9999)}@example.com"} if tale.chance(0.15) else {})


def course(tale: Tale) -> Iterator[Step]:
    """The steps after receipt; some cases stop somewhere on the way. Reads the state that its own steps have made."""
    steps = _to_the_end(tale)
    left = tale.rng.randint(0, 9) if tale.chance(0.18) else -1
    for step in steps:
        if left == 0:
            return
        left -= 1
        yield step


def _to_the_end(tale: Tale) -> Iterator[Step]:
    yield from _opening(tale)
    if tale.chance(0.03):
        yield Step(tale.delay(DAY), tale.handler, "withdrawal", {"reason": tale.say("withdrawn")})
        return
    if tale.chance(0.04):
        yield Step(tale.delay(HOUR), tale.handler, "merge", {})
    if tale.case.status is Status.MERGED:
        return
    yield from _findings(tale)
    yield from _remedy(tale)
    yield from _calls(tale)
    if tale.case.status is Status.CALLED_BACK:
        yield from _ending(tale)


def _opening(tale: Tale) -> Iterator[Step]:
    """Acknowledged, perhaps passed on or put on hold, clarified (C-1a … C-3)."""
    yield Step(tale.delay(25 * MINUTE), tale.owner, "acknowledgement", {"channel": "hotline"})
    if tale.chance(0.15):
        colleague = tale.rng.choice(tale.people.agents)
        yield Step(
            tale.delay(3 * HOUR), tale.owner, "assignment", {"agent": colleague.id, "reason": tale.say("reassigned")}
        )
    if tale.chance(0.2):
        yield Step(tale.delay(20 * MINUTE), tale.handler, "notes", {"text": tale.say("note"), "temperament": "blue"})
    story = tale.story
    texts = {"what": tale.fill(story.what), "why": tale.fill(story.why)}
    texts |= {name: tale.say(name) for name in ("when", "where", "who", "how")}
    words = {"type": story.type, "dimension": story.dimension, "cause": story.cause, "confirmed_by_customer": True}
    yield Step(tale.delay(2 * HOUR), tale.handler, "clarification", texts | words)


def _findings(tale: Tale) -> Iterator[Step]:
    """Investigated and analysed (C-4, C-5); a complaint about an attitude by a supervisor."""
    attribution = pick(tale.rng, tale.story.attribution)
    faults = _faults(tale) if attribution is Attribution.COMPANY else []
    by = tale.supervisor() if faults else tale.handler
    yield from _waiting(tale)
    found: dict[str, Any] = {
        "findings": tale.say("findings"),
        "evidence": [{"kind": "recording", "ref": tale.say("evidence")}],
    }
    yield Step(tale.delay(5 * HOUR), by, "investigation", found | _bill(tale))
    severity = pick(tale.rng, {Severity.MINOR: 30, Severity.ORDINARY: 58, Severity.MAJOR: 9, Severity.CRITICAL: 3})
    risks = [tale.rng.choice(list(Risk))] if severity.grave and tale.chance(0.5) else []
    judged = {
        "attribution": attribution,
        "severity": severity,
        "risks": risks,
        "basis": tale.say("findings"),
        "faults": faults,
    }
    yield Step(tale.delay(4 * HOUR), by, "analysis", judged)


def _faults(tale: Tale) -> list[dict[str, Any]]:
    kind = FaultKind.BAD_ATTITUDE if tale.story.dimension == "empathy" else FaultKind.OPERATION_ERROR
    return [{"agent": tale.rng.choice(tale.people.agents).id, "fault": kind}] if tale.chance(0.8) else []


def _bill(tale: Tale) -> dict[str, Any]:
    if tale.story.type != "price":
        return {}
    if tale.chance(0.25):
        return {"bill_unavailable": tale.say("bill_unavailable")}
    prices = [(tale.words["dish"], 1)] if tale.chance(0.5) else [(tale.words["dish"], 1), (tale.words["merchant"], 3)]
    fen = int(tale.words["amount"]) * 100
    items = [{"text": text, "amount_fen": fen * times, "discountable": times > 1} for text, times in prices]
    return {"bill": {"items": items, "minimum_spend_met": tale.chance(0.9)}}


def _waiting(tale: Tale) -> Iterator[Step]:
    if tale.chance(0.2):
        yield Step(tale.delay(HOUR), tale.handler, "interim-replies", {"words": tale.say("interim"), "answer_by": DAY})
    if tale.chance(0.12):
        yield Step(
            tale.delay(HOUR),
            tale.handler,
            "pause",
            {"category": "partner", "since": timedelta(), "reason": tale.say("waiting")},
        )
        yield Step(tale.delay(20 * HOUR), tale.handler, "resumption", {})


def _remedy(tale: Tale) -> Iterator[Step]:
    """Escalated where it must be, proposed, reviewed where it must be, resolved (C-6, C-7, C-16)."""
    analysis = tale.case.analysis
    grave = analysis is not None and (analysis.severity.grave or bool(analysis.risks))
    cost = tale.rng.randint(60_000, 180_000) if grave and tale.chance(0.4) else int(tale.words["amount"]) * 100
    if grave or tale.chance(0.04):
        yield from _escalation(tale, cost)
    option = {
        "text": tale.fill(tale.story.solution[0]),
        "cost_fen": cost,
        "concession": "principled",
        "policy_ref": "PR-7",
    }
    goodwill = {
        "text": tale.fill(tale.story.solution[1]),
        "cost_fen": cost // 2,
        "concession": "goodwill",
        "policy_ref": "PR-9",
    }
    if grave or tale.case.valid or tale.chance(0.4):
        yield Step(tale.delay(3 * HOUR), tale.handler, "proposals", {"options": [option, goodwill]})
    if grave:
        if tale.chance(0.2):
            returned = {"option": 1, "verdict": "returned", "reason": tale.say("returned")}
            yield Step(tale.delay(HOUR), tale.supervisor(tale.handler), "answer-reviews", returned)
        passed = {"option": 1, "verdict": "passed"}
        yield Step(tale.delay(2 * HOUR), tale.supervisor(tale.handler), "answer-reviews", passed)
    yield from _resolution(tale, cost)


def _escalation(tale: Tale, cost: int) -> Iterator[Step]:
    asks, answers = tale.language.phrases["asks"], tale.language.phrases["replies"]
    facts = {
        "to": tale.rng.choice(tale.people.departments),
        "reason": tale.say("escalation"),
        "hear_back_by": DAY,
        "scenarios": [{"case": ask, "answer": answer} for ask, answer in zip(asks, answers, strict=True)],
        "options": [tale.fill(text) for text in tale.story.solution],
        "bottom_line": tale.say("bottom_line"),
    }
    yield Step(tale.delay(HOUR), tale.handler, "escalations", facts)
    answered = {"number": len(tale.case.escalations), "words": tale.say("approval"), "approved_cost_fen": cost}
    yield Step(tale.delay(6 * HOUR), tale.supervisor(tale.handler), "escalation-answers", answered)


def _resolution(tale: Tale, cost: int) -> Iterator[Step]:
    answers: list[dict[str, Any]] = [{"demand": 1, "decision": "granted" if tale.case.valid else "partly"}]
    if not tale.case.valid:
        answers[0]["reason"] = tale.say("refused")
    for demand in range(2, tale.case.demands + 1):
        granted = tale.chance(0.5)
        answers.append({"demand": demand, "decision": "granted"} if granted else _refusal(tale, demand))
    facts = {"solution": tale.fill(tale.story.solution[0]), "cost_fen": cost, "policy_ref": "PR-7", "answers": answers}
    option = {"option": 1} if tale.case.proposal else {}
    yield Step(tale.delay(5 * HOUR), tale.handler, "resolution", facts | option)


def _refusal(tale: Tale, demand: int) -> dict[str, Any]:
    return {"demand": demand, "decision": "refused", "reason": tale.say("refused")}


def _calls(tale: Tale) -> Iterator[Step]:
    """Called back until reached, three days at most; who is not satisfied gets another remedy, once (C-8)."""
    remedies = 0
    while tale.case.status is Status.RESOLVED:
        if not tale.chance(0.8):
            yield Step(tale.delay(30 * HOUR), tale.handler, "callbacks", {"reached": False})
            continue
        satisfied = remedies > 0 or tale.chance(0.92)
        words = tale.say("satisfied" if satisfied else "dissatisfied")
        score = tale.rng.randint(4, 5) if satisfied else tale.rng.randint(1, 2)
        facts = {
            "reached": True,
            "satisfied": satisfied,
            "score": score,
            "words": words,
            "courtesies": _courtesies(tale),
        }
        yield Step(tale.delay(20 * HOUR), tale.handler, "callbacks", facts)
        if not satisfied:
            remedies += 1
            yield from _remedy(tale)


def _courtesies(tale: Tale) -> list[Courtesy]:
    return [courtesy for courtesy in Courtesy if tale.chance(0.75)]


def _ending(tale: Tale) -> Iterator[Step]:
    """Carried out, summed up, closed, now and then reopened (C-7, C-10, C-11)."""
    for demand, done in list(tale.case.grants.items()):
        if not done:
            yield Step(tale.delay(3 * HOUR), tale.handler, "fulfilments", {"demand": demand})
    learned = {"cause": tale.fill(tale.story.what), "learned": tale.story.learned}
    summary = learned | {name: tale.say(name) for name in ("prevention", "improvement")}
    yield Step(tale.delay(4 * HOUR), tale.handler, "summary", summary)
    yield Step(tale.delay(HOUR), tale.handler, "closing", {})
    if tale.chance(0.03):
        yield Step(min(tale.delay(4 * DAY), 20 * DAY), tale.handler, "reopening", {"reason": tale.say("reopened")})
