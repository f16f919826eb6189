// Charts from the JSON beside them; each has its table on the page, so nothing is lost without.
import { BarChart, LineChart } from "echarts/charts";
import { GridComponent, TooltipComponent } from "echarts/components";
import * as echarts from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

echarts.use([BarChart, GridComponent, LineChart, SVGRenderer, TooltipComponent]);

const NOTHING = "–";
const shown = new Map(); // element -> its chart
const pixel = document.createElement("canvas").getContext("2d", { willReadFrequently: true });

// The theme's colours are in oklch, which the charts cannot mix; a pixel tells what they are in rgb.
function colour(name, opacity = 1) {
  pixel.fillStyle = getComputedStyle(document.documentElement).getPropertyValue(`--color-${name}`);
  pixel.fillRect(0, 0, 1, 1);
  const [red, green, blue] = pixel.getImageData(0, 0, 1, 1).data;
  return `rgba(${red}, ${green}, ${blue}, ${opacity})`;
}

function written(value, unit = "") {
  if (value === null || value === undefined) return NOTHING;
  const number = value.toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 });
  return unit ? `${number} ${unit}` : number;
}

// As elements, not as a string: styles in HTML are against the content security policy.
function tooltipOf(data, points) {
  const list = document.createElement("ul");
  list.className = "chart-tooltip";
  const title = list.appendChild(document.createElement("li"));
  title.className = "font-semibold";
  title.textContent = data.titles?.[points[0].dataIndex] ?? points[0].name;
  for (const { seriesIndex, dataIndex } of points) {
    const { name, kind, tone, unit, values, isRight } = data.series[seriesIndex];
    const row = list.appendChild(document.createElement("li"));
    const key = row.appendChild(document.createElement("span"));
    key.className = `chart-key chart-${kind} tone-${tone} ${isRight ? "chart-quiet" : ""}`;
    row.append(name);
    const number = row.appendChild(document.createElement("strong"));
    number.textContent = written(values[dataIndex], unit);
  }
  return list;
}

function valueAxis(series, text, grid, isFirst) {
  const unit = series?.unit;
  return {
    type: "value",
    min: 0,
    max: series?.most,
    minInterval: unit ? undefined : 1,
    splitNumber: 4,
    axisLabel: { color: text, formatter: (value) => written(value, unit) },
    splitLine: { show: isFirst, lineStyle: { color: grid } },
  };
}

// A bar is quiet, a line strong, a target is a dashed line.
function seriesOf(one) {
  const isBar = one.kind === "bar";
  return {
    name: one.name,
    type: isBar ? "bar" : "line",
    data: one.values,
    yAxisIndex: one.isRight ? 1 : 0,
    z: isBar ? 1 : 3,
    connectNulls: one.kind === "target",
    showSymbol: one.kind === "line",
    symbol: "circle",
    symbolSize: 7,
    barMaxWidth: 32,
    itemStyle: {
      color: colour(one.tone, isBar && one.isRight ? 0.22 : 1),
      borderRadius: isBar ? [5, 5, 0, 0] : 0,
    },
    lineStyle: {
      width: one.kind === "target" ? 1.5 : 2.5,
      type: one.kind === "target" ? [6, 5] : "solid",
    },
    emphasis: { disabled: true },
  };
}

// `{labels, titles, series: [{name, kind, values, tone, unit, isRight, most}]}` becomes a chart.
function optionsOf(data) {
  const text = colour("base-content", 0.8);
  const grid = colour("base-content", 0.12);
  const left = data.series.find((one) => !one.isRight);
  const right = data.series.find((one) => one.isRight);
  return {
    animation: false,
    textStyle: { fontFamily: "Inter Variable, ui-sans-serif, system-ui, sans-serif", fontSize: 12 },
    grid: { left: 0, right: 4, top: 12, bottom: 8, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    tooltip: {
      trigger: "axis",
      confine: true,
      padding: 0,
      borderWidth: 0,
      backgroundColor: "transparent",
      extraCssText: "box-shadow: none",
      axisPointer: { type: "line", lineStyle: { color: text, type: "dotted" } },
      formatter: (points) => tooltipOf(data, points),
    },
    xAxis: {
      type: "category",
      data: data.labels,
      axisLabel: { color: text, hideOverlap: true },
      axisLine: { lineStyle: { color: grid } },
      axisTick: { show: false },
    },
    yAxis: [valueAxis(left, text, grid, true), ...(right ? [valueAxis(right, text, grid, false)] : [])],
    series: data.series.map(seriesOf),
  };
}

function draw(place, chart) {
  const data = JSON.parse(document.getElementById(place.dataset.chart).textContent);
  chart.setOption(optionsOf(data), true);
}

function forgetGone() {
  for (const [place, chart] of shown) {
    if (place.isConnected) continue;
    resizing.unobserve(place);
    chart.dispose();
    shown.delete(place);
  }
}

const resizing = new ResizeObserver((entries) => {
  for (const { target } of entries) shown.get(target)?.resize();
});

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  forgetGone();
  for (const [place, chart] of shown) draw(place, chart);
});

export function drawCharts(root) {
  forgetGone();
  for (const place of root.querySelectorAll("[data-chart]")) {
    if (shown.has(place)) continue;
    const chart = echarts.init(place, null, { renderer: "svg" });
    shown.set(place, chart);
    draw(place, chart);
    resizing.observe(place);
  }
}
