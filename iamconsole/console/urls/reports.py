"""Addresses of the credential report and of what was last accessed."""

from django.urls import path

from iamconsole.console.views import credential_report, last_accessed

urlpatterns = [
    path("iam/credential-report/", credential_report.index, name="credential-report"),
    path(
        "iam/policy-last-accessed/<path:policy_arn>/",
        last_accessed.show,
        {"kind": "policy"},
        name="policy-last-accessed",
    ),
    *(
        path(
            f"iam/{kind}s/<str:{kind}_name>/last-accessed/",
            last_accessed.show,
            {"kind": kind},
            name=f"{kind}-last-accessed",
        )
        for kind in ("user", "group", "role")
    ),
]
