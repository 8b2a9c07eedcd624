// Small comforts by delegation: menus close, dialogs open, forms submit once, filters apply at once.
const menus = () => document.querySelectorAll("details.menu-pop[open], details.who[open]");
const side = () => document.querySelector("#side");

// Whoever goes on elsewhere, by hand or by Tab, leaves no menu open over it.
function left(event) {
  if (event.target.closest("dialog")) return; // which gives the focus back to where it was opened
  for (const open of menus()) if (!open.contains(event.target)) open.open = false;
  if (!event.target.closest("#side, .menu-button")) side()?.classList.remove("open");
}
document.addEventListener("focusin", left);

document.addEventListener("click", (event) => {
  left(event);
  const opener = event.target.closest("[data-dialog]");
  if (opener) { event.preventDefault(); document.getElementById(opener.dataset.dialog)?.showModal(); }
  if (event.target.closest("[data-close]")) event.target.closest("dialog")?.close();
  if (event.target.closest("[data-print]")) window.print();
  if (!event.target.closest(".menu-button")) return;
  event.preventDefault();
  side().classList.toggle("open");
  if (side().classList.contains("open")) side().querySelector(".menu a")?.focus();
});

// Escape closes a menu and gives the focus back to what opened it.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || document.querySelector("dialog[open]")) return;
  for (const open of menus()) { open.open = false; open.querySelector("summary").focus(); }
  if (!side()?.classList.contains("open")) return;
  document.querySelector(".menu-button").focus();
  side().classList.remove("open");
});

// On the last page there is no way on: the focus, which stood on it, goes to the rows instead of being lost.
document.addEventListener("htmx:after:swap", (event) => {
  if (document.activeElement !== document.body) return;
  document.getElementById(event.detail.ctx.target?.id)?.querySelector(".table-wrap")?.focus({ preventScroll: true });
});

// A second press of the same button would be the same request; the server refuses it too, by its key.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method === "dialog" || form.method === "get") return;
  if (form.classList.contains("busy")) { event.preventDefault(); return; }
  form.classList.add("busy");
  setTimeout(() => form.classList.remove("busy"), 8000);
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form.busy")) form.classList.remove("busy");
});

// A slider and a field that show one amount: the field is what the form sends.
document.addEventListener("input", (event) => {
  const pair = event.target.dataset?.pair && document.getElementById(event.target.dataset.pair);
  if (!pair) return;
  const exponent = Number(event.target.dataset.exponent ?? 2);
  if (event.target.type === "range") {
    const digits = String(event.target.value).padStart(exponent + 1, "0");
    pair.value = exponent ? `${digits.slice(0, -exponent)}.${digits.slice(-exponent)}` : digits;
    pair.dispatchEvent(new Event("change", { bubbles: true }));
  } else {
    const found = /^(\d+)(?:\.(\d*))?$/.exec(event.target.value.replaceAll(",", "").trim());
    if (found) pair.value = found[1] + (found[2] ?? "").slice(0, exponent).padEnd(exponent, "0");
  }
});

const theme = localStorage.getItem("ff-theme");
if (theme) document.documentElement.dataset.theme = theme;
document.addEventListener("click", (event) => {
  const choice = event.target.closest("[data-set-theme]")?.dataset.setTheme;
  if (choice === undefined) return;
  if (choice) { localStorage.setItem("ff-theme", choice); document.documentElement.dataset.theme = choice; }
  else { localStorage.removeItem("ff-theme"); delete document.documentElement.dataset.theme; }
});
