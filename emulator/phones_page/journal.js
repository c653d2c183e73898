// What happened, newest first, in sentences; the whole record is inside each.
import { act } from "./api.js";

const byId = (id) => document.getElementById(id);
const KEPT = 400;
const RANK = { info: 0, warning: 1, error: 2 };

const SENTENCES = {
  rest: (d) => `${d.method} ${d.path.replace(/^\/2010-04-01\/Accounts\/[^/]+/, "")} → ${d.status}${d.text ? `: ${d.text}` : ""}`,
  webhook: (d) => `${d.purpose}: ${d.method} ${d.url} → ${d.status || d.text}`,
  "phone.text": (d) => `${d.number} gets “${d.body}”`,
  "phone.key": (d) => `key ${d.key}${d.heard ? "" : ", nobody listens"}`,
  "phone.new": (d) => `phone ${d.number}`,
  "call.caption": (d) => `${d.phone} hears: ${d.said}`,
  error: (d) => `${d.code}: ${d.text}`,
  warning: (d) => d.text,
  clock: (d) => (d.speed ? `runs ${d.speed} times as fast` : "stands still"),
  "fault.set": (d) => `waits to happen: ${d.fault}`,
  "fault.over": (d) => d.fault,
  fault: (d) => `on purpose: ${d.fault}`,
  optout: (d) => `${d.person} texts ${d.keyword}`,
};

function sentence(record) {
  const { kind, data } = record;
  if (SENTENCES[kind]) return SENTENCES[kind](data);
  if (kind.startsWith("message.")) return `${data.sender || "a service"} to ${data.to}: ${kind.slice(8)}${data.error_code ? ` (${data.error_code})` : ""}`;
  if (kind.startsWith("call.")) return `${data.caller} to ${data.to}: ${kind.slice(5)}`;
  return "";
}

export function note(record) {
  const item = document.createElement("li");
  item.className = record.level;
  item.dataset.rank = RANK[record.level];
  const details = document.createElement("details");
  const summary = document.createElement("summary");
  const time = document.createElement("time");
  time.textContent = new Date(record.at).toLocaleTimeString();
  const kind = document.createElement("b");
  kind.textContent = record.level === "info" ? record.kind : `${record.level}: ${record.kind}`;
  summary.append(time, kind, ` ${sentence(record)}`);
  details.append(summary);
  details.addEventListener("toggle", () => {
    if (!details.open || details.children.length > 1) return;
    const whole = document.createElement("pre");
    whole.textContent = `${record.subject}\n${JSON.stringify(record.data, null, 1)}`;
    details.append(whole);
  });
  item.append(details);
  item.hidden = !wanted(item);
  byId("journal").prepend(item);
  while (byId("journal").children.length > KEPT) byId("journal").lastChild.remove();
}

function wanted(item) {
  const words = byId("find").value.trim().toLowerCase();
  return Number(item.dataset.rank) >= (RANK[byId("level").value] ?? 0) && item.textContent.toLowerCase().includes(words);
}

export function startJournal() {
  const sift = () => { for (const item of byId("journal").children) item.hidden = !wanted(item); };
  byId("find").addEventListener("input", sift);
  byId("level").addEventListener("change", sift);
  byId("clear").addEventListener("click", async () => {
    await act("DELETE", "/journal");
    byId("journal").replaceChildren();
  });
}
