// The chat console: the newest line stays in sight, waiting times go on, Enter sends, j and k walk the chats.
import { csrf } from "./http.js";

const TYPING = 3000; // ms between two signs that somebody writes
const log = () => document.querySelector(".chat-log");
let anchored = true;

const bottom = () => { const it = log(); if (it) it.scrollTop = it.scrollHeight; };

document.addEventListener("scroll", (event) => {
  if (event.target === log()) anchored = log().scrollHeight - log().scrollTop - log().clientHeight < 40;
}, true);

const two = (number) => String(number).padStart(2, "0");
const tick = () => {
  for (const time of document.querySelectorAll("[data-waits]")) {
    const seconds = Math.max(0, Math.floor((Date.now() - offset - Date.parse(time.dateTime)) / 1000));
    const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
    const text = hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
    if (time.textContent !== text) time.textContent = text;
    time.classList.toggle("warn", seconds >= Number(time.dataset.soon) && seconds < Number(time.dataset.late));
    time.classList.toggle("bad", seconds >= Number(time.dataset.late));
  }
};
// How far this computer's clock is from Deskside's: what the server wrote is what was so when the page was made.
const offset = (() => {
  const time = document.querySelector("[data-waits]");
  if (!time) return 0;
  const said = time.textContent.trim().split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
  const off = Date.now() - Date.parse(time.dateTime) - said * 1000;
  return Math.abs(off) < 3000 ? 0 : off;
})();
setInterval(tick, 1000);

document.addEventListener("htmx:after:swap", () => { if (anchored) bottom(); tick(); });

document.addEventListener("keydown", (event) => {
  const form = event.target.closest?.("form[data-sends]");
  if (!form || event.target.name !== "text" || event.key !== "Enter" || event.isComposing) return;
  if (event.shiftKey || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  if (event.target.value.trim() || form.querySelector("input[type=file]").files.length) form.requestSubmit();
});

let told = 0;
document.addEventListener("input", (event) => {
  const form = event.target.closest?.("form[data-typing]");
  if (!form || event.target.name !== "text" || form.elements.kind.value !== "reply" || Date.now() - told < TYPING) return;
  told = Date.now();
  fetch(form.dataset.typing, { method: "POST", headers: { "X-CSRF-Token": csrf() } }).catch(() => {});
});

const typing = (element) => element.matches?.("input, textarea, select, [contenteditable=true]");
const steps = { j: 1, k: -1, ArrowDown: 1, ArrowUp: -1 };
document.addEventListener("keydown", (event) => {
  if (!(event.key in steps) || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (typing(event.target) || event.target.closest?.("[role=menu], [role=log], dialog")) return;
  const all = [...document.querySelectorAll("[data-q]")];
  if (!all.length) return;
  const here = all.indexOf(document.activeElement.closest?.("[data-q]") ?? document.querySelector('[data-q][aria-current="page"]'));
  all[Math.max(0, Math.min(all.length - 1, here + steps[event.key]))].focus();
  event.preventDefault();
});

if (log()) {
  new ResizeObserver(() => { if (anchored) bottom(); }).observe(log());
  bottom();
}
tick();
