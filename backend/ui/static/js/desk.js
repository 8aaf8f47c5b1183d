// The desk in the browser.
import "./common.js";
import "./keys.js";
import "./preview.js";

if (document.querySelector(".ticket")) await import("./ticket.js");
