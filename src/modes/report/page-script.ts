// What runs in the report's page: draws rate and latency of each task. Plain JavaScript, because it
// goes into the page as it is.

export const pageScript = `
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const ink = getComputedStyle(document.body).color;
  const colours = ["#2970ff", "#f79009", "#12b76a", "#e31b54", "#7a5af8"];
  const time = (us) => us == null ? "" : us >= 1e6 ? (us / 1e6).toPrecision(3) + " s"
    : us >= 1e3 ? (us / 1e3).toPrecision(3) + " ms" : Math.round(us) + " us";
  const count = (n) => n == null ? "" : n >= 1e6 ? (n / 1e6).toPrecision(3) + "M"
    : n >= 1e4 ? (n / 1e3).toPrecision(3) + "k" : String(Math.round(n));
  const axis = (more) => ({ stroke: ink, grid: { stroke: "#8883", width: 1 },
    ticks: { stroke: "#8883", width: 1 }, ...more });
  function plot(host, title, x, lines, options) {
    const shown = lines.filter((line) => line.values.some((value) => value != null));
    if (shown.length === 0 || x.length < 2) return;
    const box = document.createElement("div");
    box.className = "plot";
    host.append(box);
    const width = () => Math.max(280, box.clientWidth - 18);
    const chart = new uPlot({
      title, width: width(), height: 260, scales: options.scales,
      axes: [axis({ values: options.xValues, splits: options.xSplits }),
        axis({ size: 70, values: (u, splits) => splits.map(options.yText) })],
      series: [{ label: options.xLabel, value: (u, v) => options.xText(v) },
        ...shown.map((line, index) => ({ label: line.label, width: 2, spanGaps: true,
          stroke: colours[index % colours.length], dash: line.dash,
          points: { show: x.length < 60, size: 5 }, value: (u, v) => options.yText(v) }))],
    }, [x, ...shown.map((line) => line.values)], box);
    addEventListener("resize", () => chart.setSize({ width: width(), height: 260 }));
  }
  const nines = (p) => p >= 100 ? 6 : Math.min(6, -Math.log10(1 - p / 100));
  const percent = (x) => x >= 6 ? "max" : +(100 * (1 - 10 ** -x)).toFixed(4) + "%";
  for (const host of document.querySelectorAll(".plots")) {
    const { samples, latencies } = data[host.dataset.task];
    const at = samples.map((sample) => sample.atMs / 1000);
    const line = (label, name, dash) =>
      ({ label, dash, values: samples.map((sample) => sample[name] ?? null) });
    const overTime = { scales: { x: { time: false } }, xLabel: "seconds",
      xText: (v) => v == null ? "" : v.toFixed(1) + " s",
      xValues: (u, splits) => splits.map((v) => v + " s") };
    plot(host, "messages per second", at,
      [line("achieved", "ratePerSec"), line("intended", "intendedPerSec", [6, 4])],
      { ...overTime, yText: count });
    plot(host, "latency over time", at, [line("p50", "p50Us"), line("p99", "p99Us")],
      { ...overTime, yText: time, scales: { x: { time: false }, y: { distr: 3 } } });
    const x = latencies.length === 0 ? [] : latencies[0].points.map(([p]) => nines(p));
    plot(host, "latency by percentile", x, latencies.map((curve) =>
      ({ label: curve.name, values: curve.points.map(([, us]) => Math.max(us, 1)) })),
      { scales: { x: { time: false }, y: { distr: 3 } }, xLabel: "percentile", xText: percent,
        xSplits: () => [0, 1, 2, 3, 4, 5, 6], xValues: (u, splits) => splits.map(percent),
        yText: time });
  }
})();
`;
