/* Events are moved and stretched by pointer and by keyboard, in steps of a quarter of an hour. */

import { pixels, toMinutes } from "./grid.js";
import { clock, DAY } from "./times.js";

const STEP = 15;
const FAR = 4;
const snapped = (minutes) => Math.round(minutes / STEP) * STEP;

/** Where an event goes when it is pulled by so much; `stretch` moves only its end. */
function pulled(event, stretch, days, minutes) {
  if (stretch) return { from: event.from, till: Math.max(event.from + STEP, event.till + minutes) };
  const by = days * DAY + minutes;
  return { from: event.from + by, till: event.till + by };
}

function follow(drag, x, y) {
  const days = drag.stretch ? 0 : Math.round((x - drag.x) / drag.width);
  const minutes = snapped(toMinutes(y - drag.y + drag.scroll.scrollTop - drag.top));
  Object.assign(drag, pulled(drag.event, drag.stretch, days, minutes));
  if (drag.stretch) drag.button.style.height = `${pixels(drag.till - drag.from) - 2}px`;
  else drag.button.style.transform = `translate(${days * drag.width}px, ${pixels(minutes)}px)`;
  const label = drag.button.querySelector("span");
  if (label) label.textContent = `${clock(drag.from)} – ${clock(drag.till)}`;
}

/** Wires the area: `find(id)` gives an event, `place(event, from, till)` takes it somewhere, `redraw()` undoes a pull,
 *  `look()` draws what was held back meanwhile. */
export function start(area, scroll, { find, place, redraw, look }) {
  let drag = null;
  let suppressed = false;

  function end(keep) {
    const done = drag;
    drag = null;
    if (!done) return;
    if (!done.moved) {
      // After the click that follows, for which the box must still be there.
      setTimeout(look);
      return;
    }
    suppressed = true;
    setTimeout(() => { suppressed = false; });
    const elsewhere = done.from !== done.event.from || done.till !== done.event.till;
    if (keep && elsewhere) place(done.event, done.from, done.till);
    else redraw();
  }

  area.addEventListener("pointerdown", (press) => {
    const button = press.target.closest(".cal-event");
    const event = button && find(button.dataset.id);
    if (!event || event.isAllDay || event.isCancelled || press.button !== 0) return;
    drag = {
      event, button, stretch: press.target.classList.contains("cal-grip"), x: press.clientX, y: press.clientY, scroll,
      top: scroll.scrollTop, width: button.parentElement.getBoundingClientRect().width, from: event.from, till: event.till,
      pointer: press.pointerId, moved: false,
    };
  });
  area.addEventListener("pointermove", (move) => {
    if (!drag) return;
    if (!drag.moved && Math.hypot(move.clientX - drag.x, move.clientY - drag.y) < FAR) return;
    if (!drag.moved) {
      drag.moved = true;
      area.setPointerCapture(drag.pointer);
      drag.button.classList.add("dragging");
    }
    follow(drag, move.clientX, move.clientY);
  });
  area.addEventListener("pointerup", () => end(true));
  area.addEventListener("pointercancel", () => end(false));
  // The click that ends a pull chooses nothing.
  area.addEventListener("click", (click) => { if (suppressed) click.stopImmediatePropagation(); }, true);
  document.addEventListener("keydown", (press) => { if (press.key === "Escape") end(false); });
  return { busy: () => drag !== null };
}

/** What a key does to an event: where it goes, or null. */
export function byKey(event, press) {
  if (!press.ctrlKey || press.altKey || press.metaKey || event.isCancelled) return null;
  const step = { ArrowUp: -STEP, ArrowDown: STEP }[press.key];
  const days = { ArrowLeft: -1, ArrowRight: 1 }[press.key];
  if (days && !press.shiftKey) return pulled(event, false, days, 0);
  if (!step || event.isAllDay) return null;
  return pulled(event, press.shiftKey, 0, step);
}
