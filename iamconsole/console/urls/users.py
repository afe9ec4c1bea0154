"""Addresses of users. Verbs stand where no user's name can: a user may be called `create`."""

from django.urls import path

from iamconsole.console.views import (
    tags,
    user_bulk,
    user_credentials,
    user_delete,
    user_groups,
    user_list,
    user_policies,
    user_wizard,
    users,
)

_USER = "iam/users/<str:user_name>/"
urlpatterns = [
    path("iam/users/", user_list.index, name="users"),
    path("iam/create-user/", user_wizard.create, name="users-create"),
    path("iam/created-users/<str:token>/", user_wizard.created, name="users-created"),
    path("iam/created-users/<str:token>/file/", user_wizard.created_file, name="users-file"),
    path("iam/delete-users/", user_delete.delete_several, name="users-delete"),
    path("iam/add-users-to-groups/", user_bulk.add_to_groups, name="users-add-to-groups"),
    path(
        "iam/remove-users-from-groups/",
        user_bulk.remove_from_groups,
        name="users-remove-from-groups",
    ),
    path("iam/deactivate-keys/", user_bulk.deactivate_keys, name="users-deactivate-keys"),
    path(
        "iam/require-password-change/",
        user_bulk.require_password_change,
        name="users-require-password-change",
    ),
    path("iam/tag-users/", user_bulk.add_tag, name="users-add-tag"),
    path(_USER, users.show_permissions, name="user"),
    path(f"{_USER}groups/", users.show_groups, name="user-groups"),
    path(f"{_USER}tags/", users.show_tags, name="user-tags"),
    path(f"{_USER}security-credentials/", user_credentials.show, name="user-security-credentials"),
    path(f"{_USER}delete/", user_delete.delete, name="user-delete"),
    path(f"{_USER}add-permissions/", user_policies.add, name="user-add-permissions"),
    path(f"{_USER}suspend/", user_policies.suspend, name="user-suspend"),
    path(f"{_USER}resume/", user_policies.resume, name="user-resume"),
    path(f"{_USER}remove-policy/", user_policies.remove, name="user-remove-policy"),
    path(f"{_USER}add-to-groups/", user_groups.add, name="user-add-to-groups"),
    path(f"{_USER}remove-from-groups/", user_groups.remove, name="user-remove-from-groups"),
    path(f"{_USER}edit-tags/", tags.user, name="user-edit-tags"),
    path(f"{_USER}console-access/", user_credentials.set_password, name="user-console-access"),
    path(f"{_USER}disable-access/", user_credentials.disable, name="user-disable-access"),
    path(f"{_USER}password/", user_wizard.password, name="user-password"),
    path(f"{_USER}password-file/", user_wizard.password_file, name="user-password-file"),
]
