"""A row of a partner merchant: who it is, and the days on which it was signed and key recommended (W-1)."""

from typing import Any

from pydantic import Field

from adapters.http.fields import Body, Day, Id, Line
from domain.merchant.merchant import Period


class PeriodBody(Body):
    """Days from the first to the last; null: no end yet."""

    from_day: Day = Field(description="first day")
    to_day: Day | None = Field(None, description="last day")

    def period(self) -> Period:
        """The same for the domain."""
        return Period(self.from_day, self.to_day)


class MerchantRow(Body):
    """A merchant as another system has it; of what it does not state, nothing is recorded."""

    id: Id = Field(description="id, given once for ever")
    name: Line = Field(description="name")
    signed: list[PeriodBody] = Field(default=[], description="when it was signed (签约)")
    recommended: list[PeriodBody] = Field(default=[], description="when it was key recommended (重点推荐)")

    def periods(self) -> dict[str, Any]:
        """Both kinds of periods."""
        return {
            "signed": [one.period() for one in self.signed],
            "recommended": [one.period() for one in self.recommended],
        }
