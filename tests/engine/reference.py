"""A second, naive evaluator to check the engine against: no compiling, no memo, no cleverness.

It reads plain decoded documents and follows the User Guide sentence by sentence. It knows the
String, Numeric, Bool and Null operators, variables, and every layer but trust policies.
"""

import re


def decide(request, layers, bucket=None):
    """`layers` maps a layer's name to a list of lists of statements; every list must allow."""
    answers = {
        name: [_layer(request, statements) for statements in levels]
        for name, levels in layers.items()
    }
    bucket_answer = _layer(request, bucket or [], with_principal=True)
    own = [answer for found in answers.values() for answer in found]
    if "explicitDeny" in (*own, bucket_answer):
        return "explicitDeny"
    if any(answer != "allowed" for answer in answers.get("service_control", [])):
        return "implicitDeny"
    cross = request["owner"] not in (None, request["account"])
    if cross and bucket_answer != "allowed":
        return "implicitDeny"
    if not cross and _granted(request, bucket or []):
        return "allowed"
    needed = [answers.get(name, []) for name in ("identity", "boundary", "session")]
    return "allowed" if all(a == "allowed" for found in needed for a in found) else "implicitDeny"


def _layer(request, statements, with_principal=False):
    effects = {
        statement["Effect"]
        for statement in statements
        if _matches(request, statement)
        and (not with_principal or _principal(request, statement["Principal"]))
    }
    if "Deny" in effects:
        return "explicitDeny"
    return "allowed" if "Allow" in effects else "implicitDeny"


def _granted(request, bucket):
    """Whether the bucket's policy names the user or everyone, not just the account."""
    return any(
        statement["Effect"] == "Allow"
        and _matches(request, statement)
        and (
            statement["Principal"] == "*" or request["arn"] in _list(statement["Principal"]["AWS"])
        )
        for statement in bucket
    )


def _principal(request, principal):
    if principal == "*":
        return True
    known = {request["arn"], request["account"], f"arn:aws:iam::{request['account']}:root"}
    return bool(known & set(_list(principal["AWS"])))


def _matches(request, statement):
    named = _list(statement.get("Action") or statement["NotAction"])
    action = any(_glob(each.lower(), request["action"].lower()) for each in named)
    named = _list(statement.get("Resource") or statement["NotResource"])
    filled = [_fill(each, request["context"]) for each in named]
    resource = any(each is not None and _glob(each, request["resource"]) for each in filled)
    if action != ("Action" in statement) or resource != ("Resource" in statement):
        return False
    return all(
        _condition(request, operator, key, _list(values), statement["Effect"])
        for operator, keys in statement.get("Condition", {}).items()
        for key, values in keys.items()
    )


def _condition(request, written, key, wanted, effect):
    given = request["context"].get(key.lower())
    operator = written.removesuffix("IfExists")
    qualifier, _, operator = operator.rpartition(":")
    negated = "Not" in operator
    if operator == "Null":
        if qualifier:
            return qualifier == "ForAllValues"
        return any((given is None) == (each == "true") for each in wanted)
    if given is None:
        if written.endswith("IfExists") or qualifier == "ForAllValues":
            return True
        return negated and not qualifier
    given = _list(given)

    def passes(value):
        found = [_compare(operator.replace("Not", ""), value, each, request) for each in wanted]
        if None in found:
            return effect == "Deny"
        return any(found) != negated

    if qualifier == "ForAllValues":
        return all(passes(value) for value in given if value)
    if qualifier == "ForAnyValue":
        return any(passes(value) for value in given if value)
    return passes(given[0]) if len(given) == 1 else effect == "Deny"


def _compare(operator, value, wanted, request):
    """True, false, or None for a value that cannot be read."""
    if operator.startswith("Numeric"):
        if not re.fullmatch("[0-9]+", value):
            return None
        left, right = int(value), int(wanted)
        return {
            "NumericEquals": left == right,
            "NumericLessThan": left < right,
            "NumericGreaterThanEquals": left >= right,
        }[operator]
    if operator == "Bool":
        return None if value not in ("true", "false") else value == wanted
    filled = _fill(wanted, request["context"])
    if filled is None:
        return False
    if operator == "StringLike":
        return _glob(filled, value)
    text = filled.replace("\x01", "*").replace("\x02", "?")
    if operator == "StringEqualsIgnoreCase":
        return text.lower() == value.lower()
    return text == value


def _fill(pattern, context):
    r"""Variables replaced, their own wildcards hidden as \x01 and \x02; None without a value."""
    missing = []

    def value(found):
        taken = _list(context.get(found[1].lower(), ()))
        if len(taken) != 1:
            missing.append(found[1])
            return ""
        return taken[0].replace("*", "\x01").replace("?", "\x02")

    filled = re.sub(r"\$\{([^}]*)\}", value, pattern)
    return None if missing else filled


def _glob(pattern, text):
    special = {"*": ".*", "?": ".", "\x01": r"\*", "\x02": r"\?"}
    return bool(re.fullmatch("".join(special.get(c, re.escape(c)) for c in pattern), text, re.S))


def _list(value):
    return list(value) if isinstance(value, list | tuple) else [value]
