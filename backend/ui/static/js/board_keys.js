// A visit moved and stretched by keys. Several keys in a row are one change: it is sent when they rest.
import { STEP, board, cellOf, dayOf, hours, midnight, nextDay, text, wall } from "./board_place.js";
import { ghost, lookAgain, refuse, say, send, show, words } from "./board_send.js";

const REST = 700; // ms after the last key
const STEPS = { ArrowUp: ["time", -1], ArrowDown: ["time", 1], ArrowLeft: ["day", -1], ArrowRight: ["day", 1], PageUp: ["person", -1], PageDown: ["person", 1] };
const WITH_ALT = { ArrowUp: ["person", -1], ArrowDown: ["person", 1], ArrowLeft: ["day", -1], ArrowRight: ["day", 1] };
let held = null;
let timer = null;
let after = () => {};

const technicians = () => [...new Set([...document.querySelectorAll(".b-cell")].map((cell) => cell.dataset.technician))];

const hold = (slot) => {
  const { visit, start, end, technician, version, name } = slot.dataset;
  if (held?.visit === visit) return held;
  flush();
  held = { visit, version, name, technician, start: wall(start), end: wall(end), was: { technician, start: wall(start), end: wall(end) } };
  return held;
};

const stepped = (now, what, by, stretch) => {
  if (stretch) return what === "time" ? { ...now, end: Math.max(now.end + by * STEP, now.start + STEP) } : null;
  if (what === "time") return { ...now, start: now.start + by * STEP, end: now.end + by * STEP };
  if (what === "day") {
    const moved = midnight(nextDay(dayOf(now.start), by)) - midnight(dayOf(now.start));
    return { ...now, start: now.start + moved, end: now.end + moved };
  }
  const all = technicians();
  const next = all[all.indexOf(now.technician) + by];
  return next ? { ...now, technician: next } : null;
};

// Where it would be, drawn; null where the board does not reach.
const draw = (now) => {
  const cell = cellOf(now.technician, dayOf(now.start));
  const { first, last } = hours();
  if (!cell) return null;
  const day = midnight(cell.dataset.day);
  const box = { top: Math.max(now.start - day, first * 60), bottom: Math.min(now.end - day, last * 60) };
  if (box.bottom <= box.top || now.start - day < 0 || now.end - day > 1440) return null;
  if (now.ghost) show(now.ghost, cell, now.name, now.start, now.end, box);
  else now.ghost = ghost(cell, now.name, now.start, now.end, box);
  cell.scrollIntoView({ block: "nearest", inline: "nearest" });
  return cell;
};

const slotOf = (visit) => document.querySelector(`.slot[data-visit="${visit}"]`);

const flush = async () => {
  clearTimeout(timer);
  timer = null;
  const done = held;
  held = null;
  if (!done) return;
  const { visit, was, start, end, technician, version } = done;
  slotOf(visit)?.classList.remove("is-dragged");
  if (was.start === start && was.end === end && was.technician === technician) {
    done.ghost?.remove();
    return after();
  }
  done.ghost?.classList.add("is-sending");
  const refused = await send(`/visits/${visit}/move`, { technician, start: text(start), end: text(end), version });
  if (refused) {
    done.ghost?.remove();
    refuse(() => slotOf(visit), refused);
    say(`${board().dataset.back} ${refused}`);
  }
  after();
  lookAgain();
};

const giveUp = () => {
  clearTimeout(timer);
  timer = null;
  if (!held) return;
  held.ghost?.remove();
  slotOf(held.visit)?.classList.remove("is-dragged");
  held = null;
  say(board().dataset.back);
  after();
};

const call = async (slot) => {
  await flush();
  const neighbour = [...document.querySelectorAll(".slot[data-visit] > .ev")].find((one) => one.parentElement.dataset.visit !== slot.dataset.visit);
  const refused = await send(`/visits/${slot.dataset.visit}/cancel`, {});
  if (refused) refuse(() => slotOf(slot.dataset.visit), refused);
  else neighbour?.focus({ preventScroll: true });
  after();
  lookAgain();
};

const press = (event) => {
  const slot = event.target.closest?.(".slot[data-visit]");
  if (!slot || !event.target.matches(".ev") || event.ctrlKey || event.metaKey) return;
  if (event.key === "Escape" && held) giveUp();
  else if (event.key === "Delete" || event.key === "Backspace") call(slot);
  else if (event.key === "Enter" && held) flush(); // the form opens with what is being sent by then
  else {
    const step = (event.altKey ? WITH_ALT : STEPS)[event.key];
    if (!step) return;
    const now = hold(slot);
    const next = stepped(now, step[0], step[1], event.shiftKey);
    if (next) {
      const cell = draw(next);
      if (cell) {
        held = next;
        slot.classList.add("is-dragged");
        say(words(cell, next.start, next.end));
      } else {
        if (now.ghost) draw(now);
        say(board().dataset.outside);
        refuse(() => held?.ghost ?? slotOf(slot.dataset.visit), board().dataset.outside);
      }
    }
    clearTimeout(timer);
    timer = setTimeout(flush, REST);
  }
  event.preventDefault();
  event.stopPropagation();
};

export const keys = {
  busy: () => held !== null,
  start: (caughtUp) => {
    after = caughtUp;
    document.getElementById("main").addEventListener("keydown", press);
    document.addEventListener("focusout", (event) => { if (held && event.target.closest?.(".slot[data-visit]")) flush(); });
  },
};
