/* Writing: a new mail goes by sendMail, an answer is a draft of Exchange's own making that is filled and sent. */

import { button, fill, h, icon, problem, toast } from "./dom.js";
import { line, recipients, size } from "./format.js";
import * as graph from "./graph.js";
import { frame, plain } from "./mailbody.js";
import { state, tell } from "./state.js";

const LIMIT = 3 * 1024 * 1024;
const area = () => document.getElementById("read");

/** What was typed, before or instead of a quoted mail; paragraphs where lines were left blank. */
function asHtml(text, quoted = "") {
  const page = new DOMParser().parseFromString(quoted, "text/html");
  const own = page.createElement("div");
  for (const paragraph of text.split(/\n{2,}/)) {
    const block = page.createElement("p");
    paragraph.split("\n").forEach((words, at) => block.append(...(at ? [page.createElement("br"), words] : [words])));
    own.append(block);
  }
  page.body.prepend(own);
  return `<html><head>${page.head.innerHTML}</head><body>${page.body.innerHTML}</body></html>`;
}

function letter(form) {
  const text = form.text.value.trimEnd();
  const quoted = form.quoted ? form.quoted.content : "";
  const body = form.plain.checked
    ? { contentType: "text", content: quoted ? `${text}\n\n${plain(quoted)}` : text }
    : { contentType: "html", content: asHtml(text, quoted) };
  return { subject: form.subject.value.trim(), toRecipients: recipients(form.to.value),
    ccRecipients: recipients(form.cc.value), body };
}

function fileParts(form) {
  return form.files.map(({ name, type, content }) => ({ "@odata.type": "#microsoft.graph.fileAttachment", name,
    contentType: type || "application/octet-stream", contentBytes: content }));
}

async function save(form) {
  const { mailbox, draft } = form;
  if (!draft) {
    const made = await graph.draft(mailbox, letter(form));
    for (const part of fileParts(form)) await graph.attach(mailbox, made.id, part);
    return;
  }
  await graph.patch(mailbox, draft.id, letter(form));
  for (const part of fileParts(form)) await graph.attach(mailbox, draft.id, part);
}

async function deliver(form) {
  const said = letter(form);
  if (!said.toRecipients.length && !said.ccRecipients.length) throw new Error("Say who is to get this mail.");
  if (form.draft) {
    await save(form);
    await graph.send(form.mailbox, form.draft.id);
    return;
  }
  await graph.sendMail(form.mailbox, form.files.length ? { ...said, attachments: fileParts(form) } : said);
}

function end() {
  const { alone } = state.composing;
  state.composing.root.remove();
  state.composing = null;
  if (alone) tell("written"); else document.getElementById("read").focus();
}

async function send() {
  const form = state.composing;
  if (!form || form.sending) return;
  form.sending = true;
  form.go.setAttribute("aria-busy", "true");
  try {
    await deliver(form);
    toast("Sent.");
    end();
  } catch (error) {
    fill(form.trouble, problem(error.message));
    form.sending = false;
    form.go.removeAttribute("aria-busy");
  }
}

async function discard() {
  const form = state.composing;
  end();
  try { if (form.draft) await graph.remove(form.mailbox, form.draft.id); } catch (error) { toast(error.message); }
}

/** Leaves the form: what was written stays in Drafts, an untouched one is gone. Resolves to false if it could not be kept. */
export async function leave() {
  const form = state.composing;
  if (!form) return true;
  const written = form.text.value !== form.before || form.files.length;
  try {
    if (!written && form.draft && !form.kept) await graph.remove(form.mailbox, form.draft.id);
    if (written) { await save(form); toast("Kept in Drafts."); }
  } catch (error) {
    // A draft that is already gone was sent or deleted elsewhere: there is nothing left to keep.
    if (error.status !== 404) {
      fill(form.trouble, problem(`Not kept: ${error.message}`));
      return false;
    }
  }
  if (state.composing === form) end();
  return true;
}

function drawFiles(form) {
  fill(form.list, form.files.map((file, at) => h("span", { class: "file file-s" }, icon("attach-16"),
    h("span", { class: "cut" }, file.name), h("small", {}, size(file.size)),
    button(`Remove ${file.name}`, () => { form.files.splice(at, 1); drawFiles(form); },
      { kind: "btn-subtle btn-icon btn-s", picture: "dismiss-16", bare: true }))));
}

