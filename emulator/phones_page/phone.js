// One telephone: its thread, its call, its settings.
import { act, button, onSubmit, write } from "./api.js";
import { speak } from "./speech.js";

const MARKS = {
  queued: "sending", accepted: "sending", scheduled: "scheduled", sending: "sending", sent: "✓ sent",
  delivered: "✓✓ delivered", undelivered: "not delivered", failed: "failed", received: "✓✓ delivered", canceled: "canceled",
};
const BEHAVIOURS = {
  manual: "ring until somebody does something", answer: "answer by itself", never: "ring unheard",
  busy: "be busy", voicemail: "let voicemail answer", fax: "answer as a fax machine", unreachable: "be out of reach",
};
const KEYS = "123456789*0#";
const at = (number) => `/phones/${encodeURIComponent(number)}`;

export class PhoneCard {
  constructor(number, line) {
    this.number = number;
    this.line = line;
    this.call = null;
    this.spoken = new Map();
    this.root = document.getElementById("phone").content.firstElementChild.cloneNode(true);
    this.root.dataset.testid = `phone-${number}`;
    this.root.id = `phone-${number}`;
    this.root.setAttribute("aria-label", `Phone ${number}`);
    this.find("captions").dataset.empty = "Nothing heard yet";
    this.find("thread").dataset.empty = "No texts yet";
    this.pad();
    this.actions();
    this.settings();
  }

  find(id) {
    return this.root.querySelector(`[data-testid="${id}"]`);
  }

  inCall(what, data) {
    return this.call && act("POST", `/calls/${this.call.sid}/${what}`, data);
  }

  press(key) {
    this.pressed = (this.pressed ?? Promise.resolve()).then(() => this.inCall("keys", { digits: key })); // one after the other
  }

  pad() {
    const pad = this.root.querySelector(".pad");
    for (const key of KEYS) {
      const name = { "*": "star", "#": "pound" }[key] || key;
      pad.append(button(key, () => this.press(key), { "data-testid": `key-${key}`, "aria-label": `Key ${name}` }));
    }
    this.root.querySelector(".talk").addEventListener("keydown", (event) => {
      if (event.target.tagName === "INPUT" || event.ctrlKey || event.metaKey || event.altKey || !KEYS.includes(event.key)) return;
      event.preventDefault();
      this.press(event.key);
    });
  }

  actions() {
    this.find("call").addEventListener("click", () => act("POST", `${at(this.number)}/calls`, { to: this.line() }));
    const acts = { answer: "answer", decline: "reject", ignore: "ignore", hangup: "hangup" };
    for (const [id, what] of Object.entries(acts)) {
      this.find(id).addEventListener("click", async () => {
        await this.inCall(what);
        this.moveFocus = id === "answer" ? "key-1" : "call";
      });
    }
    const text = this.root.querySelector("form.text");
    onSubmit(text, (data) => { text.reset(); act("POST", `${at(this.number)}/texts`, { to: this.line(), body: data.get("body") }); });
    const say = this.root.querySelector("form.say");
    onSubmit(say, (data) => { say.reset(); this.inCall("speech", { text: data.get("text") }); });
  }

  settings() {
    const choice = this.root.querySelector("[name=behaviour]");
    for (const [value, words] of Object.entries(BEHAVIOURS)) choice.append(new Option(words, value));
    choice.addEventListener("change", () => act("PATCH", at(this.number), { behaviour: choice.value }));
    const withheld = this.root.querySelector("[name=withheld]");
    withheld.addEventListener("change", () => act("PATCH", at(this.number), { withheld: withheld.checked }));
    this.find("remove").addEventListener("click", () => act("DELETE", at(this.number)));
  }

  show(phone) {
    const live = phone.live_calls;
    this.call = live.find((one) => !one.ringing) || live[0] || null;
    write(this.root.querySelector("h3"), phone.name || phone.number);
    write(this.root.querySelector(".number"), phone.name ? phone.number : "");
    write(this.find("connected"), stateOf(this.call));
    this.root.classList.toggle("busy", Boolean(this.call));
    this.showBlocked(phone);
    this.showCall();
    this.showThread(phone);
    const choice = this.root.querySelector("[name=behaviour]");
    if (document.activeElement !== choice) choice.value = phone.behaviour;
    this.root.querySelector("[name=withheld]").checked = phone.withheld;
  }

  showBlocked(phone) {
    const note = this.root.querySelector(".blocked");
    note.hidden = !phone.opted_out_of.length;
    write(note, note.hidden ? "" : "Has texted STOP: the line cannot text it until it texts START.");
  }

  showCall() {
    const call = this.call;
    const banner = this.root.querySelector(".incoming");
    if (call?.ringing) {
      write(banner.querySelector("strong"), `Call from ${call.with}`);
      write(banner.querySelector("small"), call.reason);
    }
    banner.hidden = !call?.ringing;
    this.root.querySelector(".talk").hidden = !call || call.ringing;
    this.find("call").hidden = Boolean(call);
    fill(this.find("captions"), (call?.captions || []).map(captionRow));
    if (call) speak(call, this.spoken);
    if (this.moveFocus && !this.find(this.moveFocus).closest("[hidden]")) {
      this.find(this.moveFocus).focus();
      this.moveFocus = "";
    }
  }

  showThread(phone) {
    fill(this.find("thread"), phone.thread.map((text) => textRow(text, this.line())));
  }
}

function stateOf(call) {
  if (!call) return "No call";
  if (call.ringing) return "Ringing";
  if (call.connected_phones.length) return `Connected with ${call.connected_phones.join(", ")}`;
  return call.status === "in-progress" ? `On the line with ${call.with}` : "Calling";
}

function textRow(text, line) {
  const at = new Date(text.at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  const mark = MARKS[text.status] || text.status;
  const failed = ["undelivered", "failed"].includes(text.status);
  const pictures = text.media.map((media) => `[${media.content_type}]`).join(" ");
  const parts = text.segments > 1 ? `, ${text.segments} parts` : "";
  return {
    body: [text.body, pictures].filter(Boolean).join("\n"),
    note: [at, text.with === line ? "" : `${text.direction === "sent" ? "to" : "from"} ${text.with}`, mark + parts, failed ? `error ${text.error_code}` : ""].filter(Boolean).join(", "),
    side: `${text.direction}${failed ? " bad" : ""}`,
  };
}

function captionRow(caption) {
  const sounds = { play: "plays", music: "music", tone: "tone", beep: "beep" };
  if (caption.kind === "say") return { body: caption.said, note: "", side: "heard" };
  if (caption.kind === "person") return { body: caption.said, note: "the other person", side: "person" };
  if (caption.kind === "error") return { body: caption.said, note: "Twilio", side: "bad" };
  return { body: `${sounds[caption.kind] || caption.kind}: ${caption.said}`, note: "", side: "sound" };
}

function fill(list, rows) {
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 8;
  rows.forEach((row, index) => {
    let item = list.children[index];
    if (!item) {
      item = document.createElement("li");
      item.append(document.createElement("span"), document.createElement("small"));
      list.append(item);
    }
    write(item.children[0], row.body);
    write(item.children[1], row.note);
    item.className = row.side;
  });
  while (list.children.length > rows.length) list.lastChild.remove();
  if (atEnd || list.dataset.rows !== String(rows.length)) list.scrollTop = list.scrollHeight;
  list.dataset.rows = rows.length;
}
