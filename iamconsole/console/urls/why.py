"""Addresses of the pages that explain and simulate."""

from django.urls import path

from iamconsole.console.views import effective_permissions, explain, simulate

_KINDS = ("user", "group", "role")
urlpatterns = [
    path("iam/explain/", explain.show, name="explain"),
    path("iam/explain/who/", explain.who, name="explain-who"),
    path("iam/action-names/", explain.action_names, name="action-names"),
    path("iam/policy-simulate/", simulate.document, name="policies-simulate"),
    path("iam/policy-simulate/<path:policy_arn>/", simulate.policy, name="policy-simulate"),
    *(
        path(
            f"iam/{kind}s/<str:{kind}_name>/simulate/",
            simulate.principal,
            {"kind": kind},
            name=f"{kind}-simulate",
        )
        for kind in _KINDS
    ),
    *(
        path(
            f"iam/{kind}s/<str:{kind}_name>/effective-permissions/",
            effective_permissions.show,
            {"kind": kind},
            name=f"{kind}-effective-permissions",
        )
        for kind in _KINDS
    ),
]
