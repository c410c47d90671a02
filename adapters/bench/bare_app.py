"""The yardstick of the rows over HTTP: an asynchronous FastAPI endpoint with the same body that does only the INSERT.

    python -m adapters.bench.bare_app DSN PORT

No authentication, no idempotency, no sealing, no log lines: what is left is the framework and the flush.
"""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import uvicorn
from fastapi import FastAPI
from psycopg_pool import AsyncConnectionPool
from pydantic import BaseModel

from adapters.bench.append import INSERT
from adapters.bench.line import HOST
from adapters.heap import freeze_heap
from adapters.http.case_bodies import NoteBody

CONNECTIONS = 32


class Stored(BaseModel):
    """What the endpoint answers."""

    id: str
    version: int


def bare_app(dsn: str) -> FastAPI:
    """The application; each request takes a connection from a pool that has one for everybody."""
    pool = AsyncConnectionPool(dsn, kwargs={"autocommit": True}, min_size=CONNECTIONS, open=False)

    @asynccontextmanager
    async def opened(_: FastAPI) -> AsyncIterator[None]:
        async with pool:
            freeze_heap()
            yield

    app = FastAPI(lifespan=opened)

    @app.post("/cases/{case_id}/notes")
    async def note(case_id: str, body: NoteBody) -> Stored:
        async with pool.connection() as connection:
            parameters = (uuid4(), 1, "case.noted", body.model_dump_json().encode().ljust(STATE_BYTES))
            await connection.execute(INSERT, parameters, prepare=True)
        return Stored(id=case_id, version=1)

    return app


STATE_BYTES = 640
"""As long as a stored note with its circumstances."""

if __name__ == "__main__":
    uvicorn.run(bare_app(sys.argv[1]), host=HOST, port=int(sys.argv[2]), log_config=None, access_log=False)
