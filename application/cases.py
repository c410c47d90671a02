"""Commands on complaint cases: what comes in is sealed, decided by the domain, and recorded in the log.

Most commands are one row of COMMANDS: the event, the decision, what the service itself adds. The rest, which touch two
streams or another aggregate, are methods of their own.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from itertools import starmap
from typing import Any, Protocol
from unicodedata import normalize

import msgspec

from application.clocks import POLICY_REGISTER, Clocks
from application.event_log import Changes, Command, Done, Log, States, Stream
from application.permissions import Action, allowed, permit, permit_case, within_reach
from application.phrases import Phrases
from application.sealing import Keyring, Sealer, seal
from application.streams import agent_stream, case_stream, customer_stream
from domain.case import beside, way
from domain.case import events as e
from domain.case.case import Case, NoSuchCase, obstacle
from domain.case.next_action import next_action
from domain.case.policy import CasePolicy, Setting
from domain.case.words import CustomerClass, LinkKind, ReopenCause, Status
from domain.kernel import Event, Refusal
from domain.values import Actor, AgentId, CaseId, SubjectId

Facts = Mapping[str, Any]
"""The fields of an event in plain form, named as in the event."""
Stamp = Callable[[Setting], Facts]


@dataclass(frozen=True, slots=True)
class Row:
    """One command: its event, its decision, what the service adds, which texts go out to the customer."""

    event: type[Event]
    decide: Callable[[Case, Any, Setting], list[Event]]
    stamp: Stamp = lambda _: {}
    outgoing: tuple[str, ...] = ()
    action: Action = Action.WORK_ON_CASE


def _by(setting: Setting) -> Facts:
    return {"by": setting.actor.id}


def _reopened(_: Setting) -> Facts:
    return {"cause": ReopenCause.REQUESTED, "from_status": Status.RECEIVED, "to_status": Status.RECEIVED}


COMMANDS: dict[str, Row] = {
    "acknowledgement": Row(e.Acknowledged, way.acknowledge),
    "clarification": Row(e.Clarified, way.clarify),
    "investigation": Row(e.Investigated, way.investigate, lambda s: {**_by(s), "supervised": s.actor.supervises}),
    "analysis": Row(e.Analysed, way.analyse),
    "escalations": Row(e.Escalated, way.escalate, lambda s: {**_by(s), "number": 0}),
    "escalation-answers": Row(e.EscalationAnswered, way.answer_escalation, action=Action.ANSWER_ESCALATION),
    "proposals": Row(e.SolutionProposed, way.propose, _by),
    "answer-reviews": Row(e.AnswerReviewed, way.review_answer),
    "resolution": Row(
        e.Resolved, way.resolve, lambda s: {**_by(s), "resolved_at": s.now}, outgoing=("solution", "answers/reason")
    ),
    "fulfilments": Row(e.Fulfilled, way.fulfil),
    "callbacks": Row(e.CallbackDone, way.call_back, lambda s: {"day": s.local_day(s.now), "ends_step": False}),
    "summary": Row(e.Summarised, way.summarise),
    "closing": Row(e.Closed, way.close, lambda s: {"courtesies_missing": None, "closed_at": s.now}),
    "reopening": Row(e.Reopened, beside.reopen, _reopened),
    "withdrawal": Row(e.Withdrawn, beside.withdraw, lambda s: {"withdrawn_at": s.now}),
    "pause": Row(e.Paused, beside.pause),
    "resumption": Row(e.Resumed, beside.resume, lambda s: {"resumed_at": s.now}),
    "unmerge": Row(e.Unmerged, beside.unmerge, lambda _: {"out_of": "", "to_status": Status.RECEIVED}),
    "extension": Row(e.DeadlineExtended, beside.extend),
    "promises": Row(e.PromiseMade, beside.promise, lambda _: {"number": 0}, outgoing=("text",)),
    "contacts": Row(e.CustomerContacted, beside.contact, outgoing=("words",)),
    "notes": Row(e.Noted, beside.note),
    "evidence": Row(e.EvidenceAttached, beside.attach),
    "interim-replies": Row(e.InterimReplySent, beside.reply_interim, outgoing=("words",)),
}
WITHOUT_MATCH = frozenset({"notes", "contacts", "evidence", "links", "promises"})
"""The commands under a case that do not need If-Match (contract part 3)."""
ACROSS: dict[str, type[Event]] = {
    "assignment": e.Reassigned,
    "merge": e.Merged,
    "links": e.Linked,
    "review-requests": e.ReviewRequested,
}
"""The commands that touch more than the case's own stream, and their event."""


