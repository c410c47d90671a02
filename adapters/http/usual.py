"""The usual request, answered by a short way: the framework's general one costs more than the rest of a command.

Whatever is not usual (another media type, anything that is not well-formed) goes the framework's way, which tells what
is wrong with it. Both read a value by the same validator.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from copy import copy
from json import JSONDecodeError
from typing import Any, get_type_hints

from fastapi._compat.v2 import ModelField
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.datastructures import QueryParams
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, NoMatchFound
from starlette.types import Receive, Scope, Send

from adapters.http.strict_json import StrictRequest

JSON = "application/json"
Values = dict[str, Any]
Handle = Callable[[StrictRequest], Awaitable[Response]]


class Unusual(Exception):
    """Something that the framework is to look at."""


def shortened(route: APIRoute, handle: Handle, known: Mapping[str, bool]) -> Handle:
    """The handler of a route, by the short way where the route and the request allow it.

    known: the names of its query parameters, and whether each may stand more than once.
    """
    if not _is_plain(route):
        return handle
    dependant, body_field = route.dependant, route.body_field
    call = dependant.call
    assert call is not None, "a route has a function"

    async def usual(request: StrictRequest) -> Response:
        try:
            values = _read(dependant, request, known)
            if body_field is not None:
                values[body_field.name] = await _body(body_field, request)
        except Unusual:
            return await handle(request)
        if dependant.request_param_name:
            values[dependant.request_param_name] = request
        answer: Response = await call(**values)
        return answer

    return usual


def _is_plain(route: APIRoute) -> bool:
    """Whether its function takes a JSON body and single values, and makes its answer itself."""
    dependant = route.dependant
    single = (*dependant.query_params, *dependant.header_params, *dependant.path_params)
    if len(dependant.query_params) == 1:
        single = single[1:]
    return (
        not (dependant.dependencies or dependant.cookie_params)
        and not (dependant.response_param_name or dependant.background_tasks_param_name)
        and len(dependant.body_params) == (route.body_field is not None)
        and not any(_is_model(field) for field in single)
        and not any("_" in field.alias for field in dependant.header_params)
        and get_type_hints(route.endpoint).get("return") is Response
    )


def _is_model(field: ModelField) -> bool:
    kind = field.field_info.annotation
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _read(dependant: Dependant, request: StrictRequest, known: Mapping[str, bool]) -> Values:
    """What path, headers and query say. Raises Unusual."""
    return {
        **_values(dependant.path_params, request.path_params),
        **_values(dependant.header_params, request.headers),
        **asked(dependant.query_params, request.query_params, known),
    }


def asked(fields: Sequence[ModelField], query: QueryParams, known: Mapping[str, bool]) -> Values:
    """What a query says, in a model that holds all of it or one by one. Raises Unusual."""
    given = {name: query.getlist(name) if many else query[name] for name, many in known.items() if name in query}
    if len(fields) == 1 and _is_model(fields[0]):
        return {fields[0].name: _validated(fields[0], given)}
    return _values(fields, given)


def _values(fields: Iterable[ModelField], given: Mapping[str, Any]) -> Values:
    return {field.name: _value(field, given.get(field.alias)) for field in fields}


def _value(field: ModelField, given: Any) -> Any:
    if given is None:
        if field.field_info.is_required():
            raise Unusual
        return copy(field.default)
    return _validated(field, given)


def _validated(field: ModelField, given: Any) -> Any:
    value, faults = field.validate(given, loc=(field.alias,))
    if faults:
        raise Unusual
    return value


async def _body(field: ModelField, request: StrictRequest) -> Any:
    """The body of a request that says it is JSON, and is. Raises Unusual, HTTPException."""
    if request.headers.get("content-type") != JSON or not await request.body():
        raise Unusual
    try:
        stated = await request.json()
    except JSONDecodeError:
        raise Unusual from None
    if stated is None:
        raise Unusual
    return _value(field, stated)


class Index(BaseRoute):
    """Finds the route of a request by its method, its length and its end, so that not all of two hundred are tried.

    What it does not find (another method, no such path) is left to the routers behind it.
    """

    def __init__(self, routes: Iterable[BaseRoute]) -> None:
        self._routes: dict[tuple[str, int, str | None], list[tuple[int, APIRoute]]] = {}
        for number, route in enumerate(routes):
            if isinstance(route, APIRoute) and ":path}" not in route.path:
                *_, last = pieces = route.path.split("/")
                for method in route.methods or ():
                    key = method, len(pieces), None if "{" in last else last
                    self._routes.setdefault(key, []).append((number, route))

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """See BaseRoute.matches."""
        if scope["type"] != "http":
            return Match.NONE, {}
        *_, last = pieces = scope["path"].split("/")
        named = self._routes.get((scope["method"], len(pieces), last), [])
        # in the order in which the framework would try them
        for _, route in sorted([*named, *self._routes.get((scope["method"], len(pieces), None), [])], key=_number):
            match, child_scope = route.matches(scope)
            if match is Match.FULL:
                return match, child_scope
        return Match.NONE, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See BaseRoute.handle."""
        await scope["route"].handle(scope, receive, send)

    def url_path_for(self, name: str, /, **path_params: Any) -> Any:
        """See BaseRoute.url_path_for: the routers behind it tell."""
        raise NoMatchFound(name, path_params)


def _number(numbered: tuple[int, APIRoute]) -> int:
    return numbered[0]
