// Scans that were made without a network: kept on the device, each under the account that made it, until they can be sent.
import { account, database, done, signed } from "./device.js";

const ADDRESS = "/check-in/offline/";

async function store(mode) {
  return (await database()).transaction("scans", mode).objectStore("scans");
}

function newName() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

// Keeps the code of a projector for the account of this page, and returns what is kept.
export async function keepScan(code) {
  const scan = { account, code, scannedAt: Date.now(), nonce: newName() };
  Object.assign(scan, await signed(`${scan.nonce}\n${code}\n${scan.scannedAt}`));
  await done((await store("readwrite")).add(scan));
  return scan;
}

// Returns what this account has kept and not sent, the oldest first: [{ code, scannedAt, nonce, … }].
export async function waitingScans() {
  const scans = account ? await done((await store("readonly")).getAll()) : [];
  return scans.filter((scan) => scan.account === account).sort((one, other) => one.scannedAt - other.scannedAt);
}

// Sends what this account has kept; returns the answers, { outcome, sentence, lecture, href } or { error } each. What
// got no answer stays, and so do the scans of other accounts.
export async function sendKept() {
  const answers = [];
  for (const scan of await waitingScans()) {
    const answer = await sent(scan);
    if (!answer) break;
    await done((await store("readwrite")).delete(scan.nonce));
    answers.push({ ...answer, scan });
  }
  return answers;
}

async function sent({ code, scannedAt, nonce, device, signature }) {
  const token = document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
  const body = new URLSearchParams({ code, scanned_at: scannedAt, nonce, device, signature });
  try {
    const answer = await fetch(ADDRESS, { method: "POST", body, headers: { "X-CSRFToken": token }, redirect: "manual" });
    const words = answer.headers.get("Content-Type")?.startsWith("application/json") ? await answer.json() : {};
    return words.outcome || answer.status === 400 ? words : null; // Who is logged out sends it later.
  } catch {
    return null;
  }
}
