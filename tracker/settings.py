"""The one configuration, from the environment alone; it runs with none.

With no environment at all the tracker serves this machine only: loopback hosts, SQLite in `var/`, a secret key made
once and kept there. Naming any other host in ALLOWED_HOSTS makes it a public site, and then unsafe values stop the
start.
"""

from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from tracker import clock, environment, files

BASE_DIR = Path(__file__).resolve().parent.parent
LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "[::1]")

# Everything that is kept on the disk is ours alone: no other account of the machine reads it.
VAR_DIR = BASE_DIR / "var"
files.make_private_folder(VAR_DIR)
files.keep_private(VAR_DIR / "demo-password.txt")
files.keep_room(VAR_DIR / "room-on-the-disk")

DEBUG = environment.flag("DEBUG")
ALLOWED_HOSTS = environment.hosts("ALLOWED_HOSTS", default=LOOPBACK_HOSTS)
IS_PUBLIC = not set(ALLOWED_HOSTS) <= {*LOOPBACK_HOSTS, "::1"}
if IS_PUBLIC and DEBUG:
    # It shows the site's insides to visitors.
    raise environment.wrong("DEBUG", should=f"off {environment.ON_A_PUBLIC_SITE}", found="is on")
SITE_URL = environment.site_url("SITE_URL", default="http://127.0.0.1:8000", is_public=IS_PUBLIC)
SECRET_KEY = environment.secret_key("SECRET_KEY", is_public=IS_PUBLIC) or files.kept_secret_key(VAR_DIR / "secret-key")

INSTALLED_APPS = [
    "recommendations",
    "tracker.apps.StaffAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
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
    "tracker.frontdoor.Compression",
    "recommendations.public.cross_origin.files_for_programs",
    "tracker.frontdoor.conditional",
    "recommendations.public.language.of_the_plan",
    "recommendations.admin.language.of_the_staff",
    "recommendations.accounts.unwritten.Unwritten",
    "recommendations.accounts.unwritten.SessionMiddleware",
    "recommendations.public.machine_views.CommonMiddleware",
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
# What tells page_cache.py that something which the public sees has changed.
CONTENT_VERSION = "recommendations.models.content_version.version_for_page_cache"
# The words of what frontdoor.py refuses before Django is asked.
REFUSALS = "recommendations.public.refusals.content_of"

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
DATABASES = {"default": environment.database("DATABASE_URL", default=VAR_DIR / "tracker.sqlite3")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA secure_delete=ON;",
    }
    if DATABASES["default"]["NAME"] != ":memory:":
        # The same file wherever a command is called from.
        sqlite_file = BASE_DIR / DATABASES["default"]["NAME"]
        DATABASES["default"]["NAME"] = str(sqlite_file)
        files.keep_database_private(sqlite_file)
        if files.is_on_read_only_disk(sqlite_file):
            # What was published is served from there, too.
            DATABASES["default"] |= {"NAME": files.name_for_reading(sqlite_file), "OPTIONS": {}}
else:
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    # A server that is away must not hold every thread for minutes, nor the answer of /healthz.
    DATABASES["default"]["OPTIONS"] = {"connect_timeout": 5, **DATABASES["default"].get("OPTIONS", {})}
DATABASES["default"]["CONN_MAX_AGE"] = 60  # seconds
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
SILENCED_SYSTEM_CHECKS = [
    "axes.W006",  # It wants the address counted, too.
    "security.W021",  # It wants HSTS_PRELOAD switched on.
]
AXES_HANDLER = "recommendations.accounts.failures.Failures"
AXES_LOCKOUT_PARAMETERS = ["username"]
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_CLIENT_IP_CALLABLE = "recommendations.accounts.sign_in.no_address"
AXES_LOCKOUT_CALLABLE = "recommendations.accounts.sign_in.locked_out"
# Whoever is signed in and is asked for the password again is counted apart: nobody outside can use that up.
AXES_USERNAME_CALLABLE = "recommendations.accounts.sign_in.counted_name"
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "unsaved"]
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

