/* Beginnings of sentences that a click puts in the text, where the cursor is. Without this they
   stand there to be copied. */
(function () {
  "use strict";

  document.querySelectorAll("[data-phrases]").forEach(function (list) {
    var field = document.getElementById(list.dataset.phrases);
    if (!field) return;
    list.querySelectorAll("li").forEach(function (item) {
      var phrase = item.textContent.trim();
      var button = document.createElement("button");
      button.type = "button";
      button.className = "vv-link";
      button.textContent = phrase;
      item.replaceChildren(button);
      button.addEventListener("click", function () {
        put(field, phrase);
      });
    });
  });

  /* The dots stand for what is to be written: the cursor goes where the first of them was. */
  function put(field, phrase) {
    var begins = field.selectionStart;
    var before = field.value.slice(0, begins);
    var lead = before && !/\s$/.test(before) ? " " : "";
    field.focus();
    field.setRangeText(lead + phrase, begins, field.selectionEnd, "end");
    var dots = field.value.indexOf("…", begins);
    if (dots >= 0) field.setSelectionRange(dots, dots + 1);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
})();
