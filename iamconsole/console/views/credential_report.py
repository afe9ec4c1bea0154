"""The page of the credential report."""

from __future__ import annotations

import csv
import io

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from accounts.actions.credential_report import (
    COLUMNS,
    generate_credential_report,
    get_credential_report,
)
from iamconsole.console.components import panels
from iamconsole.console.components.downloads import csv_file
from iamconsole.console.request import ConsoleRequest

_NEEDED = ("iam:GenerateCredentialReport", "iam:GetCredentialReport")


@require_http_methods(["GET", "HEAD", "POST"])
def index(request: ConsoleRequest) -> HttpResponse:
    """Say what is in the report; make it and hand it out."""
    if request.method == "POST":
        generate_credential_report(request.caller, anew=True)
        report = get_credential_report(request.caller)
        rows = list(csv.reader(io.StringIO(report.content)))
        name = f"status_reports_{report.generated_at:%Y-%m-%dT%H_%M_%S}.csv"
        return csv_file(name, rows[0], rows[1:])
    lacking = [each for each in _NEEDED if panels.missing_everywhere(request.caller, each)]
    page = {"columns": COLUMNS, "denied": " and ".join(lacking)}
    return render(request, "console/credential_report/index.html", page)