# What the public sees is in the plan's own language, the staff's pages in the one that they chose. A language stands
# here once its catalogue is whole: see CONTRIBUTING.md.
LANGUAGE_CODE = "en-ca"
LANGUAGES = [("en-ca", _("English")), ("fr-ca", _("French"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
FORMAT_MODULE_PATH = ["tracker.formats"]
USE_TZ = True
clock.use_newest_time_zones(environment.ZONES)
TIME_ZONE = environment.time_zone("TIME_ZONE", default="UTC", is_public=IS_PUBLIC)

STATIC_URL = "/static/"
# Made from the code, and kept beside it: an installation that goes back to its last release goes back to its files.
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "tracker.stylesheets.StaticFilesStorage"
    },
}

# Without e-mail set up, what would be sent is printed by the server: nothing depends on it.
EMAIL = environment.email("EMAIL_URL")
HAS_EMAIL = EMAIL is not None
vars().update(EMAIL or {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"})
EMAIL_TIMEOUT = 10  # seconds for each step of talking to the mail server
EMAIL_USER = (EMAIL or {}).get("EMAIL_HOST_USER") or ""
DEFAULT_FROM_EMAIL = EMAIL_USER if "@" in EMAIL_USER else f"tracker@{urlsplit(SITE_URL).hostname}"
# Who is told once of each kind of error: see tracker/errors.py.
ERRORS_TO = environment.mailboxes("ERRORS_TO")
ERRORS_FOLDER = VAR_DIR / "errors"

# What making the PDF of up to 500 recommendations may take; of more, in proportion. bench/README.md has the figures.
PDF_SECONDS = environment.number("PDF_SECONDS", default=60)
PDF_MEGABYTES = environment.number("PDF_MEGABYTES", default=1536)

# Whoever backs up needs public keys alone: the secret ones are with people, away from this machine.
BACKUP_KEYS = environment.public_keys("BACKUP_KEYS")
# What a restored backup must not bring back: see recommendations/publishing/ledger.py.
LEDGER = VAR_DIR / "ledger.jsonl"

# A long report section or a pasted page is welcome; a flood is not.
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

# The staff's cookies stay in the admin: no public page gets to see them, and so none can depend on them.
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = "/admin/"
# A browser sends a host's cookies to all its ports: installations beside one another need names of their own, or
# signing in at one would sign out at the other.
PORT = urlsplit(SITE_URL).port
# A browser takes a cookie with this prefix over HTTPS alone: nobody on the way can put one in its place.
PREFIX = "__Secure-" if urlsplit(SITE_URL).scheme == "https" else ""
SESSION_COOKIE_NAME = PREFIX + (f"sessionid-{PORT}" if PORT else "sessionid")
KNOWN_BROWSER_COOKIE_NAME = PREFIX + (f"known-browser-{PORT}" if PORT else "known-browser")
CSRF_COOKIE_NAME = PREFIX + (f"csrftoken-{PORT}" if PORT else "csrftoken")
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SESSION_COOKIE_HTTPONLY = True
# Two hours without a page; renewed by every page, for twelve hours at most: see recommendations/accounts/sessions.py.
SESSION_COOKIE_AGE = 2 * 60 * 60
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "recommendations.accounts.csrf.csrf_failed"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
# Browsers that were shipped with a domain in their list keep to HTTPS for years: whoever owns it decides.
SECURE_HSTS_PRELOAD = environment.flag("HSTS_PRELOAD")
if urlsplit(SITE_URL).scheme == "https":
    # RFC 7239. Its name has no hyphen: a client's X_Forwarded_Proto can't be told from a proxy's X-Forwarded-Proto.
    SECURE_PROXY_SSL_HEADER = ("HTTP_FORWARDED", "proto=https")
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
    SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

# A reason for a change may be longer than simple-history's 100 characters.
SIMPLE_HISTORY_HISTORY_CHANGE_REASON_USE_TEXT_FIELD = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "tracker.logs.OneLine", "format": "{asctime} {levelname} {name}: {message}", "style": "{"},
    },
    "filters": {"bounded": {"()": "tracker.logs.Bounded"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["bounded"]},
        "errors": {"class": "tracker.errors.Errors"},
    },
    "root": {"handlers": ["console", "errors"], "level": "WARNING"},
    "loggers": {
        # Without its own handlers: the root's is enough, and none sends a whole request by e-mail.
        "django": {"level": "WARNING"},
        "django.server": {"level": "WARNING", "propagate": True},
        "tracker.commands": {"handlers": ["errors"], "propagate": False},
    },
}
