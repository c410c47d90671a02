// What HTML cannot do by itself: keys, the palette, and counts beside the rail. Everything works without it.
(() => {
  "use strict";
  const find = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const typing = (target) => target.matches("input, textarea, select, [contenteditable]");

  // ---- the palette -------------------------------------------------------------------------------------------------
  const palette = find("#palette");
  const shown = () => all("li", palette).filter((item) => !item.hidden);

  function choose(index) {
    const items = shown();
    all("li", palette).forEach((item) => item.setAttribute("aria-selected", "false"));
    const item = items[(index + items.length) % items.length];
    if (!item) return;
    item.setAttribute("aria-selected", "true");
    item.scrollIntoView({ block: "nearest" });
    find("input", palette).setAttribute("aria-activedescendant", item.id);
  }

  const chosen = () => shown().findIndex((item) => item.getAttribute("aria-selected") === "true");

  function openPalette() {
    palette.showModal();
    find("input", palette).value = "";
    all("[data-found]", palette).forEach((item) => item.remove());
    narrow("");
  }

  function narrow(text) {
    all("li", palette).forEach((item) => (item.hidden = !("found" in item.dataset) && !item.textContent.toLowerCase().includes(text.toLowerCase())));
    choose(0);
  }

  function go() {
    const item = shown()[chosen()];
    const text = find("input", palette).value.trim();
    if (item) location.href = item.dataset.href;
    else if (text && find("#q")) location.href = "/search?q=" + encodeURIComponent(text);
  }

  if (palette) {
    find("input", palette).addEventListener("input", (event) => narrow(event.target.value));
    palette.addEventListener("htmx:after:swap", () => choose(Math.max(0, chosen())));
    palette.addEventListener("click", (event) => {
      const item = event.target.closest("li");
      if (item) location.href = item.dataset.href;
    });
    palette.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step) choose(chosen() + step);
      if (event.key === "Enter") go();
      if (step || event.key === "Enter") event.preventDefault();
    });
  }

  // ---- keys --------------------------------------------------------------------------------------------------------
  const singleKeys = () => document.documentElement.dataset.keys !== "off";
  let afterG = 0;

  function step(by) {
    const links = all("[data-list] a[data-item]");
    const at = links.findIndex((link) => link === document.activeElement || link.hasAttribute("aria-current"));
    links[Math.max(0, Math.min(links.length - 1, at + by))]?.focus();
  }

  // ---- choosing rows of a list -------------------------------------------------------------------------------------
  const boxes = () => all('tbody input[type="checkbox"][name]');

  function chosenRows() {
    const number = boxes().filter((box) => box.checked).length;
    all("[data-chosen]").forEach((place) => (place.textContent = number));
  }

  function pick() {
    const box = find('input[type="checkbox"]', document.activeElement?.closest("tr") || document.createElement("p"));
    if (!box) return;
    box.checked = !box.checked;
    chosenRows();
  }

  addEventListener("change", (event) => {
    const name = event.target.dataset.all;
    if (name) boxes().forEach((box) => (box.checked = event.target.checked));
    chosenRows();
  });

  const KEYS = {
    "/": () => find("#q")?.focus(),
    "?": () => find("#keys")?.showModal(),
    n: () => find("#note")?.focus(),
    j: () => step(1),
    k: () => step(-1),
    x: () => pick(),
    g: () => (afterG = Date.now()),
  };

  function single(event) {
    const place = Date.now() - afterG < 1500 && find(`.rail [data-key="${CSS.escape(event.key)}"]`);
    if (place) return place.click();
    const own = find(`[data-shortcut="${CSS.escape(event.key)}"]`);
    if (own) return own.click();
    return KEYS[event.key] ? KEYS[event.key]() : true;
  }

  // what a field is sent by: the button that it names, else the first of its form, as Enter does it without a script
  const pressed = (field) =>
    field.type === "submit" ? field : [...field.form.elements].find((one) => one.type === "submit" && (!field.dataset.enter || one.value === field.dataset.enter));

  // a first button that is disabled: nothing is sent but by the others; a box that is ticked would press the next one
  function enter(event) {
    const field = event.target;
    const button = pressed(field);
    const held = event.metaKey || event.ctrlKey;
    if (!held && !(field.matches("input") && (field.dataset.enter || button?.disabled))) return;
    event.preventDefault();
    if (event.repeat || field.form.dataset.sent) return;
    if (button) button.click();
    else field.form.requestSubmit();
  }

  addEventListener("keydown", (event) => {
    if ((event.metaKey || event.ctrlKey) && event.key === "k" && palette) {
      event.preventDefault();
      return openPalette();
    }
    if (event.key === "Enter" && event.target.form) return event.isComposing ? undefined : enter(event);
    if (event.metaKey || event.ctrlKey || event.altKey || typing(event.target) || !singleKeys()) return undefined;
    if (single(event) !== true) event.preventDefault();
    return undefined;
  });

  addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) print();
  });

  const fields = ":is(input:not([type=hidden]), select, textarea)";
  const begin = [`[data-added] ${fields}`, `:is(.form, .accepting) :is([aria-invalid="true"], [data-fault] ${fields})`, `:is(.newcase, .compose-form) form.form ${fields}`, ".compose-form .do button"];
  begin.map((selector) => find(selector)).find(Boolean)?.focus();

  // ---- drafts: what is typed is kept on idle and blur, and on the way out ------------------------------------------
  const DRAFT = '[hx-post*="/drafts/"]';
  const drafts = () =>
    all(DRAFT).map((place) => ({ place, form: place.closest("form") || find(place.getAttribute("hx-include")) }));
  addEventListener("input", (event) => event.target.form && (event.target.form.dataset.typed = "yes"));
  addEventListener("pagehide", () => {
    for (const { place, form } of drafts())
      if (form.dataset.typed && !form.dataset.sent)
        navigator.sendBeacon(place.getAttribute("hx-post"), new URLSearchParams(new FormData(form)));
  });

  // ---- a form is sent once -----------------------------------------------------------------------------------------
  addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "yes";
    if (form.action.endsWith("/removal")) drafts().forEach(({ form }) => (form.dataset.sent = "yes"));
    setTimeout(() => all("button", form).forEach((button) => (button.disabled = true)));
  });
  // what is on its way is no draft any more
  document.addEventListener("htmx:before:request", (event) => {
    const form = event.target.closest("form") || find(event.target.getAttribute?.("hx-include") || "#none");
    if (form?.dataset.sent) event.preventDefault();
    else if (form && event.target.matches(DRAFT)) delete form.dataset.typed;
  });
  // what could not be kept is typed still, and says so
  document.addEventListener("htmx:error", ({ target }) => {
    if (!target.matches?.(DRAFT)) return;
    target.textContent = target.dataset.unsaved;
    (target.closest("form") || find(target.getAttribute("hx-include"))).dataset.typed = "yes";
  });
  // what was said of the whole page holds until something is answered again
  document.addEventListener("htmx:after:request", (event) => {
    if (event.detail.ctx.response.status < 400) find("#said")?.replaceChildren();
  });
  addEventListener("pageshow", () => {
    chosenRows();
    all("form button:not([hidden])").forEach((button) => (button.disabled = false));
    all("form[data-sent]").forEach((form) => delete form.dataset.sent);
  });

  // ---- counts beside the rail --------------------------------------------------------------------------------------
  async function count(event) {
    const places = all("[data-count]");
    if (!places.length) return;
    const answer = await fetch(event ? "/worklist?position=" + event.detail.data : "/worklist", { headers: { accept: "application/json" } });
    if (!answer.ok || answer.redirected) return;
    const counts = await answer.json();
    for (const place of places) place.textContent = counts[place.dataset.count] || "";
  }
  count();
  addEventListener("work", count);

  // ---- what is wider than the screen is scrolled by keys as well --------------------------------------------------
  function scrollers() {
    for (const place of all(".scroll").filter((one) => one.scrollWidth > one.clientWidth)) {
      place.tabIndex = 0;
      place.setAttribute("role", "group");
      place.setAttribute("aria-label", find("h1, h2", place.closest("section") || find("main")).textContent.trim());
    }
  }
  scrollers();
  addEventListener("resize", scrollers);

  // ---- the sum behind a clock: by click or key in HTML, by pointer and focus here ----------------------------------
  let hint = null;
  const hints = (event, open) => {
    const button = event.target.closest?.("[data-hint]");
    const sum = button && document.getElementById(button.getAttribute("popovertarget"));
    if (open && sum && !sum.matches(":popover-open")) sum.showPopover({ source: button });
    if (open && sum) clearTimeout(hint);
    if (!open && sum) hint = setTimeout(() => sum.matches(":hover") || sum.hidePopover(), 200);
  };
  addEventListener("pointerover", (event) => hints(event, true));
  addEventListener("pointerout", (event) => hints(event, false));
  addEventListener("focusin", (event) => event.target.matches(":focus-visible") && hints(event, true));
  addEventListener("focusout", (event) => hints(event, false));
})();
