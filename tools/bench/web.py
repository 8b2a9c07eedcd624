"""Pages in headless Chromium: weight, largest contentful paint, layout shift, blocking time; and what the server takes.

    python -m tools.bench.web [--size 20000] [--rounds 7]

Cold: a browser that has never been here. Slow: 1.6 Mbit/s, 150 ms round trip, a processor four times slower. Limits of
reference experience.md §5.11: first visit 110 KB (330 KB with charts), repeat visit 20 KB, LCP 0.6 s and 1.5 s, CLS 0.02,
blocking 200 ms, server p95 150 ms a page and 120 ms a partial.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.browsing import chromium_binary

from tools.bench import scratch
from tools.bench.filling import run as filling
from tools.bench.scratch import Cast, line, note, percentile

SITE = 8719
KILO = 1000.0
#: measured in the page: the last candidate of the largest paint, all shifts, what long tasks take beyond 50 ms
OBSERVE = """
window.seen = {lcp: 0, cls: 0, blocking: 0};
new PerformanceObserver(list => { for (const e of list.getEntries()) window.seen.lcp = e.startTime; })
  .observe({type: 'largest-contentful-paint', buffered: true});
new PerformanceObserver(list => { for (const e of list.getEntries()) if (!e.hadRecentInput) window.seen.cls += e.value; })
  .observe({type: 'layout-shift', buffered: true});
new PerformanceObserver(list => { for (const e of list.getEntries()) window.seen.blocking += e.duration - 50; })
  .observe({type: 'longtask', buffered: true});
"""
SLOW = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 200_000}


@dataclass
class Visits:
    """What the visits of one page came to."""

    weight: list[float] = field(default_factory=list)
    lcp: list[float] = field(default_factory=list)
    cls: list[float] = field(default_factory=list)
    blocking: list[float] = field(default_factory=list)


class Reader:
    """A person's browser: signed in, empty-handed at each first visit."""

    def __init__(self, chromium: Any, email: str) -> None:
        self.chromium = chromium
        context = chromium.new_context(locale="zh-CN")
        page = context.new_page()
        page.goto(f"{address()}/sign-in")
        page.locator("#email").fill(email)
        page.locator("#password").fill(scratch.PASSWORD)
        page.locator("form:has(#password) button.primary").click()
        page.wait_for_url(f"{address()}/")
        self.state = context.storage_state()
        self.first = {link.get_attribute("href") for link in page.locator("a[href]").all()}
        context.close()

    def link(self, path: str, beginning: str) -> str:
        """The first link of a page whose address begins so."""
        context = self.chromium.new_context(storage_state=self.state)
        page = context.new_page()
        page.goto(address() + path)
        found = page.locator(f'main a[href^="{beginning}"]').first.get_attribute("href")
        context.close()
        return str(found)

    def visit(self, path: str, visits: Visits, again: Visits | None, *, slow: bool) -> None:
        """Open a page with an empty cache, and once more with what it has left."""
        context = self.chromium.new_context(storage_state=self.state, viewport={"width": 1440, "height": 900})
        context.add_init_script(OBSERVE)
        page = context.new_page()
        session = context.new_cdp_session(page)
        session.send("Network.enable")
        if slow:
            session.send("Network.emulateNetworkConditions", SLOW)
            session.send("Emulation.setCPUThrottlingRate", {"rate": 4})
        weights: list[int] = []
        session.on("Network.loadingFinished", lambda event: weights.append(int(event["encodedDataLength"])))
        for kept in (visits, again):
            if kept is not None:
                weights.clear()
                page.goto(address() + path, wait_until="networkidle")
                seen = page.evaluate("window.seen")
                kept.weight.append(sum(weights) / KILO)
                kept.lcp.append(seen["lcp"])
                kept.cls.append(seen["cls"])
                kept.blocking.append(seen["blocking"])
        context.close()


def address() -> str:
    return f"http://127.0.0.1:{SITE}"


