"""Every address of the project."""

from django.urls import include, path

from iamconsole.console.views import home, theme

urlpatterns = [
    path("", home.home, name="home"),
    path("theme/", theme.choose, name="theme"),
    path("", include("iamconsole.console.urls.signin")),
    path("", include("iamconsole.console.urls.issuers")),
    path("console/", include("iamconsole.console.urls")),
    path("labs/", include("iamconsole.labs.urls")),
]
