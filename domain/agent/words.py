"""The fixed words about people at work."""

from enum import StrEnum


class Rank(StrEnum):
    """Ranks of supervisors: an attribute, not a role."""

    SUPERVISOR = "supervisor"
    MANAGER = "manager"
    HEAD = "head"


class Presence(StrEnum):
    """Whether somebody is there."""

    PRESENT = "present"
    ABSENT = "absent"
    LEFT = "left"
