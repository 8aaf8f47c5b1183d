// What somebody has begun to write survives a reload, a crash and the end of a sign-in: kept by person and ticket
// (form[data-draft]) in this browser at once, and by Deskside a moment later, so that what was begun in the pane is
// there on the desk. Forgotten once it is sent.
import { csrf } from "./http.js";

const WAIT = 250; // ms between the last key and keeping
const SEND = 1500; // ms between the last key and keeping it with Deskside
const KEEP_DAYS = 30;
const LISTS = ["to", "cc", "mentions"]; // of people
const timers = new WeakMap();

// Where a browser keeps nothing for frames of other sites, reading the property already throws.
const storage = (() => { try { return window.localStorage; } catch { return null; } })();

const key = (form) => `deskside.draft.${document.body.dataset.person}.${form.dataset.draft}`;
const kept = (form) => { try { return JSON.parse(storage.getItem(key(form))); } catch { return null; } };
const field = (form) => form.querySelector("textarea[name=text]");
const say = (form, word) => {
  const sign = form.querySelector("[data-draft-state]");
  if (sign) sign.textContent = word ? sign.dataset[word] : "";
};

const address = (form) => `/drafts/${form.dataset.draft}`;
const sending = new WeakMap();
const changed = new WeakSet(); // forms whose text Deskside does not have yet

const body = (draft) => {
  const data = new FormData();
  data.set("csrf_token", csrf());
  data.set("text", draft.text);
  data.set("kind", draft.kind ?? "");
  for (const name of LISTS) for (const value of draft[name] ?? []) data.append(name, value);
  return data;
};

const send = async (form, draft) => {
  changed.delete(form);
  try {
    const answer = await fetch(address(form), { method: "POST", body: body(draft), keepalive: draft.text.length < 30000 });
    if (!answer.ok) throw new Error(String(answer.status));
    if (field(form).value === draft.text) say(form, "saved");
  } catch {
    changed.add(form);
    if (!storage) say(form, "unsaved");
  }
};

// Keeps what stands in the form; `now`: with Deskside too, without waiting for the next pause.
export const keep = (form, now = false) => {
  clearTimeout(timers.get(form));
  clearTimeout(sending.get(form));
  const text = field(form).value;
  if (!text.trim() && !form.querySelector("input[name=kept]")) return forget(form);
  const draft = { text, kind: form.elements.kind?.value, at: Date.now() };
  for (const name of LISTS) {
    draft[name] = [...form.querySelectorAll(`input[type=hidden][name=${name}]`)].map((input) => input.value);
  }
  try {
    storage.setItem(key(form), JSON.stringify(draft));
    say(form, "saved");
  } catch { /* Deskside keeps it */ }
  if (now) send(form, draft);
  else sending.set(form, setTimeout(() => send(form, draft), SEND));
};

const drop = (form) => {
  clearTimeout(timers.get(form));
  clearTimeout(sending.get(form));
  changed.delete(form);
  storage?.removeItem(key(form));
  say(form, null);
};

export const forget = (form) => {
  drop(form);
  fetch(address(form), { method: "DELETE", headers: { "X-CSRF-Token": csrf() } }).catch(() => {});
};

const newest = async (form) => {
  const own = kept(form);
  try {
    const answer = await fetch(address(form));
    const other = answer.status === 200 ? await answer.json() : null;
    return other && !(own?.at > other.at) ? other : own && { ...own, files: other?.files };
  } catch { return own; }
};

const restore = async (form) => {
  if (form.dataset.restored) return;
  form.dataset.restored = "true";
  const draft = await newest(form);
  if (!draft || field(form).value || !form.isConnected) return;
  field(form).value = draft.text;
  const kind = form.querySelector(`input[name=kind][value="${draft.kind}"]`);
  if (kind && form.elements.kind.value !== "note") kind.checked = true; // a note never turns into mail by itself
  form.dispatchEvent(new CustomEvent("draft", { bubbles: true, detail: draft }));
  say(form, "saved");
};

const sweep = () => {
  for (const name of Object.keys(storage ?? {})) {
    if (!name.startsWith("deskside.draft.")) continue;
    try {
      if (Date.now() - JSON.parse(storage.getItem(name)).at > KEEP_DAYS * 86400000) storage.removeItem(name);
    } catch { storage.removeItem(name); }
  }
};

const begin = () => document.querySelectorAll("form[data-draft]").forEach(restore);

document.addEventListener("input", (event) => {
  const form = event.target.closest?.("form[data-draft]");
  if (!form) return;
  clearTimeout(timers.get(form));
  changed.add(form);
  timers.set(form, setTimeout(() => keep(form), WAIT));
});
document.addEventListener("htmx:after:request", (event) => {
  const { ctx } = event.detail;
  if (ctx.sourceElement.matches?.("form[data-draft]") && ctx.response.status < 400) {
    // A chat that began meanwhile has put another form in its place.
    for (const form of document.querySelectorAll(`form[data-draft="${ctx.sourceElement.dataset.draft}"]`)) field(form).value = "";
    drop(ctx.sourceElement); // Deskside has forgotten it with the sending; asked once more, it would forget what Undo brings back
  }
});
// Called before a form leaves the page: what Deskside does not have yet goes there now.
export const keepAll = () => {
  for (const form of document.querySelectorAll("form[data-draft]")) if (changed.has(form)) keep(form, true);
};
addEventListener("pagehide", keepAll);
document.addEventListener("leaving", keepAll);
document.addEventListener("visibilitychange", () => { if (document.hidden) keepAll(); });
document.addEventListener("htmx:after:swap", begin);
sweep();
begin();
