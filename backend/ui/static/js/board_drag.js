// Planning and moving by mouse or pen, in steps of a quarter of an hour. A finger scrolls and taps: the form is there.
import { STEP, board, cellAt, dayOf, hours, midnight, minuteAt, minuteOf, text, wall } from "./board_place.js";
import { ghost, lookAgain, refuse, say, send, show, words } from "./board_send.js";

const FAR = 4; // px until a press becomes a drag
const EDGE = 40; // px at the border of the board within which it scrolls
const LENGTH = 60; // minutes of a new visit
let drag = null;
let after = () => {};
let swallow = false;

const snapped = (minutes) => Math.round(minutes / STEP) * STEP;
const root = document.documentElement;

const begin = (event) => {
  if (event.button !== 0 || event.pointerType === "touch" || drag) return;
  const card = event.target.closest(".u-card[data-ticket-card]");
  const slot = event.target.closest(".slot[data-visit]");
  if (event.target.closest(".b-why, a[href], .b-refused") || !(card || slot)) return;
  const element = card ?? slot;
  drag = { element, x: event.clientX, y: event.clientY, moved: false, name: element.dataset.name, pointer: event.pointerId };
  if (card) return Object.assign(drag, { ticket: card.dataset.ticketCard, length: LENGTH, held: LENGTH / 2 });
  const { start, end, technician, version, visit } = slot.dataset;
  const from = wall(start);
  Object.assign(drag, {
    visit, version, technician, from, length: wall(end) - from, stretch: event.target.matches(".grip"),
    held: minuteAt(slot.closest(".b-cell"), event.clientY) - minuteOf(from) + (midnight(slot.closest(".b-cell").dataset.day) - midnight(dayOf(from))),
  });
};

// What the pointer means now: where the visit would begin and end, and in which cell; null outside of the board.
const meant = (x, y) => {
  const cell = drag.stretch ? drag.element.closest(".b-cell") : cellAt(x, y);
  if (!cell) return null;
  const { first, last } = hours();
  const day = midnight(cell.dataset.day);
  if (drag.stretch) {
    const till = Math.min(day + snapped(minuteAt(cell, y)), day + last * 60);
    const end = Math.max(till, drag.from + STEP);
    return { cell, start: drag.from, end };
  }
  const top = Math.max(first * 60, Math.min(snapped(minuteAt(cell, y) - drag.held), last * 60 - Math.min(drag.length, STEP * 2)));
  const start = drag.length > 1440 ? day + minuteOf(drag.from) : day + top;
  return { cell, start, end: start + drag.length };
};

const draw = () => {
  const spot = meant(drag.at.x, drag.at.y);
  for (const cell of document.querySelectorAll(".b-cell.is-over")) if (cell !== spot?.cell) cell.classList.remove("is-over");
  drag.spot = spot;
  if (!spot) {
    drag.ghost?.remove();
    drag.ghost = null;
    return;
  }
  spot.cell.classList.add("is-over");
  const day = midnight(spot.cell.dataset.day);
  const box = { top: Math.max(spot.start - day, hours().first * 60), bottom: Math.min(spot.end - day, hours().last * 60) };
  if (drag.ghost) show(drag.ghost, spot.cell, drag.name, spot.start, spot.end, box);
  else drag.ghost = ghost(spot.cell, drag.name, spot.start, spot.end, box);
};

const follow = () => {
  if (!drag?.moved) return;
  const scroll = document.querySelector(".b-scroll");
  const box = scroll.getBoundingClientRect();
  const { x, y } = drag.at;
  if (x > box.left && x < box.right) {
    const down = y > box.bottom - EDGE ? 1 : y < box.top + EDGE + 36 && y > box.top ? -1 : 0;
    const right = x > box.right - EDGE ? 1 : x < box.left + EDGE ? -1 : 0;
    if (down || right) {
      scroll.scrollBy(right * 8, down * 8);
      draw();
    }
  }
  requestAnimationFrame(follow);
};

const move = (event) => {
  if (!drag || event.pointerId !== drag.pointer) return;
  if (!drag.moved && Math.hypot(event.clientX - drag.x, event.clientY - drag.y) < FAR) return;
  drag.at = { x: event.clientX, y: event.clientY };
  if (!drag.moved) {
    drag.moved = true;
    root.classList.add(drag.stretch ? "is-stretching" : "is-dragging");
    drag.element.classList.add("is-dragged");
    getSelection()?.removeAllRanges();
    requestAnimationFrame(follow);
  }
  draw();
};

const tidy = (done) => {
  root.classList.remove("is-dragging", "is-stretching");
  for (const cell of document.querySelectorAll(".b-cell.is-over")) cell.classList.remove("is-over");
  done.element.classList.remove("is-dragged");
};

const drop = async (done) => {
  const { cell, start, end } = done.spot;
  const moved = !done.visit || start !== done.from || end - start !== done.length || cell.dataset.technician !== done.technician;
  if (!moved) return void done.ghost?.remove();
  done.ghost?.classList.add("is-sending");
  done.element.classList.add("is-dragged");
  const where = { technician: cell.dataset.technician, start: text(start), end: text(end) };
  const asked = done.visit
    ? send(`/visits/${done.visit}/move`, { ...where, version: done.version })
    : send("/board/plan", { ...where, ticket: done.ticket });
  say(words(cell, start, end));
  const refused = await asked;
  done.element.classList.remove("is-dragged");
  if (refused) {
    done.ghost?.remove();
    const { visit, element: { id } } = done;
    refuse(() => (visit ? document.querySelector(`.slot[data-visit="${visit}"]`) : document.getElementById(id)), refused);
    say(`${board().dataset.back} ${refused}`);
  }
  lookAgain();
};

const end = async (keep) => {
  const done = drag;
  drag = null;
  if (!done) return;
  if (done.moved) {
    tidy(done);
    swallow = true;
    setTimeout(() => { swallow = false; });
    if (keep && done.spot) await drop(done);
    else done.ghost?.remove();
  }
  after();
};

export const grab = {
  busy: () => Boolean(drag?.moved),
  start: (caughtUp) => {
    after = caughtUp;
    document.addEventListener("pointerdown", begin);
    document.addEventListener("pointermove", move);
    document.addEventListener("pointerup", (event) => { if (event.pointerId === drag?.pointer) end(true); });
    document.addEventListener("pointercancel", () => end(false));
    addEventListener("blur", () => end(false));
    document.addEventListener("dragstart", (event) => { if (event.target.closest?.(".u-card, .slot")) event.preventDefault(); });
    // The click that ends a drag opens nothing.
    document.addEventListener("click", (event) => {
      if (!swallow) return;
      event.stopImmediatePropagation();
      event.preventDefault();
    }, true);
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !drag?.moved) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      end(false);
    }, true);
  },
};
