// The first page: what it costs, over time and by what.

import { get } from "./api.js";
import { shares, stackedBars } from "./chart.js";
import { h, figure, panel, table } from "./elements.js";
import { cacheWrites, costOf, count, dayLabel, dollars, headline, moment, percent, short, trimmed } from "./format.js";
import { budgets } from "./budgets.js";

const mostSeries = 6;

/** What the tables below the chart can be cut by. */
export const cuts = {
  model: { title: "Models", group: "provider,model" },
  project: { title: "Projects", group: "project" },
  user: { title: "Users", group: "user" },
  harness: { title: "Agents", group: "harness" },
  caller: { title: "Callers", group: "caller" },
};

/** Reads all that the page shows, at once. */
export async function read(state) {
  const asked = { ...state.filters, timezone: state.zone, cost: state.cost };
  const range = { ...asked, since: state.since, until: state.until };
  const [today, before, series, cut, sessions, plans] = await Promise.all([
    get("/v1/usage", { ...asked, since: state.today, until: state.today }),
    get("/v1/usage", { ...asked, ...state.previous }),
    get("/v1/usage", { ...range, group_by: `${state.bucket},model`, limit: 10_000 }),
    get("/v1/usage", { ...range, group_by: cuts[state.cut].group, limit: 1000 }),
    get("/v1/sessions", { ...range, limit: 10 }),
    budgets(),
  ]);
  return { today, before, series, cut, sessions, plans };
}

/** Draws the page. */
export function draw(state, answer) {
  const totals = answer.series.totals;
  if (totals.charges === 0 && answer.before.totals.charges === 0 && answer.series.seq === 0) return [welcome()];
  return [
    figures(state, answer),
    panel("Cost over time", h("span", { class: "quiet" }, note(state)), chart(state, answer.series)),
    h("div", { class: "columns" },
      panel("Tokens by class", h("span", { class: "quiet" }, short(totals.total_tokens) + " in all" + reasoned(totals.tokens)), classes(totals)),
      panel("Budgets", null, answer.plans)),
    breakdown(state, answer.cut),
    panel("Sessions", h("span", { class: "quiet" }, "last active first"), sessions(state, answer.sessions.sessions)),
  ];
}

function figures(state, { today, before, series }) {
  const totals = series.totals;
  const setAside = totals.reports.duplicate + totals.reports.superseded + totals.reports.conflicting;
  const cached = totals.tokens.cache_read;
  const missing = totals.without_cost;
  return h("dl", { class: "figures" },
    figure("Cost today", costOf(today.totals, headline), `${count(today.totals.calls)} calls`, { id: "cost-today" }),
    figure("Cost in range", costOf(totals, headline), change(totals, before.totals), { id: "cost-range", tone: "lead" }),
    figure("Tokens", short(totals.total_tokens), `${count(totals.calls)} calls`, { id: "tokens-range" }),
    figure("Read from cache", percent(cached, totals.input_tokens), `of input, for ${dollars(totals.computed_cost_by_class_usd.cache_read)}`),
    figure("Not counted twice", count(setAside), setAside === 0 ? "no report came twice" : `of ${count(setAside + totals.reports.counted)} reports`, { id: "set-aside" }),
    figure("Without cost", missing.charges === 0 ? "None" : count(missing.charges),
      missing.charges === 0 ? "every call has a cost" : `${short(missing.tokens)} tokens`, { id: "unpriced", tone: missing.charges > 0 ? "warn" : null }));
}

function change(totals, before) {
  const [now, then] = [Number(totals.cost_usd), Number(before.cost_usd)];
  if (then === 0) return "nothing in the time before";
  const share = now / then - 1;
  if (Math.abs(share) < 0.005) return "as in the time before";
  if (share >= 2) return `${(now / then).toLocaleString(undefined, { maximumFractionDigits: 1 })} times the time before`;
  const text = Math.abs(share).toLocaleString(undefined, { style: "percent", maximumFractionDigits: 0 });
  return `${text} ${share > 0 ? "more" : "less"} than the time before`;
}

const note = (state) => ({ hour: "by hour", day: "by day", week: "by week", month: "by month" })[state.bucket] + ", stacked by model";

function chart(state, { rows }) {
  const byModel = new Map();
  for (const row of rows) byModel.set(row.model, (byModel.get(row.model) ?? 0) + Number(row.cost_usd));
  const ranked = [...byModel].sort((left, right) => right[1] - left[1]).map(([name]) => name);
  const shown = ranked.length > mostSeries ? ranked.slice(0, mostSeries - 1) : ranked;
  const places = new Map(state.periods.map((period, index) => [period.key, index]));
  const series = shown.map((name, index) => ({ name, tone: "tone-" + (index + 1), values: state.periods.map(() => 0) }));
  if (shown.length < ranked.length) series.push({ name: "other models", tone: "tone-other", values: state.periods.map(() => 0) });
  for (const row of rows) {
    const place = places.get(state.bucket === "hour" ? row.hour.slice(0, 13) : row[state.bucket]);
    if (place === undefined) continue;
    const index = shown.indexOf(row.model);
    series[index >= 0 ? index : series.length - 1].values[place] += Number(row.cost_usd);
  }
  if (series.every((one) => one.values.every((value) => value === 0))) return h("p", { class: "empty" }, "No cost in this range.");
  return stackedBars({
    label: "Cost over time, stacked by model", series,
    periods: state.periods.map((period) => ({ ...period, address: period.day ? state.address({ day: period.day }) : null })),
    write: (value, isExact) => (isExact ? dollars(value) : headline(value).replace(/[.,]00$/, "")),
  });
}

