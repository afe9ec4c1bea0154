"""Documents that may not be saved: the exact error code, AWS's message, and the place to blame."""

import json

import pytest

from accounts import managed_policies
from accounts.engine import MAX_LENGTH, MalformedPolicy, PolicyKind, load, parse, size

from . import hostile

SYNTAX = "Syntax errors in policy."
LEGACY = "The policy failed legacy parsing"
IAM_PATHS = (
    'IAM resource path must either be "*" or start with user/, federated-user/, role/, group/, '
    "instance-profile/, mfa/, server-certificate/, policy/, sms-mfa/, saml-provider/, "
    "oidc-provider/, report/, access-report/."
)
VENDOR = "Resource vendor must be fully qualified and cannot contain regexes."
PREFACED = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
TRUST = PolicyKind.TRUST
RESOURCE = PolicyKind.RESOURCE


def document(**elements):
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"} | elements
    kept = {name: value for name, value in statement.items() if value is not None}
    return json.dumps({"Version": "2012-10-17", "Statement": kept})


def trust(**elements):
    who = {"AWS": "111122223333"}
    return document(**{"Action": "sts:AssumeRole", "Resource": None, "Principal": who, **elements})


NOT_JSON = {
    "no JSON at all": ("this is no JSON", (1, 1)),
    "an object that is not closed": ('{"Version": "2012-10-17"', (1, 25)),
    "a comma before the end": ('{"Version": "2012-10-17",}', (1, 26)),
    "single quotes": ("{'Version': '2012-10-17'}", (1, 2)),
    "text after the document": ('{"Version": "2012-10-17"} x', (1, 27)),
    "a second document": ("{}{}", (1, 3)),
    "a comment": ('{\n  // all\n  "Version": "2012-10-17"}', (2, 3)),
    "NaN": ('{"Version": NaN}', (1, 2)),
    "Infinity": ('{"Version": Infinity}', (1, 2)),
    "-Infinity": ('{"Version": -Infinity}', (1, 2)),
    "a number beyond every float": ('{"Version": 1e999}', (1, 2)),
    "a number of 5,000 digits": ('{"Version": ' + "9" * 5000 + "}", (1, 2)),
    "an element given twice": ('{"Id": "a", "Id": "b"}', (1, 13)),
    "an Effect given twice": (
        '{"Statement": [{"Effect": "Deny",\n "Effect": "Allow"}]}',
        (2, 2),
    ),
    "an element given twice, once escaped": (r'{"Id": "a", "\u0049d": "b"}', (1, 13)),
    "half a surrogate pair": (r'{"Id": "\ud800"}', (1, 2)),
    "half a surrogate pair as a name": (r'{"\udc00": 1}', (1, 2)),
    "an escaped NUL": (r'{"Id": "a\u0000b"}', (1, 2)),
    "a line break within a text": ('{"Id": "a\nb"}', (1, 10)),
    "1,000 nested lists": ("[" * 1000 + "]" * 1000, (1, 17)),
    "25,000 nested objects": ('{"":' * 25_000 + "1" + "}" * 25_000, (1, 65)),
    "a UTF-8 byte order mark read as Latin-1": ("\xef\xbb\xbf{}", (1, 1)),
}

