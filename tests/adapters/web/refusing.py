"""What refusals say, read off the code: every sentence with which a refusal, or a problem of the API, is made."""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from application import policies
from tests.checks.write_documentation import ROOT, kinds

SAYING = ("domain", "application", "projections", "adapters")
ASIDE = frozenset({"cli", "bench", "intake", "embedded_postgres"})
"""Folders whose refusals are told on the command line, and at no page."""
SENTENCE_AT = {"ApiError": 2, "problem": 2, "BadParameter": 1, "invalid": 0, "check_works_on": 3}
SENTENCE_AT |= dict.fromkeys(("TooManyRequests", "NotSealed", "NothingThere"), 0)
"""What else is made with a sentence: at which argument it stands."""
NAMED = frozenset({"detail", "waits_for"})
"""Arguments and entries that are sentences wherever they stand."""
GIVING = frozenset({"_hindrance", "_ways_on", "fault"})
"""Functions that give a sentence, or a part of one."""
_PUT_IN = re.compile(r"\{.*?\}")
Texts = Mapping[str, Sequence[str]]


def plain(sentence: str) -> str:
    """A sentence without the names of what is put in."""
    return _PUT_IN.sub("{}", sentence)


def sentences() -> dict[str, str]:
    """Every sentence, plain, with where it is made."""
    found = {need.otherwise: policy.version for policy in policies.shipped().values() for need in policy.needs}
    for file in sources():
        where = file.relative_to(ROOT)
        made = _made(ast.parse(file.read_text("utf-8")), of_bodies="http" in file.parts)
        found |= {plain(text): f"{where}: {text}" for text in made}
    return found


def sources() -> Iterator[Path]:
    """The files whose refusals a page can show."""
    for package in SAYING:
        yield from (file for file in (ROOT / package).rglob("*.py") if ASIDE.isdisjoint(file.parts))


@cache
def _places() -> Mapping[str, int]:
    return {kind.__name__: 0 for kind in kinds()} | SENTENCE_AT


def _made(tree: ast.Module, *, of_bodies: bool) -> Iterator[str]:
    """of_bodies: a ValueError is a fault of a request's field, which pydantic tells."""
    places = {**_places(), "ValueError": 0} if of_bodies else _places()
    of_file = _texts(tree.body)
    for scope in ast.walk(tree):
        if isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef):
            inside = list(ast.walk(scope))
            known = {**of_file, **_texts(inside)}
            for part in _parts(inside, places, giving=scope.name in GIVING):
                yield from _templates(part, known)


def _texts(nodes: Sequence[ast.AST]) -> Texts:
    """The texts that names stand for."""
    given = [node for node in nodes if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)]
    found: dict[str, list[str]] = {}
    for node in given:
        found.setdefault(ast.unparse(node.targets[0]), []).extend(_templates(node.value, {}))
    return found


def _parts(nodes: Sequence[ast.AST], places: Mapping[str, int], *, giving: bool) -> Iterator[ast.expr]:
    """The expressions that are sentences."""
    for node in nodes:
        match node:
            case ast.Call(func=ast.Name(id=name), args=args) if name in places and len(args) > places[name]:
                yield args[places[name]]
            case ast.keyword(arg=str(name), value=value) if name in NAMED:
                yield value
            case ast.Dict(keys=keys, values=values):
                yield from (v for k, v in zip(keys, values, strict=True) if getattr(k, "value", None) == "detail")
            case ast.Return(value=ast.expr() as value) if giving:
                yield value


def _templates(node: ast.expr, known: Texts) -> Iterator[str]:
    """The texts that an expression can be; what is computed stands in braces, and is told itself where it is known."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.Name(id=name):
            yield from known.get(name, ())
        case ast.IfExp(body=body, orelse=other):
            yield from (*_templates(body, known), *_templates(other, known))
        case ast.BinOp(left=ast.Constant(value=str(text)), op=ast.Add()):
            yield text + "{}"
        case ast.JoinedStr(values=values):
            yield "".join(_piece(value) for value in values)
            for value in values:
                if isinstance(value, ast.FormattedValue) and isinstance(value.value, ast.Name):
                    yield from (text for text in known.get(value.value.id, ()) if " " in text)


def _piece(value: ast.expr) -> str:
    return str(value.value) if isinstance(value, ast.Constant) else "{" + ast.unparse(value).strip("f'\"{}") + "}"
