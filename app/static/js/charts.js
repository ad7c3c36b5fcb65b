// Charts drawn from an option the server wrote; a click on a category opens the list behind it.
/* global echarts */
const COLOURS = ["#1d5f8a", "#d98a56", "#2f7d5b", "#c23b2b", "#7a6aa8", "#e0a030", "#4f97b8", "#8b99a7"];

export function drawCharts(part) {
  part.querySelectorAll("[data-chart]").forEach((place) => {
    if (typeof echarts !== "undefined") draw(place);
  });
}

function draw(place) {
  const { option, links = [] } = JSON.parse(place.querySelector("script").textContent);
  const chart = echarts.init(place, null, { renderer: "svg" });
  const style = getComputedStyle(document.body);
  chart.setOption({ color: COLOURS, animation: false, textStyle: { fontFamily: style.fontFamily, color: style.color }, ...option, legend: option.legend && { top: 0, ...option.legend } });
  chart.on("click", (shape) => {
    if (links[shape.dataIndex]) window.location.href = links[shape.dataIndex];
  });
  new ResizeObserver(() => chart.resize()).observe(place);
}
