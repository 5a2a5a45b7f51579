// Budgets: how much of each is used.

import { getIfThere } from "./api.js";
import { badge, h } from "./elements.js";
import { costOf, headline, short } from "./format.js";

const most = 6;
const tones = { ok: "good", warning: "warn", exceeded: "bad" };

let isRefused = false;

/** The budgets as bars, the fullest first, or what to do to have some, or why they cannot be shown. */
export async function budgets() {
  let answer = null;
  try {
    // A key that may not see them will not be asked about again and again.
    if (!isRefused) answer = await getIfThere("/v1/budgets");
  } catch (error) {
    if (error.status !== 403) return h("p", { class: "empty" }, "Budgets cannot be shown: " + error.message);
    isRefused = true;
  }
  if (isRefused) return h("p", { class: "empty" }, "Budgets are shown to keys with the scope admin.");
  const bars = (answer?.budgets ?? []).flatMap((budget) => budget.entries.map((entry) => ({ budget, entry })));
  if (bars.length === 0) {
    return h("p", { class: "empty" }, "No budget is set. A budget for a day, week or month, of a project, user or model, shows here how much of it is used.");
  }
  bars.sort((left, right) => Number(right.entry.used_ratio) - Number(left.entry.used_ratio));
  const left = bars.length - most;
  return h("div", null, h("ul", { class: "budgets" }, bars.slice(0, most).map(bar)),
    left > 0 ? h("p", { class: "quiet" }, `and ${left} more at /v1/budgets`) : null);
}

function bar({ budget, entry }) {
  const share = Number(entry.used_ratio);
  const tone = tones[entry.state] ?? "";
  const name = entry.key === undefined || entry.key === null ? budget.name : `${budget.name}: ${entry.key}`;
  const used = budget.limit_usd === undefined
    ? `${short(entry.total_tokens)} of ${short(budget.limit_tokens)} tokens`
    : `${costOf(entry, headline)} of ${headline(budget.limit_usd)}`;
  return h("li", null,
    h("p", null, h("span", { class: "name" }, name), badge(entry.state, tone)),
    h("span", { class: "meter wide " + tone, role: "img", "aria-label": `${Math.round(share * 100)} percent used` }, h("span", { "width%": Math.max(0, Math.min(100, share * 100)) })),
    h("p", { class: "quiet" }, used, budget.period === "all" ? " in all" : ` this ${budget.period}`));
}
