"""The demo: a team of believable people with a key each, and cases at every stage."""

from datetime import date, datetime, timedelta

from adapters.bootstrap import OPERATOR, Services, now, operators_command
from adapters.demo_day import FIRST, TEAMS, play_day
from adapters.intake.generate import GeneratorParts, Plan, generate
from adapters.settings import BadSetting
from domain.agent.agent import AlreadyRegistered as AgentKnown
from domain.team.team import AlreadyRegistered as TeamKnown
from domain.values import AgentId, local_day

TEAM = FIRST
PEOPLE = (
    ("agent", "a1001", "李雷", None),
    ("agent", "a1002", "韩梅梅", None),
    ("supervisor", "s2001", "王芳", "supervisor"),
    ("supervisor", "s2002", "Peter Cole", "head"),
    ("payroll", "p3001", "张敏", None),
    ("payroll", "p3002", "Ann Lee", None),
    ("auditor", "u4001", "周正", None),
    ("admin", "d5001", "陈晨", None),
)
"""Role, employee number, name and rank."""


CASES = 60
SEED = 7


async def prepare_demo(services: Services) -> None:
    """Register the people and make the cases where they are not yet; print a key for each: `role=… agent=… key=…`.

    Printed keys lie about in terminals and logs: those of earlier starts are revoked.
    """
    await _team(services)
    for role, agent, name, rank in PEOPLE:
        await _person(services, AgentId(agent), {"name": name, "role": role, "rank": rank})
    await _cases(services)
    await play_day(services, _yesterday(now()))
    for role, agent, *_ in PEOPLE:
        await services.keys.revoke_all(AgentId(agent))
        print(f"role={role} agent={agent} key={await services.keys.create(AgentId(agent))}", flush=True)  # noqa: T201


_IN_FORCE = """
    SELECT DISTINCT k.agent FROM access.api_keys k JOIN read.agents_1 a ON a.id = k.agent
        JOIN private.agents_1 p USING (stream)
    WHERE k.revoked_at IS NULL AND (a.id, p.name) IN (SELECT * FROM unnest(%s::text[], %s::text[])) ORDER BY 1"""


async def refuse_demo_keys(services: Services) -> None:
    """Refuse to let other machines in where keys of the demo's people are in force. Raises BadSetting."""
    _, numbers, names, _ = zip(*PEOPLE, strict=True)
    async with services.pool.connection() as connection:
        rows = await (await connection.execute(_IN_FORCE, [list(numbers), list(names)])).fetchall()
    if rows:
        whose = ", ".join(agent for (agent,) in rows)
        raise BadSetting(
            f"keys of the demo are in force ({whose}): revoke them with `redress key revoke`, or stay local"
        )


def _yesterday(at: datetime) -> date:
    """The local day before; of a demo that is started again on a later day, another one."""
    return local_day(at) - timedelta(days=1)


async def _cases(services: Services) -> None:
    plan = Plan(cases=CASES, agents=8, seed=SEED, end=now())
    policy = services.cases.policy_on("default", plan.end)
    parts = GeneratorParts(services.log, services.keyring, services.numbers, services.masters, policy)
    await generate(plan, parts)


async def _team(services: Services) -> None:
    try:
        await services.masters.register_team(TEAM, TEAMS[TEAM], OPERATOR, operators_command())
    except TeamKnown:
        return


async def _person(services: Services, agent: AgentId, facts: dict[str, str | None]) -> None:
    try:
        whole = {**facts, "team": TEAM, "joined_on": date(2024, 1, 1)}
        await services.masters.register_agent(agent, whole, OPERATOR, operators_command())
    except AgentKnown:
        return
