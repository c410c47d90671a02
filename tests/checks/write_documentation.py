"""Write the pages that are made from the code: `.venv/bin/python tests/checks/write_documentation.py`.

docs/case-way.md, docs/permissions.md, docs/refusals.md and docs/schemas/ say what the code does because they are made
from what the code reads: the policies, the permission table, the classes of refusals, the events.
"""

import ast
import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from inspect import cleandoc
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from adapters.export import schemas
from adapters.http.app import create_app, document
from application import permissions, policies
from application.event_log import LogError
from application.permissions import PERMISSIONS
from domain.case.policy import CasePolicy, Step
from domain.case.words import Status
from domain.kernel import Malformed, Refusal
from domain.values import Role

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
SCHEMAS = DOCS / "schemas"
REFUSING = ("domain", "application", "projections")
"""The packages whose refusals have classes; the adapters raise `ApiError` with a code."""
COMMAND = ".venv/bin/python tests/checks/write_documentation.py"
MADE = f"<!-- Made from the code: run `{COMMAND}`, do not edit. -->\n"


def pages() -> dict[Path, str]:
    """Every generated file with what it has to say."""
    made = {
        DOCS / "case-way.md": case_way(),
        DOCS / "permissions.md": permission_table(),
        DOCS / "refusals.md": refusals(),
    }
    for topic, schema in schemas().items():
        made[SCHEMAS / f"{topic}.json"] = json.dumps(schema, ensure_ascii=False, indent=1) + "\n"
    return made


def unwanted() -> list[Path]:
    """Schemas of events that there are no more."""
    wanted = pages()
    return [file for file in sorted(SCHEMAS.glob("*.json")) if file not in wanted]


# ---- tables ---------------------------------------------------------------------------------------------------------
def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |\n" for line in lines)


def code(word: object) -> str:
    """A word as it is sent or stored."""
    return f"`{word}`"


def first_paragraph(documented: object) -> str:
    """The first paragraph of a docstring in one line."""
    return " ".join(cleandoc(documented.__doc__ or "").partition("\n\n")[0].split())


# ---- the way of a case ----------------------------------------------------------------------------------------------
WAY = list(Status)[: list(Status).index(Status.CLOSED) + 1]
SHORTEST_RANGE = 3
FIGURES = (
    ("valid_from", "first day on which cases are received under it"),
    ("time_zone", "whose local days count"),
    ("reopen_to", "where a reopened case goes on"),
    ("reopen_within_days", "days after closing or withdrawal within which a case is reopened (C-11)"),
    ("unreached_days_end_callback", "local days without reaching the customer that end the callback step (C-8)"),
    ("extensions_per_clock", "how often one term is put off (C-11)"),
    ("grant_due_days", "days after which a grant without a due day is due (C-7)"),
)


def case_way() -> str:
    """The policies that ship, as tables."""
    shipped = policies.shipped().values()
    head = f"""{MADE}
# The way of a case

Which step a case admits depends on its status and on what the step needs. Refusals, `next-steps` and this page are made
from the same tables, `application/policies/*.toml`. A case keeps the version it was received under.
"""
    return head + "".join(_policy(policy) for policy in shipped)


def _policy(policy: CasePolicy) -> str:
    figures = [(code(name), getattr(policy, name), words) for name, words in FIGURES]
    limits = [
        (code(f"limit_fen.{role}"), fen, "what the role may grant, in whole fen (C-7)")
        for role, fen in policy.limit_fen.items()
    ]
    needs = [(code(need.name), need.rule, need.otherwise) for need in policy.needs]
    steps = [_step(step) for step in policy.steps]
    return "\n".join(
        (
            f"\n## Policy `{policy.version}` (kind `{policy.kind}`)\n",
            table(("command", "records", "rule", "may follow", "needs"), steps),
            "A need that is not met is refused as `need_unmet` with these words:\n",
            table(("need", "rule", "what to do"), needs),
            "Figures:\n",
            table(("figure", "value", "meaning"), figures + limits),
        )
    )


def _step(step: Step) -> tuple[str, str, str, str, str]:
    needs = ", ".join(map(code, step.needs)) or "–"
    return code(step.command), code(step.event), step.rule, statuses(step.after), needs


def statuses(after: Sequence[Status]) -> str:
    """Statuses, those in a row on the way as a range: `received` to `proposed`."""
    return ", ".join(_range(run) for run in _runs(after))


def _runs(after: Sequence[Status]) -> Iterator[list[Status]]:
    run: list[Status] = []
    for status in after:
        if run and _next(run[-1]) is not status:
            yield run
            run = []
        run.append(status)
    yield run


def _next(status: Status) -> Status | None:
    following = WAY[WAY.index(status) + 1 :] if status in WAY else []
    return following[0] if following else None


def _range(run: Sequence[Status]) -> str:
    if len(run) < SHORTEST_RANGE:
        return ", ".join(map(code, run))
    return f"{code(run[0])} to {code(run[-1])}"


# ---- permissions ----------------------------------------------------------------------------------------------------
PERSONAL = (
    *("not_your_team", "named_in_case", "not_supervised", "own_escalation", "over_limit", "barred", "own_limit"),
    *("not_your_fact", "about_you", "corrected_by_supervisor", "not_your_review"),
    *("own_duty", "second_person"),
)
"""The codes of refusals that go by who somebody is, not by their role alone."""


