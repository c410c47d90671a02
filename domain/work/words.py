"""The fixed words of the facts of the work (rulebook part 3)."""

from enum import StrEnum

from domain.work.facts import ConductCode


class Side(StrEnum):
    """Who is asked whether the guest was seated: first the merchant, then the guest (W-1)."""

    MERCHANT = "merchant"
    GUEST = "guest"


class PhoneTestShift(StrEnum):
    """The shifts that test the telephone line (W-4)."""

    EARLY = "early"
    MIDDLE = "middle"


class CallKind(StrEnum):
    """What a call is about: each kind has its time in contact (D-2)."""

    ENQUIRY = "enquiry"
    BOOKING = "booking"
    ORDER = "order"
    REPORT_BACK = "report_back"
    FOLLOW_UP = "follow_up"
    COMPLAINT = "complaint"
    OTHER = "other"


class ConductKind(StrEnum):
    """What a conduct report puts to an agent: kinds with an amount go by its code, the others by a word (W-6)."""

    IDLE = "P-IDLE"
    MINOR = "P-MINOR"
    ATTITUDE = "P-ATTITUDE"
    HUNG_UP = "hung_up"
    LEFT_POST = "left_post"
    LATE = "late"

    @property
    def code(self) -> ConductCode | None:
        """The code of the line it gives; None for a kind without an amount."""
        return next((code for code in ConductCode if code.value == self.value), None)
