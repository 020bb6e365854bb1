
/* The page asks for itself again each second and puts what it gets in its place. What does not arrive is said. */
(() => {
  const stale = document.getElementById("stale");
  let read = Date.now();
  async function refresh() {
    if (!document.hidden) {
      try {
        const answer = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store", signal: AbortSignal.timeout(5000) });
        const got = new DOMParser().parseFromString(await answer.text(), "text/html");
        const next = got.getElementById("page");
        if (!next) throw new Error("another page");
        document.getElementById("page").replaceWith(document.adoptNode(next));
        document.title = got.title;
        const icon = document.getElementById("icon"), href = got.getElementById("icon").href;
        if (icon.href !== href) icon.href = href;
        read = Date.now();
      } catch {
        /* The process may have ended, or stands still. */
      }
      const seconds = Math.round((Date.now() - read) / 1000);
      stale.hidden = seconds < 5;
      if (seconds >= 5 && !document.title.startsWith("no answer")) document.title = "no answer – " + document.title;
      stale.textContent = "The producer has not answered for " + seconds + " s: what is below is old.";
    }
    setTimeout(refresh, 1000);
  }
  setTimeout(refresh, 1000);
})();
