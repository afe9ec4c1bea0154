"""What S3 refuses, with S3's own codes, statuses and sentences.

Amazon S3 API Reference, "Error responses". `extra` holds the further elements that S3's answer has
beside Code and Message, by their names there.
"""

from __future__ import annotations

from typing import Any

from accounts.errors import ServiceError


class S3Error(ServiceError):
    """An expected failure of S3."""

    status = 400
    sentence = ""

    def __init__(
        self, message: str | None = None, *, argument: str | None = None, **extra: str
    ) -> None:
        super().__init__(message or self.sentence, argument=argument)
        self.extra = extra


class NoSuchBucket(S3Error):
    """No account has a bucket of that name. S3 says so to everybody."""

    code, status, sentence = "NoSuchBucket", 404, "The specified bucket does not exist"


class NoSuchKey(S3Error):
    """The bucket has no such object."""

    code, status, sentence = "NoSuchKey", 404, "The specified key does not exist."


class NoSuchUpload(S3Error):
    """There is no such multipart upload, or it was completed or aborted."""

    code, status = "NoSuchUpload", 404
    sentence = (
        "The specified upload does not exist. The upload ID may be invalid, or the upload may have "
        "been aborted or completed."
    )


class NoSuchBucketPolicy(S3Error):
    """The bucket has no policy."""

    code, status, sentence = "NoSuchBucketPolicy", 404, "The bucket policy does not exist"


class MethodNotAllowed(S3Error):
    """Only identities of the bucket's own account may do this, whatever its policy allows."""

    code, status = "MethodNotAllowed", 405
    sentence = "The specified method is not allowed against this resource."


class NoSuchTagSet(S3Error):
    """The bucket has no tags."""

    code, status, sentence = "NoSuchTagSet", 404, "The TagSet does not exist"


class BucketAlreadyExists(S3Error):
    """Another account has the name."""

    code, status = "BucketAlreadyExists", 409
    sentence = (
        "The requested bucket name is not available. The bucket namespace is shared by all users "
        "of the system. Please select a different name and try again."
    )


class BucketAlreadyOwnedByYou(S3Error):
    """The caller's account has the name."""

    code, status = "BucketAlreadyOwnedByYou", 409
    sentence = "Your previous request to create the named bucket succeeded and you already own it."


class BucketNotEmpty(S3Error):
    """The bucket still holds objects."""

    code, status, sentence = "BucketNotEmpty", 409, "The bucket you tried to delete is not empty"


class TooManyBuckets(S3Error):
    """The account has as many buckets as it may have."""

    code, status = "TooManyBuckets", 400

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"You have attempted to create more buckets than allowed: {limit} here.",
            argument="bucket",
        )


class InvalidBucketName(S3Error):
    """The name breaks S3's naming rules."""

    code, sentence = "InvalidBucketName", "The specified bucket is not valid."


class KeyTooLong(S3Error):
    """The key has more than 1,024 bytes."""

    code, sentence = "KeyTooLongError", "Your key is too long"


class InvalidURI(S3Error):
    """The key holds what no address can name: a null character, or half of a character."""

    code, sentence = "InvalidURI", "Couldn't parse the specified URI."


class InvalidArgument(S3Error):
    """An argument makes no sense."""

    code, sentence = "InvalidArgument", "Invalid Argument"


class InvalidRequest(S3Error):
    """The arguments do not go together."""

    code, sentence = "InvalidRequest", "Invalid Request"


class InvalidTag(S3Error):
    """Tags that S3 does not take."""

    code, sentence = "InvalidTag", "The tag provided was not a valid tag."


class InvalidLocationConstraint(S3Error):
    """What is no region, or us-east-1, which S3 does not want named."""

    code, sentence = "InvalidLocationConstraint", "The specified location constraint is not valid"


class IllegalLocationConstraint(S3Error):
    """A region that is not the one the request was sent to."""

    code = "IllegalLocationConstraintException"


