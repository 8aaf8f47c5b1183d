/* The host of the personal tab: Deskside in a frame of Teams. Only the frame's own window and origin are heard. */

import { fill, h } from "/_sandbox/outlook/static/dom.js";
import * as nestedAuth from "/_sandbox/outlook/static/nested_auth.js";
import { state as account } from "/_sandbox/outlook/static/state.js";

const MARK = "deskside-office";
const LOCALES = { de: "de-de", en: "en-gb", es: "es-es", fr: "fr-fr", it: "it-it" };
const looks = () => ({ dark: "dark", contrast: "contrast" })[document.documentElement.dataset.theme] || "default";
let frame = null;
let origin = "";
let person = null;

function post(message) {
  frame?.contentWindow?.postMessage({ mark: MARK, ...message }, origin);
}

async function receive(event) {
  if (!frame || event.source !== frame.contentWindow || event.origin !== origin || event.data?.mark !== MARK) return;
  const { kind, id, method, params } = event.data;
  if (kind === "hello") {
    post({ kind: "welcome", locale: LOCALES[person.language] || "en-gb", theme: looks(),
      user: { id: person.aadObjectId || person.id, userPrincipalName: person.mail }, page: { id: "desk", frameContext: "content" } });
  }
  if (kind === "call" && method === "nested") post({ kind: "answer", id, value: await nestedAuth.answer(params.request) });
  else if (kind === "call") post({ kind: "answer", id, error: { code: 5000, name: "NotSupported", message: `There is no ${method}.` } });
}

/** Shows the tab of `who` in `area`; it signs in by itself. */
export function show(area, deskside, who) {
  person = who;
  account.person = who;
  origin = new URL(deskside).origin;
  frame = h("iframe", { class: "tm-tab", title: "Deskside", src: `${deskside}/tab` });
  fill(area, frame);
}

/** Teams has another look from now on. */
export function relook() {
  post({ kind: "theme", theme: looks() });
}

window.addEventListener("message", receive);
