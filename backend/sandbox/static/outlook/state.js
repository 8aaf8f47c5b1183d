/* What the page knows, in one place: who sits here, which folder is open, which mail is selected. */

const KEY = "outlook.settings";
const LANGUAGES = { de: "de-DE", en: "en-US", es: "es-ES", fr: "fr-FR", it: "it-IT" };
const asked = new URLSearchParams(location.search);

function kept() {
  try { return JSON.parse(localStorage.getItem(KEY) || "{}"); } catch { return {}; }
}

/** `latency` is "least-most" in ms, one number for both; `between` "null" puts an empty item between two mails;
 *  `signin` is ok, ask or off; `mailbox` the highest requirement set Mailbox that the host claims. */
const DEFAULTS = { theme: "light", language: "", latency: "20-120", between: "", signin: "ok", mailbox: "1.15",
  pinned: true, width: 340 };

export const settings = { ...DEFAULTS, ...kept() };
for (const name of ["theme", "language", "latency", "between", "signin", "mailbox"]) {
  if (asked.has(name)) settings[name] = asked.get(name);
}
if (asked.has("pinned")) settings.pinned = asked.get("pinned") !== "0";

/** Changes a setting and keeps it for the next visit. */
export function set(name, value) {
  settings[name] = value;
  localStorage.setItem(KEY, JSON.stringify({ ...kept(), [name]: value }));
  tell("setting", { name });
}

export const state = {
  people: [], person: null, mailboxes: [],
  mailbox: "", folder: "inbox", rows: [], next: null, query: "", loading: false,
  selected: null, wanted: null, details: null, composing: null,
};

const bus = new EventTarget();

/** Something has changed: `selection`, `folder`, `rows`, `counts`, `setting`. */
export function tell(what, detail = {}) {
  bus.dispatchEvent(new CustomEvent(what, { detail }));
}

export function hear(what, handler) {
  bus.addEventListener(what, (event) => handler(event.detail));
}

export const isStaff = (person) => !["customer", "mailbox"].includes(person.role);

/** The culture in which Office shows itself: what was chosen here, else the person's own language. */
export function culture() {
  const language = settings.language || (state.person && state.person.language) || "en";
  return LANGUAGES[language.slice(0, 2)] || language;
}

/** Waits as long as an answer of Office takes today. */
export function lag() {
  const [least, most = least] = String(settings.latency).split("-").map(Number);
  const ms = (least || 0) + Math.random() * Math.max(0, (most || 0) - (least || 0));
  return new Promise((done) => { setTimeout(done, ms); });
}

export const row = (id) => state.rows.find((one) => one.id === id);
