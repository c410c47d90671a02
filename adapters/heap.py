"""What the garbage collector walks."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


def freeze_heap() -> None:
    """Leave all that is there now out of collections: walking it again and again took a quarter of a command's time.

    To be called once, when everything that stays has been made.
    """
    gc.collect()
    gc.freeze()


@contextmanager
def growing() -> Iterator[None]:
    """Collect no garbage while much is made that stays: walking all of it again and again takes longer than making it.

    Only what refers to itself is left lying meanwhile, and events and states do not.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
