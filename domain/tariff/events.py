"""The events of tariffs. Stored for ever; a tariff holds no personal data."""

from domain.kernel import event
from domain.published import DocumentProposed, DocumentPublished, DocumentWithdrawn
from domain.tariff.tariff import Tariff


@event("tariff.proposed")
class Proposed(DocumentProposed[Tariff]):
    """A-4: somebody lays a tariff before a second person."""

    document: Tariff


@event("tariff.published")
class Published(DocumentPublished):
    """A-4: another person has put the tariff in force from its first day on."""


@event("tariff.withdrawn")
class Withdrawn(DocumentWithdrawn):
    """A-4: the proposed tariff is taken back."""
