// The timer's bar counts on between two answers of the server, which alone knows the time: pages say when a ticket is
// opened and when somebody is at work, and show what the server says.
import { csrf } from "./http.js";
import { look } from "./live.js";

const BEAT = 60_000; // ms between two signs of activity
const INPUT = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"];
const bar = () => document.getElementById("timer");
const data = () => bar()?.dataset ?? {};
let stamp = "";
let since = Date.now();
let beat = 0;
let away = 0; // when the person was last seen at work, as far as this page knows
let asked = 0;
let opened = "";
let forms = null; // the script of the forms, once one was opened

const post = (url, fields = {}) => fetch(url, {
  method: "POST",
  keepalive: true,
  headers: { "X-CSRF-Token": csrf(), "HX-Request": "true" },
  body: new URLSearchParams(fields),
}).catch(() => {});

const running = () => data().state === "running";
const seconds = () => Number(data().seconds ?? 0) + (running() ? Math.max(0, Math.floor((Date.now() - since) / 1000)) : 0);
const two = (number) => String(number).padStart(2, "0");
const stopwatch = (all) => `${two(Math.floor(all / 3600))}:${two(Math.floor(all / 60) % 60)}:${two(all % 60)}`;

const draw = () => {
  const time = bar()?.querySelector("[data-timer-time]");
  if (!time) return;
  if (data().stamp !== stamp) {
    stamp = data().stamp;
    since = Date.now();
    away = since - Number(data().away ?? 0) * 1000;
  }
  time.textContent = stopwatch(seconds());
  const idle = running() && Date.now() - away > Number(data().idle) * 1000;
  bar().toggleAttribute("data-is-idle", idle);
  if (idle && Date.now() - asked > BEAT) {
    asked = Date.now();
    bar().dispatchEvent(new CustomEvent("live"));
  }
  forms?.follow(data().timer, seconds());
};

const active = () => {
  if (!running() || Date.now() - beat < BEAT) return;
  beat = away = Date.now();
  post("/timer/active");
};
for (const name of INPUT) addEventListener(name, active, { capture: true, passive: true });
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible" && bar()?.dataset.live) bar().dispatchEvent(new CustomEvent("live"));
});

// A ticket was opened when its page was come to from elsewhere; looking at it again, or again by itself, is no opening.
// Whoever follows the bar's own link means it, from wherever.
const MEANT = "deskside.timer.opens";
document.addEventListener("click", (event) => {
  const link = event.target.closest("#timer a[data-ticket]");
  if (!link) return;
  opened = "";
  try { sessionStorage.setItem(MEANT, link.dataset.ticket); } catch { /* a frame of another site may not */ }
}, true);

const meant = (number) => {
  try {
    const found = sessionStorage.getItem(MEANT) === number;
    sessionStorage.removeItem(MEANT);
    return found;
  } catch { return false; }
};

const again = (number) => {
  if (meant(number)) return false;
  const [how] = performance.getEntriesByType("navigation");
  const from = document.referrer ? new URL(document.referrer) : null;
  return how?.type === "reload" || (from?.origin === location.origin && from.pathname === `/tickets/${number}`);
};

const open = async (returned) => {
  const number = document.querySelector("[data-timer-opens]")?.dataset.timerOpens ?? "";
  if (number === opened) return;
  const first = opened === "" && !document.body.classList.contains("pane");
  opened = number;
  if (!number || (first && !returned && again(number))) return;
  await post(`/tickets/${number}/timer/start`, { opening: "1" });
  look(`timer:${document.body.dataset.person}`);
};

const starts = () => {
  for (const button of document.querySelectorAll("[data-starts-timer]")) {
    button.hidden = running() && button.dataset.startsTimer === data().ticketNumber;
  }
};

const swapped = () => {
  draw();
  starts();
  open(false);
};
document.addEventListener("htmx:after:swap", swapped);
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  opened = "";
  open(true);
});
setInterval(draw, 1000);
// The bar is fetched once the server knows that a ticket was opened, and once htmx is there: it comes after this.
document.addEventListener("DOMContentLoaded", () => setTimeout(async () => {
  await open(false);
  look(`timer:${document.body.dataset.person}`);
}));

// What the forms of time and items need is fetched when one is opened for the first time.
document.addEventListener("htmx:after:swap", async () => {
  if (!document.getElementById("time-slot")?.firstElementChild) return;
  forms ??= await import("./time_form.js");
  forms.show();
});
