"""How far a long command is, shown on stderr."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress

Stage = Callable[[str, int], Callable[[int], None]]


@contextmanager
def staged() -> Iterator[Stage]:
    """A bar for each stage: begun with its name and how much it is, moved by how much more is done."""
    with Progress(console=Console(stderr=True)) as progress:

        def stage(name: str, total: int) -> Callable[[int], None]:
            task = progress.add_task(name, total=total)
            return lambda done: progress.advance(task, done)

        yield stage
