"""Django's settings: one file, told apart by the environment. docs/configuration.md lists every variable."""

import secrets
import tomllib
from datetime import timedelta
from functools import partial
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
import django_stubs_ext
from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP

from faceswap_site import env, s3
from swaps.secret_files import kept_secret

# Lets forms and admin classes say at run time which model they are of, as the type checker asks.
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
VERSION: str = tomllib.loads((BASE_DIR / "pyproject.toml").read_text())["project"]["version"]
DATA_DIR = Path(env.text("DATA_DIR", str(BASE_DIR / "var"))).resolve()
DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)

# --- Who and where -----------------------------------------------------------------------------

DEBUG = env.flag("DEBUG")
SECRET_KEY = env.secret("SECRET_KEY") or kept_secret(
    DATA_DIR / "secret_key", make=partial(secrets.token_urlsafe, 50)
)
SECRET_KEY_FALLBACKS = env.secret("SECRET_KEY_FALLBACKS").replace(",", " ").split()
if len(SECRET_KEY) < 32:
    raise ImproperlyConfigured(
        "SECRET_KEY is shorter than 32 characters, which can be guessed. "
        "Leave it unset to have one made, or give a long random one."
    )

SITE_NAME = env.text("SITE_NAME", "Face swap")
SITE_URL = env.origin("SITE_URL")
HOST = env.text("HOST", "127.0.0.1")
PORT = env.number("PORT", 8000, least=1, most=65535)
PUBLIC_HTTPS = SITE_URL.startswith("https://")
LISTENS_EVERYWHERE = HOST in {"0.0.0.0", "::"}  # noqa: S104 (compared with, not bound to)
try:
    LISTENS_TO_ITSELF = HOST == "localhost" or ip_address(HOST).is_loopback
except ValueError:
    LISTENS_TO_ITSELF = False
if DEBUG and (PUBLIC_HTTPS or not LISTENS_TO_ITSELF):
    raise ImproperlyConfigured(
        "DEBUG shows the site's insides to everybody who can reach it. "
        "Unset DEBUG, or listen on 127.0.0.1 and unset SITE_URL."
    )

ALLOWED_HOSTS = env.listing("ALLOWED_HOSTS")
if "*" in ALLOWED_HOSTS:
    raise ImproperlyConfigured(
        "ALLOWED_HOSTS=* lets anybody forge this site's address. Name the hosts, separated by commas."
    )
ALLOWED_HOSTS += ["localhost", "127.0.0.1", "[::1]"]
if not LISTENS_EVERYWHERE:
    ALLOWED_HOSTS.append(f"[{HOST}]" if ":" in HOST else HOST)
if SITE_URL:
    ALLOWED_HOSTS.append(urlsplit(SITE_URL).hostname or "")
CSRF_TRUSTED_ORIGINS = [SITE_URL] if SITE_URL else []
CSRF_FAILURE_VIEW = "swaps.views.errors.csrf_failure"

# Only these peers are believed when they say whom they speak for (wsgi.py hands them to the server).
# A site with an https address has a proxy in front, as we speak no TLS: on the same machine, if unsaid.
TRUSTED_PROXIES = env.listing("TRUSTED_PROXIES") or (["127.0.0.1", "::1"] if PUBLIC_HTTPS else [])
try:
    TRUSTED_PROXIES = [str(ip_network(proxy, strict=False)) for proxy in TRUSTED_PROXIES]
except ValueError as error:
    raise ImproperlyConfigured(
        f"TRUSTED_PROXIES: {error}. Give addresses or networks, like 10.0.0.2 or 10.0.0.0/24."
    ) from error

# --- Parts -------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "swaps.apps.SwapsConfig",
    "swaps.apps.SiteAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "axes",
    "django_htmx",
    "django_ox",
    "lucide",
]
MIDDLEWARE = [
    "swaps.middleware.TraceMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "swaps.middleware.RequestSizeMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "faceswap_site.urls"
WSGI_APPLICATION = "faceswap_site.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "swaps.context_processors.site",
            ],
        },
    },
]

# --- Rows, tasks, files ------------------------------------------------------------------------