MALFORMED = {
    "a list": ("[]", SYNTAX),
    "a text": ('"policy"', SYNTAX),
    "an empty object": ("{}", SYNTAX),
    "an unknown element": ('{"Statements": []}', SYNTAX),
    "no Statement": ('{"Version": "2012-10-17"}', SYNTAX),
    "an empty list of statements": ('{"Version": "2012-10-17", "Statement": []}', SYNTAX),
    "a Statement that is a text": ('{"Statement": "Allow"}', SYNTAX),
    "a statement that is a text": ('{"Statement": ["Allow"]}', SYNTAX),
    "an empty statement": ('{"Statement": [{}]}', SYNTAX),
    "a Version that does not exist": (
        document().replace("2012-10-17", "2013-10-17"),
        SYNTAX,
    ),
    "a Version that is a number": ('{"Version": 2012, "Statement": []}', SYNTAX),
    "an Id that is a list": ('{"Id": [], "Statement": []}', SYNTAX),
    "an Effect in lower case": (document(Effect="allow"), SYNTAX),
    "an Effect that does not exist": (document(Effect="Permit"), SYNTAX),
    "an Effect that is a list": (document(Effect=["Allow"]), SYNTAX),
    "no Effect": (document(Effect=None), SYNTAX),
    "an element in lower case": (document(effect="Allow"), SYNTAX),
    "an unknown element of a statement": (document(Actions="s3:*"), SYNTAX),
    "Action and NotAction": (document(NotAction="iam:*"), SYNTAX),
    "Resource and NotResource": (document(NotResource="*"), SYNTAX),
    "an action that is a number": (document(Action=5), SYNTAX),
    "an action that is a list": (document(Action=[["s3:*"]]), SYNTAX),
    "an action that is an object": (document(Action={}), SYNTAX),
    "a resource that is true": (document(Resource=True), SYNTAX),
    "a Sid that is a number": (document(Sid=1), SYNTAX),
    "a condition that is a list": (document(Condition=[]), SYNTAX),
    "an unknown operator": (document(Condition={"StringIs": {"aws:username": "a"}}), SYNTAX),
    "Null with IfExists": (document(Condition={"NullIfExists": {"aws:username": "true"}}), SYNTAX),
    "an operator without an object": (document(Condition={"StringEquals": "a"}), SYNTAX),
    "a condition value that is an object": (
        document(Condition={"StringEquals": {"aws:username": {}}}),
        SYNTAX,
    ),
    "a condition value that is a list of lists": (
        document(Condition={"StringEquals": {"aws:username": [["a"]]}}),
        SYNTAX,
    ),
    "a variable that is not closed": (document(Resource="arn:aws:s3:::${aws:username"), SYNTAX),
    "a variable without a name": (
        document(Condition={"StringEquals": {"aws:username": "${}"}}),
        SYNTAX,
    ),
    "a Principal in an identity-based policy": (
        document(Principal="*"),
        "Policy document should not specify a principal.",
    ),
    "a NotPrincipal in an identity-based policy": (
        document(NotPrincipal="*"),
        "Policy document should not specify a principal.",
    ),
    "a date that is none": (document(Condition={"DateLessThan": {"aws:CurrentTime": "x"}}), LEGACY),
    "an ARN without a service": (document(Resource="arn:aws:::x"), LEGACY),
    "a short ARN with an empty part": (document(Resource="arn:aws:s3::example_bucket"), LEGACY),
    "a resource with colons that is no ARN": (document(Resource="urn:aws:s3:::x"), LEGACY),
    "a Sid with a space": (
        document(Sid="my statement"),
        "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular "
        "expression [0-9A-Za-z]*",
    ),
    "a Sid used twice": (
        json.dumps(
            {
                "Statement": [
                    {"Sid": "a", "Effect": "Allow", "Action": "s3:*", "Resource": "*"},
                    {"Sid": "a", "Effect": "Allow", "Action": "iam:*", "Resource": "*"},
                ]
            }
        ),
        "Statement IDs (SID) in a single policy must be unique.",
    ),
    "no Action": (document(Action=None), "Policy statement must contain actions."),
    "an empty list of actions": (document(Action=[]), "Policy statement must contain actions."),
    "no Resource": (document(Resource=None), "Policy statement must contain resources."),
    "an empty list of resources": (
        document(Resource=[]),
        "Policy statement must contain resources.",
    ),
    "neither Action nor Resource": (
        document(Action=None, Resource=None),
        "Policy statement must contain actions.",
    ),
    "an action without a service": (document(Action="GetObject"), PREFACED),
    "a condition key without a service": (
        document(Condition={"StringEquals": {"username": "a"}}),
        PREFACED,
    ),
    "an action with two colons": (
        document(Action="s3:Get:Object"),
        "Actions/Condition can contain only one colon.",
    ),
    "a star for the service": (document(Action="*:GetObject"), "Vendor * is not valid"),
    "a wildcard within the service": (document(Action="s*:Get"), "Vendor s* is not valid"),
    "an action with a space": (document(Action="s 3:Get"), "Vendor s 3 is not valid"),
    "a resource that is a word": (
        document(Resource="reports"),
        'Resource reports must be in ARN format or "*".',
    ),
    "a resource of words": (
        document(Resource="invalid resource"),
        'Resource invalid resource must be in ARN format or "*".',
    ),
    "an unknown partition": (
        document(Resource="arn:error:s3:::example_bucket"),
        'Partition "error" is not valid for resource "arn:error:s3:::example_bucket".',
    ),
    "an unknown partition and too many parts": (
        document(Resource="arn:b:c:d:e:f:g:h"),
        'Partition "b" is not valid for resource "arn:b:c:d:e:f:g:h".',
    ),
    "an unknown partition and nothing else": (
        document(Resource="arn:bsdfdsafsad"),
        'Partition "bsdfdsafsad" is not valid for resource "arn:bsdfdsafsad:*:*:*:*".',
    ),
    "a wildcard for a resource's service": (document(Resource="arn:aws:*:::x"), VENDOR),
    "a wildcard within a resource's service": (document(Resource="arn:aws:s?:::x"), VENDOR),
    "an ARN without a service at all": (document(Resource="arn:aws"), VENDOR),
    "an ARN that ends after its service": (document(Resource="arn:aws:s3"), VENDOR),
    "a region in an IAM resource": (
        document(Resource="arn:aws:iam:eu-west-1:111122223333:user/a"),
        "IAM resource arn:aws:iam:eu-west-1:111122223333:user/a cannot contain region information.",
    ),
    "a region in an S3 resource": (
        document(Resource="arn:aws:s3:eu-west-1::example_bucket"),
        "Resource arn:aws:s3:eu-west-1::example_bucket can not contain region information.",
    ),
    "an IAM resource of no known kind": (
        document(Resource="arn:aws:iam::111122223333:alice"),
        IAM_PATHS,
    ),
}

