"""What an action may fail with: AWS's error codes, each with its HTTP status.

Statuses follow the IAM API reference (`errors` of each operation). A message says what happened,
to what and, where it is not plain, what to do. `argument` names the argument to blame, so that a
form can put the message beside its field.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class ServiceError(Exception):
    """An expected failure of an action, with the code that AWS clients know it by."""

    code = "ServiceFailure"
    status = 500

    def __init__(self, message: str, *, argument: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.argument = argument


class ServiceFailure(ServiceError):
    """Something broke here; nothing was changed."""


class ValidationError(ServiceError):
    """An argument breaks its type's rules. `problems` lists (argument, message) pairs."""

    code = "ValidationError"
    status = 400

    def __init__(
        self,
        message: str,
        *,
        argument: str | None = None,
        problems: tuple[tuple[str, str], ...] = (),
    ) -> None:
        super().__init__(message, argument=argument)
        self.problems = problems


class AccessDenied(ServiceError):
    """The caller may not do this. Carries what was asked, for the page that explains it."""

    code = "AccessDenied"
    status = 403

    def __init__(
        self,
        message: str,
        *,
        action: str = "",
        resource: str = "",
        principal: str = "",
        reasons: Mapping[str, Any] | None = None,
        asked: Any = None,
        request_id: str = "",
    ) -> None:
        super().__init__(message)
        #: The `authorize.Asked` that policies refused; nothing where no policy decided.
        self.asked = asked
        self.request_id = request_id
        self.action = action
        self.resource = resource
        self.principal = principal
        self.reasons = dict(reasons or {})

    @property
    def because(self) -> str:
        """The reason clause of AWS's sentence, or nothing where it has none."""
        for opening in (" because ", " with an explicit deny "):
            _head, found, tail = self.message.partition(opening)
            if found:
                return (opening + tail).strip()
        return ""


class NoSuchEntity(ServiceError):
    """The thing named does not exist in this account."""

    code = "NoSuchEntity"
    status = 404


class EntityAlreadyExists(ServiceError):
    """The name is taken."""

    code = "EntityAlreadyExists"
    status = 409


class DeleteConflict(ServiceError):
    """Something still hangs on the thing to be deleted."""

    code = "DeleteConflict"
    status = 409


class LimitExceeded(ServiceError):
    """A quota is used up."""

    code = "LimitExceeded"
    status = 409


class EntityTemporarilyUnmodifiable(ServiceError):
    """The thing is being changed by somebody else at this moment."""

    code = "EntityTemporarilyUnmodifiable"
    status = 409


class ConcurrentModification(ServiceError):
    """The thing was changed meanwhile, by somebody else or in another window.

    `now` is what it has become, as text, where whoever asked was shown what it had been.
    """

    code = "ConcurrentModification"
    status = 409

    def __init__(self, message: str, *, argument: str | None = None, now: str = "") -> None:
        super().__init__(message, argument=argument)
        self.now = now


class ReportNotPresent(ServiceError):
    """No credential report has been made yet."""

    code = "ReportNotPresent"
    status = 410


class ReportExpired(ServiceError):
    """The credential report is more than four hours old."""

    code = "ReportExpired"
    status = 410


class OrganizationNotFound(ServiceError):
    """The account is not a member of an organization."""

    code = "OrganizationNotFoundException"
    status = 400


class FeatureEnabled(ServiceError):
    """What is to be switched on is on already."""

    code = "FeatureEnabled"
    status = 409


class FeatureDisabled(ServiceError):
    """What is asked about or to be switched off is off."""

    code = "FeatureDisabled"
    status = 404


class OutboundWebIdentityFederationDisabled(ServiceError):
    """The account gives no tokens for services outside."""

    code = "OutboundWebIdentityFederationDisabledException"
    status = 403


class SessionDurationEscalation(ServiceError):
    """A token would be good for longer than the session it is asked for with."""

    code = "SessionDurationEscalationException"
    status = 403


class InvalidInput(ServiceError):
    """An argument is well-formed but makes no sense here."""

    code = "InvalidInput"
    status = 400


