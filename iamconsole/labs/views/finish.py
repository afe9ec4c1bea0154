"""The end of a lab: what was done, the learner's policies beside the author's, a certificate."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.errors import ServiceError
from iamconsole.console.request import ConsoleRequest
from iamconsole.labs import catalogue, found
from iamconsole.labs.actions.progress import finish_lab
from iamconsole.labs.finish import certificates, results
from iamconsole.labs.format import texts
from iamconsole.labs.format.pack import Lab
from iamconsole.labs.own import as_caller, learner_here, own_run
from iamconsole.labs.standing import standing


class NameForm(forms.Form):
    """The name on the certificate: any, it proves nothing."""

    name = forms.CharField(max_length=80, required=False, label="Name on the certificate")


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: ConsoleRequest, lab: str) -> HttpResponse:
    """What the learner did, or which steps are open still; POST finishes the lab."""
    learner = learner_here(request)
    run = own_run(learner, lab)
    if request.method == "POST":
        try:
            finish_lab(as_caller(request, learner), lab=lab)
        except ServiceError as error:
            messages.error(request, error.message)
        return redirect("labs:finish", lab)
    begun = catalogue.of_run(run)
    done = standing(begun, run)
    page = {"lab": begun, "standing": done}
    if not done.open:
        page |= {
            "results": results.of_run(run, begun),
            "text": texts.html(begun.finish_text, found.values_of(run), top=3),
            "next": _next(begun),
        }
    return render(request, "labs/finish.html", page)


@require_safe
def certificate(request: ConsoleRequest, lab: str) -> HttpResponse:
    """The certificate of a finished lab, to be printed; `?name=` is who it is for."""
    run = own_run(learner_here(request), lab)
    made = certificates.certificate(run)
    if made is None:
        return redirect("labs:finish", lab)
    form = NameForm(request.GET)
    name = form.cleaned_data["name"] if form.is_valid() else ""
    page = {
        "lab": catalogue.of_run(run),
        "certificate": made,
        "form": form,
        "name": name or certificates.name_of(run),
    }
    return render(request, "labs/certificate.html", page, status=422 if form.errors else 200)


def _next(lab: Lab) -> Lab | None:
    """The lab after this one in the catalogue; after the last one none."""
    offered = catalogue.offered()
    places = [place for place, each in enumerate(offered) if each.id == lab.id]
    return offered[places[0] + 1] if places and places[0] + 1 < len(offered) else None
