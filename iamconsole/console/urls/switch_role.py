"""Addresses of switching to a role and back."""

from django.urls import path

from iamconsole.console.views import switch_role

urlpatterns = [
    path("switch-role/", switch_role.switch, name="switch-role"),
    path("switch-role/back/", switch_role.back, name="switch-back"),
]
