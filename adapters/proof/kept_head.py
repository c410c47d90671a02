"""The head this machine signed last, in a file beside the master key: a database put back to a backup does not know."""

import os
from pathlib import Path

NAME = "sealed-head"


class KeptHead:
    """The newest signed checkpoint, outside of the database."""

    def __init__(self, home: Path) -> None:
        self.file = home / NAME

    def read(self) -> str | None:
        """The note; None where nothing has been signed here. Raises OSError."""
        return self.file.read_text("utf-8") if self.file.exists() else None

    def keep(self, note: str) -> None:
        """Replace it; it is never seen half-written, and lasts. Raises OSError."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        draft = self.file.with_name(f"{NAME}.{os.getpid()}")
        with draft.open("w", encoding="utf-8") as stream:
            stream.write(note)
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(self.file)
