"""Any event at all, built from the types of its fields; ids and numbers come from small pools, so that they meet."""

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from domain.time.calendar import Calendar, Opening, SpecialDay
from domain.time.terms import Ending, Term, Unit
from domain.values import AgentId, CaseId, Private, SubjectId

IDS: dict[Any, list[str]] = {
    AgentId: ["a1", "a2", "s1", "s2"],
    CaseId: ["00000000-0000-4000-8000-00000000000a", "00000000-0000-4000-8000-00000000000b"],
    SubjectId: ["5f0c8f2e-0000-4000-8000-000000000001", "5f0c8f2e-0000-4000-8000-000000000002"],
}
TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
TIMES = st.datetimes(datetime(1999, 12, 31), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    str: TEXT,
    int: st.integers(-1, 4) | st.integers(-(2**53), 2**53),
    bool: st.booleans(),
    Decimal: st.decimals(-1, 101, places=2),
    bytes: st.binary(max_size=20),
    datetime: TIMES,
    date: st.dates(date(1999, 12, 31), date(2100, 1, 1)),
    timedelta: st.integers(0, 10**6).map(lambda minutes: timedelta(minutes=minutes)),
    Term: st.builds(
        Term, st.integers(0, 999).map(Decimal), st.sampled_from([Unit.DAYS, Unit.WORKING_DAYS]), st.sampled_from(Ending)
    ),
    NoneType: st.none(),
}
_HOURS = st.sampled_from([(), (Opening(540, 1020),), (Opening(540, 720), Opening(780, 1080))])
PLAIN[Calendar] = st.builds(
    Calendar,
    version=TEXT,
    time_zone=TEXT,
    week=st.tuples(*[_HOURS] * 7),
    special=st.dictionaries(PLAIN[date], st.builds(SpecialDay, hours=_HOURS, name=st.none() | TEXT), max_size=3),
    valid_from=st.none() | PLAIN[date],
)


@cache
def values_of(hint: Any) -> st.SearchStrategy[Any]:
    """Any value of a type. Raises TypeError for a type that no event had until now: give it a strategy here."""
    if hint in IDS:
        return st.sampled_from(IDS[hint])
    if hint in PLAIN:
        return PLAIN[hint]
    if get_origin(hint) in {Union, UnionType}:
        return st.one_of([values_of(kind) for kind in get_args(hint)])
    if get_origin(hint) is tuple:
        return st.lists(values_of(get_args(hint)[0]), max_size=3).map(tuple)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return st.sampled_from(list(hint))
    if is_dataclass(hint):
        return _builds(hint, values_of)
    raise TypeError(f"no strategy for {hint}: add one to {__name__}")


@cache
def facts_of(hint: Any) -> st.SearchStrategy[Any]:
    """Plain facts from which `seal` makes the value: texts for `Private`, mappings for nested values."""
    if hint is Private:
        return TEXT
    if get_origin(hint) in {Union, UnionType}:
        return st.one_of([facts_of(kind) for kind in get_args(hint)])
    if get_origin(hint) is tuple:
        return st.lists(facts_of(get_args(hint)[0]), max_size=3)
    if is_dataclass(hint) and hint not in PLAIN:
        return _builds(hint, facts_of)
    return values_of(hint)


def _builds(hint: Any, part: Callable[[Any], st.SearchStrategy[Any]]) -> st.SearchStrategy[Any]:
    hints = get_type_hints(hint)
    make = hint if part is values_of else dict
    return st.builds(make, **{field.name: part(hints[field.name]) for field in fields(hint)})
