// Text modules: chosen in a form that writes, filled by Deskside, put in at the cursor. What is left to fill (⟨…⟩) is a
// gap: Tab leads from one to the next, and none of them is sent. form[data-gaps] says the sentence.
import { complain, place } from "./http.js";
import { close } from "./menu.js";
import { mark, marked } from "./text_marks.js";
import { style } from "./turned_to.js";

const OPEN = /⟨[^⟨⟩\n]{1,200}⟩|\{\{[ \t]*\?[^{}\n]{0,200}\}\}/g;
const SHORTCUT = /(?:^|\s)(;[\p{L}\p{N}][\p{L}\p{N}_-]*) $/u;

const field = (form) => form.querySelector("textarea[name=text]");
const writing = (element) => {
  const form = element?.closest?.("form[data-gaps]");
  return form && element === field(form) ? form : null;
};
const gaps = (text) => [...text.matchAll(OPEN)].map((found) => ({ start: found.index, end: found.index + found[0].length, text: found[0] }));
const select = (area, gap) => {
  area.focus();
  area.setSelectionRange(gap.start, gap.end);
};

// Says how much is left, and colours it; what was complained of is forgiven once nothing is.
const look = (form) => {
  const area = field(form);
  const all = gaps(area.value);
  mark(area, all);
  const left = form.querySelector("[data-gaps-left]");
  if (left) {
    left.hidden = !all.length;
    left.querySelector("[data-count]").textContent = all.length || "";
  }
  const complaint = place(form);
  if (!all.length && complaint?.dataset.ofGaps) {
    complaint.hidden = true;
    delete complaint.dataset.ofGaps;
  }
};

// Puts parts ([{kind, text}]) in place of what stands from `start` to `end`; undo takes them out again.
const insert = (form, parts, start, end) => {
  const area = field(form);
  const text = parts.map((part) => part.text).join("");
  area.focus();
  area.setSelectionRange(start, end);
  if (!document.execCommand("insertText", false, text)) {
    area.setRangeText(text, start, end, "end");
    area.dispatchEvent(new InputEvent("input", { bubbles: true, inputType: "insertText" }));
  }
  let at = start;
  for (const part of parts) {
    if (part.kind === "filled") marked(area, at, at + part.text.length);
    at += part.text.length;
  }
  look(form);
  const first = gaps(area.value).find((gap) => gap.start >= start && gap.end <= at);
  if (first) select(area, first);
  else area.setSelectionRange(at, at);
};

// Which ticket it is for; of one that is only being opened, whose.
const about = (form) => {
  const query = new URLSearchParams(form.querySelector("[data-text-modules]")?.dataset.textModules ?? "");
  if (!query.has("ticket") && !query.has("problem")) for (const name of ["customer", "contact"]) query.set(name, form.elements[name]?.value ?? "");
  return query;
};

const put = async (form, id, start, end) => {
  const area = field(form);
  const before = area.value;
  try {
    const answer = await fetch(`/text-modules/${id}/filled?${about(form)}`, { headers: { "HX-Request": "true" } });
    if (!answer.ok) {
      const said = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-problem] .grow");
      return complain(form, said?.textContent.trim() || document.body.dataset.failed);
    }
    const { parts, language } = await answer.json();
    if (!area.isConnected) return;
    if (form.elements.language) form.elements.language.value = language; // of one that is filled for each who gets it
    if (area.value === before) insert(form, parts, start, end);
    else insert(form, parts, area.selectionStart, area.selectionEnd); // typed on meanwhile
  } catch { complain(form, document.body.dataset.offline); }
};

document.addEventListener("pick", (event) => {
  const details = event.target.closest?.("[data-text-modules]");
  const form = details?.closest("form[data-gaps]");
  if (!form) return;
  event.preventDefault();
  close(details);
  const area = field(form);
  put(form, event.detail.value, area.selectionStart, area.selectionEnd);
});

