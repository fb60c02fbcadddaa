// What only the browser can do for the frame: the page's language, the theme that Streamlit remembers for each path,
// and the cookies. Streamlit offers neither to the script.
const YEAR_SECONDS = 31536000
let delivered = null

// Keys that Streamlit has none for: `?` lists the keys, a letter leads into a field. Never while somebody types.
const TYPED = "input, textarea, select, [contenteditable='true']"
const FIELDS = {
  s: "[class*='st-key-draft-'][class*='-reasons-'] input",
  w: "[class*='st-key-draft-'] textarea",
}
const LEAD_MS = 3000
let leading = 0

// A field may be on its way still, or be drawn anew a moment later: it is led into until somebody goes elsewhere.
const lead = (selector) => {
  const mine = (leading += 1)
  const until = performance.now() + LEAD_MS
  const step = () => {
    if (mine !== leading || performance.now() > until) return
    if (!document.activeElement?.closest(TYPED)) document.querySelector(selector)?.focus()
    setTimeout(step, 50)
  }
  step()
}
// In the list of cases a cell that the keyboard comes to would open its case; the keys J and K go through it.
const CHOOSES = ".st-key-queue-rows canvas"
const press = (event) => {
  if (event.key === "Tab") document.querySelectorAll(CHOOSES).forEach((each) => { each.tabIndex = -1 })
  const typing = event.target.closest(TYPED)
  if (!typing || event.key === "Tab") leading += 1
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return
  if (event.key === "?") document.querySelector(".st-key-keys button")?.click()
  if (!FIELDS[event.key]) return
  event.preventDefault()
  lead(FIELDS[event.key])
}
if (!window.loanboardKeys) {
  window.loanboardKeys = true
  document.addEventListener("keydown", press, { capture: true })
  document.addEventListener("pointerdown", () => { leading += 1 })
}

const isDark = () => {
  const [r, g, b] = getComputedStyle(document.querySelector(".stApp")).backgroundColor.match(/\d+/g).map(Number)
  return r + g + b < 384
}

export default function (component) {
  const { data, parentElement } = component
  document.documentElement.lang = data.tag
  document.cookie = `${data.cookie}=${data.language}; path=/; max-age=${YEAR_SECONDS}; samesite=lax`

  // A pass keeps a demo person signed in over a reload; an empty one ends that.
  if (data.pass !== null && data.pass !== delivered) {
    delivered = data.pass
    fetch("/session", { method: data.pass ? "POST" : "DELETE", body: data.pass || undefined })
  }

  const button = parentElement.querySelector("button")
  const dark = isDark()
  button.querySelector("span").textContent = dark ? data.light : data.dark
  button.dataset.to = dark ? "Light" : "Dark"
  button.onclick = () => {
    // Streamlit reads this once when a page loads, under the path it is loaded from; the reload keeps the address.
    for (const path of data.paths) {
      localStorage.setItem(`stActiveTheme-${path}-v2`, JSON.stringify(button.dataset.to))
    }
    location.reload()
  }
}
