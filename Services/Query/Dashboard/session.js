// One session: its calls in order, those made on another's behalf indented.

import { get } from "./api.js";
import { badge, h, figure, panel, table } from "./elements.js";
import { cacheWrites, clock, costOf, count, dollars, headline, moment, percent, short, trimmed } from "./format.js";

export const read = (state) =>
  get("/v1/sessions/" + encodeURIComponent(state.session), { cost: state.cost, limit: 2000 });

export function draw(state, answer) {
  return answer.sessions.map((session) => heading(state, session)).concat(
    panel("Calls", h("span", { class: "quiet" }, answer.charges > answer.changes.length ? `the newest ${count(answer.changes.length)} of ${count(answer.charges)}` : `${count(answer.charges)}, in order`),
      calls(state, answer.changes.map((change) => change.charge))));
}

function heading(state, session) {
  const facts = [session.harness, ...session.projects, ...session.repositories, ...session.users];
  return h("section", { class: "subject" },
    h("p", { class: "kind" }, "Session"), h("h2", { class: "name" }, session.session),
    h("p", { class: "quiet" }, facts.join(" · "), facts.length > 0 ? " · " : "", moment(session.first_activity, state.zone), " – ", moment(session.last_activity, state.zone)),
    h("dl", { class: "figures" },
      figure("Cost", costOf(session, headline), session.cost_rule === "reported_alone" ? "as the agent reports it for the whole session" : "each call by itself", { tone: "lead" }),
      figure("Calls", count(session.calls), session.models.join(", ")),
      figure("Tokens", short(session.total_tokens), `${short(session.tokens.output)} of them output`),
      figure("Read from cache", percent(session.tokens.cache_read, session.input_tokens), `of input, for ${dollars(session.computed_cost_by_class_usd.cache_read)}`),
      figure("Not counted twice", count(session.reports.duplicate + session.reports.superseded + session.reports.conflicting), "reports set aside")));
}

function calls(state, charges) {
  const depth = depths(charges);
  return table([
    { title: "Time", value: (charge) => clock(charge.event_time, state.zone) },
    { title: "Caller", wide: true, value: (charge) => indented(charge, depth.get(charge)) },
    { title: "Cost", number: true, value: costOfCharge },
    { title: "Model", wide: true, quiet: true, value: (charge) => charge.model ?? "(none)" },
    { title: "Input", number: true, value: (charge) => short(charge.tokens.uncached_input ?? 0) },
    { title: "Cache read", number: true, value: (charge) => short(charge.tokens.cache_read ?? 0) },
    { title: "Cache write", number: true, value: (charge) => short(cacheWrites(charge.tokens)) },
    { title: "Output", number: true, value: (charge) => count(charge.tokens.output ?? 0) },
    { title: "Reports", value: reports },
  ], charges, { label: "Calls of the session", target: (charge) => state.address({ call: charge.key }), empty: "No call of this session stands." });
}

/** What a charge costs: as its source reports it, else as the price sheets say. */
export function costOfCharge(charge) {
  const cost = charge.reported_cost ?? charge.rating.cost;
  return cost === undefined ? badge("unpriced", "warn") : dollars(cost);
}

function reports(charge) {
  const items = charge.evidence?.items ?? [];
  const channels = [...new Set(items.map((item) => item.channel))];
  return h("span", { class: "quiet" }, channels.join(" + ") || "–");
}

function indented(charge, depth) {
  const { caller, agent_name: agent } = charge.attribution ?? {};
  const name = [caller ?? (charge.quality === "aggregate" ? "sum of calls" : "call"), agent].filter(Boolean).join(" · ");
  return depth > 0 ? h("span", { class: "depth-" + Math.min(depth, 4) }, "↳ " + name) : trimmed(name, 40);
}

/** How deep each call stands in its trace. */
function depths(charges) {
  const bySpan = new Map(charges.filter((charge) => charge.trace?.span_id).map((charge) => [charge.trace.trace_id + charge.trace.span_id, charge]));
  const result = new Map();
  for (const charge of charges) {
    let depth = 0;
    const seen = new Set();
    for (let at = charge; at?.trace?.parent_span_id && !seen.has(at); depth += 1) {
      seen.add(at);
      at = bySpan.get(at.trace.trace_id + at.trace.parent_span_id);
      if (!at) break;
    }
    result.set(charge, depth || (charge.attribution?.caller === "subagent" ? 1 : 0));
  }
  return result;
}
