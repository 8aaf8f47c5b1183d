// Where things lie: minutes of the wall clock as lengths. The page's policy allows no inline styles, so they are set here.
const DAY = 1440;
const SHORT = 31; // px of height below which a card has one line
const LOW = 17;
const TINY = 14;
export const STEP = 15;
const begun = performance.now();

export const board = () => document.getElementById("board");
export const hours = () => ({ first: Number(board().dataset.first), last: Number(board().dataset.last) });
const scroll = () => document.querySelector(".b-scroll");
export const hour = () => parseFloat(getComputedStyle(scroll()).getPropertyValue("--hour"));
const PAD = 6;

const put = (element, name, value) => element.style.setProperty(`--${name}`, String(value));

// Lays one slot at these minutes from midnight.
export const place = (slot, top, bottom) => {
  const from = hours().first * 60;
  const height = ((bottom - top) / 60) * hour();
  put(slot, "top", top - from);
  put(slot, "long", bottom - top);
  slot.classList.toggle("is-short", height < SHORT);
  slot.classList.toggle("is-low", height < LOW);
  slot.classList.toggle("is-tiny", height < TINY);
};

// The minute of the wall clock now, by the board's own clock: the day it was drawn on goes on from there.
const now = () => {
  const drawn = board().drawnAt ?? begun;
  return Number(board().dataset.minute) + Math.floor((performance.now() - drawn) / 60_000);
};

export const lay = () => {
  const whole = scroll();
  if (!whole) return;
  const { first, last } = hours();
  if (board().dataset.minute !== board().minuteSeen) Object.assign(board(), { minuteSeen: board().dataset.minute, drawnAt: performance.now() });
  put(whole, "hours", last - first);
  put(whole, "columns", whole.dataset.columns);
  for (const slot of whole.querySelectorAll(".slot[data-top]")) {
    const [top, bottom] = [Math.max(Number(slot.dataset.top), first * 60), Math.min(Number(slot.dataset.bottom), last * 60)];
    slot.hidden = bottom <= top;
    place(slot, top, bottom);
    put(slot, "lane", slot.dataset.lane ?? 0);
    put(slot, "lanes", slot.dataset.lanes ?? 1);
  }
  for (const mark of whole.querySelectorAll(".b-axis i")) put(mark, "top", Number(mark.dataset.hour) * 60 - first * 60);
  const at = now();
  for (const line of whole.querySelectorAll("[data-now]")) {
    line.hidden = at < first * 60 || at > Math.min(last * 60, DAY);
    put(line, "top", at - first * 60);
  }
  document.documentElement.dataset.board = "placed";
};

// The minute of the wall clock at the height `y` of the window, in the cell.
export const minuteAt = (cell, y) => {
  const box = cell.getBoundingClientRect();
  return hours().first * 60 + ((y - box.top - PAD) / hour()) * 60;
};

export const cellAt = (x, y) => document.elementsFromPoint(x, y).find((one) => one.matches(".b-cell")) ?? null;
export const cellOf = (technician, day) => document.querySelector(`.b-cell[data-technician="${technician}"][data-day="${day}"]`);

const two = (number) => String(number).padStart(2, "0");
const shown = new Intl.DateTimeFormat(document.documentElement.lang, { hour: "numeric", minute: "2-digit", timeZone: "UTC" });

// Wall times as minutes since 1970 on a clock without zones; which moment it is, the server says.
export const wall = (text) => Date.parse(`${text}:00Z`) / 60_000;
export const text = (at) => new Date(at * 60_000).toISOString().slice(0, 16);
export const dayOf = (at) => text(at).slice(0, 10);
export const minuteOf = (at) => ((at % DAY) + DAY) % DAY;
export const clock = (at) => shown.format(at * 60_000);
export const midnight = (day) => wall(`${day}T00:00`);
export const nextDay = (day, by) => { const at = new Date(midnight(day) * 60_000 + by * 86_400_000); return `${at.getUTCFullYear()}-${two(at.getUTCMonth() + 1)}-${two(at.getUTCDate())}`; };
