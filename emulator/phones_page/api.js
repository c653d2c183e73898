// Requests to the control API, and the one line where the page says what did not work.
const API = "/emulator/api";

export async function ask(method, path, data) {
  const options = { method, headers: { "Content-Type": "application/json" } };
  if (data !== undefined) options.body = JSON.stringify(data);
  const answer = await fetch(API + path, options);
  if (answer.status === 204) return null;
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.error);
  return body;
}

export function problem(text) {
  const line = document.getElementById("problem");
  if (line.textContent !== text) line.textContent = text;
  line.hidden = !text;
}

export async function act(method, path, data) {
  try {
    const answer = await ask(method, path, data);
    problem("");
    return answer;
  } catch (error) {
    problem(`That did not work: ${error.message}`);
    return null;
  }
}

export const listenTo = (path) => new EventSource(API + path);
export const soundOf = (sid, index) => `${API}/calls/${sid}/captions/${index}.wav`;

export function button(text, click, more = {}) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = text;
  made.addEventListener("click", click);
  for (const [name, value] of Object.entries(more)) made.setAttribute(name, value);
  return made;
}

export function onSubmit(form, send) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(new FormData(form));
  });
}

export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
