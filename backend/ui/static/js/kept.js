// A reply that was taken back returns into the composer of its ticket: text, recipients, and the files that Deskside has.
import { keep } from "./drafts.js";

const text = (form) => form.querySelector("textarea[name=text]");

// Files of the draft stand among the chosen ones, and are sent along by their ids.
export const showKept = (form, files) => {
  const list = form.querySelector("[data-kept]");
  if (!list) return;
  list.replaceChildren(...(files ?? []).map((file) => {
    const element = form.querySelector("template[data-file]").content.firstElementChild.cloneNode(true);
    element.querySelector("[data-shown]").textContent = file.name;
    const id = document.createElement("input");
    Object.assign(id, { type: "hidden", name: "kept", value: file.id });
    element.append(id);
    element.querySelector("button").addEventListener("click", () => element.remove());
    return element;
  }));
};

// The draft of that key has become what was taken back.
export const takeUp = async (key) => {
  const form = document.querySelector(`form[data-composer][data-draft="${key}"]`);
  if (!form) return;
  const answer = await fetch(`/drafts/${form.dataset.draft}`);
  if (answer.status !== 200) return;
  const draft = await answer.json();
  const begun = text(form).value.trim();
  text(form).value = !begun || draft.text.includes(begun) ? draft.text : `${draft.text}\n\n${begun}`;
  const kind = form.querySelector('input[name=kind][value="reply"]');
  if (kind) kind.checked = true;
  form.dispatchEvent(new CustomEvent("draft", { bubbles: true, detail: draft }));
  text(form).focus();
  keep(form);
};

document.addEventListener("htmx:after:request", (event) => {
  const { ctx } = event.detail;
  if (ctx.sourceElement.matches?.("form[data-composer]") && ctx.response.status < 400) showKept(ctx.sourceElement, []);
});
