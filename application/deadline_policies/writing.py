"""A deadline policy written as a document again: what `application.deadline_policies.parse` reads as the same one."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import msgspec

from domain.time.deadlines import ClockRule, DeadlinePolicy, Target
from domain.time.terms import Ending, Term, Unit, every_hour

_HOUR = 60
_WORDS = {Unit.WORKING_DAYS: "working day", Unit.DAYS: "day", Unit.MONTHS: "month"}


def written(policy: DeadlinePolicy) -> dict[str, Any]:
    """The document, in plain JSON types; what is empty or as usual is left out."""
    plain: dict[str, Any] = msgspec.to_builtins(policy)
    zone = policy.calendar.time_zone
    counted = {"time_zone": zone} if policy.calendar == every_hour(zone) else {"calendar": policy.calendar.version}
    same = ("version", "name", "kind", "valid_from", "warn_percent", "recomputed_by", "teams", "channels", "source")
    found = {name: plain[name] for name in same} | counted
    found["ladder"] = [{"after": _passing(rung.after), "rank": rung.rank.value} for rung in policy.ladder]
    found["clocks"] = [_clock(rule) for rule in policy.clocks]
    return _said(found)


def _clock(rule: ClockRule) -> dict[str, Any]:
    terms = [target.within for target in rule.targets] + ([rule.at_most] if rule.at_most else [])
    of_days = next((term for term in terms if not term.unit.of_time), Term(Decimal(1), Unit.DAYS))
    return _said(
        {
            "name": rule.name,
            "rule": rule.rule,
            "only": rule.only.value,
            "starts": list(rule.starts),
            "stops": list(rule.stops),
            "voids": list(rule.voids),
            "ending": "" if of_days.ending is Ending.SAME_HOUR else of_days.ending.value,
            "first_day_counts": of_days.first_day_counts,
            "pausable": rule.pausable,
            "extended_as": rule.extended_as,
            "at_most": _term(rule.at_most) if rule.at_most else None,
            "targets": [_target(target) for target in rule.targets],
        }
    )


def _target(target: Target) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(target)
    return _said({**plain, "within": _term(target.within)})


def _term(term: Term) -> str:
    """As `2 working hours`, `0.5 working days`, `30 days`."""
    if not term.unit.of_time:
        return _counted(term.count, _WORDS[term.unit])
    working = "working " if term.unit.working else ""
    hours = term.count / _HOUR
    return _counted(hours, f"{working}hour") if hours == int(hours) else _counted(term.count, f"{working}minute")


def _passing(length: timedelta) -> str:
    minutes = Decimal(length // timedelta(microseconds=1)) / 60_000_000
    return _counted(minutes / _HOUR, "hour") if minutes % _HOUR == 0 else _counted(minutes, "minute")


def _counted(count: Decimal, word: str) -> str:
    return f"{count.normalize():f} {word}{'' if count == 1 else 's'}"


def _said(found: dict[str, Any]) -> dict[str, Any]:
    """Without what is empty or as usual; `only: all` is usual."""
    stated = {name: value for name, value in found.items() if value not in (None, (), [], "", False, "all")}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in stated.items()}
