/* Opens Teams for `?as=…` and keeps it up to date. */

import { avatar, button, empty, fill, h, icon, problem, toast } from "/_sandbox/outlook/static/dom.js";
import * as calls from "./calls.js";
import { kept, sync } from "./lines.js";
import * as tab from "./tab.js";
import { redo, open as openBox, say } from "./write.js";

const SETTLE = 60;
const TYPING = 5000;
const $ = (id) => document.getElementById(id);
const state = { people: [], me: null, team: null, place: null, listed: [], seen: new Map() };
let turn = 0;

const address = (person) => `/_sandbox/teams?as=${encodeURIComponent(person.mail)}`;
const note = (person) => `${person.role === "customer" ? (person.guest ? "Customer, guest here" : "Customer") : person.role}`;

function pick() {
  const groups = [["Who works at the desk", state.people.filter((one) => one.role !== "customer")],
    ["Customers", state.people.filter((one) => one.role === "customer")]];
  const card = (one) => h("a", { class: "ol-person", href: address(one) }, avatar(one.name, one.mail, 40), h("span", { class: "grow" },
    h("span", { class: "t14s cut" }, one.name), h("span", { class: "t12 dim cut" }, one.mail),
    h("span", { class: "t12 dim cut" }, `${note(one)}${one.installed ? "" : ", has not talked to the bot yet"}`)));
  fill($("people"), groups.map(([title, some]) => [h("h2", {}, title), h("div", { class: "ol-people" }, some.map(card))]).flat());
  $("pick").hidden = false;
}

function entry(place, picture, second, at) {
  const current = place.id === state.place?.id;
  const fresh = !current && at && at > (state.seen.get(place.id) || "");
  return h("button", { type: "button", class: fresh ? "tm-chat fresh" : "tm-chat", "data-id": place.id, "aria-current": current ? "true" : null,
    onclick: () => open(place) }, picture, h("span", {}, h("span", { class: "t14 cut" }, place.label, fresh ? h("span", { class: "sr" }, ", new") : null),
    h("span", { class: "t12 dim cut" }, second.replace(/<\/?at>/g, ""))));
}

function face() {
  const made = avatar("Deskside", "bot", 32);
  made.setAttribute("aria-hidden", "true");
  made.removeAttribute("role");
  return made;
}

function drawList() {
  const focused = $("list").contains(document.activeElement) ? document.activeElement.dataset.id : null;
  const chat = state.listed.find((one) => one.id === state.me.conversation);
  const parts = [h("h2", {}, "Chat"), entry(state.places[0], face(), chat?.last?.text || "Your chat with the bot", chat?.last?.at)];
  const app = state.places.find((one) => one.app);
  if (app) parts.push(h("h2", {}, "App"), entry(app, icon("tag-f"), "Deskside as a personal tab"));
  const channels = state.places.filter((one) => one.channel);
  if (channels.length) parts.push(h("h2", {}, state.team.name));
  for (const place of channels) {
    const last = state.listed.find((one) => one.channel === place.id)?.last;
    parts.push(entry(place, icon("channel"), last?.text || "Channel", last?.at));
  }
  fill($("list"), parts);
  if (focused) $("list").querySelector(`[data-id="${CSS.escape(focused)}"]`)?.focus();
}

async function refreshList() {
  state.listed = await calls.conversations(state.me.mail);
  const keys = state.seen.size ? [state.place.id] : state.places.map((one) => one.id);
  for (const key of keys) {
    const last = state.listed.find((one) => one.id === key || one.channel === key)?.last;
    state.seen.set(key, last?.at || "0");
  }
  drawList();
}

function drawHead(found) {
  const chat = !state.place.channel;
  const verb = found?.blocked ? "unblock" : "block";
  const act = chat && found?.installed ? button(found.blocked ? "Unblock the bot" : "Block the bot", async () => {
    try { await calls.change(state.me.mail, verb); await load(true); } catch (error) { toast(error.message); }
  }, { kind: "btn-s" }) : null;
  fill($("head"), chat ? face() : icon("channel"), h("h1", { class: "grow cut" }, state.place.channel ? `${state.team.name} > ${state.place.label}` : state.place.label), act);
}

const threads = new Map();

function thread(one) {
  let section = threads.get(one.id);
  if (!section) {
    const box = h("input", { class: "input", "aria-label": "Reply", placeholder: "Reply" });
    const form = h("form", { onsubmit: async (event) => {
      event.preventDefault();
      const text = box.value.trim();
      if (!text) return;
      box.value = "";
      if (!(await say(state.me, one.id, text, { mention: true }))) box.value = text;
    } }, box, h("button", { type: "submit", class: "btn" }, "Reply"));
    section = { lines: h("div", { class: "tm-flow" }), form };
    section.whole = h("section", { class: "tm-thread", "aria-label": "Conversation" }, section.lines, form);
    threads.set(one.id, section);
  }
  sync(section.lines, one.activities.map((line) => kept(state.me, line, redo)));
  return section.whole;
}

function drawLines(found) {
  const area = $("lines");
  const atEnd = area.scrollHeight - area.scrollTop - area.clientHeight < 80;
  let flow = area.querySelector(":scope > .tm-flow");
  if (!flow) { flow = h("div", { class: "tm-flow" }); fill(area, flow); }
  const nodes = found.threads ? found.threads.map(thread) : (found.activities || []).map((line) => kept(state.me, line, redo));
  if (!nodes.length) nodes.push(empty("chat", "Nothing here yet", state.place.channel ? "Start a conversation below." : "Write to the bot below."));
  sync(flow, nodes);
  if (atEnd) area.scrollTop = area.scrollHeight;
}

