"""Addresses of the permissions boundaries of users and roles."""

from django.urls import path

from iamconsole.console.views import boundaries as views

_USER, _ROLE = "iam/users/<str:user_name>/", "iam/roles/<str:role_name>/"
urlpatterns = [
    path(f"{_USER}boundary/", views.set_of_user, name="user-boundary"),
    path(f"{_USER}remove-boundary/", views.remove_of_user, name="user-remove-boundary"),
    path(f"{_ROLE}boundary/", views.set_of_role, name="role-boundary"),
    path(f"{_ROLE}remove-boundary/", views.remove_of_role, name="role-remove-boundary"),
]
