"""What every answer tells the browser, whose word about itself a request is believed, and hosts."""

import ipaddress

import pytest
from django.test import Client, override_settings

from accounts.models import Event
from tests.console.browsers import PASSWORD, give_password, new_browser, sign_in_by_page

EXPECTED = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
DIRECTIVES = {
    "default-src 'none'", "style-src 'self'", "img-src 'self' data:", "connect-src 'self'",
    "font-src 'self'", "form-action 'self'", "base-uri 'none'", "object-src 'none'",
    "frame-ancestors 'none'",
}  # fmt: skip


def assert_guarded(answer, what: object) -> None:
    for name, value in EXPECTED.items():
        assert answer[name] == value, (what, name)
    policy = {part.strip() for part in answer["Content-Security-Policy"].split(";")}
    assert policy >= DIRECTIVES, what
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert "camera=()" in answer["Permissions-Policy"]
    assert "Access-Control-Allow-Origin" not in answer, what
    assert "Server" not in answer
    assert "X-Powered-By" not in answer


def test_every_kind_of_answer_has_every_header(client, sign_in, admin):
    browser = sign_in(admin)
    dashboard = browser.get("/console/iam/")
    answers = {
        200: client.get("/signin/"),
        302: client.get("/console/iam/"),
        404: client.get("/nothing/"),
        422: client.post("/signin/", {"account": ""}),
        405: client.get("/theme/"),
        403: new_browser(enforce_csrf_checks=True).post("/signin/", {}),
        400: client.get("/", headers={"Host": "evil.example"}),
    }
    for status, answer in answers.items():
        assert answer.status_code == status
        assert_guarded(answer, status)
        assert "no-store" in answer["Cache-Control"], status
    assert dashboard.status_code == 200
    assert_guarded(dashboard, "dashboard")
    assert "no-store" in dashboard["Cache-Control"]


def test_a_crash_has_every_header_and_shows_nothing_of_itself(client, db, monkeypatch):
    def crash(*args: object, **options: object) -> None:
        raise RuntimeError("the secret of the house")

    monkeypatch.setattr("iamconsole.console.views.signin.remembered", crash)
    client.raise_request_exception = False
    answer = client.get("/signin/")
    assert answer.status_code == 500
    assert "secret of the house" not in answer.content.decode()
    assert "Traceback" not in answer.content.decode()
    assert_guarded(answer, 500)


def test_static_files_have_every_header_and_may_be_kept(client):
    answer = client.get("/static/js/password_rules.js")
    assert answer.status_code == 200
    assert_guarded(answer, "static")
    assert "no-store" not in answer["Cache-Control"]


@pytest.mark.parametrize(
    "path",
    ["/static/../manage.py", "/static/%2e%2e/manage.py", "/.git/config", "/.env", "/db.sqlite3",
     "/data/keys.json", "/__debug__/", "/admin/"],
)  # fmt: skip
def test_files_that_are_not_served_are_not_there(db, client, path):
    assert client.get(path).status_code == 404


def test_scripts_run_with_the_nonce_of_their_own_answer_only(db, client):
    first, second = client.get("/signin/"), client.get("/signin/")
    nonces = [
        answer["Content-Security-Policy"].partition("'nonce-")[2].partition("'")[0]
        for answer in (first, second)
    ]
    assert len({*nonces, ""}) == 3
    assert " style=" not in first.content.decode()
    assert " onclick" not in first.content.decode()


def test_cookies_are_for_this_host_over_tls_and_not_for_scripts(alice, client):
    give_password(alice)
    answer = sign_in_by_page(client, alice, remember="on")
    client.post("/theme/", {"theme": "dark", "next": "/"})
    assert len(client.cookies) == 4
    for name, cookie in client.cookies.items():
        assert name.startswith("__Host-")
        assert cookie["secure"]
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"
        assert cookie["path"] == "/"
        assert not cookie["domain"]
    assert answer.status_code == 302


# --- Hosts ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    ["evil.example", "localhost.evil.example", "evil.example:8000", "a@localhost", "x y", ""],
)
def test_a_host_that_is_not_ours_is_a_bad_request(host):
    answer = Client().get("/signin/", headers={"Host": host})
    assert answer.status_code == 400
    assert "http://localhost:8000" in answer.content.decode()


