// Charts drawn from an option the server wrote; a click on a category opens the list behind it.
/* global echarts */

export function drawCharts(part) {
  part.querySelectorAll("[data-chart]").forEach((place) => {
    if (typeof echarts !== "undefined") draw(place);
  });
}

function draw(place) {
  const { option, links = [] } = JSON.parse(place.querySelector("script").textContent);
  const chart = echarts.init(place, null, { renderer: "svg" });
  const style = getComputedStyle(document.body);
  chart.setOption({ animation: false, textStyle: { fontFamily: style.fontFamily, color: style.color }, ...option, legend: option.legend && { top: 0, ...option.legend } });
  chart.on("click", (shape) => {
    const link = links[shape.seriesIndex]?.[shape.dataIndex];
    if (link) window.location.href = link;
  });
  new ResizeObserver(() => chart.resize()).observe(place);
}
