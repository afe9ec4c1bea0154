"""What a learner does in a lab, each as one verb: begins it, asks its drawer, and finishes it."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from accounts import instance
from accounts.actions import login_profiles, users
from iamconsole.labs import catalogue, found
from iamconsole.labs.models import Run
from tests.journeys import clicks
from tests.journeys.conftest import Site

LEARNER, PASSWORD = "alice", "Nine-Purple-Kites-7"
#: The drawer looks for changes every five seconds and checks two seconds after it saw one. The rest
#: is for a machine that is busy; milliseconds.
BY_ITSELF = 7_000 + 13_000
#: The same for what makes accounts, or compares policies.
SLOW = 15_000


def begin(page: Page, site: Site, lab: str) -> dict[str, str]:
    """Sign in as a user of an ordinary account and start a lab from the catalogue; its values."""
    root = instance.root(site.account)
    users.create_user(root, user_name=LEARNER)
    login_profiles.create_login_profile(root, user_name=LEARNER, password=PASSWORD)
    clicks.sign_in(page, site.account.id, LEARNER, PASSWORD)
    page.locator("#labs-link").click()
    page.get_by_role("heading", name=title(lab)).get_by_role("link").click()
    page.get_by_role("button", name="Start lab").click()
    is_at(page, 1)
    return found.values_of(Run.objects.get(lab=lab))


def title(lab: str) -> str:
    """What a lab that ships is called."""
    return catalogue.shipped()[lab].title


def drawer(page: Page) -> Locator:
    """The lab beside the page."""
    return page.get_by_role("complementary", name="Lab")


def is_at(page: Page, number: int, *, within: int = SLOW) -> None:
    """See which step is to be done."""
    heading = drawer(page).locator("#lab-task-heading")
    expect(heading).to_contain_text(f"Step {number}", timeout=within)


# --- Checking -------------------------------------------------------------------------------------


def check(page: Page) -> None:
    """Press Check, as one does after what only reads, and whenever one can't wait."""
    drawer(page).get_by_role("button", name="Check", exact=True).click()


def is_told(page: Page, message: str) -> None:
    """See the author's words for what is wrong. The step is still to be done."""
    missing = drawer(page).locator(".lab-finding.is-missing .lab-message")
    expect(missing.filter(has_text=message)).to_be_visible()


def solved(page: Page, number: int) -> None:
    """See that a step is solved, and that the next one or the end has come up."""
    if number == Run.objects.get().steps.count():
        done = drawer(page).get_by_role("heading", name=f"All {number} steps are done")
        expect(done).to_be_visible(timeout=BY_ITSELF)
    else:
        is_at(page, number + 1, within=BY_ITSELF)


def solved_by_itself(page: Page, number: int) -> None:
    """See that the drawer finds a step solved while nobody has ever pressed Check."""
    expect(drawer(page).get_by_text(f"Step {number} is solved.")).to_be_visible(timeout=BY_ITSELF)
    solved(page, number)
    assert Run.objects.get().steps.get(number=number).attempts == 0


# --- Help -----------------------------------------------------------------------------------------


def hint(page: Page, number: int = 1) -> Locator:
    """Ask for the next hint."""
    drawer(page).get_by_role("button", name=f"Hint {number} of 3").click()
    given = drawer(page).locator(f"#lab-hint-{number}")
    expect(given).to_be_visible()
    return given


def solution(page: Page) -> Locator:
    """Ask how the step is done."""
    drawer(page).locator("summary", has_text="Solution").click()
    drawer(page).get_by_role("button", name="Show the solution").click()
    shown = drawer(page).locator("#lab-solution")
    expect(shown).to_be_visible()
    return shown


def document_of(solution: Locator) -> str:
    """The policy that a solution or hint shows, as it would be copied."""
    return solution.locator("pre", has_text="Statement").first.text_content() or ""


def reset_step(page: Page, number: int) -> None:
    """Have the lab's account made anew as it was when the step began."""
    drawer(page).locator("summary", has_text="More").click()
    drawer(page).get_by_role("link", name="Reset step").click()
    page.get_by_role("button", name="Reset step").click()
    done = page.get_by_text(f"The lab is back where step {number} begins.")
    expect(done).to_be_visible(timeout=SLOW)


# --- Other people of the lab ----------------------------------------------------------------------


def add_session(page: Page, values: dict[str, str], user_name: str, password: str) -> None:
    """Sign in as somebody else of the lab's account beside one's own session, whatever comes."""
    _account_menu(page)
    page.get_by_role("button", name="Add session").click()
    sign_in_beside(page, values, user_name, password)


def sign_in_beside(page: Page, values: dict[str, str], user_name: str, password: str) -> None:
    """Fill in the sign-in page that has come up, where others are signed in already."""
    expect(page.get_by_role("heading", name="Signed in already")).to_be_visible()
    page.get_by_label("Account ID or alias").fill(values["account_id"])
    page.get_by_label("IAM username").fill(user_name)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def is_signed_in(page: Page, user_name: str) -> None:
    """See as whom one is signed in."""
    expect(page.locator("summary", has_text=f"{user_name} @")).to_be_visible()


def switch_to(page: Page, user_name: str) -> None:
    """Go on in a session that is open besides."""
    _account_menu(page)
    page.get_by_role("button", name=f"{user_name} @").click()
    is_signed_in(page, user_name)


def sign_out_of_this(page: Page) -> None:
    """Leave one of several sessions."""
    _account_menu(page)
    page.get_by_role("button", name="Sign out of this session").click()


def own_credentials(page: Page) -> None:
    """Open the page of one's own password, devices and keys."""
    _account_menu(page)
    page.locator("#security-credentials").click()
    expect(page.get_by_role("heading", name="My security credentials")).to_be_visible()


def _account_menu(page: Page) -> None:
    page.locator("summary", has_text="Account menu").click()


# --- The end --------------------------------------------------------------------------------------


def finish(page: Page, lab: str) -> None:
    """Finish the lab where all its steps are done; the page that follows shows the result."""
    drawer(page).get_by_role("link", name="Finish the lab").click()
    page.get_by_role("button", name="Finish lab").click()
    heading = page.get_by_role("heading", name=f"You finished: {title(lab)}")
    expect(heading).to_be_visible(timeout=SLOW)


def certificate(page: Page, lab: str) -> Locator:
    """Go from the result to the certificate."""
    page.get_by_role("link", name="Certificate").click()
    shown = page.get_by_role("article", name="Certificate")
    expect(shown).to_contain_text(title(lab))
    expect(shown).to_contain_text(f"Done by the IAM user {LEARNER}")
    return shown
