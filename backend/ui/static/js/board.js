// The board: lays everything where it belongs, keeps it there when it is drawn anew, and holds that back during a drag.
import "./toast.js";
import "./http.js";
import "./menu.js";
import "./combobox.js";
import "./live.js";
import "./keys.js";
import "./visit_opener.js";
import "./waiting.js";
import "./timer.js";
import { grab } from "./board_drag.js";
import { keys } from "./board_keys.js";
import { lay } from "./board_place.js";
import { sending, settle } from "./board_send.js";

const main = document.getElementById("main");
const board = () => document.getElementById("board");
let missed = false;
let focused = null;

const held = () => grab.busy() || keys.busy() || sending();

// What was news during a drag is fetched once it has ended.
export const catchUp = () => {
  if (!missed || held()) return;
  missed = false;
  board()?.dispatchEvent(new CustomEvent("live"));
};

const ours = (event) => event.detail?.ctx?.sourceElement === board();
document.addEventListener("htmx:before:request", (event) => {
  if (!ours(event) || !held()) return;
  missed = true;
  event.preventDefault();
});
document.addEventListener("htmx:before:swap", (event) => {
  if (!ours(event)) return;
  if (held()) {
    missed = true;
    event.preventDefault();
    return;
  }
  focused = document.activeElement?.closest?.(".slot")?.dataset.visit ?? null;
});
document.addEventListener("htmx:after:swap", () => {
  lay();
  settle();
  if (!focused) return;
  const card = main.querySelector(`.slot[data-visit="${focused}"] > .ev`);
  focused = null;
  if (card && !main.contains(document.activeElement) && !document.querySelector("dialog[open]")) card.focus({ preventScroll: true });
});

// The next card in red, from the one that has the focus on.
main.addEventListener("click", (event) => {
  if (!event.target.closest("[data-next-conflict]")) return;
  const all = [...main.querySelectorAll(".slot > .ev-bad")];
  const next = all[(all.findIndex((one) => one.dataset.shown) + 1) % all.length];
  for (const one of all) delete one.dataset.shown;
  if (!next) return;
  next.dataset.shown = "true";
  next.scrollIntoView({ block: "center", inline: "nearest" });
  next.focus({ preventScroll: true });
});
main.addEventListener("click", (event) => {
  const goes = event.target.closest("[data-goes]");
  if (goes) location.assign(goes.dataset.goes);
});

if (board()?.hasAttribute("data-writes")) {
  document.documentElement.setAttribute("data-writes-board", "");
  grab.start(catchUp);
  keys.start(catchUp);
}
lay();
setInterval(lay, 30_000); // the line of now goes on
document.addEventListener("visibilitychange", () => { if (!document.hidden) lay(); });
