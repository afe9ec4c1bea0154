"""The rules of passwords: checked, explained, generated and remembered in this one place.

IAM User Guide, "Set an account password policy for IAM users". The root user's password is under
IAM's default policy always. Each rule explains itself, so that a page can list them while somebody
types, and a refusal can name the ones that were broken.
"""

from __future__ import annotations

import hmac
import itertools
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.contrib.auth.hashers import make_password
from django.utils.crypto import get_random_string

from accounts.errors import EntityTemporarilyUnmodifiable, PasswordPolicyViolation
from accounts.hashers import Argon2
from accounts.models import Account, Login, PasswordHistory, PasswordPolicy, User

SYMBOLS = "!@#$%^&*()_+-=[]{}|'"
_UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LOWER = "abcdefghijklmnopqrstuvwxyz"
_DIGITS = "0123456789"
_CLASSES = (_UPPER, _LOWER, _DIGITS, SYMBOLS)
_SYMBOL = r"[!@#$%^&*()_+\-=\[\]{}|']"
#: The same for a page: four ways of having three of them.
_THREE_CLASSES = "|".join(
    "^" + "".join(f"(?=.*{one})" for one in three)
    for three in itertools.combinations(("[A-Z]", "[a-z]", "[0-9]", _SYMBOL), 3)
)
LONGEST = 128
#: AWS allows 24 at most; that many digests are kept, whatever the policy of the day remembers.
MOST_REMEMBERED = 24
#: How long before its end a password is announced to run out.
WARNING = timedelta(days=15)
_GENERATED_LENGTH = 20


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: a name for scripts, a sentence for people, and the test.

    `pattern` lets a page test it while somebody types (a regular expression, searched for); the
    server's answer is what counts.
    """

    name: str
    sentence: str
    holds: Callable[[str], bool]
    pattern: str = ""


class Expiry(StrEnum):
    """How a password stands against the policy's age limit."""

    NONE = "none"
    SOON = "soon"
    EXPIRED = "expired"
    #: Expired, and only an administrator may set a new one.
    HARD = "hard"


@dataclass(frozen=True, slots=True)
class NewPassword:
    """A password that passed, hashed twice: to sign in with, and to be remembered.

    `replaces` is the hash in whose place it was proved to belong, where the old password was asked.
    """

    encoded: str
    digest: str
    replaces: str | None = None


def policy_of(account: Account) -> PasswordPolicy | None:
    """The account's custom policy, or nothing where IAM's default applies."""
    return PasswordPolicy.objects.filter(account=account).first()


def rules(policy: PasswordPolicy | None, account: Account) -> list[Rule]:
    """What a new password must satisfy, in the order in which a page lists it."""
    if policy is None:
        context = {account.name.lower(), account.root_email.lower()}
        return [
            _length(8),
            Rule(
                "three_classes",
                "At least three of these four: uppercase letters (A-Z), lowercase letters (a-z), "
                f"numbers (0-9), symbols ({_spaced(SYMBOLS)})",
                lambda password: sum(map(_has(password), _CLASSES)) >= 3,
                _THREE_CLASSES,
            ),
            Rule(
                "not_account",
                "Not the same as the account's name or its root user's e-mail address",
                lambda password: password.lower() not in context,
            ),
        ]
    wanted = [_length(policy.minimum_password_length)]
    if policy.require_uppercase_characters:
        wanted.append(_class("uppercase", "At least one uppercase letter (A-Z)", _UPPER, "[A-Z]"))
    if policy.require_lowercase_characters:
        wanted.append(_class("lowercase", "At least one lowercase letter (a-z)", _LOWER, "[a-z]"))
    if policy.require_numbers:
        wanted.append(_class("number", "At least one number (0-9)", _DIGITS, "[0-9]"))
    if policy.require_symbols:
        sentence = f"At least one symbol ({_spaced(SYMBOLS)})"
        wanted.append(_class("symbol", sentence, SYMBOLS, _SYMBOL))
    return wanted


def reuse_sentence(policy: PasswordPolicy | None) -> str | None:
    """The rule about earlier passwords, for pages; only the server can test it."""
    if policy is None or not policy.password_reuse_prevention:
        return None
    number = policy.password_reuse_prevention
    earlier = "the password in use" if number == 1 else f"one of the last {number} passwords"
    return f"Not {earlier}"


