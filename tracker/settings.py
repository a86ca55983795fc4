"""The one configuration, from the environment alone; it runs with none.

With no environment at all the tracker serves this machine only: loopback hosts, SQLite in `var/`, a secret key made
once and kept there. Naming any other host in ALLOWED_HOSTS makes it a public site, and then unsafe values stop the
start.
"""

import os
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"
DATABASE_SCHEMES = ("sqlite://", "postgres://", "postgresql://")
LOOPBACK_HOSTS = ["localhost", "127.0.0.1", "[::1]"]

env = environ.Env()

DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=LOOPBACK_HOSTS)
SITE_URL = env.str("SITE_URL", default="http://127.0.0.1:8000").rstrip("/")
IS_PUBLIC = not set(ALLOWED_HOSTS) <= {*LOOPBACK_HOSTS, "::1"}


def kept_secret_key() -> str:
    """The secret key of a machine nobody configured: made once, readable by its owner only."""
    path = VAR_DIR / "secret-key"
    VAR_DIR.mkdir(exist_ok=True)
    try:
        with open(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(get_random_secret_key())
    except FileExistsError:
        pass
    return path.read_text()


SECRET_KEY = env.str("SECRET_KEY", default="") or kept_secret_key()

if IS_PUBLIC:
    if DEBUG:
        raise ImproperlyConfigured("DEBUG shows the site's insides to visitors: unset it, or unset ALLOWED_HOSTS.")
    if "*" in ALLOWED_HOSTS:
        raise ImproperlyConfigured("ALLOWED_HOSTS must name the site's hosts; * would trust any Host header.")
    if len(env.str("SECRET_KEY", default="")) < 50:
        raise ImproperlyConfigured("SECRET_KEY must be set to at least 50 random characters.")
    if urlsplit(SITE_URL).scheme != "https":
        raise ImproperlyConfigured("SITE_URL must be the site's https:// address: links in reports and feeds use it.")

INSTALLED_APPS = [
    "recommendations",
    "tracker.apps.StaffAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "simple_history",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "axes",
]

MIDDLEWARE = [
    "tracker.frontdoor.headers",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "tracker.frontdoor.Compression",
    "tracker.frontdoor.conditional",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "tracker.urls"
WSGI_APPLICATION = "tracker.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# SQLite: a writer takes its lock when its transaction begins, so that what it read under it is still true when it
# writes; readers go on meanwhile (WAL); what is erased for safety is overwritten.
VAR_DIR.mkdir(exist_ok=True)
DATABASE_URL = env.str("DATABASE_URL", default="") or f"sqlite:///{VAR_DIR / 'tracker.sqlite3'}"
DATABASES = {"default": env.db_url_config(DATABASE_URL) if DATABASE_URL.startswith(DATABASE_SCHEMES) else {}}
if not DATABASES["default"].get("NAME"):
    raise ImproperlyConfigured("DATABASE_URL must be sqlite:///path or postgres://user:password@host/name.")
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA secure_delete=ON;",
    }
else:
    DATABASES["default"] |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
    # A server that is away must not hold every thread for minutes, nor the answer of /healthz.
    DATABASES["default"]["OPTIONS"] = {"connect_timeout": 5, **DATABASES["default"].get("OPTIONS", {})}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
PASSWORD_RESET_TIMEOUT = 2 * 60 * 60
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]

# Who may publish or administer needs a code beside the password, on a public site.
SECOND_FACTOR_REQUIRED = IS_PUBLIC
# Guessing is stopped per account, wherever it comes from: by address, many addresses get through and colleagues behind
# one lock each other out. No address is kept; what is kept goes after the cool-off, at the next sign-in.
SILENCED_SYSTEM_CHECKS = ["axes.W006"]  # It wants the address counted, too.
AXES_LOCKOUT_PARAMETERS = ["username"]
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_CLIENT_IP_CALLABLE = "recommendations.signing_in.no_address"
AXES_LOCKOUT_CALLABLE = "recommendations.signing_in.locked_out"
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "kept"]
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

LANGUAGE_CODE = "en-ca"
LANGUAGES = [("en-ca", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
FORMAT_MODULE_PATH = ["tracker.formats"]
USE_TZ = True
TIME_ZONE = env.str("TIME_ZONE", default="America/Vancouver")

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG

# Without e-mail set up, what would be sent is printed by the server: nothing depends on it.
EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
HAS_EMAIL = bool(env.str("EMAIL_URL", default=""))
DEFAULT_FROM_EMAIL = (
    EMAIL_CONFIG["EMAIL_HOST_USER"]
    if "@" in (EMAIL_CONFIG["EMAIL_HOST_USER"] or "")
    else f"tracker@{urlsplit(SITE_URL).hostname}"
)

# What making the PDF of up to 500 recommendations may take; of more, in proportion. bench/README.md has the figures.
try:
    PDF_SECONDS = env.int("PDF_SECONDS", default=60)
    PDF_MEGABYTES = env.int("PDF_MEGABYTES", default=1536)
except ValueError as error:
    raise ImproperlyConfigured("PDF_SECONDS and PDF_MEGABYTES must be whole numbers.") from error

# A long report section or a pasted page is welcome; a flood is not.
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

# The staff's cookies stay in the admin: no public page gets to see them, and so none can depend on them.
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = "/admin/"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SESSION_COOKIE_HTTPONLY = True
# Two hours without a page; renewed by every page, for twelve hours at most: see recommendations/signing_in.py.
SESSION_COOKIE_AGE = 2 * 60 * 60
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "recommendations.signing_in.csrf_failed"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
if urlsplit(SITE_URL).scheme == "https":
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
    SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

# A reason for a change may be longer than simple-history's 100 characters.
SIMPLE_HISTORY_HISTORY_CHANGE_REASON_USE_TEXT_FIELD = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"django.server": {"handlers": ["console"], "level": "WARNING", "propagate": False}},
}
