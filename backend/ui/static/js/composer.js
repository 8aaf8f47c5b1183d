// The composer: recipients as chips, chosen files, Ctrl+Enter, and what happens once it is sent.
import { keep } from "./drafts.js";

const composer = (element) => element.closest?.("form[data-composer]");

const chip = (form, name, value, shown) => {
  const row = form.querySelector(`[data-recipients="${name}"]`);
  if (!row || [...row.querySelectorAll("input[type=hidden]")].some((input) => input.value === value)) return;
  const element = form.querySelector("template[data-chip]").content.firstElementChild.cloneNode(true);
  element.querySelector("[data-shown]").textContent = shown;
  element.title = value;
  Object.assign(element.querySelector("input"), { name, value });
  const remove = element.querySelector("button");
  remove.setAttribute("aria-label", remove.dataset.label.replace("{}", shown));
  row.append(element);
};

document.addEventListener("pick", (event) => {
  const form = composer(event.target);
  const row = event.target.dataset.recipients ?? event.target.closest("[data-adds]")?.dataset.adds;
  if (!form || !row) return;
  event.preventDefault();
  chip(form, row, event.detail.value, event.detail.shown);
  if (row === "mentions" || row === "cc") named(form, event.detail.shown);
  keep(form);
});

// "@" at the beginning of a word of a note leads to the field of who is notified, of a reply to that of the Cc, and
// back with the name.
const text = (form) => form.querySelector("textarea[name=text]");
const begun = new WeakMap(); // form: where the "@" stands

const named = (form, name) => {
  if (!begun.has(form)) return;
  const at = begun.get(form);
  back(form);
  text(form).setRangeText(`@${name} `, at, at + 1, "end");
};

const back = (form) => {
  const at = begun.get(form);
  begun.delete(form);
  text(form).focus();
  text(form).setSelectionRange(at + 1, at + 1);
};

document.addEventListener("input", (event) => {
  const form = composer(event.target);
  if (!form || event.data !== "@" || event.target.name !== "text") return;
  const at = event.target.selectionStart - 1;
  const fields = { note: "[data-mentions] [role=combobox]", reply: "[data-adds=cc] [role=combobox]" };
  const field = form.querySelector(fields[form.elements.kind?.value] ?? "[data-none-there]");
  if (!field || /[^\s(]/.test(event.target.value.charAt(at - 1))) return;
  begun.set(form, at);
  field.focus();
});

document.addEventListener("keydown", (event) => {
  const form = composer(event.target);
  if (!form || !begun.has(form) || !event.target.closest("[data-mentions], [data-adds=cc]")) return;
  const empties = event.key === "Backspace" && !event.target.value;
  if (event.key !== "Escape" && !empties) return;
  event.preventDefault();
  event.stopPropagation();
  event.target.value = "";
  back(form);
}, true);

document.addEventListener("focusin", (event) => {
  const form = composer(event.target);
  if (form && event.target === text(form)) begun.delete(form);
});

document.addEventListener("click", (event) => {
  const remove = event.target.closest("[data-remove-chip]");
  if (!remove) return;
  const form = composer(remove);
  remove.closest(".chip").remove();
  form.querySelector("textarea[name=text]").focus();
  keep(form);
});

document.addEventListener("draft", (event) => {
  for (const name of ["to", "cc", "mentions"]) {
    if (!event.detail[name]?.length) continue;
    const row = event.target.querySelector(`[data-recipients="${name}"]`);
    for (const shown of row?.querySelectorAll(".chip") ?? []) {
      if (!event.detail[name].includes(shown.querySelector("input").value)) shown.remove();
    }
    for (const value of event.detail[name]) chip(event.target, name, value, value);
  }
});

document.addEventListener("change", (event) => {
  const form = composer(event.target);
  if (!form) return;
  if (event.target.name === "kind") {
    form.setAttribute("aria-label", event.target.closest("label").textContent.trim());
    form.querySelector("textarea[name=text]").focus();
  }
  if (event.target.type === "file") showFiles(form, event.target);
});

const showFiles = (form, input) => {
  const list = form.querySelector("[data-files]");
  list.replaceChildren(...[...input.files].map((file, number) => {
    const element = form.querySelector("template[data-file]").content.firstElementChild.cloneNode(true);
    element.querySelector("[data-shown]").textContent = file.name;
    element.querySelector("button").addEventListener("click", () => {
      const rest = new DataTransfer();
      [...input.files].forEach((other, at) => { if (at !== number) rest.items.add(other); });
      input.files = rest.files;
      showFiles(form, input);
    });
    return element;
  }));
  list.dispatchEvent(new CustomEvent("filesshown", { bubbles: true }));
};

document.addEventListener("keydown", (event) => {
  const form = composer(event.target);
  if (form && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    form.requestSubmit(form.querySelector("button[type=submit]"));
  }
});

document.addEventListener("htmx:after:request", (event) => {
  const { ctx } = event.detail;
  const form = composer(ctx.sourceElement);
  if (!form || ctx.sourceElement !== form || ctx.response.status >= 400) return;
  const files = form.querySelector("input[type=file]");
  if (files) {
    files.value = "";
    showFiles(form, files);
  }
  form.querySelector('[data-recipients="mentions"]')?.replaceChildren();
  const fresh = form.querySelector("input[name=token]");
  if (fresh) fresh.value = crypto.randomUUID();
});

const begin = () => {
  for (const token of document.querySelectorAll("input[name=token]")) {
    token.value ||= crypto.randomUUID();
  }
};
document.addEventListener("htmx:after:swap", begin);
begin();