def permission_table() -> str:
    """Who may do what, and which route asks for what."""
    granted = [(action, *("yes" if role in roles else "–" for role in Role)) for action, roles in PERMISSIONS.items()]
    rules = [f"* `{kind.code}`: {first_paragraph(kind)}\n" for kind in kinds() if kind.code in PERSONAL]
    _, _, on_top = cleandoc(permissions.__doc__ or "").partition("\n\n")
    return f"""{MADE}
# Who may do what

What is not granted is refused with 403 `forbidden`. The table is `application/permissions.py`.

{table(("action", *Role), granted)}
## Rules about persons

{on_top}

{"".join(rules)}
What a single step of a case needs of the person who takes it stands in [case-way.md](case-way.md).

## Which route needs which action

If-Match is needed where a route can answer 428.

{table(("route", "what", "action", "If-Match"), _routes())}"""


def _routes() -> Iterator[tuple[str, str, str, str]]:
    for path, operations in document(create_app(None))["paths"].items():  # type: ignore[arg-type]  # no part is asked
        for method, operation in operations.items():
            action = operation.get("x-action", "none: no key is needed")
            match = "needed" if "428" in operation["responses"] else "–"
            yield code(f"{method.upper()} {path}"), operation["summary"], action, match


# ---- refusals -------------------------------------------------------------------------------------------------------
def refusals() -> str:
    """Every way in which the service says no."""
    rules = _rules()
    rows: dict[tuple[str, int], list[type[Refusal | LogError]]] = defaultdict(list)
    for kind in kinds():
        rows[kind.code, kind.status].append(kind)
    told = [(code(word), status, _rules_of(of, rules), _sayings(of)) for (word, status), of in sorted(rows.items())]
    return f"""{MADE}
# Refusals

Errors are `application/problem+json` (RFC 9457). `code` is for programs and stays; `detail` is for people and says what
to do instead; `rule` is the rule's id where a rule refuses.

## By rules and by the log

{table(("code", "status", "rules", "when"), told)}
`need_unmet` and `not_on_the_way` carry the rule of the step: see [case-way.md](case-way.md).

## By the door

{table(("code", "status", "what it says"), sorted(set(_door())))}"""


def kinds() -> list[type[Refusal | LogError]]:
    """Every refusal there is, once all modules are imported."""
    for package in REFUSING:
        for file in sorted((ROOT / package).rglob("*.py")):
            import_module(".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"))
    return sorted({*_below(Refusal), *_below(LogError)}, key=lambda kind: (kind.code, kind.__module__, kind.__name__))


def _below(kind: type[Any]) -> Iterator[type[Any]]:
    for child in kind.__subclasses__():
        if child.__module__.split(".")[0] in REFUSING:
            yield child
        yield from _below(child)


def _sayings(of: Iterable[type[Any]]) -> str:
    return " ".join(dict.fromkeys(map(first_paragraph, of)))


def _rules_of(of: Iterable[type[Any]], rules: Mapping[str, set[str]]) -> str:
    named = {rule for kind in of for rule in rules.get(kind.__name__, ())}
    return ", ".join(sorted(named, key=_in_order)) or "–"


def _in_order(rule: str) -> tuple[str, int, str]:
    letter, _, number = rule.partition("-")
    digits = number.rstrip("abcd")
    return letter, int(digits), number


def _calls(package: str) -> Iterator[ast.Call]:
    for file in sorted((ROOT / package).rglob("*.py")):
        yield from (node for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.Call))


def _rules() -> dict[str, set[str]]:
    """The rules named where refusals are raised, by the class; `in_future` raises Malformed with its last argument."""
    found: dict[str, set[str]] = defaultdict(set)
    for call in (call for package in REFUSING for call in _calls(package)):
        match call:
            case ast.Call(func=ast.Name(id="in_future"), args=[*_, ast.Constant(value=str(rule))]):
                found[Malformed.__name__].add(rule)
            case ast.Call(func=ast.Name(id=name), keywords=[*_] as keywords):
                found[name].update(_fixed_rules(keywords))
    return found


def _fixed_rules(keywords: Iterable[ast.keyword]) -> Iterator[str]:
    for keyword in keywords:
        if keyword.arg == "rule" and isinstance(keyword.value, ast.Constant):
            yield str(keyword.value.value)


def _door() -> Iterator[tuple[str, int, str]]:
    """Code, status and words of every problem the HTTP door raises itself."""
    for call in _calls("adapters"):
        if isinstance(call.func, ast.Name) and call.func.id in {"ApiError", "problem"}:
            match call.args:
                case [ast.Constant(value=int(status)), ast.Constant(value=str(word)), detail]:
                    yield code(word), status, _words(detail)


def _words(detail: ast.expr) -> str:
    if isinstance(detail, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in detail.values)
    return str(detail.value) if isinstance(detail, ast.Constant) else "the fields at fault, in `errors`"


def main() -> None:
    """Write every page and schema, and take away those of events that there are no more."""
    SCHEMAS.mkdir(parents=True, exist_ok=True)
    for file in unwanted():
        file.unlink()
    for file, text in pages().items():
        file.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
