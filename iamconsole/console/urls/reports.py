"""Addresses of the credential report and of what was last accessed."""

from django.urls import path

from iamconsole.console.views import credential_report, last_accessed

urlpatterns = [
    path("iam/credential-report/", credential_report.index, name="credential-report"),
    path("iam/users/<str:user_name>/last-accessed/", last_accessed.user, name="user-last-accessed"),
    path(
        "iam/groups/<str:group_name>/last-accessed/",
        last_accessed.group,
        name="group-last-accessed",
    ),
    path("iam/roles/<str:role_name>/last-accessed/", last_accessed.role, name="role-last-accessed"),
    path(
        "iam/policy-last-accessed/<path:policy_arn>/",
        last_accessed.policy,
        name="policy-last-accessed",
    ),
]
