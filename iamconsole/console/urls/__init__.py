"""The console's addresses, below /console/.

A page is called what its address says: `iam/users/NAME/edit-tags/` is `user-edit-tags`, the list
above it `users`. What makes or deletes several of them lies beside the list and not below it, where
anything may be a name: `iam/create-user/` is `users-create`.
"""

from django.urls import path
from django.views.generic import RedirectView

from iamconsole.console.urls import (
    access_keys,
    account_settings,
    boundaries,
    dashboard,
    ec2,
    groups,
    history,
    inline_policies,
    mfa,
    policies,
    policy_editor,
    preferences,
    providers,
    reports,
    roles,
    s3,
    search,
    security_credentials,
    sns,
    switch_role,
    users,
    why,
)

app_name = "console"
urlpatterns = [
    path("", RedirectView.as_view(pattern_name="console:dashboard"), name="home"),
    *dashboard.urlpatterns,
    *users.urlpatterns,
    *groups.urlpatterns,
    *roles.urlpatterns,
    *policies.urlpatterns,
    *policy_editor.urlpatterns,
    *inline_policies.urlpatterns,
    *providers.urlpatterns,
    *reports.urlpatterns,
    *history.urlpatterns,
    *s3.urlpatterns,
    *search.urlpatterns,
    *account_settings.urlpatterns,
    *security_credentials.urlpatterns,
    *preferences.urlpatterns,
    *mfa.urlpatterns,
    *switch_role.urlpatterns,
    *access_keys.urlpatterns,
    *boundaries.urlpatterns,
    *sns.urlpatterns,
    *why.urlpatterns,
    *ec2.urlpatterns,
]