# How long a request waits for a database that is locked or away. Every thread that waits is one that
# serves nobody, so the web server waits less (wsgi.py) than the worker, which has nothing better to do.
DATABASE_WAIT_SECONDS = env.number("DATABASE_WAIT_SECONDS", 20, least=1, most=600)
DATABASES = {
    "default": dj_database_url.parse(
        env.secret("DATABASE_URL", f"sqlite:///{DATA_DIR / 'db.sqlite3'}"),
        conn_max_age=60,
        conn_health_checks=True,
    )
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        # Writers queue up at BEGIN instead of failing at their first write.
        "transaction_mode": "IMMEDIATE",
        "timeout": DATABASE_WAIT_SECONDS,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    DATABASES["default"].setdefault("OPTIONS", {})
    DATABASES["default"]["OPTIONS"].setdefault("connect_timeout", max(2, DATABASE_WAIT_SECONDS))
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LEASE_SECONDS = env.number("LEASE_SECONDS", 10, least=2)
TASKS = {
    "default": {
        "BACKEND": "django_ox.backend.OxBackend",
        "QUEUES": [],
        "OPTIONS": {
            # A message is a wake-up: the rules of trying again live in the swap's row.
            "MAX_ATTEMPTS": 1,
            "LOCK_TIMEOUT": LEASE_SECONDS,
            "WORKER_CLASS": "swaps.worker.WarmWorker",
            "SCHEDULES": {
                "sweep": {"task": "swaps.tasks.sweep", "every": 10},
                "tidy": {"task": "swaps.tidying.tidy", "every": timedelta(hours=1)},
                "orphans": {"task": "swaps.tidying.sweep_orphans", "every": timedelta(days=1)},
            },
        },
    }
}

# Pictures lie in a bucket where one is set, else in a folder.
S3_BUCKET, S3_URL_EXPIRES, S3_PUBLIC_BUCKET = s3.BUCKET, s3.URL_EXPIRES, s3.PUBLIC_BUCKET
S3_PUBLIC_ORIGIN = s3.public_origin() if S3_BUCKET else ""
LOCAL_PICTURES: dict[str, Any] = {
    "BACKEND": "django.core.files.storage.FileSystemStorage",
    "OPTIONS": {
        "location": DATA_DIR / "media",
        # No address of its own: pictures leave through views that ask who is looking.
        "base_url": None,
        "file_permissions_mode": 0o600,
        "directory_permissions_mode": 0o700,
    },
}
STORAGES = {
    "default": LOCAL_PICTURES,
    **(s3.storages() if S3_BUCKET else {}),
    "staticfiles": {"BACKEND": "faceswap_site.static_files.HashedStaticFilesStorage"},
}
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]

# Half-received and half-decoded pictures; every start empties it of what a crash left.
FILE_UPLOAD_TEMP_DIR = DATA_DIR / "tmp"
FILE_UPLOAD_TEMP_DIR.mkdir(mode=0o700, exist_ok=True)
FILE_UPLOAD_HANDLERS = ["swaps.uploads.CappedUploadHandler"]
FILE_UPLOAD_PERMISSIONS = 0o600

# --- The work ----------------------------------------------------------------------------------

