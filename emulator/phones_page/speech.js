// What calls say, aloud: by the emulator's own voice where it has one, else by the browser's.
import { soundOf } from "./api.js";

const queue = [];
let busy = false;
let ownVoice = false;

export function useOwnVoice(able) {
  ownVoice = able;
}

export function speak(call, spoken) {
  const seen = spoken.get(call.sid) ?? 0;
  spoken.set(call.sid, call.captions.length);
  if (!document.getElementById("aloud").checked) return;
  call.captions.slice(seen).forEach((caption, offset) => {
    if (["say", "person"].includes(caption.kind)) queue.push({ sid: call.sid, index: seen + offset, caption });
  });
  next();
}

function next() {
  if (busy || !queue.length) return;
  busy = true;
  const { sid, index, caption } = queue.shift();
  const done = () => { busy = false; next(); };
  if (ownVoice) {
    const sound = new Audio(soundOf(sid, index));
    sound.addEventListener("ended", done);
    sound.addEventListener("error", done);
    sound.play().catch(done);
    return;
  }
  const words = new SpeechSynthesisUtterance(caption.said);
  if (caption.language) words.lang = caption.language;
  words.addEventListener("end", done);
  words.addEventListener("error", done);
  speechSynthesis.speak(words);
}
