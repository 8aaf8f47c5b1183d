/* The host behind Office.js in the pane: it says which mail is selected and fetches what the pane asks about it.
   Nothing is heard that does not come from the pane's own frame and origin. */

import { fill, h, icon, toast } from "./dom.js";
import * as graph from "./graph.js";
import { plain } from "./mailbody.js";
import * as nestedAuth from "./nested_auth.js";
import { exchangeId, snapshot } from "./snapshot.js";
import { culture, lag, settings, state, tell } from "./state.js";

const MARK = "deskside-office";
const SETS = { DialogApi: "1.2", IdentityAPI: "1.3", OpenBrowserWindowApi: "1.1" };
const FORMS = { reply: "reply", "reply-all": "reply-all", new: "new" };
let pane = null;
let current = null;
const given = new Map();
const notices = new Map();
/** What the pane has asked for that only a real Office could do: dialogs, other windows. */
export const recorded = [];

/** Says something to the pane once its page has spoken first; until then there is nobody to hear it. */
function post(message) {
  if (pane?.ready) pane.frame.contentWindow?.postMessage({ mark: MARK, ...message }, pane.origin);
}

function officeTheme() {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim().replace(/^#(.)(.)(.)$/, "#$1$1$2$2$3$3");
  const isDarkTheme = settings.theme !== "light";
  return { bodyBackgroundColor: colour("--bg-1"), bodyForegroundColor: colour("--fg-1"), controlBackgroundColor: colour("--bg-3"),
    controlForegroundColor: colour("--fg-2"), isDarkTheme, themeId: isDarkTheme ? 3 : 0 };
}

function introduction() {
  const { name, mail } = state.person;
  const sets = { ...SETS, Mailbox: settings.mailbox };
  if (settings.signin !== "off") sets.NestedAppAuth = "1.1";
  return {
    language: culture(), sets, theme: officeTheme(), item: current,
    profile: { displayName: name, emailAddress: mail, accountType: "office365",
      timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone },
    diagnostics: { hostName: "OutlookWebApp", hostVersion: "20261101.01", OWAView: "ThreeColumns" },
    roaming: JSON.parse(localStorage.getItem(`outlook.roaming.${mail}`) || "{}"),
  };
}

function wanted(itemId) {
  const found = given.get(itemId);
  if (!found) throw Object.assign(new Error("The item is not there."), { name: "ItemNotFound", code: 9020 });
  return found;
}

async function body({ itemId, format }) {
  const { mailbox, id } = wanted(itemId);
  if (format === "html") {
    const { contentType, content } = (await graph.message(mailbox, id)).body;
    if (contentType.toLowerCase() === "html") return content;
    return `<html><body><pre>${content.replace(/[&<>]/g, (sign) => `&#${sign.codePointAt(0)};`)}</pre></body></html>`;
  }
  const { contentType, content } = await graph.text(mailbox, id);
  return contentType.toLowerCase() === "html" ? plain(content) : content;
}

async function raw(itemId) {
  const { mailbox, id } = wanted(itemId);
  return new Uint8Array(await graph.mime(mailbox, id));
}

function base64(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}

async function headers({ itemId }) {
  const text = new TextDecoder("utf-8").decode(await raw(itemId));
  return `${text.split(/\r?\n\r?\n/, 1)[0]}\r\n`;
}

async function attachment({ itemId, attachmentId }) {
  const { mailbox, id, attachments } = wanted(itemId);
  const known = attachments.find((part) => exchangeId(part.id) === attachmentId);
  if (!known) throw Object.assign(new Error("The attachment is not there."), { name: "InvalidAttachmentId", code: 9045 });
  const part = await graph.attachment(mailbox, id, known.id);
  if (part.contentBytes !== undefined) return { content: part.contentBytes, format: "base64" };
  const path = `/v1.0/users/${encodeURIComponent(mailbox)}/messages/${encodeURIComponent(id)}`
    + `/attachments/${encodeURIComponent(known.id)}/$value`;
  return { content: await (await graph.request("GET", path)).text(), format: "eml" };
}

function drawNotices() {
  const area = document.getElementById("notices");
  if (!area) return;
  const lines = [...(notices.get(current?.itemId) || new Map()).values()];
  fill(area, lines.map(({ type, message }) => h("div", { class: `notice ${type === "errorMessage" ? "notice-bad" : ""}`, role: "status" },
    icon(type === "errorMessage" ? "warning-16" : "tag-16"), h("span", {}, String(message || "")))));
}

function notice({ itemId, verb, key, details }) {
  wanted(itemId);
  const held = notices.get(itemId) || new Map();
  notices.set(itemId, held);
  if (verb === "all") return [...held].map(([name, one]) => ({ key: name, ...one }));
  if (verb === "remove") held.delete(key);
  else if (verb === "add" && held.has(key)) throw Object.assign(new Error("There is such a message."), { name: "NotificationExists", code: 9023 });
  else held.set(key, details);
  drawNotices();
  return undefined;
}

function prepared({ content, to = [], cc = [], subject }) {
  const address = (one) => (typeof one === "string" ? one : one.emailAddress);
  const values = content ? { text: plain(content) } : {};
  if (to.length) values.to = to.map(address).join("; ");
  if (cc.length) values.cc = cc.map(address).join("; ");
  if (subject) values.subject = subject;
  return values;
}

function form({ itemId, kind, values }) {
  if (itemId && itemId !== current?.itemId) wanted("");
  tell("command", { name: FORMS[kind], values: prepared(values || {}) });
}

function record(kind, params) {
  recorded.push({ kind, ...params, at: new Date().toISOString() });
  document.documentElement.dataset.officeRecorded = JSON.stringify(recorded);
  toast(`Deskside asked for a ${kind}: ${params.url}`);
}

const CALLS = {
  body, headers, attachment, notice, form,
  file: async ({ itemId }) => base64(await raw(itemId)),
  dialog: (params) => record("dialog", params),
  roaming: ({ values }) => localStorage.setItem(`outlook.roaming.${state.person.mail}`, JSON.stringify(values)),
  close: () => tell("pane-close"),
  nested: ({ request }) => nestedAuth.answer(request),
};

async function serve({ id, method, params }) {
  const asked = pane;
  let answer;
  try {
    if (!Object.hasOwn(CALLS, method)) throw Object.assign(new Error(`There is no ${method}.`), { name: "NotSupported", code: 5000 });
    answer = { value: await CALLS[method](params || {}) };
  } catch (error) {
    answer = { error: { code: error.code > 0 ? error.code : 9020, name: error.name || "GenericResponseError", message: error.message } };
  }
  await lag();
  if (asked === pane) post({ kind: "answer", id, ...answer });
}

function receive(event) {
  if (!pane || event.source !== pane.frame.contentWindow || event.origin !== pane.origin) return;
  const message = event.data;
  if (!message || message.mark !== MARK) return;
  if (message.kind === "hello") { pane.ready = true; post({ kind: "welcome", ...introduction() }); }
  if (message.kind === "call") serve(message);
}

/** From now on that frame, as long as it shows a page of that origin, is the pane. */
export function attach(frame, origin) {
  pane = { frame, origin, ready: false };
}

export function detach() {
  pane = null;
}

/** The selection has changed to a loaded mail or to none. */
export function select(details) {
  const next = details ? snapshot(details) : null;
  if (next) given.set(next.itemId, details);
  if (next?.itemId === current?.itemId) return;
  const gap = settings.between === "null" && current && next;
  current = next;
  drawNotices();
  if (!gap) { post({ kind: "item", item: current }); return; }
  post({ kind: "item", item: null });
  lag().then(() => { if (current === next) post({ kind: "item", item: current }); });
}

export const theme = () => post({ kind: "theme", theme: officeTheme() });

window.addEventListener("message", receive);
