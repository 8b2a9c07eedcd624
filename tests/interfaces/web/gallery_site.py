"""A site with the gallery and nothing else: no database, real static files, the real content policy."""

from __future__ import annotations

import os
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application

import fourflow.interfaces.web as web

HERE = Path(web.__file__).parent

settings.configure(
    DEBUG=False,
    SANDBOX=True,
    SECRET_KEY="only for tests of the gallery",
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF="tests.interfaces.web.gallery_urls",
    INSTALLED_APPS=["django.contrib.staticfiles", "django.contrib.contenttypes", "fourflow.interfaces.web"],
    MIDDLEWARE=[
        "fourflow.interfaces.web.policy.content_policy",
        "django.middleware.gzip.GZipMiddleware",
        "whitenoise.middleware.WhiteNoiseMiddleware",
        "django.middleware.locale.LocaleMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "fourflow.interfaces.web.context.page",
                ]
            },
        }
    ],
    LANGUAGE_CODE="zh-hans",
    LANGUAGES=[("zh-hans", "中文"), ("en", "English")],
    LOCALE_PATHS=[HERE / "locale"],
    USE_TZ=True,
    TIME_ZONE="Asia/Shanghai",
    STATIC_URL="/static/",
    STATIC_ROOT=os.environ["GALLERY_STATIC"],
    STORAGES={"staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}},
    WHITENOISE_KEEP_ONLY_HASHED_FILES=True,
)
django.setup()
if not Path(settings.STATIC_ROOT, "staticfiles.json").exists():
    call_command("collectstatic", verbosity=0, interactive=False)
application = get_wsgi_application()
