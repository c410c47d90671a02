"""Commands without fields: `{}` or nothing at all is sent with them, and nothing else."""

from json import JSONDecodeError
from typing import Annotated

from fastapi import Body as Sent
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from adapters.http.fields import Body
from adapters.http.strict_json import StrictRequest


class EmptyBody(Body):
    """Nothing but the command itself: `{}`, or nothing at all."""


NoBody = Annotated[EmptyBody, Sent(default_factory=EmptyBody)]
"""The body of a command without fields."""


async def refuse_unread(request: StrictRequest) -> None:
    """Refuse what a route that reads no body is sent, so that it is never passed over in silence.

    Raises RequestValidationError, and HTTPException for a body that is too large.
    """
    if not await request.body():
        return
    try:
        EmptyBody.model_validate(await request.json())
    except JSONDecodeError as error:
        fault = {"type": "json_invalid", "loc": ("body", error.pos), "msg": error.msg, "ctx": {"error": error.msg}}
        raise RequestValidationError([fault]) from error
    except ValidationError as error:
        faults = [{**fault, "loc": ("body", *fault["loc"])} for fault in error.errors()]
        raise RequestValidationError(faults) from error
