"use strict";
(() => {
  const marks = new Map();
  for (const mark of document.querySelectorAll("[data-id]")) {
    const id = mark.dataset.id;
    if (!marks.has(id)) marks.set(id, []);
    marks.get(id).push(mark);
  }
  const light = (event, on) => {
    const mark = event.target.closest ? event.target.closest("[data-id]") : null;
    if (mark) for (const other of marks.get(mark.dataset.id)) other.classList.toggle("hit", on);
  };
  document.addEventListener("mouseover", (event) => light(event, true));
  document.addEventListener("mouseout", (event) => light(event, false));

  for (const input of document.querySelectorAll("[data-filter]")) {
    input.parentElement.hidden = false;
    const section = input.closest("section");
    input.addEventListener("input", () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      for (const row of section.querySelectorAll("tbody tr")) {
        const id = row.dataset.id.toLowerCase();
        row.hidden = !words.every((word) => id.includes(word));
      }
      for (const block of section.querySelectorAll("details")) {
        const some = block.querySelector("tbody tr:not([hidden])") !== null;
        block.hidden = !some;
        block.open = some && words.length > 0;
      }
    });
  }
})();
