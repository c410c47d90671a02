"""Shapes of what is sent and answered about persons: erasures, restrictions, holds, exports (A-3)."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import Field

from adapters.http.answers import Answer
from adapters.http.fields import Body, Text
from domain.subject.words import ErasureStatus, Grounds, RestrictedFor


class Decision(StrEnum):
    """What an auditor decides."""

    APPROVED = "approved"
    REJECTED = "rejected"


class ErasureBody(Body):
    """A-3: why what is kept on a person is to be erased."""

    reason: Text = Field(description="in words; sealed to the person, and erased with them")
    grounds: Grounds = Field(Grounds.ASKED_FOR, description="on which grounds; they outlive the erasure")


class DecisionBody(Body):
    """A-4: an auditor's decision on an erasure."""

    decision: Decision = Field(description="approved or rejected")
    reason: Text | None = Field(None, description="needed where it is rejected")


class RestrictionBody(Body):
    """A-3: why nobody may read what is kept."""

    reason: Text = Field(description="in words; sealed to the person")
    grounds: RestrictedFor = Field(RestrictedFor.ERASURE_REFUSED, description="on which grounds")


class WhyBody(Body):
    """Why; sealed to the person."""

    reason: Text = Field(description="in words")


class SubjectShown(Answer, extra="forbid"):
    """How a person stands."""

    id: str = Field(description="id of the person")
    version: int = Field(description="number of decisions on them, as in the ETag")
    agent: str | None = Field(description="employee number of who works or worked here")
    erasure: ErasureStatus | None = Field(description="how far the last erasure has come")
    restricted: bool = Field(description="whether nobody may read what is kept")
    held: bool = Field(description="whether a legal hold keeps it from being erased")


class SubjectAnswered(SubjectShown):
    """What a command on a person answers."""

    position: int = Field(description="position of the log that holds this, for `min_position`")


class SubjectListed(SubjectShown):
    """A person of whom something was decided, and who did."""

    position: int = Field(description="position of the last decision")
    grounds: Grounds | None = Field(description="of the last erasure")
    asked_at: datetime | None = Field(description="when it was asked for")
    requested_by: str | None = Field(description="employee number of who asked")
    approved_by: str | None = Field(description="employee number of the auditor")
    confirmed_by: str | None = Field(description="employee number of the second person")
    erased_at: int | None = Field(description="position at which the key was destroyed")


class SubjectList(Answer):
    """A page of persons."""

    items: list[SubjectListed] = Field(description="in the order of their ids")
    next: str | None = Field(description="`after` of the next page; null on the last")


class KeptEvent(Answer):
    """An event that holds something of the person's, or names them."""

    position: int = Field(description="its place in the log")
    stream: str = Field(description="what it belongs to")
    version: int = Field(description="its place there")
    type: str = Field(description="topic", examples=["case.received"])
    at: datetime = Field(description="when it was recorded, UTC")
    actor: str = Field(description="employee number of who recorded it")
    data: dict[str, Any] = Field(description="what was recorded; `***` stands for what is not shown")


class KeptFile(Answer):
    """A file that was handed in as evidence in a case of the person's."""

    id: str = Field(description="its id")
    name: str = Field(description="under `files/` in the archive")
    case_id: str = Field(description="of which case")
    media_type: str = Field(description="what its first bytes say it is", examples=["image/png"])
    size: int | None = Field(description="bytes; null where it is not shown")
    sha256: str | None = Field(description="SHA-256 of its bytes, hexadecimal; null where it is not shown")
    stored_by: str = Field(description="employee number of who put it there")
    stored_at: datetime = Field(description="when, UTC")


class PersonExported(Answer):
    """Everything that is kept on a person."""

    id: str = Field(description="id of the person")
    agent: str | None = Field(description="employee number of who works or worked here")
    made_at: datetime = Field(description="when this was made, UTC")
    events: list[KeptEvent] = Field(description="oldest first")
    files: list[KeptFile] = Field(description="oldest first; their bytes are in the archive, `format=zip`")


class Certificate(Answer):
    """That a person's key was destroyed: the event that says so, and the proof that it stands in the sealed log."""

    id: str = Field(description="id of the person")
    agent: str | None = Field(description="employee number of who worked here")
    position: int = Field(description="position of the event in the log")
    stream: str = Field(description="the stream of decisions on the person")
    version: int = Field(description="the event's place there")
    topic: str = Field(description="always `subject.erased`")
    body: dict[str, Any] = Field(description="the event as it is stored: grounds, who asked, approved, confirmed, when")
    stored: str = Field(description="the same body byte for byte, base64: what the leaf is made of")
    destroyed: str = Field(description="what was destroyed, in words")
    tlog_proof: str = Field(description="proof that it is in the signed tree (c2sp.org/tlog-proof)")
    checkpoint: str = Field(description="the signed head of that tree")
    inclusion: dict[str, Any] = Field(description="the same proof by its parts: index, size, leaf, hashes in base64")
