"""The operations that tests of the domain walk through: the sandbox's have tests of their own."""

from __future__ import annotations

from accounts.actions.registry import ACTIONS

#: The operations of IAM and STS.
IAM_AND_STS = {name: each for name, each in ACTIONS.items() if name.startswith(("iam:", "sts:"))}
#: Everything that `accounts` itself does for AWS's clients.
OF_ACCOUNTS = {
    name: each for name, each in ACTIONS.items() if each.function.__module__.startswith("accounts.")
}
#: What the sandbox's S3, SNS and EC2 do for them.
OF_SANDBOX = {
    name: each
    for name, each in ACTIONS.items()
    if each.function.__module__.startswith("iamconsole.sandbox.")
}
