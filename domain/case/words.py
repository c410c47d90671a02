"""The fixed words of a complaint case: stored and sent as they stand here, translated only for the eye."""

from enum import StrEnum


class Status(StrEnum):
    """How far a case has come; the first nine lie on the way in this order."""

    RECEIVED = "received"
    CLARIFIED = "clarified"
    INVESTIGATED = "investigated"
    ANALYSED = "analysed"
    PROPOSED = "proposed"
    RESOLVED = "resolved"
    CALLED_BACK = "called_back"
    SUMMARISED = "summarised"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    MERGED = "merged"


class Channel(StrEnum):
    """Where a complaint came in or a contact took place (C-1)."""

    HOTLINE = "hotline"
    WEB = "web"
    EMAIL = "email"
    CHAT = "chat"
    SOCIAL = "social"
    WALK_IN = "walk_in"
    LETTER = "letter"
    REGULATOR = "regulator"
    APP = "app"


class CustomerClass(StrEnum):
    """C-9: 顶级, 关系, 重要, 持卡, 普通."""

    TOP = "top"
    RELATION = "relation"
    IMPORTANT = "important"
    CARDHOLDER = "cardholder"
    ORDINARY = "ordinary"


class ComplaintType(StrEnum):
    """What the complaint is about (C-3)."""

    PRODUCT = "product"
    SERVICE = "service"
    PRICE = "price"
    LOGISTICS = "logistics"
    BOOKING = "booking"
    OTHER = "other"


class Dimension(StrEnum):
    """The dimension of service that failed (C-3): 有形度, 同理度, 专业度, 反映度, 信赖度."""

    TANGIBLES = "tangibles"
    EMPATHY = "empathy"
    ASSURANCE = "assurance"
    RESPONSIVENESS = "responsiveness"
    RELIABILITY = "reliability"


class Cause(StrEnum):
    """Why the customer is dissatisfied (C-3)."""

    HONESTY_DOUBTED = "honesty_doubted"
    PRESSURE_VENTED = "pressure_vented"
    INTEREST_HARMED = "interest_harmed"
    PROMISE_BROKEN = "promise_broken"
    UNREASONABLE = "unreasonable"
    EXPECTATION_UNMET = "expectation_unmet"


class Attribution(StrEnum):
    """To whom the trouble is due; company and merchant make the complaint valid (C-5)."""

    CUSTOMER = "customer"
    COMPANY = "company"
    MERCHANT = "merchant"
    EXTERNAL = "external"

    @property
    def valid(self) -> bool:
        """Whether this is a valid complaint (有效投诉)."""
        return self in {Attribution.COMPANY, Attribution.MERCHANT}


class Severity(StrEnum):
    """How grave the case is (C-5)."""

    MINOR = "minor"
    ORDINARY = "ordinary"
    MAJOR = "major"
    CRITICAL = "critical"

    @property
    def grave(self) -> bool:
        """Whether the answer needs a superior and a second pair of eyes (C-6, C-16)."""
        return self in {Severity.MAJOR, Severity.CRITICAL}


class Risk(StrEnum):
    """What may come of the case (C-5)."""

    LEGAL = "legal"
    MEDIA = "media"
    SAFETY = "safety"
    REPEAT = "repeat"


class FaultKind(StrEnum):
    """What an agent did wrong (C-5)."""

    OPERATION_ERROR = "operation_error"
    BAD_ATTITUDE = "bad_attitude"
    MEDIA_EXPOSURE = "media_exposure"


class Concession(StrEnum):
    """The grounds on which something is granted (C-7)."""

    PRINCIPLED = "principled"
    GOODWILL = "goodwill"
    NONE = "none"


class Decision(StrEnum):
    """The answer to one demand (C-7)."""

    GRANTED = "granted"
    PARTLY = "partly"
    REFUSED = "refused"


class Verdict(StrEnum):
    """Outcome of the quality gate (C-16)."""

    PASSED = "passed"
    RETURNED = "returned"


class WaitingFor(StrEnum):
    """On whom a paused case waits (C-11)."""

    CUSTOMER = "customer"
    PARTNER = "partner"
    REGULATOR = "regulator"
    COURT = "court"


class Direction(StrEnum):
    """Which way a contact went."""

    IN = "in"
    OUT = "out"


class Courtesy(StrEnum):
    """The six courtesies, in their order (C-12)."""

    APOLOGISE = "apologise"
    EXPLAIN = "explain"
    SHOW_SYMPATHY = "show_sympathy"
    SAY_THE_SOLUTION_AND_ACT = "say_the_solution_and_act"
    APOLOGISE_AGAIN = "apologise_again"
    THANK = "thank"


class Temperament(StrEnum):
    """The four colours of temperament, 性格四色 (C-14)."""

    RED = "red"
    YELLOW = "yellow"
    BLUE = "blue"
    GREEN = "green"

    @property
    def hint(self) -> str:
        """How to meet such a person."""
        return _HINTS[self]


_HINTS = {
    Temperament.RED: "self-centred, deaf to advice, vengeful: stay calm, do not argue, offer choices",
    Temperament.YELLOW: "self-assured, to the point: be brief, name the solution and the time first",
    Temperament.BLUE: "analytical, fine feeling, reasonable: give grounds and figures, keep to the order of things",
    Temperament.GREEN: "mild, listens, trusts: do not use it; say of yourself what they are owed",
}


class Clock(StrEnum):
    """The terms of a case that can be extended (C-11): our own, then those of regulators (D-3a)."""

    ACKNOWLEDGE = "acknowledge"
    ANSWER = "answer"
    RESOLVE = "resolve"
    CALLBACK = "callback"
    FINAL = "final"
    STAGE_ONE = "stage_one"
    STAGE_TWO = "stage_two"


class ClockKind(StrEnum):
    """Whose clock it is; the two kinds run beside each other (D-3a)."""

    INTERNAL = "internal"
    REGULATORY = "regulatory"


class ReopenCause(StrEnum):
    """What brought a case back."""

    REQUESTED = "requested"
    NOT_SATISFIED = "not_satisfied"


class LinkKind(StrEnum):
    """How two cases belong together (C-11)."""

    RELATED = "related"
    DUPLICATE = "duplicate"
    FOLLOW_UP = "follow_up"
    MERGED_FROM = "merged_from"
    STAGE_TWO = "stage_two"
