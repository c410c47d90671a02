"""What a command answers on stdout: words for people, or one JSON document for programs."""

import json
from datetime import datetime
from typing import Annotated, Any, TypeVar

import typer
from pydantic import TypeAdapter, ValidationError

AsJson = Annotated[bool, typer.Option("--json", help="one JSON document on stdout")]
T = TypeVar("T")


def say(words: str, document: Any, *, as_json: bool) -> None:
    """Answer once."""
    typer.echo(json.dumps(document, ensure_ascii=False) if as_json else words)


def checked(kind: Any, value: T, name: str) -> T:
    """The value, where the API would take it too. Raises BadParameter with what is wrong."""
    try:
        TypeAdapter(kind).validate_python(value)
    except ValidationError as error:
        raise typer.BadParameter(f"{name}: {error.errors()[0]['msg']}") from error
    return value


def moment(text: str, option: str) -> datetime:
    """The moment that an option names (RFC 3339). Raises BadParameter."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{option}: {text!r} is no time; write it as 2026-03-06T16:30:00+08:00") from error
    if at.tzinfo is None:
        raise typer.BadParameter(f"{option}: {text!r} has no offset from UTC; write it as 2026-03-06T16:30:00+08:00")
    return at
