"""The fixed words about shifts."""

from enum import StrEnum


class ShiftKind(StrEnum):
    """The shifts of a day (S-1)."""

    EARLY = "early"
    MIDDLE = "middle"
    LATE = "late"
