// Reads the projector's code with this device's camera. A code of ours is sent as a camera app would send it; another
// one is named, and scanning goes on. Without a network the scan is kept, and sent once there is one.
import { keepScan, sendKept, waitingScans } from "./offline.js";

const page = document.querySelector("[data-scanner]");
const finder = page.querySelector(".finder");
const video = page.querySelector("video");
const status = page.querySelector("[role=status]");
const startButton = page.querySelector("[data-start]");
const torchButton = page.querySelector("[data-torch]");
const waiting = page.querySelector("[data-waiting]");
const sent = page.querySelector("[data-sent]");
const CODE = /^[0-9A-HJKMNP-TV-Z]{1,13}[A-Z2-7]{16}$/;
const CAMERA = { audio: false, video: { facingMode: "environment", width: { ideal: 1280 }, height: { ideal: 720 } } };
const BETWEEN_LOOKS = 100;
const PATIENCE = 8000; // Whoever hears nothing for so long has no network.
const BETWEEN_TRIES = 15_000;
const REASONS = { NotAllowedError: "refused", SecurityError: "refused", NotReadableError: "busy", AbortError: "busy" };
let camera = null; // The stream while it is being looked at.
let reader = null;
let resumes = false;
let retry = 0;

// --- What is said -------------------------------------------------------------------------------------------------

function say(name, tone = "info", host = "") {
  const words = page.querySelector(`template[data-say="${name}"]`).content.cloneNode(true);
  for (const place of words.querySelectorAll("[data-host]")) place.textContent = host;
  const sentence = document.createElement("span");
  sentence.append(words);
  const notice = Object.assign(document.createElement("p"), { className: "notice" });
  notice.dataset.tone = tone;
  notice.append(sentence);
  // What stands there already is not read out again.
  if (status.textContent !== notice.textContent) status.replaceChildren(notice);
}

// --- The camera ---------------------------------------------------------------------------------------------------

async function start() {
  startButton.hidden = true;
  say("starting");
  reader ??= newReader().catch(() => null);
  try {
    await turnOn();
  } catch (problem) {
    return halt(REASONS[problem.name] ?? "none");
  }
  const read = await reader;
  if (!read) {
    reader = null;
    return halt("unread");
  }
  return watch(camera, read).catch((problem) => {
    halt("unread");
    throw problem;
  });
}

async function turnOn() {
  if (!navigator.mediaDevices) throw new Error("Pages get a camera over an encrypted line only.");
  camera = await navigator.mediaDevices.getUserMedia(CAMERA);
  const [track] = camera.getVideoTracks();
  track.addEventListener("ended", () => halt("busy"));
  torchButton.hidden = !track.getCapabilities?.().torch;
  torchButton.setAttribute("aria-pressed", "false");
  video.srcObject = camera;
  finder.hidden = false;
  await video.play();
}

function turnOff() {
  for (const track of camera?.getTracks() ?? []) track.stop();
  camera = video.srcObject = null;
  finder.hidden = torchButton.hidden = true;
}

function halt(reason) {
  turnOff();
  startButton.hidden = false;
  say(reason, "warn");
}

async function watch(stream, read) {
  say("looking");
  while (camera && camera === stream) {
    const meanings = (await read(video)).map(meaning);
    if (camera !== stream) return;
    const own = meanings.find(({ code }) => code);
    if (own) return take(own.code);
    if (meanings.length) say(meanings[0].problem, "warn", meanings[0].host);
    await new Promise((resolve) => setTimeout(resolve, BETWEEN_LOOKS));
  }
}

// --- Reading codes ------------------------------------------------------------------------------------------------

// Returns a function from what the camera sees to the texts of the QR codes in it.
async function newReader() {
  const formats = (await globalThis.BarcodeDetector?.getSupportedFormats()) ?? [];
  if (!formats.includes("qr_code")) return ownReader();
  const detector = new BarcodeDetector({ formats: ["qr_code"] });
  return async (seen) => (await detector.detect(seen)).map(({ rawValue }) => rawValue);
}

