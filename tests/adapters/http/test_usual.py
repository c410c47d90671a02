"""The short way of a request leads where the framework's leads, and answers what it answers."""

import json
import re

import pytest
from fastapi.dependencies.utils import request_params_to_args
from fastapi.routing import APIRoute
from starlette.datastructures import QueryParams
from starlette.routing import Match

from adapters.http.app import ROUTERS
from adapters.http.door import query_names
from adapters.http.usual import Index, Unusual, asked
from tests.adapters.http.serving import CASES, Service, receipt

ROUTES = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
ASKED = sorted({(method, re.sub(r"{[^}]*}", "7", route.path)) for route in ROUTES for method in route.methods or ()})


def scope(method: str, path: str) -> dict[str, object]:
    return {"type": "http", "method": method, "path": path, "root_path": "", "headers": [], "query_string": b""}


def tried(method: str, path: str) -> APIRoute | None:
    """The route that the framework would take."""
    return next((route for route in ROUTES if route.matches(scope(method, path))[0] is Match.FULL), None)


@pytest.mark.parametrize(("method", "path"), ASKED)
def test_the_index_finds_what_trying_all_would_find(method: str, path: str) -> None:
    match, child_scope = Index(ROUTES).matches(scope(method, path))
    wanted = tried(method, path)
    assert wanted is not None
    if ":path}" in wanted.path:
        assert match is Match.NONE
    else:
        assert child_scope["route"] is wanted


def test_the_index_leaves_alone_what_it_does_not_know() -> None:
    for method, path in (("GET", "/nothing"), ("DELETE", "/api/v1/cases"), ("GET", "/"), ("GET", "")):
        assert Index(ROUTES).matches(scope(method, path)) == (Match.NONE, {})
    assert Index(ROUTES).matches({"type": "websocket", "path": "/api/v1/cases"}) == (Match.NONE, {})


VALUES = ("", "7", "0", "true", "2026-11-01", "2026-11-01T08:00:00Z", "hotline", "x" * 400)
"""Some of them fit some parameters, none fits all."""


@pytest.mark.parametrize(
    "route", [route for route in ROUTES if route.dependant.query_params], ids=lambda route: route.path
)
def test_a_query_says_by_the_short_way_what_it_says_by_the_frameworks(route: APIRoute) -> None:
    known, fields = query_names(route), route.dependant.query_params
    queries = ["", *(f"{name}={value}" for name in known for value in VALUES)]
    queries += [f"{name}=7&{name}=8" for name, many in known.items() if many] + [
        "&".join(f"{name}=7" for name in known)
    ]
    for query in map(QueryParams, queries):
        values, faults = request_params_to_args(fields, query)
        if faults:
            with pytest.raises(Unusual):
                asked(fields, query, known)
        else:
            assert asked(fields, query, known) == values


BODIES: tuple[object, ...] = (
    *(receipt(), receipt(demands=[]), receipt(other=1), receipt(channel=None)),
    *(None, [], {}, "text", 7),
)


@pytest.mark.parametrize("body", BODIES, ids=lambda body: json.dumps(body)[-40:])
def test_both_ways_answer_the_same(service: Service, body: object) -> None:
    """With a character set behind the media type a request goes the framework's way."""
    sent = json.dumps(body).encode()
    kinds = [
        service.ask("POST", CASES, raw=sent, headers={"content-type": kind}).kind
        for kind in ("application/json", "application/json; charset=utf-8")
    ]
    assert kinds[0] == kinds[1]
