// The inbox: names who would hear of an urging, before it is sent.
export function watchUrging() {
  const form = document.querySelector("[data-urge]");
  if (!form) return;
  const place = form.querySelector("[data-receivers]");
  document.addEventListener("change", () => {
    const counts = new Map();
    document.querySelectorAll("[data-check-row]:checked").forEach((box) => {
      counts.set(box.dataset.to, (counts.get(box.dataset.to) || 0) + 1);
    });
    place.textContent = [...counts].map(([who, count]) => (count > 1 ? `${who} ×${count}` : who)).join("；");
  });
}
