// Charts from the JSON beside them; each has its table on the page, so nothing is lost without.
import { BarChart, LineChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import * as echarts from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

echarts.use([
  AriaComponent,
  BarChart,
  GridComponent,
  LegendComponent,
  LineChart,
  SVGRenderer,
  TooltipComponent,
]);

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--color-${name}`).trim();
}

// `{labels, series: [{name, kind, values, tone, unit}], description}` becomes a chart.
function optionsOf(data) {
  const text = colour("base-content");
  const grid = colour("base-300");
  const axis = { axisLine: { lineStyle: { color: grid } }, axisTick: { show: false } };
  return {
    animation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    aria: { enabled: true, label: { description: data.description } },
    textStyle: { fontFamily: "Inter Variable, sans-serif", color: text },
    grid: { left: 8, right: 8, top: 40, bottom: 8, containLabel: true },
    legend: { top: 0, left: 0, icon: "circle", itemWidth: 10, textStyle: { color: text } },
    tooltip: {
      trigger: "axis",
      confine: true,
      backgroundColor: colour("base-100"),
      borderColor: grid,
      textStyle: { color: text },
    },
    xAxis: { type: "category", data: data.labels, ...axis, axisLabel: { color: text } },
    yAxis: data.series.some((one) => one.isRight)
      ? [valueAxis(text, grid), { ...valueAxis(text, grid), splitLine: { show: false } }]
      : valueAxis(text, grid),
    series: data.series.map((one) => ({
      name: one.name,
      type: one.kind,
      data: one.values,
      yAxisIndex: one.isRight ? 1 : 0,
      connectNulls: true,
      smooth: 0.25,
      symbolSize: 6,
      barMaxWidth: 28,
      itemStyle: { color: colour(one.tone), borderRadius: one.kind === "bar" ? [4, 4, 0, 0] : 0 },
      lineStyle: { width: 2.5, color: colour(one.tone) },
      tooltip: { valueFormatter: (value) => (value === null ? "–" : `${value} ${one.unit ?? ""}`) },
    })),
  };
}

function valueAxis(text, grid) {
  return { type: "value", axisLabel: { color: text }, splitLine: { lineStyle: { color: grid } } };
}

export function drawCharts(root) {
  for (const place of root.querySelectorAll("[data-chart]")) {
    const data = JSON.parse(document.getElementById(place.dataset.chart).textContent);
    const chart = echarts.init(place, null, { renderer: "svg" });
    chart.setOption(optionsOf(data));
    new ResizeObserver(() => chart.resize()).observe(place);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () =>
      chart.setOption(optionsOf(data), true),
    );
  }
}
