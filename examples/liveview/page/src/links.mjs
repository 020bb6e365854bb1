// Where the page is: #/runs, #/run/<thread>?run=<id>&at=<sequence>, #/producers, #/health. There is
// never a secret in it.

export function runLink(thread, run = "", at = "", more = {}) {
  const query = Object.entries({ run, at, ...more }).filter(([, v]) => v)
    .map(([k, v]) => `${k}=${encodeURIComponent(v)}`).join("&");
  return `#/run/${encodeURIComponent(thread)}${query ? `?${query}` : ""}`;
}

export function readLink(hash) {
  const [path, query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  const [name, ...rest] = path.split("/");
  if (name === "run" && rest.length) {
    const q = new URLSearchParams(query.replaceAll("+", "%2B"));
    const at = q.get("at") ?? "";
    return { name, thread: decode(rest.join("/")), run: q.get("run") ?? "",
      at: /^\d{1,20}$/.test(at) ? at : "", node: q.get("node") ?? "" };
  }
  if (name === "producers") return { name, producer: decode(rest.join("/")) };
  return { name: name === "health" ? "health" : "runs" };
}

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export const producerLink = (id) => `#/producers/${encodeURIComponent(id)}`;
