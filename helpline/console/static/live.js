"use strict";
// Keeps a page up to date: asks every second whether anything changed, puts the new parts in without moving what the
// reader holds, ticks the times, says when the connection is lost, and sounds when somebody in danger has nobody.
(() => {
  const live = document.getElementById("live");
  if (!live) return;
  const lost = document.getElementById("lost");
  const spoken = document.getElementById("spoken");
  const note = document.getElementById("live-note");
  const sound = document.getElementById("sound");
  const EVERY = 1000, PATIENCE = 4000, LOST_AFTER = 3000;
  const store = window.localStorage;
  let changes = live.dataset.changes, heard = Date.now(), busy = false, out = false;
  let offset = 0; // of this device's clock, in seconds

  // -- asking ---------------------------------------------------------------------------------------------------
  async function ask() {
    if (busy || out) return;
    busy = true;
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), PATIENCE);
    try {
      const answer = await fetch(`${live.dataset.live}?since=${changes}`, {
        headers: {"X-Console-Poll": "1"}, signal: stop.signal, cache: "no-store", redirect: "error",
      });
      if (answer.status === 401) { signedOut(); return; }
      if (!answer.ok) throw new Error(String(answer.status));
      const date = Date.parse(answer.headers.get("Date"));
      if (!Number.isNaN(date)) offset = Math.abs(date - Date.now()) > 5000 ? (date - Date.now()) / 1000 : 0;
      found();
      if (answer.status === 200) {
        const html = await answer.text();
        changes = answer.headers.get("X-Console-Changes") || changes;
        put(html);
      }
    } catch (fault) {
      if (Date.now() - heard > LOST_AFTER) losing();
    } finally {
      clearTimeout(timer);
      busy = false;
    }
  }

  function found() {
    heard = Date.now();
    if (!lost.hidden && !out) {
      lost.hidden = true;
      document.body.classList.remove("stale");
      say("Connected again.");
    }
    if (note) note.textContent = "Live";
  }

  function losing() {
    if (!lost.hidden) return;
    const since = new Date(heard).toTimeString().slice(0, 5);
    lost.textContent = `Connection lost since ${since}. What you see may be out of date. Pages by phone go on.`;
    lost.hidden = false;
    document.body.classList.add("stale");
    if (note) note.textContent = "Not live";
  }

  function signedOut() {
    out = true;
    lost.replaceChildren(document.createTextNode("Your sign-in has run out. "));
    const link = document.createElement("a");
    link.href = `/console/sign-in?next=${encodeURIComponent(location.pathname)}`;
    link.textContent = "Sign in again";
    lost.append(link);
    lost.hidden = false;
    live.replaceChildren();
    document.title = "Signed out · Helpline";
  }

  // -- putting in -----------------------------------------------------------------------------------------------
  function put(html) {
    const fresh = document.createElement("template");
    fresh.innerHTML = html;
    const open = new Map([...document.querySelectorAll("details[data-keep]")].map((one) => [one.dataset.keep, one.open]));
    const chosen = new Map([...live.querySelectorAll("select")].map((one) => [one.id, one.value]));
    const held = hold(document.activeElement);
    const before = new Set([...live.querySelectorAll("[data-loud]")].map((one) => one.id));
    const saidBefore = live.querySelectorAll(".words .caller").length;
    if (changedHands(fresh.content)) return;
    for (const part of fresh.content.querySelectorAll("[data-part]")) {
      const old = live.querySelector(`[data-part="${part.dataset.part}"]`);
      if (old && old.innerHTML !== part.innerHTML) old.replaceChildren(...part.childNodes);
    }
    for (const one of live.querySelectorAll("details[data-keep]")) one.open = open.get(one.dataset.keep) ?? one.open;
    for (const one of live.querySelectorAll("select")) if (chosen.get(one.id)) one.value = chosen.get(one.id);
    give(held);
    tick();
    const loud = [...live.querySelectorAll("[data-loud]")].filter((one) => !before.has(one.id));
    if (loud.length) danger(loud);
    if (live.querySelectorAll(".words .caller").length > saidBefore) {
      say("The caller has written.");
      chime([660, 880]);
    }
    follow();
  }

  // Who has the case decides what can be done on the page: it is loaded anew, unless something is being written.
  function changedHands(fresh) {
    const old = live.querySelector("[data-owner]"), now = fresh.querySelector("[data-owner]");
    if (!old || !now || old.dataset.owner === now.dataset.owner) return false;
    const typing = [...document.querySelectorAll("textarea")].some((one) => one.value.trim());
    if (typing) {
      old.dataset.owner = now.dataset.owner;
      say("The case has changed hands.");
      return false;
    }
    location.reload();
    return true;
  }

  function hold(one) {
    if (!one || !live.contains(one)) return null;
    if (one.id) return `#${CSS.escape(one.id)}`;
    if (one.dataset.key) return `[data-key="${CSS.escape(one.dataset.key)}"]`;
    const row = one.closest("[id]");
    if (!row) return null;
    const place = [...row.querySelectorAll("a, button, select, summary")].indexOf(one);
    return place < 0 ? null : {row: row.id, place};
  }

  function give(held) {
    if (!held) return;
    const row = typeof held === "string" ? null : document.getElementById(held.row);
    const one = typeof held === "string" ? live.querySelector(held)
      : row && row.querySelectorAll("a, button, select, summary")[held.place];
    if (one) one.focus({preventScroll: true});
  }

  function follow() {
    const words = live.querySelector(".words");
    if (words) words.scrollTop = words.scrollHeight;
  }

  // -- times ----------------------------------------------------------------------------------------------------
  function age(seconds) {
    const s = Math.max(0, Math.floor(seconds));
    if (s < 60) return `${s} s`;
    const m = Math.floor(s / 60);
    if (m < 60) return `${m} min`;
    const h = Math.floor(m / 60);
    return h < 48 ? `${h} h ${String(m % 60).padStart(2, "0")} min` : `${Math.floor(h / 24)} d`;
  }

  function tick() {
    const now = Date.now() / 1000 + offset;
    for (const one of document.querySelectorAll("[data-since]")) one.textContent = age(now - Number(one.dataset.since));
    for (const one of document.querySelectorAll("[data-late]")) one.hidden = now < Number(one.dataset.late);
    for (const one of document.querySelectorAll("[data-until]")) {
      const left = Number(one.dataset.until) - now;
      one.textContent = left > 0 ? `${age(left)} left` : "time is over";
    }
    if (Date.now() - heard > LOST_AFTER + PATIENCE) losing();
  }

  // -- sound ----------------------------------------------------------------------------------------------------
  let audio = null;
  const loudOn = () => store.getItem("console-sound") === "on";

  function chime(notes) {
    if (!loudOn()) return;
    try {
      audio = audio || new AudioContext();
      audio.resume();
      notes.forEach((pitch, place) => {
        const at = audio.currentTime + place * 0.22;
        const tone = audio.createOscillator(), loud = audio.createGain();
        tone.type = "sine";
        tone.frequency.value = pitch;
        loud.gain.setValueAtTime(0.0001, at);
        loud.gain.exponentialRampToValueAtTime(0.25, at + 0.03);
        loud.gain.exponentialRampToValueAtTime(0.0001, at + 0.2);
        tone.connect(loud).connect(audio.destination);
        tone.start(at);
        tone.stop(at + 0.22);
      });
      document.documentElement.dataset.chimed = String(Number(document.documentElement.dataset.chimed || 0) + 1);
    } catch (fault) {
      say("This browser cannot make the sound.");
    }
  }

  function danger(rows) {
    const codes = rows.map((one) => `${one.dataset.code} ${one.dataset.level}`).join(", ");
    say(`New danger: case ${codes}. Nobody has it.`);
    chime([784, 988, 784, 988]);
    if (loudOn() && "Notification" in window && Notification.permission === "granted") {
      new Notification("Helpline: new danger", {body: `Case ${codes}. Nobody has it.`, tag: "danger", requireInteraction: true});
    }
  }

  function say(what) {
    if (spoken) spoken.textContent = what;
  }

  function showSound() {
    if (!sound) return;
    sound.hidden = false;
    sound.setAttribute("aria-pressed", String(loudOn()));
    sound.querySelector("span").textContent = loudOn() ? "Sound is on" : "Sound is off";
  }

  if (sound) {
    sound.addEventListener("click", () => {
      store.setItem("console-sound", loudOn() ? "off" : "on");
      showSound();
      if (!loudOn()) return;
      chime([784, 988]);
      if ("Notification" in window && Notification.permission === "default") Notification.requestPermission();
    });
    showSound();
  }

  // -- writing --------------------------------------------------------------------------------------------------
  const text = document.getElementById("text");
  if (text) {
    const left = document.getElementById(text.dataset.count);
    const count = () => { left.textContent = `${text.maxLength - text.value.length} letters left`; };
    text.addEventListener("input", count);
  }

  // A worker's clock is not slowed down when the page is in the background; a page's is.
  const clock = new Worker("/console/static/ticker.js");
  clock.onmessage = () => { ask(); tick(); };
  window.addEventListener("online", ask);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) ask(); });
  tick();
  follow();
  if (note) note.textContent = "Live";
})();
