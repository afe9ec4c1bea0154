"""The lab "Users, groups and a first password", done as a learner would."""

from __future__ import annotations

from django.urls import reverse
from playwright.sync_api import Page, expect

from tests.journeys import clicks, labs
from tests.journeys.conftest import Site

LAB = "users-and-groups"
FULL, READ_ONLY = "AmazonS3FullAccess", "AmazonS3ReadOnlyAccess"


def test_groups_users_and_a_first_sign_in(page: Page, site: Site) -> None:
    values = labs.begin(page, site, LAB)
    groups_for_each_kind_of_work(page, values)
    password = two_users_with_first_passwords(page, values)
    the_groups_decide(page, values)
    the_veteran_keeps_nothing_of_her_own(page, values)
    the_seller_signs_in(page, values, password)

    labs.finish(page, LAB)
    score = page.get_by_role("region", name="Least privilege")
    expect(score).to_contain_text("Too many, by service")
    certificate = labs.certificate(page, LAB)
    expect(certificate).to_contain_text("Least privilege score")
    expect(certificate.locator("div", has_text="Steps solved").last).to_contain_text("5")
    expect(certificate.locator("div", has_text="Hints used").last).to_contain_text("1")


def groups_for_each_kind_of_work(page: Page, values: dict[str, str]) -> None:
    clicks.create_group(page, values["makers"], policies=[FULL])
    # A wrong turn: those who sell get what is meant for those who draw.
    clicks.create_group(page, values["sales"], policies=[FULL, READ_ONLY])
    labs.check(page)
    labs.is_told(page, f"The group {values['sales']} could change the maps")

    page.goto(reverse("console:group-permissions", args=[values["sales"]]))
    page.get_by_role("row", name=FULL).get_by_role("checkbox").check()
    page.get_by_role("button", name="Detach", exact=True).click()
    labs.solved(page, 1)


def two_users_with_first_passwords(page: Page, values: dict[str, str]) -> str:
    """Of the second, the seller, the password."""
    expect(labs.hint(page)).to_contain_text("has a box for console access")
    clicks.begin_users(page, values["mapmaker"], values["seller"], console=True)
    clicks.finish_users(page)
    password = clicks.secret(page, "password-2")
    labs.solved_by_itself(page, 2)
    return password


def the_groups_decide(page: Page, values: dict[str, str]) -> None:
    clicks.join(page, values["mapmaker"], values["makers"])
    clicks.join(page, values["seller"], values["sales"])
    labs.solved_by_itself(page, 3)


def the_veteran_keeps_nothing_of_her_own(page: Page, values: dict[str, str]) -> None:
    clicks.join(page, values["veteran"], values["makers"])
    page.locator("#tab-permissions").click()
    for policy in (FULL, "parcels-2024"):
        row = page.get_by_role("row", name=policy).filter(has=page.get_by_role("radio"))
        row.get_by_role("radio").check()
        page.get_by_role("button", name="Remove", exact=True).click()
        page.get_by_role("button", name="Remove policy").click()
        expect(row).to_have_count(0)
    labs.solved_by_itself(page, 4)


def the_seller_signs_in(page: Page, values: dict[str, str], password: str) -> None:
    labs.add_session(page, values, values["seller"], password)
    clicks.choose_password(page, password, values["new_password"])
    labs.is_signed_in(page, values["seller"])
    labs.solved_by_itself(page, 5)
