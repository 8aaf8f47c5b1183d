/* One line of a conversation: who, when, what they wrote, cards, files, and whether the bot got it. */

import { avatar, button, h, icon, toast } from "/_sandbox/outlook/static/dom.js";
import { exact, short } from "/_sandbox/outlook/static/format.js";
import * as calls from "./calls.js";
import { render } from "./cards.js";
import { link, words } from "./words.js";

const CARD = "application/vnd.microsoft.card.adaptive";
const FILE = "application/vnd.microsoft.teams.file.download.info";

async function pressed(me, line, action, data) {
  try {
    const answer = await calls.press({ from: me.mail, activity: line.id, verb: action.verb, action: action.id || action.title, data });
    if (!answer.delivered) toast(answer.sentence);
    else if (answer.message || answer.error) toast(answer.message || answer.error);
  } catch (error) {
    toast(error.message);
  }
}

function attachment(me, line, one) {
  if (one.contentType === CARD && one.content) return render(one.content, (action, data) => pressed(me, line, action, data));
  if (one.contentType === FILE) {
    return h("span", { class: "file" }, icon("attach-16"), link(one.name || "File", one.content?.downloadUrl));
  }
  const picture = String(one.contentUrl || "");
  if (picture.startsWith("data:image/")) return h("img", { class: "tm-image", src: picture, alt: one.name || "Picture" });
  if (one.contentType?.startsWith("image/")) return h("span", { class: "file" }, icon("image"), one.name || "Picture");
  return null;
}

function heading(line, mine, redo) {
  const at = new Date(line.at);
  const may = mine && !line.deleted && line.type === "message";
  return h("div", { class: "tm-who" }, h("b", {}, line.from.name),
    h("time", { datetime: line.at, title: exact(at) }, short(at)), line.edited && !line.deleted ? h("span", {}, "Edited") : null,
    may ? button("Edit", () => redo(line), { kind: "btn-subtle btn-s" }) : null,
    may ? button("Delete", () => calls.takeBack(line.from.mail, line.id).catch((error) => toast(error.message)),
      { kind: "btn-subtle btn-s" }) : null);
}

/** The line as an element; `redo(line)` is told when the person wants to edit it. */
export function draw(me, line, redo) {
  const mine = line.from.mail === me.mail;
  const face = avatar(line.from.name, line.from.mail || "bot", 32);
  face.setAttribute("aria-hidden", "true");
  face.removeAttribute("role");
  const parts = [heading(line, mine, redo)];
  if (line.deleted) parts.push(h("div", { class: "tm-bubble gone" }, "This message has been deleted."));
  else {
    if (line.text) parts.push(h("div", { class: "tm-bubble" }, words(line.text, line.textFormat === "markdown")));
    const shown = line.attachments.map((one) => attachment(me, line, one)).filter(Boolean);
    const isFile = (node) => node.classList.contains("file");
    parts.push(...shown.filter((node) => !isFile(node)));
    if (shown.some(isFile)) parts.push(h("div", { class: "tm-files" }, shown.filter(isFile)));
  }
  if (line.delivery && !line.delivery.delivered && !line.deleted) {
    parts.push(h("div", { class: "notice notice-warn" }, icon("warning-16"), h("span", { class: "grow" }, line.delivery.sentence)));
  }
  return h("article", { class: mine ? "tm-line mine" : "tm-line", "data-id": line.id }, face, h("div", { class: "tm-said" }, parts));
}

const drawn = new Map();

/** The same element as before while the line is the same, so that a half-filled input stays as it is. */
export function kept(me, line, redo) {
  const signature = JSON.stringify(line);
  const before = drawn.get(line.id);
  if (before?.signature === signature) return before.element;
  const element = draw(me, line, redo);
  drawn.set(line.id, { signature, element });
  return element;
}

/** Makes `parent` hold exactly `nodes`, without touching those that are in place. */
export function sync(parent, nodes) {
  nodes.forEach((node, place) => {
    if (parent.children[place] !== node) parent.insertBefore(node, parent.children[place] || null);
  });
  while (parent.children.length > nodes.length) parent.lastElementChild.remove();
}
