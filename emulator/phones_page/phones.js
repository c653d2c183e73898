"use strict";
const API = "/emulator/api";
const LABELS = { sent: "sent", queued: "sending", sending: "sending", delivered: "delivered", undelivered: "not delivered", failed: "failed", received: "sent" };
const byId = (id) => document.getElementById(id);
const cards = new Map();
let helpline = "";
let refreshing = false;
let again = false;

async function ask(method, path, data) {
  const options = { method, headers: { "Content-Type": "application/json" } };
  if (data !== undefined) options.body = JSON.stringify(data);
  const answer = await fetch(API + path, options);
  if (answer.status === 204) return null;
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.error);
  return body;
}

function problem(text) {
  byId("problem").textContent = text;
  byId("problem").hidden = !text;
}

async function act(method, path, data) {
  try {
    await ask(method, path, data);
    problem("");
  } catch (error) {
    problem(`That did not work: ${error.message}`);
  }
  await refresh();
}

const at = (number) => `/phones/${encodeURIComponent(number)}`;
const inCall = (card, what, data) => card.call && act("POST", `/calls/${card.call.sid}/${what}`, data);

function onSubmit(form, send) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(new FormData(form));
  });
}

function makeCard(number) {
  const root = byId("phone").content.firstElementChild.cloneNode(true);
  const find = (id) => root.querySelector(`[data-testid="${id}"]`);
  const card = { root, find, call: null, spoken: new Map() };
  root.dataset.testid = `phone-${number}`;
  root.setAttribute("aria-label", `Phone ${number}`);
  for (const key of "123456789*0#") {
    const button = document.createElement("button");
    button.textContent = key;
    button.dataset.testid = `key-${key}`;
    button.setAttribute("aria-label", `Key ${{ "*": "star", "#": "pound" }[key] || key}`);
    button.addEventListener("click", () => inCall(card, "keys", { digits: key }));
    root.querySelector(".pad").append(button);
  }
  find("call").addEventListener("click", () => act("POST", `${at(number)}/calls`, { to: helpline }));
  find("answer").addEventListener("click", () => inCall(card, "answer"));
  find("decline").addEventListener("click", () => inCall(card, "reject"));
  find("hangup").addEventListener("click", () => inCall(card, "hangup"));
  const text = root.querySelector("form.text");
  onSubmit(text, (data) => { text.reset(); act("POST", `${at(number)}/texts`, { to: helpline, body: data.get("body") }); });
  const say = root.querySelector("form.say");
  onSubmit(say, (data) => { say.reset(); inCall(card, "speech", { text: data.get("text") }); });
  byId("phones").append(root);
  return card;
}

function fill(list, rows) {
  rows.forEach((row, index) => {
    let item = list.children[index];
    if (!item) {
      item = document.createElement("li");
      item.append(document.createElement("span"), document.createElement("small"));
      list.append(item);
    }
    const [body, note] = item.children;
    if (body.textContent !== row.body) body.textContent = row.body;
    if (note.textContent !== row.note) note.textContent = row.note;
    item.className = row.side;
  });
  while (list.children.length > rows.length) list.lastChild.remove();
  if (list.dataset.rows !== String(rows.length)) list.scrollTop = list.scrollHeight;
  list.dataset.rows = rows.length;
}

function state(call) {
  if (!call) return "No call";
  if (call.ringing) return "Ringing";
  if (call.connected_phones.length) return `Connected with ${call.connected_phones.join(", ")}`;
  return call.status === "in-progress" ? `On the line with ${call.with}` : "Calling";
}

function speak(card, call) {
  const seen = card.spoken.get(call.sid) ?? 0;
  card.spoken.set(call.sid, call.captions.length);
  if (!byId("aloud").checked) return;
  for (const caption of call.captions.slice(seen)) {
    if (!["say", "person"].includes(caption.kind)) continue;
    const words = new SpeechSynthesisUtterance(caption.said);
    if (caption.language) words.lang = caption.language;
    speechSynthesis.speak(words);
  }
}

