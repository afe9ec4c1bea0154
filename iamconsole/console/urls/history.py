"""Addresses of the event history."""

from django.urls import path

from iamconsole.console.views import history

urlpatterns = [
    path("history/", history.index, name="history"),
    path("history/<uuid:event_id>/", history.show, name="history-event"),
    path("history/recent/", history.recent, name="history-recent"),
    *(
        path(
            f"iam/{kind}s/<str:{kind}_name>/history/",
            history.of_subject,
            {"kind": kind},
            name=f"{kind}-history",
        )
        for kind in ("user", "role", "group")
    ),
]