MALFORMED_TRUST = {
    "no JSON at all": ("no JSON", "This policy contains invalid Json"),
    "an Effect given twice": (
        '{"Statement": {"Effect": "Deny", "Effect": "Allow"}}',
        "This policy contains invalid Json",
    ),
    "a Resource": (trust(Resource="*"), "Has prohibited field Resource"),
    "a NotResource": (trust(NotResource="*"), "Has prohibited field NotResource"),
    "no Principal": (trust(Principal=None), "Missing required field Principal"),
    "an empty Principal": (
        trust(Principal={}),
        "Missing required field Principal cannot be empty!",
    ),
    "a Principal of no names": (
        trust(Principal={"AWS": []}),
        "Missing required field Principal cannot be empty!",
    ),
    "no Action": (trust(Action=None), "Missing required field Action"),
    "no Effect": (trust(Effect=None), "Missing required field Effect"),
    "no Statement": ('{"Version": "2012-10-17"}', "Missing required field Statement"),
    "an unknown element": (trust(Unless="x"), "Unknown field Unless"),
    "another service's action": (
        trust(Action="s3:GetObject"),
        "AssumeRole policy may only specify STS AssumeRole actions.",
    ),
    "every action": (
        trust(Action="*"),
        "AssumeRole policy may only specify STS AssumeRole actions.",
    ),
    "another of STS's actions": (
        trust(Action="sts:GetCallerIdentity"),
        "AssumeRole policy may only specify STS AssumeRole actions.",
    ),
    "a wildcard within a principal": (
        trust(Principal={"AWS": "arn:aws:iam::111122223333:user/*"}),
        'Invalid principal in policy: "AWS":"arn:aws:iam::111122223333:user/*"',
    ),
    "a group for a principal": (
        trust(Principal={"AWS": "arn:aws:iam::111122223333:group/admins"}),
        'Invalid principal in policy: "AWS":"arn:aws:iam::111122223333:group/admins"',
    ),
    "an account number of 11 digits": (
        trust(Principal={"AWS": "11112222333"}),
        'Invalid principal in policy: "AWS":"11112222333"',
    ),
    "an unknown type of principal": (trust(Principal={"User": "alice"}), SYNTAX),
    "a principal that is a user name": (trust(Principal="alice"), SYNTAX),
    "Principal and NotPrincipal": (trust(NotPrincipal="*"), SYNTAX),
}


def refusal(text, kind=PolicyKind.IDENTITY, **options):
    with pytest.raises(MalformedPolicy) as raised:
        parse(text, kind, **options)
    return raised.value


@pytest.mark.parametrize("case", NOT_JSON)
def test_what_is_not_strict_json_is_refused_with_its_place(case):
    text, position = NOT_JSON[case]
    error = refusal(text)
    assert (error.code, error.message) == ("MalformedPolicyDocument", SYNTAX)
    assert error.position == position


@pytest.mark.parametrize("case", MALFORMED)
def test_what_breaks_the_grammar_is_refused_in_aws_words(case):
    text, message = MALFORMED[case]
    error = refusal(text)
    assert (error.code, error.message) == ("MalformedPolicyDocument", message)


@pytest.mark.parametrize("case", MALFORMED_TRUST)
def test_what_breaks_the_grammar_of_trust_policies_is_refused_in_aws_words(case):
    text, message = MALFORMED_TRUST[case]
    error = refusal(text, TRUST)
    assert (error.code, error.message) == ("MalformedPolicyDocument", message)


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("", None),
        (" " * 131_073, None),
        ('{"Id": "日本"}', (1, 9)),
        ("\ufeff{}", (1, 1)),
        ('{"Id": "\ud800"}', (1, 9)),
        ('{"Id": "a\x00b"}', (1, 10)),
    ],
    ids=["empty", "131,073 characters", "Japanese", "byte order mark", "half a pair", "NUL"],
)
def test_an_argument_aws_would_not_take_is_a_validation_error(text, position):
    error = refusal(text)
    assert error.code == "ValidationError"
    assert "'policyDocument' failed to satisfy constraint" in error.message
    assert error.position == position


