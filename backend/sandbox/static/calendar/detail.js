/* The chosen event: what it says, when it is, and what can be done with it. */

import { button, fill, h } from "/_sandbox/outlook/static/dom.js";
import { clock, date, DAY, minutes, wall } from "./times.js";

const RESPONSES = { none: "no answer yet", notResponded: "no answer yet", accepted: "accepted", declined: "declined",
  tentativelyAccepted: "tentative", organizer: "organiser" };
const place = document.getElementById("detail");
let shown = null;

function when(event) {
  if (!event.isAllDay) return `${date(event.from)}, ${clock(event.from)} to ${clock(event.till)}`;
  const last = event.till - DAY;
  return last > event.from ? `${date(event.from)} to ${date(last)}` : `${date(event.from)}, all day`;
}

function attendee(one) {
  const proposed = one.proposedNewTime;
  const wish = proposed ? `, proposes ${proposed.start.dateTime.slice(0, 16).replace("T", " ")}` : "";
  return `${one.emailAddress.name}: ${RESPONSES[one.status.response] || one.status.response}${wish}`;
}

function fact(name, text) {
  return text ? [h("div", {}, h("dt", {}, name), h("dd", {}, text))] : [];
}

function times(event, save) {
  const field = (id, label, value) => h("div", { class: "field" }, h("label", { for: id }, label),
    h("input", { class: "input", type: "datetime-local", step: "300", id, value, required: true }));
  const submit = (sent) => {
    sent.preventDefault();
    save(minutes(sent.target.elements.starts.value), minutes(sent.target.elements.ends.value));
  };
  return h("form", { class: "cal-detail-times", onsubmit: submit }, field("starts", "Starts", wall(event.from)),
    field("ends", "Ends", wall(event.till)), h("p", { class: "cal-acts" }, h("button", { class: "btn", type: "submit" }, "Save times")));
}

/** Shows an event, or what to do to see one. `acts` has save(from, till), answer(verb), remove(). */
export function show(event, acts) {
  // What is being typed here stays when something else has changed.
  const now = event && `${event.id} ${event["@odata.etag"]} ${event.from} ${event.till}`;
  if (now && now === shown) return;
  shown = now;
  if (!event) { fill(place, h("p", { class: "cal-empty" }, "Choose an event to see it here.")); return; }
  const verbs = [["accept", "Accept"], ["tentativelyAccept", "Tentative"], ["decline", "Decline"]];
  const meeting = event.attendees.length > 0;
  const removing = !event.isOrganizer ? "Remove" : meeting ? "Cancel meeting" : "Delete";
  fill(place,
    h("h2", {}, event.subject || "No subject"),
    event.isCancelled && h("p", { class: "notice notice-bad" }, "The organiser has cancelled this meeting."),
    h("dl", {}, fact("When", when(event)), fact("Where", event.location?.displayName),
      fact("Shown as", event.showAs + (event.sensitivity === "normal" ? "" : `, ${event.sensitivity}`)),
      fact("Organiser", meeting ? event.organizer.emailAddress.name : ""),
      fact("Your answer", event.isOrganizer ? "" : RESPONSES[event.responseStatus.response]),
      fact("Attendees", event.attendees.map(attendee).join("\n")), fact("Text", event.bodyPreview)),
    !event.isOrganizer && !event.isCancelled && h("div", { class: "cal-acts", role: "group", "aria-label": "Answer" },
      verbs.map(([verb, label]) => button(label, () => acts.answer(verb), { kind: verb === "accept" ? "btn-primary" : "" }))),
    !event.isAllDay && !event.isCancelled && times(event, acts.save),
    h("div", { class: "cal-acts" }, button(removing, acts.remove, { kind: "btn-danger", picture: "delete-16" })));
}
