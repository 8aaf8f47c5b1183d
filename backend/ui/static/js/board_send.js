// Changes made on the board: sent like every other change, and where the server refuses, the sentence stands beside.
import { csrf } from "./http.js";
import { look } from "./live.js";
import { board, clock, place } from "./board_place.js";
import { toast } from "./toast.js";

const STAYS = 12_000; // ms a refusal stays
let running = 0;

export const sending = () => running > 0;

const fill = (id) => document.getElementById(id).content.firstElementChild.cloneNode(true);

// Says `text` to whoever does not see the board.
export const say = (text) => { document.getElementById("b-said").textContent = text; };

export const words = (cell, start, end) => board().dataset.at
  .replace("{day}", cell.dataset.dayName)
  .replace("{start}", clock(start))
  .replace("{end}", clock(end))
  .replace("{technician}", cell.dataset.technicianName);

// Where something will be: a dashed card with its times.
export const ghost = (cell, name, start, end, { top, bottom }) => {
  const slot = fill("b-ghost");
  show(slot, cell, name, start, end, { top, bottom });
  return slot;
};

export const show = (slot, cell, name, start, end, { top, bottom }) => {
  slot.querySelector("[data-time]").textContent = `${clock(start)}–${clock(end)}`;
  slot.querySelector("[data-name]").textContent = name;
  if (slot.parentElement !== cell) cell.append(slot);
  place(slot, top, bottom);
};

// The sentence beside the card, wherever that is drawn by then; it goes when something else is done.
let notice = null;
let beside = () => null;

const leave = () => {
  notice?.remove();
  notice = null;
};

export const settle = () => {
  const box = notice && beside()?.getBoundingClientRect();
  if (!box) return;
  const { offsetWidth: wide, offsetHeight: high } = notice;
  const below = box.bottom + 4 + high < innerHeight;
  notice.style.setProperty("--x", `${Math.max(8, Math.min(box.left, innerWidth - wide - 8))}px`);
  notice.style.setProperty("--y", `${below ? box.bottom + 4 : Math.max(8, box.top - high - 4)}px`);
};

// `find` gives the element the sentence stands beside; without one it is a toast.
export const refuse = (find, text) => {
  leave();
  if (!find()) return toast(text, "bad");
  beside = find;
  notice = fill("b-refused");
  notice.querySelector("[data-text]").textContent = text;
  document.getElementById("main").append(notice);
  settle();
  setTimeout(leave, STAYS);
};
document.addEventListener("pointerdown", leave);
document.addEventListener("keydown", leave, true);

const sentence = (html) => {
  const answer = new DOMParser().parseFromString(html, "text/html");
  return answer.querySelector("[data-field]")?.textContent || answer.querySelector(".notice .grow")?.textContent.trim();
};

// Posts `fields`; resolves to "" when it was done, else to the sentence that says why not.
export const send = async (url, fields) => {
  running += 1;
  try {
    const answer = await fetch(url, {
      method: "POST",
      headers: { "HX-Request": "true", "X-CSRF-Token": csrf() },
      body: new URLSearchParams(fields),
    });
    const html = await answer.text();
    if (answer.status === 401) return document.body.dataset.signedOut;
    if (!answer.ok) return sentence(html) || board().dataset.failed;
    const toasts = document.getElementById("toasts");
    const made = document.createRange().createContextualFragment(html);
    const nodes = [...made.children];
    toasts.append(made);
    nodes.forEach((node) => window.htmx?.process(node));
    return "";
  } catch {
    return board().dataset.offline;
  } finally {
    running -= 1;
  }
};

export const lookAgain = () => look("board");
