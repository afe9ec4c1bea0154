"""Pages and tasks that the search knows: what they are called, also by other names, and where."""

from __future__ import annotations

from typing import NamedTuple


class Place(NamedTuple):
    """A page. `words` are other names for it: earlier consoles' and everyday ones."""

    label: str
    view: str
    words: str = ""


class Task(NamedTuple):
    """What can be done with one thing of a kind; `{name}` stands for the thing."""

    label: str
    view: str
    words: str = ""


PAGES = (
    Place("Dashboard", "console:dashboard", "home overview security status recommendations"),
    Place("Users", "console:users", "iam users people"),
    Place("User groups", "console:groups", "iam groups"),
    Place("Roles", "console:roles", "iam roles"),
    Place("Policies", "console:policies", "managed policies permissions"),
    Place("Identity providers", "console:providers", "oidc openid connect saml federation"),
    Place("Account settings", "console:account-settings", "password policy sts"),
    Place("Password policy", "console:password-policy", "expiration minimum length reuse"),
    Place(
        "Security credentials",
        "console:security-credentials",
        "my security credentials password mfa access keys",
    ),
    Place("Credential report", "console:credential-report", "csv passwords keys mfa report"),
    Place("Explain a decision", "console:explain", "why denied access simulator who can"),
    Place("Policy simulator", "console:policies-simulate", "test simulate policy"),
    Place("Account alias", "console:account-alias", "sign-in url customize"),
    Place("Switch role", "console:switch-role", "assume role"),
    Place("S3 buckets", "console:s3-buckets", "storage files objects"),
)

TASKS = (
    Place("Create user", "console:users-create", "add users new"),
    Place("Create user group", "console:groups-create", "new group"),
    Place("Create role", "console:roles-create", "new role trust"),
    Place("Create policy", "console:policies-create", "new policy json visual editor"),
    Place("Add an identity provider", "console:providers-create", "oidc saml new provider"),
    Place("Create bucket", "console:s3-create-bucket", "new s3 bucket"),
    Place("Create an access key for yourself", "console:key-create", "own access key"),
    Place("Assign an MFA device to yourself", "console:mfa-assign", "own virtual mfa totp"),
    Place("Change your password", "console:change-password", "update own password"),
)

#: By kind of thing. The first word of a label is a verb, so "add alice" finds what adds alice.
OF_ONE = {
    "user": (
        Task("Add {name} to groups", "console:user-add-to-groups", "group membership"),
        Task("Add permissions to {name}", "console:user-add-permissions", "attach policy"),
        Task("Manage credentials of {name}", "console:user-security-credentials", "password keys"),
        Task("Manage MFA of {name}", "console:user-security-credentials", "device totp"),
        Task("Create an access key for {name}", "console:user-key-create", "programmatic"),
        Task("Edit tags of {name}", "console:user-edit-tags", "manage"),
        Task("Simulate the policies of {name}", "console:user-simulate", "test explain why"),
        Task("Delete {name}", "console:user-delete", "remove user"),
    ),
    "group": (
        Task("Add users to {name}", "console:group-add-users", "members"),
        Task("Attach policies to {name}", "console:group-attach-policies", "permissions"),
        Task("Rename {name}", "console:group-rename", "edit name"),
    ),
    "role": (
        Task("Edit the trust policy of {name}", "console:role-edit-trust", "relationships"),
        Task("Attach policies to {name}", "console:role-attach-policies", "permissions"),
        Task("Revoke the sessions of {name}", "console:role-revoke-sessions", "active"),
        Task("Edit {name}", "console:role-edit", "session duration description"),
    ),
    "policy": (
        Task("Edit {name}", "console:policy-edit", "change json visual"),
        Task("Compare the versions of {name}", "console:policy-versions", "diff history default"),
        Task("See who has {name}", "console:policy-entities", "entities attached"),
    ),
}
