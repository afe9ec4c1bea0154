"""The policy summary: service, access level, resource, condition."""

from types import SimpleNamespace

from accounts.engine import load
from accounts.engine.summary import summarize, summarize_service

from .cast import allow, deny, text


class Services:
    """A catalog of two services."""

    _ACTIONS = {
        "s3": {"ListBucket": "List", "GetObject": "Read", "GetBucketAcl": "Read"}
        | {"PutObject": "Write"},
        "sns": {"ListTopics": "List", "Publish": "Write"},
    }
    _NAMES = {"s3": "Amazon S3", "sns": "Amazon SNS"}

    def services(self):
        return [SimpleNamespace(prefix=p, name=name) for p, name in self._NAMES.items()]

    def service(self, prefix):
        actions = {
            name.lower(): SimpleNamespace(name=name, access_level=level)
            for name, level in self._ACTIONS[prefix].items()
        }
        return SimpleNamespace(name=self._NAMES[prefix], actions=actions)


def summary(*statements):
    return summarize(load(text(list(statements))), Services())


def only(*statements):
    (row,) = summary(*statements).allow
    return row


def test_access_is_full_or_told_by_level():
    assert only(allow("s3:*")).access == "Full access"
    assert only(allow(["s3:List*", "s3:GetObject"])).access == "Full: List Limited: Read"
    assert only(allow(["s3:List*", "s3:Get*"])).access == "Full: List, Read"
    assert only(allow("s3:PutObject"), allow("s3:GetObject")).access == "Full: Write Limited: Read"
    assert only(allow("s3:NoSuchThing")).access == "None"
    assert only(allow(["s3:L*", "s3:G*", "s3:P*"])).access == "Full access"


def test_a_star_is_full_access_to_every_service():
    found = summary(allow("*"))
    assert [(row.service, row.access) for row in found.allow] == [
        ("Amazon S3", "Full access"),
        ("Amazon SNS", "Full access"),
    ]
    assert found.services == 2


def test_not_action_is_everything_but_what_it_names():
    found = summary(allow(None, NotAction=["sns:*", "s3:PutObject"]))
    assert [(row.prefix, row.access) for row in found.allow] == [("s3", "Full: List, Read")]


def test_resources_are_all_one_or_multiple():
    bucket = "arn:aws:s3:::a"
    assert only(allow("s3:*")).resource == "All resources"
    assert only(allow("s3:*", bucket)).resource == bucket
    assert only(allow("s3:*", [bucket, bucket + "/*"])).resource == "Multiple"
    assert only(allow("s3:*", bucket), allow("s3:Get*")).resource == "Multiple"
    except_one = only(allow("s3:*", None, NotResource=bucket))
    assert except_one.resource == "All resources except arn:aws:s3:::a"


def test_a_service_shows_its_own_resources_only():
    both = ["arn:aws:s3:::a", "arn:aws:sns:eu-west-1:111122223333:t"]
    found = summary(allow(["s3:*", "sns:*"], both))
    assert [row.resource for row in found.allow] == both


def test_conditions_are_none_one_or_multiple():
    mfa = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    shown = "aws:MultiFactorAuthPresent | Bool | true"
    assert only(allow("s3:*")).condition == "None"
    assert only(allow("s3:*", Condition=mfa)).condition == shown
    assert only(allow("s3:*", Condition=mfa), allow("s3:Get*")).condition == "Multiple"
    two = mfa | {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
    assert only(allow("s3:*", Condition=two)).condition == "Multiple"


def test_denies_have_a_table_of_their_own():
    found = summary(allow("s3:*"), deny("sns:Publish"))
    assert [row.prefix for row in found.allow] == ["s3"]
    assert [(row.prefix, row.access) for row in found.deny] == [("sns", "Full: Write")]


def test_an_unknown_service_is_shown_as_such():
    row = only(allow("nosuch:*"))
    assert (row.service, row.access, row.known) == ("nosuch", "None", False)


def test_a_statement_that_was_not_understood_is_left_out():
    assert not summary(allow("s3:*", Unless="x")).allow


def test_a_service_is_told_action_by_action_by_access_level_and_name():
    some = allow(["s3:*Bucket*", "s3:GetObject"], "arn:aws:s3:::a")
    document = load(text([some, deny("s3:*")]))
    rows = summarize_service(document, "s3", Services(), allow=True)
    assert [(row.name, row.level, row.resource, row.condition) for row in rows] == [
        ("ListBucket", "List", "arn:aws:s3:::a", "None"),
        ("GetBucketAcl", "Read", "arn:aws:s3:::a", "None"),
        ("GetObject", "Read", "arn:aws:s3:::a", "None"),
    ]
    denied = summarize_service(document, "s3", Services(), allow=False)
    assert [row.name for row in denied] == ["ListBucket", "GetBucketAcl", "GetObject", "PutObject"]
    assert summarize_service(document, "sns", Services(), allow=True) == ()
