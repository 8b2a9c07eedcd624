// Small comforts by delegation: menus close, dialogs open, forms submit once, filters apply at once.
document.addEventListener("click", (event) => {
  for (const open of document.querySelectorAll("details.menu-pop[open], details.who[open]"))
    if (!open.contains(event.target)) open.open = false;
  const opener = event.target.closest("[data-dialog]");
  if (opener) { event.preventDefault(); document.getElementById(opener.dataset.dialog)?.showModal(); }
  if (event.target.closest("[data-close]")) event.target.closest("dialog")?.close();
  if (event.target.closest("[data-print]")) window.print();
  if (event.target.closest(".menu-button")) {
    event.preventDefault();
    const side = document.querySelector("#side");
    side.classList.toggle("open");
    if (side.classList.contains("open")) side.querySelector(".menu a")?.focus();
  } else if (!event.target.closest("#side")) document.querySelector("#side")?.classList.remove("open");
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  document.querySelector("#side")?.classList.remove("open");
  for (const open of document.querySelectorAll("details.menu-pop[open], details.who[open]")) {
    open.open = false;
    open.querySelector("summary").focus();
  }
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
