"""The instance metadata service: what AWS's clients read from it, and whom it tells nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from botocore.credentials import InstanceMetadataProvider
from botocore.utils import InstanceMetadataFetcher
from django.db import OperationalError
from django.test import override_settings
from django.utils import timezone

from accounts.actions import inline_policies, instance_profiles, roles
from accounts.caller import Caller
from accounts.models import Event
from accounts.types import Tag
from iamconsole.sandbox import metadata
from iamconsole.sandbox.actions import ec2_instances, ec2_launch, ec2_profiles
from iamconsole.sandbox.ec2_arguments import MetadataOptions, NamedProfile, TagSpecification
from iamconsole.sandbox.models import Instance
from iamconsole.sandbox.models.ec2 import METADATA_PATH
from tests.api.clients import Answer, Key, ask, client
from tests.cast import allow, arn, document, trust

IMAGE = "ami-0a11ab1e000000001"
CREDENTIALS = "latest/meta-data/iam/security-credentials/"
EC2 = trust(Service="ec2.amazonaws.com")


@pytest.fixture
def web(root: Caller) -> Instance:
    """A running instance with the role web, which may ask what instances there are."""
    roles.create_role(root, role_name="web", assume_role_policy_document=EC2)
    text = document(allow("ec2:DescribeInstances"))
    inline_policies.put_role_policy(
        root, role_name="web", policy_name="given", policy_document=text
    )
    instance_profiles.create_instance_profile(root, instance_profile_name="web")
    instance_profiles.add_role_to_instance_profile(
        root, instance_profile_name="web", role_name="web"
    )
    return launch(root, iam_instance_profile=NamedProfile(name="web"))


def launch(root: Caller, **more: Any) -> Instance:
    asked: dict[str, Any] = {"image_id": IMAGE, "instance_type": "t3.micro"} | more
    return ec2_launch.run_instances(root, min_count=1, max_count=1, **asked).instances[0]


class Service:
    """The metadata service of one instance, as its programs reach it."""

    def __init__(self, instance: Instance, **headers: str) -> None:
        self.base = f"{METADATA_PATH}{instance.metadata_secret}/"
        self.headers = headers

    def ask(self, method: str, path: str, **headers: str) -> Answer:
        return ask(method, self.base + path, headers={**self.headers, **headers})

    def token(self, seconds: int = 21600) -> str:
        return self.put(str(seconds)).body

    def put(self, seconds: str = "21600") -> Answer:
        lasting = {"X-aws-ec2-metadata-token-ttl-seconds": seconds}
        return self.ask("PUT", "latest/api/token", **lasting)

    def get(self, path: str, token: str | None = None) -> Answer:
        headers = {"X-aws-ec2-metadata-token": token} if token is not None else {}
        return self.ask("GET", path, **headers)

    def read(self, path: str) -> str:
        answer = self.get(path, self.token())
        assert answer.status == 200, path
        return answer.body

    def keys(self, role: str = "web") -> dict[str, str]:
        found: dict[str, str] = json.loads(self.read(CREDENTIALS + role))
        return found


def signed(keys: dict[str, str], service: str = "sts") -> Any:
    """A client that signs with what the metadata service handed out."""
    return client(Key(keys["AccessKeyId"], keys["SecretAccessKey"], keys["Token"]), service)


# --- What it tells -------------------------------------------------------------------------------


def test_an_instance_reads_about_itself(web):
    service = Service(web)
    for path, text in (
        ("instance-id", web.id),
        ("instance-type", "t3.micro"),
        ("ami-id", IMAGE),
        ("local-ipv4", web.private_ip_address),
        ("placement/region", "us-east-1"),
        ("placement/availability-zone", "us-east-1a"),
        ("iam/", "info\nsecurity-credentials/"),
        ("iam/security-credentials/", "web"),
        ("placement/", "availability-zone\nregion"),
    ):
        assert service.read(f"latest/meta-data/{path}") == text, path
    assert "iam/" in service.read("latest/meta-data/").split("\n")
    assert service.read("latest/") == "dynamic/\nmeta-data/"
    document = json.loads(service.read("latest/dynamic/instance-identity/document"))
    assert (document["accountId"], document["instanceId"]) == ("111122223333", web.id)
    info = json.loads(service.read("latest/meta-data/iam/info"))
    assert info["InstanceProfileArn"] == arn("instance-profile/web")


def test_tags_are_told_where_that_was_asked_for(root):
    tags = [TagSpecification("instance", [Tag("Name", "web one")])]
    silent = launch(root, tag_specifications=tags)
    asked = MetadataOptions(instance_metadata_tags="enabled")
    open_ = launch(root, tag_specifications=tags, metadata_options=asked)
    assert Service(open_).read("latest/meta-data/tags/instance/Name") == "web one"
    service = Service(silent)
    assert service.get("latest/meta-data/tags/instance/Name", service.token()).status == 404


def test_the_clients_own_fetcher_gets_credentials_by_the_address_alone(web, live_server):
    fetcher = InstanceMetadataFetcher(
        base_url=f"{live_server.url}{METADATA_PATH}{web.metadata_secret}", num_attempts=1
    )
    found = InstanceMetadataProvider(iam_role_fetcher=fetcher).load()
    frozen = found.get_frozen_credentials()
    assert frozen.access_key.startswith("ASIA")
    assert frozen.token


def test_the_credentials_are_a_session_of_the_role_named_like_the_instance(web):
    keys = Service(web).keys()
    assert keys["Code"] == "Success"
    who = signed(keys).get_caller_identity()
    assert who["Arn"] == f"arn:aws:sts::111122223333:assumed-role/web/{web.id}"
    found = signed(keys, "ec2").describe_instances()["Reservations"]
    assert found[0]["Instances"][0]["InstanceId"] == web.id


def test_the_same_credentials_are_handed_out_for_an_hour(web, monkeypatch):
    service = Service(web)
    first = service.keys()
    assert service.keys() == first
    later = timezone.now() + timedelta(minutes=61)
    with monkeypatch.context() as patched:
        patched.setattr("iamconsole.api.metadata.timezone.now", lambda: later)
        second = service.keys()
    assert second["AccessKeyId"] != first["AccessKeyId"]
    assert second["Expiration"] > first["Expiration"]
    assert signed(first).get_caller_identity()["Account"] == "111122223333"


def test_the_record_shows_that_ec2_took_on_the_role_once_an_hour(web):
    service = Service(web)
    for _ in range(3):
        service.keys()
    event = Event.objects.get(action="sts:AssumeRole")
    assert (event.principal_kind, event.principal_arn) == ("service", "ec2.amazonaws.com")
    assert event.resources == [arn("role/web")]
    assert event.parameters["role_session_name"] == web.id
    assert event.account_id == "111122223333"


@pytest.mark.parametrize(("tokens", "delivery"), [("optional", "1.0"), ("required", "2.0")])
def test_policies_can_tell_how_credentials_were_handed_out(root, web, tokens, delivery):
    ec2_instances.modify_instance_metadata_options(root, instance_id=web.id, http_tokens=tokens)
    service = Service(web)
    answer = service.get(CREDENTIALS + "web", None if delivery == "1.0" else service.token())
    keys = json.loads(answer.body)
    only_new = {"NumericLessThan": {"ec2:RoleDelivery": "2.0"}}
    source = {"ArnEquals": {"ec2:SourceInstanceARN": web.arn}}
    inline_policies.put_role_policy(
        root,
        role_name="web",
        policy_name="given",
        policy_document=document(
            allow("ec2:DescribeInstances", Condition=source),
            {**allow("*", Condition=only_new), "Effect": "Deny"},
        ),
    )
    ec2 = signed(keys, "ec2")
    if delivery == "2.0":
        assert ec2.describe_instances()["Reservations"]
    else:
        with pytest.raises(ec2.exceptions.ClientError, match="explicit deny"):
            ec2.describe_instances()


# --- Whom it tells nothing -----------------------------------------------------------------------


def test_without_a_good_token_nothing_is_told(web, root):
    service, other = Service(web), Service(launch(root))
    for token in (None, "", "x", "é", "MTIzLmFi", other.token(), service.token()[:-4]):
        answer = service.get(CREDENTIALS + "web", token)
        assert answer.status == 401, token
        assert "AccessKeyId" not in answer.body


def test_a_token_lasts_as_long_as_was_asked_for(web, monkeypatch):
    service = Service(web)
    token = service.token(60)
    assert service.get("latest/meta-data/", token).status == 200
    later = timezone.now() + timedelta(seconds=61)
    monkeypatch.setattr("iamconsole.api.metadata.timezone.now", lambda: later)
    assert service.get("latest/meta-data/", token).status == 401


@pytest.mark.parametrize("seconds", ["", "0", "21601", "-1", "1.5", "many", "999999999999", "١٢"])
def test_a_token_of_no_sensible_time_is_not_given(web, seconds):
    assert Service(web).put(seconds).status == 400


def test_the_first_version_answers_where_tokens_are_optional(root):
    instance = launch(root, metadata_options=MetadataOptions(http_tokens="optional"))
    service = Service(instance)
    assert service.get("latest/meta-data/instance-id").body == instance.id
    assert service.get("latest/meta-data/instance-id", "wrong").status == 401


def test_who_comes_through_a_proxy_is_sent_away(web):
    forwarded = Service(web, **{"X-Forwarded-For": "198.51.100.1"})
    assert forwarded.put().status == 403
    token = Service(web).token()
    assert forwarded.get("latest/meta-data/", token).status == 403


def test_the_operators_own_proxy_may_stand_between_and_no_other(web):
    with override_settings(TRUSTED_PROXIES=[ip_network("192.0.2.0/24")]):
        assert Service(web, **{"X-Forwarded-For": "198.51.100.1"}).put().status == 200
        two = Service(web, **{"X-Forwarded-For": "198.51.100.1, 192.0.2.2"})
        assert two.put().status == 403


def test_a_wrong_address_and_that_of_what_does_not_run_answer_alike(web, root):
    service, stranger = Service(web), Service(web)
    token = service.token()
    stranger.base = f"{METADATA_PATH}{'A' * 43}/"
    ec2_instances.stop_instances(root, instance_ids=[web.id])
    asked = (
        lambda one: one.put(),
        lambda one: one.get(CREDENTIALS + "web", token),
        lambda one: one.get("latest/meta-data/"),
    )
    for way in asked:
        stopped, wrong = way(service), way(stranger)
        assert stopped.status == wrong.status == 404
        assert stopped.body == wrong.body
    ec2_instances.terminate_instances(root, instance_ids=[web.id])
    assert service.put().status == 404


def test_an_instance_that_is_started_again_has_another_address(web, root):
    old = Service(web)
    ec2_instances.stop_instances(root, instance_ids=[web.id])
    later = replace(root, now=root.now + timedelta(minutes=1))
    ec2_instances.start_instances(later, instance_ids=[web.id])
    assert old.put().status == 404
    assert Service(Instance.objects.get()).keys()["Code"] == "Success"


@pytest.mark.parametrize(
    "path", ["", "x", "x/y", "\x00", "..", "é" * 43, "A" * 9999, "//", "A/../"]
)
def test_no_address_makes_anything_break(db, path):
    answer = ask("GET", f"{METADATA_PATH}{path}".encode().decode("latin-1"))
    assert answer.status == 404


@pytest.mark.parametrize(
    "path",
    ["latest/meta-data/nothing", "latest/meta-data/iam/security-credentials/other", "old/x",
     "latest/meta-data/iam/security-credentials/web/x", "latest/../latest/meta-data/", "\x00",
     "latest/meta-data/instance-id/x"],
)  # fmt: skip
def test_what_is_not_there_is_not_found(web, path):
    service = Service(web)
    assert service.get(path, service.token()).status == 404


def test_nothing_can_be_changed_through_it(web):
    service = Service(web)
    for method in ("POST", "DELETE", "PUT"):
        assert service.ask(method, "latest/meta-data/").status == 405
    assert service.get("latest/api/token").status == 405


@pytest.mark.parametrize("error", [OperationalError("database is locked"), RuntimeError("x")])
def test_no_log_shows_an_address(web, monkeypatch, caplog, error):
    def fail(*_given: Any) -> None:
        raise error

    monkeypatch.setattr(metadata, "read", fail)
    answer = Service(web).get("latest/meta-data/instance-id", Service(web).token())
    assert answer.status in (500, 503)
    assert web.metadata_secret not in caplog.text


def test_one_that_was_switched_off_tells_nothing(root):
    service = Service(launch(root, metadata_options=MetadataOptions(http_endpoint="disabled")))
    assert service.put().status == 403
    assert service.get("latest/meta-data/").status == 403


def test_no_cookie_is_set_and_nothing_is_stored(web):
    answer = Service(web).put()
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Aws-Ec2-Metadata-Token-Ttl-Seconds"] == "21600"


# --- When the role is not to be had --------------------------------------------------------------


def test_a_role_that_does_not_trust_ec2_is_not_handed_out(web, root):
    service = Service(web)
    assert service.keys()["Code"] == "Success"
    roles.update_assume_role_policy(
        root, role_name="web", policy_document=trust(Service="lambda.amazonaws.com")
    )
    for _ in range(3):
        told = service.keys()
        assert told["Code"] == "AssumeRoleUnauthorizedAccess"
        assert "AccessKeyId" not in told
    info = json.loads(service.read("latest/meta-data/iam/info"))
    assert info["Code"] == "AssumeRoleUnauthorizedAccess"
    denied = Event.objects.get(action="sts:AssumeRole", outcome="denied")
    assert denied.principal_arn == "ec2.amazonaws.com"
    roles.update_assume_role_policy(root, role_name="web", policy_document=EC2)
    assert service.keys()["Code"] == "Success"


def test_another_role_is_handed_out_at_once_and_the_old_credentials_stay_good(web, root):
    service = Service(web)
    old = service.keys()
    roles.create_role(root, role_name="db", assume_role_policy_document=EC2)
    both = {"instance_profile_name": "web"}
    instance_profiles.remove_role_from_instance_profile(root, **both, role_name="web")
    assert service.get(CREDENTIALS, service.token()).status == 404
    instance_profiles.add_role_to_instance_profile(root, **both, role_name="db")
    assert service.read(CREDENTIALS) == "db"
    assert "/db/" in signed(service.keys("db")).get_caller_identity()["Arn"]
    assert "/web/" in signed(old).get_caller_identity()["Arn"]


def test_without_a_profile_there_is_nothing_of_a_role(web, root):
    (bond,) = ec2_profiles.describe_iam_instance_profile_associations(root).items
    ec2_profiles.disassociate_iam_instance_profile(root, association_id=bond.id)
    service = Service(web)
    assert service.get("latest/meta-data/iam/info", service.token()).status == 404
    assert "iam/" not in service.read("latest/meta-data/").split("\n")


def test_credentials_of_a_role_that_was_deleted_are_worth_nothing(web, root):
    keys = Service(web).keys()
    instance_profiles.remove_role_from_instance_profile(
        root, instance_profile_name="web", role_name="web"
    )
    inline_policies.delete_role_policy(root, role_name="web", policy_name="given")
    roles.delete_role(root, role_name="web")
    with pytest.raises(Exception, match="InvalidClientTokenId"):
        signed(keys).get_caller_identity()


def test_what_was_handed_out_can_not_be_read_in_the_database(web):
    keys = Service(web).keys()
    row = str(Instance.objects.values().get())
    assert keys["SecretAccessKey"] not in row
    assert keys["AccessKeyId"] not in row
    assert metadata.RENEWED < metadata.LASTING
