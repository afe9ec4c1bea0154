"""The pages of EC2: launching with a role, an instance's life, acting as it."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from typing import Any

import pytest
from django.test import Client

from accounts.actions import instance_profiles, roles
from accounts.caller import Caller, in_region
from accounts.models import Event
from accounts.types import Tag
from iamconsole.sandbox.actions import ec2_instances, ec2_launch
from iamconsole.sandbox.actions.ec2_console import role_of
from iamconsole.sandbox.ec2_arguments import NamedProfile, TagSpecification
from iamconsole.sandbox.ec2_catalog import REGIONS
from iamconsole.sandbox.models import Instance
from tests.cast import allow, arn, deny, trust
from tests.console.browsers import signed_in
from tests.console.reading import queries_of

IMAGE = "ami-0a11ab1e000000001"
LIST = "/console/ec2/"
LAUNCH = "/console/ec2/launch-instance/"
ASKED = {
    "name": "web one", "region": "us-east-1", "image_id": IMAGE, "instance_type": "t3.micro",
    "max_count": "1", "http_tokens": "required", "iam_instance_profile": "",
}  # fmt: skip


@pytest.fixture
def web(root: Caller) -> None:
    roles.create_role(
        root, role_name="web", assume_role_policy_document=trust(Service="ec2.amazonaws.com")
    )
    instance_profiles.create_instance_profile(root, instance_profile_name="web")
    instance_profiles.add_role_to_instance_profile(
        root, instance_profile_name="web", role_name="web"
    )


def launch(root: Caller, **more: Any) -> Instance:
    asked: dict[str, Any] = {"image_id": IMAGE, "instance_type": "t3.micro"} | more
    return ec2_launch.run_instances(root, min_count=1, max_count=1, **asked).instances[0]


def page_of(instance: Instance, tab: str = "") -> str:
    return f"/console/ec2/instances/{instance.region}/{instance.id}/{tab}"


def read(browser: Client, url: str) -> str:
    """What a page says, without markup."""
    text = re.sub(r"<[^>]+>", " ", browser.get(url).content.decode())
    return " ".join(unescape(text).split())


def who(browser: Client) -> str:
    """As whom a browser asks: the principal of its last event."""
    browser.get("/console/iam/users/")
    return Event.objects.filter(action="iam:ListUsers").latest("sequence").principal_arn


# --- The list, launching -------------------------------------------------------------------------


def test_instances_of_all_regions_are_listed_searched_and_filtered(root, admin):
    near = launch(root, tag_specifications=[TagSpecification("instance", [Tag("Name", "near")])])
    far = launch(replace(root, region="eu-west-1"))
    ec2_instances.stop_instances(root, instance_ids=[near.id])
    browser = signed_in(admin)
    everything = read(browser, LIST)
    assert near.id in everything
    assert far.id in everything
    assert "eu-west-1" in everything
    assert far.id not in read(browser, f"{LIST}?search=NEAR")
    assert near.id not in read(browser, f"{LIST}?state=running")
    for odd in ("?sort=colour&page=x&state=odd", "?sort=-launched", "?sort=profile", "?page=99"):
        assert near.id in read(browser, LIST + odd)


def test_regions_that_are_denied_are_left_out_of_the_list(root, caller_with):
    near, far = launch(root), launch(replace(root, region="eu-west-1"))
    elsewhere: dict[str, Any] = {
        "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}
    }
    browser = signed_in(caller_with(allow("ec2:*"), deny("ec2:*", **elsewhere)))
    listed = read(browser, LIST)
    assert near.id in listed
    assert far.id not in listed
    assert "eu-west-1" not in listed


def test_who_may_not_list_sees_why(alice, root):
    instance = launch(root)
    listed = read(signed_in(alice), LIST)
    assert "Access denied" in listed
    assert "ec2:DescribeInstances" in listed
    assert instance.id not in listed


def test_an_instance_is_launched_with_a_role(web, admin):
    browser = signed_in(admin)
    assert '<option value="web">web</option>' in browser.get(LAUNCH).content.decode()
    answer = browser.post(LAUNCH, ASKED | {"iam_instance_profile": "web", "region": "eu-west-1"})
    instance = Instance.objects.get()
    assert answer.headers["Location"] == page_of(instance)
    assert instance.region == "eu-west-1"
    assert instance.tags == {"Name": "web one"}
    assert role_of(instance).name == "web"
    page = read(browser, page_of(instance))
    assert f"Successfully launched {instance.id}" in page


def test_a_refused_role_is_told_with_its_reason_and_what_was_typed_is_kept(web, caller_with):
    browser = signed_in(caller_with(allow("ec2:*", "iam:ListInstanceProfiles")))
    answer = browser.post(LAUNCH, ASKED | {"iam_instance_profile": "web"})
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "iam:PassRole" in page
    assert arn("role/web") in page
    assert "explain" in page.lower()
    assert 'value="web one"' in page
    assert Instance.objects.count() == 0


def test_who_may_not_list_profiles_types_the_name(web, caller_with):
    browser = signed_in(caller_with(allow("ec2:*", "iam:PassRole")))
    form = browser.get(LAUNCH).content.decode()
    assert "iam:ListInstanceProfiles" in form
    assert re.search(r'<input[^>]* name="iam_instance_profile"', form)
    browser.post(LAUNCH, ASKED | {"iam_instance_profile": "web"})
    assert role_of(Instance.objects.get()).name == "web"


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"instance_type": "t4g.micro"}, "instance_type"),
        ({"max_count": "21"}, "max_count"),
        ({"max_count": ""}, "max_count"),
        ({"image_id": "ami-1"}, "image_id"),
        ({"region": "mars-1"}, "region"),
        ({"iam_instance_profile": "nobody"}, "iam_instance_profile"),
        ({"name": "<script>"}, "name"),
        ({"name": "x" * 257}, "name"),
    ],
)
def test_what_makes_no_sense_is_told_beside_its_field(web, admin, sent, field):
    answer = signed_in(admin).post(LAUNCH, ASKED | sent)
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert "<script>" not in answer.content.decode().replace("<script src", "")
    assert Instance.objects.count() == 0


# --- One instance --------------------------------------------------------------------------------


def test_an_instance_that_is_not_there_has_no_page(admin, eve, root):
    browser, stranger = signed_in(admin), signed_in(eve)
    instance = launch(root)
    for tab in ("", "security/", "metadata/", "tags/", "edit-role/", "edit-metadata/", "run-as/"):
        assert browser.get(page_of(instance, tab)).status_code == 200, tab
        assert stranger.get(page_of(instance, tab)).status_code == 404, tab
        for region, name in (
            ("eu-west-1", instance.id), ("mars-1", instance.id), ("us-east-1", "x"),
            ("us-east-1", "i-0123456789abcdef0"),
        ):  # fmt: skip
            url = f"/console/ec2/instances/{region}/{name}/{tab}"
            assert browser.get(url).status_code == 404, url


def test_several_instances_are_stopped_at_once_after_a_question(root, admin):
    one, two = launch(root), launch(root)
    browser = signed_in(admin)
    asked = "".join(f"&instance={each.region}/{each.id}" for each in (one, two))
    url = f"/console/ec2/change-instances/?change=stop{asked}"
    assert "Stop 2 instances?" in read(browser, url)
    assert {each.state for each in Instance.objects.all()} == {"running"}
    assert browser.post(url).headers["Location"] == LIST
    assert {each.state for each in Instance.objects.all()} == {"stopped"}
    again = browser.post(url.replace("=stop", "=reboot"))
    assert again.status_code == 400
    assert "is not in a state from which it can be rebooted" in again.content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?change=stop",
        "?change=eat&instance=us-east-1/i-1",
        "?change=stop&instance=x",
        "?change=stop&instance=mars-1/i-1",
    ],
)
def test_a_change_of_nothing_leads_back_to_the_list(admin, query):
    answer = signed_in(admin).get(f"/console/ec2/change-instances/{query}")
    assert answer.headers["Location"] == LIST


def test_who_may_not_stop_an_instance_finds_the_button_dead(root, caller_with):
    instance = launch(root)
    browser = signed_in(caller_with(allow("ec2:Describe*")))
    url = f"/console/ec2/change-instances/?change=stop&instance=us-east-1/{instance.id}"
    assert "You need ec2:StopInstances" in read(browser, url)
    answer = browser.post(url)
    assert answer.status_code == 403
    assert "ec2:StopInstances" in answer.content.decode()
    assert Instance.objects.get().state == "running"


def test_the_role_is_changed_and_taken(web, root, admin):
    instance = launch(root)
    browser = signed_in(admin)
    url = page_of(instance, "edit-role/")
    browser.post(url, {"iam_instance_profile": "web"})
    assert arn("role/web") in read(browser, page_of(instance, "security/"))
    first = Instance.objects.get().association_id
    browser.post(url, {"iam_instance_profile": "web"})
    assert Instance.objects.get().association_id == first
    browser.post(url, {"iam_instance_profile": ""})
    assert Instance.objects.get().profile is None


def test_passing_another_role_is_refused_on_the_page(web, root, caller_with):
    instance = launch(root)
    browser = signed_in(caller_with(allow("ec2:*", "iam:ListInstanceProfiles")))
    answer = browser.post(page_of(instance, "edit-role/"), {"iam_instance_profile": "web"})
    assert answer.status_code == 403
    assert "iam:PassRole" in answer.content.decode()
    assert Instance.objects.get().profile is None


def test_metadata_options_and_tags_are_changed(root, admin):
    instance = launch(root)
    browser = signed_in(admin)
    browser.post(page_of(instance, "edit-metadata/"), {"http_tokens": "optional"})
    changed = Instance.objects.get()
    assert (changed.http_tokens, changed.metadata_enabled) == ("optional", False)
    url = page_of(instance, "edit-tags/")
    form = browser.get(url).content.decode()
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
    rows = {name: value for name, value in fields.items() if "csrf" not in name}
    rows |= {"tags-TOTAL_FORMS": "1", "tags-0-key": "team", "tags-0-value": "dev"}
    browser.post(url, rows)
    assert Instance.objects.get().tags == {"team": "dev"}
    assert "team" in read(browser, page_of(instance, "tags/"))


# --- Being the instance --------------------------------------------------------------------------


def test_the_metadata_address_is_shown_to_who_may_have_a_shell_and_to_nobody_else(
    web, root, caller_with, admin
):
    instance = launch(root, iam_instance_profile=NamedProfile(name="web"))
    shown = signed_in(admin).get(page_of(instance, "metadata/")).content.decode()
    assert f"/metadata/{instance.metadata_secret}" in shown
    for given in (("ec2:*",), ("ec2:Describe*", "iam:PassRole")):
        browser = signed_in(caller_with(allow(*given)))
        page = browser.get(page_of(instance, "metadata/")).content.decode()
        assert instance.metadata_secret not in page
        assert "ssm:StartSession" in page


def test_a_browser_runs_as_the_instance_and_switches_back(web, root, admin):
    instance = launch(root, iam_instance_profile=NamedProfile(name="web"))
    browser = signed_in(admin)
    answer = browser.post(page_of(instance, "run-as/"))
    assert answer.headers["Location"] == "/console/s3/"
    assert who(browser) == f"arn:aws:sts::111122223333:assumed-role/web/{instance.id}"
    assert f"{instance.id} (instance)" in read(browser, LIST)
    browser.post("/console/switch-role/back/")
    assert who(browser) == arn("user/admin")


def test_the_root_user_can_run_as_an_instance_too(web, root):
    instance = launch(root, iam_instance_profile=NamedProfile(name="web"))
    browser = signed_in(root)
    browser.post(page_of(instance, "run-as/"))
    assert who(browser).endswith(f"assumed-role/web/{instance.id}")


def test_who_only_sees_an_instance_can_not_be_it(web, root, caller_with):
    instance = launch(root, iam_instance_profile=NamedProfile(name="web"))
    browser = signed_in(caller_with(allow("ec2:*", "iam:*")))
    answer = browser.post(page_of(instance, "run-as/"))
    assert answer.status_code == 403
    assert "ssm:StartSession" in answer.content.decode()
    assert who(browser) == arn("user/alice")
    event = Event.objects.get(action="console:RunAsInstance")
    assert (event.outcome, event.principal_arn) == ("denied", arn("user/alice"))


def test_nobody_runs_as_what_has_no_role_or_does_not_run(web, root, admin):
    bare, stopped = launch(root), launch(root, iam_instance_profile=NamedProfile(name="web"))
    ec2_instances.stop_instances(root, instance_ids=[stopped.id])
    browser = signed_in(admin)
    for instance, why in ((bare, "no IAM role"), (stopped, "is stopped")):
        answer = browser.post(page_of(instance, "run-as/"))
        assert answer.status_code == 400
        assert why in answer.content.decode()
        assert why in read(browser, page_of(instance))
    assert who(browser) == arn("user/admin")


def test_a_role_that_does_not_trust_ec2_is_nobodys(web, root, admin):
    instance = launch(root, iam_instance_profile=NamedProfile(name="web"))
    roles.update_assume_role_policy(
        root, role_name="web", policy_document=trust(Service="lambda.amazonaws.com")
    )
    answer = signed_in(admin).post(page_of(instance, "run-as/"))
    assert answer.status_code == 400
    assert "EC2 cannot assume the role web" in answer.content.decode()


def test_the_list_takes_as_many_queries_for_all_regions_as_for_one(root, admin, sign_in):
    browser = sign_in(admin)
    launch(root)
    few = queries_of(browser, LIST)
    for region in REGIONS:
        launch(in_region(root, region), instance_type="t3.small")
    assert queries_of(browser, LIST) == few <= 12
    said = read(browser, LIST)
    assert all(region in said for region in REGIONS)
