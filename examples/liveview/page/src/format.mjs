// How figures are written. Times are microseconds since the epoch, 0 is "unknown".

const two = (n) => String(n).padStart(2, "0");

export function clock(us, fine = false) {
  if (!us) return "unknown";
  const d = new Date(us / 1000);
  const s = `${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}`;
  return fine ? `${s}.${String(d.getMilliseconds()).padStart(3, "0")}` : s;
}

export function date(us) {
  if (!us) return "unknown";
  const d = new Date(us / 1000);
  return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())} ${clock(us)}`;
}

export function duration(us) {
  if (us === null || us === undefined || us < 0) return "–";
  if (us < 1000) return `${Math.round(us)} µs`;
  if (us < 999_500) return `${Math.round(us / 1000)} ms`;
  const s = us / 1e6;
  if (s < 9.95) return `${s.toFixed(1)} s`;
  if (s < 59.5) return `${Math.round(s)} s`;
  const minutes = Math.floor(Math.round(s) / 60);
  if (minutes < 60) return `${minutes} min${rest(Math.round(s) % 60, "s")}`;
  if (minutes < 48 * 60) {
    return `${Math.floor(minutes / 60)} h${rest(minutes % 60, "min")}`;
  }
  return `${Math.floor(minutes / 60 / 24)} days`;
}

const rest = (n, unit) => (n ? ` ${n} ${unit}` : "");

// elapsed is how long something takes or took: so far, if it has not ended.
export function elapsed(entity, now) {
  if (entity.ended_us || (entity.status !== "running" && entity.status !== "waiting")) {
    return entity.duration_us;
  }
  return entity.started_us ? Math.max(0, now - entity.started_us) : -1;
}

// count writes a whole number, which may be a string of digits, with thin spaces between thousands.
export function count(n) {
  return String(n ?? 0).replace(/^\d+$/, (d) => d.replace(/\B(?=(\d{3})+$)/g, "\u202f"));
}

export function plural(n, one, many = `${one}s`) {
  return `${count(n)} ${String(n) === "1" ? one : many}`;
}

export function bytes(n) {
  if (n < 1024) return `${n} B`;
  if (n < 1024 * 1024) return `${(n / 1024).toFixed(n < 10240 ? 1 : 0)} KiB`;
  return `${(n / 1024 / 1024).toFixed(n < 10485760 ? 1 : 0)} MiB`;
}

export function percent(part, whole) {
  return whole > 0 ? `${Math.round((100 * part) / whole)} %` : "–";
}

// words writes a name out of a closed list for people.
export const words = (name) => String(name).replaceAll("_", " ");

// whole reads a whole number, which may be a string of digits, for comparisons.
export const whole = (n) => BigInt(n || 0);

export const ordered = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
