// What a ticket's rail needs beyond properties, on every page that shows one.
import { turnedTo } from "./turned_to.js";

turnedTo([
  [".rail, form[data-composer]", () => import("./checklists.js")],
  [".rail, #devices", () => import("./devices.js")],
]);

// A link to one message (#m17), the survey's answer, the visits: it stands open, however far back.
if (location.hash) import("./arrived.js");
