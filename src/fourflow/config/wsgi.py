"""The WSGI application that ``fourflow web`` serves, and any other server may."""

from __future__ import annotations

import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fourflow.config.settings")

application = get_wsgi_application()
# loaded before the first visitor comes, not by him
import_module(settings.ROOT_URLCONF)
