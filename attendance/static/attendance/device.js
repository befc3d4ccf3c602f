// The key of this browser: made here, kept in IndexedDB, and usable by nobody who has not got the device, since its
// private half cannot be read even by this script. One key per browser, whoever is logged in: that is what lets the
// server notice a second account. Scans that wait for a network lie beside it, see offline.js.
const LABEL = "LuminaLearn/check-in/device/1";
const CURVE = { name: "ECDSA", namedCurve: "P-256" };
const PATIENCE = 2000;

// Whose page this is; nothing of one account is ever sent with another.
export const account = document.querySelector("[data-account]")?.dataset.account ?? "";

let opened;
export function database() {
  opened ??= new Promise((resolve, reject) => {
    const asked = indexedDB.open("check-in", 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("keys");
      asked.result.createObjectStore("scans", { keyPath: "nonce" });
    };
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = asked.onblocked = () => reject(asked.error);
  });
  return opened;
}

export function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function key() {
  const base = await database();
  const known = await done(base.transaction("keys").objectStore("keys").get("device"));
  if (known) return known;
  const made = await crypto.subtle.generateKey(CURVE, false, ["sign"]);
  // Two pages may make one at the same moment: whichever is stored first is the browser's.
  const store = base.transaction("keys", "readwrite").objectStore("keys");
  const first = await done(store.get("device"));
  if (first) return first;
  await done(store.put(made, "device"));
  return made;
}

function written(bytes) {
  const text = btoa(String.fromCharCode(...new Uint8Array(bytes)));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

async function sign(subject) {
  const { privateKey, publicKey } = await key();
  const text = new TextEncoder().encode(`${LABEL}\n${account}\n${subject}`);
  const signature = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, privateKey, text);
  return { device: written(await crypto.subtle.exportKey("spki", publicKey)), signature: written(signature) };
}

// Returns public key and signature for the server; both empty where the browser cannot, or takes too long: a scan is
// never lost for the want of a signature.
export async function signed(subject) {
  const nothing = { device: "", signature: "" };
  const patience = new Promise((resolve) => setTimeout(resolve, PATIENCE, nothing));
  try {
    return await Promise.race([sign(subject), patience]);
  } catch {
    return nothing;
  }
}
