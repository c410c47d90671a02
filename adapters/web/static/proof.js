// Proofs checked by this browser alone: the event's own bytes, the way from its leaf to the signed root, the signature.
// RFC 6962 hashes, checkpoints as c2sp.org/tlog-checkpoint writes them, Ed25519 where WebCrypto has it.
(() => {
  "use strict";
  const API = "/api/v1/audit";
  const TAG = new TextEncoder().encode("redress event 1\n");
  const text = new TextEncoder();

  const bytes = (base64) => Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  const same = (one, other) => one.length === other.length && one.every((byte, at) => byte === other[at]);
  const joined = (...parts) => {
    const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  };
  const sha256 = async (...parts) => new Uint8Array(await crypto.subtle.digest("SHA-256", joined(...parts)));
  const node = (left, right) => sha256([1], left, right);
  const number = (value, size) => {
    const made = new Uint8Array(size);
    for (let at = size - 1, rest = BigInt(value); at >= 0; at--, rest >>= 8n) made[at] = Number(rest & 255n);
    return made;
  };
  const uuid = (written) => Uint8Array.from(written.replaceAll("-", "").match(/../g), (pair) => parseInt(pair, 16));

  async function asked(path) {
    const answer = await fetch(API + path, { headers: { accept: "application/json" } });
    if (!answer.ok) throw new Error(`${answer.status} ${path}`);
    return answer.text();
  }

  // ---- what is hashed ----------------------------------------------------------------------------------------------
  /** The event at a position: decoded, and the bytes of its body just as they are stored. */
  async function stored(position) {
    const page = await asked(`/events?after=${position - 1}&limit=1`);
    const line = page.slice(page.indexOf("[") + 1, page.lastIndexOf('],"next":'));
    const event = JSON.parse(line);
    return { event, body: text.encode(line.slice(line.indexOf('"body":') + 7, -1)) };
  }

  function leafOf({ event, body }) {
    const topic = text.encode(event.topic);
    const head = [number(event.position, 8), uuid(event.stream), number(event.version, 8)];
    return sha256([0], TAG, ...head, number(topic.length, 4), number(body.length, 4), topic, body);
  }

  // ---- RFC 9162, 2.1.3.2 and 2.1.4.2; sizes stay far below 2^53 -----------------------------------------------------
  async function rootFrom(index, size, leaf, hashes) {
    let at = index;
    let last = size - 1;
    let hash = leaf;
    for (const one of hashes) {
      if (!last) return null;
      if (at % 2 || at === last) {
        hash = await node(one, hash);
        while (at && !(at % 2)) [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
      } else hash = await node(hash, one);
      [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
    }
    return last ? null : hash;
  }

  async function grewFrom(old, size, hashes, oldRoot, root) {
    if (old === size) return !hashes.length && same(oldRoot, root);
    if (old < 1 || old > size || !hashes.length) return false;
    const path = Number.isInteger(Math.log2(old)) ? [oldRoot, ...hashes] : [...hashes];
    let at = old - 1;
    let last = size - 1;
    while (at % 2) [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
    let older = path[0];
    let newer = path[0];
    for (const one of path.slice(1)) {
      if (!last) return false;
      if (at % 2 || at === last) {
        [older, newer] = [await node(one, older), await node(one, newer)];
        while (at && !(at % 2)) [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
      } else newer = await node(newer, one);
      [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
    }
    return !last && same(older, oldRoot) && same(newer, root);
  }

  // ---- signed heads ------------------------------------------------------------------------------------------------
  function opened(note) {
    const [said, lines] = note.split("\n\n");
    const [origin, size, root] = said.split("\n");
    const signatures = lines.split("\n").filter((line) => line.startsWith("— "));
    return { origin, size: Number(size), root: bytes(root), said: text.encode(said + "\n"), signatures };
  }

  /** true, false, or null where this browser has no Ed25519. */
  async function isSigned(head, verifier) {
    const [name, id, coded] = [verifier.split("+")[0], verifier.split("+")[1], verifier.split("+").slice(2).join("+")];
    let key;
    try {
      key = await crypto.subtle.importKey("raw", bytes(coded).slice(1), { name: "Ed25519" }, false, ["verify"]);
    } catch {
      return null;
    }
    for (const line of head.signatures) {
      const [signer, signature] = [line.slice(2, line.lastIndexOf(" ")), bytes(line.slice(line.lastIndexOf(" ") + 1))];
      const hint = [...signature.slice(0, 4)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
      if (signer !== name || hint !== id || head.origin !== name) continue;
      if (await crypto.subtle.verify({ name: "Ed25519" }, key, signature.slice(4), head.said)) return true;
    }
    return false;
  }

  // ---- the badge of an event ---------------------------------------------------------------------------------------
  const show = (badge, outcome) => {
    badge.dataset.outcome = outcome;
    for (const said of badge.querySelectorAll("[data-when]")) said.hidden = said.dataset.when !== outcome;
  };
  const mark = (badge, step, holds) => {
    const item = badge.querySelector(`[data-step="${step}"]`);
    item.className = holds === null ? "muted" : holds ? "okt" : "badt";
    item.dataset.holds = String(holds);
    return holds;
  };

  async function proved(badge) {
    const { position, topic, at, actor } = badge.dataset;
    const [known, proof, keys] = await Promise.all([
      stored(Number(position)),
      asked(`/proofs/inclusion?position=${position}`).then(JSON.parse),
      asked("/keys").then(JSON.parse),
    ]);
    const { event } = known;
    const meta = event.body.meta;
    const when = new Date(meta.at).getTime() === new Date(at).getTime();
    const leaf = await leafOf(known);
    const head = opened(proof.checkpoint);
    const root = await rootFrom(proof.index, head.size, leaf, proof.hashes.map(bytes));
    badge.querySelector("[data-leaf]").textContent = [...leaf].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    badge.querySelector("[data-size]").textContent = `${proof.index + 1} / ${head.size}`;
    badge.querySelector("[data-key]").textContent = keys.newest;
    return [
      mark(badge, "event", event.position === Number(position) && event.topic === topic && meta.actor === actor && when),
      mark(badge, "leaf", same(leaf, bytes(proof.leaf))),
      mark(badge, "path", root !== null && same(root, head.root)),
      mark(badge, "signature", await isSigned(head, keys.newest)),
    ];
  }

  async function verify(badge) {
    if (!globalThis.crypto?.subtle) return show(badge, "cannot");
    show(badge, "waiting");
    try {
      const steps = await proved(badge);
      show(badge, steps.includes(false) ? "broken" : steps.includes(null) ? "unsigned" : "proved");
    } catch {
      show(badge, "failed");
    }
    return undefined;
  }

  const verifyAll = () => document.querySelectorAll("[data-proof]:not([data-outcome])").forEach(verify);
  verifyAll();
  addEventListener("replayed", verifyAll);

  // ---- a head that somebody holds ----------------------------------------------------------------------------------
  async function grown(form) {
    const held = opened(form.elements.held.value.trim() + "\n");
    const head = opened(await asked("/checkpoint"));
    if (held.origin !== head.origin || held.size > head.size) return false;
    const proof = JSON.parse(await asked(`/proofs/consistency?from=${held.size}&to=${head.size}`));
    return grewFrom(held.size, head.size, proof.hashes.map(bytes), held.root, head.root);
  }

  document.querySelector("[data-consistency]")?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = event.target;
    let outcome = "unread";
    try {
      outcome = (await grown(form)) ? "grew" : "broken";
    } catch {
      outcome = "unread";
    }
    show(form, outcome);
  });
})();
