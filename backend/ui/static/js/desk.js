// The desk in the browser.
import "./common.js";
import "./keys.js";
import "./ticket.js";
import "./waiting.js";
