/* What the ribbon's buttons and the keys do. */

import { toast } from "./dom.js";
import * as compose from "./compose.js";
import * as graph from "./graph.js";
import * as list from "./list.js";
import * as reading from "./reading.js";
import { hear, row, state, tell } from "./state.js";

const VERBS = { reply: "createReply", "reply-all": "createReplyAll", forward: "createForward" };
const KEYS = { n: "new", r: "reply", a: "reply-all", f: "forward", e: "archive", u: "unread", Delete: "delete" };
const NEEDS_MAIL = ["delete", "archive", "unread", "reply", "reply-all", "forward"];

/** The mail that comes under the hand when this one has gone. */
function neighbour(id) {
  const rows = list.shown();
  const at = rows.findIndex((mail) => mail.id === id);
  return (rows[at + 1] || rows[at - 1] || {}).id || null;
}

let leaving = null;

async function away(destination) {
  const { id, mailbox } = state.details;
  // Pressed twice before the next mail is there: the first press has taken this one already.
  if (leaving === id) return;
  leaving = id;
  const after = neighbour(id);
  state.rows = state.rows.filter((mail) => mail.id !== id);
  list.draw();
  try {
    if (destination === "deleteditems" && state.folder === destination) await graph.remove(mailbox, id);
    else await graph.move(mailbox, id, destination);
    await open(after);
  } catch (error) {
    leaving = null;
    toast(`Not moved: ${error.message}`);
    await list.load(true);
  }
}

async function unread() {
  const { id, mailbox } = state.details;
  await graph.patch(mailbox, id, { isRead: false });
  const mail = row(id);
  if (mail) mail.isRead = false;
  list.draw();
  tell("counts", { mailbox });
}

/** Opens a mail, or, among the drafts, the form to go on with it. */
async function open(id) {
  if (!(await compose.leave())) return;
  const draft = id && row(id)?.isDraft;
  if (!draft) { await reading.select(id); return; }
  reading.show(null);
  state.wanted = id;
  list.mark();
  try { await compose.resume(id); } catch (error) { toast(error.message); }
}

async function write(values = {}) {
  if (!(await compose.leave())) return;
  reading.show(null);
  compose.write(values);
}

async function answer(verb, values = {}) {
  if (!(await compose.leave())) return;
  await compose.answer(verb, values);
}

/** Runs a command by its name; `values` are what an add-in put into a form. */
export async function run(name, values = {}) {
  if (NEEDS_MAIL.includes(name) && !state.details) return;
  try {
    if (name === "new") await write(values);
    else if (VERBS[name]) await answer(VERBS[name], values);
    else if (name === "delete") await away("deleteditems");
    else if (name === "archive") await away("archive");
    else if (name === "unread") await unread();
    else if (name === "deskside") tell("pane");
  } catch (error) {
    toast(error.message);
  }
}

function step(by) {
  const rows = list.shown();
  if (!rows.length) return;
  const at = rows.findIndex((mail) => mail.id === (state.wanted || state.selected));
  const next = rows[at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + by))];
  if (next.id !== state.wanted) open(next.id);
}

async function escape(event) {
  if (document.querySelector(".ol-menu .menu:not([hidden])")) return;
  event.preventDefault();
  if (state.composing) await compose.leave();
  else if (event.target.id === "search" && state.query) tell("search", { query: "" });
  else await open(null);
}

function onKey(event) {
  if (event.defaultPrevented) return;
  if (event.key === "Escape") { escape(event); return; }
  const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
  if (typing || event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.("[role=separator]")) return;
  if (event.key === "ArrowDown" || event.key === "j") step(1);
  else if (event.key === "ArrowUp" || event.key === "k") step(-1);
  else if (event.key === "/") document.getElementById("search").focus();
  else if (KEYS[event.key]) run(KEYS[event.key]);
  else return;
  event.preventDefault();
}

function enable() {
  for (const element of document.querySelectorAll("[data-do]")) {
    if (NEEDS_MAIL.includes(element.dataset.do)) element.disabled = !state.details;
  }
}

/** Connects buttons, keys and the page's own events. */
export function start() {
  document.querySelectorAll("[data-do]").forEach((element) => element.addEventListener("click", () => run(element.dataset.do)));
  document.addEventListener("keydown", onKey);
  hear("command", ({ name, values }) => run(name, values));
  hear("select", ({ id }) => open(id));
  hear("selection", enable);
  hear("written", () => reading.draw());
  enable();
}
