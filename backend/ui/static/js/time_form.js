// The dialog of the forms of time and items: opens with what was fetched for it, closes when it has done its work.
import { style } from "./turned_to.js";

const two = (number) => String(number).padStart(2, "0");
const dialog = () => document.getElementById("time-dialog");
const close = () => {
  dialog().close();
  document.getElementById("time-slot").replaceChildren();
};

// Opens the dialog, unless it is open already.
export const show = () => {
  const slot = document.getElementById("time-slot");
  if (!slot.firstElementChild || dialog().open) return;
  dialog().showModal();
  slot.querySelector("[autofocus]")?.select?.();
};

// The minutes of an open form follow the timer until somebody types others.
export const follow = (timer, all) => {
  const form = document.querySelector("form[data-timer-form]");
  if (!form || form.dataset.timerForm !== timer || form.dataset.typed !== undefined) return;
  if (all < Number(form.elements.counted.value)) return;
  form.elements.counted.value = all;
  form.elements.minutes.value = Math.max(1, Math.floor(all / 60));
};

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

style("time_form");