async function ownReader() {
  await loadScript(page.dataset.decoder);
  const { prepareZXingModule, readBarcodes } = globalThis.ZXingWASM;
  await prepareZXingModule({ overrides: { locateFile: () => page.dataset.wasm }, fireImmediately: true });
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  return async (seen) => {
    [canvas.width, canvas.height] = [seen.videoWidth, seen.videoHeight];
    pen.drawImage(seen, 0, 0);
    const picture = pen.getImageData(0, 0, canvas.width, canvas.height);
    return (await readBarcodes(picture, { formats: ["QRCode"], maxNumberOfSymbols: 4 })).map(({ text }) => text);
  };
}

function loadScript(address) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.addEventListener("load", resolve);
    script.addEventListener("error", reject);
    document.head.append(script);
  });
}

// Returns the code that a text holds when it is an address of this site, and else what is wrong with it.
function meaning(text) {
  const address = URL.canParse(text) ? new URL(text) : { host: "", pathname: "" };
  const [path, codes] = [address.pathname.toUpperCase(), page.dataset.codes.toUpperCase()];
  const code = path.startsWith(codes) ? path.slice(codes.length) : "";
  if (!CODE.test(code)) return { problem: "foreign" };
  return address.host === location.host ? { code } : { problem: "elsewhere", host: address.host };
}

// --- A code of ours -----------------------------------------------------------------------------------------------

// The server notes the scan at once and leaves its claim in this browser, whose form the next page sends. Asking first
// and leaving then means that a network which is gone costs the scan nothing but its place among those that wait.
async function take(code) {
  turnOff();
  say("read");
  if (navigator.onLine && (await isTaken(code))) location.assign(page.dataset.send);
  else await keep(code);
}

async function isTaken(code) {
  try {
    const signal = AbortSignal.timeout(PATIENCE);
    const answer = await fetch(page.dataset.codes + code, { cache: "no-store", redirect: "manual", signal });
    return answer.ok || answer.type === "opaqueredirect"; // Who has been logged out logs in first.
  } catch {
    return false;
  }
}

async function keep(code) {
  const kept = await keepScan(code).then(() => true, () => false); // Some browsers store nothing.
  say(kept ? "kept" : "lost", kept ? "warn" : "bad");
  startButton.hidden = false;
  if (kept) await showWaiting();
}

// --- Scans that wait ----------------------------------------------------------------------------------------------

async function sendWaiting() {
  const answers = await sendKept();
  if (answers.length && !camera) status.replaceChildren(); // What it said of a scan that is kept is over.
  show(sent, answers.map(({ sentence, error, href }) => ({ words: sentence ?? error.message, href })));
  await showWaiting();
}

// Shows what waits, and tries again: a network that is there but leads nowhere does not tell when it works.
async function showWaiting() {
  const scans = await waitingScans();
  show(waiting, scans.map(({ scannedAt }) => ({ words: timeOf(scannedAt) })));
  clearTimeout(retry);
  if (scans.length) retry = setTimeout(sendWaiting, BETWEEN_TRIES);
}

function timeOf(moment) {
  return new Date(moment).toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "medium" });
}

// Fills a section's list; without lines there is no section.
function show(section, lines) {
  section.hidden = lines.length === 0;
  section.querySelector("ul").replaceChildren(...lines.map(lineOf));
}

function lineOf({ words, href }) {
  const line = document.createElement("li");
  const place = href ? line.appendChild(Object.assign(document.createElement("a"), { href })) : line;
  place.textContent = words;
  return line;
}

// --- Buttons, and coming and going --------------------------------------------------------------------------------

startButton.addEventListener("click", start);
torchButton.addEventListener("click", async () => {
  const on = torchButton.getAttribute("aria-pressed") !== "true";
  await camera.getVideoTracks()[0].applyConstraints({ advanced: [{ torch: on }] });
  torchButton.setAttribute("aria-pressed", String(on));
});
// While nobody looks, the camera is off and free for others.
document.addEventListener("visibilitychange", () => {
  if (document.hidden && camera) {
    turnOff();
    resumes = true;
  } else if (!document.hidden && resumes) {
    resumes = false;
    start();
  }
});
globalThis.addEventListener("pageshow", ({ persisted }) => {
  if (persisted) start();
});

start();
if (globalThis.indexedDB) {
  globalThis.addEventListener("online", sendWaiting);
  sendWaiting();
}
