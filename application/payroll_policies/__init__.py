"""The payroll policies that ship with the project, read and checked once."""

import tomllib
from importlib import resources

import msgspec

from domain.payroll.policy import PayrollPolicy, faults


class BadPayrollPolicy(ValueError):
    """A payroll policy that cannot hold; the message names the version and what is wrong."""


def parse(text: str) -> PayrollPolicy:
    """A payroll policy from its TOML document. Raises BadPayrollPolicy."""
    document = tomllib.loads(text)
    try:
        policy = msgspec.convert(document, PayrollPolicy)
    except msgspec.ValidationError as error:
        raise BadPayrollPolicy(f"{document.get('version')}: {error}") from error
    for path, reason in faults(policy):
        raise BadPayrollPolicy(f"{policy.version}: {path}: {reason}")
    return policy


def shipped() -> tuple[PayrollPolicy, ...]:
    """The shipped policies in the order of their names."""
    files = sorted(resources.files(__package__).iterdir(), key=lambda file: file.name)
    return tuple(parse(file.read_text("utf-8")) for file in files if file.name.endswith(".toml"))
