/* The Graph of the sandbox tenant, spoken to as any application would: this page has no other way to the mail. */

const RETRIES = 3;
const LIST = "id,subject,from,sender,toRecipients,receivedDateTime,sentDateTime,bodyPreview,isRead,isDraft,hasAttachments";
const ONE = `${LIST},ccRecipients,bccRecipients,replyTo,createdDateTime,lastModifiedDateTime,conversationId,`
  + "internetMessageId,body";

export class GraphError extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

let token = null;

async function bearer(fresh = false) {
  if (token && !fresh && token.until > Date.now()) return token.text;
  const answer = await fetch("/_sandbox/token", {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ app: true }),
  });
  if (!answer.ok) throw new GraphError(answer.status, "token", "The sandbox gave no token.");
  const { access_token: text, expires_in: seconds = 3600 } = await answer.json();
  token = { text, until: Date.now() + (seconds - 60) * 1000 };
  return text;
}

async function refusal(answer) {
  let said = {};
  try { said = (await answer.json()).error || {}; } catch { said = {}; }
  return new GraphError(answer.status, said.code || "unknown", said.message || `The mailbox answered ${answer.status}.`);
}

async function once(method, path, options, fresh) {
  const headers = { Authorization: `Bearer ${await bearer(fresh)}`, ...options.headers };
  if (options.json !== undefined) headers["Content-Type"] = "application/json";
  const body = options.json === undefined ? undefined : JSON.stringify(options.json);
  try {
    return await fetch(path, { method, headers, body });
  } catch {
    throw new GraphError(0, "network", "The sandbox cannot be reached. Is it still running?");
  }
}

/** One request; waits as long as a 429 asks. Gives the `Response`, throws `GraphError` for every refusal. */
export async function request(method, path, options = {}) {
  let answer = await once(method, path, options, false);
  if (answer.status === 401) answer = await once(method, path, options, true);
  for (let turn = 0; turn < RETRIES && (answer.status === 429 || answer.status === 503); turn += 1) {
    const seconds = Number(answer.headers.get("Retry-After")) || 2 ** turn;
    await new Promise((done) => { setTimeout(done, Math.min(seconds, 20) * 1000); });
    answer = await once(method, path, options, false);
  }
  if (!answer.ok) throw await refusal(answer);
  return answer;
}

const json = async (method, path, options) => (await request(method, path, options)).json();
const user = (mailbox) => `/v1.0/users/${encodeURIComponent(mailbox)}`;
const mail = (mailbox, id) => `${user(mailbox)}/messages/${encodeURIComponent(id)}`;

export const folder = (mailbox, name) =>
  json("GET", `${user(mailbox)}/mailFolders/${name}?$select=id,displayName,unreadItemCount,totalItemCount`);

/** A page of a folder, newest first, and where the next one begins (or null). */
export async function messages(mailbox, name, next = null) {
  const order = name === "sentitems" ? "sentDateTime" : name === "drafts" ? "lastModifiedDateTime" : "receivedDateTime";
  const first = `${user(mailbox)}/mailFolders/${name}/messages?$select=${LIST}&$orderby=${order} desc&$top=50`;
  const page = await json("GET", next || first);
  const link = page["@odata.nextLink"];
  // A next link names Microsoft's host; the stand-in for that host is wherever this page came from.
  const further = link ? new URL(link, location.origin) : null;
  return { rows: page.value, next: further ? further.pathname + further.search : null };
}

export const message = (mailbox, id) => json("GET", `${mail(mailbox, id)}?$select=${ONE}`);

/** The body as Exchange turns it into plain text. */
export async function text(mailbox, id) {
  const headers = { Prefer: 'outlook.body-content-type="text"' };
  return (await json("GET", `${mail(mailbox, id)}?$select=body`, { headers })).body;
}

export async function attachments(mailbox, id) {
  const fields = "id,name,contentType,size,isInline,lastModifiedDateTime";
  return (await json("GET", `${mail(mailbox, id)}/attachments?$select=${fields}`)).value;
}

/** One attachment with its `contentBytes` (base64) and `contentId`. */
export const attachment = (mailbox, id, part) => json("GET", `${mail(mailbox, id)}/attachments/${encodeURIComponent(part)}`);

export const mime = async (mailbox, id) => (await request("GET", `${mail(mailbox, id)}/$value`)).arrayBuffer();

export const patch = (mailbox, id, changes) => json("PATCH", mail(mailbox, id), { json: changes });
export const move = (mailbox, id, destinationId) => json("POST", `${mail(mailbox, id)}/move`, { json: { destinationId } });
export const remove = (mailbox, id) => request("DELETE", mail(mailbox, id));

/** `verb` is createReply, createReplyAll or createForward; gives the draft. */
export const answer = (mailbox, id, verb) => json("POST", `${mail(mailbox, id)}/${verb}`, { json: {} });
export const send = (mailbox, id) => request("POST", `${mail(mailbox, id)}/send`);
export const attach = (mailbox, id, file) => json("POST", `${mail(mailbox, id)}/attachments`, { json: file });
export const sendMail = (mailbox, letter) =>
  request("POST", `${user(mailbox)}/sendMail`, { json: { message: letter, saveToSentItems: true } });
export const draft = (mailbox, letter) => json("POST", `${user(mailbox)}/messages`, { json: letter });
