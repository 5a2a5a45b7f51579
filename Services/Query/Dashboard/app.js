// The dashboard: what is shown stands in the address, so that every view can be linked and gone back to.

import { listen } from "./api.js";
import * as call from "./call.js";
import { h } from "./elements.js";
import { dateIn, dayLabel, daysBetween, isDate, isZone, shifted } from "./format.js";
import * as live from "./live.js";
import * as overview from "./overview.js";
import * as reconciliation from "./reconciliation.js";
import * as session from "./session.js";

const views = { overview, session, call, live, reconciliation };
const dimensions = [
  "tenant", "harness", "provider", "model", "project", "repository", "branch", "user", "team", "host", "agent", "caller",
  "quality", "status", "channel",
];
const ranges = { today: 1, "7d": 7, "30d": 30, "90d": 90, "12m": 365 };
const ownZone = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
const element = (id) => document.getElementById(id);

/** What the address asks for. */
function readState() {
  const parameters = new URLSearchParams(location.search);
  const zone = isZone(parameters.get("zone")) ? parameters.get("zone") : ownZone;
  const today = dateIn(zone);
  const range = parameters.get("range") in ranges ? parameters.get("range") : "7d";
  const isCustom = isDate(parameters.get("since"));
  const since = isCustom ? parameters.get("since") : shifted(today, 1 - ranges[range]);
  const until = isCustom && isDate(parameters.get("until")) ? parameters.get("until") : today;
  const days = Math.max(1, daysBetween(since, until) + 1);
  const filters = {};
  for (const name of dimensions) if (parameters.has(name)) filters[name] = parameters.getAll(name);
  const state = {
    zone, today, range: isCustom ? "custom" : range, since, until, days, filters,
    cost: ["auto", "reported", "computed"].includes(parameters.get("cost")) ? parameters.get("cost") : "auto",
    cut: parameters.get("cut") in overview.cuts ? parameters.get("cut") : "model",
    session: parameters.get("session"), call: parameters.get("call"),
    previous: { since: shifted(since, -days), until: shifted(since, -1) },
    bucket: days === 1 ? "hour" : days <= 92 ? "day" : days <= 400 ? "week" : "month",
    address: (changes) => address(parameters, changes),
  };
  state.view = state.call ? "call" : state.session ? "session" : parameters.get("view") in views ? parameters.get("view") : "overview";
  state.periods = periods(state);
  return state;
}

/** The address of another view: what is not named stays. */
function address(current, { day, filter, without, ...changes }) {
  const next = new URLSearchParams(current);
  if (!("session" in changes) || "call" in changes) next.delete("call");
  if (!("call" in changes)) next.delete("session");
  if (!("view" in changes)) next.delete("view");
  if (day) {
    next.delete("range");
    next.set("since", day);
    next.set("until", day);
  }
  if (changes.range) for (const name of ["since", "until"]) next.delete(name);
  if (filter) next.set(filter[0], filter[1]);
  if (without) next.delete(without);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) next.delete(name);
    else next.set(name, value);
  }
  return location.pathname + "?" + next;
}

/** The bars of the chart. */
function periods({ bucket, since, until }) {
  if (bucket === "hour") {
    return Array.from({ length: 24 }, (_, hour) => {
      const two = String(hour).padStart(2, "0");
      return { key: `${since}T${two}`, label: two, title: `${dayLabel(since)}, ${two}:00` };
    });
  }
  const list = [];
  if (bucket === "month") {
    for (let month = since.slice(0, 7); month <= until.slice(0, 7); month = shifted(month + "-01", 31).slice(0, 7)) {
      list.push({ key: month, label: dayLabel(month + "-01", { month: "short" }), title: dayLabel(month + "-01", { month: "long", year: "numeric" }) });
    }
    return list;
  }
  const weekday = (new Date(since + "T00:00:00Z").getUTCDay() + 6) % 7;
  for (let day = bucket === "week" ? shifted(since, -weekday) : since; day <= until; day = shifted(day, bucket === "week" ? 7 : 1)) {
    list.push({ key: day, day: bucket === "day" ? day : null, label: dayLabel(day), title: bucket === "week" ? "Week of " + dayLabel(day) : overview.dayTitle(day) });
  }
  return list;
}

let turns = 0;
let reading = 0;

/** Reads what the address asks for and shows it; an answer to what is no longer asked for is dropped. */
async function show({ isQuiet = false } = {}) {
  const state = readState();
  const turn = ++turns;
  reading += 1;
  controls(state);
  if (!isQuiet) element("page").setAttribute("aria-busy", "true");
  try {
    const answer = await views[state.view].read(state);
    if (isQuiet) await released();
    if (turn !== turns) return;
    const content = views[state.view].draw(state, answer);
    if (state.view === "overview" && content.length > 1) content.push(live.tail(state, 8));
    replace(content);
  } catch (error) {
    // What was shown was right a moment ago, and is read again when the service is back.
    if (turn !== turns || isQuiet) return;
    element("page").replaceChildren(h("section", { class: "panel failure", role: "alert" }, h("h2", null, "This cannot be shown"), h("p", null, error.message || "The service does not answer."),
      h("button", { type: "button", onclick: () => show() }, "Try again")));
  } finally {
    reading -= 1;
    if (turn === turns) element("page").removeAttribute("aria-busy");
  }
}

