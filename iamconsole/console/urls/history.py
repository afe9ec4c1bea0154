"""Addresses of the event history."""

from django.urls import path

from iamconsole.console.views import history

urlpatterns = [
    path("history/", history.index, name="history"),
    path("history/<uuid:event_id>/", history.show, name="history-event"),
]
