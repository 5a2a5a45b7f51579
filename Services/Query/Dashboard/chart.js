// Stacked bars, drawn as SVG: crisp at any size, readable by keyboard and without colour.

import { h, s } from "./elements.js";

const height = 232;
const margin = { top: 12, right: 4, bottom: 24, left: 52 };

/** Round numbers for the lines behind the bars: 1, 2, 2.5 or 5 times a power of ten. */
export function scale(highest, most = 4) {
  if (highest <= 0) return { top: 1, step: 1 };
  const raw = highest / most;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map((times) => times * power).find((candidate) => candidate >= raw * 0.999);
  return { top: Math.ceil(highest / step - 1e-9) * step, step };
}

/**
 * Draws periods as bars of stacked series.
 *
 * `periods`: `{ label, title, address }`; `series`: `{ name, tone, values }`, a value for each period;
 * `write`: how a value is shown.
 */
export function stackedBars({ label, periods, series, write }) {
  const tip = h("div", { class: "tip", hidden: true });
  const holder = h("div", { class: "bars" }, tip);
  const draw = () => {
    const width = holder.clientWidth;
    if (width < 50) return;
    holder.querySelector("svg")?.remove();
    holder.prepend(drawing({ label, periods, series, write, width, tip, holder }));
  };
  new ResizeObserver(draw).observe(holder);
  holder.addEventListener("placed", draw);
  const keys = series.map((one) => h("li", null, h("span", { class: "key " + one.tone }), one.name));
  return h("figure", { class: "chart" }, holder, h("ul", { class: "legend" }, keys));
}

function drawing({ label, periods, series, write, width, tip, holder }) {
  const sums = periods.map((_, index) => series.reduce((sum, one) => sum + one.values[index], 0));
  const { top, step } = scale(Math.max(...sums, 0));
  const inner = { width: width - margin.left - margin.right, height: height - margin.top - margin.bottom };
  const y = (value) => margin.top + inner.height * (1 - value / top);
  const pitch = inner.width / periods.length;
  const thickness = Math.max(1, Math.min(pitch * 0.72, 44));
  const root = s("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": label });
  for (let value = 0; value <= top * 1.0001; value += step) {
    root.append(
      s("line", { class: value === 0 ? "base" : "rule", x1: margin.left, x2: width - margin.right, y1: y(value), y2: y(value) }),
      s("text", { class: "axis", x: margin.left - 8, y: y(value) + 4, "text-anchor": "end" }, write(value)));
  }
  const every = Math.max(1, Math.ceil(periods.length / Math.max(2, Math.floor(inner.width / 64))));
  periods.forEach((period, index) => {
    const middle = margin.left + pitch * (index + 0.5);
    const bar = column({ period, index, middle, thickness, pitch, series, sums, y, write, inner });
    const show = () => showTip({ tip, holder, period, series, index, sum: sums[index], write, middle, width });
    const hide = () => { tip.hidden = true; };
    for (const name of ["pointerenter", "focus"]) bar.addEventListener(name, show);
    for (const name of ["pointerleave", "blur"]) bar.addEventListener(name, hide);
    root.append(bar);
    if (index % every === 0) {
      root.append(s("text", { class: "axis", x: middle, y: height - 6, "text-anchor": "middle" }, period.label));
    }
  });
  return root;
}

function column({ period, index, middle, thickness, pitch, series, sums, y, write, inner }) {
  const parts = [s("rect", { class: "hit", x: middle - pitch / 2, y: margin.top, width: pitch, height: inner.height })];
  let reached = 0;
  for (const one of series) {
    const value = one.values[index];
    if (value <= 0) continue;
    const [low, high] = [y(reached), y(reached + value)];
    parts.push(s("rect", { class: "block " + one.tone, x: middle - thickness / 2, y: high, width: thickness, height: Math.max(low - high, 0.75) }));
    reached += value;
  }
  const name = `${period.title}: ${write(sums[index], true)}`;
  return period.address
    ? s("a", { href: period.address, "data-link": true, "aria-label": name }, parts)
    : s("g", { tabindex: 0, role: "img", "aria-label": name, "data-key": period.key }, parts);
}

function showTip({ tip, holder, period, series, index, sum, write, middle, width }) {
  const lines = series.filter((one) => one.values[index] > 0)
    .map((one) => h("li", null, h("span", { class: "key " + one.tone }), h("span", { class: "name" }, one.name), h("span", { class: "amount" }, write(one.values[index], true))))
    .reverse();
  tip.replaceChildren(
    h("p", { class: "tip-head" }, h("span", null, period.title), h("strong", null, write(sum, true))), h("ul", null, lines));
  tip.hidden = false;
  const room = tip.offsetWidth;
  tip.style.left = Math.max(0, Math.min(width - room, middle - room / 2)) + "px";
  tip.style.top = margin.top + "px";
  if (holder.clientWidth < 420) tip.style.left = Math.max(0, (width - room) / 2) + "px";
}

/** One bar cut into shares, with a line for each: `{ name, tone, value, notes }`. */
export function shares({ parts, write, label }) {
  const sum = parts.reduce((total, part) => total + part.value, 0);
  const cuts = parts.filter((part) => part.value > 0)
    .map((part) => h("span", { class: "cut " + part.tone, "width%": (part.value / sum) * 100, title: part.name }));
  const rows = parts.map((part) => h("tr", null,
    h("th", { scope: "row" }, h("span", { class: "key " + part.tone }), part.name),
    h("td", { class: "number" }, write(part.value)),
    h("td", { class: "number quiet" }, sum > 0 ? ((part.value / sum) * 100).toFixed(1) + " %" : "–"),
    h("td", { class: "number" }, part.notes ?? "")));
  return h("div", { class: "shares" }, h("div", { class: "strip", role: "img", "aria-label": label }, cuts),
    h("table", { class: "plain" }, h("tbody", null, rows)));
}
