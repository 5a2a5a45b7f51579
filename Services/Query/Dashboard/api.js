// Requests to the service this page came from.

/** An answer that says what is wrong. */
export class Refusal extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

/** Asks for JSON. `parameters` with lists are given once for each value; a comma in one is part of it. */
export async function get(path, parameters = {}) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    for (const one of Array.isArray(value) ? value.map((item) => item.replaceAll(",", "\\,")) : [value]) {
      if (one !== undefined && one !== null && one !== "") query.append(name, one);
    }
  }
  const text = query.toString();
  const response = await fetch(text ? path + "?" + text : path, { headers: { Accept: "application/json" } });
  if (!response.ok) {
    const problem = await response.json().catch(() => ({}));
    throw new Refusal(response.status, problem.detail || `the service answered ${response.status}`);
  }
  return response.json();
}

let paths = null;

/** Asks for what another release of the service may not have; its own description tells. */
export async function getIfThere(path, parameters) {
  paths ??= get("/openapi.json").then((description) => description.paths).catch(() => ({}));
  return path in (await paths) ? get(path, parameters) : null;
}

/**
 * Listens to changes as they happen; comes back by itself after a break.
 *
 * `onState` is told "live", "connecting" or "away".
 */
export function listen({ onChange, onState }) {
  let source = null;
  let last = null;
  const open = () => {
    source = new EventSource("/v1/events" + (last === null ? "" : "?after=" + last));
    source.addEventListener("welcome", (event) => {
      const { epoch, seq } = JSON.parse(event.data);
      if (listen.epoch && listen.epoch !== epoch) location.reload();
      listen.epoch = epoch;
      last ??= seq;
      onState("live");
    });
    source.addEventListener("change", (event) => {
      last = Number(event.lastEventId);
      onChange(JSON.parse(event.data));
    });
    source.addEventListener("heartbeat", () => onState("live"));
    source.addEventListener("end", () => {
      source.close();
      onState("connecting");
      setTimeout(open, 1000);
    });
    source.addEventListener("error", () => {
      onState("away");
      // A browser gives up for good when the answer was an error; then it is asked again here.
      if (source.readyState !== EventSource.CLOSED) return;
      setTimeout(open, 3000);
    });
  };
  onState("connecting");
  open();
}
