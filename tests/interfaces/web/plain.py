"""A page as somebody has it whose browser runs no scripts: what is there to read, its links, its forms and what they send."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from lxml import html

#: comforts that only a script gives, and nothing is lost without: theme, keys, printing, passkeys, the ticks' running sum
COMFORT = (
    "@data-set-theme or @data-dialog or @data-print or @data-clear or ancestor::dialog"
    " or ancestor::*[name()='ff-passkey']"
)
#: what stands hidden until a script shows it: neighbours of a row, the running sum, the warning before a sign-in ends
SCRIPTED = "ancestor-or-self::*[name()='ff-walk' or name()='ff-sum' or name()='ff-session']"
OUT = "ancestor-or-self::*[@hidden or name()='template' or name()='script' or name()='dialog']"
FIELDS = ".//input | .//select | .//textarea | .//button"


class Plain:
    """The page of an answer."""

    def __init__(self, text: str) -> None:
        self.root = html.document_fromstring(text)

    def find(self, path: str) -> list[Any]:
        """Elements that a reader sees."""
        return [one for one in self.root.xpath(path) if not one.xpath(OUT)]

    def links(self, path: str) -> list[str]:
        return [one.get("href") for one in self.find(f"{path}[@href]")]

    def fields(self, form: Any) -> list[Any]:
        """Fields and buttons of a form, wherever on the page they stand."""
        return [*form.xpath(FIELDS), *(self.root.xpath("//*[@form=$id]", id=form.get("id") or "-"))]

    def submits(self, form: Any) -> list[Any]:
        """The buttons that send it, as far as they are seen."""
        buttons = [one for one in self.fields(form) if one.tag == "button" and one.get("type", "submit") == "submit"]
        return [one for one in buttons if not one.xpath(OUT)]

    def address(self, form: Any, given: dict[str, str | list[str]], press: str = "") -> str:
        """Where a form that asks leads, with ``given`` filled in and the button named ``press`` pressed."""
        assert form.get("method", "get") == "get" and self.submits(form), "sent by a button that everybody has"
        pairs = [(name, value) for name, value in self._sent(form) if name not in given]
        for name, value in given.items():
            pairs += [(name, one) for one in ([value] if isinstance(value, str) else value)]
        if press:
            (button,) = [one for one in self.submits(form) if one.get("value") == press]
            pairs.append((button.get("name"), press))
        return f"{form.get('action')}?{urlencode(pairs)}"

    def _sent(self, form: Any) -> Iterator[tuple[str, str]]:
        for field in self.fields(form):
            name, kind = field.get("name"), field.get("type", "text")
            if not name or field.tag == "button" or field.get("disabled") is not None:
                continue
            if field.tag == "select":
                chosen = field.xpath(".//option[@selected]") or field.xpath(".//option")
                yield name, chosen[0].get("value")
            elif kind not in ("checkbox", "radio") or field.get("checked") is not None:
                yield name, field.get("value", "")


def plain_faults(text: str) -> list[str]:
    """What a page keeps from somebody without scripts."""
    page, faults = Plain(text), []

    def fault(words: str, element: Any) -> None:
        faults.append(f"{words}: {html.tostring(element, encoding='unicode', with_tail=False)[:140]}")

    for form in page.find("//form"):
        typed = [
            one for one in page.fields(form) if one.get("type") not in ("hidden", "checkbox") and one.tag == "input"
        ]
        if not page.submits(form) and len(typed) != 1:  # the only line of a form is sent with Enter
            fault("nothing sends it", form)
    for button in page.find(f"//button[@type='button'][not({COMFORT})]"):
        fault("only a script answers", button)
    for hidden in page.root.xpath(f"//*[@hidden][not({SCRIPTED})][not(ancestor::dialog)]"):
        fault("only a script shows", hidden)
    for link in page.find("//a[not(@href)]"):
        fault("leads nowhere", link)
    for chart in page.find("//ff-chart"):
        if not chart.xpath("ancestor::section[1]//table | ancestor::section[1]//ul[@class]"):
            fault("a chart without its table", chart)
    for element in page.find("//main//*[contains(translate(., 'L', 'l'), 'loading') or contains(., '加载中')]")[:1]:
        fault("waits for a script", element)
    return faults


#: more figures than this on a page are read by nobody
FIGURES = 5
#: of what waits, a home shows the first deadlines; of charts, one
WAITING, CHARTS = 5, 1


def classed(name: str) -> str:
    return f"contains(concat(' ', @class, ' '), ' {name} ')"


def crowding(text: str, *, home: bool = False) -> list[str]:
    """Where a page asks more of its reader than experience.md allows: figures, charts, and what is pressed to decide."""
    page, faults = Plain(text), []
    if (figures := len(page.find(f"//main//*[{classed('kpi')}]"))) > FIGURES:
        faults.append(f"{figures} figures")
    for area in page.find(f"//main//*[{classed('decision')}]"):
        primary = [one.text_content().strip() for one in area.xpath(f".//*[{classed('btn')} and {classed('primary')}]")]
        if len(primary) > 1:
            faults.append(f"a decision with {len(primary)} primary actions: {', '.join(primary)}")
    if home:
        waiting = len(page.find("//main//*[@id='todo']//tbody/tr"))
        charts = len(page.find(f"//main//svg[{classed('bars')}] | //main//ff-chart | //main//ul[{classed('hbars')}]"))
        faults += [f"{waiting} that wait"] if waiting > WAITING else []
        faults += [f"{charts} charts"] if charts > CHARTS else []
    return faults
