// The live tail: the newest changes, as they happen.

import { get } from "./api.js";
import { badge, h, panel, table } from "./elements.js";
import { cacheWrites, count, recent, short } from "./format.js";
import { costOfCharge } from "./session.js";

const most = 100;
const changes = [];

/** Takes a change that has just happened. */
export function take(change) {
  if (changes.length > 0 && change.seq <= changes[0].seq) return;
  changes.unshift(change);
  changes.length = Math.min(changes.length, most);
}

/** Fills the tail with what happened before the page was opened. */
export async function begin() {
  const { last_seq: last } = await get("/v1/changes", { after: Number.MAX_SAFE_INTEGER, limit: 1 });
  for (const change of await changesAfter(Math.max(0, last - 25))) take(change);
}

/** The changes after a number, or after the last of those that were removed because they were old. */
async function changesAfter(after) {
  // Not by `get`: the refusal itself says where to go on.
  const response = await fetch(`/v1/changes?after=${after}&limit=25`, { headers: { Accept: "application/json" } });
  const answer = await response.json();
  return response.status === 410 && answer.resume_after > after ? changesAfter(answer.resume_after) : answer.changes ?? [];
}

export const read = async () => changes;

/** The tail as a panel of `rows` rows. */
export function tail(state, rows = most) {
  return panel("Live", h("a", { class: "quiet", href: state.address({ view: "live" }), "data-link": true }, rows < most ? "all" : "newest first"), table([
    { title: "Time", value: (change) => recent(change.charge.event_time, state.zone) },
    { title: "What", value: (change) => badge(change.op === "retract" ? "taken back" : change.reason, change.op === "retract" ? "warn" : change.reason === "first" ? "good" : "") },
    { title: "Cost", number: true, value: (change) => (change.op === "retract" ? "" : costOfCharge(change.charge)) },
    { title: "Model", wide: true, value: (change) => change.charge.model ?? "(none)" },
    { title: "Agent", quiet: true, value: (change) => [change.charge.harness, change.charge.attribution?.caller].filter(Boolean).join(" · ") },
    { title: "Input", number: true, value: (change) => short(input(change.charge.tokens)) },
    { title: "Output", number: true, value: (change) => count(change.charge.tokens?.output ?? 0) },
  ], changes.slice(0, rows), { label: "Live", target: (change) => state.address({ call: change.charge.key }), empty: "Waiting for the first call." }));
}

export const draw = (state) => [tail(state)];

const input = (tokens) => (tokens?.uncached_input ?? 0) + (tokens?.cache_read ?? 0) + cacheWrites(tokens ?? {});
