"""The fixed words about erasing and restricting what is kept on a person."""

from enum import StrEnum


class Grounds(StrEnum):
    """Why what is kept on a person is to be erased."""

    ASKED_FOR = "asked_for"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    NO_LONGER_NEEDED = "no_longer_needed"
    OBJECTED = "objected"
    UNLAWFUL = "unlawful"
    LEGAL_DUTY = "legal_duty"
    RETENTION_OVER = "retention_over"


class RestrictedFor(StrEnum):
    """Why nobody may read what is kept on a person, though it is kept."""

    ERASURE_REFUSED = "erasure_refused"
    ACCURACY_CONTESTED = "accuracy_contested"
    UNLAWFUL = "unlawful"
    NEEDED_FOR_CLAIMS = "needed_for_claims"
    OBJECTED = "objected"


class ErasureStatus(StrEnum):
    """How far an erasure has come."""

    REQUESTED = "requested"
    APPROVED = "approved"
    CONFIRMED = "confirmed"
    ERASED = "erased"
    REJECTED = "rejected"


class SubjectKind(StrEnum):
    """As what somebody is known here."""

    CUSTOMER = "customer"
    STAFF = "staff"
