"""What an action returned, as AWS's clients read it: the only place where CamelCase lives.

**An answer** is a function of one argument, what the action returned, that gives the members of the
operation's result: a dict under the very names of the operation's output shape in botocore's model
(`iam.CreateUser` → `{"User": {...}}`), without the result's wrapper. There is one module for each
module of `accounts.actions`. It ends in a table `ANSWERS: dict[str, Answer]` from "iam:CreateUser"
to its answer, and this module puts the tables together. An operation whose output shape has no
members (most Delete, Update, Put, Tag) has no answer. An answer sees neither request nor caller,
asks no database that the action did not ask, and decides nothing.

**Values** are plain: str, int, bool, bytes (blobs), list, dict (structures and maps) and aware
`datetime`. The writers of `shapes` turn them into what the wire has: times as
`2026-01-15T12:00:00Z` (seconds of Python's datetimes are cut), booleans as true and false, blobs in
base64. Nothing is escaped here, except

**Policy documents**, which IAM percent-encodes in what it returns: `members.document(text)` for
every PolicyDocument, AssumeRolePolicyDocument and Document (not in STS, nor in
GetContextKeys/Simulate).

**None** leaves a member out; **an empty list** is written as an empty element, which clients read
as `[]`. AWS writes the list that an operation is about even when it is empty (`Users`, `Tags` of
ListUserTags, `AccessKeyMetadata`), and leaves out empty lists inside the structure of one thing
(the `Tags` of a user in GetUser): for those there is `members.tags(row.tags)`, which gives None.
What got its tags late (policies, instance profiles, providers, certificates) shows an empty list of
them in its Get operation: `members.all_tags`.

**Pages**: `members.page(page, "Users", user)` gives `Users`, `IsTruncated` and `Marker`; the marker
is left out on the last page.

**Structures that several operations return** are public functions of their module (`users.user`,
`users.listed_user`), so that `groups` can use the users' one.

Names are checked: `tests/api` holds that each answer's members stand in botocore's model, and that
every registered operation whose output has members has an answer.
"""

from __future__ import annotations

from iamconsole.answers import (
    access_keys,
    account,
    attachments,
    authorization_details,
    credential_report,
    ec2,
    groups,
    history,
    inline_policies,
    instance_profiles,
    last_accessed,
    login_profiles,
    mfa,
    oidc_providers,
    outbound_federation,
    password_policy,
    policies,
    policy_entities,
    policy_versions,
    roles,
    saml_providers,
    server_certificates,
    service_credentials,
    service_linked_roles,
    signing_certificates,
    simulation,
    sns,
    ssh_public_keys,
    sts,
    sts_federation,
    sts_identity,
    sts_tokens,
    users,
)
from iamconsole.answers.members import Answer

ANSWERS: dict[str, Answer] = {
    **access_keys.ANSWERS,
    **account.ANSWERS,
    **attachments.ANSWERS,
    **authorization_details.ANSWERS,
    **credential_report.ANSWERS,
    **ec2.ANSWERS,
    **groups.ANSWERS,
    **history.ANSWERS,
    **inline_policies.ANSWERS,
    **instance_profiles.ANSWERS,
    **last_accessed.ANSWERS,
    **login_profiles.ANSWERS,
    **mfa.ANSWERS,
    **oidc_providers.ANSWERS,
    **outbound_federation.ANSWERS,
    **password_policy.ANSWERS,
    **policies.ANSWERS,
    **policy_entities.ANSWERS,
    **policy_versions.ANSWERS,
    **roles.ANSWERS,
    **saml_providers.ANSWERS,
    **server_certificates.ANSWERS,
    **service_credentials.ANSWERS,
    **service_linked_roles.ANSWERS,
    **signing_certificates.ANSWERS,
    **simulation.ANSWERS,
    **sns.ANSWERS,
    **ssh_public_keys.ANSWERS,
    **sts.ANSWERS,
    **sts_federation.ANSWERS,
    **sts_identity.ANSWERS,
    **sts_tokens.ANSWERS,
    **users.ANSWERS,
}
