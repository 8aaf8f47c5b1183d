// Short news over the search field, below on narrow windows: five seconds, longer when something can be undone there, and while the pointer or the
// focus rests on it.
const SECONDS = 5;
const SECONDS_TO_ACT = 15;

const box = () => document.getElementById("toasts");

const leave = (element) => {
  let timer;
  const acting = element.querySelector("form, [hx-post]") ? SECONDS_TO_ACT : SECONDS;
  const seconds = Number(element.dataset.seconds) || acting;
  const start = () => { timer = setTimeout(() => element.remove(), seconds * 1000); };
  const stay = () => clearTimeout(timer);
  element.addEventListener("pointerenter", stay);
  element.addEventListener("focusin", stay);
  element.addEventListener("pointerleave", start);
  element.addEventListener("focusout", start);
  element.addEventListener("click", (event) => { if (event.target.closest("button, a") && !element.querySelector(":invalid")) setTimeout(() => element.remove()); });
  start();
};

// Shows `text`; look "bad" or "ok"; action {href, label} adds a link.
export const toast = (text, look = "ok", action = null) => {
  const source = document.getElementById(`toast-${look}`);
  const element = source.content.firstElementChild.cloneNode(true);
  element.querySelector("[data-text]").textContent = text;
  if (action) {
    const link = document.createElement("a");
    Object.assign(link, { className: "btn btn-subtle btn-s", href: action.href, textContent: action.label });
    element.append(link);
  }
  for (const same of box().querySelectorAll("[data-text]")) if (same.textContent === text) same.closest(".toast").remove();
  box().append(element);
};

// Somebody was first: says so, and offers to send the same once more with the word that it is meant.
export const overtaken = (text, action, fields) => {
  const element = document.getElementById("toast-anyway").content.firstElementChild.cloneNode(true);
  element.querySelector("[data-text]").textContent = text;
  const form = element.querySelector("form");
  form.setAttribute("hx-post", action);
  for (const [name, value] of [...fields, ["anyway", "yes"]]) {
    if (typeof value === "string") form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  }
  box().append(element);
  htmx.process(element);
};

const watch = () => {
  if (!box()) return;
  for (const element of box().children) leave(element);
  new MutationObserver((changes) => {
    for (const change of changes) for (const node of change.addedNodes) if (node.nodeType === 1) leave(node);
  }).observe(box(), { childList: true });
};
watch();
