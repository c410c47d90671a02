"""What is kept on a person as a page to print, in one language, that needs nothing beside itself (A-3)."""

from collections.abc import Mapping, Sequence
from typing import Any

from adapters.printing import Language, Words, templates_of, words_in

_WORDS: Words = {
    "html_lang": ("zh-CN", "en"),
    "title": ("本人数据一览", "What is kept on a person"),
    "person": ("编号", "Id"),
    "agent": ("工号", "Employee number"),
    "made_at": ("制作时间", "Made at"),
    "at": ("时间", "At"),
    "type": ("事件", "Event"),
    "actor": ("经手人", "By"),
    "position": ("序号", "Position"),
    "data": ("内容", "Data"),
    "none": ("没有数据", "Nothing is kept"),
    "files": ("文件", "Files"),
    "file": ("文件名", "Name"),
    "case": ("个案", "Case"),
    "size": ("字节", "Bytes"),
}
_TEMPLATE = templates_of("adapters.person_export").get_template("page.html")


def page(document: Mapping[str, Any], language: Language) -> str:
    """The document as one HTML page in one language, which needs nothing beside itself."""
    fields = [(event, list(_flat(event["data"]))) for event in document["events"]]
    return _TEMPLATE.render(said=words_in(language, _WORDS), document=document, events=fields)


def _flat(value: Any, path: str = "") -> Sequence[tuple[str, str]]:
    """The fields of an event that say something, each with its path (`customer.name`, `demands.1`)."""
    match value:
        case dict():
            return [one for name, item in value.items() for one in _flat(item, f"{path}.{name}".lstrip("."))]
        case list() | tuple():
            return [one for n, item in enumerate(value, 1) for one in _flat(item, f"{path}.{n}")]
        case None:
            return []
        case _:
            return [(path, str(value))]
