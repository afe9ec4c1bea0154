"""Addresses of what people choose for themselves."""

from django.urls import path

from iamconsole.console.views import preferences

urlpatterns = [
    path("preferences/<str:table>/", preferences.edit, name="preferences"),
]
