"""All settings, from the environment only; the same file in development, tests and production.

A missing required variable stops the start with its name and a hint. README.md has the table.
"""

from pathlib import Path

from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _
from environs import Env

from vivirkr import keys

BASE_DIR = Path(__file__).resolve().parent.parent
env = Env()
env.add_parser("key", keys.key)
env.add_parser("key_ring", keys.key_ring)

# -- Environment ---------------------------------------------------------------------------

SECRET_KEY = env.str("DJANGO_SECRET_KEY")
ENCRYPTION_KEYS = env.key_ring("VIVIRKR_ENCRYPTION_KEYS")  # by id; the first one encrypts
INDEX_KEY = env.key("VIVIRKR_INDEX_KEY")
DEBUG = env.bool("DJANGO_DEBUG", False)
HTTPS = env.bool("DJANGO_HTTPS", not DEBUG)
ALLOWED_HOSTS = env.list("DJANGO_ALLOWED_HOSTS", ["localhost", "127.0.0.1"] if DEBUG else [])
CSRF_TRUSTED_ORIGINS = env.list("DJANGO_CSRF_TRUSTED_ORIGINS", [])
LOCAL_DIR = Path(env.str("VIVIRKR_LOCAL_DIR", str(BASE_DIR / ".local")))
FILES_DIR = Path(env.str("VIVIRKR_FILES_DIR", str(LOCAL_DIR / "files")))  # never below static
REDIS_URL = env.str("REDIS_URL")
SITE_URL = env.str("VIVIRKR_URL", "http://localhost:8000").rstrip("/")  # for links in mail

# -- Application ---------------------------------------------------------------------------

INSTALLED_APPS = [
    "vivirkr",
    "partnerships",
    "youths",
    "handover",
    "evaluation",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "allauth",
    "allauth.account",
    "guardian",
    "crispy_forms",
    "csp",
    "django_filters",
    "django_htmx",
    "django_tables2",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "vivirkr.middleware.SignInRequired",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "vivirkr.middleware.SignedInPagesAreNotStored",
    "vivirkr.middleware.ReadingDoesNotWrite",
    "vivirkr.middleware.OffersTheOtherRelation",
    "vivirkr.middleware.RefusalsAreLogged",
]

ROOT_URLCONF = "vivirkr.urls"
WSGI_APPLICATION = "vivirkr.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["vivirkr.templatetags.charts", "vivirkr.templatetags.screen"],
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "vivirkr.context.screen",
            ],
        },
    }
]
CRISPY_ALLOWED_TEMPLATE_PACKS = ["fds"]
CRISPY_TEMPLATE_PACK = "fds"
DJANGO_TABLES2_TEMPLATE = "components/table.html"

# -- Data ----------------------------------------------------------------------------------

# The read log writes through its own connection, so that a line in the log stands even where
# the request's own transaction is rolled back.
_url = env.dj_db_url("DATABASE_URL")
_database = {
    **_url,
    "ENGINE": "django.db.backends.postgresql",
    "CONN_MAX_AGE": 60,
    "CONN_HEALTH_CHECKS": True,
    "OPTIONS": {
        "connect_timeout": 5,
        "options": "-c statement_timeout=30000",
        **_url.get("OPTIONS", {}),  # of the address itself, such as sslmode
    },
}
DATABASES = {
    "default": {**_database, "ATOMIC_REQUESTS": True},
    "read_log": {**_database, "ATOMIC_REQUESTS": False, "TEST": {"MIRROR": "default"}},
}
DATABASE_ROUTERS = ["vivirkr.routers.ReadLogRouter"]
# The counters of failed sign-ins, shared by all web processes; nothing of a case is cached.
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"}
}

# -- Sign-in -------------------------------------------------------------------------------

AUTH_USER_MODEL = "partnerships.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "vivirkr.accounts.AccountAdapter"
ACCOUNT_USER_DISPLAY = "vivirkr.accounts.user_display"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/5m/key"}

# django-guardian: groups only, no anonymous user, evaluated in partnerships/access.py alone
ANONYMOUS_USER_NAME = None
GUARDIAN_MONKEY_PATCH_USER = False
# Guardian's own backend is left out on purpose: nothing asks user.has_perm(), see docs/adr/0002.
SILENCED_SYSTEM_CHECKS = ["guardian.W001"]

# -- Language ------------------------------------------------------------------------------

LANGUAGE_CODE = "da"
LANGUAGES = [("da", _("Danish")), ("en", _("English"))]
LANGUAGE_COOKIE_SECURE = HTTPS
LANGUAGE_COOKIE_HTTPONLY = True
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "vivirkr.formats"
TIME_ZONE = "Europe/Copenhagen"
USE_TZ = True

