"""The closed vocabularies of webhooks; the values are the tokens of the API."""

from enum import StrEnum


class Kind(StrEnum):
    """What an outgoing message tells of."""

    BREACH = "breach"
    ESCALATION = "escalation"
    PROMISE_DUE = "promise_due"
    DAILY_REPORT = "daily_report"
