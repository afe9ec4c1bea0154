"""Addresses of the dashboard and of the account's alias."""

from django.urls import path

from iamconsole.console.views import dashboard

urlpatterns = [
    path("iam/", dashboard.index, name="dashboard"),
    path("iam/account-alias/", dashboard.alias, name="account-alias"),
    path("iam/account-alias/delete/", dashboard.delete_alias, name="account-alias-delete"),
]
