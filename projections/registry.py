"""Every view there is. A new one is a file beside this one, and a line here."""

from projections.case_courses import CaseCourses
from projections.case_inbox import CaseInbox
from projections.clocks import ClocksView
from projections.daily_reports import DailyReportsView
from projections.directory import Directory
from projections.handover_view import HandoverView
from projections.ledger import Ledger
from projections.notices import NoticesView
from projections.roster import RosterView
from projections.subjects import SubjectsView
from projections.swaps import SwapsView
from projections.view import View
from projections.wages import WagesView
from projections.webhooks import WebhooksView
from projections.work_facts import Orders, WorkFacts

PROJECTIONS: tuple[View, ...] = (
    CaseInbox(),
    CaseCourses(),
    ClocksView(),
    NoticesView(),
    WebhooksView(),
    DailyReportsView(),
    Directory(),
    HandoverView(),
    RosterView(),
    SwapsView(),
    WagesView(),
    SubjectsView(),
    Orders(),
    WorkFacts(),
    Ledger(),
)