function bytes(file) {
  return new Promise((done, failed) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => done(reader.result.slice(reader.result.indexOf(",") + 1)));
    reader.addEventListener("error", () => failed(reader.error));
    reader.readAsDataURL(file);
  });
}

async function take(form, files) {
  for (const file of files) {
    if (file.size > LIMIT) { fill(form.trouble, problem(`${file.name} is larger than 3 MB; this mailbox sends smaller ones.`)); continue; }
    form.files.push({ name: file.name, type: file.type, size: file.size, content: await bytes(file) });
  }
  drawFiles(form);
}

function field(form, name, label, value) {
  const id = `compose-${name}`;
  form[name] = h("input", { id, name, value, autocomplete: "off", list: name === "to" ? "addresses" : null });
  return h("div", { class: "ol-line" }, h("label", { for: id }, label), form[name]);
}

function controls(form) {
  const pick = h("input", { type: "file", multiple: true, hidden: true, "aria-label": "Files to attach",
    onchange: (event) => { take(form, [...event.target.files]); event.target.value = ""; } });
  form.plain = h("input", { type: "checkbox" });
  form.go = button("Send", send, { kind: "btn-primary", picture: "send-16", title: "Send (Ctrl+Enter)" });
  return h("div", { class: "ol-sendrow" }, form.go,
    button("Attach", () => pick.click(), { kind: "btn-subtle", picture: "attach-16" }), pick,
    button("Discard", discard, { kind: "btn-subtle", picture: "delete-16" }),
    h("label", { class: "row" }, form.plain, "Plain text"),
    h("span", { class: "t12 dim cut" }, `From ${form.mailbox}`));
}

function quote(form) {
  if (!form.quoted) return null;
  const content = form.quoted.content;
  const details = h("details", { class: "ol-quote" }, h("summary", { "aria-label": "Show the quoted mail", title: "Show the quoted mail" }, "…"));
  details.addEventListener("toggle", () => {
    if (details.open && details.children.length === 1) details.append(frame(content));
  });
  return details;
}

function addresses() {
  return h("datalist", { id: "addresses" }, state.people.map((person) =>
    h("option", { value: `${person.name} <${person.mail}>` })));
}

/** Builds the form; `values` are to, cc, subject, text, attachments [{name, type, size, content}]. */
function open(place, { alone, draft = null, quoted = null, kept = false, label }, values) {
  const form = { alone, draft, quoted, kept, mailbox: state.mailbox, files: values.attachments || [], before: "" };
  form.text = h("textarea", { class: "ol-write", "aria-label": "Message", value: values.text || "" });
  form.trouble = h("div", {});
  form.list = h("div", { class: "ol-files" });
  form.before = kept ? form.text.value : "";
  form.root = h("section", { class: alone ? "ol-compose alone" : "ol-compose", "aria-label": label, onkeydown: (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); send(); }
  } }, field(form, "to", "To", values.to || ""), field(form, "cc", "Cc", values.cc || ""),
  field(form, "subject", "Subject", values.subject || ""), form.text, quote(form), form.list, form.trouble,
  controls(form), addresses());
  state.composing = form;
  drawFiles(form);
  fill(place, form.root);
  (form.to.value ? form.text : form.to).focus();
  form.text.setSelectionRange(0, 0);
}

export function write(values = {}) {
  document.getElementById("mailbox").classList.add("reading");
  open(area(), { alone: true, label: "New mail" }, values);
}

/** Answers the open mail; `verb` as in Graph, `values` what an add-in has prepared. */
export async function answer(verb, values = {}) {
  const { mailbox, id } = state.details;
  const made = await graph.answer(mailbox, id, verb);
  if (!state.details || state.details.id !== id) { await graph.remove(mailbox, made.id); return; }
  const label = verb === "createForward" ? "Forward" : "Reply";
  open(document.getElementById("reply"), { alone: false, draft: made, quoted: made.body, label },
    { to: line(made.toRecipients), cc: line(made.ccRecipients), subject: made.subject, ...values });
  document.querySelector(".ol-body").scrollTop = 0;
}

/** Goes on with a mail that lies in Drafts. */
export async function resume(id) {
  const draft = await graph.message(state.mailbox, id);
  document.getElementById("mailbox").classList.add("reading");
  const html = draft.body.contentType.toLowerCase() === "html";
  const text = html ? plain(draft.body.content) : draft.body.content;
  open(area(), { alone: true, draft, kept: true, label: "Draft" },
    { to: line(draft.toRecipients), cc: line(draft.ccRecipients), subject: draft.subject || "", text });
}
