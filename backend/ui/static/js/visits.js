// The form of a visit, wherever it opens: [data-visit-opens="id"] names the place it is fetched into, a dialog or a slot
// on the page; it closes when it has done its work, and the focus goes back to what opened it.
import { style } from "./turned_to.js";

let opener = null; // {id} of the button that opened the form: the button itself may be drawn anew meanwhile
const slotOf = (id) => {
  const place = document.getElementById(id);
  return place?.matches("dialog") ? place.querySelector("[data-visit-slot]") : place;
};

const remember = (button) => {
  const near = button.closest("[id]");
  opener = { button, near: near?.id, where: button.dataset.visitOpens };
};

const refocus = () => {
  if (!opener) return;
  const { button, near, where } = opener;
  const again = button.isConnected ? button : document.getElementById(near)?.querySelector("[data-visit-opens], .ev");
  (again ?? document.querySelector(`[data-visit-opens="${where}"]`))?.focus({ preventScroll: true });
  opener = null;
};

export const close = (form) => {
  const slot = form.closest("[data-visit-slot]");
  const dialog = slot?.closest("dialog");
  slot?.replaceChildren();
  if (dialog?.open) dialog.close();
  refocus();
};

const minutes = (text) => { const [hour, minute] = text.split(":").map(Number); return hour * 60 + minute; };
const clock = (at) => `${String(Math.floor(at / 60)).padStart(2, "0")}:${String(at % 60).padStart(2, "0")}`;

const length = (form) => {
  const { start, end, end_date: last } = form.elements;
  if (last || !start?.value || !end?.value) return;
  form.dataset.length = String(minutes(end.value) - minutes(start.value));
};

document.addEventListener("click", (event) => {
  const closes = event.target.closest("[data-visit-closes]");
  if (closes) close(closes);
});

document.addEventListener("keydown", (event) => {
  const form = event.key === "Escape" && !event.defaultPrevented && event.target.closest?.("[data-visit-form]");
  if (!form || form.closest("dialog") || event.target.closest("details[data-menu][open]")) return;
  event.preventDefault();
  close(form);
});
document.addEventListener("close", (event) => {
  const slot = event.target.querySelector?.("[data-visit-slot]");
  if (!slot) return;
  slot.replaceChildren();
  refocus();
}, true);

const begun = new WeakSet();
const begin = () => {
  for (const form of document.querySelectorAll("[data-visit-form]")) {
    if (begun.has(form)) continue;
    begun.add(form);
    length(form);
    if (form.elements.token) form.elements.token.value ||= crypto.randomUUID(); // the same form sent twice plans once
    const typing = form.contains(document.activeElement); // already, because this script came later than the form
    const dialog = form.closest("dialog");
    if (dialog && !dialog.open) dialog.showModal();
    const first = form.querySelector("[autofocus]") ?? form.querySelector('[role="combobox"]') ?? form.querySelector(form.elements.visit ? "#vf-start" : "select");
    if (!typing) first?.focus({ preventScroll: Boolean(dialog) });
    if (!dialog) form.scrollIntoView({ block: "nearest" });
  }
};

document.addEventListener("htmx:after:swap", begin);

// A form has been asked for by this button; it may have come already.
export const opened = (button) => {
  const slot = slotOf(button.dataset.visitOpens);
  for (const other of document.querySelectorAll("[data-visit-slot]")) if (other !== slot) other.replaceChildren();
  remember(button);
  begin();
};

style("visit_form");

// A new beginning keeps the length; whatever says when and who asks anew what is in the way.
document.addEventListener("change", (event) => {
  const form = event.target.closest?.("[data-visit-form]");
  if (!form) return;
  const { start, end } = form.elements;
  if (event.target === start && form.dataset.length > 0 && start.value) {
    end.value = clock(Math.min(minutes(start.value) + Number(form.dataset.length), 23 * 60 + 59));
  } else if (event.target === end) length(form);
  if (["technician", "date", "start", "end", "end_date", "timezone"].includes(event.target.name)) {
    form.querySelector(".vf-clashes")?.dispatchEvent(new CustomEvent("refresh"));
  }
});

document.addEventListener("htmx:after:request", (event) => {
  const { ctx } = event.detail;
  const done = ctx.sourceElement.matches?.("[data-visit-form], [data-visit-closes-after]");
  if (done && ctx.response?.status < 400) close(ctx.sourceElement);
});
