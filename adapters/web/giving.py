"""Commands of the API given by a page: the form, what was typed into it, and the form again where it was refused."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from fastapi import FastAPI, Request
from starlette.datastructures import FormData

from adapters.http.app import document
from adapters.http.problems import ApiError
from adapters.web.asking import API, Refused
from adapters.web.finding import with_ids
from adapters.web.forms import ADD, KEY, VERSION, Field, Form, body_of, fields_of, new_key, refused
from adapters.web.numbers import whole
from adapters.web.pages import Visitor
from application.permissions import Action, allowed

Values = Mapping[str, Any]
_OK = 200


@dataclass(frozen=True, slots=True)
class Giving:
    """A command that a page gives.

    route: its path in the API's document, behind `/api/v1`; path: the same for the one thing that it changes. command:
    by which words it is called; values: what stands in the form at first.
    """

    route: str
    path: str
    command: str
    values: Values | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """What came of it: the API's answer, or the form to be shown again with its problem and status."""

    form: Form
    answer: Values | None = None
    problem: Values | None = None
    status: int = _OK


@cache
def command_fields(app: FastAPI, route: str) -> tuple[Field, ...]:
    """The fields of a command, by its path behind `/api/v1`. Raises ApiError 404."""
    if "post" not in document(app)["paths"].get(API + route, {}):
        raise ApiError(404, "not_found", f"there is no command {route.rpartition('/')[2]}")
    return fields_of(document(app), API + route)


def check_may(request: Request, route: str) -> None:
    """Nobody writes a form in vain that they may not send. Raises ApiError 403 `forbidden`, 404."""
    command_fields(request.app, route)
    action = Action(document(request.app)["paths"][API + route]["post"]["x-action"])
    if not allowed(request.state.visitor.actor, action):
        raise ApiError(403, "forbidden", f"you may not {action}")


def begun(request: Request, giving: Giving) -> Form:
    """The form as it is shown first; it is sent to the address of its page. Raises ApiError 403."""
    if request.method == "GET":
        check_may(request, giving.route)
    fields = command_fields(request.app, giving.route)
    return Form(fields, request.url.path, giving.command, giving.values or {}, giving.version, new_key())


async def give(request: Request, visitor: Visitor, giving: Giving) -> Given:
    """Give the command with what was typed; a button that asks for another row gives nothing yet."""
    async with request.form() as typed:
        form = _typed(begun(request, giving), typed)
    if ADD in typed:
        return Given(form.with_row(str(typed[ADD])))
    try:
        body = await with_ids(visitor, form.values)
        answer = await visitor.api.post(giving.path, body, version=form.version, key=form.key)
    except Refused as refusal:
        return Given(_again(form, refusal), problem=refusal.problem, status=refusal.status)
    return Given(form, answer or {})


def _again(form: Form, refusal: Refused) -> Form:
    """What was typed, with what is wrong; a stale form can be sent again, by whoever has looked at what changed."""
    again = refused(form, refusal.problem)
    if refusal.code != "stale":
        return again
    return replace(again, version=refusal.problem["version"], key=new_key(), overtaken=form.version)


def _typed(form: Form, typed: FormData) -> Form:
    version = str(typed.get(VERSION, ""))
    return replace(
        form,
        values=body_of(form.fields, typed),
        version=whole(version),
        key=str(typed.get(KEY) or form.key),
    )
