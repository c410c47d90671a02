// The slider of a replay: every position has its address, and arrows step from event to event. Links do it without this.
(() => {
  "use strict";
  const slider = document.querySelector("[data-replay]");
  if (!slider) return;
  const positions = slider.dataset.replay.split(" ").map(Number);
  let going;

  const address = (step) => {
    const url = new URL(location.href);
    url.searchParams.set("at", positions[step]);
    url.searchParams.delete("since");
    return url;
  };

  async function show(step) {
    going?.abort();
    going = new AbortController();
    const url = address(step);
    try {
      const answer = await fetch(url, { signal: going.signal });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const id of ["replay", "replay-said"])
        document.getElementById(id).replaceWith(document.adoptNode(page.getElementById(id)));
    } catch (error) {
      if (error.name === "AbortError") return;
      location.href = url;
    }
    history.replaceState(null, "", url);
    document.querySelector(".steps .now")?.scrollIntoView({ block: "nearest" });
    dispatchEvent(new Event("replayed"));
  }

  slider.addEventListener("input", () => show(Number(slider.value) - 1));

  addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by || event.target === slider || event.target.matches("input, textarea, select")) return;
    if (event.metaKey || event.ctrlKey || event.altKey) return;
    const next = Math.min(Math.max(Number(slider.value) + by, 1), positions.length);
    event.preventDefault();
    if (next === Number(slider.value)) return;
    slider.value = next;
    show(next - 1);
  });
})();
