// The connection to the view: it subscribes, resumes after a cut, and says when it is silent.
import { Channel } from "./channels.mjs";

const silence = 6000; // ms without a frame: the connection is dead
const first = 300; // ms before connecting again, doubled up to most
const most = 5000;

export class Socket {
  subscriptions = new Map(); // by name: request, channel, its name at the view
  state = "connecting";
  clients = 0;
  hello = null;
  #moments = new Map();
  #next = 0;
  #delay = first;
  #offset = 0;
  #heard = 0;
  #socket = null;
  #retry = 0;

  constructor(url, changed) {
    this.url = url;
    this.changed = changed;
    this.#connect();
    setInterval(() => this.#watch(), 1000);
  }

  // now is the view's clock in microseconds.
  now() {
    return (Date.now() * 1000) + this.#offset;
  }

  // silentFor is how many seconds ago the view was last heard.
  silentFor() {
    return this.#heard ? (performance.now() - this.#heard) / 1000 : 0;
  }

  subscribe(sub, request) {
    const channel = new Channel();
    this.subscriptions.set(sub, { request, channel, name: "", error: null });
    this.#send({ op: "subscribe", sub, ...request });
    return channel;
  }

  unsubscribe(sub) {
    if (this.subscriptions.delete(sub)) this.#send({ op: "unsubscribe", sub });
  }

  // moment asks for a thread as it was.
  moment(thread, sequence) {
    const req = `m${this.#next++}`;
    return new Promise((resolve, reject) => {
      this.#moments.set(req, { resolve, reject });
      if (!this.#send({ op: "moment", req, thread, sequence })) {
        this.#moments.delete(req);
        reject({ code: "disconnected", message: "there is no connection to the view" });
      }
    });
  }

  #send(frame) {
    if (this.#socket?.readyState !== WebSocket.OPEN || !this.hello) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  #connect() {
    const socket = new WebSocket(this.url);
    this.#socket = socket;
    this.#retry = 0;
    const began = performance.now();
    this.#heard ||= began;
    socket.onmessage = (event) => {
      if (socket !== this.#socket) return;
      this.#heard = performance.now();
      this.#take(JSON.parse(event.data));
    };
    socket.onclose = () => socket === this.#socket && this.#lost();
  }

  #lost() {
    this.#socket = null;
    this.state = "disconnected";
    this.previous = this.hello ?? this.previous;
    this.hello = null;
    for (const m of this.#moments.values()) {
      m.reject({ code: "disconnected", message: "the connection to the view was cut" });
    }
    this.#moments.clear();
    this.#retry = setTimeout(() => this.#connect(), this.#delay * (0.5 + Math.random() / 2));
    this.#delay = Math.min(most, this.#delay * 2);
    this.changed();
  }

  #watch() {
    if (this.#socket && this.silentFor() > silence / 1000) {
      const old = this.#socket;
      this.#socket = null;
      old.close();
      this.#lost();
    }
    this.changed();
  }

  #take(frame) {
    if (frame.now_us) this.#offset = frame.now_us - Date.now() * 1000;
    switch (frame.type) {
      case "hello":
        this.#greet(frame);
        break;
      case "subscribed":
        this.#subscribed(frame);
        break;
      case "snapshot":
        for (const s of this.#of(frame.channel)) s.channel.replace(frame.data, frame.id);
        break;
      case "update":
        for (const s of this.#of(frame.channel)) {
          if (!s.channel.update(frame)) this.#again(s);
        }
        break;
      case "moment":
        this.#moments.get(frame.req)?.resolve(frame.data);
        this.#moments.delete(frame.req);
        break;
      case "error":
        this.#refused(frame);
        break;
    }
    this.changed();
  }

  #greet(hello) {
    this.hello = hello;
    this.state = "connected";
    this.#delay = first;
    for (const [sub, s] of this.subscriptions) {
      s.name = "";
      s.error = null;
      const resume = s.channel.known ? { epoch: this.previous?.epoch ?? hello.epoch,
        after: s.channel.id } : {};
      this.#send({ op: "subscribe", sub, ...s.request, ...resume });
    }
    this.previous = hello;
  }

  #subscribed(frame) {
    const s = this.subscriptions.get(frame.sub);
    if (s) s.name = frame.channel;
  }

  #of(channel) {
    return [...this.subscriptions.values()].filter((s) => s.name === channel);
  }

  // again asks for a snapshot: an update did not continue from the last one.
  #again(s) {
    for (const [sub, other] of this.subscriptions) {
      if (other !== s) continue;
      s.name = "";
      s.channel.known = false;
      this.#send({ op: "subscribe", sub, ...s.request });
    }
  }

  #refused(frame) {
    const error = { code: frame.code, message: frame.message };
    this.#moments.get(frame.req)?.reject(error);
    this.#moments.delete(frame.req);
    const s = this.subscriptions.get(frame.sub);
    if (s) s.error = error;
  }
}
