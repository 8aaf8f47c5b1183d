// What a ticket's rail needs beyond properties, on every page that shows one.
import "./checklists.js";
import "./devices.js";
