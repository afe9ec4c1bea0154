"""What the console's tests may use: a browser, and a way to be signed in with it."""

from collections.abc import Callable

import pytest
from django.test import Client

from tests.console.browsers import new_browser, signed_in


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
