// Dialogs: opening, closing, "are you sure?", and showing sensitive values whole after a purpose is given.
import { make, say } from "./words.js";

export function watchDialogs() {
  document.addEventListener("click", onClick);
  document.addEventListener("submit", onSubmit);
}

function onClick(event) {
  const opener = event.target.closest("[data-open]");
  if (opener) return openDialog(document.querySelector(opener.dataset.open));
  const closer = event.target.closest("[data-close]");
  if (closer) return closer.closest("dialog").close();
  const asker = event.target.closest("[data-confirm]");
  if (asker && !asker.dataset.agreed) ask(event, asker);
  if (event.target.matches("dialog.s-dialog") && outside(event)) event.target.close();
  return undefined;
}

function openDialog(dialog) {
  if (dialog && !dialog.open) dialog.showModal();
}

function outside(event) {
  const box = event.target.getBoundingClientRect();
  return event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
}

function ask(event, asker) {
  event.preventDefault();
  const dialog = document.getElementById("confirm");
  dialog.querySelector("[data-confirm-text]").textContent = asker.dataset.confirm;
  dialog.querySelector("[data-confirm-ok]").onclick = () => {
    dialog.close();
    asker.dataset.agreed = "1";
    asker.click();
    delete asker.dataset.agreed;
  };
  openDialog(dialog);
}

async function onSubmit(event) {
  const form = event.target.closest("form[data-reveal]");
  if (!form) return;
  event.preventDefault();
  const answer = await post(form);
  if (answer.error) return complain(form, answer.error);
  const place = form.closest("[data-sheet]") || document;
  Object.entries(answer.values).forEach(([name, text]) => {
    place.querySelectorAll(`[data-field="${CSS.escape(name)}"]`).forEach((cell) => {
      const href = cell.dataset.mask === "phone" ? `tel:${text}` : (answer.links || {})[name];
      cell.replaceChildren(href ? make("a", { href }, text) : text);
      cell.classList.add("shown");
    });
  });
  form.reset();
  form.closest("dialog").close();
}

async function post(form) {
  try {
    const response = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { Accept: "application/json" } });
    return await response.json();
  } catch {
    return { error: say("failed") };
  }
}

function complain(form, text) {
  form.querySelectorAll(".hint.bad").forEach((old) => old.remove());
  form.querySelector(".s-acts").before(make("p", { class: "hint bad", role: "alert" }, text));
}
