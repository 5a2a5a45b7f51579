// Elements are built from text nodes alone: names in the ledger come from whoever sends telemetry.

/** Makes an element. `on…` members are listeners, `class` is the class, the rest are attributes. */
export function h(tag, members, ...children) {
  return filled(document.createElement(tag), members, children);
}

/** Makes an element of a drawing. */
export function s(tag, members, ...children) {
  return filled(document.createElementNS(document.getElementById("mark").namespaceURI, tag), members, children);
}

function filled(node, members, children) {
  for (const [name, value] of Object.entries(members ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "width%") node.style.width = value + "%";
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** A section of a page with its title and what stands beside it. */
export function panel(title, beside, ...content) {
  const heading = h("div", { class: "panel-head" }, h("h2", null, title), beside ?? null);
  return h("section", { class: "panel", "aria-label": title }, heading, ...content);
}

/** A headline figure. `note` says what is behind it. */
export function figure(title, value, note, { tone, id } = {}) {
  return h("div", { class: "figure" + (tone ? " " + tone : ""), id },
    h("dt", null, title), h("dd", { class: "value" }, value), h("dd", { class: "note" }, note ?? ""));
}

/**
 * A table. A column has `title`, `value(row)`, and may have `number`, `wide`, `quiet`.
 *
 * A row that leads somewhere is a link in its first column; the whole row can be clicked.
 */
export function table(columns, rows, { label, empty, target, mark } = {}) {
  if (rows.length === 0) return h("p", { class: "empty" }, empty ?? "Nothing in this range.");
  const classes = (column) =>
    [column.number && "number", column.wide && "wide", column.quiet && "quiet", column.narrow && "narrow"].filter(Boolean).join(" ");
  const head = h("tr", null, columns.map((column) => h("th", { scope: "col", class: classes(column) }, column.title)));
  const body = rows.map((row) => {
    const address = target?.(row);
    const cells = columns.map((column, index) => {
      const content = column.value(row);
      const isLink = index === 0 && address;
      return h("td", { class: classes(column), title: column.hint?.(row) },
        isLink ? h("a", { href: address, "data-link": true }, content) : content);
    });
    const open = (event) => {
      if (event.target.closest("a, button") || getSelection()?.toString()) return;
      event.currentTarget.querySelector("a[data-link]")?.click();
    };
    return h("tr", { class: mark?.(row) ?? (address ? "leads" : null), onclick: address ? open : null }, cells);
  });
  return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": label ?? "Table" },
    h("table", null, h("thead", null, head), h("tbody", null, body)));
}

/** A word with a colour of its own. */
export const badge = (text, tone) => h("span", { class: "badge " + (tone ?? "") }, text);