let boxIsOld = false;

/** Reads the open conversation; `whole` also builds the box anew, be it by a later call that overtook this one. */
async function load(whole = false) {
  turn += 1;
  boxIsOld ||= whole;
  if (state.place.app) return;
  const mine = turn;
  let found = { activities: [], installed: false, blocked: false };
  try {
    found = await calls.conversation(state.place.id, state.me.mail);
  } catch (error) {
    if (mine !== turn) return;
    // A chat that has never been used does not exist yet.
    if (state.place.channel || state.listed.some((one) => one.id === state.place.id)) {
      fill($("lines"), problem(error.message, () => load(whole)));
      return;
    }
  }
  if (mine !== turn) return;
  if (boxIsOld) openBox(state.me, { ...state.place, blocked: Boolean(found.blocked) });
  boxIsOld = false;
  drawHead(found);
  drawLines(found);
}

async function open(place) {
  state.place = place;
  $("app").hidden = !place.app;
  history.replaceState(null, "", `${location.pathname}${location.search}#${encodeURIComponent(place.id)}`);
  fill($("lines"));
  hideTyping();
  if (place.app) {
    fill($("head"), icon("tag-f"), h("h1", { class: "grow cut" }, "Deskside"));
    if (!$("app").firstChild) tab.show($("app"), document.body.dataset.deskside, state.me);
    drawList();
    return;
  }
  await Promise.all([load(true), refreshList()]);
  $("lines").scrollTop = $("lines").scrollHeight;
}

let typingEnds = null;

function hideTyping() {
  clearTimeout(typingEnds);
  fill($("typing"));
}

function showTyping() {
  clearTimeout(typingEnds);
  fill($("typing"), h("span", { class: "typing", "aria-hidden": "true" }, h("i"), h("i"), h("i")), h("span", {}, "Deskside is typing"));
  typingEnds = setTimeout(hideTyping, TYPING);
}

let due = null;

function changed(conversation) {
  if (conversation.startsWith(state.place.id)) hideTyping();
  clearTimeout(due);
  due = setTimeout(() => Promise.all([load(), refreshList()]).catch((error) => toast(error.message)), SETTLE);
}

function listen() {
  const events = new EventSource("/_sandbox/teams/events");
  events.addEventListener("message", (event) => {
    const { conversation, typing } = JSON.parse(event.data);
    if (!typing) changed(conversation);
    else if (conversation.startsWith(state.place.id)) showTyping();
  });
  events.addEventListener("error", () => { document.documentElement.dataset.line = "broken"; });
  // What was said before the line stood, or while it was broken, was told to nobody.
  events.addEventListener("open", () => {
    document.documentElement.dataset.line = "open";
    changed("");
  });
}

function drawMe() {
  const { name, mail } = state.me;
  const mine = avatar(name, mail, 28);
  mine.setAttribute("aria-hidden", "true");
  mine.removeAttribute("role");
  $("me").append(mine, h("span", { class: "sr" }, `${name}: be somebody else`));
  const menu = $("me-menu");
  fill(menu, h("p", { class: "menu-title" }, `${name}, ${note(state.me)}`), h("a", { href: "/_sandbox/teams" }, "Be somebody else"),
    h("a", { href: "/_sandbox/" }, "Sandbox tenant"));
  const shut = () => { menu.hidden = true; $("me").setAttribute("aria-expanded", "false"); };
  $("me").addEventListener("click", () => {
    menu.hidden = !menu.hidden;
    $("me").setAttribute("aria-expanded", String(!menu.hidden));
    if (!menu.hidden) menu.querySelector("a").focus();
  });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && !menu.hidden) { shut(); $("me").focus(); } });
  document.addEventListener("pointerdown", (event) => { if (!menu.contains(event.target) && !$("me").contains(event.target)) shut(); });
}

function drawTheme() {
  const root = document.documentElement;
  const show = () => $("theme").setAttribute("aria-pressed", String(root.dataset.theme === "dark"));
  $("theme").addEventListener("click", () => {
    root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark";
    // The mailbox of the same sandbox goes by the same choice.
    const settings = JSON.parse(localStorage.getItem("outlook.settings") || "{}");
    localStorage.setItem("outlook.settings", JSON.stringify({ ...settings, theme: root.dataset.theme }));
    show();
    tab.relook();
  });
  show();
}

async function start() {
  const asked = (new URLSearchParams(location.search).get("as") || "").toLowerCase();
  try {
    [state.people, state.team] = await Promise.all([calls.people(), calls.team()]);
  } catch (error) {
    $("pick").hidden = false;
    fill($("people"), problem(error.message, () => location.reload()));
    return;
  }
  state.me = state.people.find((one) => one.mail === asked);
  if (!state.me) { pick(); return; }
  document.title = `Teams, ${state.me.name}`;
  $("to-mail").href = `/_sandbox/outlook?as=${encodeURIComponent(state.me.mail)}`;
  const channels = state.me.role === "customer" ? [] : state.team.channels;
  const apps = state.me.role === "customer" ? [] : [{ id: "desk", label: "Desk", channel: false, app: true }];
  state.places = [{ id: state.me.conversation, label: "Deskside", channel: false }, ...apps,
    ...channels.map((one) => ({ id: one.id, label: one.name, channel: true }))];
  state.place = state.places[0];
  $("teams").hidden = false;
  drawMe();
  drawTheme();
  const wanted = decodeURIComponent(location.hash.slice(1));
  await open(state.places.find((one) => one.id === wanted) || state.places[0]);
  listen();
}

start();
