"""The commands that prove: `verify` a bundle, `witness` a log, and renew the key that signs."""

import asyncio
import os
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from adapters.bootstrap import open_services
from adapters.cli.access import keys
from adapters.cli.answers import AsJson, say
from adapters.heap import growing
from adapters.proof import verify as verifier
from adapters.proof.rederive import rederive
from adapters.proof.unpacking import unpacked
from adapters.proof.witness import Witness, WitnessRefused
from adapters.settings import settings
from application.proof.note import BadNote, VerifierKey

FAILED = 1


def add_to(app: typer.Typer) -> None:
    """Add `verify`, `witness` and `key renew`."""
    app.command()(verify)
    app.command()(witness)
    keys.command("renew")(renew)


def verify(
    bundle: Annotated[Path, typer.Argument(help="a bundle of the log: the ZIP, or the folder it was unpacked in")],
    held: Annotated[Path | None, typer.Argument(help="a checkpoint that you hold from earlier")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Prove a bundle offline: bytes, order, signature, proofs; and make the states again from its events."""
    with unpacked(bundle) as folder:
        checked = verifier.check(folder, held.read_bytes() if held else None)
        words = list(verifier.told(checked, held=held is not None))
        document: dict[str, Any] = {
            "holds": not checked.faults,
            "faults": [{"zh": fault.zh, "en": fault.en} for fault in checked.faults],
            **checked.facts,
        }
        if not checked.faults:
            with (folder / "events.jsonl").open("rb") as lines, growing():
                states = rederive(lines)
            document |= {"holds": not states.unfoldable, "states": asdict(states)}
            words += _of_states(asdict(states))
    say("\n".join(words), document, as_json=as_json)
    if not document["holds"]:
        raise typer.Exit(FAILED)


def _of_states(states: dict[str, Any]) -> list[str]:
    listed = [f"{kind} {count}" for kind, count in states["streams"].items()]
    cases = [f"{status} {count}" for status, count in states["cases"].items()]
    unread = [
        f"  events.jsonl {one['line']}, position {one['position'] or '-'}: {one['why']}" for one in states["unfoldable"]
    ]
    return [
        f"由事件重建的状态 / states made again: {', '.join(listed) or '-'}",
        *([f"  个案 / cases: {', '.join(cases)}"] if cases else []),
        *([f"  不完整的流 / streams in part: {states['partial']}"] if states["partial"] else []),
        *(["无法读取 / cannot be read:", *unread] if unread else []),
    ]


def witness(
    source: Annotated[str, typer.Argument(help="address of a service (http://…), or a bundle of the whole log")],
    keep: Annotated[Path, typer.Option(help="the file that keeps the last head")],
    key: Annotated[str | None, typer.Option(help="the log's public key, as you were given it")] = None,
    api_key: Annotated[
        str, typer.Option(envvar="REDRESS_API_KEY", help="an auditor's key to the API, for a service")
    ] = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Keep the newest head of a log, unless it does not continue the one that is kept."""
    mine = Witness(keep)
    try:
        given = VerifierKey.parse(key) if key else None
        taken = mine.from_service(source, api_key, given) if "://" in source else mine.from_bundle(Path(source), given)
    except (WitnessRefused, BadNote) as refusal:
        say(f"不接受 / REFUSED: {refusal}", {"taken": False, "why": str(refusal)}, as_json=as_json)
        raise typer.Exit(FAILED) from refusal
    first = "" if taken.before is not None else "\n第一个检查点:请核对公钥 / the first head: compare its key"
    say(
        f"已接受 / taken: {taken.head.size} events, before {taken.before or 0}; key {taken.key}{first}",
        {"taken": True, "size": taken.head.size, "before": taken.before, "key": str(taken.key)},
        as_json=as_json,
    )


def renew(*, as_json: AsJson = False) -> None:
    """Replace the key that signs heads; the old and the new key sign the change."""

    async def run() -> VerifierKey:
        async with open_services(settings(os.environ)) as services, services.pool.connection() as connection:
            return await services.proof.keys.rotate(connection)

    key = asyncio.run(run())
    say(f"the key is now {key}", {"key": str(key)}, as_json=as_json)
