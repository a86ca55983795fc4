// What is typed is kept in this tab until it is saved, and offered back when its form opens again. Nothing private is kept, nothing
// outlives the session or the sign-out, and nothing is kept on a shared computer. Whoever leaves a form with unsaved words is asked.
"use strict";

{
  const { user, seconds, saved } = document.currentScript.dataset;
  const PREFIX = "typed ";
  const ADDRESS = PREFIX + addressOf(location);
  const KINDS = /^(text|url|email|date|number|search|checkbox|radio|textarea|select-one|select-multiple)$/;
  const PAUSE = 300;
  // A tab may be a copy of another one, with all that it had kept: this page keeps under a name of its own.
  const PAGE = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
  const forms = [];
  let left = null;

  tidyUp();
  setTimeout(tidyUp, Number(seconds) * 1000 + 1000);
  document.addEventListener("DOMContentLoaded", () => {
    // Nobody has signed in yet: what was kept waits for them, or for its end.
    if (!user) return;
    for (const form of document.querySelectorAll("#content form[method=post]")) forms.push(watched(form));
  });

  // The server shows, or lets go, what it kept itself of a form that was sent after the session had ended.
  document.addEventListener("click", (event) => {
    if (!event.target.closest("a[href='?discard=1']")) return;
    store("removeItem", ADDRESS);
    left = "all";
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    const target = (event.submitter && event.submitter.formTarget) || form.target;
    if (event.defaultPrevented || target === "_blank") return;
    left = form;
    const one = forms.find((watched) => watched.form === form);
    if (one) one.send();
  });
  addEventListener("pageshow", (event) => {
    if (event.persisted) left = null;
  });
  addEventListener("pagehide", () => {
    if (left !== "all") forms.forEach((one) => one.keep());
  });
  addEventListener("beforeunload", (event) => {
    if (left !== "all" && forms.some((one) => one.form !== left && one.isUnsaved())) event.preventDefault();
  });

  // The same form, wherever one came from.
  function addressOf({ pathname, search }) {
    const query = new URLSearchParams(search);
    for (const name of ["back", "discard"]) query.delete(name);
    return `${pathname}?${query}`;
  }

  // A browser may have no room, or forbid it: then nothing is kept.
  function store(act, ...given) {
    try {
      return sessionStorage[act](...given);
    } catch {
      return null;
    }
  }

  function read(key) {
    try {
      return JSON.parse(store("getItem", key));
    } catch {
      return null;
    }
  }

  function forget(isOver) {
    const keys = [];
    for (let at = 0, key; (key = store("key", at)) !== null; at += 1) if (key.startsWith(PREFIX)) keys.push(key);
    for (const key of keys) if (isOver(read(key))) store("removeItem", key);
  }

  // On a shared computer, and after signing out, no second is given.
  function tidyUp() {
    const oldest = Date.now() - Number(seconds) * 1000;
    const done = saved.split(" ");
    forget((one) => !one || (user && one.user !== user) || one.at < oldest || done.includes(one.page));
  }

  function watched(form) {
    // The place for the offer says that what is typed in this form may be kept.
    const place = form.querySelector("[data-kept]");
    const wasSent = place !== null && "unsaved" in place.dataset;
    const version = [...form.elements].filter((one) => /^(version|expected)$/.test(one.name)).map((one) => one.value).join(" ");
    const before = place && Number(seconds) ? read(ADDRESS) : null;
    // Kept words that are in the form already wait for nothing; a form that came back unsaved keeps them as they are.
    let waiting = {};
    let timer = 0;
    let wasTouched = false;
    let isKept = before !== null;
    let last = { words: before ? JSON.stringify(before.fields) : "", at: before ? before.at : 0 };
    if (before) waiting = wasSent ? before.fields : onlyWhere(before.fields, isWaiting);
    if (before && !Object.keys(waiting).length) drop();
    else if (before && !wasSent) offer();

    for (const kind of ["input", "change"]) {
      form.addEventListener(kind, () => {
        wasTouched = true;
        left = null;
        clearTimeout(timer);
        timer = setTimeout(keep, PAUSE);
      });
    }
    return { form, keep, send, isUnsaved };

    function isWaiting(name, kept) {
      const one = find(form, name, kept.row);
      return one ? !isThere(one, kept) : kept.isText;
    }

    function changed() {
      return controls(form).filter((one) => valueOf(one) !== firstOf(one));
    }

    function isUnsaved() {
      // Ticks alone are no words, where nothing says that this form holds some.
      return wasSent || (wasTouched && changed().some((one) => place || isText(one)));
    }

    function keep() {
      // Signing out in another tab, or the time, ended what was kept: the page that is still open doesn't keep it again.
      if (isKept && store("getItem", ADDRESS) === null) return;
      if (!place || !Number(seconds) || !wasTouched) return;
      const fields = { ...waiting };
      for (const one of changed()) if (!isPrivate(one)) fields[nameOf(one)] = { value: valueOf(one), isText: isText(one), row: rowOf(form, one) };
      const words = JSON.stringify(fields);
      if (words !== last.words) last = { words, at: Date.now() };
      if (words === "{}") drop();
      else isKept = store("setItem", ADDRESS, JSON.stringify({ user, page: PAGE, at: last.at, version, fields })) !== null;
    }

    function drop() {
      store("removeItem", ADDRESS);
      isKept = false;
    }

    // The server says on the next page whether it saved what this page had kept.
    function send() {
      wasTouched = wasTouched || Object.keys(waiting).length > 0;
      keep();
      if (!place || form.elements._kept) return;
      const hidden = document.createElement("input");
      Object.assign(hidden, { type: "hidden", name: "_kept", value: PAGE });
      form.append(hidden);
    }

    function offer() {
      const [line, back, discard] = ["[role=status]", "[data-kept-back]", "[data-kept-discard]"].map((one) => place.querySelector(one));
      // As the server writes it: 14:05, in French 14 h 05.
      const style = { hour: "numeric", minute: "2-digit", hourCycle: "h23" };
      const clock = new Intl.DateTimeFormat(document.documentElement.lang, style);
      const isOld = before.version !== version;
      const say = (...words) => setTimeout(() => (line.textContent = words.filter(Boolean).join(" ")));
      place.hidden = false;
      say(place.dataset.kept.replace("{time}", clock.format(before.at)), isOld && place.dataset.changed);
      back.addEventListener("click", () => {
        const homeless = putBack(form, waiting, isOld && place.dataset.now);
        wasTouched = true;
        waiting = {};
        done(place.dataset.back, homeless.length ? place.dataset.homeless : "");
        for (const words of homeless) {
          const area = document.createElement("textarea");
          Object.assign(area, { value: words, readOnly: true, rows: 3, ariaLabel: place.dataset.homeless });
          place.append(area);
        }
      });
      discard.addEventListener("click", () => {
        waiting = {};
        drop();
        done(place.dataset.gone);
      });

      function done(...words) {
        back.hidden = discard.hidden = true;
        say(...words);
        line.tabIndex = -1;
        line.focus();
        keep();
      }
    }
  }

  // The values go into the form as it is now, never its hidden fields. Beside each stands what it said, if `now` names that: somebody has
  // changed it since. What has no place any more is given back.
  function putBack(form, fields, now) {
    const homeless = [];
    const put = [];
    const places = new Map();
    for (const [name, kept] of Object.entries(fields)) {
      const one = find(form, name, kept.row, places);
      if (one && isThere(one, kept)) continue;
      const was = one ? valueOf(one) : "";
      if (one) setValue(one, kept.value);
      if (one && isThere(one, kept)) put.push([one, was]);
      else if (kept.isText) homeless.push(kept.value);
    }
    for (const [one, was] of put) {
      for (const kind of ["input", "change"]) one.dispatchEvent(new Event(kind, { bubbles: true }));
      if (!now || !isText(one) || !was.trim()) continue;
      const line = document.createElement("p");
      line.className = "kept-now";
      line.textContent = `${now} ${was}`;
      one.after(line);
    }
    return homeless;
  }

  function controls(form) {
    return [...form.elements].filter((one) => one.name && KINDS.test(one.type) && !one.readOnly && !one.disabled && !/__prefix__|-DELETE$/.test(one.name));
  }

  function isText(one) {
    return /^(text|url)/.test(one.type);
  }

  function isPrivate(one) {
    return one.closest("[data-private]") !== null;
  }

  function nameOf(one) {
    return /^(checkbox|radio)$/.test(one.type) ? `${one.name}=${one.value}` : one.name;
  }

  function valueOf(one) {
    if (/^(checkbox|radio)$/.test(one.type)) return one.checked;
    return one.type === "select-multiple" ? [...one.selectedOptions].map((option) => option.value).join("\n") : one.value;
  }

  // What it said when the page came.
  function firstOf(one) {
    if (/^(checkbox|radio)$/.test(one.type)) return one.defaultChecked;
    if (!one.options) return one.defaultValue;
    const chosen = [...one.options].filter((option) => option.defaultSelected).map((option) => option.value);
    return one.type === "select-multiple" ? chosen.join("\n") : chosen.length ? chosen.at(-1) : (one.options[0] || { value: "" }).value;
  }

  function setValue(one, value) {
    if (/^(checkbox|radio)$/.test(one.type)) one.checked = value;
    else if (one.type === "select-multiple") for (const option of one.options) option.selected = value.split("\n").includes(option.value);
    else one.value = value;
  }

  function isThere(one, kept) {
    return one !== undefined && valueOf(one) === kept.value;
  }

  function onlyWhere(fields, isWanted) {
    return Object.fromEntries(Object.entries(fields).filter(([name, kept]) => isWanted(name, kept)));
  }

  // Rows of sections, evidence and the like are counted, and may have moved since: they are known by their ids, the new ones by none.
  function rowOf(form, one) {
    const [, prefix, number] = /^(.+?)-(\d+)-/.exec(one.name) || [];
    const id = prefix ? form.elements[`${prefix}-${number}-id`] : undefined;
    return id ? id.value : undefined;
  }

  // The control that `name` belongs to now. With `places`, which remembers them, a new row is made for words that were in one.
  function find(form, name, row, places) {
    const named = (wanted) => controls(form).find((one) => nameOf(one) === wanted);
    const [, prefix, number, rest] = /^(.+?)-(\d+)-(.+)$/.exec(name) || [];
    if (row === undefined || !prefix) return named(name);
    const ids = [...form.elements].filter((one) => one.name.startsWith(`${prefix}-`) && /-\d+-id$/.test(one.name));
    if (row) {
      const id = ids.find((one) => one.value === row);
      return id && named(id.name.replace(/id$/, rest));
    }
    const old = `${prefix}-${number}-`;
    if (!places) return undefined;
    if (!places.has(old)) {
      const isFree = (id) => !id.value && ![...places.values()].includes(id.name.replace(/id$/, ""));
      let id = ids.find(isFree);
      if (!id) {
        const add = form.querySelector(`#${CSS.escape(prefix)}-group .add-row :is(a, button)`);
        if (add) add.click();
        id = [...form.elements].filter((one) => one.name.startsWith(`${prefix}-`) && /-\d+-id$/.test(one.name)).find(isFree);
      }
      if (!id) return undefined;
      places.set(old, id.name.replace(/id$/, ""));
    }
    return named(places.get(old) + rest);
  }
}
