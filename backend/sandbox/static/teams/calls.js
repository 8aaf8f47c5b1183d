/* The control calls of Teams: what a person does on this page is what a test does. */

const ROOT = "/_sandbox/teams";

async function call(method, path, json) {
  const options = { method };
  if (json !== undefined) {
    options.headers = { "Content-Type": "application/json" };
    options.body = JSON.stringify(json);
  }
  let answer;
  try {
    answer = await fetch(path.startsWith("/_") ? path : ROOT + path, options);
  } catch {
    throw new Error("The sandbox cannot be reached. Is it still running?");
  }
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(said.error || `The sandbox answered ${answer.status}.`);
  return said;
}

const one = (text) => encodeURIComponent(text);

export const people = () => call("GET", "/people");
export const team = () => call("GET", "/team");
export const conversations = (as) => call("GET", `/conversations?as=${one(as)}`);
export const conversation = (id, as) => call("GET", `/conversations/${one(id)}?as=${one(as)}`);
export const say = (line) => call("POST", "/messages", line);
export const edit = (from, id, text) => call("PATCH", `/messages/${one(id)}`, { from, text });
export const takeBack = (from, id) => call("DELETE", `/messages/${one(id)}`, { from });
export const press = (pressed) => call("POST", "/actions", pressed);
export const change = (mail, verb) => call("POST", `/people/${one(mail)}/${verb}`, {});
