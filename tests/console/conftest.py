"""What the console's tests may use: a browser, and a way to be signed in with it."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.caller import Caller
from accounts.models import Account
from tests.cast import CallerWith, allow, new_user
from tests.console.browsers import new_browser, signed_in
from tests.console.wizards import OWN, Wizard


@pytest.fixture
def client() -> Client:
    """A browser that has not signed in."""
    return new_browser()


@pytest.fixture
def sign_in(db: None) -> Callable[..., Client]:
    """`sign_in(admin)`: a browser in which somebody of the cast is signed in; `mfa=True` with MFA.

    Whoever has no password gets `browsers.PASSWORD`.
    """
    return signed_in


@pytest.fixture
def self_service(caller_with: CallerWith) -> Caller:
    """alice, who may do everything with her own credentials and nothing else."""
    return caller_with(allow("iam:*", on=OWN), allow("iam:*", on="arn:aws:iam::*:mfa/*"))


@pytest.fixture(params=["root", "self_service", "admin"])
def mfa_wizard(
    request: pytest.FixtureRequest, sign_in: Callable[..., Client], account: Account
) -> Wizard:
    """The wizard as root, as a user for herself, and as an administrator for bob."""
    of = "own"
    if request.param == "admin":
        new_user(account, "bob")
        of = "bob"
    return Wizard(sign_in(request.getfixturevalue(request.param)), of)
