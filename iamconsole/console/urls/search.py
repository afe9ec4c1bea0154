"""Address of the search."""

from django.urls import path

from iamconsole.console.views import search

urlpatterns = [path("search/", search.index, name="search")]