# The hosted service, by the vendor's own names for token and address. A token is a reason to use it.
ACEDATACLOUD_API_TOKEN = env.secret("ACEDATACLOUD_API_TOKEN")
HOSTED_HOST = "api.acedata.cloud"
ACEDATACLOUD_API_BASE_URL = env.origin(
    "ACEDATACLOUD_API_BASE_URL", f"https://{HOSTED_HOST}", example=HOSTED_HOST
)
FACESWAP_PROVIDER = env.one_of(
    "FACESWAP_PROVIDER", ("local", "acedata"), "acedata" if ACEDATACLOUD_API_TOKEN else "local"
)
HOSTED_MODE = env.one_of("HOSTED_MODE", ("auto", "callback", "async", "sync"), "auto")
SWAP_DEADLINE = env.number("SWAP_DEADLINE", 600, least=2)
POLL_SECONDS = env.number("POLL_SECONDS", 5, least=1, most=600)
RETRY_BASE_SECONDS = env.number("RETRY_BASE_SECONDS", 2, most=600)
MAX_IN_FLIGHT = env.number("MAX_IN_FLIGHT", 8, least=1, most=10_000)
PRICE_PER_SWAP = env.decimal("PRICE_PER_SWAP", "0.01")
ROLES = env.one_of("ROLES", ("normal", "inverted"), "normal")
# Private peers that may be called, as host:port; nothing else private is. By links every member calls.
OUTBOUND_ALLOW = env.listing("OUTBOUND_ALLOW")
LINKS_ALLOW = env.listing("LINKS_ALLOW")
# The threads of the web server; how many of them may wait for a swap on behalf of a program, and for how long.
WEB_THREADS = env.web_threads()
API_WAITING = env.number("API_WAITING", min(48, WEB_THREADS * 3 // 4), least=1, most=1000)
if API_WAITING >= WEB_THREADS:
    raise ImproperlyConfigured(
        f"API_WAITING is {API_WAITING} of {WEB_THREADS} threads: none would be left for pages. "
        "Give a smaller number, or raise WEB_THREADS."
    )
API_LONGEST_WAIT = env.number("API_LONGEST_WAIT", 300, least=1, most=3600)
API_PICTURE_DAYS = env.number("API_PICTURE_DAYS", 30, least=1, most=3650)
FACE_LANDMARKER_MODEL = env.text("FACE_LANDMARKER_MODEL")
ENGINE_THREADS = env.number("ENGINE_THREADS", 1, least=1)
UNUSED_UPLOAD_HOURS = 24
RETENTION_DAYS = env.number("RETENTION_DAYS", 0, most=36_500)
# For whoever has no limits of her own; 0 is none.
SWAPS_A_DAY = env.number("SWAPS_A_DAY", 0)
SWAPS_AT_ONCE = env.number("SWAPS_AT_ONCE", 0)

# --- People ------------------------------------------------------------------------------------

AUTH_USER_MODEL = "swaps.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "gallery"
LOGOUT_REDIRECT_URL = "login"
# The first account, made at the first start where both are set; else /setup/ asks for one.
FIRST_USERNAME = env.text("DJANGO_SUPERUSER_USERNAME")
FIRST_PASSWORD = env.secret("DJANGO_SUPERUSER_PASSWORD")
FIRST_EMAIL = env.text("DJANGO_SUPERUSER_EMAIL")
# For `./run manage create_user`.
USER_PASSWORD = env.secret("USER_PASSWORD")
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "registration/locked.html"
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
# Log-ins are in the record of events already; axes would keep their addresses, too, with links' tokens.
AXES_DISABLE_ACCESS_LOG = True
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "next"]
# A link for a new password is good for three days.
PASSWORD_RESET_TIMEOUT = 3 * 24 * 3600

# --- The browser -------------------------------------------------------------------------------

SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF, CSP.NONCE],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "blob:", *([S3_PUBLIC_ORIGIN] if S3_BUCKET else [])],
    "connect-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "manifest-src": [CSP.SELF],
}
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PUBLIC_HTTPS
SECURE_SSL_REDIRECT = PUBLIC_HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if PUBLIC_HTTPS else 0
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^metrics$", r"^face(/|$)", r"^p/"]
# W005, W021: HSTS for sub-domains and preloading would decide for sites of the operator's that are not ours.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
if not PUBLIC_HTTPS:
    # There is no TLS to insist on; swaps.W001 warns where such a site listens to a network.
    SILENCED_SYSTEM_CHECKS += [f"security.W{number:03}" for number in (4, 8, 12, 16)]

# --- Words, times, logs, numbers ---------------------------------------------------------------

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_I18N = False

METRICS_TOKEN = env.secret("METRICS_TOKEN")
if METRICS_TOKEN and len(METRICS_TOKEN) < 16:
    raise ImproperlyConfigured(
        "METRICS_TOKEN is shorter than 16 characters, which can be guessed. Give a long random one."
    )
LOG_FORMAT = env.one_of("LOG_FORMAT", ("text", "json"), "text")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": f"faceswap_site.logs.{LOG_FORMAT.title()}"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "swaps": {"level": "INFO"},
        "django": {"handlers": [], "level": "WARNING", "propagate": True},
        "django_ox": {"level": "WARNING"},
    },
}
