"""Views that hold texts opened write them anew when other texts of a person can be read than before (A-3)."""

import asyncio
from uuid import UUID

import pytest

from application.sealing import ERASED, RESTRICTED
from application.streams import subject_stream
from domain.kernel import Event
from domain.subject import events as e
from domain.subject.words import Grounds, RestrictedFor
from domain.values import AgentId, Private, SubjectId
from projections.rebuild import rebuild
from projections.registry import PROJECTIONS
from tests.projections.projecting import World, everything

BY = AgentId("u1")
NAMES = "SELECT name, search LIKE '%%王小明%%' FROM private.case_inbox_2 WHERE id = %s"


def restricted(world: World, person: SubjectId) -> Event:
    asyncio.run(world.keyring.restrict(person))
    why = Private(person, b"")
    return e.Restricted(subject=person, grounds=RestrictedFor.UNLAWFUL, reason=why, by=BY)


def released(world: World, person: SubjectId) -> Event:
    asyncio.run(world.keyring.release(person))
    return e.Released(subject=person, reason=Private(person, b""), by=BY)


def erased(world: World, person: SubjectId) -> Event:
    asyncio.run(world.keyring.erase(person))
    who = {"requested_by": BY, "approved_by": BY, "confirmed_by": AgentId("d1")}
    return e.Erased(subject=person, grounds=Grounds.ASKED_FOR, events=1, **who)


def shown(world: World, case: UUID) -> tuple[str, bool]:
    """The name in the inbox, and whether search finds it."""
    [row] = world.rows(NAMES, case)
    return row[0], row[1]


@pytest.mark.parametrize("at_once", [False, True])
def test_what_is_shown_follows_what_can_be_read_live_and_rebuilt(world: World, at_once: bool) -> None:  # noqa: FBT001
    person = asyncio.run(world.keyring.subject(()))
    first, second = world.receive(person), world.receive(person)
    bystander = world.receive()
    why = Private(person, b"")
    asked = e.ErasureRequested(subject=person, grounds=Grounds.ASKED_FOR, reason=why, by=BY)
    world.record(subject_stream(person).id, asked)
    for change, name, is_found in (
        (restricted, RESTRICTED, False),
        (released, "王小明", True),
        (erased, ERASED, False),
    ):
        world.record(subject_stream(person).id, change(world, person))
        if not at_once:
            world.project()
            assert shown(world, first) == shown(world, second) == (name, is_found)
    world.project()
    assert shown(world, first) == (ERASED, False)
    assert shown(world, bystander) == ("王小明", True)
    live = everything(world)
    asyncio.run(rebuild(world.dsn, world.keyring, PROJECTIONS))
    assert everything(world) == live
