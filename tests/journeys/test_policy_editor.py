"""The policy editor in a browser: findings while one types, the keyboard, no scripts."""

from __future__ import annotations

from playwright.sync_api import Browser, Page, expect

from tests.cast import allow, document
from tests.journeys.conftest import Site
from tests.journeys.test_choosing import sign_in_root

AS_JSON = "/console/iam/create-policy/?mode=json"
WRONG = """{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Allow",
    "Action": "s3:GetObjekt",
    "Resource": "*"
  }]
}"""
ODD = """{ "Version":"2012-10-17",
\t"Statement" : {"Effect":"Deny", "NotAction":"iam:*","Resource":"*"} }
"""
SET_TEXT = "text => ace.edit(document.querySelector('.policy-code')).setValue(text, -1)"
ANNOTATIONS = "ace.edit(document.querySelector('.policy-code')).session.getAnnotations()"


def test_findings_appear_at_their_line_while_one_types(site: Site, page: Page):
    sign_in_root(page, site)
    page.goto(AS_JSON)
    page.evaluate(SET_TEXT, WRONG)
    finding = page.locator("[data-finding]", has_text="GetObjekt")
    expect(finding).to_be_visible()
    assert [(each["row"], each["type"]) for each in page.evaluate(ANNOTATIONS)] == [(4, "error")]
    finding.get_by_role("link").click()
    cursor = page.evaluate("ace.edit(document.querySelector('.policy-code')).getCursorPosition()")
    assert cursor["row"] == 4
    page.evaluate(SET_TEXT, WRONG.replace("Objekt", "Object"))
    expect(finding).to_have_count(0)
    assert page.evaluate(ANNOTATIONS) == []


def test_a_policy_goes_through_visual_and_back_byte_for_byte(site: Site, page: Page):
    sign_in_root(page, site)
    page.goto(AS_JSON)
    page.evaluate(SET_TEXT, ODD)
    page.get_by_role("button", name="Visual").click()
    expect(page.locator("#visual-editor")).to_be_visible()
    page.get_by_role("button", name="JSON").click()
    page.get_by_role("button", name="Next").click()
    page.get_by_label("Policy name").fill("Odd")
    page.get_by_role("button", name="Create policy").click()
    expect(page.get_by_text("Policy Odd created.")).to_be_visible()
    assert site.account.policies.get().versions.get().document == ODD


def test_the_keyboard_goes_through_the_editor_and_is_not_held_in_it(site: Site, page: Page):
    sign_in_root(page, site)
    page.goto(AS_JSON)
    page.get_by_role("button", name="Import policy").focus()
    # First the line numbers, where findings can be read, then the text.
    for _ in range(2):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+A")
    page.keyboard.type("x")
    assert page.locator("[data-policy-text]").input_value().strip().startswith("x")
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    assert not page.evaluate("!!document.activeElement.closest('.policy-code .ace_text-input')")
    for _ in range(8):
        page.keyboard.press("Tab")
    assert not page.evaluate("!!document.activeElement.closest('.policy-code')")


def test_without_scripts_there_is_a_text_area_and_a_button_to_check(
    site: Site, page: Page, browser: Browser
):
    sign_in_root(page, site)
    context = browser.new_context(
        base_url=site.url, java_script_enabled=False, storage_state=page.context.storage_state()
    )
    plain = context.new_page()
    plain.goto(AS_JSON)
    plain.get_by_label("Policy document").fill(WRONG)
    plain.get_by_role("button", name="Check").click()
    expect(plain.get_by_text("Did you mean s3:GetObject?")).to_be_visible()
    plain.get_by_label("Policy document").fill(document(allow("s3:GetObject")))
    plain.get_by_role("button", name="Next").click()
    plain.get_by_label("Policy name").fill("Plain")
    plain.get_by_role("button", name="Create policy").click()
    expect(plain.get_by_text("Policy Plain created.")).to_be_visible()
    context.close()