// ";gruss" and a space become the module behind it; the list is asked for with the first ";".
let known = null;
const shortcuts = () => (known ??= fetch("/text-modules/shortcuts", { headers: { "HX-Request": "true" } })
  .then((answer) => (answer.ok ? answer.json() : {}))
  .catch(() => { known = null; return {}; }));

const expand = async (form) => {
  const area = field(form);
  const { value, selectionStart: at } = area;
  const found = SHORTCUT.exec(value.slice(0, at));
  if (!found) return;
  const id = (await shortcuts())[found[1].toLowerCase()];
  if (id && area.value.startsWith(value.slice(0, at))) put(form, id, at - found[1].length - 1, at);
};

document.addEventListener("input", (event) => {
  const form = writing(event.target);
  if (!form) return;
  look(form);
  if (!form.querySelector("[data-text-modules]")) return;
  if (event.data === ";") shortcuts();
  if (event.data === " ") expand(form);
});

document.addEventListener("keydown", (event) => {
  const details = event.target.closest?.("[data-text-modules]");
  if (details?.open && event.key === "Escape") {
    event.preventDefault();
    event.stopPropagation();
    close(details);
    field(details.closest("form")).focus();
  }
  // Pressed before the list is there, Enter must not send the form around it.
  if (details?.open && event.key === "Enter" && event.target.matches("input")) event.preventDefault();
  const form = writing(event.target);
  if (!form || event.isComposing || event.altKey || event.metaKey) return;
  if (event.key === "Tab" && !event.ctrlKey) {
    const all = gaps(event.target.value);
    const next = event.shiftKey ? all.findLast((gap) => gap.end <= event.target.selectionStart)
      : all.find((gap) => gap.start >= event.target.selectionEnd);
    if (!next) return; // behind the last gap, Tab leaves the field as ever
    event.preventDefault();
    select(event.target, next);
  }
}, true);

document.addEventListener("click", (event) => {
  const left = event.target.closest?.("[data-gaps-left]");
  const form = left?.closest("form[data-gaps]") ?? writing(event.target);
  if (form) {
    const area = field(form);
    const at = area.selectionEnd;
    const all = gaps(area.value);
    // The hint leads on to the next gap; a tap into a gap takes hold of the whole.
    const gap = left ? all.find((each) => each.start >= at) ?? all[0]
      : all.find((each) => each.start < at && at < each.end && area.selectionStart === at);
    if (gap) select(area, gap);
  }
  const palette = event.target.closest?.("[data-insert]");
  if (palette) token(palette);
});

// In the form of a module: a placeholder of the palette goes in at the cursor.
const token = (button) => {
  const area = field(button.form ?? button.closest("form"));
  area.focus();
  if (!document.execCommand("insertText", false, button.dataset.insert)) area.setRangeText(button.dataset.insert);
  const hint = /^(\{\{\? ?)(.*)\}\}$/.exec(button.dataset.insert);
  if (hint) area.setSelectionRange(area.selectionStart - 2 - hint[2].length, area.selectionStart - 2);
};

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form[data-gaps]")) return;
  if (form.dataset.gapsOnly && form.elements.kind?.value !== form.dataset.gapsOnly) return;
  const [first] = gaps(field(form).value);
  if (!first) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  complain(form, form.dataset.gaps.replace("{}", first.text));
  const complaint = place(form);
  if (complaint) complaint.dataset.ofGaps = "yes";
  select(field(form), first);
}, true);

document.addEventListener("draft", (event) => { if (event.target.matches("form[data-gaps]")) look(event.target); });
document.addEventListener("htmx:after:request", (event) => {
  const form = event.detail.ctx.sourceElement;
  if (form.matches?.("form[data-gaps]")) setTimeout(() => { if (form.isConnected) look(form); });
});
for (const form of document.querySelectorAll("form[data-gaps]")) if (field(form).value) look(form);
style("gaps");
