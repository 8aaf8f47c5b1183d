/* The line to the window around the pane, which alone holds the mail. Both ends name their origin: this one speaks
   to, and hears, only windows of the place this script came from. The parts of this script are joined by the server. */

const HOST = new URL(document.currentScript.src).origin;
const MARK = "deskside-office";
const open = new Map();
const ears = new Map();
let calls = 0;

/** Not framed at all: then this is a plain browser, where Office.js finds no host. */
const framed = window.parent !== window;
let deserted = !framed;

function tellHost(message) {
  if (framed) window.parent.postMessage({ mark: MARK, ...message }, HOST);
}

/** What the host says by itself: `welcome`, `item`, `theme`. */
function onHost(kind, heard) {
  ears.set(kind, heard);
}

/** Asks the host; resolves to its value, rejects with {code, name, message}. The values travel as plain data. */
function ask(method, params = {}) {
  if (deserted) return Promise.reject(refused("HostNotFound", 5002, "There is no host around this page."));
  calls += 1;
  const id = calls;
  return new Promise((resolve, reject) => {
    open.set(id, { resolve, reject });
    tellHost({ kind: "call", id, method, params: JSON.parse(JSON.stringify(params)) });
  });
}

/** Nobody answered: whatever was asked has failed, and so will everything else. */
function desert() {
  deserted = true;
  for (const call of open.values()) call.reject(refused("HostNotFound", 5002, "There is no host around this page."));
  open.clear();
}

window.addEventListener("message", (event) => {
  if (event.source !== window.parent || event.origin !== HOST) return;
  const message = event.data;
  if (!message || message.mark !== MARK) return;
  if (message.kind === "answer") {
    const call = open.get(message.id);
    open.delete(message.id);
    if (call && message.error) call.reject(message.error);
    else if (call) call.resolve(message.value);
    return;
  }
  ears.get(message.kind)?.(message);
});

const Status = { Succeeded: "succeeded", Failed: "failed" };

/** The callback and the options at the end of an Office call: (…, options?, callback?). */
function tail(rest) {
  const callback = rest.find((one) => typeof one === "function");
  const options = rest.find((one) => one !== null && typeof one === "object") || {};
  return { callback, options };
}

/** Runs `work` and hands an AsyncResult to the callback, always later and never inside the call itself. */
function later(rest, work) {
  const { callback, options } = tail(rest);
  const { asyncContext } = options;
  const give = (result) => setTimeout(() => callback?.({ asyncContext, diagnostics: {}, ...result }), 0);
  Promise.resolve().then(() => work(options)).then(
    (value) => give({ status: Status.Succeeded, value, error: undefined }),
    (error) => give({ status: Status.Failed, value: undefined, error: { code: error.code || 5001,
      name: error.name || "InternalError", message: error.message || "The operation failed." } }),
  );
}

function refused(name, code, message) {
  return Object.assign(new Error(message), { name, code });
}

/** Whether version a ("1.14") reaches version b. */
function reaches(a, b) {
  const [major, minor = 0] = String(a).split(".").map(Number);
  const [least, small = 0] = String(b).split(".").map(Number);
  return major > least || (major === least && minor >= small);
}
