"""A pack's calls as AWS's clients make them: arguments written as they are sent, then read by the
API's own front doors, so that a pack takes exactly what the AWS command takes.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from botocore import serialize
from botocore.model import OperationModel, ServiceModel, Shape
from botocore.validate import ParamValidator

from accounts.actions.registry import ACTIONS
from accounts.caller import Caller
from accounts.errors import InvalidInput, ServiceError
from iamconsole.answers import s3 as s3_answers
from iamconsole.api import dispatch, ec2_errors
from iamconsole.api.s3 import arguments, bodies, refusals, routes
from iamconsole.api.s3 import errors as s3_errors
from iamconsole.api.shapes import SERVICES, Service
from iamconsole.labs.format.documents import file_of
from iamconsole.sandbox.s3_objects import Download

Arguments = Mapping[str, Any]

#: What is too short or too small is the service's to refuse: a pack may want that.
_LIMITS = ("Invalid length", "Invalid value")
_PROTOCOLS = {"s3": "rest-xml"}
#: What SNS's clients call a refusal.
_SNS_DENIED = "AuthorizationError"


def known(name: str) -> bool:
    """Whether a pack may call it: an operation of these services that there is here."""
    return name in ACTIONS and name.partition(":")[0] in {*SERVICES, "s3"}


def problems(name: str, given: Arguments) -> list[str]:
    """What is wrong with the arguments whatever their values: unknown, missing, of another kind."""
    model = _model(name)
    shape = model.input_shape
    if shape is None:
        return [f"{name} takes no arguments."] if given else []
    report = ParamValidator().validate(_shaped(shape, given, _named), shape)
    lines = report.generate_report().splitlines() if report.has_errors() else []
    return [line for line in lines if not line.startswith(_LIMITS)]


def call(
    name: str, given: Arguments, caller: Caller, file: Callable[[str], str]
) -> Mapping[str, Any]:
    """Make a call and return the members of its answer; `file` gives the text of a pack's file.

    Raises whatever ServiceError it is refused with, InvalidInput for what no client would send.
    """
    if wrong := problems(name, given):
        raise InvalidInput(" ".join(wrong))
    shape = _model(name).input_shape
    shaped = _shaped(shape, given, file) if shape is not None else {}
    service = name.partition(":")[0]
    return _s3(name, shaped, caller) if service == "s3" else _query(name, shaped, caller)


def codes(name: str, error: ServiceError) -> set[str]:
    """What an error is called: by the service's clients, and everywhere else."""
    match name.partition(":")[0]:
        case "ec2":
            told = ec2_errors.code_of(error)
        case "s3":
            told = s3_errors.in_words_of_s3(error).code
        case "sns" if error.code == "AccessDenied":
            told = _SNS_DENIED
        case _:
            told = error.code
    return {error.code, told}


def _named(path: str) -> str:
    """Stands for a file's text where only its kind counts."""
    return path


# --- On the wire ---------------------------------------------------------------------------------


def _query(name: str, shaped: dict[str, Any], caller: Caller) -> Mapping[str, Any]:
    service = SERVICES[name.partition(":")[0]]
    # The action's class checks what is left out or unknown; nothing of AWS's own is added here.
    sent = _serializer(service.protocol).serialize_to_request(shaped, _model(name))["body"]
    parameters = {key: _text(value) for key, value in sent.items()}
    return dispatch.find(service, parameters).run(caller, parameters)


def _s3(name: str, shaped: dict[str, Any], caller: Caller) -> Mapping[str, Any]:
    sent = _serializer("rest-xml").serialize_to_request(shaped, _model(name))
    path, _, parameters = sent["url_path"].partition("?")
    query = dict(part.partition("=")[::2] for part in parameters.split("&") if part)
    query |= {key: _text(value) for key, value in sent["query_string"].items()}
    headers = {key.lower(): _text(value) for key, value in sent["headers"].items()}
    body = sent["body"] or b""
    body = body if isinstance(body, bytes) else str(body).encode()
    if body:
        # Some documents must come with one.
        headers.setdefault("content-md5", base64.b64encode(_md5(body)).decode())
    headers["content-length"] = str(len(body))
    address = routes.address(path)
    refusals.check(query, headers, address.bucket)
    whole = bodies.Sent({"wsgi.input": io.BytesIO(body)}, len(body))
    request = arguments.Request(
        operation=name.removeprefix("s3:"),
        address=address,
        query=query,
        headers=headers,
        body=bodies.Plain(whole, len(body), bodies.UNSIGNED),
        trailing=None,
    )
    read = arguments.read(request)
    quiet = bool(read.pop("quiet", False))
    result = ACTIONS[name].run(caller, **read)
    asked = s3_answers.Asked(
        account=caller.home.pk,
        bucket=address.bucket,
        key=address.key,
        query=query,
        arguments=read,
        is_quiet=quiet,
    )
    try:
        return s3_answers.ANSWERS[request.operation](result, asked)
    finally:
        if isinstance(result, Download):
            result.close()


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _md5(body: bytes) -> bytes:
    return hashlib.md5(body, usedforsecurity=False).digest()


# --- Models --------------------------------------------------------------------------------------


@cache
def _serializer(protocol: str) -> Any:
    return serialize.create_serializer(protocol, include_validation=False)


@cache
def _service(name: str) -> ServiceModel:
    model: Service = routes.MODEL if name == "s3" else SERVICES[name]
    metadata = {
        "apiVersion": model.version,
        "protocol": _PROTOCOLS.get(name, model.protocol),
        "serviceId": name,
        "xmlNamespace": model.namespace,
    }
    return ServiceModel(
        {"metadata": metadata, "operations": model.operations, "shapes": model.shapes}
    )


@cache
def _model(name: str) -> OperationModel:
    service, _, operation = name.partition(":")
    return _service(service).operation_model(operation)


def _shaped(shape: Shape, value: Any, file: Callable[[str], str]) -> Any:
    """The value as the shape has it: documents as text, numbers as texts where it says so."""
    match shape.type_name:
        case "structure" if isinstance(value, Mapping):
            return {
                str(key): _shaped(shape.members[key], each, file) if key in shape.members else each
                for key, each in value.items()
            }
        case "list" if isinstance(value, list):
            return [_shaped(shape.member, each, file) for each in value]
        case "map" if isinstance(value, Mapping):
            return {str(key): _shaped(shape.value, each, file) for key, each in value.items()}
        case "string" | "blob":
            return _document(value, file)
        case "integer" | "long" if isinstance(value, str) and value.isascii() and value.isdigit():
            return int(value)
        case "boolean" if value in ("true", "false"):
            return value == "true"
    return value


def _document(value: Any, file: Callable[[str], str]) -> Any:
    named = file_of(value)
    if named is not None:
        return file(named)
    if isinstance(value, Mapping | list):
        return json.dumps(value, indent=4, ensure_ascii=False)
    if isinstance(value, bool | int | float):
        return _text(value)
    return value
