/* Wall times of the mailbox's zone as minutes since an arbitrary midnight: no zone of this browser comes into it.
 * Graph is asked for that zone and told that zone, so the hours that clocks skip or repeat are its business alone. */

export const ZONE = document.body.dataset.zone;
export const DAY = 1440;
const LOCALE = "en-GB";
const UTC = { timeZone: "UTC" };
const headed = new Intl.DateTimeFormat(LOCALE, { weekday: "short", day: "numeric", month: "short", ...UTC });
const spoken = new Intl.DateTimeFormat(LOCALE, { weekday: "long", day: "numeric", month: "long", ...UTC });
const dated = new Intl.DateTimeFormat(LOCALE, { day: "numeric", month: "long", year: "numeric", ...UTC });

/** "2026-12-01T09:00:00.0000000" or "2026-12-01" as minutes. */
export const minutes = (text) => Date.parse(`${text.length > 10 ? text.slice(0, 16) : `${text}T00:00`}:00Z`) / 60000;
export const wall = (at) => new Date(at * 60000).toISOString().slice(0, 16);
export const graphTime = (at) => ({ dateTime: `${wall(at)}:00`, timeZone: ZONE });
export const clock = (at) => wall(at).slice(11);
export const head = (day) => headed.format(day * 60000);
export const say = (day) => spoken.format(day * 60000);
export const date = (day) => dated.format(day * 60000);
export const midnight = (at) => Math.floor(at / DAY) * DAY;

/** The Monday of a day's week; 1 January 1970 was a Thursday. */
export const monday = (at) => midnight(at) - ((((Math.floor(at / DAY) + 3) % 7) + 7) % 7) * DAY;

/** A moment such as the sandbox's now, as minutes of the wall clock in the mailbox's zone. */
export function here(moment) {
  const parts = new Intl.DateTimeFormat("sv-SE", { timeZone: ZONE, dateStyle: "short", timeStyle: "short" }).format(moment);
  return minutes(parts.replace(" ", "T"));
}
