"""What a page weighs on the wire: once style, script and letters are kept, the page alone; a partial, the list alone."""

from __future__ import annotations

import gzip

import pytest
from tests.browsing import ROOT
from tests.interfaces.web.scene import Scene
from tests.interfaces.web.test_access import LISTS, pages_of

VENDOR = ROOT / "src/fourflow/interfaces/web/static/vendor"
#: bytes, as the budgets of the pages say
REPEAT, PARTIAL, WITH_CHARTS = 20_000, 15_000, 330_000
#: lists of the seeded company that fill a page of fifty rows
FULL = ("/explorer", "/webhooks/events", "/reads")


def weight(scene: Scene, who: str, path: str, **headers: str) -> int:
    answer = scene.clients[who].get(path, headers={"accept-encoding": "gzip", **headers})
    assert answer.status_code == 200 and answer["Content-Encoding"] == "gzip", (who, path)
    return len(answer.content) + sum(len(name) + len(value) + 4 for name, value in answer.headers.items())


def test_a_repeat_visit_of_any_page_is_light(scene: Scene) -> None:
    single = pages_of(scene)
    for who in ("core", "supplier", "bank", "operator", "regulator"):
        for path in (*LISTS, *FULL, *single[who]):
            assert weight(scene, who, path) <= REPEAT, (who, path)


def test_a_partial_of_a_full_list_is_light_and_leaves_the_frame_out(scene: Scene) -> None:
    for path in FULL:
        whole = scene.get("operator", path).content.decode()
        partial = scene.clients["operator"].get(path, headers={"hx-request": "true"}).content.decode()
        assert whole.count("<tr id=") == partial.count("<tr id=") > 0
        assert "<nav" in whole and 'class="side"' not in partial
        assert weight(scene, "operator", path, **{"hx-request": "true"}) <= PARTIAL, path
    rows = {path: scene.get("operator", path).content.decode().count("<tr id=") for path in FULL}
    assert rows["/explorer"] == rows["/webhooks/events"] == 50, "a list that is not full shows nothing of the weight"


@pytest.mark.usefixtures("assets")
def test_what_a_page_with_charts_loads_stays_within_its_budget(scene: Scene) -> None:
    """All that a first visit may fetch, squeezed less well than the site does it; letters are squeezed already."""
    plain = [VENDOR / name for name in ("fourflow.css", "fourflow.js", "htmx.js", "charts.js")]
    letters = VENDOR / "fonts/inter-latin.woff2"
    loaded = sum(len(gzip.compress(one.read_bytes(), 9)) for one in plain) + letters.stat().st_size
    assert 100_000 < loaded + REPEAT <= WITH_CHARTS
