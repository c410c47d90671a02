"""The retention schedule that ships with the project: how long what is kept on a person stays (A-3)."""

import tomllib
from functools import cache
from importlib import resources

import msgspec

from domain.subject.retention import Schedule, faults


class BadSchedule(ValueError):
    """A schedule that cannot hold; the message names the version and what is wrong."""


def parse(text: str) -> Schedule:
    """A schedule from its TOML document. Raises BadSchedule."""
    document = tomllib.loads(text)
    try:
        schedule = msgspec.convert(document, Schedule)
    except msgspec.ValidationError as error:
        raise BadSchedule(f"{document.get('version')}: {error}") from error
    for fault in faults(schedule):
        raise BadSchedule(f"{schedule.version}: {fault}")
    return schedule


@cache
def shipped() -> Schedule:
    """The shipped schedule."""
    return parse(resources.files(__package__).joinpath("default-1.toml").read_text("utf-8"))
