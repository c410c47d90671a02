"""The digest of a day's report as a mail: six figures and nothing personal (S-4)."""

from email.message import EmailMessage
from email.policy import SMTP
from uuid import UUID

from application.daily_reports import ReportShown
from application.streams import daily_report_stream

WORDS = {
    "orders": ("订单", "Orders"),
    "tables": ("桌数", "Tables"),
    "dined": ("已用餐", "Dined"),
    "cancelled": ("取消", "Cancelled"),
    "new_members": ("新会员", "New members"),
    "existing_members": ("老会员", "Existing members"),
}


def digest(report: ReportShown, sender: str, recipients: tuple[str, ...]) -> EmailMessage:
    """The mail; sent again it has the same Message-ID, so that a server can tell."""
    message = EmailMessage(policy=SMTP)
    message["Subject"] = f"日报 / Daily report {report.date}"
    message["From"] = sender
    message["To"] = ", ".join(recipients)
    message["Date"] = report.made_at
    message["Message-ID"] = f"<{_stream(report)}@redress>"
    message.set_content("".join(f"{line}\n" for line in _lines(report)))
    return message


def _stream(report: ReportShown) -> UUID:
    return daily_report_stream(report.date).id


def _lines(report: ReportShown) -> list[str]:
    figures = report.orders.digest
    head = [f"日报 / Daily report {report.date}", ""]
    return head + [f"{zh} / {en}: {figures[name]}" for name, (zh, en) in WORDS.items()]
