"""Addresses of the pages that write inline policies, alike for users, groups and roles."""

from django.urls import path

from iamconsole.console.views import inline_policies as views

urlpatterns = [
    page
    for kind in ("user", "group", "role")
    for page in (
        path(
            f"iam/{kind}s/<str:{kind}_name>/create-inline-policy/",
            views.create,
            {"kind": kind},
            name=f"{kind}-create-inline-policy",
        ),
        path(
            f"iam/{kind}s/<str:{kind}_name>/inline-policies/<str:policy_name>/edit/",
            views.edit,
            {"kind": kind},
            name=f"{kind}-edit-inline-policy",
        ),
        path(
            f"iam/{kind}s/<str:{kind}_name>/inline-policies/<str:policy_name>/delete/",
            views.delete,
            {"kind": kind},
            name=f"{kind}-delete-inline-policy",
        ),
    )
]
