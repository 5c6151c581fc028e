"use strict";
(() => {
  const words = (text) => text.toLowerCase().split(/\s+/).filter(Boolean);
  for (const finder of document.querySelectorAll(".filter")) {
    finder.hidden = false;
    const section = finder.closest("section");
    const [typed, states, subjects] = ["[data-filter]", "[data-state-filter]", "[data-subject-filter]"].map((name) =>
      finder.querySelector(name),
    );
    const apply = () => {
      const wanted = words(typed.value);
      const state = states ? states.value : "";
      const subject = subjects ? subjects.value : "";
      const fits = (part) =>
        wanted.every((word) => part.dataset.text.toLowerCase().includes(word)) &&
        (!state || part.dataset.state === state) &&
        (!subject || part.dataset.subjects.split(" ").includes(subject));
      for (const part of section.querySelectorAll("[data-text]")) part.hidden = !fits(part);
      for (const block of section.querySelectorAll("details:not([data-text])")) {
        const some = block.querySelector("[data-text]:not([hidden])") !== null;
        block.hidden = !some;
        if (wanted.length || state) block.open = some;
      }
    };
    for (const input of [typed, states, subjects]) if (input) input.addEventListener("input", apply);
  }

  const reveal = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    for (let part = target; part; part = part.parentElement) {
      part.hidden = false;
      if (part.tagName === "DETAILS") part.open = true;
    }
    target.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  reveal();
})();
