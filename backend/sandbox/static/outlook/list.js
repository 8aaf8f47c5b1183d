/* The messages of the open folder, grouped by day; rows stay in place when the folder is asked again. */

import { avatar, button, empty, fill, h, icon, problem } from "./dom.js";
import { title } from "./folders.js";
import { exact, group, names, party, short } from "./format.js";
import * as graph from "./graph.js";
import { state, tell } from "./state.js";

const rowsArea = () => document.getElementById("rows");
const outgoing = () => ["sentitems", "drafts"].includes(state.folder);
let turn = 0;

const time = (mail) => new Date(mail.receivedDateTime || mail.sentDateTime || mail.lastModifiedDateTime || Date.now());

function who(mail) {
  if (!outgoing()) return party(mail.from || mail.sender);
  const first = party((mail.toRecipients || [])[0]);
  return { name: names(mail.toRecipients) || "No recipient yet", address: first.address };
}

function drawRow(mail) {
  const at = time(mail);
  const person = who(mail);
  const current = mail.id === state.selected;
  const classes = ["ol-mail", mail.isRead ? "" : "unread", mail.id === state.wanted && !current ? "coming" : ""];
  return h("a", {
    class: classes.filter(Boolean).join(" "), href: `#${mail.id}`, "data-id": mail.id, "aria-current": current ? "true" : null,
    onclick: (event) => { event.preventDefault(); tell("select", { id: mail.id }); },
  }, avatar(person.name, person.address), h("span", { class: "grow" },
    h("span", { class: "from" }, mail.isDraft ? h("span", { class: "draft" }, "[Draft]") : null,
      h("span", { class: "cut" }, person.name), mail.isRead ? null : h("span", { class: "sr" }, "unread"),
      mail.hasAttachments ? icon("attach-16") : null),
    h("span", { class: "subj" }, h("span", { class: "cut" }, mail.subject || "(no subject)"),
      h("time", { datetime: at.toISOString(), title: exact(at) }, short(at))),
    h("span", { class: "said t12 dim cut" }, mail.bodyPreview || "")));
}

/** The rows that the search leaves, in the order of the folder. */
export function shown() {
  const words = state.query.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return state.rows;
  return state.rows.filter((mail) => {
    const from = party(mail.from);
    const text = [from.name, from.address, names(mail.toRecipients), mail.subject, mail.bodyPreview].join(" ").toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

function nothing() {
  if (state.query) {
    return empty("search", "Nothing found", `No mail of this folder says “${state.query}”.`,
      button("Clear the search", () => tell("search", { query: "" })));
  }
  const text = state.folder === "inbox" ? "Mail that arrives shows here by itself." : "This folder is empty.";
  return empty("mail-inbox", "Nothing here", text,
    state.folder === "inbox" ? button("New mail", () => tell("command", { name: "new" })) : null);
}

function skeleton() {
  return [78, 62, 70, 54].map((width) => h("div", { class: "ol-skel", "aria-hidden": "true" },
    h("span", { class: "skel skel-round" }), h("span", { class: `skel w${width}` }), h("span", { class: "skel" })));
}

export function draw() {
  document.getElementById("folder-name").textContent = title(state.mailbox, state.folder);
  const area = rowsArea();
  if (state.loading) { fill(area, skeleton()); return; }
  if (state.failure) { fill(area, problem(state.failure, () => load())); return; }
  const rows = shown();
  const focused = area.contains(document.activeElement) ? document.activeElement.dataset.id : null;
  const parts = [];
  let heading = "";
  for (const mail of rows) {
    const name = group(time(mail));
    if (name !== heading) parts.push(h("h2", { class: "ol-day" }, name));
    heading = name;
    parts.push(drawRow(mail));
  }
  if (!rows.length) parts.push(nothing());
  if (state.next && !state.query) parts.push(button("Show older", older, { kind: "ol-more" }));
  const top = area.scrollTop;
  fill(area, parts);
  area.scrollTop = top;
  if (focused) find(focused)?.focus({ preventScroll: true });
}

const find = (id) => rowsArea().querySelector(`[data-id="${CSS.escape(id)}"]`);

/** Moves the marks without building the rows again, and brings the wanted one into view. */
export function mark() {
  for (const element of rowsArea().querySelectorAll(".ol-mail")) {
    const current = element.dataset.id === state.selected;
    if (current) element.setAttribute("aria-current", "true"); else element.removeAttribute("aria-current");
    element.classList.toggle("coming", element.dataset.id === state.wanted && !current);
  }
  if (state.wanted) find(state.wanted)?.scrollIntoView({ block: "nearest" });
}

async function older() {
  const { mailbox, folder } = state;
  const page = await graph.messages(mailbox, folder, state.next);
  if (mailbox !== state.mailbox || folder !== state.folder) return;
  state.rows = [...state.rows, ...page.rows];
  state.next = page.next;
  draw();
}

/** Reads the open folder; `quiet` keeps the rows that are there until the new ones have come. */
export async function load(quiet = false) {
  turn += 1;
  const mine = turn;
  state.loading = !quiet;
  state.failure = null;
  if (!quiet) { state.rows = []; state.next = null; draw(); }
  try {
    const page = await graph.messages(state.mailbox, state.folder);
    if (mine !== turn) return;
    const tail = quiet ? state.rows.slice(50).filter((mail) => !page.rows.some((one) => one.id === mail.id)) : [];
    state.rows = [...page.rows, ...tail];
    if (!tail.length) state.next = page.next;
  } catch (error) {
    if (mine !== turn) return;
    if (!quiet) state.failure = error.message;
  }
  state.loading = false;
  draw();
  tell("rows");
}
