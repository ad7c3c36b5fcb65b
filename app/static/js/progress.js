// Work that runs in the background: asks how far it is until it is over.
import { say } from "./words.js";

const EVERY = 2000;

export function watchProgress() {
  document.querySelectorAll("[data-poll]").forEach(poll);
}

async function poll(place) {
  const job = await ask(place.dataset.poll);
  if (job) show(place, job);
  else place.querySelector("[data-poll-text]").textContent = say("failed");
  if (job && job.state !== "running") window.location.href = job.url || window.location.href;
  else setTimeout(() => poll(place), EVERY);
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
  }
  place.querySelector("[data-poll-text]").textContent = job.message || `${job.done} / ${job.total}`;
}
