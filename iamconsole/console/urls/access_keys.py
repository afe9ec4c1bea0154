"""Addresses of access keys: one's own, and a user's."""

from django.urls import path

from iamconsole.console.views import access_keys as views

_OWN = "security-credentials/"
_USER = "iam/users/<str:user_name>/"
_KEY = "access-keys/<str:access_key_id>/"
urlpatterns = [
    path(f"{_OWN}create-access-key/", views.create, name="key-create"),
    path(f"{_OWN}{_KEY}retrieve/", views.retrieve, name="key-retrieve"),
    path(f"{_OWN}{_KEY}file/", views.file, name="key-file"),
    path(f"{_OWN}{_KEY}activate/", views.switch, {"status": "Active"}, name="key-activate"),
    path(f"{_OWN}{_KEY}deactivate/", views.switch, {"status": "Inactive"}, name="key-deactivate"),
    path(f"{_OWN}{_KEY}describe/", views.describe, name="key-describe"),
    path(f"{_OWN}{_KEY}delete/", views.delete, name="key-delete"),
    path(f"{_USER}create-access-key/", views.create, name="user-key-create"),
    path(f"{_USER}{_KEY}retrieve/", views.retrieve, name="user-key-retrieve"),
    path(f"{_USER}{_KEY}file/", views.file, name="user-key-file"),
    path(f"{_USER}{_KEY}activate/", views.switch, {"status": "Active"}, name="user-key-activate"),
    path(
        f"{_USER}{_KEY}deactivate/",
        views.switch,
        {"status": "Inactive"},
        name="user-key-deactivate",
    ),
    path(f"{_USER}{_KEY}describe/", views.describe, name="user-key-describe"),
    path(f"{_USER}{_KEY}delete/", views.delete, name="user-key-delete"),
]
