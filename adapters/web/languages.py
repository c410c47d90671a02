"""The console's two languages: sentences by gettext, words of the domain by `words.yaml`, times by Babel."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_timedelta
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal, format_percent

from adapters.web.words import Tongue, words
from domain.values import DEFAULT_ZONE

CATALOGUES = Path(__file__).parent / "locale"
ZONE = ZoneInfo(DEFAULT_ZONE)
"""The zone in which the console shows times."""
_DAY = timedelta(days=1)


def with_offset(typed: str) -> str:
    """Day and time as people type them, in the console's zone where they name no other; what is none as it stands."""
    try:
        moment = datetime.fromisoformat(typed)
    except ValueError:
        return typed
    return (moment if moment.tzinfo else moment.replace(tzinfo=ZONE)).isoformat()


class Language:
    """How one language says things. code: as in HTML's `lang`; short: as in the words and in addresses."""

    def __init__(self, code: str, short: Tongue, name: str, clock: Callable[[], datetime]) -> None:
        self.code, self.short, self.name = code, short, name
        self.comma = "、" if short == "zh" else ", "
        self._locale = Locale.parse(code, sep="-")
        self._clock = clock
        self.translations = _catalogue(code, self._locale)

    def text(self, message: str, **values: object) -> str:
        """A sentence of the program's own, with its values put in."""
        said = self.translations.gettext(message)
        return said % values if values else said

    def word(self, value: str, kind: str) -> str:
        """A word of the domain; one that an older file does not know stands as it is."""
        return words().word(kind, value, self.short) if words().known(kind, value) else value

    def time(self, moment: datetime | str | None) -> str:
        """Day and time; the year where it is not this one."""
        if moment is None:
            return "—"
        at = _moment(moment).astimezone(ZONE)
        pattern = "MM-dd HH:mm" if at.year == self._clock().astimezone(ZONE).year else "yyyy-MM-dd HH:mm"
        return format_datetime(at, self._pattern(pattern), tzinfo=ZONE, locale=self._locale)

    def _pattern(self, pattern: str) -> str:
        """English readers take 03-04 for April 3 or March 4, so the month is a word."""
        return pattern if self.short == "zh" else pattern.replace("yyyy-MM-dd", "d MMM yyyy").replace("MM-dd", "d MMM")

    def day(self, day: date | str | None) -> str:
        """A day with its year."""
        if day is None:
            return "—"
        when = date.fromisoformat(day) if isinstance(day, str) else day
        return format_date(when, self._pattern("yyyy-MM-dd"), locale=self._locale)

    def weekday(self, day: date) -> str:
        """The day of the week, in short, and the day without its year."""
        return format_date(day, "EEE " + self._pattern("MM-dd"), locale=self._locale)

    def clock_time(self, moment: datetime | str) -> str:
        """The time of the day alone; the midnight that ends it is 24:00 nowhere, but 00:00."""
        return _moment(moment).astimezone(ZONE).strftime("%H:%M")

    def month(self, month: str) -> str:
        """A month, `2026-03`."""
        pattern = "yyyy年M月" if self.short == "zh" else "MMMM yyyy"
        return format_date(date.fromisoformat(month + "-01"), pattern, locale=self._locale)

    def ago(self, moment: datetime | str) -> str:
        """How long ago, or how far ahead, in words."""
        return format_timedelta(
            _moment(moment) - self._clock(), add_direction=True, locale=self._locale, format="short", threshold=1.2
        )

    def left(self, moment: datetime | str) -> str:
        """What is left until then: `0:26`, `−0:18`, `3d 4:10`; a minus once it has passed."""
        rest = _moment(moment) - self._clock()
        days, seconds = divmod(int(abs(rest).total_seconds()), int(_DAY.total_seconds()))
        sign = "−" if rest < timedelta(0) else ""
        hours = f"{seconds // 3600}:{seconds // 60 % 60:02d}"
        return f"{sign}{days}{'天' if self.short == 'zh' else 'd'} {hours}" if days else sign + hours

    def money(self, fen: int | None) -> str:
        """An amount of whole fen, in yuan: the one currency, which needs no country before its sign."""
        return "—" if fen is None else format_currency(fen / 100, "CNY", locale=self._locale).replace("CN¥", "¥")

    def number(self, value: float | None) -> str:
        """A number with its separators."""
        return "—" if value is None else format_decimal(value, locale=self._locale)

    def share(self, value: float | None) -> str:
        """A part of 1 in percent, with one decimal."""
        return "—" if value is None else format_percent(value, "#,##0.0%", locale=self._locale)


def _moment(moment: datetime | str) -> datetime:
    return datetime.fromisoformat(moment) if isinstance(moment, str) else moment


def _catalogue(code: str, locale: Locale) -> NullTranslations:
    """The messages are English; other languages have a catalogue, compiled here so that no binary lies about."""
    source = CATALOGUES / f"{code.replace('-', '_')}.po"
    if not source.exists():
        return NullTranslations()
    compiled = BytesIO()
    with source.open("rb") as file:
        write_mo(compiled, read_po(file, locale=locale))
    compiled.seek(0)
    return GNUTranslations(compiled)


def utc_now() -> datetime:
    """The clock by which pages say how long ago."""
    return datetime.now(UTC)


@cache
def languages() -> dict[str, Language]:
    """Both, by their short names; the first is the default."""
    return {
        "zh": Language("zh-CN", "zh", "中文", utc_now),
        "en": Language("en", "en", "English", utc_now),
    }
