"""lifecycle: a complaint from its receipt to its closing over HTTP, beside as many requests to the bare endpoint.

Ten commands, each with an idempotency key and If-Match, and two reads: the case, and what may be done next.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import uuid4

import msgspec

from adapters.bench.append import RAW
from adapters.bench.http import BODY, CONNECTIONS
from adapters.bench.line import Line
from adapters.bench.measuring import Act, Ratio, a_second, paired
from adapters.bench.served import Served
from adapters.bench.stage import Stage

CASES = "/api/v1/cases"
OPTION = {"text": "退差价并致歉", "cost_fen": 3000, "concession": "principled", "policy_ref": "PR-7"}
WAY: Mapping[str, Mapping[str, object]] = {
    "acknowledgement": {},
    "clarification": {
        **dict.fromkeys(("what", "when", "where", "who", "why", "how"), "客人说得很清楚，领班也在场。"),
        "type": "service",
        "dimension": "reliability",
        "confirmed_by_customer": True,
    },
    "investigation": {"findings": "查了当晚的账单和排队记录。", "evidence": []},
    "analysis": {"attribution": "merchant", "severity": "ordinary", "risks": [], "basis": "与商家核实", "faults": []},
    "proposals": {"options": [OPTION]},
    "resolution": {
        "option": 1,
        "solution": "三日内退回差价",
        "cost_fen": 3000,
        "policy_ref": "PR-7",
        "answers": [{"demand": 1, "decision": "granted"}],
    },
    "callbacks": {"reached": True, "satisfied": True, "score": 5},
    "summary": dict.fromkeys(("cause", "learned", "prevention", "improvement"), "等位超过半小时要有人去说明。"),
    "closing": {},
}
"""The commands after the receipt, and their bodies."""
BODIES = {command: msgspec.json.encode(body) for command, body in WAY.items()}
READS = ("", "/next-steps")
REQUESTS = 1 + len(WAY) + len(READS)


async def lifecycle(stage: Stage, both: Served) -> dict[str, Ratio]:
    """The row."""
    await stage.raw_table(RAW)
    ours, bare = both.lines(CONNECTIONS)
    # a lifecycle takes longer than a note: as many seconds hold enough of them
    measure = partial(a_second, at_once=CONNECTIONS, seconds=2 * stage.scale.seconds)
    row = await paired(
        stage.scale.rounds, partial(measure, lives(ours)), partial(measure, bare_lives(bare)), "lifecycles/s"
    )
    for line in (*ours, *bare):
        line.close()
    return {"lifecycle": row}


def receipt() -> bytes:
    """A complaint of somebody with a number of their own, made a moment ago."""
    phone = f"139{uuid4().int % 10**8:08d}"
    at = datetime.now(UTC) - timedelta(seconds=1)
    return msgspec.json.encode(
        {
            "channel": "hotline",
            "received_at": at,
            "customer": {"name": "王小明", "phone": phone},
            "narrative": "账单没有打折，服务员说不清楚。",
            "demands": ["退还差价"],
        }
    )


def lives(lines: list[Line]) -> Act:
    """One whole lifecycle."""

    async def live(worker: int) -> object:
        ask = lines[worker].ask
        case = await ask("POST", CASES, receipt(), idempotency_key=str(uuid4()))
        for command, body in BODIES.items():
            match = f'"v{case["version"]}"'
            path = f"{CASES}/{case['id']}/{command}"
            case = await ask("POST", path, body, idempotency_key=str(uuid4()), if_match=match)
        return [await ask("GET", f"{CASES}/{case['id']}{read}") for read in READS]

    return live


def bare_lives(lines: list[Line]) -> Act:
    """As many requests to the bare endpoint, one after the other."""

    async def live(worker: int) -> object:
        return [await lines[worker].ask("POST", f"/cases/{uuid4()}/notes", BODY) for _ in range(REQUESTS)]

    return live
