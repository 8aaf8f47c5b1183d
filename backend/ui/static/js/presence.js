// Who is on the ticket: a page with [data-watch] says every ten seconds that it is open, and hears who else is. A page
// that nobody sees says nothing and is gone half a minute later; it is back the moment somebody looks again.
import { csrf } from "./http.js";

const BEAT = 10000; // ms between two signs of life
const TYPING = 6000; // ms after the last key in which somebody still writes
const page = crypto.randomUUID();

let here = ""; // the address of the ticket before our eyes
let composing = "";
let asking = false;
let again = false;
let beat = null;
let expiry = null;
let pause = null;
const shown = new WeakMap(); // place: what stands there

const watch = () => document.querySelector("[data-watch]");
const form = () => document.querySelector("form[data-composer]");

const writing = (answer) => {
  const line = form()?.querySelector("[data-writing]");
  const said = answer.querySelector("template[data-writing]").content.textContent.trim();
  if (line && line.textContent !== said) line.textContent = line.title = said;
};

// What did not change stays as it is: an open menu stays open, and nobody is read out twice.
const show = (html) => {
  const answer = document.createElement("template");
  answer.innerHTML = html;
  const fresh = answer.content.querySelector("[data-others]");
  const place = watch()?.querySelector(".watch-others");
  if (!fresh || !place) return;
  for (const face of fresh.querySelectorAll(":scope > .avatar")) face.classList.replace("avatar-28", `avatar-${place.dataset.size}`);
  const left = Number(fresh.dataset.left ?? NaN);
  delete fresh.dataset.left;
  if (shown.get(place) !== fresh.outerHTML) {
    const open = place.querySelector("details")?.open;
    shown.set(place, fresh.outerHTML);
    place.replaceChildren(fresh);
    const menu = place.querySelector("details");
    if (open && menu) menu.open = true;
  }
  writing(answer.content);
  clearTimeout(expiry);
  if (Number.isFinite(left)) expiry = setTimeout(tell, left + 50);
};

async function tell() {
  if (!here || document.hidden) return;
  if (asking) {
    again = true;
    return;
  }
  asking = true;
  clearTimeout(beat);
  beat = setTimeout(tell, BEAT);
  const address = here;
  try {
    const body = new URLSearchParams({ page, composing });
    const answer = await fetch(address, { method: "POST", body, headers: { "X-CSRF-Token": csrf(), "HX-Request": "true" } });
    if (answer.ok && address === here) show(await answer.text());
  } catch { /* the next sign of life comes */ }
  asking = false;
  if (again) {
    again = false;
    tell();
  }
}

const leave = () => {
  if (!here) return;
  const address = `${here}?page=${page}`;
  here = "";
  composing = "";
  for (const timer of [beat, expiry, pause]) clearTimeout(timer);
  fetch(address, { method: "DELETE", keepalive: true, headers: { "X-CSRF-Token": csrf() } }).catch(() => {});
};

const look = () => {
  const address = watch()?.dataset.watch ?? "";
  if (address === here) return;
  leave();
  here = address;
  if (here) tell();
};

const writes = (kind) => {
  clearTimeout(pause);
  if (kind) pause = setTimeout(() => writes(""), TYPING);
  if (kind === composing) return;
  composing = kind;
  tell();
};

document.addEventListener("input", (event) => {
  const written = event.target.closest?.("form[data-composer]");
  if (written && event.target.name === "text") writes(event.target.value.trim() ? written.elements.kind?.value ?? "reply" : "");
});
document.addEventListener("htmx:after:request", (event) => {
  const { ctx } = event.detail;
  if (ctx.sourceElement.matches?.("form[data-composer]") && ctx.response.status < 400) writes("");
});
document.addEventListener("live", (event) => { if (event.target.matches?.("[data-watch]")) tell(); }, true);
document.addEventListener("visibilitychange", () => { if (!document.hidden) tell(); });
document.addEventListener("htmx:after:swap", look);
document.addEventListener("leaving", () => { here && setTimeout(look); });
addEventListener("pagehide", leave);
addEventListener("pageshow", (event) => { if (event.persisted) look(); });
look();
