/* The events of one week, from Graph and by the control calls; nothing else is known about the calendar. */

import { request } from "/_sandbox/outlook/static/graph.js";
import { DAY, graphTime, minutes, wall, ZONE } from "./times.js";

const FIELDS = "id,subject,start,end,isAllDay,isCancelled,isOrganizer,showAs,sensitivity,location,organizer,attendees,"
  + "responseStatus,bodyPreview,categories,changeKey";
const user = (mail) => `/v1.0/users/${encodeURIComponent(mail)}`;
const one = (mail, event) => `${user(mail)}/events/${encodeURIComponent(event.id)}`;

/** The events that touch the seven days from `start` on, with `from` and `till` in minutes. */
export async function week(mail, start) {
  const headers = { Prefer: `outlook.timezone="${ZONE}"` };
  // A day more at both ends, since the window is asked for in UTC.
  const window = `startDateTime=${wall(start - DAY)}:00Z&endDateTime=${wall(start + 8 * DAY)}:00Z`;
  const path = `${user(mail)}/calendarView?${window}&$select=${FIELDS}&$orderby=start/dateTime&$top=500`;
  const { value } = await (await request("GET", path, { headers })).json();
  return value.map((event) => ({ ...event, from: minutes(event.start.dateTime), till: minutes(event.end.dateTime) }))
    .filter((event) => event.from < start + 7 * DAY && event.till > start);
}

/** Moves or stretches, and gives the event's new tag; refused when the event has changed since it was drawn. */
export async function place(mail, event, from, till) {
  const answer = await request("PATCH", one(mail, event), {
    json: { start: graphTime(from), end: graphTime(till) }, headers: { "If-Match": event["@odata.etag"] },
  });
  return (await answer.json())["@odata.etag"];
}

/** `verb` is accept, tentativelyAccept or decline. */
export const answer = (mail, event, verb) => request("POST", `${one(mail, event)}/${verb}`, { json: { sendResponse: true } });

/** As Outlook does it: one's own meeting is cancelled, another's is declined. */
export const remove = (mail, event) =>
  request("DELETE", `/_sandbox/calendars/${encodeURIComponent(mail)}/events/${encodeURIComponent(event.id)}`);
