"use strict";

const element = (id) => document.getElementById(id);
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
const live = { epoch: null, last: 0, rows: [] };
const liveRows = 12;

// Money arrives as exact decimal text; it is rounded for display only.
function dollars(text) {
  const value = Number(text);
  const digits = value !== 0 && Math.abs(value) < 0.01 ? 6 : 2;
  return value.toLocaleString(undefined, { style: "currency", currency: "USD", minimumFractionDigits: 2, maximumFractionDigits: digits });
}

const count = (value) => Number(value).toLocaleString();
const short = (value) => Number(value).toLocaleString(undefined, { notation: "compact", maximumFractionDigits: 1 });

function localDate(daysAgo) {
  const day = new Date();
  day.setDate(day.getDate() - daysAgo);
  const two = (number) => String(number).padStart(2, "0");
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
}

async function get(path, parameters) {
  const response = await fetch(path + "?" + new URLSearchParams(parameters), { headers: { Accept: "application/json" } });
  if (!response.ok) {
    const problem = await response.json().catch(() => ({}));
    throw new Error(problem.detail || `the service answered ${response.status}`);
  }
  return response.json();
}

// Rows are built from text nodes alone: names in the ledger come from whoever sends telemetry.
function fill(table, columns, rows) {
  const cell = (tag, column, content) => {
    const node = document.createElement(tag);
    node.className = column.className || "";
    if (content instanceof Node) node.append(content);
    else node.textContent = content;
    return node;
  };
  const head = document.createElement("tr");
  head.append(...columns.map((column) => cell("th", column, column.title)));
  const body = rows.map((row) => {
    const line = document.createElement("tr");
    line.append(...columns.map((column) => cell("td", column, column.value(row))));
    return line;
  });
  if (rows.length === 0) {
    const line = document.createElement("tr");
    const none = cell("td", { className: "empty" }, "Nothing yet");
    none.colSpan = columns.length;
    line.append(none);
    body.push(line);
  }
  table.replaceChildren(head, ...body);
}

function link(text, target) {
  const anchor = document.createElement("a");
  anchor.href = target;
  anchor.textContent = text;
  return anchor;
}

// A plus and a question mark say that the cost of some charges is not known: the sum is a lower bound.
const costOf = (row) => {
  const known = row.without_cost.charges < row.charges;
  return known ? dollars(row.cost_usd) + (row.without_cost.charges > 0 ? " +?" : "") : "unknown";
};

const figures = [
  { title: "Input", className: "number", value: (row) => count(row.tokens.uncached_input) },
  { title: "Cache read", className: "number", value: (row) => count(row.tokens.cache_read) },
  {
    title: "Cache write", className: "number",
    value: (row) => count(row.tokens.cache_write + row.tokens.cache_write_5m + row.tokens.cache_write_1h),
  },
  { title: "Output", className: "number", value: (row) => count(row.tokens.output) },
  { title: "Calls", className: "number", value: (row) => count(row.calls) },
  { title: "Cost", className: "number", value: costOf },
];

function drawDays(rows, since, until) {
  const costs = new Map(rows.map((row) => [row.day, row]));
  const days = [];
  for (let day = new Date(since + "T12:00:00"), end = new Date(until + "T12:00:00"); day <= end; day.setDate(day.getDate() + 1)) {
    days.push([day.getFullYear(), day.getMonth() + 1, day.getDate()].map((part) => String(part).padStart(2, "0")).join("-"));
  }
  const highest = Math.max(...rows.map((row) => Number(row.cost_usd)), 0) || 1;
  const width = 720 / days.length;
  const bars = days.map((day, index) => {
    const cost = Number(costs.get(day)?.cost_usd ?? 0);
    const height = Math.max(cost > 0 ? 2 : 0, (cost / highest) * 152);
    const bar = document.createElementNS(element("days").namespaceURI, "rect");
    const title = document.createElementNS(element("days").namespaceURI, "title");
    title.textContent = `${day}: ${dollars(cost)}`;
    bar.append(title);
    for (const [name, value] of [["x", index * width + width * 0.1], ["y", 160 - height], ["width", width * 0.8], ["height", height], ["rx", 1.5]]) {
      bar.setAttribute(name, value);
    }
    return bar;
  });
  element("days").replaceChildren(...bars);
  const [first, last] = [document.createElement("span"), document.createElement("span")];
  first.textContent = days[0];
  last.textContent = days.length > 1 ? days[days.length - 1] : "";
  element("days-span").replaceChildren(first, last);
}

