/* The folders of one's own mailbox and the shared ones, with what is unread in them. */

import { fill, h, icon } from "./dom.js";
import * as graph from "./graph.js";
import { state, tell } from "./state.js";

const OWN = [["inbox", "Inbox", "mail-inbox"], ["sentitems", "Sent", "send"], ["drafts", "Drafts", "drafts"]];
const REST = [["archive", "Archive", "archive"], ["deleteditems", "Deleted", "delete"]];
const SHARED = [["inbox", "", "people"], ["sentitems", "Sent", "send"]];
const counts = new Map();

/** "Nordlicht IT Service" is "Service" beside its neighbours; the address stands in the tooltip. */
const shortName = (one) => one.name.split(" ").pop();

const key = (mailbox, folder) => `${mailbox}/${folder}`;

export function title(mailbox, folder) {
  const known = [...OWN, ...REST].find(([name]) => name === folder);
  const label = known ? known[1] : folder;
  const shared = state.mailboxes.find((one) => one.mail === mailbox && one.mail !== state.person.mail);
  return shared ? `${label}, ${shortName(shared)}` : label;
}

function link(mailbox, folder, label, picture, hint = label) {
  const current = mailbox === state.mailbox && folder === state.folder;
  const count = counts.get(key(mailbox, folder)) || 0;
  return h("a", {
    class: mailbox !== state.person.mail && folder !== "inbox" ? "view inner" : "view", href: `#${key(mailbox, folder)}`, title: hint, "data-mailbox": mailbox,
    "data-folder": folder, "aria-current": current ? "page" : null,
    onclick: (event) => { event.preventDefault(); tell("open", { mailbox, folder }); },
  }, icon(picture), h("span", { class: "label cut" }, label), count ? [" ", h("span", { class: "n" }, String(count))] : null);
}

export function draw() {
  const own = state.person.mail;
  const parts = [h("h2", {}, "Favourites"), OWN.map(([name, label, picture]) => link(own, name, label, picture))];
  const shared = state.mailboxes.filter((one) => one.mail !== own);
  if (shared.length) parts.push(h("h2", {}, "Shared"));
  for (const one of shared) {
    for (const [name, label, picture] of SHARED) {
      if (name === "inbox" || one.mail === state.mailbox) parts.push(link(one.mail, name, label || shortName(one), picture, one.mail));
    }
  }
  parts.push(h("h2", {}, "Folders"), REST.map(([name, label, picture]) => link(own, name, label, picture)));
  fill(document.getElementById("folders"), ...parts);
}

async function count(mailbox, folder) {
  const found = await graph.folder(mailbox, folder);
  counts.set(key(mailbox, folder), folder === "drafts" ? found.totalItemCount : found.unreadItemCount);
}

/** Asks again what is unread, in one mailbox or in all; a mailbox that refuses shows no number. */
export async function refresh(only = null) {
  const wanted = [[state.person.mail, "inbox"], [state.person.mail, "drafts"],
    ...state.mailboxes.filter((one) => one.mail !== state.person.mail).map((one) => [one.mail, "inbox"])];
  for (const [mailbox, folder] of wanted) {
    if (only && mailbox !== only) continue;
    try { await count(mailbox, folder); } catch { counts.delete(key(mailbox, folder)); }
  }
  draw();
}

/** Steps the number beside a folder before the mailbox has said so itself. */
export function step(mailbox, folder, by) {
  const at = key(mailbox, folder);
  counts.set(at, Math.max(0, (counts.get(at) || 0) + by));
  draw();
}
