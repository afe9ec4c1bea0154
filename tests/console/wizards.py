"""The wizard of MFA devices as the tests walk through it, and devices that are there already."""

from __future__ import annotations

from typing import Any

import pyotp
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import totp, vault
from accounts.caller import Caller
from accounts.models import Event, MFADevice

#: Oneself, in a policy.
OWN = "arn:aws:iam::*:user/${aws:username}"
SERIAL = "arn:aws:iam::111122223333:mfa/phone"


class Wizard:
    """A browser and whose devices it is about: "own", or a user's name."""

    def __init__(self, browser: Client, of: str = "own") -> None:
        self.browser, self.of = browser, of

    def url(self, verb: str) -> str:
        if self.of == "own":
            return reverse(f"console:mfa-{verb}")
        return reverse(f"console:user-mfa-{verb}", args=[self.of])

    def name(self, name: str = "phone", **more: str) -> Any:
        return self.browser.post(self.url("assign"), {"virtual_mfa_device_name": name, **more})

    def seed(self) -> str:
        return str(self.browser.get(self.url("set-up")).context["draft"].seed)

    def codes(self, first: str, second: str, **more: str) -> Any:
        form = {"authentication_code1": first, "authentication_code2": second, **more}
        return self.browser.post(self.url("set-up"), form)

    def enrol(self, name: str = "phone") -> Any:
        self.name(name)
        return self.codes(*pair(self.seed()))


def code(seed: str, steps: int = 0) -> str:
    """The code of so many steps from now."""
    return pyotp.TOTP(seed).generate_otp(totp.step_at(timezone.now()) + steps)


def pair(seed: str, steps: int = 0) -> tuple[str, str]:
    """Two consecutive codes, the second of so many steps from now."""
    return code(seed, steps - 1), code(seed, steps)


def real_device(owner: Caller, name: str = "phone") -> tuple[MFADevice, str]:
    """A device with a seed, assigned to a user, or to root."""
    seed = totp.new_seed()
    serial = f"arn:aws:iam::{owner.home.id}:mfa/{name}"
    device = MFADevice.objects.create(
        account=owner.home,
        name=name,
        serial_number=serial,
        sealed_seed=vault.seal(seed, vault.seed_place(owner.home.id, serial)),
        user=owner.user,
        is_root=owner.is_root,
        slot=1,
        created_at=owner.now,
        enabled_at=owner.now,
    )
    return device, seed


def events(action: str) -> list[str]:
    return list(Event.objects.filter(action=action).values_list("outcome", flat=True))
