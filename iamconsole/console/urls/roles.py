"""Addresses of roles. Verbs stand where no role's name can: a role may be called "create"."""

from django.urls import path

from iamconsole.console.views import role_list, roles

urlpatterns = [
    path("iam/roles/", role_list.index, name="roles"),
    path("iam/create-role/", roles.create, name="roles-create"),
    path("iam/delete-roles/", roles.delete, name="roles-delete"),
    path("iam/roles/<str:role_name>/", roles.show, name="role"),
    path("iam/roles/<str:role_name>/trust/", roles.trust, name="role-trust"),
    path("iam/roles/<str:role_name>/tags/", roles.tags, name="role-tags"),
    path(
        "iam/roles/<str:role_name>/attach-policies/",
        roles.attach_policies,
        name="role-attach-policies",
    ),
    path(
        "iam/roles/<str:role_name>/detach-policies/",
        roles.detach_policies,
        name="role-detach-policies",
    ),
]
