/* Elements are built from names and text nodes only: nothing a mail says is ever read as markup here. */

const SVG = "http://www.w3.org/2000/svg";

/** An element; `on…` properties are listeners, `class`, `data-…`, `aria-…` attributes, children nodes or text. */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (name === "value") element.value = value;
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** A picture from the page's sprite; names that end in -16 are the small ones. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", name.endsWith("-16") ? "icon icon-16" : "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${document.body.dataset.icons}#${name}`);
  svg.append(use);
  return svg;
}

/** A button that says what it does, to the eye or only to the ear. */
export function button(label, onclick, { kind = "", picture = null, bare = false, ...rest } = {}) {
  const props = { type: "button", class: `btn ${kind}`.trim(), onclick, ...rest };
  if (bare) Object.assign(props, { "aria-label": label, title: label });
  return h("button", props, picture && icon(picture), bare ? null : label);
}

export function initials(name) {
  const words = name.replace(/[^\p{L}\p{N}\s.-]/gu, " ").split(/[\s.-]+/).filter(Boolean);
  const letters = words.length > 1 ? words[0][0] + words[words.length - 1][0] : (words[0] || "?").slice(0, 2);
  return letters.toUpperCase();
}

/** One of the eight avatar colours, always the same for the same address. */
export function hue(address) {
  let sum = 0;
  for (const letter of address.toLowerCase()) sum = (sum * 31 + letter.codePointAt(0)) % 9973;
  return (sum % 8) + 1;
}

export function avatar(name, address, size = 32) {
  const label = name || address || "Unknown";
  const props = { class: `avatar avatar-${size} hue-${hue(address || label)}`, role: "img", "aria-label": label };
  return h("span", { ...props, title: address || label }, initials(label));
}

/** Replaces what an element holds. */
export function fill(element, ...children) {
  element.replaceChildren(...children.flat().filter(Boolean));
  return element;
}

/** A grey sentence where something will stand, with what to do about it. */
export function empty(picture, title, text, action = null) {
  return h("div", { class: "empty" }, icon(picture), h("h2", {}, title), h("p", {}, text), action);
}

export function problem(text, again = null) {
  const retry = again && button("Try again", again, { kind: "btn-s" });
  return h("div", { class: "notice notice-bad ol-problem", role: "alert" }, icon("warning-16"),
    h("span", { class: "grow" }, text), retry);
}

/** Says for five seconds, at the bottom right, what has happened. */
export function toast(text, action = null) {
  const box = document.getElementById("toasts");
  const line = h("div", { class: "toast" }, icon("info"), h("span", { class: "grow" }, text), action);
  box.append(line);
  let timer = setTimeout(() => line.remove(), 5000);
  line.addEventListener("mouseenter", () => clearTimeout(timer));
  line.addEventListener("mouseleave", () => { timer = setTimeout(() => line.remove(), 2000); });
}
