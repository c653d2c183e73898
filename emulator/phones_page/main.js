// The page: asks for the whole state after everything that happens, and shows it.
import { act, ask, listenTo, onSubmit, problem, write } from "./api.js";
import { note, startJournal } from "./journal.js";
import { PhoneCard } from "./phone.js";
import { useOwnVoice } from "./speech.js";
import { showWorld, startWorld, touched } from "./world.js";

const byId = (id) => document.getElementById(id);
const cards = new Map();
let line = "";
let refreshing = false;
let again = false;

async function refresh() {
  if (refreshing) { again = true; return; }
  refreshing = true;
  try {
    const touches = touched();
    show(await ask("GET", "/state"), touches);
  } catch (error) {
    problem(`Connection lost: ${error.message}`);
  } finally {
    refreshing = false;
  }
  if (again) { again = false; await refresh(); }
}

function show(state, touches) {
  showLines(state.account.numbers.map((one) => one.number));
  useOwnVoice(state.can_speak);
  for (const phone of state.phones) {
    if (!cards.has(phone.number)) {
      const card = new PhoneCard(phone.number, () => line);
      cards.set(phone.number, card);
      byId("phones").append(card.root);
    }
    cards.get(phone.number).show(phone);
  }
  for (const [number, card] of cards) {
    if (!state.phones.some((phone) => phone.number === number)) { card.root.remove(); cards.delete(number); }
  }
  showRinging(state.phones.filter((phone) => phone.live_calls.some((call) => call.ringing)));
  showWorld(state, touches);
}

function showRinging(phones) {
  document.title = phones.length ? `(${phones.length} ringing) Telephones` : "Telephones";
  const wanted = phones.map((phone) => phone.number).join();
  if (byId("ringing").dataset.numbers === wanted) return;
  byId("ringing").dataset.numbers = wanted;
  byId("ringing").replaceChildren(...phones.map((phone) => {
    const link = document.createElement("a");
    link.href = `#phone-${phone.number}`;
    link.textContent = `${phone.name || phone.number} rings`;
    return link;
  }));
}

function showLines(numbers) {
  if (!numbers.includes(line)) line = numbers[0] ?? "";
  write(byId("line"), numbers.length > 1 ? "" : line);
  byId("lines-label").hidden = numbers.length < 2;
  const choice = byId("lines");
  if ([...choice.options].map((one) => one.value).join() !== numbers.join()) {
    choice.replaceChildren(...numbers.map((number) => new Option(number, number)));
    choice.value = line;
  }
}

function listen() {
  const events = listenTo("/events");
  events.addEventListener("open", () => { problem(""); refresh(); });
  events.addEventListener("error", () => problem("Connection lost. Trying again."));
  events.addEventListener("record", (event) => { note(JSON.parse(event.data)); refresh(); });
}

async function setUp() {
  // A bare "+" in an address means a space, so both spellings are taken.
  const staff = (new URLSearchParams(location.search).get("staff") || "").split(",").map((one) => one.trim()).filter(Boolean);
  for (const number of staff) await ask("POST", "/phones", { number: number.startsWith("+") ? number : `+${number}` });
  const known = await ask("GET", "/phones");
  if (!known.length || known.length === staff.length) await ask("POST", "/phones", { number: "+12025550199", name: "Caller" });
}

async function start() {
  startWorld(refresh);
  startJournal();
  byId("lines").addEventListener("change", () => { line = byId("lines").value; });
  onSubmit(byId("add"), async (data) => {
    const added = await act("POST", "/phones", { number: data.get("number"), name: data.get("name") });
    if (added) { byId("add").reset(); refresh(); }
  });
  if (matchMedia("(max-width: 899px)").matches) for (const panel of document.querySelectorAll("aside details")) panel.open = false;
  await setUp();
  (await ask("GET", "/journal")).records.slice(-300).forEach(note);
  listen();
}

setInterval(refresh, 5000); // the clock moves on even when nothing happens
start().catch((error) => problem(`The page could not start: ${error.message}`));
