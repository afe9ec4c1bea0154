"""What SNS's operations fail with. Codes and statuses: SNS API reference, each operation's errors.

`AccessDenied` is what policies say here as everywhere; SNS's clients know it as AuthorizationError.
"""

from __future__ import annotations

from accounts.errors import NoSuchEntity, ServiceError


class InvalidParameter(ServiceError):
    """An argument is wrong. SNS names it, and seldom says more than a few words."""

    code = "InvalidParameter"
    status = 400

    def __init__(self, name: str, reason: str = "", *, argument: str | None = None) -> None:
        told = f"{name} Reason: {reason}" if reason else name
        super().__init__(f"Invalid parameter: {told}", argument=argument)


class ParameterValueInvalid(ServiceError):
    """A message attribute is wrong."""

    code = "ParameterValueInvalid"
    status = 400


class TopicNotFound(NoSuchEntity):
    """There is no such topic."""

    code = "NotFound"

    def __init__(self) -> None:
        super().__init__("Topic does not exist", argument="topic_arn")


class ResourceNotFound(NoSuchEntity):
    """There is nothing of that ARN to have tags."""

    code = "ResourceNotFound"

    def __init__(self) -> None:
        super().__init__("Resource does not exist", argument="resource_arn")


class TopicLimitExceeded(ServiceError):
    """The account has as many topics as it may have."""

    code = "TopicLimitExceeded"
    status = 403


class TagLimitExceeded(ServiceError):
    """A topic has as many tags as it may have."""

    code = "TagLimitExceeded"
    status = 400


class BatchRefused(ServiceError):
    """A batch as a whole is wrong. `code` says how."""

    status = 400

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message, argument="publish_batch_request_entries")
        self.code = code


class MessageNotFound(NoSuchEntity):
    """There is no such message in the topic, or not any more."""

    def __init__(self) -> None:
        super().__init__("There is no such message, or it was kept long enough.")
