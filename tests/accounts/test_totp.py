"""RFC 6238: which codes are accepted, and what two of them teach of a clock."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pyotp
import pytest

from accounts import totp
from accounts.errors import InvalidAuthenticationCode

SEED = "JBSWY3DPEHPK3PXP" * 2
NOW = datetime(2026, 1, 15, 12, 0, 10, tzinfo=UTC)
MIDDLE = totp.step_at(NOW)


def code(steps: int) -> str:
    return str(pyotp.TOTP(SEED).generate_otp(MIDDLE + steps))


def accept(typed: str, *, drift: int = 0, last_step: int = 0) -> int:
    return totp.matching_step(SEED, typed, NOW, drift=drift, last_step=last_step)


def reason(call, *arguments, **options) -> tuple[str, str | None]:
    with pytest.raises(InvalidAuthenticationCode) as caught:
        call(*arguments, **options)
    return caught.value.reason, caught.value.argument


def learn(first: int, second: int, last_step: int = 0) -> totp.Enrolment:
    return totp.enrolment(SEED, code(first), code(second), NOW, last_step=last_step)


# RFC 6238, appendix B, SHA-1, cut to six digits.
@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"),
     (2000000000, "279037"), (20000000000, "353130")],
)  # fmt: skip
def test_the_vectors_of_the_rfc(seconds, expected):
    seed = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    moment = datetime.fromtimestamp(seconds, tz=UTC)
    step = totp.matching_step(seed, expected, moment, drift=0, last_step=0)
    assert step == seconds // 30


def test_the_code_of_now_and_one_step_either_side_are_accepted_and_no_more():
    assert [accept(code(steps)) - MIDDLE for steps in (-1, 0, 1)] == [-1, 0, 1]
    for steps in (-2, 2, -20, 20):
        assert reason(accept, code(steps))[0] == "late"
    assert reason(accept, code(-21))[0] == "wrong"
    assert reason(accept, code(21))[0] == "wrong"


def test_no_code_of_the_newest_used_step_or_before_is_accepted():
    assert reason(accept, code(0), last_step=MIDDLE)[0] == "used"
    assert reason(accept, code(-1), last_step=MIDDLE)[0] == "used"
    assert accept(code(1), last_step=MIDDLE) == MIDDLE + 1


def test_a_known_drift_moves_the_window():
    assert accept(code(5), drift=5) == MIDDLE + 5
    assert accept(code(6), drift=5) == MIDDLE + 6
    assert reason(accept, code(0), drift=5)[0] == "late"


@pytest.mark.parametrize(
    "typed",
    ["", "12345", "1234567", "１２３４５６", "+12345", "1e5", "12 34 5", "abcdef"],
)
def test_what_is_no_code_is_wrong(typed):
    assert reason(accept, typed)[0] == "wrong"


def test_a_code_may_be_typed_in_two_groups():
    typed = code(0)
    assert accept(f"{typed[:3]} {typed[3:]}") == MIDDLE
    assert accept(f" {typed[:3]}\u00a0{typed[3:]} ") == MIDDLE


def test_two_consecutive_codes_enrol_and_are_both_used_up():
    assert learn(-1, 0) == totp.Enrolment(MIDDLE, 0)
    assert learn(0, 1) == totp.Enrolment(MIDDLE + 1, 0)


def test_two_consecutive_codes_teach_the_drift_of_a_clock_up_to_ten_minutes():
    assert learn(10, 11) == totp.Enrolment(MIDDLE + 11, 11)
    assert learn(-12, -11) == totp.Enrolment(MIDDLE - 11, -11)
    assert reason(learn, 21, 22)[0] == "wrong"
    assert reason(learn, -22, -21)[0] == "wrong"


def test_a_learnt_drift_makes_the_next_codes_of_that_clock_fit():
    learnt = learn(10, 11)
    assert accept(code(12), drift=learnt.drift, last_step=learnt.last_step) == MIDDLE + 12


def test_codes_that_do_not_follow_each_other_are_told_apart_from_wrong_ones():
    for pair in ((0, 0), (0, 2), (1, 0)):
        assert reason(learn, *pair) == ("order", "authentication_code2")
    assert reason(totp.enrolment, SEED, "000000", code(0), NOW, last_step=0)[0] == "wrong"


def test_codes_that_were_used_do_not_enrol_again():
    assert reason(learn, -1, 0, last_step=MIDDLE)[0] == "used"


def test_a_new_seed_is_long_random_base32():
    seeds = {totp.new_seed() for _ in range(20)}
    assert len(seeds) == 20
    for seed in seeds:
        assert len(seed) == 64
        assert pyotp.TOTP(seed).now()


def test_the_qr_codes_address_is_escaped_and_names_issuer_device_and_account():
    uri = totp.provisioning_uri(SEED, issuer="A & B: C", device="my phone/1", account="class-one")
    parts = urlsplit(uri)
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    assert "+" not in uri
    assert unquote(parts.path) == "/A & B: C:my phone/1@class-one"
    assert parts.path.count(":") == 1
    assert parse_qs(parts.query) == {"secret": [SEED], "issuer": ["A & B: C"]}
    parsed = pyotp.parse_uri(uri)
    assert (parsed.secret, parsed.issuer) == (SEED, "A & B: C")


def test_steps_are_of_thirty_seconds():
    assert totp.step_at(NOW + timedelta(seconds=19)) == MIDDLE
    assert totp.step_at(NOW + timedelta(seconds=20)) == MIDDLE + 1
