// <ff-chart src="…/charts.js"> with its option as JSON inside; ECharts is fetched when the chart comes into view.
const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function dressed(option) {
  // The tooltip is drawn as SVG text: its HTML form needs inline styles, which our policy forbids.
  const axis = { axisLine: { lineStyle: { color: token("--line-2") } }, axisLabel: { color: token("--text-3"), fontSize: 12 },
    axisTick: { show: false }, splitLine: { lineStyle: { color: token("--line") } } };
  const all = (value) => (value === undefined ? undefined : [value].flat().map((one) => ({ ...axis, ...one })));
  return {
    animation: false,
    color: [token("--primary"), token("--amber"), token("--pale"), token("--green")],
    textStyle: { fontFamily: token("--font"), color: token("--text-2") },
    grid: { left: 8, right: 16, top: 24, bottom: 8, containLabel: true },
    ...option,
    aria: { enabled: true },
    tooltip: { trigger: "axis", backgroundColor: token("--card"), borderColor: token("--line-2"),
      textStyle: { color: token("--text"), fontSize: 12 }, ...option.tooltip, renderMode: "richText" },
    xAxis: all(option.xAxis), yAxis: all(option.yAxis),
  };
}

class FfChart extends HTMLElement {
  connectedCallback() {
    this.sight = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      this.sight.disconnect();
      this.draw();
    }, { rootMargin: "200px" });
    this.sight.observe(this);
  }

  async draw() {
    const { init } = await import(this.getAttribute("src"));
    if (!this.isConnected) return;
    const option = JSON.parse(this.querySelector('script[type="application/json"]').textContent);
    this.chart = init(this, null, { renderer: "svg" });
    this.chart.setOption(dressed(option));
    this.chart.on("click", (mark) => { if (mark.data?.href) location.assign(mark.data.href); });
    this.resize = new ResizeObserver(() => this.chart.resize());
    this.resize.observe(this);
  }

  disconnectedCallback() {
    this.sight?.disconnect();
    this.resize?.disconnect();
    this.chart?.dispose();
  }
}
customElements.define("ff-chart", FfChart);
