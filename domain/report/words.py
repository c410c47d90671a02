"""The fixed words of the daily report."""

from enum import StrEnum


class ItemKind(StrEnum):
    """What an item of the report is about (S-4)."""

    OVERDUE = "overdue"
    ESCALATION = "escalation"
    MISSED_CALL = "missed_call"
    PHONE_FAULT = "phone_fault"
    PHONE_TEST_MISSING = "phone_test_missing"
    WORDS = "words"
