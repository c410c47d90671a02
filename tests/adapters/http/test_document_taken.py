"""A server takes its document over from a process that has made it, and keeps of it what forms and methods need."""

import json
from typing import cast

from adapters.http.app import create_app, document, take_document
from adapters.http.parts import Parts
from adapters.web.forms import fields_of

NO_PARTS = cast("Parts", None)


def test_what_was_taken_over_answers_and_makes_forms_like_what_was_made_here() -> None:
    here, there = create_app(NO_PARTS), create_app(NO_PARTS)
    made = document(there)
    take_document(here, json.dumps(made, ensure_ascii=False, indent=1).encode())

    assert json.loads(here.state.written) == json.loads(json.dumps(made))
    posts = {path: operations["post"] for path, operations in made["paths"].items() if "post" in operations}
    for path, operation in posts.items():
        kept = document(here)["paths"][path]["post"]
        for part in ("x-action", "parameters", "requestBody"):
            assert kept.get(part) == operation.get(part), path
        if "application/json" in operation.get("requestBody", {"content": {"application/json": {}}})["content"]:
            assert fields_of(document(here), path) == fields_of(made, path)
    methods = {path: set(operations) for path, operations in made["paths"].items()}
    assert {path: set(operations) for path, operations in document(here)["paths"].items()} == methods
