// Draws each code when its time has come, from a few that were told ahead; the server says how far off each one is, so
// the clock of this computer does not matter. Without news the picture goes blank when the last code that is known ends.
const page = document.querySelector(".projector");
const picture = page.querySelector(".qr svg");
const message = page.querySelector(".qr p");
const typed = page.querySelector(".typed bdi");
const pause = page.querySelector("[data-pause]");
const full = page.querySelector("[data-full]");
const seats = page.querySelector(".seats");
const BETWEEN_LOOKS = 3000;
const IN_A_ROW = 30;
let codes = null; // Until the first answer the page's own code stands.
let closed = false;
let drawn = "";

async function look() {
  try {
    const answer = await fetch(page.dataset.codes, { cache: "no-store", redirect: "error" });
    if (!answer.ok) throw new Error(answer.statusText);
    take(await answer.json(), performance.now());
  } catch {
    codes ??= []; // What is known stays good until its time is over.
  }
  setTimeout(look, BETWEEN_LOOKS);
}

function take(told, now) {
  codes = told.codes.map((code) => ({ ...code, begins: now + code.begins_in, ends: now + code.ends_in }));
  closed = codes.length === 0;
  page.querySelector(".counter b").textContent = told.here;
  page.querySelector(".counter span").textContent = told.expected;
  page.querySelector(".foot b").textContent = told.time;
  if (seats) light(told.here, told.expected);
  draw();
}

// Students enrol while the code is shown: there are as many seats as are expected now.
function light(here, expected) {
  while (seats.childElementCount > Math.max(expected, 1)) seats.lastElementChild.remove();
  while (seats.childElementCount < expected) {
    const seat = seats.firstElementChild.cloneNode();
    const number = seats.childElementCount;
    seat.setAttribute("cx", 5 + 10 * (number % IN_A_ROW));
    seat.setAttribute("cy", 5 + 10 * Math.floor(number / IN_A_ROW));
    seats.append(seat);
  }
  seats.setAttribute("viewBox", `0 0 ${10 * IN_A_ROW} ${10 * Math.ceil(expected / IN_A_ROW)}`);
  seats.setAttribute("aria-label", page.querySelector(".counter p").textContent);
  [...seats.children].forEach((seat, number) => seat.setAttribute("class", number < here ? "on" : "off"));
}

function draw() {
  if (codes === null) return;
  const now = performance.now();
  const paused = page.dataset.state === "paused";
  const code = paused ? null : codes.find((each) => each.begins <= now && now < each.ends);
  const words = code ? "" : paused ? page.dataset.paused : closed ? page.dataset.closed : page.dataset.lost;
  page.toggleAttribute("data-blank", !code);
  picture.toggleAttribute("hidden", !code);
  message.hidden = Boolean(code);
  if (message.textContent !== words) message.textContent = words;
  if (!code) {
    drawn = typed.textContent = "";
  } else if (drawn !== code.path) {
    show(code, now);
  }
}

function show(code, now) {
  drawn = code.path;
  picture.setAttribute("viewBox", `0 0 ${code.side} ${code.side}`);
  picture.querySelector("path").setAttribute("d", code.path);
  typed.textContent = `${code.typed.slice(0, 3)} ${code.typed.slice(3)}`;
  // The first code may be half over: the bar shows what is left of it.
  for (const tick of page.querySelector(".tick").getAnimations({ subtree: true })) {
    tick.effect.updateTiming({ duration: Number(page.dataset.step) });
    tick.currentTime = Math.max(page.dataset.step - (code.ends - now), 0);
  }
}

pause.addEventListener("click", () => {
  const paused = page.dataset.state !== "paused";
  page.dataset.state = paused ? "paused" : "";
  pause.setAttribute("aria-pressed", String(paused));
  draw();
});
full.addEventListener("click", () => {
  if (document.fullscreenElement) document.exitFullscreen();
  else document.documentElement.requestFullscreen();
});

// The hall's computer stays awake, where the browser lets a page ask for that; without it the screen may go dark.
async function stayAwake() {
  if (!document.hidden) await navigator.wakeLock?.request("screen").catch(() => null);
}
document.addEventListener("visibilitychange", stayAwake);

stayAwake();
pause.hidden = false;
full.hidden = !document.fullscreenEnabled;
setInterval(draw, 100);
look();
