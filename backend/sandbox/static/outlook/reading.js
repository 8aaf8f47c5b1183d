/* The selected mail: loaded whole before anything changes, so that list, mail and pane always speak of the same one. */

import { avatar, button, empty, fill, h, icon, problem, toast } from "./dom.js";
import { step } from "./folders.js";
import { exact, names, party, size } from "./format.js";
import * as graph from "./graph.js";
import * as list from "./list.js";
import { frame } from "./mailbody.js";
import { row, state, tell } from "./state.js";

const area = () => document.getElementById("read");
let turn = 0;

const back = () => button("Back to the list", () => tell("select", { id: null }), { kind: "btn-subtle btn-icon ol-back",
  picture: "arrow-left", bare: true });

function save(bytes, name) {
  // Always as bytes to keep, never as a page to open: a document from a stranger must not run as ours.
  const link = h("a", { href: URL.createObjectURL(new Blob([bytes], { type: "application/octet-stream" })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

async function download(mailbox, id, part) {
  try {
    const path = `/v1.0/users/${encodeURIComponent(mailbox)}/messages/${encodeURIComponent(id)}`
      + `/attachments/${encodeURIComponent(part.id)}/$value`;
    save(await (await graph.request("GET", path)).arrayBuffer(), part.name || "attachment");
  } catch (error) {
    toast(`The attachment could not be read: ${error.message}`);
  }
}

function files(details) {
  const parts = details.attachments.filter((part) => !part.isInline);
  if (!parts.length) return null;
  return h("div", { class: "ol-files" }, parts.map((part) => h("button", {
    type: "button", class: "file", title: `Download ${part.name}`, onclick: () => download(details.mailbox, details.id, part),
  }, icon(/^image\//.test(part.contentType || "") ? "image" : "document"), h("span", { class: "cut" }, part.name || "attachment"),
  h("small", {}, size(part.size || 0)))));
}

function body(details) {
  const { contentType, content } = details.message.body;
  if (contentType.toLowerCase() === "html") {
    return h("div", { class: "ol-text wide" }, frame(content, details.pictures));
  }
  return h("div", { class: "ol-text" }, h("pre", { class: "ol-plain" }, content.trim()));
}

function head(mail) {
  const from = party(mail.from || mail.sender);
  const address = from.name === from.address ? "" : ` <${from.address}>`;
  const cc = names(mail.ccRecipients);
  const verbs = [["Reply", "reply", "arrow-reply"], ["Forward", "forward", "arrow-forward"]];
  return h("div", { class: "ol-msghead" }, avatar(from.name, from.address, 40), h("div", { class: "grow" },
    h("p", { class: "t14s cut", title: from.address }, from.name, h("span", { class: "t12 dim" }, address)),
    h("p", { class: "t12 dim cut" }, `To: ${names(mail.toRecipients) || "nobody"}`),
    cc ? h("p", { class: "t12 dim cut" }, `Cc: ${cc}`) : null),
  verbs.map(([label, name, picture]) => button(label, () => tell("command", { name }),
    { kind: "btn-subtle btn-icon", picture, bare: true })));
}

function drawMail(details) {
  const mail = details.message;
  const at = new Date(mail.receivedDateTime || mail.sentDateTime || mail.createdDateTime);
  const verbs = [["Reply", "reply", "arrow-reply-16"], ["Forward", "forward", "arrow-forward-16"]];
  fill(area(), h("div", { class: "ol-titlerow" }, back(), h("h1", {}, mail.subject || "(no subject)")),
    h("div", { class: "ol-notices", id: "notices" }),
    h("div", { class: "ol-body" }, h("div", { id: "reply" }), h("article", { class: "ol-msg" }, head(mail),
      h("p", { class: "t12 dim ol-indent" }, exact(at)), body(details), files(details),
      h("div", { class: "ol-acts" }, verbs.map(([label, name, picture]) =>
        button(label, () => tell("command", { name }), { picture }))))));
}

export function draw() {
  document.getElementById("mailbox").classList.toggle("reading", Boolean(state.selected || state.composing));
  if (state.details) { drawMail(state.details); return; }
  fill(area(), empty("mail-inbox", "No mail selected", "Choose one from the list: what Deskside knows about it stands beside it."));
}

async function pictures(mailbox, id, parts, html) {
  const found = new Map();
  if (!/cid:/i.test(html)) return found;
  for (const part of parts.filter((one) => /^image\/(png|jpe?g|gif|webp|bmp)$/i.test(one.contentType || ""))) {
    const whole = await graph.attachment(mailbox, id, part.id);
    part.contentId = whole.contentId;
    const name = (whole.contentId || "").replace(/^<|>$/g, "");
    if (name) found.set(name, `data:${part.contentType};base64,${whole.contentBytes}`);
  }
  return found;
}

async function read(mailbox, id) {
  const message = await graph.message(mailbox, id);
  const needed = message.hasAttachments || /cid:/i.test(message.body.content);
  const parts = needed ? await graph.attachments(mailbox, id) : [];
  return { mailbox, id, message, attachments: parts, pictures: await pictures(mailbox, id, parts, message.body.content) };
}

async function markRead(mailbox, id) {
  const mail = row(id);
  if (!mail || mail.isRead) return;
  mail.isRead = true;
  list.draw();
  step(mailbox, state.folder, -1);
  try {
    await graph.patch(mailbox, id, { isRead: true });
  } catch (error) {
    if (error.status !== 404) toast(error.message);
  }
}

/** Puts a mail (or none) into list, reading area and pane in one go. */
export function show(details) {
  turn += 1;
  state.details = details;
  state.selected = details ? details.id : null;
  state.wanted = state.selected;
  draw();
  list.mark();
  tell("selection", { details });
}

function failed(id, error) {
  show(null);
  state.wanted = id;
  list.mark();
  document.getElementById("mailbox").classList.add("reading");
  fill(area(), problem(`This mail could not be read: ${error.message}`, () => tell("select", { id })));
}

/** Selects a mail: until it is loaded the one before stays everywhere; a later choice overtakes an earlier one. */
export async function select(id) {
  turn += 1;
  const mine = turn;
  state.wanted = id;
  list.mark();
  if (!id) { show(null); return; }
  const { mailbox } = state;
  const slow = setTimeout(() => area().append(h("div", { class: "ol-busy", role: "progressbar", "aria-label": "Loading" })), 150);
  try {
    const details = await read(mailbox, id);
    if (mine !== turn) return;
    show(details);
    await markRead(mailbox, id);
  } catch (error) {
    if (mine === turn) failed(id, error);
  } finally {
    clearTimeout(slow);
    area().querySelector(".ol-busy")?.remove();
  }
}
