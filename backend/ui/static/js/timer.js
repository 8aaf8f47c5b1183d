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

// The minutes of an open form follow the timer until somebody types others.
const follow = () => {
  const form = document.querySelector("form[data-timer-form]");
  if (!form || form.dataset.timerForm !== data().timer || form.dataset.typed !== undefined) return;
  const all = seconds();
  if (all < Number(form.elements.counted.value)) return;
  form.elements.counted.value = all;
  form.elements.minutes.value = Math.max(1, Math.floor(all / 60));
};

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
  follow();
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
const again = (number) => {
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

// The dialog of the forms: opens with what was fetched for it, closes when it has done its work.
const dialog = () => document.getElementById("time-dialog");
const close = () => {
  dialog().close();
  document.getElementById("time-slot").replaceChildren();
};
document.addEventListener("htmx:after:swap", () => {
  const slot = document.getElementById("time-slot");
  if (!slot?.firstElementChild || dialog().open) return;
  dialog().showModal();
  slot.querySelector("[autofocus]")?.select?.();
});
document.addEventListener("htmx:after:request", (event) => {
  const { ctx } = event.detail;
  const done = ctx.sourceElement.matches?.("#time-slot form, #time-slot [data-closes-after]") && ctx.response.status < 400;
  if (done) close();
});
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-closes-dialog]")) close();
});
document.addEventListener("close", (event) => {
  if (event.target === dialog()) document.getElementById("time-slot").replaceChildren();
}, true);

// What was typed last holds: minutes, or both ends of the work.
const minute = (text) => { const [hour, rest] = text.split(":").map(Number); return hour * 60 + rest; };
document.addEventListener("input", (event) => {
  const form = event.target.closest?.("form.time-form");
  const fields = form?.elements;
  if (!fields?.minutes) return;
  const { minutes, start, until } = fields;
  if ([minutes, start, until].includes(event.target)) form.dataset.typed = "";
  if (event.target === minutes && start.value) {
    const length = /^\d+$/.test(minutes.value) ? Number(minutes.value) : minute(minutes.value);
    const end = (minute(start.value) + length) % 1440;
    until.value = length > 0 ? `${two(Math.floor(end / 60))}:${two(end % 60)}` : "";
  } else if ([start, until].includes(event.target) && start.value && until.value) {
    minutes.value = (minute(until.value) - minute(start.value) + 1440) % 1440 || "";
  }
});
