"""Addresses of the credential report, of what was last accessed, and of what is not used."""

from django.urls import path

from iamconsole.console.views import credential_report, last_accessed, unused

urlpatterns = [
    path("iam/credential-report/", credential_report.index, name="credential-report"),
    path("iam/unused/", unused.index, {"kind": "users"}, name="unused"),
    path("iam/unused/roles/", unused.index, {"kind": "roles"}, name="unused-roles"),
    path("iam/unused/access-keys/", unused.index, {"kind": "keys"}, name="unused-keys"),
    path("iam/unused/passwords/", unused.index, {"kind": "passwords"}, name="unused-passwords"),
    path("iam/unused/permissions/", unused.permissions, name="unused-permissions"),
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