def action_of(command: str) -> Action:
    """The row of the permission table for a command."""
    return COMMANDS[command].action if command in COMMANDS else Action.WORK_ON_CASE


class UnknownAgent(Refusal):
    """An agent named in the request is not known."""

    code = "agent_unknown"


class Numbers(Protocol):
    """Gives every case its number, once."""

    async def next(self, year: int) -> str:
        """The next case number, such as `2026-000123`."""
        ...


@dataclass(frozen=True, slots=True)
class CaseAnswer:
    """What a command on a case answers; `warnings` are the forbidden phrases sent all the same (C-13)."""

    id: CaseId
    number: str
    version: int
    status: Status
    warnings: Sequence[e.Hit] = ()


@dataclass(frozen=True, slots=True)
class NextStep:
    """One command, whether this caller may give it now, and if not by which rule and what to do."""

    command: str
    allowed: bool
    code: str | None = None
    rule: str | None = None
    detail: str | None = None


Build = Callable[[States, Case, Setting, Sealer], Awaitable[Changes]]


class Cases:
    """Every command on complaint cases. All raise Refusal for what a rule forbids, and LogError."""

    def __init__(
        self,
        log: Log,
        keyring: Keyring,
        phrases: Phrases,
        policies: Mapping[str, CasePolicy],
        numbers: Numbers,
        clocks: Clocks,
    ) -> None:
        self._log, self._keyring, self._phrases = log, keyring, phrases
        self._policies, self._numbers, self._clocks = policies, numbers, clocks

    # ---- receipt ----------------------------------------------------------------------------------------------------
    async def receive(self, case_id: CaseId, facts: Facts, actor: Actor, command: Command) -> Done:
        """C-1, C-2, C-17: put a complaint on record under a new id; the receiving agent is owner and handler."""
        permit(actor, Action.OPEN_CASE)
        setting = self._setting(self.policy_on("default", command.meta.at), actor, command)
        stream = case_stream(case_id)

        async def decide(states: States) -> Changes:
            sealer = await self._keyring.sealer(await self._keyring.subject(identity_of(facts["customer"])))
            received = seal(e.Received, await self._receipt(facts, sealer.subject, setting), sealer)
            decided = way.receive(states[stream], received, setting)
            self._clocks.check(received, states, setting.now)
            return {stream: decided}

        return await self._log.transact([stream], decide, command, answer_of(stream), read=[POLICY_REGISTER])

    async def _receipt(self, facts: Facts, subject: SubjectId, setting: Setting) -> dict[str, Any]:
        actor, now = setting.actor, setting.now
        known = await self._class(subject)
        customer = {"customer_class": known, **_stated(facts["customer"]), "subject": subject}
        return {
            "received_at": now,
            **_stated(facts),
            "customer": customer,
            "number": await self._number(setting),
            "policy": setting.policy.version,
            "owner": actor.id,
            "handler": actor.id,
            "team": actor.team,
        }

    async def _class(self, subject: SubjectId) -> CustomerClass:
        """C-9: the customer's class as evaluated, ordinary as long as nobody has."""
        stream = customer_stream(subject)
        return (await self._log.states([stream]))[stream].customer_class or CustomerClass.ORDINARY

    async def _number(self, setting: Setting) -> str:
        return await self._numbers.next(setting.local_day(setting.now).year)

    # ---- commands that are one row ----------------------------------------------------------------------------------
    async def give(self, name: str, case_id: CaseId, facts: Facts, actor: Actor, command: Command) -> Done:
        """Give the command of a row of COMMANDS with the facts its event holds."""
        row = COMMANDS[name]
        hits = self.check(name, facts)
        if row.outgoing:
            facts = {**facts, "hits": [asdict(hit) for hit in hits]}

        async def build(_: States, case: Case, setting: Setting, sealer: Sealer) -> Changes:
            draft = seal(row.event, {**facts, **row.stamp(setting)}, sealer)
            return {case_stream(case_id): row.decide(case, draft, setting)}

        return await self._on_case(case_id, (), build, actor, command, row.action, hits)

    def check(self, name: str, facts: Facts) -> list[e.Hit]:
        """C-13: the forbidden phrases in the texts of a command that go out to the customer; nothing is recorded."""
        if name == "contacts" and facts["direction"] != "out":
            return []
        texts = [text for field in COMMANDS[name].outgoing for text in _texts(facts, field)]
        return [hit for found in starmap(self._phrases.hits, texts) for hit in found]

    async def analyse(self, case_id: CaseId, facts: Facts, actor: Actor, command: Command) -> Done:
        """C-5: as `give`, with every agent named known."""
        row, agents = COMMANDS["analysis"], [AgentId(fault["agent"]) for fault in facts["faults"]]

        async def build(states: States, case: Case, setting: Setting, sealer: Sealer) -> Changes:
            events = row.decide(case, seal(row.event, facts, sealer), setting)
            for at, agent in enumerate(agents):
                _known(states, agent, f"/faults/{at}/agent", "C-5")
            return {case_stream(case_id): events}

        return await self._on_case(case_id, [agent_stream(agent) for agent in agents], build, actor, command)

    async def pause(self, case_id: CaseId, facts: Facts, actor: Actor, command: Command) -> Done:
        """C-11: as `give`; `since` may be a moment, a day, or absent for now."""
        row = COMMANDS["pause"]

        async def build(_: States, case: Case, setting: Setting, sealer: Sealer) -> Changes:
            began = _began(case, facts.get("since"), setting)
            draft = seal(row.event, {**facts, "since": began}, sealer)
            return {case_stream(case_id): row.decide(case, draft, setting)}

        return await self._on_case(case_id, (), build, actor, command)

    # ---- commands across streams ------------------------------------------------------------------------------------
    async def assign(self, case_id: CaseId, agent: AgentId, reason: str, actor: Actor, command: Command) -> Done:
        """C-2: pass the work on to an agent who is there."""

        async def build(states: States, case: Case, setting: Setting, sealer: Sealer) -> Changes:
            _known(states, agent, "/agent", "C-2")
            sealed = sealer.seal("case.reassigned.reason", reason)
            events = beside.reassign(case, agent, states[agent_stream(agent)], sealed, setting)
            return {case_stream(case_id): events}

        return await self._on_case(case_id, [agent_stream(agent)], build, actor, command)

    async def link(self, case_id: CaseId, other: CaseId, kind: LinkKind, actor: Actor, command: Command) -> Done:
        """C-11: note that another case belongs to this one."""

        async def build(states: States, case: Case, setting: Setting, _: Sealer) -> Changes:
            target = states[case_stream(other)]
            return {case_stream(case_id): beside.link(case, case_id, other, target, kind, setting)}

        return await self._on_case(case_id, [case_stream(other)], build, actor, command)

    async def merge(self, case_id: CaseId, into: CaseId, actor: Actor, command: Command) -> Done:
        """C-11: let this case go on in another one; both histories stay, and the target's names the merge."""

        async def build(states: States, case: Case, setting: Setting, _: Sealer) -> Changes:
            target = states[case_stream(into)]
            permit_case(actor, target)
            merged, linked = beside.merge(case, case_id, into, target, setting)
            return {case_stream(case_id): merged, case_stream(into): linked}

        return await self._on_case(case_id, [case_stream(into)], build, actor, command)

    async def request_review(
        self, case_id: CaseId, review: CaseId, reason: str, actor: Actor, command: Command
    ) -> Done:
        """C-15: open the second stage as a case of its own; the answer is that of the new case."""
        second = case_stream(review)

        async def build(states: States, case: Case, setting: Setting, sealer: Sealer) -> Changes:
            requested = seal(e.ReviewRequested, {"review": review, "reason": reason}, sealer)
            opened = self._second_stage(case, await self._number(setting), setting)
            first, events = beside.request_review(case, requested, case_id, opened, setting)
            self._clocks.check(opened, states, setting.now)
            return {case_stream(case_id): first, second: events}

        return await self._on_case(case_id, [second], build, actor, command, of=second)

    def _second_stage(self, case: Case, number: str, setting: Setting) -> e.Received:
        stated = msgspec.to_builtins(case.received, builtin_types=(bytes, datetime, date))
        policy = self.policy_on("default", setting.now).version
        actor = setting.actor
        taken_over = {"number": number, "policy": policy, "received_at": setting.now, "day_only": False}
        # wherever the first stage came from, the second is received here, and its clocks begin (D-3)
        own = {"owner": actor.id, "team": actor.team or case.team, "source": None, "source_record": None}
        return msgspec.convert({**stated, **taken_over, **own}, e.Received, builtin_types=(bytes, datetime, date))

    # ---- what all commands share ------------------------------------------------------------------------------------
    async def _on_case(
        self,
        case_id: CaseId,
        others: Sequence[Stream[Any]],
        build: Build,
        actor: Actor,
        command: Command,
        action: Action = Action.WORK_ON_CASE,
        hits: Sequence[e.Hit] = (),
        of: Stream[Case] | None = None,
    ) -> Done:
        permit(actor, action)
        stream = case_stream(case_id)

        async def decide(states: States) -> Changes:
            case = states[stream]
            if case.status is None:
                raise NoSuchCase("there is no such case")
            permit_case(actor, case)
            sealer = await self._keyring.sealer(case.subject)
            setting = self._setting(self._policies[case.policy], actor, command)
            changes = await build(states, case, setting, sealer)
            return await self._clocks.with_deadlines(case_id, changes, states, setting.now)

        answer, read = answer_of(of or stream, hits), [POLICY_REGISTER]
        return await self._log.transact([stream, *others], decide, command, answer, read=read)

    def _setting(self, policy: CasePolicy, actor: Actor, command: Command) -> Setting:
        return Setting(policy, actor, command.meta.at)

    def policy_on(self, kind: str, now: datetime) -> CasePolicy:
        """The policy of a kind in force for cases received now: the newest that has begun."""
        begun = [policy for policy in self._policies.values() if policy.kind == kind and policy.begun(now)]
        return max(begun, key=lambda policy: policy.valid_from)

    # ---- what a caller may do next ----------------------------------------------------------------------------------
    def next_steps(self, case: Case, actor: Actor, now: datetime) -> list[NextStep]:
        """Every command with whether this caller may give it now: role, object and table together."""
        setting = Setting(self._policies[case.policy], actor, now)
        return [_next_step(case, name, setting) for name in (*COMMANDS, *ACROSS)]

    def next_action(self, case: Case, actor: Actor, now: datetime) -> str | None:
        """The command that leads on, whoever may give it; None where nothing is left to do."""
        return next_action(case, Setting(self._policies[case.policy], actor, now))


