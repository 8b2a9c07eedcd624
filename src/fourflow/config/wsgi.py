"""The WSGI application that granian serves."""

from __future__ import annotations

import os
import signal
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from fourflow.platform.db.embedded import die_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fourflow.config.settings")
# granian's workers would go on serving when its main process is killed
if os.environ.get("FOURFLOW_DIE_WITH_PARENT"):
    die_with_parent(signal.SIGKILL)()

application = get_wsgi_application()
# loaded before the first visitor comes, not by him
import_module(settings.ROOT_URLCONF)
