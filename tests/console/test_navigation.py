"""The menus show the services and pages there are, and where one is."""

import pytest
from django.http import HttpResponse
from django.urls import include, path

from iamconsole.console.navigation import Area, areas


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


def here(address: str) -> Area:
    (found,) = [area for area in areas(address) if area.current]
    return found


def current(address: str) -> list[str]:
    return [
        place.label
        for section in here(address).sections
        for place in section.places
        if place.current
    ]  # fmt: skip


@pytest.mark.urls(__name__)
def test_a_place_without_a_page_is_left_out():
    labels = [place.label for section in here("/").sections for place in section.places]
    assert labels == ["Dashboard", "Users"]


@pytest.mark.urls(__name__)
def test_the_current_place_is_the_one_whose_pages_one_is_in():
    assert current("/console/") == ["Dashboard"]
    assert current("/console/iam/users/") == ["Users"]
    assert current("/console/iam/users/alice/tags/") == ["Users"]
    assert current("/console/iam/create-user/") == ["Users"]
    assert current("/console/iam/delete-users/") == ["Users"]
    assert current("/console/security-credentials/") == []


@pytest.mark.urls(__name__)
def test_a_service_without_pages_is_left_out():
    assert [area.name for area in areas("/console/")] == ["IAM"]


def test_each_service_has_its_own_places():
    assert here("/console/iam/users/").name == "IAM"
    assert here("/console/s3/bucket/").name == "S3"
    assert [place.label for section in here("/console/s3/").sections for place in section.places] \
        == ["Buckets"]  # fmt: skip


def test_pages_of_no_service_have_the_navigation_of_iam():
    assert here("/console/security-credentials/").name == "IAM"
    assert here("/signin/").name == "IAM"
