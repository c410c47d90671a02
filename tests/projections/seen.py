"""A view for tests: it notes every event once, and does what a test asks at an event."""

from collections.abc import Callable, Sequence

from application.envelope import Recorded
from application.sealing import Opener
from projections.view import Cursor, View

At = Callable[[Cursor], object]


class Seen(View):
    """Notes positions; noting one twice is an error."""

    topics = ("case.",)

    def __init__(self, name: str = "seen_1", at: dict[int, Exception] | None = None) -> None:
        self.name = name  # type: ignore[misc]
        self.tables = (f"read.{name}",)  # type: ignore[misc]
        self.create = f"CREATE TABLE IF NOT EXISTS read.{name} (position bigint PRIMARY KEY)"  # type: ignore[misc]
        self.at = at or {}

    async def write(self, cursor: Cursor, events: Sequence[Recorded], _: Opener) -> None:
        for recorded in events:
            if error := self.at.get(recorded.position):
                raise error
            await cursor.execute(f"INSERT INTO read.{self.name} VALUES (%s)".encode(), [recorded.position])  # noqa: S608


class Killed(Seen):
    """Its connection is killed once, after it has written; what others saw in its tables is kept."""

    def __init__(self, look: Callable[[], object]) -> None:
        super().__init__("killed_1")
        self.look = look
        self.looks: list[object] = []

    async def write(self, cursor: Cursor, events: Sequence[Recorded], opener: Opener) -> None:
        self.looks.append(self.look())
        await super().write(cursor, events, opener)
        if len(self.looks) == 1:
            await cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
