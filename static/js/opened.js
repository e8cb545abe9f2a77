/* Which parts of a handover were on the screen: told once of each, in small batches.
   A part counts when half of it, or half a window of it, has been in view for a second. What is
   told is of the document. Without this script a section is opened on a page of its own. */
(function () {
  "use strict";

  var LONG_ENOUGH = 1000; /* milliseconds in view */
  var parts = document.querySelectorAll("[data-opened]");
  if (!parts.length || !("IntersectionObserver" in window)) return;

  var address = parts[0].dataset.tell;
  var seen = [];
  var timers = new Map();

  function tell() {
    if (!seen.length) return;
    var told = new FormData();
    told.append("csrfmiddlewaretoken", window.newestToken());
    seen.splice(0).forEach(function (id) { told.append("part", id); });
    navigator.sendBeacon(address, told);
  }

  var watch = new IntersectionObserver(function (entries) {
    entries.forEach(function (entry) {
      var part = entry.target;
      var enough = entry.intersectionRatio >= 0.5 ||
        entry.intersectionRect.height >= window.innerHeight / 2;
      if (!enough) {
        clearTimeout(timers.get(part));
        timers.delete(part);
      } else if (!timers.has(part)) {
        timers.set(part, setTimeout(function () {
          watch.unobserve(part);
          seen.push(part.dataset.opened);
        }, LONG_ENOUGH));
      }
    });
  }, { threshold: [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1] });

  parts.forEach(function (part) { watch.observe(part); });
  setInterval(tell, 2 * LONG_ENOUGH);
  window.addEventListener("pagehide", tell);
})();
