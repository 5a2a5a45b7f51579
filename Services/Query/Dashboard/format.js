// How figures are written: exact decimal text comes in, rounded text for people goes out.

const locale = undefined;

/** Dollars; small amounts keep the digits that say something, as many as their neighbours in a column. */
export function dollars(text, { exact = false } = {}) {
  if (text === null || text === undefined) return "unknown";
  if (exact) return "$" + text;
  const value = Number(text);
  const size = Math.abs(value);
  const digits = size === 0 || size >= 1 ? 2 : size >= 0.01 ? 4 : 6;
  const least = Math.min(digits, 4);
  return value.toLocaleString(locale, {
    style: "currency", currency: "USD", currencyDisplay: "narrowSymbol", minimumFractionDigits: least, maximumFractionDigits: digits,
  });
}

/** Dollars in a headline: cents, thousands without them. */
export function headline(text) {
  const value = Number(text);
  const size = Math.abs(value);
  const digits = size >= 10_000 ? 0 : 2;
  if (size > 0 && size < 0.01) return dollars(text);
  return value.toLocaleString(locale, {
    style: "currency", currency: "USD", currencyDisplay: "narrowSymbol", minimumFractionDigits: digits, maximumFractionDigits: digits,
  });
}

export const count = (value) => Number(value).toLocaleString(locale);

export const short = (value) => Number(value).toLocaleString(locale, { notation: "compact", maximumFractionDigits: 1 });

export const percent = (part, whole) =>
  whole > 0 ? (part / whole).toLocaleString(locale, { style: "percent", maximumFractionDigits: part / whole < 0.1 ? 1 : 0 }) : "–";

/** The cost of sums; "≥" marks a lower bound, for some charges have no known cost. */
export function costOf(sums, write = dollars) {
  const missing = sums.without_cost.charges;
  if (missing > 0 && missing >= sums.charges) return "unknown";
  return (missing > 0 ? "≥ " : "") + write(sums.cost_usd);
}

export const cacheWrites = (tokens) =>
  (tokens.cache_write || 0) + (tokens.cache_write_5m || 0) + (tokens.cache_write_1h || 0);

/** Whether an address names a time zone that the browser knows. */
export function isZone(name) {
  if (!name) return false;
  try {
    new Intl.DateTimeFormat("en-CA", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** Whether an address names a day of the calendar. */
export const isDate = (text) => /^\d{4}-\d\d-\d\d$/.test(text ?? "") && !Number.isNaN(Date.parse(text + "T00:00:00Z"));

/** The date that a zone's calendar shows, as YYYY-MM-DD. */
export function dateIn(zone, instant = new Date()) {
  const parts = new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" });
  return parts.format(instant);
}

/** A date some days later. */
export function shifted(date, days) {
  const day = new Date(date + "T00:00:00Z");
  day.setUTCDate(day.getUTCDate() + days);
  return day.toISOString().slice(0, 10);
}

export const daysBetween = (first, last) => Math.round((new Date(last + "T00:00:00Z") - new Date(first + "T00:00:00Z")) / 86_400_000);

/** A date as people write it. */
export function dayLabel(date, options = { month: "short", day: "numeric" }) {
  return new Date(date + "T12:00:00Z").toLocaleDateString(locale, { ...options, timeZone: "UTC" });
}

export const moment = (text, zone) =>
  new Date(text).toLocaleString(locale, { timeZone: zone, month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" });

export const clock = (text, zone) =>
  new Date(text).toLocaleTimeString(locale, { timeZone: zone, hour: "2-digit", minute: "2-digit", second: "2-digit" });

/** The time of something that has just happened; of another day, which it can be that is imported, with its date. */
export const recent = (text, zone) =>
  (dateIn(zone, new Date(text)) === dateIn(zone) ? clock(text, zone) : moment(text, zone));

/** A long identity, its middle left out. */
export function trimmed(text, most = 28) {
  if (text.length <= most) return text;
  const tail = Math.floor(most / 3);
  return text.slice(0, most - tail - 1) + "…" + text.slice(-tail);
}
