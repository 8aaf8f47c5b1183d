/* Adaptive Cards 1.5 as far as a desk's bot uses them; `press(action, data)` is told when a button is pressed. */

import { button, h } from "/_sandbox/outlook/static/dom.js";
import { safe, words } from "./words.js";

const HIGHEST = [1, 5];
let number = 0;

const lower = (value) => String(value ?? "").toLowerCase();

function tooNew(version) {
  const [major = 0, minor = 0] = String(version ?? "1.0").split(".").map(Number);
  return major > HIGHEST[0] || (major === HIGHEST[0] && minor > HIGHEST[1]);
}

const looks = (item) => ["tm-text", lower(item.size), lower(item.weight), lower(item.color), item.isSubtle && "subtle"];

function textBlock(item) {
  const classes = [...looks(item), lower(item.horizontalAlignment), item.wrap === false && "one"];
  return h("div", { class: classes.filter(Boolean).join(" ") }, words(item.text, true));
}

function textRun(one) {
  if (typeof one === "string") return words(one);
  return h("span", { class: looks(one).filter(Boolean).join(" ") }, words(one.text));
}

function factSet(item) {
  const rows = (item.facts || []).map((fact) => [h("dt", {}, words(fact.title, true)), h("dd", {}, words(fact.value, true))]);
  return h("dl", { class: "tm-facts" }, rows.flat());
}

function column(item, card) {
  const box = h("div", { class: "tm-column" }, (item.items || []).map((inner) => element(inner, card)));
  if (!item.width || item.width === "stretch") box.classList.add("stretch");
  else if (Number(item.width)) box.style.flex = `${Number(item.width)} 1 0`;
  return box;
}

function container(item, card) {
  const style = lower(item.style);
  const classes = ["tm-container", style && style !== "default" ? "styled" : "", style];
  return h("div", { class: classes.filter(Boolean).join(" ") }, (item.items || []).map((inner) => element(inner, card)));
}

function image(item) {
  const source = String(item.url || "").startsWith("data:image/") ? item.url : safe(item.url);
  const classes = `tm-image ${lower(item.size)} ${lower(item.style)}`.trim();
  return source && h("img", { class: classes, src: source, alt: item.altText || "" });
}

function keep(item, card, field, read) {
  if (item.id) card.inputs.push({ item, field, read });
  field.id = `card-input-${number += 1}`;
  const label = h("label", { for: field.id }, item.label || item.title || item.placeholder || item.id || "Input");
  if (!item.label) label.className = "sr";
  return h("div", { class: "field" }, label, field, h("span", { class: "error", hidden: true }, item.errorMessage || "Please fill this in."));
}

function textInput(item, card) {
  const rest = { class: "input", placeholder: item.placeholder, maxlength: item.maxLength, value: item.value ?? "" };
  const field = item.isMultiline ? h("textarea", rest) : h("input", { ...rest, type: item.style === "Email" ? "email" : "text" });
  return keep(item, card, field, () => field.value);
}

function plainInput(item, card) {
  const type = { "Input.Date": "date", "Input.Time": "time", "Input.Number": "number" }[item.type];
  const field = h("input", { class: "input", type, value: item.value ?? "" });
  return keep(item, card, field, () => field.value);
}

function choiceInput(item, card) {
  const options = (item.choices || []).map((one) => h("option", { value: one.value, selected: one.value === item.value }, one.title));
  const many = Boolean(item.isMultiSelect);
  if (!many && !item.value) options.unshift(h("option", { value: "" }, item.placeholder || ""));
  const field = h("select", { class: "input", multiple: many }, options);
  return keep(item, card, field, () => [...field.selectedOptions].map((one) => one.value).join(","));
}

function toggleInput(item, card) {
  const [on, off] = [item.valueOn ?? "true", item.valueOff ?? "false"];
  const field = h("input", { type: "checkbox", checked: item.value === on });
  if (item.id) card.inputs.push({ item, field, read: () => (field.checked ? on : off) });
  return h("label", { class: "row" }, field, h("span", {}, item.title || item.label || ""));
}

