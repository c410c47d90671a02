"""`redress handover`: what a shift hands over, as figures, as a page to print, or as PDF (S-3)."""

import asyncio
import json
import os
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from adapters.bootstrap import OPERATOR, Services, following, open_services
from adapters.cli.answers import AsJson, say
from adapters.handover_print.page import page
from adapters.handover_print.pdf import pdf
from adapters.http.handover_answers import plain_handover
from adapters.printing import Language
from adapters.settings import settings
from application.handover_reads import HandoverShown, people_of
from application.shifts import shift_id_of

Read = tuple[HandoverShown, dict[str, str | None], str | None]
"""A handover, the names in it, and the signed head over it."""


def add_to(app: typer.Typer) -> None:
    """Add `handover`."""
    app.command("handover")(handover)


def handover(
    shift: Annotated[str, typer.Argument(help="id of the shift")],
    page_file: Annotated[Path | None, typer.Option("--page", help="write the page to print into this file")] = None,
    pdf_file: Annotated[Path | None, typer.Option("--pdf", help="the same as PDF; needs Chromium")] = None,
    language: Annotated[Language, typer.Option(help="of the page")] = Language.ZH,
    *,
    as_json: AsJson = False,
) -> None:
    """Show what a shift hands over; free texts stay masked: those are for who works there, over the API."""
    shown, names, head = asyncio.run(_shown(shift))
    if page_file or pdf_file:
        written = page(language, shown, names, head)
        if page_file:
            page_file.write_text(written, "utf-8")
        if pdf_file:
            pdf_file.write_bytes(pdf(written, os.environ))
    plain = json.loads(msgspec.json.encode(plain_handover(shown, names, head)))
    say(_words(plain), plain, as_json=as_json)


async def _shown(shift: str) -> Read:
    async with open_services(settings(os.environ)) as services, following(services):
        return await _read(services, shift)


async def _read(services: Services, shift: str) -> Read:
    shown = await services.shift_work.reads.shown(shift_id_of(shift), OPERATOR)
    head = await services.proof.reads.head_over(shown.handover.upto)
    return shown, await services.shift_work.names(people_of(shown)), head


def _words(plain: dict[str, Any]) -> str:
    taken = ", ".join(f"{kind} {count}" for kind, count in plain["counts"].items() if count) or "nothing"
    frozen = "frozen" if plain["frozen"] else "still changes"
    return (
        f"{plain['date']} {plain['kind']}, positions {plain['after']} to {plain['upto']} ({frozen})\n"
        f"open {plain['open_at_start']} -> {plain['open_at_end']}; {taken}\n"
        f"due in the coming shift: {', '.join(plain['due']) or 'nothing'}"
    )
