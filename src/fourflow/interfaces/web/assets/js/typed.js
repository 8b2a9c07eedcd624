// What a person types into a form is kept in this tab until the form is accepted, and is there again when the sign-in ended
// meanwhile and the same account signs in anew. Never kept: passwords, codes, files, hidden fields. Another account, and
// whoever signs out, leaves nothing behind.
const PREFIX = "ff-typed:";
const NEVER = "[type=password], [type=hidden], [type=file], [autocomplete=one-time-code], [data-secret]";
const here = () => location.pathname + location.search;
const frame = document.querySelector("ff-session");
// a form that the server keeps as a draft (<ff-draft>) needs no second keeper
const forms = () => [...document.querySelectorAll("main form[method=post]")].filter((form) => !form.querySelector("ff-draft"));
const keyOf = (form) => `${PREFIX}${here()} ${forms().indexOf(form)}`;
const read = (key) => JSON.parse(sessionStorage.getItem(key));
const kept = () => Object.keys(sessionStorage).filter((key) => key.startsWith(PREFIX));

// a field by its name; of several with one name, its value where it is ticked, else its place
function nameOf(field) {
  if (field.type === "checkbox" || field.type === "radio") return `${field.name}=${field.value}`;
  return `${field.name}#${[...field.form.querySelectorAll(`[name="${CSS.escape(field.name)}"]`)].indexOf(field)}`;
}
const fields = (form) => [...form.elements].filter((field) => field.name && field.matches("input, select, textarea") && !field.matches(NEVER));
const ticked = (field) => field.type === "checkbox" || field.type === "radio";

function keep(event) {
  const { target: field } = event, { form } = field;
  if (!form || !forms().includes(form) || !fields(form).includes(field)) return;
  const draft = read(keyOf(form)) ?? { typed: {} };
  if (field.type === "radio") for (const name of Object.keys(draft.typed)) if (name.startsWith(`${field.name}=`)) delete draft.typed[name];
  draft.typed[nameOf(field)] = ticked(field) ? field.checked : field.value;
  const whose = { account: frame.dataset.account, session: frame.dataset.session, page: here() };
  sessionStorage.setItem(keyOf(form), JSON.stringify({ ...draft, ...whose }));
}

// An accepted form is answered with a redirect; the form again, or its confirmation, stands at the form's own address.
const accepted = (draft) => draft.sent && (draft.page !== here() || performance.getEntriesByType("navigation")[0]?.redirectCount > 0);

function restore(form, key, draft) {
  const found = fields(form).filter((field) => nameOf(field) in draft.typed);
  if (!found.length) return;
  for (const field of found) {
    const value = draft.typed[nameOf(field)];
    if (ticked(field)) field.checked = value; else field.value = value;
    field.dispatchEvent(new Event(ticked(field) ? "change" : "input", { bubbles: true }));
  }
  sessionStorage.setItem(key, JSON.stringify({ ...draft, session: frame.dataset.session, sent: false }));
  const note = frame.querySelector("template").content.firstElementChild.cloneNode(true);
  note.querySelector("button").addEventListener("click", () => { sessionStorage.removeItem(key); form.reset(); note.remove(); });
  form.prepend(note);
}

if (frame) {
  for (const key of kept()) {
    const draft = read(key), same = draft.session === frame.dataset.session;
    if (draft.account !== frame.dataset.account || (same && accepted(draft))) sessionStorage.removeItem(key);
  }
  for (const form of forms()) {
    const draft = read(keyOf(form));
    if (draft && draft.session !== frame.dataset.session) restore(form, keyOf(form), draft);
  }
  document.addEventListener("input", keep);
  document.addEventListener("change", keep);
  document.addEventListener("submit", (event) => {
    if (event.target.getAttribute("action")?.endsWith("/sign-out")) for (const key of kept()) sessionStorage.removeItem(key);
    // the page comes again in another language: as after another sign-in, what was typed is put back
    if (event.target.getAttribute("action")?.endsWith("/language")) {
      for (const key of kept()) {
        const draft = read(key);
        if (draft.page === here() && !draft.sent) sessionStorage.setItem(key, JSON.stringify({ ...draft, session: "" }));
      }
    }
    const draft = read(keyOf(event.target));
    if (draft) sessionStorage.setItem(keyOf(event.target), JSON.stringify({ ...draft, sent: true }));
  });
}
