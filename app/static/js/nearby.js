// While a form is filled in: what is open at this place already, asked of the server and drawn above the buttons.
import { make } from "./words.js";

const PAUSE = 900, NEVER = "[type=file], [data-sensitive], [name=proof], [name=same_as]";

export function watchNearby() {
  document.querySelectorAll("form[data-nearby]").forEach(watch);
}

function watch(form) {
  const shown = form.querySelector("[data-nearby-shown]");
  let timer = 0, asked = said(form), running;
  const ask = async () => {
    const body = said(form);
    if (body === asked) return;
    asked = body;
    running?.abort();
    running = new AbortController();
    try {
      const answer = await fetch(form.dataset.nearby, { method: "POST", body: new URLSearchParams(body), signal: running.signal });
      shown.innerHTML = answer.status === 200 ? await answer.text() : "";
    } catch {
      // Whoever has no line now is asked again by the next letter.
    }
  };
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  };
  // What was tapped goes with the form whenever that is sent: a photo or the proof may hold it up. Whoever writes on takes it back.
  const forget = () => form.elements.same_as?.remove();
  form.addEventListener("input", forget);
  form.addEventListener("input", soon);
  form.addEventListener("change", soon);
  shown.addEventListener("click", (event) => {
    const chosen = event.target.closest("[data-same-as]");
    if (!chosen) return;
    forget();
    form.append(make("input", { type: "hidden", name: "same_as", value: chosen.dataset.sameAs }));
    form.requestSubmit();
  });
}

function said(form) {
  const inputs = [...form.elements].filter((input) => input.name && !input.matches(NEVER) && input.tagName !== "BUTTON"
    && (input.checked || !["checkbox", "radio"].includes(input.type)));
  return new URLSearchParams(inputs.map((input) => [input.name, input.value])).toString();
}
