/* A mail as Office.js describes it to an add-in: other names, other ids, and no body until it is asked for. */

import { party } from "./format.js";
import { state } from "./state.js";

const PREFIX = /^\s*(?:(?:re|aw|fw|fwd|wg|rv|tr|sv|vs|antw|r|i|rif)\s*:\s*)+/i;
const KINDS = { "#microsoft.graph.itemAttachment": "item", "#microsoft.graph.referenceAttachment": "cloud" };

/** Exchange's own id of an item: Graph's, without the letters that make it fit for an address. */
export const exchangeId = (id) => id.replace(/-/g, "/").replace(/_/g, "+");

function details(recipient) {
  const { name, address } = party(recipient);
  return { displayName: name, emailAddress: address, appointmentResponse: "none", recipientType: "other" };
}

function attachment(part) {
  return { id: exchangeId(part.id), name: part.name || "", contentType: part.contentType || "", size: part.size || 0,
    isInline: Boolean(part.isInline), attachmentType: KINDS[part["@odata.type"]] || "file", contentId: part.contentId || undefined };
}

/** The plain facts of a loaded mail; everything here may be cloned across windows. */
export function snapshot({ mailbox, id, message, attachments }) {
  const subject = message.subject || "";
  return {
    itemId: exchangeId(id), itemType: "message", itemClass: "IPM.Note", subject,
    normalizedSubject: subject.replace(PREFIX, ""), conversationId: exchangeId(message.conversationId || ""),
    internetMessageId: message.internetMessageId, from: details(message.from || message.sender),
    sender: details(message.sender || message.from), to: (message.toRecipients || []).map(details),
    cc: (message.ccRecipients || []).map(details), dateTimeCreated: message.createdDateTime || message.receivedDateTime,
    dateTimeModified: message.lastModifiedDateTime || message.receivedDateTime,
    attachments: attachments.map(attachment), owner: mailbox === state.person.mail ? null : mailbox,
  };
}
