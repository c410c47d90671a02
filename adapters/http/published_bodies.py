"""The request bodies and answers of documents that two people put in force: tariffs and payroll policies (A-4)."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Annotated, Any

import msgspec
from pydantic import ConfigDict, Field, ModelWrapValidatorHandler, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError, ValidationError

from adapters.http.answers import Answer
from adapters.http.fields import Body, Day, Fen, Id, Reference, Text, Truth
from adapters.intake.tariffs import parse
from application.documents import BadDocument, Document, read
from domain.payroll.settlement import Mode
from domain.published import Status

Mark = Annotated[Decimal, Field(ge=0, le=100, max_digits=8)]
Percent = Annotated[int, Field(ge=0, le=100, strict=True)]
Count = Annotated[int, Field(ge=0, le=10_000, strict=True)]


# ---- tariffs --------------------------------------------------------------------------------------------------------
class OrderPayBody(Body):
    """B-ORDER in a period, both days included."""

    first: Day = Field(description="first day")
    to: Day | None = Field(None, description="last day; null: no end")
    signed_fen: Fen = Field(description="for an order with a signed merchant")
    unsigned_fen: Fen = Field(description="for an order with an unsigned merchant")


class ExamTermsBody(Body):
    """How an exam counts (W-3, B-EXAM, P-EXAM)."""

    typing_percent: Percent = Field(description="weight of typing; the three add up to 100")
    knowledge_percent: Percent = Field(description="weight of business knowledge")
    service_percent: Percent = Field(description="weight of service skill and attitude")
    pass_mark: Mark = Field(description="a score below it is failed")
    bonus_above: Mark = Field(description="the best score gets a bonus if above it")
    bonus_fen: Fen = Field(description="B-EXAM")
    failed_fen: Fen = Field(description="P-EXAM")
    failed_again_fen: Fen = Field(description="P-EXAM, the month before failed too")


class CallbackTermsBody(Body):
    """W-2, P-CALLBACK: how many callbacks are due."""

    per_month: Count = Field(description="due in a month")
    per_full_week: Count = Field(description="due in each full week of who joined or left within the month")
    short_fen: Fen = Field(description="for each one short")


class DutyAmountsBody(Body):
    """What each agent and each supervisor on duty bears."""

    agent_fen: Fen = Field(description="each agent")
    supervisor_fen: Fen = Field(description="each supervisor")


class TariffFields(Body):
    """A tariff in the shape of its document (`redress tariff schema`)."""

    version: Id = Field(description="what it is known by for ever", examples=["default-2"])
    valid_from: Day = Field(description="first day, which lies ahead")
    time_zone: str = Field(max_length=60, description="whose local days count", examples=["Asia/Shanghai"])
    order: Annotated[list[OrderPayBody], Field(min_length=1, max_length=100)] = Field(
        description="B-ORDER: every day from valid_from on is covered by one period"
    )
    recommend_fen: Annotated[list[Fen], Field(max_length=100)] = Field(description="B-RECOMMEND: first, second …")
    exam: ExamTermsBody = Field(description="W-3, B-EXAM, P-EXAM")
    order_field_fen: Fen = Field(description="P-ORDER-FIELD")
    callback: CallbackTermsBody = Field(description="P-CALLBACK")
    operation_fen: Fen = Field(description="P-OPERATION")
    media_fen: Fen = Field(description="P-MEDIA")
    attitude_fen: Fen = Field(description="P-ATTITUDE")
    idle_fen: Fen = Field(description="P-IDLE")
    minor_fen: Fen = Field(description="P-MINOR")
    phone_fault: DutyAmountsBody = Field(description="P-PHONE-FAULT")
    missed_call: DutyAmountsBody = Field(description="P-MISSED-CALL")
    point_fen: Fen = Field(description="P-POINTS, W-7: the value of a point")


def either_form(schema: dict[str, Any]) -> None:
    """Say in the schema that the document may also come as YAML text, alone."""
    text = {"type": "string", "minLength": 1, "description": "the document as YAML, in place of all fields"}
    schema["properties"]["yaml"] = text
    fields = {"required": schema.pop("required"), "not": {"required": ["yaml"]}}
    schema["anyOf"] = [fields, {"required": ["yaml"], "maxProperties": 1}]


class TariffBody(TariffFields):
    """A tariff in the shape of its document (`redress tariff schema`), or that document as `{"yaml": "…"}`."""

    model_config = ConfigDict(json_schema_extra=either_form)

    @model_validator(mode="wrap")
    @classmethod
    def _of_either_form(cls, sent: Any, handler: ModelWrapValidatorHandler["TariffBody"]) -> "TariffBody":
        return handler(fields_of(sent, parse))


def fields_of(sent: Any, made: Callable[[Document], Any]) -> Any:
    """What was sent, or the fields of the YAML document that was.

    Raises ValidationError that points at `yaml`, with line, path and reason.
    """
    if not (isinstance(sent, Mapping) and sent.keys() == {"yaml"} and isinstance(sent["yaml"], str)):
        return sent
    try:
        return msgspec.to_builtins(made(read("yaml", sent["yaml"])))
    except BadDocument as bad:
        error = PydanticCustomError("bad_document", "{reason}", {"reason": str(bad)})
        details = InitErrorDetails(type=error, loc=("yaml",), input=sent["yaml"])
        raise ValidationError.from_exception_data("document", [details]) from bad


# ---- payroll policies -----------------------------------------------------------------------------------------------
class PayrollPolicyBody(Body):
    """What penalties may do to pay, from the first day of a month on (L-5)."""

    version: Id = Field(description="what it is known by for ever", examples=["default-2"])
    valid_from: Day = Field(description="first day of a month, which lies ahead")
    mode: Mode = Field(description="bonus_offset, points_only, wage_deduction or blocked")
    basis: Text = Field(description="the legal basis, or the reason, in words; statements name it")
    carry_forward: Truth = Field(False, description="what no bonus covers is taken from later ones, else waived")
    published_on: Day | None = Field(None, description="when the legal basis was made public; wage_deduction needs it")
    cap_percent: Annotated[int, Field(ge=0, le=20, strict=True)] = Field(
        20, description="the most of a month's gross wage that may be taken"
    )
    minimum_wage_fen: Fen | None = Field(None, description="what no wage is taken below; wage_deduction needs it")


# ---- both -----------------------------------------------------------------------------------------------------------
class WithdrawalBody(Body):
    """Why a proposal is taken back."""

    reason: Text = Field(description="the reason")


class VersionAnswered(Answer):
    """What a command on a tariff, policy or calendar answers."""

    id: str = Field(description="its version")
    version: int = Field(description="number of events of all versions together, as in the ETag")
    position: int = Field(description="position of the log that holds this, for `min_position`")


class PublishedShown(Answer, extra="forbid"):
    """What stands beside every version."""

    id: Reference = Field(description="its version")
    status: Status = Field(description="proposed, published or withdrawn")
    proposed_by: str | None = Field(description="who proposed it; null: it came with the service")
    published_by: str | None = Field(description="who published it, somebody else")
    withdrawn_by: str | None = Field(description="who took the proposal back")


class TariffShown(PublishedShown):
    """A tariff and who put it in force."""

    document: TariffFields = Field(description="the tariff")


class PayrollPolicyShown(PublishedShown):
    """A payroll policy and who put it in force."""

    document: PayrollPolicyBody = Field(description="the policy")


class TariffList(Answer):
    """A page of tariffs."""

    items: list[TariffShown] = Field(description="the shipped ones first, then in the order of proposal")
    next: str | None = Field(description="`after` of the next page; null on the last")


class PayrollPolicyList(Answer):
    """A page of payroll policies."""

    items: list[PayrollPolicyShown] = Field(description="the shipped ones first, then in the order of proposal")
    next: str | None = Field(description="`after` of the next page; null on the last")
