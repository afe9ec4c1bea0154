"""What every action has in common: it is named, checked, authorised, atomic and recorded.

`@action` makes a function the one implementation of an AWS operation; `@command` does the same for
what AWS has no operation for. The function they return is the only way to call it. In this order:
check the arguments, resolve the resource, authorise, prepare (slow work such as hashing), and then
in one transaction: lock the account's row, run, record. Success, refusal and crash all leave an
event.
"""

from __future__ import annotations

import functools
import inspect
import logging
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from accounts import events
from accounts.arns import Resource
from accounts.authorize import authorize
from accounts.caller import Caller, CallerKind
from accounts.errors import AccessDenied, NoSuchEntity, ServiceError, ServiceFailure
from accounts.models import Account
from accounts.models.prepared import Prepared
from accounts.types import Rule, check, left_out, rule_of

logger = logging.getLogger(__name__)

Function = typing.TypeVar("Function", bound=Callable[..., Any])
#: What a call takes beside its own permission: nothing, one permission on something, or several.
Permissions = tuple[str, Resource] | list[tuple[str, Resource]] | None

#: The default of an argument `prepared`: no caller passes it, the wrapper fills it in.
FROM_PREPARE: Any = None

#: Arguments that only the console may pass: AWS has no such member, so the API can't fill them.
CONSOLE_ONLY: Mapping[str, frozenset[str]] = {
    # The seed that was already shown as a QR code, so that an abandoned wizard leaves nothing.
    "iam:CreateVirtualMFADevice": frozenset({"seed"}),
    # The console's report is as of now; AWS's clients get one of the last four hours.
    "iam:GenerateCredentialReport": frozenset({"anew"}),
    # Search, filters, order and numbered pages of the console's lists; names ticked in one.
    "iam:ListUsers": frozenset({"search", "sort", "page", "page_size", "filters", "names"}),
    "iam:GetGroup": frozenset({"search", "sort", "page", "page_size"}),
    "iam:ListGroups": frozenset({"search", "sort", "page", "page_size", "filters"}),
    "iam:ListRoles": frozenset({"search", "sort", "page", "page_size", "filters"}),
    "iam:ListPolicies": frozenset(
        {"search", "sort", "page", "page_size", "filters", "kind", "used"}
    ),
    "iam:ListEntitiesForPolicy": frozenset({"search", "sort", "page", "page_size"}),
    # The topics of all Regions.
    "sns:ListTopics": frozenset({"search", "sort", "page", "page_size"}),
    # Several filters at once, and the way back to newer events.
    "cloudtrail:LookupEvents": frozenset({"filters", "search", "involving", "newer", "page_size"}),
}


@dataclass(frozen=True)
class Operation:
    """An action or command: its name, its signature and the rules of its arguments."""

    name: str
    function: Callable[..., Any]
    run: Callable[..., Any]
    signature: inspect.Signature
    rules: Mapping[str, Rule]
    resource: Callable[..., Resource] | None
    also: Callable[..., Permissions] | None
    may: Callable[[Caller], bool] | None
    secrets: frozenset[str]
    read_only: bool
    prepare: Callable[..., Any] | None
    #: Whether it may change what somebody is allowed to do.
    raises_epoch: bool
    #: What policies call it; empty for a command that they know nothing of.
    permission: str

    @functools.cached_property
    def required(self) -> tuple[str, ...]:
        """The arguments that can't be left out."""
        parameters = self.signature.parameters.values()
        return tuple(
            parameter.name
            for parameter in parameters
            if parameter.kind is parameter.KEYWORD_ONLY and parameter.default is parameter.empty
        )

    @functools.cached_property
    def arguments(self) -> dict[str, Any]:
        """The arguments that callers pass, with their defaults, in the order of the signature."""
        return {
            parameter.name: None if parameter.default is parameter.empty else parameter.default
            for parameter in self.signature.parameters.values()
            if parameter.kind is parameter.KEYWORD_ONLY and parameter.name != "prepared"
        }

    def others(self, caller: Caller, arguments: Mapping[str, Any]) -> list[tuple[str, Resource]]:
        """The permissions that a call takes beside its own, each with what it is needed on."""
        more = self.also(caller, **arguments) if self.also is not None else None
        if more is None:
            return []
        return more if isinstance(more, list) else [more]

    @property
    def is_action(self) -> bool:
        """Whether AWS has this operation; otherwise it is a command."""
        return self.may is None