function showTotals(today, all) {
  element("cost-today").textContent = costOf(today.totals.charges > 0 ? today.totals : { ...today.totals, charges: 1 });
  element("cost-range").textContent = costOf(all.totals.charges > 0 ? all.totals : { ...all.totals, charges: 1 });
  element("tokens-range").textContent = short(all.totals.total_tokens);
  element("calls-range").textContent = count(all.totals.calls);
  const unknown = all.totals.without_cost.charges;
  element("unpriced-range").textContent = unknown === 0 ? "none" : count(unknown);
  element("unpriced-range").title = `${count(all.totals.without_cost.tokens)} tokens`;
  element("unpriced-card").classList.toggle("warn", unknown > 0);
}

async function refresh() {
  const days = Number(element("range").value);
  const cost = element("cost").value;
  const range = { since: localDate(days - 1), until: localDate(0), timezone: zone, cost };
  const [today, byDay, byModel, sessions] = await Promise.all([
    get("/v1/usage", { since: range.until, until: range.until, timezone: zone, cost }),
    get("/v1/usage", { ...range, group_by: "day" }),
    get("/v1/usage", { ...range, group_by: "provider,model" }),
    get("/v1/sessions", { since: range.since, until: range.until, timezone: zone, cost, limit: 15 }),
  ]);
  showTotals(today, byDay);
  drawDays(byDay.rows, range.since, range.until);
  const models = byModel.rows.sort((left, right) => Number(right.cost_usd) - Number(left.cost_usd));
  fill(element("models"), [{ title: "Model", className: "name", value: (row) => row.model }, { title: "Provider", className: "faint", value: (row) => row.provider }, ...figures], models);
  fill(element("sessions"), [
    { title: "Session", className: "name", value: (row) => link(row.session, "/v1/sessions/" + encodeURIComponent(row.session)) },
    { title: "Harness", className: "faint", value: (row) => row.harness },
    { title: "Project", className: "name faint", value: (row) => row.projects.join(", ") },
    { title: "Last active", className: "faint", value: (row) => new Date(row.last_activity).toLocaleString() },
    { title: "Tokens", className: "number", value: (row) => count(row.total_tokens) },
    { title: "Calls", className: "number", value: (row) => count(row.calls) },
    { title: "Cost", className: "number", value: costOf },
  ], sessions.sessions);
}

function showLive() {
  fill(element("live"), [
    { title: "Time", className: "faint", value: (change) => new Date(change.charge.event_time).toLocaleTimeString() },
    { title: "Call", className: "name", value: (change) => link(change.charge.key, "/v1/calls/" + encodeURIComponent(change.charge.key)) },
    { title: "Model", className: "name", value: (change) => change.charge.model || "(none)" },
    { title: "What", className: "faint", value: (change) => (change.op === "retract" ? "taken back" : change.reason) },
    { title: "Input", className: "number", value: (change) => count(["uncached_input", "cache_read", "cache_write_5m", "cache_write_1h", "cache_write"].reduce((sum, name) => sum + (change.charge.tokens[name] || 0), 0)) },
    { title: "Output", className: "number", value: (change) => count(change.charge.tokens.output || 0) },
    { title: "Cost", className: "number", value: (change) => { const cost = change.charge.reported_cost ?? change.charge.rating.cost; return cost === undefined ? "unknown" : dollars(cost); } },
  ], live.rows);
}

// The first answer tells where the ledger is; from then on each answer waits for news.
async function follow() {
  if (live.epoch === null) {
    const head = await get("/v1/changes", { after: Number.MAX_SAFE_INTEGER, limit: 1 });
    live.epoch = head.epoch;
    live.last = Math.max(0, head.last_seq - liveRows);
  }
  const page = await get("/v1/changes", { after: live.last, limit: 500, wait: 20 });
  if (page.epoch !== live.epoch) {
    Object.assign(live, { epoch: null, last: 0, rows: [] });
    return;
  }
  if (page.changes.length === 0) return;
  live.last = page.changes[page.changes.length - 1].seq;
  live.rows = [...page.changes].reverse().concat(live.rows).slice(0, liveRows);
  showLive();
  await refresh();
}

const say = (text, failed) => {
  element("status").textContent = text;
  element("status").classList.toggle("failed", failed);
};

async function run() {
  showLive();
  for (;;) {
    try {
      await follow();
      say("Live", false);
    } catch (error) {
      say(error.message || "The service does not answer", true);
      await new Promise((resolve) => setTimeout(resolve, 3000));
    }
  }
}

function restore() {
  const parameters = new URLSearchParams(location.search);
  for (const name of ["range", "cost"]) {
    const wanted = parameters.get(name);
    if ([...element(name).options].some((option) => option.value === wanted)) element(name).value = wanted;
    element(name).addEventListener("change", () => {
      history.replaceState(null, "", "?" + new URLSearchParams({ range: element("range").value, cost: element("cost").value }));
      refresh().catch((error) => say(error.message, true));
    });
  }
}

restore();
refresh().catch((error) => say(error.message, true));
run();
