"""The labs' addresses, below /labs/. They hold a lab's id: the run is the reader's own."""

from django.urls import path

from iamconsole.labs.views import catalogue, drawer, entering, finish

app_name = "labs"
_LAB = "<slug:lab>/"
_STEP = f"{_LAB}steps/<slug:step>/"
urlpatterns = [
    path("", catalogue.index, name="catalogue"),
    # Lint lets no lab be called so.
    path("leave/", entering.leave, name="leave"),
    path(_LAB, catalogue.show, name="lab"),
    path(f"{_LAB}start/", entering.start, name="start"),
    path(f"{_LAB}enter/", entering.enter, name="enter"),
    path(f"{_LAB}reset/", entering.reset, name="reset"),
    path(f"{_LAB}pulse/", drawer.pulse, name="pulse"),
    path(f"{_LAB}finish/", finish.show, name="finish"),
    path(f"{_LAB}certificate/", finish.certificate, name="certificate"),
    path(_STEP, drawer.step, name="step"),
    path(f"{_STEP}check/", drawer.check, name="check"),
    path(f"{_STEP}hint/", drawer.hint, name="hint"),
    path(f"{_STEP}solution/", drawer.solution, name="solution"),
    path(f"{_STEP}reset/", entering.reset_step, name="step-reset"),
    path(f"{_STEP}skip/", entering.skip, name="step-skip"),
]
