// Time, and what goes wrong.
import { act, button, onSubmit, write } from "./api.js";

const byId = (id) => document.getElementById(id);
const SPEEDS = [[0, "Stand still"], [1, "Real time"], [10, "10 times"], [60, "60 times"]];
const STEPS = [[10, "10 s"], [60, "1 min"], [600, "10 min"], [3600, "1 h"]];
const SWITCHES = [
  ["429", "The API answers 429: too many requests", { kind: "rest_status", status: 429, seconds: 1 }],
  ["500", "The API answers 500, nothing done", { kind: "rest_status", status: 500 }],
  ["500-after", "The API answers 500, but it is done", { kind: "rest_status_after", status: 500 }],
  ["cut", "The API's connection breaks, but it is done", { kind: "rest_cut_after" }],
  ["slow", "The API takes 5 seconds", { kind: "rest_slow", seconds: 5 }],
  ["early", "A callback comes before the API's answer", { kind: "callback_early" }],
  ["drop", "A status callback is lost", { kind: "callback_drop" }],
  ["twice", "A status callback comes twice", { kind: "callback_duplicate", seconds: 1 }],
  ["swap", "Status callbacks come in the wrong order", { kind: "callback_swap" }],
  ["lost", "A webhook does not reach the application", { kind: "webhook_lost" }],
  ["answer-lost", "A webhook's answer is lost", { kind: "webhook_answer_lost" }],
  ["repeat", "A webhook comes twice", { kind: "webhook_repeated" }],
  ["forged", "A webhook has a wrong signature", { kind: "webhook_forged" }],
  ["undelivered", "A text is not delivered (30003)", { kind: "message_fate", outcome: "undelivered", code: 30003 }],
  ["filtered", "A carrier filters a text (30007)", { kind: "message_fate", outcome: "undelivered", code: 30007 }],
  ["call", "A call fails", { kind: "call_fate", outcome: "failed" }],
];
let touches = 0; // changes of a switch begun or ended
let underway = 0;
let look = () => {}; // asks for the state anew

export function startWorld(refresh) {
  look = refresh;
  for (const [speed, words] of SPEEDS) byId("speeds").append(button(words, () => act("PUT", "/clock", { speed }), { "data-speed": speed }));
  for (const [seconds, words] of STEPS) byId("steps").append(button(`+ ${words}`, () => act("POST", "/clock/advance", { seconds })));
  onSubmit(byId("advance"), (data) => act("POST", "/clock/advance", { seconds: Number(data.get("seconds")) }));
  for (const [name, words, fault] of SWITCHES) byId("switches").append(faultSwitch(name, words, fault));
  byId("mend").addEventListener("click", () => act("DELETE", "/faults"));
}

function faultSwitch(name, words, fault) {
  const label = document.createElement("label");
  label.className = "switch";
  const input = document.createElement("input");
  Object.assign(input, { type: "checkbox", id: `fault-${name}` });
  input.setAttribute("role", "switch");
  input.addEventListener("change", () => (input.checked ? strike(fault) : mend(fault)));
  label.append(input, words);
  return label;
}

const alike = (wanted, found) => ["kind", "status", "outcome", "code"].every((name) => wanted[name] === undefined || wanted[name] === found[name]);
const waiting = (faults) => faults.filter((one) => one.times !== 0);

async function strike(fault) {
  const often = document.querySelector("[name=often]:checked").value;
  await changing(() => act("POST", "/faults", { ...fault, number: byId("fault-number").value, always: often === "always" }));
}

async function mend(fault) {
  await changing(async () => {
    const now = waiting((await act("GET", "/faults")) || []);
    for (const one of now.filter((found) => alike(fault, found))) await act("DELETE", `/faults/${one.sid}`);
  });
}

/** What was asked before a switch was touched, or before the touch was carried out, says nothing about the switches. */
async function changing(change) {
  touches += 1;
  underway += 1;
  await change();
  underway -= 1;
  touches += 1;
  look();
}

export const touched = () => touches;

export function showWorld(state, touchesWhenAsked) {
  const { clock, faults } = state;
  write(byId("now"), new Date(clock.now).toLocaleString());
  write(byId("pace"), { 0: "standing still", 1: "real time" }[clock.speed] || `${clock.speed} times as fast`);
  for (const one of byId("speeds").children) one.setAttribute("aria-pressed", String(Number(one.dataset.speed) === clock.speed));
  const running = clock.speed > 0;
  for (const one of document.querySelectorAll("#steps button, #advance button")) one.disabled = running;
  write(byId("time-note"), running ? "Let time stand still to move it on by hand." : "Nothing happens until time is moved on.");
  const current = waiting(faults);
  if (touchesWhenAsked === touches && !underway) {
    for (const [name, , fault] of SWITCHES) byId(`fault-${name}`).checked = current.some((one) => alike(fault, one));
  }
  write(byId("fault-count"), current.length ? `${current.length} waiting` : "");
  showNumbers(state.phones);
}

function showNumbers(phones) {
  const choice = byId("fault-number");
  const known = new Set([...choice.options].map((option) => option.value));
  for (const phone of phones) {
    if (!known.has(phone.number)) choice.append(new Option(phone.name ? `${phone.name} ${phone.number}` : phone.number, phone.number));
  }
}
