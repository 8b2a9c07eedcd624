"""Django settings: everything that differs between installations comes from FOURFLOW_* variables or the home folder."""

from __future__ import annotations

import os
from pathlib import Path

from fourflow.platform import logs
from fourflow.platform.crypto.keys import django_secret, home
from fourflow.platform.db import location

WEB = Path(__file__).resolve().parent.parent / "interfaces" / "web"

SECRET_KEY = django_secret()
DEBUG = False
ALLOWED_HOSTS = os.environ.get("FOURFLOW_HOSTS", "127.0.0.1,localhost,testserver").split(",")
SANDBOX = os.environ.get("FOURFLOW_ENVIRONMENT", "sandbox") == "sandbox"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    # django_htmx stays out: the middleware does without, and its static files are every htmx there was
    "fourflow.platform.apps.PlatformConfig",
    "fourflow.foundation.evidence",
    "fourflow.foundation.approvals",
    "fourflow.foundation.parties",
    "fourflow.foundation.parameters",
    "fourflow.foundation.access",
    "fourflow.foundation.clients",
    "fourflow.trade.documents",
    "fourflow.capital.ledger",
    "fourflow.capital.limits",
    "fourflow.capital.claims",
    "fourflow.capital.settlement",
    "fourflow.capital.vouchers",
    "fourflow.capital.financing",
    "fourflow.oversight.notices",
    "fourflow.oversight.insight",
    "fourflow.oversight.reports",
    "fourflow.interfaces.web",
]
MIDDLEWARE = [
    "fourflow.interfaces.web.policy.content_policy",
    "fourflow.interfaces.web.people.numbered",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "fourflow.interfaces.api.door.door",
    "fourflow.interfaces.web.policy.bounded",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "fourflow.interfaces.web.people.acting",
]
AUTHENTICATION_BACKENDS = ["fourflow.foundation.parties.adapters.sign_in.backend.PasswordBackend"]
CSRF_FAILURE_VIEW = "fourflow.interfaces.web.errors.forbidden"
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"
ROOT_URLCONF = "fourflow.config.urls"
WSGI_APPLICATION = "fourflow.config.wsgi.application"

DATABASES = {"default": location.django_settings(os.environ.get("FOURFLOW_DATABASE_ROLE", "writer"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "parties.Account"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LOCALE_PATHS = [WEB / "locale", WEB.parent / "api" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [WEB / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
                "fourflow.interfaces.web.context.page",
            ],
            "string_if_invalid": "",
        },
    }
]
STATIC_URL = "/static/"
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
STATIC_ROOT = Path(os.environ.get("FOURFLOW_STATIC_ROOT", home() / "static"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
if os.environ.get("FOURFLOW_PLAIN_STATIC"):
    STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    WHITENOISE_USE_FINDERS = True

SESSION_COOKIE_AGE = 12 * 60 * 60  # the cookie; how long a sign-in holds is the parameter access.session_hours
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = not SANDBOX
CSRF_COOKIE_SECURE = not SANDBOX
CSRF_COOKIE_HTTPONLY = True
# production is spoken to under TLS only; its proxy's probes ask the machine itself
SECURE_SSL_REDIRECT = not SANDBOX
SECURE_REDIRECT_EXEMPT = [r"^(livez|readyz|version|metrics)$"]
SECURE_HSTS_SECONDS = 0 if SANDBOX else 365 * 24 * 60 * 60
CSRF_USE_SESSIONS = False
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# one proxy of ours in front, which sets both headers itself: scheme and caller are what it says
BEHIND_PROXY = bool(os.environ.get("FOURFLOW_BEHIND_PROXY"))
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
LOGIN_URL = "/sign-in"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024
# requests of one API client and the seconds in which it may make them; each serving process counts for itself
API_QUOTA = (int(os.environ.get("FOURFLOW_API_QUOTA", "600")), 60)
# the address under which partners know this installation: the audience of their assertions, the links in webhooks
PUBLIC_URL = os.environ.get("FOURFLOW_URL", "").rstrip("/")
# where this machine serves: what letters link to while nobody has named a public address
LOCAL_URL = f"http://127.0.0.1:{os.environ.get('FOURFLOW_PORT', '8000')}"
# webhooks to this very machine: a sandbox may be permitted to, production never
WEBHOOK_LOOPBACK = SANDBOX and bool(os.environ.get("FOURFLOW_WEBHOOK_LOOPBACK"))
LOGGING = logs.configure()