class MalformedPolicyDocument(ServiceError):
    """A policy document breaks the grammar. `position` is (line, column), 1-based, or None."""

    code = "MalformedPolicyDocument"
    status = 400

    def __init__(
        self,
        message: str,
        *,
        argument: str | None = "policy_document",
        position: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(message, argument=argument)
        self.position = position


class PolicyEvaluation(ServiceError):
    """A policy handed to the simulator keeps the grammar, but what it means can't be told."""

    code = "PolicyEvaluation"
    status = 500


class PasswordPolicyViolation(ServiceError):
    """A password breaks the account's password policy. `rules` names each broken rule."""

    code = "PasswordPolicyViolation"
    status = 400

    def __init__(
        self, message: str, *, argument: str | None = "password", rules: tuple[str, ...] = ()
    ) -> None:
        super().__init__(message, argument=argument)
        self.rules = rules


class MalformedCertificate(ServiceError):
    """What was handed in as a certificate, its chain or its key can't be read, or does not fit."""

    code = "MalformedCertificate"
    status = 400


class InvalidCertificate(ServiceError):
    """A certificate that can be read but can't be used."""

    code = "InvalidCertificate"
    status = 400


class DuplicateCertificate(ServiceError):
    """A user of the account has the same certificate already."""

    code = "DuplicateCertificate"
    status = 409


class KeyPairMismatch(ServiceError):
    """The private key is not that of the certificate."""

    code = "KeyPairMismatch"
    status = 400


class InvalidPublicKey(ServiceError):
    """An SSH public key that can't be read, or is of a kind or length that AWS does not take."""

    code = "InvalidPublicKey"
    status = 400


class UnrecognizedPublicKeyEncoding(ServiceError):
    """An SSH public key that is written neither as `ssh-rsa` nor in PEM."""

    code = "UnrecognizedPublicKeyEncoding"
    status = 400


class DuplicateSSHPublicKey(ServiceError):
    """The user has the same SSH public key already."""

    code = "DuplicateSSHPublicKey"
    status = 400


class InvalidUserType(ServiceError):
    """The operation is not for this kind of identity."""

    code = "InvalidUserType"
    status = 400


class PolicyNotAttachable(ServiceError):
    """The policy is reserved for a service-linked role."""

    code = "PolicyNotAttachable"
    status = 400


class UnmodifiableEntity(ServiceError):
    """The thing is owned by a service and can't be changed."""

    code = "UnmodifiableEntity"
    status = 400


class InvalidAuthenticationCode(ServiceError):
    """An MFA code is wrong, was used before, or is too old.

    `reason` is one of "wrong", "used", "late", "order": it goes to people who have already proved
    their password or who hold the device, never to the wire, where AWS has one message for all.
    """

    code = "InvalidAuthenticationCode"
    status = 403

    def __init__(
        self,
        message: str = "Authentication code for device is not valid.",
        *,
        argument: str | None = "authentication_code1",
        reason: str = "wrong",
    ) -> None:
        super().__init__(message, argument=argument)
        self.reason = reason


class SignInRefused(ServiceError):
    """Sign-in failed. One text for every cause, so that nothing can be learnt from it."""

    code = "AuthenticationFailed"
    status = 401

    def __init__(self) -> None:
        super().__init__("Your authentication information is incorrect. Please try again.")


class PasswordExpired(ServiceError):
    """The password ran out under a policy that only an administrator can lift."""

    code = "PasswordExpired"
    status = 403


class PackedPolicyTooLarge(ServiceError):
    """The session policies and tags of a session take more room than its token has."""

    code = "PackedPolicyTooLarge"
    status = 400


class ExpiredToken(ServiceError):
    """Temporary credentials whose time is over."""

    code = "ExpiredToken"
    status = 403

    def __init__(self, message: str = "The security token included in the request is expired"):
        super().__init__(message)


class TokenExpired(ServiceError):
    """The token or assertion of an identity provider is too old."""

    code = "ExpiredTokenException"
    status = 400


class InvalidIdentityToken(ServiceError):
    """The token or assertion of an identity provider proves nothing here."""

    code = "InvalidIdentityToken"
    status = 400


class IDPRejectedClaim(ServiceError):
    """An identity provider answered that it did not sign somebody in."""

    code = "IDPRejectedClaim"
    status = 403


class IDPCommunicationError(ServiceError):
    """The keys of an identity provider can't be had."""

    code = "IDPCommunicationError"
    status = 400


class InvalidAuthorizationMessage(ServiceError):
    """An encoded message that is none of ours, or another account's."""

    code = "InvalidAuthorizationMessageException"
    status = 400


class InvalidClientTokenId(ServiceError):
    """A session token that was changed, belongs to another key, or to a principal that is gone."""

    code = "InvalidClientTokenId"
    status = 403

    def __init__(self, message: str = "The security token included in the request is invalid."):
        super().__init__(message)


class InvalidLookupAttributes(ServiceError):
    """The record can't be looked up by that."""

    code = "InvalidLookupAttributesException"
    status = 400


class InvalidTimeRange(ServiceError):
    """The begin of a time range lies after its end."""

    code = "InvalidTimeRangeException"
    status = 400


class InvalidMaxResults(ServiceError):
    """More results are asked for than a page has, or none."""

    code = "InvalidMaxResultsException"
    status = 400


class InvalidNextToken(ServiceError):
    """A token that was made for another question or account, or is none."""

    code = "InvalidNextTokenException"
    status = 400


class InvalidEventCategory(ServiceError):
    """There are no events of this category."""

    code = "InvalidEventCategoryException"
    status = 400