ACTIONS: dict[str, Operation] = {}
COMMANDS: dict[str, Operation] = {}


def action(
    name: str,
    *,
    resource: Callable[..., Resource],
    read_only: bool = False,
    secrets: tuple[str, ...] = (),
    prepare: Callable[..., Any] | None = None,
    also: Callable[..., Permissions] | None = None,
    raises_epoch: bool = True,
    permission: str | None = None,
) -> Callable[[Function], Function]:
    """Make a function the one implementation of the AWS operation `name`, such as iam:GetUser.

    `resource(caller, **arguments)` says what the call acts on, and `also(caller, **arguments)`
    which other permission it takes on what, such as iam:PassRole on a role that it hands over; a
    list where there are several.
    `secrets` are arguments that no event shows. `prepare(caller, **arguments)` does slow work
    before the transaction; the function gets what it returned as `prepared`. What changes nobody's
    permissions, such as a report, says `raises_epoch=False` and leaves compiled policies alone.
    `permission` is what policies call the operation where that is another name: s3:ListObjectsV2
    takes s3:ListBucket.
    """
    return _registrar(
        ACTIONS,
        name,
        resource=resource,
        also=also,
        may=None,
        read_only=read_only,
        secrets=secrets,
        prepare=prepare,
        raises_epoch=raises_epoch and not read_only,
        permission=permission,
    )


def command(
    name: str,
    *,
    may: Callable[[Caller], bool],
    resource: Callable[..., Resource] | None = None,
    read_only: bool = False,
    secrets: tuple[str, ...] = (),
    prepare: Callable[..., Any] | None = None,
    raises_epoch: bool = False,
    permission: str | None = None,
) -> Callable[[Function], Function]:
    """The same for what AWS has no operation for. `may(caller)` is its rule who may call it.

    `permission` is what policies must allow on the resource besides, such as ssm:StartSession for
    acting as an instance.
    """
    return _registrar(
        COMMANDS,
        name,
        resource=resource,
        also=None,
        may=may,
        read_only=read_only,
        secrets=secrets,
        prepare=prepare,
        raises_epoch=raises_epoch,
        permission=permission,
    )


def only(*kinds: CallerKind) -> Callable[[Caller], bool]:
    """A command's rule who may call it: whoever is of one of these kinds."""
    return lambda caller: caller.kind in kinds


#: Whoever is signed in: the command itself asks for what it takes.
ANYBODY = only(CallerKind.ROOT, CallerKind.USER, CallerKind.ROLE, CallerKind.FEDERATED)


def foresee(caller: Caller, name: str, **arguments: Any) -> None:
    """Raise what the action would refuse before it ran: bad arguments, or AccessDenied.

    Nothing is done and nothing recorded. For pages that ask before somebody types in vain; the
    action asks again.
    """
    operation = ACTIONS[name]
    _admit(_Call(operation, caller, {}), _checked(operation, caller, arguments))


@dataclass
class _Call:
    """What is known of one call so far: enough to record it whenever it ends."""

    operation: Operation
    caller: Caller
    parameters: dict[str, Any]
    resources: list[str] = field(default_factory=list)
    reasons: Mapping[str, Any] = field(default_factory=dict)

    def event(self, outcome: str, error: ServiceError | None = None) -> Any:
        return events.describe(
            self.caller,
            self.operation.name,
            outcome=outcome,
            read_only=self.operation.read_only,
            parameters=self.parameters,
            resources=self.resources,
            reasons=self.reasons,
            error_code=error.code if error else "",
            error_message=error.message if error else "",
        )


def _registrar(
    table: dict[str, Operation],
    name: str,
    *,
    resource: Callable[..., Resource] | None,
    also: Callable[..., Permissions] | None,
    may: Callable[[Caller], bool] | None,
    read_only: bool,
    secrets: tuple[str, ...],
    prepare: Callable[..., Any] | None,
    raises_epoch: bool,
    permission: str | None,
) -> Callable[[Function], Function]:
    def register(function: Function) -> Function:
        if name in ACTIONS or name in COMMANDS:
            raise ValueError(f"{name} is already registered")

        @functools.wraps(function)
        def run(caller: Caller, /, **given: Any) -> Any:
            return _run(table[name], caller, given)

        hints = typing.get_type_hints(function, include_extras=True)
        rules = {argument: rule_of(hint) for argument, hint in hints.items()}
        table[name] = Operation(
            name=name,
            function=function,
            run=run,
            signature=inspect.signature(function),
            rules={argument: rule for argument, rule in rules.items() if rule is not None},
            resource=resource,
            also=also,
            may=may,
            secrets=frozenset(secrets),
            read_only=read_only,
            prepare=prepare,
            raises_epoch=raises_epoch,
            permission=permission or (name if may is None else ""),
        )
        return typing.cast(Function, run)

    return register


