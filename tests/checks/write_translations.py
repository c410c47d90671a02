"""Bring `adapters/web/locale/zh_CN.po` up to date with the messages of templates and code; what is new is empty in it.

`.venv/bin/python tests/checks/write_translations.py`
"""

from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[2]
WEB = ROOT / "adapters" / "web"
CHINESE = WEB / "locale" / "zh_CN.po"
_METHODS = [("**.py", "python"), ("templates/**.html", "jinja2.ext.babel_extract")]
_OPTIONS = {
    "templates/**.html": {
        "trim_blocks": "true",
        "lstrip_blocks": "true",
        "silent": "false",
        "extensions": "jinja2.ext.do",
    }
}
_IDLE = (b'"POT-', b'"PO-', b'"Last-', b'"Report-', b'"Generated-', b'"Language-Team', b'"Project-')
"""Headers that say nothing, or something else every day."""
_KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "N_": None, "text": None}


def extracted() -> Catalog:
    """The messages that the console says."""
    catalogue = Catalog(project="Redress", charset="utf-8")
    for file, _, message, _, context in extract_from_dir(WEB, _METHODS, _OPTIONS, keywords=_KEYWORDS):
        catalogue.add(message, locations=[(file, 1)], context=context)
    return catalogue


def kept() -> Catalog:
    """The catalogue as it stands."""
    with CHINESE.open("rb") as file:
        return read_po(file, locale="zh_CN")


def messages() -> dict[str, str]:
    """Every message with its Chinese."""
    return {str(entry.id): str(entry.string) for entry in kept() if entry.id and isinstance(entry.id, str)}


def written() -> bytes:
    """What should stand there: what was translated stays, what nobody says any more is gone."""
    catalogue = kept() if CHINESE.exists() else Catalog(locale="zh_CN", project="Redress")
    catalogue.update(extracted(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    catalogue.header_comment, catalogue.fuzzy = (
        "# The console in Chinese: made by write_translations.py, translated here.",
        False,
    )
    out = BytesIO()
    write_po(out, catalogue, sort_output=True, omit_header=False, no_location=True, ignore_obsolete=True, width=120)
    return b"".join(line for line in out.getvalue().splitlines(keepends=True) if not line.startswith(_IDLE))


if __name__ == "__main__":
    CHINESE.write_bytes(written())
