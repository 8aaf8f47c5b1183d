/* Opens the calendar of `?as=…` and keeps it up to date. */

import { h, toast } from "/_sandbox/outlook/static/dom.js";
import * as detail from "./detail.js";
import * as events from "./events.js";
import * as grid from "./grid.js";
import * as moving from "./moving.js";
import { date, DAY, head, here, minutes, monday, wall } from "./times.js";

const SETTLE = 120;
const PAUSE = 250;
const FIRST_HOUR = 6.75;
const $ = (id) => document.getElementById(id);
const asked = new URLSearchParams(location.search);
const state = { mail: "", start: 0, now: 0, events: [], chosen: null, turn: 0 };
let pointer = { busy: () => false };

const find = (id) => state.events.find((event) => event.id === id);

let drawn = "";

/** Draws what has changed; `anew` draws in any case. Boxes that stay as they are stay under the pointer. */
function draw(anew = false) {
  if (pointer.busy()) return;
  const picture = JSON.stringify([state.start, state.events, state.chosen, state.now]);
  if (picture === drawn && !anew) return;
  drawn = picture;
  grid.draw(state.start, state.events, state.chosen, state.now);
  const event = find(state.chosen);
  detail.show(event, event && {
    save: (from, till) => place(event, from, till),
    answer: (verb) => act(() => events.answer(state.mail, event, verb), "The answer is on its way."),
    remove: () => remove(event),
  });
}

async function load() {
  state.turn += 1;
  const { turn, mail, start } = state;
  try {
    const [found, clock] = await Promise.all([events.week(mail, start), fetch("/_sandbox/clock").then((answer) => answer.json())]);
    // What is not sent yet must not be drawn back.
    if (turn !== state.turn || due.size) return;
    state.events = found;
    state.now = here(new Date(clock.now));
    draw();
    $("week").setAttribute("aria-busy", "false");
  } catch (error) {
    toast(error.message);
  }
}

async function act(doing, said) {
  try {
    await doing();
    toast(said);
  } catch (error) {
    toast(error.status === 412 ? "The event has been changed meanwhile; look at it again." : error.message);
  }
  await load();
}

/** Several keys pressed in a row are one change; changes wait for each other, since each needs the tag of the one before. */
let sending = Promise.resolve();
const due = new Map();

function place(event, from, till, wait = 0) {
  if (!(till >= from)) { toast("The end is before the start."); return; }
  // Drawn at once where it shall be; the answer of the server decides.
  const known = find(event.id);
  if (known) Object.assign(known, { from, till });
  draw();
  clearTimeout(due.get(event.id));
  due.set(event.id, setTimeout(() => {
    due.delete(event.id);
    const { mail } = state;
    sending = sending.then(() => act(async () => {
      event["@odata.etag"] = await events.place(mail, known || event, from, till);
      if (known) known["@odata.etag"] = event["@odata.etag"];
    }, "Moved."));
  }, wait));
}

const remove = (event) => act(() => events.remove(state.mail, event),
  event.isOrganizer && event.attendees.length ? "Cancelled; the attendees are told." : "Deleted.");

function choose(id) {
  state.chosen = id;
  draw();
}

function go(start) {
  state.start = monday(start);
  $("week").setAttribute("aria-busy", "true");
  state.events = [];
  $("title").textContent = `${head(state.start)} to ${date(state.start + 6 * DAY)}`;
  const url = new URL(location.href);
  url.searchParams.set("as", state.mail);
  url.searchParams.set("week", wall(state.start).slice(0, 10));
  history.replaceState(null, "", url);
  draw();
  return load();
}

function keys(press) {
  const button = press.target.closest?.(".cal-event");
  const event = button && find(button.dataset.id);
  if (!event) return;
  const to = moving.byKey(event, press);
  if (to) {
    press.preventDefault();
    place(event, to.from, to.till, PAUSE);
  } else if (press.key === "Delete") {
    press.preventDefault();
    remove(event);
  }
}

function listen() {
  let timer = 0;
  const soon = () => { clearTimeout(timer); timer = setTimeout(load, SETTLE); };
  const stream = new EventSource("/_sandbox/events");
  stream.addEventListener("message", (event) => { if (JSON.parse(event.data).mailbox === state.mail) soon(); });
  stream.addEventListener("open", soon);
}

function wire() {
  const week = $("week");
  pointer = moving.start(week, $("scroll"), { find, place, redraw: () => draw(true), look: () => draw() });
  week.addEventListener("click", (click) => {
    const button = click.target.closest(".cal-event");
    if (button) choose(button.dataset.id);
  });
  week.addEventListener("keydown", keys);
  $("earlier").addEventListener("click", () => go(state.start - 7 * DAY));
  $("later").addEventListener("click", () => go(state.start + 7 * DAY));
  $("today").addEventListener("click", () => go(state.now));
  $("person").addEventListener("change", (event) => {
    Object.assign(state, { mail: event.target.value, chosen: null });
    name();
    go(state.start);
  });
  $("theme").value = document.documentElement.dataset.theme;
  $("theme").addEventListener("change", (event) => { document.documentElement.dataset.theme = event.target.value; });
}

function name() {
  const person = $("person").selectedOptions[0].textContent;
  document.title = `Calendar, ${person}`;
  for (const [id, page] of [["mail", "outlook"], ["teams", "teams"]]) {
    $(id).href = `/_sandbox/${page}?as=${encodeURIComponent(state.mail)}`;
  }
}

async function start() {
  const [people, clock] = await Promise.all(["people", "clock"].map(async (what) => (await fetch(`/_sandbox/${what}`)).json()));
  const known = people.find((one) => one.mail === (asked.get("as") || "").toLowerCase()) || people[0];
  state.mail = known.mail;
  state.now = here(new Date(clock.now));
  $("person").append(...people.map((one) => h("option", { value: one.mail, selected: one === known }, one.name)));
  name();
  wire();
  const week = asked.get("week");
  await go(/^\d{4}-\d\d-\d\d$/.test(week || "") ? minutes(week) : state.now);
  $("scroll").scrollTop = grid.pixels(FIRST_HOUR * 60);
  listen();
}

start().catch((error) => toast(error.message));
