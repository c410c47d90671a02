"""What the API finds wrong with a field, in the reader's language; what a rule says of it stands as it is."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from markupsafe import Markup

from adapters.web.navigation import N_

_MONEY = "_fen"
_FAULTS = tuple(
    (re.compile(pattern), said)
    for pattern, said in (
        (r"is needed|string should have at least 1 character", N_("This is needed.")),
        (r"string should have at least (?P<n>\d+) characters", N_("Write at least %(n)s characters.")),
        (r"string should have at most (?P<n>\d+) characters", N_("Write at most %(n)s characters.")),
        (r"list should have at least 1 item .*", N_("At least one is needed.")),
        (r"list should have at least (?P<n>\d+) items .*", N_("At least %(n)s are needed.")),
        (r"list should have at most (?P<n>\d+) items? .*", N_("At most %(n)s are taken.")),
        (r"input should be a valid (datetime|date)\b.*", N_("This is no day or time.")),
        (r"input should be a valid UUID\b.*", N_("There is no such case: give its number.")),
        (r"input should be greater than or equal to (?P<n>-?\d+)", N_("Give %(n)s or more.")),
        (r"input should be less than or equal to (?P<n>-?\d+)", N_("Give %(n)s or less.")),
        (r"input should be a valid (integer|number|decimal)\b.*", N_("Give a number.")),
        (r"string should match pattern .*", N_("It has characters that are not taken here.")),
        (r"input should be '.*", N_("Choose one of the list.")),
        (
            r"(?P<cost>\d+) fen exceed the (?P<limit>\d+) fen you may grant: .*",
            N_("%(cost)s yuan exceed the %(limit)s yuan you may grant: escalate, and have the cost approved (C-6)."),
        ),
        (
            r"say what stays of the (?P<n>\d+) fen: .*",
            N_("Say what stays of the %(n)s yuan: more than 0 and less than all of it."),
        ),
        (r".* has already passed: name a time to come", N_("This time has already passed: name a time to come.")),
        (r"begins like a spreadsheet formula: .*", N_("It begins like a formula: put a word before it.")),
    )
)
_AMOUNT = N_("Give an amount in yuan, such as 1234.50.")


def fault(text: Callable[..., str], detail: str, path: str) -> Markup:
    """A fault of the field at a path, in the language of `text`; what is not known here in the API's English."""
    for pattern, message in _FAULTS:
        if found := pattern.fullmatch(detail):
            said = text(_AMOUNT) if _is_no_amount(path, message) else text(message, **_numbers(path, found.groupdict()))
            return Markup("{}").format(said)
    return Markup('<span lang="en">{}</span>').format(detail)


def _is_no_amount(path: str, message: str) -> bool:
    return path.endswith(_MONEY) and message == "Give a number."


def _numbers(path: str, found: Mapping[str, Any]) -> dict[str, Any]:
    """Amounts are told as they are typed: in yuan."""
    return {name: Decimal(value) / 100 if path.endswith(_MONEY) else value for name, value in found.items()}


def place(pointer: str) -> tuple[str, str]:
    """The path of a field as forms have it, and the word by which people know it, from a problem's pointer."""
    parts = [part for part in pointer.split("/") if part]
    return ".".join(parts), next((part for part in reversed(parts) if not part.isdecimal()), "")
