/* Draws a week. */

import { fill, h } from "/_sandbox/outlook/static/dom.js";
import { clock, DAY, head, midnight, say } from "./times.js";

const HOUR = 48;
const LEAST = 18;
const $ = (id) => document.getElementById(id);
const DAYS = [0, 1, 2, 3, 4, 5, 6];
const SHOWN = { free: "free", tentative: "tentative", oof: "away", workingElsewhere: "away" };

export const pixels = (minutes) => (minutes * HOUR) / 60;
export const toMinutes = (px) => (px * 60) / HOUR;

/** What the place in the grid and the kind of frame say to the eye. */
function unseen(event) {
  const state = event.isCancelled ? "cancelled" : event.responseStatus.response === "notResponded" ? "not answered" : event.showAs;
  return `${say(event.from)}${event.isAllDay ? ", all day" : ""}, ${state}`;
}

function box(event, chosen) {
  const kinds = ["cal-event", SHOWN[event.showAs], event.isCancelled && "cancelled", event.isAllDay && "whole"];
  const props = {
    type: "button", class: kinds.filter(Boolean).join(" "), "data-id": event.id,
    "aria-current": event.id === chosen ? "true" : null,
  };
  return h("button", props, h("strong", {}, event.subject || "No subject"),
    !event.isAllDay && h("span", {}, `${clock(event.from)} – ${clock(event.till)}`),
    event.location?.displayName && h("span", {}, event.location.displayName),
    h("span", { class: "sr" }, unseen(event)),
    !event.isAllDay && h("span", { class: "cal-grip", "aria-hidden": "true" }));
}

/** Side by side what meets: each event gets its column, each group its number of columns. */
function lanes(events) {
  const placed = [];
  let group = [];
  let end = -Infinity;
  for (const event of [...events].sort((a, b) => a.from - b.from || b.till - a.till)) {
    if (event.from >= end) { group = []; end = -Infinity; }
    const taken = group.filter((other) => other.event.till > event.from).map((other) => other.lane);
    let lane = 0;
    while (taken.includes(lane)) lane += 1;
    const spot = { event, lane, group };
    group.push(spot);
    placed.push(spot);
    end = Math.max(end, event.till);
  }
  return placed.map(({ event, lane, group: mates }) => ({ event, lane, of: Math.max(...mates.map((one) => one.lane)) + 1 }));
}

function column(day, events, chosen, now) {
  const weekend = [0, 6].includes(new Date(day * 60000).getUTCDay());
  const element = h("section", { class: `cal-day${weekend ? " weekend" : ""}`, "aria-label": say(day), "data-day": day });
  const mine = events.filter((event) => !event.isAllDay && event.from < day + DAY && event.till > day);
  for (const { event, lane, of } of lanes(mine)) {
    const button = box(event, chosen);
    const [top, bottom] = [Math.max(event.from, day) - day, Math.min(event.till, day + DAY) - day];
    Object.assign(button.style, {
      top: `${pixels(top)}px`, height: `${Math.max(LEAST, pixels(bottom - top) - 2)}px`,
      left: `calc(${(100 * lane) / of}% + 2px)`, width: `calc(${100 / of}% - 6px)`,
    });
    element.append(button);
  }
  if (midnight(now) === day) {
    const line = h("div", { class: "cal-now", "aria-hidden": "true" });
    line.style.top = `${pixels(now - day)}px`;
    element.append(line);
  }
  return element;
}

function hours() {
  return h("div", { class: "cal-clock", "aria-hidden": "true" }, [...Array(24).keys()].slice(1).map((hour) => {
    const label = h("span", {}, `${String(hour).padStart(2, "0")}:00`);
    label.style.top = `${pixels(hour * 60)}px`;
    return label;
  }));
}

/** The week from `start` on; keeps the focus on the event that had it. */
export function draw(start, events, chosen, now) {
  const focused = document.activeElement?.dataset?.id;
  const days = DAYS.map((number) => start + number * DAY);
  fill($("heads"), h("span", {}), days.map((day) => h("div", { class: `cal-head${midnight(now) === day ? " today" : ""}` },
    h("h2", {}, head(day)),
    events.filter((event) => event.isAllDay && event.from < day + DAY && event.till > day).map((event) => box(event, chosen)))));
  fill($("hours"), hours(), days.map((day) => column(day, events, chosen, now)));
  if (focused) document.querySelector(`.cal-event[data-id="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}
