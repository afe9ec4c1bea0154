"""Addresses of roles. Verbs stand where no role's name can: a role may be called "create"."""

from django.urls import path

from iamconsole.console.views import role_list, role_settings, role_trust, role_wizard, roles, tags

_ROLE = "iam/roles/<str:role_name>/"
urlpatterns = [
    path("iam/roles/", role_list.index, name="roles"),
    path("iam/create-role/", role_wizard.create, name="roles-create"),
    path("iam/delete-roles/", roles.delete, name="roles-delete"),
    path(_ROLE, roles.show, name="role"),
    path(f"{_ROLE}trust/", role_trust.show, name="role-trust"),
    path(f"{_ROLE}edit-trust/", role_trust.edit, name="role-edit-trust"),
    path(f"{_ROLE}tags/", roles.tags, name="role-tags"),
    path(f"{_ROLE}edit-tags/", tags.role, name="role-edit-tags"),
    path(f"{_ROLE}edit/", role_settings.edit, name="role-edit"),
    path(f"{_ROLE}revoke-sessions/", role_settings.revoke_sessions, name="role-revoke-sessions"),
    path(f"{_ROLE}attach-policies/", roles.attach_policies, name="role-attach-policies"),
    path(f"{_ROLE}detach-policies/", roles.detach_policies, name="role-detach-policies"),
]
