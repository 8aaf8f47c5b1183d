// Every htmx request: CSRF token, a busy sign at once, never twice, and errors said beside their cause.
import { overtaken, toast } from "./toast.js";

const busy = new WeakSet();
const words = () => document.body.dataset;

const button = (ctx) => {
  const submitter = ctx.request.submitter ?? ctx.sourceEvent?.submitter;
  if (submitter?.matches(".menu *")) return submitter.closest(".split")?.querySelector("[type=submit]") ?? submitter;
  if (submitter) return submitter;
  return ctx.sourceElement.matches("button, .btn") ? ctx.sourceElement : null;
};

export const csrf = () => document.querySelector('meta[name="csrf-token"]')?.content ?? "";

// The place for an error of `element`: the nearest [data-error] that stands beside it.
export const place = (element) => {
  for (let near = element; near && near !== document.body; near = near.parentElement) {
    const found = near.querySelector(":scope > [data-error], :scope > * > [data-error]");
    if (found) return found;
  }
  return null;
};

export const complain = (element, text) => {
  const beside = place(element);
  if (!beside) return toast(text, "bad");
  beside.textContent = text;
  beside.hidden = false;
};

const forgive = (element) => {
  const beside = place(element);
  if (beside) {
    beside.textContent = "";
    if (beside.hasAttribute("data-error-hides")) beside.hidden = true;
  }
  for (const input of element.querySelectorAll?.("[aria-invalid]") ?? []) {
    input.removeAttribute("aria-invalid");
    input.removeAttribute("aria-describedby");
  }
  for (const error of element.querySelectorAll?.(".field > .error") ?? []) error.remove();
};

// Says at each field of the form what is wrong with it; returns whether all could be said there.
const complainAt = (form, fields) => {
  let first = null;
  let all = fields.length > 0;
  for (const { dataset: { field }, textContent } of fields) {
    const named = form.elements?.[field];
    const box = (named instanceof RadioNodeList ? named[0] : named)?.closest(".field");
    const input = box?.querySelector("input:not([type=hidden]), textarea, select");
    if (!input) {
      all = false;
      continue;
    }
    const error = document.getElementById("field-error").content.firstElementChild.cloneNode(true);
    error.id = `${input.id}-error`;
    error.querySelector("[data-text]").textContent = textContent;
    box.append(error);
    input.setAttribute("aria-invalid", "true");
    input.setAttribute("aria-describedby", error.id);
    first ??= input;
  }
  first?.focus();
  return all;
};

// What the server said: one sentence, and one for each field.
const said = (ctx) => {
  const answer = new DOMParser().parseFromString(ctx.text ?? "", "text/html");
  const sentence = answer.querySelector(".notice .grow")?.textContent.trim();
  const fields = [...answer.querySelectorAll("[data-field]")];
  const code = answer.querySelector("[data-problem]")?.dataset.problem;
  return { sentence: sentence || words().failed, fields, code };
};

document.addEventListener("htmx:config:request", (event) => {
  const { ctx } = event.detail;
  if (ctx.request.method === "GET") return;
  if (busy.has(ctx.sourceElement)) {
    event.preventDefault();
    return;
  }
  ctx.request.headers["X-CSRF-Token"] = csrf();
});

document.addEventListener("htmx:before:request", (event) => {
  const { ctx } = event.detail;
  if (ctx.request.method === "GET") return;
  busy.add(ctx.sourceElement);
  forgive(ctx.sourceElement);
  button(ctx)?.setAttribute("aria-busy", "true");
});

document.addEventListener("htmx:finally:request", (event) => {
  const { ctx } = event.detail;
  busy.delete(ctx.sourceElement);
  button(ctx)?.removeAttribute("aria-busy");
});

// A box whose tick did not get through stands as it did.
const untick = (form) => { if (form.matches?.("form[data-tick]")) form.reset(); };

document.addEventListener("htmx:response:error", (event) => {
  const { ctx } = event.detail;
  untick(ctx.sourceElement);
  if (ctx.request.method === "GET" && ctx.sourceElement.hasAttribute("data-live") && ctx.response.status !== 401) return;
  if (ctx.response.status === 401) toast(words().signedOut, "bad", { href: words().signIn, label: words().signInLabel });
  else {
    const { sentence, fields, code } = said(ctx);
    if (code === "overtaken") return overtaken(sentence, ctx.request.action, ctx.request.body.entries());
    const form = ctx.sourceElement.closest("form");
    if (form && complainAt(form, fields)) return;
    complain(ctx.sourceElement, fields.length === 1 ? fields[0].textContent : sentence);
  }
});

// A form that adds one thing after another is empty again once the thing is there.
document.addEventListener("htmx:after:request", (event) => {
  const { ctx } = event.detail;
  if (ctx.sourceElement.matches?.("form[data-empties]") && ctx.response.status < 400) ctx.sourceElement.reset();
});

document.addEventListener("htmx:error", (event) => {
  const { ctx } = event.detail;
  if (ctx) untick(ctx.sourceElement);
  if (!ctx?.request || (ctx.request.method === "GET" && ctx.sourceElement.hasAttribute("data-live"))) return;
  complain(ctx.sourceElement, words().offline);
});

// Forms without htmx: the second press of a button does nothing while the first is on its way.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method === "get" || form.method === "dialog" || form.matches("[hx-post], [hx-put], [hx-patch]")) return;
  if (form.hasAttribute("data-sending")) {
    event.preventDefault();
    return;
  }
  form.setAttribute("data-sending", "");
  event.submitter?.setAttribute("aria-busy", "true");
});

addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("[data-sending]")) {
    form.removeAttribute("data-sending");
    form.querySelector("[aria-busy]")?.removeAttribute("aria-busy");
  }
});
