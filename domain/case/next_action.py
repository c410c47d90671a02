"""What is to be done next in a case: the step of its policy's table that leads on, or what that step needs first."""

from domain.case.case import Case, needs_unmet
from domain.case.policy import CasePolicy, Setting
from domain.case.words import Status

_WAY = ("closing", "summary", "callbacks", "resolution", "analysis", "investigation", "clarification")
"""The steps that lead on, the farthest first."""
_MET_BY = {"acknowledged": "acknowledgement", "proposed_if_valid": "proposals", "escalated_and_answered": "escalations"}
"""Which command meets a need."""


def next_action(case: Case, setting: Setting) -> str | None:
    """The command that leads on, as `next-steps` names it; None for a case on whose way nothing is left.

    While a case waits it is `resumption`. Who may give the command is not asked: that is another person's, if need be.
    """
    policy = setting.policy
    if case.paused:
        return "resumption"
    if not case.acknowledged and _follows(policy, "acknowledgement", case.status):
        return "acknowledgement"
    step = next((name for name in _WAY if _follows(policy, name, case.status)), None)
    return _first(case, step, setting) if step else None


def _follows(policy: CasePolicy, name: str, status: Status | None) -> bool:
    step = policy.step(name)
    return step is not None and status in step.after


def _first(case: Case, step: str, setting: Setting) -> str:
    """The step itself, or what meets the first need it has."""
    for need in needs_unmet(case, step, setting):
        if need == "escalated_and_answered" and case.escalated:
            return "escalation-answers"
        if need == "answer_passed":
            return "answer-reviews" if case.proposal else "proposals"
        if need in _MET_BY:
            return _MET_BY[need]
    return step
