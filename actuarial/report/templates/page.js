"use strict";
// Draw every chart of the page, one after the other, so that the first ones show at once.
(function () {
  const specs = JSON.parse(document.getElementById("charts").textContent);
  const plots = Array.from(document.querySelectorAll(".plot"));
  const config = { displayModeBar: false, responsive: true, scrollZoom: false, doubleClick: false, showTips: false };

  // The buttons of a chart stand on the page, where a keyboard and a screen reader find them.
  function choices(plot, layout) {
    const menus = layout.updatemenus || [];
    delete layout.updatemenus;
    for (const menu of menus) {
      layout.margin.t = 12;
      const panel = plot.closest(".panel"), group = document.createElement("span");
      group.className = "choices";
      group.setAttribute("role", "group");
      group.setAttribute("aria-label", panel.querySelector("h3, h4").textContent);
      const buttons = menu.buttons.map(function (one) {
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = one.label;
        button.addEventListener("click", function () {
          mark(button);
          Plotly[one.method](plot, ...one.args);
        });
        group.append(button);
        return button;
      });
      const mark = function (chosen) {
        for (const button of buttons) button.setAttribute("aria-pressed", String(button === chosen));
      };
      mark(buttons[menu.active || 0]);
      panel.querySelector(".unit").append(group);
    }
  }

  function draw(place) {
    if (place === plots.length) {
      document.documentElement.dataset.charts = "drawn";
      return;
    }
    const spec = specs[plots[place].id];
    choices(plots[place], spec.layout);
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

  // The contents stand open at the side where there is room for them; elsewhere they close once one is chosen.
  const contents = document.getElementById("contents"), wide = matchMedia("(min-width: 1480px)");
  function room() {
    contents.open = wide.matches;
  }
  if (contents) {
    room();
    wide.addEventListener("change", room);
    contents.addEventListener("click", function (event) {
      if (event.target.closest("a")) room();
    });
  }

  // Paper is narrower than the screen: charts are set to the width of their place on paper, then freed again.
  const printed = Array.from(document.querySelectorAll("details.printed:not([open])"));
  addEventListener("beforeprint", function () {
    for (const folded of printed) folded.open = true;
    const set = plots.map(function (plot) {
      return Plotly.relayout(plot, { width: plot.closest(".panels").dataset.count === "1" ? 660 : 320, autosize: false });
    });
    // Whoever prints by program waits for this, so that the same page gives the same paper.
    Promise.all(set).then(function () {
      document.documentElement.dataset.paper = "set";
    });
  });
  addEventListener("afterprint", function () {
    delete document.documentElement.dataset.paper;
    for (const folded of printed) folded.open = false;
    for (const plot of plots) {
      Plotly.relayout(plot, { width: null, autosize: true });
    }
  });
})();
