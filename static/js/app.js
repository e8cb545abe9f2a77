/* What the pages need beyond HTML and htmx. Every page works without it.
   1. The error summary and other news take focus.
   2. A form is sent once.
   3. The save bar says how the saving of a long form goes, and tries again.
   4. Printing a page of somebody's record is told to the read log.
   The texts stand in the HTML, so that they are translated there. */
(function () {
  "use strict";

  /* 1. Focus ------------------------------------------------------------- */

  function focusNews(root) {
    var news = root.querySelector("[data-focus]");
    if (news) news.focus();
  }

  /* 2. Once only --------------------------------------------------------- */

  var TOKEN = "csrfmiddlewaretoken";
  var own = document.querySelector("input[name=" + TOKEN + "]");

  /* The cookie is out of reach of scripts. Each page that is opened leaves its token to the
     other tabs; where nothing may be stored a page has its own. */
  window.newestToken = newestToken; // for our other files
  function newestToken() {
    try {
      return localStorage.getItem(TOKEN) || own.value;
    } catch (refused) {
      return own ? own.value : "";
    }
  }

  try {
    if (own) localStorage.setItem(TOKEN, own.value);
  } catch (refused) {
    /* Nothing may be stored here. */
  }

  /* Signing in again in another tab changes the token; a form left open takes the new one. */
  function renewToken(form) {
    var field = form.querySelector("input[name=" + TOKEN + "]");
    if (field) field.value = newestToken();
  }

  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "true";
    renewToken(form);
    /* After the browser has read the form: a disabled button's name is not sent. */
    setTimeout(function () {
      form.querySelectorAll("button[type=submit]").forEach(function (button) {
        if (!button.disabled) {
          button.disabled = true;
          button.dataset.pressed = "true";
        }
      });
    }, 0);
  });

  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-sent]").forEach(function (form) {
      delete form.dataset.sent;
    });
    document.querySelectorAll("button[data-pressed]").forEach(function (button) {
      button.disabled = false;
      delete button.dataset.pressed;
    });
  });

  /* 3. Saving while typing ------------------------------------------------- */

  var PAUSE = 1000; /* milliseconds after the last key */
  var AGAIN = 5000; /* milliseconds before the next try */
  var PATIENCE = 15000; /* milliseconds for an answer */

  function show(bar, name) {
    bar.querySelectorAll("[data-when]").forEach(function (state) {
      state.hidden = state.dataset.when !== name;
    });
  }

  function watch(bar) {
    var form = bar.closest("form");
    var address = bar.dataset.save;
    if (!form || !address || bar.dataset.watched) return;
    bar.dataset.watched = "true";
    var timer = null;
    var busy = false;
    var waiting = false; /* typed since the last save began, or that save failed */
    var unsaved = false; /* something here is not on the server */
    var pressed = null; /* the button that sends the form once the text is saved */

    function later(milliseconds) {
      clearTimeout(timer);
      timer = setTimeout(save, milliseconds);
    }

    /* What was typed is saved, or the page that comes now shows what is wrong with it. */
    function go() {
      var button = pressed;
      pressed = null;
      if (!button) return;
      unsaved = false;
      form.requestSubmit(button);
    }

    function save() {
      if (busy || form.dataset.sent) return;
      busy = true;
      waiting = false;
      renewToken(form);
      show(bar, "saving");
      var patience = new AbortController();
      setTimeout(function () { patience.abort(); }, PATIENCE);
      fetch(address, {
        method: "POST",
        signal: patience.signal,
        body: new FormData(form),
        headers: { "X-CSRFToken": newestToken(), "X-Autosave": "true", Accept: "application/json" },
        credentials: "same-origin",
        redirect: "manual",
      })
        .then(function (response) {
          busy = false;
          if (response.type === "opaqueredirect" || response.status === 401) {
            show(bar, "signed-out");
            pressed = null;
            waiting = true;
            later(AGAIN);
          } else if (response.status === 409) {
            show(bar, "conflict");
            go();
          } else if (response.status === 422 || response.status === 400) {
            show(bar, "refused");
            go();
          } else if (!response.ok) {
            throw new Error("not saved");
          } else {
            return response.json().then(function (saved) {
              done(saved);
              unsaved = waiting;
              if (waiting) later(pressed ? 0 : PAUSE);
              else go();
            });
          }
        })
        .catch(function () {
          busy = false;
          pressed = null;
          waiting = true;
          show(bar, "failed");
          later(AGAIN);
        });
    }

    function done(saved) {
      var time = bar.querySelector("[data-time]");
      var note = bar.querySelector("[data-note]");
      if (time && saved.time) time.textContent = saved.time;
      if (note && saved.note) note.textContent = saved.note;
      /* The form goes on from the version it just made. */
      Object.keys(saved.fields || {}).forEach(function (name) {
        var field = form.elements.namedItem(name);
        if (field) field.value = saved.fields[name];
      });
      show(bar, "saved");
    }

    form.addEventListener("input", function () {
      waiting = unsaved = true;
      later(PAUSE);
    });
    /* Pressing save saves like typing does, and only then sends the form: a save under way is not
       met by a second one, and a sign-in that has ended takes no text with it. */
    form.addEventListener("submit", function (event) {
      if (!unsaved && !busy) return;
      event.preventDefault();
      pressed = event.submitter || form.querySelector("button[type=submit]");
      later(0);
    });
    window.addEventListener("online", function () {
      if (waiting) later(0);
    });
    /* Leaving with something unsaved asks first. */
    window.addEventListener("beforeunload", function (event) {
      if (unsaved && !form.dataset.sent) event.preventDefault();
    });
  }

  /* 4. Printing ---------------------------------------------------------------- */

  window.addEventListener("beforeprint", function () {
    var address = document.getElementById("main-content").dataset.printed;
    if (!address) return;
    var told = new FormData();
    told.append(TOKEN, newestToken());
    navigator.sendBeacon(address, told);
  });

  function begin(root) {
    root.querySelectorAll(".vv-savebar[data-save]").forEach(watch);
    focusNews(root);
  }

  begin(document);
  document.body.addEventListener("htmx:configRequest", function (event) {
    event.detail.headers["X-CSRFToken"] = newestToken();
  });
  document.body.addEventListener("htmx:afterSettle", function (event) {
    begin(event.detail.elt);
  });
})();
