// What every page of Deskside needs, on the desk and in the pane.
import "./toast.js";
import "./http.js";
import "./menu.js";
import "./combobox.js";
import "./drafts.js";
import "./composer.js";
import "./text_module_opener.js";
import "./live.js";
import "./pictures.js";
import "./timer.js";
import "./visit_opener.js";
