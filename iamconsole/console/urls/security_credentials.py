"""Addresses of one's own security credentials."""

from django.urls import path

from iamconsole.console.views import security_credentials as views

urlpatterns = [
    path("security-credentials/", views.index, name="security-credentials"),
    path("security-credentials/password/", views.change_password, name="change-password"),
]
