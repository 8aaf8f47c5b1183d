/* Opens the mailbox of `?as=…` and keeps it up to date. */

import * as commands from "./commands.js";
import * as compose from "./compose.js";
import { fill, problem } from "./dom.js";
import * as folders from "./folders.js";
import * as list from "./list.js";
import * as menus from "./menus.js";
import * as pane from "./pane.js";
import * as reading from "./reading.js";
import { hear, isStaff, row, state } from "./state.js";

const SETTLE = 120;
const $ = (id) => document.getElementById(id);

async function people() {
  const answer = await fetch("/_sandbox/people");
  if (!answer.ok) throw new Error(`The sandbox did not say who there is (${answer.status}).`);
  return answer.json();
}

async function open({ mailbox, folder }) {
  if (!(await compose.leave())) return;
  Object.assign(state, { mailbox, folder, query: "" });
  $("search").value = "";
  reading.show(null);
  folders.draw();
  history.replaceState(null, "", `${location.pathname}${location.search}#${mailbox}/${folder}`);
  await list.load();
}

/** The selected mail may have been moved or deleted elsewhere; then nothing is selected any more. */
function present() {
  // While another one is being loaded, that one will take its place anyway.
  const settled = state.wanted === state.selected && !state.composing;
  if (settled && state.selected && !state.next && !row(state.selected)) reading.show(null);
}

const due = new Map();

/** Many changes that come together are looked at once. */
function changed(mailbox) {
  clearTimeout(due.get(mailbox));
  due.set(mailbox, setTimeout(async () => {
    due.delete(mailbox);
    if (mailbox === state.mailbox) await list.load(true);
    await folders.refresh(mailbox);
  }, SETTLE));
}

function listen() {
  const events = new EventSource("/_sandbox/events");
  let lost = false;
  events.addEventListener("message", (event) => {
    const { mailbox } = JSON.parse(event.data);
    if (state.mailboxes.some((one) => one.mail === mailbox)) changed(mailbox);
  });
  events.addEventListener("error", () => { lost = true; });
  events.addEventListener("open", () => {
    if (lost) state.mailboxes.forEach((one) => changed(one.mail));
    lost = false;
  });
}

function search() {
  $("search").addEventListener("input", (event) => { state.query = event.target.value.trim(); list.draw(); });
  hear("search", ({ query }) => { state.query = query; $("search").value = query; list.draw(); });
}

function wire() {
  hear("open", open);
  hear("counts", ({ mailbox }) => folders.refresh(mailbox));
  hear("rows", present);
  hear("setting", ({ name }) => { if (name === "theme" && !state.composing) reading.draw(); });
  menus.start();
  commands.start();
  search();
  listen();
  pane.start();
}

function place() {
  const [mailbox, folder] = decodeURIComponent(location.hash.slice(1)).split("/");
  const known = state.mailboxes.some((one) => one.mail === mailbox);
  return known && /^[a-z]+$/.test(folder || "") ? { mailbox, folder } : { mailbox: state.person.mail, folder: "inbox" };
}

async function start() {
  const asked = (new URLSearchParams(location.search).get("as") || "").toLowerCase();
  try {
    state.people = await people();
  } catch (error) {
    $("pick").hidden = false;
    fill($("people"), problem(error.message, () => location.reload()));
    return;
  }
  state.person = state.people.find((one) => one.mail.toLowerCase() === asked && one.role !== "mailbox");
  if (!state.person) { menus.pick(state.people); return; }
  const shared = isStaff(state.person) ? state.people.filter((one) => one.role === "mailbox") : [];
  state.mailboxes = [state.person, ...shared];
  document.title = `Mail, ${state.person.name}`;
  $("calendar").href = `/_sandbox/calendar?as=${encodeURIComponent(state.person.mail)}`;
  $("mailbox").hidden = false;
  wire();
  Object.assign(state, place());
  reading.draw();
  folders.draw();
  await Promise.all([list.load(), folders.refresh()]);
}

start();
