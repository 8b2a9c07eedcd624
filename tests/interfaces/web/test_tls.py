"""A production installation is spoken to under TLS only."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

ASK = """
import json, django
django.setup()
from django.conf import settings
from django.test import Client

client, under_tls = Client(), {"HTTP_X_FORWARDED_PROTO": "https"}
plain = [client.get("/sign-in?next=/vouchers"), client.post("/v1/tokens", {})]
sealed = client.get("/livez", **under_tls)
print(json.dumps({
    "plain": [[answer.status_code, answer.get("Location", "")] for answer in plain],
    "probe": client.get("/livez").status_code,
    "hsts": sealed.get("Strict-Transport-Security", ""),
    "cookies": [settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE],
}))
"""


@pytest.mark.requirement("R290")
@pytest.mark.requirement("R398")
def test_plain_http_is_sent_to_tls_and_browsers_are_told_to_stay_there() -> None:
    given = {
        **os.environ,
        "FOURFLOW_ENVIRONMENT": "production",
        "FOURFLOW_BEHIND_PROXY": "1",
        "FOURFLOW_HOSTS": "testserver",
        "DJANGO_SETTINGS_MODULE": "fourflow.config.settings",
    }
    done = subprocess.run([sys.executable, "-c", ASK], env=given, capture_output=True, text=True, check=True)
    told = json.loads(done.stdout.splitlines()[-1])
    assert told == {
        "plain": [[301, "https://testserver/sign-in?next=/vouchers"], [301, "https://testserver/v1/tokens"]],
        "probe": 200,
        "hsts": "max-age=31536000",
        "cookies": [True, True],
    }
