"""The case policies that ship with the project, read and checked once."""

import tomllib
from collections.abc import Iterable, Mapping
from importlib import resources
from typing import Any

import msgspec

from domain.case.case import NEED_NAMES
from domain.case.policy import CasePolicy
from domain.kernel import EVENTS


class BadPolicy(ValueError):
    """A policy that cannot hold; the message names the version and what is wrong."""


def parse(document: Mapping[str, Any]) -> CasePolicy:
    """A case policy from its document. Raises BadPolicy for a missing or unknown word, event, need or step."""
    try:
        policy = msgspec.convert(document, CasePolicy)
    except msgspec.ValidationError as error:
        raise BadPolicy(f"{document.get('version')}: {error}") from error
    for fault in _faults(policy):
        raise BadPolicy(f"{policy.version}: {fault}")
    return policy


def _faults(policy: CasePolicy) -> Iterable[str]:
    names = [need.name for need in policy.needs]
    yield from (f"the code knows no need {name}" for name in names if name not in NEED_NAMES)
    commands = [step.command for step in policy.steps]
    yield from (f"two rows for {command}" for command in commands if commands.count(command) > 1)
    for step in policy.steps:
        if step.event not in EVENTS:
            yield f"{step.command} records {step.event}, which is no event"
        yield from (f"{step.command} needs {name}, which has no words" for name in step.needs if name not in names)


def shipped() -> Mapping[str, CasePolicy]:
    """The shipped policies by their version."""
    files = sorted(resources.files(__package__).iterdir(), key=lambda file: file.name)
    documents = [tomllib.loads(file.read_text("utf-8")) for file in files if file.name.endswith(".toml")]
    return {policy.version: policy for policy in map(parse, documents)}
