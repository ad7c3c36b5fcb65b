// Tabs of a record's page: the first shows the record, each other loads its rows when it is opened.

export function watchTabs() {
  document.addEventListener("click", (event) => {
    const tab = event.target.closest("[data-tab]");
    if (!tab || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    open(tab);
  });
  reopen();
}

// Coming back from an added row opens the tab one left.
function reopen() {
  const name = decodeURIComponent(window.location.hash.slice(1));
  const tab = [...document.querySelectorAll("[data-tab]")].find((one) => name && one.dataset.tab.endsWith(`/${name}`));
  if (tab) open(tab);
}

async function open(tab) {
  const place = tab.closest("[data-sheet]") || document.getElementById("main");
  const panel = place.querySelector("[data-panel]");
  const address = tab.dataset.tab;
  if (address && !(await load(panel, address))) {
    window.location.href = tab.href;
    return;
  }
  panel.hidden = !address;
  place.querySelector("[data-facts]").hidden = Boolean(address);
  tab.parentElement.querySelectorAll("[data-tab]").forEach((one) => mark(one, one === tab));
  if (!tab.closest("[data-sheet]")) window.history.replaceState(null, "", address ? `#${address.split("/").pop()}` : window.location.pathname + window.location.search);
}

function mark(tab, on) {
  tab.classList.toggle("on", on);
  if (on) tab.setAttribute("aria-current", "true");
  else tab.removeAttribute("aria-current");
}

async function load(panel, address) {
  try {
    const response = await fetch(address);
    if (!response.ok || response.redirected) return false;
    panel.innerHTML = await response.text();
    return true;
  } catch {
    return false;
  }
}
