// The words for what an operator has to know of what is shown, each with a sign of its own shape:
// color is never the only difference.

export const statuses = {
  __proto__: null,
  failed: { sign: "✕", label: "failed" },
  waiting: { sign: "‖", label: "waiting for a human" },
  running: { sign: "▶", label: "running" },
  requested: { sign: "◇", label: "requested" },
  ended: { sign: "✓", label: "ended" },
  idle: { sign: "○", label: "not run" },
};

export const statusOf = (name) => statuses[name] ?? { sign: "?", label: String(name || "unknown") };

export const flags = {
  __proto__: null,
  joined_in_the_middle: {
    sign: "⇥", label: "joined in the middle", level: "note",
    text: "Earlier messages were not seen or are no longer kept. Nothing is invented for them.",
  },
  needs_resync: {
    sign: "↻", label: "needs a resync", level: "bad", text: "The state may be wrong.",
  },
  gap: {
    sign: "⋯", label: "gap", level: "bad",
    text: "Messages are missing, and nothing says why.",
  },
  gap_explained: {
    sign: "∵", label: "explained gap", level: "note",
    text: "Messages are missing, and the producer says why.",
  },
  rejected: {
    sign: "⊘", label: "rejected", level: "warn",
    text: "Something was over a limit or did not decode. The timeline says what.",
  },
  stopped: {
    sign: "■", label: "stopped", level: "bad",
    text: "Its producer writes a newer schema than this view can read. What is shown is old.",
  },
  stale: {
    sign: "◔", label: "stale", level: "warn",
    text: "It has not ended, and nothing came of it for a minute.",
  },
  producer_died: {
    sign: "†", label: "producer died", level: "bad",
    text: "It has not ended, and its producer stopped reporting without having ended.",
  },
  line_only: {
    sign: "—", label: "line only", level: "note",
    text: "Its details are no longer kept: only this line is.",
  },
};

export const flagOf = (name) =>
  flags[name] ?? { sign: "!", label: String(name).replaceAll("_", " "), level: "warn", text: "" };

export const producerStatuses = {
  __proto__: null,
  live: { sign: "●", label: "live", level: "good" },
  ended: { sign: "✓", label: "ended", level: "note" },
  died: { sign: "†", label: "died", level: "bad" },
};

export const levels = {
  __proto__: null,
  ok: { sign: "●", label: "ok", level: "good" },
  elevated: { sign: "▲", label: "elevated", level: "warn" },
  critical: { sign: "▲▲", label: "critical", level: "bad" },
  dropping: { sign: "▼", label: "dropping events", level: "bad" },
};

export const healths = {
  __proto__: null,
  connecting: { sign: "…", label: "connecting", level: "warn" },
  waiting: { sign: "◌", label: "waiting: the topic is idle", level: "note" },
  live: { sign: "●", label: "live", level: "good" },
  behind: { sign: "▲", label: "behind the topic", level: "warn" },
  stale: { sign: "✕", label: "stale: the cluster does not answer", level: "bad" },
};
