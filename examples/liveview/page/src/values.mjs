// Values of producers: prompts, arguments, results. They are bounded by the view.
import { h } from "./dom.mjs";
import { bytes } from "./format.mjs";

const mostMessages = 200;

// textOf returns a value as the text that is shown.
export function textOf(value) {
  if (!value) return "";
  return value.json === undefined ? value.text ?? "" : JSON.stringify(value.json, null, 2);
}

// noteOf says what is not shown of a value, and why.
export function noteOf(value) {
  if (!value) return "";
  if (value.rejected) {
    return `Rejected, ${value.rejected.replaceAll("_", " ")}: ${bytes(value.bytes)} were sent${
      value.text ? ", their beginning is shown" : ""}.`;
  }
  return value.cut ? `Cut: ${bytes(value.bytes)} were sent, the beginning is shown.` : "";
}

const isText = (v) => typeof v === "string";

// messagesOf returns the messages of a conversation, null if a value is not one.
function messagesOf(value) {
  const list = Array.isArray(value?.json) ? value.json : value?.json?.messages;
  if (!Array.isArray(list) || !list.length || list.length > mostMessages) return null;
  return list.every((m) => m && isText(m.role) && isText(m.content)) ? list : null;
}

// showValue puts a value into an element.
export function showValue(into, value) {
  const key = value && `${value.bytes} ${value.cut} ${value.rejected}`;
  if (into.value === value || (into.valueKey === key && !value)) return;
  if (into.value && value && into.pre && value.json === undefined && into.valueText) {
    // an answer that streams: only what is new is added
    const before = into.valueText;
    const now = textOf(value);
    if (now.startsWith(before)) {
      if (now.length > before.length) into.pre.append(now.slice(before.length));
      [into.value, into.valueText] = [value, now];
      into.note.textContent = noteOf(value);
      return;
    }
  }
  into.value = value;
  into.pre = null;
  into.valueText = "";
  into.note = h("p", { class: "note" }, noteOf(value));
  const messages = messagesOf(value);
  if (!value) {
    into.replaceChildren();
  } else if (messages) {
    into.replaceChildren(into.note, ...messages.map((m) => h("div", { class: "message" },
      h("b", {}, m.role), h("pre", { tabindex: 0 }, m.content))));
  } else {
    into.valueText = textOf(value);
    into.pre = h("pre", { tabindex: 0 }, into.valueText);
    into.replaceChildren(into.note, into.pre);
  }
}
