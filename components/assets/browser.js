// What only the browser can do for the frame: the page's language, the theme that Streamlit remembers for each path,
// and the cookies. Streamlit offers neither to the script.
const YEAR_SECONDS = 31536000
let delivered = null

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
