"""Addresses of the pages that explain and simulate."""

from django.urls import path

from iamconsole.console.views import effective_permissions, explain, simulate

_USER = "iam/users/<str:user_name>/"
_GROUP = "iam/groups/<str:group_name>/"
_ROLE = "iam/roles/<str:role_name>/"
urlpatterns = [
    path("iam/explain/", explain.show, name="explain"),
    path("iam/explain/who/", explain.who, name="explain-who"),
    path("iam/action-names/", explain.action_names, name="action-names"),
    path(f"{_USER}simulate/", simulate.user, name="user-simulate"),
    path(f"{_GROUP}simulate/", simulate.group, name="group-simulate"),
    path(f"{_ROLE}simulate/", simulate.role, name="role-simulate"),
    path("iam/policy-simulate/", simulate.document, name="policies-simulate"),
    path("iam/policy-simulate/<path:policy_arn>/", simulate.policy, name="policy-simulate"),
    path(
        f"{_USER}effective-permissions/",
        effective_permissions.user,
        name="user-effective-permissions",
    ),
    path(
        f"{_GROUP}effective-permissions/",
        effective_permissions.group,
        name="group-effective-permissions",
    ),
    path(
        f"{_ROLE}effective-permissions/",
        effective_permissions.role,
        name="role-effective-permissions",
    ),
]