/** Reasoning is no class of its own: it is part of the output, and paid for with it. */
const reasoned = ({ reasoning }) => (reasoning > 0 ? `, ${short(reasoning)} of the output reasoning` : "");

function classes(totals) {
  const { tokens, computed_cost_by_class_usd: costs } = totals;
  const cost = (text) => (Number(text) === 0 ? "" : dollars(text));
  return shares({
    label: "Tokens by class", write: short,
    parts: [
      { name: "Input", tone: "class-1", value: tokens.uncached_input, notes: cost(costs.uncached_input) },
      { name: "Cache read", tone: "class-2", value: tokens.cache_read, notes: cost(costs.cache_read) },
      { name: "Cache write", tone: "class-3", value: cacheWrites(tokens), notes: cost(costs.cache_write) },
      { name: "Output", tone: "class-4", value: tokens.output, notes: cost(costs.output) },
    ],
  });
}

function breakdown(state, answer) {
  const chosen = cuts[state.cut];
  const tabs = Object.entries(cuts).map(([name, { title }]) =>
    h("a", { href: state.address({ cut: name }), "data-link": true, "aria-current": name === state.cut ? "true" : null }, title));
  const rows = [...answer.rows].sort((left, right) => Number(right.cost_usd) - Number(left.cost_usd) || right.total_tokens - left.total_tokens);
  const whole = Number(answer.totals.cost_usd);
  const columns = [
    { title: chosen.title.slice(0, -1), wide: true, value: (row) => row[state.cut] },
    { title: "Cost", number: true, value: (row) => costOf(row) },
    { title: "Share", narrow: true, value: (row) => meter(Number(row.cost_usd), whole) },
    ...sums, state.cut === "model" && { title: "Provider", quiet: true, value: (row) => row.provider },
  ].filter(Boolean);
  const target = (row) => state.address({ filter: [state.cut, row[state.cut]] });
  return panel("Breakdown", h("nav", { class: "tabs", "aria-label": "Cut by" }, tabs), table(columns, rows, { label: chosen.title, target }));
}

const sums = [
  { title: "Calls", number: true, value: (row) => count(row.calls) },
  { title: "Input", number: true, value: (row) => short(row.tokens.uncached_input) },
  { title: "Cache read", number: true, value: (row) => short(row.tokens.cache_read) },
  { title: "Cache write", number: true, value: (row) => short(cacheWrites(row.tokens)) },
  { title: "Output", number: true, value: (row) => short(row.tokens.output) },
];

const meter = (part, whole) =>
  h("span", { class: "meter", title: percent(part, whole) }, h("span", { "width%": whole > 0 ? (part / whole) * 100 : 0 }));

export function sessions(state, rows) {
  return table([
    { title: "Session", wide: true, value: (row) => trimmed(row.session), hint: (row) => row.session },
    { title: "Cost", number: true, value: (row) => costOf(row) },
    { title: "Calls", number: true, value: (row) => count(row.calls) },
    { title: "Tokens", number: true, value: (row) => short(row.total_tokens) },
    { title: "Project", quiet: true, wide: true, value: (row) => row.projects.join(", ") || "–" },
    { title: "Agent", quiet: true, value: (row) => row.harness },
    { title: "Last active", quiet: true, value: (row) => moment(row.last_activity, state.zone) },
  ], rows, { label: "Sessions", target: (row) => state.address({ session: row.session }), empty: "No session was active in this range." });
}

function welcome() {
  const lines = [
    "export CLAUDE_CODE_ENABLE_TELEMETRY=1", "export OTEL_LOGS_EXPORTER=otlp", "export OTEL_METRICS_EXPORTER=otlp",
    "export OTEL_EXPORTER_OTLP_PROTOCOL=http/json", `export OTEL_EXPORTER_OTLP_ENDPOINT=${location.protocol}//${location.hostname}:4318`,
  ].join("\n");
  return h("section", { class: "panel welcome" },
    h("h2", null, "Nothing has been counted yet"),
    h("p", null, "Set this where you start Claude Code, or point anything that speaks OTLP/HTTP at the same address. The first call appears here within a second."),
    h("pre", { tabindex: "0" }, lines),
    h("p", null, "Or count what you did before: ", h("code", null, "tollbook import ~/.claude/projects")));
}

export const dayTitle = (date) => dayLabel(date, { weekday: "short", month: "short", day: "numeric", year: "numeric" });