# -- Static files --------------------------------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# -- Files that people attach --------------------------------------------------------------

# Kept in memory and never as a temporary file in the clear; more than the limit is not kept at
# all. One at a time, so that the limit is that of the request.
FILE_UPLOAD_HANDLERS = ["vivirkr.uploads.InMemoryUpToTheLimit"]
DATA_UPLOAD_MAX_NUMBER_FILES = 1

# -- Security ------------------------------------------------------------------------------

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True  # static/js/app.js takes the token from the page
SESSION_COOKIE_AGE = 8 * 60 * 60  # seconds: a working day
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# -- Mail ----------------------------------------------------------------------------------

# Without a mail server, mail becomes files in a folder that a developer can read.
if EMAIL_URL := env.str("EMAIL_URL", ""):
    _mail = env.dj_email_url("EMAIL_URL")
    EMAIL_BACKEND = _mail["EMAIL_BACKEND"]
    EMAIL_HOST, EMAIL_PORT = _mail["EMAIL_HOST"], _mail["EMAIL_PORT"]
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail["EMAIL_HOST_USER"], _mail["EMAIL_HOST_PASSWORD"]
    EMAIL_USE_TLS, EMAIL_USE_SSL = _mail["EMAIL_USE_TLS"], _mail["EMAIL_USE_SSL"]
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = LOCAL_DIR / "mail"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "ViVirk'R <noreply@localhost>")

# -- Jobs ----------------------------------------------------------------------------------

# Measured: what keeps a request quick when the broker is gone, and a job safe when a worker dies.
CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "max_retries": 0,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
    "socket_connect_timeout": 1,
    "socket_timeout": 5,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "visibility_timeout": 600,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a worker waits for Redis as long as it takes
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_SOFT_TIME_LIMIT = 270
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULER = "vivirkr.health.Scheduler"
CELERY_BEAT_SCHEDULE_FILENAME = str(LOCAL_DIR / "beat")
CELERY_BEAT_SCHEDULE = {
    "mail_emergencies": {"task": "youths.tasks.mail_emergencies", "schedule": 60.0},
    "mail_notices": {"task": "youths.tasks.mail_notices", "schedule": 60.0},
    "mail_links": {"task": "youths.tasks.mail_links", "schedule": 60.0},
    "remind_receivers": {
        "task": "handover.tasks.remind_receivers",
        "schedule": crontab(hour=7, minute=0),
    },
    "pass_batons": {"task": "youths.tasks.pass_batons", "schedule": 60.0},
    "sweep_deadlines": {"task": "youths.tasks.sweep_deadlines", "schedule": 60.0},
    "sweep_imports": {"task": "youths.tasks.sweep_imports", "schedule": 60.0},
    "purge_imports": {"task": "youths.tasks.purge_imports", "schedule": crontab(hour=5, minute=15)},
    "draw_samples": {"task": "youths.tasks.draw_samples", "schedule": crontab(hour=4, minute=0)},
    "check_grants": {
        "task": "partnerships.tasks.check_grants",
        "schedule": crontab(hour=1, minute=0),
    },
    "sweep_files": {"task": "handover.tasks.sweep_files", "schedule": crontab(hour=5, minute=0)},
    "sweep": {
        "task": "evaluation.tasks.sweep",
        "schedule": 60.0,
        "kwargs": {"by_beat": True},
    },
    "sweep_cuts": {"task": "evaluation.tasks.sweep_cuts", "schedule": 60.0},
    "sweep_reports": {"task": "vivirkr.reports.sweep_reports", "schedule": 60.0},
    "sweep_knowledge": {"task": "handover.tasks.sweep_knowledge", "schedule": 60.0},
    "recount_knowledge": {
        "task": "handover.tasks.recount_knowledge",
        "schedule": crontab(hour=2, minute=30),
    },
    "open_rounds": {
        "task": "evaluation.tasks.open_rounds",
        "schedule": crontab(hour=0, minute=15),
    },
    "remind_raters": {
        "task": "evaluation.tasks.remind_raters",
        "schedule": crontab(hour=7, minute=5),
    },
    "snapshots": {"task": "evaluation.tasks.take_snapshots", "schedule": crontab(hour=2, minute=0)},
    "reconcile": {"task": "evaluation.tasks.reconcile", "schedule": crontab(hour=3, minute=0)},
}

# -- Logs ----------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.log_level("LOG_LEVEL", "INFO")},
    # A line for each page of a PDF, and for each font in it.
    "loggers": {
        **{name: {"level": "WARNING"} for name in ("weasyprint.progress", "fontTools")},
        # When debugging it would write what stands on a page.
        "django.template": {"level": "INFO"},
    },
}
