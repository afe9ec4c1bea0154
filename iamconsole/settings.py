"""Django's settings: what every installation shares, and what `environment` says of this one."""

from pathlib import Path
from typing import Any

from csp.constants import NONCE, NONE, SELF

from iamconsole import environment

BASE_DIR = Path(__file__).resolve().parent.parent
ENVIRONMENT = environment.read(BASE_DIR)

DEBUG = False
SECRET_KEY = environment.secret_key(ENVIRONMENT.data_dir)
PRODUCT_NAME = "IAM Console Lab"
VERSION = "0.1.0"

# --- Where it runs -------------------------------------------------------------------------------
BASE_URL = ENVIRONMENT.base_url
BASE_NAME = ENVIRONMENT.base_name
# Names under which the port may be asked; pages asked under any but BASE_URL's are redirected.
ALLOWED_HOSTS = [BASE_NAME, f".signin.{BASE_NAME}", "localhost", "127.0.0.1", "[::1]"]
if ENVIRONMENT.host not in ("0.0.0.0", "::"):  # noqa: S104 (compared, not bound)
    ALLOWED_HOSTS.append(ENVIRONMENT.host)
CSRF_TRUSTED_ORIGINS = [BASE_URL]
TRUSTED_PROXIES = ENVIRONMENT.trusted_proxies
ROOT_URLCONF = "iamconsole.urls"
WSGI_APPLICATION = "iamconsole.wsgi.application"
FORCE_SCRIPT_NAME = None
APPEND_SLASH = True

INSTALLED_APPS = [
    "accounts",
    "iamconsole.sandbox",
    "iamconsole.cli",
    "iamconsole.console",
    "iamconsole.labs",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "csp",
    "django_ace",
    "django_htmx",
    "template_partials",
    "lucide",
]

MIDDLEWARE = [
    # Answers for the metadata services of the sandbox's instances.
    "iamconsole.api.metadata.Metadata",
    # Answers AWS's clients itself; only what people's browsers ask passes it.
    "iamconsole.api.front.Front",
    # These three only add headers to what the console's front door answers.
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "iamconsole.console.middleware.Headers",
    "iamconsole.console.middleware.FrontDoor",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "iamconsole.console.middleware.CallerOfRequest",
    "iamconsole.console.gate.Gate",
    "iamconsole.console.errors.ServiceErrors",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "iamconsole.console.context.page",
                "iamconsole.labs.context.drawer",
            ],
        },
    },
]

# --- Database ------------------------------------------------------------------------------------
DATABASES: dict[str, dict[str, Any]] = {
    "default": environment.postgresql(ENVIRONMENT.database_url)
    if ENVIRONMENT.database_url
    else {
        "ENGINE": "iamconsole.db.sqlite",
        "NAME": str(ENVIRONMENT.data_dir / "iamconsole.sqlite3"),
        "CONN_MAX_AGE": None,
    }
}
# Every change runs in the one transaction of its action; with IMMEDIATE a request-wide one would
# hold the write lock while pages render.
DATABASES["default"]["ATOMIC_REQUESTS"] = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
KEY_FILE = ENVIRONMENT.data_dir / "keys.json"
# What S3's objects hold, and how many bytes all of them together may have.
OBJECTS = ENVIRONMENT.data_dir / "objects"
SANDBOX_BYTES = ENVIRONMENT.sandbox_mib * 1024 * 1024
# Where events of reads wait for a quiet moment.
SPOOL = ENVIRONMENT.data_dir / "spool"
# The operator's: keys of OpenID Connect issuers, which this installation never fetches.
ISSUER_KEYS_FILE = ENVIRONMENT.data_dir / "issuer-keys.json"

# --- Sign-in -------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.Login"
AUTHENTICATION_BACKENDS = ["accounts.signin.Sessions"]
PASSWORD_HASHERS = ["accounts.hashers.Argon2"]
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = ENVIRONMENT.secure_cookies
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
# Cookies ignore ports, so the names are our own; __Host- binds them to this one host.
_PREFIX = "__Host-" if ENVIRONMENT.secure_cookies else ""
SESSION_COOKIE_NAME = f"{_PREFIX}iamconsole-session"
CSRF_COOKIE_NAME = f"{_PREFIX}iamconsole-csrf"
REMEMBER_COOKIE_NAME = f"{_PREFIX}iamconsole-account"
PARKED_COOKIE_NAME = f"{_PREFIX}iamconsole-parked"
THEME_COOKIE_NAME = f"{_PREFIX}iamconsole-theme"
CSRF_FAILURE_VIEW = "iamconsole.console.errors.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# --- What browsers are told ----------------------------------------------------------------------
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if ENVIRONMENT.secure:
    SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SILENCED_SYSTEM_CHECKS = [
    "security.W002",  # Headers sends X-Frame-Options, which the CSP's frame-ancestors doubles
    "security.W008",  # a redirect to https is the proxy's, which ends TLS
    "security.W021",  # preloading is for the owner of the whole domain to ask for
]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "font-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
    }
}
STATIC_URL = "/static/"
# Nothing is collected: files are found where they lie.
STATIC_ROOT = None
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = True
# No other site has a use for our scripts.
WHITENOISE_ALLOW_ALL_ORIGINS = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

# --- Limits on what is sent ----------------------------------------------------------------------
# A policy document may hold 131,072 characters, each up to nine bytes when percent-encoded.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
# With files: SAML metadata may have 10 MB.
LARGEST_BODY = 12 * 1024 * 1024
# Where files are put into a bucket: all that an account's buckets may hold, and the form around it.
LARGEST_UPLOAD = 65 * 1024 * 1024

# --- Language and time ---------------------------------------------------------------------------
LANGUAGE_CODE = "en"
USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        # Refused hosts are bad requests, answered with 400; they need no stack trace.
        "django.security.DisallowedHost": {"handlers": ["stderr"], "level": "CRITICAL"},
        "django.request": {"level": "ERROR"},
    },
}
