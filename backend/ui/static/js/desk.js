// The desk in the browser.
import "./common.js";
import "./keys.js";
import "./preview.js";
import "./presence_list.js";
import "./ticket.js";
import "./waiting.js";