@pytest.mark.parametrize("name", ["127.0.0.1:8000", "[::1]:8000", "LOCALHOST"])
def test_another_name_of_this_host_is_redirected_to_the_configured_one(name):
    answer = Client().get("/console/iam/users/?page=2", headers={"Host": name})
    assert answer.status_code == 302
    assert answer["Location"] == "http://localhost:8000/console/iam/users/?page=2"


def test_a_redirect_to_the_right_name_can_not_be_bent():
    answer = Client().get("//evil.example/%0d%0aX:y", headers={"Host": "127.0.0.1"})
    assert answer["Location"].startswith("http://localhost:8000/")
    assert "\n" not in answer["Location"]
    assert "X" not in answer


@pytest.mark.parametrize("name", ["example-corp", "111122223333"])
def test_an_accounts_own_host_leads_to_its_sign_in_page(name):
    answer = Client().get("/console/", headers={"Host": f"{name}.signin.localhost:8000"})
    assert answer["Location"] == f"http://localhost:8000/signin/{name}/"


def test_links_and_redirects_do_not_follow_the_forwarded_host(db):
    answer = new_browser().get(
        "/signin/", headers={"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}
    )
    assert answer.status_code == 200
    assert "evil.example" not in answer.content.decode()


# --- Whose address -------------------------------------------------------------------------------

FORGED = {
    "X-Forwarded-For": "203.0.113.9",
    "X-Real-IP": "203.0.113.9",
    "X-Client-IP": "203.0.113.9",
    "Forwarded": "for=203.0.113.9",
    "X-Forwarded-Proto": "https",
}


def failed_from() -> str:
    event = Event.objects.filter(action="signin:ConsoleLogin").latest("time")
    return event.source_address


def test_nobody_is_believed_about_the_address_unless_the_operator_named_him(alice):
    browser = new_browser(REMOTE_ADDR="198.51.100.7")
    sent = {"account": alice.home.id, "user_name": "alice", "password": "wrong"}
    answer = browser.post("/signin/", sent, headers=FORGED)
    assert failed_from() == "198.51.100.7"
    assert not answer.wsgi_request.is_secure()


def test_a_peer_over_ipv6_with_an_ipv4_address_is_known_by_that_address(alice):
    browser = new_browser(REMOTE_ADDR="::ffff:198.51.100.7")
    browser.post("/signin/", {"account": alice.home.id, "user_name": "alice", "password": "wrong"})
    assert failed_from() == "198.51.100.7"


@pytest.mark.parametrize(
    ("forwarded", "believed"),
    [
        ("203.0.113.9", "203.0.113.9"),
        # What the client wrote itself stands to the left of what our proxy appended.
        ("1.2.3.4, 203.0.113.9", "203.0.113.9"),
        ("203.0.113.9, 10.0.0.8", "203.0.113.9"),
        ("nonsense", "10.0.0.5"),
        ("203.0.113.9, nonsense", "10.0.0.5"),
        ("", "10.0.0.5"),
        ("2001:db8::1", "2001:db8::1"),
        # One address in other words is no other address.
        ("2001:DB8:0::0001", "2001:db8::1"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("203.0.113.9, ::ffff:10.0.0.8", "203.0.113.9"),
        ("fe80::1%eth0", "fe80::1"),
    ],
)
def test_a_trusted_proxy_is_believed_about_the_nearest_stranger(alice, forwarded, believed):
    browser = new_browser(REMOTE_ADDR="10.0.0.5")
    sent = {"account": alice.home.id, "user_name": "alice", "password": "wrong"}
    headers = {"X-Forwarded-For": forwarded, "X-Forwarded-Proto": "https"}
    with override_settings(TRUSTED_PROXIES=(ipaddress.ip_network("10.0.0.0/8"),)):
        answer = browser.post("/signin/", sent, headers=headers)
    assert failed_from() == believed
    assert answer.wsgi_request.is_secure()
    assert PASSWORD not in answer.content.decode()
