"""AWS's sentence for a refused call, in all the forms of the page "troubleshoot_access-denied"."""

from .evaluate import Decision, Verdict
from .request import Request

_IMPLICIT = {
    "identity": "no identity-based policy allows",
    "boundary": "no permissions boundary allows",
    "session": "no session policy allows",
    "resource": "no resource-based policy allows",
    "trust": "no role trust policy allows",
    "service_control": "no service control policy allows",
    "resource_control": "no resource control policy allows",
    "vpc_endpoint": "no VPC endpoint policy allows",
}
_EXPLICIT = {
    "identity": "an identity-based policy",
    "boundary": "a permissions boundary",
    "session": "a session policy",
    "resource": "a resource-based policy",
    "trust": "the role trust policy",
    "service_control": "a service control policy",
    "resource_control": "a resource control policy",
    "vpc_endpoint": "a VPC endpoint policy",
}
# S3 leaves the resource out where there is none; other services print `*`.
_WITHOUT_RESOURCE = frozenset({"s3:listallmybuckets"})
# Services that print their own prefix otherwise than policies write it.
_PREFIXES = {"sns": "SNS"}


def denial(verdict: Verdict, request: Request) -> str:
    """The sentence for a refusal: who, what, on which resource, and because of which policy type.

    AWS names one policy type however many refuse, and the policy's ARN where it has one.
    """
    who = request.principal.arn if request.principal else "anonymous"
    action = _printed(request.action)
    sentence = f"User: {who or 'anonymous'} is not authorized to perform: {action}"
    if request.resource and request.action.lower() not in _WITHOUT_RESOURCE:
        # S3 alone puts the ARN into quotation marks.
        quote = '"' if request.action.lower().startswith("s3:") else ""
        sentence += f" on resource: {quote}{request.resource}{quote}"
    return f"{sentence} {_reason(verdict, action)}"


def _printed(action: str) -> str:
    prefix, colon, operation = action.partition(":")
    return f"{_PREFIXES.get(prefix, prefix)}{colon}{operation}"


def _reason(verdict: Verdict, action: str) -> str:
    if verdict.decision is not Decision.EXPLICIT_DENY:
        return f"because {_IMPLICIT[verdict.layer]} the {action} action"
    reason = f"with an explicit deny in {_EXPLICIT[verdict.layer]}"
    arns = [match.policy.arn for match in verdict.matched if match.policy.arn]
    return f"{reason}: {arns[0]}" if arns else reason