def _run(operation: Operation, caller: Caller, given: dict[str, Any]) -> Any:
    """One call from start to record."""
    if not isinstance(caller, Caller):
        raise TypeError(f"{operation.name} needs a Caller")
    shown = {
        name: "***" if name in operation.secrets and value is not None else value
        for name, value in given.items()
    }
    call = _Call(operation, caller, shown)
    try:
        arguments = _checked(operation, caller, given)
        _admit(call, arguments)
        if operation.prepare is not None:
            arguments["prepared"] = operation.prepare(caller, **arguments)
        if operation.read_only:
            result = operation.function(caller, **arguments)
            _note(caller, call.event(events.SUCCESS))
            return result
        return _change(call, arguments)
    except AccessDenied as error:
        call.reasons = error.reasons
        _note(caller, call.event(events.DENIED, error))
        raise
    except ServiceError as error:
        _note(caller, call.event(events.ERROR, error))
        raise
    except Exception as error:
        logger.exception("%s failed", operation.name)
        failure = ServiceFailure(
            f"{operation.name} failed here and changed nothing. Try again; if it stays so, give "
            f"the operator this request id: {caller.request_id}"
        )
        _note(caller, call.event(events.FAILURE, failure))
        raise failure from error


def _checked(operation: Operation, caller: Caller, given: dict[str, Any]) -> dict[str, Any]:
    parameters = {name: value for name, value in given.items() if value is not None}
    missing = [name for name in operation.required if name not in parameters]
    if missing:
        raise left_out(missing)
    if unknown := parameters.keys() - operation.arguments.keys():
        raise TypeError(f"{operation.name} takes no {', '.join(sorted(unknown))}")
    arguments = operation.arguments | parameters
    check(operation.rules, arguments)
    return arguments


def _admit(call: _Call, arguments: dict[str, Any]) -> None:
    operation, caller = call.operation, call.caller
    if operation.resource is not None:
        resource = operation.resource(caller, **arguments)
        call.resources.append(resource.arn)
    if operation.may is not None and not operation.may(caller):
        raise AccessDenied(f"{caller.arn or caller.kind} may not call {operation.name}.")
    if operation.permission:
        call.reasons = authorize(caller, operation.permission, resource, arguments)
        for permission, on in operation.others(caller, arguments):
            authorize(caller, permission, on, arguments)


def _change(call: _Call, arguments: dict[str, Any]) -> Any:
    caller, account = call.caller, call.caller.account
    try:
        return _under_lock(call, arguments, account)
    finally:
        caller.forget()


#: An account's policy epoch; its row is locked by reading it. Its key is not: who adds a row that
#: belongs to the account and leaves that as it is, such as another's message, need not wait.
_LOCKED_EPOCH = Prepared(
    lambda pk: (
        Account.objects.select_for_update(no_key=True).filter(pk=pk).values_list("policy_epoch")
    )
)


def _under_lock(call: _Call, arguments: dict[str, Any], account: Account | None) -> Any:
    """Run and record in one transaction that holds the account's row, where there is an account."""
    caller = call.caller
    # What was seen before the lock may have changed meanwhile.
    caller.forget()
    with transaction.atomic():
        epoch = 0
        if account is not None:
            # One change to an account at a time: what is counted or compared below stays true.
            found = _LOCKED_EPOCH.first(account.pk)
            if found is None:
                raise NoSuchEntity(f"The account {account.pk} does not exist any more.")
            (epoch,) = found
        if caller.still is not None:
            caller.still()
        result = call.operation.function(caller, **arguments)
        raised = {}
        if account is not None and call.operation.raises_epoch:
            raised["policy_epoch"] = epoch + 1
        events.append(account, [call.event(events.SUCCESS)], **raised)
    if account is not None and raised:
        account.policy_epoch = raised["policy_epoch"]
    return result


def _note(caller: Caller, event: Any) -> None:
    """Keep an event of a read or a refusal for the end of the request, or write it now."""
    if caller.journal is not None:
        caller.journal.append(event)
    else:
        events.write([event])
