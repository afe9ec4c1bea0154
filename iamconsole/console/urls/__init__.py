"""The console's addresses, below /console/."""

from django.urls import path
from django.views.generic import RedirectView

from iamconsole.console.urls import (
    account_settings,
    dashboard,
    groups,
    mfa,
    policies,
    roles,
    security_credentials,
    users,
)

app_name = "console"
urlpatterns = [
    path("", RedirectView.as_view(pattern_name="console:dashboard"), name="home"),
    *dashboard.urlpatterns,
    *users.urlpatterns,
    *groups.urlpatterns,
    *roles.urlpatterns,
    *policies.urlpatterns,
    *account_settings.urlpatterns,
    *security_credentials.urlpatterns,
    *mfa.urlpatterns,
]
