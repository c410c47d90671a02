"""What is left of a personal datum for eyes that need not see it: enough to tell two apart, not enough to call."""

from application.sealing import GONE

MASK = "***"


def mask(text: str | None) -> str | None:
    """Only that something stands there."""
    return _unless_gone(text, MASK)


def mask_name(name: str | None) -> str | None:
    """张三丰 → 张**: the first character, and how many there are up to three."""
    return _unless_gone(name, (name or "")[:1] + "*" * min(max(len(name or "") - 1, 1), 2))


def mask_phone(phone: str | None) -> str | None:
    """13812345678 → 138****5678; short numbers only by their mask."""
    return _ends(phone, 3, 4)


def mask_card(card_no: str | None) -> str | None:
    """6222020200001234 → ****1234."""
    return _ends(card_no, 0, 4)


def _ends(text: str | None, first: int, last: int) -> str | None:
    """The first and last characters where at least as many lie hidden between them."""
    text_ = text or ""
    shown = f"{text_[:first]}****{text_[-last:]}"
    return _unless_gone(text, shown if len(text_) >= first + 2 * last else MASK)


def _unless_gone(text: str | None, masked: str) -> str | None:
    return text if text is None or text in GONE else masked
