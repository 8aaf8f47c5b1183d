/* The box at the bottom: a line to the chat, a new conversation in a channel, or the edit of an earlier line. */

import { button, fill, h, icon, toast } from "/_sandbox/outlook/static/dom.js";
import * as calls from "./calls.js";

const form = () => document.getElementById("write");
let box = null;
let editing = null;

async function encoded(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (let start = 0; start < bytes.length; start += 32768) text += String.fromCharCode(...bytes.subarray(start, start + 32768));
  return { name: file.name, contentType: file.type || "application/octet-stream", content: btoa(text) };
}

/** Says something and tells when that failed; whether it was taken. */
export async function say(me, conversation, text, { mention = null, files = [] } = {}) {
  const line = { from: me.mail, text, conversation };
  if (mention !== null) line.mentions = mention ? ["bot"] : [];
  try {
    if (files.length) line.attachments = await Promise.all([...files].map(encoded));
    await calls.say(line);
    return true;
  } catch (error) {
    toast(error.message);
    return false;
  }
}

async function send(me, place, file, mention) {
  const text = box.value.trim();
  if (!text && !file.files.length) return;
  const was = editing;
  box.value = "";
  if (was) {
    stop();
    try { await calls.edit(me.mail, was.id, text); } catch (error) { toast(error.message); }
    return;
  }
  const files = [...file.files];
  file.value = "";
  const taken = await say(me, place.id, text, { mention: place.channel ? mention.getAttribute("aria-pressed") === "true" : null, files });
  if (!taken && !box.value) box.value = text;
}

function stop() {
  editing = null;
  form().querySelector("[data-editing]")?.remove();
}

/** Puts an earlier line into the box. */
export function redo(line) {
  stop();
  editing = line;
  const hint = h("div", { class: "row t12 dim", "data-editing": true }, h("span", { class: "grow" }, "You are editing a message."),
    button("Cancel", () => { stop(); box.value = ""; }, { kind: "btn-subtle btn-s" }));
  form().prepend(hint);
  box.value = line.text.replace(/<\/?at>/g, "");
  box.focus();
}

/** Builds the box for a place: `{id, channel, label, blocked}`. */
export function open(me, place) {
  editing = null;
  const label = place.channel ? "Start a new conversation" : "Type a message";
  box = h("textarea", { rows: 1, "aria-label": label, placeholder: label, disabled: place.blocked });
  const file = h("input", { type: "file", multiple: true, hidden: true, "aria-label": "Attach files" });
  const mention = button("@Deskside", () => mention.setAttribute("aria-pressed", String(mention.getAttribute("aria-pressed") !== "true")),
    { kind: "btn-subtle", "aria-pressed": "true", title: "In a channel the bot only hears what mentions it" });
  const go = () => send(me, place, file, mention);
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); go(); }
    if (event.key === "Escape" && editing) { stop(); box.value = ""; }
  });
  file.addEventListener("change", () => { if (file.files.length) toast(`${file.files.length} attached; they go with the next message.`); });
  form().onsubmit = (event) => { event.preventDefault(); go(); };
  const attach = place.channel ? mention : button("Attach", () => file.click(), { kind: "btn-subtle", picture: "attach-16", bare: true, disabled: place.blocked });
  if (!place.channel) attach.classList.add("btn-icon");
  const sends = h("button", { type: "submit", class: "btn btn-subtle btn-icon", "aria-label": "Send", title: "Send (Enter)", disabled: place.blocked }, icon("send"));
  fill(form(), h("div", { class: "tm-box" }, box, file, attach, sends));
}
