"""Whose case it is, from the log itself: the lists may not show the case yet."""

from uuid import UUID

from adapters.postgres.pool import Pool
from domain.case.case import NoSuchCase
from domain.case.events import Received
from domain.values import CaseId, SubjectId
from projections.readable import first_events


async def customer_of(pool: Pool, case: CaseId) -> SubjectId:
    """The customer of a case, to whom everything beside the log is sealed. Raises NoSuchCase."""
    async with pool.connection() as connection, connection.cursor() as cursor:
        for receipt in await first_events(cursor, [UUID(case)]):
            if isinstance(receipt.event, Received):
                return receipt.event.customer.subject
    raise NoSuchCase("there is no such case")