def prepare(account: Account, login: Login | None, password: str, *, argument: str) -> NewPassword:
    """Check a new password against the policy in force and hash it: about 100 ms.

    Raises PasswordPolicyViolation naming every rule that is broken.
    """
    policy = policy_of(account) if login is None or not login.is_root else None
    broken = [rule.sentence for rule in rules(policy, account) if not rule.holds(password)]
    if broken:
        raise _violation(broken, argument)
    salt = login.history_salt if login is not None else new_history_salt()
    digest = history_digest(password, salt)
    remembered = policy.password_reuse_prevention if policy is not None else None
    if login is not None and remembered:
        newest = PasswordHistory.objects.filter(login=login)[:remembered]
        # Every one is compared, so that the time taken does not tell which one it was.
        same = [hmac.compare_digest(row.digest, digest) for row in newest]
        if any(same):
            raise _violation([reuse_sentence(policy) or ""], argument)
    return NewPassword(make_password(password), digest)


def hashed(password: str, salt: str) -> NewPassword:
    """A password hashed without a check against any policy: the first one of a root user."""
    return NewPassword(make_password(password), history_digest(password, salt))


def store(login: Login, new: NewPassword, now: datetime) -> None:
    """Give a login its new password and remember it; runs in the action's transaction.

    Raises EntityTemporarilyUnmodifiable where the old password, which was proved before the
    transaction began, has been replaced by somebody else since.
    """
    if new.replaces not in (None, login.password):
        raise EntityTemporarilyUnmodifiable(
            "The password was replaced by somebody else at this moment. Sign in with the new one."
        )
    login.password = new.encoded
    login.password_changed_at = now
    # The salt of a login that is made now is inside the digest.
    login.history_salt = salt_of(new.digest)
    login.save()
    PasswordHistory.objects.create(login=login, digest=new.digest, created_at=now)
    kept = PasswordHistory.objects.filter(login=login).values_list("pk", flat=True)
    PasswordHistory.objects.filter(login=login).exclude(
        pk__in=list(kept[:MOST_REMEMBERED])
    ).delete()


def new_login(account: Account, user: User | None, new: NewPassword, now: datetime) -> Login:
    """Make the login of a user, or of the root user."""
    login = Login(
        kind=Login.Kind.USER if user else Login.Kind.ROOT,
        account=account,
        user=user,
        handle=user.unique_id if user else account.id,
        created_at=now,
    )
    store(login, new, now)
    return login


def generate(policy: PasswordPolicy | None) -> str:
    """A random password that satisfies the policy in force: 20 characters or its minimum."""
    length = max(_GENERATED_LENGTH, policy.minimum_password_length if policy else 8)
    characters = [secrets.choice(group) for group in _CLASSES]
    every = "".join(_CLASSES)
    characters += [secrets.choice(every) for _ in range(length - len(characters))]
    secrets.SystemRandom().shuffle(characters)
    while characters[0] in SYMBOLS:
        # Spreadsheets take = + - @ at the beginning of a downloaded password for a formula.
        secrets.SystemRandom().shuffle(characters)
    return "".join(characters)


def expires_at(login: Login, policy: PasswordPolicy | None) -> datetime | None:
    """When a password runs out, or nothing where it never does."""
    if login.is_root or policy is None or policy.max_password_age is None:
        return None
    return login.password_changed_at + timedelta(days=policy.max_password_age)


def expiry(login: Login, policy: PasswordPolicy | None, now: datetime) -> Expiry:
    """How a password stands against the age limit."""
    end = expires_at(login, policy)
    if end is None or now < end - WARNING:
        return Expiry.NONE
    if now < end:
        return Expiry.SOON
    return Expiry.HARD if policy is not None and policy.hard_expiry else Expiry.EXPIRED


def new_history_salt() -> str:
    """A salt for the passwords that one login remembers."""
    return get_random_string(22)


def history_digest(password: str, salt: str) -> str:
    """Argon2id under the login's own salt: one hash compares with everything remembered."""
    return Argon2().encode(password, salt)


def salt_of(digest: str) -> str:
    """The salt inside a digest."""
    return str(Argon2().decode(digest)["salt"])


def _length(minimum: int) -> Rule:
    return Rule(
        "length",
        f"Between {minimum} and {LONGEST} characters long",
        lambda password: minimum <= len(password) <= LONGEST,
        f"^.{{{minimum},{LONGEST}}}$",
    )


def _class(name: str, sentence: str, alphabet: str, pattern: str) -> Rule:
    return Rule(name, sentence, lambda password: any(c in alphabet for c in password), pattern)


def _has(password: str) -> Callable[[str], bool]:
    return lambda alphabet: any(character in alphabet for character in password)


def _spaced(characters: str) -> str:
    return " ".join(characters)


def _violation(broken: list[str], argument: str) -> PasswordPolicyViolation:
    return PasswordPolicyViolation(
        "Password does not conform to the account password policy. It needs: "
        + "; ".join(broken)
        + ".",
        argument=argument,
        rules=tuple(broken),
    )
