"use strict";
// Draw every chart of the page, one after the other, so that the first ones show at once.
(function () {
  const specs = JSON.parse(document.getElementById("charts").textContent);
  const plots = Array.from(document.querySelectorAll(".plot"));
  const config = { displayModeBar: false, responsive: true, scrollZoom: false, doubleClick: false, showTips: false };

  function draw(place) {
    if (place === plots.length) {
      document.documentElement.dataset.charts = "drawn";
      return;
    }
    const spec = specs[plots[place].id];
    Plotly.newPlot(plots[place], spec.data, spec.layout, config).then(function () {
      setTimeout(draw, 0, place + 1);
    });
  }
  draw(0);

  // What a link points at must be seen: a source may stand in a list that is folded.
  function unfold() {
    const place = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const folded = place && place.closest("details:not([open])");
    if (folded) {
      folded.open = true;
      place.scrollIntoView();
    }
  }
  addEventListener("hashchange", unfold);
  unfold();

  // Paper is narrower than the screen: charts are set to the width of their place on paper, then freed again.
  const printed = Array.from(document.querySelectorAll("details.printed:not([open])"));
  addEventListener("beforeprint", function () {
    for (const folded of printed) folded.open = true;
    for (const plot of plots) {
      Plotly.relayout(plot, { width: plot.closest(".panels").dataset.count === "1" ? 660 : 320, autosize: false });
    }
  });
  addEventListener("afterprint", function () {
    for (const folded of printed) folded.open = false;
    for (const plot of plots) {
      Plotly.relayout(plot, { width: null, autosize: true });
    }
  });
})();
