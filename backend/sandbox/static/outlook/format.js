/* How times, sizes and addresses are written in the mailbox. */

const LOCALE = "en-GB";
const clock = new Intl.DateTimeFormat(LOCALE, { hour: "2-digit", minute: "2-digit" });
const weekday = new Intl.DateTimeFormat(LOCALE, { weekday: "short", day: "2-digit", month: "2-digit" });
const day = new Intl.DateTimeFormat(LOCALE, { day: "2-digit", month: "2-digit", year: "numeric" });
const full = new Intl.DateTimeFormat(LOCALE, { weekday: "short", day: "2-digit", month: "2-digit", year: "numeric",
  hour: "2-digit", minute: "2-digit" });

function midnight(daysBack) {
  const at = new Date();
  at.setHours(0, 0, 0, 0);
  at.setDate(at.getDate() - daysBack);
  return at;
}

/** The heading under which a mail of that time stands. */
export function group(date) {
  if (date >= midnight(0)) return "Today";
  if (date >= midnight(1)) return "Yesterday";
  if (date >= midnight(7)) return "Last seven days";
  return "Older";
}

/** A mail's time as short as its group allows. */
export function short(date) {
  if (date >= midnight(1)) return clock.format(date);
  return date >= midnight(7) ? weekday.format(date) : day.format(date);
}

export const exact = (date) => full.format(date);

/** Bytes as people say them. */
export function size(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  const kilo = bytes / 1024;
  return kilo < 1024 ? `${Math.round(kilo)} KB` : `${(kilo / 1024).toFixed(1)} MB`;
}

/** `{name, address}` of a Graph recipient; both may be missing. */
export function party(recipient) {
  const { name = "", address = "" } = recipient?.emailAddress || {};
  return { name: name || address, address };
}

export const names = (recipients) => (recipients || []).map((one) => party(one).name).join("; ");

/** Graph recipients as one line to edit: `Name <address>; address`. */
export function line(recipients) {
  return (recipients || []).map(party)
    .map(({ name, address }) => (name && name !== address ? `${name.replace(/[<>;,"]/g, "")} <${address}>` : address))
    .join("; ");
}

/** The line of addresses as Graph recipients; throws a sentence when a part is no address. */
export function recipients(text) {
  return text.split(/[;,]/).map((part) => part.trim()).filter(Boolean).map((part) => {
    const [, name = "", inside] = part.match(/^(.*?)\s*<([^<>]*)>$/) || [null, "", part];
    const address = inside.trim();
    if (!/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(address)) throw new Error(`“${part}” is no e-mail address.`);
    return { emailAddress: name.trim() ? { name: name.trim(), address } : { address } };
  });
}
