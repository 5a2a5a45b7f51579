// One call: why it costs what it costs, and every report behind it.

import { get } from "./api.js";
import { badge, h, figure, panel, table } from "./elements.js";
import { cacheWrites, count, dollars, moment, trimmed } from "./format.js";
import { costOfCharge } from "./session.js";

const classNames = {
  uncached_input: "Input", cache_read: "Cache read", cache_write_5m: "Cache write, 5 min",
  cache_write_1h: "Cache write, 1 h", cache_write: "Cache write", output: "Output", reasoning: "Reasoning (part of output)",
};

const tones = { counted: "good", duplicate: "", superseded: "", conflicting: "warn" };

const others = {
  "same-identity": "another report has the same identity and says the same", "cache-lifetime-split": "it tells how long the cache was kept",
  "field-ownership": "single calls report it, so the sum does not count", "delta-unique": "each interval counts once",
  "cumulative-maximum": "what the counter grew by", "high-water-mark": "what the total rose by",
};

/** Why a report has its verdict, in words. */
function reason({ rule, verdict }) {
  if (rule === "sole-report") return "the only report of this call";
  if (rule === "fieldwise-maximum") return verdict === "counted" ? "the fullest report of its channel" : "another report of its channel is fuller";
  if (rule === "channel-authority") {
    return { counted: "its channel is believed first", duplicate: "a better channel says the same", conflicting: "a better channel says otherwise" }[verdict] ?? "a better channel reports it";
  }
  return others[rule] ?? rule.replaceAll("-", " ");
}

export const read = (state) => get("/v1/calls/" + encodeURIComponent(state.call));

export function draw(state, answer) {
  const { charge } = answer;
  const facts = [charge.harness, charge.provider, charge.attribution?.project, charge.attribution?.user].filter(Boolean);
  return [
    h("section", { class: "subject" },
      h("p", { class: "kind" }, charge.retracted ? "Call, taken back" : "Call"), h("h2", { class: "name" }, charge.key),
      h("p", { class: "quiet" }, facts.join(" · "), " · ", moment(charge.event_time, state.zone), " · ",
        h("a", { href: state.address({ session: charge.session }), "data-link": true }, "session " + trimmed(charge.session))),
      charge.replacement === undefined ? null : h("p", null, "It counts as ",
        h("a", { href: state.address({ call: charge.replacement }), "data-link": true }, charge.replacement), " now."),
      h("dl", { class: "figures" },
        figure("Cost", costOfCharge(charge), answer.cost.rule === "reported_alone" ? "its session's cost is reported as a whole" : charge.reported_cost !== undefined ? "as reported by the agent" : "by the price sheets", { tone: "lead" }),
        figure("Reported", charge.reported_cost === undefined ? "–" : dollars(charge.reported_cost), "by the agent"),
        figure("Computed", charge.rating.cost === undefined ? "–" : dollars(charge.rating.cost), charge.rating.reason ?? charge.rating.status),
        figure("Model", h("span", { class: "text" }, charge.model ?? "(none)"), charge.rating.row ? `price row ${charge.rating.row}` : "no price row"),
        figure("Quality", h("span", { class: "text" }, charge.quality), `revision ${charge.revision}`))),
    panel("Arithmetic", answer.arithmetic.lines.length > 0 ? badge(answer.arithmetic.adds_up ? "adds up" : "does not add up", answer.arithmetic.adds_up ? "good" : "warn") : null, arithmetic(answer, charge)),
    panel("Evidence", h("span", { class: "quiet" }, "every report behind the figures"), evidence(state, charge)),
    panel("Revisions", null, revisions(state, answer.revisions)),
  ];
}

function arithmetic({ arithmetic: sum }, charge) {
  if (sum.lines.length > 0) {
    const lines = sum.lines.map((line) => ({ ...line, name: classNames[line.class] ?? line.class }));
    if (sum.fees !== undefined) lines.push({ name: "Fees", cost: sum.fees });
    lines.push({ name: "Total", cost: sum.cost, isTotal: true });
    return table([
      { title: "Class", wide: true, value: (line) => line.name },
      { title: "Tokens", number: true, value: (line) => (line.tokens === undefined ? "" : count(line.tokens)) },
      { title: "Per million", number: true, value: (line) => (line.usd_per_million === undefined ? "" : dollars(line.usd_per_million, { exact: true })) },
      { title: "Cost", number: true, value: (line) => dollars(line.cost, { exact: true }) },
    ], lines, { label: "Arithmetic", mark: (line) => (line.isTotal ? "total" : null) });
  }
  const counts = Object.entries(charge.tokens ?? {}).map(([name, value]) => ({ name: classNames[name] ?? name, value }));
  return table([
    { title: "Class", wide: true, value: (row) => row.name }, { title: "Tokens", number: true, value: (row) => count(row.value) },
  ], counts, { label: "Tokens", empty: "No token was reported." });
}

function evidence(state, charge) {
  const items = charge.evidence?.items ?? [];
  const omitted = Object.entries(charge.evidence?.omitted ?? {}).map(([verdict, number]) => `${count(number)} ${verdict}`);
  return h("div", null, table([
    { title: "Channel", value: (item) => item.channel },
    { title: "Verdict", value: (item) => badge(item.verdict, tones[item.verdict]) },
    { title: "Why", wide: true, quiet: true, value: reason, hint: (item) => item.rule },
    { title: "Time", quiet: true, value: (item) => moment(item.event_time, state.zone) },
    { title: "Input", number: true, value: (item) => said(item.tokens, "uncached_input") },
    { title: "Cache read", number: true, value: (item) => said(item.tokens, "cache_read") },
    { title: "Cache write", number: true, value: (item) => saidWrites(item.tokens) },
    { title: "Output", number: true, value: (item) => said(item.tokens, "output") },
    { title: "Cost", number: true, value: (item) => (item.reported_cost === undefined ? "–" : dollars(item.reported_cost)) },
    { title: "Report", quiet: true, value: (item) => trimmed(item.observation, 14), hint: (item) => item.observation },
  ], items, { label: "Evidence", empty: "No report is kept for this call." }),
  omitted.length > 0 ? h("p", { class: "quiet" }, "And " + omitted.join(", ") + " more.") : null);
}

const said = (tokens, name) => (tokens?.[name] === undefined ? "–" : count(tokens[name]));

/** What was written to caches, by whatever lifetime; a dash where nothing was said. */
function saidWrites(tokens) {
  const names = ["cache_write", "cache_write_5m", "cache_write_1h"];
  return names.every((name) => tokens?.[name] === undefined) ? "–" : count(cacheWrites(tokens));
}

function revisions(state, list) {
  return table([
    { title: "Revision", value: (change) => change.charge.revision },
    { title: "Why", wide: true, value: (change) => (change.op === "retract" ? "taken back" : change.reason) },
    { title: "Recorded", quiet: true, value: (change) => moment(change.recorded_time, state.zone) },
    { title: "Output", number: true, value: (change) => count(change.charge.tokens?.output ?? 0) },
    { title: "Cost", number: true, value: (change) => costOfCharge(change.charge) },
    { title: "Change", number: true, quiet: true, value: (change) => "#" + change.seq },
  ], list, { label: "Revisions" });
}
