"""What principals may do, as checks of labs judge it: by the policy engine, with every layer."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import authorize
from accounts.actions import attachments, boundaries_of_tests, inline_policies, policies, users
from accounts.caller import Caller
from accounts.models import Account, Event
from iamconsole.labs.checks.finding import Finding
from tests.cast import (
    ADMINISTRATOR,
    OTHER_ACCOUNT_ID,
    CallerWith,
    allow,
    arn,
    caller_of,
    deny,
    document,
    new_user,
)
from tests.labs.asked import ask, world_of
