"""The register of tariffs (A-4): what is wrong with a tariff beyond what it says itself."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from decimal import Decimal

from domain.published import Kind
from domain.tariff import events as e
from domain.tariff.tariff import Tariff, faults
from domain.values import DEFAULT_ZONE

HIGHEST_FEN = 10**12
"""What no amount is above, in whole fen."""
HIGHEST_MARK = 100


def all_faults(tariff: Tariff) -> Iterator[tuple[str, str]]:
    """What is wrong with a tariff that is to be put in force: the path of the field, and the reason."""
    yield from faults(tariff)
    if tariff.time_zone != DEFAULT_ZONE:
        yield "time_zone", f"the days of the ledgers are those of {DEFAULT_ZONE}"
    yield from _out_of_bounds(tariff, ())


def _out_of_bounds(value: object, path: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    if isinstance(value, tuple):
        for at, item in enumerate(value):
            yield from _out_of_bounds(item, (*path, str(at)))
    elif is_dataclass(value):
        for field in fields(value):
            yield from _out_of_bounds(getattr(value, field.name), (*path, field.name))
    elif isinstance(value, int) and not 0 <= value <= HIGHEST_FEN:
        yield "/".join(path), f"{value} does not lie between 0 and {HIGHEST_FEN}"
    elif isinstance(value, Decimal) and not (value.is_finite() and 0 <= value <= HIGHEST_MARK):
        yield "/".join(path), f"{value} is no mark between 0 and {HIGHEST_MARK}"


TARIFFS = Kind(name="tariff", proposed=e.Proposed, published=e.Published, withdrawn=e.Withdrawn, faults=all_faults)
TARIFF_REGISTER = TARIFFS.decider
