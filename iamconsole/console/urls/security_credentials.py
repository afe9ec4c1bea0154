"""Addresses of one's own security credentials."""

from django.urls import path

from iamconsole.console.views import security_credentials as views

_KEY = "security-credentials/access-keys/<str:access_key_id>/"
urlpatterns = [
    path("security-credentials/", views.index, name="security-credentials"),
    path("security-credentials/password/", views.change_password, name="change-password"),
    path(f"{_KEY}activate/", views.switch_key, {"status": "Active"}, name="key-activate"),
    path(f"{_KEY}deactivate/", views.switch_key, {"status": "Inactive"}, name="key-deactivate"),
    path(f"{_KEY}delete/", views.delete_key, name="key-delete"),
]