def _next_step(case: Case, name: str, setting: Setting) -> NextStep:
    action = action_of(name)
    if not allowed(setting.actor, action) or not within_reach(setting.actor, case):
        return NextStep(name, allowed=False, code="forbidden", rule="A-4", detail=f"you may not {action}")
    if name == "analysis" and way.names_somebody(case) and not setting.actor.supervises:
        return NextStep(name, allowed=False, code="forbidden", rule="C-4", detail=way.BY_A_SUPERVISOR)
    refusal = obstacle(case, name, setting)
    if refusal is None:
        return NextStep(name, allowed=True)
    return NextStep(name, allowed=False, code=refusal.code, rule=refusal.rule, detail=str(refusal))


def identity_of(customer: Facts) -> Sequence[str]:
    """C-1: whom a customer's facts name, for the keyring: a card number, else a telephone with a name, else nobody.

    However wide the letters are written, composed or not, and however the numbers are spaced.
    """
    card_no, phone, name = (normalize("NFKC", customer.get(part) or "") for part in ("card_no", "phone", "name"))
    if card_no:
        return ("card", "".join(card_no.split()))
    if phone:
        return ("phone", "".join(phone.split()).replace("-", ""), name.strip())
    return ()


def answer_of(stream: Stream[Case], hits: Sequence[e.Hit] = ()) -> Callable[[States], bytes]:
    """Makes the answer of a command: the case as it stands once the command is recorded."""

    def answer(states: States) -> bytes:
        case = states[stream]
        number = case.received.number if case.received else ""
        status = case.status or Status.RECEIVED
        return msgspec.json.encode(CaseAnswer(CaseId(str(stream.id)), number, states.version(stream), status, hits))

    return answer


def _began(case: Case, since: datetime | date | None, setting: Setting) -> datetime:
    if since is None:
        return setting.now
    return since if isinstance(since, datetime) else beside.waiting_since(case, since, setting)


def _known(states: States, agent: AgentId, pointer: str, rule: str) -> None:
    if states[agent_stream(agent)].presence is None:
        raise UnknownAgent(f"there is no agent {agent}", rule=rule, pointer=pointer)


def _texts(facts: Facts, field: str) -> list[tuple[str, str]]:
    """The texts of a field with their JSON pointers; `answers/reason` is the reason of each answer."""
    head, _, rest = field.partition("/")
    if not rest:
        return [(f"/{head}", facts[head])] if facts.get(head) else []
    items = enumerate(facts.get(head) or ())
    return [(f"/{head}/{at}/{rest}", item[rest]) for at, item in items if item.get(rest)]


def _stated(facts: Facts) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if value is not None}
