"""Every view there is. A new one is a file beside this one, and a line here."""

from projections.case_inbox import CaseInbox
from projections.directory import Directory
from projections.ledger import Ledger
from projections.roster import RosterView
from projections.view import View
from projections.wages import WagesView
from projections.work_facts import Orders, WorkFacts

PROJECTIONS: tuple[View, ...] = (
    CaseInbox(),
    Directory(),
    RosterView(),
    WagesView(),
    Orders(),
    WorkFacts(),
    Ledger(),
)
