// The desk in the browser.
import "./common.js";
import "./keys.js";
import "./preview.js";
import "./presence_list.js";
import "./list_select.js";
import "./list_live.js";
import "./list_search.js";
import "./ticket.js";
import "./waiting.js";
