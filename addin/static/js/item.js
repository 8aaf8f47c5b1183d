// The selected e-mail, as Outlook describes it. Everything that is read later than the click carries the mail's
// generation, and what comes back for an earlier one is dropped: the pane never mixes two mails.
const MAX_PARTS = 24 * 1024 * 1024; // characters of base64 that one request may carry

let generation = 0;

export const now = () => generation;
export const stillOn = (was) => was === generation;

const mailbox = () => window.Office?.context?.mailbox ?? null;
const address = (person) => (person ? { name: person.displayName ?? "", address: person.emailAddress ?? "" } : {});
const can = (version) => Boolean(Office.context.requirements?.isSetSupported("Mailbox", version));

// What is selected: {kind: "none"}, {kind: "other"} (meeting, draft) or {kind: "mail", …}.
export const selected = () => {
  const item = mailbox()?.item;
  if (!item) return { kind: "none" };
  if (item.itemType !== "message" || typeof item.subject !== "string") return { kind: "other" };
  const from = address(item.from ?? item.sender);
  return {
    kind: "mail",
    message_id: item.internetMessageId ?? "",
    address: from.address ?? "",
    name: from.name ?? "",
    subject: item.subject ?? "",
  };
};

// Calls `changed` now and whenever another mail is selected; each time is a new generation.
export const follow = (changed) => {
  const next = () => { generation += 1; changed(generation); };
  mailbox()?.addHandlerAsync?.(Office.EventType.ItemChanged, next, () => {});
  next();
};

const asked = (call) => new Promise((resolve, reject) => {
  call((result) => {
    if (result.status === Office.AsyncResultStatus.Succeeded) resolve(result.value);
    else reject(new Error(result.error?.message ?? "Outlook"));
  });
});

const attachments = async (item) => {
  const files = [];
  for (const each of item.attachments ?? []) {
    if (each.attachmentType && each.attachmentType !== "file") continue;
    const content = await asked((done) => item.getAttachmentContentAsync(each.id, done));
    if (content.format !== "base64") continue;
    files.push({ name: each.name, content_type: each.contentType ?? "", content: content.content });
  }
  return files;
};

// An Outlook before Mailbox 1.14 gives no file: the parts, from which the server puts the mail together.
const parts = async (item) => ({
  from: address(item.from ?? item.sender),
  to: (item.to ?? []).map(address),
  cc: (item.cc ?? []).map(address),
  subject: item.subject,
  date: item.dateTimeCreated?.toUTCString?.() ?? "",
  message_id: item.internetMessageId ?? "",
  headers: can("1.8") ? await asked((done) => item.getAllInternetHeadersAsync(done)).catch(() => "") : "",
  text: await asked((done) => item.body.getAsync(Office.CoercionType.Text, done)),
  html: await asked((done) => item.body.getAsync(Office.CoercionType.Html, done)).catch(() => ""),
  attachments: can("1.8") ? await attachments(item) : [],
});

// The whole selected mail for the server. Rejects when another mail was selected meanwhile: the item object of
// Outlook may by then speak for the new one.
export const whole = async () => {
  const was = generation;
  const { item } = mailbox();
  const id = item.internetMessageId;
  const facts = selected();
  const mail = can("1.14") && item.getAsFileAsync
    ? { eml: await asked((done) => item.getAsFileAsync(done)) }
    : await parts(item);
  if (!stillOn(was) || mailbox().item?.internetMessageId !== id) throw new Error("moved on");
  if (JSON.stringify(mail).length > MAX_PARTS) throw new Error("too large");
  return { ...facts, ...mail };
};
