"""Answers about the credential report."""

from __future__ import annotations

from accounts.actions.credential_report import Generation
from accounts.models import CredentialReport
from iamconsole.answers.members import Answer, Members


def _generation(found: Generation) -> Members:
    return {"State": found.state, "Description": found.description or None}


def _report(found: CredentialReport) -> Members:
    return {
        "Content": found.content.encode(),
        "ReportFormat": "text/csv",
        "GeneratedTime": found.generated_at,
    }


ANSWERS: dict[str, Answer] = {
    "iam:GenerateCredentialReport": _generation,
    "iam:GetCredentialReport": _report,
}
