"""Addresses of MFA devices: one's own, and a user's. Resync and remove take `?serial=`."""

from django.urls import path

from iamconsole.console.views import mfa

_OWN = "security-credentials/mfa/"
_USER = "iam/users/<str:user_name>/mfa/"
urlpatterns = [
    path(f"{_OWN}assign/", mfa.assign, name="mfa-assign"),
    path(f"{_OWN}set-up/", mfa.set_up, name="mfa-set-up"),
    path(f"{_OWN}resync/", mfa.resync, name="mfa-resync"),
    path(f"{_OWN}remove/", mfa.remove, name="mfa-remove"),
    path(f"{_USER}assign/", mfa.assign, name="user-mfa-assign"),
    path(f"{_USER}set-up/", mfa.set_up, name="user-mfa-set-up"),
    path(f"{_USER}resync/", mfa.resync, name="user-mfa-resync"),
    path(f"{_USER}remove/", mfa.remove, name="user-mfa-remove"),
]
