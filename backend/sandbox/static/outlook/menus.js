/* Whose mailbox, which theme, which language, and how unkind the host is to the pane. */

import { avatar, fill, h } from "./dom.js";
import { culture, hear, isStaff, set, settings, state } from "./state.js";

const ROLES = { technician: "Technician", dispatcher: "Dispatcher", sales: "Sales", warehouse: "Warehouse", "ticket-administrator": "Ticket administrator", administrator: "Administrator", customer: "Customer" };
const $ = (id) => document.getElementById(id);

function address(person) {
  const url = new URL(location.pathname, location.origin);
  url.searchParams.set("as", person.mail);
  return url.pathname + url.search;
}

function role(person) {
  const roles = person.roles?.length ? person.roles : [person.role];
  return roles.map((name) => ROLES[name] || name).join(", ");
}

function card(person) {
  return h("a", { class: "ol-person", href: address(person) }, avatar(person.name, person.mail, 40), h("span", { class: "grow" },
    h("span", { class: "t14s cut" }, person.name), h("span", { class: "t12 dim cut" }, person.mail),
    h("span", { class: "t12 dim cut" }, role(person))));
}

/** Instead of a mailbox: everyone whose mailbox can be opened. */
export function pick(people) {
  const real = people.filter((person) => person.role !== "mailbox");
  const groups = [["Who works at the desk", real.filter(isStaff)], ["Customers", real.filter((person) => !isStaff(person))]];
  fill($("people"), groups.map(([title, some]) => [h("h2", {}, title), h("div", { class: "ol-people" }, some.map(card))]).flat());
  $("pick").hidden = false;
}

function toggled(opener, menu, build) {
  const shut = (focus) => { menu.hidden = true; opener.setAttribute("aria-expanded", "false"); if (focus) opener.focus(); };
  opener.addEventListener("click", () => {
    if (!menu.hidden) { shut(false); return; }
    build(menu);
    menu.hidden = false;
    opener.setAttribute("aria-expanded", "true");
    menu.querySelector("a, button, select, input")?.focus();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !menu.hidden) { event.preventDefault(); event.stopImmediatePropagation(); shut(true); }
  }, true);
  document.addEventListener("pointerdown", (event) => {
    if (!menu.hidden && !menu.contains(event.target) && !opener.contains(event.target)) shut(false);
  });
  window.addEventListener("blur", () => { if (!menu.hidden) shut(false); });
}

function choice(name, label, options, value, changed) {
  const id = `set-${name}`;
  const select = h("select", { class: "input", id, onchange: (event) => changed(event.target.value) },
    options.map(([key, text]) => h("option", { value: key, selected: key === value }, text)));
  if (!options.some(([key]) => key === value)) select.prepend(h("option", { value, selected: true }, value));
  return h("div", { class: "field" }, h("label", { for: id }, label), select);
}

function drawSettings(menu) {
  const plainChoice = (name, label, options) => choice(name, label, options, settings[name], (value) => set(name, value));
  const languages = [["de", "Deutsch"], ["en", "English"], ["es", "Español"], ["fr", "Français"], ["it", "Italiano"]];
  fill(menu,
    plainChoice("theme", "Theme", [["light", "Light"], ["dark", "Dark"], ["contrast", "High contrast"]]),
    choice("language", "Language of the pane", languages, culture().slice(0, 2), (value) => set("language", value)),
    h("p", { class: "t12s dim" }, "How the host treats the pane"),
    plainChoice("latency", "Answers of Office.js come after", [["0", "no wait"], ["20-120", "20 to 120 ms"],
      ["300-900", "300 to 900 ms"], ["2000-4000", "2 to 4 s"]]),
    plainChoice("signin", "Nested sign-in", [["ok", "gives a token"], ["ask", "asks the person first"], ["off", "is not there"]]),
    plainChoice("mailbox", "Requirement set Mailbox", [["1.15", "1.15"], ["1.13", "1.13 (no file of the mail)"], ["1.7", "1.7"], ["1.5", "1.5"]]),
    h("label", { class: "ol-check" }, h("input", { type: "checkbox", checked: settings.between === "null",
      onchange: (event) => set("between", event.target.checked ? "null" : "") }), "No item for a moment between two mails"));
}

function drawPeople(menu) {
  const others = state.people.filter((person) => person.role !== "mailbox" && person !== state.person);
  fill(menu, h("p", { class: "menu-title" }, `${state.person.name}, ${role(state.person)}`),
    h("a", { href: "/_sandbox/" }, "Sandbox tenant"), h("hr"), h("p", { class: "menu-title" }, "Another mailbox"),
    others.map((person) => h("a", { href: address(person) }, avatar(person.name, person.mail, 24), h("span", { class: "cut" }, person.name),
      h("span", { class: "hint" }, role(person).split(",")[0]))));
}

export function start() {
  const { name, mail } = state.person;
  const face = avatar(name, mail, 28);
  face.setAttribute("aria-hidden", "true");
  face.removeAttribute("role");
  $("me").append(face, h("span", { class: "sr" }, `${name}: change the mailbox`));
  toggled($("settings"), $("settings-menu"), drawSettings);
  toggled($("me"), $("me-menu"), drawPeople);
  hear("setting", ({ name: changed }) => {
    if (changed === "theme") document.documentElement.dataset.theme = settings.theme;
  });
}
