"""The inbox says of a case what the case itself says, after every event, in any order of events."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random
from uuid import UUID

import pytest

from application.envelope import Recorded
from application.sealing import Opener
from domain.case.case import CASE
from domain.kernel import Event
from domain.values import Private
from projections.case_inbox import CaseRow, fold_all
from tests.projections.projecting import META
from tests.support import cases as c

THIS = UUID(c.THIS)
ASIDE: tuple[Event, ...] = (
    c.ACKNOWLEDGED, c.CLARIFIED, c.INVESTIGATED, c.INVESTIGATED_BY_SUPERVISOR, c.ANALYSED, c.PROPOSED, c.PASSED,
    c.RETURNED, c.RESOLVED, c.FULFILLED, c.CALLED_BACK, c.UNREACHED, c.NOT_SATISFIED, c.SUMMARISED, c.CLOSED,
    c.WITHDRAWN, c.MERGED, c.UNMERGED, c.REOPENED, c.REASSIGNED, c.NOTED, c.CONTACTED, c.INTERIM_REPLY, c.ATTACHED,
    c.LINKED, c.PAUSED, c.RESUMED, c.PROMISED, c.EXTENDED, c.REVIEW_REQUESTED,
)  # fmt: skip
SAME = ("status", "acknowledged", "paused", "escalated", "valid", "owner", "handler", "team", "type", "merged_into")


class Nothing(Opener):
    """Opens nothing."""

    def open(self, _: str, __: Private) -> str | None:
        return None


def recorded(events: Sequence[Event]) -> list[Recorded]:
    return [Recorded(n + 7, THIS, n, event, META) for n, event in enumerate(events, 1)]


def row_after(*events: Event) -> CaseRow:
    rows: dict[UUID, CaseRow] = {}
    fold_all(rows, recorded(events), Nothing())
    return rows[THIS]


def walk(seed: int) -> Sequence[Event]:
    """A history that no policy would allow, escalations being answered at most once."""
    random = Random(seed)  # noqa: S311  no secret
    history: list[Event] = [c.RECEIVED]
    asked = 0
    open_ones: list[int] = []
    for _ in range(random.randrange(40)):
        turn = random.randrange(len(ASIDE) + 4)
        if turn < len(ASIDE):
            history.append(ASIDE[turn])
        elif turn % 2 and open_ones:
            number = open_ones.pop(random.randrange(len(open_ones)))
            history.append(replace(c.ESCALATION_ANSWERED, number=number))
        else:
            asked += 1
            open_ones.append(asked)
            history.append(replace(c.ESCALATED, number=asked))
    return history


@pytest.mark.parametrize("seed", range(400))
def test_the_row_agrees_with_the_case(seed: int) -> None:
    history = walk(seed)
    row, case = row_after(*history), CASE.fold(history)
    assert {name: getattr(row, name) for name in SAME} == {name: getattr(case, name) for name in SAME}
    assert row.severity == (case.analysis and case.analysis.severity)
    assert row.attribution == (case.analysis and case.analysis.attribution)
    assert (row.version, row.position, row.demands) == (len(history), len(history) + 7, case.demands)


def test_a_guest_at_the_table_stands_on_top_until_the_case_ends() -> None:
    on_site = replace(c.RECEIVED, on_site=True)
    assert row_after(on_site).on_top
    assert not row_after(on_site, c.WITHDRAWN).on_top
    assert row_after(on_site, c.WITHDRAWN, c.REOPENED).on_top
    assert not row_after(c.RECEIVED).on_top
