"""Every view there is. A new one is a file beside this one, and a line here."""

from projections.case_inbox import CaseInbox
from projections.directory import Directory
from projections.view import View

PROJECTIONS: tuple[View, ...] = (
    CaseInbox(),
    Directory(),
)
