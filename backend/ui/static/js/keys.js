// The keyboard: an element with data-key="x" is what the key x means on this page. j, k and the arrows walk rows.
import { enter } from "./menu.js";

const typing = (element) => element.matches?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable=true]");
const rows = () => [...document.querySelectorAll("tr[data-row]")].filter((row) => row.offsetParent);

// Who comes back from a ticket goes on from its row.
let at = /\/tickets\/(\d+)$/.exec(document.referrer.split("?")[0])?.[1].replace(/^/, "t") ?? null;
const here = () => at && document.getElementById(at);

const go = (row) => {
  here()?.classList.remove("is-here");
  at = row.id;
  row.classList.add("is-here");
  row.scrollIntoView({ block: "nearest" });
  row.querySelector("a").focus({ preventScroll: true });
};

const walk = (step) => {
  const all = rows();
  if (!all.length) return false;
  const now = all.indexOf(here());
  go(all[now < 0 ? (step > 0 ? 0 : all.length - 1) : Math.max(0, Math.min(all.length - 1, now + step))]);
  return true;
};

// What is typed at once after a key that fetches a field or a menu belongs into it and is no key of the page.
const WAIT = 3000; // ms
let early = { text: "", until: 0 };
const forget = () => { early = { text: "", until: 0 }; };
for (const given of ["pointerdown", "htmx:error", "htmx:response:error"]) document.addEventListener(given, forget, true);

const hold = (key) => {
  if (performance.now() > early.until || key.length !== 1) return false;
  early.text += key;
  return true;
};

document.addEventListener("focusin", ({ target }) => {
  const { text, until } = early;
  if (target.matches("summary")) return;
  forget();
  if (!text || performance.now() > until) return;
  if (target.matches("input, textarea") && typing(target) && target.selectionStart !== null) {
    target.setRangeText(text, target.matches("input") ? 0 : target.value.length, target.value.length, "end");
    target.dispatchEvent(new InputEvent("input", { bubbles: true }));
  } else if (target.closest("[role=menu]")) {
    for (const key of text) document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  }
});

const press = (element) => {
  if (element.matches("[hx-get]:not(a), details[hx-get] > summary")) early = { text: "", until: performance.now() + WAIT };
  if (element.matches("input, textarea")) {
    element.focus();
    element.select?.();
  } else if (element.matches("label")) {
    element.querySelector("input").click();
    element.closest("form")?.querySelector("textarea")?.focus();
  } else if (element.matches("summary")) {
    element.parentElement.open = true;
    enter(element.parentElement);
  } else {
    element.click();
  }
};

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (document.querySelector("dialog[open]")) return;
  if (event.key === "Escape") forget();
  if (event.key === "Escape" && typing(event.target)) return void event.target.blur();
  if (typing(event.target) || event.target.closest?.("[role=menu], [role=listbox]")) return;
  if (hold(event.key)) return void event.preventDefault();
  const keyed = document.querySelector(`[data-key~="${CSS.escape(event.key)}"]`);
  const arrows = { j: 1, k: -1, ArrowDown: 1, ArrowUp: -1 };
  if (keyed) press(keyed);
  else if (event.key in arrows && (event.key.length === 1 || rows().length) && walk(arrows[event.key])) { /* walked */ }
  else return;
  event.preventDefault();
});

document.addEventListener("click", (event) => {
  const row = event.target.closest("tr[data-row]");
  if (!row || event.target.closest("a, button, input, label") || getSelection()?.toString()) return;
  row.querySelector("a").click();
});

const mark = () => here()?.classList.add("is-here");
document.addEventListener("htmx:after:swap", mark);
mark();
document.addEventListener("change", (event) => { if (event.target.matches("[data-submits]")) event.target.form.requestSubmit(); });