def something_to_decide(cast: Cast) -> None:
    """A credit line that a second person of the first bank has to look at."""
    from fourflow.capital.limits import operations
    from fourflow.platform.money import Money

    operations.propose(
        actor=cast.actor(cast.funders[0]),
        core_id=cast.core,
        sanctioned=Money(5_000_000_00, "CNY"),
        valid_from=cast.today,
        valid_to=None,
        source="credit approval of a bench",
        effective_at=datetime(cast.today.year, cast.today.month, cast.today.day, tzinfo=UTC),
    )


def served(cast: Cast, state: dict[str, Any], paths: list[str], calls: int = 40) -> list[float]:
    """Milliseconds of the server for each call, one caller; the browser's own session, pages in turn."""
    import http.client

    door = http.client.HTTPConnection("127.0.0.1", SITE, timeout=30)
    cookies = "; ".join(f"{one['name']}={one['value']}" for one in state["cookies"])
    spent = []
    for turn in range(calls + len(paths)):
        path = paths[turn % len(paths)]
        headers = {"Cookie": cookies, "Accept-Encoding": "br"}
        if "?" in path:
            headers |= {"HX-Request": "true", "HX-Target": "vouchers", "HX-Request-Type": "partial"}
        begun = time.perf_counter()
        door.request("GET", path, headers=headers)
        answer = door.getresponse()
        answer.read()
        assert answer.status == 200, (path, answer.status)
        if turn >= len(paths):
            spent.append((time.perf_counter() - begun) * 1000)
    return spent


def tell(name: str, visits: Visits, again: Visits, slow: Visits, most: float) -> bool:
    good = line(f"{name}: first visit", max(visits.weight), "KB", most)
    good &= line(f"{name}: repeat visit", max(again.weight), "KB", 20)
    good &= line(f"{name}: LCP cold, median", statistics.median(visits.lcp), "ms", 600)
    good &= line(f"{name}: LCP slow, median", statistics.median(slow.lcp), "ms", 1500)
    good &= line(f"{name}: layout shift", max(*visits.cls, *slow.cls), "", 0.02)
    good &= line(f"{name}: blocking, median", statistics.median(visits.blocking), "ms", 200)
    note(f"p95: LCP cold {percentile(visits.lcp, 0.95):.0f} ms, slow {percentile(slow.lcp, 0.95):.0f} ms")
    return good


def main() -> int:
    from playwright.sync_api import sync_playwright

    from fourflow.interfaces.cli import family, setup

    options = argparse.ArgumentParser()
    options.add_argument("--size", type=int, default=20_000)
    options.add_argument("--rounds", type=int, default=7)
    chosen = options.parse_args()
    good = True
    with scratch.installation() as home:
        cast = scratch.cast(home)
        filling.fill(home, cast, chosen.size)
        something_to_decide(cast)
        setup.collect_static()
        home.family.start(family.web(SITE))
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path=chromium_binary(), args=["--no-sandbox"])
            supplier = Reader(chromium, cast.email(cast.large))
            checker = Reader(chromium, cast.email(cast.funders[0], "checker"))
            voucher = supplier.link("/vouchers", "/vouchers/vch_")
            pages = [
                ("list of vouchers", supplier, "/vouchers", 110.0),
                ("voucher", supplier, voucher, 110.0),
                ("decision", checker, checker.link("/inbox", "/inbox/apr_"), 110.0),
                ("first page of a supplier", supplier, "/", 330.0),
                ("first page of a bank", checker, "/", 330.0),
            ]
            for name, reader, path, most in pages:
                first, again, slow = Visits(), Visits(), Visits()
                for _ in range(chosen.rounds):
                    reader.visit(path, first, again, slow=False)
                    reader.visit(path, slow, None, slow=True)
                good &= tell(name, first, again, slow, most)
            whole = served(cast, supplier.state, ["/vouchers", voucher, "/", "/holdings"])
            good &= line("server, whole page, p95", percentile(whole, 0.95), "ms", 150)
            partial = served(cast, supplier.state, ["/vouchers?sort=-face", "/vouchers?sort=due_on", "/vouchers?q=SX"])
            good &= line("server, partial, p95", percentile(partial, 0.95), "ms", 120)
            chromium.close()
        home.family.stop_member("web")
        note(scratch.load())
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
