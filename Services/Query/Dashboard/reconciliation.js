// What each channel said of every session, and what became of it.

import { getIfThere } from "./api.js";
import { badge, h, panel, table } from "./elements.js";
import { count, dollars, moment, trimmed } from "./format.js";

const names = {
  uncached_input: "Input", cache_read: "Cache read", cache_write: "Cache write", cache_write_5m: "Cache write, 5 min",
  cache_write_1h: "Cache write, 1 h", output: "Output", reasoning: "Reasoning", cost: "Cost", cost_usd: "Cost",
};

export const read = (state) => getIfThere("/v1/reconciliation", { limit: 40, harness: state.filters.harness?.[0] });

export function draw(state, answer) {
  const list = answer?.reconciliations ?? [];
  if (list.length === 0) {
    return [panel("Reconciliation", null, h("p", { class: "empty" },
      "Nothing has been compared yet. Some seconds after a session's reports arrive, this shows what each channel said, what was counted once, and what was set aside."))];
  }
  return list.map((record) => session(state, record));
}

function session(state, record) {
  const gaps = record.coverage.filter((line) => Number(line.residual) !== 0);
  const verdict = record.coverage.length === 0 ? badge("calls alone") : gaps.length === 0 ? badge("channels agree", "good") : badge("channels differ", "warn");
  const beside = h("span", { class: "quiet" }, `${record.harness} · ${moment(record.recorded_time, state.zone)}`);
  const lines = record.channels.map((line) => ({ ...line, residual: record.coverage.find((gap) => gap.field === line.field)?.residual }));
  return h("section", { class: "panel", "aria-label": "Reconciliation of " + record.session },
    h("div", { class: "panel-head" },
      h("h2", null, h("a", { href: state.address({ session: record.session }), "data-link": true }, trimmed(record.session, 40))), verdict, beside),
    table([
      { title: "Channel", value: (line) => line.channel },
      { title: "Figure", wide: true, value: (line) => names[line.field] ?? line.field.replaceAll("_", " ") },
      { title: "Said", number: true, value: (line) => write(line, "seen") },
      { title: "Counted", number: true, value: (line) => write(line, "counted") },
      { title: "Said again", number: true, value: (line) => write(line, "duplicate") },
      { title: "Superseded", number: true, value: (line) => write(line, "superseded") },
      { title: "Conflicting", number: true, value: (line) => write(line, "conflicting") },
      { title: "Sums beyond calls", number: true, quiet: true, value: (line) => (line.residual === undefined ? "" : write(line, "residual")) },
    ], lines, { label: "Reconciliation" }));
}

function write(line, name) {
  const value = Number(line[name]);
  if (value === 0 && name !== "counted" && name !== "seen") return "";
  return line.field.startsWith("cost") ? dollars(line[name]) : count(value);
}
