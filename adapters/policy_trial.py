"""A deadline policy tried on the history in the log, case by case."""

from collections.abc import Callable
from datetime import datetime

from adapters.postgres.pool import Pool
from application.policy_trial import Outcome, tried_on
from domain.case import events as e
from domain.time.deadlines import DeadlinePolicy
from projections.timelines import deadline_policies, timelines

AT_ONCE = 500
"""Cases whose timelines are held at a time."""
Progress = Callable[[int, int], None]
"""Told (done, total) in cases."""
_CASES = "SELECT originator_id FROM log.events WHERE topic = %s ORDER BY notification_id"


async def try_policy(
    pool: Pool,
    policy: DeadlinePolicy,
    now: datetime,
    period: tuple[datetime | None, datetime | None] = (None, None),
    progress: Progress = lambda _done, _total: None,
) -> Outcome:
    """Judge every case received in a period, its end not included, by a policy as if it had always been in force."""
    outcome, (begin, end) = Outcome(), period
    async with pool.connection() as connection:
        in_force = await deadline_policies(connection)
        cases = [case for (case,) in await (await connection.execute(_CASES, [e.Received.topic])).fetchall()]
        for at in range(0, len(cases), AT_ONCE):
            found = await timelines(connection, cases[at : at + AT_ONCE])
            for case, timeline in found.items():
                received = next(one.event.received_at for one in timeline.recorded if isinstance(one.event, e.Received))
                if (begin is None or begin <= received) and (end is None or received < end):
                    outcome.add(tried_on(case, timeline, policy, in_force, now))
            progress(min(at + AT_ONCE, len(cases)), len(cases))
    return outcome
