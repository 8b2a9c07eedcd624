// <ff-walk> stands on every page. Opening a row of a list keeps which rows stood there, in this tab; on the page of such a
// row it leads to its neighbours in that filtered, sorted set, and back: the keys [ and ] follow its links.
const KEY = "ff-walk";
const pathOf = (link) => new URL(link.href).pathname;

document.addEventListener("click", (event) => {
  const row = event.target.closest(".list tbody tr");
  if (!row || !event.target.closest("a[href]")) return;
  const rows = [...row.parentElement.children].map((each) => each.querySelector("td:not(.tick) a[href]"));
  const more = row.closest(".list").querySelector(".pager [data-more]")?.getAttribute("href") ?? "";
  const set = { list: location.pathname + location.search, rows: rows.filter(Boolean).map(pathOf), more };
  sessionStorage.setItem(KEY, JSON.stringify(set));
}, true);

class FfWalk extends HTMLElement {
  connectedCallback() {
    const set = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
    const at = set?.rows.indexOf(location.pathname) ?? -1;
    if (at < 0 || document.querySelector(".page-head .nextprev")) return;
    this.lead("previous", set.rows[at - 1]);
    this.lead("next", set.rows[at + 1] ?? set.more);
    const back = this.querySelector("[data-back]");
    back.href = set.list;
    back.textContent = `${at + 1} / ${set.rows.length}${set.more ? "+" : ""}`;
    this.hidden = false;
  }

  lead(key, href) {
    const link = this.querySelector(`[data-key=${key}]`);
    link.hidden = !href;
    if (href) link.href = href;
  }
}
customElements.define("ff-walk", FfWalk);
