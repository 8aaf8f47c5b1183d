// The list of tickets in the browser: what every page needs but for writing, which nobody does here.
import "./toast.js";
import "./http.js";
import "./menu.js";
import "./combobox.js";
import "./live.js";
import "./timer.js";
import "./keys.js";
import "./preview.js";
import "./presence_list.js";
import "./list_select.js";
import "./list_live.js";
import "./list_search.js";
import "./views.js";
import "./waiting.js";
