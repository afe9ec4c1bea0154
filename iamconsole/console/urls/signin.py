"""Addresses of signing in and out."""

from django.urls import path

from iamconsole.console.views import federation, identities, signin, signin_steps, switch_role

app_name = "signin"
urlpatterns = [
    path("signin/", signin.start, name="start"),
    path("signin/<str:account>/", signin.start, name="account"),
    path("federation", federation.federation, name="federation"),
    path("session/root/", signin.root, name="root"),
    path("session/root/password/", signin.root_password, name="root-password"),
    path("session/mfa/", signin_steps.mfa, name="mfa"),
    path("session/resync/", signin_steps.resync, name="resync"),
    path("session/change-password/", signin_steps.change_password, name="change-password"),
    path("session/out/", signin.out, name="out"),
    path("session/out-of-all/", identities.out_of_all, name="out-of-all"),
    path("session/add/", identities.add, name="add"),
    path("session/switch/", identities.switch, name="switch"),
    path("switchrole/", switch_role.link, name="switch-role"),
    path("session/recover/<str:token>/", signin.recover, name="recover"),
]
