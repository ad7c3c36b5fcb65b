// A captcha without the internet: this device looks for the number whose digest was asked for, while somebody writes.
import { sha256 } from "../vendor/noble-hashes/sha2.js";

const AT_ONCE = 2000;
const text = new TextEncoder();

export function watchProof(form) {
  const asked = JSON.parse(form.dataset.proof);
  const button = form.querySelector("[data-proof-send]");
  const solving = solve(asked).then((number) => {
    form.elements.proof.value = btoa(JSON.stringify({ ...asked, number, maxnumber: undefined }));
  });
  form.addEventListener("submit", async (event) => {
    if (form.elements.proof.value) return;
    event.preventDefault();
    button.disabled = true;
    button.textContent = button.dataset.waiting;
    await solving;
    form.submit();
  });
}

async function solve({ challenge, salt, maxnumber }) {
  for (let number = 0; number <= maxnumber; number += 1) {
    if (hex(sha256(text.encode(salt + number))) === challenge) return number;
    if (number % AT_ONCE === 0) await new Promise((done) => setTimeout(done));
  }
  throw new Error("no number solves this challenge");
}

function hex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