class MetadataTooLarge(S3Error):
    """More than 2 KB of x-amz-meta- headers."""

    code = "MetadataTooLarge"
    sentence = "Your metadata headers exceed the maximum allowed metadata size"


class EntityTooLarge(S3Error):
    """More bytes than an object may have."""

    code = "EntityTooLarge"
    sentence = "Your proposed upload exceeds the maximum allowed size"

    def __init__(self, size: int, most: int) -> None:
        super().__init__(
            f"{self.sentence}: an object may have {most} bytes here",
            argument="body",
            ProposedSize=str(size),
            MaxSizeAllowed=str(most),
        )


class EntityTooSmall(S3Error):
    """A part that is not the last has less than 5 MiB."""

    code = "EntityTooSmall"
    sentence = "Your proposed upload is smaller than the minimum allowed size"


class QuotaExceeded(S3Error):
    """The account or the installation holds all the bytes it may. S3 has no such limit."""

    code, status = "QuotaExceeded", 403


class MissingContentLength(S3Error):
    """A body whose length was not told."""

    code, status = "MissingContentLength", 411
    sentence = "You must provide the Content-Length HTTP header."


class IncompleteBody(S3Error):
    """The body ended before its announced length, or went on after it."""

    code = "IncompleteBody"
    sentence = "You did not provide the number of bytes specified by the Content-Length HTTP header"


class BadDigest(S3Error):
    """The body is not what the checksum that came with it says."""

    code = "BadDigest"

    def __init__(self, name: str) -> None:
        super().__init__(f"The {name} you specified did not match the calculated checksum.")


class InvalidDigest(S3Error):
    """A Content-MD5 that is no MD5."""

    code, sentence = "InvalidDigest", "The Content-MD5 you specified was invalid."


class InvalidPart(S3Error):
    """A part was not found, or is not the one that was uploaded."""

    code = "InvalidPart"
    sentence = (
        "One or more of the specified parts could not be found.  The part may not have been "
        "uploaded, or the specified entity tag may not match the part's entity tag."
    )


class InvalidPartOrder(S3Error):
    """The parts are not listed in ascending order."""

    code = "InvalidPartOrder"
    sentence = "The list of parts was not in ascending order. Parts must be ordered by part number."


class InvalidPartNumber(S3Error):
    """An object has no part of that number."""

    code, status = "InvalidPartNumber", 416
    sentence = "The requested partnumber is not satisfiable"


class MalformedXML(S3Error):
    """A list that is empty or too long."""

    code = "MalformedXML"
    sentence = (
        "The XML you provided was not well-formed or did not validate against our published schema"
    )


class MalformedPolicy(S3Error):
    """A bucket policy that S3 does not take. `position` is (line, column), 1-based, or nothing."""

    code = "MalformedPolicy"

    def __init__(self, message: str, *, position: tuple[int, int] | None = None) -> None:
        super().__init__(message, argument="policy")
        self.position = position


class PolicyTooLarge(S3Error):
    """A bucket policy of more than 20 KB."""

    code = "PolicyTooLarge"
    sentence = "Policy exceeds the maximum allowed document size."


class PreconditionFailed(S3Error):
    """The object is not what the request was made for."""

    code, status = "PreconditionFailed", 412
    sentence = "At least one of the pre-conditions you specified did not hold"

    def __init__(self, condition: str) -> None:
        super().__init__(Condition=condition)


class NotModified(S3Error):
    """The client has what it asked for; the answer has headers and no body."""

    code, status, sentence = "NotModified", 304, "Not Modified"

    def __init__(self, found: Any) -> None:
        super().__init__()
        self.object = found


class InvalidRange(S3Error):
    """A range that begins after the object's end."""

    code, status = "InvalidRange", 416
    sentence = "The requested range is not satisfiable"


class OperationAborted(S3Error):
    """Somebody else changed the same thing at the same moment."""

    code, status = "OperationAborted", 409
    sentence = (
        "A conflicting conditional operation is currently in progress against this resource. "
        "Please try again."
    )
