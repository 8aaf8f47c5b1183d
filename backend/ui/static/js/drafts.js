// What somebody has begun to write survives a reload, a crash and the end of a sign-in: kept in this browser by
// person and ticket (form[data-draft]), forgotten once it is sent.
const WAIT = 250; // ms between the last key and keeping
const KEEP_DAYS = 30;
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

export const keep = (form) => {
  clearTimeout(timers.get(form));
  const text = field(form).value;
  if (!text.trim()) return forget(form);
  const draft = { text, kind: form.elements.kind?.value, at: Date.now() };
  for (const name of ["to", "cc"]) {
    draft[name] = [...form.querySelectorAll(`input[type=hidden][name=${name}]`)].map((input) => input.value);
  }
  try {
    storage.setItem(key(form), JSON.stringify(draft));
    say(form, "saved");
  } catch { say(form, "unsaved"); }
};

export const forget = (form) => {
  clearTimeout(timers.get(form));
  storage?.removeItem(key(form));
  say(form, null);
};

const restore = (form) => {
  if (form.dataset.restored) return;
  form.dataset.restored = "true";
  const draft = kept(form);
  if (!draft || field(form).value) return;
  field(form).value = draft.text;
  const kind = form.querySelector(`input[name=kind][value="${draft.kind}"]`);
  if (kind) kind.checked = true;
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
  timers.set(form, setTimeout(() => keep(form), WAIT));
});
document.addEventListener("htmx:after:request", (event) => {
  const { ctx } = event.detail;
  if (ctx.sourceElement.matches?.("form[data-draft]") && ctx.response.status < 400) {
    field(ctx.sourceElement).value = "";
    forget(ctx.sourceElement);
  }
});
const keepAll = () => document.querySelectorAll("form[data-draft]").forEach((form) => { if (field(form).value.trim()) keep(form); });
addEventListener("pagehide", keepAll);
document.addEventListener("visibilitychange", () => { if (document.hidden) keepAll(); });
document.addEventListener("htmx:after:swap", begin);
sweep();
begin();
