"""What people of the seeds click, each as one verb, so that their stories read as stories."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from django.urls import reverse
from playwright.sync_api import Download, Page, expect

#: Writes a text into the policy editor, as pasting it would.
_PASTE = "text => ace.edit(document.querySelector('.policy-code')).setValue(text, -1)"


# --- Signing in and out ---------------------------------------------------------------------------


def sign_in(page: Page, account: str, user_name: str, password: str) -> None:
    """Fill in the sign-in page of an account, whatever comes then."""
    page.goto(f"/signin/{account}/")
    page.get_by_label("IAM username").fill(user_name)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def sign_out(page: Page) -> None:
    """Leave by the account menu."""
    page.locator("summary", has_text="Account menu").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="IAM user sign in")).to_be_visible()


def choose_password(page: Page, old: str, new: str) -> None:
    """Take the password of one's own that the first sign-in asks for."""
    expect(page.get_by_role("heading", name="Change your password")).to_be_visible()
    page.get_by_label("Old password").fill(old)
    page.get_by_label("New password", exact=True).fill(new)
    page.get_by_label("Retype new password").fill(new)
    page.get_by_role("button", name="Confirm password change").click()
    expect(page.get_by_role("heading", name="IAM Dashboard")).to_be_visible()


# --- Users and groups -----------------------------------------------------------------------------


def begin_users(page: Page, *names: str, console: bool = False, programmatic: bool = False) -> None:
    """Fill in the first page of the wizard and go on."""
    page.goto(reverse("console:users"))
    page.get_by_role("link", name="Create user").first.click()
    page.get_by_label("User name", exact=True).fill(names[0])
    for number, name in enumerate(names[1:], start=2):
        page.get_by_role("button", name="Add another user").click()
        page.get_by_label(f"User name {number}").fill(name)
    page.get_by_label("Provide user access to the console").set_checked(console)
    page.get_by_label("Programmatic access").set_checked(programmatic)
    next_page(page, "Set permissions")


def finish_users(page: Page) -> None:
    """From the permissions to the end of the wizard."""
    next_page(page, "Review and create")
    page.get_by_role("button", name="Create user").click()


def next_page(page: Page, heading: str) -> None:
    """Press Next and see the page that follows."""
    page.get_by_role("button", name="Next", exact=True).locator("visible=true").last.click()
    expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()


def secret(page: Page, place: str) -> str:
    """A password or key that is shown once: `password-1` or `key-1` on the wizard's last page."""
    return page.locator(f"#{place}").text_content() or ""


def rows_of(download: Download) -> list[list[str]]:
    """The lines of a .csv file, the header first."""
    return list(csv.reader(io.StringIO(Path(download.path()).read_text("utf-8-sig"))))


def create_group(
    page: Page, name: str, *, policies: Sequence[str] = (), users: Sequence[str] = ()
) -> None:
    """Make a group with policies and members."""
    page.goto(reverse("console:groups"))
    page.get_by_role("link", name="Create group").first.click()
    page.get_by_label("User group name").fill(name)
    for user in users:
        page.locator(f"[name=users][value='{user}']").check()
    choose_policies(page, *policies)
    page.get_by_role("button", name="Create user group").click()
    expect(page.get_by_text(f"User group {name} created.")).to_be_visible()


def choose_policies(page: Page, *names: str) -> None:
    """Find policies in the list to choose from, and tick them."""
    for name in names:
        page.get_by_label("Find policies").locator("visible=true").fill(name)
        page.locator(f"[data-row][value$='policy/{name}']").locator("visible=true").check()


def join(page: Page, user: str, *groups: str) -> None:
    """Add a user to groups."""
    page.goto(reverse("console:user-add-to-groups", args=[user]))
    for group in groups:
        page.locator(f"[name=groups][value='{group}']").check()
    page.locator("main .button-primary").click()
    page.goto(reverse("console:user-groups", args=[user]))
    for group in groups:
        expect(page.locator("main").get_by_role("link", name=group, exact=True)).to_be_visible()


def leave(page: Page, user: str, group: str) -> None:
    """Take a user out of a group."""
    page.goto(reverse("console:user-groups", args=[user]))
    page.get_by_role("row", name=group).get_by_role("checkbox").check()
    page.get_by_role("button", name="Remove", exact=True).click()
    page.locator("main .button-primary").click()
    page.goto(reverse("console:user-groups", args=[user]))
    expect(page.locator("main").get_by_role("link", name=group, exact=True)).to_have_count(0)