/** Puts new content in place; what has the focus keeps it, and tables stay where they were scrolled to. */
function replace(content) {
  const page = element("page");
  const focus = page.contains(document.activeElement) ? place(document.activeElement) : null;
  const places = [...page.querySelectorAll(".scroll")].map((node) => node.scrollLeft);
  page.replaceChildren(...content);
  for (const node of page.querySelectorAll(".bars")) node.dispatchEvent(new Event("placed"));
  page.querySelectorAll(".scroll").forEach((node, index) => { node.scrollLeft = places[index] ?? 0; });
  // What is gone leaves the focus to the page, so that the next key goes on from here and not from the top.
  if (focus) (page.querySelectorAll(focus.selector)[focus.index] ?? page).focus({ preventScroll: true });
}

/** What finds an element again after the page was drawn anew. */
function place(node) {
  const name = ["data-key", "href", "aria-label"].find((candidate) => node.hasAttribute(candidate));
  if (!name) return { selector: ":not(*)", index: 0 };
  const selector = `[${name}="${CSS.escape(node.getAttribute(name))}"]`;
  return { selector, index: [...element("page").querySelectorAll(selector)].indexOf(node) };
}

let press = null;

/** Waits while a pointer is down: what is pressed must still be there when it is let go, or the click is lost. */
const released = () => press?.promise;

function watchPresses() {
  element("page").addEventListener("pointerdown", () => { press ??= Promise.withResolvers(); });
  const end = () => setTimeout(() => {
    press?.resolve();
    press = null;
  });
  for (const name of ["pointerup", "pointercancel", "blur"]) addEventListener(name, end);
}

function controls(state) {
  for (const link of document.querySelectorAll("#views a")) {
    const name = link.dataset.view;
    link.href = state.address({ view: name === "overview" ? null : name });
    const isHere = name === state.view || (name === "overview" && ["session", "call"].includes(state.view));
    link.toggleAttribute("aria-current", false);
    if (isHere) link.setAttribute("aria-current", "page");
  }
  element("ranges").replaceChildren(...Object.keys(ranges).map((name) =>
    h("a", { href: state.address({ range: name }), "data-link": true, "aria-current": name === state.range ? "true" : null }, { today: "Today", "7d": "7 days", "30d": "30 days", "90d": "90 days", "12m": "Year" }[name])));
  element("cost").value = state.cost;
  if (![...element("zone").options].some((option) => option.value === state.zone)) element("zone").append(new Option(state.zone));
  element("zone").value = state.zone;
  const chips = Object.entries(state.filters).map(([name, values]) => chip(`${name}: ${values.join(", ")}`, state.address({ without: name })));
  if (state.range === "custom") chips.unshift(chip(state.since === state.until ? overview.dayTitle(state.since) : `${dayLabel(state.since)} – ${dayLabel(state.until)}`, state.address({ range: "7d" })));
  element("chips").replaceChildren(...trail(state), ...chips);
  element("filters").hidden = ["session", "call", "live", "reconciliation"].includes(state.view);
  document.title = { session: "Session · ", call: "Call · ", live: "Live · ", reconciliation: "Reconciliation · " }[state.view] ?? "";
  document.title += "Tollbook";
}

const chip = (text, target) =>
  h("a", { class: "chip", href: target, "data-link": true, "aria-label": "Remove " + text }, text, h("span", { "aria-hidden": "true" }, "×"));

function trail(state) {
  if (!["session", "call"].includes(state.view)) return [];
  return [h("a", { class: "chip back", href: state.address({}), "data-link": true }, "← Overview")];
}

function go(target) {
  history.pushState(null, "", target);
  window.scrollTo(0, 0);
  show();
}

let waiting = null;

/**
 * Shows anew soon after a change: at most once in 400 ms, however many there are, and never while an answer is awaited,
 * which a new question would make too late: on a busy service nothing would ever be shown.
 */
function soon() {
  waiting ??= setTimeout(() => {
    waiting = null;
    if (reading > 0) soon();
    else show({ isQuiet: true });
  }, 400);
}

function start() {
  const zones = new Set([ownZone, "UTC", ...(Intl.supportedValuesOf?.("timeZone") ?? [])]);
  element("zone").append(...[...zones].map((name) => new Option(name)));
  for (const name of ["zone", "cost"]) {
    element(name).addEventListener("change", () => go(readState().address({ [name]: element(name).value })));
  }
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-link]");
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    go(link.getAttribute("href"));
  });
  addEventListener("popstate", () => show());
  watchPresses();
  const state = element("state");
  listen({
    onState: (name) => {
      if (name === "live" && state.className === "away") soon();
      state.className = name;
      state.textContent = { live: "Live", connecting: "Connecting", away: "Reconnecting" }[name];
    },
    onChange: (change) => {
      live.take(change);
      soon();
    },
  });
  live.begin().catch(() => {}).finally(() => show());
}

start();
