// Work that runs in the background: asks how far it is until it is over, quickly at first.
import { say } from "./words.js";

const FIRST = 300;
const LONGEST = 3000;

export function watchProgress() {
  document.querySelectorAll("[data-poll]").forEach((place) => poll(place, FIRST));
}

async function poll(place, pause) {
  const job = await ask(place.dataset.poll);
  if (job) show(place, job);
  else place.querySelector("[data-poll-text]").textContent = say("failed");
  if (job && job.over) arrive(job);
  else setTimeout(() => poll(place, Math.min(pause * 1.5, LONGEST)), pause);
}

/** The list of jobs stays where it is; a page that waits for one job goes to its result. */
function arrive(job) {
  if (window.location.pathname.startsWith("/jobs/")) window.location.reload();
  else window.location.replace(job.url);
}

async function ask(address) {
  try {
    const response = await fetch(address);
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}

function show(place, job) {
  const bar = place.querySelector("progress");
  if (job.total) {
    bar.max = job.total;
    bar.value = job.done;
  } else {
    bar.removeAttribute("value");
  }
  place.querySelector("[data-poll-text]").textContent = job.message;
  const state = place.closest("tr")?.querySelector("[data-poll-state]");
  if (state) state.textContent = job.state;
}
