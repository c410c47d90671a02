"""A quality review (W-8): a contact or case scored on a form, which the agent may dispute once."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from domain.kernel import Decider, Event, Forbidden, Malformed, Refusal
from domain.values import Actor, AgentId
from domain.work import events as e
from domain.work.moments import happened
from domain.work.refusals import AlreadyRecorded, NoSuchFact, by_another

RULE = "W-8"
FULL = 100


# ---- the form -------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What an item is called."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FormItem:
    """An item to be scored, with its weight in percent of the total."""

    name: str
    weight: int
    words: Wording


@dataclass(frozen=True, slots=True, kw_only=True)
class FatalItem:
    """An item that is met or not; where it is not, the total is 0."""

    name: str
    words: Wording


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form under its version; the weights of its items add up to 100."""

    version: str
    items: tuple[FormItem, ...]
    fatal: tuple[FatalItem, ...]

    def total(self, scores: tuple[e.Score, ...], failed: tuple[str, ...]) -> Decimal:
        """The weighted total, exact; 0 where a fatal item failed. Raises Malformed unless every item has one score."""
        names, weights = [score.item for score in scores], {item.name: item.weight for item in self.items}
        if sorted(names) != sorted(weights):
            raise Malformed(f"score each of {', '.join(weights)} once", rule="W-8", pointer="/scores")
        for at, score in enumerate(scores):
            if not 0 <= score.score <= FULL:
                raise Malformed(f"{score.item} is scored from 0 to 100", rule="W-8", pointer=f"/scores/{at}/score")
        fatal = [item.name for item in self.fatal]
        if not {*failed} <= {*fatal}:
            raise Malformed(f"the fatal items are {', '.join(fatal)}", rule="W-8", pointer="/failed")
        weighted = sum((score.score * weights[score.item] for score in scores), Decimal(0))
        # plus 0: written without trailing zeros and without an exponent
        return Decimal(0) if failed else weighted.scaleb(-2).normalize() + 0


# ---- the review -----------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class QualityReview:
    """What decisions need to know of a review; `scored` is None before it is made. `total` is the one that holds."""

    scored: e.ReviewScored | None = None
    total: Decimal | None = None
    disputed: bool = False
    answered: bool = False

    @property
    def agents(self) -> frozenset[AgentId]:
        """Whose work it is about."""
        return frozenset({self.scored.agent}) if self.scored else frozenset()


def evolve(review: QualityReview, event: Event) -> QualityReview:
    """Fold one event into the state."""
    match event:
        case e.ReviewScored():
            return QualityReview(event, event.total)
        case e.ReviewDisputed():
            return replace(review, disputed=True)
        case e.ReviewAnswered():
            return replace(review, answered=True, total=event.total)
        case _:
            return review


REVIEW = Decider("quality review", QualityReview(), evolve)


class NotYourReview(Forbidden):
    """Only the agent whose work was reviewed disputes it."""

    code = "not_your_review"


class AlreadyDisputed(Refusal):
    """A review is disputed once."""

    code = "already_disputed"


class NotDisputed(Refusal):
    """There is a dispute to answer, once."""

    code = "not_disputed"


def score(review: QualityReview, scored: e.ReviewScored, form: Form, actor: Actor, now: datetime) -> list[Event]:
    """Review work; the total is worked out by the form. Raises AboutYou, AlreadyRecorded, and Malformed."""
    happened(scored.at, now, RULE)
    total = form.total(scored.scores, scored.failed)
    by_another(actor, {scored.agent}, RULE)
    if review.scored is not None:
        raise AlreadyRecorded("this review is on record", rule="W-8")
    return [replace(scored, form=form.version, total=total)]


def dispute(review: QualityReview, disputed: e.ReviewDisputed, actor: Actor) -> list[Event]:
    """Not accept a review of one's own work. Raises NotYourReview, AlreadyDisputed."""
    if _known(review).agent != actor.id:
        raise NotYourReview("the agent whose work was reviewed disputes it", rule="W-8")
    if review.disputed:
        raise AlreadyDisputed("a review is disputed once: the answer to it is final", rule="W-8")
    return [disputed]


def answer(review: QualityReview, answered: e.ReviewAnswered, form: Form, actor: Actor) -> list[Event]:
    """Answer a dispute with the scores that hold from then on. Raises AboutYou, NotDisputed, and Malformed."""
    by_another(actor, {_known(review).agent}, RULE)
    total = form.total(answered.scores, answered.failed)
    if not review.disputed or review.answered:
        raise NotDisputed("there is no dispute of this review that waits for an answer", rule="W-8")
    return [replace(answered, total=total)]


def _known(review: QualityReview) -> e.ReviewScored:
    if review.scored is None:
        raise NoSuchFact("there is no such review")
    return review.scored