function show(phone) {
  if (!cards.has(phone.number)) cards.set(phone.number, makeCard(phone.number));
  const card = cards.get(phone.number);
  const live = phone.all_calls.filter((call) => call.live);
  const call = live.find((one) => !one.ringing) || live[0] || null;
  card.call = call;
  card.root.querySelector("h2").textContent = phone.name ? `${phone.name} ${phone.number}` : phone.number;
  const words = state(call);
  if (card.find("connected").textContent !== words) card.find("connected").textContent = words;
  const banner = card.root.querySelector(".incoming");
  if (call?.ringing) banner.firstElementChild.textContent = `Call from ${call.with}`;
  banner.hidden = !call?.ringing;
  card.root.querySelector(".talk").hidden = !call || call.ringing;
  card.find("call").hidden = Boolean(call);
  if (call) speak(card, call);
  const captions = (call?.captions || []).map((one) => ({ body: one.said, note: one.kind === "person" ? "the other person" : one.kind, side: "" }));
  fill(card.find("captions"), captions);
  fill(card.find("thread"), phone.thread.map((text) => ({
    body: text.body,
    note: text.direction === "sent" ? "sent" : `from ${text.with}: ${LABELS[text.status] || text.status}`,
    side: text.direction,
  })));
}

async function surroundings() {
  const [clock, faults] = await Promise.all([ask("GET", "/clock"), ask("GET", "/faults")]);
  byId("now").textContent = `${new Date(clock.now).toLocaleString()}, speed ${clock.speed}`;
  byId("faults").textContent = faults.length ? `${faults.length} waiting` : "None waiting";
}

async function refresh() {
  if (refreshing) { again = true; return; }
  refreshing = true;
  try {
    const phones = (await ask("GET", "/phones")).filter((phone) => phone.number !== helpline);
    (await Promise.all(phones.map((phone) => ask("GET", at(phone.number))))).forEach(show);
    for (const [number, card] of cards) {
      if (!phones.some((phone) => phone.number === number)) { card.root.remove(); cards.delete(number); }
    }
    await surroundings();
  } catch (error) {
    problem(`Connection lost: ${error.message}`);
  } finally {
    refreshing = false;
  }
  if (again) { again = false; await refresh(); }
}

function note(record) {
  const item = document.createElement("li");
  item.textContent = `${new Date(record.at).toLocaleTimeString()} ${record.level} ${record.kind} ${record.subject} ${JSON.stringify(record.data)}`;
  byId("journal").prepend(item);
  while (byId("journal").children.length > 300) byId("journal").lastChild.remove();
}

function listen() {
  const events = new EventSource(`${API}/events`);
  events.addEventListener("open", () => { problem(""); refresh(); });
  events.addEventListener("error", () => problem("Connection lost. Trying again."));
  events.addEventListener("record", (event) => { note(JSON.parse(event.data)); refresh(); });
}

async function start() {
  onSubmit(byId("add"), (data) => act("POST", "/phones", { number: data.get("number") }));
  onSubmit(byId("speed"), (data) => act("PUT", "/clock", { speed: Number(data.get("speed")) }));
  onSubmit(byId("advance"), (data) => act("POST", "/clock/advance", { seconds: Number(data.get("seconds")) }));
  for (const status of [429, 500]) {
    byId(`fault-${status}`).addEventListener("click", () => act("POST", "/faults", { kind: "rest_status", status }));
  }
  const account = await ask("GET", "/account");
  helpline = account.numbers[0]?.number ?? "";
  byId("line").textContent = helpline;
  // A bare "+" in an address means a space, so both spellings are taken.
  const staff = (new URLSearchParams(location.search).get("staff") || "").split(",").map((one) => one.trim()).filter(Boolean);
  for (const number of staff) await ask("POST", "/phones", { number: number.startsWith("+") ? number : `+${number}` });
  const known = await ask("GET", "/phones");
  if (!known.length || known.length === staff.length) await ask("POST", "/phones", { number: "+12025550199", name: "Caller" });
  (await ask("GET", "/journal")).records.slice(-300).forEach(note);
  listen();
}

start().catch((error) => problem(`The page could not start: ${error.message}`));
