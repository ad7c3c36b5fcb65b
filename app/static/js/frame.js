// Side bar, menu filter, account menu, type and contrast switches, sign-in by a demonstration account.
import { recall, remember } from "./keep.js";

const SWITCHES = ["large-type", "high-contrast"];

export function watchFrame() {
  SWITCHES.forEach((name) => turn(name, recall(name) === true));
  watchGroups();
  document.addEventListener("click", onClick);
  document.addEventListener("input", (event) => {
    if (event.target.matches("[data-menu-find]")) filterMenu(event.target.value.trim());
  });
}

function turn(name, on) {
  document.documentElement.classList.toggle(name, on);
  document.querySelectorAll(`[data-switch="${name}"]`).forEach((button) => button.setAttribute("aria-pressed", on));
  remember(name, on);
}

function onClick(event) {
  const near = (selector) => event.target.closest(selector);
  const drawer = near("[data-drawer]");
  if (drawer) return toggleDrawer(drawer);
  closeDrawer(event);
  closeMenus(event);
  const pressed = near("[data-switch]");
  if (pressed) return turn(pressed.dataset.switch, pressed.getAttribute("aria-pressed") !== "true");
  if (near("[data-dismiss]")) near("[data-dismiss]").parentElement.remove();
  if (near("[data-leave]")) sessionStorage.clear();
  if (near("[data-print]")) window.print();
  if (near("[data-account]")) fillAccount(near("[data-account]"));
}

function toggleDrawer(button) {
  const open = document.querySelector(button.dataset.drawer).classList.toggle("open");
  button.setAttribute("aria-expanded", open);
}

function closeDrawer(event) {
  const side = document.querySelector(".s-side.open");
  if (side && !side.contains(event.target)) {
    side.classList.remove("open");
    document.querySelector("[data-drawer]").setAttribute("aria-expanded", false);
  }
}

function closeMenus(event) {
  document.querySelectorAll(".s-user[open], .s-more-acts[open]").forEach((menu) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
}

function watchGroups() {
  document.querySelectorAll("details[data-remember]").forEach((group) => {
    const name = `group.${group.dataset.remember}`;
    if (recall(name) === false && !group.querySelector(".on")) group.open = false;
    group.addEventListener("toggle", () => {
      if (!group.hasAttribute("data-filtered")) remember(name, group.open);
    });
  });
}

function filterMenu(typed) {
  const wanted = typed.toLowerCase();
  document.querySelectorAll(".s-side .s-nav").forEach((link) => {
    link.hidden = !link.textContent.toLowerCase().includes(wanted);
  });
  document.querySelectorAll(".s-side .s-group").forEach((group) => {
    group.toggleAttribute("data-filtered", wanted !== "");
    if (wanted) group.open = true;
    group.hidden = !group.querySelector(".s-nav:not([hidden])");
  });
}

function fillAccount(card) {
  const form = document.querySelector("form[data-login]");
  form.elements.username.value = card.dataset.account;
  form.elements.password.value = card.dataset.password;
  form.querySelector(".btn-primary").focus();
}
