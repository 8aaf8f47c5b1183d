/* The pane beside the mail: a frame of Deskside's page that lives as long as Outlook would let it live. */

import { h } from "./dom.js";
import * as host from "./host.js";
import { culture, hear, isStaff, set, settings, state } from "./state.js";

const LEAST = 320;
const MOST = 600;
const STEP = 20;
const $ = (id) => document.getElementById(id);
let frame = null;

const address = () => {
  // As Office on the web does, the host says in the address who it is and in which language.
  const url = new URL("addin/pane", `${document.body.dataset.deskside}/`);
  url.searchParams.set("_host_Info", `Outlook$Web$16.02$${culture()}$$$$0`);
  return url;
};

function marks() {
  $("mailbox").classList.toggle("with-pane", Boolean(frame));
  $("pane-area").hidden = !frame;
  $("pin").setAttribute("aria-pressed", String(settings.pinned));
  $("pin").title = settings.pinned ? "Unpin" : "Pin";
  document.querySelector("[data-do=deskside]").setAttribute("aria-pressed", String(Boolean(frame)));
}

export function open() {
  if (frame) return;
  const url = address();
  frame = h("iframe", { id: "pane", title: "Deskside", src: url.href, allow: "clipboard-write",
    sandbox: "allow-scripts allow-same-origin allow-forms allow-popups allow-popups-to-escape-sandbox allow-downloads" });
  host.attach(frame, url.origin);
  $("pane-area").append(frame);
  marks();
}

export function close() {
  if (!frame) return;
  host.detach();
  frame.remove();
  frame = null;
  marks();
}

function width(pixels) {
  const wide = Math.round(Math.min(MOST, Math.max(LEAST, pixels)));
  $("mailbox").style.setProperty("--pane", `${wide}px`);
  $("grip").setAttribute("aria-valuenow", String(wide));
  return wide;
}

function drag(event) {
  const grip = $("grip");
  grip.setPointerCapture(event.pointerId);
  $("mailbox").classList.add("dragging");
  const moved = (move) => width(window.innerWidth - move.clientX);
  const done = (last) => {
    grip.removeEventListener("pointermove", moved);
    $("mailbox").classList.remove("dragging");
    set("width", width(window.innerWidth - last.clientX));
  };
  grip.addEventListener("pointermove", moved);
  grip.addEventListener("pointerup", done, { once: true });
}

function keys(event) {
  const by = { ArrowLeft: STEP, ArrowRight: -STEP }[event.key];
  if (!by) return;
  event.preventDefault();
  set("width", width(settings.width + by));
}

/** Pinned, the pane stays and hears of each mail; not pinned, it goes with the mail it was opened for. */
function selected({ details }) {
  if (frame && !settings.pinned) close();
  host.select(details);
}

export function start() {
  if (!isStaff(state.person)) {
    document.querySelectorAll("[data-staff]").forEach((element) => { element.hidden = true; });
    return;
  }
  width(settings.width);
  $("pin").addEventListener("click", () => { set("pinned", !settings.pinned); marks(); });
  $("close-pane").addEventListener("click", close);
  $("grip").addEventListener("pointerdown", drag);
  $("grip").addEventListener("keydown", keys);
  hear("pane", () => (frame ? close() : open()));
  hear("selection", selected);
  hear("pane-close", close);
  hear("setting", ({ name }) => {
    if (name === "theme") host.theme();
    else if (["language", "mailbox", "signin"].includes(name) && frame) { close(); open(); }
  });
  if (settings.pinned) open();
  marks();
}
