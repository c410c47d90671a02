"""YAML documents read into typed values; what does not fit is told with its line, its path, and the reason."""

import re
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import Any, TypeVar, get_args, get_type_hints

import msgspec
import yaml

T = TypeVar("T")
_STEP = re.compile(r"\.([^.\[]+)|\[(\d+|\.\.\.)\]")


class BadDocument(ValueError):
    """A document that cannot be used; the message gives file, line, path and reason."""

    def __init__(self, message: str, path: tuple[str | int, ...] = ()) -> None:
        super().__init__(message)
        self.path = path


@dataclass(frozen=True, slots=True)
class Document:
    """A YAML document: its file's name, its values (every scalar as the text that stands there), and its nodes."""

    name: str
    plain: Any
    root: yaml.Node
    path: tuple[str | int, ...] = ()

    def at(self, path: tuple[str | int, ...]) -> "Document":
        """The part of the document that stands at a path."""
        return replace(self, plain=_value(self.plain, path), path=(*self.path, *path))

    def convert(self, kind: type[T]) -> T:
        """The document as a dataclass. Raises BadDocument for an unknown, missing or unfit field."""
        _refuse_unknown(self, kind, self.plain, ())
        try:
            return msgspec.convert(self.plain, kind, strict=False)
        except msgspec.ValidationError as error:
            reason, _, path = str(error).partition(" - at `")
            steps = _path(path.rstrip("`"))
            value = _value(self.plain, steps)
            # only a text is shown: what aliases build may be too large to be written out
            told = reason.replace("`str`", repr(value)) if isinstance(value, str) else reason
            raise self.fault(steps, told) from error

    def fault(self, path: tuple[str | int, ...], reason: str) -> BadDocument:
        """The error that tells what is wrong at a path."""
        whole = (*self.path, *path)
        line, shown = self._line(whole) + 1, "/".join(map(str, whole)) or "the document"
        return BadDocument(f"{self.name}, line {line}: {shown}: {reason}", whole)

    def _line(self, path: tuple[str | int, ...]) -> int:
        """The line, from 0, of the deepest node on the path that is there."""
        node, line = self.root, self.root.start_mark.line
        for step in path:
            child = _child(node, step)
            if child is None:
                break
            line, node = child
        return line


class _Loader(yaml.CBaseLoader):
    """Makes nothing but texts, lists and mappings of them; what is null is left out of its mapping, as not stated."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002
        """See yaml.BaseLoader."""
        stated = [(key, value) for key, value in node.value if value.tag != _NULL]
        return super().construct_mapping(yaml.MappingNode(node.tag, stated, node.start_mark), deep)


_NULL = "tag:yaml.org,2002:null"
_Loader.add_implicit_resolver(_NULL, re.compile("(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""])


def read(name: str, text: str) -> Document:
    """Read a document. Raises BadDocument when it is no YAML or holds nothing."""
    try:
        root = yaml.compose(text, Loader=_Loader)
        plain = yaml.load(text, Loader=_Loader)  # noqa: S506  it makes nothing but texts, lists and mappings of them
    except yaml.YAMLError as error:
        raise BadDocument(f"{name}: this is not YAML: {error}") from error
    except RecursionError as error:
        raise BadDocument(f"{name}: this is nested too deeply") from error
    if root is None:
        raise BadDocument(f"{name}: the document is empty")
    return Document(name, plain, root)


def read_file(path: Path) -> Document:
    """Read a file, UTF-8. Raises BadDocument when it cannot be read."""
    try:
        return read(str(path), path.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise BadDocument(f"{path}: cannot be read: {error}") from error


def _child(node: yaml.Node, step: str | int) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        return next(((key.start_mark.line, value) for key, value in node.value if key.value == step), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step].start_mark.line, node.value[step]
    return None


def _value(plain: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        plain = plain[step]
    return plain


def _path(shown: str) -> tuple[str | int, ...]:
    """`$.facts[3].at` as steps; of a place that is not known exactly, as far as it is."""
    steps: list[str | int] = []
    for name, index in _STEP.findall(shown):
        if index == "...":
            break
        steps.append(name or int(index))
    return tuple(steps)


def _refuse_unknown(document: Document, kind: Any, plain: Any, path: tuple[str | int, ...]) -> None:
    inner = _dataclass_in(kind)
    if inner is None:
        return
    if isinstance(plain, list):
        for at, item in enumerate(plain):
            # no type has lists of lists, and aliases can nest them without end
            if not isinstance(item, list):
                _refuse_unknown(document, inner, item, (*path, at))
    elif isinstance(plain, dict):
        known, hints = {field.name for field in fields(inner)}, get_type_hints(inner)
        for name, value in plain.items():
            if name not in known:
                raise document.fault((*path, name), f"unknown; there are {', '.join(sorted(known))}")
            _refuse_unknown(document, hints[name], value, (*path, name))


def _dataclass_in(kind: Any) -> Any:
    """The dataclass a hint speaks of: itself, or within `X | None` and `tuple[X, ...]`."""
    if is_dataclass(kind):
        return kind
    return next((found for part in get_args(kind) if (found := _dataclass_in(part))), None)
