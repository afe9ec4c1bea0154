"""The doors: a user's password, a root user's password, the way out, and the way back."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts import caller, passwords, signin
from accounts.actions import root as root_actions
from accounts.errors import NoSuchEntity, PasswordExpired, ServiceError, SignInRefused
from accounts.models import Login
from iamconsole.console import session
from iamconsole.console.credentials.own_pages import own_page
from iamconsole.console.forms.base import ActionForm, submitted
from iamconsole.console.forms.signin import NewPassword, RootEmail, RootPassword, UserSignIn
from iamconsole.console.remembered import forget, remember, remembered
from iamconsole.console.request import DoorRequest
from iamconsole.console.views.signin_steps import go_on

#: A form that was refused. 401 would have to offer a scheme of HTTP's own.
REFUSED = 422


@require_http_methods(["GET", "HEAD", "POST"])
def start(request: DoorRequest, account: str = "") -> HttpResponse:
    """An IAM user's account, name and password."""
    if request.caller is not None:
        return redirect(_wanted(request) or "console:dashboard")
    form = UserSignIn(request.POST or None, initial=_filled_in(request, account))
    if not form.is_valid():
        return _page(request, "signin/start.html", form)
    typed = {name: form.cleaned_data[name] for name in ("account", "user_name")}
    password = form.cleaned_data["password"]
    try:
        login = signin.sign_in_user(request.stranger, password=password, **typed)
    except (SignInRefused, PasswordExpired) as error:
        return _page(request, "signin/start.html", form, error)
    response = _password_given(request, login)
    if form.cleaned_data["remember"]:
        remember(response, **typed)
    else:
        forget(response)
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def root(request: DoorRequest) -> HttpResponse:
    """The root user's e-mail address; the password is asked for whether or not there is such."""
    if request.caller is not None:
        return redirect(_wanted(request) or "console:dashboard")
    form = RootEmail(request.POST or None)
    if not form.is_valid():
        return _page(request, "signin/root.html", form)
    # The address goes along in the form: the server remembers nothing of a stranger.
    second = RootPassword(initial={"email": form.cleaned_data["email"]})
    return _page(request, "signin/root_password.html", second)


@require_http_methods(["GET", "HEAD", "POST"])
def root_password(request: DoorRequest) -> HttpResponse:
    """The root user's password."""
    if request.caller is not None or request.method != "POST":
        return redirect("signin:root")
    form = RootPassword(request.POST)
    if not form.is_valid():
        return _page(request, "signin/root_password.html", form)
    try:
        login = signin.sign_in_root(request.stranger, **form.cleaned_data)
    except SignInRefused as error:
        return _page(request, "signin/root_password.html", form, error)
    return _password_given(request, login)


@require_POST
def out(request: DoorRequest) -> HttpResponse:
    """End the session on the server, and have the browser drop what it kept of the pages."""
    if request.person is not None:
        signin.sign_out(request.person)
    request.session.flush()
    response = redirect("signin:start")
    # Not "cookies": that clears every port's cookies of this host name, and the account that
    # somebody wants remembered. The session's own cookie goes with the session.
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def recover(request: DoorRequest, token: str) -> HttpResponse:
    """Set a new root password by a link from the operator. MFA stays as it is."""
    response = _recovered(request, token)
    # The address holds the token. "no-referrer" would also hide the origin, on which the check for
    # forged forms depends.
    response["Referrer-Policy"] = "strict-origin"
    return response


def _recovered(request: DoorRequest, token: str) -> HttpResponse:
    try:
        account = root_actions.account_of_link(token, request.stranger.now)
    except NoSuchEntity as error:
        return render(request, "signin/dead_link.html", {"error": error}, status=error.status)
    form = NewPassword(request.POST or None)
    if form.is_valid():
        signer = caller.on_account(request.stranger, account)
        new = form.cleaned_data["new_password"]
        if submitted(form, signer, root_actions.recover_password, token=token, new_password=new):
            messages.success(request, "The root user's password was changed. Sign in with it.")
            return redirect("signin:root")
    rules = passwords.rules(None, account)
    if form.errors:
        form.tell(rules)
    context = {"form": form, "account": account, "rules": rules}
    return render(request, "signin/recover.html", context, status=REFUSED if form.errors else 200)


def _password_given(request: DoorRequest, login: Login) -> HttpResponse:
    stranger = request.stranger
    session.begin(request, login, stranger.now, _wanted(request))
    return go_on(request, login, signin.proved(stranger, login, mfa_at=None))


def _wanted(request: HttpRequest) -> str:
    """Where the sign-in is to lead, as the address or the form says."""
    return own_page(request.POST.get("next", "") or request.GET.get("next", ""))


def _filled_in(request: HttpRequest, account: str) -> dict[str, object]:
    """What the page fills in: the account of the address, or whom the browser remembers."""
    known = remembered(request)
    if account and account != known.get("account"):
        return {"account": account}
    return {**known, "remember": bool(known)}


def _page(
    request: HttpRequest, template: str, form: ActionForm, error: ServiceError | None = None
) -> HttpResponse:
    refused = error is not None or bool(form.errors)
    context = {"form": form, "error": error, "next": _wanted(request)}
    return render(request, template, context, status=REFUSED if refused else 200)
