"""What somebody without a mouse needs of a page: Tab reaches everything, in reading order, where it is seen, and leads out."""

from __future__ import annotations

from typing import Any

#: (kinds already focused, whether the page has just come) -> (faults, all kinds focused)
JUDGE = """([known, fresh]) => {
  const faults = [], told = element => element.outerHTML.replace(/\\s+/g, ' ').slice(0, 140);
  const ACTED = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [contenteditable], [onclick], ' +
    '[role=button], [role=link], [role=tab], [role=menuitem], [role=switch], [role=checkbox], [data-dialog]';
  const seen = element => element.checkVisibility({visibilityProperty: true, opacityProperty: true});
  const clipped = element => element && (getComputedStyle(element).clipPath !== 'none' || clipped(element.parentElement));
  // what is folded is part of the page
  const folded = [...document.querySelectorAll('details:not([open])')];
  for (const each of folded) each.open = true;
  const all = [...document.querySelectorAll(ACTED)].filter(each => !each.disabled && seen(each));
  for (const each of all) if (each.tabIndex) faults.push(`tabindex ${each.tabIndex}: ${told(each)}`);
  // a hand where no key leads: a label stands for its field, a chart has its table; else it is a link or a button itself
  if (fresh) for (const each of document.body.querySelectorAll('*'))
    if (getComputedStyle(each).cursor === 'pointer' && !each.closest(ACTED + ', label, ff-chart') && seen(each))
      faults.push('only a mouse presses ' + told(each));
  // after the other in the document, but wholly above it and not in a column to its right: the eye would come there first
  let last;
  for (const each of all.filter(each => !each.closest('svg, .skip'))) {
    const here = {box: each.getBoundingClientRect(), place: each.closest('main, nav, header, dialog, .pop')};
    if (last?.place === here.place && here.box.bottom <= last.box.top && here.box.left < last.box.right)
      faults.push('read before, reached after: ' + told(each));
    last = here;
  }
  // one of each kind gets the focus: it, what stands around it or within it has to change, where it can be seen
  const SHOWS = ['outlineStyle', 'outlineWidth', 'outlineColor', 'boxShadow', 'borderTopColor', 'backgroundColor',
    'strokeWidth'];
  const look = element => [element, element.parentElement, element.parentElement.parentElement, ...element.children]
    .map(one => { const style = getComputedStyle(one); return SHOWS.map(name => style[name]); }).join(';');
  const kinds = new Set(known), before = document.activeElement;
  for (const each of all) {
    const kind = [each, each.parentElement, each.closest('header, nav, main, table, dialog, .list')].map(
      one => `${one?.tagName} ${one?.getAttribute('class')} ${one?.type}`).join('<');
    if (kinds.has(kind)) continue;
    kinds.add(kind);
    for (let fold = each.closest('details'); fold; fold = fold.parentElement.closest('details')) fold.open = true;
    const still = look(each);
    each.focus({preventScroll: true});
    const {width, height} = each.getBoundingClientRect();
    if (document.activeElement !== each) faults.push('does not take the focus: ' + told(each));
    else if (look(each) === still) faults.push('no mark of the focus: ' + told(each));
    else if (width < 4 || height < 4 || clipped(each)) faults.push('focused out of sight: ' + told(each));
    each.blur();
  }
  for (const each of folded) each.open = false;
  before.focus({preventScroll: true});
  return [faults, [...kinds]];
}"""
#: puts the focus on the last that Tab reaches
LAST = """() => [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')].filter(
  each => each.tabIndex === 0 && !each.disabled && each.checkVisibility({visibilityProperty: true})).pop().focus()"""
HERE = "() => (({activeElement: at}) => at.closest('.skip') ? 'skip' : at.id || at.tagName)(document)"
#: what a script may do with the focus is different on these pages only
SCRIPTED = """() => [...new Set([...document.querySelectorAll('*')].map(each => each.localName).filter(
  name => name.startsWith('ff-')))].sort().join()"""


class Keyboard:
    """Judges page after page; what it has seen of one it does not ask of the next."""

    def __init__(self) -> None:
        self._kinds: dict[int, list[str]] = {}
        self._scripted: set[str] = set()

    def faults(self, page: Any, *, fresh: bool) -> list[str]:
        """What is wrong for somebody who has keys alone; ``fresh`` on a page that has just been loaded."""
        pressed = self._pressed(page) if fresh else []
        width = page.viewport_size["width"]
        faults, self._kinds[width] = page.evaluate(JUDGE, [self._kinds.get(width, []), fresh])
        return [*pressed, *faults]

    def _pressed(self, page: Any) -> list[str]:
        """Real keys: the first Tab offers the way past the menu, which is taken; the Tab after the last leaves the page."""
        scripted = page.evaluate(SCRIPTED)
        if scripted in self._scripted:
            return []
        self._scripted.add(scripted)
        faults = []
        if page.evaluate(HERE) == "BODY":  # else a form has called for the focus
            page.keyboard.press("Tab")
            if (at := page.evaluate(HERE)) != "skip":
                faults.append(f"the first Tab comes to {at}")
            else:
                page.keyboard.press("Enter")
                if (at := page.evaluate(HERE)) != "main":
                    faults.append(f"the skip link leads to {at}")
        page.evaluate(LAST)
        page.keyboard.press("Tab")
        if (at := page.evaluate(HERE)) not in ("skip", "BODY"):
            faults.append(f"the Tab after the last one comes to {at}")
        return faults
