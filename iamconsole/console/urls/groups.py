"""Addresses of groups. Verbs stand where no group's name can: a group may be called "create"."""

from django.urls import path

from iamconsole.console.views import groups

urlpatterns = [
    path("iam/groups/", groups.index, name="groups"),
    path("iam/create-group/", groups.create, name="groups-create"),
    path("iam/delete-groups/", groups.delete, name="groups-delete"),
    path("iam/groups/<str:group_name>/", groups.show, name="group"),
    path("iam/groups/<str:group_name>/permissions/", groups.permissions, name="group-permissions"),
    path("iam/groups/<str:group_name>/rename/", groups.rename, name="group-rename"),
    path("iam/groups/<str:group_name>/add-users/", groups.add_users, name="group-add-users"),
    path(
        "iam/groups/<str:group_name>/remove-users/",
        groups.remove_users,
        name="group-remove-users",
    ),
    path(
        "iam/groups/<str:group_name>/attach-policies/",
        groups.attach_policies,
        name="group-attach-policies",
    ),
    path(
        "iam/groups/<str:group_name>/detach-policies/",
        groups.detach_policies,
        name="group-detach-policies",
    ),
]
