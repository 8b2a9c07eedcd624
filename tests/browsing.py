"""A real server and a real browser for the pages. Chromium is Debian's; nothing is fetched from anywhere."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.interfaces.sandbox.party import free_ports

ROOT = Path(__file__).resolve().parents[1]
FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--font-render-hinting=none",
    # a page is looked at for a second: what the optimising compiler makes of axe is thrown away before it pays
    "--js-flags=--no-turbofan --always-sparkplug",
]
SEED = (
    "import django; django.setup(); from tests.interfaces.web import scenery, seed; "
    "here = {company}; seed.write_doors(here); seed.tell(here)"
)
WATCH = """document.addEventListener('securitypolicyviolation', event => console.error(
  'policy: ' + event.effectiveDirective + ' ' + event.blockedURI + ' ' + event.sourceFile + ':' + event.lineNumber))"""


def chromium_binary() -> str | None:
    """Chromium without a window, which costs half the processor of one that draws a window nobody sees; else the other one."""
    return shutil.which("chromium-headless-shell") or shutil.which("chromium")


@contextmanager
def served(application: str, environment: dict[str, str]) -> Iterator[str]:
    """A granian process serving a WSGI application on a free port of the loopback."""
    (port,) = free_ports(1)
    command = [
        str(Path(sys.executable).parent / "granian"),
        "--interface",
        "wsgi",
        "--port",
        str(port),
        "--workers",
        "1",
        "--blocking-threads",
        "2",
        "--no-ws",
        "--log-level",
        "warning",
        application,
    ]
    path = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    process = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **environment, "PYTHONPATH": path}, process_group=0
    )
    try:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", port), 0.2).close()
                break
            except OSError:
                time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(60)


@pytest.fixture(scope="session")
def assets() -> Path:
    """The built assets; without them the pages cannot be judged."""
    vendor = ROOT / "src/fourflow/interfaces/web/static/vendor"
    if not (vendor / "fourflow.css").exists():
        pytest.fail("build the assets first: make assets")
    return vendor


@pytest.fixture(scope="session")
def gallery_site(assets: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    from tools.i18n import compile_all

    compile_all()
    static = tmp_path_factory.mktemp("static")
    with served("tests.interfaces.web.gallery_site:application", {"GALLERY_STATIC": str(static)}) as address:
        yield address


@pytest.fixture(scope="session")
def company_site(
    server: str, test_database: str, assets: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The whole site over a database of its own, seeded once: a small company with vouchers in every state."""
    with _site(server, tmp_path_factory.mktemp("site"), "web", "seed.lately()") as address:
        yield address


@pytest.fixture(scope="session")
def scenery_site(
    server: str, test_database: str, assets: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The same with long names, large sums and something on every page; tests read it and change nothing."""
    with _site(server, tmp_path_factory.mktemp("site"), "scenery", "scenery.year()") as address:
        yield address


def database_of(what: str) -> str:
    return f"{what}_{os.getpid()}"


@contextmanager
def _site(server: str, folder: Path, what: str, company: str) -> Iterator[str]:
    from tools.i18n import compile_all

    compile_all()
    name = database_of(what)
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"create database {name} template fourflow_template owner fourflow_owner strategy file_copy")
        environment = {
            "FOURFLOW_DATABASE_NAME": name,
            "FOURFLOW_STATIC_ROOT": str(folder / "static"),
            "DJANGO_SETTINGS_MODULE": "fourflow.config.settings",
        }
        everything = {**os.environ, **environment, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])}
        static = subprocess.Popen(
            [sys.executable, "-m", "django", "collectstatic", "--noinput", "-v", "0"], cwd=ROOT, env=everything
        )
        subprocess.run([sys.executable, "-c", SEED.format(company=company)], cwd=ROOT, env=everything, check=True)
        assert static.wait(60) == 0
        with served("fourflow.config.wsgi:application", environment) as address:
            yield address
        admin.execute(f"drop database {name} with (force)")


@pytest.fixture
def behind(company_site: str, django_db_blocker: Any) -> Callable[[], AbstractContextManager[None]]:
    """Within it the test works in the site's database, as those do who press no buttons: a bank, the log's writer."""
    from django.db import connection

    @contextmanager
    def within() -> Iterator[None]:
        own = connection.settings_dict["NAME"]
        connection.close()
        connection.settings_dict["NAME"] = database_of("web")
        try:
            with django_db_blocker.unblock():
                yield
        finally:
            connection.close()
            connection.settings_dict["NAME"] = own

    return within


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    if not chromium_binary():
        pytest.fail("the page tests need Chromium: apt-get install chromium-headless-shell fonts-noto-cjk")
    from playwright.sync_api import sync_playwright

    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=chromium_binary(), args=FLAGS + sandbox)
        yield chromium
        chromium.close()


@pytest.fixture
def visit(browser: Any) -> Iterator[Callable[..., Any]]:
    """Open pages as a reader would: language, width, light or dark, with or without JavaScript.

    ``page.problems`` gathers console errors, policy violations, script errors and failed requests.
    """
    contexts = []

    def open_page(
        address: str, *, language: str = "zh-CN", width: int = 1440, dark: bool = False, javascript: bool = True
    ) -> Any:
        context = browser.new_context(
            locale=language,
            viewport={"width": width, "height": 900 if width > 760 else 844},
            color_scheme="dark" if dark else "light",
            java_script_enabled=javascript,
            reduced_motion="reduce",
        )
        contexts.append(context)
        page = context.new_page()
        page.problems = []
        page.add_init_script(WATCH)
        page.on("console", lambda m: page.problems.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda e: page.problems.append(f"script: {e}"))
        page.on("response", lambda r: page.problems.append(f"{r.status} {r.url}") if r.status >= 400 else None)
        page.goto(address, wait_until="load")
        return page

    yield open_page
    for context in contexts:
        context.close()


def go(target: Any) -> None:
    """Click what leads to another page and stand on the whole of it: `count` and its like do not wait for one."""
    with target.page.expect_navigation():
        target.click()


@pytest.fixture
def enter(company_site: str, visit: Callable[..., Any]) -> Callable[..., Any]:
    """Sign in as a person and stand on the first page."""
    from tests.interfaces.web.seed import PASSWORD  # not above: every test loads this file, few need the builders

    def sign_in(email: str, **how: Any) -> Any:
        page = visit(f"{company_site}/sign-in", **how)
        page.locator("#email").fill(email)
        page.locator("#password").fill(PASSWORD)
        page.locator("form:has(#password) button.primary").click()
        page.wait_for_url(re.compile(r"/$"))
        return page

    return sign_in