def test_the_message_names_the_first_failure_of_the_earliest_check():
    statements = [
        {"Effect": "Allow", "Action": "GetObject", "Resource": "*"},
        {"Effect": "Allow", "Action": [], "Resource": "*"},
        {"Effect": "allow", "Action": "s3:*", "Resource": "*"},
    ]
    expected = [SYNTAX, "Policy statement must contain actions.", PREFACED]
    for message in expected:
        assert refusal(json.dumps({"Statement": statements})).message == message
        statements.pop()


def test_the_position_is_where_the_offending_element_begins():
    text = '{\n  "Statement": [\n    {"Effect": "Allow",\n     "Action": "x", "Resource": "*"}]}'
    assert refusal(text).position == (4, 6)


def test_a_managed_policy_must_be_of_version_2012_and_an_inline_policy_need_not():
    old = document().replace("2012-10-17", "2008-10-17")
    none = document().replace('"Version": "2012-10-17", ', "")
    for text in (old, none):
        parse(text)
        message = "Policy document must be version 2012-10-17 or greater."
        assert refusal(text, managed=True).message == message


def test_what_aws_saves_is_saved():
    saved = [
        document(Condition={"NumericLessThan": {"aws:MultiFactorAuthAge": "soon"}}),
        document(Condition={"IpAddress": {"aws:SourceIp": "everywhere"}}),
        document(Condition={"StringEquals": {"kms:EncryptionContext:aws:s3:arn": "x"}}),
        document(Condition={"StringEquals": {"aws:RequestTag/a:b": "x"}}),
        document(Condition={}),
        document(Sid=""),
        document(Resource="arn:aws:sqs:eu-west-1:*"),
        document(Resource="arn:aws:iam::*:root"),
        document(Resource="arn:aws:iam::111122223333:user/${aws:username}"),
        document(Resource="arn:aws-cn:s3:::x"),
        document(Resource="arn:*:s3:::x"),
        document(Action="s3:"),
    ]
    for text in saved:
        assert parse(text).text == text
    parse(trust(Action=["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]), TRUST)
    parse(trust(Action="sts:AssumeRole*"), TRUST)
    parse(trust(Action="sts:*"), TRUST)
    parse(trust(Principal={"Service": "ec2.amazonaws.com", "AWS": ["*"]}), TRUST)
    parse(document(Sid="two words", Principal="*"), RESOURCE)


def test_every_policy_aws_manages_is_understood_and_could_be_saved():
    """AWS's own documents are the best proof that nothing valid is refused."""
    policies = list(managed_policies.all())
    assert len(policies) > 1000
    for known in policies:
        text = known.document
        assert not [s.problems for s in load(text).statements if s.problems], known.name
        compact = json.dumps(json.loads(text), separators=(",", ":"))
        if len(compact) <= MAX_LENGTH:
            parse(compact, managed=True)


def test_size_counts_everything_but_white_space():
    assert size('{ "a" :\n\t"b c"\r\n}') == len('{"a":"bc"}')


def test_the_text_is_kept_byte_for_byte():
    text = ' {"Statement" :\n[{"Effect": "Allow","Action" : "s3:*", "Resource":"*" } ]\r\n}\t'
    assert parse(text).text == load(text).text == text


def test_numbers_and_booleans_keep_their_spelling():
    text = document(Condition={"NumericEquals": {"a:b": 0}}).replace(" 0}", " [1.50, true]}")
    assert load(text).statements[0].conditions[0].values == ("1.50", "true")


def test_a_statement_knows_where_it_stands():
    text = '{"Version":"2012-10-17","Statement":[\n  {"Effect":"Deny"},{\n"Effect":"Deny"}]}'
    first, second = load(text).statements
    assert (first.start, first.end) == ((2, 3), (2, 19))
    assert (second.start, second.end) == ((2, 21), (3, 16))


def test_loading_the_same_text_twice_reads_it_once():
    assert load(document()) is load(document())
    assert load(document()) is not load(document(), RESOURCE)


@pytest.mark.parametrize(("text", "message"), hostile.READING.values(), ids=hostile.READING)
def test_a_document_made_to_be_slow_is_read_or_refused_like_any_other(text, message):
    assert len(text) <= MAX_LENGTH
    if message is None:
        assert not [each.problems for each in parse(text).statements if each.problems]
        return
    with pytest.raises(MalformedPolicy) as raised:
        parse(text)
    assert raised.value.message == message
