"""The side navigation shows the pages there are, and where one is."""

import pytest
from django.http import HttpResponse
from django.urls import include, path

from iamconsole.console.navigation import navigation


def page(request, **_rest):
    return HttpResponse()


console = (
    [
        path("", page, name="dashboard"),
        path("iam/users/", page, name="users"),
        path("iam/users/<str:name>/", page, name="user"),
        path("iam/create-user/", page, name="users-create"),
        path("iam/delete-users/", page, name="users-delete"),
    ],
    "console",
)
urlpatterns = [path("console/", include(console))]


def current(address: str) -> list[str]:
    return [
        place.label
        for section in navigation(address)
        for place in section.places
        if place.current
    ]  # fmt: skip


@pytest.mark.urls(__name__)
def test_a_place_without_a_page_is_left_out():
    labels = [place.label for section in navigation("/") for place in section.places]
    assert labels == ["Dashboard", "Users"]


@pytest.mark.urls(__name__)
def test_the_current_place_is_the_one_whose_pages_one_is_in():
    assert current("/console/") == ["Dashboard"]
    assert current("/console/iam/users/") == ["Users"]
    assert current("/console/iam/users/alice/tags/") == ["Users"]
    assert current("/console/iam/create-user/") == ["Users"]
    assert current("/console/iam/delete-users/") == ["Users"]
    assert current("/console/security-credentials/") == []