# --- Policies -------------------------------------------------------------------------------------


def write(page: Page, text: str) -> None:
    """Put a text in the place of the one in the editor, as JSON."""
    json = page.get_by_role("button", name="JSON", exact=True)
    if json.get_attribute("aria-pressed") == "false":
        json.click()
    expect(page.locator(".policy-code")).to_be_visible()
    page.evaluate(_PASTE, text)


def create_policy(page: Page, name: str, text: str, description: str = "") -> None:
    """Make a managed policy in the JSON editor."""
    page.goto(reverse("console:policies"))
    page.get_by_role("link", name="Create policy").first.click()
    write(page, text)
    name_policy(page, name, description)


def name_policy(page: Page, name: str, description: str = "") -> None:
    """From the editor over the review to the finished policy."""
    page.get_by_role("button", name="Next", exact=True).click()
    page.get_by_label("Policy name").fill(name)
    page.get_by_label("Description").fill(description)
    page.get_by_role("button", name="Create policy").locator("visible=true").last.click()
    expect(page.get_by_text(f"Policy {name} created.")).to_be_visible()


def attach(page: Page, user: str, *policies: str) -> None:
    """Attach managed policies to a user, directly."""
    page.goto(reverse("console:user-add-permissions", args=[user]))
    page.get_by_label("Attach policies directly").check()
    choose_policies(page, *policies)
    page.get_by_role("button", name="Next", exact=True).click()
    page.get_by_role("button", name="Add permissions").click()
    for policy in policies:
        expect(page.locator("main").get_by_role("link", name=policy, exact=True)).to_be_visible()


# --- Asking ---------------------------------------------------------------------------------------


def simulate(
    page: Page, address: str, actions: Sequence[str], resources: Sequence[str] = ()
) -> None:
    """Run the simulator of a user, group, role or policy; `answer` tells what it said."""
    page.goto(address)
    page.get_by_label("Actions - optional").fill("\n".join(actions))
    page.get_by_label("Resources - optional").fill("\n".join(resources))
    page.get_by_role("button", name="Run simulation").click()
    expect(page.locator("#results")).to_be_visible()


def says(page: Page, verdict: str, action: str, resource: str = "*") -> None:
    """See what the simulator answered about an action on a resource."""
    line = page.locator("#results li", has_text=f"{action} on {resource}").first
    expect(line).to_contain_text(verdict)


def may(page: Page, user: str, action: str, resource: str = "*") -> None:
    """See the simulator allow a user something."""
    simulate(page, reverse("console:user-simulate", args=[user]), [action], [resource])
    says(page, "allowed", action, resource)


def may_not(page: Page, user: str, action: str, resource: str = "*") -> None:
    """See the simulator deny a user something."""
    simulate(page, reverse("console:user-simulate", args=[user]), [action], [resource])
    says(page, "denied", action, resource)


def explain(page: Page, action: str, resource: str = "", who: str = "") -> None:
    """Ask why; the answer stands in `#answer`."""
    page.goto(reverse("console:explain"))
    page.get_by_label("Action").fill(action)
    page.get_by_label("Resource ARN").fill(resource)
    page.get_by_label("Who").fill(who)
    page.get_by_role("button", name="Explain").click()
    expect(page.get_by_role("heading", name="Answer")).to_be_visible()


# --- S3 -------------------------------------------------------------------------------------------


def open_service(page: Page, name: str) -> None:
    """Choose a service from the menu on top."""
    page.locator("summary", has_text="Services").click()
    page.get_by_role("navigation", name="Services").get_by_role("link", name=name).first.click()


def create_bucket(page: Page, name: str) -> None:
    """Make a bucket, from the list of all."""
    open_service(page, "S3")
    page.get_by_role("link", name="Create bucket").first.click()
    page.get_by_label("Bucket name").fill(name)
    page.get_by_role("button", name="Create bucket").click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()


def upload(page: Page, bucket: str, *files: Path) -> None:
    """Upload files by the bucket's page, and wait until all are through, however they fared."""
    page.goto(reverse("console:s3-bucket", args=[bucket]))
    page.get_by_role("link", name="Upload").first.click()
    page.get_by_label("Add files").set_input_files(list(files))
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("heading", name="Upload: status")).to_be_visible()
