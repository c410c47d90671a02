"""`redress` as people run it: each time a process of its own, forked from one that has imported everything once."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Said:
    """What a command has printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """What `--json` printed."""
        return json.loads(self.out)


@dataclass(frozen=True, slots=True)
class CommandLine:
    """Runs commands one after the other from the project's folder; `env` is set beside the environment of the tests."""

    asked: IO[str]
    answered: IO[str]
    env: Mapping[str, str] = field(default_factory=dict)

    def set(self, **env: str) -> "CommandLine":
        """The same with something set."""
        return replace(self, env={**self.env, **env})

    def __call__(self, *words: str) -> Said:
        with tempfile.TemporaryDirectory() as folder:
            out, err = Path(folder) / "out", Path(folder) / "err"
            self.asked.write(json.dumps([words, {**os.environ, **self.env}, str(out), str(err)]) + "\n")
            self.asked.flush()
            return Said(int(self.answered.readline()), out.read_text("utf-8"), err.read_text("utf-8"))


@contextmanager
def forked_command_line() -> Iterator[CommandLine]:
    """The process that all commands are forked from, as long as they are wanted."""
    command = [sys.executable, "-m", "tests.support.command_line"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        yield CommandLine(process.stdin, process.stdout)


def _serve() -> None:
    """Answer every line of standard input, which asks for a command, with its exit code."""
    import adapters.cli.commands  # noqa: F401, PLC0415  here alone, not where tests run
    from adapters.cli.main import main  # noqa: PLC0415

    answers = os.fdopen(os.dup(1), "w")
    for line in sys.stdin:
        words, env, out, err = json.loads(line)
        child = os.fork()
        if child == 0:
            _become(words, env, out, err)
            sys.exit(main())
        answers.write(f"{os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}\n")
        answers.flush()


def _become(words: list[str], env: Mapping[str, str], out: str, err: str) -> None:
    """Take the place of a process that was started with these words."""
    os.environ.clear()
    os.environ.update(env)
    sys.argv = ["redress", *words]
    nothing = os.open(os.devnull, os.O_RDONLY)
    told = [os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600) for path in (out, err)]
    for number, descriptor in enumerate((nothing, *told)):
        os.dup2(descriptor, number)


if __name__ == "__main__":
    _serve()