const KINDS = {
  TextBlock: textBlock, FactSet: factSet, Image: image, Container: container,
  RichTextBlock: (item) => h("div", { class: "tm-text" }, (item.inlines || []).map(textRun)),
  ColumnSet: (item, card) => h("div", { class: "tm-columns" }, (item.columns || []).map((one) => column(one, card))),
  ActionSet: (item, card) => actionRow(item.actions, card),
  "Input.Text": textInput, "Input.ChoiceSet": choiceInput, "Input.Toggle": toggleInput,
  "Input.Date": plainInput, "Input.Time": plainInput, "Input.Number": plainInput,
};

function element(item, card) {
  const kind = KINDS[item?.type];
  if (!kind) return item?.fallback?.type ? element(item.fallback, card) : null;
  const made = kind(item, card);
  if (made && item.separator) made.classList.add("tm-line-above");
  if (made && item.id) made.dataset.cardId = item.id;
  if (made && item.isVisible === false) made.hidden = true;
  return made;
}

/** What stands in the inputs, or null when something needed is missing; that is marked then. */
function gathered(card) {
  let whole = true;
  const data = {};
  for (const { item, field, read } of card.inputs) {
    const value = read();
    const missing = Boolean(item.isRequired) && !value;
    field.setAttribute("aria-invalid", String(missing));
    const error = field.closest(".field")?.querySelector(".error");
    if (error) error.hidden = !missing;
    if (missing && whole) field.focus();
    if (missing) whole = false;
    data[item.id] = value;
  }
  return whole ? data : null;
}

function sends(action, card) {
  const kind = lower(action.style) === "positive" ? "btn-primary" : lower(action.style) === "destructive" ? "btn-danger" : "";
  const made = button(action.title || action.verb || "Send", async () => {
    const inputs = action.associatedInputs === "none" ? {} : gathered(card);
    if (!inputs) return;
    made.setAttribute("aria-busy", "true");
    try {
      await card.press(action, { ...(typeof action.data === "object" ? action.data : {}), ...inputs });
    } finally {
      made.removeAttribute("aria-busy");
    }
  }, { kind, disabled: action.isEnabled === false });
  return made;
}

function shows(action, card) {
  const inner = render(action.card || {}, card.press);
  inner.hidden = true;
  const opener = button(action.title || "More", () => {
    inner.hidden = !inner.hidden;
    opener.setAttribute("aria-expanded", String(!inner.hidden));
  }, { "aria-expanded": "false" });
  return [opener, inner];
}

function toggles(action, card) {
  return button(action.title || "More", () => {
    for (const target of action.targetElements || []) {
      const found = card.box.querySelector(`[data-card-id="${CSS.escape(target.elementId ?? target)}"]`);
      if (found) found.hidden = target.isVisible === undefined ? !found.hidden : !target.isVisible;
    }
  });
}

function actionRow(actions, card) {
  const [row, below] = [[], []];
  for (const action of actions || []) {
    const href = action.type === "Action.OpenUrl" && safe(action.url);
    if (["Action.Execute", "Action.Submit"].includes(action.type)) row.push(sends(action, card));
    else if (href) row.push(h("a", { class: "btn", href, target: "_blank", rel: "noopener noreferrer" }, action.title || href));
    else if (action.type === "Action.ToggleVisibility") row.push(toggles(action, card));
    else if (action.type === "Action.ShowCard") {
      const [opener, inner] = shows(action, card);
      row.push(opener);
      below.push(inner);
    }
  }
  return row.length ? h("div", {}, h("div", { class: "tm-actions" }, row), below) : null;
}

/** A card as an element. */
export function render(content, press) {
  const box = h("div", { class: "tm-card" });
  const card = { box, inputs: [], press };
  if (tooNew(content.version)) box.append(content.fallbackText || "This card needs a newer Teams.");
  else box.append(...[...(content.body || []).map((item) => element(item, card)), actionRow(content.actions, card)].filter(Boolean));
  return box;
}
